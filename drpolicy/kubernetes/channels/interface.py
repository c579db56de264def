"""What a channel is: it takes one thing that people write, and gives the objects that reach a cluster because of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol, TypeAlias

from drpolicy.kubernetes.clusters import NotRead
from drpolicy.kubernetes.objects import Manifest
from drpolicy.model.reasons import Reason
from drpolicy.model.records import dataclass
from drpolicy.model.resources import Applier, Resource
from drpolicy.model.spans import Span
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Unknown, Value
from drpolicy.sources.documents import Document


class Files(Protocol):
    """What a channel may look up beside what it reads. Nothing here raises on bad input."""

    def values(self, path: str, user: Value[Any]) -> Value[Any]:
        """Return what a YAML file of values holds; Unknown, at the place that names it, when it cannot be read."""
        ...

    def chart_values(self, directory: str) -> tuple[str, Value[Any]] | None:
        """Return the name and the values of the chart in a directory; ``None`` when there is none. One around Velero's has no name."""
        ...

    def documents(self, path: str) -> Sequence[Value[Any]]:
        """Return the roots of the documents in a YAML file, whatever they are; none when it cannot be read."""
        ...

    def parsed(self, path: str) -> Sequence[Document]:
        """Return the documents of a YAML file of Kubernetes objects; none when it cannot be read."""
        ...

    def text(self, path: str, user: Value[Any]) -> Value[str]:
        """Return the text of a file; Unknown, at the place that names it, when it cannot be read."""
        ...

    def note_use(self, value: Value[Any]) -> None:
        """Keep in mind that a text is values of a release; when it is a whole file, that file is nothing by itself."""
        ...

    def known(self, path: str) -> bool:
        """Whether the tree has a file of that path."""
        ...

    def holds(self, directory: str) -> bool:
        """Whether the tree has a directory."""
        ...

    def chart_of(self, path: str) -> str | None:
        """Return the directory of the chart that a file belongs to: the nearest above it, at most three levels."""
        ...

    def chart_version(self, directory: str | None) -> Value[str] | None:
        """Return the version of Velero's chart that the chart in a directory is, or takes along; ``None`` when it does not say."""
        ...

    def takes_velero(self, directory: str) -> bool:
        """Whether the chart in a directory names Velero's among its dependencies."""
        ...

    def configuration(self, home: str, namespace: str, name: str) -> Manifest | None:
        """Return the ConfigMap of that name that goes to the same cluster as ``home``."""
        ...

    def chart_source(self, home: str, kind: str, namespace: str, name: str) -> Manifest | None:
        """Return the object of Flux that says where a chart is, and goes to the same cluster as ``home``."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Release:
    """Velero's chart, or one that may hold it, with the values it is installed with.

    ``chart`` is the chart's name, empty when it is not known. ``partial``: the values are some of several, so that what they leave out
    may be given elsewhere. ``what`` names the release for a reader. ``version`` is that of Velero's chart, as it is written: a number or
    a range; Absent where the newest one is taken, ``None`` where what was read does not say. ``placed``: the files say its namespace.
    """

    what: str
    name: str
    namespace: str
    chart: str
    values: Value[Any]
    home: str
    span: Span
    extent: Span
    presence: Truth = Truth.TRUE
    why: Unknown | None = None
    partial: bool = False
    version: Value[str] | None = None
    placed: bool = True
    applied_by: tuple[Applier, ...] = ()


Found: TypeAlias = Manifest | Release | NotRead
ObjectChannel: TypeAlias = Callable[[Manifest, Files], Iterator[Found]]
ResourceChannel: TypeAlias = Callable[[Resource, str, Files], Iterator[Found]]
FileShape: TypeAlias = Callable[[Value[Any]], bool]
FileChannel: TypeAlias = Callable[[str, Value[Any], Span, Files], Iterator[Found]]


def suspended(what: str, value: Value[Any]) -> tuple[Truth, Unknown | None]:
    """Return the presence of what is written and, while this is set, not applied: the cluster has an earlier state."""
    if isinstance(value, Absent) or (isinstance(value, Known) and value.value is not True):
        return Truth.TRUE, None
    if isinstance(value, Unknown):
        return Truth.UNKNOWN, value
    return Truth.UNKNOWN, Unknown(Reason.OUTSIDE_SCOPE, f"{what} is suspended, so its files are not applied", value.origin)
