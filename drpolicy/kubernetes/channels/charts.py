"""What is common to everything that installs a chart: whether it is Velero's, and the values that a chart in the repository brings."""

from __future__ import annotations

import posixpath
from typing import Any

from drpolicy.kubernetes.channels.helm_values import merged
from drpolicy.kubernetes.channels.interface import Files
from drpolicy.kubernetes.navigation import strings, text
from drpolicy.kubernetes.scalar_text import scalar_text
from drpolicy.model.values import Value

WHY_UNREAD = "the chart is not read, only the values that are Velero's; check the rendered manifests"


def is_velero(*values: Value[Any]) -> bool:
    """Whether one of the names is Velero's."""
    scalars = (scalar_text(value) for value in values)
    return any(scalar is not None and "velero" in scalar.text.lower() for scalar in scalars)


def chart_name(value: Value[Any]) -> str:
    """Return the name of a chart without its repository; empty when it is not known."""
    return (text(value) or "").rstrip("/").rpartition("/")[2]


def version_of_velero(chart: str, version: Value[Any]) -> Value[str] | None:
    """Return the version that is asked of a chart when it is Velero's own; ``None`` for one that may take Velero's along."""
    return strings(version) if chart == "velero" else None


def with_chart(values: Value[Any], directory: str | None, files: Files) -> tuple[str | None, Value[Any]]:
    """Return the name of a chart in the repository, and the values on top of its own; ``None`` when there is no such chart."""
    found = files.chart_values(directory) if directory is not None else None
    if found is None:
        return None, values
    name, below = found
    return name, merged(below, values)


def inside_tree(directory: str, path: str) -> str | None:
    """Return a path as the tree has it; ``None`` when it is elsewhere."""
    if "://" in path or path.startswith("/"):
        return None
    joined = posixpath.normpath(posixpath.join(directory, path))
    return None if joined.startswith("../") or joined == ".." else "" if joined == "." else joined
