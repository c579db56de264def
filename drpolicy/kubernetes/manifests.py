"""Kubernetes objects of every channel into resources, each in the cluster that it belongs to."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from drpolicy.kubernetes.channels import table
from drpolicy.kubernetes.channels.deliveries import GROUP as DELIVERIES
from drpolicy.kubernetes.channels.expand import expand, home_of
from drpolicy.kubernetes.channels.flux_charts import GROUP as CHART_SOURCES
from drpolicy.kubernetes.channels.flux_charts import KINDS
from drpolicy.kubernetes.channels.kustomize import NAMES
from drpolicy.kubernetes.clusters import Assignment, ClusterDeclaration, ClusterTree, NotRead, assign, cluster_tree
from drpolicy.kubernetes.kinds import matters, read_in_full
from drpolicy.kubernetes.objects import Manifest, end_of_names, worth_reading
from drpolicy.kubernetes.pipelines import is_pipeline, pipeline_commands, pipeline_scripts
from drpolicy.kubernetes.secret_values import without_secrets
from drpolicy.kubernetes.velero_commands import velero_commands
from drpolicy.model.patterns import deferred
from drpolicy.model.reasons import Reason
from drpolicy.model.records import dataclass, replace
from drpolicy.model.resources import Resource, TerraformRoot
from drpolicy.model.spans import Source, Span
from drpolicy.model.values import Absent, Object, Unknown
from drpolicy.sources.discovery import looks_like_manifest
from drpolicy.sources.documents import Document, Documents
from drpolicy.sources.json_documents import json_document
from drpolicy.sources.problems import Problem
from drpolicy.sources.reading import Sources

RESOURCE_TYPES = frozenset(table.RESOURCES)
"""Types of Terraform resources that bring objects to a cluster."""

_KEYS = ("backupStorageLocation", "volumeSnapshotLocation", "schedules", "releases")
_VALUES = deferred(rf"^[ \t]*+(?:{'|'.join(_KEYS)})[ \t]*+:", re.MULTILINE)


@dataclass(frozen=True, slots=True, eq=False)
class ManifestEstate:
    """The resources of all channels with their clusters, in the order of the paths, and what is wrong with the files or not read.

    A cluster of which no object matters for recovery is not in ``clusters``.
    """

    resources: tuple[Resource, ...]
    clusters: tuple[ClusterTree, ...]
    problems: tuple[Problem, ...]
    not_read: tuple[NotRead, ...] = ()


def load_manifests(
    sources: Sources, paths: Iterable[str], clusters: Sequence[ClusterDeclaration], roots: Sequence[TerraformRoot] = ()
) -> ManifestEstate:
    """Read the Kubernetes objects in YAML and JSON files, and those that charts, kustomizations and Terraform bring to a cluster.

    A file that holds none is none of ours, nor are its problems. Objects of a kind that says nothing about recovery keep their name only;
    definitions of custom resources, and documents of this tool, are left out. Of Secrets the values are dropped. Never raises on bad
    input.
    """
    objects: dict[str, Sequence[Document]] = {}
    others: dict[str, Sequence[Document]] = {}
    pipelines: dict[str, Sequence[Document]] = {}
    problems: list[Problem] = []
    for path in paths:
        source = sources.read(path)
        if isinstance(source, Problem):
            problems.append(source)
            continue
        if is_pipeline(path):
            if "velero" in source.text:
                pipelines[path] = _documents(path, source, None).documents
            continue
        kustomization = path.rpartition("/")[2] in NAMES
        if kustomization or looks_like_manifest(source.text):
            read = _documents(path, source, None) if kustomization else _documents(path, source, worth_reading, _end)
            objects[path] = read.documents
            problems.extend(read.problems)
        elif not path.endswith(".json") and any(key in source.text for key in _KEYS) and _VALUES.search(source.text) is not None:
            # What is wrong with a file that may be nothing of ours is none of ours.
            others[path] = _documents(path, source, None).documents
    expanded = expand(sources, objects, others, roots)
    directories = {home_of(root): root.name for root in roots}
    homes = [*(manifest.home for manifest in expanded.manifests), *(home for home, _ in expanded.not_read)]
    assignments = assign(dict.fromkeys(homes), clusters, directories)
    resources, trees = _in_clusters(expanded.manifests, assignments, {root.name: root for root in roots})
    resources = (*resources, *velero_commands(resources))
    trees = _with_unread(trees, [(assignments[home].name, each) for home, each in expanded.not_read])
    scripts = tuple(pipeline_scripts(pipelines))
    resources = (*resources, *pipeline_commands(scripts, trees, resources))
    return ManifestEstate(resources, trees, tuple(problems), tuple(each for _, each in expanded.not_read))


def _documents(
    path: str, source: Source, wanted: Callable[[str], bool] | None, until: Callable[[str], int | None] | None = None
) -> Documents:
    if path.endswith(".json"):
        return json_document(source)
    # A tree without manifests is read without the YAML library.
    from drpolicy.sources.yaml_documents import documents

    return documents(source, wanted=wanted, until=until)


def _in_clusters(
    manifests: Sequence[Manifest], assignments: Mapping[str, Assignment], roots: Mapping[str, TerraformRoot]
) -> tuple[tuple[Resource, ...], tuple[ClusterTree, ...]]:
    groups: dict[str, list[Manifest]] = {}
    for manifest in manifests:
        groups.setdefault(assignments[manifest.home].name, []).append(manifest)
    resources: dict[int, Resource] = {}
    trees: list[ClusterTree] = []
    for group in groups.values():
        assignment = assignments[group[0].home]
        placed = [(manifest, _resource(manifest, assignment.name, address)) for manifest, address in _addressed(group)]
        beginning = group[0].extent.source.span(group[0].extent.offset, group[0].extent.offset)
        root = roots.get(assignment.directory)
        tree = cluster_tree(assignment, [resource for _, resource in placed], beginning if root is None else root.span, root)
        if any(_matters(manifest) for manifest in group):
            trees.append(tree)
        resources.update((id(manifest), replace(resource, region=tree.region)) for manifest, resource in placed)
    return tuple(resources[id(manifest)] for manifest in manifests if id(manifest) in resources), tuple(trees)


def _with_unread(trees: Sequence[ClusterTree], brought: Sequence[tuple[str, NotRead]]) -> tuple[ClusterTree, ...]:
    """Return the clusters with what is not read on each: what brings objects of Velero's apart from anything else."""
    found: dict[str, list[NotRead]] = {}
    for name, each in brought:
        found.setdefault(name, []).append(each)
    return tuple(
        replace(
            tree,
            charts=tuple(each for each in found.get(tree.name, ()) if each.kind),
            beside=tuple(each for each in found.get(tree.name, ()) if not each.kind),
        )
        for tree in trees
    )


def _end(document: str) -> int | None:
    return end_of_names(document, _read_beyond_names)


def _read_beyond_names(group: str, kind: str) -> bool:
    """Whether anything but the name of an object is read: by what judges it, or by what it brings."""
    brings = (group, kind) in table.OBJECTS or group == DELIVERIES or (group == CHART_SOURCES and kind in KINDS)
    return brings or read_in_full(group, kind)


def _matters(manifest: Manifest) -> bool:
    """Whether an object says anything about a cluster: a tree without one is no cluster to judge."""
    return matters(manifest.group, manifest.kind) or (manifest.group, manifest.kind) in table.OBJECTS


def _addressed(group: Sequence[Manifest]) -> Iterator[tuple[Manifest, str]]:
    """Yield each object with its address; a second object of one address is told apart by its file, then by a number.

    One that reaches a cluster by two ways is one object.
    """
    taken: dict[str, int] = {}
    seen: set[tuple[str, Span]] = set()
    for manifest in group:
        address = f"{manifest.kind}/{manifest.namespace}/{manifest.name}"
        if (address, manifest.span) in seen:
            continue
        seen.add((address, manifest.span))
        if address in taken:
            address = f"{address}@{manifest.span.path}"
        taken[address] = number = taken.get(address, 0) + 1
        yield manifest, address if number == 1 else f"{address}#{number}"


def _resource(manifest: Manifest, cluster: str, address: str) -> Resource:
    attributes = manifest.root
    if not read_in_full(manifest.group, manifest.kind):
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
        presence=manifest.presence,
        why=manifest.why,
        applied_by=manifest.applied_by,
    )
