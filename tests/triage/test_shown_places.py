"""Which lines a change is made of, and where in it a finding is shown."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import pytest

from drpolicy.app.check import assemble
from drpolicy.app.reading import read_tree
from drpolicy.app.settings import Settings
from drpolicy.model.findings import Verdict
from drpolicy.sources.trees import MemoryTree
from drpolicy.triage.shown_places import COMPARED, ChangedLines, changed_lines

sys.setrecursionlimit(20_000)  # what the command line runs with


@pytest.mark.parametrize(
    ("before", "after", "written", "removed"),
    [
        (None, "a\nb\n", {1, 2}, set()),
        ("a\nb\nc\n", "a\nb\nc\n", set(), set()),
        ("a\nb\nc\n", "a\nx\nc\n", {2}, set()),
        ("a\nb\nc\n", "a\nc\n", set(), {1}),
        ("a\nb\n", "b\n", set(), {0}),
        ("a\nb\n", "a\n", set(), {1}),
        ("a\na\n", "a\na\na\n", {3}, set()),
        ("a\nb\nc\nd\n", "a\nx\nc\ny\nd\n", {2, 4}, set()),
        ("a\r\nb\r\n", "a\nb\n", set(), set()),
        ("", "", set(), set()),
    ],
)
def test_the_lines_of_a_change(before: str | None, after: str, written: set[int], removed: set[int]) -> None:
    assert changed_lines(before, after) == ChangedLines(frozenset(written), frozenset(removed))


def test_a_large_change_is_one_piece() -> None:
    after = "".join(f"{line}\n" for line in range(COMPARED + 1))
    assert changed_lines("x\n" + "same\n", after + "same\n").written == frozenset(range(1, COMPARED + 2))


def test_how_far_away_a_change_is() -> None:
    found = ChangedLines(frozenset({10}), frozenset({4}))
    assert [found.distance(line) for line in (10, 12, 5, 4, 2)] == [0, 2, 1, 1, 3]
    assert ChangedLines().distance(1) == float("inf")


RETENTION = """variable "name" {}
variable "days" { default = 0 }
variable "settings" { default = {} }
resource "aws_db_instance" "this" {
  identifier              = var.name
  backup_retention_period = %s
}
"""
CALL = 'module "orders" {\n  source = "./%s"\n  name   = "orders"\n%s}\n'
ROOT = 'provider "aws" {\n  region = "eu-west-1"\n}\n\nlocals {\n  none = 0\n}\n\n'


def place_of(files: dict[str, str]) -> tuple[str, list[str]]:
    """Return where the missing backup is shown, and the places of its evidence."""
    report = assemble(Settings((Path(),), Path(), date(2026, 11, 1)), read_tree(MemoryTree(files)))
    (found,) = [each for each in report.findings if each.policy == "database-without-backup" and each.verdict is Verdict.FAIL]
    return str(found.span), [str(each.span) for each in found.evidence]


@pytest.mark.parametrize(
    ("retention", "given", "place"),
    [
        ("var.days", "  days   = 0\n", "main.tf:12:12"),
        ("var.days", "  days   = local.none\n", "main.tf:12:12"),
        ("var.settings.days", "  settings = {\n    days = 0\n  }\n", "main.tf:13:12"),
        ("var.days", "", "db/main.tf:6:29"),
        ("0", "", "db/main.tf:6:29"),
    ],
    ids=["a value", "a local of the root", "a field of an object", "the default of the module", "a value of the module"],
)
def test_what_a_module_makes_is_shown_where_the_root_decides(retention: str, given: str, place: str) -> None:
    found, because = place_of({"main.tf": ROOT + CALL % ("db", given), "db/main.tf": RETENTION % retention})
    assert found == place
    assert "db/main.tf:6:29" in (found, *because), "the use is kept"


def test_through_another_module_it_is_shown_in_the_root() -> None:
    outer = 'variable "name" {}\nvariable "days" {}\nmodule "inner" {\n  source = "../db"\n  name   = var.name\n  days   = var.days\n}\n'
    files = {"main.tf": ROOT + CALL % ("outer", "  days   = 0\n"), "outer/main.tf": outer, "db/main.tf": RETENTION % "var.days"}
    assert place_of(files)[0] == "main.tf:12:12"


def test_what_init_fetched_is_shown_at_the_call() -> None:
    manifest = '{"Modules": [{"Key": "orders", "Source": "registry.example.com/a/db/aws", "Dir": ".terraform/modules/orders"}]}'
    files = {
        "main.tf": ROOT + (CALL % ("db", "")).replace("./db", "registry.example.com/a/db/aws"),
        ".terraform/modules/modules.json": manifest,
        ".terraform/modules/orders/main.tf": RETENTION % "0",
    }
    found, because = place_of(files)
    assert found == "main.tf:9:1"
    assert ".terraform/modules/orders/main.tf:6:29" in because


def test_a_waiver_in_the_module_covers_what_is_shown_at_the_call() -> None:
    waiver = '# drpolicy: ignore[database-without-backup] until=2027-03-31 reason="r"\nresource'
    files = {"main.tf": ROOT + CALL % ("db", "  days   = 0\n"), "db/main.tf": (RETENTION % "var.days").replace("resource", waiver)}
    report = assemble(Settings((Path(),), Path(), date(2026, 11, 1)), read_tree(MemoryTree(files)))
    assert [each.subject.address for each in report.findings if each.waiver is not None] == ["module.orders.aws_db_instance.this"]
