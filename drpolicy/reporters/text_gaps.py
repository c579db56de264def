"""What is not known and what was not read, on a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from rich.cells import cell_len
from rich.text import Text

from drpolicy.model.records import replace
from drpolicy.model.report import Coverage
from drpolicy.reporters import sentences
from drpolicy.reporters.languages import ENGLISH
from drpolicy.reporters.modules import addresses, by_source
from drpolicy.reporters.printable import place
from drpolicy.reporters.questions import Question, settled_by
from drpolicy.reporters.text_ink import Ink

_SUBJECTS = 8
_INDENT = 4
_LEAST = 8
"""Cells in which the end of a path still tells anything."""
_VAR_FILE = "--var-file "
_SHORTEST = 20
"""Cells in which the end of a var-file's path tells which it is."""
_KINDS = {"unresolved": "modules not on disk", "stubbed": "modules read from their documented interface"}


def question_lines(asked: Sequence[Question], ink: Ink, limit: int | None) -> list[Text]:
    """Return what would settle most: one line each on the first screen, else with the whole advice, the place and who waits."""
    if not asked:
        return []
    shown = asked[:limit]
    verdicts = [sentences.number(len(each.findings), "verdict") for each in shown]
    policies = [sentences.number(each.policies, "policy", "policies") for each in shown]
    first, second = max(map(len, verdicts)), max(map(len, policies))
    counts = [f"{many:>{first}} of {names:<{second}}" for many, names in zip(verdicts, policies, strict=True)]
    lines = [ink.text(("settle first", "bold yellow"))]
    if limit is None:
        for each, count in zip(shown, counts, strict=True):
            lines += _whole_question(each, count, ink)
        return lines
    if any(sum(map(cell_len, map(str, _sides(*each, ink, settled=True)))) > ink.width for each in zip(shown, counts, strict=True)):
        counts = [f"{many:>{first}}" for many in verdicts]
    named = Counter(each.what for each in shown)
    for each, count in zip(shown, counts, strict=True):
        lines += _question(each, count, ink, alone=named[each.what] == 1)
    if len(asked) > limit:
        lines.append(ink.text((f"… and {len(asked) - limit} more to settle: --full", "dim")))
    return lines


def _question(asked: Question, count: str, ink: Ink, alone: bool) -> list[Text]:
    """Return one line. Where two questions have one name, it matters more in which deployment each is than what settles it."""
    before, after = _sides(asked, count, ink, settled=alone)
    over = before.cell_len + after.cell_len - ink.width
    if over > 0:
        short = f"{asked.what[: max(len(asked.what) - over - 1, _LEAST)].rstrip()}…"
        before, after = _sides(replace(asked, what=short), count, ink, settled=alone)
    room = ink.width - before.cell_len - after.cell_len - len(" in ")
    where = _tail(asked.where, room) or ("" if alone or room < _LEAST else ink.tail(asked.where, room))
    return ink.wrapped(before + ink.text(f" in {where}" if where else "") + after, limit=1)


def _sides(asked: Question, count: str, ink: Ink, settled: bool) -> tuple[Text, Text]:
    before = ink.text(("  " + count, "yellow"), "  ", (asked.what, "bold"))
    reason = ink.text(f": {asked.reason}")
    if not settled:
        return before, reason
    room = ink.width - before.cell_len - reason.cell_len - len(f" → {_VAR_FILE}")
    brief = f"{_VAR_FILE}{ink.tail(asked.var_file, max(room, _SHORTEST))}" if asked.var_file else asked.brief
    return before, reason + ink.text((" → ", "dim"), brief)


def _tail(path: str, room: int) -> str:
    """Return the path, or as many of its last names as fit: they say which deployment it is."""
    if len(path) <= room:
        return path
    names = path.split("/")
    fitting = (f"…/{'/'.join(names[at:])}" for at in range(1, len(names)))
    return next((each for each in fitting if len(each) <= room), "")


def _whole_question(asked: Question, count: str, ink: Ink) -> list[Text]:
    where = f" in {asked.where}" if asked.where else ""
    at = f" ({place(asked.span)})" if asked.span is not None else ""
    head = ink.text(("  " + count, "yellow"), "  ", (asked.what, "bold"), where)
    lines = ink.wrapped(head + ink.text(f": {asked.reason}", (at, "cyan")), hanging=_INDENT)
    lines += ink.wrapped(ink.text(("→ ", "dim"), settled_by(asked, ENGLISH)), _INDENT, hanging=2)
    names = list(dict.fromkeys(f"{finding.policy} ({finding.subject.name})" for finding in asked.findings))
    more = f" and {len(names) - _SUBJECTS:,} more" if len(names) > _SUBJECTS else ""
    return lines + ink.wrapped(ink.text((", ".join(names[:_SUBJECTS]) + more, "dim")), _INDENT)


def coverage_lines(coverage: Coverage, ink: Ink) -> list[Text]:
    """Return the details of what was inferred and what was not read: modules by their source, policies without a subject."""
    lines: list[Text] = []
    for each in coverage.inferred:
        where = f" ({place(each.span)})" if each.span is not None else ""
        lines += ink.wrapped(ink.text(("inferred: ", "dim"), each.text, (where, "cyan")), hanging=2)
    for kind, title in _KINDS.items():
        sources = by_source(coverage.modules.get(kind, ()))
        if sources:
            lines.append(ink.text((f"{title}, by source:", "bold")))
        for source in sources:
            head = ink.text(f"{source.calls:>{_INDENT + 2},}  ", (source.source, "cyan"))
            lines += ink.wrapped(head, hanging=_INDENT + 4)
            lines += ink.wrapped(ink.text((addresses(source), "dim")), _INDENT + 4) if addresses(source) else []
    if coverage.without_subjects:
        lines += ink.wrapped(ink.text(("without a subject: ", "dim"), ", ".join(coverage.without_subjects)), hanging=2)
    return lines
