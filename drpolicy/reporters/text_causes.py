"""Failures on a terminal: one block per cause, with the line it stands on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from rich.cells import cell_len
from rich.text import Text

from drpolicy.model.findings import Evidence, Finding
from drpolicy.model.report import Report
from drpolicy.model.spans import Span
from drpolicy.reporters.printable import excerpt, place
from drpolicy.reporters.remedies import smallest_remedy
from drpolicy.reporters.sections import Cause, telling
from drpolicy.reporters.sentences import number
from drpolicy.reporters.text_ink import SEVERITY_STYLES, Ink

_INDENT = 4
_BRIEF_LINES, _BRIEF_REMEDY = 2, 5


def cause_lines(cause: Cause, report: Report, ink: Ink, *, full: bool) -> list[Text]:
    """Return the block of one cause: heading, snippet, message, evidence, remedy, and what else it breaks."""
    finding = cause.finding
    limit = None if full else _BRIEF_LINES
    style = SEVERITY_STYLES[finding.severity]
    named = ink.text((finding.severity, style), "  ", (finding.policy, "bold"), "  ")
    head = named + ink.text((place(finding.span), ink.at(finding.span)), (_aside(finding), "dim"))
    lines = ink.wrapped(head, hanging=2, limit=limit)
    lines += snippet_lines(finding.span, ink, style)
    lines += ink.wrapped(ink.text(finding.message), _INDENT, limit=limit)
    lines += _because(finding.evidence if full else telling(finding), ink, full=full)
    policy = report.policies.get(finding.policy)
    if policy is not None:
        lines += _remedy(finding.remedy or policy.remediation, ink, full=full)
    return lines + _others(cause, ink, full=full)


def also_at(causes: Sequence[Cause], ink: Ink) -> list[Text]:
    """Return one line with the places where the same policy failed for other causes, as many as fit."""
    if not causes:
        return []
    places = [place(cause.finding.span).rpartition(":")[0] for cause in causes]
    label = f"the same at {len(places):,} more {'place' if len(places) == 1 else 'places'}: "
    # The first is always told: of a long path its end.
    places[0] = ink.tail(places[0], ink.width - _INDENT - len(label) - (len(", …") if len(places) > 1 else 0))
    return ink.wrapped(ink.text((label, "dim"), (", ".join(places), "cyan")), _INDENT, limit=1)


def listing(kinds: Sequence[Sequence[Cause]], ink: Ink) -> list[Text]:
    """Return one line per policy: its worst severity, where it failed first, and at how many places more."""
    if not kinds:
        return []
    name = min(max(cell_len(ink.plain(causes[0].finding.policy)) for causes in kinds), ink.width // 2)
    lines = []
    for causes in kinds:
        finding = causes[0].finding
        head = ink.padded(finding.severity, 8, SEVERITY_STYLES[finding.severity]) + "  " + ink.padded(finding.policy, name, "bold") + "  "
        more = f" and {len(causes) - 1:,} more" if len(causes) > 1 else ""
        more += "" if finding.gated else " (library module)"
        where = ink.tail(place(finding.span), ink.width - head.cell_len - len(more))
        lines.append(head + ink.text((where, ink.at(finding.span)), (more, "dim")))
    return lines


def snippet_lines(span: Span, ink: Ink, style: str) -> list[Text]:
    """Return the source line of a span and the carets under it; nothing for a line that is blank."""
    part = excerpt(span, ink.width - 12)
    before = ink.plain(part.text[: part.start].expandtabs(4))
    inside = ink.plain(part.text[part.start : part.start + part.length].expandtabs(4))
    after = ink.plain(part.text[part.start + part.length :].expandtabs(4))
    if not (before + inside + after).strip():
        return []
    gutter = f"{part.line:>{_INDENT + 1}} │ "
    blank = " " * (_INDENT + 1) + " │ "
    carets = " " * cell_len(before) + "^" * max(cell_len(inside.rstrip()), 1)
    return [ink.text((gutter, "dim"), before, (inside, "bold"), after), ink.text((blank, "dim"), (carets, style))]


def _aside(finding: Finding) -> str:
    """Say what keeps a failure from being counted like any other."""
    aside = ""
    if finding.witness == "observed":
        aside += "  observed in the running system"
    if not finding.gated:
        aside += "  library module, outside the gate"
    if finding.calendar:
        aside += "  by the calendar, counts in an audit only"
    return aside


def _because(evidence: Sequence[Evidence], ink: Ink, *, full: bool) -> list[Text]:
    if full:
        lines = []
        for each in evidence:
            where = f" ({place(each.span)})" if each.span is not None else ""
            grade = "" if each.grade == "declared" else f" [{each.grade}]"
            lines += ink.wrapped(ink.text(("because ", "dim"), each.text, (where, "cyan"), (grade, "dim")), _INDENT, hanging=2)
        return lines
    if not evidence:
        return []
    chain = ink.text(("because ", "dim"))
    for at, each in enumerate(evidence):
        where = f" ({_short(each.span)})" if each.span is not None else ""
        link = ink.text("; " if at else "", each.text, (where, "cyan"))
        more = ink.text((f"; … {len(evidence) - at} more", "dim"))
        if at and chain.cell_len + link.cell_len + (more.cell_len if at + 1 < len(evidence) else 0) > ink.width - _INDENT:
            room = ink.width - _INDENT - more.cell_len
            if chain.cell_len > room:
                chain.truncate(room - 1)
                chain.append(ink.plain("…"))
            chain = chain + more
            break
        chain = chain + link
    return ink.wrapped(chain, _INDENT, limit=1)


def _short(span: Span) -> str:
    path, _, _ = place(span).rpartition(":")
    return path.rpartition("/")[2]


def _remedy(remediation: str, ink: Ink, *, full: bool) -> list[Text]:
    if full:
        kept: Sequence[str] = [line for line in remediation.strip().splitlines() if not line.lstrip().startswith("```")]
    else:
        kept = smallest_remedy(remediation, _BRIEF_REMEDY)
    lines = []
    for at, line in enumerate(kept):
        label = ("fix: ", "green") if at == 0 else "     "
        indent = len(line) - len(line.lstrip())
        lines += ink.wrapped(ink.text(label, " " * indent, line.strip()), _INDENT, hanging=5 + indent, limit=None if full else 1)
    return lines


def _others(cause: Cause, ink: Ink, *, full: bool) -> list[Text]:
    lines: list[Text] = []
    for label, others in (("also breaks: ", cause.elsewhere), ("also here: ", cause.here)):
        if others:
            said = ", ".join(_named(others) if full else _counted(others, cause.finding.policy))
            lines += ink.wrapped(ink.text((label, "dim"), said), _INDENT, hanging=2, limit=None if full else 1)
    return lines


def _named(others: Sequence[Finding]) -> Iterable[str]:
    return dict.fromkeys(f"{each.policy} ({each.subject.name})" for each in others)


def _counted(others: Sequence[Finding], policy: str) -> Iterable[str]:
    tally = Counter(each.policy for each in others)
    same = tally.pop(policy, 0)
    if same:
        yield f"the same for {number(same, 'more subject')}"
    yield from (f"{each} ×{count}" if count > 1 else each for each, count in tally.items())
