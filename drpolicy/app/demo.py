"""The example estate, wherever the tool is installed."""

from __future__ import annotations

from pathlib import Path

from drpolicy.policy.builtin import shipped

EXAMPLE_DATE = "2026-11-01"
"""The day as of which the examples are judged: nothing shown depends on today."""


def example_directory(state: str) -> Path:
    """Return the directory of the example estate, ``before`` or ``after`` repair."""
    return shipped("examples") / state
