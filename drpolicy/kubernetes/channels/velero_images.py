"""Which Velero a chart installs: by the image in its values, else by its own version."""

from __future__ import annotations

from typing import Any, Final

from drpolicy.catalog.velero import installed_by_chart, version_of
from drpolicy.kubernetes.channels.interface import Release
from drpolicy.kubernetes.navigation import inside, strings
from drpolicy.model.provenance import Derived, Written
from drpolicy.model.reasons import Reason
from drpolicy.model.values import Absent, Known, Unknown, Value

CHART_LABEL: Final = "helm.sh/chart"
"""The label that the chart puts its name and version into."""
_REPOSITORY: Final = "velero/velero"


def image_of(release: Release, values: Value[Any]) -> Value[str]:
    """Return the image of the server: name and tag, or name and digest, which comes first."""
    image = inside(values, "image")
    tag, digest, repository = (strings(inside(image, key)) for key in ("tag", "digest", "repository"))
    name = repository.value if isinstance(repository, Known) else _REPOSITORY
    for unknown in (digest, tag, repository):
        if isinstance(unknown, Unknown):
            return unknown
    if isinstance(digest, Known) and digest.value:
        return Known(f"{name}@{digest.value}", digest.origin)
    if isinstance(tag, Known):
        return Known(f"{name}:{tag.value}", tag.origin)
    return _default(release, name)


def _default(release: Release, name: str) -> Value[str]:
    """Return the image that the chart has where its values name none."""
    version = release.version
    origin = Written(release.span)
    if release.partial or version is None:
        return Unknown(Reason.OUTSIDE_SCOPE, f"image.tag of {release.what}", origin)
    if isinstance(version, Unknown):
        return version
    exact = version_of(version.value) if isinstance(version, Known) else None
    installed = installed_by_chart(exact) if exact is not None else None
    if installed is None or isinstance(version, Absent):
        asked = "the newest chart" if isinstance(version, Absent) else f"chart {version.value}"
        return Unknown(Reason.OUTSIDE_SCOPE, f"the version of Velero in {asked} of {release.what}", version.origin)
    return Known(f"{name}:v{installed}", Derived(f"chart {version.value} installs Velero {installed}", (version.origin,)))


def chart_label(release: Release) -> Value[str]:
    """Return the chart with the version that is asked of it, a range as it is written; ``velero-`` where none is."""
    match release.version:
        case Known(value=written, origin=origin):
            return Known(f"velero-{written}", origin)
        case Absent():
            return Known("velero-", Written(release.span))
        case Unknown() as unknown:
            return unknown
        case _:
            return Unknown(Reason.OUTSIDE_SCOPE, f"chart version of {release.what}", Written(release.span))
