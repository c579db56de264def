"""Fields of documents that were validated, as typed Values that keep their places."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any, TypeVar

from drpolicy.declarations.dates import parse_date
from drpolicy.model.durations import Duration, parse_duration
from drpolicy.model.provenance import Written, written_at
from drpolicy.model.records import dataclass
from drpolicy.model.spans import Span
from drpolicy.model.values import Absent, Known, Member, Members, Object, Unknown, Value
from drpolicy.sources.documents import KeyedObject

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Field:
    """A value of a validated document, and the header that stands for it where nothing is written."""

    value: Value[Any]
    header: Span

    def get(self, *names: str) -> Field:
        """Return the field at a path of names."""
        value, header = self.value, self.header
        for name in names:
            inner = value.value if isinstance(value, Known) else None
            if isinstance(inner, Object):
                found = inner.fields.get(name)
                if found is None:
                    value = inner.get(name, Written(header))
                else:
                    value = found
                    if isinstance(inner, KeyedObject):
                        header = inner.keys.get(name, header)
            elif isinstance(value, Unknown):
                break
            else:
                value = Absent(Written(header))
        return Field(value, header)

    @property
    def written(self) -> bool:
        return not isinstance(self.value, Absent)

    @property
    def place(self) -> Span:
        """Where the value is: a scalar itself, the header of anything else."""
        if isinstance(self.value, Known) and isinstance(self.value.value, Object | Members):
            return self.header
        return written_at(self.value.origin) or self.header

    def text(self) -> Value[str]:
        return _converted(self.value, str)

    def duration(self) -> Value[Duration]:
        return _converted(self.value, parse_duration)

    def date(self) -> Value[date]:
        return _converted(self.value, _date)

    def passed(self) -> Value[bool]:
        """Return whether an outcome is ``passed``."""
        return _converted(self.value, lambda outcome: bool(outcome == "passed"))

    def count(self) -> Value[int]:
        return _converted(self.value, int)

    def flag(self) -> Value[bool]:
        return _converted(self.value, bool)

    def elements(self) -> Members[Field]:
        """Return the elements of a list, open when it is not known; the header of a mapping is its first key."""
        match self.value:
            case Known(value=Members(elements, rest)):
                return Members(
                    tuple(Member(Field(each.value, _first(each.value, self.header)), each.presence, each.why) for each in elements), rest
                )
            case Unknown() as unknown:
                return Members((), unknown)
            case _:
                return Members()

    def texts(self) -> Members[Value[str]]:
        return mapped(self.elements(), Field.text)

    def items(self) -> Iterator[tuple[str, Field]]:
        """Yield the names of a mapping with their fields; the header of each is its name."""
        match self.value:
            case Known(value=Object(fields=fields) as inner):
                keys = inner.keys if isinstance(inner, KeyedObject) else {}
                for name, value in fields.items():
                    yield name, Field(value, keys.get(name, self.header))
            case _:
                return

    @property
    def rest(self) -> Unknown | None:
        """Why a mapping may have more names than are written."""
        match self.value:
            case Unknown() as unknown:
                return unknown
            case Known(value=Object(rest=rest)):
                return rest
            case _:
                return None


def mapped(fields: Members[Field], build: Callable[[Field], T]) -> Members[T]:
    """Return what is built from each member; presence carries over."""
    return Members(tuple(Member(build(each.value), each.presence, each.why) for each in fields.elements), fields.rest)


def _first(value: Value[Any], header: Span) -> Span:
    inner = value.value if isinstance(value, Known) else None
    if isinstance(inner, KeyedObject) and inner.keys:
        return min(inner.keys.values(), key=lambda span: span.offset)
    return written_at(value.origin) or header


def _converted(value: Value[Any], convert: Callable[[Any], T]) -> Value[T]:
    return Known(convert(value.value), value.origin) if isinstance(value, Known) else value


def _date(text: str) -> date:
    parsed = parse_date(text)
    if isinstance(parsed, str):
        raise AssertionError(f"validated as a date: {parsed}")
    return parsed
