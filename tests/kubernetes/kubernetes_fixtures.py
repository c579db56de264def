from __future__ import annotations

from typing import Any

from drpolicy.kubernetes.clusters import ClusterDeclaration
from drpolicy.kubernetes.manifests import ManifestEstate, load_manifests
from drpolicy.model.provenance import Default, Derived, Written, written_at
from drpolicy.model.reasons import Reason
from drpolicy.model.resources import Resource
from drpolicy.model.values import Known, Unknown, Value
from drpolicy.sources.reading import Sources
from drpolicy.sources.trees import MemoryTree


def load(files: dict[str, str], *declarations: ClusterDeclaration) -> ManifestEstate:
    return load_manifests(Sources(MemoryTree(files)), sorted(files), declarations)


def one(text: str, path: str = "k8s/x.yaml") -> Resource:
    (resource,) = load({path: text}).resources
    return resource


def place(value: Value[Any]) -> str:
    """Return position and text of what decided a value: ``line:column text``."""
    span = written_at(value.origin)
    assert span is not None
    return f"{span.start.line}:{span.start.column} {span.text}"


def why(value: Value[Any]) -> str:
    match value.origin:
        case Derived(how=how):
            return how
        case Default(what=what, source=source):
            return f"{what} ({source})"
        case Written():
            return "written"
        case other:
            return type(other).__name__


def plain(value: Value[Any]) -> object:
    match value:
        case Known(value=inner):
            return inner
        case Unknown(reason=reason):
            return reason
        case _:
            return None


__all__ = ["Reason", "load", "one", "place", "plain", "why"]
