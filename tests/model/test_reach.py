"""How long a backup lives where the newest few are kept: against the calendar, run by run."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from drpolicy.model.durations import DAY, HOUR
from drpolicy.model.reach import reach_of
from drpolicy.model.schedules import next_after, parse_velero


@pytest.mark.parametrize(
    ("expression", "count", "least", "most"),
    [
        ("0 1 * * *", 7, 7 * DAY, 7 * DAY),
        ("@every 6h", 4, DAY, DAY),
        ("0 */6 * * *", 28, 7 * DAY, 7 * DAY),
        # The newest seven of five a week: with one weekend in between, or with two.
        ("0 1 * * 1-5", 7, 9 * DAY, 11 * DAY),
        ("0 1,2 * * *", 14, 7 * DAY, 7 * DAY),
        ("0 1,2 * * *", 3, 25 * HOUR, 47 * HOUR),
        ("0 3 * * 0", 4, 28 * DAY, 28 * DAY),
        # Three months that hold a February, less a day for the end of a century.
        ("0 3 1 * *", 3, 88 * DAY, 93 * DAY),
        # A date or a weekday: nothing but the days of the calendar is certain from below.
        ("0 3 1 * 1", 3, 3 * DAY, 21 * DAY),
    ],
)
def test_bounds(expression: str, count: int, least: float, most: float) -> None:
    found = reach_of(parse_velero(expression), count)
    assert (found.least.seconds, found.most.seconds) == (least, most)


@pytest.mark.parametrize("expression", ["15 4 * * 2,3", "0 0,1,13 * * 6", "7 3 1,15 * *", "0 5 31 * *", "CRON_TZ=Europe/Berlin 0 1 * * *"])
@pytest.mark.parametrize("count", [1, 2, 5])
def test_no_window_of_four_years_is_outside(expression: str, count: int) -> None:
    rule = parse_velero(expression)
    at = datetime(2024, 1, 1, tzinfo=UTC)
    runs = []
    while at.year < 2028:
        found = next_after(rule, at)
        assert found is not None
        at = found
        runs.append(at)
    spans = [(later - earlier).total_seconds() for earlier, later in zip(runs, runs[count:], strict=False)]
    reach = reach_of(rule, count)
    assert reach.least.seconds <= min(spans)
    assert max(spans) <= reach.most.seconds
