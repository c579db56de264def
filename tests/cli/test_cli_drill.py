"""``drpolicy drill plan`` and ``drpolicy drill manifest``."""

from __future__ import annotations

from pathlib import Path

from command_line import AFTER, AS_OF, BEFORE, here


def test_the_plan_begins_with_the_critical_and_the_longest_unproven():
    lines = here("drill", "plan", AFTER, *AS_OF).out.splitlines()
    assert [line for line in lines if line.startswith("## ")] == [
        "## orders (critical)",
        "## billing (important)",
        "## catalog (important)",
    ]


def test_the_plan_of_one_service():
    lines = here("drill", "plan", "--service", "orders", AFTER, *AS_OF).out.splitlines()
    assert [line for line in lines if line.startswith("### ")] == [
        "### 1. Restore orders-db to the latest point in time, in ap-northeast-2, under a name of its own",
        "### 2. Restore table orders to the latest point in time, in ap-northeast-2, under a name of its own",
        "### 3. Restore namespace production into drill-production, from the newest backup of schedule production",
    ]
    assert lines.count("Last restored 7d ago (orders-restore-2026-10, recorded).") == 3


def test_what_no_record_shows_is_said():
    out = here("drill", "plan", "--service", "billing", BEFORE, *AS_OF).out
    assert "No record shows that it was ever restored." in out
    assert "aws_db_instance.reporting: no copy is known that could be used" in out


def test_a_service_without_a_namespace_has_no_job():
    ran = here("drill", "manifest", "billing", AFTER, *AS_OF)
    assert (ran.code, ran.out) == (2, "")
    assert (
        ran.err == "drpolicy: billing claims no namespace: drpolicy drill plan --service billing says how its other stores are restored\n"
    )


def test_the_manifest_goes_to_a_new_file(tmp_path: Path):
    target = tmp_path / "restore-test.yaml"
    assert here("drill", "manifest", "orders", AFTER, "--output", target, *AS_OF).code == 0
    first = target.read_text()
    assert first.startswith("# Restore test of shop-seoul/production:")
    assert here("drill", "manifest", "orders", AFTER, "--output", target, *AS_OF).code == 2
    assert target.read_text() == first
