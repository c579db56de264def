"""The generated restore test: run by bash against a kubectl that fails in each possible way, and judged by the tool's own policies."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

from drpolicy.app.drill_manifest import SCRIPT, Wanted, manifest
from drpolicy.app.judging import judged
from drpolicy.app.policies import load_policies
from drpolicy.app.reading import read_tree
from drpolicy.app.settings import Settings
from drpolicy.declarations.load import load_declarations
from drpolicy.model.findings import Verdict
from drpolicy.model.spans import Source
from drpolicy.sources.directories import DirectoryTree
from drpolicy.sources.trees import MemoryTree, OverlayTree
from drpolicy.sources.yaml_documents import documents

AFTER = Path(__file__).resolve().parents[2] / "examples" / "after"
FAKE = Path(__file__).with_name("fake_kubectl.sh")
SETTINGS = Settings((), Path(), date(2026, 11, 1))
BASH = shutil.which("bash")

pytestmark = pytest.mark.skipif(BASH is None, reason="there is no bash")


class Run(NamedTuple):
    code: int
    calls: list[str]
    record: dict[str, str]
    objects: str


def run(directory: Path, **environment: str) -> Run:
    """Run the script with a kubectl that does as the environment says."""
    tools = directory / "tools"
    tools.mkdir()
    shutil.copy(FAKE, tools / "kubectl")
    (tools / "kubectl").chmod(0o755)
    (tools / "date").write_text(
        '#!/usr/bin/env bash\ncase "$*" in\n  *"-d "*) exec /usr/bin/env -i /bin/date "$@" ;;\n  *%s) echo 1793502000 ;;\n'
        "  *%Y%m%d-%H%M%S) echo 20261101-030000 ;;\n  *) echo 2026-11-01 ;;\nesac\n"
    )
    (tools / "date").chmod(0o755)
    told = {
        "SERVICE": "orders",
        "STORE": "shop//Namespace/_/production",
        "CLUSTER": "shop",
        "VELERO": "velero",
        "SCHEDULE": "daily",
        "NAMESPACE": "production",
        "TARGET": "drill-production",
        "WORKLOADS": "statefulset/orders deployment/web",
        "DATA_CHECK": "/app/verify",
        "LIMIT": "60m",
        "HOSTNAME": "pod",
        "LOG": str(directory / "log"),
        "PATH": f"{tools}:{os.environ['PATH']}",
        **environment,
    }
    done = subprocess.run([BASH or "bash", str(SCRIPT)], env=told, capture_output=True, timeout=30, check=False)
    record = (directory / "log.record").read_text() if (directory / "log.record").exists() else ""
    literals = dict(each.partition("=")[::2] for each in re.findall(r"^--from-literal=(.*?)(?=^--from-literal|\Z)", record, re.M | re.S))
    objects = (directory / "log.objects").read_text() if (directory / "log.objects").exists() else ""
    return Run(done.returncode, (directory / "log").read_text().splitlines(), {k: v.strip() for k, v in literals.items()}, objects)


def test_a_good_run(tmp_path: Path):
    ran = run(tmp_path)
    assert ran.code == 0
    assert ran.record["outcome"] == "passed"
    assert ran.record["backup"] == "daily-2"
    assert "backupName: daily-2\n  includedNamespaces: [production]\n  namespaceMapping: {production: drill-production}" in ran.objects
    assert [each for each in ran.calls if "rollout" in each or "exec" in each] == [
        "kubectl -n drill-production rollout status statefulset/orders --timeout=60m",
        "kubectl -n drill-production rollout status deployment/web --timeout=60m",
        "kubectl -n drill-production exec statefulset/orders -- sh -c /app/verify",
    ]
    assert ran.calls[-1] == "kubectl delete namespace drill-production --ignore-not-found --timeout=15m"


def test_what_it_records_is_evidence(tmp_path: Path):
    text = run(tmp_path).record["evidence.yaml"]
    found = load_declarations(documents(Source("evidence.yaml", text)).documents)
    assert found.diagnostics == ()
    (record,) = found.evidence
    assert (record.name, record.grade) == ("drill-production-20261101-030000", "recorded")
    plain = yaml.safe_load(text)["spec"]
    assert plain["measured"] == {"rto": "0s", "rpo": "600s"}
    assert (plain["outcome"], plain["application"], plain["integrity"]) == ("passed", "passed", "passed")
    assert plain["stores"] == ["shop//Namespace/_/production"]


@pytest.mark.parametrize(
    ("environment", "application", "integrity"),
    [
        ({"BACKUPS": ""}, "failed", None),
        ({"FAILING": "get backups.velero.io -l"}, "failed", None),
        ({"FAILING": "get backups.velero.io daily-2"}, "failed", None),
        ({"STARTED": ""}, "failed", None),
        ({"FAILING": "create namespace"}, "failed", None),
        ({"FAILING": "-n drill-production create -f"}, "failed", None),
        ({"FAILING": "^create -f"}, "failed", None),
        ({"FAILING": "wait restores.velero.io"}, "failed", None),
        ({"PHASE": "PartiallyFailed"}, "failed", None),
        ({"PHASE": "Failed"}, "failed", None),
        ({"PHASE": ""}, "failed", None),
        ({"FAILING": "get restores.velero.io"}, "failed", None),
        ({"FAILING": "rollout status deployment/web"}, "failed", None),
        ({"FAILING": "wait persistentvolumeclaims"}, "passed", None),
        ({"FAILING": " exec "}, "passed", "failed"),
    ],
)
def test_every_failure_fails_the_job_is_recorded_and_cleaned_up(
    tmp_path: Path, environment: dict[str, str], application: str, integrity: str | None
):
    ran = run(tmp_path, **environment)
    assert ran.code != 0
    spec = yaml.safe_load(ran.record["evidence.yaml"])["spec"]
    assert (spec["outcome"], spec["application"], spec.get("integrity"), spec.get("measured")) == ("failed", application, integrity, None)
    assert ran.calls[-2:] == [
        "kubectl -n velero delete restores.velero.io drill-production-20261101-030000 --ignore-not-found --timeout=5m",
        "kubectl delete namespace drill-production --ignore-not-found --timeout=15m",
    ]


@pytest.mark.parametrize("failing", ["create configmap", "delete restores.velero.io"])
def test_a_run_that_cannot_record_or_clean_up_fails(tmp_path: Path, failing: str):
    ran = run(tmp_path, FAILING=failing)
    assert ran.code == 1
    assert ran.calls[-1].startswith("kubectl delete namespace")


def test_a_namespace_that_is_stuck_from_an_earlier_run_stops_it(tmp_path: Path):
    ran = run(tmp_path, FAILING="delete namespace")
    assert ran.code != 0
    assert not any("create namespace" in each for each in ran.calls)


def test_without_a_check_of_the_data_nothing_is_said_of_its_integrity(tmp_path: Path):
    ran = run(tmp_path, DATA_CHECK="")
    assert ran.code == 0
    assert "integrity" not in ran.record["evidence.yaml"]


def generated(data_check: str = "/app/verify-data") -> str:
    return manifest("orders", Wanted(data_check=data_check), SETTINGS, read_tree(DirectoryTree(AFTER)))


def test_it_passes_the_policies_on_restore_tests():
    tree = OverlayTree(MemoryTree({"kubernetes/tokyo/restore-test.yaml": generated().encode()}), DirectoryTree(AFTER))
    found = read_tree(tree)
    policies = load_policies(found.tree, found.configuration, found.base, found.remembered.documents)
    of_job = [each for each in judged(SETTINGS, found, policies).findings if "restore-test-production" in each.subject.address]
    wrong = [(each.policy, each.message) for each in of_job if each.verdict in (Verdict.FAIL, Verdict.UNKNOWN)]
    assert wrong == []
    assert {each.policy for each in of_job if each.verdict is Verdict.PASS and each.policy.startswith("restore-test-")} == {
        "restore-test-cannot-fail",
        "restore-test-cannot-start",
        "restore-test-does-not-wait",
        "restore-test-leaves-leftovers",
        "restore-test-records-nothing",
        "restore-test-takes-wrong-backup",
        "restore-test-unscoped",
        "restore-test-verifies-nothing",
        "restore-test-without-deadline",
        "restore-test-without-permission",
    }


def test_the_manifest_is_yaml_with_the_script_as_it_is():
    objects = list(yaml.safe_load_all(generated()))
    assert [each["kind"] for each in objects] == [
        "ServiceAccount",
        "Role",
        "RoleBinding",
        "ClusterRole",
        "ClusterRoleBinding",
        "CronJob",
    ]
    container = objects[-1]["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"][0]
    assert container["args"] == [SCRIPT.read_text()]
    told = {each["name"]: each["value"] for each in container["env"]}
    assert (told["SCHEDULE"], told["NAMESPACE"], told["WORKLOADS"]) == ("production-tokyo", "production", "statefulset/orders")


def test_kubernetes_expands_nothing_of_a_check():
    container = list(yaml.safe_load_all(generated('test "$(count)" -gt 0')))[-1]["spec"]["jobTemplate"]["spec"]
    told = {each["name"]: each["value"] for each in container["template"]["spec"]["containers"][0]["env"]}
    assert told["DATA_CHECK"] == 'test "$$(count)" -gt 0'


def test_the_script_has_no_syntax_error():
    assert subprocess.run([BASH or "bash", "-n", str(SCRIPT)], capture_output=True, check=False).stderr == b""


def test_shellcheck_has_nothing_to_say():
    done = subprocess.run([Path(sys.executable).with_name("shellcheck"), "--shell=bash", str(SCRIPT)], capture_output=True, check=False)
    assert done.stdout == b""
