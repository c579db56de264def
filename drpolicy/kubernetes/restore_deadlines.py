"""Whether something ends a restore test whose restore never ends.

``velero restore create --wait`` has no limit of its own: it returns when the restore has a final phase, and where the server is down it
never does (velero-io/velero, pkg/cmd/cli/restore/create.go, v1.18.0, read 2026-11). A Job has no deadline where ``activeDeadlineSeconds``
is not written (Kubernetes API reference v1.34, JobSpec and PodSpec). Loops without end are judged by whether the test can fail.
"""

from __future__ import annotations

from typing import Final

from drpolicy.kubernetes.kinds import kind_of
from drpolicy.kubernetes.navigation import inside
from drpolicy.kubernetes.restore_calls import Creation
from drpolicy.kubernetes.script_sources import ContainerScript
from drpolicy.kubernetes.workloads import pod_template
from drpolicy.model.patterns import deferred
from drpolicy.model.provenance import Derived
from drpolicy.model.reasons import Reason
from drpolicy.model.resources import Resource
from drpolicy.model.values import Known, Unknown, Value

_LIMITED: Final = deferred(r"(?<![-\w])timeout\s")


def ends(job: Resource, script: ContainerScript, made: Creation) -> Value[bool]:
    """Return whether a deadline of the job or a limit in its script ends a test, or nothing in it waits without one."""
    path = ("spec", "jobTemplate", "spec") if kind_of(job) == "CronJob" else ("spec",)
    given = [inside(job.get(*path), "activeDeadlineSeconds"), inside(pod_template(job), "spec", "activeDeadlineSeconds")]
    for deadline in given:
        if isinstance(deadline, Known):
            return Known(True, Derived("activeDeadlineSeconds ends the job as failed", (deadline.origin,)))
    unknown = next((each for each in given if isinstance(each, Unknown)), None)
    if unknown is not None:
        return unknown
    call = made.call
    waiting = next((made.options.flags[flag][1] for flag in ("--wait", "-w") if flag in made.options.flags), None)
    if call.name != "velero" or waiting is None:
        place = Derived("nothing in it waits without a limit", (), script.span(call.start, call.end))
        return Known(True, place)
    written = script.program.text(call.start, call.end)
    span = script.span(waiting.start, waiting.end)
    if _LIMITED.search(written.partition("velero")[0]):
        return Known(True, Derived("`timeout` ends it", (), script.span(call.start, call.end)))
    if _LIMITED.search(script.program.script.text):
        return Unknown(Reason.NOT_OBSERVED, f"{job.key}:ends", Derived("whether `timeout` ends the waiting is not known", (), span))
    return Known(False, Derived(f"`{waiting.text}` waits without a limit, and the job has no activeDeadlineSeconds", (), span))
