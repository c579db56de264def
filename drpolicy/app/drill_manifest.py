"""``drpolicy drill manifest``: the restore test of a namespace as a CronJob, with the permissions that it needs and no others."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from drpolicy.app.check import estate_of
from drpolicy.app.reading import Read
from drpolicy.app.runbook_draft import service_named
from drpolicy.app.settings import Settings
from drpolicy.catalog.load import built_in_catalog
from drpolicy.kubernetes.kinds import kind_of, namespace_of
from drpolicy.model.clusters import Schedule
from drpolicy.model.estate import Estate
from drpolicy.model.patterns import deferred
from drpolicy.model.records import dataclass
from drpolicy.model.schedules import fires, parse_kubernetes
from drpolicy.model.services import Service
from drpolicy.model.stores import Store
from drpolicy.model.truth import Truth
from drpolicy.model.values import Known
from drpolicy.recovery.logic import truth_of
from drpolicy.recovery.steps import drilled_schedule

SCRIPT: Final = Path(__file__).with_name("restore_test.sh")
IMAGE: Final = "alpine/k8s:1.31.4"
"""Holds bash, kubectl and core utilities (README of alpine-docker/k8s, 2026-11); the manifest says so where it is replaced."""
_VELERO: Final = "velero"
_NAME = deferred(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?")


class NoDrill(Exception):
    """Nothing can be generated; the message says why."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for beyond what the estate says."""

    schedule: str = "0 3 1 * *"
    image: str = IMAGE
    data_check: str = ""


def manifest(name: str, wanted: Wanted, settings: Settings, found: Read) -> str:
    """Return the manifests of the restore tests of a service, one for each of its namespaces. Raises NoSuchService and NoDrill."""
    _check_schedule(wanted.schedule)
    estate = estate_of(settings, found)
    service = service_named(name, estate)
    namespaces = [store for store in service.stores if store.kind == "namespace"]
    if not namespaces:
        raise NoDrill(f"{name} claims no namespace: drpolicy drill plan --service {name} says how its other stores are restored")
    return "".join(_of_namespace(service, store, wanted, estate) for store in namespaces)


def _check_schedule(schedule: str) -> None:
    """Raise NoDrill for a schedule that Kubernetes refuses, and for one that never fires."""
    try:
        recurrence = parse_kubernetes(schedule)
    except ValueError as problem:
        raise NoDrill(f"--schedule: {problem}") from None
    if not fires(recurrence):
        raise NoDrill(f"--schedule: {schedule!r} never fires: no month has that day")


def _of_namespace(service: Service, store: Store, wanted: Wanted, estate: Estate) -> str:
    namespace = store.address.rpartition("/")[2]
    schedule = _schedule(store, estate)
    workloads = _workloads(store.deployment, namespace, estate)
    names = (namespace, service.name, schedule, *workloads)
    bad = next((each for each in names if _NAME.fullmatch(each.rpartition("/")[2]) is None), None)
    if bad is not None:
        raise NoDrill(f"{bad!r} is no name that Kubernetes takes")
    target = f"drill-{namespace}"[:40].rstrip("-.")
    variables = {
        "SERVICE": service.name,
        "STORE": store.key,
        "CLUSTER": store.deployment,
        "VELERO": _VELERO,
        "SCHEDULE": schedule,
        "NAMESPACE": namespace,
        "TARGET": target,
        "WORKLOADS": " ".join(workloads),
        "DATA_CHECK": wanted.data_check,
        "LIMIT": "60m",
    }
    return "\n".join(_lines(f"restore-test-{namespace}"[:52].rstrip("-."), target, store, wanted, variables)) + "\n"


def _schedule(store: Store, estate: Estate) -> str:
    """Return the Velero schedule that a drill plan restores from, else the one that captures the namespace most often."""
    found: list[Schedule] = [
        each for each in estate.schedules if each.kind == "velero" and store.key in each.stores and truth_of(each.paused) is not Truth.TRUE
    ]
    chosen = drilled_schedule(store, estate, built_in_catalog())
    found.sort(key=lambda each: (each.name != chosen, each.gap.value.seconds if isinstance(each.gap, Known) else float("inf"), each.name))
    if not found:
        raise NoDrill(f"no Velero schedule that was read backs up {store.name}")
    return found[0].name


def _workloads(cluster: str, namespace: str, estate: Estate) -> list[str]:
    """Return what has to run after the restore; what holds the data comes first."""
    kinds = ("StatefulSet", "Deployment")
    found = [
        (kinds.index(kind_of(each)), f"{kind_of(each).lower()}/{each.name}")
        for each in estate.resources
        if each.deployment == cluster and kind_of(each) in kinds and each.type.startswith("apps/") and namespace_of(each) == namespace
    ]
    if not found:
        raise NoDrill(f"nothing that was read runs in namespace {namespace} of {cluster}, so nothing could be seen to start")
    return [name for _, name in sorted(found)]


def _lines(name: str, target: str, store: Store, wanted: Wanted, variables: dict[str, str]) -> Iterator[str]:
    yield f"# Restore test of {store.name}: apply it where Velero reads the backups and production does not run."
    yield "# Its record is a ConfigMap beside it: commit evidence.yaml of it, so that drpolicy counts it."
    yield from ("---", "apiVersion: v1", "kind: ServiceAccount", f"metadata: {{name: {name}, namespace: {_VELERO}}}")
    yield from _role("Role", name, _OWN)
    yield from _role("ClusterRole", name, _everywhere(target))
    yield from ("---", "apiVersion: batch/v1", "kind: CronJob", f"metadata: {{name: {name}, namespace: {_VELERO}}}", "spec:")
    yield f"  schedule: {json.dumps(wanted.schedule)}"
    yield from ("  timeZone: Etc/UTC", "  concurrencyPolicy: Forbid", "  jobTemplate:", "    spec:", "      backoffLimit: 0")
    yield from ("      activeDeadlineSeconds: 14400", "      template:", "        metadata:", "          annotations:")
    yield '            drpolicy.dev/image-tools: "bash, kubectl"  # what another image has to hold'
    yield from ("        spec:", "          restartPolicy: Never", f"          serviceAccountName: {name}")
    yield from ("          terminationGracePeriodSeconds: 1800", "          containers:", "            - name: restore-test")
    yield f"              image: {json.dumps(wanted.image)}"
    yield "              env:"
    for key, value in variables.items():
        yield f"                - {{name: {key}, value: {json.dumps(_literal(value))}}}"
    yield from ('              command: ["/bin/bash", "-c"]', "              args:", "                - |")
    for line in SCRIPT.read_text("utf-8").splitlines():
        yield f"                  {line}" if line else ""


def _literal(value: str) -> str:
    """Return a value in which Kubernetes expands nothing (Define Dependent Environment Variables, 2026-11)."""
    return value.replace("$", "$$")


_Rule = tuple[str, str, str, str]
_OWN: Final[Sequence[_Rule]] = (
    ("velero.io", "backups", "", "get, list"),
    ("velero.io", "restores", "", "create, get, list, watch, delete"),
    ("", "configmaps", "", "create"),
)


def _everywhere(target: str) -> Sequence[_Rule]:
    """Return what it may do outside Velero's namespace. Which namespace is created cannot be narrowed; which is deleted is."""
    return (
        ("", "namespaces", "", "create"),
        ("", "namespaces", target, "get, delete"),
        ("", "namespaces", "", "list, watch"),
        ("networking.k8s.io", "networkpolicies", "", "create"),
        ("apps", "deployments, statefulsets", "", "get, list, watch"),
        ("", "pods, persistentvolumeclaims", "", "get, list, watch"),
        ("", "pods/exec", "", "create, get"),
    )


def _role(kind: str, name: str, rules: Sequence[_Rule]) -> Iterator[str]:
    where = f", namespace: {_VELERO}" if kind == "Role" else ""
    yield from ("---", "apiVersion: rbac.authorization.k8s.io/v1", f"kind: {kind}", f"metadata: {{name: {name}{where}}}", "rules:")
    for group, resources, only, verbs in rules:
        names = f", resourceNames: [{only}]" if only else ""
        yield f'  - {{apiGroups: ["{group}"], resources: [{resources}]{names}, verbs: [{verbs}]}}'
    yield from ("---", "apiVersion: rbac.authorization.k8s.io/v1", f"kind: {kind}Binding", f"metadata: {{name: {name}{where}}}")
    yield f"roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: {kind}, name: {name}}}"
    yield f"subjects: [{{kind: ServiceAccount, name: {name}, namespace: {_VELERO}}}]"
