"""Which chart a HelmRelease of Flux installs where an object of its own says so: an OCIRepository, or a HelmChart of the source controller.

Fields: source.toolkit.fluxcd.io/v1 (fluxcd.io, "OCI Repositories", "Helm Charts" and "Helm Releases"). Of a reference in an OCIRepository
the digest counts before the range, and the range before the tag, which is ``latest`` where none is written (the same fields in Azure's
reference of Flux configurations, OCIRepositoryRefDefinition, read 2026-11).
"""

from __future__ import annotations

from typing import Any, Final

from drpolicy.kubernetes.channels.charts import chart_name, version_of_velero
from drpolicy.kubernetes.channels.interface import Files
from drpolicy.kubernetes.navigation import inside, strings, text
from drpolicy.kubernetes.objects import Manifest, named
from drpolicy.model.records import dataclass
from drpolicy.model.values import Absent, Known, Value

GROUP: Final = "source.toolkit.fluxcd.io"
KINDS: Final = frozenset({"OCIRepository", "HelmChart"})
_NEWEST: Final = "latest"


@dataclass(frozen=True, slots=True, eq=False)
class Chart:
    """A chart by its name, empty when it is not known. ``version`` is that of Velero's own, as of a release."""

    name: str
    version: Value[str] | None


def chart_of(manifest: Manifest, files: Files) -> Chart:
    """Return the chart of a HelmRelease: as its own template says, or the object that it refers to, if that is in the files."""
    spec = inside(manifest.value, "spec")
    reference = inside(spec, "chartRef")
    if isinstance(reference, Absent):
        return _in_repository(inside(spec, "chart", "spec"))
    kind, name = text(inside(reference, "kind")) or "", named(inside(reference, "name"))[0] or ""
    namespace = named(inside(reference, "namespace"))[0] or manifest.namespace
    found = files.chart_source(manifest.home, kind, namespace, name)
    if found is None:
        return Chart("", None)
    source = inside(found.value, "spec")
    return _in_registry(source) if kind == "OCIRepository" else _in_repository(source)


def _in_repository(spec: Value[Any]) -> Chart:
    """Return a chart of a Helm repository. One in Git, or in a bucket, has its version there."""
    name = chart_name(inside(spec, "chart"))
    held = text(inside(spec, "sourceRef", "kind")) in {None, "HelmRepository"}
    return Chart(name, version_of_velero(name, inside(spec, "version")) if held else None)


def _in_registry(spec: Value[Any]) -> Chart:
    name = chart_name(inside(spec, "url"))
    digest, span, tag = (strings(inside(spec, "ref", key)) for key in ("digest", "semver", "tag"))
    if not isinstance(digest, Absent):
        # What it is pinned to has no number; a tag beside it, which does not count, says which one it was.
        return Chart(name, version_of_velero(name, tag) if isinstance(tag, Known) and tag.value != _NEWEST else None)
    wanted = tag if isinstance(span, Absent) else span
    if isinstance(wanted, Known):
        number = wanted.value.partition("@")[0]
        wanted = Absent(wanted.origin) if number == _NEWEST else Known(number, wanted.origin)
    return Chart(name, version_of_velero(name, wanted))
