"""Type conversion functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from drpolicy.model.values import Known, Members, Object, Unknown, Value
from drpolicy.terraform.conversion import boolean, number, text
from drpolicy.terraform.functions.collections import opened
from drpolicy.terraform.functions.table import Function, Site, Values
from drpolicy.terraform.types import Collection, as_list, common, converted, element_type
from drpolicy.terraform.unknowns import EvaluationError


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
        return Unknown(
            value.reason, f"{conversion}({value.symbol})", value.origin, value.target, value.parts if conversion == "tostring" else ()
        )
    return value


def to_list(value: Value[Any]) -> Value[Any]:
    """Return a list, set or tuple as a list."""
    match opened(value):
        case Known(Members()):
            return as_list(value)
        case Known():
            raise EvaluationError("a list is required")
        case other:
            return renamed(other, "tolist")


def to_set(value: Value[Any]) -> Value[Any]:
    """Return a list, set or tuple as a set: sorted, without duplicates as far as is known."""
    match opened(value):
        case Known(Members() as inner):
            return converted(value, Collection("set", element_type(inner)))
        case Known():
            raise EvaluationError("a set is required")
        case other:
            return renamed(other, "toset")


def to_map(value: Value[Any]) -> Value[Any]:
    """Return an object as a map: its values have one type."""
    match opened(value):
        case Known(Object() as inner):
            return converted(value, Collection("map", common(list(inner.fields.values()))))
        case Known():
            raise EvaluationError("a map is required")
        case other:
            return renamed(other, "tomap")


def _typed(collection: Callable[[Value[Any]], Value[Any]]) -> Callable[[Values, Site], Value[Any]]:
    return lambda arguments, site: collection(arguments[0])


def _same(arguments: Values, site: Site) -> Value[Any]:
    return arguments[0]


FUNCTIONS: dict[str, Function] = {
    "nonsensitive": Function(_same, 1, 1, "values"),
    "sensitive": Function(_same, 1, 1, "values"),
    "tobool": Function(_scalar(boolean), 1, 1, "values"),
    "tolist": Function(_typed(to_list), 1, 1, "values"),
    "tomap": Function(_typed(to_map), 1, 1, "values"),
    "tonumber": Function(_scalar(number), 1, 1, "values"),
    "toset": Function(_typed(to_set), 1, 1, "values"),
    "tostring": Function(_scalar(text), 1, 1, "values"),
}
