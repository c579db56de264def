"""Where a value comes from: a tree, which evidence flattens."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import TypeAlias, assert_never

from drpolicy.model.records import dataclass, field
from drpolicy.model.spans import Span


@dataclass(frozen=True, slots=True)
class Written:
    """Somebody wrote the value here."""

    span: Span


@dataclass(frozen=True, slots=True)
class Default:
    """Nobody wrote the value; ``what`` takes effect, as ``source`` documents (page name and date).

    ``span`` is where the attribute would stand: the header line of the enclosing block.
    """

    what: str
    source: str
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Through:
    """The value passed through a name: a local, a variable, a module call, a reference to a resource's attribute.

    ``key`` is the identity ``deployment//address`` when the name is a resource's, so that links hold.
    """

    what: str
    span: Span | None
    inner: Provenance
    key: str | None = None
    attribute: str | None = None


@dataclass(frozen=True, slots=True)
class Derived:
    """The value was computed from others.

    ``made_of`` are the values themselves, where what a text holds is to be found again in them: the parts of a template, the one
    argument of an encoding.
    """

    how: str
    sources: tuple[Provenance, ...]
    span: Span | None = None
    made_of: tuple[object, ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Observed:
    """A read-only call answered the value at ``at`` (ISO 8601, UTC)."""

    call: str
    at: str


Provenance: TypeAlias = Written | Default | Through | Derived | Observed


@dataclass(frozen=True, slots=True)
class Step:
    """One flattened step of a provenance tree: what it says, and where."""

    text: str
    span: Span | None
    grade: str | None = None


def written_at(origin: Provenance) -> Span | None:
    """Return the place to point at: the written leaf if there is one, else the nearest place on the way to it.

    What is written in a module's documented interface counts only where nothing of the repository's own does.
    """
    match origin:
        case Written(span):
            return span
        case Default(span=span):
            return span
        case Through(span=span, inner=inner):
            return _own((written_at(inner), span))
        case Derived(sources=sources, span=span):
            return _own(chain((span,), map(written_at, sources)))
        case Observed():
            return None
        case _:
            assert_never(origin)


def used_at(origin: Provenance) -> Span | None:
    """Return the outermost place: where the value is used rather than where it was first written; interfaces as above."""
    match origin:
        case Written(span):
            return span
        case Default(span=span):
            return span
        case Through(span=span, inner=inner):
            return _own(chain((span,), map(used_at, (inner,))))
        case Derived(sources=sources, span=span):
            return _own(chain((span,), map(used_at, sources)))
        case Observed():
            return None
        case _:
            assert_never(origin)


def given_at(origin: Provenance, path: str) -> Span | None:
    """Return the first place in the file ``path`` on the way from the use to where the value is written, or ``None``."""
    match origin:
        case Written(span) | Default(span=span):
            return span if span is not None and span.path == path else None
        case Through(span=span, inner=inner):
            return span if span is not None and span.path == path else given_at(inner, path)
        case Derived(sources=sources, span=span):
            if span is not None:
                return span if span.path == path else None
            first = next((each for each in sources if written_at(each) is not None), None)
            return given_at(first, path) if first is not None else None
        case Observed():
            return None
        case _:
            assert_never(origin)


def _own(places: Iterable[Span | None]) -> Span | None:
    """Return the first place that is not an interface's, looking no further; without one, the first place."""
    first: Span | None = None
    for place in places:
        if place is not None and not place.interface:
            return place
        first = first or place
    return first


def steps(origin: Provenance) -> Iterator[Step]:
    """Flatten a provenance tree, outermost first."""
    match origin:
        case Written(span):
            yield Step(f"written in {span.interface}" if span.interface else "written", span)
        case Default(what, source, span):
            yield Step(f"default: {what} ({source})", span)
        case Through(what, span, inner):
            yield Step(f"through {what}", span)
            yield from steps(inner)
        case Derived(how, sources, span):
            yield Step(how, span)
            for each in sources:
                yield from steps(each)
        case Observed(call, at):
            yield Step(f"{call} answered at {at}", None, "observed")
        case _:
            assert_never(origin)
