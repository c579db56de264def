"""``format``, ``formatlist`` and ``join``: strings put together, with unknown pieces kept as parts."""

from __future__ import annotations

import re
from typing import Any

from drpolicy.model.provenance import Derived
from drpolicy.model.values import Absent, Known, Member, Members, Object, Unknown, Value
from drpolicy.terraform.conversion import number, plain, text, whole
from drpolicy.terraform.functions.json_text import dumps
from drpolicy.terraform.functions.table import Function, Site, Values
from drpolicy.terraform.shapes import ListOf
from drpolicy.terraform.strings import concatenated
from drpolicy.terraform.unknowns import EvaluationError, TooLarge, derived_unknown, first_unknown, origins

_VERB = re.compile(r"%(?:(%)|([-+ 0#]*)(\d*)(?:\.(\d*))?(?:\[(\d+)\])?([a-zA-Z]))")


def _format(arguments: Values, site: Site) -> Value[Any]:
    first, values = arguments[0], arguments[1:]
    if isinstance(first, Absent):
        raise EvaluationError("the format is null")
    if isinstance(first, Unknown):
        return derived_unknown("format", arguments, site.span)
    template = text(first.value)
    pieces: list[Value[Any]] = []
    used, at, highest = 0, 0, 0
    for found in _VERB.finditer(template):
        pieces.append(_literal(template[at : found.start()], first))
        at = found.end()
        if found.group(1):
            pieces.append(_literal("%", first))
            continue
        position = int(found.group(5)) if found.group(5) else used + 1
        used = position
        highest = max(highest, position)
        if not 1 <= position <= len(values):
            raise EvaluationError("format has too few arguments")
        pieces.append(_piece(found, values[position - 1], site))
    pieces.append(_literal(template[at:], first))
    if "%" in _VERB.sub("", template):
        raise EvaluationError("the format has an unknown verb")
    if highest < len(values):
        raise EvaluationError("format has too many arguments")
    result = concatenated([piece for piece in pieces if not isinstance(piece, Known) or piece.value != ""], site.span)
    if isinstance(result, Known):
        return Known(result.value, Derived("format", origins(arguments), site.span))
    return result


def _literal(value: str, first: Known[Any]) -> Known[str]:
    return Known(value, first.origin)


def _piece(found: re.Match[str], value: Value[Any], site: Site) -> Value[Any]:
    flags, width, precision, verb = found.group(2), found.group(3), found.group(4), found.group(6)
    bare = not flags and not width and precision is None
    unknown = first_unknown([value])
    if unknown is not None:
        if isinstance(value, Unknown) and bare and verb in "sdv":
            return value
        return derived_unknown(f"format {found.group()}", [value], site.span, unknown)
    written = _written(verb, value, precision, flags)
    if len(width or "") > 4:
        raise TooLarge("the string is longer than is evaluated")
    if width:
        missing = int(width) - len(written)
        if "-" in flags:
            written += " " * missing
        elif "0" in flags:
            sign = written[:1] if written[:1] in ("-", "+") else ""
            written = sign + "0" * missing + written[len(sign) :]
        else:
            written = " " * missing + written
    return Known(written, value.origin)


def _written(verb: str, value: Value[Any], precision: str | None, flags: str) -> str:
    inner = value.value if isinstance(value, Known) else None
    match verb:
        case "v":
            if isinstance(inner, (Members, Object)) or inner is None or "#" in flags:
                return dumps(plain(value))
            return text(inner)
        case "s":
            if inner is None:
                raise EvaluationError("null cannot be formatted as a string")
            written = text(inner)
            return written if precision is None else written[: int(precision or 0)]
        case "q":
            return dumps(text(inner))
        case "t":
            if not isinstance(inner, bool):
                raise EvaluationError("a bool is required")
            return text(inner)
        case "d":
            return _signed(str(int(number(inner))), flags)
        case "x" | "X" | "o" | "b":
            return format(int(number(inner)), verb)
        case "f" | "e" | "g":
            if len(precision or "") > 3:
                raise TooLarge("the string is longer than is evaluated")
            spec = verb if precision is None and verb != "g" else f".{precision or 0}{verb}" if precision is not None else ""
            return _signed(format(float(number(inner)), spec) if spec else text(whole(number(inner))), flags)
        case _:
            raise EvaluationError(f"the format has an unknown verb %{verb}")


def _signed(written: str, flags: str) -> str:
    if written.startswith("-"):
        return written
    return "+" + written if "+" in flags else " " + written if " " in flags else written


def _formatlist(arguments: Values, site: Site) -> Value[Any]:
    lengths: set[int] = set()
    for argument in arguments[1:]:
        if isinstance(argument, Unknown):
            return derived_unknown("formatlist", arguments, site.span)
        if isinstance(argument, Known) and isinstance(argument.value, Members):
            if not argument.value.certain:
                return derived_unknown("formatlist", arguments, site.span)
            lengths.add(len(argument.value.elements))
    if len(lengths) > 1:
        raise EvaluationError("the lists of formatlist have different lengths")
    elements: list[Member[Value[Any]]] = []
    for at in range(lengths.pop() if lengths else 1):
        row = [one.value.elements[at].value if isinstance(one, Known) and isinstance(one.value, Members) else one for one in arguments[1:]]
        elements.append(Member(_format([arguments[0], *row], site)))
    return Known(ListOf(tuple(elements)), Derived("formatlist", origins(arguments), site.span))


def _join(arguments: Values, site: Site) -> Value[Any]:
    separator = arguments[0]
    items: list[Value[Any]] = []
    for argument in arguments[1:]:
        if isinstance(argument, Absent):
            raise EvaluationError("the list is null")
        if isinstance(argument, Unknown) or isinstance(separator, Unknown):
            return derived_unknown("join", arguments, site.span)
        if not isinstance(argument.value, Members):
            raise EvaluationError("join takes lists")
        if not argument.value.certain:
            return _uncertain_join(arguments, argument.value, site)
        items += [member.value for member in argument.value.elements]
    if isinstance(separator, (Absent, Unknown)):
        raise EvaluationError("the separator is null")
    pieces: list[Value[Any]] = []
    for item in items:
        pieces += [separator, item] if pieces else [item]
    result = concatenated(pieces, site.span)
    return Known(result.value, Derived("join", origins(arguments), site.span)) if isinstance(result, Known) else result


def _uncertain_join(arguments: Values, inner: Members[Value[Any]], site: Site) -> Value[Any]:
    """``join("", aws_x.y[*].id)`` is the old way to say "the one, if there is one": the identity is kept."""
    unknown = derived_unknown("join", arguments, site.span)
    if len(arguments) == 2 and len(inner.elements) == 1 and isinstance(only := inner.elements[0].value, Unknown):
        return Unknown(unknown.reason, unknown.symbol, only.origin, only.target)
    return unknown


FORMATTING: dict[str, Function] = {
    "format": Function(_format, 1, None, "values"),
    "formatlist": Function(_formatlist, 1, None, "values"),
    "join": Function(_join, 2, None, "values"),
}
