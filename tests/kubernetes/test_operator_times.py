"""Cron expressions as each operator reads them: what is refused by one is taken by another."""

from __future__ import annotations

import pytest

from drpolicy.catalog.load import bundle
from drpolicy.catalog.operator_rows import CronDialect
from drpolicy.catalog.operators import built_in_operators
from drpolicy.model.durations import format_duration
from drpolicy.model.provenance import Derived
from drpolicy.model.schedules import worst_gap
from drpolicy.model.values import Known, Unknown
from drpolicy.recovery.operator_times import operator_times, recurrence_of


def said(text: str, dialect: CronDialect) -> str:
    """Return the worst gap, why there is none, or a question mark where it cannot be told."""
    try:
        recurrence = recurrence_of(text, dialect)
    except ValueError as problem:
        return str(problem)
    return "?" if recurrence is None else format_duration(worst_gap(recurrence).seconds)


SIX = "second, minute, hour, day of month, month, day of week"


@pytest.mark.parametrize(
    ("text", "dialect", "expected"),
    [
        ("0 30 2 * * *", "seconds", "24h"),
        ("0 30 2 * *", "seconds", "24h"),
        ("0 0 * * *", "seconds", "1h"),
        ("@weekly", "seconds", "7d"),
        ("@every 6h", "seconds", "6h"),
        ("TZ=Europe/Berlin 0 0 3 * * *", "seconds", "?"),
        ("30 2 * *", "seconds", f"'30 2 * *' has 4 fields; write six: {SIX}, such as '0 0 3 * * *'"),
        ("", "seconds", f"'' has 0 fields; write six: {SIX}, such as '0 0 3 * * *'"),
        (
            "60 0 3 * * *",
            "seconds",
            f"'60 0 3 * * *' is read as {SIX}: second '60' is outside 0-59; write 0-59, *, a range, a list or a step; 0 for once a minute",
        ),
        (
            # Five fields that a reader of minutes takes for half past two: its hour is 30.
            "0 30 30 * *",
            "seconds",
            f"'0 30 30 * *' is read as {SIX}: hour '30' is outside 0-23; write 0-23, *, a range such as 8-18, a list or a step such as */6",
        ),
        ("0 30 1 * * ?", "quartz", "24h"),
        ("30m", "quartz", "30m"),
        ("30 1 * * ?", "quartz", f"'30 1 * * ?' has 5 fields; write six: {SIX}, such as '0 30 1 * * ?'"),
        ("61 30 1 * * ?", "quartz", "second '61' is outside 0-59; write 0-59, *, a range, a list or a step; 0 for once a minute"),
        ("CRON_TZ=Europe/Berlin 0 3 * * *", "standard", "25h"),
        (
            "CRON_TZ=Europe/Berlin 0 3 * * *",
            "cronjob",
            "'CRON_TZ=Europe/Berlin 0 3 * * *' names a time zone, which Kubernetes rejects; write spec.timeZone instead",
        ),
        ("@daily", "standard", "24h"),
        ("@daily", "cronjob", "24h"),
        ("@daily", "fields", "'@daily' is a descriptor, which it does not take; write five fields such as '0 3 * * *'"),
        ("0 3 * * 7", "standard", "day of week '7' is outside 0-6; write 0-6 (0 is Sunday) or SUN-SAT, *, a range, a list or a step"),
        ("0 3 * * 7", "crontab", "7d"),
        ("0 3 * * 5-7", "crontab", "5d"),
        ("0 3 * * 1-5,7", "crontab", "2d"),
        ("@daily", "crontab", "24h"),
        ("@every 6h", "crontab", "?"),
        ("0 3 ? * *", "crontab", "?"),
        ("5/10 3 * * *", "crontab", "?"),
        ("@reboot", "crontab", "?"),
    ],
)
def test_an_expression_is_read_as_the_operator_reads_it(text: str, dialect: CronDialect, expected: str) -> None:
    assert said(text, dialect) == expected


def test_what_may_be_read_otherwise_leaves_everything_about_it_open() -> None:
    times = operator_times(Known("@reboot", Derived("", ())), "crontab")
    assert all(isinstance(each, Unknown) for each in (times.valid, times.fires, times.gap))
    assert isinstance(times.valid, Unknown)
    assert times.valid.symbol == "when '@reboot' runs"


def test_every_dialect_says_where_it_is_from() -> None:
    """A dialect that is only remembered would make a finding that nobody can check."""
    sources = [each["cron"]["source"] for row in bundle()["operators"] for each in row["backups"]]
    assert len(sources) == sum(len(row.backups) for row in built_in_operators().values())
    assert [each for each in sources if not each.endswith(", 2026-11")] == []
