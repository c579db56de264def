"""Where configuration names a region of AWS: rows of the catalog."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from drpolicy.catalog.load import bundle
from drpolicy.model.records import dataclass


@dataclass(frozen=True, slots=True)
class RegionalRow:
    """Fields of one kind of object: ``regions`` hold a region, ``texts`` hold ARNs, ``instead`` a region that is asked as well."""

    regions: tuple[tuple[str, ...], ...]
    texts: tuple[tuple[str, ...], ...]
    instead: tuple[str, ...]


@cache
def regional_kinds() -> Mapping[tuple[str, str], RegionalRow]:
    """Return the row of each group and kind that names a region."""
    return {(each["group"], kind): _row(each) for each in bundle()["regional"] for kind in each.get("kinds", ())}


@cache
def region_variables() -> frozenset[str]:
    """Return the variables of the environment that say which region is asked."""
    return frozenset(name for each in bundle()["regional"] for name in each.get("variables", ()))


def _row(data: Mapping[str, Any]) -> RegionalRow:
    regions, texts = (tuple(tuple(path.split(".")) for path in data.get(name, ())) for name in ("regions", "texts"))
    return RegionalRow(regions, texts, tuple(data["instead"].split(".")) if "instead" in data else ())
