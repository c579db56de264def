"""What brings Velero to a cluster by way of a chart or an operator, whose objects are then not in the files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from drpolicy.kubernetes.navigation import elements, inside
from drpolicy.kubernetes.scalar_text import scalar_text
from drpolicy.model.values import Value

_SOURCES = ("chart", "path", "repoURL")


def brings_velero(kind: str, name: str, root: Value[Any]) -> bool:
    """Whether a HelmRelease, a HelmChart, an Argo CD Application or an operator's object is there for Velero, by its names.

    Fields: HelmRelease v2 (Flux), HelmChart (k3s), Application and ApplicationSet (Argo CD), DataProtectionApplication (OADP).
    """
    return kind == "DataProtectionApplication" or "velero" in name.lower() or any(_is_velero(value) for value in _names(root))


def _names(root: Value[Any]) -> Iterator[Value[Any]]:
    spec = inside(root, "spec")
    yield from (inside(spec, *path) for path in (("chart",), ("chart", "spec", "chart"), ("chartRef", "name"), ("releaseName",)))
    for holder in (spec, inside(spec, "template", "spec")):
        for source in (inside(holder, "source"), *elements(inside(holder, "sources"))):
            yield from (inside(source, field) for field in _SOURCES)


def generated_by_kustomize(root: Value[Any]) -> bool:
    """Whether a kustomization renders Velero's chart."""
    return any(
        _is_velero(inside(chart, field)) for chart in elements(inside(root, "helmCharts")) for field in ("name", "repo", "releaseName")
    )


def _is_velero(value: Value[Any]) -> bool:
    scalar = scalar_text(value)
    return scalar is not None and "velero" in scalar.text.lower()
