"""Names in declarations that nothing has: tiers that drpolicy.yaml does not have, and regions that AWS does not have."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from typing import Final

from drpolicy.catalog.load import built_in_catalog
from drpolicy.declarations.documents import Configuration, Declarations, ServiceDeclaration
from drpolicy.declarations.region_names import region_problem
from drpolicy.declarations.validation import invalid
from drpolicy.declarations.wording import quoted
from drpolicy.model.findings import Diagnostic
from drpolicy.model.provenance import Written, written_at
from drpolicy.model.values import Known, Value

_LONGEST: Final = 60


def misnamed(declarations: Declarations, configuration: Configuration | None) -> Iterator[Diagnostic]:
    """Yield what is wrong with the names in declarations. The documents stay in use: only what the names stand for is missing."""
    tiers = configuration.tier_names if configuration is not None else ()
    for service in declarations.services if tiers else ():
        # What is not written by hand is told of by others.
        if isinstance(service.tier, Known) and isinstance(service.tier.origin, Written) and service.tier.value not in tiers:
            yield invalid("declaration-invalid", no_tier(service.tier.value, tiers), written_at(service.tier.origin))
    own = {each.region.value for each in configuration.clusters if isinstance(each.region, Known)} if configuration is not None else set()
    regions = [region for service in declarations.services for region in (service.primary_region, *service.dr_regions)]
    regions += [each.region for each in declarations.protections]
    for region in regions:
        # Where a cluster is need not be in AWS.
        if isinstance(region, Known) and region.value not in own:
            yield from region_diagnostics(region, "declaration-invalid")


def no_tier(name: str, tiers: Iterable[str]) -> str:
    """Return the message for a tier that is not there, with the nearest one that is."""
    names = list(tiers)
    near = get_close_matches(name.lower(), {each.lower(): each for each in names}, 1) if len(name) < _LONGEST else []
    meant = next((each for each in names if near and each.lower() == near[0]), None)
    return f"no tier is called {quoted(name)}; " + (f"did you mean {quoted(meant)}?" if meant else f"one of {', '.join(names)}")


def region_diagnostics(region: Value[str], code: str, *, misspelt_only: bool = False) -> Iterator[Diagnostic]:
    """Yield what is wrong with a region that is written; ``misspelt_only`` where it need not be one of AWS."""
    found = region_problem(region.value, built_in_catalog().countries) if isinstance(region, Known) else None
    if found is None:
        return
    level, message = found
    place = written_at(region.origin)
    if level == "error" and ("did you mean" in message or not misspelt_only):
        yield invalid(code, message, place)
    elif level == "warning":
        yield Diagnostic("warning", "region-unknown", message, place)


def meaningless_tiers(services: Iterable[ServiceDeclaration], spoken_of: Iterable[str]) -> Iterator[Diagnostic]:
    """Yield, where drpolicy.yaml has no tiers, those that no policy speaks of either: they ask for nothing.

    One that is spelt nearly as a policy does is always told; any other one only where its service has no objectives of its own.
    """
    known = sorted(spoken_of)
    found: dict[str, list[ServiceDeclaration]] = {}
    for service in services:
        if isinstance(service.tier, Known) and isinstance(service.tier.origin, Written) and service.tier.value not in known:
            found.setdefault(service.tier.value, []).append(service)
    for name, bearing in found.items():
        near = get_close_matches(name.lower(), known, 1) if len(name) < _LONGEST else []
        bare = [each for each in bearing if not each.objectives.elements and each.objectives.rest is None]
        told = bearing if near else bare
        if told:
            more = f", nor for {len(told) - 1} more" if len(told) > 1 else ""
            advice = f"did you mean {quoted(near[0])}?" if near else "list it under 'tiers' in drpolicy.yaml, with its objectives"
            message = f"the tier {quoted(name)} asks for nothing of {told[0].name}{more}: no drpolicy.yaml and no policy has it; {advice}"
            yield Diagnostic("warning", "tier-unknown", message, written_at(told[0].tier.origin))
