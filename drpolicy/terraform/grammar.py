"""python-hcl2's grammar as a file: found, not imported, because the package costs more than all that is used of it."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.util import find_spec
from pathlib import Path


@cache
def grammar() -> str:
    """Return the text of the installed grammar."""
    spec = find_spec("hcl2")
    assert spec is not None and spec.submodule_search_locations is not None
    return (Path(spec.submodule_search_locations[0]) / "hcl2.lark").read_text("utf-8")


@cache
def grammar_digest() -> str:
    """Return the SHA-256 of the installed grammar, in hexadecimal."""
    return hashlib.sha256(grammar().encode()).hexdigest()
