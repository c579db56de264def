"""Searching with RE2's rules in bounded time: Python's ``re`` where it cannot backtrack without end, else all ways at once.

The second is a Pike virtual machine (swtch.com/~rsc/regexp/regexp2.html): linear in the text, leftmost-first as RE2 is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple, assert_never

from drpolicy.model.records import dataclass
from drpolicy.terraform.functions.re2_characters import Characters
from drpolicy.terraform.functions.re2_syntax import Choice, Edge, Group, Node, Repeat, Sequence, read
from drpolicy.terraform.functions.re2_translation import cost, python_pattern
from drpolicy.terraform.unknowns import EvaluationError, TooLarge

STEP_LIMIT = 4_000_000
"""How many steps one call may take."""

PROGRAM_LIMIT = 5_000


class Match(NamedTuple):
    """Where the whole match and each group begin and end; ``-1`` for a group that takes no part."""

    spans: tuple[tuple[int, int], ...]

    @property
    def start(self) -> int:
        return self.spans[0][0]

    @property
    def end(self) -> int:
        return self.spans[0][1]


@dataclass(frozen=True, slots=True)
class _Take:
    chars: Characters


@dataclass(frozen=True, slots=True)
class _Split:
    first: int
    second: int


@dataclass(frozen=True, slots=True)
class _Save:
    slot: int


@dataclass(frozen=True, slots=True)
class _Jump:
    to: int


_Instruction = _Take | _Split | _Save | _Jump | Edge


@dataclass(frozen=True, slots=True)
class Compiled:
    """A pattern ready to search with: the names of its groups, a program, and a ``re`` pattern with its cost where that is safe."""

    names: tuple[str | None, ...]
    program: tuple[_Instruction, ...]
    fast: re.Pattern[str] | None
    power: int

    def matches(self, text: str) -> Iterator[Match]:
        """Yield the matches as Go finds them all: none overlaps, and an empty one does not touch the one before."""
        at, last = 0, -1
        budget = [STEP_LIMIT]
        while at <= len(text):
            found = self._search(text, at, budget)
            if found is None:
                return
            if found.end > found.start or found.start != last:
                yield found
                last = found.end
            at = found.end + (found.start == found.end)

    def first(self, text: str) -> Match | None:
        """Return the first match."""
        return self._search(text, 0, [STEP_LIMIT])

    def _search(self, text: str, at: int, budget: list[int]) -> Match | None:
        rest = len(text) - at + 1
        if self.fast is not None and rest ** (self.power + 1) <= STEP_LIMIT:
            budget[0] -= rest
            if budget[0] < 0:
                raise TooLarge("the search takes longer than is allowed")
            found = self.fast.search(text, at)
            return None if found is None else Match(tuple(found.span(each) for each in range(len(self.names) + 1)))
        return _simulated(self.program, 2 * len(self.names) + 2, text, at, budget)


@lru_cache(maxsize=512)
def compiled(written: str) -> Compiled:
    """Return a pattern ready to search with; raise ``EvaluationError`` where RE2 refuses it."""
    pattern = read(written)
    kinds = {name is None for name in pattern.names}
    if len(kinds) > 1:
        raise EvaluationError("named and unnamed groups cannot be mixed")
    program: list[_Instruction] = []
    _emit(Group(pattern.root, 0), program)
    power, choices = cost(pattern.root)
    fast = re.compile(python_pattern(pattern.root)) if choices <= 64 and power < 20 else None
    return Compiled(tuple(pattern.names), tuple(program), fast, power)


def _emit(node: Node, program: list[_Instruction]) -> None:
    if len(program) > PROGRAM_LIMIT:
        raise TooLarge("the regular expression is larger than is evaluated")
    match node:
        case Characters():
            program.append(_Take(node))
        case Edge():
            program.append(node)
        case Sequence(items=items):
            for item in items:
                _emit(item, program)
        case Choice(options=options):
            jumps: list[int] = []
            for option in options[:-1]:
                split = len(program)
                program.append(_Jump(0))
                _emit(option, program)
                jumps.append(len(program))
                program.append(_Jump(0))
                program[split] = _Split(split + 1, len(program))
            _emit(options[-1], program)
            for jump in jumps:
                program[jump] = _Jump(len(program))
        case Group(item=item, number=number):
            program.append(_Save(2 * number))
            _emit(item, program)
            program.append(_Save(2 * number + 1))
        case Repeat():
            _emit_repeat(node, program)
        case _:
            assert_never(node)


def _emit_repeat(node: Repeat, program: list[_Instruction]) -> None:
    start = len(program)
    for _ in range(node.least):
        start = len(program)
        _emit(node.item, program)
    if node.most is None:
        if node.least or _nullable(node.item):
            # As Go has it, ``(x)*`` is ``((x)+)?`` when x can be empty: an empty round is one, too.
            skip = len(program)
            if not node.least:
                program.append(_Jump(0))
                start = len(program)
                _emit(node.item, program)
            again = (start, len(program) + 1)
            program.append(_Split(*(again if node.greedy else again[::-1])))
            if not node.least:
                ways = (skip + 1, len(program))
                program[skip] = _Split(*(ways if node.greedy else ways[::-1]))
            return
        split = len(program)
        program.append(_Jump(0))
        _emit(node.item, program)
        program.append(_Jump(split))
        ways = (split + 1, len(program))
        program[split] = _Split(*(ways if node.greedy else ways[::-1]))
        return
    splits: list[int] = []
    for _ in range(node.most - node.least):
        splits.append(len(program))
        program.append(_Jump(0))
        _emit(node.item, program)
    for split in splits:
        ways = (split + 1, len(program))
        program[split] = _Split(*(ways if node.greedy else ways[::-1]))


def _nullable(node: Node) -> bool:
    match node:
        case Characters():
            return False
        case Edge():
            return True
        case Sequence(items=items):
            return all(map(_nullable, items))
        case Choice(options=options):
            return any(map(_nullable, options))
        case Group(item=item):
            return _nullable(item)
        case Repeat(item=item, least=least):
            return least == 0 or _nullable(item)
        case _:
            assert_never(node)


def _simulated(program: tuple[_Instruction, ...], slots: int, text: str, at: int, budget: list[int]) -> Match | None:
    """Follow all ways at once, in order of preference; the first that ends wins over those after it."""
    current: dict[int, tuple[int, ...]] = {}
    best: tuple[int, ...] | None = None
    empty = (-1,) * slots
    while True:
        if best is None:
            _follow(program, 0, empty, current, text, at, budget)
        if not current:
            break
        following: dict[int, tuple[int, ...]] = {}
        char = text[at : at + 1]
        for counter, saved in current.items():
            if counter == len(program):
                best = saved
                break
            instruction = program[counter]
            if char and isinstance(instruction, _Take) and instruction.chars.holds(char):
                _follow(program, counter + 1, saved, following, text, at + 1, budget)
        current = following
        if not char:
            break
        at += 1
    if best is None:
        return None
    return Match(tuple(zip(best[::2], best[1::2], strict=True)))


def _follow(
    program: tuple[_Instruction, ...],
    counter: int,
    saved: tuple[int, ...],
    into: dict[int, tuple[int, ...]],
    text: str,
    at: int,
    budget: list[int],
) -> None:
    """Add the instructions that take a character next, in order of preference, to those that are there."""
    pending = [(counter, saved)]
    visited = set(into)
    while pending:
        here, slots = pending.pop()
        budget[0] -= 1
        if budget[0] < 0:
            raise TooLarge("the search takes longer than is allowed")
        if here in visited:
            continue
        visited.add(here)
        instruction = program[here] if here < len(program) else None
        match instruction:
            case None | _Take():
                into[here] = slots
            case _Jump(to=to):
                pending.append((to, slots))
            case _Split(first=first, second=second):
                pending.append((second, slots))
                pending.append((first, slots))
            case _Save(slot=slot):
                pending.append((here + 1, (*slots[:slot], at, *slots[slot + 1 :])))
            case Edge(kind=kind):
                if _stands(kind, text, at):
                    pending.append((here + 1, slots))


def _stands(kind: str, text: str, at: int) -> bool:
    match kind:
        case "start":
            return at == 0
        case "end":
            return at == len(text)
        case "line start":
            return at == 0 or text[at - 1] == "\n"
        case "line end":
            return at == len(text) or text[at] == "\n"
        case _:
            before, after = text[max(at - 1, 0) : at], text[at : at + 1]
            return (_word(before) != _word(after)) is (kind == "word")


def _word(char: str) -> bool:
    return char.isascii() and (char.isalnum() or char == "_")
