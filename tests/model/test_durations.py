"""Durations: what is accepted, what is refused with which words, and that formatting loses nothing."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drpolicy.model.durations import DAY, HOUR, UNBOUNDED, Duration, format_duration, go_duration, parse_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90s", 90),
        ("1h30m", 5400),
        ("1.5h", 5400),
        (".5h", 1800),
        ("250ms", 0.25),
        ("720h", 30 * DAY),
        ("0", 0),
        ("-1h", -HOUR),
        ("+1h", HOUR),
    ],
)
def test_go_durations(text: str, seconds: float) -> None:
    assert go_duration(text).seconds == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("30d", "'d' is not a unit here; write a Go duration such as 90s, 15m or 720h"),
        ("1w", "'w' is not a unit here; write a Go duration such as 90s, 15m or 720h"),
        ("720", "'720' is not a Go duration such as 90s, 15m or 720h"),
        ("", "'' is not a Go duration such as 90s, 15m or 720h"),
        ("1h 30m", "'1h 30m' is not a Go duration such as 90s, 15m or 720h"),
        ("PT1H", "'PT1H' is not a Go duration such as 90s, 15m or 720h"),
        ("1H", "'1H' is not a Go duration such as 90s, 15m or 720h"),
    ],
)
def test_go_durations_refuse(text: str, message: str) -> None:
    with pytest.raises(ValueError) as caught:
        go_duration(text)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("15m", 900),
        ("4h", 4 * HOUR),
        ("7d", 7 * DAY),
        ("2w", 14 * DAY),
        ("1d12h", 36 * HOUR),
        ("PT15M", 900),
        ("P1DT2H", 26 * HOUR),
        ("P2W", 14 * DAY),
    ],
)
def test_declared_durations(text: str, seconds: float) -> None:
    assert parse_duration(text) == Duration(seconds)


@pytest.mark.parametrize("text", ["0", "15", "15.5", "-4h", "P", "PT", "4 h", "h", "", "4h,"])
def test_declared_durations_refuse(text: str) -> None:
    with pytest.raises(ValueError) as caught:
        parse_duration(text)
    assert str(caught.value) == f"{text!r} is not a duration with a unit, such as 15m, 4h, 7d or PT15M"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0s"),
        (0.25, "0.25s"),
        (90, "1m30s"),
        (DAY, "24h"),
        (36 * HOUR, "36h"),
        (25 * HOUR + 60, "25h1m"),
        (DAY + 60, "24h1m"),
        (2 * DAY, "2d"),
        (-HOUR, "-1h"),
        (math.inf, "unbounded"),
    ],
)
def test_format(seconds: float, text: str) -> None:
    assert format_duration(seconds) == text


@given(st.integers(min_value=0, max_value=10**12))
def test_formatted_durations_parse_back(seconds: int) -> None:
    assert parse_duration(format_duration(seconds)).seconds == seconds


def test_nothing_is_longer_than_unbounded() -> None:
    assert Duration(10**15) < UNBOUNDED
    assert Duration(HOUR) + UNBOUNDED == UNBOUNDED
