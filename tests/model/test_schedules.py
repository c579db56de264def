"""Recurring rules: what each dialect accepts, and gaps against an enumeration of the calendar."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drpolicy.model.durations import DAY, HOUR, MINUTE, UNBOUNDED, go_duration
from drpolicy.model.schedules import describe, fires, next_after, parse_aws, parse_kubernetes, parse_velero, worst_gap

DAY_OF_WEEK = "0-6 (0 is Sunday) or SUN-SAT, *, a range, a list or a step"
MINUTES = "0-59, *, a range such as 0-29, a list or a step such as */15"
DESCRIPTORS = "@yearly, @annually, @monthly, @weekly, @daily, @midnight, @hourly"
AWS_DOW = "1-7 (1 is Sunday) or SUN-SAT, *, ?, 6L or 6#3"
SIX = "write six: minute, hour, day of month, month, day of week, year, such as '0 5 * * ? *'"
FIVE = "write five: minute, hour, day of month, month, day of week, such as '0 3 * * *'"


def gap(text: str) -> float:
    return worst_gap(parse_velero(text)).seconds


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("0 3 * * *", 24),
        ("15 10 * jan-DEC SUN-sat", 24),
        ("@daily", 24),
        ("@midnight", 24),
        ("@hourly", 1),
        ("@weekly", 7 * 24),
        ("@monthly", 31 * 24),
        ("@yearly", 366 * 24),
        ("@annually", 366 * 24),
        ("@every 6h", 6),
        ("@every 1h30m", 1.5),
        ("TZ=UTC 0 3 * * *", 24),
        ("CRON_TZ=Asia/Seoul 0 3 * * *", 24),
        ("0 3 ? * ?", 24),
        ("0 */5 * * *", 5),
        ("0 20/2 * * *", 22),
        ("0 3 * * 1-5", 72),
        ("0 3 * * mon,wed,fri", 72),
        ("0 3 31 * *", 61 * 24),
        ("0 0 29 2 *", 2921 * 24),
        ("0 3,,4 * * *", 23),
    ],
)
def test_largest_gap(text: str, hours: float) -> None:
    assert gap(text) == hours * HOUR


@pytest.mark.parametrize("text", ["0 0 31 2 *", "0 0 30 2 ?", "0 0 31 4,6,9,11 *", ", * * * *", "* * * , *"])
def test_accepted_and_never_running(text: str) -> None:
    rule = parse_velero(text)
    assert worst_gap(rule) == UNBOUNDED
    assert not fires(rule)
    assert next_after(rule, datetime(2026, 1, 1, tzinfo=UTC)) is None
    assert describe(rule) == "never runs"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("0 3 * * 7", f"day of week '7' is outside 0-6; write {DAY_OF_WEEK}"),
        ("0 3 * * 1#2", f"day of week '1#2' has '1#2' where a number should be; write {DAY_OF_WEEK}"),
        ("0 3 L * *", "day of month 'L' has 'L' where a number should be; write 1-31, *, a range, a list or a step"),
        ("0 3 1W * *", "day of month '1W' has '1W' where a number should be; write 1-31, *, a range, a list or a step"),
        ("30-10 * * * *", f"minute '30-10' ends before it begins; write {MINUTES}"),
        ("R R * * *", f"minute 'R' has 'R' where a number should be; write {MINUTES}"),
        ("60 * * * *", f"minute '60' is outside 0-59; write {MINUTES}"),
        ("*/0 * * * *", f"minute '*/0' has the step '0', which is not a positive number; write {MINUTES}"),
        ("1-2-3 * * * *", f"minute '1-2-3' has too many hyphens; write {MINUTES}"),
        ("1/2/3 * * * *", f"minute '1/2/3' has too many slashes; write {MINUTES}"),
        ("-5 * * * *", f"minute '-5' has '' where a number should be; write {MINUTES}"),
        ("0 0 3 * * *", f"'0 0 3 * * *' has 6 fields; {FIVE}"),
        ("@daily ", f"'@daily ' is not known; write {DESCRIPTORS} or @every with a Go duration such as 6h"),
        ("@every 1d", "'d' is not a unit here; write a Go duration such as 90s, 15m or 720h"),
        ("@every 9999999999h", "'@every 9999999999h' is longer than Go can count; write a Go duration such as 720h"),
        ("", "the schedule is empty; write five fields such as '0 3 * * *'"),
        ("TZ=UTC", "'TZ=UTC' has a time zone and no schedule; write 'CRON_TZ=Europe/Berlin 0 3 * * *'"),
        ("CRON_TZ=Mars/Olympus 0 3 * * *", "time zone 'Mars/Olympus' is not known here; write an IANA name such as Europe/Berlin"),
        ("TZ=../../etc/passwd 0 3 * * *", "time zone '../../etc/passwd' is not known here; write an IANA name such as Europe/Berlin"),
        ("TZ=Europe 0 3 * * *", "time zone 'Europe' is not known here; write an IANA name such as Europe/Berlin"),
    ],
)  # fmt: skip
def test_refused_by_velero(text: str, message: str) -> None:
    with pytest.raises(ValueError) as caught:
        parse_velero(text)
    assert str(caught.value) == message


@pytest.mark.parametrize(("written", "seconds"), [("1.9s", 1), ("10ms", 1), ("-5h", 1), ("90s", 90), ("720h", 720 * HOUR)])
def test_every_is_cut_to_seconds(written: str, seconds: int) -> None:
    assert parse_velero(f"@every {written}").interval == seconds
    assert describe(parse_velero(f"@every {written}")) == f"every {worst_gap(parse_velero(f'@every {seconds}s'))}"


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("0 3 13 * 5", 7),  # both restricted: either suffices
        ("0 3 13 * *", 31),
        ("0 3 * * 5", 7),
        ("0 3 */1 * 5", 7),  # a step of one keeps the star
        ("0 3 */10 * 5", 7),  # any other step is a restriction: the 1st, 11th, 21st, 31st, and Fridays
        ("0 3 */2 * 5", 2),
        ("0 3 */2 * *", 2),
    ],
)
def test_day_fields_combine_by_their_star(text: str, days: int) -> None:
    assert gap(text) == days * DAY


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        # The Sunday in March has no 02:30: from Saturday 02:30 EST to Monday 02:30 EDT it is 48 hours on the wall, 47 in fact.
        ("CRON_TZ=America/New_York 30 2 * * *", 47 * HOUR),
        ("CRON_TZ=America/New_York 0 3 * * *", 25 * HOUR),
        ("CRON_TZ=America/New_York 30 1 * * *", 24 * HOUR),
        ("CRON_TZ=Europe/Berlin 0 * * * *", HOUR),
        ("CRON_TZ=Europe/Berlin 30 2 * * *", 47 * HOUR),
        ("CRON_TZ=Europe/Berlin 0 3 * * 0", 169 * HOUR),
        # 11 March 2029 is the Sunday of the change.
        ("CRON_TZ=America/New_York 30 2 11 3 *", 730 * DAY + 23 * HOUR),
        ("CRON_TZ=Europe/Berlin 0 0 29 2 *", 2921 * DAY),
        # robfig loses a whole day whose midnight does not exist, east of Greenwich, and full hours after a half-hour change.
        ("CRON_TZ=Africa/Cairo 0 5 * * 5", 14 * DAY - HOUR),
        ("CRON_TZ=Africa/Cairo 0 5 * * *", 25 * HOUR),
        ("CRON_TZ=Australia/Lord_Howe 0 3 * * *", 48 * HOUR + 30 * MINUTE),
    ],
)
def test_daylight_saving(text: str, seconds: int) -> None:
    assert gap(text) == seconds


@pytest.mark.parametrize(
    ("zone", "text", "after", "expected"),
    # From robfig/cron v3.0.1, spec_test.go.
    [
        ("America/New_York", "30 2 11 3 ?", "2012-03-11T00:00:00-05:00", "2013-03-11T02:30:00-04:00"),
        ("America/New_York", "0 * * * ?", "2012-03-11T01:00:00-05:00", "2012-03-11T03:00:00-04:00"),
        ("America/New_York", "0 2 * * ?", "2012-03-11T00:00:00-05:00", "2012-03-12T02:00:00-04:00"),
        ("America/New_York", "30 1 4 11 ?", "2012-11-04T01:45:00-04:00", "2012-11-04T01:30:00-05:00"),
        ("America/New_York", "0 1 * * ?", "2012-11-04T01:00:00-04:00", "2012-11-04T01:00:00-05:00"),
        ("America/New_York", "0 1 * * ?", "2012-11-04T01:00:00-05:00", "2012-11-05T01:00:00-05:00"),
        ("America/New_York", "0 3 3 * ?", "2012-11-04T00:00:00-04:00", "2012-12-03T03:00:00-05:00"),
        ("America/Sao_Paulo", "0 9 10 * ?", "2018-10-17T05:00:00-04:00", "2018-11-10T06:00:00-05:00"),
        ("America/Sao_Paulo", "0 9 22 * ?", "2018-02-14T05:00:00-05:00", "2018-02-22T07:00:00-05:00"),
        ("UTC", "*/15 * * * *", "2012-07-09T14:59:59+00:00", "2012-07-09T15:00:00+00:00"),
        ("UTC", "0 0 29 2 ?", "2012-07-09T23:35:00+00:00", "2016-02-29T00:00:00+00:00"),
        ("UTC", "0 0 * feb mon/2", "2012-07-09T23:35:00+00:00", "2013-02-01T00:00:00+00:00"),
    ],
)
def test_next_run(zone: str, text: str, after: str, expected: str) -> None:
    for rule in (parse_velero(f"CRON_TZ={zone} {text}"), parse_kubernetes(text, zone)):
        assert next_after(rule, datetime.fromisoformat(after)) == datetime.fromisoformat(expected)


def test_a_day_that_a_zone_left_out_is_passed() -> None:
    # Samoa went from 29 to 31 December 2011; 1 January 2012 was a Sunday.
    rule = parse_velero("CRON_TZ=Pacific/Apia 0 3 * * 0")
    assert next_after(rule, datetime(2011, 12, 27, 5, tzinfo=UTC)) == datetime.fromisoformat("2012-01-01T03:00:00+14:00")


def test_next_run_of_an_interval_counts_from_the_moment() -> None:
    after = datetime(2026, 1, 1, 12, 0, 0, 500, tzinfo=UTC)
    assert next_after(parse_velero("@every 90m"), after) == datetime(2026, 1, 1, 13, 30, tzinfo=UTC)


def test_next_run_needs_a_time_zone_and_a_year_within_reach() -> None:
    rule = parse_velero("0 3 * * *")
    with pytest.raises(ValueError, match="the datetime has no time zone"):
        next_after(rule, datetime(2026, 1, 1))
    assert next_after(rule, datetime.min.replace(tzinfo=UTC)) is None
    assert next_after(rule, datetime.max.replace(tzinfo=UTC)) is None
    assert next_after(rule, datetime(9940, 1, 1, tzinfo=UTC)) == datetime(9940, 1, 1, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "zone", "message"),
    [
        ("CRON_TZ=UTC 0 3 * * *", None, "'CRON_TZ=UTC 0 3 * * *' names a time zone, which Kubernetes rejects; write spec.timeZone instead"),
        ("0 3 * * *", "Local", "time zone 'Local' is not allowed; write an IANA name such as Europe/Berlin, or leave spec.timeZone out"),
        ("0 3 * * *", "", "time zone '' is not allowed; write an IANA name such as Europe/Berlin, or leave spec.timeZone out"),
        ("0 3 * * *", "Nowhere", "time zone 'Nowhere' is not known here; write an IANA name such as Europe/Berlin"),
        ("0 3 * *", None, f"'0 3 * *' has 4 fields; {FIVE}"),
    ],
)
def test_refused_by_kubernetes(text: str, zone: str | None, message: str) -> None:
    with pytest.raises(ValueError) as caught:
        parse_kubernetes(text, zone)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("text", "zone", "seconds"),
    [
        ("rate(12 hours)", "UTC", 12 * HOUR),
        ("rate(1 day)", "UTC", DAY),
        ("cron(0 5 ? * * *)", "UTC", DAY),
        ("cron(0 12 * * ? *)", "Etc/UTC", DAY),
        ("cron(0 5 ? * 2-6 *)", "UTC", 3 * DAY),
        ("cron(0 5 ? * FRI-MON *)", "UTC", 4 * DAY),
        ("cron(0 5 ? * L *)", "UTC", 7 * DAY),
        ("cron(0 5 ? * friL *)", "UTC", 35 * DAY),
        ("cron(0 5 ? * 6#1 *)", "UTC", 35 * DAY),
        ("cron(0 5 L * ? *)", "UTC", 31 * DAY),
        ("cron(0 5 1,15 * ? 2024/2)", "UTC", (365 + 17) * DAY),
        ("cron(0 5 ? 2 THU#5 *)", "UTC", 14609 * DAY),  # 2080, then 2120: 2100 is no leap year
        ("cron(0 5 ? 2 WED#5 *)", "UTC", 14609 * DAY),  # 2288, then 2328; 28 years until then
        # Skipped in March, and once where the hour is repeated in November.
        ("cron(30 2 * * ? *)", "America/New_York", 47 * HOUR),
        ("cron(30 1 * * ? *)", "America/New_York", 25 * HOUR),
        ("cron(0 * * * ? *)", "America/New_York", 2 * HOUR),
    ],
)
def test_aws(text: str, zone: str, seconds: int) -> None:
    assert worst_gap(parse_aws(text, zone)).seconds == seconds


def test_aws_runs_once_in_the_hour_that_is_repeated() -> None:
    rule = parse_aws("cron(30 * * * ? *)", "America/New_York")
    first = datetime.fromisoformat("2026-11-01T01:30:00-04:00")
    assert next_after(rule, first - timedelta(minutes=1)) == first
    assert next_after(rule, first) == first + timedelta(hours=2)
    assert next_after(rule, first + timedelta(minutes=45)) == first + timedelta(hours=2)


def test_changes_a_week_apart_are_both_seen() -> None:
    # Gaza has summer time from 20 to 27 October 2040 (tz database 2025b).
    rule = parse_velero("CRON_TZ=Asia/Gaza * 2 24 OCT *")
    assert next_after(rule, datetime(2040, 1, 1, tzinfo=UTC)) == datetime(2040, 10, 23, 23, tzinfo=UTC)


def test_aws_rules_that_stop_or_never_run() -> None:
    assert describe(parse_aws("cron(0 5 1 * ? 2026-2030)")) == "stops after 2030"
    assert worst_gap(parse_aws("cron(0 5 1 * ? 2026-2030)")) == UNBOUNDED
    # The second Sunday of March has no 02:30 in New York.
    assert describe(parse_aws("cron(30 2 ? 3 1#2 *)", "America/New_York")) == "never runs"
    assert describe(parse_aws("cron(0 5 31 2 ? *)")) == "never runs"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("0 5 * * ? *", "'0 5 * * ? *' is not a schedule expression; write cron(0 5 * * ? *) or rate(12 hours)"),
        ("rate(0 days)", "'rate(0 days)' has no length; write a positive number of minutes, hours or days"),
        ("rate(5 weeks)", "'rate(5 weeks)' is not a schedule expression; write cron(0 5 * * ? *) or rate(12 hours)"),
        ("cron(0 5 * * *)", f"'0 5 * * *' has 5 fields; {SIX}"),
        ("cron(0 5 * * * *)", "exactly one of day of month and day of week must be ?; write '0 5 * * ? *' or '0 5 ? * MON *'"),
        ("cron(0 5 ? * ? *)", "exactly one of day of month and day of week must be ?; write '0 5 * * ? *' or '0 5 ? * MON *'"),
        ("cron(0 5 ? * 0 *)", f"day of week '0' is outside 1-7; write {AWS_DOW}"),
        ("cron(0 5 ? * 3#6 *)", f"day of week '3#6' needs a day before # and 1 to 5 after it; write {AWS_DOW}"),
        ("cron(0 5 ? * 3#1,6#3 *)", f"day of week '3#1,6#3' has # in a list; write {AWS_DOW}"),
        ("cron(0 5 32W * ? *)", "day of month '32W' is outside 1-31; write 1-31, *, ?, L, LW, or 15W"),
        ("cron(0 5 L-31 * ? *)", "day of month 'L-31' goes back further than a month; write 1-31, *, ?, L, LW, or 15W"),
        ("cron(0 5 * * ? 2200)", "year '2200' is outside 1970-2199; write * or a year from 1970 to 2199"),
        ("cron(0,,5 5 * * ? *)", f"minute '' is not understood; write {MINUTES}"),
        ("cron(20-10/2 5 * * ? *)", f"minute '20-10/2' ends before it begins; write {MINUTES}"),
    ],
)  # fmt: skip
def test_refused_by_aws(text: str, message: str) -> None:
    with pytest.raises(ValueError) as caught:
        parse_aws(text)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("0 3 * * *", "every 24h"),
        ("0 */6 * * *", "every 6h"),
        ("0 */5 * * *", "largest gap 5h"),
        ("0 3 * * 1-5", "largest gap 3d"),
        ("@weekly", "every 7d"),
        ("@monthly", "largest gap 31d"),
        ("CRON_TZ=Europe/Berlin 0 4 * * *", "largest gap 25h"),
    ],
)
def test_describe(text: str, words: str) -> None:
    assert describe(parse_velero(text)) == words


# --- against the calendar, enumerated by other means ---

DATES = [date(2025, 1, 1) + timedelta(days=n) for n in range((date(2056, 1, 1) - date(2025, 1, 1)).days)]


def widest(matches: Callable[[date], bool], times: list[int]) -> float:
    days = [day.toordinal() for day in DATES if matches(day)]
    within = [(after - before) * MINUTE for before, after in pairwise(times)] if days else []
    between = [(after - before) * DAY - (times[-1] - times[0]) * MINUTE for before, after in pairwise(days)]
    return max([*within, *between], default=math.inf)


def values(low: int, high: int) -> st.SearchStrategy[tuple[str, set[int]]]:
    """A field without a star, and what it means."""
    number = st.integers(low, high)
    listed = st.sets(number, min_size=1, max_size=4).map(lambda found: (",".join(map(str, sorted(found))), found))
    ranged = st.tuples(number, number, st.integers(1, 9)).map(
        lambda drawn: (f"{min(drawn[:2])}-{max(drawn[:2])}/{drawn[2]}", set(range(min(drawn[:2]), max(drawn[:2]) + 1, drawn[2])))
    )
    opened = st.tuples(number, st.integers(1, 9)).map(lambda drawn: (f"{drawn[0]}/{drawn[1]}", set(range(drawn[0], high + 1, drawn[1]))))
    return listed | ranged | opened


def starred(low: int, high: int) -> st.SearchStrategy[tuple[str, set[int]]]:
    return st.just(("*", set(range(low, high + 1)))) | values(low, high)


@settings(max_examples=60, deadline=None)
@given(values(0, 59), values(0, 23), starred(1, 31), starred(1, 12).filter(lambda field: field[1] != {2}), starred(0, 6))
def test_largest_gap_is_that_of_the_calendar(
    minute: tuple[str, set[int]],
    hour: tuple[str, set[int]],
    dom: tuple[str, set[int]],
    month: tuple[str, set[int]],
    dow: tuple[str, set[int]],
) -> None:
    either = "*" not in (dom[0], dow[0])

    def matches(day: date) -> bool:
        by_date, by_weekday = day.day in dom[1], day.isoweekday() % 7 in dow[1]
        return day.month in month[1] and (by_date or by_weekday if either else by_date and by_weekday)

    times = [60 * h + m for h in sorted(hour[1]) for m in sorted(minute[1])]
    rule = parse_velero(f"{minute[0]} {hour[0]} {dom[0]} {month[0]} {dow[0]}")
    assert worst_gap(rule).seconds == widest(matches, times)
    assert fires(rule) == any(map(matches, DATES))


def last_day(day: date) -> int:
    return ((day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)).day


@cache
def working_days(year: int, month: int) -> list[int]:
    return [day for day in range(1, last_day(date(year, month, 1)) + 1) if date(year, month, day).isoweekday() < 6]


AWS_DAYS: list[tuple[str, Callable[[date], bool]]] = [
    ("L * ?", lambda day: day.day == last_day(day)),
    ("L-2 * ?", lambda day: day.day == last_day(day) - 2),
    ("* * ?", lambda day: True),
    ("1,10-12 3-9/2 ?", lambda day: day.day in (1, 10, 11, 12) and day.month in (3, 5, 7, 9)),
    ("? * 3#5", lambda day: day.isoweekday() == 2 and day.day >= 29),
    ("? * SUN#1", lambda day: day.isoweekday() == 7 and day.day <= 7),
    ("? * 6L", lambda day: day.isoweekday() == 5 and day.day > last_day(day) - 7),
    ("? 11-2 7", lambda day: day.isoweekday() == 6 and day.month in (11, 12, 1, 2)),
    ("? * 2/2", lambda day: day.isoweekday() in (1, 3, 5)),
    ("LW * ?", lambda day: day.day == max(working_days(day.year, day.month))),
    ("1W * ?", lambda day: day.day == min(working_days(day.year, day.month))),
    ("15W * ?", lambda day: day.day == min(working_days(day.year, day.month), key=lambda other: abs(other - 15))),
]


@pytest.mark.parametrize(("text", "matches"), AWS_DAYS, ids=[text for text, _ in AWS_DAYS])
def test_aws_days_are_those_of_the_calendar(text: str, matches: Callable[[date], bool]) -> None:
    rule = parse_aws(f"cron(0 5 {text} *)")
    assert worst_gap(rule).seconds == widest(matches, [5 * 60])
    expected = [day for day in DATES[:800] if matches(day)]
    at, found = datetime(2024, 12, 31, 12, tzinfo=UTC), list[date]()
    while (run := next_after(rule, at)) is not None and len(found) < len(expected):
        found.append(run.date())
        at = run
    assert found == expected


def runs_from(rule_text: str, start: datetime, count: int) -> Iterator[datetime]:
    rule = parse_velero(rule_text)
    at: datetime | None = start
    for _ in range(count):
        assert at is not None
        at = next_after(rule, at)
        if at is None:
            return
        yield at


ZONES = [
    "UTC",
    "America/New_York",
    "Europe/Berlin",
    "Africa/Cairo",
    "Asia/Beirut",
    "Australia/Lord_Howe",
    "America/Santiago",
    "Africa/Casablanca",
]


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(ZONES), values(0, 59), starred(0, 23), starred(1, 31), starred(0, 6),
    st.datetimes(datetime(2025, 1, 1), datetime(2045, 1, 1)),
)  # fmt: skip
def test_no_observed_gap_is_larger(
    zone: str,
    minute: tuple[str, set[int]],
    hour: tuple[str, set[int]],
    dom: tuple[str, set[int]],
    dow: tuple[str, set[int]],
    start: datetime,
) -> None:
    text = f"CRON_TZ={zone} {minute[0]} {hour[0]} {dom[0]} * {dow[0]}"
    observed = list(runs_from(text, start.replace(tzinfo=UTC), 60))
    assert len(observed) == 60
    assert all(timedelta(0) < after - before <= timedelta(seconds=gap(text)) for before, after in pairwise(observed))


@given(st.text(max_size=40) | st.text(alphabet="0123456789*/-,?LW#@ TZ=UTCMONJANrate()cron", max_size=40))
def test_any_text_is_parsed_or_refused_with_a_reason(text: str) -> None:
    for parse in (parse_velero, parse_kubernetes, parse_aws):
        try:
            rule = parse(text)
        except ValueError as error:
            assert "write" in str(error) or "not a Go duration" in str(error)
        else:
            assert worst_gap(rule).seconds > 0


def test_every_takes_what_go_takes() -> None:
    assert worst_gap(parse_velero("@every 1h15m30s")) == go_duration("1h15m30s")
