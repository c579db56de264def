"""Values files that nothing in the repository says the use of: a chart's own, and those given to ``helm install -f``."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import Any

from drpolicy.kubernetes.channels.helm_values import merged
from drpolicy.kubernetes.channels.interface import Files, Found, Release
from drpolicy.kubernetes.channels.velero_chart import velero_values
from drpolicy.model.spans import Span
from drpolicy.model.values import Value
from drpolicy.sources.documents import header

_DEPTH = 3
BASES = frozenset({"values.yaml", "values.yml"})
"""Values that a chart is always installed with; others lie on top of them."""


def holds_velero(root: Value[Any]) -> bool:
    """Whether a document has the shape of Velero's values, under whatever key."""
    return next(velero_values(root, _DEPTH), None) is not None


def values_file(path: str, root: Value[Any], extent: Span, files: Files) -> Iterator[Found]:
    """Yield the release that a values file stands for.

    In the directory of a chart that takes Velero along, it lies on top of the chart's own values, and nothing else is to be expected.
    Elsewhere what it leaves out may be given by another file or on the command line.
    """
    directory = files.chart_of(path)
    chart = files.chart_values(directory) if directory is not None else None
    if directory is not None and chart is not None and not files.takes_velero(directory):
        # Velero's own chart has its defaults and what its authors try it with there; any other does not hand them to Velero's.
        return
    if directory is not None and posixpath.dirname(path) == posixpath.join(directory, "ci") and path.endswith("-values.yaml"):
        # What the chart is tried with before it is merged (helm/chart-testing, doc/ct_install.md, read 2026-11).
        return
    values = root
    if chart is not None and posixpath.basename(path) not in BASES:
        values = merged(chart[1], root)
    name = f"values in {path}"
    version = files.chart_version(directory)
    yield Release(
        name, "velero", "velero", "", values, path, header(root) or extent, extent, partial=chart is None, version=version, placed=False
    )
