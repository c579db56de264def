"""Functions on IP networks."""

from __future__ import annotations

import ipaddress
import re
from typing import Any, TypeAlias

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
    if network.version == 6 and network.network_address.ipv4_mapped is not None:
        # Terraform takes them for IPv4 in one place and for IPv6 in the next.
        raise Unsupported("IPv4 addresses written as IPv6 are not evaluated")
    return network


_LEADING_ZEROS = re.compile(r"(?<![0-9])0+(?=[0-9])")


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
    kind = ipaddress.IPv4Address if network.version == 4 else ipaddress.IPv6Address
    return f"{kind(address)}/{length}"


def _subnets(prefix: Any, *newbits: Any) -> PlainList:
    network = _network(prefix)
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
    network, number = _network(prefix), integer(hostnum)
    count = network.num_addresses
    if number < 0:
        number += count
    if not 0 <= number < count:
        raise EvaluationError("the prefix has no such host")
    return str(network.network_address + number)


def _netmask(prefix: Any) -> str:
    network = _network(prefix)
    if network.version != 4:
        raise EvaluationError("IPv6 has no netmask")
    return str(network.netmask)


FUNCTIONS: dict[str, Function] = {
    "cidrhost": Function(_host, 2, 2),
    "cidrnetmask": Function(_netmask, 1, 1),
    "cidrsubnet": Function(_subnet, 3, 3),
    "cidrsubnets": Function(_subnets, 1, None),
}
