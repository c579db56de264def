"""Type constraints: the types of variables as they are written, and how a value is converted to one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from drpolicy.model.values import Absent, Known, Member, Members, Object, Primitive, Unknown, Value
from drpolicy.terraform.conversion import boolean, number, text
from drpolicy.terraform.functions.types import renamed, to_list, to_map, to_set
from drpolicy.terraform.scope import Frame
from drpolicy.terraform.tree import Call, Expression, Fields, Items, Literal, Name
from drpolicy.terraform.unknowns import EvaluationError, over_alternatives, typed, with_origin

PRIMITIVES: dict[Primitive, Callable[[object], Any]] = {"string": text, "number": number, "bool": boolean}
"""The types of one value, and what converts to them."""


def primitive(type_: Expression) -> Primitive | None:
    """Return the primitive type that a constraint names, if it names one."""
    match type_:
        case Literal(value="string" | "number" | "bool" as name) | Name(name="string" | "number" | "bool" as name):
            return name
        case Call(name="optional", arguments=(inner, *_)):
            return primitive(inner)
        case _:
            return None


def converted(value: Value[Any], type_: Expression, frame: Frame) -> Value[Any]:
    """Return a value converted to a type constraint; raise ``EvaluationError`` where Terraform refuses it."""
    if isinstance(value, Unknown):
        scalar = primitive(type_)
        if not value.among:
            if scalar is not None:
                return typed(value, scalar)
            return renamed(value, "toset") if isinstance(type_, Call) and type_.name == "set" else value
        refined = over_alternatives(lambda one: converted(one[0], type_, frame), (value,), "type", None)
        answer = value if refined is None else with_origin(refined, value.origin)
        return answer if scalar is None else typed(answer, scalar)
    match type_:
        case Literal(value=str() as name) | Name(name=name):
            return _converted_by_name(value, name)
        case Call(name="optional", arguments=(inner, *_)):
            return converted(value, inner, frame)
        case Call(name="object", arguments=(Fields(fields=fields),)):
            return value if isinstance(value, Absent) else _converted_object(value, fields, frame)
        case Call(name="tuple", arguments=(Items(items=items),)):
            if isinstance(value, Absent):
                return value
            if not isinstance(value, Known) or not isinstance(value.value, Members) or len(value.value.elements) != len(items):
                raise EvaluationError("a tuple is required")
            each = zip(value.value.elements, items, strict=True)
            found = tuple(Member(converted(member.value, item, frame), member.presence, member.why) for member, item in each)
            return Known(Members(found, value.value.rest), value.origin)
        case Call(name="list" | "set" | "map" as kind, arguments=(inner,)):
            return value if isinstance(value, Absent) else _converted_collection(value, kind, inner, frame)
        case _:
            return value


def _converted_by_name(value: Value[Any], name: str) -> Value[Any]:
    if name in PRIMITIVES:
        return Known(PRIMITIVES[name](value.value), value.origin) if isinstance(value, Known) else typed(value, name)
    if isinstance(value, Known) and name in ("list", "map"):
        return to_list(value) if name == "list" else to_map(value)
    return value


def _converted_collection(value: Value[Any], kind: str, inner: Expression, frame: Frame) -> Value[Any]:
    if not isinstance(value, Known):
        return value
    match value.value:
        case Members() as list_ if kind in ("list", "set"):
            elements = tuple(Member(converted(member.value, inner, frame), member.presence, member.why) for member in list_.elements)
            plain = Known(Members(elements, list_.rest), value.origin)
            return to_set(plain) if kind == "set" else to_list(plain)
        case Object() as map_ if kind == "map":
            fields = {name: converted(field, inner, frame) for name, field in map_.fields.items()}
            return to_map(Known(Object(fields, map_.rest), value.origin))
        case _:
            raise EvaluationError(f"a {kind} is required")


def _converted_object(value: Known[Any] | Unknown, fields: Iterable[tuple[Expression, Expression]], frame: Frame) -> Value[Any]:
    if not isinstance(value, Known) or not isinstance(value.value, Object):
        raise EvaluationError("an object is required")
    given = value.value
    found: dict[str, Value[Any]] = {}
    for key, type_ in fields:
        name = key.value if isinstance(key, Literal) and isinstance(key.value, str) else key.name if isinstance(key, Name) else None
        if name is None:
            raise EvaluationError("the type constraint has a key that is no name")
        optional = isinstance(type_, Call) and type_.name == "optional"
        field = given.fields.get(name)
        if field is None and given.rest is not None:
            found[name] = given.get(name, value.origin)
            continue
        if field is None and not optional:
            raise EvaluationError(f"attribute {name!r} is required")
        if field is not None and not isinstance(field, Absent):
            found[name] = converted(field, type_, frame)
            continue
        found[name] = field if field is not None else Absent(value.origin)
        if isinstance(type_, Call) and len(type_.arguments) == 2:
            default = frame.scope.run.evaluate(type_.arguments[1], frame)
            found[name] = converted(default, type_.arguments[0], frame)
    return Known(Object(found), value.origin)
