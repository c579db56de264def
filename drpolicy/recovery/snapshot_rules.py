"""One schedule of a Data Lifecycle Manager policy: how often it runs, and how long a snapshot is kept.

Sources: Amazon Data Lifecycle Manager API reference (``CreateRule``, ``RetainRule``, ``CrossRegionCopyRetainRule``), 2026-11.
"""

from __future__ import annotations

from drpolicy.model.durations import DAY, HOUR, Duration
from drpolicy.model.provenance import Derived, Provenance
from drpolicy.model.reasons import Reason
from drpolicy.model.records import replace
from drpolicy.model.values import Absent, Known, Object, Unknown, Value
from drpolicy.recovery.backup_selections import elements
from drpolicy.recovery.conversions import number_of
from drpolicy.recovery.logic import known
from drpolicy.recovery.rule_gaps import Times, about, cron_times

_UNITS = {"HOURS": HOUR, "DAYS": DAY, "WEEKS": 7 * DAY, "MONTHS": 28 * DAY, "YEARS": 365 * DAY}
"""Seconds at least."""


def times_of(schedule: Known[Object]) -> Times:
    """Return how often snapshots begin. Nothing bounds when they are complete, so there is no guaranteed worst case."""
    unbounded: Value[Duration] = Absent(schedule.origin)
    member = next(elements(schedule.value.get("create_rule", schedule.origin)), None)
    if member is None:
        return _never("a schedule without a rule never runs", schedule.origin)
    rule = member.value
    if not isinstance(rule, Known) or not isinstance(rule.value, Object):
        why = member.why or (rule if isinstance(rule, Unknown) else _no_rule(schedule.origin))
        unsure = about(why, "whether it recurs:")
        return Times(about(why, "interval of"), unbounded, unsure, about(why, "schedule in"), unsure, unsure)
    cron = rule.value.get("cron_expression", rule.origin)
    if not isinstance(cron, Absent):
        return replace(cron_times(cron, Absent(rule.origin), rule.origin), worst=unbounded)
    every = rule.value.get("interval", rule.origin)
    hours = number_of(every)
    if hours is not None and hours > 0:
        # Hours are the only unit of a creation rule (API reference, CreateRule, IntervalUnit, 2026-11).
        length = Duration(hours * HOUR)
        recurs = known(True, "it recurs by itself", every.origin)
        words = f"every {length}"
        return Times(Known(length, every.origin), unbounded, recurs, Known(words, every.origin), recurs, recurs, words=words)
    if isinstance(every, Unknown):
        interval = about(every, "hours", lambda value: Duration(value * HOUR) if isinstance(value, (int, float)) else None)
        recurs = known(True, "an interval is written", every.origin)
        return Times(interval, unbounded, recurs, about(every, "every so many hours:"), recurs, recurs)
    return _never("neither an interval nor a cron expression is written", rule.origin)


def _never(why: str, origin: Provenance) -> Times:
    never, nothing = known(False, why, origin), Absent(origin)
    return Times(nothing, nothing, never, nothing, never, never, f": {why}")


def _no_rule(origin: Provenance) -> Unknown:
    return Unknown(Reason.COUNT_NOT_KNOWN, "create_rule", origin)


def expires_of(settings: Known[Object], retention: Value[Duration]) -> Value[Duration]:
    """Return the age at which a snapshot is deleted: none where snapshots are counted, or are archived at that age."""
    rule = next(elements(settings.value.get("retain_rule", settings.origin)), None)
    counted = (
        rule is not None
        and isinstance(rule.value, Known)
        and isinstance(rule.value.value, Object)
        and not isinstance(rule.value.value.get("count", rule.value.origin), Absent)
    )
    archived = any(True for _ in elements(settings.value.get("archive_rule", settings.origin)))
    return Absent(retention.origin) if counted or archived else retention


def retention_of(settings: Known[Object], times: Times) -> Value[Duration]:
    """Return how long a snapshot is kept at least: an age, or a number of snapshots at the interval of the schedule."""
    member = next(elements(settings.value.get("retain_rule", settings.origin)), None)
    if member is None:
        return Absent(settings.origin)
    rule = member.value
    if not isinstance(rule, Known) or not isinstance(rule.value, Object):
        return about(member.why or _no_rule(settings.origin), "retention in")
    count, age = rule.value.get("count", rule.origin), rule.value.get("interval", rule.origin)
    number = number_of(count)
    if number is not None and isinstance(times.gap, Known):
        return Known(
            Duration(number * times.gap.value.seconds), Derived("snapshots kept at the interval", (count.origin, times.gap.origin))
        )
    unit, kept = rule.value.get("interval_unit", rule.origin), number_of(age)
    if kept is not None and isinstance(unit, Known) and unit.value in _UNITS:
        return Known(Duration(kept * _UNITS[unit.value]), age.origin)
    unknown = next((each for each in (count, age, unit, times.gap) if isinstance(each, Unknown)), None)
    return Absent(rule.origin) if unknown is None else about(unknown, "retention by")
