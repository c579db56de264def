"""No test depends on what an earlier one has left in the user's cache."""

from __future__ import annotations

import os

os.environ["DRPOLICY_CACHE_DIR"] = ""
