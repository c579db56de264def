"""Jobs that are meant to prove that backups can be restored, and what they really prove.

What an image of one's own holds can be said on the pod template, or on the Job or CronJob, and is then taken as attested::

    metadata:
      annotations:
        drpolicy.dev/image-tools: "sh, velero, kubectl, jq"
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from drpolicy.kubernetes import restore_script as judge
from drpolicy.kubernetes.images import BUILTINS, Image, attested_image, known_image
from drpolicy.kubernetes.kinds import kind_of, namespace_of
from drpolicy.kubernetes.navigation import elements, flag, inside, place, strings, text
from drpolicy.kubernetes.restore_calls import Creation
from drpolicy.kubernetes.restore_deadlines import ends
from drpolicy.kubernetes.script_sources import ConfigMaps, ContainerScript, container_script, kept_directories, shares_directory
from drpolicy.kubernetes.shell_status import Fate
from drpolicy.kubernetes.workloads import containers, pod_template
from drpolicy.model.provenance import Derived
from drpolicy.model.reasons import Reason
from drpolicy.model.records import dataclass
from drpolicy.model.resources import Resource
from drpolicy.model.spans import Span
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Members, Unknown, Value, members

COMMAND_LIMIT = 1_000
"""Commands of a script; of a longer one nothing is concluded."""

IMAGE_TOOLS = "drpolicy.dev/image-tools"
"""The annotation that says which programs the image holds, with commas between."""

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
    ends: Value[bool]
    span: Span


def restore_tests(resources: Sequence[Resource], standby: Collection[str] = ()) -> tuple[RestoreTestFacts, ...]:
    """Return the restore tests among the resources of the manifests, one for each container that creates a restore.

    ``standby`` are the names of the DR clusters. A one-off Job there that restores without mapping a namespace is how one fails over,
    and no test.
    """
    maps = {
        (resource.deployment, namespace_of(resource), resource.name): resource for resource in resources if resource.type == "v1/ConfigMap"
    }
    jobs = [resource for resource in resources if resource.channel == "manifest" and resource.type in {"batch/v1/Job", "batch/v1/CronJob"}]
    jobs.extend(resource for resource in resources if resource.type == "batch/v1beta1/CronJob" and resource.channel == "manifest")
    return tuple(facts for job in jobs for facts in _of_job(job, maps, resources, standby))


def _of_job(job: Resource, maps: ConfigMaps, resources: Sequence[Resource], standby: Collection[str]) -> Iterator[RestoreTestFacts]:
    pod = inside(pod_template(job), "spec")
    for container in containers(job):
        script = container_script(job, pod, container, maps)
        if script is None or "estore" not in script.program.script.text:
            continue
        made = judge.find_restore(script.program, _environment(container))
        if made is None or (job.deployment in standby and kind_of(job) == "Job" and not made.elsewhere and not made.landing.mapped):
            continue
        yield _Examination(job, pod, container, script, made, resources).facts()


def _environment(container: Value[Any]) -> Mapping[str, str]:
    """Return the variables of a container that have a literal value."""
    found = {}
    for variable in elements(inside(container, "env")):
        name, value = text(inside(variable, "name")), text(inside(variable, "value"))
        if name is not None and value is not None:
            found[name] = value
    return found


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
            picks_latest=self._judged("picks_latest", lambda: judge.picks_latest(program, made, made.landing.environment)),
            waits=self._judged("waits", lambda: self._own(judge.waits(program, made))),
            asserts_phase=self._judged("asserts_phase", lambda: self._own(judge.asserts_phase(program, made))),
            verifies=self._judged("verifies", lambda: judge.verifies(program, made)),
            scoped=self._judged("scoped", lambda: judge.scoped(program, made)),
            cleans_up=self._judged("cleans_up", lambda: judge.cleans_up(program, made)),
            records=self._judged("records", lambda: judge.records(program, made, kept)),
            ends=ends(job, self._script, made),
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

    def _own(self, found: Fate) -> Fate:
        """Take into account that a job that recurs may see the restore of an earlier run."""
        stale = judge.stale(self._script.program, self._made) if kind_of(self._job) == "CronJob" else None
        if stale is None or found.truth is Truth.FALSE:
            return found
        return stale

    def _ending(self, found: Fate) -> Fate:
        """Take the job's deadline into account: it ends a loop without end, and the job then fails."""
        deadline = inside(pod_template(self._job), "spec", "activeDeadlineSeconds")
        path = ("spec", "jobTemplate", "spec") if kind_of(self._job) == "CronJob" else ("spec",)
        given = inside(self._job.get(*path), "activeDeadlineSeconds")
        if not found.endless or (not isinstance(given, Known) and not isinstance(deadline, Known)):
            return found
        return Fate(Truth.TRUE, found.start, found.end, "activeDeadlineSeconds ends the job as failed when the loop does not end")

    def _unknown_image(self, fact: str) -> Unknown:
        symbol = f"image:{self._image.value}" if isinstance(self._image, Known) else f"{self._job.key}:image"
        return Unknown(Reason.OUTSIDE_SCOPE, f"{symbol}:{fact}", Derived("what the image holds is not known", (), self._image_span))

    def _held(self) -> Image | None:
        """Return what the image has: as the job says, else as the table of known images does; ``None`` when neither is known."""
        path = ("metadata", "annotations", IMAGE_TOOLS)
        said = inside(pod_template(self._job), *path)
        if isinstance(said, Absent):
            said = self._job.get(*path)
        if isinstance(said, Unknown):
            return None
        told = text(strings(said))
        if told is not None:
            return attested_image(told, f"the annotation {IMAGE_TOOLS} names what it holds")
        return known_image(self._image.value) if isinstance(self._image, Known) else None

    def _shell(self) -> Value[bool]:
        shell = self._script.interpreter
        if not shell:
            first = self._script.span(0, len(self._script.pieces[0][1].text))
            return Known(True, Derived("the command asks for no shell", (), first))
        image = self._held()
        if image is None:
            return self._unknown_image("shell")
        why = image.source if shell in image.shells or not image.shells else f"the image has no {shell}: {image.source}"
        return Known(shell in image.shells, Derived(why, (), self._image_span))

    def _tools(self) -> tuple[Value[bool], Members[str]]:
        called = self._called()
        image = self._held()
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
        span = place(account, self._job.span) if isinstance(account, Known) else self._job.span
        bound = next((binding for binding in self._resources if self._binds(binding, name)), None)
        if bound is not None:
            which = "the default service account" if name == "default" else f"service account {name}"
            return Known(True, Derived(f"{kind_of(bound)} {bound.name} gives {which} a role", (), bound.span))
        namespace = namespace_of(self._job)
        if name != "default":
            why = f"no binding in the files gives service account {name} of {namespace} a role"
            return Unknown(Reason.OUTSIDE_SCOPE, f"{self._job.deployment}//{namespace}/{name}: role", Derived(why, (), span))
        written = "serviceAccountName: default" if isinstance(account, Known) else "no serviceAccountName"
        why = f"{written}: the default service account of {namespace} may not create restores"
        return Known(False, Derived(why, (), span))

    def _binds(self, binding: Resource, account: str) -> bool:
        """Whether a resource gives a service account of the job's namespace a role, by itself or with others of its group."""
        if binding.deployment != self._job.deployment or kind_of(binding) not in {"RoleBinding", "ClusterRoleBinding"}:
            return False
        home = namespace_of(self._job)
        others = {
            ("Group", "system:serviceaccounts"),
            ("Group", f"system:serviceaccounts:{home}"),
            ("User", f"system:serviceaccount:{home}:{account}"),
        }
        for subject in elements(binding.get("subjects")):
            kind, name = text(inside(subject, "kind")), text(inside(subject, "name"))
            own = kind == "ServiceAccount" and name == account
            if (kind, name) in others or (own and (text(inside(subject, "namespace")) or namespace_of(binding)) == home):
                return True
        return False
