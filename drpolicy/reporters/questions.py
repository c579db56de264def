"""What is not known, as questions: each once, with what settles it and the findings that wait for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from drpolicy.model.findings import Finding, OpenQuestion, Verdict
from drpolicy.model.reasons import Reason
from drpolicy.model.records import dataclass, replace
from drpolicy.model.report import Report
from drpolicy.model.spans import Span
from drpolicy.model.symbols import deployment_of, named
from drpolicy.reporters.languages import Translate
from drpolicy.reporters.sections import with_verdict


@dataclass(frozen=True, slots=True)
class Question:
    """One unknown thing, how to settle it, and the undecided findings that wait for it."""

    what: str
    """Its name without its deployment, such as ``var.region``."""
    where: str
    """The deployment it belongs to; empty where it belongs to none."""
    reason: str
    settle: str
    brief: str
    """What to do in a few words."""
    span: Span | None
    findings: tuple[Finding, ...]
    var_file: str = ""
    """The var-file of the repository that gives a variable its value."""

    @property
    def policies(self) -> int:
        """How many policies wait for it."""
        return len({finding.policy for finding in self.findings})


BRIEFLY: Final[Mapping[Reason, str]] = {
    Reason.VARIABLE_NOT_SET: "--var-file or --var",
    Reason.MODULE_NOT_ON_DISK: "terraform init",
    Reason.DATA_SOURCE: "check a plan",
    Reason.COMPUTED: "--live aws",
    Reason.FUNCTION_NOT_EVALUATED: "check a plan",
    Reason.REFUSED: "repair the expression",
    Reason.REGION_NOT_WRITTEN: "write the region",
    Reason.COUNT_NOT_KNOWN: "set its variables",
    Reason.TEMPLATE_PLACEHOLDER: "check what is rendered",
    Reason.AMBIGUOUS: "name one",
    Reason.LIMIT_REACHED: "split the input",
    Reason.CYCLE: "break the cycle",
    Reason.OUTSIDE_SCOPE: "say it in drpolicy.yaml",
    Reason.FILE_UNREADABLE: "repair the file",
    Reason.ACCESS_DENIED: "grant the action",
    Reason.THROTTLED: "run again later",
    Reason.TRUNCATED: "ask for less",
    Reason.REGION_DISABLED: "enable the region",
    Reason.NOT_OBSERVED: "record a measured restore",
    Reason.NO_HISTORY: "fetch the history",
    Reason.POLICY_ERROR: "repair the policy",
    Reason.SENSITIVE: "--live aws",
}
"""What settles each reason, in a few words; ``Reason.settle`` says it in full."""

RUN: Final = "run {command}"
"""What settles a question that names no reason."""


def questions(report: Report) -> tuple[Question, ...]:
    """Group what is not known by its symbol, wherever it was met; what settles the most verdicts comes first.

    An undecided finding that names no unknown is a question of its own: nothing undecided is left out.
    """
    first: dict[str, Question] = {}
    waiting: dict[str, list[Finding]] = {}
    for finding in with_verdict(report, Verdict.UNKNOWN):
        asked = {each.unknown.symbol: _question(each, report.var_files) for each in reversed(finding.unknowns)}
        if not asked:
            explain = f"drpolicy explain {finding.policy}"
            asked = {
                f"finding {finding.fingerprint}": Question(
                    finding.message, "", "not decided", RUN.format(command=explain), explain, finding.span, ()
                )
            }
        for symbol, question in asked.items():
            first.setdefault(symbol, question)
            waiting.setdefault(symbol, []).append(finding)
    ordered = sorted(first, key=lambda symbol: (-len(waiting[symbol]), symbol))
    return tuple(replace(first[symbol], findings=tuple(waiting[symbol])) for symbol in ordered)


def _question(asked: OpenQuestion, var_files: Mapping[str, str]) -> Question:
    reason = asked.unknown.reason
    file = var_files.get(asked.unknown.symbol, "")
    return Question(named(asked.what), deployment_of(asked.what), reason.label, reason.settle, BRIEFLY[reason], asked.span, (), file)


def settled_by(question: Question, translate: Translate) -> str:
    """Return what settles a question, in full."""
    if question.settle == RUN.format(command=question.brief):
        return translate(RUN).format(command=question.brief)
    return translate(question.settle) + (f": --var-file {question.var_file}" if question.var_file else "")
