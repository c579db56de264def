"""How often a plan rule or a snapshot schedule runs: the interval, the proven worst case, and whether it recurs at all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from drpolicy.model.durations import MINUTE, UNBOUNDED, Duration
from drpolicy.model.provenance import Default, Derived, Provenance
from drpolicy.model.reasons import Reason
from drpolicy.model.records import dataclass, replace
from drpolicy.model.schedules import Recurrence, fires, parse_aws, worst_gap
from drpolicy.model.values import Absent, Known, Object, Unknown, Value
from drpolicy.recovery.conversions import number_of
from drpolicy.recovery.logic import known

START_WINDOW = Default("start_window = 480 minutes", "AWS Backup Developer Guide, backup plan options: start window 8 hours, 2026-11")
COMPLETION_WINDOW = Default(
    "completion_window = 10080 minutes", "AWS Backup Developer Guide, backup plan options: completion window 7 days, 2026-11"
)
ON_DEMAND = "a rule without a schedule runs on demand only"


@dataclass(frozen=True, slots=True)
class Times:
    """``gap`` is the scheduled interval, ``worst`` what is guaranteed, ``scheduled`` whether it recurs by itself."""

    gap: Value[Duration]
    worst: Value[Duration]
    scheduled: Value[bool]


def rule_gaps(rule: Known[Object]) -> Times:
    """Return the times of an AWS Backup plan rule.

    Without a schedule a rule runs on demand only (hashicorp/aws docs, aws_backup_plan, schedule, 2026-11). A recovery point
    is there at the latest when start window and completion window have passed after the scheduled time.
    """
    zone = rule.value.get("schedule_expression_timezone", rule.origin)
    times = cron_times(rule.value.get("schedule", rule.origin), zone, rule.origin)
    start, completion = _minutes(rule, "start_window", START_WINDOW, 480), _minutes(rule, "completion_window", COMPLETION_WINDOW, 10080)
    return replace(times, worst=_later(times.gap, start, completion))


def cron_times(schedule: Value[Any], zone: Value[Any], header: Provenance) -> Times:
    """Return the times of an AWS schedule expression, with ``worst`` equal to the interval. What never fires is not scheduled."""
    nothing: Value[Duration] = Absent(header)
    match schedule:
        case Absent():
            return Times(nothing, nothing, known(False, ON_DEMAND, header))
        case Unknown():
            recurs = about(schedule, "whether it recurs:", lambda text: _outcome(text, "Etc/UTC")[1])
            gap: Value[Duration] = about(schedule, "interval of", lambda text: _outcome(text, "Etc/UTC")[0])
            return Times(gap, gap, recurs)
        case Known(text):
            place = str(zone.value) if isinstance(zone, Known) else "Etc/UTC"
            try:
                recurrence = parse_aws(str(text), place)
            except ValueError as problem:
                invalid = Unknown(Reason.POLICY_ERROR, f"schedule {text!r}: {problem}", schedule.origin)
                return Times(invalid, invalid, known(False, f"{problem}", schedule.origin))
            if not fires(recurrence):
                return Times(nothing, nothing, known(False, f"{text} never runs", schedule.origin))
            gap = about(zone, f"interval of {text} in") if isinstance(zone, Unknown) else Known(worst_gap(recurrence), schedule.origin)
            return Times(gap, gap, known(True, "it recurs by itself", schedule.origin))


def about(unknown: Unknown, what: str, settled: Callable[[Any], Any] | None = None) -> Unknown:
    """Return what follows from an Unknown, under a symbol of its own: another type must not be taken for the same value.

    ``settled`` computes it for one of the values that it can be, and returns ``None`` when it cannot.
    """
    options = tuple(settled(each.value) for each in unknown.among) if settled is not None else ()
    among = tuple(Known(option, each.origin) for option, each in zip(options, unknown.among, strict=False) if option is not None)
    return Unknown(
        unknown.reason,
        f"{what} {unknown.symbol}",
        unknown.origin,
        among=among if len(among) == len(unknown.among) else (),
        root=unknown.cause,
    )


def _outcome(text: Any, zone: str) -> tuple[Duration | None, bool]:
    try:
        recurrence: Recurrence = parse_aws(str(text), zone)
    except ValueError:
        return None, False
    return (worst_gap(recurrence), True) if fires(recurrence) else (UNBOUNDED, False)


def _minutes(rule: Known[Object], attribute: str, default: Default, standard: int) -> Value[float]:
    value = rule.value.get(attribute, rule.origin)
    if isinstance(value, Absent):
        return Known(standard, default)
    number = number_of(value)
    if number is not None:
        return Known(number, value.origin)
    if isinstance(value, Unknown):
        return about(value, f"{attribute} =")
    return Unknown(Reason.FUNCTION_NOT_EVALUATED, f"{attribute} is not a number of minutes", value.origin)


def _later(gap: Value[Duration], *windows: Value[float]) -> Value[Duration]:
    """Return the interval with the windows in which a recovery point may start and be finished."""
    if not isinstance(gap, Known):
        return gap
    total = gap.value
    for window in windows:
        if isinstance(window, Unknown):
            return about(window, f"{gap.value} and")
        if isinstance(window, Known):
            total += Duration(window.value * MINUTE)
    return Known(total, Derived("interval and windows", (gap.origin, *(each.origin for each in windows))))
