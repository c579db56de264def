"""Durations with units. A bare number is never a duration.

Accepted: Go syntax (``1h30m``, ``250ms``), whole days and weeks (``7d``, ``2w``), and ISO 8601 (``PT15M``, ``P1DT2H``).
Velero's own fields take Go syntax only; ``go_duration`` is that grammar (Go ``time.ParseDuration``, pkg.go.dev/time,
2026-11).
"""

from __future__ import annotations

import math
from functools import total_ordering

from drpolicy.model.patterns import deferred
from drpolicy.model.records import dataclass

MINUTE = 60
HOUR = 3600
DAY = 86400
WEEK = 604800

_GO_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_OUR_UNITS = {**_GO_UNITS, "d": 86400.0, "w": 604800.0}
_TERM = deferred(r"(\d+(?:\.\d*)?|\.\d+)([a-zµμ]+)")
_ISO = deferred(
    r"P(?=.)(?:(\d+(?:\.\d+)?)W)?(?:(\d+(?:\.\d+)?)D)?(?:T(?=\d)(?:(\d+(?:\.\d+)?)H)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)S)?)?"
)


@total_ordering
@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time in seconds. ``UNBOUNDED`` is infinite: "no upper bound", or "never"."""

    seconds: float

    def __lt__(self, other: Duration) -> bool:
        return self.seconds < other.seconds

    def __add__(self, other: Duration) -> Duration:
        return Duration(self.seconds + other.seconds)

    def __str__(self) -> str:
        return format_duration(self.seconds)


UNBOUNDED = Duration(math.inf)


def go_duration(text: str) -> Duration:
    """Parse a Go duration. Raises ValueError with the reason."""
    return _terms(text, _GO_UNITS, "a Go duration such as 90s, 15m or 720h")


def parse_duration(text: str) -> Duration:
    """Parse a duration of a declaration. Raises ValueError with the reason and what to write instead."""
    match = _ISO.fullmatch(text)
    if match:
        weeks, days, hours, minutes, seconds = (float(group or 0) for group in match.groups())
        return Duration(weeks * WEEK + days * DAY + hours * HOUR + minutes * MINUTE + seconds)
    return _terms(text, _OUR_UNITS, "a duration with a unit, such as 15m, 4h, 7d or PT15M")


def _terms(text: str, units: dict[str, float], wanted: str) -> Duration:
    if text == "0" and units is _GO_UNITS:
        return Duration(0)
    body = text[1:] if text[:1] in "+-" and units is _GO_UNITS else text
    total, at = 0.0, 0
    for match in _TERM.finditer(body):
        if match.start() != at:
            break
        unit = units.get(match[2])
        if unit is None:
            raise ValueError(f"{match[2]!r} is not a unit here; write {wanted}")
        total += float(match[1]) * unit
        at = match.end()
    if at != len(body) or at == 0:
        raise ValueError(f"{text!r} is not {wanted}")
    return Duration(-total if text[:1] == "-" else total)


def format_duration(seconds: float) -> str:
    """Return the shortest exact form for people: ``15m``, ``1h30m``, ``3d``, ``unbounded``."""
    if math.isinf(seconds):
        return "unbounded"
    if seconds < 0:
        return "-" + format_duration(-seconds)
    if seconds == 0:
        return "0s"
    whole = int(seconds)
    if whole != seconds and seconds < MINUTE:
        return f"{seconds:.9f}".rstrip("0").rstrip(".") + "s"
    parts = []
    for unit, size in (("d", DAY), ("h", HOUR), ("m", MINUTE), ("s", 1)):
        count, whole = divmod(whole, size)
        if count:
            parts.append(f"{count}{unit}")
    # 24h reads better than 1d, 36h better than 1d12h: days start at two.
    if parts[0] == "1d":
        hours = 24 + (int(parts[1][:-1]) if len(parts) > 1 and parts[1].endswith("h") else 0)
        parts = [f"{hours}h", *[part for part in parts[1:] if not part.endswith("h")]]
    return "".join(parts)
