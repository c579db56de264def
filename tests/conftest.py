"""No test depends on what an earlier one has left in the user's cache, or on how busy the machine is."""

from __future__ import annotations

import os

from hypothesis import settings

os.environ["DRPOLICY_CACHE_DIR"] = ""
settings.register_profile("drpolicy", deadline=None)
settings.load_profile("drpolicy")
