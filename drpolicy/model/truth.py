"""Three-valued truth: Kleene's strong logic of indeterminacy.

UNKNOWN means "cannot be decided from what was read", never "false" and never "absent".
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum


class Truth(Enum):
    """TRUE, FALSE or UNKNOWN. Deliberately without ``__bool__`` coercion: ask ``is Truth.TRUE``."""

    TRUE = "true"
    FALSE = "false"
    UNKNOWN = "unknown"

    def __bool__(self) -> bool:
        raise TypeError("a Truth has three values; compare it with 'is'")

    def __and__(self, other: Truth) -> Truth:
        if self is Truth.FALSE or other is Truth.FALSE:
            return Truth.FALSE
        if self is Truth.UNKNOWN or other is Truth.UNKNOWN:
            return Truth.UNKNOWN
        return Truth.TRUE

    def __or__(self, other: Truth) -> Truth:
        return ~(~self & ~other)

    def __invert__(self) -> Truth:
        match self:
            case Truth.TRUE:
                return Truth.FALSE
            case Truth.FALSE:
                return Truth.TRUE
            case Truth.UNKNOWN:
                return Truth.UNKNOWN

    @staticmethod
    def of(value: bool | None) -> Truth:
        """Return the truth of a Python boolean; ``None`` is UNKNOWN."""
        if value is None:
            return Truth.UNKNOWN
        return Truth.TRUE if value else Truth.FALSE


def every(truths: Iterable[Truth]) -> Truth:
    """Conjunction; TRUE for nothing. Stops at the first FALSE."""
    result = Truth.TRUE
    for truth in truths:
        result = result & truth
        if result is Truth.FALSE:
            break
    return result


def some(truths: Iterable[Truth]) -> Truth:
    """Disjunction; FALSE for nothing. Stops at the first TRUE."""
    result = Truth.FALSE
    for truth in truths:
        result = result | truth
        if result is Truth.TRUE:
            break
    return result
