"""No test depends on what an earlier one has left in the user's cache, on how busy the machine is, or on how wide a terminal is."""

from __future__ import annotations

import os

from hypothesis import settings

os.environ["DRPOLICY_CACHE_DIR"] = ""
os.environ.pop("COLUMNS", None)
settings.register_profile("drpolicy", deadline=None)
settings.load_profile("drpolicy")
