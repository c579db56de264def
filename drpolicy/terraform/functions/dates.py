"""Functions on timestamps, which are RFC 3339 (functions/timeadd and functions/formatdate, 2026-11)."""

from __future__ import annotations

import calendar
import datetime
import re
from typing import Any, NamedTuple

from drpolicy.model.patterns import deferred
from drpolicy.terraform.conversion import text
from drpolicy.terraform.functions.table import Function
from drpolicy.terraform.unknowns import EvaluationError, TooLarge

_MOMENT = deferred(r"(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:[.,](\d{1,50}))?(?:Z|([+-])(\d{2}):(\d{2}))", re.ASCII)
_PIECE = deferred(r"(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)", re.ASCII)
_UNITS = {"ns": 1, "us": 10**3, "µs": 10**3, "μs": 10**3, "ms": 10**6, "s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9}
_LONGEST = 2**63 - 1
"""Nanoseconds in Go's longest duration."""

_EPOCH = datetime.date(1970, 1, 1).toordinal()


class Moment(NamedTuple):
    """Nanoseconds since 1970 in UTC, and the minutes that the zone is ahead of UTC."""

    nanoseconds: int
    zone: int


def moment(value: Any) -> Moment:
    """Read an RFC 3339 timestamp; raise ``EvaluationError`` for anything else."""
    found = _MOMENT.fullmatch(text(value))
    if found is None:
        raise EvaluationError("a timestamp of RFC 3339 is required")
    year, month, day, hour, minute, second = (int(each) for each in found.groups()[:6])
    zone = 0 if found[8] is None else (int(found[9]) * 60 + int(found[10])) * (-1 if found[8] == "-" else 1)
    shifted = year or 400
    if not 1 <= month <= 12 or not 1 <= day <= calendar.monthrange(shifted, month)[1] or hour > 23 or minute > 59 or second > 59:
        raise EvaluationError("the timestamp has a field out of range")
    if found[8] is not None and (int(found[9]) > 24 or int(found[10]) > 60):
        raise EvaluationError("the timestamp has a zone out of range")
    days = datetime.date(shifted, month, day).toordinal() - _EPOCH - (146_097 if year == 0 else 0)
    seconds = ((days * 24 + hour) * 60 + minute - zone) * 60 + second
    return Moment(seconds * 10**9 + int((found[7] or "0").ljust(9, "0")[:9]), zone)


class _Fields(NamedTuple):
    year: int
    month: int
    day: int
    weekday: int
    hour: int
    minute: int
    second: int


def _fields(at: Moment) -> _Fields:
    minutes, second = divmod(at.nanoseconds // 10**9 + at.zone * 60, 60)
    hours, minute = divmod(minutes, 60)
    days, hour = divmod(hours, 24)
    # The calendar repeats every 400 years, of 146,097 days.
    cycles, rest = divmod(days + _EPOCH - 1, 146_097)
    date = datetime.date.fromordinal(rest + 1)
    return _Fields(date.year + cycles * 400, date.month, date.day, date.weekday(), hour, minute, second)


def written(at: Moment) -> str:
    """Return a timestamp as RFC 3339, without fractions of a second."""
    now = _fields(at)
    year = f"{now.year:04}"
    return f"{year}-{now.month:02}-{now.day:02}T{now.hour:02}:{now.minute:02}:{now.second:02}{_zone(at.zone, ':') if at.zone else 'Z'}"


def _zone(minutes: int, separator: str) -> str:
    hours, rest = divmod(abs(minutes), 60)
    return f"{'-' if minutes < 0 else '+'}{hours:02}{separator}{rest:02}"


def _duration(written_: str) -> int:
    sign, body = (-1, written_[1:]) if written_[:1] == "-" else (1, written_.removeprefix("+"))
    if body == "0":
        return 0
    at, total = 0, 0
    while at < len(body) or at == 0:
        piece = _PIECE.match(body, at)
        if piece is None or len(piece[1]) > 100:
            raise EvaluationError("a duration is required")
        whole, _, part = piece[1].partition(".")
        unit = _UNITS[piece[2]]
        total += int(whole or 0) * unit + (int(part) * unit // 10 ** len(part) if part else 0)
        at = piece.end()
    if total > _LONGEST:
        raise EvaluationError("the duration is out of range")
    return sign * total


def _timeadd(timestamp: Any, duration: Any) -> str:
    at = moment(timestamp)
    return written(Moment(at.nanoseconds + _duration(text(duration)), at.zone))


def _timecmp(left: Any, right: Any) -> int:
    ours, theirs = moment(left).nanoseconds, moment(right).nanoseconds
    return (ours > theirs) - (ours < theirs)


_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"]
_TOKEN = deferred(r"'((?:[^']|'')*)'|([A-Za-z])\2*+|[^A-Za-z']+|(')")


def _formatdate(layout: Any, timestamp: Any) -> str:
    at = moment(timestamp)
    now = _fields(at)
    half = now.hour % 12 or 12
    utc = at.zone == 0
    verbs = {
        "YYYY": f"{now.year:04}",
        "YY": f"{now.year % 100:02}",
        "MMMM": _MONTHS[now.month - 1],
        "MMM": _MONTHS[now.month - 1][:3],
        "MM": f"{now.month:02}",
        "M": str(now.month),
        "DD": f"{now.day:02}",
        "D": str(now.day),
        "EEEE": _WEEKDAYS[now.weekday],
        "EEE": _WEEKDAYS[now.weekday][:3],
        "hh": f"{now.hour:02}",
        "h": str(now.hour),
        "HH": f"{half:02}",
        "H": str(half),
        "AA": "PM" if now.hour >= 12 else "AM",
        "aa": "pm" if now.hour >= 12 else "am",
        "mm": f"{now.minute:02}",
        "m": str(now.minute),
        "ss": f"{now.second:02}",
        "s": str(now.second),
        "ZZZZZ": _zone(at.zone, ":"),
        "ZZZZ": _zone(at.zone, ""),
        "ZZZ": "UTC" if utc else _zone(at.zone, ""),
        "Z": "Z" if utc else _zone(at.zone, ":"),
    }
    pieces: list[str] = []
    body = text(layout)
    if len(body) > 10_000:
        raise TooLarge("the format is longer than is evaluated")
    for token in _TOKEN.finditer(body):
        if token[3]:
            raise EvaluationError("a quote in the format is not closed")
        if token[1] is not None:
            pieces.append(token[1].replace("''", "'") or "'")
        elif token[2]:
            verb = verbs.get(token[0])
            if verb is None:
                raise EvaluationError(f"the format has an unknown verb {token[0]}")
            pieces.append(verb)
        else:
            pieces.append(token[0])
    return "".join(pieces)


FUNCTIONS: dict[str, Function] = {
    "formatdate": Function(_formatdate, 2, 2),
    "timeadd": Function(_timeadd, 2, 2),
    "timecmp": Function(_timecmp, 2, 2),
}
