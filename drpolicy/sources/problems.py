"""Trouble with an input, as data."""

from __future__ import annotations

from typing import Literal, TypeAlias

from drpolicy.model.records import dataclass
from drpolicy.model.spans import Span

Code: TypeAlias = Literal[
    "file-too-large",
    "file-not-text",
    "file-unreadable",
    "tree-too-large",
    "yaml-syntax",
    "yaml-template",
    "yaml-duplicate-key",
    "yaml-too-deep",
    "yaml-too-large",
    "yaml-alias-bomb",
    "json-syntax",
    "json-duplicate-key",
    "json-too-deep",
    "json-too-large",
]


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a file, and where; ``related`` is a second place that the message speaks of."""

    path: str
    code: Code
    message: str
    span: Span | None = None
    related: Span | None = None


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A path that could not be read or listed, and why; ``path`` is always printable."""

    path: str
    reason: str
    code: Literal["file-too-large", "file-unreadable", "tree-too-large"] = "file-unreadable"


class Abandoned(Exception):
    """A document cannot be read further. Never leaves this package: every reader turns it into its problem."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem
