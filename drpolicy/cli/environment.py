"""What the environment says besides the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


def cache_directory(environment: Mapping[str, str]) -> Path | None:
    """Return the user's cache directory for drpolicy; ``None`` when there is no place for one.

    ``DRPOLICY_CACHE_DIR`` names it, and empty switches it off. Otherwise it is where the XDG Base Directory Specification 0.8 and
    Windows keep what may be deleted at any time.
    """
    named = environment.get("DRPOLICY_CACHE_DIR")
    if named is not None:
        return Path(named) if named else None
    for variable, below in (("XDG_CACHE_HOME", "drpolicy"), ("LOCALAPPDATA", "drpolicy/cache"), ("HOME", ".cache/drpolicy")):
        directory = environment.get(variable, "")
        if Path(directory).is_absolute():
            return Path(directory) / below
    return None
