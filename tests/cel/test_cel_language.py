"""Parsing, checking, formatting and plain evaluation of conditions, and what is said about mistakes."""

from __future__ import annotations

from collections.abc import Callable
from time import process_time
from typing import Any

import pytest
from cel_estate import ABSENT, ENVIRONMENT, known, store
from cel_generate import Generator
from hypothesis import given, settings
from hypothesis import strategies as st

from drpolicy.cel import CelError, CelProblem, Program, compile_expression, fields_of, record_type, to_text
from drpolicy.cel.parser import parse
from drpolicy.cel.types import BOOL, DURATION, DYN, INT, RANGE, STRING, List, Map, Record, describe
from drpolicy.model.durations import Duration
from drpolicy.model.records import dataclass, field
from drpolicy.model.spans import Span
from drpolicy.model.truth import Truth
from drpolicy.model.values import Members, Object, Unknown, Value


def program(text: str) -> Program:
    found = compile_expression(text, ENVIRONMENT)
    assert isinstance(found, Program), found
    return found


def problems(text: str, expect: Any = None) -> list[CelProblem]:
    found = compile_expression(text, ENVIRONMENT, expect)
    assert isinstance(found, list), found
    return found


def value(text: str, **given: Any) -> Any:
    return program(text).evaluate({"self": store(**given), "params": {"days": 30, "names": ["a"], "none": None}, "any": 1})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('self.region == "eu"', True),
        ('self.dataClass == "system-of-record"', True),
        ("self.there", True),
        ("has(self.owner)", False),
        ('self.?owner.orValue("nobody")', "nobody"),
        ('self.?kmsKey.orValue("none")', "none"),
        ("has(self.kmsKey)", False),
        ("has(self.tags.none) || has(self.tags.other)", False),
        ("has(self.tags.team)", True),
        ("self.tags.inner.x", 1),
        ('self.tags["team"]', "pay"),
        ('self.tags[?"other"].orValue("z")', "z"),
        ("self.tags.?other.x.orValue(3)", 3),
        ('"team" in self.tags && !("none" in self.tags)', True),
        ("self.copies[1].region", "us"),
        ("self.copies[?7].orValue(self.copies[0]).region", "eu"),
        ("self.copies.exists(c, c.survives.region)", True),
        ("self.copies.all(c, c.survives.region)", False),
        ("self.copies.exists_one(c, c.survives.region)", True),
        ("size(self.copies.filter(c, c.count > 1))", 1),
        ('self.copies.map(c, c.region).join(", ")', "eu, us"),
        ('"a,b".split(",").size()', 2),
        ('"Ab".lowerAscii() + "Ab".upperAscii()', "abAB"),
        ('self.gap <= duration("1h") && self.gap > duration("59m")', True),
        ('self.gap * 2 == duration("2h")', True),
        ('self.rpo <= duration("1h")', True),
        ('self.rpo > duration("30s")', True),
        ('duration("1h") >= self.rpo', True),
        ('duration("30s") < self.rpo', True),
        ("params.days >= 30", True),
        ('"a" in params.names', True),
        ("params.none == null", True),
        ("self.tags.exists(k, k == 'size')", True),
        ('has(self.kmsKey) && self.kmsKey == "k"', False),
        ('!has(self.kmsKey) || self.kmsKey == "k"', True),
        ('has(self.kmsKey) ? self.kmsKey : "none"', "none"),
        ("1 + 1 // two\n == 2", True),
    ],
)
def test_evaluation(text: str, expected: Any) -> None:
    assert value(text) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("self.count / 0", "division by zero"),
        ("self.copies[2].region", "no such field, key or index, or nothing is given there"),
        ("self.tags.other", "no such field, key or index, or nothing is given there"),
        ("self.tags.team < 1", "no such overload: <(string, int)"),
        ("self.tags.team.x", "no such field: x"),
        ('"a".matches("(" + "")', "bad pattern: a '(' without ')'"),
        ('int("x")', "'x' is not an int"),
        ("9223372036854775807 + self.count", "integer overflow"),
    ],
)
def test_errors_are_results(text: str, message: str) -> None:
    found = value(text)
    assert isinstance(found, CelError)
    assert found.message == message
    absorbed = program(f"({text}) == ({text}) || true")
    assert absorbed.truth({"self": store()}) is Truth.TRUE


def test_a_required_field_that_is_absent_is_an_error() -> None:
    found = value('self.region == "eu"', region=ABSENT)
    assert isinstance(found, CelError)
    assert found.absent
    assert (found.node.start, found.node.end) == (0, 11)


MAY_BE_ABSENT = "'kmsKey' may be absent; read it with .?kmsKey.orValue(…) or after has(self.kmsKey)"


@pytest.mark.parametrize(
    ("text", "start", "end", "message", "suggestion"),
    [
        ("self.regoin == 'x'", 5, 11, "no field 'regoin' on Store; did you mean 'region'?", "region"),
        ("slf.region == 'x'", 0, 3, "no name 'slf' here; did you mean 'self'?", "self"),
        ("self.name.startWith('x')", 9, 24, "no function 'startWith'; did you mean 'startsWith'?", "startsWith"),
        ("self.copies.exist(c, true)", 11, 26, "no function 'exist'; did you mean 'exists'?", "exists"),
        ("self.secret == 'x'", 5, 11, "no field 'secret' on Store", None),
        ("self.span == 1", 5, 9, "no field 'span' on Store", None),
        ("self.kmsKey == 'x'", 5, 11, MAY_BE_ABSENT, None),
        ("has(self.kmsKey) || self.kmsKey == 'x'", 25, 31, MAY_BE_ABSENT, None),
        ("self.?kmsKey == 'x'", 0, 12, "an optional value; say what to take instead with orValue(…)", None),
        ("self.region.orValue('x')", 0, 24, "orValue follows an optional selection such as a.?b", None),
        ("self.?kmsKey.orValue(1)", 21, 22, "expected string, not int", None),
        ("self.rpo < duration('1h')", 0, 25, "a range is compared with a duration, by <= or its negation", None),
        ("self.rpo == duration('1h')", 0, 26, "a range is compared with a duration, by <= or its negation", None),
        ("self.copies[0] == self.copies[1]", 0, 32, "records are not compared; compare what identifies them", None),
        ("self.count == 'x'", 0, 17, "no operator == for int and string", None),
        ("self.region == null", 0, 19, "no operator == for string and null; use has(…) to ask whether it is given", None),
        ("self.count && true", 0, 10, "expected bool, not int", None),
        ("self.copies.exists(c, c.count)", 22, 29, "expected bool, not int", None),
        ("self.region.exists(c, true)", 0, 11, "exists takes a list or a map, not string", None),
        ("self.copies.exists(1, true)", 12, 27, "exists takes a variable name and an expression", None),
        ("self.gap < duration('1d')", 20, 24, "'d' is not a unit here; write a Go duration such as 90s, 15m or 720h", None),
        ("duration(self.name)", 0, 19, 'duration takes one string literal such as duration("15m")', None),
        ("has(self)", 0, 9, "has takes a field selection such as has(a.b)", None),
        ("self.name.matches('(')", 18, 21, "bad pattern: a '(' without ')'", None),
        ("self.name.matches('a{1001}')", 18, 27, "bad pattern: the repetition {1001} is out of range", None),
        ("startsWith('a', 'b')", 0, 20, "startsWith is called otherwise; write x.startsWith(…)", None),
        ("self.name = 'x'", 10, 11, "unexpected '='; write == to compare", None),
        ("self.name == 'x", 13, 14, 'unexpected "\'"; the string is not closed', None),
        ("self.name ==", 12, 12, "expected an expression, not the end", None),
        ("self.name 'x'", 10, 13, 'expected an operator or the end, not "\'x\'"', None),
        ("self.name == '\\q'", 14, 16, "'\\\\q' is not an escape", None),
        ("9223372036854775808", 0, 19, "the integer does not fit in 64 bits", None),
        ("self.count == 1u", 15, 16, "unsigned integers are not needed here; leave the u out", None),
        ("{'a': 1, 'a': 2}", 9, 12, "the key 'a' is given twice", None),
        ("[1 ? 2 : 3]", 1, 2, "expected bool, not int", None),
        ("true ? 1 : 'a'", 0, 14, "the two results are int and string", None),
        ("package", 0, 7, "expected an expression, not 'package'", None),
        ("", 0, 0, "expected an expression, not the end", None),
    ],
)  # fmt: skip
def test_load_problems(text: str, start: int, end: int, message: str, suggestion: str | None) -> None:
    assert problems(text)[0] == CelProblem(message, start, end, suggestion)


def test_every_problem_is_reported_in_order() -> None:
    assert [each.start for each in problems("self.a == 1 && self.b == 2 && self.c == 3")] == [5, 20, 35]


def test_the_wanted_type() -> None:
    assert problems("self.count", BOOL) == [CelProblem("expected bool, not int", 0, 10)]
    assert isinstance(compile_expression("self.tags.x", ENVIRONMENT, BOOL), Program)


def test_facts_of_one_condition_free_another() -> None:
    when = program("has(self.kmsKey) && self.guarded")
    assert when.facts == {"self.kmsKey"}
    assert isinstance(compile_expression('self.kmsKey == "k"', ENVIRONMENT, BOOL, when.facts), Program)
    assert program("has(self.kmsKey) || self.guarded").facts == frozenset()


def test_a_variable_hides_what_was_known_of_its_name() -> None:
    text = "has(self.kmsKey) && self.copies.exists(self, self.kmsKey == 'x')"
    assert [each.message for each in problems(text)] == ["no field 'kmsKey' on Copy"]


@pytest.mark.parametrize(
    "text",
    [
        "(" * 10_000 + "1" + ")" * 10_000,
        "!" * 10_000 + "true",
        "-" * 9_999 + "self.count",
        "[" * 10_000,
        "self" + ".a" * 9_000,
        "self" + "[0]" * 6_000,
        "1" + "+1" * 9_000,
        "true" + "?true:true" * 1_900,
        "true ? (" * 2_000,
        "f(" * 9_000,
        "a.exists(x," * 1_800,
        "{'a':" * 4_000,
        "1" * 100_000,
        "/" * 19_999,
        "'" + "\\" * 19_000,
    ],
)
def test_deep_and_long_texts_are_problems(text: str) -> None:
    assert isinstance(compile_expression(text, ENVIRONMENT), list)


def test_many_operands_are_no_depth() -> None:
    assert value(" && ".join(["self.guarded"] * 1_000)) is True


@pytest.mark.parametrize(
    "text",
    [
        '["aaaaaaaaaaaaaaaa"]' + "".join(f".map(v{n}, v{n} + v{n})" for n in range(30)) + ".size()",
        "[[1]]" + "".join(f".map(v{n}, v{n} + v{n})" for n in range(30)) + ".size()",
        "[1]"
        + "".join(f".map(v{n}, [v{n}, v{n}])" for n in range(30))
        + " == [1]"
        + "".join(f".map(v{n}, [v{n}, v{n}])" for n in range(30)),
        "".join(f"[1,1,1,1,1,1,1,1].all(v{n}, " for n in range(12)) + "true" + ")" * 12,
        "('a' + '" + "a" * 9_000 + "').matches('^(a|a|a|a|a|aa|aaa)*b{0,900}$')",
    ],
)
def test_conditions_that_would_run_away_are_errors(text: str) -> None:
    begin = process_time()
    assert isinstance(value(text), CelError)
    assert process_time() - begin < 5


def test_a_pattern_that_would_backtrack_is_linear() -> None:
    begin = process_time()
    assert value("self.name.matches('^(a+)+$')", name="a" * 5_000 + "b") is False
    assert process_time() - begin < 2


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("((a)) + (b + c)", "a + (b + c)"),
        ("(a && b) && c || d", "(a && b) && c || d"),
        ("a && (b || c)", "a && (b || c)"),
        ("!(a.b)", "!a.b"),
        ("!(a == b)", "!(a == b)"),
        ("-(5)", "-(5)"),
        ("--5", "--5"),
        ("(-5).x", "(-5).x"),
        ("- 5", "-(5)"),
        ("(a ? b : c) ? d : (e ? f : g)", "(a ? b : c) ? d : e ? f : g"),
        ("a ? (b ? c : d) : e", "a ? (b ? c : d) : e"),
        ("x.?y[?'z'].orValue(r'\\d')", 'x.?y[?"z"].orValue("\\\\d")'),
        ("{'a':[1,2.0],}", '{"a": [1, 2.0]}'),
        ("x.all(y,has(y.z))", "x.all(y, has(y.z))"),
        ("duration('1h')", 'duration("1h")'),
        ("'\\x00\\n\\t\"'", '"\\x00\\n\\t\\""'),
        ("1 in [1] == true", "1 in [1] == true"),
        ("1 == (2 == 3)", "1 == (2 == 3)"),
    ],
)
def test_formatting(text: str, canonical: str) -> None:
    node = parse(text)
    assert not isinstance(node, CelProblem)
    assert to_text(node) == canonical
    assert shape(parse(canonical)) == shape(node)


def shape(node: Any) -> Any:
    """Return a tree without its offsets, with the types of its nodes and literals."""
    if not hasattr(node, "_fields"):
        return tuple(map(shape, node)) if isinstance(node, tuple) else (type(node), repr(node))
    return (type(node), *(shape(part) for name, part in zip(node._fields, node, strict=True) if name not in ("start", "end")))


@given(st.randoms(use_true_random=False), st.booleans())
@settings(max_examples=200, deadline=None)
def test_formatting_and_parsing_are_inverse(random: Any, estate: bool) -> None:
    node = parse(Generator(random, estate).boolean(random.randrange(5)))
    assert not isinstance(node, CelProblem)
    assert shape(parse(to_text(node))) == shape(node)


@given(st.text(alphabet="self.copis()[]{}?:!&|=<>+-*/%'\"\\ 012.aexhtrujd,\n", max_size=40))
@settings(max_examples=500, deadline=None)
def test_no_text_raises(text: str) -> None:
    found = compile_expression(text, ENVIRONMENT)
    if isinstance(found, Program):
        found.evaluate({"self": store(), "params": {}, "any": 1})
    else:
        assert all(0 <= each.start <= each.end <= len(text) for each in found), (text, found)


def test_types_come_from_the_dataclass() -> None:
    cls = record_type(type(store())).cls
    found = {each.name: (describe(each.type), each.optional) for each in fields_of(cls).values()}
    assert found == {
        "name": ("string", False),
        "region": ("string", False),
        "dataClass": ("string", False),
        "count": ("int", False),
        "guarded": ("bool", False),
        "gap": ("duration", False),
        "kmsKey": ("string", True),
        "copies": ("list(Copy)", False),
        "labels": ("list(string)", False),
        "tags": ("map(string, dyn)", False),
        "rpo": ("range", False),
        "there": ("bool", False),
        "owner": ("string", True),
    }
    assert fields_of(cls)["kmsKey"].doc == "the key"


@dataclass(frozen=True, slots=True)
class Node:
    parent: Value[Node] = field(metadata={"optional": True})
    free: Value[Any]
    block: Value[Object]
    names: tuple[str, ...]
    listed: Value[Members[Value[int]]]
    why: Unknown | None
    spans: tuple[Span, ...]
    either: int | str
    gap: Value[Duration] | None
    compute: Callable[[], int]


def test_types_that_refer_to_themselves_and_hidden_ones() -> None:
    found = {each.name: each.type for each in fields_of(Node).values()}
    assert found == {
        "parent": Record(Node),
        "free": DYN,
        "block": Map(DYN),
        "names": List(STRING),
        "listed": List(INT),
        "either": DYN,
        "gap": DURATION,
    }
    assert fields_of(Node)["gap"].optional
    assert RANGE not in found.values()


def test_values_of_the_wrong_type_are_errors_not_exceptions() -> None:
    wrong = store(count="many", region=7, labels=known(3), copies=5, guarded="yes", rpo=3, tags=[1])
    for text in [
        "self.count + 1 == 2",
        "self.region.startsWith('e')",
        "'a' in self.labels",
        "self.copies.exists(c, c.count == 1)",
        "self.guarded && true",
        "!self.guarded",
        "self.rpo <= duration('1h')",
        "self.tags.team == 1",
        "size(self.copies) == 1",
        "self.guarded ? true : false",
    ]:
        assert isinstance(program(text).evaluate({"self": wrong}), CelError), text


def test_names_missing_from_the_scope_are_errors() -> None:
    assert isinstance(program("self.guarded").evaluate({}), CelError)
    assert isinstance(program("any").evaluate({}), CelError)
