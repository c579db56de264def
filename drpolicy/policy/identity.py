"""What makes two findings the same finding, and what makes them rest on the same facts."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b
from typing import Any

from drpolicy.cel import Read
from drpolicy.model.findings import SubjectReference, Witness
from drpolicy.model.values import Absent, Known, Members, Object, Unknown


def fingerprint_of(policy: str, subject: SubjectReference, witness: Witness, part: str = "") -> str:
    """Return the identity of a finding: policy, deployment, kind, address and witness; never a line, value or message.

    ``part`` tells apart subjects of one address: a plan's rule protects several stores, a database has several protections.
    """
    return _digest(policy, subject.deployment, subject.kind, subject.address, witness, *([part] if part else []))


def basis_of(reads: Iterable[Read]) -> str:
    """Return a digest of the sub-conditions that decided, with their values."""
    return _digest(*(f"{read.expression}={_normal(read.value)}" for read in reads))


def _digest(*parts: str) -> str:
    return blake2b("\x1f".join(parts).encode(), digest_size=10).hexdigest()


def _normal(value: Any) -> str:
    match value:
        case Known(inner):
            return _normal(inner)
        case Unknown(symbol=symbol):
            return f"?{symbol}"
        case Absent():
            return "-"
        case Members(elements=elements, rest=rest):
            return "[" + ",".join(_normal(each.value) for each in elements) + ("…" if rest else "") + "]"
        case Object(fields=fields):
            return "{" + ",".join(f"{name}:{_normal(each)}" for name, each in sorted(fields.items())) + "}"
        case bool() | int() | float() | str():
            return repr(value)
        case _:
            return str(getattr(value, "key", value))
