"""What tags of stores, and annotations and labels of namespaces and workloads, say of the services that live there.

Which ones count is in drpolicy.yaml. A namespace speaks for whoever is alone in it; a workload only for the service whose name it has.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, Protocol

from drpolicy.kubernetes.kinds import kind_of, namespace_of, pod_path
from drpolicy.kubernetes.navigation import strings
from drpolicy.model.records import dataclass, field, replace
from drpolicy.model.resources import Resource
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Object, Unknown, Value
from drpolicy.recovery.velero_targets import absence_of

SAYS: Final = ("owner", "tier", "rto", "rpo")
"""What can be said."""

_PART_OF: Final = ("app.kubernetes.io/part-of", "app.kubernetes.io/name")
"""Labels that name what a workload belongs to (Kubernetes documentation, Recommended Labels, 2026-11)."""


@dataclass(frozen=True, slots=True, eq=False)
class LabelNames:
    """The names that say something; the first one that is there counts. ``disruption`` is what an RTO or RPO among them speaks of."""

    names: Mapping[str, Sequence[str]] = field(default_factory=dict)
    disruption: str = ""

    def of(self, says: str) -> Sequence[str]:
        return self.names.get(says, ())

    def __bool__(self) -> bool:
        return any(self.names.values())


@dataclass(frozen=True, slots=True, eq=False)
class Label:
    """One thing that is said: by which name, on what, and for which disruption. An Unknown may also be that nothing is said."""

    kind: str
    """``tag``, ``annotation`` or ``label``."""
    says: str
    name: str
    holder: str
    value: Value[str]
    disruption: str = ""

    @property
    def text(self) -> str:
        return f"{self.kind} {self.name} of {self.holder}"


class Labelled(Protocol):
    """A store, before or after it is one."""

    @property
    def key(self) -> str: ...
    @property
    def address(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def attributes(self) -> Object: ...


def tags_of_store(store: Labelled, names: LabelNames) -> Iterator[Label]:
    """Yield what the tags of a store say; what is not known of its tags stands for each of them."""
    for says in SAYS:
        for attribute in ("tags_all", "tags") if names.of(says) else ():
            found = _first("tag", says, store.address, store.attributes.fields.get(attribute), names)
            if found is not None:
                yield found
                break


def annotations_of_namespace(objects: Iterable[Resource], service: str, alone: bool, names: LabelNames) -> Iterator[Label]:
    """Yield what the objects of a namespace say of a service; ``alone``: no other service claims the namespace."""
    for resource in objects:
        if (alone and resource.type == "v1/Namespace") or (pod_path(resource) is not None and _belongs(resource, service)):
            holder = f"{kind_of(resource)} {resource.name}"
            for says in SAYS:
                for kind, path in _written(resource) if names.of(says) else ():
                    found = _first(kind, says, holder, resource.get(*path), names)
                    if found is not None:
                        yield found if resource.presence is Truth.TRUE else _doubted(found, absence_of(resource))
                        break


def _doubted(label: Label, why: Unknown) -> Label:
    """Return what is said on something that may not be there, so that nothing may be said: ``why`` is what has to be settled."""
    if not isinstance(label.value, Known):
        return label
    return replace(label, value=Unknown(why.reason, f"{why.symbol}: {label.text}", label.value.origin, root=why.cause))


def _written(resource: Resource) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield where annotations and labels of an object are: its own, then those of its pods."""
    pod = pod_path(resource) or ()
    for path in ((), pod) if pod else ((),):
        yield from (("annotation", (*path, "metadata", "annotations")), ("label", (*path, "metadata", "labels")))


def _belongs(workload: Resource, service: str) -> bool:
    labels = [workload.get(*path, name) for kind, path in _written(workload) if kind == "label" for name in _PART_OF]
    return workload.name == service or any(isinstance(each, Known) and each.value == service for each in labels)


def _first(kind: str, says: str, holder: str, written: Value[Any] | None, names: LabelNames) -> Label | None:
    """Return the first of the names that is there; one that may be there comes before one that is."""
    wanted = names.of(says)
    if isinstance(written, Unknown):
        # What a whole map is says nothing of one name in it.
        why = replace(written, symbol=f"{written.symbol}[{wanted[0]}]", target=None, among=(), parts=(), root=written.cause)
        return Label(kind, says, wanted[0], holder, why, names.disruption)
    if not isinstance(written, Known) or not isinstance(written.value, Object):
        return None
    for name in wanted:
        value = written.value.get(name, written.origin)
        if not isinstance(value, Absent):
            return Label(kind, says, name, holder, strings(value), names.disruption)
    return None


def namespace_objects(resources: Iterable[Resource]) -> Mapping[str, Sequence[Resource]]:
    """Return the namespace objects and workloads of each namespace, by the key that its volumes have as a store."""
    found: dict[str, list[Resource]] = defaultdict(list)
    for each in resources:
        if each.type == "v1/Namespace":
            found[f"{each.deployment}//Namespace/_/{each.name}"].append(each)
        elif each.channel == "manifest" and pod_path(each) is not None:
            found[f"{each.deployment}//Namespace/_/{namespace_of(each)}"].append(each)
    return found


def labels_by_service(
    claimed: Mapping[str, Sequence[str]],
    stores: Mapping[str, Labelled],
    resources: Iterable[Resource],
    tags: LabelNames,
    annotations: LabelNames,
    uncertain: Mapping[str, Unknown],
) -> Mapping[str, tuple[Label, ...]]:
    """Return what is said of each service; ``claimed`` are the keys of its stores, ``uncertain`` says why one may not be there."""
    objects = namespace_objects(resources) if annotations else {}
    claims: dict[str, int] = defaultdict(int)
    for keys in claimed.values():
        for key in set(keys):
            claims[key] += 1
    return {
        name: tuple(
            _of_service(name, [stores[key] for key in dict.fromkeys(keys) if key in stores], objects, claims, tags, annotations, uncertain)
        )
        for name, keys in claimed.items()
    }


def _of_service(
    name: str,
    stores: Sequence[Labelled],
    objects: Mapping[str, Sequence[Resource]],
    claims: Mapping[str, int],
    tags: LabelNames,
    annotations: LabelNames,
    uncertain: Mapping[str, Unknown],
) -> Iterator[Label]:
    for store in stores:
        why = uncertain.get(store.key)
        for label in tags_of_store(store, tags):
            yield label if why is None else _doubted(label, why)
        if store.kind == "namespace":
            yield from annotations_of_namespace(objects.get(store.key, ()), name, claims[store.key] == 1, annotations)
