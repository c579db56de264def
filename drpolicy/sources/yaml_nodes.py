"""Values from the events of one YAML stream."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple, NoReturn

from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from drpolicy.model.patterns import deferred
from drpolicy.model.provenance import Through, Written
from drpolicy.model.reasons import Reason
from drpolicy.model.records import dataclass
from drpolicy.model.spans import Span
from drpolicy.model.values import Absent, Known, Members, Object, Unknown, Value, members
from drpolicy.sources.documents import DEPTH_LIMIT, NODE_LIMIT, KeyedObject
from drpolicy.sources.placeholders import has_placeholder, placeholder
from drpolicy.sources.problems import Abandoned, Code, Problem
from drpolicy.sources.yaml_scalars import core, scalar

ALIAS_LIMIT = 50_000
"""Nodes that the aliases of one document may stand for in all."""

_TOO_LARGE = f"more than {NODE_LIMIT:,} values in one file; what follows was not read"
PROPERTIES = deferred(r"(?:[&!]\S*+(?:\s++(?:#[^\n]*+)?+)++)++")
_STRUCTURAL_TAGS = frozenset({"!", *(f"tag:yaml.org,2002:{name}" for name in ("map", "seq", "omap", "set", "pairs"))})


Place = Callable[[int, int], Span]
"""Where the characters from one offset of a text to another are written."""


@dataclass(slots=True)
class Budget:
    """How many nodes may still be read from a source."""

    nodes: int = NODE_LIMIT


class Keys(Mapping[str, Span]):
    """Where the keys of a mapping are written: spans that are made when somebody asks for one."""

    __slots__ = ("_span", "places")

    def __init__(self, span: Place) -> None:
        self.places: dict[str, tuple[int, int]] = {}
        self._span = span

    def __getitem__(self, name: str) -> Span:
        first, last = self.places[name]
        return self._span(first, last)

    def __contains__(self, name: object) -> bool:
        return name in self.places

    def __iter__(self) -> Iterator[str]:
        return iter(self.places)

    def __len__(self) -> int:
        return len(self.places)


class _Anchor(NamedTuple):
    value: Value[Any]
    size: int
    height: int


class Nodes:
    """One pass over the events of a text; ``place`` says where characters of it are written.

    Recursive, to at most ``DEPTH_LIMIT``. Raises Abandoned at a bound, and what the parser raises.
    """

    def __init__(
        self,
        events: Iterator[Any],
        text: str,
        place: Place,
        placeholders: bool,
        budget: Budget,
        problems: list[Problem],
    ) -> None:
        self._events = events
        self._text = text
        self._span = place
        self._placeholders = placeholders
        self._budget = budget
        self._problems = problems
        self._anchors: dict[str, _Anchor | None] = {}
        self._limit = budget.nodes
        self._read = 0
        self._expanded = 0
        self._deepest = 0
        self._end = 0

    def roots(self) -> Iterator[tuple[Value[Any], Span]]:
        """Yield each document's value and where it is written."""
        try:
            for event in self._events:
                if type(event) is DocumentStartEvent:
                    self._anchors = {}
                    self._expanded = 0
                    first = next(self._events)
                    start = first.start_mark.index
                    root = self._node(first, 0)
                    yield root, self._span(start, max(start, self._end))
        finally:
            self._budget.nodes = self._limit - self._read

    def _stop(self, code: Code, message: str, event: Any) -> NoReturn:
        start = event.start_mark.index
        span = self._span(start, min(start + 1, len(self._text)))
        raise Abandoned(Problem(span.path, code, message, span))

    def _report(self, code: Code, message: str, span: Span, related: Span | None = None) -> None:
        self._problems.append(Problem(span.path, code, message, span, related))

    def _node(self, event: NodeEvent, depth: int) -> Value[Any]:
        kind = type(event)
        if kind is AliasEvent:
            return self._alias(event, depth)
        anchor = event.anchor
        if anchor is None:
            return self._bare(event, depth)
        before, deepest = self._read + self._expanded, self._deepest
        self._deepest = depth
        self._anchors[anchor] = None
        value = self._bare(event, depth)
        self._anchors[anchor] = _Anchor(value, self._read + self._expanded - before, self._deepest - depth)
        self._deepest = max(deepest, self._deepest)
        return value

    def _bare(self, event: Any, depth: int) -> Value[Any]:
        self._read += 1
        if self._read >= self._limit:
            self._stop("yaml-too-large", _TOO_LARGE, event)
        if type(event) is ScalarEvent:
            return self._scalar(event)
        if depth >= DEPTH_LIMIT:
            self._stop("yaml-too-deep", f"nested more than {DEPTH_LIMIT} levels deep", event)
        self._deepest = max(self._deepest, depth + 1)
        start = self._start(event)
        if event.tag is not None and event.tag not in _STRUCTURAL_TAGS:
            self._skip(event, depth)
            return placeholder(self._text[event.start_mark.index : self._end], self._span(start, self._end))
        if self._placeholders and self._text.startswith("{{", start):
            return self._braces(event, start, depth)
        return self._sequence(start, depth) if type(event) is SequenceStartEvent else self._mapping(start, depth)

    def _start(self, event: Any) -> int:
        """Return where a node begins, without its anchor and tag."""
        start: int = event.start_mark.index
        if event.anchor is None and event.tag is None:
            return start
        match = PROPERTIES.match(self._text, start)
        return start if match is None else match.end()

    def _scalar(self, event: Any) -> Value[Any]:
        end = event.end_mark.index
        if not event.style and event.anchor is None and event.tag is None:
            self._end = end
            return core(event.value, self._span(event.start_mark.index, end), self._placeholders)
        start = self._start(event)
        # Plain is "" from the C parser and None from the one in Python.
        if event.style in {"|", ">"}:
            # The parser's end lies after the indentation of the next line.
            end = start + len(self._text[start:end].rstrip())
        self._end = end
        return scalar(event.value, not event.style, event.tag, self._span(min(start, end), end), self._placeholders)

    def _braces(self, event: Any, start: int, depth: int) -> Value[Any]:
        """``key: {{ … }}`` without quotes: a flow mapping to YAML, a placeholder to whoever wrote it."""
        self._skip(event, depth)
        return placeholder(self._text[start : self._end], self._span(start, self._end))

    def _skip(self, event: Any, depth: int) -> None:
        if type(event) not in {MappingStartEvent, SequenceStartEvent}:
            self._end = event.end_mark.index
            return
        level = 1
        while level:
            event = next(self._events)
            kind = type(event)
            if kind in {MappingStartEvent, SequenceStartEvent}:
                level += 1
                if depth + level > DEPTH_LIMIT:
                    self._stop("yaml-too-deep", f"nested more than {DEPTH_LIMIT} levels deep", event)
            elif kind in {MappingEndEvent, SequenceEndEvent}:
                level -= 1
                # The end of a block collection is where the next token stands.
                if event.end_mark.index > event.start_mark.index:
                    self._end = event.end_mark.index
            else:
                self._end = event.end_mark.index

    def _closed(self, start: int, event: Any) -> Span:
        if event.end_mark.index > event.start_mark.index:
            self._end = event.end_mark.index
        return self._span(start, max(start, self._end))

    def _sequence(self, start: int, depth: int) -> Value[Any]:
        values = []
        while type(event := next(self._events)) is not SequenceEndEvent:
            values.append(self._node(event, depth + 1))
        return Known(members(values), Written(self._closed(start, event)))

    def _mapping(self, start: int, depth: int) -> Value[Any]:
        fields: dict[str, Value[Any]] = {}
        keys = Keys(self._span)
        merges: list[tuple[Value[Any], Span]] = []
        rest: Unknown | None = None
        places, events, placeholders = keys.places, self._events, self._placeholders
        while type(event := next(events)) is not MappingEndEvent:
            # Nearly all keys and values are plain: no anchor, tag or quotes. Those are read here, without a call for each.
            plain = type(event) is ScalarEvent and not event.style and event.anchor is None and event.tag is None
            if plain and not (placeholders and ("{{" in event.value or "${" in event.value)):
                name, first, last = event.value, event.start_mark.index, event.end_mark.index
                self._end = last
                self._read += 1
            else:
                key = self._key(event, depth)
                if key is None or isinstance(key, Unknown):
                    rest = rest or key
                    self._skip_value(depth)
                    continue
                name, first, last = key
            item = next(events)
            kind = type(item)
            if kind is ScalarEvent and not item.style and item.anchor is None and item.tag is None:
                self._read += 1
                if self._read >= self._limit:
                    self._stop("yaml-too-large", _TOO_LARGE, item)
                self._end = end = item.end_mark.index
                value = core(item.value, self._span(item.start_mark.index, end), placeholders)
            else:
                value = self._node(item, depth + 1)
            if plain and name == "<<":
                merges.append((value, self._span(first, last)))
                continue
            if name in places:
                span, before = self._span(first, last), keys[name]
                message = f"{name!r} is given twice, in line {before.start.line} and again here; the last one counts"
                self._report("yaml-duplicate-key", message, span, before)
            fields[name], places[name] = value, (first, last)
        written = self._closed(start, event)
        if not merges:
            return Known(KeyedObject(fields, rest, keys), Written(written))
        spans = dict(keys)
        for merged, span in merges:
            rest = self._merge(merged, span, fields, spans) or rest
        return Known(KeyedObject(fields, rest, spans), Written(written))

    def _skip_value(self, depth: int) -> None:
        event = next(self._events)
        kind = type(event)
        if kind is AliasEvent:
            self._end = event.end_mark.index
        else:
            self._node(event, depth + 1)

    def _key(self, event: Any, depth: int) -> tuple[str, int, int] | Unknown | None:
        """Return a key and its place; Unknown for one with a placeholder; ``None`` after reporting one that is not a scalar."""
        if type(event) is not ScalarEvent:
            start = event.start_mark.index
            value = self._node(event, depth + 1)
            end = max(self._end, start)
            if isinstance(value, Unknown):
                return value
            if type(event) is AliasEvent and isinstance(value, Known) and isinstance(value.value, str):
                return value.value, start, end
            self._report("yaml-syntax", "a key must be a text; this entry was not read", self._span(start, end))
            return None
        self._node(event, depth + 1)
        start = min(self._start(event), self._end)
        text: str = event.value
        if self._placeholders and has_placeholder(text):
            return placeholder(text, self._span(start, self._end))
        return text, start, self._end

    def _merge(self, merged: Value[Any], span: Span, fields: dict[str, Value[Any]], keys: dict[str, Span]) -> Unknown | None:
        """Add what ``<<`` brings and is not given already; return why there may be more."""
        match merged:
            case Unknown():
                return merged
            case Known(value=Object(fields=more, rest=rest) as inner):
                for name, value in more.items():
                    if name not in fields:
                        fields[name] = value
                        keys[name] = inner.keys[name] if isinstance(inner, KeyedObject) else span
                return rest
            case Known(value=Members() as several):
                found = None
                for one in several:
                    if isinstance(one, Known) and isinstance(one.value, Members):
                        self._report("yaml-syntax", "'<<' needs a mapping, or a list of mappings", span)
                    else:
                        found = self._merge(one, span, fields, keys) or found
                return found
            case _:
                self._report("yaml-syntax", "'<<' needs a mapping, or a list of mappings", span)
                return None

    def _alias(self, event: Any, depth: int) -> Value[Any]:
        name = event.anchor
        start, self._end = event.start_mark.index, event.end_mark.index
        span = self._span(start, self._end)
        if name not in self._anchors:
            self._report("yaml-syntax", f"the alias *{name} has no anchor &{name} before it", span)
            return Unknown(Reason.FILE_UNREADABLE, f"{span.path}:*{name}", Written(span))
        anchor = self._anchors[name]
        if anchor is None:
            self._report("yaml-syntax", f"the alias *{name} stands inside what it names", span)
            return Unknown(Reason.CYCLE, f"{span.path}:*{name}", Written(span))
        if depth + anchor.height > DEPTH_LIMIT:
            self._stop("yaml-too-deep", f"nested more than {DEPTH_LIMIT} levels deep through the alias *{name}", event)
        self._expanded += anchor.size
        self._deepest = max(self._deepest, depth + anchor.height)
        if self._expanded > ALIAS_LIMIT:
            self._stop("yaml-alias-bomb", f"its aliases stand for more than {ALIAS_LIMIT:,} values", event)
        through = Through(f"alias *{name}", span, anchor.value.origin)
        match anchor.value:
            case Known(value=value):
                return Known(value, through)
            case Unknown() as unknown:
                return Unknown(unknown.reason, unknown.symbol, through, unknown.target, unknown.parts, unknown.among)
            case Absent():
                return Absent(through)
