"""The account of what was read: every attribute of every file was evaluated, or is unknown for a reason, or nothing needed it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from drpolicy.model.reasons import Reason
from drpolicy.model.records import dataclass, field
from drpolicy.terraform.blocks import AttributeSyntax, FileSyntax

Outcomes = Mapping[str, Mapping[int, Reason | None]]
"""What became of each attribute that was evaluated, by file and offset of its expression: the reason why it is unknown somewhere."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """What was read and what was not. ``attributes`` is the sum of ``known``, of all of ``unknown``, and of ``not_needed``.

    An attribute that is evaluated for several instances or deployments counts once, as unknown if it is so in any of them.
    """

    files: int = 0
    roots: int = 0
    attributes: int = 0
    known: int = 0
    unknown: Mapping[Reason, int] = field(default_factory=dict)
    not_needed: int = 0
    blocks: Mapping[str, int] = field(default_factory=dict)
    """The blocks at the top of the files, by type."""

    expressions: int = 0
    """How often an attribute was evaluated: once per instance and deployment."""

    unread: Mapping[str, int] = field(default_factory=dict)
    """Resources of types that nobody wanted, by type."""

    terragrunt: int = 0
    """Terragrunt files that were read; they count apart from ``files``, and so do their attributes."""

    not_read: int = 0
    """Terragrunt files that no unit is, includes or reads."""


def account_of(files: Iterable[FileSyntax], outcomes: Outcomes, roots: int, expressions: int, unread: Mapping[str, int]) -> Coverage:
    """Return what became of the files' attributes."""
    every = list(files)
    unknown: Counter[Reason] = Counter()
    blocks: Counter[str] = Counter()
    total = known = 0
    for file in every:
        blocks.update(block.type for block in file.blocks)
        here = outcomes.get(file.source.path, {})
        for attributes in _attributes(file):
            total += len(attributes)
            for attribute in attributes if here else ():
                if attribute.value_start in here:
                    reason = here[attribute.value_start]
                    if reason is None:
                        known += 1
                    else:
                        unknown[reason] += 1
    return Coverage(
        len(every),
        roots,
        total,
        known,
        dict(sorted(unknown.items(), key=lambda each: each[0].label)),
        total - known - sum(unknown.values()),
        dict(sorted(blocks.items())),
        expressions,
        dict(sorted(unread.items())),
    )


def _attributes(file: FileSyntax) -> Iterator[tuple[AttributeSyntax, ...]]:
    yield file.attributes
    pending = list(file.blocks)
    while pending:
        block = pending.pop()
        yield block.attributes
        pending += block.blocks
