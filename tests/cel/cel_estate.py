"""A small estate for the tests of conditions, and the values they are made of."""

from __future__ import annotations

from typing import Any, Literal

from drpolicy.cel.types import DYN, Map, Type, record_type
from drpolicy.model.durations import Duration
from drpolicy.model.provenance import Derived, Written
from drpolicy.model.ranges import Range
from drpolicy.model.reasons import Reason
from drpolicy.model.records import dataclass, field
from drpolicy.model.spans import Source, Span
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Member, Members, Object, Unknown, Value, members

HERE = Derived("test", ())


def known(value: Any) -> Known[Any]:
    return Known(value, HERE)


def unknown(symbol: str, *parts: str | Unknown, among: tuple[Any, ...] = ()) -> Unknown:
    pieces = tuple(part if isinstance(part, Unknown) else Known(part, HERE) for part in parts)
    return Unknown(Reason.VARIABLE_NOT_SET, symbol, HERE, parts=pieces, among=tuple(map(known, among)))


ABSENT = Absent(HERE)
MAYBE = Truth.UNKNOWN


@dataclass(frozen=True, slots=True)
class Survives:
    region: Value[bool]
    az: Value[bool]


@dataclass(frozen=True, slots=True)
class Copy:
    mechanism: Literal["snapshot", "replica"]
    region: Value[str]
    count: Value[int]
    survives: Survives


@dataclass(frozen=True, slots=True)
class Store:
    name: Value[str]
    region: Value[str]
    data_class: str
    count: Value[int]
    guarded: Value[bool]
    gap: Value[Duration]
    kms_key: Value[str] = field(metadata={"optional": True, "doc": "the key"})
    copies: Members[Copy]
    labels: Members[Value[str]]
    tags: Object
    rpo: Range
    span: Span
    there: Truth = Truth.TRUE
    owner: str | None = None
    secret: str = field(default="x", metadata={"cel": False})


SPAN = Span(Source("main.tf", "resource {}\n"), 0, 8)


def copy(region: Any = "eu", count: Any = 1, survives: Any = True, az: Any = True, mechanism: Any = "snapshot") -> Copy:
    return Copy(mechanism, _value(region), _value(count), Survives(_value(survives), _value(az)))


def store(**given: Any) -> Store:
    fields: dict[str, Any] = {
        "name": "orders",
        "region": "eu",
        "count": 3,
        "guarded": True,
        "gap": Duration(3600),
        "kms_key": ABSENT,
    } | {key: value for key, value in given.items() if key in ("name", "region", "count", "guarded", "gap", "kms_key")}
    rest: dict[str, Any] = {
        "data_class": "system-of-record",
        "copies": members([copy(), copy("us", 2, False)]),
        "labels": members([known("a"), known("b")]),
        "tags": Object({"team": known("pay"), "none": ABSENT, "size": known(5), "inner": known(Object({"x": known(1)}))}),
        "rpo": Range(Duration(60), Duration(3600), "a plan"),
        "span": SPAN,
    } | {key: value for key, value in given.items() if key not in fields}
    return Store(**{key: _value(value) for key, value in fields.items()}, **rest)


def _value(value: Any) -> Any:
    return value if isinstance(value, (Known, Unknown, Absent)) else Known(value, Written(SPAN))


ENVIRONMENT: dict[str, Type] = {"self": record_type(Store), "params": Map(DYN), "any": DYN}


def maybe(value: Any) -> Member[Any]:
    return Member(value, MAYBE)


def opened(*values: Any) -> Members[Any]:
    return Members(tuple(Member(value) for value in values), unknown("rest"))
