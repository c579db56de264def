"""Hashes of strings, and identifiers made of them."""

from __future__ import annotations

import base64
import hashlib
import uuid
from typing import Any

from drpolicy.terraform.conversion import text
from drpolicy.terraform.functions.table import Function
from drpolicy.terraform.unknowns import EvaluationError

_NAMESPACES = {"dns": uuid.NAMESPACE_DNS, "url": uuid.NAMESPACE_URL, "oid": uuid.NAMESPACE_OID, "x500": uuid.NAMESPACE_X500}


def digest(algorithm: str, content: bytes, *, encoded: bool = False) -> str:
    """Return a hash in hexadecimal, or in base64."""
    found = hashlib.new(algorithm, content, usedforsecurity=False)
    return base64.b64encode(found.digest()).decode("ascii") if encoded else found.hexdigest()


def _of_text(algorithm: str, *, encoded: bool = False) -> Any:
    return lambda subject: digest(algorithm, text(subject).encode("utf-8", "surrogatepass"), encoded=encoded)


def _uuidv5(namespace: Any, name: Any) -> str:
    space = text(namespace)
    try:
        return str(uuid.uuid5(_NAMESPACES.get(space) or uuid.UUID(space), text(name)))
    except ValueError as error:
        raise EvaluationError("uuidv5 takes a namespace that is dns, url, oid, x500 or a UUID") from error


FUNCTIONS: dict[str, Function] = {
    "base64sha256": Function(_of_text("sha256", encoded=True), 1, 1),
    "base64sha512": Function(_of_text("sha512", encoded=True), 1, 1),
    "md5": Function(_of_text("md5"), 1, 1),
    "sha1": Function(_of_text("sha1"), 1, 1),
    "sha256": Function(_of_text("sha256"), 1, 1),
    "sha512": Function(_of_text("sha512"), 1, 1),
    "uuidv5": Function(_uuidv5, 2, 2),
}
