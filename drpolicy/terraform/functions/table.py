"""What a function is: how it is called, with how many arguments, and whether it works on values or on plain data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, NamedTuple

from drpolicy.model.records import dataclass
from drpolicy.model.spans import Span
from drpolicy.model.values import Value
from drpolicy.terraform.scope import Frame


class Site(NamedTuple):
    """Where a function is called: its frame, and the span of the call."""

    frame: Frame
    span: Span
    name: str


@dataclass(frozen=True, slots=True)
class Function:
    """One function.

    ``plain`` functions take and give Python data, all of it known. ``values`` functions take the values as they are, with the
    site, and are exact with unknown elements. ``most`` is ``None`` for any number of arguments; ``nulls`` admits null arguments.
    """

    call: Callable[..., Any]
    least: int
    most: int | None
    kind: Literal["plain", "values"] = "plain"
    nulls: bool = False


Values = list[Value[Any]]
