"""Patterns of RE2 as Python's, and which of them Python may search with: those that cannot backtrack without end."""

from __future__ import annotations

import re
from typing import assert_never

from drpolicy.terraform.functions.re2_characters import Characters
from drpolicy.terraform.functions.re2_syntax import Choice, Edge, Group, Node, Repeat, Sequence


def cost(node: Node) -> tuple[int, int]:
    """Return how many open repetitions and how many ways of choosing there are; many ways for what must not be left to ``re``."""
    match node:
        case Characters(within=within, categories=categories):
            return (0, 1) if not categories and not any(each.categories for each in within) else (0, 1000)
        case Edge():
            return 0, 1
        case Group(item=item):
            return cost(item)
        case Sequence(items=items):
            power, ways = 0, 1
            for item in items:
                more, choices = cost(item)
                power, ways = power + more, min(ways * choices, 1000)
            return power, ways
        case Choice(options=options):
            costs = [cost(option) for option in options]
            return max(power for power, _ in costs), min(sum(ways for _, ways in costs), 1000)
        case Repeat(item=Characters() as item):
            return 1, cost(item)[1]
        case Repeat(item=item, least=0, most=1):
            power, ways = cost(item)
            return power, min(2 * ways, 1000)
        case Repeat():
            return 1, 1000
        case _:
            assert_never(node)


_EDGES = {"start": r"\A", "end": r"\Z", "line start": "(?m:^)", "line end": "(?m:$)", "word": r"(?a:\b)", "no word": r"(?a:\B)"}


def python_pattern(node: Node) -> str:
    """Return a pattern as Python writes it, with the same meaning."""
    match node:
        case Characters():
            return _class(node)
        case Edge(kind=kind):
            return _EDGES[kind]
        case Sequence(items=items):
            return "".join(f"(?:{python_pattern(item)})" if isinstance(item, Choice) else python_pattern(item) for item in items)
        case Choice(options=options):
            return "|".join(python_pattern(option) for option in options)
        case Group(item=item):
            return f"({python_pattern(item)})"
        case Repeat(item=item, least=least, most=most, greedy=greedy):
            inner = python_pattern(item) if isinstance(item, (Characters, Group)) else f"(?:{python_pattern(item)})"
            return f"{inner}{{{least},{'' if most is None else most}}}{'' if greedy else '?'}"
        case _:
            assert_never(node)


def _class(chars: Characters) -> str:
    """Return a class of Python's: what it holds, or with a lookahead what it does not."""
    parts = [f"{re.escape(low)}-{re.escape(high)}" for low, high in chars.ranges]
    insides = ([f"[{''.join(parts)}]"] if parts else []) + [_class(each) for each in chars.within]
    if not insides:
        return r"[\s\S]" if chars.negated else r"(?!)"
    if chars.negated and parts and not chars.within and not chars.folded:
        return f"[^{''.join(parts)}]"
    inside = insides[0] if len(insides) == 1 else f"(?:{'|'.join(insides)})"
    folded = f"(?i:{inside})" if chars.folded else inside
    return rf"(?:(?!{folded})[\s\S])" if chars.negated else folded
