"""Where a finding is shown: at the use, but for what a module makes, and for what a change makes worse.

What a module makes is used in the module's file, and often decided where that is called: forty buckets share one line there. And a
host shows an alert in a pull request only where its line is part of the diff. What a finding is does not depend on it:
waivers, baseline and comparison come before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from difflib import SequenceMatcher
from math import inf
from typing import Final

from drpolicy.model.findings import Evidence, Finding
from drpolicy.model.records import dataclass, replace
from drpolicy.model.report import Change, Comparison
from drpolicy.model.spans import Position, Span

COMPARED: Final = 2_000
"""Lines between the first and the last difference that are compared one by one; of more, all count as changed."""

FETCHED: Final = ".terraform"
"""Where modules lie that are not the repository's own."""

USED: Final = "this is where it takes effect"
"""The evidence that keeps the place at which a finding stands without a change."""


@dataclass(frozen=True, slots=True)
class ChangedLines:
    """What a change does to one file, in lines of the file as it is now."""

    written: frozenset[int] = frozenset()
    """Lines that are new or other than they were."""
    removed: frozenset[int] = frozenset()
    """Lines below which something is gone; 0 is the head of the file."""

    def distance(self, line: int) -> float:
        """Return how many lines away the nearest change is; infinity when there is none."""
        away = [abs(each - line) for each in self.written]
        away += [line - each if line > each else each + 1 - line for each in self.removed]
        return min(away, default=inf)


def changed_lines(before: str | None, after: str) -> ChangedLines:
    """Compare a file as it was, ``None`` when it was not there, with what it is."""
    old, new = [] if before is None else before.splitlines(), after.splitlines()
    head = next((at for at, (one, other) in enumerate(zip(old, new, strict=False)) if one != other), min(len(old), len(new)))
    left = min(len(old), len(new)) - head
    tail = next((at for at in range(left) if old[-1 - at] != new[-1 - at]), left)
    old, new = old[head : len(old) - tail], new[head : len(new) - tail]
    if max(len(old), len(new)) > COMPARED:
        return ChangedLines(frozenset(range(head + 1, head + len(new) + 1)))
    written: set[int] = set()
    removed: set[int] = set()
    for what, _, _, first, last in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what == "delete":
            removed.add(head + first)
        elif what != "equal":
            written.update(range(head + first + 1, head + last + 1))
    return ChangedLines(frozenset(written), frozenset(removed))


ChangesOf = Callable[[str], ChangedLines]
"""Gives what a change does to the file at a path."""


def shown_in(comparison: Comparison, findings: Iterable[Finding], changes: ChangesOf) -> tuple[Comparison, tuple[Finding, ...]]:
    """Return the comparison and the findings as they are shown: what the change makes worse at the place that changed, if it has one."""
    shown = {id(each.finding): _at(each.finding, place_in(each.finding, changes)) for each in (*comparison.worse, *comparison.undecided)}

    def changed(part: tuple[Change, ...]) -> tuple[Change, ...]:
        return tuple(replace(each, finding=shown.get(id(each.finding)) or at_call(each.finding)) for each in part)

    whole = replace(comparison, worse=changed(comparison.worse), better=changed(comparison.better), undecided=changed(comparison.undecided))
    return whole, tuple(shown.get(id(each)) or at_call(each) for each in findings)


def at_call(finding: Finding) -> Finding:
    """Return a finding on what a module makes where the root gives it what decides; other findings as they are.

    What ``terraform init`` put on disk is no file of the repository: what stands in it is shown at the call that brings it here.
    """
    place = finding.given
    if place is None and _fetched(finding.span):
        place = next((each for each in finding.made_by if not _fetched(each)), None)
    return _at(finding, place or finding.span)


def _fetched(span: Span) -> bool:
    return FETCHED in span.path and FETCHED in span.path.split("/")


def place_in(finding: Finding, changes: ChangesOf) -> Span:
    """Return where a finding is shown in a change, if anything of it lies in a file that changed.

    A place in the evidence that changed is what decides. Without one, as where something was removed, a finding in a
    file that did not change is shown at the module call, or else the evidence, that stands nearest to a change in its file.
    """
    own = changes(finding.span.path).distance(finding.span.start.line)
    if own == 0:
        return finding.span
    placed = [each for each in (finding.given, *(each.span for each in finding.evidence)) if each is not None]
    decided = next((line for span in placed for line in _lines_of(span, changes)), None)
    if decided is not None or own < inf:
        return decided or at_call(finding).span
    for places in (finding.made_by, placed):
        away = [(changes(span.path).distance(span.start.line), at) for at, span in enumerate(places)]
        nearest, at = min(away, default=(inf, 0))
        if nearest < inf:
            return places[at]
    return at_call(finding).span


def _lines_of(span: Span, changes: ChangesOf) -> Iterator[Span]:
    """Yield the changed lines that a place has part in, each cut to what of the place it holds."""
    written = changes(span.path).written
    for line in range(span.start.line, span.end.line + 1) if written else ():
        if line in written:
            text, start = span.source.line(line), span.source.offset(Position(line, 1))
            begin = max(span.offset, start + len(text) - len(text.lstrip()))
            yield replace(span, offset=begin, end_offset=max(begin, min(span.end_offset, start + len(text.rstrip()))))


def _at(finding: Finding, place: Span) -> Finding:
    """Return the finding at a place. Its own stays in the evidence; what it is and what it rests on are as they were."""
    used = finding.span
    if place == used:
        return finding
    lines = {(each.span.path, each.span.start.line) for each in finding.evidence if each.span is not None}
    known = (used.path, used.start.line) in lines
    kept = finding.evidence if known else (*finding.evidence, Evidence(USED, "declared", used))
    return replace(finding, span=place, evidence=kept)
