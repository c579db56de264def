"""What can be lost, as it is written on the command line: a region, ``az:`` a zone, or ``account:`` a number."""

from __future__ import annotations

import re
from collections.abc import Collection
from difflib import SequenceMatcher, get_close_matches
from typing import Final

from drpolicy.model.estate import Estate
from drpolicy.model.values import Known
from drpolicy.recovery.gone import Kind, LostPlace

_ACCOUNT: Final = r"\d{12}"
_ZONE: Final = r"[a-z]|-[a-z0-9-]+"
"""What stands behind a region's name: the letter of a zone, or the rest of a local zone or a Wavelength zone."""


class NotAPlace(ValueError):
    """The message says what to write."""


def kind_of(text: str) -> tuple[Kind, str]:
    """Return what is named, and its name. Raises NotAPlace."""
    kind, separator, name = text.partition(":")
    if not separator:
        return "region", text
    if kind in ("region", "az", "account") and name:
        return kind, name  # type: ignore[return-value]  # checked on the line above
    raise NotAPlace(f"{text!r} is not a region, az:ZONE or account:NUMBER")


def place_of(text: str, regions: Collection[str], estate: Estate) -> LostPlace:
    """Return what is to be lost; ``regions`` are those of AWS that are known. What only the files name is a region too.

    Raises NotAPlace with what to write instead.
    """
    kind, name = kind_of(text)
    there = regions_there(estate)
    every = {*regions, *there}
    home = max((each for each in every if re.fullmatch(re.escape(each) + f"(?:{_ZONE})", name)), key=len, default="")
    match kind:
        case "account":
            if not re.fullmatch(_ACCOUNT, name) and name not in accounts_there(estate):
                raise NotAPlace(f"{name!r} is not the number of an account: it has 12 digits")
            return LostPlace(kind, name)
        case "az":
            if name in every:
                raise NotAPlace(f"{name!r} is a region, not a zone; did you mean {name}, or az:{name}a?")
            if not home:
                raise NotAPlace(f"{name!r} is not a zone of a region that is known; write it as az:{_nearest(name, there, regions)[0]}a")
            return LostPlace(kind, name, home)
        case _:
            if name in every:
                return LostPlace(kind, name, name)
            if home:
                raise NotAPlace(f"{name!r} is a zone, not a region; did you mean az:{name}?")
            if re.fullmatch(_ACCOUNT, name):
                raise NotAPlace(f"{name!r} is not a region; did you mean account:{name}?")
            raise NotAPlace(f"{name!r} is not a region that is known; did you mean {' or '.join(_nearest(name, there, regions))}?")


def regions_there(estate: Estate) -> set[str]:
    """Return the regions in which the files say that anything is."""
    values = [each.region for group in (estate.stores, estate.clusters, estate.components) for each in group]
    return {*(each.value for each in values if isinstance(each, Known)), *(name for each in estate.deployments for name in each.regions)}


def accounts_there(estate: Estate) -> set[str]:
    """Return the accounts in which the files say that stores are."""
    return {each.account.value for each in estate.stores if isinstance(each.account, Known)}


def _nearest(name: str, there: Collection[str], regions: Collection[str]) -> list[str]:
    """Return the regions that a name is most like; of the files' own any that is like it comes first."""
    near = get_close_matches(name.lower(), there, len(there) or 1) or get_close_matches(name.lower(), regions, len(regions), 0.0)
    likeness = {each: SequenceMatcher(None, each, name.lower()).ratio() for each in near}
    return sorted(each for each in near if likeness[each] == likeness[near[0]])
