r"""Read the part of RE2's syntax that names need into an automaton (github.com/google/re2/wiki/Syntax, 2026-11).

Supported: literals, ``.``, classes, ``\d \w \s`` and their opposites, groups, ``|``, ``* + ? {m,n}``, ``^ $``, and
``(?i)`` at the start.
"""

from __future__ import annotations

from typing import Final

from drpolicy.model.patterns import deferred
from drpolicy.model.records import dataclass, field

LARGEST: Final = 4000
"""How many states an automaton may have."""

_MOST_REPEATS: Final = 1000
_DEEPEST: Final = 40
_COUNT = deferred(r"\{([0-9]{1,4})(,([0-9]{1,4})?)?\}")
SPLIT, START, END, MATCH = "split", "start", "end", "match"
_CLASSES = {"d": (("0", "9"),), "w": (("0", "9"), ("A", "Z"), ("_", "_"), ("a", "z")), "s": (("\t", "\n"), ("\f", "\r"), (" ", " "))}
_LETTERS = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\v", "a": "\a"}


@dataclass(frozen=True, slots=True)
class CharacterSet:
    """Characters in, or with ``negated`` not in, the ranges."""

    ranges: tuple[tuple[str, str], ...]
    negated: bool = False
    folded: bool = False

    def holds(self, character: str) -> bool:
        """Whether the set holds a character; a folded set ignores ASCII case."""
        found = any(low <= character <= high for low, high in self.ranges)
        if not found and self.folded and character.isascii():
            other = character.swapcase()
            found = any(low <= other <= high for low, high in self.ranges)
        return found is not self.negated


@dataclass(slots=True)
class State:
    kind: str | CharacterSet
    follow: list[int] = field(default_factory=list)


class Builder:
    """Reads a pattern right into states; a fragment is its first state and the states that wait for a follower."""

    def __init__(self, text: str) -> None:
        self.folded = text.startswith("(?i)")
        self.text = text[4:] if self.folded else text
        self.at = 0
        self.states: list[State] = []

    def build(self) -> int:
        first, ends = self.alternatives(0)
        if self.at < len(self.text):
            raise ValueError("a ')' without '('")
        self.join(ends, self.state(MATCH))
        return first

    def state(self, kind: str | CharacterSet, *follow: int) -> int:
        if len(self.states) >= LARGEST:
            raise ValueError("the pattern is too large")
        self.states.append(State(kind, list(follow)))
        return len(self.states) - 1

    def join(self, ends: list[int], state: int) -> None:
        for end in ends:
            self.states[end].follow.append(state)

    def peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def alternatives(self, depth: int) -> tuple[int, list[int]]:
        if depth > _DEEPEST:
            raise ValueError("nested too deeply")
        firsts, ends = [], []
        while True:
            first, found = self.sequence(depth)
            firsts.append(first)
            ends.extend(found)
            if self.peek() != "|":
                return (firsts[0] if len(firsts) == 1 else self.state(SPLIT, *firsts)), ends
            self.at += 1

    def sequence(self, depth: int) -> tuple[int, list[int]]:
        first = self.state(SPLIT)
        ends = [first]
        while self.peek() not in ("", "|", ")"):
            start = self.at
            begin, found = self.atom(depth)
            begin, found = self.repeated(start, self.at, begin, found, depth)
            self.join(ends, begin)
            ends = found
        return first, ends

    def atom(self, depth: int) -> tuple[int, list[int]]:
        character = self.peek()
        self.at += 1
        match character:
            case "(":
                if self.peek() == "?":
                    if self.text[self.at : self.at + 2] != "?:":
                        raise ValueError(f"{self.text[self.at - 1 : self.at + 3]!r} is not supported")
                    self.at += 2
                fragment = self.alternatives(depth + 1)
                if self.peek() != ")":
                    raise ValueError("a '(' without ')'")
                self.at += 1
                return fragment
            case "*" | "+" | "?":
                raise ValueError(f"nothing to repeat before {character!r}")
            case "{" if self.counted(self.at - 1):
                raise ValueError("nothing to repeat before '{'")
            case "^":
                return self.single(START)
            case "$":
                return self.single(END)
            case ".":
                return self.single(CharacterSet((("\n", "\n"),), True))
            case "[":
                return self.single(self.character_class())
            case "\\":
                return self.single(self.escape())
            case _:
                return self.single(CharacterSet(((character, character),), False, self.folded))

    def single(self, kind: str | CharacterSet) -> tuple[int, list[int]]:
        state = self.state(kind)
        return state, [state]

    def repeated(self, start: int, end: int, first: int, ends: list[int], depth: int) -> tuple[int, list[int]]:
        """Apply the repetition after an atom; a counted one reads the atom's text again for every copy."""
        mark = self.peek()
        if mark in ("*", "+", "?") and mark:
            self.at += 1
            low, high = (1 if mark == "+" else 0), (1 if mark == "?" else None)
        else:
            counted = self.counts() if mark == "{" else None
            if counted is None:
                return first, ends
            low, high = counted
        if self.peek() == "?":
            self.at += 1
        if self.peek() in ("*", "+", "?") and self.peek():
            raise ValueError(f"a repetition of a repetition at {self.peek()!r}")
        after = self.at
        copies = [(first, ends)]
        while len(copies) < max(low + (high is None and low == 0), high or 0):
            self.at = start
            copies.append(self.atom(depth))
        self.at = after
        if high == 0:
            return self.single(SPLIT)
        return self.chain(copies, low, high)

    def chain(self, copies: list[tuple[int, list[int]]], low: int, high: int | None) -> tuple[int, list[int]]:
        head = self.state(SPLIT)
        ends, skips = [head], []
        for number, (first, found) in enumerate(copies):
            if number >= low:
                fork = self.state(SPLIT, first)
                self.join(ends, fork)
                skips.append(fork)
                begin = fork
            else:
                self.join(ends, first)
                begin = first
            ends = found
            if high is None and number == len(copies) - 1:
                loop = self.state(SPLIT, begin)
                self.join(ends, loop)
                ends = [loop]
        return head, ends + skips

    def counted(self, at: int) -> bool:
        """Whether a counted repetition stands at an offset; other braces are literals."""
        return _COUNT.match(self.text, at) is not None

    def counts(self) -> tuple[int, int | None] | None:
        match = _COUNT.match(self.text, self.at)
        if match is None:
            return None
        least, most = int(match[1]), int(match[3]) if match[3] else None if match[2] else int(match[1])
        if least > _MOST_REPEATS or (most is not None and (most > _MOST_REPEATS or most < least)):
            raise ValueError(f"the repetition {match[0]} is out of range")
        self.at = match.end()
        return least, most

    def escape(self) -> CharacterSet:
        letter = self.peek()
        self.at += 1
        if letter.lower() in _CLASSES and letter:
            return CharacterSet(_CLASSES[letter.lower()], letter.isupper())
        if letter == "" or (letter.isalnum() and letter not in _LETTERS):
            raise ValueError(f"the escape '\\{letter}' is not supported")
        plain = _LETTERS.get(letter, letter)
        return CharacterSet(((plain, plain),), False, self.folded)

    def character_class(self) -> CharacterSet:
        negated = self.peek() == "^"
        self.at += negated
        ranges: list[tuple[str, str]] = []
        begin = self.at
        while self.peek() != "]" or self.at == begin:
            low = self.class_item()
            if isinstance(low, CharacterSet):
                if low.negated:
                    raise ValueError("an opposite class inside a class is not supported")
                ranges.extend(low.ranges)
                continue
            high: str | CharacterSet = low
            if self.peek() == "-" and self.text[self.at + 1 : self.at + 2] not in ("]", ""):
                self.at += 1
                high = self.class_item()
            if isinstance(high, CharacterSet) or high < low:
                raise ValueError("a range in a class is upside down")
            ranges.append((low, high))
        self.at += 1
        return CharacterSet(tuple(ranges), negated, self.folded)

    def class_item(self) -> str | CharacterSet:
        character = self.peek()
        self.at += 1
        if character == "":
            raise ValueError("a '[' without ']'")
        if character == "[" and self.peek() == ":":
            raise ValueError("named classes such as [:alpha:] are not supported")
        if character != "\\":
            return character
        escaped = self.escape()
        is_class = len(escaped.ranges) > 1 or escaped.negated or escaped.ranges[0][0] != escaped.ranges[0][1]
        return escaped if is_class else escaped.ranges[0][0]
