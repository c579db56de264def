"""``policies.overrides`` of ``drpolicy.yaml``, held against the policies and the estate there are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from drpolicy.app.plan_files import within
from drpolicy.declarations.documents import PolicyOverride
from drpolicy.model.estate import Estate
from drpolicy.model.findings import SEVERITIES, Diagnostic
from drpolicy.model.provenance import written_at
from drpolicy.model.values import Known, Object, Value
from drpolicy.policy.compiled import CompiledPolicy, parameters
from drpolicy.policy.overrides import Override, selects_nothing
from drpolicy.sources.documents import plain


def overrides_of(
    declared: Iterable[PolicyOverride], base: str, compiled: Iterable[CompiledPolicy], names: Mapping[str, str]
) -> tuple[tuple[Override, ...], list[Diagnostic]]:
    """Return the overrides, and what is wrong with any. ``names`` gives the id of each policy under every name it has or had.

    Names that are no policy's are left out here; a parameter that a policy does not have is a diagnostic at its place.
    """
    by_id = {each.document.id: each for each in compiled}
    found, diagnostics = [], []
    for entry in declared:
        params: dict[str, Object] = {}
        for name, given in entry.params.items():
            policy = by_id.get(names.get(name, name))
            if policy is None:
                continue
            for unknown in sorted(set(given.values) - set(policy.document.params)):
                message = f"{policy.document.id} has no parameter {unknown!r}"
                diagnostics.append(Diagnostic("error", "config-invalid", message, given.keys.get(unknown, given.span), effect="invalid"))
            own = {name: plain(value) for name, value in given.values.items() if name in policy.document.params}
            params[policy.document.id] = Object({**policy.params.fields, **parameters(own, policy.document).fields})
        found.append(
            Override(
                span=entry.span,
                paths=tuple(within(base, glob) for glob in _texts(entry.paths)),
                deployments=_texts(entry.deployments),
                services=_texts(entry.services),
                disabled={
                    names[each.value]: written_at(each.origin) or entry.span
                    for each in entry.disabled
                    if isinstance(each, Known) and each.value in names
                },
                severities={
                    names[name]: each.severity.value
                    for name, each in entry.severities.items()
                    if name in names and isinstance(each.severity, Known) and each.severity.value in SEVERITIES
                },
                params=params,
            )
        )
    return tuple(found), diagnostics


def _texts(values: Iterable[Value[str]]) -> tuple[str, ...]:
    return tuple(each.value for each in values if isinstance(each, Known))


def unused(overrides: Iterable[Override], estate: Estate, roots: Mapping[str, str]) -> list[Diagnostic]:
    """Return a diagnostic for each override that selects nothing of what was read: a misspelt name would change nothing in silence."""
    return [
        Diagnostic("warning", "override-unused", "this selects nothing of what was read", each.span)
        for each in overrides
        if selects_nothing(each, estate, roots)
    ]
