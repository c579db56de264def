"""What uninstalling Velero takes along."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from drpolicy.kubernetes.installations import Installation, chart_of
from drpolicy.kubernetes.kinds import kind_of
from drpolicy.kubernetes.navigation import elements, inside, strings, text
from drpolicy.kubernetes.workloads import containers
from drpolicy.model.agreements import NOT_COMPARED, Agreement
from drpolicy.model.patterns import deferred
from drpolicy.model.provenance import Written
from drpolicy.model.reasons import Reason
from drpolicy.model.resources import Resource
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Unknown, Value
from drpolicy.recovery.contradictions import Side, comparison
from drpolicy.recovery.velero_targets import absence_of

_HOOK: Final = "helm.sh/hook"
_UNINSTALLING: Final = deferred(r"(?:^|,)\s*(?:pre|post)-delete\s*(?:,|$)")
_DEFINITIONS: Final = frozenset({"crd", "crds", "customresourcedefinition", "customresourcedefinitions"})


def objects_outlast_release(found: Sequence[Installation], objects: Sequence[Resource]) -> Agreement:
    """Look for a hook of the chart that deletes the definitions of Velero's objects, and with them every object.

    Nothing is asked of values that may be given elsewhere. Argo CD runs such a hook in its newer versions (argo-cd docs, "Helm", read
    2026-11) and ignored it before: which one applies it the files do not say.
    """
    jobs = [each for each in objects if kind_of(each) == "Job" and _deletes_definitions(each)]
    made = [each for each in found if not isinstance(chart_of(each), Absent)]
    elsewhere = [each for each in jobs if each.presence is Truth.UNKNOWN and absence_of(each).reason is Reason.OUTSIDE_SCOPE]
    if elsewhere or not (jobs or made):
        return NOT_COMPARED
    sides: list[Side] = []
    unknown: Unknown | None = None
    for each in jobs:
        argo = next((by for by in each.applied_by if by.tool == "argo"), None)
        if each.presence is Truth.UNKNOWN:
            unknown = unknown or absence_of(each)
        elif argo is not None:
            unknown = unknown or Unknown(Reason.OUTSIDE_SCOPE, f"whether {argo.what} runs the hook {each.name}", Written(each.span))
        else:
            sides.append(Side(f"job {each.name} deletes the definitions of Velero's objects", (Written(each.span),)))
    header = Written((jobs[0] if jobs else made[0].server.resource).span)
    return comparison("no hook of the chart deletes Velero's definitions", sides, unknown, header)


def _deletes_definitions(job: Resource) -> bool:
    hook = text(strings(job.get("metadata", "annotations", _HOOK)))
    if hook is None or _UNINSTALLING.search(hook) is None:
        return False
    words = [word for container in containers(job, initial=False) for name in ("command", "args") for word in _words(container, name)]
    deletes = "delete" in words and not _DEFINITIONS.isdisjoint(words[words.index("delete") :])
    return deletes and any("velero" in word for word in (*words, job.name))


def _words(container: Value[Any], name: str) -> Iterator[str]:
    for each in elements(inside(container, name)):
        written = text(strings(each))
        if written is not None:
            yield from written.split()
