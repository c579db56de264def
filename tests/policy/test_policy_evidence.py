"""Evidence: which value, from which default, through which name."""

from __future__ import annotations

from datetime import date

import pytest
from policy_runs import SEOUL, findings, only, policy

from drpolicy.cel import Read
from drpolicy.model.durations import Duration
from drpolicy.model.findings import Verdict
from drpolicy.model.provenance import Written
from drpolicy.model.ranges import Range
from drpolicy.model.reasons import Reason
from drpolicy.model.spans import Source
from drpolicy.model.values import Known, Members, Object, Unknown, Value
from drpolicy.policy.evidence import evidence_of
from drpolicy.policy.places import place_at

PLACE = Written(Source("main.tf", "x").span(0, 1))
OPEN = Unknown(Reason.VARIABLE_NOT_SET, "envs/prod:var.x", PLACE)
DATABASE = 'resource "aws_db_instance" "d" {\n  identifier = "d"\n%s}\n'


def test_a_written_value_is_shown_where_it_is_written() -> None:
    files = SEOUL + DATABASE % "  backup_retention_period = 0\n"
    finding = only(policy("self.attributes.backup_retention_period > 0"), files)
    assert [str(each.span) for each in finding.evidence] == ["main.tf:6:29"]
    assert finding.evidence[0].text.endswith(" is 0")
    assert str(finding.span) == "main.tf:6:29"


def test_a_default_is_shown_at_the_header_with_its_source() -> None:
    finding = only(policy("self.attributes.backup_retention_period > 0"), SEOUL + DATABASE % "")
    (evidence,) = finding.evidence
    assert str(evidence.span) == "main.tf:4:1"
    assert "backup_retention_period" in evidence.text
    assert "default" in evidence.text or "nothing is written" in evidence.text
    assert "(hashicorp/aws docs, aws_db_instance, backup_retention_period, 2026-11)" in evidence.text


def test_a_value_through_a_variable_is_shown_at_its_use_and_at_its_source() -> None:
    files = SEOUL + 'variable "days" {\n  default = 0\n}\n' + DATABASE % "  backup_retention_period = var.days\n"
    finding = only(policy("self.attributes.backup_retention_period > 0"), files)
    assert [str(each.span) for each in finding.evidence] == ["main.tf:9:29", "main.tf:5:13"]
    assert str(finding.span) == "main.tf:9:29"
    assert finding.cause == "main.tf:5:13"


def test_two_uses_of_one_value_have_one_cause() -> None:
    files = SEOUL + 'variable "days" {\n  default = 0\n}\n'
    one = DATABASE % "  backup_retention_period = var.days\n"
    both = files + one + one.replace('"d"', '"e"')
    assert {each.cause for each in findings(policy("self.attributes.backup_retention_period > 0"), both)} == {"main.tf:5:13"}


def test_no_more_evidence_than_anybody_reads() -> None:
    tests = " && ".join(f"self.attributes.a{number} == {number}" for number in range(20))
    attributes = "".join(f"  a{number} = {number}\n" for number in range(20))
    finding = only(policy(f"!({tests})"), SEOUL + DATABASE % attributes)
    assert finding.verdict is Verdict.FAIL
    assert len(finding.evidence) == 12
    assert len({(each.text, each.span) for each in finding.evidence}) == 12


def test_a_place_inside_a_plain_value_is_none() -> None:
    header = Written(Source("main.tf", "").span(0, 0))
    attributes = Object({"rule": Known(Object({"destination": Known(1.5, header)}), header)})
    assert place_at(attributes, "rule.destination.bucket") is None


def test_an_open_map_says_why_it_is_open() -> None:
    files = SEOUL + 'variable "team" {}\n' + DATABASE % "  tags = { (var.team) = 1 }\n"
    finding = only(policy("size(self.attributes.tags) > 1"), files)
    assert finding.verdict is Verdict.UNKNOWN
    assert [(each.what, each.unknown.reason.label) for each in finding.unknowns] == [("root:var.team", "variable not set")]


TAGGED = "size(self.attributes.tags) > 0"


def test_a_tag_of_which_a_piece_is_written_is_there() -> None:
    files = SEOUL + 'variable "name" {}\n' + DATABASE % '  tags = { Name = "${var.name}-db" }\n'
    assert only(policy(TAGGED), files).verdict is Verdict.PASS


def test_a_map_of_unknown_size_says_which_entry_is_not_known() -> None:
    finding = only(policy(TAGGED), SEOUL + 'variable "name" {}\n' + DATABASE % "  tags = { Name = var.name }\n")
    assert (finding.verdict, [each.what for each in finding.unknowns]) == (Verdict.UNKNOWN, ["root:var.name"])


@pytest.mark.parametrize(
    ("expression", "value", "text"),
    [
        ("self.retention", Known(Duration(86400), PLACE), "retention is 24h"),
        ("self.rpo", Known(Range(Duration(0), Duration(3600), "a copy", ()), PLACE), "RPO is 0s to 1h"),
        ("d.date", Known(date(2026, 11, 1), PLACE), "date is 2026-11-01"),
        ("t.rpo <= t.declaredRpo", OPEN, "whether the RPO is at most the declared RPO is not known (var.x: variable not set)"),
        ("self.dependsOn", Known(Members((), OPEN), PLACE), "what it depends on: not known (var.x: variable not set)"),
        ("self.agreements.oneRegion.holds", Known(True, PLACE), "one region: yes"),
        ("self.storeAttributes.engine", Known("mysql", PLACE), "engine of the store is mysql"),
        ("d.monthsAgo", Known(2, PLACE), "age in calendar months is 2"),
    ],
)
def test_what_was_read_is_said_in_words(expression: str, value: Value[object], text: str) -> None:
    assert [each.text for each in evidence_of([Read(expression, value)])] == [text]
