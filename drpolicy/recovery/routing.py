"""Routes that lead to several regions, or are meant to: latency and weighted records, accelerators, origin groups, routing controls."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, Final

from drpolicy.model.provenance import Written
from drpolicy.model.reasons import Reason
from drpolicy.model.resources import Resource
from drpolicy.model.services import Endpoint
from drpolicy.model.stores import Claim
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Members, Object, Unknown, Value, target_of
from drpolicy.recovery.backup_selections import elements
from drpolicy.recovery.deployments import regions_of
from drpolicy.recovery.links import Links
from drpolicy.recovery.logic import any_of, from_truth, known, truth_of
from drpolicy.recovery.routing_targets import (
    HEALTH_CHECK,
    TARGETS,
    all_hold,
    checked,
    one_region,
    region_of_record,
    region_of_target,
    without_weight,
)

RECORD: Final = "aws_route53_record"
GROUP: Final = "aws_globalaccelerator_endpoint_group"
DISTRIBUTION: Final = "aws_cloudfront_distribution"
ROUTING_CONTROL: Final = "aws_route53recoverycontrolconfig_routing_control"
RESOURCE_TYPES: Final = TARGETS | {RECORD, HEALTH_CHECK, GROUP, DISTRIBUTION, ROUTING_CONTROL}

_POLICIES: Final = ("latency_routing_policy", "weighted_routing_policy", "geolocation_routing_policy")


def routes(links: Links, claims: Mapping[str, Members[Claim]]) -> Iterator[Endpoint]:
    """Yield one endpoint per group of records of several regions, per listener, per origin group and per routing control.

    ``claims`` are those of services on the names of records, as they declare them.
    """
    yield from _record_groups(links, claims)
    yield from _accelerators(links)
    yield from _origin_groups(links)
    yield from _routing_controls(links)


def route(
    resource: Resource,
    kind: str,
    address: str,
    regions: list[Value[str]],
    *,
    health_checked: Value[bool] | None = None,
    lacks: str = "",
    claims: Members[Claim] | None = None,
) -> Endpoint:
    """Return an endpoint that leads to several places."""
    header = Written(resource.span)
    no = known(False, "a name that can move", header)
    return Endpoint(
        key=f"{resource.deployment}//{address}",
        name=address,
        address=address,
        kind=kind,
        deployment=resource.deployment,
        environment=Absent(header),
        cluster="",
        host=resource.get("name") if resource.type == RECORD else Absent(header),
        region=Absent(header),
        regional=no,
        overridden=no,
        restored=no,
        failover=known(len(regions) > 1, "it leads to several places", header),
        health_checked=health_checked or known(True, "AWS looks whether it is there", header),
        lacks=lacks,
        required_by=claims or Members(),
        attributes=resource.attributes,
        span=resource.span,
        regions=regions_of(regions),
        one_region=one_region(regions, header) if regions else known(False, "it leads to no region", header),
    )


def _record_groups(links: Links, claims: Mapping[str, Members[Claim]]) -> Iterator[Endpoint]:
    groups: dict[tuple[str, ...], list[Resource]] = defaultdict(list)
    for record in links.of_type(RECORD):
        policy = next((each for each in _POLICIES if not isinstance(record.get(each, 0), Absent)), None)
        name = _identity(record)
        if policy is not None and name is not None and record.presence is not Truth.FALSE:
            groups[(policy, *name)].append(record)
    for (policy, *_), group in groups.items():
        regions = [_region(each, policy, links) for each in group]
        # In one region, or in none that is known, records of one name share load: that is no way to recover.
        if len({each.value for each in regions if isinstance(each, Known)}) < 2:
            continue
        unchecked = [each for each in group if (found := checked(each, links)) and isinstance(found, Known) and not found.value]
        there = [region for each, region in zip(group, regions, strict=True) if each.presence is Truth.TRUE]
        certain = {each.value for each in there if isinstance(each, Known)}
        values = [_led_well(each, links, len(certain) > 1) for each in group]
        first = unchecked[0] if unchecked else group[0]
        yield route(
            first,
            policy.partition("_")[0],
            first.address,
            regions,
            health_checked=all_hold("every record is checked", values),
            lacks=" and ".join(each.address for each in unchecked),
            claims=claims.get(host_name(first.get("name"))),
        )


def _led_well(record: Resource, links: Links, several: bool) -> Value[bool]:
    """Whether a record is checked, or gets no traffic; of one that may not be there, or may stand alone, only that it is."""
    found = any_of("checked, or without traffic", [checked(record, links), without_weight(record)])
    unsure = record.presence is not Truth.TRUE or not several
    if truth_of(found) is Truth.FALSE and unsure:
        return record.why or Unknown(Reason.COUNT_NOT_KNOWN, f"{record.key} beside records of other regions", Written(record.span))
    return found


def _region(record: Resource, policy: str, links: Links) -> Value[str]:
    written = record.get("latency_routing_policy", 0, "region") if policy.startswith("latency") else Absent(Written(record.span))
    return written if not isinstance(written, Absent) else region_of_record(record, links)


def _identity(record: Resource) -> tuple[str, ...] | None:
    """Return zone, name and type of a record as comparable text; ``None`` when one of them is not known."""
    zone, name, type_ = record.get("zone_id"), record.get("name"), record.get("type")
    target = target_of(zone)
    where = target.key if target is not None else str(zone.value) if isinstance(zone, Known) else None
    if where is None or not isinstance(name, Known) or not isinstance(type_, Known):
        return None
    return where, host_name(name), str(type_.value)


def host_name(value: Value[Any]) -> str:
    """Return a host name as it is compared, empty when it is not known."""
    return str(value.value).lower().rstrip(".") if isinstance(value, Known) else ""


def _accelerators(links: Links) -> Iterator[Endpoint]:
    groups: dict[str, list[Resource]] = defaultdict(list)
    for each in links.of_type(GROUP):
        listener = target_of(each.get("listener_arn"))
        if listener is not None:
            groups[listener.key].append(each)
    for group in groups.values():
        regions = [_of_group(each) for each in group]
        yield route(group[0], "accelerator", group[0].address, regions)


def _of_group(group: Resource) -> Value[str]:
    """Return the region of an endpoint group. Of one that may not be there it is not known."""
    region = group.get("endpoint_group_region")
    if group.presence is not Truth.TRUE:
        return group.why or Unknown(Reason.COUNT_NOT_KNOWN, group.key, Written(group.span))
    if isinstance(region, Absent):
        return Unknown(Reason.OUTSIDE_SCOPE, f"region of {group.key}: that of whoever applies it", Written(group.span))
    return region


def _origin_groups(links: Links) -> Iterator[Endpoint]:
    for distribution in links.of_type(DISTRIBUTION):
        origins = dict(_origins(distribution))
        for position, member in enumerate(elements(distribution.get("origin_group"))):
            if not isinstance(member.value, Known) or not isinstance(member.value.value, Object):
                continue
            inner = member.value.value.get("member", member.value.origin)
            ids = [_field(each.value, "origin_id") for each in elements(inner)]
            domains = [origins.get(str(each.value)) if isinstance(each, Known) else None for each in ids]
            regions = [region_of_target(each, links) for each in domains if each is not None]
            if len(regions) == len(ids) > 1:
                yield route(distribution, "origin-group", f"{distribution.address}.origin_group[{position}]", regions)


def _origins(distribution: Resource) -> Iterator[tuple[str, Value[Any]]]:
    for each in elements(distribution.get("origin")):
        name = _field(each.value, "origin_id")
        if isinstance(name, Known):
            yield str(name.value), _field(each.value, "domain_name")


def _field(block: Value[Any], name: str) -> Value[Any]:
    if isinstance(block, Known) and isinstance(block.value, Object):
        return block.value.get(name, block.origin)
    return block


def _routing_controls(links: Links) -> Iterator[Endpoint]:
    """Yield the routing controls of Application Recovery Controller: each moves traffic only through a health check that follows it."""
    checks = [each for each in links.of_type(HEALTH_CHECK) if not isinstance(each.get("routing_control_arn"), Absent)]
    for control in links.of_type(ROUTING_CONTROL):
        found = [_follows(each, control) for each in checks]
        follows = any_of("a health check follows it", found) if found else known(False, "no health check follows it", Written(control.span))
        yield route(control, "routing-control", control.address, [], health_checked=follows)


def _follows(check: Resource, control: Resource) -> Value[bool]:
    value = check.get("routing_control_arn")
    target = target_of(value)
    if target is not None:
        truth = Truth.of(target.key in (control.key, control.key.rpartition("[")[0])) & check.presence
    else:
        truth = Truth.UNKNOWN & check.presence
    why = value if isinstance(value, Unknown) else Unknown(Reason.OUTSIDE_SCOPE, f"whether {check.key} follows {control.key}", value.origin)
    return from_truth(truth, "a health check follows it", (value.origin,), check.why or why)
