"""Templates: strings with pieces that may be unknown."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from drpolicy.model.provenance import Derived, Written
from drpolicy.model.spans import Span
from drpolicy.model.values import Absent, Known, Members, Object, Unknown, Value
from drpolicy.terraform.access import pairs
from drpolicy.terraform.conversion import TEXT_LIMIT, text
from drpolicy.terraform.scope import STEP_LIMIT, Frame
from drpolicy.terraform.tree import Expression, Literal, Template, TemplateFor
from drpolicy.terraform.unknowns import EvaluationError, TooLarge, derived_unknown, first_unknown, origins, over_alternatives

PART_LIMIT = 500
"""Pieces of an unknown string that are kept. A longer one keeps none of its own in what it becomes part of."""

Evaluate: TypeAlias = Callable[[Expression, Frame], Value[Any]]


def evaluate_template(node: Template, frame: Frame, evaluate: Evaluate) -> Value[Any]:
    """Return the string; a quoted string that is one interpolation is that value itself, of whatever type."""
    if len(node.parts) == 1 and not isinstance(node.parts[0], TemplateFor):
        return evaluate(node.parts[0], frame)
    pieces = [evaluate(part, frame) for part in node.parts]
    return concatenated(pieces, frame.span(node.start, node.end), literal=all(isinstance(part, Literal) for part in node.parts))


def evaluate_template_for(node: TemplateFor, frame: Frame, evaluate: Evaluate) -> Value[Any]:
    """Return the text that a ``%{ for }`` directive gives."""
    span = frame.span(node.start, node.end)
    collection = evaluate(node.collection, frame)
    if isinstance(collection, Absent):
        raise EvaluationError("the collection is null")
    if isinstance(collection, Unknown) or not isinstance(collection.value, (Members, Object)):
        return derived_unknown(f"for at {span}", (collection,), span)
    inner = collection.value
    if inner.rest is not None or (isinstance(inner, Members) and not inner.certain):
        return derived_unknown(f"for at {span}", (collection,), span)
    pieces: list[Value[Any]] = []
    for key, value, _, _ in pairs(inner, collection.origin, span):
        if frame.scope.run.steps > STEP_LIMIT:
            raise TooLarge("more is repeated than is evaluated")
        names = {node.value: value} if node.key is None else {node.key: key, node.value: value}
        pieces.append(_body(node.body, frame.binding(names), evaluate))
    return concatenated(pieces, span)


def _body(node: Template, frame: Frame, evaluate: Evaluate) -> Value[Any]:
    return concatenated([evaluate(part, frame) for part in node.parts], frame.span(node.start, node.end))


def concatenated(pieces: Sequence[Value[Any]], span: Span, literal: bool = False) -> Value[Any]:
    """Return the pieces as one string; with unknown pieces, an Unknown that keeps the known ones as ``parts``."""
    parts: list[Known[str] | Unknown] = []
    length = 0
    for piece in pieces:
        match piece:
            case Absent():
                raise EvaluationError("null cannot be part of a string")
            case Unknown(parts=inner) if inner and len(inner) + len(parts) <= PART_LIMIT:
                parts += inner
            case Unknown():
                parts.append(piece)
            case Known(value) if isinstance(value, (Members, Object)):
                raise EvaluationError("only primitive values can be part of a string")
            case Known(value):
                written = text(value)
                length += len(written)
                if (
                    isinstance(piece.origin, Derived)
                    and piece.origin.how == "template"
                    and 0 < len(piece.origin.made_of) <= PART_LIMIT - len(parts)
                ):
                    parts += _known_parts(piece.origin)
                elif written:
                    parts.append(Known(written, piece.origin))
        if length > TEXT_LIMIT:
            raise TooLarge("the string is longer than is evaluated")
    unknown = first_unknown(parts)
    if unknown is None:
        computed = [piece for piece in pieces if not isinstance(piece.origin, Written) or piece.origin.span.source is not span.source]
        origin = Written(span) if literal or not computed else Derived("template", origins(pieces), span, tuple(parts))
        joined = "".join(part.value for part in parts if isinstance(part, Known))
        return Known(joined if joined.isascii() else unicodedata.normalize("NFC", joined), origin)
    refined = over_alternatives(lambda each: concatenated(each, span), pieces, "template", span)
    bare = derived_unknown("template", pieces, span)
    among = refined.among if isinstance(refined, Unknown) else ()
    return Unknown(unknown.reason, bare.symbol, Derived("template", origins(pieces), span), None, tuple(parts), among, unknown.cause)


def _known_parts(origin: Derived) -> list[Known[str]]:
    return [part for part in origin.made_of if isinstance(part, Known)]
