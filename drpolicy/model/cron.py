"""Cron expressions: the two grammars, and the days of the calendar that an expression names.

``standard_cron`` is robfig/cron v3.0.1 ``ParseStandard`` (``parser.go``), which Velero up to 1.18 and Kubernetes CronJob
use. ``aws_cron`` is the six-field form of EventBridge, AWS Backup and Data Lifecycle Manager (EventBridge user guide,
"Cron expressions reference", 2026-11; what it leaves open follows Quartz, from which it comes). Weekdays count from
Sunday = 0.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from functools import lru_cache
from typing import Literal, NamedTuple, NoReturn, assert_never

from drpolicy.model.patterns import deferred
from drpolicy.model.records import dataclass, field

_MONTHS = {name: at for at, name in enumerate(("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1)}
_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    low: int
    high: int
    wanted: str
    names: Mapping[str, int] = field(default_factory=dict)

    def fail(self, written: str, why: str) -> NoReturn:
        raise ValueError(f"{self.name} {written!r} {why}; write {self.wanted}")

    def number(self, word: str, written: str) -> int:
        named = self.names.get(word.lower())
        if named is not None:
            return named
        if not _NUMBER.fullmatch(word):
            self.fail(written, f"has {word!r} where a number should be")
        return int(word)


# Nineteen digits are what fits Go's int; they also keep clear of Python's limit on integer strings.
_NUMBER = deferred(r"\+?[0-9]{1,19}")
# Go's unicode.IsSpace, which strings.Fields splits at, does not know the separators 1C to 1F that Python's split() does.
_SPACE = deferred(r"[^\S\x1c-\x1f]+")
_SECOND = _Field("second", 0, 59, "0-59, *, a range, a list or a step; 0 for once a minute")
_MINUTE = _Field("minute", 0, 59, "0-59, *, a range such as 0-29, a list or a step such as */15")
_HOUR = _Field("hour", 0, 23, "0-23, *, a range such as 8-18, a list or a step such as */6")
_DOM = _Field("day of month", 1, 31, "1-31, *, a range, a list or a step")
_MONTH = _Field("month", 1, 12, "1-12 or JAN-DEC, *, a range, a list or a step", _MONTHS)
_DOW = _Field("day of week", 0, 6, "0-6 (0 is Sunday) or SUN-SAT, *, a range, a list or a step", {n: i for i, n in enumerate(_WEEKDAYS)})
_AWS_DOM = _Field("day of month", 1, 31, "1-31, *, ?, L, LW, or 15W")
_AWS_DOW = _Field("day of week", 1, 7, "1-7 (1 is Sunday) or SUN-SAT, *, ?, 6L or 6#3", {n: i for i, n in enumerate(_WEEKDAYS, 1)})
_AWS_YEAR = _Field("year", 1970, 2199, "* or a year from 1970 to 2199")


class Day(NamedTuple):
    """One way to name days of a month. ``nth`` belongs to ``nth``: the third Friday is ``Day("nth", 5, 3)``."""

    kind: Literal["date", "weekday", "from-end", "nearest", "last-working", "nth", "last"]
    value: int = 0
    nth: int = 0


@dataclass(frozen=True, slots=True)
class Cron:
    """A parsed expression. Times are minutes of the day, sorted; ``days`` of ``None`` is every day, ``years`` of ``None`` every year."""

    times: tuple[int, ...]
    months: frozenset[int]
    days: frozenset[Day] | None
    years: frozenset[int] | None = None


def standard_cron(text: str) -> Cron:
    """Parse five fields as robfig does, quirks included. Raises ValueError naming the field and what to write.

    The quirks: ``?`` is ``*``; ``a/n`` runs to the end of the field; what follows ``*-`` is ignored; a field of commas
    only is valid and matches nothing; 7 is no weekday. Both day fields restrict together when one of them holds a ``*``
    without a step, else either suffices.
    """
    words = [word for word in _SPACE.split(text) if word]
    if len(words) != 5:
        raise ValueError(
            f"{text!r} has {len(words)} fields; write five: minute, hour, day of month, month, day of week, such as '0 3 * * *'"
        )
    parsed = [_standard_field(word, kind) for word, kind in zip(words, (_MINUTE, _HOUR, _DOM, _MONTH, _DOW), strict=True)]
    (minutes, _), (hours, _), (dates, any_date), (months, _), (weekdays, any_weekday) = parsed
    by_date = frozenset(Day("date", value) for value in dates)
    by_weekday = frozenset(Day("weekday", value) for value in weekdays)
    days: frozenset[Day] | None
    match any_date, any_weekday:
        case True, True:
            days = None
        case True, False:
            days = by_weekday
        case False, True:
            days = by_date
        case _:
            days = by_date | by_weekday
    return Cron(_times(hours, minutes), frozenset(months), days)


def check_standard_second(word: str) -> None:
    """Raise ValueError unless a first field names seconds as robfig reads them."""
    _standard_field(word, _SECOND)


def check_quartz_second(word: str) -> None:
    """Raise ValueError unless a first field names seconds as Quartz reads them."""
    _aws_field(word, _SECOND)


def _standard_field(text: str, kind: _Field) -> tuple[set[int], bool]:
    values: set[int] = set()
    star = False
    for part in filter(None, text.split(",")):
        whole, *steps = part.split("/")
        ends = whole.split("-")
        starred = ends[0] in ("*", "?")
        if starred:
            low, high = kind.low, kind.high
        elif len(ends) > 2:
            kind.fail(part, "has too many hyphens")
        else:
            low, high = kind.number(ends[0], part), kind.number(ends[-1], part)
        if len(steps) > 1:
            kind.fail(part, "has too many slashes")
        step = _step(kind, part, steps[0]) if steps else 1
        if steps and len(ends) == 1:
            high = kind.high
        _check(kind, part, low, high)
        if low > high:
            kind.fail(part, "ends before it begins")
        values.update(range(low, high + 1, step))
        star = star or (starred and step == 1)
    return values, star


def aws_cron(text: str) -> Cron:
    """Parse the six fields inside ``cron(…)``. Raises ValueError naming the field and what to write.

    A range may wrap around (``FRI-MON``). A lone ``L`` as day of week is Saturday; ``31W`` skips months without a 31st.
    """
    words = text.split()
    if len(words) != 6:
        raise ValueError(
            f"{text!r} has {len(words)} fields; write six: minute, hour, day of month, month, day of week, year, such as '0 5 * * ? *'"
        )
    minute, hour, dates, month, weekdays, year = words
    if (dates == "?") == (weekdays == "?"):
        raise ValueError("exactly one of day of month and day of week must be ?; write '0 5 * * ? *' or '0 5 ? * MON *'")
    days = frozenset(_aws_dates(dates)) if weekdays == "?" else frozenset(_aws_weekdays(weekdays))
    return Cron(
        _times(_aws_field(hour, _HOUR), _aws_field(minute, _MINUTE)),
        frozenset(_aws_field(month, _MONTH)),
        None if "*" in (dates, weekdays) else days,
        None if year == "*" else frozenset(_aws_field(year, _AWS_YEAR)),
    )


_AWS_PART = deferred(r"(\*|[0-9A-Za-z]+)(?:-([0-9A-Za-z]+))?(?:/([0-9]+))?")
_AWS_DATE = deferred(r"(?P<working>LW)|L(?:-(?P<before>[0-9]{1,2}))?|(?P<near>[0-9]{1,2})W")
_AWS_WEEKDAY = deferred(r"(?P<day>[0-9A-Za-z]*?)(?:L|#(?P<nth>[0-9]{1,2}))")


def _aws_field(text: str, kind: _Field) -> set[int]:
    values: set[int] = set()
    for part in text.split(","):
        match = _AWS_PART.fullmatch(part)
        if match is None or (match[1] == "*" and match[2]):
            kind.fail(part, "is not understood")
        low = kind.low if match[1] == "*" else kind.number(match[1], part)
        high = kind.number(match[2], part) if match[2] else kind.high if match[3] or match[1] == "*" else low
        _check(kind, part, low, high)
        step = _step(kind, part, match[3]) if match[3] else 1
        if low <= high:
            values.update(range(low, high + 1, step))
        elif match[3] or kind is _AWS_YEAR:
            kind.fail(part, "ends before it begins")
        else:
            values.update(range(low, kind.high + 1), range(kind.low, high + 1))
    return values


def _aws_dates(text: str) -> Iterator[Day]:
    for part in text.split(","):
        match = _AWS_DATE.fullmatch(part.upper())
        if match is None:
            yield from (Day("date", value) for value in _aws_field(part, _AWS_DOM))
        elif match["working"]:
            yield Day("last-working")
        elif match["near"]:
            near = int(match["near"])
            _check(_AWS_DOM, part, near, near)
            yield Day("nearest", near)
        else:
            before = int(match["before"] or 0)
            if before > 30:
                _AWS_DOM.fail(part, "goes back further than a month")
            yield Day("from-end", before)


def _aws_weekdays(text: str) -> Iterator[Day]:
    for part in text.split(","):
        match = _AWS_WEEKDAY.fullmatch(part.upper())
        if match is None:
            yield from (Day("weekday", value - 1) for value in _aws_field(part, _AWS_DOW))
            continue
        day = _AWS_DOW.number(match["day"], part) if match["day"] else 7
        _check(_AWS_DOW, part, day, day)
        if match["nth"] is None:
            yield Day("last", day - 1) if match["day"] else Day("weekday", 6)
        elif part != text:
            _AWS_DOW.fail(text, "has # in a list")
        elif not match["day"] or not 1 <= int(match["nth"]) <= 5:
            _AWS_DOW.fail(part, "needs a day before # and 1 to 5 after it")
        else:
            yield Day("nth", day - 1, int(match["nth"]))


def _step(kind: _Field, part: str, text: str) -> int:
    if not _NUMBER.fullmatch(text) or int(text) == 0:
        kind.fail(part, f"has the step {text!r}, which is not a positive number")
    return int(text)


def _check(kind: _Field, part: str, low: int, high: int) -> None:
    for value in (low, high):
        if not kind.low <= value <= kind.high:
            kind.fail(part, f"is outside {kind.low}-{kind.high}")


def _times(hours: set[int], minutes: set[int]) -> tuple[int, ...]:
    return tuple(hour * 60 + minute for hour in sorted(hours) for minute in sorted(minutes))


@lru_cache(maxsize=4096)
def calendar(cron: Cron, year: int) -> str:
    """Return one character per day of a year: ``1`` where the expression matches, else ``0``."""
    if cron.years is not None and year not in cron.years:
        return "0" * (366 if _leap(year) else 365)
    weekday = date(year, 1, 1).isoweekday() % 7
    months = []
    for month, usual in enumerate(_LENGTHS, 1):
        length = usual + 1 if month == 2 and _leap(year) else usual
        months.append(_month(cron.days, length, weekday) if month in cron.months else "0" * length)
        weekday = (weekday + length) % 7
    return "".join(months)


def _leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


@lru_cache(maxsize=2048)
def _month(days: frozenset[Day] | None, length: int, first: int) -> str:
    if days is None:
        return "1" * length
    chosen = {value for day in days for value in _dates(day, length, first)}
    return "".join("1" if value in chosen else "0" for value in range(1, length + 1))


def _dates(day: Day, length: int, first: int) -> Iterator[int]:
    """Yield the dates that ``day`` names in a month of ``length`` days whose first is the weekday ``first``."""
    start = (day.value - first) % 7 + 1
    match day.kind:
        case "date":
            yield day.value
        case "weekday":
            yield from range(start, length + 1, 7)
        case "from-end":
            yield length - day.value
        case "nth":
            yield start + 7 * (day.nth - 1)
        case "last":
            yield max(range(start, length + 1, 7))
        case "last-working":
            yield _nearest(length, length, first)
        case "nearest":
            if day.value <= length:
                yield _nearest(day.value, length, first)
        case _:
            assert_never(day.kind)


def _nearest(value: int, length: int, first: int) -> int:
    """Return the working day nearest to a date, without leaving the month."""
    match (first + value - 1) % 7:
        case 6:
            return value - 1 if value > 1 else 3
        case 0:
            return value + 1 if value < length else value - 2
        case _:
            return value
