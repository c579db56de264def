"""``format``, ``formatlist`` and ``join``: strings put together, with unknown pieces kept as parts."""

from __future__ import annotations

import re
from typing import Any

from drpolicy.model.patterns import deferred
from drpolicy.model.provenance import Derived
from drpolicy.model.records import replace
from drpolicy.model.values import Absent, Known, Member, Members, Unknown, Value
from drpolicy.terraform.conversion import text
from drpolicy.terraform.functions.table import Function, Site, Values
from drpolicy.terraform.functions.verbs import Verb, formatted
from drpolicy.terraform.shapes import ListOf
from drpolicy.terraform.strings import concatenated
from drpolicy.terraform.unknowns import EvaluationError, TooLarge, derived_unknown, first_unknown, origins

_VERB = deferred(r"%(?:(%)|([-+ 0#]*)(\d*)(?:\.(\d*))?(?:\[(\d+)\])?([a-zA-Z]))")


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
    flags, width, precision, letter = found.group(2), found.group(3), found.group(4), found.group(6)
    bare = not flags and not width and precision is None
    unknown = first_unknown([value])
    if unknown is not None:
        if isinstance(value, Unknown) and bare and letter in "sdv":
            return value
        return derived_unknown(f"format {found.group()}", [value], site.span, unknown)
    if len(width) > 5 or len(precision or "") > 5:
        raise TooLarge("the string is longer than is evaluated")
    verb = Verb(flags, int(width) if width else None, None if precision is None else int(precision or 0), letter)
    return Known(formatted(verb, value), value.origin)


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
        return replace(unknown, origin=only.origin, target=only.target)
    return unknown


FORMATTING: dict[str, Function] = {
    "format": Function(_format, 1, None, "values"),
    "formatlist": Function(_formatlist, 1, None, "values"),
    "join": Function(_join, 2, None, "values"),
}
