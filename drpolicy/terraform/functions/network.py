"""Functions on IP networks."""

from __future__ import annotations

import ipaddress
from typing import Any, TypeAlias

from drpolicy.model.patterns import deferred
from drpolicy.terraform.conversion import PlainList, integer, text
from drpolicy.terraform.functions.table import Function
from drpolicy.terraform.unknowns import EvaluationError, TooLarge, Unsupported

_Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network


def _network(prefix: Any) -> _Network:
    # Zeros before a number are passed over, as in the parser that Terraform kept for that (apparentlymart/go-cidr, 2026-11).
    written = _LEADING_ZEROS.sub("", text(prefix)) if ":" not in text(prefix) else text(prefix)
    length = written.partition("/")[2]
    if not length.isascii() or not length.isdigit():
        raise EvaluationError("a CIDR prefix is required")
    try:
        network = ipaddress.ip_network(written, strict=False)
    except ValueError as error:
        raise EvaluationError("a CIDR prefix is required") from error
    return network


def _unmapped(network: _Network) -> _Network:
    """Return a network that is no IPv4 written as IPv6, which Terraform takes for IPv4 in one place and for IPv6 in the next."""
    if _is_mapped(network.network_address):
        raise Unsupported("IPv4 addresses written as IPv6 are not evaluated")
    return network


def _is_mapped(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    return isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None


_LEADING_ZEROS = deferred(r"(?<![0-9])0+(?=[0-9])")


def _subnet(prefix: Any, newbits: Any, netnum: Any) -> str:
    network, bits, number = _network(prefix), integer(newbits), integer(netnum)
    if bits < 0 or number < 0:
        # What Terraform gives then is no subnet of the prefix.
        raise Unsupported("negative subnets are not evaluated")
    length = network.prefixlen + bits
    if length > network.max_prefixlen:
        raise EvaluationError("the prefix has not enough room")
    if number >= 1 << bits:
        raise EvaluationError("there is no such subnet")
    return _written(network, int(network.network_address) + (number << (network.max_prefixlen - length)), length)


def _written(network: _Network, address: int, length: int) -> str:
    if network.version == 4:
        return f"{ipaddress.IPv4Address(address)}/{length}"
    found = ipaddress.IPv6Address(address)
    # Go writes an IPv4 that is written as IPv6 as the IPv4 that it is.
    return f"{found}/{length}" if found.ipv4_mapped is None else f"{found.ipv4_mapped}/{length - 96}"


def _subnets(prefix: Any, *newbits: Any) -> PlainList:
    network = _unmapped(_network(prefix))
    at, found = int(network.network_address), PlainList()
    if len(newbits) > 1000:
        raise TooLarge("that many subnets are not evaluated")
    for each in newbits:
        bits = integer(each)
        length = network.prefixlen + bits
        if bits < 1 or bits > 32 or length > network.max_prefixlen:
            raise EvaluationError("the prefix has not enough room")
        size = 1 << (network.max_prefixlen - length)
        at = -(-at // size) * size
        if at + size > int(network.broadcast_address) + 1:
            raise EvaluationError("the prefix has not enough room")
        found.append(_written(network, at, length))
        at += size
    return found


def _host(prefix: Any, hostnum: Any) -> str:
    network, number = _unmapped(_network(prefix)), integer(hostnum)
    count = network.num_addresses
    if number < 0:
        number += count
    if not 0 <= number < count:
        raise EvaluationError("the prefix has no such host")
    host = network.network_address + number
    return str(host.ipv4_mapped if isinstance(host, ipaddress.IPv6Address) and host.ipv4_mapped is not None else host)


def _netmask(prefix: Any) -> str:
    network = _network(prefix)
    if network.version != 4 and not _is_mapped(network.network_address):
        raise EvaluationError("IPv6 has no netmask")
    return str(network.netmask)


FUNCTIONS: dict[str, Function] = {
    "cidrhost": Function(_host, 2, 2),
    "cidrnetmask": Function(_netmask, 1, 1),
    "cidrsubnet": Function(_subnet, 3, 3),
    "cidrsubnets": Function(_subnets, 1, None),
}
