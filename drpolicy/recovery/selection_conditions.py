"""The ``condition`` blocks of an AWS Backup selection: all of them must hold.

Operators and their meaning: AWS Backup Developer Guide, API reference, ``Conditions``, 2026-11: exact or with ``*``, case
sensitive; the negated ones are said of resources "that you tagged". For a resource without that tag the pages do not decide.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from drpolicy.model.reasons import Reason
from drpolicy.model.resources import Resource
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Member, Members, Object, Unknown, Value, possible, same
from drpolicy.recovery.arns import glob
from drpolicy.recovery.conversions import converted
from drpolicy.recovery.tags import tag_of

_OPERATORS = {
    "string_equals": (False, False),
    "string_like": (True, False),
    "string_not_equals": (False, True),
    "string_not_like": (True, True),
}
"""Per block: whether ``*`` is a wildcard, and whether it is negated."""

_TAG = "aws:ResourceTag/"


def conditions_hold(blocks: Iterable[Member[Value[Any]]], resource: Resource) -> tuple[Truth, Unknown | None]:
    """Whether a resource meets every condition, and what keeps that from being known."""
    result, why = Truth.TRUE, None
    for truth, unknown in _outcomes(blocks, resource):
        if truth is Truth.FALSE:
            return Truth.FALSE, None
        if truth is Truth.UNKNOWN and why is None:
            result, why = Truth.UNKNOWN, unknown
    return result, why


def _outcomes(blocks: Iterable[Member[Value[Any]]], resource: Resource) -> Iterator[tuple[Truth, Unknown | None]]:
    for block in blocks:
        if not isinstance(block.value, Known) or not isinstance(block.value.value, Object):
            yield Truth.UNKNOWN, _why(block)
            continue
        for name, (wildcard, negated) in _OPERATORS.items():
            listed = block.value.value.get(name, block.value.origin)
            for member in _members(listed):
                truth, unknown = _one(member, resource, wildcard, negated)
                # A condition that may not be there narrows nothing for certain.
                uncertain = block.presence is Truth.UNKNOWN or member.presence is Truth.UNKNOWN
                if uncertain and truth is Truth.FALSE:
                    yield Truth.UNKNOWN, _why(member) or _why(block)
                else:
                    yield truth, unknown


def _members(listed: Value[Any]) -> Iterator[Member[Value[Any]]]:
    if isinstance(listed, Unknown):
        yield Member(listed, Truth.UNKNOWN, listed)
    elif isinstance(listed, Known) and isinstance(listed.value, Members):
        yield from (each for each in listed.value.elements if each.presence is not Truth.FALSE)
        if listed.value.rest is not None:
            yield Member(listed.value.rest, Truth.UNKNOWN, listed.value.rest)


def _one(member: Member[Value[Any]], resource: Resource, wildcard: bool, negated: bool) -> tuple[Truth, Unknown | None]:
    pair = member.value
    if not isinstance(pair, Known) or not isinstance(pair.value, Object):
        return Truth.UNKNOWN, _why(member)
    key, wanted = pair.value.get("key", pair.origin), converted(pair.value.get("value", pair.origin), str, "condition value")
    if isinstance(key, Unknown):
        return Truth.UNKNOWN, key
    if not isinstance(key, Known) or isinstance(wanted, Absent):
        return Truth.UNKNOWN, Unknown(Reason.AMBIGUOUS, f"condition of {resource.key} without key or value", pair.origin)
    name = str(key.value)
    if not name.startswith(_TAG):
        return Truth.UNKNOWN, Unknown(Reason.AMBIGUOUS, f"condition key {name} (not {_TAG}…)", key.origin)
    tag = tag_of(resource, name.removeprefix(_TAG), pair.origin)
    if isinstance(tag, Absent):
        if not negated:
            return Truth.FALSE, None
        return Truth.UNKNOWN, Unknown(Reason.AMBIGUOUS, f"{resource.key} has no tag {name.removeprefix(_TAG)}", key.origin)
    truth = _like(wanted, tag) if wildcard else same(tag, wanted)
    why = next((each for each in (tag, wanted) if isinstance(each, Unknown)), None) if truth is Truth.UNKNOWN else None
    return (~truth if negated else truth), why


def _like(pattern: Known[Any] | Unknown, tag: Known[Any] | Unknown) -> Truth:
    patterns, texts = possible(pattern), possible(tag)
    if patterns == ("*",):
        return Truth.TRUE
    if patterns is None or texts is None:
        return Truth.UNKNOWN
    found = {glob(str(one), str(other)) for one in patterns for other in texts}
    return Truth.of(found.pop()) if len(found) == 1 else Truth.UNKNOWN


def _why(member: Member[Value[Any]]) -> Unknown | None:
    return member.why or (member.value if isinstance(member.value, Unknown) else None)
