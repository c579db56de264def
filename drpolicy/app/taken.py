"""What a region takes along besides data: clusters, identities, images, plans, steps of runbooks, and control planes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from drpolicy.catalog.rows import Catalog
from drpolicy.model.clusters import Cluster
from drpolicy.model.estate import Estate
from drpolicy.model.loss import Reason
from drpolicy.model.patterns import deferred
from drpolicy.model.provenance import Written, written_at
from drpolicy.model.spans import Span
from drpolicy.model.truth import Truth
from drpolicy.model.values import Known, Value
from drpolicy.recovery.logic import truth_of

_MOST_NAMES: Final = 5
_WORD: Final = deferred(r"[^a-z0-9-]+")
_BESIDE: Final = {
    "secret": "secrets",
    "key": "keys",
    "parameter": "parameters",
    "registry": "image repositories",
    "image": "machine images",
}
"""Kinds of store that a recovery needs beside the data, as a loss lists them."""


def taken_along(estate: Estate, catalog: Catalog, region: str) -> Iterator[Reason]:
    """Yield what else is gone with a region, and then what can no longer be done; each with the place that shows it."""
    for cluster in estate.clusters:
        yield from _cluster(cluster, region)
    yield from _hubs(estate, region)
    yield from _components(estate, region)
    yield from _plans(estate, region)
    yield from _hosts(estate, region)
    yield from _runbooks(estate, region)
    yield from _control_planes(estate, catalog, region)


def _is(value: Value[str], region: str) -> bool:
    return isinstance(value, Known) and value.value == region


def _cluster(cluster: Cluster, region: str) -> Iterator[Reason]:
    if _is(cluster.region, region):
        yield Reason(f"cluster {cluster.name} is gone", cluster.span)
    if not isinstance(cluster.region, Known) or cluster.region.value == region:
        return
    # What stands by names it all the same: an image that cannot be pulled, a queue that does not answer.
    gone = [each for each in cluster.primary_names if region in _WORD.split(each)]
    if gone:
        said = f"cluster {cluster.name} stands by and names {_listed(gone)}, which {'is' if len(gone) == 1 else 'are'} gone"
        yield Reason(said, written_at(cluster.primary_names_at.origin))
    lost = [each.value for each in cluster.lost_identities.elements if each.presence is Truth.TRUE and region in tuple(each.value.regions)]
    if lost:
        said = f"cluster {cluster.name} stands by, and its service accounts get no role: {_listed([each.account for each in lost])}"
        yield Reason(said, written_at(lost[0].at.origin))


def _hubs(estate: Estate, region: str) -> Iterator[Reason]:
    there = {each.name for each in estate.clusters if _is(each.region, region)}
    for cluster in estate.clusters:
        hub = next((each for each in cluster.delivered_from if each in there), None)
        if hub is not None:
            said = f"nothing is delivered to cluster {cluster.name}: the Argo CD that does it is on {hub}"
            yield Reason(said, written_at(cluster.delivered_from_at.origin))


def _hosts(estate: Estate, region: str) -> Iterator[Reason]:
    """Yield the hosts that a restore brings back."""
    found: dict[str, Span | None] = {}
    for endpoint in estate.endpoints:
        regional = truth_of(endpoint.regional) is Truth.TRUE and truth_of(endpoint.overridden) is not Truth.TRUE
        if regional and _is(endpoint.region, region) and isinstance(endpoint.host, Known):
            found.setdefault(endpoint.host.value, written_at(endpoint.host.origin))
    if found:
        gone = "which is gone" if len(found) == 1 else "which are gone"
        yield Reason(f"a restore brings back {_listed(list(found))}, {gone}", next(iter(found.values())))


def _listed(names: Iterable[str]) -> str:
    """Return the first of some names, and how many more there are."""
    unique = list(dict.fromkeys(names))
    more = f" and {len(unique) - _MOST_NAMES:,} more" if len(unique) > _MOST_NAMES else ""
    return ", ".join(unique[:_MOST_NAMES]) + more


def _components(estate: Estate, region: str) -> Iterator[Reason]:
    """Yield the vaults that are gone, and what a recovery needs beside the data and has nowhere else, by kind."""
    vaults = [each for each in estate.components if each.kind == "vault" and _is(each.region, region)]
    for component in vaults if len(vaults) <= _MOST_NAMES else ():
        yield Reason(f"vault {component.name} is gone, with every recovery point in it", component.span)
    if len(vaults) > _MOST_NAMES:
        # Those of many deployments that call one module have one name.
        said = f"{len(vaults):,} vaults are gone, with every recovery point in them: {_listed(each.key for each in vaults)}"
        yield Reason(said, vaults[0].span)
    pipelines = [each for each in estate.components if each.kind == "pipeline" and _is(each.region, region)]
    if pipelines:
        yield Reason(f"pipelines that run there: {_listed([each.name for each in pipelines])}", pipelines[0].span)
    for kind, plural in _BESIDE.items():
        gone = [
            store
            for store in estate.stores
            if store.kind == kind
            and store.key not in estate.uncertain
            and _is(store.region, region)
            and not store.recovery.region.copies.elements
            and store.recovery.region.copies.rest is None
        ]
        if gone:
            yield Reason(f"{plural} of which no copy is elsewhere: {_listed([store.name for store in gone])}", gone[0].span)
    yield from _control_planes_of_clusters(estate, region)
    yield from _copies(estate, region)


def _control_planes_of_clusters(estate: Estate, region: str) -> Iterator[Reason]:
    """Yield the clusters that Terraform makes there, but for those that are listed by the manifests on them."""
    listed = {each.name for each in estate.clusters if _is(each.region, region)}
    gone = [
        store
        for store in estate.stores
        if store.kind == "cluster"
        and store.key not in estate.uncertain
        and _is(store.region, region)
        and not any(_is(store.attributes.get("name", Written(store.span)), each) for each in listed)
    ]
    if gone:
        yield Reason(f"Kubernetes clusters that Terraform makes there: {_listed([each.name for each in gone])}", gone[0].span)


def _copies(estate: Estate, region: str) -> Iterator[Reason]:
    """Yield the stores elsewhere of which a copy was there."""
    found = [
        (store, copy.value)
        for store in estate.stores
        if store.key not in estate.uncertain and isinstance(store.region, Known) and store.region.value != region
        for copy in store.recovery.region.copies.elements
        if copy.presence is Truth.TRUE and _is(copy.value.region, region)
    ]
    if found:
        yield Reason(f"copies there of {_listed([store.name for store, _ in found])}", found[0][1].span)


def _plans(estate: Estate, region: str) -> Iterator[Reason]:
    """Yield the roots that cannot be planned: they manage the region as well, keep their state there, or read something from there."""
    states: dict[str, Span | None] = {}
    for deployment in estate.deployments:
        regions = [each.value for each in deployment.regions.elements if each.presence is Truth.TRUE]
        if region in regions and len(regions) > 1:
            others = _listed(each for each in regions if each != region)
            place = written_at(deployment.providers_at.origin) or deployment.span
            yield Reason(f"no plan of {deployment.name} succeeds: it manages {region} and {others} with one state", place)
        elif _is(deployment.state_region, region) and region not in regions:
            states[deployment.name] = written_at(deployment.state_region.origin)
        needed = [each.removesuffix(f" in {region}") for each in deployment.plan_needs if each.endswith(f" in {region}")]
        if needed:
            place = written_at(deployment.plan_needs_at.origin) or deployment.span
            yield Reason(f"no plan of {deployment.name} succeeds: it needs {_listed(needed)}", place)
    if states:
        said = (
            f"the state of {_listed(states)}, and its lock" if len(states) == 1 else f"states, with their locks: those of {_listed(states)}"
        )
        yield Reason(said, next(iter(states.values())))


def _runbooks(estate: Estate, region: str) -> Iterator[Reason]:
    for runbook in estate.runbooks:
        if _is(runbook.hosted_in, region):
            yield Reason(f"the runbook of {runbook.service} is served from there", written_at(runbook.path.origin))
        steps = [each for each in runbook.control_planes if each.region == region]
        if steps:
            said = (
                f"the runbook of {runbook.service} stops at {_listed([each.command for each in steps])}: {steps[0].service} does not answer"
            )
            yield Reason(said, steps[0].span)


def _control_planes(estate: Estate, catalog: Catalog, region: str) -> Iterator[Reason]:
    """Yield the services that are changed through the region alone, of those that the files use."""
    used = []
    for row in catalog.control_planes:
        if row.region == region:
            first = next((each for each in estate.resources if each.type in row.types and not each.data), None)
            if first is not None:
                used.append((row, first))
    if used:
        services = [row.service for row, _ in used]
        named = " and ".join((", ".join(services[:-1]), services[-1])) if len(services) > 1 else services[0]
        remains = "what is set up goes on" if len(used) > 1 else used[0][0].remains
        yield Reason(f"nothing of {named} can be changed until it is back; {remains}", used[0][1].span)
