"""Whether what is written for a region is one: a name that is known, one that may be new, or a misspelt one."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final, Literal

from drpolicy.declarations.wording import quoted
from drpolicy.model.patterns import deferred

Problem = tuple[Literal["error", "warning"], str]

_REGION: Final = deferred(r"([a-z]{2,4}(?:-[a-z]+)+)-\d{1,2}")
"""An area, what is in it and a number (AWS Regions and Availability Zones User Guide, AWS Regions, 2026-11)."""

_PLACE: Final = deferred(r"[a-z]{2}:.+")
"""A place of somebody's own, after the code of its country."""

_LONGEST: Final = 60
_NEAR: Final = 0.7


def region_problem(text: str, known: Iterable[str]) -> Problem | None:
    """Return what is wrong with the name of a region, and whether that is certain; ``None`` where nothing is.

    Of a known part of the world there may be one with another number, or at another point of the compass.
    """
    names = sorted(known)
    if text in names or _PLACE.fullmatch(text):
        return None
    form = _REGION.fullmatch(text)
    words = {word for name in names for word in name.split("-")[:-1]}
    written = text.lower().replace("_", "-")
    wrong = {word: right for word in written.split("-") if word not in words and (right := _right(word, words))}
    meant = "-".join(wrong.get(word, word) for word in written.split("-"))
    near = get_close_matches(meant, names, 1, _NEAR) if len(text) < _LONGEST else []
    hint = f"; did you mean {quoted(near[0])}?" if near else ""
    if form is None:
        advice = hint or "; a place of your own is written as country:name, such as kr:data-centre"
        return "error", f"{quoted(text)} is no region of AWS{advice}"
    if wrong and near:
        return "error", f"no region is called {quoted(text)}{hint}"
    alike = [each for each in names if each.rpartition("-")[0] == form[1]]
    return "warning", f"{quoted(text)} is no region that this version knows" + (f", unlike {', '.join(alike)}" if alike else "")


def _right(word: str, words: Iterable[str]) -> str:
    """Return the word that one with a letter wrong, missing or out of its place means; of two letters only the order may be wrong."""
    if len(word) == 2:
        return next((each for each in sorted(words) if sorted(word) == sorted(each)), "")
    return next(iter(get_close_matches(word, [each for each in words if len(each) > 2], 1, _NEAR)), "")
