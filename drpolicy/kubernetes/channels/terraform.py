"""Terraform: charts and manifests that its helm, kubernetes and kubectl providers apply.

Fields: helm_release of hashicorp/helm 2.17 (``set`` is a block) and 3.0 (``set`` is a list of objects), kubernetes_manifest of
hashicorp/kubernetes 2.38, kubectl_manifest of gavinbunney/kubectl and alekc/kubectl (registry.terraform.io, read 2026-11).
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import Any

from drpolicy.kubernetes.channels.charts import chart_name, inside_tree, version_of_velero, with_chart
from drpolicy.kubernetes.channels.helm_values import layered, typed, with_set
from drpolicy.kubernetes.channels.interface import Files, Found, Release
from drpolicy.kubernetes.clusters import NotRead
from drpolicy.kubernetes.embedded import embedded
from drpolicy.kubernetes.navigation import elements, inside, strings, text
from drpolicy.kubernetes.objects import objects_in
from drpolicy.kubernetes.scalar_text import scalar_text
from drpolicy.model.provenance import written_at
from drpolicy.model.reasons import Reason
from drpolicy.model.records import replace
from drpolicy.model.resources import Resource
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Members, Unknown, Value


def helm_release(resource: Resource, home: str, files: Files) -> Iterator[Found]:
    """Yield the release of a helm_release."""
    chart = resource.get("chart")
    name = _name(resource.get("name"), resource.name)
    namespace = _name(resource.get("namespace"), "default")
    path = text(chart)
    # Terraform runs in the directory of the root, and so do relative paths.
    directory = inside_tree(posixpath.dirname(home), path) if path is not None and "/" in path else None
    local, values = with_chart(_values(resource), directory, files)
    known = chart_name(chart) if local is None else local
    placed = isinstance(resource.get("namespace"), Known)
    version = version_of_velero(known, resource.get("version")) if local is None else files.chart_version(directory)
    place = (home, resource.span, resource.extent)
    yield Release(resource.address, name, namespace, known, values, *place, resource.presence, resource.why, version=version, placed=placed)


def _name(value: Value[Any], otherwise: str) -> str:
    if isinstance(value, Unknown) and value.among and isinstance(value.among[0].value, str):
        return value.among[0].value
    return text(value) or otherwise


def _values(resource: Resource) -> Value[Any]:
    layers: list[Value[Any]] = []
    listing = resource.get("values")
    if isinstance(listing, Unknown):
        layers.append(listing)
    elif isinstance(listing, Known) and isinstance(listing.value, Members):
        for member in listing.value.elements:
            layers.extend(_layer(member.value, member.presence, member.why))
        if listing.value.rest is not None:
            layers.append(listing.value.rest)
    values = layered(layers, Absent(resource.get().origin))
    for key in ("set", "set_sensitive", "set_list"):
        given = resource.get(key)
        if isinstance(given, Unknown):
            return given
        for each in elements(given):
            kind = text(inside(each, "type"))
            value = inside(each, "value")
            made = value if key == "set_list" else typed(strings(value), as_string=kind == "string")
            values = with_set(values, inside(each, "name"), made)
    return values


def _layer(value: Value[Any], presence: Truth, why: Unknown | None) -> tuple[Value[Any], ...]:
    if presence is Truth.UNKNOWN:
        return (why or Unknown(Reason.COUNT_NOT_KNOWN, "one of the values", value.origin),)
    found = embedded(value)
    if found.unknown is not None:
        return (found.unknown,)
    if found.problems:
        return (Unknown(Reason.FILE_UNREADABLE, f"values that are not YAML: {found.problems[0].message}", value.origin),)
    return found.roots


def manifest(resource: Resource, home: str, files: Files) -> Iterator[Found]:
    """Yield the object of a kubernetes_manifest, which is written as an HCL object."""
    yield from _objects(resource, home, resource.get("manifest"))


def yaml_manifest(resource: Resource, home: str, files: Files) -> Iterator[Found]:
    """Yield the objects of a kubectl_manifest, which are YAML in a text."""
    yield from _objects(resource, home, resource.get("yaml_body"))


def _objects(resource: Resource, home: str, value: Value[Any]) -> Iterator[Found]:
    found = embedded(value)
    for root in found.roots:
        for each in objects_in(home, root, written_at(root.origin) or resource.extent):
            if resource.presence is Truth.TRUE:
                yield each
            else:
                yield replace(each, presence=resource.presence, why=resource.why)
    if found.unknown is not None or found.problems or (not found.roots and isinstance(value, Unknown)):
        yield NotRead(resource.address, "its manifest is not known; check the rendered one", resource.span, _kind(resource, value))


def _kind(resource: Resource, value: Value[Any]) -> str:
    """Return what an unknown manifest may be of Velero's: anything, if its text or name speaks of Velero."""
    scalar = scalar_text(value)
    spoken = (scalar.text if scalar is not None else "") + resource.address
    if isinstance(value, Unknown):
        spoken += "".join(part.value for part in value.parts if isinstance(part, Known)) + value.symbol
    return "*" if "velero" in spoken.lower() else ""
