"""Refinement is monotone: learning what is unknown never turns TRUE into FALSE or back."""

from __future__ import annotations

from random import Random
from typing import Any

from cel_estate import ABSENT, ENVIRONMENT, HERE, Copy, Store, Survives, copy, known, store, unknown
from cel_generate import Generator
from hypothesis import given, settings
from hypothesis import strategies as st

from drpolicy.cel import CelProblem, Program, compile_expression, to_text
from drpolicy.cel.parser import parse
from drpolicy.model.durations import Duration
from drpolicy.model.ranges import Range
from drpolicy.model.reasons import Reason
from drpolicy.model.records import fields, replace
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Member, Members, Object, Unknown


def strings(random: Random) -> Any:
    return random.choice(
        [
            known("eu"),
            known("orders-a"),
            ABSENT,
            unknown("s1"),
            unknown("s2"),
            unknown("p1", "orders-", unknown("s1")),
            unknown("p2", "orders-", unknown("s1"), "-x"),
            unknown("p3", unknown("s1"), unknown("s2")),
            unknown("a1", among=("eu", "us")),
            unknown("a2", among=("orders", "orders-a", "")),
        ]
    )


def integers(random: Random) -> Any:
    return random.choice([known(0), known(3), ABSENT, unknown("n1"), unknown("n2"), unknown("n3", among=(1, 2, 7))])


def booleans(random: Random) -> Any:
    return random.choice([known(True), known(False), ABSENT, unknown("b1"), unknown("b2")])


def durations(random: Random) -> Any:
    return random.choice([known(Duration(60)), unknown("d1"), unknown("d2", among=(Duration(60), Duration(7200)))])


def collection(random: Random, element: Any) -> Members[Any]:
    found = tuple(
        Member(element(random), random.choice(list(Truth)), random.choice([None, unknown("why")])) for _ in range(random.randrange(4))
    )
    return Members(found, random.choice([None, None, unknown(element.__name__)]))


def copies(random: Random) -> Any:
    return copy(strings(random), integers(random), booleans(random), booleans(random))


def dynamic(random: Random) -> Any:
    inner = known(Object({"x": integers(random)}, random.choice([None, unknown("more")])))
    listed = known(Members((Member(strings(random), random.choice([Truth.TRUE, Truth.UNKNOWN])),)))
    return random.choice([strings(random), integers(random), unknown("y1"), unknown("y2"), inner, listed])


def estate(random: Random) -> dict[str, Any]:
    tags = {key: dynamic(random) for key in ("team", "size", "list", "inner") if random.random() < 0.8}
    low, high = sorted((random.choice([0, 60, 3600, 7200]), random.choice([0, 60, 3600, 7200])))
    subject = store(
        name=strings(random),
        region=strings(random),
        count=integers(random),
        guarded=booleans(random),
        gap=durations(random),
        kms_key=strings(random),
        copies=collection(random, copies),
        labels=collection(random, strings),
        tags=Object(tags, random.choice([None, unknown("more")])),
        rpo=Range(Duration(low), Duration(high), "a plan"),
        there=random.choice(list(Truth)),
    )
    return {"self": subject, "params": {}, "any": dynamic(random)}


class Refinement:
    """Replaces unknowns, the same symbol by the same value, all of them or some."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.chosen: dict[str, Any] = {}

    def value(self, unknown: Unknown) -> Any:
        if unknown.symbol not in self.chosen:
            self.chosen[unknown.symbol] = self.choose(unknown)
        return self.chosen[unknown.symbol]

    def choose(self, unknown: Unknown) -> Any:
        if unknown.parts:
            pieces = [self.refine(part) for part in unknown.parts]
            if all(isinstance(piece, Known) for piece in pieces):
                return known("".join(str(piece.value) for piece in pieces))
            kept = tuple(part if isinstance(piece, Absent) else piece for part, piece in zip(unknown.parts, pieces, strict=True))
            return Unknown(Reason.VARIABLE_NOT_SET, unknown.symbol, HERE, parts=kept)
        if self.random.random() < 0.2:
            return unknown
        if unknown.among:
            return self.random.choice([*unknown.among, ABSENT])
        pool: dict[str, list[Any]] = {
            "s": ["eu", "us", "orders-a", "a", "", "-x", "orders"],
            "n": [0, 1, 2, 3, -1, 7],
            "b": [True, False],
            "d": [Duration(0), Duration(60), Duration(7200)],
            "y": ["eu", 3, True, 2.5, Object({"x": known(1)}), Members((Member(known("eu")),))],
        }
        return self.random.choice([*map(known, pool[unknown.symbol[0]]), ABSENT])

    def refine(self, value: Any) -> Any:
        match value:
            case Unknown():
                return self.value(value)
            case Known(inner, origin):
                return Known(self.refine(inner), origin)
            case Members(elements, rest):
                found = tuple(Member(self.refine(each.value), self.presence(each.presence), each.why) for each in elements)
                return self.closed(Members(found, rest))
            case Object(names, rest):
                mapping = {name: self.refine(each) for name, each in names.items()}
                if rest is not None and self.random.random() < 0.8:
                    mapping |= {name: self.refine(dynamic(self.random)) for name in ("other", "team") if name not in mapping}
                    rest = None
                return Object(mapping, rest)
            case Range(best, worst):
                return replace(value, best=worst) if self.random.random() < 0.5 else replace(value, worst=best)
            case Truth():
                return self.presence(value)
            case Store() | Copy() | Survives():
                return replace(value, **{each.name: self.refine(getattr(value, each.name)) for each in fields(value)})
            case _:
                return value

    def presence(self, presence: Truth) -> Truth:
        return self.random.choice(list(Truth)) if presence is Truth.UNKNOWN else presence

    def closed(self, found: Members[Any]) -> Members[Any]:
        if found.rest is None or self.random.random() < 0.2:
            return found
        make = copies if found.rest.symbol == "copies" else strings
        more = tuple(Member(self.refine(make(self.random))) for _ in range(self.random.randrange(3)))
        at = self.random.randrange(len(found.elements) + 1)
        return Members(found.elements[:at] + more + found.elements[at:])


@given(st.integers(0, 2**48))
@settings(max_examples=600, deadline=None)
def test_learning_more_never_flips_a_decision(seed: int) -> None:
    random = Random(seed)
    text = Generator(random, estate=True).boolean(random.randrange(1, 5))
    program = compile_expression(text, ENVIRONMENT)
    assert isinstance(program, Program), (text, program)
    scope = estate(random)
    before = program.truth(scope)
    for _ in range(4):
        refinement = Refinement(random)
        refined = {key: refinement.refine(value) for key, value in scope.items()}
        after = program.truth(refined)
        assert {before, after} != {Truth.TRUE, Truth.FALSE}, (seed, text, scope, refined)
        assert program.trace(refined).result == program.evaluate(refined) or after is Truth.UNKNOWN, (seed, text)
    canonical = parse(to_text(program.node))
    assert not isinstance(canonical, CelProblem)
    assert to_text(canonical) == to_text(program.node)
