"""Type conversion functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Member, Members, Object, Unknown, Value
from drpolicy.terraform.conversion import boolean, number, set_order, text
from drpolicy.terraform.functions.collections import opened
from drpolicy.terraform.functions.table import Function, Site, Values
from drpolicy.terraform.operators import equal
from drpolicy.terraform.shapes import SetOf
from drpolicy.terraform.unknowns import EvaluationError, derived_unknown, equivalent


def _scalar(convert: Callable[[object], Any]) -> Callable[[Values, Site], Value[Any]]:
    def apply(arguments: Values, site: Site) -> Value[Any]:
        value = opened(arguments[0])
        if isinstance(value, Known):
            return Known(convert(value.value), value.origin)
        return renamed(value, site.name)

    return apply


def renamed(value: Value[Any], conversion: str) -> Value[Any]:
    """Return an unknown in another type: it has the target and the parts that it had, but ``1`` is not ``"1"``."""
    if isinstance(value, Unknown):
        return Unknown(value.reason, f"{conversion}({value.symbol})", value.origin, value.target, value.parts)
    return value


def unified(elements: list[Member[Value[Any]]]) -> list[Member[Value[Any]]]:
    """Return elements of one type: beside a string, numbers and booleans become strings."""
    scalars = [member.value.value for member in elements if isinstance(member.value, Known)]
    if not any(isinstance(each, str) for each in scalars):
        return elements
    if any(isinstance(each, (Members, Object)) for each in scalars):
        raise EvaluationError("the elements have no type in common")
    return [
        Member(Known(text(member.value.value), member.value.origin), member.presence, member.why)
        if isinstance(member.value, Known)
        else member
        for member in elements
    ]


def to_list(value: Value[Any]) -> Value[Any]:
    """Return a list, set or tuple as a list."""
    match opened(value):
        case Known(Members() as inner):
            return Known(Members(tuple(unified(list(inner.elements))), inner.rest), value.origin)
        case Known():
            raise EvaluationError("a list is required")
        case other:
            return renamed(other, "tolist")


def to_set(value: Value[Any]) -> Value[Any]:
    """Return a list, set or tuple as a set: sorted, without duplicates as far as is known."""
    match opened(value):
        case Known(Members() as inner):
            unique: list[Member[Value[Any]]] = []
            for member in unified(list(inner.elements)):
                if not any(_surely_same(earlier, member) for earlier in unique):
                    unique.append(member)
            if len(unique) > 1:
                # An unknown element may be one of the others, and stand anywhere among them.
                for at, each in enumerate(unique):
                    if isinstance(each.value, Unknown):
                        unique[at] = Member(each.value, Truth.UNKNOWN, each.why or each.value)
            unique.sort(key=_order)
            rest = None if inner.rest is None else derived_unknown("toset", [value], None, inner.rest)
            return Known(SetOf(tuple(unique), rest), value.origin)
        case Known():
            raise EvaluationError("a set is required")
        case other:
            return renamed(other, "toset")


def _order(member: Member[Value[Any]]) -> tuple[int, Any, str]:
    match member.value:
        case Known(value):
            return set_order(value)
        case Absent():
            return set_order(None)
        case _:
            return (-1, 0, "")


def _surely_same(left: Member[Value[Any]], right: Member[Value[Any]]) -> bool:
    if left.presence is not right.presence or left.why is not right.why:
        return False
    if isinstance(left.value, Known) and isinstance(right.value, Known) and isinstance(left.value.value, (Members, Object)):
        return equivalent(left.value, right.value)
    return equal(left.value, right.value) is Truth.TRUE


def to_map(value: Value[Any]) -> Value[Any]:
    """Return an object as a map: its values have one type."""
    match opened(value):
        case Known(Object() as inner):
            names = list(inner.fields)
            converted = unified([Member(inner.fields[name]) for name in names])
            return Known(Object({name: member.value for name, member in zip(names, converted, strict=True)}, inner.rest), value.origin)
        case Known():
            raise EvaluationError("a map is required")
        case other:
            return renamed(other, "tomap")


def _same(arguments: Values, site: Site) -> Value[Any]:
    return arguments[0]


FUNCTIONS: dict[str, Function] = {
    "nonsensitive": Function(_same, 1, 1, "values"),
    "sensitive": Function(_same, 1, 1, "values"),
    "tobool": Function(_scalar(boolean), 1, 1, "values"),
    "tolist": Function(lambda arguments, site: to_list(arguments[0]), 1, 1, "values"),
    "tomap": Function(lambda arguments, site: to_map(arguments[0]), 1, 1, "values"),
    "tonumber": Function(_scalar(number), 1, 1, "values"),
    "toset": Function(lambda arguments, site: to_set(arguments[0]), 1, 1, "values"),
    "tostring": Function(_scalar(text), 1, 1, "values"),
}
