"""The report on a terminal: the worst first, on one screen unless everything is asked for."""

from __future__ import annotations

from typing import Final

from rich.text import Text

from drpolicy.model.findings import Diagnostic, Verdict
from drpolicy.model.records import dataclass
from drpolicy.model.report import Report
from drpolicy.reporters import sentences
from drpolicy.reporters.controls import frameworks
from drpolicy.reporters.formats import Options
from drpolicy.reporters.printable import place
from drpolicy.reporters.questions import questions
from drpolicy.reporters.sections import Cause, baselined, brought, failures, waived, with_verdict
from drpolicy.reporters.text_causes import also_at, cause_lines, listing
from drpolicy.reporters.text_changes import comparison_lines
from drpolicy.reporters.text_gaps import coverage_lines, question_lines
from drpolicy.reporters.text_ink import Ink, ink, printed
from drpolicy.reporters.text_recovery import recovery_lines

SCREEN: Final = 40
"""Lines of the first screen."""

_LISTED: Final = 2
"""Lines kept free below the blocks for causes in one line."""
_LEVELS: Final = {"error": "bold red", "warning": "yellow", "note": "dim"}
_GATE: Final = {"passed": "green", "failed": "bold red", "incomplete": "yellow", "invalid": "bold red"}


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of each part is shown; ``None`` is all of it."""

    inferred: int | None
    services: int | None
    questions: int | None
    diagnostics: int | None
    changes: int | None
    screen: int | None


FULL: Final = Limits(None, None, None, None, None, None)
_ROOMY: Final = Limits(2, 6, 3, 3, 8, SCREEN)
_TIGHT: Final = Limits(1, 3, 1, 1, 4, SCREEN)


def render(report: Report, options: Options) -> str:
    """Return the report as text. Without ``full`` it keeps to ``SCREEN`` lines as far as one cause can be shown at all."""
    brush = ink(options)
    if options.full:
        return printed(brush, _screen(report, brush, FULL))
    lines = _screen(report, brush, _ROOMY)
    return printed(brush, lines if len(lines) <= SCREEN else _screen(report, brush, _TIGHT))


def _screen(report: Report, ink: Ink, limits: Limits) -> list[Text]:
    above = [_head(report, ink, limits)]
    if report.coverage.stores or report.services:
        above.append(recovery_lines(report, ink, limits.services))
    change = comparison_lines(report, ink, limits.changes)
    shown = report if limits is FULL else brought(report)
    below = [change, question_lines(questions(report), ink, limits.questions)]
    if limits is FULL:
        below += [_waived(report, ink), _baselined(report, ink), _passed(report, ink), coverage_lines(report.coverage, ink)]
    below += [_summary(report, sentences.by_calendar(shown), ink), _diagnostics(report, ink, limits.diagnostics)]
    used = sum(len(part) + 1 for part in (*above, *below) if part)
    room = None if limits.screen is None else limits.screen - used
    parts = [part for part in (*above, *_causes(failures(shown), report, ink, room), *below) if part]
    lines: list[Text] = []
    for part in parts:
        lines += [Text(end=""), *part] if lines else part
    return lines


def _head(report: Report, ink: Ink, limits: Limits) -> list[Text]:
    brief = limits is not FULL
    lines = ink.wrapped(ink.text((sentences.read(report), "bold")), hanging=2, limit=2 if brief else None)
    nothing = sentences.nothing_held(report)
    if nothing is not None:
        lines += ink.wrapped(ink.text((nothing, "bold yellow")))
    inferred = report.coverage.inferred if brief else ()
    for each in inferred[: limits.inferred]:
        # A name that is too long for the first line leaves nothing on it.
        lines += ink.wrapped(ink.text(("inferred: ", "dim"), each.text), hanging=2, limit=2)
    if limits.inferred is not None and len(inferred) > limits.inferred:
        left_out = sentences.number(len(inferred) - limits.inferred, "more inference")
        lines.append(ink.text((f"… and {left_out}: --full", "dim")))
    gaps = sentences.not_covered(report)
    if gaps:
        lines += ink.wrapped(ink.text(("not covered: ", "dim"), "; ".join(gaps)), hanging=2, limit=2 if brief else None)
    return lines


def _causes(found: tuple[Cause, ...], report: Report, ink: Ink, room: int | None) -> list[list[Text]]:
    """Return the worst causes as blocks, at least one, and below them one line each for as many others as there is room for.

    On the first screen causes of one policy are shown once, with the places of the others.
    """
    if room is None or not found:
        return [cause_lines(cause, report, ink, full=room is None) for cause in found]
    alike: dict[tuple[str, bool], list[Cause]] = {}
    for cause in found:
        alike.setdefault((cause.finding.policy, cause.finding.gated), []).append(cause)
    kinds = list(alike.values())
    reserve = min(len(kinds) - 1, _LISTED) + 1
    blocks: list[list[Text]] = []
    for causes in kinds:
        block = [*cause_lines(causes[0], report, ink, full=False), *also_at(causes[1:], ink)]
        left = room - len(block) - 1
        if blocks and left < (reserve + 1 if len(blocks) + 1 < len(kinds) else 0):
            break
        blocks.append(block)
        room = left
    rest = kinds[len(blocks) :]
    listed = len(rest) if len(rest) < room else max(room - 2, 0)
    lines = listing(rest[:listed], ink)
    if listed < len(rest):
        left_out = sentences.number(sum(map(len, rest[listed:])), "more cause")
        lines.append(ink.text((f"… and {left_out}: drpolicy {report.run.mode} --full", "dim")))
    return [*blocks, lines] if lines else blocks


def _waived(report: Report, ink: Ink) -> list[Text]:
    lines = []
    for each in waived(report):
        if each.waiver is not None:
            owner = f", {each.waiver.owner}" if each.waiver.owner else ""
            said = f"{each.policy} ({each.subject.name}) until {each.waiver.until}{owner}: {each.waiver.reason}"
            lines += ink.wrapped(ink.text(("waived: ", "dim"), said, (f" ({place(each.span)})", "cyan")), hanging=2)
    return lines


def _baselined(report: Report, ink: Ink) -> list[Text]:
    lines = []
    for each in baselined(report):
        if each.baseline is not None:
            said = f"{each.policy} ({each.subject.name}), {each.verdict.value}, since {each.baseline.since}"
            lines += ink.wrapped(ink.text(("in the baseline: ", "dim"), said, (f" ({place(each.span)})", "cyan")), hanging=2)
    return lines


def _passed(report: Report, ink: Ink) -> list[Text]:
    tally: dict[str, int] = {}
    for finding in with_verdict(report, Verdict.PASS):
        tally[finding.policy] = tally.get(finding.policy, 0) + 1
    if not tally:
        return []
    said = ", ".join(f"{policy} {count}" for policy, count in sorted(tally.items()))
    return ink.wrapped(ink.text(("passed: ", "green"), said), hanging=2)


def _summary(report: Report, calendar: str | None, ink: Ink) -> list[Text]:
    lines = ink.wrapped(ink.text((" · ".join(sentences.summary(report)), "bold")), hanging=2)
    if calendar is not None:
        lines += ink.wrapped(ink.text((calendar, "dim")), hanging=2)
    lines += ink.wrapped(ink.text((sentences.gate(report), _GATE[report.gate.outcome])), hanging=2)
    evidenced = frameworks(report)
    if len(evidenced) == 1:
        said = f"evidence for the controls of {evidenced[0]}: --format markdown, or --output html=FILE"
        lines += ink.wrapped(ink.text(("controls: ", "dim"), said), hanging=2)
    step = sentences.next_step(report)
    if step is not None:
        lines.append(ink.text(("next: ", "dim"), step))
    return lines


def _diagnostics(report: Report, ink: Ink, limit: int | None) -> list[Text]:
    ordered = sorted(report.diagnostics, key=lambda each: list(_LEVELS).index(each.level))
    lines: list[Text] = []
    for each in ordered[:limit]:
        where = _where(each)
        # On a first screen of two lines a long path must not be all that is left.
        where = where if limit is None else ink.tail(where, ink.width // 2)
        said = ink.text((each.level, _LEVELS[each.level]), ": ", where, each.message)
        lines += ink.wrapped(said, hanging=2, limit=2 if limit is not None else None)
    if limit is not None and len(ordered) > limit:
        lines.append(ink.text((f"… and {sentences.number(len(ordered) - limit, 'more diagnostic')}: --full", "dim")))
    return lines


def _where(diagnostic: Diagnostic) -> str:
    if diagnostic.span is not None:
        return f"{place(diagnostic.span)}: "
    return f"{diagnostic.path}: " if diagnostic.path else ""
