"""Objects that a tool makes from its own fields, in the shape that the cluster gets them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drpolicy.kubernetes.channels.interface import Release
from drpolicy.kubernetes.objects import Manifest, named
from drpolicy.model.provenance import Written, written_at
from drpolicy.model.reasons import Reason
from drpolicy.model.spans import Span
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Members, Object, Unknown, Value


def object_of(
    release: Release,
    api_version: str,
    kind: str,
    name: Value[str],
    fields: Mapping[str, Value[Any]],
    metadata: Mapping[str, Value[Any]],
    place: Span,
    item: Value[Any],
    presence: Truth,
    why: Unknown | None,
) -> Manifest:
    """Return an object of a release. ``item`` is what it is made from, and where what it lacks would stand."""
    origin = Written(place)
    about: dict[str, Value[Any]] = {"name": name, "namespace": _namespace(release, origin)}
    about.update({key: value for key, value in metadata.items() if not isinstance(value, Absent)})
    root = Object(
        {
            "apiVersion": Known(api_version, origin),
            "kind": Known(kind, origin),
            "metadata": Known(Object(about), origin),
            **{key: value for key, value in fields.items() if not isinstance(value, Absent)},
        }
    )
    called = (named(name)[0] if not isinstance(name, Known) else name.value.strip().replace("/", "_")) or "default"
    extent = written_at(item.origin) or release.extent
    both = presence & release.presence
    cause = None if both is Truth.TRUE else (why if presence is not Truth.TRUE else None) or release.why
    about_it = (root, origin, place, extent, both, cause, release.applied_by)
    return Manifest(release.home, api_version, kind, release.namespace, called, *about_it)


def _namespace(release: Release, origin: Written) -> Value[str]:
    if release.placed:
        return Known(release.namespace, origin)
    return Unknown(Reason.OUTSIDE_SCOPE, f"namespace of {release.what}", origin)


def truthy(value: Value[Any]) -> Truth:
    """Whether Helm's templates take a value for true: nothing, ``false``, 0, and what is empty, are false."""
    match value:
        case Absent():
            return Truth.FALSE
        case Unknown(among=among) if among:
            found = {bool(each.value) for each in among if not isinstance(each.value, Object | Members)}
            return Truth.of(found.pop()) if len(found) == 1 else Truth.UNKNOWN
        case Unknown():
            return Truth.UNKNOWN
        case Known(value=Object() as inner):
            return Truth.TRUE if inner.fields else Truth.FALSE if inner.rest is None else Truth.UNKNOWN
        case Known(value=Members() as listing):
            return listing.exists(lambda each: Truth.TRUE)
        case Known(value=plain):
            return Truth.of(bool(plain))
