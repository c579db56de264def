"""How long a backup lives where the newest few are kept: until that many later runs are over."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from itertools import pairwise

from drpolicy.model.durations import DAY, MINUTE, WEEK, Duration
from drpolicy.model.gaps import steady
from drpolicy.model.next_runs import ALWAYS_UTC
from drpolicy.model.records import dataclass
from drpolicy.model.schedules import Recurrence, next_after, worst_gap

_MONDAY = datetime(2025, 1, 6, tzinfo=UTC)
_RUN_LIMIT = 2000


@dataclass(frozen=True, slots=True)
class Reach:
    """The shortest and the longest that a backup is kept."""

    least: Duration
    most: Duration


@lru_cache(maxsize=256)
def reach_of(recurrence: Recurrence, count: int) -> Reach:
    """Return how long a backup lives when the newest ``count`` are kept. The bounds are exact where every week is like the last.

    Elsewhere ``least`` is what the calendar allows, and ``most`` what the largest gap does.
    """
    longest = worst_gap(recurrence).seconds
    cron = recurrence.cron
    if cron is None or steady(recurrence.zone, cron):
        return Reach(Duration(longest * count), Duration(longest * count))
    if recurrence.zone in ALWAYS_UTC and not cron.years:
        if len(cron.months) == 12 and all(day.kind == "weekday" for day in cron.days or ()):
            spans = _spans(recurrence, count, WEEK)
            if spans:
                return Reach(Duration(min(spans)), Duration(max(spans)))
        elif all(day.kind == "date" for day in cron.days or ()):
            # Four years hold every sequence of months; across a century's end a leap day may be missing.
            spans = _spans(recurrence, count, 1461 * DAY)
            if spans:
                return Reach(Duration(max(0, min(spans) - DAY)), Duration(longest * count))
    shift = 0 if recurrence.zone in ALWAYS_UTC else 60 * MINUTE
    closest = min((later - earlier for earlier, later in pairwise(cron.times)), default=DAY // MINUTE) * MINUTE
    across = (cron.times[0] + DAY // MINUTE - cron.times[-1]) * MINUTE
    return Reach(Duration(max(0, min(closest, across) - shift) * count), Duration(longest * count))


def _spans(recurrence: Recurrence, count: int, period: float) -> list[float]:
    """Return the seconds from each run of one period to that many later; none when there are more runs than are worth following."""
    runs: list[float] = []
    at = _MONDAY
    in_period = 0
    while len(runs) <= _RUN_LIMIT:
        found = next_after(recurrence, at)
        if found is None:
            return []
        at = found
        runs.append((at - _MONDAY).total_seconds())
        in_period += runs[-1] <= period
        if len(runs) > in_period and len(runs) >= in_period + count:
            return [runs[start + count] - runs[start] for start in range(in_period)]
    return []
