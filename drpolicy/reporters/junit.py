"""The report as JUnit XML, for what shows test results (Jenkins xUnit plugin, junit-10.xsd; GitLab Docs, "Unit test reports", 2026-11).

A suite is a declared service, a test case a policy on a subject. What fails is a failure, what cannot be decided, does not
apply or was accepted is skipped with the reason: no host shows a fourth outcome. Diagnostics are a suite of their own: what
was not read or is invalid is an error, as it is for the exit code; a warning changes no outcome, and is skipped with what it says.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from drpolicy.model.findings import Diagnostic, Finding, Verdict
from drpolicy.model.patterns import deferred
from drpolicy.model.report import Report
from drpolicy.reporters.printable import REPLACEMENT, one_line, place

# What XML 1.0 can hold at all (section 2.2); escapes do not help what it cannot.
_NO_CHARACTER: Final = deferred("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NONE: Final = "no declared service"


def render(report: Report) -> bytes:
    """Return the XML document in UTF-8."""
    return "".join(_document(report)).encode("utf-8", "replace")


def _document(report: Report) -> Iterator[str]:
    suites: dict[str, list[Finding]] = {}
    findings = list(report.every())
    for finding in findings:
        subject = finding.subject
        name = subject.name if subject.kind == "Service" else next(iter(subject.services), _NONE)
        suites.setdefault(name, []).append(finding)
    outcomes = Counter(map(_outcome, findings))
    read = [each for each in report.diagnostics if each.level != "note"]
    errors = sum(map(_is_error, read))
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield f'<testsuites name="drpolicy" tests="{len(findings) + len(read)}" failures="{outcomes["failure"]}" '
    # The schema of Jenkins counts what is skipped by suite alone.
    yield f'errors="{errors}">\n'
    for name, cases in sorted(suites.items()):
        yield from _suite(name, cases)
    if read:
        yield from _diagnostics(read, errors)
    yield "</testsuites>\n"


def _suite(name: str, findings: Sequence[Finding]) -> Iterator[str]:
    tally = Counter(map(_outcome, findings))
    counts = f'tests="{len(findings)}" failures="{tally["failure"]}" errors="0" skipped="{tally["skipped"]}"'
    yield f"  <testsuite name={_attribute(name)} {counts}>\n"
    for finding in findings:
        yield from _case(finding)
    yield "  </testsuite>\n"


def _outcome(finding: Finding) -> str:
    if finding.verdict is Verdict.PASS:
        return "passed"
    return "failure" if finding.verdict is Verdict.FAIL and not finding.accepted else "skipped"


def _case(finding: Finding) -> Iterator[str]:
    subject = finding.subject
    name = f"{subject.deployment}//{subject.address}" if subject.deployment else subject.address
    head = f"    <testcase classname={_attribute(finding.policy)} name={_attribute(name)}"
    match _outcome(finding):
        case "passed":
            yield f"{head}/>\n"
        case "failure":
            detail = "\n".join([place(finding.span), *(f"because {one_line(each.text)}" for each in finding.evidence)])
            yield f"{head}>\n      <failure type={_attribute(finding.severity)} message={_attribute(finding.message)}>"
            yield f"{_text(detail)}</failure>\n    </testcase>\n"
        case _:
            yield f"{head}>\n      <skipped message={_attribute(_reason(finding))}/>\n    </testcase>\n"


def _reason(finding: Finding) -> str:
    if finding.waiver is not None:
        return f"waived until {finding.waiver.until}: {finding.waiver.reason}"
    if finding.baseline is not None:
        return f"in the baseline since {finding.baseline.since}: {finding.message}"
    if finding.verdict is Verdict.NOT_APPLICABLE:
        return "does not apply"
    waits = "; ".join(dict.fromkeys(f"{each.what}: {each.unknown.reason.label}" for each in finding.unknowns))
    return f"{finding.message} ({waits})" if waits else finding.message


def _is_error(diagnostic: Diagnostic) -> bool:
    return diagnostic.level == "error" or diagnostic.effect != "none"


def _diagnostics(read: Sequence[Diagnostic], errors: int) -> Iterator[str]:
    counts = f'tests="{len(read)}" failures="0" errors="{errors}" skipped="{len(read) - errors}"'
    yield f'  <testsuite name="what was read" {counts}>\n'
    for each in read:
        where = place(each.span) if each.span is not None else each.path
        yield f"    <testcase classname={_attribute(each.code)} name={_attribute(where or each.code)}>\n"
        outcome = f"error type={_attribute(each.level)}" if _is_error(each) else "skipped"
        yield f"      <{outcome} message={_attribute(each.message)}/>\n    </testcase>\n"
    yield "  </testsuite>\n"


def _attribute(text: str) -> str:
    return quoteattr(_NO_CHARACTER.sub(REPLACEMENT, one_line(text)))


def _text(text: str) -> str:
    return escape(_NO_CHARACTER.sub(REPLACEMENT, text))
