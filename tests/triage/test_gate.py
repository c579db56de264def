"""The gate: a table over presets, severities, verdicts and marks."""

from __future__ import annotations

import pytest

from drpolicy.model.findings import SEVERITIES, Diagnostic, Finding, Severity, SubjectReference, Verdict, WaiverMark
from drpolicy.model.records import replace
from drpolicy.model.report import Change, Comparison
from drpolicy.model.spans import Source
from drpolicy.triage.gate import PRESETS, GateSettings, decide, decide_change, fails

SPAN = Source("main.tf", "resource {}\n").span(0, 8)
FINDING = Finding(
    policy="p",
    anti_pattern="recoverability",
    severity="high",
    verdict=Verdict.FAIL,
    witness="declared",
    subject=SubjectReference("Store", "s", "s", "", "d", None),
    span=SPAN,
    message="m",
    evidence=(),
    unknowns=(),
    cause="c",
    fingerprint="f",
    basis="b",
)
UNREAD = Diagnostic("error", "file-unreadable", "a.tf cannot be read", None, "a.tf", "incomplete")


def test_presets_are_what_the_design_says() -> None:
    assert {
        "hook": GateSettings("hook", fail_on="high", on_unknown="warn", on_incomplete="warn", on_lost="fail"),
        "pr": GateSettings("pr", fail_on="high", on_unknown="warn", on_incomplete="fail", on_lost="fail"),
        "audit": GateSettings("audit", fail_on="high", on_unknown="warn", on_incomplete="fail", on_lost="fail"),
    } == PRESETS


@pytest.mark.parametrize("preset", ["hook", "pr", "audit"])
@pytest.mark.parametrize(("severity", "failed"), [("critical", True), ("high", True), ("medium", False), ("low", False), ("advice", False)])
def test_every_preset_fails_on_high_and_worse(preset: str, severity: Severity, failed: bool) -> None:
    assert fails(replace(FINDING, severity=severity), PRESETS[preset]) is failed  # type: ignore[index]  # the parameter is one of the presets


@pytest.mark.parametrize("fail_on", SEVERITIES)
@pytest.mark.parametrize("severity", SEVERITIES)
def test_fail_on_includes_everything_worse(fail_on: Severity, severity: Severity) -> None:
    failed = fails(replace(FINDING, severity=severity), GateSettings(fail_on=fail_on))
    assert failed is (SEVERITIES.index(severity) <= SEVERITIES.index(fail_on))


@pytest.mark.parametrize(
    ("changes", "hook", "pr", "audit"),
    [
        ({}, True, True, True),
        ({"calendar": True}, False, False, True),
        ({"gated": False}, False, False, False),
        ({"waiver": WaiverMark("r", "2027-01-01", "o", None)}, False, False, False),
        ({"verdict": Verdict.UNKNOWN}, False, False, False),
        ({"verdict": Verdict.PASS}, False, False, False),
        ({"verdict": Verdict.NOT_APPLICABLE}, False, False, False),
        ({"witness": "observed"}, True, True, True),
    ],
)
def test_what_is_counted(changes: dict[str, object], hook: bool, pr: bool, audit: bool) -> None:
    finding = replace(FINDING, **changes)  # type: ignore[arg-type]  # a table of any fields
    assert (fails(finding, PRESETS["hook"]), fails(finding, PRESETS["pr"]), fails(finding, PRESETS["audit"])) == (hook, pr, audit)


def test_unknown_fails_only_when_asked_and_serious() -> None:
    strict = GateSettings(on_unknown="fail")
    assert fails(replace(FINDING, verdict=Verdict.UNKNOWN), strict)
    assert not fails(replace(FINDING, verdict=Verdict.UNKNOWN, severity="medium"), strict)
    assert not fails(replace(FINDING, verdict=Verdict.UNKNOWN, gated=False), strict)


@pytest.mark.parametrize(
    ("findings", "diagnostics", "preset", "outcome", "reasons"),
    [
        ([], [], "pr", "passed", ()),
        ([FINDING], [], "pr", "failed", ("1 finding of severity high or worse, the worst high",)),
        (
            [FINDING, replace(FINDING, severity="critical")],
            [],
            "hook",
            "failed",
            ("2 findings of severity high or worse, the worst critical",),
        ),
        ([replace(FINDING, severity="medium")], [], "pr", "passed", ()),
        ([], [UNREAD], "hook", "passed", ()),
        ([], [UNREAD], "pr", "incomplete", ("a.tf cannot be read",)),
        ([], [UNREAD, UNREAD], "audit", "incomplete", ("a.tf cannot be read",)),
        ([FINDING], [UNREAD], "pr", "failed", ("1 finding of severity high or worse, the worst high",)),
        ([], [replace(UNREAD, effect="none")], "pr", "passed", ()),
    ],
)
def test_decide(findings: list[Finding], diagnostics: list[Diagnostic], preset: str, outcome: str, reasons: tuple[str, ...]) -> None:
    facts = decide(findings, diagnostics, PRESETS[preset])  # type: ignore[index]  # the parameter is one of the presets
    assert (facts.outcome, facts.fail_on, facts.reasons) == (outcome, "high", reasons)


@pytest.mark.parametrize(
    ("changes", "before", "preset", "outcome"),
    [
        ({}, Verdict.PASS, "pr", "failed"),
        ({}, Verdict.PASS, "audit", "failed"),
        ({}, Verdict.PASS, "hook", "failed"),
        ({}, None, "pr", "passed"),
        ({}, Verdict.UNKNOWN, "pr", "passed"),
        ({"severity": "advice"}, Verdict.PASS, "pr", "passed"),
        ({"gated": False}, Verdict.PASS, "pr", "passed"),
        ({"calendar": True}, Verdict.PASS, "pr", "passed"),
        ({"waiver": WaiverMark("r", "2027-01-01", "o", None)}, Verdict.PASS, "pr", "passed"),
        ({"verdict": Verdict.UNKNOWN}, Verdict.PASS, "pr", "passed"),
    ],
)
def test_a_change_may_not_break_what_passed(changes: dict[str, object], before: Verdict | None, preset: str, outcome: str) -> None:
    finding = replace(replace(FINDING, severity="low"), **changes)  # type: ignore[arg-type]  # a table of any fields
    worse = (Change(finding, before, finding.verdict, "it passed"),)
    decided = decide_change(Comparison("0" * 40, worse, (), (), ()), (), PRESETS[preset])  # type: ignore[index]  # one of the presets
    assert decided.outcome == outcome
    assert decided.reasons == (("1 finding that passed before this change",) if outcome == "failed" else ())
