"""From a policy and a subject to a finding: the verdict table, severity, what the gate may count."""

from __future__ import annotations

import pytest
from policy_runs import SEOUL, estate_of, findings, only, policy

from drpolicy.model.findings import Verdict
from drpolicy.model.reasons import Reason
from drpolicy.model.stores import Store
from drpolicy.policy.compiled import compile_policy
from drpolicy.policy.context import Context
from drpolicy.policy.documents import PolicyDocument, SeverityCase
from drpolicy.policy.engine import judge, without_subjects

TABLE = SEOUL + 'variable "kept" {\n  type = bool\n}\n\nresource "aws_dynamodb_table" "t" {\n  name = "t"\n  %s\n}\n'
GUARDED = TABLE % "deletion_protection_enabled = true"
UNGUARDED = TABLE % "deletion_protection_enabled = false"
UNSURE = TABLE % "deletion_protection_enabled = var.kept"
MAYBE_THERE = TABLE % "count = var.kept ? 1 : 0"

TRUE, FALSE, OPEN = "true", "false", "has(self.deletionGuarded) && self.deletionGuarded"


@pytest.mark.parametrize(
    ("when", "assertion", "files", "verdict"),
    [
        (TRUE, TRUE, GUARDED, Verdict.PASS),
        (TRUE, FALSE, GUARDED, Verdict.FAIL),
        (TRUE, OPEN, GUARDED, Verdict.PASS),
        (TRUE, OPEN, UNGUARDED, Verdict.FAIL),
        (TRUE, OPEN, UNSURE, Verdict.UNKNOWN),
        (FALSE, TRUE, UNSURE, Verdict.NOT_APPLICABLE),
        (FALSE, FALSE, UNSURE, Verdict.NOT_APPLICABLE),
        (FALSE, OPEN, UNSURE, Verdict.NOT_APPLICABLE),
        (OPEN, TRUE, UNSURE, Verdict.UNKNOWN),
        (OPEN, FALSE, UNSURE, Verdict.UNKNOWN),
        (OPEN, TRUE, UNGUARDED, Verdict.NOT_APPLICABLE),
        (OPEN, TRUE, GUARDED, Verdict.PASS),
        (OPEN, FALSE, GUARDED, Verdict.FAIL),
        # Whether the subject exists is not known: a FAIL of it is not provable, a PASS may vanish with it.
        (TRUE, FALSE, MAYBE_THERE, Verdict.UNKNOWN),
        (TRUE, TRUE, MAYBE_THERE, Verdict.PASS),
        (FALSE, FALSE, MAYBE_THERE, Verdict.NOT_APPLICABLE),
    ],
)
def test_verdict(when: str, assertion: str, files: str, verdict: Verdict) -> None:
    assert only(policy(assertion, when=when), files).verdict is verdict


def test_an_uncertain_subject_asks_for_what_makes_it_certain_and_nothing_else() -> None:
    finding = only(policy(FALSE), MAYBE_THERE)
    assert finding.subject.address == "aws_dynamodb_table.t[0]"
    assert [(each.what, each.unknown.reason) for each in finding.unknowns] == [("root:var.kept", Reason.VARIABLE_NOT_SET)]


def test_an_open_question_names_the_variable_and_its_place() -> None:
    (question,) = only(policy(OPEN), UNSURE).unknowns
    assert (question.what, question.unknown.reason) == ("root:var.kept", Reason.VARIABLE_NOT_SET)
    assert question.span is not None
    assert str(question.span) == "main.tf:4:1"


def test_every_subject_gives_one_finding_and_no_subject_none() -> None:
    two = SEOUL + 'resource "aws_dynamodb_table" "a" {\n  name = "a"\n}\nresource "aws_dynamodb_table" "b" {\n  name = "b"\n}\n'
    assert [each.subject.address for each in findings(policy(), two)] == ["aws_dynamodb_table.a", "aws_dynamodb_table.b"]
    assert findings(policy(), SEOUL) == []
    assert without_subjects([policy(), policy(subject="Deployment", id="of-roots")], estate_of(SEOUL)) == ("tried",)


@pytest.mark.parametrize(
    ("files", "severity"),
    [(GUARDED, "critical"), (UNGUARDED, "medium"), (UNSURE, "critical")],
    ids=["first condition holds", "second holds", "an unknown condition counts as holding"],
)
def test_severity_is_the_first_that_matches(files: str, severity: str) -> None:
    cases = (SeverityCase("critical", OPEN), SeverityCase("medium", "self.kind == 'table'"), SeverityCase("low"))
    assert only(policy(FALSE, severity=cases), files).severity == severity


def test_severity_that_nothing_matches_is_low() -> None:
    assert only(policy(FALSE, severity=(SeverityCase("critical", FALSE),)), GUARDED).severity == "low"


def in_environment(name: str) -> dict[str, str]:
    config = f"apiVersion: drpolicy.dev/v1\nkind: Config\ndeployments:\n  - {{path: ., environment: {name}}}\n"
    return {"main.tf": UNGUARDED, "drpolicy.yaml": config}


def test_outside_production_a_finding_is_advice_and_its_verdict_the_same() -> None:
    severe = policy(FALSE, severity=(SeverityCase("critical"),))
    context = Context(non_production=frozenset({"staging"}), severities={"tried": "high"})
    staging, production = only(severe, in_environment("staging"), context), only(severe, in_environment("production"), context)
    assert (staging.verdict, staging.severity, staging.subject.environment) == (Verdict.FAIL, "advice", "staging")
    assert (production.verdict, production.severity, production.subject.environment) == (Verdict.FAIL, "high", "production")


def test_a_severity_that_the_user_sets_wins_over_the_policy() -> None:
    severe = policy(FALSE, severity=(SeverityCase("critical"),))
    assert only(severe, GUARDED, Context(severities={"tried": "low"})).severity == "low"
    assert only(severe, GUARDED, Context(severities={"other": "low"})).severity == "critical"


def test_calendar_and_library_are_marked_for_the_gate() -> None:
    assert only(policy(FALSE, calendar=True), GUARDED).calendar
    assert not only(policy(FALSE), GUARDED).calendar
    name = estate_of(GUARDED).stores[0].deployment
    assert not only(policy(FALSE), GUARDED, Context(ungated=frozenset({name}))).gated
    assert only(policy(FALSE), GUARDED, Context(ungated=frozenset({"another"}))).gated


def test_a_policy_about_observations_is_silent_about_files() -> None:
    assert findings(policy(FALSE, observed_only=True), GUARDED) == []
    assert [each.witness for each in findings(policy(FALSE, observed_only=True), GUARDED, Context(witness="observed"))] == ["observed"]


def test_what_a_finding_carries() -> None:
    remedies = {"aws_dynamodb_table": "deletion_protection_enabled = true"}
    finding = only(policy(OPEN, remedies=remedies, locate=("attributes.deletion_protection_enabled",)), UNGUARDED)
    assert finding.message == "aws_dynamodb_table.t is tried"
    assert finding.remedy == "deletion_protection_enabled = true"
    assert (str(finding.span), finding.span.text) == ("main.tf:10:33", "false")
    assert finding.cause == "main.tf:10:33"
    assert only(policy(OPEN), UNGUARDED).remedy == "patch"


def test_a_finding_stands_at_the_header_when_nothing_is_written() -> None:
    bare = SEOUL + 'resource "aws_dynamodb_table" "t" {\n  name = "t"\n}\n'
    finding = only(policy(OPEN), bare)
    assert (str(finding.span), finding.span.text) == ("main.tf:4:1", 'resource "aws_dynamodb_table" "t" {')


def test_a_pass_is_traced_only_on_demand() -> None:
    assert only(policy(OPEN), GUARDED).evidence == ()
    traced = only(policy(OPEN), GUARDED, Context(trace_passes=True)).evidence
    assert next(str(each.span) for each in traced if each.span is not None) == "main.tf:10:33"


COMPILE = [
    ("self.kindd == 'x'", {}, "tried: spec.assert: no field 'kindd' on Store; did you mean 'kind'?"),
    ("true", {"subject": "Stor"}, "no subject 'Stor'; did you mean 'Store'?"),
    ("true", {"locate": ("reegion",)}, "tried: spec.locate: no field 'reegion' on Store; did you mean 'region'?"),
    ("true", {"message": "{self.nme}"}, "tried: spec.message: no field 'nme' on Store; did you mean 'name'?"),
]


@pytest.mark.parametrize(("assertion", "changes", "message"), COMPILE)
def test_a_faulty_policy_says_what_and_suggests(assertion: str, changes: dict[str, object], message: str) -> None:
    given = {
        "id": "tried",
        "title": "t",
        "anti_pattern": "recoverability",
        "subject": "Store",
        "message": "m",
        "severity": (SeverityCase("low"),),
        "why": "w",
        "remediation": "r",
        **changes,
    }
    problems = compile_policy(PolicyDocument(**{**given, "assertion": assertion}))  # type: ignore[arg-type]  # a table of any fields
    assert isinstance(problems, list)
    assert [(each.message, each.effect) for each in problems] == [(message, "invalid")]


def test_parameters_can_be_overridden_and_a_duration_is_one() -> None:
    document = policy("params.least <= duration('2h')", params={"least": "1h"}).document
    lenient, strict = compile_policy(document), compile_policy(document, {"least": "3h"})
    assert not isinstance(lenient, list)
    assert not isinstance(strict, list)
    estate = estate_of(GUARDED)
    assert [each.verdict for each in judge([lenient, strict], estate, Context()).findings] == [Verdict.PASS, Verdict.FAIL]
    problems = compile_policy(document, {"lest": "3h"})
    assert isinstance(problems, list)
    assert problems[0].message == "tried has no parameter 'lest'"


def test_stores_are_what_the_helpers_judge() -> None:
    assert [type(each) for each in estate_of(GUARDED).stores] == [Store]
