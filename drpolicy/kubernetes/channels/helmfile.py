"""Helmfile: releases with their values files and inline values (helmfile.readthedocs.io, read 2026-11).

Its Go templates are not run: what they give is a placeholder.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import Any

from drpolicy.kubernetes.channels.charts import chart_name, inside_tree, version_of_velero, with_chart
from drpolicy.kubernetes.channels.helm_values import layered, typed, with_set
from drpolicy.kubernetes.channels.interface import Files, Found, Release
from drpolicy.kubernetes.navigation import elements, inside, strings, text
from drpolicy.model.provenance import written_at
from drpolicy.model.reasons import Reason
from drpolicy.model.spans import Span
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Object, Unknown, Value
from drpolicy.sources.documents import header


def is_helmfile(root: Value[Any]) -> bool:
    """Whether a document lists releases of charts."""
    return any(not isinstance(inside(release, "chart"), Absent) for release in elements(inside(root, "releases")))


def helmfile(path: str, root: Value[Any], extent: Span, files: Files) -> Iterator[Found]:
    """Yield the releases of a helmfile. A release that is not installed, or only under a condition, may not be there."""
    directory = posixpath.dirname(path)
    for release in elements(inside(root, "releases")):
        name = text(inside(release, "name")) or "release"
        values = layered([_layer(each, directory, files) for each in elements(inside(release, "values"))], Absent(release.origin))
        for each in elements(inside(release, "set")):
            values = with_set(values, inside(each, "name"), typed(strings(inside(each, "value"))))
        chart = inside(release, "chart")
        written = text(chart) or ""
        local = inside_tree(directory, written) if written.startswith(".") else None
        known, values = with_chart(values, local, files)
        presence, why = _installed(name, release)
        if presence is Truth.FALSE:
            continue
        namespace = text(inside(release, "namespace")) or "default"
        placed = text(inside(release, "namespace")) is not None
        place = written_at(inside(release, "name").origin) or header(release) or extent
        around = written_at(release.origin) or extent
        called = known or chart_name(chart)
        version = version_of_velero(called, inside(release, "version")) if known is None else files.chart_version(local)
        yield Release(
            f"release {name}", name, namespace, called, values, path, place, around, presence, why, version=version, placed=placed
        )


def _installed(name: str, release: Value[Any]) -> tuple[Truth, Unknown | None]:
    installed, condition = inside(release, "installed"), inside(release, "condition")
    if isinstance(installed, Known) and installed.value is False:
        return Truth.FALSE, None
    for value in (installed, condition):
        if isinstance(value, Unknown):
            return Truth.UNKNOWN, value
    if isinstance(condition, Known):
        return Truth.UNKNOWN, Unknown(Reason.VARIABLE_NOT_SET, f"condition {condition.value} of release {name}", condition.origin)
    return Truth.TRUE, None


def _layer(value: Value[Any], directory: str, files: Files) -> Value[Any]:
    match value:
        case Known(value=Object()) | Unknown():
            return value
        case Known(value=str() as path):
            here = inside_tree(directory, path)
            return Unknown(Reason.OUTSIDE_SCOPE, f"values file {path}", value.origin) if here is None else files.values(here, value)
        case _:
            return Absent(value.origin)
