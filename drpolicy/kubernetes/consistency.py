"""Whether a database is brought to rest before Velero takes its volumes: hooks of the backup, and hooks in annotations of the pods.

Hooks: velero.io docs, "Backup Hooks" (v1.18, read 2026-11). A dump that another job makes is something else, and may do as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from drpolicy.catalog.operators import database_images
from drpolicy.kubernetes.coverage import listed
from drpolicy.kubernetes.kinds import kind_of
from drpolicy.kubernetes.navigation import elements, entries, inside, strings, text, texts
from drpolicy.kubernetes.scalar_text import scalar_text
from drpolicy.kubernetes.velero import BackupSpec
from drpolicy.kubernetes.workloads import containers, pod_template
from drpolicy.model.patterns import deferred
from drpolicy.model.provenance import Derived, Written
from drpolicy.model.reasons import Reason
from drpolicy.model.resources import Resource
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Members, Object, Unknown, Value

_COMMAND: Final = "pre.hook.backup.velero.io/command"
_DUMP: Final = deferred(r"\b(?:pg_dump(?:all)?|pg_basebackup|mysqldump|mariadb-dump|mariabackup|xtrabackup|mongodump|\w*-?dump\w*)\b")
_DEPTH: Final = 12


def engine_of(workload: Resource) -> str:
    """Return the database engine that a workload runs, by its images; empty when it runs none that is known."""
    for container in containers(workload, initial=False):
        image = text(inside(container, "image"))
        if image is not None:
            name = image.partition("@")[0].rpartition("/")[2].partition(":")[0]
            if name in database_images():
                return database_images()[name]
    return ""


def dumped_by(workloads: Sequence[Resource]) -> Resource | None:
    """Return a job among the workloads that speaks of dumping a database."""
    for workload in workloads:
        if kind_of(workload) in {"CronJob", "Job"}:
            for container in containers(workload):
                words = [inside(container, "image"), *(each for key in ("command", "args") for each in elements(inside(container, key)))]
                if any((scalar := scalar_text(strings(each))) is not None and _DUMP.search(scalar.text) for each in words):
                    return workload
    return None


def at_rest(spec: BackupSpec, namespace: str, databases: Sequence[Resource], dump: Resource | None) -> Value[bool]:
    """Decide whether a backup takes the databases of a namespace at rest: with a hook before it for each of them.

    ``databases`` are workloads that run an engine, or objects that ask an operator for one.
    """
    for database in databases:
        hooked, origin = _hooked(spec, namespace, database)
        header = Written(database.span)
        if hooked is Truth.UNKNOWN:
            why = f"whether a hook of the backup brings {database.address} to rest"
            return Unknown(Reason.OUTSIDE_SCOPE, why, origin.origin if origin is not None else header)
        if hooked is Truth.FALSE and dump is not None:
            return Unknown(Reason.NOT_OBSERVED, f"whether {dump.address} dumps {database.address} in time", Written(dump.span))
        if hooked is Truth.FALSE:
            return Known(False, Derived(f"{database.address} runs on while its volumes are taken: no hook stops it", (header,)))
    return Known(True, Derived("hooks bring the databases to rest", tuple(Written(each.span) for each in databases)))


def _hooked(spec: BackupSpec, namespace: str, database: Resource) -> tuple[Truth, Value[Any] | None]:
    pod = pod_template(database)
    root = database.get() if isinstance(pod, Absent) else pod
    found = _annotated(root, 0)
    if found is not Truth.FALSE:
        return found, root
    if isinstance(spec.hooks, Unknown):
        return Truth.UNKNOWN, spec.hooks
    result = Truth.FALSE
    for hook in elements(inside(spec.hooks, "resources")):
        given = inside(hook, "pre")
        if isinstance(given, Absent) or (isinstance(given, Known) and isinstance(given.value, Members) and not given.value.elements):
            continue
        included, excluded = texts(inside(hook, "includedNamespaces")), texts(inside(hook, "excludedNamespaces"))
        here = Truth.TRUE if included.certain and not included.elements else listed(included, namespace)[0]
        result = result | (here & ~listed(excluded, namespace)[0] & selected(hook, database, pod))
        if result is Truth.TRUE:
            return result, hook
    return result, spec.hooks


def selected(hook: Value[Any], database: Resource, pod: Value[Any]) -> Truth:
    """Whether the selector of a hook takes the pods of a database; the labels of what an operator makes are not known."""
    selector = inside(hook, "labelSelector")
    if isinstance(selector, Absent):
        return Truth.TRUE
    if isinstance(pod, Absent) or isinstance(selector, Unknown) or not isinstance(inside(selector, "matchExpressions"), Absent):
        return Truth.UNKNOWN
    result = Truth.TRUE
    for name, value in entries(inside(selector, "matchLabels")):
        own = strings(inside(pod, "metadata", "labels", name))
        wanted = strings(value)
        if isinstance(own, Known) and isinstance(wanted, Known):
            result = result & Truth.of(own.value == wanted.value)
        else:
            result = result & (Truth.FALSE if isinstance(own, Absent) else Truth.UNKNOWN)
    return result


def _annotated(value: Value[Any], depth: int) -> Truth:
    """Whether the annotation of a hook stands anywhere in an object: operators hand on annotations from places of their own."""
    if not isinstance(value, Known) or depth > _DEPTH:
        return Truth.FALSE
    if isinstance(value.value, Object):
        fields = value.value.fields
        if _COMMAND in fields:
            return Truth.FALSE if isinstance(fields[_COMMAND], Absent) else Truth.TRUE
        inner = Truth.FALSE if value.value.rest is None or depth == 0 else Truth.UNKNOWN
        for each in fields.values():
            inner = inner | _annotated(each, depth + 1)
        return inner
    found = Truth.FALSE
    for element in elements(value):
        found = found | _annotated(element, depth + 1)
    return found
