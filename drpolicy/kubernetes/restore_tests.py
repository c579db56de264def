"""Jobs that are meant to prove that backups can be restored, and what they really prove."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from drpolicy.kubernetes import restore_script as judge
from drpolicy.kubernetes.images import BUILTINS, known_image
from drpolicy.kubernetes.kinds import kind_of, namespace_of
from drpolicy.kubernetes.navigation import elements, flag, inside, place, strings, text
from drpolicy.kubernetes.restore_calls import Creation
from drpolicy.kubernetes.script_sources import ConfigMaps, ContainerScript, container_script, kept_directories, shares_directory
from drpolicy.kubernetes.shell_status import Fate
from drpolicy.kubernetes.workloads import containers, pod_template
from drpolicy.model.provenance import Derived
from drpolicy.model.reasons import Reason
from drpolicy.model.resources import Resource
from drpolicy.model.spans import Span
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Members, Unknown, Value, members

COMMAND_LIMIT = 1_000
"""Commands of a script; of a longer one nothing is concluded."""

_INSTALLERS = frozenset({"apk", "apt", "apt-get", "yum", "dnf", "microdnf", "pip", "pip3", "curl", "wget", "install"})


@dataclass(frozen=True, slots=True, eq=False)
class RestoreTestFacts:
    """A Job or CronJob that creates a restore.

    The facts are those of ``RestoreTest`` in the estate; the origin of each says why, and
    its place is that of the characters that decide it. ``expression`` is Absent for a Job, which does not recur.
    """

    resource: Resource
    cluster: str
    namespace: str
    container: str
    expression: Value[str]
    time_zone: Value[str]
    suspended: Value[bool]
    image: Value[str]
    has_shell: Value[bool]
    has_tools: Value[bool]
    missing_tools: Members[str]
    has_permission: Value[bool]
    can_fail: Value[bool]
    picks_latest: Value[bool]
    waits: Value[bool]
    asserts_phase: Value[bool]
    verifies: Value[bool]
    scoped: Value[bool]
    cleans_up: Value[bool]
    records: Value[bool]
    span: Span


def restore_tests(resources: Sequence[Resource]) -> tuple[RestoreTestFacts, ...]:
    """Return the restore tests among the resources of the manifests, one for each container that creates a restore."""
    maps = {
        (resource.deployment, namespace_of(resource), resource.name): resource for resource in resources if resource.type == "v1/ConfigMap"
    }
    jobs = [resource for resource in resources if resource.channel == "manifest" and resource.type in {"batch/v1/Job", "batch/v1/CronJob"}]
    jobs.extend(resource for resource in resources if resource.type == "batch/v1beta1/CronJob" and resource.channel == "manifest")
    return tuple(facts for job in jobs for facts in _of_job(job, maps, resources))


def _of_job(job: Resource, maps: ConfigMaps, resources: Sequence[Resource]) -> Iterator[RestoreTestFacts]:
    pod = inside(pod_template(job), "spec")
    for container in containers(job):
        script = container_script(job, pod, container, maps)
        if script is None or "estore" not in script.program.script.text:
            continue
        made = judge.find_restore(script.program)
        if made is not None:
            yield _Examination(job, pod, container, script, made, resources).facts()


class _Examination:
    """One container that creates a restore."""

    def __init__(
        self,
        job: Resource,
        pod: Value[Any],
        container: Value[Any],
        script: ContainerScript,
        made: Creation,
        resources: Sequence[Resource],
    ) -> None:
        self._job = job
        self._pod = pod
        self._container = container
        self._script = script
        self._made = made
        self._resources = resources
        self._image = strings(inside(container, "image"))
        self._image_span = place(self._image, job.span)

    def facts(self) -> RestoreTestFacts:
        job, program, made = self._job, self._script.program, self._made
        spec = job.get("spec")
        recurring = kind_of(job) == "CronJob"
        tools, missing = self._tools()
        kept = kept_directories(self._pod, self._container)
        return RestoreTestFacts(
            resource=job,
            cluster=job.deployment,
            namespace=namespace_of(job),
            container=text(inside(self._container, "name")) or "",
            expression=strings(inside(spec, "schedule")) if recurring else Absent(spec.origin),
            time_zone=strings(inside(spec, "timeZone")) if recurring else Absent(spec.origin),
            suspended=flag(inside(spec, "suspend"), False, "Kubernetes API reference, CronJob and Job (v1.34)", job.span),
            image=self._image,
            has_shell=self._shell(),
            has_tools=tools,
            missing_tools=missing,
            has_permission=self._permission(),
            can_fail=self._judged("can_fail", lambda: self._ending(judge.can_fail(program, made))),
            picks_latest=self._judged("picks_latest", lambda: judge.picks_latest(program, made, self._environment())),
            waits=self._judged("waits", lambda: judge.waits(program, made)),
            asserts_phase=self._judged("asserts_phase", lambda: judge.asserts_phase(program, made)),
            verifies=self._judged("verifies", lambda: judge.verifies(program, made)),
            scoped=self._judged("scoped", lambda: judge.scoped(program, made)),
            cleans_up=self._judged("cleans_up", lambda: judge.cleans_up(program, made)),
            records=self._judged("records", lambda: judge.records(program, made, kept)),
            span=job.span,
        )

    def _judged(self, fact: str, decide: Callable[[], Fate]) -> Value[bool]:
        symbol = f"{self._job.key}:{fact}"
        if len(self._script.program.calls) > COMMAND_LIMIT:
            why = f"the script has more than {COMMAND_LIMIT:,} commands"
            return Unknown(Reason.LIMIT_REACHED, symbol, Derived(why, (), self._script.span(self._made.call.start, self._made.call.end)))
        found = decide()
        origin = Derived(found.why, (), self._script.span(found.start, found.end))
        match found.truth:
            case Truth.UNKNOWN:
                return Unknown(Reason.NOT_OBSERVED, symbol, origin)
            case truth:
                return Known(truth is Truth.TRUE, origin)

    def _ending(self, found: Fate) -> Fate:
        """Take the job's deadline into account: it ends a loop without end, and the job then fails."""
        deadline = inside(pod_template(self._job), "spec", "activeDeadlineSeconds")
        path = ("spec", "jobTemplate", "spec") if kind_of(self._job) == "CronJob" else ("spec",)
        given = inside(self._job.get(*path), "activeDeadlineSeconds")
        if not found.endless or (not isinstance(given, Known) and not isinstance(deadline, Known)):
            return found
        return Fate(Truth.TRUE, found.start, found.end, "activeDeadlineSeconds ends the job as failed when the loop does not end")

    def _environment(self) -> dict[str, str]:
        """Return the variables of the container that have a literal value."""
        found = {}
        for variable in elements(inside(self._container, "env")):
            name, value = text(inside(variable, "name")), text(inside(variable, "value"))
            if name is not None and value is not None:
                found[name] = value
        return found

    def _unknown_image(self, fact: str) -> Unknown:
        symbol = f"image:{self._image.value}" if isinstance(self._image, Known) else f"{self._job.key}:image"
        return Unknown(Reason.OUTSIDE_SCOPE, f"{symbol}:{fact}", Derived("what the image holds is not known", (), self._image_span))

    def _shell(self) -> Value[bool]:
        shell = self._script.interpreter
        if not shell:
            first = self._script.span(0, len(self._script.pieces[0][1].text))
            return Known(True, Derived("the command asks for no shell", (), first))
        image = known_image(self._image.value) if isinstance(self._image, Known) else None
        if image is None:
            return self._unknown_image("shell")
        why = image.source if shell in image.shells or not image.shells else f"the image has no {shell}: {image.source}"
        return Known(shell in image.shells, Derived(why, (), self._image_span))

    def _tools(self) -> tuple[Value[bool], Members[str]]:
        called = self._called()
        image = known_image(self._image.value) if isinstance(self._image, Known) else None
        if image is None:
            unknown = self._unknown_image("tools")
            return unknown, Members((), unknown)
        absent = [name for name, path in called.items() if path not in image.carries and (image.complete or name in image.lacks)]
        unsure = [name for name, path in called.items() if path not in image.carries and name not in absent]
        installs = bool(image.shells) and any(call.name in _INSTALLERS for call in self._script.program.calls)
        if absent and (installs or shares_directory(self._pod, self._container)):
            unsure, absent = [*absent, *unsure], []
        unknown = self._unknown_image("tools")
        if absent:
            origin = Derived(f"the image lacks {', '.join(absent)}: {image.source}", (), self._image_span)
            return Known(False, origin), members(absent, unknown if unsure else None)
        if unsure:
            origin = Derived(f"whether the image has {', '.join(unsure)} is not known", (), self._image_span)
            unsettled = Unknown(Reason.OUTSIDE_SCOPE, unknown.symbol, origin)
            return unsettled, Members((), unsettled)
        return Known(True, Derived(image.source, (), self._image_span)), Members()

    def _called(self) -> dict[str, str]:
        """Return the programs that the script calls by name, in order, and how each is called."""
        program = self._script.program
        found: dict[str, str] = {}
        for call in program.calls:
            if call.word is None or call.name in program.functions or not call.word.literal or "{{" in call.word.text:
                continue
            if self._script.interpreter and call.name in BUILTINS:
                continue
            found.setdefault(call.name, call.word.text if call.word.text.startswith("/velero") else call.name)
        return found

    def _permission(self) -> Value[bool]:
        account = inside(self._pod, "serviceAccountName")
        if isinstance(account, Absent):
            account = inside(self._pod, "serviceAccount")
        if isinstance(account, Unknown):
            return Unknown(account.reason, account.symbol, account.origin)
        name = text(account) or "default"
        if name != "default":
            return Known(True, Derived(f"it runs as service account {name}", (), place(account, self._job.span)))
        bound = next((binding for binding in self._resources if self._binds(binding)), None)
        if bound is not None:
            return Known(True, Derived(f"{kind_of(bound)} {bound.name} gives the default service account a role", (), bound.span))
        why = f"no serviceAccountName: the default service account of {namespace_of(self._job)} may not create restores"
        return Known(False, Derived(why, (), place(account, self._job.span) if isinstance(account, Known) else self._job.span))

    def _binds(self, binding: Resource) -> bool:
        """Whether a resource gives the default service account of the job's namespace a role."""
        if binding.deployment != self._job.deployment or kind_of(binding) not in {"RoleBinding", "ClusterRoleBinding"}:
            return False
        return any(
            text(inside(subject, "kind")) == "ServiceAccount"
            and text(inside(subject, "name")) == "default"
            and (text(inside(subject, "namespace")) or namespace_of(binding)) == namespace_of(self._job)
            for subject in elements(binding.get("subjects"))
        )
