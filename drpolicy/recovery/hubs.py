"""From where a cluster that stands by is delivered to: the cluster whose Argo CD applies manifests to it.

An Application names the cluster that it goes to by name or by the address of its API server; that of an EKS cluster tells the region
(argo-cd.readthedocs.io, "Application Specification", destination; Amazon EKS User Guide, cluster endpoint, 2026-11).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from drpolicy.kubernetes.hosts import hosts_in
from drpolicy.kubernetes.navigation import strings
from drpolicy.model.provenance import Derived, Written
from drpolicy.model.resources import Resource
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Member, Members, Unknown, Value
from drpolicy.recovery.locations import Site

APPLICATION: Final = "argoproj.io/v1alpha1/Application"


def delivered_from(site: Site, sites: Sequence[Site], resources: Sequence[Resource]) -> tuple[Members[str], Value[str]]:
    """Return the clusters of other regions from which a DR cluster is delivered to, each with the first object that says so."""
    absent: Value[str] = Absent(Written(site.tree.span))
    if not site.is_dr or not isinstance(site.region, Known):
        return Members(), absent
    found: dict[str, Member[str]] = {}
    first = absent
    for hub, application, truth, destination in _deliveries(site, sites, resources):
        if truth is Truth.TRUE:
            found[hub.name] = Member(hub.name, application.presence, application.why)
            if isinstance(first, Absent):
                said = f"{application.address} of {hub.name} goes to {site.name}"
                first = Known(hub.name, Derived(said, (destination.origin, hub.region.origin)))
        elif isinstance(destination, Unknown):
            found.setdefault(hub.name, Member(hub.name, Truth.UNKNOWN, destination))
    return Members(tuple(found[name] for name in sorted(found))), first


def _deliveries(site: Site, sites: Sequence[Site], resources: Sequence[Resource]) -> Iterator[tuple[Site, Resource, Truth, Value[str]]]:
    hubs = {each.name: each for each in sites if isinstance(each.region, Known) and isinstance(site.region, Known) and _apart(each, site)}
    for each in resources:
        hub = hubs.get(each.deployment)
        if hub is None or each.type != APPLICATION:
            continue
        for field in ("name", "server"):
            destination = strings(each.get("spec", "destination", field))
            truth = _goes_to(site, field, destination)
            if truth is not Truth.FALSE:
                yield hub, each, truth, destination


def _apart(hub: Site, site: Site) -> bool:
    return isinstance(hub.region, Known) and isinstance(site.region, Known) and hub.region.value != site.region.value


def _goes_to(site: Site, field: str, destination: Value[str]) -> Truth:
    if isinstance(destination, Unknown):
        return Truth.UNKNOWN
    if not isinstance(destination, Known):
        return Truth.FALSE
    if field == "name":
        return Truth.of(destination.value.rpartition("/")[2] == site.name)
    regions = [told.region for _, told in hosts_in(destination) if told.service == "eks"]
    return Truth.of(isinstance(site.region, Known) and site.region.value in regions)
