"""Recurring rules and the exact largest gap between two consecutive runs.

Days are matched on the Gregorian calendar, instants in the rule's time zone; gaps are measured in absolute time: see
``gaps`` for how far ahead is looked, ``next_runs`` for daylight saving.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from drpolicy.model.cron import Cron, aws_cron, standard_cron
from drpolicy.model.durations import DAY, HOUR, MINUTE, Duration, format_duration, go_duration
from drpolicy.model.gaps import first_run, largest_gap, steady
from drpolicy.model.next_runs import ALWAYS_UTC, BEGINNING, EPOCH, LONGEST_GAP_YEARS, clock_of, next_run
from drpolicy.model.next_runs import Dialect as Dialect
from drpolicy.model.patterns import deferred
from drpolicy.model.records import dataclass

_LAST_YEAR = 9999 - LONGEST_GAP_YEARS - 2
_GO_LONGEST = 2**63 / 1e9
_DESCRIPTORS = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
_AWS_RULE = deferred(r"\s*(?:cron\((?P<cron>[^()]*)\)|rate\(\s*(?P<count>[0-9]{1,9})\s+(?P<unit>minute|hour|day)s?\s*\))\s*")
_AWS_UNITS = {"minute": MINUTE, "hour": HOUR, "day": DAY}


@dataclass(frozen=True, slots=True)
class Recurrence:
    """A recurring rule: ``text`` as written, and either an ``interval`` in whole seconds or a ``cron`` in an IANA ``zone``."""

    text: str
    dialect: Dialect
    zone: str
    interval: int | None = None
    cron: Cron | None = None


def parse_velero(text: str) -> Recurrence:
    """Parse ``Schedule.spec.schedule``. Raises ValueError with what is wrong and what to write.

    Without ``CRON_TZ=`` or ``TZ=`` the zone is that of Velero's container: UTC.
    """
    zone, rule = "UTC", text
    if text.startswith(("TZ=", "CRON_TZ=")):
        name, space, rule = text.partition("=")[2].partition(" ")
        if not space:
            raise ValueError(f"{text!r} has a time zone and no schedule; write 'CRON_TZ=Europe/Berlin 0 3 * * *'")
        # Go's time.LoadLocation: "" is UTC, "Local" the process' own zone.
        zone, rule = _known_zone("UTC" if name in ("", "Local") else name), rule.strip()
    return _standard(text, rule, "velero", zone)


def parse_kubernetes(text: str, zone: str | None = None) -> Recurrence:
    """Parse a CronJob's ``spec.schedule`` and ``spec.timeZone``. Raises ValueError with what is wrong and what to write.

    Without ``zone`` the controller manager's own applies, which is taken to be UTC. A zone inside the schedule is
    rejected, as Kubernetes does (CronJob concept page, "Unsupported TimeZone specification", 2026-11).
    """
    if "TZ" in text:
        raise ValueError(f"{text!r} names a time zone, which Kubernetes rejects; write spec.timeZone instead")
    if zone is not None and zone.lower() in ("", "local"):
        raise ValueError(f"time zone {zone!r} is not allowed; write an IANA name such as Europe/Berlin, or leave spec.timeZone out")
    return _standard(text, text, "kubernetes", "UTC" if zone is None else _known_zone(zone))


def parse_aws(text: str, zone: str = "UTC") -> Recurrence:
    """Parse ``cron(…)`` or ``rate(…)``. Raises ValueError with what is wrong and what to write."""
    match = _AWS_RULE.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not a schedule expression; write cron(0 5 * * ? *) or rate(12 hours)")
    known = _known_zone(zone)
    if match["count"] is None:
        return Recurrence(text, "aws", known, cron=aws_cron(match["cron"]))
    if int(match["count"]) == 0:
        raise ValueError(f"{text!r} has no length; write a positive number of minutes, hours or days")
    return Recurrence(text, "aws", known, interval=int(match["count"]) * _AWS_UNITS[match["unit"]])


def _standard(text: str, rule: str, dialect: Dialect, zone: str) -> Recurrence:
    if not rule:
        raise ValueError("the schedule is empty; write five fields such as '0 3 * * *'")
    if rule.startswith("@every "):
        seconds = go_duration(rule.removeprefix("@every ")).seconds
        if not abs(seconds) < _GO_LONGEST:
            raise ValueError(f"{rule!r} is longer than Go can count; write a Go duration such as 720h")
        # robfig's Every: less than a second becomes one second, fractions are cut off.
        return Recurrence(text, dialect, zone, interval=max(1, int(seconds)))
    if rule.startswith("@"):
        if rule not in _DESCRIPTORS:
            raise ValueError(f"{rule!r} is not known; write {', '.join(_DESCRIPTORS)} or @every with a Go duration such as 6h")
        rule = _DESCRIPTORS[rule]
    return Recurrence(text, dialect, zone, cron=standard_cron(rule))


def _known_zone(name: str) -> str:
    if name not in ALWAYS_UTC:
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            raise ValueError(f"time zone {name!r} is not known here; write an IANA name such as Europe/Berlin") from None
    return name


def worst_gap(recurrence: Recurrence) -> Duration:
    """Return the largest time between two consecutive runs in any year; UNBOUNDED when it never runs, or stops for good."""
    return Duration(_worst_seconds(recurrence))


def fires(recurrence: Recurrence) -> bool:
    """Whether it ever runs. 31 February does not."""
    cron = recurrence.cron
    return cron is None or first_run(recurrence.dialect, recurrence.zone, cron, days=-1) is not None


def next_after(recurrence: Recurrence, after: datetime) -> datetime | None:
    """Return the first run after an aware datetime, in UTC; ``None`` when there is none, and before 1900 and after 9950.

    An interval counts from ``after``. Raises ValueError for a datetime without a time zone.
    """
    if after.tzinfo is None:
        raise ValueError("the datetime has no time zone; write datetime(…, tzinfo=UTC)")
    if not 1900 <= after.year < _LAST_YEAR:
        return None
    moment = after.astimezone(UTC)
    if recurrence.cron is None:
        try:
            return moment.replace(microsecond=0) + timedelta(seconds=recurrence.interval or 0)
        except OverflowError:
            return None
    clock = clock_of(recurrence.zone, moment.year - 1, moment.year + LONGEST_GAP_YEARS)
    second = (moment.toordinal() - EPOCH) * DAY + moment.hour * HOUR + moment.minute * MINUTE + moment.second
    found = next_run(recurrence.dialect, recurrence.cron, clock, second)
    return None if found is None else BEGINNING + timedelta(minutes=found)


def describe(recurrence: Recurrence) -> str:
    """Return a few words for people: ``every 6h``, ``largest gap 3d``, ``never runs``, ``stops after 2030``."""
    worst = _worst_seconds(recurrence)
    cron = recurrence.cron
    if cron is not None and math.isinf(worst):
        return f"stops after {max(cron.years)}" if cron.years and fires(recurrence) else "never runs"
    return f"{'every' if cron is None or steady(recurrence.zone, cron) else 'largest gap'} {format_duration(worst)}"


def spoken(recurrence: Recurrence) -> str:
    """Return when it runs, for people: ``daily 03:00 Asia/Seoul``, ``every 12h``, or the rule as it is written with its zone."""
    cron = recurrence.cron
    if cron is None:
        return f"every {format_duration(recurrence.interval or 0)}"
    daily = cron.days is None and len(cron.months) == 12 and not cron.years
    if daily and len(cron.times) == 1:
        return f"daily {cron.times[0] // 60:02}:{cron.times[0] % 60:02} {recurrence.zone}"
    return f"{recurrence.text} {recurrence.zone}"


@lru_cache(maxsize=1024)
def _worst_seconds(recurrence: Recurrence) -> float:
    dialect, zone, cron = recurrence.dialect, recurrence.zone, recurrence.cron
    if cron is None:
        return float(recurrence.interval or 0)
    start = None if _ends(cron) else first_run(dialect, zone, cron, days=2)
    return math.inf if start is None else largest_gap(dialect, zone, cron, start) * MINUTE


def _ends(cron: Cron) -> bool:
    """Whether the years run out before the field does: 2024/2 goes on to the end of the field, 2026,2028 does not."""
    if not cron.years:
        return False
    *_, before, last = 0, 0, *sorted(cron.years)
    return last + (last - before) <= 2199 or len(cron.years) == 1
