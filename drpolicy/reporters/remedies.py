"""What a remedy says: its first lines for a terminal, its prose and its code for a page."""

from __future__ import annotations

from textwrap import dedent
from typing import Final, NamedTuple

from drpolicy.model.patterns import deferred

_PROSE: Final = deferred(
    r"(?!velero |kubectl |terraform )"
    r"(?:[A-Z][a-z]*[ ,;:]|[a-z]+ (?:[a-z]+|the|a|it|to)\b(?![.(={/])(?!.*[{}=]\s*$)|(?=[\w\"'(-])(?:\S+ ){4,}.*(?:\w|\))[.:]$)"
)
"""What a line of a remedy looks like that is no code: it begins like a sentence, or is long and ends like one."""


class RemedyPart(NamedTuple):
    """Consecutive lines of a remedy that are all prose or all code."""

    code: bool
    text: str


def remedy_parts(remedy: str) -> list[RemedyPart]:
    """Part a remedy into prose and code. Fences are followed; without them prose is what reads like a sentence."""
    parts: list[tuple[bool, list[str]]] = []
    fenced = False
    for line in remedy.strip().splitlines():
        if line.lstrip().startswith("```"):
            fenced = not fenced
            continue
        inside = fenced or (not _PROSE.match(line) and bool(line.strip()))
        blank = not line.strip()
        if parts and (blank or parts[-1][0] == inside):
            parts[-1][1].append(line)
        elif not blank:
            parts.append((inside, [line]))
    return [RemedyPart(inside, dedent("\n".join(lines)).strip("\n")) for inside, lines in parts]


def smallest_remedy(remediation: str, limit: int = 3) -> tuple[str, ...]:
    """Return the first paragraph of a remediation, at most ``limit`` lines of it, without Markdown fences.

    A paragraph that ends in a colon brings the lines that it announces.
    """
    kept: list[str] = []
    for line in remediation.strip().splitlines():
        if line.lstrip().startswith("```"):
            continue
        if not line.strip():
            if kept and not kept[-1].rstrip().endswith(":"):
                break
            continue
        kept.append(line.rstrip())
        if len(kept) == limit:
            break
    return tuple(kept)
