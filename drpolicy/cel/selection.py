"""Selection: one step from a result to the raw value at a field, a key or an index, and from a raw value to a result."""

from __future__ import annotations

from operator import attrgetter
from typing import Any

from drpolicy.cel.results import (
    HOLES,
    NOTHING,
    PLAIN,
    CelError,
    Evaluator,
    Fresh,
    Result,
    Scope,
    applied_symbol,
    derived,
    outcomes,
    uncertainty,
    unwrapped,
)
from drpolicy.cel.strings import known_length
from drpolicy.cel.syntax import Node
from drpolicy.cel.types import Record, Type, fields_of
from drpolicy.model.ranges import Range
from drpolicy.model.reasons import Reason
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Members, Object, Unknown

_SHORT = 200
_LARGEST = 2**63


def field_of(operand: Evaluator, type: Type, name: str, node: Node) -> Evaluator:
    """Return an evaluator of the raw value at a field or key: what the model holds there, or NOTHING, or a CelError."""
    if not isinstance(type, Record):
        return lambda scope: at_name(operand(scope), name, node)
    cls, attribute = type.cls, fields_of(type.cls)[name].attribute
    read = attrgetter(attribute)

    def raw(scope: Scope) -> Any:
        holder = operand(scope)
        if not isinstance(holder, cls):
            return at_name(holder, name, node)
        value = read(holder)
        return NOTHING if value is None else value

    return raw


def field_of_name(name: str, cls: type, field: str, optional: bool, general: Evaluator) -> Evaluator:
    """Return an evaluator of a field of what a name stands for: the two steps of most selections in one, where it is known or not there."""
    read = attrgetter(fields_of(cls)[field].attribute)

    def run(scope: Scope) -> Result:
        holder = scope.get(name)
        if type(holder) is cls:
            value = read(holder)
            kind = type(value)
            if kind is Known:
                value = value.value
                kind = type(value)
            if kind in PLAIN and value is not None:
                return value
            if optional and kind is Absent:
                return NOTHING
        return general(scope)

    return run


def at_name(holder: Result, name: object, node: Node) -> Any:
    """Return the raw value at a field or key of any result."""
    match holder:
        case Object(fields, rest):
            found = fields.get(name) if isinstance(name, str) else None
            # Two missing names of one open object are two unknowns, whatever the symbol of the rest.
            return found if found is not None else NOTHING if rest is None else derived(rest)
        case dict():
            return holder.get(name, NOTHING)
        case Unknown():
            symbol = None if isinstance(holder.symbol, Fresh) else f"{holder.symbol}.{name}"
            return derived(holder, symbol=symbol)
        case CelError():
            return holder
    if holder is NOTHING:
        return NOTHING
    is_record = hasattr(type(holder), "__dataclass_fields__") and type(holder) not in PLAIN and not isinstance(holder, Range)
    field = fields_of(type(holder)).get(str(name)) if is_record else None
    if field is None:
        return CelError(f"no such field: {str(name)[:_SHORT]}", node)
    value = getattr(holder, field.attribute)
    return NOTHING if value is None else value


def at_index(holder: Result, index: Result, node: Node) -> Any:
    """Return the raw value at an index of a list, or a key of a map."""
    if isinstance(holder, CelError) or holder is NOTHING:
        return index if isinstance(index, Unknown) and holder is not NOTHING else holder
    if isinstance(holder, Unknown) or isinstance(index, Unknown):
        return _unknown_index(holder, index, node)
    if type(index) in HOLES:
        return index
    if isinstance(holder, (Object, dict)):
        return at_name(holder, index, node) if type(index) is str else CelError("a map is indexed with a string", node)
    if isinstance(holder, Members):
        why = uncertainty(holder)
        if why is not None:
            return derived(why)
        values = [member.value for member in holder.elements if member.presence is not Truth.FALSE]
    elif isinstance(holder, (list, tuple)):
        values = list(holder)
    else:
        return CelError("no such overload: _[_]", node)
    if type(index) is float and index.is_integer() and abs(index) < _LARGEST:
        index = int(index)
    if type(index) is not int:
        return CelError("a list is indexed with an int", node)
    if not 0 <= index < len(values):
        return NOTHING
    value = values[index]
    # Inside a list, null is a value like any other; absence is for fields and keys.
    return Known(None, value.origin) if isinstance(value, Absent) else value


def _unknown_index(holder: Result, index: Result, node: Node) -> Any:
    unknown = holder if isinstance(holder, Unknown) else index
    if not isinstance(holder, Unknown):
        found = outcomes(lambda key: _plain(at_index(holder, key, node)), (index,))
        if found is not None:
            return found[0] if len(found) == 1 else derived(unknown, found)
    if type(index) in (str, int) and not isinstance(unknown.symbol, Fresh):
        return derived(unknown, symbol=f"{unknown.symbol}[{index!r}]")
    return derived(unknown)


def _plain(raw: Any) -> Result:
    return NOTHING if isinstance(raw, Absent) else unwrapped(raw)


def finish(raw: Any, node: Node, optional: bool) -> Result:
    """Turn a raw value into a result: what was not given is NOTHING when optional, else an error."""
    kind = type(raw)
    if kind is Known:
        raw = raw.value
        kind = type(raw)
    if kind in PLAIN:
        return raw
    if kind is Absent or raw is NOTHING:
        return NOTHING if optional else CelError("no such field, key or index, or nothing is given there", node, True)
    return unwrapped(raw)


def presence(raw: Any) -> Result:
    """Return ``has`` of a raw value: an Unknown may turn out to be absent.

    Not so a sensitive one, which is there and not shown, nor a reference to what every resource has once it is made.
    """
    if isinstance(raw, Unknown):
        if (raw.reason is Reason.SENSITIVE and raw.root is None) or (raw.target is not None and raw.target.attribute in ("arn", "id")):
            return True
        return derived(raw, symbol=applied_symbol("has", raw))
    if isinstance(raw, CelError):
        return raw
    return not (raw is NOTHING or isinstance(raw, Absent))


def or_value(found: Result, default: Evaluator, scope: Scope) -> Result:
    """Return what an optional holds, else the default. A string with a known piece is certainly there."""
    if found is NOTHING:
        return default(scope)
    if not isinstance(found, Unknown) or (found.parts and known_length(found)):
        return found
    other = default(scope)
    if isinstance(other, Unknown) and other.symbol == found.symbol:
        return found
    symbol = None if isinstance(found.symbol, Fresh) or type(other) not in (str, int, bool, float) else f"{found.symbol}.orValue({other!r})"
    if not found.among or type(other) in HOLES:
        return derived(found, symbol=symbol)
    return derived(found, [*(each.value for each in found.among), other], symbol=symbol)
