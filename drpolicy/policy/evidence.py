"""From the reads that decided a verdict to evidence, open questions and the place to point at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from drpolicy.cel import Read
from drpolicy.model.findings import Evidence, Grade, OpenQuestion
from drpolicy.model.provenance import Default, Derived, Observed, Provenance, Through, Written, written_at
from drpolicy.model.ranges import Range
from drpolicy.model.spans import Span
from drpolicy.model.values import Absent, Known, Members, Object, Unknown

MOST = 12
"""More evidence than this is not read by anybody; the derivation is in ``explain``."""


def place_of(reads: Sequence[Read]) -> Provenance | None:
    """Return the origin of the first read that stands in a file: written leaves before defaults."""
    placed = [read.value.origin for read in reads if written_at(read.value.origin) is not None]
    return next((origin for origin in placed if not isinstance(origin, Default)), placed[0] if placed else None)


def evidence_of(reads: Iterable[Read]) -> Iterator[Evidence]:
    """Yield what was read and the way it came, each thing once."""
    seen: set[tuple[str, Span | None]] = set()
    for read in reads:
        text = f"{read.expression.removeprefix('self.')} is {shown(read.value)}"
        for evidence in _flatten(text, read.value.origin):
            if (evidence.text, evidence.span) not in seen and len(seen) < MOST:
                seen.add((evidence.text, evidence.span))
                yield evidence


def questions_of(reads: Iterable[Read]) -> Iterator[OpenQuestion]:
    """Yield what kept the verdict from being decided, each symbol once."""
    seen: set[str] = set()
    for read in reads:
        for unknown in _unknowns(read.value):
            cause = unknown.cause
            if cause.symbol not in seen:
                seen.add(cause.symbol)
                yield OpenQuestion(cause.symbol, cause, written_at(cause.origin))


def _unknowns(value: Any) -> Iterator[Unknown]:
    match value:
        case Unknown():
            yield value
        case Known(Range(unknowns=unknowns)):
            yield from unknowns
        case Known(Members(elements=elements, rest=rest)):
            if rest is not None:
                yield rest
            for element in elements:
                if element.why is not None:
                    yield element.why
        case _:
            return


def _flatten(text: str, origin: Provenance) -> Iterator[Evidence]:
    match origin:
        case Written(span):
            yield Evidence(text, "declared", span)
        case Default(what, source, span):
            yield Evidence(f"{text}: nothing is written, {what} ({source})", "declared", span)
        case Observed(call, at):
            yield Evidence(f"{text}: {call} answered at {at}", "observed", None)
        case Through(what, span, inner):
            yield Evidence(f"{text}, through {what}", _grade(inner), span)
            place = written_at(inner)
            if place is not None and place != span:
                yield Evidence(f"{what} comes from here", _grade(inner), place)
        case Derived(how, sources, span):
            places = [place for each in sources if (place := written_at(each)) is not None]
            # A sentence of its own says more than the expression that was read.
            said = how if ": " in how else text if not how or how in text or how.startswith("self.") else f"{text}: {how}"
            yield Evidence(said, "declared", span or (places[0] if places else None))
            for each in sources:
                place = written_at(each)
                if place is not None and place != (span or places[0]):
                    yield Evidence(_how(each), _grade(each), place)


def _how(origin: Provenance) -> str:
    match origin:
        case Derived(how):
            return how
        case Default(what):
            return f"default: {what}"
        case Through(what):
            return f"through {what}"
        case _:
            return "together with this"


def _grade(origin: Provenance) -> Grade:
    return "observed" if isinstance(origin, Observed) else "declared"


def shown(value: Any) -> str:
    """Return a value as people write it."""
    match value:
        case Known(inner):
            return shown(inner)
        case Unknown(reason=reason, symbol=symbol):
            return f"unknown ({symbol}: {reason.label})"
        case Absent():
            return "not written"
        case bool():
            return str(value).lower()
        case Members(elements=elements, rest=rest):
            inside = ", ".join(shown(each.value) for each in elements[:5])
            if not elements:
                return "empty" if rest is None else "unknown"
            return f"[{inside}{', …' if rest is not None or len(elements) > 5 else ''}]"
        case Object():
            return "{…}"
        case str() | int() | float():
            return str(value)
        case _:
            return str(getattr(value, "name", value))
