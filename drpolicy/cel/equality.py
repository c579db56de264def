"""Equality and membership, three-valued: Kleene over elements, entries, finite sets and the pieces of strings."""

from __future__ import annotations

from typing import Any

from drpolicy.cel.results import (
    HOLES,
    MEMBERSHIP,
    SCALARS,
    AtLeast,
    Failure,
    Result,
    as_members,
    certain_values,
    derived,
    outcomes,
    uncertainty,
    unwrapped,
)
from drpolicy.cel.strings import equal_pieces, same_symbol
from drpolicy.model.ranges import Range
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Members, Object, Unknown

_DEEPEST = 60
_MOST_WORK = 100_000
"""How many values one comparison looks at: a list can hold the same list twice, and so on down."""
_NUMBERS = (int, float)


def equal(left: Result, right: Result, depth: int = 0, work: list[int] | None = None) -> Result:
    """Return whether two results are equal: True, False or an Unknown. Raises Failure for what cannot be compared."""
    ours, theirs = type(left), type(right)
    if ours in SCALARS and theirs in SCALARS:
        # A bool is an int to Python, never to CEL; an int and a double are compared by value.
        return left == right if ours is theirs or (ours in _NUMBERS and theirs in _NUMBERS) else False
    if isinstance(left, Unknown):
        return _with_unknown(left, right, depth)
    if isinstance(right, Unknown):
        return _with_unknown(right, left, depth)
    work = [0] if work is None else work
    work[0] += 1
    if depth > _DEEPEST or work[0] > _MOST_WORK:
        raise Failure("too much to compare")
    if ours is Range or theirs is Range:
        raise Failure("a range is compared with a duration, by <=")
    if _is_list(left) and _is_list(right):
        return _equal_lists(as_members(left), as_members(right), depth, work)
    if isinstance(left, (Object, dict)) and isinstance(right, (Object, dict)):
        return _equal_maps(left, right, depth, work)
    return left is right


def _is_list(value: object) -> bool:
    return isinstance(value, (Members, list, tuple))


def _with_unknown(unknown: Unknown, other: Result, depth: int) -> Result:
    if isinstance(other, Unknown) and same_symbol(unknown, other):
        return True
    if unknown.among or (isinstance(other, Unknown) and other.among):
        found = outcomes(lambda left, right: equal(left, right, depth + 1), (unknown, other))
        if found is not None and len(found) == 1:
            return found[0]
    if isinstance(unknown, AtLeast) and type(other) in _NUMBERS and other < unknown.least:
        return False
    if isinstance(other, str) or (isinstance(other, Unknown) and other.parts) or (unknown.parts and isinstance(other, Unknown)):
        decided = equal_pieces(unknown, other)
        if decided is not None:
            return decided
    return derived(unknown)


def _equal_lists(left: Members[Any], right: Members[Any], depth: int, work: list[int]) -> Result:
    unknown = uncertainty(left) or uncertainty(right)
    if unknown is not None:
        return derived(unknown)
    ours, theirs = certain_values(left), certain_values(right)
    if len(ours) != len(theirs):
        return False
    return _every(equal(mine, other, depth + 1, work) for mine, other in zip(ours, theirs, strict=True))


def _every(results: Any) -> Result:
    pending: Unknown | None = None
    for result in results:
        if result is False:
            return False
        if result is not True:
            pending = pending or result
    return True if pending is None else derived(pending)


def _equal_maps(left: Object | dict[Any, Any], right: Object | dict[Any, Any], depth: int, work: list[int]) -> Result:
    ours, our_rest = _entries(left)
    theirs, their_rest = _entries(right)

    def compared() -> Any:
        for key in ours.keys() | theirs.keys():
            mine, other = ours.get(key), theirs.get(key)
            if key in ours and key in theirs:
                # An unknown entry may be absent, so only the same symbol makes two of them equal.
                if isinstance(mine, Unknown):
                    yield True if isinstance(other, Unknown) and same_symbol(mine, other) else derived(mine)
                elif isinstance(other, Unknown):
                    yield derived(other)
                else:
                    yield equal(mine, other, depth + 1, work)
            else:
                present, rest = (mine, their_rest) if key in ours else (other, our_rest)
                if isinstance(present, Unknown):
                    yield derived(present)
                else:
                    yield False if rest is None else derived(rest)
        for rest in (our_rest, their_rest):
            if rest is not None:
                yield derived(rest)

    return _every(compared())


def _entries(value: Object | dict[Any, Any]) -> tuple[dict[Any, Any], Unknown | None]:
    if isinstance(value, dict):
        return {key: unwrapped(each) for key, each in value.items()}, None
    return {key: unwrapped(each) for key, each in value.fields.items() if not isinstance(each, Absent)}, value.rest


def member_of(item: Result, collection: Result) -> Result:
    """Return ``item in collection``: among the elements of a list, or the keys of a map. Raises Failure."""
    if isinstance(item, Unknown) and item.among and not isinstance(collection, Unknown):
        found = outcomes(member_of, (item, collection))
        if found is not None and len(found) == 1:
            return found[0]
    if isinstance(collection, Unknown):
        sets = outcomes(member_of, (item, collection)) if collection.among and type(item) not in HOLES else None
        return sets[0] if sets is not None and len(sets) == 1 else derived(collection)
    pool = as_members(collection)
    pending = pool.rest
    for member in pool.elements:
        if member.presence is Truth.FALSE:
            continue
        result = equal(item, unwrapped(member.value))
        if result is False:
            continue
        if result is True and member.presence is Truth.TRUE:
            return True
        pending = pending or (result if result is not True else member.why) or MEMBERSHIP
    return False if pending is None else derived(pending)


def unequal(left: Result, right: Result) -> Result:
    """Return ``left != right``."""
    result = equal(left, right)
    return result if isinstance(result, Unknown) else not result
