"""Flux: HelmRelease, and Helm's own controller in k3s (HelmChart).

Fields: HelmRelease v2, v2beta1 and v2beta2 (fluxcd.io, "Helm Releases", read 2026-11): values of ``valuesFrom`` in their order, with
``spec.values`` on top; HelmChart v1 (docs.k3s.io, "Helm", read 2026-11).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from drpolicy.kubernetes.channels.charts import chart_name, is_velero, version_of_velero
from drpolicy.kubernetes.channels.flux_charts import chart_of
from drpolicy.kubernetes.channels.helm_values import layered, typed, with_set
from drpolicy.kubernetes.channels.interface import Files, Found, Release, suspended
from drpolicy.kubernetes.clusters import NotRead
from drpolicy.kubernetes.embedded import embedded
from drpolicy.kubernetes.navigation import elements, entries, inside, strings, text
from drpolicy.kubernetes.objects import Manifest, named
from drpolicy.model.reasons import Reason
from drpolicy.model.values import Absent, Known, Unknown, Value


def helm_release(manifest: Manifest, files: Files) -> Iterator[Found]:
    """Yield the release of a HelmRelease."""
    spec = inside(manifest.value, "spec")
    target = text(inside(spec, "targetNamespace"))
    name = text(inside(spec, "releaseName")) or (f"{target}-{manifest.name}" if target else manifest.name)
    what = f"HelmRelease {manifest.name}"
    presence, why = suspended(what, inside(spec, "suspend"))
    values = _values(manifest, spec, files)
    chart = chart_of(manifest, files)
    known = chart.name
    if not known and is_velero(inside(spec, "chartRef", "name")):
        known = "velero"
    placed = bool(target) or manifest.namespace != "default" or not isinstance(inside(manifest.value, "metadata", "namespace"), Absent)
    place = (manifest.home, manifest.span, manifest.extent)
    yield Release(what, name, target or manifest.namespace, known, values, *place, presence, why, version=chart.version, placed=placed)


def _values(manifest: Manifest, spec: Value[Any], files: Files) -> Value[Any]:
    below: Value[Any] = Absent(spec.origin)
    for reference in elements(inside(spec, "valuesFrom")):
        given = _given(manifest, reference, files)
        path = inside(reference, "targetPath")
        if isinstance(path, Absent):
            below = layered((below, *_layers(given)), below)
        else:
            below = with_set(below, path, typed(given))
    return layered((below, inside(spec, "values")), Absent(spec.origin))


def _layers(given: Value[Any]) -> tuple[Value[Any], ...]:
    found = embedded(given)
    if found.unknown is not None or found.problems:
        return (found.unknown or _unreadable(given),)
    return found.roots


def _unreadable(given: Value[Any]) -> Unknown:
    return Unknown(Reason.FILE_UNREADABLE, "values that are not YAML", given.origin)


def _given(manifest: Manifest, reference: Value[Any], files: Files) -> Value[Any]:
    kind, name = text(inside(reference, "kind")) or "", named(inside(reference, "name"))[0] or ""
    unknown = Unknown(Reason.OUTSIDE_SCOPE, f"values of {kind} {name}", reference.origin)
    if kind != "ConfigMap":
        return unknown
    found = files.configuration(manifest.home, manifest.namespace, name)
    if found is None:
        return unknown
    key = text(inside(reference, "valuesKey")) or "values.yaml"
    value = dict(entries(inside(found.value, "data"))).get(key)
    if value is None:
        return unknown
    files.note_use(value)
    return value


def helm_chart(manifest: Manifest, files: Files) -> Iterator[Found]:
    """Yield the release of a HelmChart, or of a HelmChartConfig, which adds values to a chart of the same name."""
    spec = inside(manifest.value, "spec")
    content = inside(spec, "valuesContent")
    values = layered((*_layers(content), inside(spec, "values")), Absent(spec.origin))
    for path, value in entries(inside(spec, "set")):
        values = with_set(values, Known(path, value.origin), typed(strings(value)))
    namespace = text(inside(spec, "targetNamespace")) or "default"
    chart = chart_name(inside(spec, "chart"))
    what = f"HelmChart {manifest.name}"
    version = version_of_velero(chart, inside(spec, "version"))
    yield Release(
        what,
        manifest.name,
        namespace,
        chart,
        values,
        manifest.home,
        manifest.span,
        manifest.extent,
        version=version,
        placed=namespace != "default",
    )


def resource_set(manifest: Manifest, files: Files) -> Iterator[Found]:
    """Yield that a ResourceSet of Flux's operator is not read: it is a template of any objects (fluxcd.control-plane.io, read 2026-11)."""
    speaks = "velero" in manifest.extent.text.lower()
    why = "what Flux's operator makes of it is not read; check the rendered manifests"
    yield NotRead(f"ResourceSet {manifest.name}", why, manifest.span, "*" if speaks else "")
