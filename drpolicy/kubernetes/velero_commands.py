"""Velero's command line in scripts: what ``velero backup create``, ``schedule create``, ``backup-location create`` and ``install`` make.

Commands: velero 1.18, ``velero --help`` (velero.io docs, read 2026-11).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from drpolicy.kubernetes.kinds import kind_of, namespace_of
from drpolicy.kubernetes.navigation import inside, strings
from drpolicy.kubernetes.script_sources import ContainerScript, container_script
from drpolicy.kubernetes.shell_calls import Call, Options, options
from drpolicy.kubernetes.shell_tree import AndOr, Compound
from drpolicy.kubernetes.velero_flags import Flags
from drpolicy.kubernetes.workloads import containers, pod_template
from drpolicy.model.provenance import Derived, Written
from drpolicy.model.reasons import Reason
from drpolicy.model.records import dataclass
from drpolicy.model.resources import Resource
from drpolicy.model.spans import Span
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Object, Unknown, Value

_JOBS: Final = frozenset({"batch/v1/Job", "batch/v1/CronJob", "batch/v1beta1/CronJob"})
_VERBS: Final = {("backup", "create"), ("create", "backup"), ("schedule", "create"), ("create", "schedule")}
_LOCATION: Final = {("backup-location", "create"), ("create", "backup-location")}
_SNAPSHOTS: Final = {("snapshot-location", "create"), ("create", "snapshot-location")}


@dataclass(frozen=True, slots=True, eq=False)
class Runner:
    """What runs a script against a cluster: a Job, a CronJob, a job of CI. It recurs when it has ``expressions``.

    ``namespace`` is Velero's where the command names none; ``address`` tells what is made from what others make.
    """

    name: str
    namespace: str
    cluster: str
    address: str
    region: Value[str]
    account: Value[str]
    extent: Span
    expressions: tuple[Value[str], ...]
    suspended: Value[Any]
    presence: Truth = Truth.TRUE
    why: Unknown | None = None


def velero_commands(resources: Sequence[Resource]) -> Iterator[Resource]:
    """Yield the Velero objects that the scripts of jobs make. A backup that a CronJob makes is a schedule: that of the CronJob."""
    maps = {(each.deployment, namespace_of(each), each.name): each for each in resources if each.type == "v1/ConfigMap"}
    for job in resources:
        if job.type not in _JOBS or job.channel != "manifest":
            continue
        pod = inside(pod_template(job), "spec")
        for container in containers(job):
            script = container_script(job, pod, container, maps)
            if script is not None:
                yield from made_by(script, _runner(job), resources)


def made_by(script: ContainerScript, runner: Runner, resources: Sequence[Resource]) -> Iterator[Resource]:
    """Yield the Velero objects that a script makes. ``resources`` hold the schedules that ``--from-schedule`` may name."""
    if "velero" in script.program.script.text:
        for number, call in enumerate(script.program.calls):
            if call.name == "velero":
                yield from _made(runner, script, call, number, resources)


def _runner(job: Resource) -> Runner:
    expressions = (_expression(job),) if kind_of(job) == "CronJob" else ()
    return Runner(
        job.name, namespace_of(job), job.deployment, job.address, job.region, job.account, job.extent, expressions,
        job.get("spec", "suspend"), job.presence, job.why,
    )  # fmt: skip


def _made(runner: Runner, script: ContainerScript, call: Call, number: int, resources: Sequence[Resource]) -> Iterator[Resource]:
    found = options(call.arguments)
    verbs = tuple(word.text for word in found.plain[:2])
    origin = Written(script.span(call.start, call.end))
    flags = Flags(script, found, origin)
    made = _Maker(runner, flags, call, number, origin)
    definitions_only = flags.flag("--crds-only")
    if verbs[:1] == ("install",) and isinstance(definitions_only, Known) and definitions_only.value:
        return
    if verbs[:1] == ("install",):
        default: Value[bool] = Known(True, origin)
        yield made.object("BackupStorageLocation", "default", {**flags.location("--backup-location-config"), "default": default})
        snapshots = flags.flag("--use-volume-snapshots")
        if not isinstance(snapshots, Known) or snapshots.value:
            yield made.object("VolumeSnapshotLocation", "default", flags.snapshot_location("--snapshot-location-config"))
    elif verbs in _LOCATION:
        yield made.object("BackupStorageLocation", _name(found, runner.name), flags.location())
    elif verbs in _SNAPSHOTS:
        yield made.object("VolumeSnapshotLocation", _name(found, runner.name), flags.snapshot_location())
    elif verbs in _VERBS and "schedule" in verbs:
        template = flags.template(runner.cluster, resources)
        fields = {"schedule": flags.text("--schedule"), "paused": flags.flag("--paused"), "template": template}
        yield made.object("Schedule", _name(found, runner.name), fields)
    elif verbs in _VERBS:
        template = flags.template(runner.cluster, resources)
        for index, expression in enumerate(runner.expressions):
            fields = {"schedule": expression, "paused": runner.suspended, "template": template}
            yield made.object("Schedule", runner.name if index == 0 else f"{runner.name}-{index + 1}", fields)
        if not runner.expressions:
            spec = dict(template.value.fields) if isinstance(template, Known) else {}
            yield made.object("Backup", _name(found, runner.name), spec)


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


@dataclass(frozen=True, slots=True, eq=False)
class _Maker:
    """One command, and the objects that it makes."""

    runner: Runner
    flags: Flags
    call: Call
    number: int
    origin: Written

    def object(self, kind: str, name: str, spec: Mapping[str, Value[Any]]) -> Resource:
        runner, origin = self.runner, self.origin
        presence, why = self._presence()
        kept = Object({key: value for key, value in spec.items() if not isinstance(value, Absent)})
        fields: dict[str, Value[Any]] = {"spec": Known(kept, origin)}
        # A job may make several, and an object of the same name may be written beside it.
        number = f"#{self.number}" if self.number else ""
        address = f"{kind}/{self._namespace()}/{name}@{runner.address.replace('/', '.')}{number}"
        return Resource(
            runner.cluster, address, f"velero.io/v1/{kind}", name, Object(fields), runner.region, runner.account, origin.span,
            runner.extent, channel="manifest", presence=presence, why=why,
        )  # fmt: skip

    def _namespace(self) -> str:
        given = next((value for flag in ("-n", "--namespace") if isinstance(value := self.flags.text(flag), Known)), None)
        return self.runner.namespace if given is None or "/" in given.value or not given.value else given.value

    def _presence(self) -> tuple[Truth, Unknown | None]:
        """Return whether the command is reached: not certainly, under a condition or in a function."""
        path = self.call.path
        conditional = any(isinstance(frame.node, Compound) and frame.node.kind not in {"group", "subshell"} for frame in path)
        second = any(isinstance(frame.node, AndOr) and frame.position and frame.node.items[frame.position][0] == "||" for frame in path)
        if conditional or second:
            return Truth.UNKNOWN, Unknown(Reason.FUNCTION_NOT_EVALUATED, f"whether {self.runner.address} runs this command", self.origin)
        return self.runner.presence, self.runner.why
