"""Velero's server as it is installed: its version, its plugins, and what lets it into the cloud."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from drpolicy.catalog.velero import version_of
from drpolicy.catalog.versions import Version
from drpolicy.kubernetes.kinds import namespace_of
from drpolicy.kubernetes.navigation import elements, inside, strings, text
from drpolicy.kubernetes.server_settings import Server
from drpolicy.kubernetes.workloads import pod_template
from drpolicy.model.patterns import deferred
from drpolicy.model.reasons import Reason
from drpolicy.model.records import dataclass
from drpolicy.model.values import Absent, Known, Members, Unknown, Value

_PLUGIN: Final = deferred(r"velero-plugin-for-[a-z0-9-]+")
_FLOATING: Final = frozenset({"", "latest", "main", "master", "dev", "stable"})


@dataclass(frozen=True, slots=True, eq=False)
class Image:
    """An image as it is written, taken apart; ``name`` is its last part. A digest or a tag that is no version says no version."""

    written: Value[str]
    name: str
    version: Value[Version]

    @property
    def floats(self) -> bool:
        """Whether the tag is one that moves: none, or one of those that mean the newest."""
        if not isinstance(self.written, Known):
            return False
        tag = self.written.value.rpartition("/")[2].partition(":")[2]
        return "@" not in self.written.value and tag in _FLOATING

    @property
    def text(self) -> str:
        """The image for a reader, without its registry."""
        return self.written.value.rpartition("/")[2].partition("@")[0] if isinstance(self.written, Known) else self.name


@dataclass(frozen=True, slots=True, eq=False)
class Installation:
    """One server that was read. ``more`` is why there may be further plugins, or ``None``."""

    server: Server
    image: Image
    plugins: tuple[Image, ...]
    more: Unknown | None

    @property
    def cluster(self) -> str:
        return self.server.resource.deployment

    @property
    def namespace(self) -> str:
        return namespace_of(self.server.resource)

    @property
    def pod(self) -> Value[Any]:
        return pod_template(self.server.resource)


def installation(server: Server) -> Installation:
    """Return what a server is installed with."""
    containers = inside(pod_template(server.resource), "spec", "initContainers")
    plugins = tuple(each for each in map(_image_in, elements(containers)) if _PLUGIN.fullmatch(each.name))
    more = containers if isinstance(containers, Unknown) else None
    if isinstance(containers, Known) and isinstance(containers.value, Members):
        unnamed = (written for each in elements(containers) if isinstance(written := inside(each, "image"), Unknown))
        # An image of which a part is not known may be any plugin, unless what is known names one.
        more = containers.value.rest or next((each for each in unnamed if not _PLUGIN.fullmatch(_name_of(each))), None)
    return Installation(server, _image(inside(server.container, "image")), plugins, more)


def _image_in(container: Value[Any]) -> Image:
    return _image(inside(container, "image"))


def _image(value: Value[Any]) -> Image:
    written = strings(value)
    return Image(written, _name_of(written), _version(written))


def _name_of(image: Value[str]) -> str:
    """Return the last part of an image's name, as far as it is written."""
    known = image.value if isinstance(image, Known) else ""
    if isinstance(image, Unknown):
        # The name stands before the tag: "velero/velero-plugin-for-aws:${TAG}".
        known = image.parts[0].value if image.parts and isinstance(image.parts[0], Known) and ":" in image.parts[0].value else ""
    return str(known).partition("@")[0].rpartition("/")[2].partition(":")[0]


def _version(image: Value[str]) -> Value[Version]:
    match image:
        case Known(value=written, origin=origin):
            tag = written.partition("@")[0].rpartition("/")[2].partition(":")[2]
            found = version_of(tag)
            if found is not None:
                return Known(found, origin)
            return Unknown(Reason.OUTSIDE_SCOPE, f"version of {written}", origin)
        case Absent(origin):
            return Unknown(Reason.OUTSIDE_SCOPE, "image of the server", origin)
        case _:
            return image


def mounted_secrets(installation: Installation) -> Iterator[Value[str]]:
    """Yield the names of the Secrets that a server is given: mounted, or in its environment."""
    for volume in elements(inside(installation.pod, "spec", "volumes")):
        name = inside(volume, "secret", "secretName")
        if not isinstance(name, Absent):
            yield strings(name)
    for source in elements(inside(installation.server.container, "envFrom")):
        name = inside(source, "secretRef", "name")
        if not isinstance(name, Absent):
            yield strings(name)
    for variable in elements(inside(installation.server.container, "env")):
        name = inside(variable, "valueFrom", "secretKeyRef", "name")
        if not isinstance(name, Absent):
            yield strings(name)


def chart_of(installation: Installation) -> Value[str]:
    """Return the chart that a server was made by, with the version that was asked of it; Absent for one made by no chart."""
    label = strings(installation.server.resource.get("metadata", "labels", "helm.sh/chart"))
    return label if not isinstance(label, Known) or (text(label) or "").startswith("velero-") else Absent(label.origin)
