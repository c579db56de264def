"""What makes two findings the same finding, and what makes them rest on the same facts."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b
from typing import Any

from drpolicy.cel import Read
from drpolicy.model.findings import SubjectReference, Witness
from drpolicy.model.values import Absent, Known, Members, Object, Unknown

_SIZE = 10
"""Bytes of a digest."""


def fingerprint_of(policy: str, subject: SubjectReference, witness: Witness, part: str = "") -> str:
    """Return the identity of a finding: policy, deployment, kind, address and witness; never a line, value or message.

    ``part`` tells apart subjects of one address: a plan's rule protects several stores, a database has several protections.
    """
    return fingerprint_on(policy_digest(policy), identity_of(subject, witness, part))


def policy_digest(policy: str) -> blake2b:
    """Return the beginning of the fingerprints of a policy's findings."""
    return blake2b(policy.encode(), digest_size=_SIZE)


def identity_of(subject: SubjectReference, witness: Witness, part: str = "") -> bytes:
    """Return what the fingerprints of all findings on a subject end with."""
    return "\x1f".join(("", subject.deployment, subject.kind, subject.address, witness, *([part] if part else []))).encode()


def fingerprint_on(policy: blake2b, identity: bytes) -> str:
    """Return the fingerprint of a policy's finding on a subject."""
    digest = policy.copy()
    digest.update(identity)
    return digest.hexdigest()


def basis_of(reads: Iterable[Read]) -> str:
    """Return a digest of the sub-conditions that decided, with their values."""
    return blake2b("\x1f".join(f"{read.expression}={_normal(read.value)}" for read in reads).encode(), digest_size=_SIZE).hexdigest()


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
