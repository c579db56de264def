"""Whether what is written in different places fits together."""

from __future__ import annotations

from typing import Final

from drpolicy.model.provenance import Derived
from drpolicy.model.records import dataclass
from drpolicy.model.values import Known, Value


@dataclass(frozen=True, slots=True, eq=False)
class Agreement:
    """Whether two things that are declared agree; its places are those of both sides."""

    holds: Value[bool]
    text: str
    """What contradicts what, in words; empty where nothing does."""
    compared: bool = True
    """Whether there was anything to compare."""


NOT_COMPARED: Final = Agreement(Known(True, Derived("there is nothing to compare", ())), "", compared=False)
"""What stands where the question does not arise."""
