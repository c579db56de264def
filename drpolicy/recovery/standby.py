"""What a cluster that stands by names in the region that it is to replace: registries, queues, secrets, databases."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from drpolicy.kubernetes.hosts import host_references, hosts_in
from drpolicy.kubernetes.kinds import pod_path
from drpolicy.kubernetes.navigation import inside
from drpolicy.kubernetes.workloads import containers
from drpolicy.model.resources import Resource
from drpolicy.model.truth import Truth
from drpolicy.model.values import Known, Member, Members, Unknown, Value
from drpolicy.recovery.locations import Site


def primary_hosts(site: Site, sites: Sequence[Site], resources: Sequence[Resource]) -> tuple[Members[str], Value[str] | None]:
    """Return the AWS hosts in manifests of a DR cluster whose names hold the region of a cluster that it stands in for, and the first.

    None for any other cluster. A host that a placeholder begins may be one, and so may any where a primary's region is not known.
    """
    primaries = [each.region for each in sites if not each.is_dr]
    failed = {each.value for each in primaries if isinstance(each, Known)}
    own = site.region.value if isinstance(site.region, Known) else None
    unknown = next((each for each in primaries if isinstance(each, Unknown)), None)
    if not site.is_dr or own is None:
        return Members(), None
    found: dict[str, Member[str]] = {}
    first: Value[str] | None = None
    for host, region in _hosts([each for each in resources if each.deployment == site.name and each.channel == "manifest"]):
        if region == own:
            continue
        if isinstance(host, Known) and region in failed:
            found[host.value] = Member(host.value)
            first = first or host
        elif isinstance(host, Unknown) and (region is None or region in failed):
            found.setdefault(host.symbol, Member(host.symbol, Truth.UNKNOWN, host))
        elif isinstance(host, Known) and region is not None and unknown is not None:
            found.setdefault(host.value, Member(host.value, Truth.UNKNOWN, unknown))
    return Members(tuple(found[name] for name in sorted(found))), first


def _hosts(resources: Sequence[Resource]) -> Iterator[tuple[Known[str] | Unknown, str | None]]:
    for reference in host_references(resources):
        if isinstance(reference.host, (Known, Unknown)):
            yield reference.host, reference.region
    for resource in resources:
        for container in containers(resource) if pod_path(resource) is not None else ():
            yield from ((host, told.region) for host, told in hosts_in(inside(container, "image")))
