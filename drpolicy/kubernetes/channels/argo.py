"""Argo CD: the charts of an Application, or of those that an ApplicationSet makes.

Values in Argo CD's order: the chart's own, ``valueFiles``, ``values``, ``valuesObject``, ``parameters`` (argo-cd.readthedocs.io, "Helm",
"Multiple Sources for an Application", read 2026-11).
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from typing import Any

from drpolicy.kubernetes.channels.applications import MadeApplication, applications, sources_of
from drpolicy.kubernetes.channels.charts import chart_name, inside_tree, is_velero, version_of_velero, with_chart
from drpolicy.kubernetes.channels.helm_values import layered, typed, with_set
from drpolicy.kubernetes.channels.interface import Files, Found, Release
from drpolicy.kubernetes.clusters import NotRead
from drpolicy.kubernetes.embedded import embedded
from drpolicy.kubernetes.navigation import elements, inside, strings, text
from drpolicy.kubernetes.objects import Manifest
from drpolicy.model.reasons import Reason
from drpolicy.model.records import replace
from drpolicy.model.values import Absent, Known, Unknown, Value


def application(manifest: Manifest, files: Files) -> Iterator[Found]:
    """Yield the releases of an Application, and of the Applications that an ApplicationSet makes."""
    for each in applications(manifest):
        yield from _sources(each, files)


def _sources(made: MadeApplication, files: Files) -> Iterator[Found]:
    what, manifest, spec = made.what, made.by, made.spec
    sources = list(sources_of(spec))
    references = {ref: source for source in sources if (ref := text(inside(source, "ref"))) is not None}
    namespace = text(inside(spec, "destination", "namespace")) or "default"
    for source in sources:
        helm = inside(source, "helm")
        path = text(inside(source, "path"))
        chart = chart_name(inside(source, "chart"))
        directory = inside_tree("", path) if path is not None else None
        local, values = with_chart(_values(source, helm, directory, references, files), directory, files)
        if not chart and local is None:
            names = (inside(source, "path"), inside(source, "repoURL"))
            if is_velero(*names) and isinstance(inside(source, "ref"), Absent) and not _in_tree(files, directory):
                yield NotRead(what, "what Argo CD renders from it is not read; check the rendered manifests", manifest.span, "*")
            continue
        release = text(inside(helm, "releaseName")) or manifest.name
        place = (manifest.home, manifest.span, manifest.extent)
        version = version_of_velero(chart, inside(source, "targetRevision")) if chart else files.chart_version(directory)
        known = chart or local or ""
        made_by = Release(what, release, namespace, known, values, *place, made.presence, made.why, version=version)
        yield replace(made_by, placed=namespace != "default", applied_by=(made.applier,))


def _in_tree(files: Files, directory: str | None) -> bool:
    return directory is not None and files.holds(directory)


def _values(source: Value[Any], helm: Value[Any], directory: str | None, references: Mapping[str, Value[Any]], files: Files) -> Value[Any]:
    layers = [_file(each, directory, references, files) for each in elements(inside(helm, "valueFiles"))]
    for key in ("values", "valuesObject"):
        found = embedded(inside(helm, key))
        layers.extend((found.unknown,) if found.unknown is not None else found.roots)
    values = layered(layers, Absent(source.origin))
    for parameter in elements(inside(helm, "parameters")):
        as_string = inside(parameter, "forceString")
        given = typed(strings(inside(parameter, "value")), as_string=isinstance(as_string, Known) and as_string.value is True)
        values = with_set(values, inside(parameter, "name"), given)
    return values


def _file(user: Value[Any], directory: str | None, references: Mapping[str, Value[Any]], files: Files) -> Value[Any]:
    if isinstance(user, Unknown):
        return user
    path = text(user) or ""
    if path.startswith("$"):
        name, _, within = path[1:].partition("/")
        if name not in references:
            return Unknown(Reason.OUTSIDE_SCOPE, f"values file {path}", user.origin)
        # A source with a "ref" is a whole repository; whether it is this one shows when the file is there.
        return files.values(posixpath.normpath(within), user)
    here = inside_tree(directory or "", path) if directory is not None else None
    return Unknown(Reason.OUTSIDE_SCOPE, f"values file {path}", user.origin) if here is None else files.values(here, user)
