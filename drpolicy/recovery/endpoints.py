"""How things are reached: hosts written into configuration, and failover records."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from drpolicy.kubernetes.coverage import captures, captures_kind
from drpolicy.kubernetes.hosts import HostReference, host_references, hosts_in, values_written
from drpolicy.kubernetes.kinds import kind_of, namespace_of
from drpolicy.kubernetes.navigation import elements, strings
from drpolicy.model.provenance import Derived, Written
from drpolicy.model.reasons import Reason
from drpolicy.model.resources import Resource
from drpolicy.model.services import Endpoint
from drpolicy.model.stores import Claim
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Members, Object, Unknown, Value, members, same, target_of
from drpolicy.recovery.clusters import namespace_key
from drpolicy.recovery.deployments import regions_of
from drpolicy.recovery.fleet import Fleet
from drpolicy.recovery.links import Links
from drpolicy.recovery.logic import any_of, from_truth, known, truth_of
from drpolicy.recovery.routing import RECORD, host_name
from drpolicy.recovery.routing_targets import checked, one_region, region_of_record, switch_time

_Key = tuple[str, str, str, str]
_PARTNER = "a SECONDARY record of the same name, type and zone"


def hosts(fleet: Fleet, claims: Mapping[str, Members[Claim]]) -> Iterator[Endpoint]:
    """Yield database hosts written out on clusters that are not DR ones.

    ``overridden``: an object of the same kind, namespace and name on a DR cluster gives the same key another value, which is no AWS
    host of the same region. ``restored``: a Velero Schedule or Backup in the files captures it; any other backup is not known.
    ``attributes.standby`` are the names of the DR clusters, where the files have one.
    """
    dr = tuple(dict.fromkeys(site.name for site in fleet.sites if site.is_dr))
    elsewhere: dict[_Key, list[Value[Any]]] = defaultdict(list)
    for resource in fleet.resources if dr else ():
        if resource.deployment in dr and resource.channel == "manifest":
            for key, value in values_written(resource):
                elsewhere[kind_of(resource), namespace_of(resource), resource.name, key].append(value)
    labels = {(data.cluster, data.name): data.labels for data, _ in fleet.namespaces}
    for each in host_references(fleet.resources):
        if each.cluster in dr or not each.database or each.indirect:
            continue
        header: Value[Any] = Absent(Written(each.resource.span))
        origin = each.host.origin
        # A placeholder may stand for the region: then the host tells none, and still may hold one.
        open_region = each.host if isinstance(each.host, Unknown) and each.region is None else None
        yield Endpoint(
            key=f"{each.cluster}//{each.resource.address}#{each.key}",
            name=f"{each.kind} {each.namespace}/{each.name} {each.key}",
            address=f"{each.resource.address}#{each.key}",
            kind="host",
            deployment=each.cluster,
            environment=header,
            cluster=each.cluster,
            host=each.host,
            region=open_region or (Known(each.region, Derived("the region in the host's name", (origin,))) if each.region else header),
            regional=open_region or known(each.region is not None, "the host's name holds a region", origin),
            overridden=_overridden(each, elsewhere[each.kind, each.namespace, each.name, each.key]),
            restored=_restored(each, fleet, labels.get((each.cluster, each.namespace), {})),
            failover=known(False, "it is no DNS record", origin),
            health_checked=known(False, "it is no DNS record", origin),
            lacks="",
            required_by=claims.get(namespace_key(each.cluster, each.namespace), Members()),
            attributes=_standby(dr, fleet),
            span=each.span,
        )


def _standby(names: Sequence[str], fleet: Fleet) -> Object:
    if not names:
        return Object()
    origins = tuple(Written(site.tree.span) for site in fleet.sites if site.is_dr)
    origin = Derived("clusters that stand by", origins)
    return Object({"standby": Known(members(Known(name, origin) for name in names), origin)})


def _overridden(reference: HostReference, others: Sequence[Value[Any]]) -> Value[bool]:
    """Whether a DR cluster gives the key another value."""
    flat = [each for value in others for each in (elements(value) if isinstance(value, Known) and _listed(value) else (value,))]
    judged = [(value, _differs(reference, value)) for value in flat]
    for truth in (Truth.TRUE, Truth.UNKNOWN):
        decided = next((value for value, found in judged if found is truth), None)
        if decided is not None and truth is Truth.TRUE:
            return known(True, "a DR cluster gives the key another value", decided.origin, reference.host.origin)
        if decided is not None:
            open_value = decided if isinstance(decided, Unknown) else reference.host
            if isinstance(open_value, Unknown):
                return open_value
            symbol = f"{reference.resource.key}#{reference.key} on a DR cluster"
            return Unknown(Reason.TEMPLATE_PLACEHOLDER, symbol, decided.origin)
    return known(False, "no DR cluster gives the key another value", *(value.origin for value in flat), reference.host.origin)


def _listed(value: Known[Any]) -> bool:
    return isinstance(value.value, Members)


def _differs(reference: HostReference, value: Value[Any]) -> Truth:
    """Whether a value leads anywhere else than the host does; UNKNOWN where either is filled in elsewhere."""
    text = strings(value)
    if isinstance(text, Unknown) or (isinstance(text, Known) and isinstance(reference.host, Unknown)):
        return Truth.UNKNOWN
    if not isinstance(text, Known) or not isinstance(reference.host, Known):
        return Truth.FALSE
    if reference.host.value.lower() in text.value.lower():
        return Truth.FALSE
    told = [(host, name.region) for host, name in hosts_in(value) if name.database]
    if not told or any(region is not None and region != reference.region for _, region in told):
        return Truth.TRUE
    return Truth.UNKNOWN if any(isinstance(host, Unknown) and region is None for host, region in told) else Truth.FALSE


def _restored(reference: HostReference, fleet: Fleet, labels: Mapping[str, Value[str]]) -> Value[bool]:
    """Whether a Velero Schedule or Backup of the cluster holds the object; what else may back it up is not known."""
    specs = [(each.template, each.name, each.span) for each in fleet.schedules if each.cluster == reference.cluster]
    specs.extend((each.spec, each.name, each.span) for each in fleet.backups if each.cluster == reference.cluster)
    for spec, name, span in specs:
        taken = captures(spec, reference.namespace, labels).truth & captures_kind(spec, reference.kind)
        if taken is Truth.TRUE:
            return known(True, f"Velero's {name} backs up namespace {reference.namespace}", Written(span))
    symbol = f"a backup that holds {reference.kind} {reference.namespace}/{reference.name} of {reference.cluster}"
    return Unknown(Reason.OUTSIDE_SCOPE, symbol, reference.host.origin)


def records(resources: Iterable[Resource], links: Links, claims: Mapping[str, Members[Claim]]) -> Iterator[Endpoint]:
    """Yield the primary records of failover pairs, and those that may be one: of these nothing is concluded.

    ``claims`` are those of services on the names of records, as they declare them.
    """
    routed = [
        (each, routing)
        for each in resources
        if each.type == RECORD and not each.data and not isinstance(routing := each.get("failover_routing_policy", 0, "type"), Absent)
    ]
    for record, routing in routed:
        if isinstance(routing, Known) and routing.value != "PRIMARY":
            continue
        header = Written(record.span)
        failover, health = _partner(record, routed), checked(record, links)
        if isinstance(routing, Unknown):
            failover = routing
            health = health if truth_of(health) is Truth.TRUE else routing
        needed = (("no SECONDARY partner of its name, type and zone", failover), ("no health check", health))
        lacks = [text for text, value in needed if truth_of(value) is Truth.FALSE]
        regions = [region_of_record(each, links) for each in (record, *_partners(record, routed))]
        yield Endpoint(
            key=record.key,
            name=record.address,
            address=record.address,
            kind="record",
            deployment=record.deployment,
            environment=Absent(header),
            cluster="",
            host=record.get("name"),
            region=Absent(header),
            regional=known(False, "a name that can move", header),
            overridden=known(False, "", header),
            restored=known(False, "", header),
            failover=failover,
            health_checked=health,
            lacks=" and ".join(lacks),
            required_by=claims.get(host_name(record.get("name")), Members()),
            attributes=record.attributes,
            span=record.span,
            regions=regions_of(regions),
            one_region=one_region(regions, header) if len(regions) > 1 else known(False, "it has no partner", header),
            switch_time=switch_time(record, links),
        )


def _partners(record: Resource, routed: Sequence[tuple[Resource, Value[Any]]]) -> list[Resource]:
    """Return the SECONDARY records that certainly belong to a primary one."""
    return [
        other
        for other, routing in routed
        if isinstance(routing, Known)
        and routing.value == "SECONDARY"
        and (_same_name(record, other) & _same_zone(record, other) & same(record.get("type"), other.get("type")) & other.presence)
        is Truth.TRUE
    ]


def _partner(record: Resource, routed: Sequence[tuple[Resource, Value[Any]]]) -> Value[bool]:
    """Whether a SECONDARY record of the same name, type and zone is made; the first one that decides it gives the place."""
    found: list[Value[bool]] = []
    for other, routing in routed:
        if other is record:
            continue
        secondary = Truth.UNKNOWN if isinstance(routing, Unknown) else Truth.of(isinstance(routing, Known) and routing.value == "SECONDARY")
        paired = _same_name(record, other) & _same_zone(record, other) & same(record.get("type"), other.get("type"))
        truth = secondary & paired & other.presence
        why = other.why or Unknown(Reason.AMBIGUOUS, f"whether {other.address} is the partner of {record.address}", Written(other.span))
        found.append(from_truth(truth, _PARTNER, (Written(other.span),), why))
    return any_of(_PARTNER, found) if found else known(False, "", Written(record.span))


def _same_name(one: Resource, other: Resource) -> Truth:
    left, right = one.get("name"), other.get("name")
    if isinstance(left, Known) and isinstance(right, Known):
        ours, theirs = (str(name.value).lower().rstrip(".") for name in (left, right))
        if ours == theirs:
            return Truth.TRUE
        # The provider adds the name of the zone where it is left out.
        return Truth.UNKNOWN if ours.startswith(f"{theirs}.") or theirs.startswith(f"{ours}.") else Truth.FALSE
    ours_target, theirs_target = target_of(left), target_of(right)
    return Truth.TRUE if ours_target is not None and ours_target == theirs_target else same(left, right)


def _same_zone(one: Resource, other: Resource) -> Truth:
    """Whether two records are in one zone: the same id, or the same zone referred to."""
    left, right = one.get("zone_id"), other.get("zone_id")
    if isinstance(left, Known) and isinstance(right, Known):
        return Truth.of(left.value == right.value)
    ours, theirs = target_of(left), target_of(right)
    if ours is not None and theirs is not None:
        return Truth.of(ours.key == theirs.key)
    return same(left, right)
