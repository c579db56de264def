"""Velero's command line in CronJobs and Jobs: what ``velero backup create``, ``schedule create`` and ``backup-location create`` make.

Commands and flags: velero 1.18, ``velero backup create --help`` and the others (velero.io docs, read 2026-11).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from drpolicy.kubernetes.kinds import kind_of, namespace_of
from drpolicy.kubernetes.navigation import inside, strings, text
from drpolicy.kubernetes.script_sources import ContainerScript, container_script
from drpolicy.kubernetes.shell_calls import Call, Options, options
from drpolicy.kubernetes.shell_tree import AndOr, Compound
from drpolicy.kubernetes.workloads import containers, pod_template
from drpolicy.model.provenance import Derived, Provenance, Written
from drpolicy.model.reasons import Reason
from drpolicy.model.resources import Resource
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Member, Members, Object, Unknown, Value

_JOBS: Final = frozenset({"batch/v1/Job", "batch/v1/CronJob", "batch/v1beta1/CronJob"})
_TEXTS: Final = {"--ttl": "ttl", "--storage-location": "storageLocation"}
_LISTS: Final = {
    "--include-namespaces": "includedNamespaces",
    "--exclude-namespaces": "excludedNamespaces",
    "--include-resources": "includedResources",
    "--exclude-resources": "excludedResources",
    "--volume-snapshot-locations": "volumeSnapshotLocations",
}
_FLAGS: Final = {
    "--snapshot-volumes": "snapshotVolumes",
    "--snapshot-move-data": "snapshotMoveData",
    "--default-volumes-to-fs-backup": "defaultVolumesToFsBackup",
    "--include-cluster-resources": "includeClusterResources",
}
_VERBS: Final = {("backup", "create"), ("create", "backup"), ("schedule", "create"), ("create", "schedule")}
_LOCATION: Final = {("backup-location", "create"), ("create", "backup-location")}


def velero_commands(resources: Sequence[Resource]) -> Iterator[Resource]:
    """Yield the Velero objects that the scripts of jobs make. A backup that a CronJob makes is a schedule: that of the CronJob."""
    maps = {(each.deployment, namespace_of(each), each.name): each for each in resources if each.type == "v1/ConfigMap"}
    for job in resources:
        if job.type not in _JOBS or job.channel != "manifest":
            continue
        pod = inside(pod_template(job), "spec")
        for container in containers(job):
            script = container_script(job, pod, container, maps)
            if script is not None and "velero" in script.program.script.text:
                for number, call in enumerate(script.program.calls):
                    yield from _made(job, script, call, number, resources)


def _made(job: Resource, script: ContainerScript, call: Call, number: int, resources: Sequence[Resource]) -> Iterator[Resource]:
    if call.name != "velero":
        return
    found = options(call.arguments)
    verbs = tuple(word.text for word in found.plain[:2])
    origin = Written(script.span(call.start, call.end))
    reader = _Flags(script, found, origin)
    if verbs in _LOCATION:
        yield _object(job, "BackupStorageLocation", _name(found, job.name), reader.location(), call, number, origin)
    elif verbs in _VERBS and "schedule" in verbs:
        fields = {"schedule": reader.text("--schedule"), "paused": reader.flag("--paused"), "template": reader.template(job, resources)}
        yield _object(job, "Schedule", _name(found, job.name), fields, call, number, origin)
    elif verbs in _VERBS and kind_of(job) == "CronJob":
        suspended = job.get("spec", "suspend")
        fields = {"schedule": _expression(job), "paused": suspended, "template": reader.template(job, resources)}
        yield _object(job, "Schedule", job.name, fields, call, number, origin)
    elif verbs in _VERBS:
        template = reader.template(job, resources)
        spec = dict(template.value.fields) if isinstance(template, Known) else {}
        yield _object(job, "Backup", _name(found, job.name), spec, call, number, origin)


def _name(found: Options, otherwise: str) -> str:
    name = found.plain[2] if len(found.plain) > 2 else None
    return name.text.replace("/", "_") if name is not None and name.literal else otherwise


def _expression(job: Resource) -> Value[str]:
    """Return a CronJob's schedule as Velero would write it: with its time zone before it."""
    expression, zone = strings(job.get("spec", "schedule")), strings(job.get("spec", "timeZone"))
    match expression, zone:
        case Known(), Known():
            return Known(f"CRON_TZ={zone.value} {expression.value}", Derived("timeZone", (expression.origin, zone.origin)))
        case Known(), Unknown():
            return zone
        case _:
            return expression


def _object(job: Resource, kind: str, name: str, spec: Mapping[str, Value[Any]], call: Call, number: int, origin: Written) -> Resource:
    presence, why = _presence(job, call, origin)
    kept = Object({key: value for key, value in spec.items() if not isinstance(value, Absent)})
    fields: dict[str, Value[Any]] = {"spec": Known(kept, origin)}
    namespace = namespace_of(job)
    # A job may make several, and an object of the same name may be written beside it.
    address = f"{kind}/{namespace}/{name}@{job.address.replace('/', '.')}" + (f"#{number}" if number else "")
    return Resource(
        job.deployment, address, f"velero.io/v1/{kind}", name, Object(fields), job.region, job.account, origin.span, job.extent,
        channel="manifest", presence=presence, why=why,
    )  # fmt: skip


def _presence(job: Resource, call: Call, origin: Written) -> tuple[Truth, Unknown | None]:
    """Return whether the command is reached: not certainly, under a condition or in a function."""
    conditional = any(isinstance(frame.node, Compound) and frame.node.kind not in {"group", "subshell"} for frame in call.path)
    second = any(isinstance(frame.node, AndOr) and frame.position and frame.node.items[frame.position][0] == "||" for frame in call.path)
    if conditional or second:
        return Truth.UNKNOWN, Unknown(Reason.FUNCTION_NOT_EVALUATED, f"whether {job.address} runs this command", origin)
    return job.presence, job.why


class _Flags:
    """The flags of one command as values, each with its place."""

    def __init__(self, script: ContainerScript, found: Options, origin: Written) -> None:
        self._script = script
        self._flags = found.flags
        self._origin = origin

    def text(self, flag: str) -> Value[str]:
        """Return what a flag is given; Unknown when the shell fills it in."""
        given = self._flags.get(flag)
        if given is None:
            return Absent(self._origin)
        value, word = given
        origin = Written(self._script.span(word.start, word.end))
        if not word.literal:
            return Unknown(Reason.TEMPLATE_PLACEHOLDER, f"{origin.span.path}:{value}", origin)
        return Known(value, origin)

    def flag(self, flag: str) -> Value[bool]:
        """Return whether a flag is set: alone it is."""
        value = self.text(flag)
        if isinstance(value, Known):
            return Known(value.value in {"", "true", "1", "t", "T", "TRUE", "True"}, value.origin)
        return value

    def listing(self, flag: str) -> Value[Any]:
        """Return a list that is written with commas."""
        value = self.text(flag)
        if isinstance(value, Known):
            items = [item.strip() for item in value.value.split(",") if item.strip()]
            return Known(Members(tuple(Member(Known(item, value.origin)) for item in items)), value.origin)
        return value

    def template(self, job: Resource, resources: Sequence[Resource]) -> Value[Any]:
        """Return the specification of a backup; that of ``--from-schedule`` is the schedule's own."""
        source = self.text("--from-schedule")
        if not isinstance(source, Absent):
            return _of_schedule(job, source, resources, self._origin)
        fields: dict[str, Value[Any]] = {}
        fields.update({field: self.text(flag) for flag, field in _TEXTS.items()})
        fields.update({field: self.listing(flag) for flag, field in _LISTS.items()})
        fields.update({field: self.flag(flag) for flag, field in _FLAGS.items()})
        selector = self.text("--selector" if "--selector" in self._flags else "-l")
        if not isinstance(selector, Absent):
            fields["labelSelector"] = self._selector(selector)
        return Known(Object({key: value for key, value in fields.items() if not isinstance(value, Absent)}), self._origin)

    def _selector(self, selector: Value[str]) -> Value[Any]:
        labels = self._pairs(selector)
        return Known(Object({"matchLabels": labels}), selector.origin) if isinstance(labels, Known) else labels

    def _pairs(self, value: Value[str]) -> Value[Any]:
        if not isinstance(value, Known):
            return value
        pairs = [pair.partition("=") for pair in value.value.split(",") if pair]
        return Known(Object({key.strip(): Known(each.lstrip("=").strip(), value.origin) for key, _, each in pairs}), value.origin)

    def location(self) -> dict[str, Value[Any]]:
        """Return the specification of a storage location."""
        storage = {"bucket": self.text("--bucket"), "prefix": self.text("--prefix")}
        kept = Object({key: value for key, value in storage.items() if not isinstance(value, Absent)})
        return {
            "provider": self.text("--provider"),
            "default": self.flag("--default"),
            "accessMode": self.text("--access-mode"),
            "backupSyncPeriod": self.text("--backup-sync-period"),
            "objectStorage": Known(kept, self._origin),
            "config": self._pairs(self.text("--config")),
        }


def _of_schedule(job: Resource, source: Value[str], resources: Sequence[Resource], origin: Provenance) -> Value[Any]:
    name = text(source)
    for each in resources:
        if each.deployment == job.deployment and each.type == "velero.io/v1/Schedule" and each.name == name:
            return each.get("spec", "template")
    return Unknown(Reason.OUTSIDE_SCOPE, f"template of schedule {name}", origin)
