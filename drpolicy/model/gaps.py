"""The largest gap between two consecutive runs of a cron rule.

Horizon: weekday and leap-day patterns repeat every 28 years outside century turns, and so do daylight-saving rules,
which name a weekday of a month. A rule that matches in every year has no gap wider than three years, and every
sequence of three kinds of year occurs within 28. Any other rule is followed through a whole Gregorian cycle of 400
years and the longest gap beyond (five Thursdays in February: 40 years). Transitions that the time-zone database lists
date by date (Morocco, to 2087) are followed within the same years. Transitions before the horizon do not count.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import date
from itertools import pairwise

from drpolicy.model.cron import Cron, calendar
from drpolicy.model.durations import DAY, MINUTE
from drpolicy.model.next_runs import DAY_MINUTES, EPOCH, LONGEST_GAP_YEARS, Dialect, clock_of, next_run

_FIRST_YEAR = 2025
# How many years hold every pattern, and how many more the longest gap from there needs.
_USUAL, _SPARSE = (28, 3), (400, LONGEST_GAP_YEARS)


def first_run(dialect: Dialect, zone: str, cron: Cron, days: int) -> int | None:
    """Return the first run later than some days after the horizon begins, in minutes since 1970 UTC; ``None`` when there is none."""
    first, last = _horizon(cron)
    begin = (date(first, 1, 1).toordinal() + days - EPOCH) * DAY
    return next_run(dialect, cron, clock_of(zone, first, last), begin)


def steady(zone: str, cron: Cron) -> bool:
    """Whether every gap is the same, whatever the year."""
    first, last = _horizon(cron)
    days = _days(cron, first, last).strip("0")
    every = max(days.find("1", 1), 1)
    if cron.years or clock_of(zone, first, last).starts or days != ("1" + "0" * (every - 1)) * (len(days) // every) + "1" * (every > 1):
        return False
    return len({*_steps(cron.times), every * DAY_MINUTES - cron.times[-1] + cron.times[0]}) == 1


def largest_gap(dialect: Dialect, zone: str, cron: Cron, start: int) -> float:
    """Return the largest gap in minutes from the run at ``start``, in minutes since 1970 UTC; infinite when it stops for good.

    Between transitions by the calendar alone, across each one by asking for the next run.
    """
    first, last = _horizon(cron)
    clock = clock_of(zone, first, last)
    days = _days(cron, first, last)
    zero = (date(first, 1, 1).toordinal() - EPOCH) * DAY_MINUTES
    end = len(days) * DAY_MINUTES
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
        key = ((before + clock.offsets[at]) % (7 * DAY_MINUTES), transition - before, *clock.offsets[at : at + 2])
        if weekly and key in crossed:
            wait = crossed[key]
        else:
            found = next_run(dialect, cron, clock, before * MINUTE)
            wait = crossed[key] = None if found is None else found - before
        if wait is None and not cron.years and before - zero < _pattern(cron)[0] * 365 * DAY_MINUTES:
            return math.inf
        if wait is None or before + wait + offset >= end:
            break
        worst, current = max(worst, wait), before + wait
    return worst


def _horizon(cron: Cron) -> tuple[int, int]:
    if cron.years:
        return min(cron.years), max(cron.years)
    return _FIRST_YEAR, _FIRST_YEAR + sum(_pattern(cron)) - 1


def _pattern(cron: Cron) -> tuple[int, int]:
    usual = all("1" in calendar(cron, year) for year in range(_FIRST_YEAR, _FIRST_YEAR + sum(_USUAL)))
    return _USUAL if usual else _SPARSE


def _days(cron: Cron, first: int, last: int) -> str:
    return "".join(calendar(cron, year) for year in range(first, last + 1))


def _last_before(times: Sequence[int], days: str, limit: int) -> int:
    """Return the last run of the calendar before a minute; -1 when there is none."""
    day, minute = divmod(limit, DAY_MINUTES)
    at = bisect_left(times, minute)
    if at and days[day : day + 1] == "1":
        return day * DAY_MINUTES + times[at - 1]
    day = days.rfind("1", 0, day)
    return -1 if day < 0 else day * DAY_MINUTES + times[-1]


def _widest(times: Sequence[int], days: str, begin: int, final: int) -> int:
    """Return the largest gap from a run at ``begin``, which need not be on the calendar, to one that is."""
    if final <= begin:
        return 0
    (day, minute), (last_day, last_minute) = divmod(begin, DAY_MINUTES), divmod(final, DAY_MINUTES)
    rest = times[bisect_right(times, minute) :] if days[day : day + 1] == "1" else ()
    if day == last_day:
        return max(_steps((minute, *rest[: bisect_right(rest, last_minute)])))
    following = days.find("1", day + 1)
    left = (minute, *rest)
    gaps = [*_steps(left), (following - day) * DAY_MINUTES - left[-1] + times[0]]
    if following < last_day:
        pause = _longest_pause(days[following : last_day + 1]) * DAY_MINUTES
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
