"""Scripts that CI runs: workflows of GitHub Actions, and of what reads the same files, and jobs of GitLab CI.

Fields: docs.github.com, "Workflow syntax for GitHub Actions"; docs.gitlab.com, "CI/CD YAML syntax reference" (read 2026-11).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from drpolicy.kubernetes.clusters import ClusterTree
from drpolicy.kubernetes.navigation import elements, entries, inside, strings, text
from drpolicy.kubernetes.scalar_text import ScalarText, scalar_text
from drpolicy.kubernetes.script_sources import SIZE_LIMIT, ContainerScript
from drpolicy.kubernetes.shell import parse_script
from drpolicy.kubernetes.shell_calls import SHELLS
from drpolicy.kubernetes.shell_status import Program
from drpolicy.kubernetes.velero_commands import Runner, made_by
from drpolicy.model.patterns import deferred
from drpolicy.model.provenance import Written
from drpolicy.model.reasons import Reason
from drpolicy.model.records import dataclass
from drpolicy.model.resources import Resource
from drpolicy.model.spans import Span
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Members, Unknown, Value
from drpolicy.sources.documents import Document

_WORKFLOW: Final = deferred(r"(?:^|/)\.(?:github|gitea|forgejo)/workflows/[^/]+\.ya?ml$")
_GITLAB: Final = deferred(r"(?:^|/)(?:[^/]*\.gitlab-ci|\.gitlab/.+)\.ya?ml$")
_NAMESPACE: Final = "velero"
"""Where Velero's command line looks when it is told no namespace (velero.io docs, "Run in custom namespace")."""
_ALWAYS: Final = frozenset({"always()", "success()", "!cancelled()", "${{ always() }}", "${{ success() }}", "${{ !cancelled() }}"})
_SCHEDULED: Final = deferred(r"""\$\{?CI_PIPELINE_SOURCE\}?\s*+==\s*+["']schedule["']""")


@dataclass(frozen=True, slots=True, eq=False)
class PipelineScript:
    """A script of one job, and when it runs: at ``expressions`` if it recurs. ``why`` says why it may not be run at all."""

    script: ContainerScript
    job: str
    address: str
    extent: Span
    expressions: tuple[Value[str], ...]
    why: Unknown | None


def is_pipeline(path: str) -> bool:
    """Whether a file is one of CI, by its path."""
    return ("/workflows/" in path and _WORKFLOW.search(path) is not None) or ("gitlab" in path and _GITLAB.search(path) is not None)


def pipeline_scripts(pipelines: Mapping[str, Iterable[Document]]) -> Iterator[PipelineScript]:
    """Yield the scripts that speak of Velero."""
    for path, documents in pipelines.items():
        for document in documents:
            read = _workflow if _WORKFLOW.search(path) is not None else _gitlab
            yield from (each for each in read(path, document) if "velero" in each.script.program.script.text)


def pipeline_commands(
    scripts: Sequence[PipelineScript], clusters: Sequence[ClusterTree], resources: Sequence[Resource]
) -> Iterator[Resource]:
    """Yield the Velero objects that the scripts make, on the cluster that has Velero; uncertain when it may be one of several."""
    with_velero = {each.deployment for each in resources if each.type.startswith("velero.io/")}
    candidates = [each for each in clusters if each.name in with_velero or each.charts] or list(clusters)
    for script in scripts:
        for cluster in candidates:
            why = script.why
            if why is None and len(candidates) > 1:
                where = f"which of the clusters {script.address} works on"
                why = Unknown(Reason.AMBIGUOUS, where, Written(script.extent))
            own = Absent(Written(script.extent))
            runner = Runner(
                script.job, _NAMESPACE, cluster.name, script.address, cluster.region, own, script.extent, script.expressions,
                Absent(own.origin), Truth.TRUE if why is None else Truth.UNKNOWN, why,
            )  # fmt: skip
            yield from made_by(script.script, runner, resources)


def _workflow(path: str, document: Document) -> Iterator[PipelineScript]:
    root = document.root
    expressions = tuple(strings(inside(each, "cron")) for each in elements(inside(root, "on", "schedule")))
    for name, job in entries(inside(root, "jobs")):
        for index, step in enumerate(elements(inside(job, "steps"))):
            shell = next((each for where in (step, _run(job), _run(root)) if (each := text(inside(where, "shell")))), "bash")
            program = shell.split(" ", 1)[0].rpartition("/")[2]
            if program not in SHELLS:
                continue
            # GitHub starts the shell with -e; one that is named is started with pipefail, too.
            script = _script(inside(step, "run"), program, pipefail=shell == "bash")
            if script is not None:
                why = _condition(job, step, f"{path}:{name}")
                if why is None and not expressions:
                    why = _unscheduled(path, root)
                yield PipelineScript(script, name, f"{path}:{name}.{index}", document.span, expressions, why)


def _run(value: Value[Any]) -> Value[Any]:
    return inside(value, "defaults", "run")


def _condition(job: Value[Any], step: Value[Any], where: str) -> Unknown | None:
    for each in (inside(job, "if"), inside(step, "if")):
        scalar = scalar_text(strings(each))
        if scalar is not None and scalar.text.strip() not in _ALWAYS:
            return Unknown(Reason.FUNCTION_NOT_EVALUATED, f"the condition of {where}", each.origin)
    return None


def _unscheduled(path: str, root: Value[Any]) -> Unknown:
    return Unknown(Reason.NOT_OBSERVED, f"whether {path}, which is not scheduled, was run", root.origin)


def _gitlab(path: str, document: Document) -> Iterator[PipelineScript]:
    for name, job in entries(document.root):
        if name.startswith("."):
            # A template for other jobs, which "extends" brings into them.
            continue
        expressions = _pipeline_schedule(path, job)
        why = None if expressions else _unscheduled(path, document.root)
        for index, line in enumerate(_lines(job)):
            script = _script(line, "sh", pipefail=False)
            if script is not None:
                yield PipelineScript(script, name, f"{path}:{name}.{index}", document.span, expressions, why)


def _lines(job: Value[Any]) -> Iterator[Value[Any]]:
    for key in ("before_script", "script"):
        given = inside(job, key)
        if not isinstance(given, Absent):
            yield from elements(given) if isinstance(given, Known) and isinstance(given.value, Members) else (given,)


def _pipeline_schedule(path: str, job: Value[Any]) -> tuple[Value[str], ...]:
    """Return when a job recurs: it says that it is for scheduled pipelines, and GitLab itself keeps when these are."""
    conditions = [*elements(inside(job, "rules"))]
    scheduled = any((scalar := scalar_text(inside(each, "if"))) and _SCHEDULED.search(scalar.text) for each in conditions)
    only = inside(job, "only")
    references = inside(only, "refs") if not isinstance(inside(only, "refs"), Absent) else only
    scheduled = scheduled or any(text(each) == "schedules" for each in (references, *elements(references)))
    if not scheduled:
        return ()
    return (Unknown(Reason.OUTSIDE_SCOPE, f"schedule of the pipeline of {path}, which GitLab keeps", job.origin),)


def _script(value: Value[Any], shell: str, *, pipefail: bool) -> ContainerScript | None:
    scalar: ScalarText | None = scalar_text(value)
    if scalar is None or len(scalar.text) > SIZE_LIMIT or "velero" not in scalar.text:
        return None
    return ContainerScript(Program(parse_script(scalar.text), True, pipefail), shell, ((0, scalar),))
