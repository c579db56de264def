"""Whether something ends a restore test whose restore never ends, with the place that tells."""

from __future__ import annotations

import pytest
from kubernetes_fixtures import load

from drpolicy.kubernetes.restore_tests import restore_tests
from drpolicy.model.provenance import Derived, written_at
from drpolicy.model.values import Known, Unknown

P = "k8s/a.yaml"
WAITING = "velero restore create test --from-schedule nightly --wait"


def said(command: str, deadline: str = "", kind: str = "CronJob") -> str:
    job = f"{deadline}template: {{spec: {{containers: [{{name: test, image: example/tools, command: [sh, -ec, '{command}']}}]}}}}"
    spec = f"{{schedule: '@weekly', jobTemplate: {{spec: {{{job}}}}}}}" if kind == "CronJob" else f"{{{job}}}"
    text = f"apiVersion: batch/v1\nkind: {kind}\nmetadata: {{name: test, namespace: velero}}\nspec: {spec}\n"
    (found,) = restore_tests(load({P: text}).resources)
    if isinstance(found.ends, Unknown):
        return f"? {found.ends.symbol}"
    assert isinstance(found.ends, Known)
    assert isinstance(found.ends.origin, Derived)
    return f"{found.ends.value}: {found.ends.origin.how} @ {written_at(found.ends.origin)}"


@pytest.mark.parametrize(
    ("command", "deadline", "expected"),
    [
        (WAITING, "", f"False: `--wait` waits without a limit, and the job has no activeDeadlineSeconds @ {P}:4:187"),
        (WAITING, "activeDeadlineSeconds: 3600, ", f"True: activeDeadlineSeconds ends the job as failed @ {P}:4:73"),
        (f"timeout 1h {WAITING}", "", f"True: `timeout` ends it @ {P}:4:136"),
        (f"timeout 1h true; {WAITING}", "", "? k8s//CronJob/velero/test:ends"),
        ("velero restore create test --from-schedule nightly", "", f"True: nothing in it waits without a limit @ {P}:4:136"),
        (WAITING.replace("--wait", "-w"), "", f"False: `-w` waits without a limit, and the job has no activeDeadlineSeconds @ {P}:4:187"),
        (
            f"{WAITING}; kubectl wait --timeout 5m pod/a",
            "",
            f"False: `--wait` waits without a limit, and the job has no activeDeadlineSeconds @ {P}:4:187",
        ),
    ],
)
def test_what_ends_a_recurring_test(command: str, deadline: str, expected: str) -> None:
    assert said(command, deadline) == expected


def test_a_job_has_its_deadline_a_level_higher() -> None:
    assert said(WAITING, "activeDeadlineSeconds: 3600, ", "Job").startswith("True: activeDeadlineSeconds ends the job")
    assert said(WAITING, "", "Job").startswith("False: `--wait`")


def test_a_deadline_that_is_filled_in_elsewhere_is_not_known() -> None:
    assert said(WAITING, 'activeDeadlineSeconds: "${SECONDS}", ') == f"? {P}:${{SECONDS}}"
