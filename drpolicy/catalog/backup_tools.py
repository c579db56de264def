"""Other tools that back up the volumes of a cluster: rows of the catalog."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any, Literal

from drpolicy.catalog.load import bundle
from drpolicy.model.records import dataclass


@dataclass(frozen=True, slots=True)
class BackupTool:
    """A kind of object that makes a tool take backups: of its namespace, or of any in the cluster.

    Only objects count that have one of ``values`` at ``path``, where there is one; and, where there are ``words``, that have one of them
    in an image or a command, or one of ``named`` in their name.
    """

    title: str
    takes: Literal["namespace", "cluster"]
    path: tuple[str, ...]
    values: frozenset[str]
    words: tuple[str, ...]
    named: tuple[str, ...]


@cache
def backup_tools() -> Mapping[tuple[str, str], BackupTool]:
    """Return the tool of each group and kind."""
    rows = bundle()["backup_tools"]
    return {(group, kind): _tool(row) for row in rows for group, kinds in row.get("objects", {}).items() for kind in kinds}


@cache
def unknown_tools() -> tuple[tuple[re.Pattern[str], BackupTool], ...]:
    """Return the kinds, of groups that are not known, that sound like a tool's."""
    return tuple((re.compile(row["kinds"]), _tool(row)) for row in bundle()["backup_tools"] if "kinds" in row)


def _tool(row: Mapping[str, Any]) -> BackupTool:
    where = row.get("where", {})
    path = tuple(where["path"].split(".")) if where else ()
    return BackupTool(
        row.get("title", ""), row["takes"], path, frozenset(where.get("is", ())), tuple(row.get("words", ())), tuple(row.get("named", ()))
    )
