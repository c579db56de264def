"""Check the types of a condition when it is loaded, and that optional fields are read through ``has`` or ``orValue``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import assert_never

from drpolicy.cel.automaton import pattern
from drpolicy.cel.functions import FUNCTIONS, MACROS
from drpolicy.cel.guards import facts, mentions
from drpolicy.cel.overloads import Refusal, binary_type, unary_type
from drpolicy.cel.syntax import (
    Binary,
    Call,
    CelProblem,
    Comprehension,
    Conditional,
    DurationLiteral,
    Has,
    Index,
    ListLiteral,
    Literal,
    Logic,
    MapLiteral,
    Name,
    Node,
    Select,
    Unary,
)
from drpolicy.cel.text import to_text
from drpolicy.cel.types import (
    BOOL,
    DOUBLE,
    DURATION,
    DYN,
    INT,
    NULL,
    STRING,
    List,
    Map,
    Optional,
    Record,
    Type,
    describe,
    fields_of,
    fits,
    joined,
)
from drpolicy.model.records import dataclass, field

_LITERALS: dict[type[object], Type] = {bool: BOOL, int: INT, float: DOUBLE, str: STRING, type(None): NULL}


@dataclass(slots=True)
class Checked:
    """What checking found: a type per node, by the node's identity, and the problems in order of position."""

    types: dict[int, Type] = field(default_factory=dict)
    problems: list[CelProblem] = field(default_factory=list)


def check(node: Node, environment: Mapping[str, Type], given: frozenset[str] = frozenset(), lenient: bool = False) -> Checked:
    """Check a condition. ``given`` are selections known to be there; ``lenient`` allows optional fields anywhere."""
    checker = _Checker(dict(environment), set(given), lenient)
    found = checker.check(node)
    if isinstance(found, Optional):
        checker.problem(node, "an optional value; say what to take instead with orValue(…)")
    checker.checked.problems.sort(key=lambda each: (each.start, each.end))
    return checker.checked


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that was probably meant."""
    from difflib import get_close_matches  # loaded only when there is a mistake to explain

    return next(iter(get_close_matches(name, list(known), 1)), None)


class _Checker:
    def __init__(self, environment: dict[str, Type], given: set[str], lenient: bool) -> None:
        self.environment = environment
        self.given = given
        self.lenient = lenient
        self.checked = Checked()

    def problem(self, node: Node, message: str, suggestion: str | None = None, start: int | None = None) -> Type:
        full = message if suggestion is None else f"{message}; did you mean {suggestion!r}?"
        self.checked.problems.append(CelProblem(full, node.start if start is None else start, node.end, suggestion))
        return DYN

    def check(self, node: Node) -> Type:
        found = self.checked.types[id(node)] = self.infer(node)
        return found

    def infer(self, node: Node) -> Type:
        match node:
            case Literal(value):
                return _LITERALS[type(value)]
            case DurationLiteral():
                return DURATION
            case Name(name):
                return self.environment.get(name) or self.problem(node, f"no name {name!r} here", nearest(name, self.environment))
            case Select():
                return self.select(node, False)
            case Has(selection):
                self.checked.types[id(selection)] = self.select(selection, True)
                return BOOL
            case Index():
                return self.index(node)
            case Call():
                return self.call(node)
            case Unary(operator, operand):
                return self.operator(node, unary_type(operator, self.value(operand)))
            case Binary(operator, left, right):
                return self.operator(node, binary_type(operator, self.value(left), self.value(right)))
            case Logic(operator, operands):
                return self.logic(operator, operands)
            case Conditional():
                return self.conditional(node)
            case ListLiteral(elements):
                return List(joined([self.value(each) for each in elements]))
            case MapLiteral():
                return self.map_literal(node)
            case Comprehension():
                return self.comprehension(node)
            case _:
                assert_never(node)

    def value(self, node: Node) -> Type:
        found = self.check(node)
        if isinstance(found, Optional):
            return self.problem(node, "an optional value; say what to take instead with orValue(…)")
        return found

    def condition(self, node: Node) -> None:
        found = self.check(node)
        if not fits(found, BOOL):
            self.problem(node, f"expected bool, not {describe(found)}")

    def under(self, node: Node, added: Iterable[str], check: bool = False) -> Type:
        """Check a node while further selections are known to be there."""
        before = self.given
        self.given = before | set(added)
        try:
            if check:
                self.condition(node)
                return BOOL
            return self.value(node)
        finally:
            self.given = before

    def select(self, node: Select, asked: bool) -> Type:
        operand = self.check(node.operand)
        chained = isinstance(operand, Optional)
        inner = operand.inner if isinstance(operand, Optional) else operand
        found: Type
        match inner:
            case Record(cls):
                known = fields_of(cls).get(node.field)
                if known is None:
                    start = node.end - len(node.field)
                    return self.problem(node, f"no field {node.field!r} on {cls.__name__}", nearest(node.field, fields_of(cls)), start)
                if known.optional and not (asked or node.optional or chained or self.lenient) and to_text(node) not in self.given:
                    return self.problem(
                        node,
                        f"{node.field!r} may be absent; read it with .?{node.field}.orValue(…) or after has({to_text(node)})",
                        start=node.end - len(node.field),
                    )
                found = known.type
            case Map(value):
                found = value
            case _ if inner == DYN:
                found = DYN
            case _:
                return self.problem(node, f"{describe(inner)} has no fields", start=node.end - len(node.field))
        return Optional(found) if (node.optional or chained) and not asked else found

    def index(self, node: Index) -> Type:
        operand, index = self.check(node.operand), self.value(node.key)
        chained = isinstance(operand, Optional)
        inner = operand.inner if isinstance(operand, Optional) else operand
        wanted: Type
        found: Type
        match inner:
            case List(element):
                wanted, found = INT, element
            case Map(value):
                wanted, found = STRING, value
            case _ if inner == DYN:
                wanted, found = DYN, DYN
            case _:
                return self.problem(node, f"{describe(inner)} has no elements")
        if not fits(index, wanted):
            return self.problem(node.key, f"expected {describe(wanted)}, not {describe(index)}")
        return Optional(found) if node.optional or chained else found

    def call(self, node: Call) -> Type:
        target = None if node.target is None else self.check(node.target)
        function = FUNCTIONS.get((node.function, target is not None))
        if function is None:
            if node.function == "orValue" and target is not None:
                return self.or_value(node, target, [self.value(each) for each in node.arguments])
            return self.no_function(node)
        types = [self.value(each) for each in node.arguments]
        if isinstance(target, Optional) and node.target is not None:
            return self.problem(node.target, "an optional value; say what to take instead with orValue(…)")
        given = types if target is None else [target, *types]
        nodes = node.arguments if node.target is None else (node.target, *node.arguments)
        if not function.required <= len(given) <= len(function.parameters):
            return self.problem(node, f"wrong number of arguments for {node.function}")
        for type, each, wanted in zip(given, nodes, function.parameters, strict=False):
            if not any(fits(type, one) for one in wanted):
                names = " or ".join(describe(one) for one in wanted)
                return self.problem(each, f"{node.function} takes {names}, not {describe(type)}")
        if node.function == "matches" and isinstance(node.arguments[0], Literal):
            try:
                pattern(str(node.arguments[0].value))
            except ValueError as error:
                self.problem(node.arguments[0], f"bad pattern: {error}")
        return function.result

    def no_function(self, node: Call) -> Type:
        method = node.target is not None
        if (node.function, not method) in FUNCTIONS:
            how = f"write x.{node.function}(…)" if not method else f"write {node.function}(x)"
            return self.problem(node, f"{node.function} is called otherwise; {how}")
        names = [name for name, is_method in FUNCTIONS if is_method is method]
        names += MACROS if method else ("has", "duration")
        start = None if node.target is None else node.target.end
        return self.problem(node, f"no function {node.function!r}", nearest(node.function, names), start)

    def or_value(self, node: Call, target: Type, types: list[Type]) -> Type:
        if not isinstance(target, Optional):
            return self.problem(node, "orValue follows an optional selection such as a.?b")
        if len(types) != 1:
            return self.problem(node, "orValue takes one argument")
        if not fits(types[0], target.inner):
            return self.problem(node.arguments[0], f"expected {describe(target.inner)}, not {describe(types[0])}")
        return target.inner if types[0] == target.inner else DYN

    def operator(self, node: Node, found: Type | Refusal) -> Type:
        return self.problem(node, found.message) if isinstance(found, Refusal) else found

    def logic(self, operator: str, operands: tuple[Node, ...]) -> Type:
        known: set[str] = set()
        for operand in operands:
            self.under(operand, known, check=True)
            known.update(facts(operand, operator == "&&"))
        return BOOL

    def conditional(self, node: Conditional) -> Type:
        self.condition(node.condition)
        then = self.under(node.then, facts(node.condition))
        otherwise = self.under(node.otherwise, facts(node.condition, False))
        if not fits(then, otherwise):
            return self.problem(node, f"the two results are {describe(then)} and {describe(otherwise)}")
        return joined([then, otherwise])

    def map_literal(self, node: MapLiteral) -> Type:
        seen: list[object] = []
        for key, _ in node.entries:
            if not fits(self.value(key), STRING):
                self.problem(key, "a key is a string")
            if isinstance(key, Literal):
                if key.value in seen:
                    self.problem(key, f"the key {key.value!r} is given twice")
                seen.append(key.value)
        return Map(joined([self.value(value) for _, value in node.entries]))

    def comprehension(self, node: Comprehension) -> Type:
        source = self.value(node.source)
        element: Type = DYN
        match source:
            case List(inner):
                element = inner
            case Map():
                element = STRING
            case _ if source != DYN:
                self.problem(node.source, f"{node.kind} takes a list or a map, not {describe(source)}")
        outer = self.environment.get(node.variable)
        before = self.given
        self.given = {path for path in before if not mentions(path, node.variable)}
        self.environment[node.variable] = element
        if node.kind == "map":
            body = self.value(node.body)
        else:
            self.condition(node.body)
            body = BOOL
        self.given = before
        if outer is None:
            del self.environment[node.variable]
        else:
            self.environment[node.variable] = outer
        match node.kind:
            case "filter":
                return List(element)
            case "map":
                return List(body)
            case _:
                return BOOL
