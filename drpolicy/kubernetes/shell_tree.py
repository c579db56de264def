"""The structure of a shell script: commands, pipelines, lists and compound commands (XCU 2.9, IEEE Std 1003.1-2024)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias, assert_never

from drpolicy.kubernetes.shell_words import Redirect, Word
from drpolicy.model.records import dataclass, field


@dataclass(frozen=True, slots=True, eq=False)
class Simple:
    """A simple command: assignments, words (the first is its name) and redirections."""

    start: int
    end: int
    words: tuple[Word, ...] = ()
    assignments: tuple[tuple[str, Word], ...] = ()
    redirects: tuple[Redirect, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Compound:
    """``if``, ``while``, ``until``, ``for``, ``case``, ``group``, ``subshell`` or ``function``.

    ``conditions`` are the lists that decide, ``bodies`` what may then run; ``words`` the subject of a case, the list of a for, or
    what stands in ``(( … ))``; ``name`` a function's; ``patterns`` those of a case.
    """

    kind: str
    start: int
    end: int
    conditions: tuple[Sequence, ...] = ()
    bodies: tuple[Sequence, ...] = ()
    words: tuple[Word, ...] = ()
    name: str = ""
    patterns: tuple[Word, ...] = ()
    redirects: tuple[Redirect, ...] = ()


Command: TypeAlias = Simple | Compound


@dataclass(frozen=True, slots=True, eq=False)
class Pipeline:
    """Commands joined by ``|``; ``negated`` by a leading ``!``."""

    commands: tuple[Command, ...]
    negated: bool


@dataclass(frozen=True, slots=True, eq=False)
class AndOr:
    """Pipelines joined by ``&&`` and ``||``; the operator stands with the pipeline that it precedes, empty for the first."""

    items: tuple[tuple[str, Pipeline], ...]
    start: int
    end: int
    background: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Sequence:
    """Lists that run one after another."""

    items: tuple[AndOr, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Script:
    """A script that stands in ``text``; ``problems`` are the offsets of what could not be read."""

    text: str
    body: Sequence
    problems: tuple[int, ...] = field(default=())


def simples(node: Sequence | Command) -> Iterator[Simple]:
    """Yield the simple commands of a node in order, those of functions it defines included; not those in substitutions."""
    stack: list[Sequence | Command] = [node]
    while stack:
        current = stack.pop()
        match current:
            case Simple():
                yield current
            case Compound():
                stack.extend(reversed(interleaved(current)))
            case Sequence():
                stack.extend(
                    command for item in reversed(current.items) for _, pipe in reversed(item.items) for command in reversed(pipe.commands)
                )
            case _:
                assert_never(current)


def interleaved(node: Compound) -> list[Sequence]:
    """Return the conditions and bodies of a compound command in the order in which they are written."""
    count = len(node.conditions)
    pairs = [each for pair in zip(node.conditions, node.bodies[:count], strict=False) for each in pair]
    return [*pairs, *node.bodies[count:]]
