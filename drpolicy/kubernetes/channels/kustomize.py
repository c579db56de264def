"""Kustomize: what a kustomization makes of its resources. Overlays are built; a base that another kustomization uses is none by itself.

Fields of kustomization.yaml: kubectl.docs.kubernetes.io, Kustomize reference (v5.7, read 2026-11). Nothing is fetched and no plugin is run.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from drpolicy.kubernetes.channels.charts import inside_tree, version_of_velero
from drpolicy.kubernetes.channels.generated_maps import combined, generated
from drpolicy.kubernetes.channels.helm_values import merged
from drpolicy.kubernetes.channels.interface import Files, Found, Release
from drpolicy.kubernetes.channels.patches import Selector, doubtful, json_patch, selector_of, selector_of_object, strategic
from drpolicy.kubernetes.clusters import NotRead
from drpolicy.kubernetes.embedded import embedded
from drpolicy.kubernetes.kinds import CLUSTER_SCOPED, VELERO_GROUP
from drpolicy.kubernetes.navigation import elements, entries, inside, strings, text
from drpolicy.kubernetes.objects import Manifest, objects_in
from drpolicy.model.provenance import Derived, Written, written_at
from drpolicy.model.reasons import Reason
from drpolicy.model.records import dataclass, field, replace
from drpolicy.model.spans import Span
from drpolicy.model.values import Absent, Known, Members, Object, Unknown, Value
from drpolicy.sources.documents import Document, header

NAMES: Final = ("kustomization.yaml", "kustomization.yml", "Kustomization")
_DEPTH_LIMIT: Final = 20
_OBJECT_LIMIT: Final = 20_000
_USES: Final = ("resources", "bases", "components")
_NOT_APPLIED: Final = ("vars", "generators", "transformers", "secretGenerator")


@dataclass(slots=True)
class Build:
    """What the kustomizations of a tree make: objects and releases, the files that they use, and what is not applied."""

    kustomizations: dict[str, Document]
    """By the directory of each; those outside of the scope are added when one inside of it uses them."""
    documents: Mapping[str, Sequence[Document]]
    files: Files
    used: set[str] = field(default_factory=set)
    found: list[Found] = field(default_factory=list)
    not_read: list[NotRead] = field(default_factory=list)
    replaced: set[str] = field(default_factory=set)
    """Names of ConfigMaps of which only what is generated last counts."""
    _made: int = 0
    _said: set[tuple[str, str]] = field(default_factory=set)

    def say(self, path: str, why: str, span: Span, kind: str = "") -> None:
        """Note what is not applied, once for each file."""
        if (path, why) not in self._said:
            self._said.add((path, why))
            self.not_read.append(NotRead(path, why, span, kind))

    def has(self, directory: str) -> bool:
        """Whether there is a kustomization in a directory of the repository."""
        if directory in self.kustomizations:
            return True
        for name in NAMES:
            found = self.files.parsed(posixpath.join(directory, name))
            if found:
                self.kustomizations[directory] = found[0]
                return True
        return False

    def room(self, objects: int) -> bool:
        """Count objects; return whether there were too many."""
        self._made += objects
        return self._made <= _OBJECT_LIMIT


def build(kustomizations: Mapping[str, Document], documents: Mapping[str, Sequence[Document]], files: Files, tops: Iterable[str]) -> Build:
    """Build every kustomization that no other one uses, and those in the directories ``tops``, which something applies.

    A variant of what is applied beside it, made from the same base, is then in no cluster of these files: it is named, and not judged.
    """
    made = Build(dict(kustomizations), documents, files)
    uses = {
        directory: frozenset(path for key in _USES for path in _paths(document.root, key, directory) if path in kustomizations)
        for directory, document in kustomizations.items()
    }
    referred = frozenset[str]().union(*uses.values())
    applied = {top for top in tops if top in kustomizations}
    for directory in sorted({*(directory for directory in kustomizations if directory not in referred), *applied}):
        document = kustomizations[directory]
        beside = [top for top in applied if posixpath.dirname(top) == posixpath.dirname(directory) and uses[top] & uses[directory]]
        if beside and directory not in applied:
            _objects(made, directory, ())
            why = f"nothing that was read applies it; {min(beside)} is applied instead"
            made.say(document.source.path, why, header(document.root) or document.span)
            continue
        if text(inside(document.root, "kind")) == "Component":
            # A component that no overlay takes is in no cluster; its files are still not manifests by themselves.
            _objects(made, directory, ())
            continue
        home = document.source.path
        for each in _objects(made, directory, ()):
            made.found.append(replace(each, home=home))
        made.found.extend(_charts(made, directory, home))
    return made


def component_objects(made: Build, directory: str) -> list[Manifest]:
    """Return the objects of a component by itself, which whoever lays it over a directory brings; what it patches there stays."""
    return _objects(made, directory, ()) if made.has(directory) else []


def _paths(root: Value[Any], key: str, directory: str) -> Iterator[str]:
    for value in elements(inside(root, key)):
        entry = text(value)
        path = inside_tree(directory, entry) if entry else None
        if path is not None:
            yield path


def _objects(made: Build, directory: str, above: tuple[str, ...]) -> list[Manifest]:
    """Return the objects of a kustomization, and note the files it uses."""
    document = made.kustomizations[directory]
    made.used.add(document.source.path)
    if directory in above or len(above) >= _DEPTH_LIMIT:
        made.say(document.source.path, "it is nested too deeply, or in itself", header(document.root) or document.span)
        return []
    found: list[Manifest] = []
    for key in ("resources", "bases"):
        for value in elements(inside(document.root, key)):
            found.extend(_resource(made, directory, value, (*above, directory)))
    found = combined(made.replaced, [*found, *generated(made.files, document, directory, made.replaced)])
    for path in _paths(document.root, "components", directory):
        if made.has(path):
            found = combined(made.replaced, [*found, *_objects(made, path, (*above, directory))])
            found = transformed(made, made.kustomizations[path].root, path, found)
        else:
            made.say(document.source.path, f"component {path} is not in the files", header(document.root) or document.span)
    if above and text(inside(document.root, "kind")) == "Component":
        return found
    if not made.room(len(found)):
        made.say(document.source.path, "it makes more objects than are read", header(document.root) or document.span, "*")
        return []
    return transformed(made, document.root, directory, found)


def _resource(made: Build, directory: str, value: Value[Any], above: tuple[str, ...]) -> Iterator[Manifest]:
    entry = text(value)
    place = written_at(value.origin) or made.kustomizations[directory].span
    path = inside_tree(directory, entry) if entry else None
    if path is not None and path in made.documents:
        made.used.add(path)
        for document in made.documents[path]:
            yield from objects_in(path, document.root, document.span)
        return
    if path is not None and made.has(path):
        yield from _objects(made, path, above)
        return
    if path is not None and made.files.known(path):
        made.used.add(path)
        for document in made.files.parsed(path):
            yield from objects_in(path, document.root, document.span)
        return
    named = entry or "a resource"
    made.say(made.kustomizations[directory].source.path, f"{named} is not in the files", place, "*" if "velero" in named.lower() else "")


def _charts(made: Build, directory: str, home: str) -> Iterator[Found]:
    document = made.kustomizations[directory]
    for chart in elements(inside(document.root, "helmCharts")):
        name = text(inside(chart, "name")) or ""
        values: Value[Any] = inside(chart, "valuesInline")
        for file in (inside(chart, "valuesFile"), *elements(inside(chart, "additionalValuesFiles"))):
            path = inside_tree(directory, written) if (written := text(file)) else None
            if path is not None:
                values = merged(made.files.values(path, file), values)
        release = text(inside(chart, "releaseName")) or name or "release"
        namespace = text(inside(chart, "namespace")) or text(inside(document.root, "namespace")) or "default"
        place = header(chart) or document.span
        around = written_at(chart.origin) or document.span
        version = version_of_velero(name, inside(chart, "version"))
        yield Release(
            f"chart {name} of {home}", release, namespace, name, values, home, place, around, version=version, placed=namespace != "default"
        )


def transformed(made: Build, root: Value[Any], directory: str, objects: list[Manifest]) -> list[Manifest]:
    """Return objects after the patches and the transformers of a kustomization."""
    path = made.kustomizations[directory].source.path if directory in made.kustomizations else directory
    place = header(root) or written_at(root.origin) or Span(made.kustomizations[directory].source, 0, 0)
    for select, patch in _patches(made, root, directory):
        objects = _patched(made, path, select, patch, objects)
    for replacement in _replacements(made, root, directory):
        objects = _replaced(replacement, objects)
    objects = [_placed(root, each) for each in objects]
    unused = [name for name in _NOT_APPLIED if not isinstance(inside(root, name), Absent)]
    if unused:
        made.say(path, f"{', '.join(unused)} of a kustomization are not applied; check the output of kustomize build", place)
    return objects


def _patches(made: Build, root: Value[Any], directory: str) -> Iterator[tuple[Selector | None, Value[Any]]]:
    """Yield the patches with what they are for; ``None`` for a patch that names its object itself."""
    for entry in elements(inside(root, "patchesStrategicMerge")):
        yield from ((None, patch) for patch in _contents(made, entry, directory))
    for key in ("patches", "patchesJson6902"):
        for entry in elements(inside(root, key)):
            target = inside(entry, "target")
            content = inside(entry, "path")
            if isinstance(content, Absent):
                content = inside(entry, "patch")
            for patch in _contents(made, content, directory):
                yield (None if isinstance(target, Absent) else selector_of(target)), patch


def _contents(made: Build, value: Value[Any], directory: str) -> Iterator[Value[Any]]:
    """Yield the documents of a patch, which is a path or is written in place."""
    written = text(value)
    if written is not None and "\n" not in written and ":" not in written:
        path = inside_tree(directory, written)
        if path is not None:
            made.used.add(path)
            yield from made.files.documents(path)
        return
    yield from embedded(value).roots


def _patched(made: Build, path: str, select: Selector | None, patch: Value[Any], objects: list[Manifest]) -> list[Manifest]:
    is_list = isinstance(patch, Known) and isinstance(patch.value, Members)
    chosen = select or selector_of_object(patch)
    if is_list and select is None:
        return objects
    kept: list[Manifest] = []
    for each in objects:
        if not chosen.fits(each):
            kept.append(each)
            continue
        after = json_patch(each, patch) if is_list else strategic(each, patch)
        if after is not None:
            kept.append(after)
        elif is_list:
            made.say(path, "a JSON patch with other operations than add, replace and remove is not applied", each.span)
            kept.append(each)
    return kept


def _replacements(made: Build, root: Value[Any], directory: str) -> Iterator[Value[Any]]:
    for each in elements(inside(root, "replacements")):
        path = text(inside(each, "path"))
        here = inside_tree(directory, path) if path is not None else None
        if here is None:
            yield each
            continue
        made.used.add(here)
        for document in made.files.documents(here):
            yield from elements(document) if isinstance(document, Known) and isinstance(document.value, Members) else (document,)


def _replaced(replacement: Value[Any], objects: list[Manifest]) -> list[Manifest]:
    """Return objects in which the targets of a replacement are not known: where their values come from is not followed."""
    why = Unknown(Reason.FUNCTION_NOT_EVALUATED, "a replacement of a kustomization", replacement.origin)
    for target in elements(inside(replacement, "targets")):
        select = selector_of(inside(target, "select"))
        paths = [written for each in elements(inside(target, "fieldPaths")) if (written := text(each))]
        objects = [_doubted(each, paths, why) if select.fits(each) else each for each in objects]
    return objects


def _doubted(manifest: Manifest, paths: Sequence[str], why: Unknown) -> Manifest:
    for path in paths:
        manifest = doubtful(manifest, path, why)
    return manifest


def _placed(root: Value[Any], manifest: Manifest) -> Manifest:
    """Return an object with the namespace, the affixes, the labels and the annotations that a kustomization gives."""
    namespace = text(inside(root, "namespace"))
    metadata: dict[str, Value[Any]] = {}
    if namespace and manifest.namespace != "_" and manifest.kind not in CLUSTER_SCOPED:
        metadata["namespace"] = inside(root, "namespace")
        manifest = replace(manifest, namespace=namespace)
    if manifest.group == VELERO_GROUP:
        # Kustomize follows references to the names of other kinds, on which nothing here depends.
        affixed = f"{text(inside(root, 'namePrefix')) or ''}{manifest.name}{text(inside(root, 'nameSuffix')) or ''}"
        if affixed != manifest.name:
            metadata["name"] = Known(affixed, Derived("namePrefix and nameSuffix", (Written(manifest.span),)))
            manifest = replace(manifest, name=affixed)
    for key, given in (("labels", _labels(root)), ("annotations", dict(entries(inside(root, "commonAnnotations"))))):
        if given:
            metadata[key] = Known(Object({**dict(entries(inside(manifest.value, "metadata", key))), **given}), root.origin)
    if not metadata:
        return manifest
    before = inside(manifest.value, "metadata")
    fields = {**dict(entries(before)), **metadata}
    return replace(manifest, root=replace(manifest.root, fields={**manifest.root.fields, "metadata": Known(Object(fields), before.origin)}))


def _labels(root: Value[Any]) -> dict[str, Value[Any]]:
    found = {key: strings(value) for key, value in entries(inside(root, "commonLabels"))}
    for each in elements(inside(root, "labels")):
        found.update({key: strings(value) for key, value in entries(inside(each, "pairs"))})
    return found
