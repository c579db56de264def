"""Functions on sets, of which every element must be known."""

from __future__ import annotations

import itertools
import math
from typing import Any

from drpolicy.model.provenance import Derived
from drpolicy.model.values import Known, Members, Unknown, Value, members
from drpolicy.terraform.conversion import SIZE_LIMIT, PlainList, PlainSet, text
from drpolicy.terraform.functions.table import Function, Site, Values
from drpolicy.terraform.types import Collection, common, converted
from drpolicy.terraform.unknowns import EvaluationError, TooLarge, derived_unknown, equivalent, first_unknown, origins


def _sets(arguments: Values, site: Site) -> list[list[Value[Any]]] | Unknown:
    """Return the elements of the arguments as sets of one type, or why they are not known."""
    for argument in arguments:
        if not isinstance(argument, Unknown) and not (isinstance(argument, Known) and isinstance(argument.value, Members)):
            raise EvaluationError("sets are required")
    if first_unknown(arguments) is not None:
        return derived_unknown(site.name, arguments, site.span)
    lists = [list(argument.value) for argument in arguments if isinstance(argument, Known)]
    type_ = common([each for items in lists for each in items])
    return [[converted(each, type_) for each in items] for items in lists]


def _set_of(found: list[Value[Any]], arguments: Values, site: Site) -> Value[Any]:
    whole = Known(members(found), Derived(site.name, origins(arguments), site.span))
    return converted(whole, Collection("set", None))


def _union(arguments: Values, site: Site) -> Value[Any]:
    sets = _sets(arguments, site)
    return sets if isinstance(sets, Unknown) else _set_of([each for items in sets for each in items], arguments, site)


def _intersection(arguments: Values, site: Site) -> Value[Any]:
    sets = _sets(arguments, site)
    if isinstance(sets, Unknown):
        return sets
    first, *others = sets
    return _set_of([each for each in first if all(_holds(items, each) for items in others)], arguments, site)


def _subtract(arguments: Values, site: Site) -> Value[Any]:
    sets = _sets(arguments, site)
    if isinstance(sets, Unknown):
        return sets
    first, second = sets
    return _set_of([each for each in first if not _holds(second, each)], arguments, site)


def _holds(items: list[Value[Any]], wanted: Value[Any]) -> bool:
    return any(equivalent(each, wanted) for each in items)


def _product(*arguments: Any) -> list[Any]:
    if not all(isinstance(each, list) for each in arguments):
        raise EvaluationError("setproduct takes lists or sets")
    arguments = tuple(_of_one_type(each) for each in arguments)
    if math.prod(len(each) for each in arguments) > SIZE_LIMIT:
        raise TooLarge("the collection is larger than is evaluated")
    tuples = PlainList(list(each) for each in itertools.product(*arguments))
    # The product of sets is a set, and of anything else with a list in it a list.
    return PlainSet(tuples) if all(isinstance(each, PlainSet) for each in arguments) else tuples


def _of_one_type(items: list[Any]) -> list[Any]:
    """Make a tuple a list: beside a string, numbers and booleans are strings."""
    if isinstance(items, (PlainList, PlainSet)) or not any(isinstance(each, str) for each in items):
        return items
    return [each if each is None or isinstance(each, str) else text(each) for each in items]


FUNCTIONS: dict[str, Function] = {
    "setintersection": Function(_intersection, 1, None, "values"),
    "setproduct": Function(_product, 2, None),
    "setsubtract": Function(_subtract, 2, 2, "values"),
    "setunion": Function(_union, 1, None, "values"),
}
