"""The files of the repository as channels look them up: values files, charts, ConfigMaps."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from drpolicy.kubernetes.channels.flux_charts import GROUP, KINDS
from drpolicy.kubernetes.channels.helm_values import merged
from drpolicy.kubernetes.navigation import elements, inside, strings, text
from drpolicy.kubernetes.objects import Manifest, worth_reading
from drpolicy.model.provenance import Written, written_at
from drpolicy.model.reasons import Reason
from drpolicy.model.records import dataclass, field
from drpolicy.model.spans import Source, Span
from drpolicy.model.values import Absent, Known, Object, Unknown, Value
from drpolicy.sources.documents import Document, Documents
from drpolicy.sources.reading import Sources

_CHART_NAMES = ("Chart.yaml", "Chart.yml")
_VALUES_NAMES = ("values.yaml", "values.yml")


@dataclass(slots=True)
class Repository:
    """The files of a tree, each read once. ``used`` are the paths that something named."""

    sources: Sources
    used: set[str] = field(default_factory=set)
    _sources: dict[str, Source | None] = field(default_factory=dict)
    """By path, those that are not there too."""
    _documents: dict[str, tuple[Value[Any], ...]] = field(default_factory=dict)
    _charts: dict[str, tuple[str, Value[Any]] | None] = field(default_factory=dict)
    _noted: dict[tuple[str, str, str], list[Manifest]] = field(default_factory=dict)
    """By kind, namespace and name."""

    def values(self, path: str, user: Value[Any]) -> Value[Any]:
        """Return what a YAML file of values holds; Unknown, at the place that names it, when it cannot be read."""
        self.used.add(path)
        roots = self.documents(path)
        if len(roots) == 1 and not self._broken(path):
            return roots[0]
        source = self._source(path)
        if source is not None and not roots and not self._broken(path):
            return Known(Object({}), Written(Span(source, 0, 0)))
        reason = Reason.OUTSIDE_SCOPE if source is None else Reason.FILE_UNREADABLE
        return Unknown(reason, f"values file {path}", user.origin)

    def _broken(self, path: str) -> bool:
        return any(isinstance(root, Unknown) and root.reason is Reason.FILE_UNREADABLE for root in self.documents(path))

    def documents(self, path: str) -> Sequence[Value[Any]]:
        """Return the roots of the documents in a YAML file, whatever they are; none when it cannot be read."""
        if path not in self._documents:
            source = self._source(path)
            roots: tuple[Value[Any], ...] = ()
            if source is not None:
                found = _parsed(source)
                broken = Unknown(Reason.FILE_UNREADABLE, f"file {path}", Written(Span(source, 0, 0)))
                roots = (*(document.root for document in found), *((broken,) if found.problems and _fatal(found) else ()))
            self._documents[path] = roots
        return self._documents[path]

    def parsed(self, path: str) -> Sequence[Document]:
        """Return the documents of a YAML file of Kubernetes objects; none when it cannot be read."""
        source = self._source(path)
        return () if source is None else _parsed(source, worth_reading).documents

    def text(self, path: str, user: Value[Any]) -> Value[str]:
        """Return the text of a file; Unknown, at the place that names it, when it cannot be read."""
        source = self._source(path)
        if source is None:
            return Unknown(Reason.OUTSIDE_SCOPE, f"file {path}", user.origin)
        return Known(source.text, Written(Span(source, 0, len(source.text))))

    def known(self, path: str) -> bool:
        """Whether the tree has a file of that path."""
        return self._source(path) is not None

    def holds(self, directory: str) -> bool:
        """Whether the tree has a directory."""
        return self.sources.tree.exists(directory)

    def chart_values(self, directory: str) -> tuple[str, Value[Any]] | None:
        """Return the name and the values of the chart in a directory; ``None`` when there is none. One around Velero's has no name."""
        if directory not in self._charts:
            self._charts[directory] = self._chart(directory)
        return self._charts[directory]

    def _chart(self, directory: str) -> tuple[str, Value[Any]] | None:
        for name in _CHART_NAMES:
            roots = self.documents(posixpath.join(directory, name)) if self.sources.tree.exists(posixpath.join(directory, name)) else ()
            if not roots:
                continue
            # A chart around Velero's is not Velero's, even if it has its name.
            called = "" if self.takes_velero(directory) else text(inside(roots[0], "name")) or posixpath.basename(directory)
            below: Value[Any] = Absent(roots[0].origin)
            for values in _VALUES_NAMES:
                path = posixpath.join(directory, values)
                if self.sources.tree.exists(path):
                    below = merged(below, self.values(path, Absent(roots[0].origin)))
            return called, below
        return None

    def chart_of(self, path: str) -> str | None:
        """Return the directory of the chart that a file belongs to: the nearest above it, at most three levels."""
        directory = posixpath.dirname(path)
        for _ in range(3):
            if self.chart_values(directory) is not None:
                return directory
            if not directory:
                return None
            directory = posixpath.dirname(directory)
        return None

    def takes_velero(self, directory: str) -> bool:
        """Whether the chart in a directory names Velero's among its dependencies."""
        return any(True for root in self._chart_roots(directory) for _ in _dependencies(root))

    def chart_version(self, directory: str | None) -> Value[str] | None:
        """Return the version of Velero's chart that the chart in a directory is, or takes along; ``None`` when it does not say."""
        for root in self._chart_roots(directory) if directory is not None else ():
            for dependency in _dependencies(root):
                return strings(inside(dependency, "version"))
            if text(inside(root, "name")) == "velero":
                return strings(inside(root, "version"))
        return None

    def _chart_roots(self, directory: str) -> Iterator[Value[Any]]:
        for name in _CHART_NAMES:
            path = posixpath.join(directory, name)
            if self.sources.tree.exists(path):
                yield from self.documents(path)

    def note(self, manifest: Manifest) -> None:
        """Keep a ConfigMap for those that take values from it, and what says where a chart is for those that install it."""
        if manifest.kind == "ConfigMap" or (manifest.group == GROUP and manifest.kind in KINDS):
            self._noted.setdefault((manifest.kind, manifest.namespace, manifest.name), []).append(manifest)

    def configuration(self, home: str, namespace: str, name: str) -> Manifest | None:
        """Return the ConfigMap of that name that goes to the same cluster as ``home``: of several, the nearest by its path."""
        return self._nearest(home, "ConfigMap", namespace, name)

    def chart_source(self, home: str, kind: str, namespace: str, name: str) -> Manifest | None:
        """Return the object of Flux that says where a chart is, and goes to the same cluster as ``home``."""
        return self._nearest(home, kind, namespace, name) if kind in KINDS else None

    def _nearest(self, home: str, kind: str, namespace: str, name: str) -> Manifest | None:
        candidates = self._noted.get((kind, namespace, name)) or self._noted.get((kind, "default", name)) or []
        if len(candidates) == 1:
            return candidates[0]
        return max(candidates, key=lambda each: len(posixpath.commonprefix((each.home, home))), default=None)

    def note_use(self, value: Value[Any]) -> None:
        """Keep in mind that a text is values of a release; when it is a whole file, that file is nothing by itself."""
        span = written_at(value.origin)
        if span is not None and span.offset == 0 and span.end_offset == len(span.source.text):
            self.used.add(span.path)

    def _source(self, path: str) -> Source | None:
        if path not in self._sources:
            self._sources[path] = self.sources.find(path)
        return self._sources[path]


def _dependencies(root: Value[Any]) -> Iterator[Value[Any]]:
    """Yield where a chart names Velero's among its dependencies."""
    return (each for each in elements(inside(root, "dependencies")) if text(inside(each, "name")) == "velero")


def _parsed(source: Source, wanted: Callable[[str], bool] | None = None) -> Documents:
    from drpolicy.sources.yaml_documents import documents

    return documents(source, wanted=wanted)


def _fatal(found: Documents) -> bool:
    return any(problem.code not in {"yaml-duplicate-key", "json-duplicate-key"} for problem in found.problems)
