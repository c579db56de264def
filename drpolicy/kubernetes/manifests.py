"""Kubernetes manifests into resources, each in the cluster that it belongs to."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from drpolicy.kubernetes.charts import brings_velero, generated_by_kustomize
from drpolicy.kubernetes.clusters import Assignment, ClusterDeclaration, ClusterTree, NotRead, assign, cluster_tree
from drpolicy.kubernetes.hosts import without_secrets
from drpolicy.kubernetes.kinds import CLUSTER_SCOPED, NOT_READ, OWN_GROUP, group_of, read_in_full
from drpolicy.kubernetes.navigation import elements, entries, inside, text
from drpolicy.kubernetes.scalar_text import scalar_text
from drpolicy.model.provenance import Written, written_at
from drpolicy.model.reasons import Reason
from drpolicy.model.records import dataclass, replace
from drpolicy.model.resources import Resource
from drpolicy.model.spans import Span
from drpolicy.model.values import Absent, Known, Object, Unknown, Value
from drpolicy.sources.discovery import looks_like_manifest
from drpolicy.sources.documents import Documents, header
from drpolicy.sources.json_documents import json_document
from drpolicy.sources.problems import Problem
from drpolicy.sources.reading import read_source
from drpolicy.sources.trees import Tree

_KUSTOMIZATIONS: Final = frozenset({"kustomization.yaml", "kustomization.yml", "Kustomization"})
_DEFINITION = re.compile(r"^kind:[ \t]*+CustomResourceDefinition[ \t\r]*+$", re.MULTILINE)
_TRANSFORMERS: Final = (
    "namespace", "namePrefix", "nameSuffix", "patches", "patchesStrategicMerge", "patchesJson6902", "replacements", "vars",
    "configMapGenerator", "secretGenerator", "generators", "transformers", "helmCharts", "components",
)  # fmt: skip
"""Fields of a kustomization that change or add documents (kubectl.docs.kubernetes.io, Kustomize reference)."""


@dataclass(frozen=True, slots=True, eq=False)
class ManifestEstate:
    """The resources of all manifests with their clusters, in the order of the paths, and what is wrong with the files or not read.

    A cluster of which no object matters for recovery is not in ``clusters``.
    """

    resources: tuple[Resource, ...]
    clusters: tuple[ClusterTree, ...]
    problems: tuple[Problem, ...]
    not_read: tuple[NotRead, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class _Manifest:
    path: str
    api_version: str
    kind: str
    namespace: str
    name: str
    root: Object
    origin: Written
    span: Span
    extent: Span


def load_manifests(tree: Tree, paths: Iterable[str], clusters: Sequence[ClusterDeclaration]) -> ManifestEstate:
    """Read the Kubernetes objects in YAML and JSON files. A file that holds none is none of ours, nor are its problems.

    Objects of a kind that says nothing about recovery keep their name only; definitions of custom resources, and documents of this
    tool, are left out. Of Secrets the values are dropped. Never raises on bad input.
    """
    found: list[_Manifest] = []
    problems: list[Problem] = []
    not_read: list[NotRead] = []
    patches: set[str] = set()
    charts: dict[str, NotRead] = {}
    for path in paths:
        read = _documents(tree, path)
        if read is None:
            continue
        if isinstance(read, Problem):
            problems.append(read)
            continue
        problems.extend(read.problems)
        for document in read:
            if _is_kustomization(path, document.root):
                _kustomization(path, document.root, document.span, patches, not_read)
                if generated_by_kustomize(document.root):
                    charts[path] = NotRead(path, "helmCharts of a kustomization", header(document.root) or document.span)
            else:
                found.extend(_manifests(path, document.root, document.span))
    kept = [manifest for manifest in found if manifest.path not in patches]
    not_read.extend(_unread(kept))
    assignments = assign(dict.fromkeys(manifest.path for manifest in kept), clusters)
    homes = assign(dict.fromkeys((*assignments, *charts)), clusters) if charts else {}
    brought = [(homes[path].name, each) for path, each in charts.items()]
    brought.extend((assignments[manifest.path].name, each) for manifest in kept if (each := _chart(manifest)) is not None)
    resources, trees = _in_clusters(kept, assignments)
    trees = tuple(replace(tree, charts=tuple(each for name, each in brought if name == tree.name)) for tree in trees)
    return ManifestEstate(resources, trees, tuple(problems), tuple(not_read))


def _documents(tree: Tree, path: str) -> Documents | Problem | None:
    source = read_source(tree, path)
    if isinstance(source, Problem):
        return source
    kustomization = path.rpartition("/")[2] in _KUSTOMIZATIONS
    if not kustomization and not looks_like_manifest(source.text):
        return None
    if path.endswith(".json"):
        return json_document(source)
    # A tree without manifests is read without the YAML library.
    from drpolicy.sources.yaml_documents import documents

    return documents(source) if kustomization else documents(source, wanted=_wanted)


def _wanted(document: str) -> bool:
    # Definitions are most of the text of some files, and nothing in them is about recovery.
    return looks_like_manifest(document) and _DEFINITION.search(document) is None


def _manifests(path: str, root: Value[Any], extent: Span) -> Iterator[_Manifest]:
    """Yield the objects of a document; a list of objects is unfolded, one level at a time and to a bounded depth of the document."""
    stack: list[tuple[Value[Any], Span]] = [(root, extent)]
    while stack:
        value, extent = stack.pop()
        if not isinstance(value, Known) or not isinstance(value.value, Object):
            continue
        api_version, kind = text(inside(value, "apiVersion")), text(inside(value, "kind"))
        if api_version is None or kind is None:
            continue
        group = group_of(api_version)
        if kind.endswith("List") and "items" in value.value.fields:
            stack.extend((item, written_at(item.origin) or extent) for item in reversed(tuple(elements(inside(value, "items")))))
            continue
        if kind == "CustomResourceDefinition" or group == OWN_GROUP:
            continue
        given = inside(value, "metadata", "name")
        if isinstance(given, Absent):
            given = inside(value, "metadata", "generateName")
        name, span = _named(given)
        if name is None:
            continue
        place = span or header(value) or extent
        namespace = "_" if kind in CLUSTER_SCOPED else _named(inside(value, "metadata", "namespace"))[0] or "default"
        yield _Manifest(path, api_version, kind, namespace, name, value.value, Written(place), place, extent)


def _named(value: Value[Any]) -> tuple[str | None, Span | None]:
    """Return a name as it is written, a placeholder as such, and its place. A slash would break the address, so it is replaced."""
    scalar = scalar_text(value)
    if scalar is not None:
        return scalar.text.strip().replace("/", "_") or None, scalar.written
    if isinstance(value, Known) and isinstance(value.value, int | float):
        return str(value.value), written_at(value.origin)
    return None, None


def _chart(manifest: _Manifest) -> NotRead | None:
    """Return what brings Velero to the cluster and is not read."""
    why = NOT_READ.get((group_of(manifest.api_version), manifest.kind))
    if why is None or not brings_velero(manifest.kind, manifest.name, Known(manifest.root, manifest.origin)):
        return None
    return NotRead(f"{manifest.kind} {manifest.name}", why, manifest.span)


def _unread(manifests: Iterable[_Manifest]) -> Iterator[NotRead]:
    for manifest in manifests:
        why = NOT_READ.get((group_of(manifest.api_version), manifest.kind))
        if why is not None:
            yield NotRead(f"{manifest.kind} {manifest.name}", why, manifest.span)


def _is_kustomization(path: str, root: Value[Any]) -> bool:
    version = text(inside(root, "apiVersion")) or ""
    return path.rpartition("/")[2] in _KUSTOMIZATIONS or version.startswith("kustomize.config.k8s.io/")


def _kustomization(path: str, root: Value[Any], extent: Span, patches: set[str], not_read: list[NotRead]) -> None:
    """Note the files that are patches and no objects, and what the kustomization does that is not applied."""
    directory = posixpath.dirname(path)
    files = [text(inside(patch, "path")) for key in ("patches", "patchesJson6902") for patch in elements(inside(root, key))]
    files.extend(text(patch) for patch in elements(inside(root, "patchesStrategicMerge")))
    patches.update(posixpath.normpath(posixpath.join(directory, file)) for file in files if file and "\n" not in file)
    used = [name for name, value in entries(root) if name in _TRANSFORMERS and not isinstance(value, Absent)]
    if used:
        why = f"{', '.join(used)} of a kustomization are not applied; check the output of kustomize build"
        not_read.append(NotRead(path, why, header(root) or extent))


def _in_clusters(
    manifests: Sequence[_Manifest], assignments: dict[str, Assignment]
) -> tuple[tuple[Resource, ...], tuple[ClusterTree, ...]]:
    groups: dict[str, list[_Manifest]] = {}
    for manifest in manifests:
        groups.setdefault(assignments[manifest.path].name, []).append(manifest)
    resources: dict[int, Resource] = {}
    trees: list[ClusterTree] = []
    for group in groups.values():
        assignment = assignments[group[0].path]
        placed = [(manifest, _resource(manifest, assignment.name, address)) for manifest, address in _addressed(group)]
        beginning = group[0].extent.source.span(group[0].extent.offset, group[0].extent.offset)
        tree = cluster_tree(assignment, [resource for _, resource in placed], beginning)
        if any(_matters(manifest) for manifest in group):
            trees.append(tree)
        resources.update((id(manifest), replace(resource, region=tree.region)) for manifest, resource in placed)
    return tuple(resources[id(manifest)] for manifest in manifests), tuple(trees)


def _matters(manifest: _Manifest) -> bool:
    """Whether an object says anything about a cluster: a tree without one is no cluster to judge."""
    group = group_of(manifest.api_version)
    return read_in_full(group, manifest.kind) or (group, manifest.kind) in NOT_READ


def _addressed(group: Sequence[_Manifest]) -> Iterator[tuple[_Manifest, str]]:
    """Yield each object with its address; a second object of one address is told apart by its file, then by a number."""
    taken: dict[str, int] = {}
    for manifest in group:
        address = f"{manifest.kind}/{manifest.namespace}/{manifest.name}"
        if address in taken:
            address = f"{address}@{manifest.path}"
        taken[address] = number = taken.get(address, 0) + 1
        yield manifest, address if number == 1 else f"{address}#{number}"


def _resource(manifest: _Manifest, cluster: str, address: str) -> Resource:
    attributes = manifest.root
    if not read_in_full(group_of(manifest.api_version), manifest.kind):
        names = {name: value for name, value in attributes.fields.items() if name in {"apiVersion", "kind", "metadata"}}
        attributes = Object(names, Unknown(Reason.OUTSIDE_SCOPE, f"{cluster}//{address}: fields of {manifest.kind}", manifest.origin))
    elif manifest.kind == "Secret":
        attributes = without_secrets(attributes, manifest.span)
    return Resource(
        deployment=cluster,
        address=address,
        type=f"{manifest.api_version}/{manifest.kind}",
        name=manifest.name,
        attributes=attributes,
        region=Absent(manifest.origin),
        account=Absent(manifest.origin),
        span=manifest.span,
        extent=manifest.extent,
        channel="manifest",
    )
