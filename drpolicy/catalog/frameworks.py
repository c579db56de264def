"""Outside frameworks as data: their controls, the policies that give evidence for each, and what no file can show of it.

The rows are in ``profiles/``. Nothing here says that a control is met.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from drpolicy.model.records import dataclass, field

BUNDLE = Path(__file__).with_name("frameworks.json")
"""Generated from ``profiles/`` by ``drpolicy.app.bundle``; a test holds it current."""


@dataclass(frozen=True, slots=True)
class Control:
    """What a framework asks for under one number."""

    id: str
    title: str
    policies: tuple[str, ...]
    not_covered: str = ""
    """What it asks for beyond anything that files or an account can show, in words."""


@dataclass(frozen=True, slots=True)
class Framework:
    """One framework: its name as its publisher writes it, and its controls that concern recovery."""

    id: str
    title: str
    source: str
    controls: tuple[Control, ...] = ()
    peer: str = ""
    """The tool whose checks are its controls: the policies themselves say which they stand beside."""
    params: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Parameters of policies that it sets."""


@cache
def built_in_frameworks() -> Mapping[str, Framework]:
    """Return the shipped frameworks by id."""
    return frameworks_from(json.loads(BUNDLE.read_text("utf-8")))


def frameworks_from(documents: Iterable[Mapping[str, Any]]) -> dict[str, Framework]:
    """Build frameworks from plain data in the form of the YAML files. Raises KeyError for a topic that is not defined."""
    rows = list(documents)
    topics = {name: tuple(ids) for each in rows for name, ids in each.get("topics", {}).items()}
    return {each["id"]: _framework(each, topics) for each in rows if "id" in each}


def _framework(data: Mapping[str, Any], topics: Mapping[str, tuple[str, ...]]) -> Framework:
    controls = tuple(
        Control(
            each["id"],
            each["title"],
            tuple(dict.fromkeys(policy for topic in each["topics"] for policy in topics[topic])),
            each.get("notCovered", ""),
        )
        for each in data.get("controls", ())
    )
    return Framework(data["id"], data["title"], data["source"], controls, data.get("peer", ""), dict(data.get("params", {})))
