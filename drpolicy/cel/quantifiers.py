"""Logic and comprehensions over results that may be unknown or errors.

``&&`` and ``all`` are decided by False, ``||`` and ``exists`` by True: the decisive value. Otherwise an unknown wins over
an error, and an error over the rest, as in CEL.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from drpolicy.cel.results import (
    MEMBERSHIP,
    NOTHING,
    CelError,
    Evaluator,
    Failure,
    Result,
    Scope,
    as_members,
    derived,
)
from drpolicy.cel.syntax import Comprehension, Node
from drpolicy.model.truth import Truth
from drpolicy.model.values import Member, Members, Unknown


def settle(results: Iterable[Result], decisive: bool, node: Node) -> Result:
    """Combine results of which none need be known."""
    unknowns: list[Unknown] = []
    error: CelError | None = None
    for result in results:
        if result is decisive:
            return decisive
        if result is True or result is False:
            continue
        if isinstance(result, Unknown):
            unknowns.append(result)
        elif error is None:
            error = result if isinstance(result, CelError) else CelError("expected bool", node)
    if unknowns:
        # Beside values that decide nothing, one unknown is the result itself, symbol and all.
        return unknowns[0] if len(unknowns) == 1 and error is None else derived(unknowns[0])
    return (not decisive) if error is None else error


def logic(operands: tuple[Evaluator, ...], decisive: bool, node: Node) -> Evaluator:
    """Return the evaluator of ``&&`` (decided by False) or ``||`` (decided by True)."""
    neutral = not decisive

    def run(scope: Scope) -> Result:
        odd: list[Result] | None = None
        for operand in operands:
            result = operand(scope)
            if result is decisive:
                return decisive
            if result is not neutral:
                odd = [result] if odd is None else [*odd, result]
        return neutral if odd is None else settle(odd, decisive, node)

    return run


_MOST_STEPS = 1_000_000
"""How many elements the comprehensions of one evaluation visit: nested ones multiply."""

_STEPS = "#"


def ranged(collection: Result, node: Node, scope: Scope) -> Members[Any] | Unknown | CelError:
    """Return what a comprehension ranges over, and count it as work done in the scope."""
    if type(collection) is Members:
        scope[_STEPS] = steps = scope.get(_STEPS, 0) + len(collection.elements) + 1
        return collection if steps <= _MOST_STEPS else CelError("too many steps", node)
    if isinstance(collection, (Unknown, CelError)):
        return derived(collection) if isinstance(collection, Unknown) else collection
    try:
        return ranged(as_members(collection), node, scope)
    except Failure as failure:
        return CelError(str(failure), node)


def weighed(member: Member[Any], result: Result, decisive: bool) -> Result:
    """Return what a member says to a quantifier: one that may not be there decides nothing alone."""
    if member.presence is Truth.TRUE or result is (not decisive):
        return result
    return derived(member.why or MEMBERSHIP)


def quantifier(node: Comprehension, source: Evaluator, body: Evaluator, decisive: bool) -> Evaluator:
    """Return the evaluator of ``exists`` (decided by True) or ``all`` (decided by False)."""
    variable, neutral = node.variable, not decisive

    def run(scope: Scope) -> Result:
        pool = ranged(source(scope), node, scope)
        if not isinstance(pool, Members):
            return pool
        odd: list[Result] = [] if pool.rest is None else [pool.rest]
        outer = scope.get(variable, NOTHING)
        found: Result = neutral
        for member in pool.elements:
            if member.presence is Truth.FALSE:
                continue
            scope[variable] = member.value
            result = body(scope)
            if result is neutral:
                continue
            result = weighed(member, result, decisive)
            if result is decisive:
                found = decisive
                break
            odd.append(result)
        scope[variable] = outer
        if found is decisive or not odd:
            return found
        result = settle(odd, decisive, node)
        return derived(result) if isinstance(result, Unknown) else result

    return run


def exists_one(node: Comprehension, source: Evaluator, body: Evaluator) -> Evaluator:
    """Return the evaluator of ``exists_one``, which absorbs no error."""

    def run(scope: Scope) -> Result:
        pool = kept(node, source(scope), body, scope)
        if not isinstance(pool, Members):
            return pool
        certain = sum(member.presence is Truth.TRUE for member in pool.elements)
        open_ended = pool.rest or next((member.why or MEMBERSHIP for member in pool.elements if member.presence is Truth.UNKNOWN), None)
        if certain > 1:
            return False
        return certain == 1 if open_ended is None else derived(open_ended)

    return run


def kept(node: Comprehension, collection: Result, body: Evaluator, scope: Scope) -> Members[Any] | Unknown | CelError:
    """Return the members that satisfy, or may satisfy, the body."""
    pool = ranged(collection, node, scope)
    if not isinstance(pool, Members):
        return pool
    variable = node.variable
    outer = scope.get(variable, NOTHING)
    found: list[Member[Any]] = []
    error: CelError | None = None
    for member in pool.elements:
        if member.presence is Truth.FALSE:
            continue
        scope[variable] = member.value
        match body(scope):
            case True:
                found.append(member)
            case False:
                pass
            case Unknown() as unknown:
                found.append(Member(member.value, Truth.UNKNOWN, unknown))
            case CelError() as failed:
                error = error or failed
            case _:
                error = error or CelError("expected bool", node)
    scope[variable] = outer
    return error or Members(tuple(found), pool.rest)


def filtered(node: Comprehension, source: Evaluator, body: Evaluator) -> Evaluator:
    """Return the evaluator of ``filter``."""
    return lambda scope: kept(node, source(scope), body, scope)


def mapped(node: Comprehension, source: Evaluator, body: Evaluator) -> Evaluator:
    """Return the evaluator of ``map``; presence carries over."""
    variable = node.variable

    def run(scope: Scope) -> Result:
        pool = ranged(source(scope), node, scope)
        if not isinstance(pool, Members):
            return pool
        outer = scope.get(variable, NOTHING)
        found: list[Member[Any]] = []
        error: CelError | None = None
        for member in pool.elements:
            if member.presence is Truth.FALSE:
                continue
            scope[variable] = member.value
            result = body(scope)
            if isinstance(result, CelError):
                error = error or result
            found.append(Member(result, member.presence, member.why))
        scope[variable] = outer
        return error or Members(tuple(found), pool.rest)

    return run
