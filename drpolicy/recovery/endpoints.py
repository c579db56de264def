"""How things are reached: hosts written into configuration, and failover records."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from drpolicy.kubernetes.hosts import HostReference
from drpolicy.model.estate import Claim, Endpoint
from drpolicy.model.provenance import Derived, Written
from drpolicy.model.resources import Resource
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Members, Object, Value, target_of
from drpolicy.recovery.clusters import namespace_key
from drpolicy.recovery.locations import Site
from drpolicy.recovery.logic import any_of, known, truth_of

RECORD = "aws_route53_record"


def hosts(references: Sequence[HostReference], sites: Iterable[Site], claims: Mapping[str, Members[Claim]]) -> Iterator[Endpoint]:
    """Yield database hosts written out on clusters that are not DR ones.

    ``overridden``: an object of the same kind, namespace and name on a DR cluster gives the same key another host.
    """
    dr = {site.name for site in sites if site.is_dr}
    elsewhere: dict[tuple[str, str, str, str], list[HostReference]] = defaultdict(list)
    for each in references:
        if each.cluster in dr:
            elsewhere[each.kind, each.namespace, each.name, each.key].append(each)
    for each in references:
        if each.cluster in dr or not each.database or each.indirect:
            continue
        others = [other for other in elsewhere[each.kind, each.namespace, each.name, each.key] if other.region != each.region]
        header: Value[Any] = Absent(Written(each.resource.span))
        origin = each.host.origin
        yield Endpoint(
            key=f"{each.cluster}//{each.resource.address}#{each.key}",
            name=f"{each.kind} {each.namespace}/{each.name} {each.key}",
            address=f"{each.resource.address}#{each.key}",
            kind="host",
            deployment=each.cluster,
            environment=header,
            cluster=each.cluster,
            host=each.host,
            region=Known(each.region, Derived("the region in the host's name", (origin,))) if each.region else header,
            regional=known(each.region is not None, "the host's name holds a region", origin),
            overridden=known(
                bool(others),
                "a DR cluster gives the key another host" if others else "no DR cluster gives the key another host",
                *(other.host.origin for other in others),
                origin,
            ),
            restored=known(True, "a backup of its namespace holds it", origin),
            failover=known(False, "it is no DNS record", origin),
            health_checked=known(False, "it is no DNS record", origin),
            lacks="",
            required_by=claims.get(namespace_key(each.cluster, each.namespace), Members()),
            attributes=Object(),
            span=each.span,
        )


def records(resources: Iterable[Resource]) -> Iterator[Endpoint]:
    """Yield the primary records of failover pairs."""
    routed = [each for each in resources if each.type == RECORD and not each.data and _routing(each) is not None]
    for record in routed:
        if _routing(record) != "PRIMARY":
            continue
        partner = next((each for each in routed if each is not record and _routing(each) == "SECONDARY" and _same_name(each, record)), None)
        header = Written(record.span)
        check = record.get("health_check_id")
        evaluated = record.get("alias", 0, "evaluate_target_health")
        checked = any_of(
            "a health check or an evaluated target",
            [
                known(not isinstance(check, Absent), "health_check_id", check.origin),
                evaluated if not isinstance(evaluated, Absent) else known(False, "", header),
            ],
        )
        failover = known(partner is not None, "a SECONDARY record of the name", Written(partner.span) if partner else header)
        lacks = [
            text for text, value in (("no SECONDARY partner", failover), ("no health check", checked)) if truth_of(value) is Truth.FALSE
        ]
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
            health_checked=checked,
            lacks=" and ".join(lacks),
            required_by=Members(),
            attributes=record.attributes,
            span=record.span,
        )


def _routing(record: Resource) -> str | None:
    value = record.get("failover_routing_policy", 0, "type")
    return str(value.value) if isinstance(value, Known) else None


def _same_name(one: Resource, other: Resource) -> bool:
    left, right = one.get("name"), other.get("name")
    if isinstance(left, Known) and isinstance(right, Known):
        return bool(left.value == right.value)
    ours, theirs = target_of(left), target_of(right)
    return ours is not None and ours == theirs
