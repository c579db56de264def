"""Networks of the regions: their address ranges, and whether what connects them is accepted on both sides."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Final

from drpolicy.model.provenance import Written
from drpolicy.model.reasons import Reason
from drpolicy.model.records import dataclass
from drpolicy.model.resources import Resource
from drpolicy.model.services import Peering
from drpolicy.model.truth import Truth
from drpolicy.model.values import Known, Member, Members, Unknown, Value, members, same, target_of
from drpolicy.recovery.logic import any_of, from_truth, known


@dataclass(frozen=True, slots=True)
class _Kind:
    """A way to connect two networks: ``here`` and ``there`` name them, ``accepts`` names the connection on the accepter."""

    here: str
    there: str
    accepter: str
    accepts: str
    owner: str


_KINDS: Final[dict[str, _Kind]] = {
    "aws_vpc_peering_connection": _Kind(
        "vpc_id", "peer_vpc_id", "aws_vpc_peering_connection_accepter", "vpc_peering_connection_id", "peer_owner_id"
    ),
    "aws_ec2_transit_gateway_peering_attachment": _Kind(
        "transit_gateway_id",
        "peer_transit_gateway_id",
        "aws_ec2_transit_gateway_peering_attachment_accepter",
        "transit_gateway_attachment_id",
        "peer_account_id",
    ),
}
RESOURCE_TYPES: Final = frozenset({"aws_vpc", "aws_ec2_transit_gateway", *_KINDS, *(each.accepter for each in _KINDS.values())})


def peerings_of(resources: Iterable[Resource]) -> Iterator[Peering]:
    """Yield the connections of two regions whose both ends these resources make.

    Between regions the other side has to accept: ``auto_accept`` is for one region and account alone (hashicorp/aws docs,
    aws_vpc_peering_connection and aws_ec2_transit_gateway_peering_attachment, 2026-11). Where the other end is somebody else's, so is
    the acceptance.
    """
    made = [each for each in resources if each.type in RESOURCE_TYPES and not each.data]
    by_key = {each.key: each for each in made}
    for connection in made:
        kind = _KINDS.get(connection.type)
        if kind is None:
            continue
        there = target_of(connection.get(kind.there))
        peer = by_key.get(there.key) if there is not None else None
        if peer is None or same(peer.region, connection.region) is not Truth.FALSE:
            continue
        accepters = [_accepts(each, kind.accepts, connection) for each in made if each.type == kind.accepter]
        written = Written(connection.span)
        accepted = any_of("the other side accepts it", accepters) if accepters else known(False, "nothing accepts it", written)
        yield Peering(connection.address, Members(tuple(_named(connection.region, peer.region))), accepted, connection.span)


def _named(*regions: Value[str]) -> Iterator[Member[str]]:
    return (Member(each.value) for each in regions if isinstance(each, Known))


def _accepts(accepter: Resource, attribute: str, connection: Resource) -> Value[bool]:
    value, auto = accepter.get(attribute), accepter.get("auto_accept")
    target = target_of(value)
    truth = Truth.of(target.key == connection.key) if target is not None else Truth.UNKNOWN
    if accepter.type.startswith("aws_vpc"):
        # This accepter accepts only where it says so.
        truth = truth & _flag(auto)
    why = next((each for each in (value, auto) if isinstance(each, Unknown) and truth is Truth.UNKNOWN), None)
    unsure = accepter.why or why or Unknown(Reason.AMBIGUOUS, f"whether {accepter.key} accepts {connection.key}", Written(accepter.span))
    return from_truth(truth & accepter.presence, "the other side accepts it", (Written(accepter.span),), unsure)


def _flag(value: Value[bool]) -> Truth:
    if isinstance(value, Unknown):
        return Truth.UNKNOWN
    return Truth.of(isinstance(value, Known) and value.value is True)


def networks_of(resources: Iterable[Resource]) -> Members[str]:
    """Return the address ranges of networks; open when a range, a region or an existence is not known."""
    found, rest = [], None
    for resource in resources:
        if resource.type == "aws_vpc" and not resource.data:
            network = _network(resource)
            if network is not None:
                found.append(str(network[1]))
            else:
                unknown = (resource.why, resource.get("cidr_block"), resource.region)
                rest = rest or next((each for each in unknown if isinstance(each, Unknown)), None)
    return members(found, rest)


def overlaps_of(resources: Iterable[Resource]) -> Iterator[tuple[str, Value[str]]]:
    """Yield the networks of different regions whose ranges overlap, and where the second range is written."""
    networks = [found for resource in resources if resource.type == "aws_vpc" and (found := _network(resource)) is not None]
    for position, (left, one, here) in enumerate(networks):
        for right, other, there in networks[position + 1 :]:
            if here != there and one.version == other.version and one.overlaps(other):
                names = [each.address if left.deployment == right.deployment else each.key for each in (left, right)]
                yield f"{names[0]} {one} in {here} and {names[1]} {other} in {there}", right.get("cidr_block")


def _network(resource: Resource) -> tuple[Resource, IPv4Network | IPv6Network, str] | None:
    block = resource.get("cidr_block")
    if not isinstance(block, Known) or not isinstance(resource.region, Known) or resource.presence is not Truth.TRUE:
        return None
    try:
        return resource, ip_network(str(block.value), strict=False), resource.region.value
    except ValueError:
        return None
