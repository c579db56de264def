"""Tiers that ask for nothing: those that no policy speaks of, and those that only a tag or an annotation has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from drpolicy.app.policies import Policies
from drpolicy.app.reading import Read
from drpolicy.declarations.misnamed import meaningless_tiers, no_tier
from drpolicy.model.estate import Estate
from drpolicy.model.findings import Diagnostic
from drpolicy.model.patterns import deferred
from drpolicy.model.provenance import Through, written_at
from drpolicy.model.values import Known

_SPOKEN_OF: Final = deferred(r"tier\b[^&|]*")
_QUOTED: Final = deferred(r"\"([^\"]*)\"|'([^']*)'")
_ALWAYS: Final = "critical"
"""What somebody's word alone does not prove for a service of this tier, with whatever policies."""


def tier_diagnostics(found: Read, estate: Estate, policies: Policies) -> Iterator[Diagnostic]:
    """Yield a warning for each tier that supplies no objectives and moves no severity. Those that are misspelt are errors elsewhere."""
    tiers = found.configuration.tier_names if found.configuration is not None else ()
    # Of a configuration that was not read nobody knows the tiers.
    unread = found.configuration is None and any(each.code == "config-invalid" for each in found.diagnostics)
    if not tiers and not unread and found.declarations.services:
        yield from meaningless_tiers(found.declarations.services, {_ALWAYS, *_spoken_of(policies)})
    told: set[str] = set()
    for service in estate.services if tiers else ():
        tier = service.tier
        if isinstance(tier, Known) and isinstance(tier.origin, Through) and tier.value not in (*tiers, *told):
            told.add(tier.value)
            message = f"{service.name}: {no_tier(tier.value, tiers)} ({tier.origin.what})"
            yield Diagnostic("warning", "tier-unknown", message, written_at(tier.origin))


def _spoken_of(policies: Policies) -> Iterator[str]:
    """Yield the texts that conditions of policies compare tiers with."""
    for each in policies.compiled:
        for text in (each.document.when, each.document.assertion, *(case.when or "" for case in each.document.severity)):
            for part in _SPOKEN_OF.findall(text) if "tier" in text else ():
                yield from filter(None, (double or single for double, single in _QUOTED.findall(part)))
