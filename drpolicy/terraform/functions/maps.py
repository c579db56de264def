"""Functions on maps and objects, exact with unknown elements."""

from __future__ import annotations

from typing import Any

from drpolicy.model.provenance import Derived
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Member, Members, Object, Unknown, Value
from drpolicy.terraform.access import pairs
from drpolicy.terraform.conversion import text
from drpolicy.terraform.functions.collections import opened
from drpolicy.terraform.functions.table import Function, Site, Values
from drpolicy.terraform.shapes import InstanceMap, ListOf, MapOf, SetOf
from drpolicy.terraform.types import Collection, common, converted, type_of
from drpolicy.terraform.unknowns import EvaluationError, carried, derived_unknown, first_unknown, origins


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
    origin = Derived("merge", origins(arguments), site.span)
    types = {type_of(each) for each in arguments if not isinstance(each, Absent)}
    if len(types) == 1 and isinstance(types.pop(), Collection):
        return Known(MapOf(dict(sorted(fields.items())), rest), origin)
    return Known(Object(dict(sorted(fields.items())), rest), origin)


def _overridden(value: Value[Any], by: Unknown, name: str, site: Site) -> Unknown:
    return Unknown(by.reason, f"{by.symbol}[{name}]", Derived("merge", origins((value, by)), site.span), root=by.cause)


def _lookup(arguments: Values, site: Site) -> Value[Any]:
    value, key = opened(arguments[0]), arguments[1]
    if isinstance(value, Absent) or isinstance(key, Absent):
        raise EvaluationError("lookup takes a map and a key")
    if isinstance(value, Unknown) or isinstance(key, Unknown):
        return derived_unknown("lookup", arguments, site.span)
    if not isinstance(value.value, Object):
        raise EvaluationError("lookup takes a map")
    name = text(key.value)
    default = arguments[2] if len(arguments) == 3 else None
    if default is not None and isinstance(value.value, MapOf):
        default = converted(default, common(list(value.value.fields.values())))
    found = value.value.fields.get(name)
    if found is not None:
        return carried(found, value.origin, f".{name}")
    if value.value.rest is not None:
        return derived_unknown("lookup", [value, *arguments[1:]], site.span, value.value.rest)
    if default is not None:
        return default
    raise EvaluationError(f"lookup finds no {name!r}, and has no default")


def _keys(arguments: Values, site: Site) -> Value[Any]:
    inner = _map(arguments[0])
    origin = Derived("keys", (arguments[0].origin,), site.span)
    rest = derived_unknown("keys", arguments, site.span)
    if isinstance(inner, Unknown):
        return Known(Members((), rest), origin)
    found: list[Member[Value[Any]]] = [Member(Known(name, origin)) for name in sorted(inner.fields)]
    closed = inner.rest is None and not (isinstance(inner, InstanceMap) and inner.maybe)
    kind = ListOf if isinstance(inner, MapOf) else Members
    return Known(kind(tuple(found), None if closed else rest), origin)


def _values(arguments: Values, site: Site) -> Value[Any]:
    inner = _map(arguments[0])
    origin = Derived("values", (arguments[0].origin,), site.span)
    rest = derived_unknown("values", arguments, site.span)
    if isinstance(inner, Unknown):
        return Known(Members((Member(site.frame.scope.run.fresh(inner, "[*]"), Truth.UNKNOWN, rest),), rest), origin)
    found: list[Member[Value[Any]]] = []
    for _, value, presence, why in pairs(inner, arguments[0].origin, site.span):
        found.append(Member(value, presence, rest if why is not None and why is inner.rest else why))
    kind = ListOf if isinstance(inner, MapOf) else Members
    return Known(kind(tuple(found), None if inner.rest is None else rest), origin)


def _map(value: Value[Any]) -> Object | Unknown:
    value = opened(value)
    match value:
        case Unknown():
            return value
        case Known(Object() as inner):
            return inner
        case _:
            raise EvaluationError("a map is required")


def _zipmap(arguments: Values, site: Site) -> Value[Any]:
    lists: list[Members[Value[Any]]] = []
    for argument in arguments:
        if isinstance(argument, Unknown):
            return Known(Object({}, derived_unknown("zipmap", arguments, site.span)), Derived("zipmap", origins(arguments), site.span))
        if isinstance(argument, Absent) or not isinstance(argument.value, Members):
            raise EvaluationError("zipmap takes lists")
        lists.append(argument.value)
    if isinstance(arguments[1], Known) and isinstance(arguments[1].value, SetOf):
        raise EvaluationError("the values of zipmap are a list")
    unknown = derived_unknown("zipmap", arguments, site.span)
    if not all(each.certain for each in lists) or any(isinstance(member.value, Unknown) for member in lists[0].elements):
        return Known(Object({}, unknown), Derived("zipmap", origins(arguments), site.span))
    if len(lists[0].elements) != len(lists[1].elements):
        raise EvaluationError("the lists of zipmap have different lengths")
    fields: dict[str, Value[Any]] = {}
    for key, value in zip(lists[0].elements, lists[1].elements, strict=True):
        fields[text(key.value.value if isinstance(key.value, Known) else None)] = value.value
    made = MapOf(fields) if isinstance(lists[1], ListOf) else Object(fields)
    return Known(made, Derived("zipmap", origins(arguments), site.span))


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
    lists = {name: Known(ListOf(tuple(map(Member, found[name]))), origin) for name in sorted(found)}
    return Known(MapOf(lists), origin)


FUNCTIONS: dict[str, Function] = {
    "keys": Function(_keys, 1, 1, "values"),
    "lookup": Function(_lookup, 2, 3, "values"),
    "merge": Function(_merge, 0, None, "values"),
    "transpose": Function(_transpose, 1, 1, "values"),
    "values": Function(_values, 1, 1, "values"),
    "zipmap": Function(_zipmap, 2, 2, "values"),
}
