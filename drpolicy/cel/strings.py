"""Strings of which only pieces are known: what the pieces decide.

Only what holds for every text in place of the unknown pieces is decided.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from drpolicy.cel.results import MEMBERSHIP, Fresh, derived
from drpolicy.model.values import Known, Unknown

Pieces: TypeAlias = list[str | Unknown]
_MOST = 256
"""How many pieces of a string are looked at; a string of more is taken as wholly unknown."""


def pieces(value: str | Unknown) -> Pieces:
    """Return the pieces in order, nested ones flattened and neighbouring texts joined."""
    found: Pieces = []
    waiting: list[Any] = [value]
    while waiting:
        piece = waiting.pop()
        if isinstance(piece, Known):
            # A number's text depends on who writes it, so only text is a known piece.
            piece = piece.value if isinstance(piece.value, str) else derived(value if isinstance(value, Unknown) else MEMBERSHIP)
        if isinstance(piece, Unknown) and piece.parts and len(piece.parts) <= _MOST and len(found) < _MOST:
            waiting.extend(reversed(piece.parts))
        elif isinstance(piece, str) and found and isinstance(found[-1], str):
            found[-1] += piece
        elif piece != "" or isinstance(piece, Unknown):
            found.append(piece)
    return found


def _prefix(found: Pieces) -> str:
    return found[0] if found and isinstance(found[0], str) else ""


def _suffix(found: Pieces) -> str:
    return found[-1] if found and isinstance(found[-1], str) else ""


def known_length(value: Unknown) -> int:
    """Return how many characters a string certainly has."""
    return sum(len(piece) for piece in pieces(value) if isinstance(piece, str))


def equal_pieces(left: str | Unknown, right: str | Unknown) -> bool | None:
    """Whether two strings are equal, or ``None`` when the pieces do not say."""
    ours, theirs = pieces(left), pieces(right)
    while ours and theirs and _identical(ours[0], theirs[0]):
        del ours[0], theirs[0]
    while ours and theirs and _identical(ours[-1], theirs[-1]):
        del ours[-1], theirs[-1]
    if not ours and not theirs:
        return True
    if _apart(_prefix(ours), _prefix(theirs)) or _apart(_suffix(ours)[::-1], _suffix(theirs)[::-1]):
        return False
    for text, other in ((ours, theirs), (theirs, ours)):
        if all(isinstance(piece, str) for piece in text) and not _holds("".join(map(str, text)), other):
            return False
    return None


def _identical(left: str | Unknown, right: str | Unknown) -> bool:
    if isinstance(left, Unknown) and isinstance(right, Unknown):
        return left.symbol == right.symbol
    return isinstance(left, str) and isinstance(right, str) and left == right


def _apart(left: str, right: str) -> bool:
    shorter = min(len(left), len(right))
    return left[:shorter] != right[:shorter]


def _holds(text: str, found: Pieces) -> bool:
    """Whether a text can be the pieces: its own ends, and the rest in order between them."""
    known = [piece for piece in found if isinstance(piece, str)]
    if len(known) == len(found):
        return text == "".join(known)
    if sum(map(len, known)) > len(text):
        return False
    at = 0
    for piece in known:
        at = text.find(piece, at)
        if at < 0:
            return False
        at += len(piece)
    return True


def starts_with(value: Unknown, start: str) -> bool | None:
    """Whether a string starts with a text, or ``None`` when the pieces do not say."""
    prefix = _prefix(pieces(value))
    if prefix.startswith(start):
        return True
    return False if not start.startswith(prefix) else None


def ends_with(value: Unknown, end: str) -> bool | None:
    """Whether a string ends with a text, or ``None`` when the pieces do not say."""
    suffix = _suffix(pieces(value))
    if suffix.endswith(end):
        return True
    return False if not end.endswith(suffix) else None


def contains(value: Unknown, inner: str) -> bool | None:
    """Whether a string contains a text: TRUE or ``None``, because an unknown piece may hold anything."""
    return True if any(isinstance(piece, str) and inner in piece for piece in pieces(value)) else None


def same_symbol(left: Unknown, right: Unknown) -> bool:
    """Whether two unknowns stand for the same value."""
    return left is right or (not isinstance(left.symbol, Fresh) and left.symbol == right.symbol)
