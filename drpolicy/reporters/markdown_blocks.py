"""The blocks that a Markdown report is made of. What is put into them is escaped before."""

from __future__ import annotations

from collections.abc import Iterable

from drpolicy.model.spans import Span
from drpolicy.reporters.inert import code
from drpolicy.reporters.printable import place


def folded(title: str, body: str) -> str:
    """Return a body that is folded away under its title."""
    return f"<details>\n<summary>{title}</summary>\n\n{body}\n\n</details>"


def at(span: Span) -> str:
    """Return a place as a code span."""
    return code(place(span))


def where(span: Span | None) -> str:
    """Return a place in brackets, or nothing."""
    return f" ({at(span)})" if span is not None else ""


def items(lines: Iterable[str]) -> str:
    """Return a list."""
    return "\n".join(f"- {line}" for line in lines)


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """Return a table; a cell holds no line feed and no bare ``|``."""
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, ("---",) * len(head), *rows))
