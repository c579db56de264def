"""Terraform's types: which one a value has, which one several values share, and how a value is converted to it.

The rules are those of zclconf/go-cty (cty/convert, 2026-11), checked against ``terraform console`` 1.11. ``None`` is the type
of null and of what is not known where nothing declares one: they fit everywhere. So ``true ? 1 : x`` is the number while the type of
``x`` is not known, as it is to Terraform itself; a string given later makes it ``"1"``, which every argument that takes a number reads
as the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal, TypeAlias

from drpolicy.model.records import dataclass
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Member, Members, Object, Primitive, Unknown, Value
from drpolicy.terraform.conversion import boolean, number, set_order, text
from drpolicy.terraform.shapes import InstanceMap, LazyFields, ListOf, MapOf, ResourceObject, SetOf
from drpolicy.terraform.unknowns import EvaluationError, derived_unknown, equivalent, typed

_NESTING = 60


@dataclass(frozen=True, slots=True)
class Collection:
    """A list, set or map, all elements of one type."""

    kind: Literal["list", "set", "map"]
    of: Type | None


@dataclass(frozen=True, slots=True)
class Tuple:
    of: tuple[Type | None, ...]


@dataclass(frozen=True, slots=True)
class Attributes:
    """An object, attributes in order of name."""

    of: tuple[tuple[str, Type | None], ...]


Type: TypeAlias = Primitive | Collection | Tuple | Attributes


def type_of(value: Value[Any], depth: int = 0) -> Type | None:
    """Return the type of a value as far as it is known without evaluating more."""
    if isinstance(value, Absent):
        return value.type
    if isinstance(value, Unknown):
        return value.type or ("string" if value.parts else None)
    if not isinstance(value, Known) or depth > _NESTING:
        return None
    match value.value:
        case bool():
            return "bool"
        case int() | float():
            return "number"
        case str():
            return "string"
        case Members() as inner:
            types = tuple(type_of(each, depth + 1) for each in inner)
            kind: Literal["list", "set"] | None = "list" if isinstance(inner, ListOf) else "set" if isinstance(inner, SetOf) else None
            if kind is not None:
                return Collection(kind, next((each for each in types if each is not None), None))
            return Tuple(types) if inner.certain else None
        case ResourceObject() | InstanceMap():
            return None
        case Object(fields=LazyFields()):
            return None
        case Object() as inner:
            found = tuple((name, type_of(inner.fields[name], depth + 1)) for name in sorted(inner.fields))
            if isinstance(inner, MapOf):
                return Collection("map", next((each for _, each in found if each is not None), None))
            return Attributes(found) if inner.rest is None else None
        case _:
            return None


def unified(types: Iterable[Type | None]) -> Type | None:
    """Return the type that all can be converted to; raise ``EvaluationError`` when there is none."""
    found: list[Type] = []
    for each in types:
        if each is not None and each not in found:
            found.append(each)
    if len(found) < 2:
        return found[0] if found else None
    scalars = [each for each in found if isinstance(each, str)]
    if len(scalars) == len(found):
        if "string" in scalars:
            return "string"
    elif not scalars:
        shared = _containers(found)
        if shared is not None:
            return shared
    raise EvaluationError("the values have no type in common")


def _containers(found: Sequence[Type]) -> Type | None:
    objects = [each for each in found if isinstance(each, Attributes)]
    tuples = [each for each in found if isinstance(each, Tuple)]
    collections = [each for each in found if isinstance(each, Collection)]
    if len(objects) == len(found):
        names = {tuple(name for name, _ in each.of) for each in objects}
        if len(names) == 1:
            return Attributes(tuple((name, unified(dict(each.of)[name] for each in objects)) for name in names.pop()))
    if len(tuples) == len(found) and len({len(each.of) for each in tuples}) == 1:
        return Tuple(tuple(unified(column) for column in zip(*(each.of for each in tuples), strict=True)))
    kinds = {each.kind for each in collections}
    inner = [*(each.of for each in collections), *(type_ for each in tuples for type_ in each.of)]
    if not objects and kinds <= {"list", "set"}:
        return Collection("set" if "set" in kinds else "list", unified(inner))
    if not tuples and kinds <= {"map"}:
        return Collection("map", unified([*inner, *(type_ for each in objects for _, type_ in each.of)]))
    return None


_SCALARS: dict[Primitive, Callable[[object], Any]] = {"string": text, "number": number, "bool": boolean}


def converted(value: Value[Any], type_: Type | None) -> Value[Any]:
    """Return a value as one of a type; what is unknown stays as it is. Raises ``EvaluationError`` when it cannot be one."""
    if isinstance(value, (Absent, Unknown)) and isinstance(type_, str) and value.type is not None:
        return typed(value, type_)
    if type_ is None or not isinstance(value, Known) or isinstance(value.value, ResourceObject):
        return value
    inner = value.value
    if isinstance(type_, str):
        return Known(_SCALARS[type_](inner), value.origin)
    match type_, inner:
        case (Tuple(), Members(rest=Unknown())) | (Attributes(), Object(rest=Unknown())):
            # What else it holds is not known, so neither is its type.
            return value
        case Tuple(), Members() if not inner.certain:
            return value
        case Collection(kind="list" | "set" as kind, of=of), Members():
            elements = _elements(inner, lambda at: of)
            return as_set(Members(elements, inner.rest), value) if kind == "set" else Known(ListOf(elements, inner.rest), value.origin)
        case Tuple(of=types), Members() if not isinstance(inner, (ListOf, SetOf)) and len(inner.elements) == len(types):
            return Known(Members(_elements(inner, lambda at: types[at]), inner.rest), value.origin)
        case Collection(kind="map", of=of), Object():
            if isinstance(inner, InstanceMap):
                return value
            return Known(MapOf({name: converted(each, of) for name, each in inner.fields.items()}, inner.rest), value.origin)
        case Attributes(of=fields), Object():
            return Known(Object({name: converted(inner.fields[name], each) for name, each in fields if name in inner.fields}), value.origin)
    raise EvaluationError("the value cannot be converted")


def _elements(inner: Members[Value[Any]], of: Callable[[int], Type | None]) -> tuple[Member[Value[Any]], ...]:
    return tuple(Member(converted(member.value, of(at)), member.presence, member.why) for at, member in enumerate(inner.elements))


def element_type(inner: Members[Value[Any]]) -> Type | None:
    """Return the type that all elements of a tuple, list or set can be converted to."""
    return unified(type_of(each) for each in inner)


def as_list(value: Value[Any]) -> Value[Any]:
    """Return a known tuple, list or set as a list."""
    if isinstance(value, Known) and isinstance(value.value, Members) and not isinstance(value.value, ListOf):
        return converted(value, Collection("list", element_type(value.value)))
    return value


def as_set(inner: Members[Value[Any]], value: Known[Any]) -> Value[Any]:
    """Return elements of one type as a set: sorted, without duplicates as far as is known."""
    unique: list[Member[Value[Any]]] = []
    seen: set[object] = set()
    for member in inner.elements:
        plain = member.value.value if isinstance(member.value, Known) and member.presence is Truth.TRUE else None
        if isinstance(plain, (str, bool, int, float)):
            if plain in seen:
                continue
            seen.add(plain)
        elif any(_surely_same(earlier, member) for earlier in unique):
            continue
        unique.append(member)
    if len(unique) > 1:
        # An unknown element may be one of the others, and stand anywhere among them.
        for at, each in enumerate(unique):
            if isinstance(each.value, Unknown):
                unique[at] = Member(each.value, Truth.UNKNOWN, each.why or each.value)
    unique.sort(key=lambda member: set_order(member.value))
    rest = None if inner.rest is None else derived_unknown("toset", [value], None, inner.rest)
    return Known(SetOf(tuple(unique), rest), value.origin)


def _surely_same(left: Member[Value[Any]], right: Member[Value[Any]]) -> bool:
    return left.presence is right.presence and left.why is right.why and equivalent(left.value, right.value)


def common(values: Sequence[Value[Any]]) -> Type | None:
    """Return the type that all values can be converted to."""
    return unified(type_of(each) for each in values)
