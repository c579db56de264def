"""What the lifecycle rules of a bucket do with current objects, written as a resource of its own or on the bucket.

``aws_s3_bucket_lifecycle_configuration`` and ``lifecycle_rule`` of ``aws_s3_bucket``: hashicorp/aws docs, 2026-11. What a rule does with
earlier versions, delete markers and unfinished uploads takes nothing away that can be read, and is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from drpolicy.kubernetes.navigation import inside, strings
from drpolicy.model.provenance import Provenance
from drpolicy.model.reasons import Reason
from drpolicy.model.records import dataclass
from drpolicy.model.resources import Resource
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Members, Object, Unknown, Value
from drpolicy.recovery.conversions import converted, number_of
from drpolicy.recovery.links import Links
from drpolicy.recovery.logic import known
from drpolicy.recovery.velero_targets import absence_of

LIFECYCLE: Final = "aws_s3_bucket_lifecycle_configuration"
_TAGS: Final = ("tag", "tags")
_SIZES: Final = ("object_size_greater_than", "object_size_less_than")


@dataclass(frozen=True, slots=True, eq=False)
class Action:
    """What happens to a current object: it is deleted, or moved to ``storage_class``, that many days after it was made."""

    storage_class: Value[str]
    """Absent where it is deleted."""
    days: Value[float]


@dataclass(frozen=True, slots=True, eq=False)
class LifecycleRule:
    """One rule; ``doubt`` says why it may not be there, or may not be for this bucket."""

    name: str
    enabled: Value[bool]
    prefix: Value[str]
    """The beginning of the keys that it takes; empty for all of them."""
    tagged: bool
    """Whether it takes only objects with some tag."""
    sized: Unknown | None
    """Why it may leave an object out for its size."""
    actions: tuple[Action, ...]
    origin: Provenance
    doubt: Unknown | None


def lifecycle_rules(bucket: Resource, links: Links) -> Iterator[LifecycleRule]:
    """Yield the rules of a bucket, also those that may be, in the order in which they are written."""
    written = bucket.get("lifecycle_rule")
    # The provider fills in what another resource says.
    if not (isinstance(written, Unknown) and written.reason is Reason.COMPUTED):
        yield from _rules(written, bucket.address, None)
    for each in links.of_type(LIFECYCLE):
        resolution = links.resolve(each.get("bucket"), ("aws_s3_bucket",), each)
        if resolution.unknown is not None and each.deployment == bucket.deployment:
            yield from _rules(each.get("rule"), each.address, resolution.unknown)
        for match in resolution.matches:
            if match.value.key == bucket.key:
                unsure = match.presence is Truth.UNKNOWN or each.presence is Truth.UNKNOWN
                yield from _rules(each.get("rule"), each.address, (match.why or absence_of(each)) if unsure else None)


def _rules(written: Value[Any], address: str, doubt: Unknown | None) -> Iterator[LifecycleRule]:
    for index, (rule, why) in enumerate(_blocks(written)):
        name = strings(inside(rule, "id"))
        which = f"rule {name.value}" if isinstance(name, Known) and name.value else f"rule[{index}]"
        filters = [each for each, _ in _blocks(inside(rule, "filter"))]
        both = [inner for each in filters for inner, _ in _blocks(inside(each, "and"))]
        places = [rule, *filters, *both]
        actions = (*_expirations(rule), *_transitions(rule))
        yield LifecycleRule(
            f"{which} of {address}",
            _enabled(rule),
            _prefix(places),
            any(not _empty(inside(each, tag)) for each in places for tag in _TAGS),
            _sized(places, f"{which} of {address}"),
            actions,
            rule.origin,
            doubt or why,
        )


def _blocks(value: Value[Any]) -> Iterator[tuple[Value[Any], Unknown | None]]:
    """Yield the blocks of a name with why each may not be there; what is not known of them is one that may be anything."""
    match value:
        case Unknown():
            yield value, value
        case Known(value=Members() as listing):
            for member in listing.elements:
                if member.presence is not Truth.FALSE and not isinstance(member.value, Absent):
                    yield member.value, member.why if member.presence is Truth.UNKNOWN else None
            if listing.rest is not None:
                yield listing.rest, listing.rest
        case Known(value=Object()):
            yield value, None
        case _:
            return


def _enabled(rule: Value[Any]) -> Value[bool]:
    status = strings(inside(rule, "status"))
    if isinstance(status, Absent):
        return converted(inside(rule, "enabled"), bool, "enabled")
    return status if isinstance(status, Unknown) else known(status.value == "Enabled", f"status is {status.value}", status.origin)


def _prefix(places: list[Value[Any]]) -> Value[str]:
    found = [strings(inside(each, "prefix")) for each in places]
    written = next((each for each in found if isinstance(each, Known) and each.value != ""), None)
    unknown = next((each for each in found if isinstance(each, Unknown)), None)
    return written or unknown or Known("", places[0].origin)


def _empty(value: Value[Any]) -> bool:
    match value:
        case Known(value=Members() as listing):
            return not listing.elements and listing.rest is None
        case Known(value=Object() as inner):
            return not inner.fields and inner.rest is None
        case _:
            return isinstance(value, Absent)


def _sized(places: list[Value[Any]], name: str) -> Unknown | None:
    for each in places:
        for bound in _SIZES:
            value = inside(each, bound)
            if isinstance(value, Unknown):
                return value
            if isinstance(value, Known) and number_of(value) != 0:
                return Unknown(Reason.OUTSIDE_SCOPE, f"which objects are of the size that {name} asks for", value.origin)
    return None


def _expirations(rule: Value[Any]) -> Iterator[Action]:
    for block, why in _blocks(inside(rule, "expiration")):
        days = _days(block, "deleted")
        # Without days and date it is about delete markers.
        if why is not None or not isinstance(days, Absent):
            yield Action(Absent(block.origin), why or days)


def _transitions(rule: Value[Any]) -> Iterator[Action]:
    for block, why in _blocks(inside(rule, "transition")):
        days = _days(block, "moved")
        # Without days and date it is done at once (hashicorp/aws docs, aws_s3_bucket_lifecycle_configuration, transition, 2026-11).
        at_once: Value[float] = Known(0, block.origin)
        yield Action(strings(inside(block, "storage_class")), why or (at_once if isinstance(days, Absent) else days))


def _days(block: Value[Any], what: str) -> Value[float]:
    """Return the days of an action; Absent where neither days nor a date are given. What a date leaves is not known."""
    days, date = inside(block, "days"), strings(inside(block, "date"))
    number = number_of(days)
    if number is not None and number > 0:
        return Known(number, days.origin)
    if isinstance(days, Unknown):
        return days
    if isinstance(date, Known) and date.value:
        return Unknown(Reason.OUTSIDE_SCOPE, f"what is still needed of what is {what} on {date.value}", date.origin)
    return date if isinstance(date, Unknown) else Absent(block.origin)
