"""Records beside git: when they were committed, and whether what they prove was changed since."""

from __future__ import annotations

import subprocess
from datetime import date
from pathlib import Path

import pytest
from repositories import commit

from drpolicy.app.check import check
from drpolicy.app.settings import Settings
from drpolicy.model.findings import Finding
from drpolicy.model.report import Report
from drpolicy.triage.gate import PRESETS

MAIN = """\
resource "aws_db_instance" "orders" {
  identifier              = "orders"
  engine                  = "postgres"
  instance_class          = "db.t4g.small"
  backup_retention_period = 7
}

resource "aws_backup_vault" "main" {
  name = "main"
}

resource "aws_backup_plan" "daily" {
  name = "daily"

  rule {
    rule_name         = "daily"
    target_vault_name = aws_backup_vault.main.name
    schedule          = "cron(0 5 * * ? *)"
  }
}

resource "aws_backup_selection" "orders" {
  name         = "orders"
  iam_role_arn = "arn:aws:iam::111122223333:role/backup"
  plan_id      = aws_backup_plan.daily.id
  resources    = [aws_db_instance.orders.arn]
}
"""
SERVICE = """\
apiVersion: drpolicy.dev/v1
kind: Service
metadata: {name: orders}
spec:
  owner: team-orders
  stores: [{name: orders-db, ref: aws_db_instance.orders}]
"""
RECORD = """\
apiVersion: drpolicy.dev/v1
kind: Evidence
metadata: {name: orders-restore}
spec:
  service: orders
  kind: restore
  date: 2026-03-01
  outcome: passed
  stores: [orders-db]
  recordedBy: {job: restore-17}
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    commit(tmp_path, "2026-02-01", {"main.tf": MAIN, "services/orders.yaml": SERVICE})
    commit(tmp_path, "2026-03-02", {"evidence/orders.yaml": RECORD})
    return tmp_path


def report(root: Path, mode: str = "audit", as_of: date = date(2026, 11, 1)) -> Report:
    return check(Settings((root,), root, as_of, mode="audit" if mode == "audit" else "check", gate=PRESETS["audit"], trace_passes=True))


def judged(root: Path, mode: str = "audit", policy: str = "evidence-older-than-mechanism") -> Finding:
    (found,) = [each for each in report(root, mode).every() if each.policy == policy]
    return found


def changed(root: Path, before: str, after: str) -> Finding:
    commit(root, "2026-05-01", {"main.tf": MAIN.replace(before, after)})
    return judged(root)


def test_nothing_has_changed_since(root: Path) -> None:
    assert judged(root).verdict.value == "pass"


def test_only_an_audit_asks_git(root: Path) -> None:
    assert judged(root, "check").verdict.value == "not_applicable"


@pytest.mark.parametrize(
    ("before", "after", "place"),
    [
        ("cron(0 5 * * ? *)", "cron(0 6 * * ? *)", "main.tf:15:3"),
        ("backup_retention_period = 7", "backup_retention_period = 3", "main.tf:5:29"),
    ],
)
def test_what_makes_the_copies_changed_since(root: Path, before: str, after: str, place: str) -> None:
    found = changed(root, before, after)
    assert (found.verdict.value, str(found.span)) == ("fail", place)
    assert found.message.startswith("orders-restore of orders proves the copies as they were made 245d ago: ")
    assert found.message.endswith(" was changed on 2026-05-01")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('instance_class          = "db.t4g.small"', 'instance_class          = "db.t4g.large"'),  # not what makes the copies
        ("    rule_name ", "    # every morning\n    rule_name "),
        ("  rule {", "  rule  {"),
        ('resource "aws_backup_vault" "main" {', '# the vault\n\nresource "aws_backup_vault" "main" {'),
    ],
)
def test_other_lines_comments_and_white_space_are_no_change(root: Path, before: str, after: str) -> None:
    assert changed(root, before, after).verdict.value == "pass"


def test_a_block_that_moved_within_its_file_is_the_same(root: Path) -> None:
    plan = MAIN[MAIN.index('resource "aws_backup_plan"') : MAIN.index('resource "aws_backup_selection"')]
    commit(root, "2026-05-01", {"main.tf": plan + MAIN.replace(plan, "")})
    assert judged(root).verdict.value == "pass"


def test_a_shallow_clone_does_not_know(root: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    clone = tmp_path_factory.mktemp("clone") / "shallow"
    subprocess.run(["git", "clone", "-q", "--depth", "1", f"file://{root}", str(clone)], check=True, capture_output=True)
    for policy in ("evidence-older-than-mechanism", "evidence-dated-after-commit"):
        found = judged(clone, policy=policy)
        assert found.verdict.value == "unknown"
        assert found.unknowns[0].unknown.reason.label == "no history"
        assert found.unknowns[0].what.endswith("git has only the newest commits of this clone")


def test_without_a_repository_nobody_knows(tmp_path: Path) -> None:
    for name, text in {"main.tf": MAIN, "orders.yaml": SERVICE, "record.yaml": RECORD}.items():
        (tmp_path / name).write_text(text)
    assert judged(tmp_path).verdict.value == "unknown"


def test_a_date_after_its_commit_is_a_finding(root: Path) -> None:
    assert judged(root, policy="evidence-dated-after-commit").verdict.value == "pass"
    commit(root, "2026-05-01", {"evidence/orders.yaml": RECORD.replace("2026-03-01", "2026-06-01")})
    found = judged(root, policy="evidence-dated-after-commit")
    assert (found.verdict.value, str(found.span)) == ("fail", "evidence/orders.yaml:7:9")
    assert found.message == "orders-restore of orders is dated 153d ago, and that date was committed on 2026-05-01, before it"


def test_the_checklist_shows_the_commit_beside_the_date(root: Path) -> None:
    reasons = [each for box in report(root, as_of=date(2026, 3, 20)).checklist for each in box.reasons if "orders-restore" in each.text]
    assert {(each.day, each.text.partition(", ")[2]) for each in reasons} == {("2026-03-01", "committed 2026-03-02")}


def test_a_record_that_is_not_committed_has_no_day(root: Path) -> None:
    (root / "evidence" / "new.yaml").write_text(RECORD.replace("orders-restore", "orders-new"))
    verdicts = {each.subject.name: each.verdict.value for each in report(root).every() if each.policy == "evidence-dated-after-commit"}
    assert verdicts == {"orders-restore": "pass", "orders-new": "not_applicable"}


CLUSTER = """\
apiVersion: velero.io/v1
kind: BackupStorageLocation
metadata: {name: default, namespace: velero}
spec: {provider: aws, objectStorage: {bucket: backups}, config: {region: eu-central-1}}
---
apiVersion: velero.io/v1
kind: Schedule
metadata:
  name: daily
  namespace: velero
spec:
  schedule: "0 3 * * *"
  template:
    includedNamespaces: [shop]
    defaultVolumesToFsBackup: true
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data, namespace: shop}
spec: {resources: {requests: {storage: 1Gi}}}
"""
CONFIG = """\
apiVersion: drpolicy.dev/v1
kind: Config
clusters: [{name: east, region: eu-west-1, role: primary, paths: ["k8s/**"]}]
"""


@pytest.mark.parametrize(
    ("before", "after", "verdict"),
    [
        ("    includedNamespaces: [shop]", "    includedNamespaces: [shop, other]", "fail"),
        ("storage: 1Gi", "storage: 2Gi", "pass"),
    ],
)
def test_a_schedule_of_velero_changed_since(tmp_path: Path, before: str, after: str, verdict: str) -> None:
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    service = SERVICE.replace("{name: orders-db, ref: aws_db_instance.orders}", "{kubernetes: {cluster: east, namespace: shop}}")
    record = RECORD.replace("  stores: [orders-db]\n", "")
    commit(tmp_path, "2026-02-01", {"k8s/shop.yaml": CLUSTER, "drpolicy.yaml": CONFIG, "orders.yaml": service, "record.yaml": record})
    commit(tmp_path, "2026-05-01", {"k8s/shop.yaml": CLUSTER.replace(before, after)})
    found = judged(tmp_path)
    assert found.verdict.value == verdict
    if verdict == "fail":
        assert str(found.span) == "k8s/shop.yaml:9:9"
        assert found.message.endswith("Velero schedule daily was changed on 2026-05-01")


def test_a_copy_that_may_be_there_and_changed_since_leaves_it_open(root: Path) -> None:
    added = 'variable "x" {}\n\n' + MAIN.replace(
        'resource "aws_backup_selection" "orders" {', 'resource "aws_backup_selection" "orders" {\n  count = var.x'
    )
    commit(root, "2026-02-15", {"main.tf": added})
    assert judged(root).verdict.value == "pass"
    commit(root, "2026-05-01", {"main.tf": added.replace("cron(0 5 * * ? *)", "cron(0 6 * * ? *)")})
    found = judged(root)
    assert (found.verdict.value, found.unknowns[0].unknown.reason.label) == ("unknown", "variable not set")
