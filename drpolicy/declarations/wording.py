"""Text of others inside messages: bounded, and on one line."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

_SHOWN = 60


def quoted(text: str) -> str:
    """Return a text in single quotes, escaped as Python escapes it and cut after 60 characters."""
    return repr(text if len(text) <= _SHOWN else text[:_SHOWN] + "…")


def unknown_field(name: str, known: Iterable[str]) -> str:
    """Return the message for a field that does not exist, with the nearest one that does."""
    names = list(known)
    if len(name) > _SHOWN:
        return f"unknown field {quoted(name)}"
    folded = {each.lower(): each for each in names}
    near = get_close_matches(name.lower().replace("_", "").replace("-", ""), folded, 1, 0.6)
    if near:
        return f"unknown field {quoted(name)}; did you mean {quoted(folded[near[0]])}?"
    if len(names) > 12 or not names:
        return f"unknown field {quoted(name)}"
    return f"unknown field {quoted(name)}; the fields here are {', '.join(names)}"
