"""Facts about Velero: what its chart installs, which plugins fit, what it needs of AWS and puts into a bucket, what it measures."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from drpolicy.catalog.load import bundle
from drpolicy.catalog.versions import Version
from drpolicy.model.patterns import deferred

_VERSION: Final = deferred(r"v?(\d{1,4})\.(\d{1,4})\.(\d{1,4})(?:[-+_].*)?")


def version_of(text: str) -> Version | None:
    """Return the three numbers that a tag or a version begins with; ``None`` for anything else, such as ``latest`` or a range."""
    found = _VERSION.fullmatch(text.strip())
    return None if found is None else (int(found[1]), int(found[2]), int(found[3]))


def minor_of(version: Version) -> str:
    """Return a version without its last number, as tables have it."""
    return f"{version[0]}.{version[1]}"


def installed_by_chart(version: Version) -> str | None:
    """Return the version of Velero that a release of its chart installs; ``None`` for releases that the table does not reach."""
    rows = _charts()
    at = bisect_right([each for each, _ in rows], version) - 1
    return None if at < 0 or version > _required(version_of(_row("chart-versions")["last"])) else rows[at][1]


def listed_for(plugin: str, minor: str) -> frozenset[str] | None:
    """Return the minor versions of Velero that a plugin's own table lists for a minor version of it; ``None`` for others."""
    row = _row("plugin-versions")
    found = row["listed"].get(minor) if plugin in row["plugins"] else None
    return None if found is None else frozenset(found)


def in_plugin_table(minor: str) -> bool:
    """Whether the tables of plugins reach a minor version of Velero."""
    return any(minor in each for each in _row("plugin-versions")["listed"].values())


def built_in_since(plugin: str) -> Version | None:
    """Return the version of Velero that a plugin became a part of; ``None`` for one that did not."""
    found = _row("built-in-plugins")["builtIn"].get(plugin)
    return None if found is None else _required(version_of(f"{found}.0"))


def known_plugins() -> frozenset[str]:
    """Return the plugins that the tables speak of."""
    return frozenset(_row("plugin-versions")["plugins"])


def permissions(part: str) -> tuple[str, ...]:
    """Return the actions that Velero needs on the ``objects`` of a bucket, on the ``bucket``, or on objects it may only read."""
    return tuple(_row("permissions")[part])


def backup_directory() -> str:
    """Return the directory of a location in which every backup has its own objects."""
    return str(_row("layout")["backups"])


def repository_directories() -> tuple[str, ...]:
    """Return the directories of a location that hold repositories, whose blobs backups share."""
    return tuple(_row("layout")["repositories"])


def archive_classes() -> frozenset[str]:
    """Return the storage classes of S3 whose objects cannot be read before a copy is restored."""
    return frozenset(_row("archive-classes")["archives"])


def snapshot_locations_always_since() -> Version:
    """Return the version since which Velero looks for snapshot locations even for a backup that takes no snapshots."""
    return _required(version_of(_row("snapshot-locations")["alwaysLookedForSince"]))


def failure_metrics() -> tuple[str, ...]:
    """Return the metrics from which an alert can tell that backups are not made any more."""
    return tuple(_row("metrics")["metrics"])


@cache
def _charts() -> tuple[tuple[Version, str], ...]:
    return tuple((_required(version_of(each["from"])), each["velero"]) for each in _row("chart-versions")["charts"])


def _required(version: Version | None) -> Version:
    if version is None:
        raise ValueError("a version in the tables of Velero has three numbers")
    return version


@cache
def _row(id_: str) -> Mapping[str, Any]:
    return next(each for each in bundle()["velero"] if each["id"] == id_)
