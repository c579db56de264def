"""Functions on collections of any kind, exact with unknown elements."""

from __future__ import annotations

from typing import Any

from drpolicy.model.provenance import Derived
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Member, Members, Object, Unknown, Value
from drpolicy.terraform.access import index_of
from drpolicy.terraform.conversion import integer
from drpolicy.terraform.functions.table import Function, Site, Values
from drpolicy.terraform.graphemes import graphemes
from drpolicy.terraform.operators import equal
from drpolicy.terraform.shapes import InstanceMap, ListOf, ResourceObject, SetOf, opaque
from drpolicy.terraform.types import as_list, common, converted, type_of
from drpolicy.terraform.unknowns import ALTERNATIVES, EvaluationError, derived_unknown, first_unknown, origins, surely_set


def opened(value: Value[Any]) -> Value[Any]:
    """Return a value with whole resources as the Unknown that they are to functions."""
    return opaque(value) if isinstance(value, Known) and isinstance(value.value, ResourceObject) else value


def _length(arguments: Values, site: Site) -> Value[Any]:
    value = opened(arguments[0])
    origin = Derived("length", (value.origin,), site.span)
    match value:
        case Absent():
            raise EvaluationError("the value is null")
        case Unknown():
            return derived_unknown("length", [value], site.span)
        case Known(Members() as inner):
            sure = sum(member.presence is Truth.TRUE for member in inner.elements)
            most = len(inner.elements)
            if inner.certain:
                return Known(most, origin)
            unknown = derived_unknown("length", [value], site.span)
            if inner.rest is None and most - sure < ALTERNATIVES:
                return Unknown(unknown.reason, unknown.symbol, origin, among=tuple(Known(each, origin) for each in range(sure, most + 1)))
            return unknown
        case Known(Object() as inner):
            sure_fields = inner.rest is None and not (isinstance(inner, InstanceMap) and inner.maybe)
            return Known(len(inner.fields), origin) if sure_fields else derived_unknown("length", [value], site.span)
        case Known(str() as written):
            return Known(len(graphemes(written)), origin)
        case _:
            raise EvaluationError("length takes a collection or a string")


def _coalesce(arguments: Values, site: Site) -> Value[Any]:
    type_ = common(arguments)
    arguments = [converted(each, type_) for each in arguments]
    options: list[Value[Any]] = []
    doubt: Unknown | None = None
    for argument in arguments:
        if isinstance(argument, Absent) or (isinstance(argument, Known) and argument.value == ""):
            continue
        options.append(argument)
        if not isinstance(argument, Unknown):
            break
        if surely_set(argument):
            break
        doubt = doubt or argument
    if not options:
        raise EvaluationError("coalesce finds no argument that is not null or empty")
    if len(options) == 1:
        return options[0]
    assert doubt is not None
    # ``among`` of the first unknown cannot be taken over: it may be null.
    unknown = derived_unknown("coalesce", arguments, site.span, doubt)
    first = options[0]
    target = first.target if isinstance(first, Unknown) else None
    known_type = (
        type_ if isinstance(type_, str) and all(type_of(each) is not None or isinstance(each, Absent) for each in arguments) else None
    )
    return Unknown(unknown.reason, unknown.symbol, unknown.origin, target, type=known_type)


def _coalescelist(arguments: Values, site: Site) -> Value[Any]:
    for argument in arguments:
        if isinstance(argument, Absent):
            raise EvaluationError("an argument of coalescelist is null")
        if isinstance(argument, Unknown):
            return derived_unknown("coalescelist", arguments, site.span)
        if not isinstance(argument.value, Members) or isinstance(argument.value, SetOf):
            raise EvaluationError("coalescelist takes lists")
        if any(member.presence is Truth.TRUE for member in argument.value.elements):
            return argument
        if not argument.value.certain:
            return derived_unknown("coalescelist", arguments, site.span)
    raise EvaluationError("coalescelist finds no list that is not empty")


def _contains(arguments: Values, site: Site) -> Value[Any]:
    collection, wanted = opened(arguments[0]), arguments[1]
    if isinstance(collection, Absent) or isinstance(wanted, Absent):
        raise EvaluationError("contains takes a list and a value")
    if isinstance(collection, Unknown):
        return derived_unknown("contains", arguments, site.span)
    if not isinstance(collection.value, Members):
        raise EvaluationError("contains takes a list")
    truth = collection.value.exists(lambda each: equal(each, wanted))
    if truth is Truth.UNKNOWN:
        return derived_unknown("contains", arguments, site.span)
    return Known(truth is Truth.TRUE, Derived("contains", origins(arguments), site.span))


def _element(arguments: Values, site: Site) -> Value[Any]:
    collection, index = arguments
    if isinstance(index, Known):
        index = Known(integer(index.value), index.origin)
    if isinstance(collection, Known) and isinstance(collection.value, Members) and collection.value.certain and isinstance(index, Known):
        count = len(collection.value.elements)
        if count == 0:
            raise EvaluationError("the list is empty")
        if isinstance(index.value, int):
            if index.value < 0:
                raise EvaluationError("the index is negative")
            return index_of(collection, Known(index.value % count, index.origin), site.span)
    if isinstance(collection, Known) and isinstance(collection.value, Members) and isinstance(index, Known) and index.value == 0:
        return index_of(collection, index, site.span)
    if isinstance(collection, Absent) or isinstance(index, Absent):
        raise EvaluationError("element takes a list and an index")
    return derived_unknown("element", arguments, site.span)


def _one(arguments: Values, site: Site) -> Value[Any]:
    value = arguments[0]
    match value:
        case Known(Members() as inner):
            if inner.certain:
                if len(inner.elements) > 1:
                    raise EvaluationError("one takes a list of at most one element")
                return inner.elements[0].value if inner.elements else Absent(Derived("one", (value.origin,), site.span))
            unknown = derived_unknown("one", [value], site.span)
            if len(inner.elements) == 1:
                only = inner.elements[0].value
                target = only.target if isinstance(only, Unknown) else None
                return Unknown(unknown.reason, unknown.symbol, only.origin, target)
            return unknown
        case Unknown():
            return derived_unknown("one", [value], site.span)
        case Absent():
            raise EvaluationError("the list is null")
        case _:
            raise EvaluationError("one takes a list")


def _matchkeys(arguments: Values, site: Site) -> Value[Any]:
    if first_unknown(arguments) is not None:
        return derived_unknown("matchkeys", arguments, site.span)
    lists = [[*each.value] for each in map(as_list, arguments) if isinstance(each, Known) and isinstance(each.value, Members)]
    if len(lists) != 3 or len(lists[0]) != len(lists[1]):
        raise EvaluationError("matchkeys takes three lists, two of them of one length")
    values, keys, wanted = lists
    type_ = common([*keys, *wanted])
    searched = [converted(each, type_) for each in wanted]
    found = [
        value for value, key in zip(values, keys, strict=True) if any(equal(each, converted(key, type_)) is Truth.TRUE for each in searched)
    ]
    return Known(ListOf(tuple(map(Member, found))), Derived("matchkeys", origins(arguments), site.span))


FUNCTIONS: dict[str, Function] = {
    "coalesce": Function(_coalesce, 1, None, "values"),
    "coalescelist": Function(_coalescelist, 1, None, "values"),
    "contains": Function(_contains, 2, 2, "values"),
    "element": Function(_element, 2, 2, "values"),
    "length": Function(_length, 1, 1, "values"),
    "matchkeys": Function(_matchkeys, 3, 3, "values"),
    "one": Function(_one, 1, 1, "values"),
}
