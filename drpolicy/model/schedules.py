"""Recurring rules and the exact largest gap between two consecutive runs.

Days are matched on the Gregorian calendar, instants in the rule's time zone; gaps are measured in absolute time.

Horizon: weekday and leap-day patterns repeat every 28 years outside century turns, and so do daylight-saving rules,
which name a weekday of a month. A rule that matches in every year has no gap wider than three years, and every
sequence of three kinds of year occurs within 28. Any other rule is followed through a whole Gregorian cycle of 400
years and the longest gap beyond (five Thursdays in February: 40 years). Transitions that the time-zone database lists
date by date (Morocco, to 2087) are followed within the same years. Transitions before the horizon do not count.

Daylight saving, from robfig/cron v3.0.1 ``spec.go``, whose ``Next`` is followed step by step: a run whose local time does
not exist is skipped; one whose local time occurs twice runs twice. Where a transition removes midnight east of
Greenwich (Cairo, Beirut) a rule for that day alone loses the whole day, and a shift of half an hour (Lord Howe) loses the
next run at a full hour. AWS (EventBridge Scheduler user guide, "Daylight saving time", 2026-11): skipped, and once.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Literal
from zoneinfo import ZoneInfo

from drpolicy.model.cron import Cron, aws_cron, calendar, standard_cron
from drpolicy.model.durations import DAY, HOUR, MINUTE, Duration, format_duration, go_duration

Dialect = Literal["velero", "kubernetes", "aws"]

_MINUTES = 1440
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH = _BEGINNING.toordinal()
_FIRST_YEAR = 2025
# How many years hold every pattern, and how many more the longest gap from there needs.
_USUAL, _SPARSE = (28, 3), (400, 44)
_LONGEST_GAP_YEARS = 44
_LAST_YEAR = 9999 - _LONGEST_GAP_YEARS - 2
_ALWAYS_UTC = frozenset({"UTC", "Etc/UTC"})
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
_AWS_RULE = re.compile(r"\s*(?:cron\((?P<cron>[^()]*)\)|rate\(\s*(?P<count>[0-9]{1,9})\s+(?P<unit>minute|hour|day)s?\s*\))\s*")
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
    if name not in _ALWAYS_UTC:
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
    return cron is None or _first(recurrence, cron, days=-1) is not None


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
    clock = _clock(recurrence.zone, moment.year - 1, moment.year + _LONGEST_GAP_YEARS)
    second = (moment.toordinal() - _EPOCH) * DAY + moment.hour * HOUR + moment.minute * MINUTE + moment.second
    found = _next(recurrence.dialect, recurrence.cron, clock, second)
    return None if found is None else _BEGINNING + timedelta(minutes=found)


def describe(recurrence: Recurrence) -> str:
    """Return a few words for people: ``every 6h``, ``largest gap 3d``, ``never runs``, ``stops after 2030``."""
    worst = _worst_seconds(recurrence)
    cron = recurrence.cron
    if cron is not None and math.isinf(worst):
        return f"stops after {max(cron.years)}" if cron.years and fires(recurrence) else "never runs"
    return f"{'every' if cron is None or _steady(recurrence, cron) else 'largest gap'} {format_duration(worst)}"


def _steady(recurrence: Recurrence, cron: Cron) -> bool:
    first, last = _horizon(cron)
    days = _days(cron, first, last).strip("0")
    every = max(days.find("1", 1), 1)
    if (
        cron.years
        or _clock(recurrence.zone, first, last).starts
        or days != ("1" + "0" * (every - 1)) * (len(days) // every) + "1" * (every > 1)
    ):
        return False
    return len({*_steps(cron.times), every * _MINUTES - cron.times[-1] + cron.times[0]}) == 1


@lru_cache(maxsize=1024)
def _worst_seconds(recurrence: Recurrence) -> float:
    if recurrence.cron is None:
        return float(recurrence.interval or 0)
    start = None if _ends(recurrence.cron) else _first(recurrence, recurrence.cron, days=2)
    return math.inf if start is None else _walk(recurrence, recurrence.cron, start) * MINUTE


def _ends(cron: Cron) -> bool:
    """Whether the years run out before the field does: 2024/2 goes on to the end of the field, 2026,2028 does not."""
    if not cron.years:
        return False
    *_, before, last = 0, 0, *sorted(cron.years)
    return last + (last - before) <= 2199 or len(cron.years) == 1


def _horizon(cron: Cron) -> tuple[int, int]:
    if cron.years:
        return min(cron.years), max(cron.years)
    return _FIRST_YEAR, _FIRST_YEAR + sum(_pattern(cron)) - 1


def _pattern(cron: Cron) -> tuple[int, int]:
    usual = all("1" in calendar(cron, year) for year in range(_FIRST_YEAR, _FIRST_YEAR + sum(_USUAL)))
    return _USUAL if usual else _SPARSE


def _days(cron: Cron, first: int, last: int) -> str:
    return "".join(calendar(cron, year) for year in range(first, last + 1))


def _first(recurrence: Recurrence, cron: Cron, days: int) -> int | None:
    """Return the first run later than some days after the horizon begins."""
    first, last = _horizon(cron)
    begin = (date(first, 1, 1).toordinal() + days - _EPOCH) * DAY
    return _next(recurrence.dialect, cron, _clock(recurrence.zone, first, last), begin)


def _walk(recurrence: Recurrence, cron: Cron, start: int) -> float:
    """Return the largest gap in minutes: between transitions by the calendar alone, across each one by asking for the next run."""
    first, last = _horizon(cron)
    clock = _clock(recurrence.zone, first, last)
    days = _days(cron, first, last)
    zero = (date(first, 1, 1).toordinal() - _EPOCH) * _MINUTES
    end = len(days) * _MINUTES
    # A rule that depends on the weekday at most crosses equal transitions equally.
    weekly = len(cron.months) == 12 and all(day.kind == "weekday" for day in cron.days or ())
    crossed: dict[tuple[int, ...], int | None] = {}
    worst, current = 0, start
    for at, transition in enumerate((*clock.starts, None)):
        if transition is not None and transition <= current:
            continue
        offset = clock.offsets[at] - zero
        final = _last_before(cron.times, days, min(end, end if transition is None else transition + offset))
        worst = max(worst, _widest(cron.times, days, current + offset, final))
        if transition is None or transition + offset >= end:
            break
        before = max(final - offset, current)
        key = ((before + clock.offsets[at]) % (7 * _MINUTES), transition - before, *clock.offsets[at : at + 2])
        if weekly and key in crossed:
            wait = crossed[key]
        else:
            found = _next(recurrence.dialect, cron, clock, before * MINUTE)
            wait = crossed[key] = None if found is None else found - before
        if wait is None and not cron.years and before - zero < _pattern(cron)[0] * 365 * _MINUTES:
            return math.inf
        if wait is None or before + wait + offset >= end:
            break
        worst, current = max(worst, wait), before + wait
    return worst


def _last_before(times: Sequence[int], days: str, limit: int) -> int:
    """Return the last run of the calendar before a minute; -1 when there is none."""
    day, minute = divmod(limit, _MINUTES)
    at = bisect_left(times, minute)
    if at and days[day : day + 1] == "1":
        return day * _MINUTES + times[at - 1]
    day = days.rfind("1", 0, day)
    return -1 if day < 0 else day * _MINUTES + times[-1]


def _widest(times: Sequence[int], days: str, begin: int, final: int) -> int:
    """Return the largest gap from a run at ``begin``, which need not be on the calendar, to one that is."""
    if final <= begin:
        return 0
    (day, minute), (last_day, last_minute) = divmod(begin, _MINUTES), divmod(final, _MINUTES)
    rest = times[bisect_right(times, minute) :] if days[day : day + 1] == "1" else ()
    if day == last_day:
        return max(_steps((minute, *rest[: bisect_right(rest, last_minute)])))
    following = days.find("1", day + 1)
    left = (minute, *rest)
    gaps = [*_steps(left), (following - day) * _MINUTES - left[-1] + times[0]]
    if following < last_day:
        pause = _longest_pause(days[following : last_day + 1]) * _MINUTES
        gaps += [*_steps(times), pause - times[-1] + times[0]]
    gaps += _steps(times[: bisect_right(times, last_minute)])
    return max(gaps)


def _steps(times: Sequence[int]) -> list[int]:
    return [after - before for before, after in pairwise(times)]


def _longest_pause(days: str) -> int:
    """Return the largest distance between neighbouring matching days of a string that begins and ends with one."""
    low, high = 0, 1
    while "0" * high in days:
        low, high = high, high * 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if "0" * middle in days else (low, middle)
    return low + 1


@dataclass(frozen=True, slots=True)
class _Clock:
    """A zone's offsets from UTC over some years, in minutes: ``offsets[i]`` holds until ``starts[i]``."""

    starts: tuple[int, ...]
    offsets: tuple[int, ...]
    end: float = math.inf
    """Where it stops being right."""

    def at(self, utc: int) -> int:
        return self.offsets[bisect_right(self.starts, utc)]

    def instant(self, local: int) -> int:
        """Return Go's ``time.Date``: the local time read with the offset that holds there or, if it does not exist, nearby."""
        return local - self.at(local - self.at(local))

    def only(self, local: int) -> int | None:
        """Return the first instant with that local time; ``None`` when there is none."""
        found = [local - offset for offset in {self.at(local - _MINUTES), self.at(local + _MINUTES)} if self.at(local - offset) == offset]
        return min(found, default=None)


@lru_cache(maxsize=64)
def _clock(zone: str, first: int, last: int) -> _Clock:
    if zone in _ALWAYS_UTC:
        return _Clock((), (0,))
    info = ZoneInfo(zone)

    beginning = datetime(1970, 1, 1, tzinfo=info)

    def offset(utc: int) -> int:
        shift = info.fromutc(beginning + timedelta(minutes=utc)).utcoffset()
        return 0 if shift is None else shift // timedelta(minutes=1)

    # The shortest time between two changes is a week: Gaza in October 2040, around Ramadan (tz database 2025b, 2024 to 2088).
    probe = 6 * _MINUTES
    begin, end = ((date(year, 1, 1).toordinal() - _EPOCH) * _MINUTES for year in (first, last + 2))
    starts, offsets = [], [offset(begin - probe)]
    for until in range(begin, end, probe):
        now = offset(until)
        if now == offsets[-1]:
            continue
        low, high = until - probe, until
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if offset(middle) == offsets[-1] else (low, middle)
        starts.append(high)
        offsets.append(now)
    return _Clock(tuple(starts), tuple(offsets), end)


def _next(dialect: Dialect, cron: Cron, clock: _Clock, second: int) -> int | None:
    """Return the first run, in minutes since 1970 UTC, after a second since 1970 UTC."""
    if not cron.times or not cron.months or cron.days == frozenset():
        return None
    if dialect == "aws":
        return _aws_next(cron, clock, second // MINUTE)
    return _robfig_next(cron, clock, second + 1)


def _aws_next(cron: Cron, clock: _Clock, utc: int) -> int | None:
    for local in _local_runs(cron, utc + clock.at(utc)):
        if local > clock.end:
            break
        found = clock.only(local)
        if found is not None and found > utc:
            return found
    return None


def _local_runs(cron: Cron, after: int) -> Iterator[int]:
    begin = date.fromordinal(after // _MINUTES + _EPOCH).year
    last = begin + _LONGEST_GAP_YEARS - 1 if cron.years is None else max(cron.years)
    for year in range(begin, last + 1):
        days = calendar(cron, year)
        zero = date(year, 1, 1).toordinal() - _EPOCH
        day = days.find("1", max(0, after // _MINUTES - zero))
        while day >= 0:
            midnight = (zero + day) * _MINUTES
            yield from (midnight + minute for minute in cron.times if midnight + minute > after)
            day = days.find("1", day + 1)


def _robfig_next(cron: Cron, clock: _Clock, second: int) -> int | None:
    """``SpecSchedule.Next`` from ``second`` on. Unlike the original it looks nine years ahead, not five: 2096 to 2104."""
    hours, minutes = {time // 60 for time in cron.times}, {time % 60 for time in cron.times}
    utc, partial = second // MINUTE, second % MINUTE != 0
    added = False

    def local() -> tuple[date, int]:
        day, minute = divmod(utc + clock.at(utc), _MINUTES)
        return date.fromordinal(day + _EPOCH), minute

    def instant(day: date, minute: int, months: int = 0, days: int = 0) -> int:
        month = day.month - 1 + months
        first = date(day.year + month // 12, month % 12 + 1, 1).toordinal() - _EPOCH
        return clock.instant((first + day.day - 1 + days) * _MINUTES + minute)

    limit = local()[0].year + 9
    # The nesting is the original's four loops with their jumps back to the top: a break goes to the next round.
    while True:
        day, minute = local()
        if day.year > limit or utc > clock.end:
            return None
        while day.month not in cron.months:
            if not added:
                utc, added = instant(day.replace(day=1), 0), True
                day, minute = local()
            utc = instant(day, minute, months=1)
            day, minute = local()
            if day.month == 1:
                break
        else:
            while calendar(cron, day.year)[day.timetuple().tm_yday - 1] == "0":
                if not added:
                    utc, added = instant(day, 0), True
                    day, minute = local()
                previous, utc = utc, instant(day, minute, days=1)
                day, minute = local()
                if minute >= 60:
                    hour = minute // 60
                    utc += (24 - hour if hour > 12 else -hour) * 60
                # Where a zone left out a whole day (Apia, 30 December 2011) the original never gets past it.
                utc = utc if utc > previous else previous + _MINUTES
                day, minute = local()
                if day.day == 1:
                    break
            else:
                while minute // 60 not in hours:
                    if not added:
                        utc, added = instant(day, minute // 60 * 60), True
                    utc += 60
                    day, minute = local()
                    if minute < 60:
                        break
                else:
                    while minute % 60 not in minutes:
                        added = True
                        utc += 1
                        day, minute = local()
                        if minute % 60 == 0:
                            break
                    else:
                        if added or not partial:
                            return utc
                        utc, added = utc + 1, True
