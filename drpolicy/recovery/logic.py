"""Three-valued reasoning on Values that keeps where its answer comes from."""

from __future__ import annotations

from collections.abc import Sequence

from drpolicy.model.provenance import Derived, Provenance
from drpolicy.model.reasons import Reason
from drpolicy.model.records import replace
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Unknown, Value, same


def truth_of(value: Value[bool]) -> Truth:
    """Return the truth of a boolean value; Absent counts as FALSE."""
    match value:
        case Known(inner):
            return Truth.of(bool(inner))
        case Absent():
            return Truth.FALSE
        case Unknown():
            possible = {bool(each.value) for each in value.among}
            return Truth.of(possible.pop()) if len(possible) == 1 else Truth.UNKNOWN


def all_of(how: str, values: Sequence[Value[bool]]) -> Value[bool]:
    """Conjunction. The origin is that of the first FALSE, else of the first Unknown, else of all."""
    truths = [truth_of(value) for value in values]
    if Truth.FALSE in truths:
        return Known(False, values[truths.index(Truth.FALSE)].origin)
    if Truth.UNKNOWN in truths:
        return _unknown(values[truths.index(Truth.UNKNOWN)])
    return Known(True, Derived(how, tuple(value.origin for value in values)))


def any_of(how: str, values: Sequence[Value[bool]]) -> Value[bool]:
    """Disjunction. The origin is that of the first TRUE, else of the first Unknown, else of all."""
    truths = [truth_of(value) for value in values]
    if Truth.TRUE in truths:
        return Known(True, values[truths.index(Truth.TRUE)].origin)
    if Truth.UNKNOWN in truths:
        return _unknown(values[truths.index(Truth.UNKNOWN)])
    return Known(False, Derived(how, tuple(value.origin for value in values)))


def negated(value: Value[bool]) -> Value[bool]:
    """Negation; Absent counts as FALSE."""
    match truth_of(value):
        case Truth.TRUE:
            return Known(False, value.origin)
        case Truth.FALSE:
            return Known(True, value.origin)
        case Truth.UNKNOWN:
            return _unknown(value)


def equal(how: str, left: Value[str], right: Value[str]) -> Value[bool]:
    """Whether two values are equal, by value or by symbol."""
    match same(left, right):
        case Truth.TRUE:
            return Known(True, Derived(how, (left.origin, right.origin)))
        case Truth.FALSE:
            return Known(False, Derived(how, (left.origin, right.origin)))
        case Truth.UNKNOWN:
            unknown = _unknown(left if isinstance(left, Unknown) else right)
            # What the text can be says nothing of whether the two are equal.
            return replace(unknown, among=(), parts=(), root=unknown.cause)


def because(value: Value[bool], when_false: str) -> Value[bool]:
    """Return the value with words for why it is FALSE, in front of where that comes from."""
    if isinstance(value, Known) and not value.value:
        return Known(False, Derived(when_false, (value.origin,)))
    return value


def known(value: bool, how: str, *origins: Provenance) -> Known[bool]:
    """Return a boolean that follows from other places."""
    return Known(value, Derived(how, origins))


def from_truth(truth: Truth, how: str, origins: Sequence[Provenance], why: Unknown | None) -> Value[bool]:
    """Turn a Truth into a Value; ``why`` explains UNKNOWN."""
    if truth is Truth.UNKNOWN:
        return why if why is not None else Unknown(Reason.OUTSIDE_SCOPE, how, Derived(how, tuple(origins)))
    return Known(truth is Truth.TRUE, Derived(how, tuple(origins)))


def _unknown(value: Value[object]) -> Unknown:
    if isinstance(value, Unknown):
        return value
    return Unknown(Reason.OUTSIDE_SCOPE, "not known", value.origin)


def aspect_of(what: str, unknown: Unknown) -> Unknown:
    """Return the Unknown for what depends on an unknown name, such as the region of a bucket.

    The name's text, target and possible values say nothing about it, so they do not carry over.
    """
    return Unknown(unknown.reason, f"{what} of {unknown.symbol}", unknown.origin, root=unknown.cause)
