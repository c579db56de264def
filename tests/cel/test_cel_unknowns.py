"""What unknown values, uncertain members and errors beside them decide."""

from __future__ import annotations

from typing import Any

import pytest
from cel_estate import ABSENT, ENVIRONMENT, MAYBE, copy, known, maybe, opened, store, unknown

from drpolicy.cel import CelError, Program, compile_expression
from drpolicy.model.durations import UNBOUNDED, Duration
from drpolicy.model.ranges import Range
from drpolicy.model.truth import Truth
from drpolicy.model.values import Member, Members, Object, Unknown, members

T, F, U = Truth.TRUE, Truth.FALSE, Truth.UNKNOWN
REGION = unknown("prod:var.region")
NAME = unknown("n", "orders-", unknown("prod:var.suffix"), "-db")
CHOICE = unknown("c", among=("eu", "us"))


def result(text: str, **given: Any) -> Any:
    program = compile_expression(text, ENVIRONMENT)
    assert isinstance(program, Program), program
    found = program.evaluate({"self": store(**given), "params": {}, "any": unknown("any")})
    recorded = program.trace({"self": store(**given), "params": {}, "any": unknown("any")}).result
    assert type(recorded) is type(found)
    assert isinstance(found, Unknown) or recorded == found
    return found


def truth(text: str, **given: Any) -> Truth:
    found = result(text, **given)
    return T if found is True else F if found is False else U


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('self.region == "eu"', U),
        ("self.region == self.region", T),
        ("self.region != self.region", F),
        ("self.copies.exists(c, c.region == self.region)", T),
        ("self.region.lowerAscii() == self.region.lowerAscii()", T),
        ('self.region + "x" == self.region + "x"', T),
        ('self.region + "x" == self.region + "y"', F),
        ('self.region + self.region == "ab"', U),
        ("has(self.region)", U),
        ('self.?region.orValue("eu") == "eu"', U),
        ('self.region == "eu" && false', F),
        ('false && self.region == "eu"', F),
        ('self.region == "eu" || true', T),
        ('self.region == "eu" || self.count == 3', T),
        ("self.count / 0 == 1 || self.count == 3", T),
        ('self.region == "eu" ? 1 == 1 : 2 == 2', T),
        ('(self.region == "eu" ? 7 : 30) >= 7', T),
        ('(self.region == "eu" ? 7 : 30) > 7', U),
        ('(self.region == "eu" ? 7 : 30) > 30', F),
        ('(self.region == "eu" ? self.region : "x") == self.region', U),
        ("any.x == any.x", T),
        ("any.x == any.y", U),
        ("any[0] == any[0]", T),
        ('self.region in ["eu", "us"]', U),
        ("self.region in [self.region]", T),
        ("[self.region] == [self.region]", T),
        ('[self.region, "a"] == [self.region, "b"]', F),
        ('["a"].exists(x, x == self.region)', U),
    ],
)
def test_an_unknown_scalar(text: str, expected: Truth) -> None:
    assert truth(text, region=REGION, copies=members([copy(REGION)])) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('self.name.startsWith("orders")', T),
        ('self.name.startsWith("orders-x")', U),
        ('self.name.startsWith("x")', F),
        ('self.name.endsWith("db")', T),
        ('self.name.endsWith("x-db")', U),
        ('self.name.endsWith("x")', F),
        ('self.name.contains("ders")', T),
        ('self.name.contains("zz")', U),
        ('self.name == "orders-a-db"', U),
        ('self.name == "orders-a"', F),
        ('self.name == "orders-db"', F),
        ('self.name in ["x", "y"]', F),
        ('self.name in ["x", "orders-1-db"]', U),
        ("size(self.name) > 5", T),
        ("size(self.name) == 3", F),
        ("size(self.name) > 50", U),
        ('self.name.upperAscii().startsWith("ORDERS-")', T),
        ('self.name + "x" == self.name + "x"', T),
        ('("a" + self.name).startsWith("aord")', T),
        ('self.?name.orValue("").startsWith("orders")', T),
        ("self.name == self.?name.orValue('z')", T),
        ('self.name.matches("^orders")', U),
        ("has(self.name)", U),
    ],
)
def test_a_string_with_known_pieces(text: str, expected: Truth) -> None:
    assert truth(text, name=NAME) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('self.region == "ap"', F),
        ('self.region != "ap"', T),
        ('self.region == "eu"', U),
        ('self.region in ["eu", "us", "ap"]', T),
        ('self.region in ["ap"]', F),
        ('self.region in ["eu"]', U),
        ('self.region < "v"', T),
        ("self.region.size() == 2", T),
        ('self.region.matches("^(eu|us)$")', T),
        ('(self.region + "-1").endsWith("-1")', T),
        ('(self.region + "-1") in ["eu-1", "us-1"]', T),
        ('self.region.upperAscii() == "AP"', F),
        ("has(self.region)", U),
        ('self.?region.orValue("ap") != "cn"', T),
        ('self.?region.orValue("ap") != "ap"', U),
        ("self.count >= 7", T),
        ("self.count + 1 > 7", T),
        ("self.count == self.count", T),
        ("self.count - self.count == 0", T),
        ("10 / self.count > 0", U),
        ("self.count % 2 == 1", U),
        ("-self.count < 0", T),
    ],
)
def test_a_finite_choice(text: str, expected: Truth) -> None:
    assert truth(text, region=CHOICE, count=unknown("k", among=(30, 7))) is expected


def _sized(text: str, copies: Members[Any]) -> Truth:
    return truth(text, copies=copies)


SURE = copy("eu", 1, True)
NOT = copy("eu", 1, False)
WHY = unknown("w")


@pytest.mark.parametrize(
    ("copies", "exists", "all_", "one"),
    [
        (members([]), F, T, F),
        (opened(), U, U, U),
        (members([SURE]), T, T, T),
        (opened(SURE), T, U, U),
        (opened(NOT), U, F, U),
        (opened(SURE, SURE), T, U, F),
        (Members((maybe(SURE),)), U, T, U),
        (Members((maybe(NOT),)), F, U, F),
        (Members((Member(SURE, F),)), F, T, F),
        (Members((maybe(SURE), Member(SURE))), T, T, U),
        (members([copy(survives=unknown("b"))]), U, U, U),
        (members([copy(survives=ABSENT), SURE]), T, U, U),
        (members([copy(survives=ABSENT), NOT]), U, F, U),
        (Members((maybe(copy(survives=ABSENT)), Member(SURE))), T, U, U),
    ],
)
def test_quantifiers(copies: Members[Any], exists: Truth, all_: Truth, one: Truth) -> None:
    given = {"copies": copies}
    assert truth("self.copies.exists(c, c.survives.region)", **given) is exists
    assert truth("self.copies.all(c, c.survives.region)", **given) is all_
    assert truth("self.copies.exists_one(c, c.survives.region)", **given) is one
    assert truth("self.copies.filter(c, c.survives.az).exists(c, c.survives.region)", **given) is exists
    assert truth("self.copies.map(c, c).exists(c, c.survives.region)", **given) is exists


@pytest.mark.parametrize(
    ("text", "copies", "expected"),
    [
        ("size(self.copies) > 0", opened(SURE), T),
        ("size(self.copies) >= 1", opened(SURE), T),
        ("self.copies.size() != 0", opened(SURE), T),
        ("self.copies.size() == 0", opened(SURE), F),
        ("0 < self.copies.size()", opened(SURE), T),
        ("0 == self.copies.size()", opened(SURE), F),
        ("self.copies.size() < 1", opened(SURE), F),
        ("self.copies.size() <= 0", opened(SURE), F),
        ("self.copies.size() > 1", opened(SURE), U),
        ("self.copies.size() == 1", opened(SURE), U),
        ("self.copies.size() > 0", opened(), U),
        ("self.copies.size() >= 0", opened(), T),
        ("self.copies.size() < 3", Members((maybe(SURE), Member(SURE))), T),
        ("self.copies.size() >= 1", Members((maybe(SURE), Member(SURE))), T),
        ("self.copies.size() == 2", Members((maybe(SURE), Member(SURE))), U),
        ("self.copies.filter(c, c.survives.region).size() >= 1", opened(SURE, NOT), T),
        ("self.copies[0].survives.region", members([SURE]), T),
        ("self.copies[0].survives.region", opened(SURE), U),
        ("self.copies.map(c, c.region) == ['eu']", members([SURE]), T),
        ("self.copies.map(c, c.region) == ['us']", members([SURE]), F),
        ("self.copies.map(c, c.region) == ['us']", opened(SURE), U),
        ("'eu' in self.copies.map(c, c.region)", opened(SURE), T),
        ("'us' in self.copies.map(c, c.region)", opened(SURE), U),
        ("'us' in self.copies.map(c, c.region)", Members((maybe(copy("us")),)), U),
        ("self.copies.map(c, c.region).join('-') == 'eu'", members([SURE]), T),
        ("self.copies.map(c, c.region).join('-') == 'eu'", opened(SURE), U),
    ],
)
def test_uncertain_collections(text: str, copies: Members[Any], expected: Truth) -> None:
    assert truth(text, copies=copies) is expected


def test_maps_that_may_hold_more() -> None:
    tags = Object({"a": known("x"), "b": unknown("b"), "c": ABSENT}, unknown("more"))
    assert truth("has(self.tags.a)", tags=tags) is T
    assert truth("has(self.tags.b)", tags=tags) is U
    assert truth("has(self.tags.c)", tags=tags) is F
    assert truth("has(self.tags.d)", tags=tags) is U
    assert truth("'d' in self.tags", tags=tags) is U
    assert truth("'c' in self.tags", tags=tags) is U
    assert truth("self.tags.d == self.tags.e", tags=tags) is U
    assert truth("self.tags.size() >= 1", tags=tags) is T
    assert truth("self.tags == {'a': 'y'}", tags=tags) is F
    assert truth("self.tags == {'a': 'x'}", tags=tags) is U
    assert truth("self.tags.exists(k, k == 'a')", tags=tags) is T


@pytest.mark.parametrize(
    ("best", "worst", "objective", "within"),
    [
        (60, 3600, Duration(3600), T),
        (60, 3600, Duration(600), U),
        (60, 3600, Duration(30), F),
        (60, 3600, unknown("d"), U),
        (60, 3600, unknown("d", among=(Duration(3600), Duration(7200))), T),
        (60, 3600, unknown("d", among=(Duration(30), Duration(7200))), U),
        (60, 3600, ABSENT, U),
    ],
)
def test_ranges(best: float, worst: float, objective: Any, within: Truth) -> None:
    given = {"rpo": Range(Duration(best), Duration(worst), "a plan", (WHY,)), "gap": objective}
    assert truth("self.rpo <= self.gap", **given) is within
    assert truth("self.gap >= self.rpo", **given) is within
    assert truth("self.rpo > self.gap", **given) is ~within
    assert truth("self.gap < self.rpo", **given) is ~within


def test_durations_without_bound() -> None:
    assert truth('self.gap > duration("1000h")', gap=UNBOUNDED) is T
    assert isinstance(result("self.gap - self.gap == self.gap", gap=UNBOUNDED), CelError)


def test_an_unknown_wins_over_an_error() -> None:
    assert isinstance(result("self.count / 0 == 1 || self.guarded", guarded=unknown("g")), Unknown)
    assert isinstance(result("self.count / 0 == 1 && self.guarded", guarded=unknown("g")), Unknown)
    assert isinstance(result("self.count / 0 == 1 && self.guarded"), CelError)
    assert isinstance(result('self.region + string(1 / 0) == "x"', region=REGION), Unknown)


def test_a_presence_that_is_not_known() -> None:
    assert truth("self.there", there=MAYBE) is U
    assert truth("self.there", there=T) is T
    assert truth("!self.there", there=F) is T


def test_results_are_never_taken_for_each_other() -> None:
    """Two conditions on one unknown are not the same value."""
    assert truth('(self.region == "eu") == (self.region == "us")', region=REGION) is U
    assert truth("self.count + 1 == self.count + 2", count=unknown("k")) is U
    assert truth("(self.guarded && self.there) == self.guarded", guarded=unknown("g"), there=MAYBE) is U
    assert truth("self.tags.?x.orValue('a') == self.tags.?x.orValue('b')", tags=Object({"x": REGION})) is U
    assert truth("has(self.region) == self.guarded", region=unknown("g"), guarded=unknown("g")) is U
