"""When a record was committed, and when what it proves was last changed: git's word beside what people and machines wrote.

What a restore proves is the way in which the copies are made. Changed since are the lines of the resource that makes a copy (a
schedule, a plan, a replica); where the store makes it itself, only the lines that decide it. Comments and blank lines do not count.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from drpolicy.declarations.documents import EvidenceDeclaration
from drpolicy.model.durations import DAY, Duration
from drpolicy.model.provenance import Derived, Written, steps
from drpolicy.model.reasons import Reason
from drpolicy.model.records import replace
from drpolicy.model.resources import Resource
from drpolicy.model.services import Drill
from drpolicy.model.spans import Span
from drpolicy.model.stores import Protection, Store
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Unknown, Value
from drpolicy.recovery.claims import Claimed
from drpolicy.recovery.drills import restored
from drpolicy.recovery.logic import truth_of
from drpolicy.sources.history import History
from drpolicy.sources.problems import Unreadable

_COMMENTS = ("#", "//", "/*", "*")


def dated(
    drills: Iterable[Drill],
    evidence: Iterable[EvidenceDeclaration],
    claimed: Mapping[str, Sequence[Claimed]],
    stores: Mapping[str, Store],
    resources: Iterable[Resource],
    history: History | Unreadable,
    as_of: date,
) -> Iterator[Drill]:
    """Yield the records with what git says of them."""
    records = {f"evidence//{each.name}": each for each in evidence}
    extents: dict[str, list[Span]] = defaultdict(list)
    for resource in resources:
        extents[resource.span.path].append(resource.extent)
    for drill in drills:
        day = _committed(records[drill.key], history)
        age, what = _mechanism(drill, claimed.get(drill.service, ()), stores, extents, history, as_of)
        yield replace(
            drill,
            committed=Known(day.value.isoformat(), day.origin) if isinstance(day, Known) else day,
            committed_age=_aged(day, as_of),
            mechanism_age=age,
            mechanism_changed=what,
        )


def committed(record: EvidenceDeclaration, history: History) -> date | Unreadable | None:
    """Return the day on which the line with a record's date was last committed; ``None`` where it is not."""
    span = _dated_at(record)
    return history.newest(span.path, span.start.line, span.end.line)


def _dated_at(record: EvidenceDeclaration) -> Span:
    return record.date.origin.span if isinstance(record.date.origin, Written) else record.span


def _committed(record: EvidenceDeclaration, history: History | Unreadable) -> Value[date]:
    span = _dated_at(record)
    day = history if isinstance(history, Unreadable) else committed(record, history)
    if isinstance(day, Unreadable):
        return _unknown(f"when the date of {record.name} was committed", day, span)
    return Absent(Written(span)) if day is None else Known(day, Derived(f"history: committed on {day.isoformat()}", (Written(span),)))


def _aged(day: Value[date], as_of: date) -> Value[Duration]:
    return Known(_age(day.value, as_of), day.origin) if isinstance(day, Known) else day


def _age(day: date, as_of: date) -> Duration:
    return Duration((as_of - min(day, as_of)).days * DAY)


def _unknown(what: str, why: Unreadable, span: Span) -> Unknown:
    return Unknown(Reason.NO_HISTORY, f"{what}: {why.reason}", Written(span))


def _mechanism(
    drill: Drill,
    claimed: Sequence[Claimed],
    stores: Mapping[str, Store],
    extents: Mapping[str, Sequence[Span]],
    history: History | Unreadable,
    as_of: date,
) -> tuple[Value[Duration], str]:
    """Return how long ago what makes the copies that a test proves was last changed, and what that is.

    A change of what may make one counts only where it would come after the test: whether it does is then not known.
    """
    certain: list[Protection] = []
    possible: list[tuple[Protection, Unknown | None]] = []
    for each in claimed:
        proven = restored(drill, each.called) if each.store in stores else Truth.FALSE
        for member in stores[each.store].protections.elements if proven is not Truth.FALSE else ():
            survives: Value[bool] = getattr(member.value.survives, drill.disruption, Absent(Written(drill.span)))
            truth = proven & member.presence & truth_of(survives)
            if truth is Truth.TRUE:
                certain.append(member.value)
            elif truth is Truth.UNKNOWN:
                possible.append((member.value, member.why or (survives if isinstance(survives, Unknown) else None)))
    nothing = Absent(Written(drill.span))
    age, what = _changed([_lines(each, extents) for each in certain], history, as_of, nothing)
    if isinstance(age, Unknown) or not isinstance(drill.age, Known) or (isinstance(age, Known) and age.value < drill.age.value):
        return age, what
    for copy, why in possible:
        doubtful, _ = _changed([_lines(copy, extents)], history, as_of, nothing)
        if isinstance(doubtful, Known) and doubtful.value < drill.age.value:
            return why or Unknown(Reason.COUNT_NOT_KNOWN, copy.key, Written(copy.span)), ""
    return age, what


def _lines(copy: Protection, extents: Mapping[str, Sequence[Span]]) -> tuple[str, dict[Span, set[int]]]:
    """Return what makes a copy, and its lines by the place that is shown for them."""
    place = copy.span
    found: dict[Span, set[int]] = {}
    around = [each for each in extents.get(place.path, ()) if each.offset <= place.offset < each.end_offset]
    if around and copy.type != copy.store_type and not place.interface:
        block = min(around, key=lambda each: each.end_offset - each.offset)
        found[place] = {line for line in range(block.start.line, block.end.line + 1) if _says_something(block, line)}
    for value in (copy.enabled, copy.gap, copy.worst_gap, copy.retention, copy.region):
        for step in steps(value.origin):
            if step.text == "written" and step.span is not None:
                found.setdefault(step.span, set()).update(range(step.span.start.line, step.span.end.line + 1))
    return copy.name, found


def _says_something(block: Span, line: int) -> bool:
    text = block.source.line(line).strip()
    return bool(text) and not text.startswith(_COMMENTS)


def _changed(
    made: Sequence[tuple[str, Mapping[Span, set[int]]]], history: History | Unreadable, as_of: date, nothing: Absent
) -> tuple[Value[Duration], str]:
    """Return how long ago the newest of some lines was changed, and what they make."""
    newest: tuple[date, Span, str] | None = None
    for name, places in made:
        for span, lines in places.items():
            day = history if isinstance(history, Unreadable) else history.newest_of(span.path, lines)
            if isinstance(day, Unreadable):
                return _unknown(f"when {name} was last changed", day, span), ""
            if day is not None and (newest is None or day > newest[0]):
                newest = (day, span, name)
    if newest is None:
        return nothing, ""
    day, span, name = newest
    text = f"{name} was changed on {day.isoformat()}"
    return Known(_age(day, as_of), Derived(f"history: {text}", (Written(span),))), text
