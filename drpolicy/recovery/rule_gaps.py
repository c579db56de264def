"""How often a plan rule or a snapshot schedule runs: the interval, the proven worst case, and whether it recurs at all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from drpolicy.model.durations import MINUTE, UNBOUNDED, Duration
from drpolicy.model.provenance import Default, Derived, Provenance
from drpolicy.model.reasons import Reason
from drpolicy.model.records import dataclass, replace
from drpolicy.model.schedules import Recurrence, describe, fires, parse_aws, spoken, worst_gap
from drpolicy.model.values import Absent, Known, Object, Unknown, Value
from drpolicy.recovery.conversions import number_of
from drpolicy.recovery.logic import known

START_WINDOW = Default("start_window = 60 minutes", "hashicorp/aws, internal/service/backup/plan.go, default of start_window, 2026-11")
COMPLETION_WINDOW = Default(
    "completion_window = 180 minutes", "hashicorp/aws, internal/service/backup/plan.go, default of completion_window, 2026-11"
)
"""The provider sends these where nothing is written; AWS Backup's own apply to plans that it does not make."""
STANDARD = "cron(0 5 ? * * *)"
UNWRITTEN = Default(
    f"schedule = {STANDARD}",
    "AWS Backup API, BackupRuleInput, ScheduleExpression: what is used where none is given; hashicorp/aws issue 23976 shows it, 2026-11",
)
ZONE = "Etc/UTC"
"""The zone of a schedule where none is written (hashicorp/aws docs, aws_backup_plan, schedule_expression_timezone, 2026-11)."""


@dataclass(frozen=True, slots=True)
class Times:
    """What the schedule of a rule says."""

    gap: Value[Duration]
    """The scheduled interval."""
    worst: Value[Duration]
    """What is guaranteed."""
    scheduled: Value[bool]
    """Whether it recurs by itself."""
    expression: Value[str]
    """The schedule as it is written, or as it is by default; Absent where neither gives one."""
    valid: Value[bool]
    """Whether the expression can be read."""
    fires: Value[bool]
    """Whether it ever runs."""
    problem: str = ""
    """Why it never runs, to be put behind a name; empty where it does."""
    as_five_fields: Value[Duration] | None = None
    """The interval that its five fields have for whoever reads no seconds; ``None`` where what runs it reads none either."""
    words: str = ""
    """When it runs and what is guaranteed, for people; empty where that is not known."""


def rule_gaps(rule: Known[Object]) -> Times:
    """Return the times of an AWS Backup plan rule.

    Where no schedule is written AWS Backup takes its own: no rule of a plan is on demand. A recovery point is there at the latest
    when start window and completion window have passed after the scheduled time.
    """
    zone = rule.value.get("schedule_expression_timezone", rule.origin)
    schedule = rule.value.get("schedule", rule.origin)
    if isinstance(schedule, Absent) or (isinstance(schedule, Known) and schedule.value == ""):
        # An empty text is not sent either (hashicorp/aws, internal/service/backup/plan.go, 2026-11).
        schedule = Known(STANDARD, UNWRITTEN)
    times = cron_times(schedule, zone, rule.origin)
    windows = (
        ("start window", _minutes(rule, "start_window", START_WINDOW, 60)),
        ("completion window", _minutes(rule, "completion_window", COMPLETION_WINDOW, 180)),
    )
    return _with_windows(times, windows)


def cron_times(schedule: Value[Any], zone: Value[Any], header: Provenance) -> Times:
    """Return the times of an AWS schedule expression, with ``worst`` equal to the interval. What never fires is not scheduled."""
    nothing: Value[Duration] = Absent(header)
    match schedule:
        case Absent():
            no = known(False, "no schedule is written", header)
            return Times(nothing, nothing, no, Absent(header), no, no, ": it has no schedule")
        case Unknown():
            recurs = about(schedule, "whether it recurs:", lambda text: _outcome(text, ZONE)[1])
            gap: Value[Duration] = about(schedule, "interval of", lambda text: _outcome(text, ZONE)[0])
            valid = about(schedule, "whether it can be read:", lambda text: _readable(text, ZONE))
            return Times(gap, gap, recurs, schedule, valid, recurs)
        case Known(text):
            place = str(zone.value) if isinstance(zone, Known) else ZONE
            expression: Value[str] = Known(str(text), schedule.origin)
            try:
                recurrence = parse_aws(str(text), place)
            except ValueError as problem:
                invalid = Unknown(Reason.POLICY_ERROR, f"schedule {text!r}: {problem}", schedule.origin)
                no = known(False, f"{problem}", schedule.origin)
                return Times(invalid, invalid, no, expression, no, known(True, "it is not read", schedule.origin), f": {problem}")
            readable = Known(True, schedule.origin)
            if not fires(recurrence):
                no = known(False, f"{text} never runs", schedule.origin)
                return Times(nothing, nothing, no, expression, readable, no, ": no date matches it")
            runs = known(True, "it recurs by itself", schedule.origin)
            if isinstance(zone, Unknown):
                gap = about(zone, f"interval of {text} in")
                return Times(gap, gap, runs, expression, readable, runs)
            sources = (schedule.origin,) if isinstance(zone, Absent) else (schedule.origin, zone.origin)
            gap = Known(worst_gap(recurrence), Derived(f"{text} in {place}: {describe(recurrence)}", sources))
            return Times(gap, gap, runs, expression, readable, runs, words=spoken(recurrence))


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


def _readable(text: Any, zone: str) -> bool:
    try:
        parse_aws(str(text), zone)
    except ValueError:
        return False
    return True


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


def _with_windows(times: Times, windows: Sequence[tuple[str, Value[float]]]) -> Times:
    """Return the times with the windows in which a recovery point may start and be finished."""
    gap = times.gap
    if not isinstance(gap, Known):
        return times
    total, words = gap.value, times.words
    for name, window in windows:
        if isinstance(window, Unknown):
            return replace(times, worst=about(window, f"{gap.value} and"))
        if isinstance(window, Known):
            total += Duration(window.value * MINUTE)
            words = f"{words}, {name} {Duration(window.value * MINUTE)} → {total}"
    origins = (gap.origin, *(each.origin for _, each in windows))
    return replace(times, worst=Known(total, Derived(f"{words}: interval and windows", origins)), words=words)
