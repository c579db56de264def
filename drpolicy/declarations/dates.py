"""Calendar dates as declarations and waivers write them."""

from __future__ import annotations

from datetime import date

from drpolicy.declarations.wording import quoted
from drpolicy.model.patterns import deferred

_DATE = deferred(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def parse_date(text: str) -> date | str:
    """Return the date of a text ``YYYY-MM-DD``, or what is wrong with it and what to write."""
    if _DATE.fullmatch(text) is None:
        return f"{quoted(text)} is not a date; write it as 2027-03-31"
    try:
        return date.fromisoformat(text)
    except ValueError:
        return f"{quoted(text)} is not a day of the calendar"
