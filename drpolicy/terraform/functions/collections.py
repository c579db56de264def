"""Functions on maps and on collections of either kind, exact with unknown elements."""

from __future__ import annotations

from typing import Any

from drpolicy.model.provenance import Derived
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Member, Members, Object, Unknown, Value, members
from drpolicy.terraform.access import index_of, pairs
from drpolicy.terraform.conversion import text
from drpolicy.terraform.functions.table import Function, Site, Values
from drpolicy.terraform.operators import equal
from drpolicy.terraform.shapes import InstanceMap, ResourceObject, opaque
from drpolicy.terraform.unknowns import (
    ALTERNATIVES,
    EvaluationError,
    carried,
    derived_unknown,
    first_unknown,
    origins,
    surely_set,
)


def opened(value: Value[Any]) -> Value[Any]:
    """Return a value with whole resources as the Unknown that they are to functions."""
    return opaque(value) if isinstance(value, Known) and isinstance(value.value, ResourceObject) else value


def _merge(arguments: Values, site: Site) -> Value[Any]:
    fields: dict[str, Value[Any]] = {}
    rest: Unknown | None = None
    for argument in map(opened, arguments):
        match argument:
            case Absent():
                continue
            case Unknown():
                rest = derived_unknown("merge", arguments, site.span, argument)
                fields = {name: _overridden(value, rest, name, site) for name, value in fields.items()}
            case Known(Object() as inner):
                if inner.rest is not None:
                    rest = derived_unknown("merge", arguments, site.span, inner.rest)
                    fields = {name: _overridden(value, rest, name, site) for name, value in fields.items()}
                fields.update({name: carried(inner.fields[name], argument.origin, f".{name}") for name in inner.fields})
            case _:
                raise EvaluationError("merge takes maps and objects")
    return Known(Object(dict(sorted(fields.items())), rest), Derived("merge", origins(arguments), site.span))


def _overridden(value: Value[Any], by: Unknown, name: str, site: Site) -> Unknown:
    return Unknown(by.reason, f"{by.symbol}[{name}]", Derived("merge", origins((value, by)), site.span))


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
            if not written.isascii():
                return derived_unknown("length", [value], site.span)
            return Known(len(written), origin)
        case _:
            raise EvaluationError("length takes a collection or a string")


def _lookup(arguments: Values, site: Site) -> Value[Any]:
    value, key = opened(arguments[0]), arguments[1]
    if isinstance(value, Absent) or isinstance(key, Absent):
        raise EvaluationError("lookup takes a map and a key")
    if isinstance(value, Unknown) or isinstance(key, Unknown):
        return derived_unknown("lookup", arguments, site.span)
    if not isinstance(value.value, Object):
        raise EvaluationError("lookup takes a map")
    name = text(key.value)
    found = value.value.fields.get(name)
    if found is not None:
        return carried(found, value.origin, f".{name}")
    if value.value.rest is not None:
        return derived_unknown("lookup", [value, *arguments[1:]], site.span, value.value.rest)
    if len(arguments) == 3:
        return arguments[2]
    raise EvaluationError(f"lookup finds no {name!r}, and has no default")


def _keys(arguments: Values, site: Site) -> Value[Any]:
    inner = _map(arguments[0])
    origin = Derived("keys", (arguments[0].origin,), site.span)
    rest = derived_unknown("keys", arguments, site.span)
    if isinstance(inner, Unknown):
        return Known(Members((), rest), origin)
    found: list[Member[Value[Any]]] = [Member(Known(name, origin)) for name in sorted(inner.fields)]
    closed = inner.rest is None and not (isinstance(inner, InstanceMap) and inner.maybe)
    return Known(Members(tuple(found), None if closed else rest), origin)


def _values(arguments: Values, site: Site) -> Value[Any]:
    inner = _map(arguments[0])
    origin = Derived("values", (arguments[0].origin,), site.span)
    rest = derived_unknown("values", arguments, site.span)
    if isinstance(inner, Unknown):
        return Known(Members((Member(site.frame.scope.run.fresh(inner, "[*]"), Truth.UNKNOWN, rest),), rest), origin)
    found: list[Member[Value[Any]]] = []
    for _, value, presence, why in pairs(inner, arguments[0].origin, site.span):
        found.append(Member(value, presence, rest if why is not None and why is inner.rest else why))
    return Known(Members(tuple(found), None if inner.rest is None else rest), origin)


def _map(value: Value[Any]) -> Object | Unknown:
    value = opened(value)
    match value:
        case Unknown():
            return value
        case Known(Object() as inner):
            return inner
        case _:
            raise EvaluationError("a map is required")


def _coalesce(arguments: Values, site: Site) -> Value[Any]:
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
    return Unknown(unknown.reason, unknown.symbol, unknown.origin, first.target if isinstance(first, Unknown) else None)


def _coalescelist(arguments: Values, site: Site) -> Value[Any]:
    for argument in arguments:
        if isinstance(argument, Absent):
            continue
        if isinstance(argument, Unknown):
            return derived_unknown("coalescelist", arguments, site.span)
        if not isinstance(argument.value, Members):
            raise EvaluationError("coalescelist takes lists")
        if any(member.presence is Truth.TRUE for member in argument.value.elements):
            return argument
        if not argument.value.certain:
            return derived_unknown("coalescelist", arguments, site.span)
    raise EvaluationError("coalescelist finds no list that is not empty")


def _contains(arguments: Values, site: Site) -> Value[Any]:
    collection, wanted = opened(arguments[0]), arguments[1]
    if isinstance(collection, Absent):
        raise EvaluationError("the list is null")
    if isinstance(collection, Unknown):
        return derived_unknown("contains", arguments, site.span)
    if not isinstance(collection.value, Members):
        raise EvaluationError("contains takes a list")
    truth = collection.value.exists(lambda each: _equal_converted(each, wanted))
    if truth is Truth.UNKNOWN:
        return derived_unknown("contains", arguments, site.span)
    return Known(truth is Truth.TRUE, Derived("contains", origins(arguments), site.span))


def _equal_converted(left: Value[Any], right: Value[Any]) -> Truth:
    """Whether an element is the wanted one. A list of strings holds "1" when asked for 1; what converts is not decided here."""
    truth = equal(left, right)
    scalars = (str, int, float, bool)
    if truth is Truth.FALSE and isinstance(left, Known) and isinstance(right, Known):
        ours, theirs = left.value, right.value
        if (
            isinstance(ours, scalars)
            and isinstance(theirs, scalars)
            and isinstance(ours, str) != isinstance(theirs, str)
            and text(ours) == text(theirs)
        ):
            return Truth.UNKNOWN
    return truth


def _element(arguments: Values, site: Site) -> Value[Any]:
    collection, index = arguments
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


def _zipmap(arguments: Values, site: Site) -> Value[Any]:
    lists: list[Members[Value[Any]]] = []
    for argument in arguments:
        if isinstance(argument, Unknown):
            return Known(Object({}, derived_unknown("zipmap", arguments, site.span)), Derived("zipmap", origins(arguments), site.span))
        if isinstance(argument, Absent) or not isinstance(argument.value, Members):
            raise EvaluationError("zipmap takes lists")
        lists.append(argument.value)
    unknown = derived_unknown("zipmap", arguments, site.span)
    if not all(each.certain for each in lists) or any(isinstance(member.value, Unknown) for member in lists[0].elements):
        return Known(Object({}, unknown), Derived("zipmap", origins(arguments), site.span))
    if len(lists[0].elements) != len(lists[1].elements):
        raise EvaluationError("the lists of zipmap have different lengths")
    fields: dict[str, Value[Any]] = {}
    for key, value in zip(lists[0].elements, lists[1].elements, strict=True):
        fields[text(key.value.value if isinstance(key.value, Known) else None)] = value.value
    return Known(Object(fields), Derived("zipmap", origins(arguments), site.span))


def _matchkeys(arguments: Values, site: Site) -> Value[Any]:
    if first_unknown(arguments) is not None:
        return derived_unknown("matchkeys", arguments, site.span)
    lists = [argument.value for argument in arguments if isinstance(argument, Known) and isinstance(argument.value, Members)]
    if len(lists) != 3 or len(lists[0].elements) != len(lists[1].elements):
        raise EvaluationError("matchkeys takes three lists, two of them of one length")
    values, keys, wanted = lists
    found = [value for value, key in zip(values, keys, strict=True) if any(equal(each, key) is Truth.TRUE for each in wanted)]
    return Known(members(found), Derived("matchkeys", origins(arguments), site.span))


def _transpose(arguments: Values, site: Site) -> Value[Any]:
    if first_unknown(arguments) is not None:
        return derived_unknown("transpose", arguments, site.span)
    found: dict[str, list[Value[Any]]] = {}
    inner = _map(arguments[0])
    assert isinstance(inner, Object)
    for name in sorted(inner.fields):
        items = inner.fields[name]
        if not isinstance(items, Known) or not isinstance(items.value, Members):
            raise EvaluationError("transpose takes a map of lists")
        for item in items.value:
            if not isinstance(item, Known):
                raise EvaluationError("transpose takes a map of lists of strings")
            found.setdefault(text(item.value), []).append(Known(name, items.origin))
    origin = Derived("transpose", origins(arguments), site.span)
    return Known(Object({name: Known(members(found[name]), origin) for name in sorted(found)}), origin)


FUNCTIONS: dict[str, Function] = {
    "coalesce": Function(_coalesce, 1, None, "values"),
    "coalescelist": Function(_coalescelist, 1, None, "values"),
    "contains": Function(_contains, 2, 2, "values"),
    "element": Function(_element, 2, 2, "values"),
    "keys": Function(_keys, 1, 1, "values"),
    "length": Function(_length, 1, 1, "values"),
    "lookup": Function(_lookup, 2, 3, "values"),
    "matchkeys": Function(_matchkeys, 3, 3, "values"),
    "merge": Function(_merge, 0, None, "values"),
    "one": Function(_one, 1, 1, "values"),
    "transpose": Function(_transpose, 1, 1, "values"),
    "values": Function(_values, 1, 1, "values"),
    "zipmap": Function(_zipmap, 2, 2, "values"),
}
