"""Functions on sets, of which every element must be known."""

from __future__ import annotations

import itertools
import math
from typing import Any

from drpolicy.terraform.conversion import SIZE_LIMIT, PlainSet, as_set
from drpolicy.terraform.functions.table import Function
from drpolicy.terraform.unknowns import EvaluationError, TooLarge, Unsupported


def _lists(arguments: tuple[Any, ...]) -> list[list[Any]]:
    if not all(isinstance(each, list) for each in arguments):
        raise EvaluationError("sets are required")
    lists = [list(each) for each in arguments]
    kinds = {isinstance(item, str) for each in lists for item in each if isinstance(item, (str, int, float, bool))}
    if len(kinds) > 1:
        # Which type the elements are converted to depends on types that values do not carry.
        raise Unsupported("sets of mixed types are not evaluated")
    return lists


def _union(*arguments: Any) -> PlainSet:
    return as_set([item for each in _lists(arguments) for item in each])


def _intersection(*arguments: Any) -> PlainSet:
    first, *others = _lists(arguments)
    return as_set([item for item in first if all(_holds(other, item) for other in others)])


def _subtract(*arguments: Any) -> PlainSet:
    first, second = _lists(arguments)
    return as_set([item for item in first if not _holds(second, item)])


def _holds(items: list[Any], wanted: Any) -> bool:
    return any(type(item) is type(wanted) and item == wanted for item in items)


def _product(*arguments: Any) -> list[Any]:
    if not all(isinstance(each, list) for each in arguments):
        raise EvaluationError("setproduct takes lists or sets")
    if math.prod(len(each) for each in arguments) > SIZE_LIMIT:
        raise TooLarge("the collection is larger than is evaluated")
    tuples = [list(each) for each in itertools.product(*arguments)]
    # The product of sets is a set, and of anything else with a list in it a list.
    return PlainSet(tuples) if all(isinstance(each, PlainSet) for each in arguments) else tuples


FUNCTIONS: dict[str, Function] = {
    "setintersection": Function(_intersection, 1, None),
    "setproduct": Function(_product, 2, None),
    "setsubtract": Function(_subtract, 2, 2),
    "setunion": Function(_union, 1, None),
}
