"""Helm's values: layers of them merged, and single ones set by a path.

As Helm has it (helm.sh/docs, "Values Files" and "The Format and Limitations of --set", v3/v4, read 2026-11): mappings are merged, anything
else is replaced, and ``null`` takes a value away.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from drpolicy.model.provenance import Derived
from drpolicy.model.reasons import Reason
from drpolicy.model.records import replace
from drpolicy.model.values import Absent, Known, Member, Members, Object, Unknown, Value
from drpolicy.sources.documents import KeyedObject
from drpolicy.sources.yaml_scalars import parse_number

_INDEX_LIMIT = 1000
_STEP_LIMIT = 30


def merged(below: Value[Any], above: Value[Any]) -> Value[Any]:
    """Return two layers as one: what is given above counts. What lies below something that is not known is not known either."""
    match below, above:
        case _, Absent():
            return below
        case Known(value=Object() as under), Known(value=Object() as over):
            return Known(_merged_objects(under, over), Derived("merged values", (above.origin, below.origin)))
        case Unknown(), Known(value=Object() as over):
            # What the layer below gives beside the keys above is not known, at any depth.
            fields = {name: merged(_doubtful(name, below), value) for name, value in over.fields.items()}
            return Known(replace(over, fields=fields, rest=over.rest or below), above.origin)
        case _:
            return above


def _merged_objects(under: Object, over: Object) -> Object:
    fields = dict(under.fields)
    if over.rest is not None:
        # A key that is not known may be any of those below.
        unknown = over.rest
        fields = {name: _doubtful(name, unknown) for name in fields}
    for name, value in over.fields.items():
        if isinstance(value, Absent):
            fields[name] = value
        elif name in fields:
            fields[name] = merged(fields[name], value)
        elif under.rest is not None:
            fields[name] = merged(_doubtful(name, under.rest), value)
        else:
            fields[name] = value
    keys = {**_keys(under), **_keys(over)}
    rest = over.rest or under.rest
    return KeyedObject(fields, rest, {name: keys[name] for name in fields if name in keys})


def _doubtful(name: str, unknown: Unknown) -> Unknown:
    return Unknown(unknown.reason, f"{unknown.symbol}[{name}]", unknown.origin, root=unknown.cause)


def _keys(value: Object) -> dict[str, Any]:
    return dict(value.keys) if isinstance(value, KeyedObject) else {}


def layered(layers: Iterable[Value[Any]], otherwise: Value[Any]) -> Value[Any]:
    """Return layers as one, the last on top; ``otherwise`` when there is none."""
    result: Value[Any] | None = None
    for layer in layers:
        result = layer if result is None else merged(result, layer)
    return otherwise if result is None else result


def steps_of(path: str) -> list[str | int] | None:
    r"""Return the steps of a path such as ``a.b[0].c\\.d``; ``None`` for one that Helm refuses, or that is out of all proportion."""
    steps: list[str | int] = []
    name: list[str] = []
    at = 0
    while at < len(path):
        character = path[at]
        if character == "\\" and at + 1 < len(path):
            name.append(path[at + 1])
            at += 2
            continue
        if character == ".":
            if name:
                steps.append("".join(name))
                name = []
            at += 1
            continue
        if character == "[":
            close = path.find("]", at)
            digits = path[at + 1 : close] if close > 0 else ""
            if name:
                steps.append("".join(name))
                name = []
            if not digits.isdecimal() or not digits.isascii() or len(digits) > 4 or int(digits) > _INDEX_LIMIT:
                return None
            steps.append(int(digits))
            at = close + 1
            continue
        name.append(character)
        at += 1
    if name:
        steps.append("".join(name))
    return steps if steps and len(steps) <= _STEP_LIMIT and isinstance(steps[0], str) else None


def typed(value: Value[Any], *, as_string: bool = False) -> Value[Any]:
    """Return a value that is given as text with the type that ``--set`` gives it; ``--set-string`` keeps it a text."""
    if not isinstance(value, Known) or as_string or not isinstance(value.value, str):
        return value
    written = value.value
    match written:
        case "true" | "false":
            return Known(written == "true", value.origin)
        case "null":
            return Absent(value.origin)
    if written.startswith("{") and written.endswith("}"):
        items = [item.strip() for item in written[1:-1].split(",")] if written != "{}" else []
        return Known(Members(tuple(Member(typed(Known(item, value.origin))) for item in items)), value.origin)
    number = parse_number(written) if written[:1] != "0" or written == "0" else None
    return Known(number, value.origin) if isinstance(number, int) and not isinstance(number, bool) else value


def with_set(values: Value[Any], path: Value[Any], value: Value[Any]) -> Value[Any]:
    """Return values with one set by its path. A path that is not known may set anything."""
    if isinstance(path, Unknown):
        return path
    steps = steps_of(path.value) if isinstance(path, Known) and isinstance(path.value, str) else None
    return values if steps is None else _set(values, steps, value)


def _set(values: Value[Any], steps: list[str | int], value: Value[Any]) -> Value[Any]:
    if not steps:
        return value
    step, remaining = steps[0], steps[1:]
    if isinstance(values, Unknown):
        if isinstance(step, int):
            return values
        return Known(Object({step: _set(_doubtful(step, values), remaining, value)}, values), value.origin)
    if isinstance(step, int):
        listing = values.value if isinstance(values, Known) and isinstance(values.value, Members) else Members()
        if not listing.certain:
            return listing.rest or next((each.why for each in listing.elements if each.why is not None), None) or _lost(values)
        elements = [each.value for each in listing.elements]
        while len(elements) <= step:
            elements.append(Absent(value.origin))
        elements[step] = _set(elements[step], remaining, value)
        return Known(Members(tuple(Member(each) for each in elements)), values.origin if isinstance(values, Known) else value.origin)
    inner = values.value if isinstance(values, Known) and isinstance(values.value, Object) else KeyedObject({})
    below = inner.fields.get(step, Absent(value.origin))
    fields = {**inner.fields, step: _set(below, remaining, value)}
    return Known(replace(inner, fields=fields), values.origin if isinstance(values, Known) else value.origin)


def _lost(values: Value[Any]) -> Unknown:
    return Unknown(Reason.COUNT_NOT_KNOWN, "elements of a list that one is set in", values.origin)
