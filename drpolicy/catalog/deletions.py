"""Which actions of IAM delete a store, and which delete what it could be had back from: rows of the catalog."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from drpolicy.catalog.load import bundle


@cache
def deleting_actions() -> Mapping[str, tuple[str, ...]]:
    """Return the actions by store type and by mechanism; what is not there cannot be said."""
    return {name: tuple(row["actions"]) for row in bundle()["deletions"] for name in (*row["of"], *row.get("copies", ()))}
