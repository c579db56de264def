"""Waivers in every form they can be written in, through the whole of ``check``."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import pytest

from drpolicy.app.check import assemble
from drpolicy.app.reading import read_tree
from drpolicy.app.settings import Settings
from drpolicy.model.findings import Finding, Verdict
from drpolicy.model.report import Report
from drpolicy.sources.trees import MemoryTree

sys.setrecursionlimit(20_000)  # what the command line runs with

AS_OF = date(2026, 11, 1)
GOOD = 'ignore[database-without-backup] until=2027-03-31 reason="rebuilt nightly"'
DATABASE = 'provider "aws" {\n  region = "eu-west-1"\n}\n\n%sresource "aws_db_instance" "d" {\n%s  identifier = "d"\n}\n'
VELERO = """apiVersion: velero.io/v1
kind: Schedule
metadata:
  name: daily
  namespace: velero%s
spec:
  schedule: "0 1 * * *"
  paused: true
"""
CONFIG = 'apiVersion: drpolicy.dev/v1\nkind: Config\nclusters:\n  - {name: c, region: eu-west-1, role: primary, paths: ["k8s/**"]}\n'
SERVICE = (
    "apiVersion: drpolicy.dev/v1\nkind: Service\nmetadata: {name: shop}\n"
    "spec:\n  owner: t\n  tier: critical\n  stores:\n    - {ref: aws_db_instance.d}\n"
)


def report_of(files: dict[str, str]) -> Report:
    # Each path of the configuration has to be there.
    return assemble(Settings((Path(),), Path(), AS_OF), read_tree(MemoryTree({"k8s/notes.yaml": "a: 1\n", **files})))


def finding(report: Report, policy: str) -> Finding:
    (found,) = [each for each in report.findings if each.policy == policy and each.verdict is Verdict.FAIL]
    return found


def said(report: Report) -> list[tuple[str, str, str]]:
    return [(each.level, each.code, each.message) for each in report.diagnostics]


@pytest.mark.parametrize(
    ("above", "inside"),
    [
        (f"# drpolicy: {GOOD}\n", ""),
        ("", f"  # drpolicy: {GOOD}\n"),
        ("", f"  // drpolicy: {GOOD}\n"),
        (f"/* drpolicy: {GOOD} */\n", ""),
    ],
    ids=["above", "inside", "slashes", "block comment"],
)
def test_an_inline_waiver_covers_the_block_it_stands_at(above: str, inside: str) -> None:
    report = report_of({"main.tf": DATABASE % (above, inside)})
    waived = finding(report, "database-without-backup")
    assert waived.waiver is not None
    assert (waived.waiver.reason, waived.waiver.until, waived.verdict) == ("rebuilt nightly", "2027-03-31", Verdict.FAIL)
    assert waived.waiver.span is not None
    assert waived.waiver.span.text == "database-without-backup"
    assert said(report) == []


def test_an_inline_waiver_covers_neither_another_policy_nor_another_block() -> None:
    other = 'resource "aws_db_instance" "e" {\n  identifier = "e"\n}\n'
    report = report_of({"main.tf": DATABASE % (f"# drpolicy: {GOOD}\n", "") + other})
    waived = {(each.policy, each.subject.address) for each in report.findings if each.waiver is not None}
    assert waived == {("database-without-backup", "aws_db_instance.d")}


def test_a_comment_apart_from_the_block_covers_nothing() -> None:
    report = report_of({"main.tf": DATABASE % (f"# drpolicy: {GOOD}\n\n", "")})
    assert finding(report, "database-without-backup").waiver is None
    assert said(report) == [("warning", "waiver-unused", "nothing here needs the waiver of database-without-backup; remove it")]
    assert str(report.diagnostics[0].span) == "main.tf:5:20"


def test_one_comment_waives_several_policies() -> None:
    comment = '# drpolicy: ignore[database-without-backup, no-final-snapshot] until=2027-03-31 reason="r"\n'
    text = DATABASE % (comment, "  skip_final_snapshot = true\n")
    report = report_of({"main.tf": text})
    assert {each.policy for each in report.findings if each.waiver} == {"database-without-backup", "no-final-snapshot"}


@pytest.mark.parametrize(
    ("waiver", "level", "code", "message"),
    [
        (
            GOOD.replace("2027-03-31", "2026-10-31"),
            "warning",
            "waiver-expired",
            "the waiver of database-without-backup held until 2026-10-31",
        ),
        (
            GOOD.replace("database-", "databases-"),
            "warning",
            "waiver-unknown-policy",
            "no policy is called 'databases-without-backup'; did you mean 'database-without-backup'?",
        ),
        (
            GOOD.replace("database-without-backup", "table-without-backup"),
            "warning",
            "waiver-unused",
            "nothing here needs the waiver of table-without-backup; remove it",
        ),
        ("ignore[database-without-backup] until=2027-03-31", "error", "waiver-invalid", 'the waiver has no reason; add reason="…"'),
    ],
    ids=["expired", "unknown policy", "unused", "without reason"],
)
def test_a_waiver_that_does_not_hold_waives_nothing_and_says_so(waiver: str, level: str, code: str, message: str) -> None:
    report = report_of({"main.tf": DATABASE % (f"# drpolicy: {waiver}\n", "")})
    assert finding(report, "database-without-backup").waiver is None
    assert said(report) == [(level, code, message)]
    assert report.diagnostics[0].span is not None
    assert report.diagnostics[0].span.start.line == 5


@pytest.mark.parametrize(
    ("until", "holds", "codes"),
    [
        ("2026-10-31", False, ["waiver-expired"]),
        ("2026-11-01", True, ["waiver-expiring"]),
        ("2026-11-15", True, ["waiver-expiring"]),
        ("2026-11-16", True, []),
    ],
)
def test_a_waiver_holds_through_its_last_day(until: str, holds: bool, codes: list[str]) -> None:
    report = report_of({"main.tf": DATABASE % (f"# drpolicy: {GOOD.replace('2027-03-31', until)}\n", "")})
    assert (finding(report, "database-without-backup").waiver is not None) is holds
    assert [each.code for each in report.diagnostics] == codes


REGISTER = """waivers:
  - policy: database-without-backup
    subject: %s
    until: 2027-03-31
    reason: rebuilt nightly
    owner: team-shop
%s"""
FORMAL = "    approver: head-of-operations\n    ticket: OPS-1\n"


@pytest.mark.parametrize("subject", ["aws_db_instance.d", "aws_db_instance.*", '"*//aws_db_instance.d"'])
def test_a_register_entry_covers_what_its_glob_names(subject: str) -> None:
    report = report_of({"main.tf": DATABASE % ("", ""), "drpolicy.yaml": CONFIG + REGISTER % (subject, FORMAL)})
    waived = finding(report, "database-without-backup")
    assert waived.waiver is not None
    assert (waived.waiver.owner, waived.waiver.reason) == ("team-shop", "rebuilt nightly")


def test_a_register_entry_for_something_else_is_unused() -> None:
    report = report_of({"main.tf": DATABASE % ("", ""), "drpolicy.yaml": CONFIG + REGISTER % ("aws_db_instance.e", FORMAL)})
    assert finding(report, "database-without-backup").waiver is None
    assert [each.code for each in report.diagnostics] == ["waiver-unused"]


def test_critical_needs_the_register_and_all_three_signatures() -> None:
    files = {"main.tf": DATABASE % (f"# drpolicy: {GOOD}\n", ""), "service.yaml": SERVICE}
    report = report_of(files)
    severe = finding(report, "database-without-backup")
    assert (severe.severity, severe.waiver) == ("critical", None)
    refusal = "database-without-backup is critical here: only a register entry with owner, approver and ticket waives it"
    assert ("warning", "waiver-not-formal", refusal) in said(report)
    assert report.gate.outcome == "failed"

    files["main.tf"] = DATABASE % ("", "")
    signed = report_of({**files, "drpolicy.yaml": CONFIG + REGISTER % ("aws_db_instance.d", FORMAL)})
    assert finding(signed, "database-without-backup").waiver is not None


def test_a_waived_finding_stays_visible_and_does_not_fail_the_gate() -> None:
    text = DATABASE % (f"# drpolicy: {GOOD}\n", "")
    report = report_of({"main.tf": text})
    assert finding(report, "database-without-backup").verdict is Verdict.FAIL
    assert report.gate.outcome == "passed"


@pytest.mark.parametrize(
    "annotation",
    [
        "\n  annotations:\n    drpolicy.dev/ignore: 'ignore[retention-keeps-one] until=2027-03-31 reason=\"kept elsewhere\"'",
        '\n  annotations:\n    drpolicy.dev/ignore: "drpolicy: ignore[retention-keeps-one] until=2027-03-31 reason=elsewhere"',
    ],
)
def test_an_annotation_covers_its_object(annotation: str) -> None:
    manifest = VELERO % annotation + "  template:\n    ttl: 24h\n"
    report = report_of({"k8s/velero.yaml": manifest, "drpolicy.yaml": CONFIG})
    assert finding(report, "retention-keeps-one").waiver is not None
    assert finding(report, "schedule-paused").waiver is None


def test_a_comment_in_a_manifest_covers_its_document_only() -> None:
    comment = '\n  # drpolicy: ignore[retention-keeps-one] until=2027-03-31 reason="r"'
    one = VELERO % comment + "  template:\n    ttl: 24h\n"
    two = (VELERO % "").replace("name: daily", "name: second") + "  template:\n    ttl: 24h\n"
    report = report_of({"k8s/velero.yaml": one + "---\n" + two, "drpolicy.yaml": CONFIG})
    waived = {each.subject.name: each.waiver is not None for each in report.findings if each.policy == "retention-keeps-one"}
    assert waived == {"daily": True, "second": False}


INSIDE = {
    "main.tf": 'provider "aws" {\n  region = "eu-west-1"\n}\n\nmodule "db" {\n  source   = "./db"\n  for_each = toset(["a", "b"])\n}\n',
    "db/main.tf": 'resource "aws_db_instance" "d" {\n  count      = 2\n  identifier = "d"\n}\n',
}


@pytest.mark.parametrize(
    ("subject", "covered"),
    [
        ("'module.db[\"a\"].aws_db_instance.d[0]'", ['module.db["a"].aws_db_instance.d[0]']),
        ("'module.db[\"a\"].*'", ['module.db["a"].aws_db_instance.d[0]', 'module.db["a"].aws_db_instance.d[1]']),
        ("module.db[*].aws_db_instance.d[1]", ['module.db["a"].aws_db_instance.d[1]', 'module.db["b"].aws_db_instance.d[1]']),
        ("module.[d]b*", []),
    ],
)
def test_a_pattern_reaches_into_modules_and_brackets_are_brackets(subject: str, covered: list[str]) -> None:
    report = report_of({**INSIDE, "drpolicy.yaml": CONFIG + REGISTER % (subject, FORMAL)})
    waived = [each.subject.address for each in report.findings if each.waiver is not None]
    assert sorted(waived) == covered


def test_the_register_says_who_approved_it_and_where() -> None:
    report = report_of({"main.tf": DATABASE % ("", ""), "drpolicy.yaml": CONFIG + REGISTER % ("aws_db_instance.d", FORMAL)})
    waived = finding(report, "database-without-backup").waiver
    assert waived is not None
    assert (waived.owner, waived.approver, waived.ticket) == ("team-shop", "head-of-operations", "OPS-1")


@pytest.mark.parametrize(("limit", "holds"), [("149d", False), ("150d", True)])
def test_a_waiver_runs_no_longer_than_its_severity_allows(limit: str, holds: bool) -> None:
    config = CONFIG + f"waiverLimits: {{low: {limit}}}\n" + REGISTER % ("aws_db_instance.d", FORMAL)
    report = report_of({"main.tf": DATABASE % ("", ""), "drpolicy.yaml": config})
    assert (finding(report, "database-without-backup").waiver is not None) is holds
    said_of_it = "database-without-backup is low here: a waiver of it may run 149d from today, and this one runs 150d, until 2027-03-31"
    assert said(report) == ([] if holds else [("warning", "waiver-too-long", said_of_it)])


def test_the_limit_of_another_severity_says_nothing() -> None:
    config = CONFIG + "waiverLimits: {high: 1d}\n" + REGISTER % ("aws_db_instance.d", FORMAL)
    report = report_of({"main.tf": DATABASE % ("", ""), "drpolicy.yaml": config})
    assert finding(report, "database-without-backup").waiver is not None


MODULE = """variable "name" {}
%sresource "aws_db_instance" "this" {
  identifier = var.name
}
"""
NESTED = 'variable "name" {}\n%smodule "inner" {\n  source = "../db"\n  name   = var.name\n}\n'
CALLS = """provider "aws" {
  region = "eu-west-1"
}

%smodule "orders" {
  source = "./modules/db"
  name   = "orders"
%s}

module "carts" {
  source   = "./modules/db"
  for_each = toset(["a.b", "c"])
  name     = each.key
}
"""
COMMENT = f"# drpolicy: {GOOD}\n"
OF_ORDERS = {"module.orders.aws_db_instance.this"}
OF_CARTS = {'module.carts["a.b"].aws_db_instance.this', 'module.carts["c"].aws_db_instance.this'}


def waived(report: Report) -> set[str]:
    return {each.subject.address for each in report.findings if each.waiver is not None}


@pytest.mark.parametrize(("above", "inside"), [(COMMENT, ""), ("", f"  {COMMENT}")], ids=["above", "inside"])
def test_a_waiver_of_a_module_call_covers_what_that_call_makes(above: str, inside: str) -> None:
    report = report_of({"main.tf": CALLS % (above, inside), "modules/db/main.tf": MODULE % ""})
    assert waived(report) == OF_ORDERS
    assert said(report) == []


def test_a_waiver_of_a_module_call_covers_every_instance_of_it() -> None:
    text = (CALLS % ("", "")).replace('module "carts"', f'{COMMENT}module "carts"')
    assert waived(report_of({"main.tf": text, "modules/db/main.tf": MODULE % ""})) == OF_CARTS


def test_a_waiver_in_the_module_covers_all_its_uses() -> None:
    assert waived(report_of({"main.tf": CALLS % ("", ""), "modules/db/main.tf": MODULE % COMMENT})) == OF_ORDERS | OF_CARTS


@pytest.mark.parametrize("outer", [True, False], ids=["at the outer call", "at the inner call"])
def test_a_waiver_of_a_call_covers_calls_within_it(outer: bool) -> None:
    text = CALLS.replace("./modules/db", "./modules/outer") % (COMMENT if outer else "", "")
    files = {"main.tf": text, "modules/outer/main.tf": NESTED % ("" if outer else COMMENT), "modules/db/main.tf": MODULE % ""}
    found = waived(report_of(files))
    orders = "module.orders.module.inner.aws_db_instance.this"
    assert found == ({orders} if outer else {orders, *(each.replace(".aws", ".module.inner.aws") for each in OF_CARTS)})


def test_a_waiver_of_a_module_call_that_is_not_needed_is_unused() -> None:
    text = CALLS % (COMMENT.replace("database-", "table-"), "")
    assert [each[1] for each in said(report_of({"main.tf": text, "modules/db/main.tf": MODULE % ""}))] == ["waiver-unused"]
