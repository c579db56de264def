"""Whether the hooks of a backup meet what they are for: a namespace that it takes along, and a container of the pods they select.

A container that a pod does not have makes the hook fail, and the backup with it unless it is told to go on
(pkg/podexec/pod_command_executor.go, ensureContainerExists, read 2026-11). Hooks in the annotations of a pod come before those of a
backup (internal/hook/item_hook_handler.go).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from drpolicy.kubernetes.consistency import selected
from drpolicy.kubernetes.coverage import captures, listed
from drpolicy.kubernetes.kinds import kind_of, namespace_of
from drpolicy.kubernetes.navigation import elements, entries, inside, strings, text, texts
from drpolicy.kubernetes.velero import BackupSpec, VeleroSchedule
from drpolicy.kubernetes.workloads import NamespaceData, containers, pod_template
from drpolicy.model.agreements import NOT_COMPARED, Agreement
from drpolicy.model.provenance import Written
from drpolicy.model.reasons import Reason
from drpolicy.model.resources import Resource
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Members, Unknown, Value
from drpolicy.recovery.contradictions import Side, comparison

_RUNNING: Final = frozenset({"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Pod"})
"""Kinds whose pods run while a backup is made; those of a job may have ended, and then no hook is run in them."""
_PHASES: Final = ("pre", "post")
_OLD_PREFIX: Final = "hook.backup.velero.io/"


def hooks_fit(schedule: VeleroSchedule, namespaces: Sequence[NamespaceData]) -> Agreement:
    """Hold the hooks of a schedule against the namespaces that it takes along and the workloads in them."""
    spec = schedule.template
    here = [each for each in namespaces if each.cluster == schedule.cluster]
    found: list[Side | Unknown | None] = [spec.hooks] if isinstance(spec.hooks, Unknown) else []
    for number, hook in enumerate(elements(inside(spec.hooks, "resources"))):
        if any(isinstance(inside(hook, phase), Known | Unknown) for phase in _PHASES):
            found.extend(_elsewhere(spec, hook, number))
            found.extend(_misnamed(spec, hook, number, here))
    for data in here:
        taken = captures(spec, data.name, data.labels).truth
        found.extend(_met(workload, name, "the annotation of its pods", taken) for workload, name in _annotated(data))
    if not found:
        return NOT_COMPARED
    unknown = next((each for each in found if isinstance(each, Unknown)), None)
    return comparison(
        "the hooks meet what they are for", [each for each in found if isinstance(each, Side)], unknown, Written(schedule.span)
    )


def _label(hook: Value[Any], number: int) -> str:
    return f"hook {text(inside(hook, 'name')) or number + 1}"


def _elsewhere(spec: BackupSpec, hook: Value[Any], number: int) -> Iterator[Side]:
    """Yield that all the namespaces of a hook are ones that the backup leaves out."""
    named = inside(hook, "includedNamespaces")
    members = texts(named)
    if not members.certain or not members.elements:
        return
    outside = [_left_out(spec, each) for each in members]
    names = ", ".join(each.value for each in members if isinstance(each, Known))
    if all(outside):
        yield Side(f"{_label(hook, number)} is for {names}, which the backup leaves out", (named.origin,))


def _left_out(spec: BackupSpec, name: Value[str]) -> bool:
    plain = isinstance(name, Known) and not set("*?[") & set(name.value)
    return isinstance(name, Known) and plain and captures(spec, name.value).truth is Truth.FALSE


def _misnamed(spec: BackupSpec, hook: Value[Any], number: int, namespaces: Sequence[NamespaceData]) -> Iterator[Side | Unknown | None]:
    """Yield, for every workload that a hook selects or may select, what is wrong with its container, or not known, or nothing."""
    included, excluded = texts(inside(hook, "includedNamespaces")), texts(inside(hook, "excludedNamespaces"))
    for each in (each for phase in _PHASES for each in elements(inside(hook, phase))):
        container = strings(inside(each, "exec", "container"))
        if isinstance(container, Absent) or not _of_pods(hook):
            continue
        for data in namespaces:
            within = Truth.TRUE if included.certain and not included.elements else listed(included, data.name)[0]
            within = within & ~listed(excluded, data.name)[0] & captures(spec, data.name, data.labels).truth
            for workload in data.workloads:
                taken = within & selected(hook, workload, pod_template(workload))
                if kind_of(workload) in _RUNNING and taken is not Truth.FALSE:
                    yield _met(workload, container, _label(hook, number), taken)


def _of_pods(hook: Value[Any]) -> bool:
    """Whether a hook is for pods: without a list of kinds it is."""
    kinds = texts(inside(hook, "includedResources"))
    return not kinds.elements or any(isinstance(each, Known) and each.value in {"pods", "pod", "po", "*"} for each in kinds)


def _met(workload: Resource, container: Value[str], who: str, taken: Truth) -> Side | Unknown | None:
    """Return that a workload has no container of a name, why that is not known, or nothing; ``taken``: the hook runs in its pods."""
    if not isinstance(container, Known):
        return container if isinstance(container, Unknown) else None
    pod = pod_template(workload)
    names = [text(inside(each, "name")) for each in containers(workload, initial=False)]
    sidecars = [text(inside(each, "name")) for each in elements(inside(pod, "spec", "initContainers"))]
    if taken is Truth.FALSE or container.value in {*names, *sidecars}:
        return None
    where = f"{kind_of(workload)} {namespace_of(workload)}/{workload.name}"
    open_ = _open(pod, workload) or (workload.why if workload.presence is Truth.UNKNOWN else None)
    if open_ is not None or taken is Truth.UNKNOWN:
        return open_ or Unknown(Reason.OUTSIDE_SCOPE, f"whether {who} runs in {where}", container.origin)
    there = ", ".join(each for each in names if each)
    return Side(f"{who} runs in container {container.value} of {where}, which has {there}", (container.origin, Written(workload.span)))


def _open(pod: Value[Any], workload: Resource) -> Unknown | None:
    """Return why a pod may have containers beside those that are known: a sidecar that is injected is in no file."""
    for key in ("containers", "initContainers"):
        listing = inside(pod, "spec", key)
        if isinstance(listing, Unknown):
            return listing
        if isinstance(listing, Known) and isinstance(listing.value, Members):
            names = (name for each in listing.value if isinstance(name := inside(each, "name"), Unknown))
            doubts = (each.why for each in listing.value.elements if each.presence is Truth.UNKNOWN)
            unknown = listing.value.rest or next(doubts, None) or next(names, None)
            if unknown is not None:
                return unknown
    for value in (inside(pod, "metadata", "annotations"), inside(pod, "metadata", "labels")):
        if isinstance(value, Unknown):
            return value
        if any("inject" in name for name, _ in entries(value)):
            return Unknown(Reason.OUTSIDE_SCOPE, f"containers that are injected into {workload.address}", value.origin)
    return None


def _annotated(data: NamespaceData) -> Iterator[tuple[Resource, Value[str]]]:
    """Yield the containers that the annotations of pods name for hooks of a backup."""
    for workload in data.workloads:
        if kind_of(workload) in _RUNNING:
            for prefix in (*(f"{phase}.{_OLD_PREFIX}" for phase in _PHASES), _OLD_PREFIX):
                annotations = inside(pod_template(workload), "metadata", "annotations")
                container = strings(inside(annotations, f"{prefix}container"))
                command = inside(annotations, f"{prefix}command")
                if not isinstance(annotations, Unknown) and not isinstance(container, Absent) and not isinstance(command, Absent):
                    yield workload, container
