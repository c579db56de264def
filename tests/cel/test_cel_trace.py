"""A trace holds the leaves that decided, and only those; messages show what is known."""

from __future__ import annotations

from typing import Any

import pytest
from cel_estate import ABSENT, ENVIRONMENT, SPAN, copy, known, maybe, opened, store, unknown

from drpolicy.cel import CelError, CelProblem, Message, Program, Trace, compile_expression, compile_message
from drpolicy.model.durations import Duration
from drpolicy.model.provenance import Written, written_at
from drpolicy.model.ranges import Range
from drpolicy.model.values import Absent, Known, Members, Unknown, members

WHY = unknown("why")


def trace(text: str, **given: Any) -> Trace:
    program = compile_expression(text, ENVIRONMENT)
    assert isinstance(program, Program), program
    return program.trace({"self": store(**given), "params": {"days": 30}, "any": known(1)})


def reads(text: str, **given: Any) -> list[str]:
    return [f"{read.expression}={_shown(read.value)}" for read in trace(text, **given).reads]


def _shown(value: Any) -> str:
    match value:
        case Known(inner):
            return type(inner).__name__ if isinstance(inner, (Members, Range)) else str(inner)
        case Unknown():
            return f"?{value.symbol}"
        case _:
            return "absent"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('self.region == "us" && self.name == "x"', ["self.region=eu"]),
        ('self.guarded && self.name == "x"', ["self.name=orders"]),
        ('self.guarded && self.region == "eu"', ["self.guarded=True", "self.region=eu"]),
        ('self.region == "us" || self.guarded', ["self.guarded=True"]),
        ('self.region == "us" || self.name == "x"', ["self.region=eu", "self.name=orders"]),
        ("self.copies.exists(c, c.survives.region)", ["c.survives.region=True"]),
        ('self.copies.exists(c, c.region == "ap")', ["c.region=eu", "c.region=us"]),
        ("self.copies.all(c, c.survives.region)", ["c.survives.region=False"]),
        ("self.copies.all(c, c.survives.az)", ["c.survives.az=True", "c.survives.az=True"]),
        ('self.copies.exists(c, c.region == "us" && c.count == 2)', ["c.region=us", "c.count=2"]),
        ("self.guarded ? self.count == 3 : self.region == 'eu'", ["self.guarded=True", "self.count=3"]),
        ("has(self.kmsKey)", ["self.kmsKey=absent"]),
        ('self.?kmsKey.orValue("a") == "a"', ["self.?kmsKey=absent"]),
        ("self.tags.inner.x == 1", ["self.tags.inner.x=1"]),
        ("params.days == 30", ["params.days=30"]),
        ("self.count == 3 && self.count == 3", ["self.count=3"]),
        ('self.dataClass == "system-of-record"', ["self.dataClass=system-of-record"]),
        ('self.labels.exists(l, l == "b")', ["l=b"]),
        ("size(self.copies) == 2", ["self.copies=Members"]),
        ("self.copies[1].region == 'us'", ["self.copies[1].region=us"]),
        ("(self.copies)[1].region == 'us'", ["(self.copies)[1].region=us"]),
        ("self.tags.other == 1", ["self.tags.other=absent"]),
        ("self.tags.other.deep == 1", ["self.tags.other.deep=absent"]),
        ("!(self.guarded && self.there)", ["self.guarded=True", "self.there=Truth.TRUE"]),
        ("any == 1", ["any=1"]),
        ("self.rpo <= self.gap", ["self.rpo=Range", "self.gap=1h"]),
    ],
)
def test_what_decided(text: str, expected: list[str]) -> None:
    assert reads(text) == expected


def test_unknown_operands_are_what_made_it_unknown() -> None:
    assert reads('self.guarded && self.region == "eu"', region=unknown("r")) == ["self.region=?r"]
    assert reads('self.name == "x" || self.region == "eu"', region=unknown("r")) == ["self.region=?r"]
    assert reads("self.rpo <= self.gap", rpo=Range(Duration(1), Duration(9999), "a", (WHY,))) == [
        "self.rpo=Range",
        "self.gap=1h",
        "self.rpo <= self.gap=?why",
    ]


def test_uncertain_membership_is_a_read() -> None:
    text = "self.copies.exists(c, c.survives.region)"
    assert reads(text, copies=opened()) == ["self.copies=?rest"]
    assert reads(text, copies=opened(copy(survives=False))) == ["self.copies=?rest"]
    assert reads(text, copies=opened(copy())) == ["c.survives.region=True"]
    member = maybe(copy())
    assert [each.split("=")[0] for each in reads(text, copies=Members((member,)))] == ["c.survives.region", "self.copies"]
    assert reads("size(self.copies) == 3", copies=opened()) == ["self.copies=Members", "self.copies=?rest"]


def test_an_empty_collection_is_the_read() -> None:
    found = trace("self.copies.exists(c, c.survives.region)", copies=members([]))
    assert found.result is False
    assert [read.expression for read in found.reads] == ["self.copies"]


def test_places() -> None:
    written, plain = trace('self.region == "eu" && self.dataClass == "system-of-record"').reads
    assert isinstance(written.value, Known)
    assert written.value.origin == Written(SPAN)
    assert isinstance(plain.value, Known)
    assert written_at(plain.value.origin) == SPAN
    (missing,) = trace("has(self.owner)").reads
    assert isinstance(missing.value, Absent)
    assert written_at(missing.value.origin) == SPAN


def test_an_error_is_told() -> None:
    found = trace("self.guarded && self.count / 0 == 1")
    assert isinstance(found.error, CelError)
    assert found.error.message == "division by zero"
    assert [read.expression for read in found.reads] == ["self.count"]
    assert trace("self.guarded").error is None


def test_tracing_leaves_the_scope_alone() -> None:
    program = compile_expression("self.copies.exists(c, c.survives.region)", ENVIRONMENT)
    assert isinstance(program, Program)
    scope = {"self": store(), "c": 1}
    program.trace(scope)
    program.evaluate(scope)
    assert scope == {"self": scope["self"], "c": 1}


def render(text: str, **given: Any) -> str:
    message = compile_message(text, ENVIRONMENT)
    assert isinstance(message, Message), message
    return message.render({"self": store(**given), "params": {}, "any": 1})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{self.name} in {self.region} has no copy", "orders in eu has no copy"),
        ("no braces", "no braces"),
        ("{{{self.name}}} and }}", "{orders} and }"),
        ("{self.kmsKey}, {self.owner}", "none, none"),
        ("{self.gap} and {self.rpo}", "1h and 1m to 1h"),
        ("{self.labels}", "a, b"),
        ("{self.copies}", "Copy, Copy"),
        ("{self.copies.map(c, c.region)}", "eu, us"),
        ("{self.guarded} {self.count + 1} {1.5} {null}", "true 4 1.5 none"),
        ("{self.count / 0}", "unknown"),
        ("{self.tags.inner}", "x: 1"),
        ("it's {'}' + \"{\"}", "it's }{"),
        ("{ {'a': 1}.a }", "1"),
        ("", ""),
    ],
)
def test_messages(text: str, expected: str) -> None:
    assert render(text) == expected


def test_messages_of_unknowns() -> None:
    assert render("{self.region}", region=unknown("r")) == "unknown"
    assert render("{self.region}", region=unknown("r", among=("eu", "us"))) == "eu or us"
    assert render("{self.name}", name=unknown("n", "orders-", unknown("envs/prod:var.suffix"))) == "orders-<var.suffix>"
    assert render("{self.region}", region=ABSENT) == "none"
    assert render("{self.labels}", labels=opened(known("a"))) == "a, possibly others"
    assert render("{self.labels}", labels=Members((maybe(known("a")),))) == "possibly a"
    assert render("{self.labels}", labels=members([])) == "none"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a {self.nam} b", CelProblem("no field 'nam' on Store; did you mean 'name'?", 8, 11, "name")),
        ("a {self.name b", CelProblem("expected '}', not 'b'", 13, 14)),
        ("a {self.name", CelProblem("expected '}', not the end", 12, 12)),
        ("a {} b", CelProblem("expected an expression, not '}'", 3, 4)),
        ("a } b", CelProblem("a '}' without '{'; write '}}' for a brace", 2, 3)),
    ],
)
def test_problems_of_messages(text: str, problem: CelProblem) -> None:
    assert compile_message(text, ENVIRONMENT) == [problem]
