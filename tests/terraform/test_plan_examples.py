"""The example estates give the same findings from their plans as from their HCL; the plans are made by ``generate_example_plans.py``."""

from __future__ import annotations

import json
from datetime import date
from functools import cache
from pathlib import Path

import pytest
from generate_example_plans import ROOTS, plan
from plan_files import golden

from drpolicy.app.check import assemble
from drpolicy.app.reading import read_tree
from drpolicy.app.settings import Settings
from drpolicy.model.findings import Finding, Verdict
from drpolicy.model.report import Report
from drpolicy.sources.trees import MemoryTree
from drpolicy.terraform.plans.attaching import PlanFile

REPOSITORY = Path(__file__).parents[2]
PLANS = {
    "before": {"terraform": "examples_before.json"},
    "after": {"seoul": "examples_after_seoul.json", "tokyo": "examples_after_tokyo.json"},
}
PATHS = {"terraform": "terraform", "seoul": "terraform/seoul", "tokyo": "terraform/tokyo"}


@cache
def judged(example: str, with_plans: bool, with_hcl: bool = True) -> Report:
    base = REPOSITORY / "examples" / example
    files = {path.relative_to(base).as_posix(): path.read_bytes() for path in base.rglob("*") if path.is_file()}
    tree = MemoryTree({path: data for path, data in files.items() if with_hcl or not path.endswith(".tf")})
    plans = tuple(
        PlanFile("plan", f"{PATHS[name]}/plan.json", golden(file), name, PATHS[name]) for name, file in PLANS[example].items() if with_plans
    )
    settings = Settings(paths=(Path(),), cwd=Path(), as_of=date(2026, 11, 1))
    return assemble(settings, read_tree(tree, plans=plans))


def told(finding: Finding) -> tuple[object, ...]:
    return (
        finding.policy,
        finding.subject.address or finding.subject.name,
        finding.verdict,
        finding.severity,
        str(finding.span),
        finding.message,
    )


@pytest.mark.parametrize("name", ROOTS)
def test_the_plans_are_current(name: str) -> None:
    assert json.loads(golden(f"{name}.json")) == plan(REPOSITORY / ROOTS[name]), "regenerate with tests/terraform/generate_example_plans.py"


@pytest.mark.parametrize("example", ["before", "after"])
def test_over_the_hcl_a_plan_changes_no_finding(example: str) -> None:
    written, planned = (judged(example, with_plans) for with_plans in (False, True))
    ours, theirs = ({finding.fingerprint: told(finding) for finding in report.every()} for report in (written, planned))
    assert theirs == ours
    assert written.gate == planned.gate
    assert [each.basis for each in planned.every()] == [each.basis for each in written.every()]


@pytest.mark.parametrize("example", ["before", "after"])
def test_alone_a_plan_never_says_the_opposite(example: str) -> None:
    """A plan has no ``prevent_destroy``, no backend, and of a set that is not known only what it refers to: that much is open."""
    written = {each.fingerprint: each for each in judged(example, False).every()}
    decided = (Verdict.PASS, Verdict.FAIL)
    for finding in judged(example, True, with_hcl=False).every():
        ours = written.get(finding.fingerprint)
        if ours is not None and ours.verdict in decided and finding.verdict in decided:
            assert finding.verdict is ours.verdict, (told(ours), told(finding))
        if ours is not None and ours.verdict is Verdict.NOT_APPLICABLE:
            assert finding.verdict is not Verdict.FAIL, told(finding)


def test_alone_these_are_open() -> None:
    written = {each.fingerprint: each for each in judged("before", False).every()}
    planned = {each.fingerprint: each for each in judged("before", True, with_hcl=False).every()}
    assert planned.keys() == written.keys()
    changed = {
        (each.policy, each.subject.address): each.verdict.name for key, each in planned.items() if each.verdict is not written[key].verdict
    }
    assert changed == {
        # A plan does not tell a version that EKS chooses from one that nobody wrote.
        ("twin-differs", "aws_eks_cluster.dr"): "UNKNOWN",
        ("no-final-snapshot", "aws_db_instance.reporting"): "UNKNOWN",
        ("store-unguarded", "aws_db_instance.reporting"): "UNKNOWN",
        ("store-unguarded", "aws_dynamodb_table.orders"): "UNKNOWN",
        ("backup-bucket-destroyable", "aws_s3_bucket.velero_primary"): "UNKNOWN",
        ("backup-retention-too-short", "aws_dynamodb_table.orders"): "UNKNOWN",
        ("table-without-backup", "aws_dynamodb_table.orders"): "UNKNOWN",
        ("no-copy-outside-region", "aws_dynamodb_table.orders"): "UNKNOWN",
        ("state-not-stored", "terraform"): "UNKNOWN",
        # Nor a guard that it does not hold, nor a version that the provider may choose.
        ("destroy-leaves-nothing", "aws_db_instance.reporting"): "UNKNOWN",
        ("store-unguarded", "aws_eks_cluster.primary"): "UNKNOWN",
        ("store-unguarded", "aws_eks_cluster.dr"): "UNKNOWN",
        ("replica-differs-from-source", "aws_db_instance.replica"): "UNKNOWN",
    }


def test_the_report_says_what_was_judged_by_a_plan() -> None:
    notes = [(each.level, each.message) for each in judged("after", True).diagnostics if each.code == "plan-used"]
    assert notes == [
        ("note", "seoul is judged by the plan terraform/seoul/plan.json of Terraform 1.11.4, not by its HCL alone"),
        ("note", "tokyo is judged by the plan terraform/tokyo/plan.json of Terraform 1.11.4, not by its HCL alone"),
    ]
