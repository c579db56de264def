"""Placeholders filled in: each placeholder in the texts of a document replaced by what it stands for, where that is given."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from drpolicy.model.provenance import Derived, Provenance, Written, written_at
from drpolicy.model.reasons import Reason
from drpolicy.model.records import replace
from drpolicy.model.values import Absent, Known, Member, Members, Object, Unknown, Value

Filling = Callable[[str, Provenance], Value[Any] | None]
"""What a placeholder (``${NAME}``, ``{{ .x }}``) stands for, given its text and its place; ``None`` when nothing says."""


def filled(value: Value[Any], filling: Filling) -> Value[Any]:
    """Return a value of a document with its placeholders filled in. Recursive: for values of documents, whose depth is bounded."""
    match value:
        case Unknown(reason=Reason.TEMPLATE_PLACEHOLDER):
            return _text(value, filling)
        case Known(value=Object() as inner):
            return Known(_object(inner, filling), value.origin)
        case Known(value=Members() as listing):
            elements = tuple(Member(filled(each.value, filling), each.presence, each.why) for each in listing.elements)
            return Known(Members(elements, listing.rest), value.origin)
        case _:
            return value


def _object(inner: Object, filling: Filling) -> Object:
    fields = {name: filled(each, filling) for name, each in inner.fields.items()}
    rest = inner.rest
    if rest is not None:
        # The key of a field is not known; what was read of it is only that it is there.
        again = filled(rest, filling)
        rest = again if isinstance(again, Unknown) else rest
    return replace(inner, fields=fields, rest=rest)


def _text(value: Unknown, filling: Filling) -> Value[Any]:
    span = written_at(value.origin)
    if not value.parts:
        symbol = value.symbol.removeprefix(f"{span.path}:") if span is not None else value.symbol
        found = filling(symbol, value.origin)
        return value if found is None else found
    return joined([part if isinstance(part, Known) else _text(part, filling) for part in value.parts], value)


def joined(pieces: list[Value[Any]], whole: Unknown) -> Value[Any]:
    """Return pieces as one text; Unknown with the pieces as its parts when one is not known. ``whole`` is what they replace."""
    if all(piece is part for piece, part in zip(pieces, whole.parts, strict=True)):
        return whole
    parts: list[Known[str] | Unknown] = []
    for piece in pieces:
        match piece:
            case Unknown(parts=inner) if inner:
                parts.extend(inner)
            case Unknown():
                parts.append(piece)
            case Known(value=bool() as flag):
                parts.append(Known("true" if flag else "false", piece.origin))
            case Known(value=Object() | Members()):
                return whole
            case Known(value=plain):
                parts.append(Known(str(plain), piece.origin))
            case Absent():
                continue
    unknown = next((part for part in parts if isinstance(part, Unknown)), None)
    if unknown is None:
        origin = Derived("its placeholders are filled in", (whole.origin, *(part.origin for part in parts)), None, tuple(parts))
        return Known("".join(part.value for part in parts if isinstance(part, Known)), origin)
    symbol = "".join(part.value if isinstance(part, Known) else part.symbol for part in parts)
    return Unknown(unknown.reason, symbol, whole.origin, None, tuple(parts), root=unknown.cause)


def by_name(table: Mapping[str, Value[Any]]) -> Filling:
    """Return the filling of ``${NAME}`` and ``${NAME:=default}`` as Flux has it (drone/envsubst, Kustomization docs, 2026-11)."""

    def fill(placeholder: str, origin: Provenance) -> Value[Any] | None:
        if not placeholder.startswith("${") or not placeholder.endswith("}"):
            return None
        name, separator, default = placeholder[2:-1].partition(":")
        found = table.get(name)
        if found is not None:
            return found
        if separator and default[:1] in {"=", "-"}:
            return Known(default[1:], Written(span)) if (span := written_at(origin)) is not None else None
        return None

    return fill
