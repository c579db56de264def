"""From everything that was read to the objects on the clusters: each channel in turn, and charts rendered."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping, Sequence

from drpolicy.kubernetes.channels import table
from drpolicy.kubernetes.channels.applications import applications, sources_of
from drpolicy.kubernetes.channels.charts import WHY_UNREAD
from drpolicy.kubernetes.channels.deliveries import GROUP, delivered, deliveries
from drpolicy.kubernetes.channels.interface import Found, Release
from drpolicy.kubernetes.channels.kustomize import NAMES, build, component_objects
from drpolicy.kubernetes.channels.operator_charts import operator_configurations
from drpolicy.kubernetes.channels.repository import Repository
from drpolicy.kubernetes.channels.values_files import BASES
from drpolicy.kubernetes.channels.velero_chart import render
from drpolicy.kubernetes.clusters import NotRead
from drpolicy.kubernetes.navigation import inside, text
from drpolicy.kubernetes.objects import Manifest, objects_in
from drpolicy.model.records import dataclass, replace
from drpolicy.model.resources import TerraformRoot
from drpolicy.model.truth import Truth
from drpolicy.sources.documents import Document
from drpolicy.sources.reading import Sources


@dataclass(frozen=True, slots=True, eq=False)
class Expanded:
    """The objects that reach the clusters, and what was not read, with the home whose cluster it concerns."""

    manifests: tuple[Manifest, ...]
    not_read: tuple[tuple[str, NotRead], ...]


def home_of(root: TerraformRoot) -> str:
    """Return the home of what a Terraform deployment applies: a path inside of its root that no other deployment has."""
    return posixpath.join(root.path, f"{root.name.replace('/', '_')}.tf")


def expand(
    sources: Sources,
    objects: Mapping[str, Sequence[Document]],
    others: Mapping[str, Sequence[Document]],
    roots: Iterable[TerraformRoot],
) -> Expanded:
    """Return the objects of all channels. ``objects`` are the documents that are Kubernetes objects, ``others`` the rest, by path."""
    repository = Repository(sources)
    kustomizations = {
        posixpath.dirname(path): documents[0]
        for path, documents in {**objects, **others}.items()
        if documents and posixpath.basename(path) in NAMES
    }
    plain = {path: documents for path, documents in objects.items() if posixpath.basename(path) not in NAMES}
    raw = [each for path, documents in plain.items() for document in documents for each in objects_in(path, document.root, document.span)]
    for each in raw:
        repository.note(each)
    applied = {directory for each in raw for directory in _applied_directories(each)}
    built = build(kustomizations, plain, repository, applied)
    made = [each for each in built.found if isinstance(each, Manifest)]
    for each in made:
        repository.note(each)
    applied_by_terraform = list(_from_terraform(roots, repository))
    brought = [each for _, each in applied_by_terraform if isinstance(each, Manifest)]
    # What Terraform applies from a file is on the cluster as Terraform applies it, and nowhere else.
    places = {(each.span.path, each.span.offset) for each in brought}
    manifests = [each for each in raw if each.home not in built.used and (each.span.path, each.span.offset) not in places]
    found_deliveries = deliveries([*manifests, *made, *brought], repository)
    manifests = delivered([*manifests, *made], found_deliveries, lambda directory: component_objects(built, directory))
    manifests.extend(brought)
    for each in manifests:
        # Whoever looks for one after it has been applied looks for the name that it then has.
        repository.note(each)
    found = [*((each.home, each) for each in built.found if isinstance(each, Release)), *_from_objects(manifests, repository)]
    found.extend((home, each) for home, each in applied_by_terraform if not isinstance(each, Manifest))
    found.extend(_from_files(others, built.used, repository))
    result = list(manifests)
    not_read: list[tuple[str, NotRead]] = [(each.span.path, each) for each in built.not_read]
    for home, item in found:
        for rendered in _rendered(item):
            if isinstance(rendered, Manifest):
                result.append(rendered)
            elif isinstance(rendered, NotRead):
                not_read.append((home, rendered))
    return Expanded(tuple(result), tuple(not_read))


def _from_objects(manifests: Iterable[Manifest], repository: Repository) -> Iterator[tuple[str, Found]]:
    for manifest in manifests:
        channel = table.OBJECTS.get((manifest.group, manifest.kind))
        if channel is not None:
            for each in channel(manifest, repository):
                yield manifest.home, _with_presence(manifest, each)


def _from_terraform(roots: Iterable[TerraformRoot], repository: Repository) -> Iterator[tuple[str, Found]]:
    for root in roots:
        home = home_of(root)
        for resource in root.resources:
            channel = table.RESOURCES.get(resource.type)
            if channel is not None and not resource.data:
                for each in channel(resource, home, repository):
                    yield home, each


def _applied_directories(manifest: Manifest) -> Iterator[str]:
    """Yield the directories that an object has applied, whether or not another kustomization uses them."""
    paths = [inside(manifest.value, "spec", "path")] if manifest.group == GROUP and manifest.kind == "Kustomization" else []
    paths.extend(inside(source, "path") for made in applications(manifest) for source in sources_of(made.spec))
    for path in paths:
        written = text(path)
        if written:
            yield posixpath.normpath(written.lstrip("/"))


def _with_presence(manifest: Manifest, found: Found) -> Found:
    """Return what an object brings, as uncertain as the object itself."""
    if manifest.presence is Truth.TRUE or isinstance(found, NotRead):
        return found
    return replace(found, presence=found.presence & manifest.presence, why=found.why or manifest.why)


def _from_files(others: Mapping[str, Sequence[Document]], used: set[str], repository: Repository) -> Iterator[tuple[str, Found]]:
    found: list[tuple[int, bool, str, Document]] = []
    for path, documents in others.items():
        if path not in used and posixpath.basename(path) not in NAMES:
            for document in documents:
                row = next((at for at, (fits, _) in enumerate(table.FILES) if fits(document.root)), None)
                if row is not None:
                    # What lies on top of a chart's own values uses these, which are then nothing by themselves.
                    found.append((row, posixpath.basename(path) in BASES, path, document))
    for row, _, path, document in sorted(found, key=lambda each: each[:2]):
        if path not in repository.used:
            for each in table.FILES[row][1](path, document.root, document.span, repository):
                yield path, each


def _rendered(found: Found) -> Iterator[Found]:
    if not isinstance(found, Release):
        yield found
        return
    anything = False
    for each in render(found):
        anything = True
        yield each
    yield from operator_configurations(found)
    if found.chart != "velero" and not found.partial:
        named = "velero" in f"{found.chart} {found.name} {found.what}".lower() and not anything
        yield NotRead(
            found.what,
            WHY_UNREAD if anything else "what Helm renders from it is not read; check the rendered manifests",
            found.span,
            "*" if named else "",
        )
