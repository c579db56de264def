"""A review is held against git's history: of the resources that a runbook describes, and of its own text."""

from __future__ import annotations

import subprocess
from datetime import date
from pathlib import Path

import pytest
from repositories import commit

from drpolicy.app.check import check
from drpolicy.app.settings import Settings
from drpolicy.model.findings import Finding
from drpolicy.sources.history import SHALLOW, git_history
from drpolicy.sources.problems import Unreadable
from drpolicy.triage.gate import PRESETS

MAIN = """\
resource "aws_dynamodb_table" "orders" {
  name     = "orders"
  hash_key = "id"
}

resource "aws_dynamodb_table" "other" {
  name     = "other"
  hash_key = "id"
}
"""
SERVICE = """\
apiVersion: drpolicy.dev/v1
kind: Service
metadata: {name: orders}
spec:
  owner: team-orders
  runbook: {path: docs/orders.md}
  stores: [{ref: aws_dynamodb_table.orders}]
"""
RUNBOOK = "---\nlastReviewed: 2026-03-01\n---\n# Orders\n\n## Failback\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    commit(tmp_path, "2026-02-01", {"main.tf": MAIN, "services/orders.yaml": SERVICE, "docs/orders.md": RUNBOOK})
    return tmp_path


def judged(root: Path, mode: str = "audit") -> Finding:
    settings = Settings((root,), root, date(2026, 11, 1), mode="audit" if mode == "audit" else "check", gate=PRESETS["audit"])
    (found,) = [each for each in check(settings).every() if each.policy == "runbook-older-than-estate"]
    return found


def test_nothing_has_changed_since(root: Path):
    assert judged(root).verdict.value == "pass"


def test_only_an_audit_asks_git(root: Path):
    assert judged(root, "check").verdict.value == "not_applicable"


def test_the_table_changed_since_the_review(root: Path):
    commit(root, "2026-05-01", {"main.tf": MAIN.replace('hash_key = "id"', 'hash_key = "key"', 1)})
    found = judged(root)
    assert (found.verdict.value, str(found.span)) == ("fail", "main.tf:1:1")
    assert found.message.endswith("which changed 184d ago (last review: 245d, last change of its text: 273d)")


def test_what_changed_after_the_day_that_is_asked_about_had_not_changed(root: Path):
    commit(root, "2026-11-02", {"main.tf": MAIN.replace('hash_key = "id"', 'hash_key = "key"', 1)})
    assert judged(root).verdict.value != "fail"


@pytest.mark.parametrize("change", [('name     = "other"', 'name     = "else"'), ('name     = "orders"', 'name = "orders"')])
def test_another_resource_and_white_space_are_no_change(root: Path, change: tuple[str, str]):
    commit(root, "2026-05-01", {"main.tf": MAIN.replace(*change)})
    assert judged(root).verdict.value == "pass"


def test_a_new_date_on_the_old_text_is_no_review(root: Path):
    commit(root, "2026-05-01", {"main.tf": MAIN.replace('hash_key = "id"', 'hash_key = "key"', 1)})
    commit(root, "2026-05-02", {"docs/orders.md": RUNBOOK.replace("2026-03-01", "2026-05-02")})
    assert judged(root).verdict.value == "fail"
    commit(root, "2026-05-03", {"docs/orders.md": RUNBOOK.replace("2026-03-01", "2026-05-03") + "\nThe key is `key`.\n"})
    assert judged(root).verdict.value == "pass"


def test_what_is_not_committed_has_no_day(root: Path):
    (root / "main.tf").write_text(MAIN.replace('hash_key = "id"', 'hash_key = "key"', 1))
    assert judged(root).verdict.value == "pass"


def test_a_shallow_clone_has_no_history(root: Path, tmp_path_factory: pytest.TempPathFactory):
    commit(root, "2026-05-01", {"main.tf": MAIN + "\n"})
    clone = tmp_path_factory.mktemp("clone") / "shallow"
    subprocess.run(["git", "clone", "-q", "--depth", "1", f"file://{root}", str(clone)], check=True, capture_output=True)
    assert git_history(clone) == SHALLOW
    assert isinstance(git_history(tmp_path_factory.mktemp("plain")), Unreadable)
