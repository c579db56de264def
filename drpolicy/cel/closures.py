"""The closures of operators, calls and literals: plain values first, unknowns and errors beside them."""

from __future__ import annotations

from typing import Any

from drpolicy.cel.equality import equal, member_of, unequal
from drpolicy.cel.functions import Function, call_unknown
from drpolicy.cel.operators import ARITHMETIC, compare_range, compare_size, negate, opposite, ordering
from drpolicy.cel.results import (
    HOLES,
    SCALARS,
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
from drpolicy.cel.strings import same_symbol
from drpolicy.cel.syntax import Binary, Call, Conditional, MapLiteral, Node, Unary
from drpolicy.model.ranges import Range
from drpolicy.model.values import Known, Unknown


def equality(node: Binary, left: Evaluator, right: Evaluator) -> Evaluator:
    """Return the evaluator of ``==`` or ``!=``."""
    equals = node.operator == "=="
    compare = equal if equals else unequal

    def run(scope: Scope) -> Result:
        ours, theirs = left(scope), right(scope)
        if type(ours) is str and type(theirs) is str:
            return (ours == theirs) is equals
        return _compared(node, compare, ours, theirs)

    return run


def membership(node: Binary, function: Any, left: Evaluator, right: Evaluator) -> Evaluator:
    return lambda scope: _compared(node, function, left(scope), right(scope))


def among(node: Binary, left: Evaluator, right: Evaluator) -> Evaluator:
    """Return the evaluator of ``in`` a list of literals: a text is looked up in the set of their texts."""
    listed = right({})
    texts = frozenset(each for each in listed if type(each) is str)
    if len(texts) < len(listed):
        return membership(node, member_of, left, right)

    def run(scope: Scope) -> Result:
        item = left(scope)
        return item in texts if type(item) is str else _compared(node, member_of, item, listed)

    return run


def _compared(node: Node, function: Any, left: Result, right: Result) -> Result:
    """Apply a function that takes unknowns itself."""
    if type(left) is CelError or type(right) is CelError:
        return through(node, function, (left, right))
    try:
        return function(left, right)
    except Failure as failure:
        return CelError(str(failure), node)


def order(node: Binary, left: Evaluator, right: Evaluator) -> Evaluator:
    """Return the evaluator of an ordering."""
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


def arithmetic(node: Binary, left: Evaluator, right: Evaluator) -> Evaluator:
    """Return the evaluator of an arithmetic operator."""
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


def unary(node: Unary, operator: str, operand: Evaluator) -> Evaluator:
    """Return the evaluator of ``!`` or ``-``."""
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


def conditional(node: Conditional, condition: Evaluator, then: Evaluator, otherwise: Evaluator) -> Evaluator:
    """Return the evaluator of ``?:``: an unknown condition leaves the results of both branches."""

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
        either = Unknown(chosen.reason, Fresh(chosen.symbol), chosen.origin, root=chosen.cause)
        found = _finite(one) + _finite(other) if _finite(one) and _finite(other) else []
        if found and all(type(each) is type(found[0]) and each == found[0] for each in found):
            return found[0]
        return derived(either, found)

    return run


def _finite(value: Result) -> list[Any]:
    if isinstance(value, Unknown):
        return [known.value for known in value.among]
    return [value] if type(value) in SCALARS else []


def list_of(elements: tuple[Evaluator, ...]) -> Evaluator:
    """Return the evaluator of a list literal."""

    def run(scope: Scope) -> Result:
        found = [element(scope) for element in elements]
        for each in found:
            if type(each) is CelError:
                return each
        return found

    return run


def map_of(node: MapLiteral, entries: tuple[tuple[Evaluator, Evaluator], ...]) -> Evaluator:
    """Return the evaluator of a map literal."""

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


def call(node: Call, function: Function, arguments: tuple[Evaluator, ...]) -> Evaluator:
    """Return the evaluator of a function call."""
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
