"""The next run after an instant: a rule's times on the clock of its zone.

Daylight saving, from robfig/cron v3.0.1 ``spec.go``, whose ``Next`` is followed step by step: a run whose local time does
not exist is skipped; one whose local time occurs twice runs twice. Where a transition removes midnight east of
Greenwich (Cairo, Beirut) a rule for that day alone loses the whole day, and a shift of half an hour (Lord Howe) loses the
next run at a full hour. AWS (EventBridge Scheduler user guide, "Daylight saving time", 2026-11): skipped, and once.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from drpolicy.model.cron import Cron, calendar
from drpolicy.model.durations import MINUTE
from drpolicy.model.records import dataclass

Dialect = Literal["velero", "kubernetes", "aws"]

DAY_MINUTES = 1440
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
EPOCH = BEGINNING.toordinal()
LONGEST_GAP_YEARS = 44
ALWAYS_UTC = frozenset({"UTC", "Etc/UTC"})


@dataclass(frozen=True, slots=True)
class Clock:
    """A zone's offsets from UTC over some years, in minutes: ``offsets[i]`` holds until ``starts[i]``."""

    starts: tuple[int, ...]
    offsets: tuple[int, ...]
    end: float = math.inf
    """Where it stops being right."""

    def at(self, utc: int) -> int:
        """Return the offset at an instant."""
        return self.offsets[bisect_right(self.starts, utc)]

    def instant(self, local: int) -> int:
        """Return Go's ``time.Date``: the local time read with the offset that holds there or, if it does not exist, nearby."""
        return local - self.at(local - self.at(local))

    def only(self, local: int) -> int | None:
        """Return the first instant with that local time; ``None`` when there is none."""
        found = [
            local - offset for offset in {self.at(local - DAY_MINUTES), self.at(local + DAY_MINUTES)} if self.at(local - offset) == offset
        ]
        return min(found, default=None)


@lru_cache(maxsize=64)
def clock_of(zone: str, first: int, last: int) -> Clock:
    """Return the clock of a zone for a range of years and the year after."""
    if zone in ALWAYS_UTC:
        return Clock((), (0,))
    info = ZoneInfo(zone)

    beginning = datetime(1970, 1, 1, tzinfo=info)

    def offset(utc: int) -> int:
        shift = info.fromutc(beginning + timedelta(minutes=utc)).utcoffset()
        return 0 if shift is None else shift // timedelta(minutes=1)

    # The shortest time between two changes is a week: Gaza in October 2040, around Ramadan (tz database 2025b, 2024 to 2088).
    probe = 6 * DAY_MINUTES
    begin, end = ((date(year, 1, 1).toordinal() - EPOCH) * DAY_MINUTES for year in (first, last + 2))
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
    return Clock(tuple(starts), tuple(offsets), end)


def next_run(dialect: Dialect, cron: Cron, clock: Clock, second: int) -> int | None:
    """Return the first run, in minutes since 1970 UTC, after a second since 1970 UTC."""
    if not cron.times or not cron.months or cron.days == frozenset():
        return None
    if dialect == "aws":
        return _aws_next(cron, clock, second // MINUTE)
    return _robfig_next(cron, clock, second + 1)


def _aws_next(cron: Cron, clock: Clock, utc: int) -> int | None:
    for local in _local_runs(cron, utc + clock.at(utc)):
        if local > clock.end:
            break
        found = clock.only(local)
        if found is not None and found > utc:
            return found
    return None


def _local_runs(cron: Cron, after: int) -> Iterator[int]:
    begin = date.fromordinal(after // DAY_MINUTES + EPOCH).year
    last = begin + LONGEST_GAP_YEARS - 1 if cron.years is None else max(cron.years)
    for year in range(begin, last + 1):
        days = calendar(cron, year)
        zero = date(year, 1, 1).toordinal() - EPOCH
        day = days.find("1", max(0, after // DAY_MINUTES - zero))
        while day >= 0:
            midnight = (zero + day) * DAY_MINUTES
            yield from (midnight + minute for minute in cron.times if midnight + minute > after)
            day = days.find("1", day + 1)


def _robfig_next(cron: Cron, clock: Clock, second: int) -> int | None:
    """``SpecSchedule.Next`` from ``second`` on. Unlike the original it looks nine years ahead, not five: 2096 to 2104."""
    hours, minutes = {time // 60 for time in cron.times}, {time % 60 for time in cron.times}
    utc, partial = second // MINUTE, second % MINUTE != 0
    added = False

    def local() -> tuple[date, int]:
        day, minute = divmod(utc + clock.at(utc), DAY_MINUTES)
        return date.fromordinal(day + EPOCH), minute

    def instant(day: date, minute: int, months: int = 0, days: int = 0) -> int:
        month = day.month - 1 + months
        first = date(day.year + month // 12, month % 12 + 1, 1).toordinal() - EPOCH
        return clock.instant((first + day.day - 1 + days) * DAY_MINUTES + minute)

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
                utc = utc if utc > previous else previous + DAY_MINUTES
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
