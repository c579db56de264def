"""Whoever applies a directory of the repository to a cluster: Flux's Kustomization, and Argo CD's Application.

The cluster is the one that the Kustomization is on itself, or that the Application belongs to. Flux fills variables in.
Fields: kustomize.toolkit.fluxcd.io/v1 (fluxcd.io, "Kustomization"); argo-cd.readthedocs.io, "Directory" (read 2026-11).
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from drpolicy.kubernetes.channels.applications import GROUP as ARGO
from drpolicy.kubernetes.channels.applications import applications, sources_of
from drpolicy.kubernetes.channels.charts import inside_tree
from drpolicy.kubernetes.channels.interface import suspended
from drpolicy.kubernetes.channels.repository import Repository
from drpolicy.kubernetes.navigation import elements, entries, inside, strings, text
from drpolicy.kubernetes.objects import Manifest, named
from drpolicy.kubernetes.substitution import by_name, filled
from drpolicy.model.provenance import Written
from drpolicy.model.records import dataclass, replace
from drpolicy.model.resources import Applier
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Object, Unknown, Value

GROUP: Final = "kustomize.toolkit.fluxcd.io"
_DISABLED: Final = ("kustomize.toolkit.fluxcd.io/substitute", "disabled")
_COPY_LIMIT: Final = 100


@dataclass(frozen=True, slots=True, eq=False)
class Delivery:
    """A directory and who applies it."""

    directory: str
    by: Manifest
    variables: Mapping[str, Value[Any]]
    namespace: str
    presence: Truth
    why: Unknown | None
    applier: Applier
    moves: bool = True
    """Whether objects that name a namespace are put into this one all the same, as Flux does."""
    recurses: bool = True
    components: tuple[str, ...] = ()
    """Directories of components of Kustomize that are laid over it."""


def deliveries(manifests: Iterable[Manifest], repository: Repository) -> list[Delivery]:
    """Return what Flux and Argo CD apply from the directories of the same repository, by the objects that tell them to."""
    found: list[Delivery] = []
    for manifest in manifests:
        if manifest.group == GROUP and manifest.kind == "Kustomization":
            found.extend(_of_flux(manifest, repository))
        elif manifest.group == ARGO:
            found.extend(_of_argo(manifest, repository))
    return found


def _of_flux(manifest: Manifest, repository: Repository) -> Iterator[Delivery]:
    spec = inside(manifest.value, "spec")
    directory = _directory(inside(spec, "path"), repository)
    if directory is not None:
        presence, why = suspended(f"Kustomization {manifest.name}", inside(spec, "suspend"))
        namespace = text(inside(spec, "targetNamespace")) or ""
        applier = _flux_applier(manifest, spec)
        variables = dict(_variables(manifest, spec, repository))
        written = (text(each) for each in elements(inside(spec, "components")))
        components = tuple(path for each in written if each and (path := inside_tree(directory, each)) is not None)
        yield Delivery(directory, manifest, variables, namespace, presence, why, applier, components=components)


def _flux_applier(manifest: Manifest, spec: Value[Any]) -> Applier:
    """Return a Kustomization, which Flux applies at every interval unless it is suspended."""
    suspends, prunes = inside(spec, "suspend"), inside(spec, "prune")
    stopped = suspends if isinstance(suspends, Unknown) else None
    automatic = stopped or Known(not (isinstance(suspends, Known) and suspends.value is True), Written(manifest.span))
    pruned = prunes if isinstance(prunes, Unknown) else Known(isinstance(prunes, Known) and prunes.value is True, prunes.origin)
    return Applier(f"Kustomization {manifest.name}", "flux", automatic, pruned, manifest.span)


def _of_argo(manifest: Manifest, repository: Repository) -> Iterator[Delivery]:
    for made in applications(manifest):
        for source in sources_of(made.spec):
            directory = _directory(inside(source, "path"), repository)
            if directory is None or repository.chart_values(directory) is not None:
                continue
            namespace = text(inside(made.spec, "destination", "namespace")) or ""
            # A kustomization is built as a whole; of a plain directory only the files in it are applied, unless it says otherwise.
            recurses = inside(source, "directory", "recurse")
            deep = isinstance(recurses, Unknown) or (isinstance(recurses, Known) and recurses.value is True)
            yield Delivery(directory, made.by, {}, namespace, made.presence, made.why, made.applier, moves=False, recurses=deep)


def _directory(path: Value[Any], repository: Repository) -> str | None:
    written = text(path)
    directory = inside_tree("", written.lstrip("/")) if written is not None else None
    return directory if directory and repository.holds(directory) else None


def _variables(manifest: Manifest, spec: Value[Any], repository: Repository) -> Iterator[tuple[str, Value[Any]]]:
    """Yield the variables, those written in place last: they count before those from elsewhere."""
    build = inside(spec, "postBuild")
    for reference in elements(inside(build, "substituteFrom")):
        name = text(inside(reference, "name"))
        if text(inside(reference, "kind")) == "ConfigMap" and name is not None:
            held = repository.configuration(manifest.home, manifest.namespace, name)
            if held is not None:
                yield from ((key, strings(value)) for key, value in entries(inside(held.value, "data")))
    yield from ((key, strings(value)) for key, value in entries(inside(build, "substitute")))


def delivered(
    manifests: Sequence[Manifest], found: Sequence[Delivery], component: Callable[[str], Iterable[Manifest]] = lambda directory: ()
) -> list[Manifest]:
    """Return the objects with the home of whoever applies them: one for each delivery of the directory that they stand in.

    ``component`` gives the objects of a component's directory, which every delivery that lays it over its own has for itself.
    """
    if not found:
        return list(manifests)
    by_directory: dict[str, list[Delivery]] = {}
    for delivery in found:
        by_directory.setdefault(delivery.directory, []).append(delivery)
    homes = {id(each.by): _home(each.by.home, by_directory, 0) for each in found}
    result: list[Manifest] = []
    for manifest in manifests:
        applying = _applying(manifest.home, by_directory)
        if not applying:
            result.append(manifest)
        for delivery in applying[:_COPY_LIMIT]:
            result.append(_applied(manifest, delivery, homes[id(delivery.by)]))
    for delivery in found:
        brought = (each for directory in delivery.components for each in component(directory))
        result.extend(_applied(each, delivery, homes[id(delivery.by)]) for each in brought)
    return result


def _applying(home: str, by_directory: Mapping[str, list[Delivery]]) -> list[Delivery]:
    directory = posixpath.dirname(home)
    while directory:
        here = posixpath.dirname(home) == directory
        found = [each for each in by_directory.get(directory, ()) if each.recurses or here]
        if found:
            return found
        directory = posixpath.dirname(directory)
    return []


def _home(home: str, by_directory: Mapping[str, list[Delivery]], depth: int) -> str:
    """Return where whoever applies it is applied from itself; what applies its own directory stands where it stands."""
    applying = _applying(home, by_directory)
    if len(applying) != 1 or depth > 10:
        return home
    above = applying[0].by.home
    inner = posixpath.dirname(above)
    if above == home or inner == applying[0].directory or inner.startswith(f"{applying[0].directory}/"):
        return home
    return _home(above, by_directory, depth + 1)


def _applied(manifest: Manifest, delivery: Delivery, home: str) -> Manifest:
    namespace = manifest.namespace
    free = delivery.moves or isinstance(inside(manifest.value, "metadata", "namespace"), Absent)
    if delivery.namespace and free and namespace != "_":
        namespace = delivery.namespace
    presence = manifest.presence & delivery.presence
    appliers = (*manifest.applied_by, delivery.applier)
    why = manifest.why or delivery.why
    moved = replace(manifest, home=home, namespace=namespace, presence=presence, why=why, applied_by=appliers)
    key, value = _DISABLED
    if not delivery.variables or text(inside(manifest.value, "metadata", "annotations", key)) == value:
        return moved
    root = filled(moved.value, by_name(delivery.variables))
    if not isinstance(root, Known) or not isinstance(root.value, Object):
        return moved
    name = named(inside(root, "metadata", "name"))[0] or moved.name
    written = named(inside(root, "metadata", "namespace"))[0]
    if written is not None and not delivery.namespace and moved.namespace != "_":
        moved = replace(moved, namespace=written)
    return replace(moved, root=root.value, name=name)
