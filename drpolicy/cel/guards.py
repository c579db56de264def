"""What a condition makes certain: the selections that are there wherever it holds."""

from __future__ import annotations

import re
from collections.abc import Iterator

from drpolicy.cel.syntax import Has, Logic, Node, Select, Unary
from drpolicy.cel.text import to_text


def facts(node: Node, holds: bool = True) -> Iterator[str]:
    """Yield the selections that are there when a condition is true, or when it is false."""
    match node:
        case Has(selection) if holds:
            yield to_text(selection)
            yield from _ancestors(selection.operand)
        case Unary("!", operand):
            yield from facts(operand, not holds)
        case Logic(operator, operands) if (operator == "&&") is holds:
            for operand in operands:
                yield from facts(operand, holds)


def _ancestors(node: Node) -> Iterator[str]:
    while isinstance(node, Select):
        yield to_text(node)
        node = node.operand


def mentions(path: str, name: str) -> bool:
    """Whether a selection depends on a name."""
    return re.search(rf"\b{name}\b", path) is not None
