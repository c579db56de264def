"""Which policies apply: the built-in ones and the user's, with the user's settings laid over."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from hashlib import blake2b
from typing import Any

from drpolicy.app.profiles import policies_of, profile
from drpolicy.catalog.frameworks import Framework
from drpolicy.declarations.documents import Configuration, PolicyOverride, PolicySettings
from drpolicy.model.findings import SEVERITIES, Diagnostic, Severity
from drpolicy.model.records import dataclass
from drpolicy.model.values import Known, Value
from drpolicy.policy.builtin import built_in_policies
from drpolicy.policy.compiled import CompiledPolicy, compile_checked, compile_policy
from drpolicy.policy.documents import PolicyDocument
from drpolicy.policy.overrides import Override
from drpolicy.sources.documents import plain
from drpolicy.sources.memory import Memory
from drpolicy.sources.trees import Tree


@dataclass(frozen=True, slots=True)
class Policies:
    """The policies of a run, compiled, and what is wrong with any of them."""

    compiled: tuple[CompiledPolicy, ...]
    severities: Mapping[str, Severity]
    diagnostics: tuple[Diagnostic, ...]
    digest: str
    beside: frozenset[str] = frozenset()
    """Policies that the profile leaves out."""
    framework: Framework | None = None
    """The run's profile."""
    overrides: tuple[Override, ...] = ()

    @property
    def names(self) -> dict[str, str]:
        """The id of each policy under every name that a waiver can use: the ids that it had, too."""
        return {**{name: name for name in self.beside}, **_names(each.document for each in self.compiled)}


def load_policies(
    tree: Tree, configuration: Configuration | None, base: str, memory: Memory | None = None, profile_name: str = ""
) -> Policies:
    """Return the policies that apply. A faulty one is left out, with a diagnostic at its place. Raises NoSuchProfile."""
    shipped = {each.id: each for each in built_in_policies()}
    documents = dict(shipped)
    diagnostics: list[Diagnostic] = []
    if configuration is not None:
        for directory in configuration.policies.directories:
            if isinstance(directory, Known):
                from drpolicy.app.user_policies import read_policies

                path = posixpath.normpath(posixpath.join(base, directory.value))
                found, problems = read_policies(tree, "" if path == "." else path, memory)
                diagnostics.extend(problems)
                documents.update({each.id: each for each in found})
        diagnostics.extend(_unknown_ids(configuration, _names(documents.values())))
    diagnostics.extend(_taken(documents))
    compiled: list[CompiledPolicy] = []
    disabled = _disabled(configuration)
    framework = profile(profile_name, documents.values()) if profile_name else None
    chosen = policies_of(framework) if framework is not None else frozenset(documents)
    for document in sorted(documents.values(), key=lambda each: each.id):
        if document.id not in chosen or not disabled.isdisjoint((document.id, *document.aliases)):
            continue
        set_by_profile = framework.params.get(document.id, {}) if framework is not None else {}
        # What is shipped was checked when it was made; a test holds that.
        compile_ = compile_checked if shipped.get(document.id) is document else compile_policy
        result = compile_(document, {**set_by_profile, **_parameters(configuration, document)})
        if isinstance(result, CompiledPolicy):
            compiled.append(result)
        else:
            diagnostics.extend(result)
    names = _names(documents.values())
    overrides: tuple[Override, ...] = ()
    if configuration is not None and configuration.policies.overrides:
        from drpolicy.app.policy_overrides import overrides_of

        overrides, faults = overrides_of(configuration.policies.overrides, base, compiled, names)
        diagnostics.extend(faults)
    beside = frozenset(documents) - chosen - disabled
    severities = _severities(configuration, names)
    return Policies(tuple(compiled), severities, tuple(diagnostics), _digest(compiled), beside, framework, overrides)


def _names(documents: Iterable[PolicyDocument]) -> dict[str, str]:
    """Return the id of each policy under every name that it has or had; a name in use wins over one that was."""
    known = list(documents)
    return {alias: each.id for each in known for alias in each.aliases} | {each.id: each.id for each in known}


def _taken(documents: Mapping[str, PolicyDocument]) -> Iterable[Diagnostic]:
    owners: dict[str, str] = {}
    for document in documents.values():
        for alias in document.aliases:
            owner = alias if alias in documents else owners.setdefault(alias, document.id)
            if owner != document.id:
                message = f"{document.id}: the alias {alias!r} is " + ("a policy of its own" if owner == alias else f"one of {owner}, too")
                yield Diagnostic(
                    "error", "policy-invalid", message, document.spans.get("metadata.aliases"), f"policy {document.id}", "invalid"
                )


def _disabled(configuration: Configuration | None) -> frozenset[str]:
    if configuration is None:
        return frozenset()
    return frozenset(each.value for each in configuration.policies.disabled if isinstance(each, Known))


def _parameters(configuration: Configuration | None, policy: PolicyDocument) -> Mapping[str, Any]:
    params = configuration.policies.params if configuration is not None else {}
    found = next((params[name] for name in (policy.id, *policy.aliases) if name in params), None)
    return {name: plain(value) for name, value in found.values.items()} if found is not None else {}


def _severities(configuration: Configuration | None, names: Mapping[str, str]) -> dict[str, Severity]:
    if configuration is None:
        return {}
    return {
        names.get(name, name): override.severity.value
        for name, override in configuration.policies.severities.items()
        if isinstance(override.severity, Known) and override.severity.value in SEVERITIES
    }


def _unknown_ids(configuration: Configuration, names: Mapping[str, str]) -> Iterable[Diagnostic]:
    named: list[tuple[str, Any]] = []
    every: tuple[PolicySettings | PolicyOverride, ...] = (configuration.policies, *configuration.policies.overrides)
    for settings in every:
        named.extend((name, each.span) for name, each in settings.params.items())
        named.extend((name, each.span) for name, each in settings.severities.items())
        named.extend((each.value, _span(each)) for each in settings.disabled if isinstance(each, Known))
    for name, span in named:
        if name not in names:
            near = get_close_matches(name, names, 1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            yield Diagnostic("error", "config-invalid", f"no policy is called {name!r}{hint}", span, effect="invalid")


def _span(value: Value[str]) -> Any:
    from drpolicy.model.provenance import written_at

    return written_at(value.origin)


def _digest(compiled: Iterable[CompiledPolicy]) -> str:
    text = "\x1e".join(
        f"{each.document.id}\x1f{each.document.when}\x1f{each.document.assertion}\x1f{sorted(each.document.params.items())}"
        for each in compiled
    )
    return blake2b(text.encode(), digest_size=8).hexdigest()
