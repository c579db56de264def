"""Turn a checked tree into closures over a scope, plain or recording."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, assert_never

from drpolicy.cel import quantifiers, trace
from drpolicy.cel.equality import SCALARS, equal, member_of, unequal
from drpolicy.cel.functions import FUNCTIONS, Function, call_unknown
from drpolicy.cel.operators import ARITHMETIC, compare_range, compare_size, negate, opposite, ordering
from drpolicy.cel.results import (
    HOLES,
    NOTHING,
    AtLeast,
    CelError,
    Evaluator,
    Failure,
    Fresh,
    Result,
    Scope,
    applied_symbol,
    derived,
    through,
)
from drpolicy.cel.selection import at_index, field_of, finish, or_value, presence
from drpolicy.cel.strings import same_symbol
from drpolicy.cel.syntax import (
    Binary,
    Call,
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
from drpolicy.cel.types import DYN, RANGE, Optional, Type
from drpolicy.model.ranges import Range
from drpolicy.model.values import Absent, Known, Unknown


@dataclass(frozen=True, slots=True)
class Compiler:
    """The text of a condition, the type of each node by its identity, and whether the evaluators record."""

    text: str
    types: dict[int, Type]
    traced: bool

    def type(self, node: Node) -> Type:
        return self.types[id(node)]

    def source(self, node: Node) -> str:
        return self.text[node.start : node.end]

    def build(self, node: Node) -> Evaluator:
        """Return the evaluator of a node."""
        match node:
            case Literal(value) | DurationLiteral(value=value):
                return lambda scope: value
            case Name() | Select() | Index():
                return self.leaf(node)
            case Has(selection):
                return self.has(selection)
            case Logic(operator, operands):
                make = trace.traced_logic if self.traced else quantifiers.logic
                return make(tuple(self.build(each) for each in operands), operator == "||", node)
            case Binary():
                return self.binary(node)
            case Call():
                return self.call(node)
            case Unary(operator, operand):
                return _unary(node, operator, self.build(operand))
            case Conditional(condition, then, otherwise):
                return _conditional(node, self.build(condition), self.build(then), self.build(otherwise))
            case Comprehension():
                return self.comprehension(node)
            case ListLiteral(elements):
                return _list(tuple(self.build(each) for each in elements))
            case MapLiteral(entries):
                return _map(node, tuple((self.build(key), self.build(value)) for key, value in entries))
            case _:
                assert_never(node)

    def raw(self, node: Name | Select | Index) -> Evaluator:
        """Return the evaluator of what the model holds at a selection: a Value, a plain value, NOTHING or a CelError."""
        match node:
            case Name(name):
                return lambda scope: scope.get(name, NOTHING)
            case Select(operand, field):
                inner = self.type(operand)
                inner = inner.inner if isinstance(inner, Optional) else inner
                return field_of(self.operand(operand), inner, field, node)
            case Index(operand, index):
                holder, key = self.operand(operand), self.build(index)
                return lambda scope: at_index(holder(scope), key(scope), node)
            case _:
                assert_never(node)

    def operand(self, node: Node) -> Evaluator:
        """Return the evaluator of what a selection selects from: the inside of a chain is no leaf, so it is not recorded."""
        return self.finished(node) if isinstance(node, (Name, Select, Index)) else self.build(node)

    def finished(self, node: Name | Select | Index) -> Evaluator:
        raw, optional = self.raw(node), isinstance(self.type(node), Optional)

        def run(scope: Scope) -> Result:
            value = raw(scope)
            if type(value) in SCALARS:
                return value
            return finish(value, node, optional)

        return run

    def leaf(self, node: Name | Select | Index) -> Evaluator:
        if not self.traced:
            return self.finished(node)
        raw, optional = self.raw(node), isinstance(self.type(node), Optional)
        if not isinstance(node, Name):
            return trace.recorded(raw, self.holder(node), node, self.source(node), optional)

        def run(scope: Scope) -> Result:
            value = raw(scope)
            # A name is a leaf when it stands for an element that is a Value; otherwise what it stands for was recorded.
            if isinstance(value, (Known, Unknown, Absent)):
                trace.record_read(value, None, node.name, scope)
            return finish(value, node, False)

        return run

    def holder(self, node: Select | Index) -> Evaluator:
        plain = Compiler(self.text, self.types, False)
        return plain.build(node.operand)

    def has(self, selection: Select) -> Evaluator:
        raw = self.raw(selection)
        if not self.traced:
            return lambda scope: presence(raw(scope))
        holder, text = self.holder(selection), self.source(selection)

        def run(scope: Scope) -> Result:
            value = raw(scope)
            trace.record_read(value, holder, text, scope)
            return presence(value)

        return run

    def binary(self, node: Binary) -> Evaluator:
        left, right = self.build(node.left), self.build(node.right)
        match node.operator:
            case "==" | "!=":
                return _equality(node, left, right)
            case "in":
                return _lenient(node, member_of, left, right)
            case "<" | "<=" | ">" | ">=":
                ranged = RANGE in (self.type(node.left), self.type(node.right)) or (self.type(node.left), self.type(node.right)) == (
                    DYN,
                    DYN,
                )
                evaluator = _ordering(node, left, right)
                return trace.recorded_range(evaluator, self.source(node)) if self.traced and ranged else evaluator
            case _:
                return _arithmetic(node, left, right)

    def call(self, node: Call) -> Evaluator:
        arguments = tuple(self.build(each) for each in node.arguments)
        if node.target is None:
            return _call(node, FUNCTIONS[node.function, False], arguments)
        target = self.build(node.target)
        if node.function == "orValue":
            default = arguments[0]
            return lambda scope: or_value(target(scope), default, scope)
        return _call(node, FUNCTIONS[node.function, True], (target, *arguments))

    def comprehension(self, node: Comprehension) -> Evaluator:
        source, body = self.build(node.source), self.build(node.body)
        match node.kind:
            case "all" | "exists":
                decisive = node.kind == "exists"
                if self.traced:
                    return trace.traced_quantifier(node, source, body, decisive, self.source(node.source))
                return quantifiers.quantifier(node, source, body, decisive)
            case "exists_one":
                return quantifiers.exists_one(node, source, body)
            case "filter":
                return quantifiers.filtered(node, source, body)
            case "map":
                return quantifiers.mapped(node, source, body)
            case _:
                assert_never(node.kind)


def _equality(node: Binary, left: Evaluator, right: Evaluator) -> Evaluator:
    equals = node.operator == "=="
    compare = equal if equals else unequal

    def run(scope: Scope) -> Result:
        ours, theirs = left(scope), right(scope)
        if type(ours) is str and type(theirs) is str:
            return (ours == theirs) is equals
        return _compared(node, compare, ours, theirs)

    return run


def _lenient(node: Binary, function: Any, left: Evaluator, right: Evaluator) -> Evaluator:
    return lambda scope: _compared(node, function, left(scope), right(scope))


def _compared(node: Node, function: Any, left: Result, right: Result) -> Result:
    """Apply a function that takes unknowns itself."""
    if type(left) is CelError or type(right) is CelError:
        return through(node, function, (left, right))
    try:
        return function(left, right)
    except Failure as failure:
        return CelError(str(failure), node)


def _ordering(node: Binary, left: Evaluator, right: Evaluator) -> Evaluator:
    symbol = node.operator
    order = ordering(symbol)

    def run(scope: Scope) -> Result:
        ours, theirs = left(scope), right(scope)
        try:
            if type(ours) not in HOLES and type(theirs) not in HOLES:
                return order(ours, theirs)
            if isinstance(ours, AtLeast) or isinstance(theirs, AtLeast):
                decided = compare_size(symbol, ours, theirs)
                if decided is not None:
                    return decided
            if isinstance(ours, Range) or isinstance(theirs, Range):
                return _compared(node, lambda one, other: compare_range(symbol, one, other), ours, theirs)
        except Failure as failure:
            return CelError(str(failure), node)
        return through(node, order, (ours, theirs))

    return run


def _arithmetic(node: Binary, left: Evaluator, right: Evaluator) -> Evaluator:
    apply = ARITHMETIC[node.operator]
    adds = node.operator == "+"

    def run(scope: Scope) -> Result:
        ours, theirs = left(scope), right(scope)
        if type(ours) not in HOLES and type(theirs) not in HOLES:
            try:
                return apply(ours, theirs)
            except Failure as failure:
                return CelError(str(failure), node)
        result = through(node, apply, (ours, theirs))
        return _concatenated(ours, theirs, result) if adds and isinstance(result, Unknown) else result

    return run


def _concatenated(left: Result, right: Result, result: Unknown) -> Unknown:
    """Keep the pieces of a concatenation: beside a text, an unknown is a text or the concatenation fails."""
    textual = any(type(each) is str or (isinstance(each, Unknown) and each.parts) for each in (left, right))
    if not textual or not all(isinstance(each, (str, Unknown)) for each in (left, right)):
        return result
    parts = tuple(each if isinstance(each, Unknown) else Known(each, result.origin) for each in (left, right))
    return derived(result, (known.value for known in result.among), parts)


def _unary(node: Unary, operator: str, operand: Evaluator) -> Evaluator:
    apply = opposite if operator == "!" else negate

    def run(scope: Scope) -> Result:
        value = operand(scope)
        if type(value) not in HOLES:
            try:
                return apply(value)
            except Failure as failure:
                return CelError(str(failure), node)
        if isinstance(value, Unknown) and not value.among:
            return derived(value, symbol=applied_symbol(operator, value))
        return through(node, apply, (value,))

    return run


def _conditional(node: Conditional, condition: Evaluator, then: Evaluator, otherwise: Evaluator) -> Evaluator:
    def run(scope: Scope) -> Result:
        chosen = condition(scope)
        if chosen is True:
            return then(scope)
        if chosen is False:
            return otherwise(scope)
        if not isinstance(chosen, Unknown):
            return chosen if isinstance(chosen, CelError) else CelError("expected bool", node)
        one, other = then(scope), otherwise(scope)
        if isinstance(one, Unknown) and isinstance(other, Unknown) and same_symbol(one, other):
            return one
        either = Unknown(chosen.reason, Fresh(chosen.symbol), chosen.origin)
        found = _finite(one) + _finite(other) if _finite(one) and _finite(other) else []
        if found and all(type(each) is type(found[0]) and each == found[0] for each in found):
            return found[0]
        return derived(either, found)

    return run


def _finite(value: Result) -> list[Any]:
    if isinstance(value, Unknown):
        return [known.value for known in value.among]
    return [value] if type(value) in SCALARS else []


def _list(elements: tuple[Evaluator, ...]) -> Evaluator:
    def run(scope: Scope) -> Result:
        found = [element(scope) for element in elements]
        for each in found:
            if type(each) is CelError:
                return each
        return found

    return run


def _map(node: MapLiteral, entries: tuple[tuple[Evaluator, Evaluator], ...]) -> Evaluator:
    def run(scope: Scope) -> Result:
        found: dict[str, Result] = {}
        for key_of, value_of in entries:
            key, value = key_of(scope), value_of(scope)
            for each in (key, value):
                if type(each) is CelError:
                    return each
            if isinstance(key, Unknown):
                return derived(key)
            if type(key) is not str or key in found:
                return CelError("a key is a string" if type(key) is not str else f"the key {key!r} is given twice", node)
            found[key] = value
        return found

    return run


def _call(node: Call, function: Function, arguments: tuple[Evaluator, ...]) -> Evaluator:
    apply = function.apply

    def run(scope: Scope) -> Result:
        given = [argument(scope) for argument in arguments]
        try:
            for each in given:
                if type(each) in HOLES:
                    break
            else:
                return apply(*given)
            if any(type(each) is CelError for each in given):
                return through(node, apply, given)
            return call_unknown(function, given)
        except Failure as failure:
            return CelError(str(failure), node)

    return run
