r"""RE2's syntax (github.com/google/re2/wiki/Syntax, 2026-11): a pattern to a small tree. Raises what Terraform refuses.

Unicode scripts (``\p{Greek}``) are not evaluated: Python's character data has general categories only.
"""

from __future__ import annotations

import re
from typing import TypeAlias

from drpolicy.model.patterns import deferred
from drpolicy.model.records import dataclass, field
from drpolicy.terraform.functions.re2_characters import CATEGORY, PERL, POSIX, SCRIPT, Characters, ranges
from drpolicy.terraform.unknowns import EvaluationError, TooLarge, Unsupported

_MOST_REPEATS = 1000
_DEEPEST = 60
_LONGEST = 2000
_COUNT = deferred(r"\{([0-9]+)(,([0-9]*))?\}")
_NAME = deferred(r"P?<([A-Za-z0-9_]+)>")
_LETTERS = {"a": "\a", "f": "\f", "t": "\t", "n": "\n", "r": "\r", "v": "\v"}


@dataclass(frozen=True, slots=True)
class Edge:
    """A place between characters: the start or end of the text or of a line, a word boundary or none."""

    kind: str


@dataclass(frozen=True, slots=True)
class Sequence:
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    options: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    item: Node
    least: int
    most: int | None
    greedy: bool


@dataclass(frozen=True, slots=True)
class Group:
    item: Node
    number: int


Node: TypeAlias = Characters | Edge | Sequence | Choice | Repeat | Group


@dataclass(frozen=True, slots=True)
class Flags:
    fold: bool = False
    lines: bool = False
    dot_all: bool = False
    ungreedy: bool = False


@dataclass(slots=True)
class Pattern:
    """A pattern as read: its tree, and the name of each group or ``None``."""

    root: Node
    names: list[str | None] = field(default_factory=list)


def read(text: str) -> Pattern:
    """Return the tree of a pattern; raise ``EvaluationError`` where RE2 refuses it."""
    if len(text) > _LONGEST:
        raise TooLarge("the regular expression is longer than is evaluated")
    reader = _Reader(text)
    root = reader.choice(0)
    if reader.at < len(text):
        raise EvaluationError("the regular expression has a ) without (")
    return Pattern(root, reader.names)


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.flags = Flags()
        self.names: list[str | None] = []

    def peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def take(self) -> str:
        char = self.peek()
        if not char:
            raise EvaluationError("the regular expression ends too early")
        self.at += 1
        return char

    def choice(self, depth: int) -> Node:
        if depth > _DEEPEST:
            raise TooLarge("the regular expression is nested more deeply than is evaluated")
        options = [self.sequence(depth)]
        while self.peek() == "|":
            self.at += 1
            options.append(self.sequence(depth))
        return options[0] if len(options) == 1 else Choice(tuple(options))

    def sequence(self, depth: int) -> Node:
        items: list[Node] = []
        while self.peek() not in ("", "|", ")"):
            quoted = self.quoted()
            if quoted is not None:
                if not quoted:
                    continue
                items += quoted[:-1]
                items.append(self.repeated(quoted[-1]))
                continue
            atom = self.atom(depth)
            if atom is not None:
                items.append(self.repeated(atom))
        return items[0] if len(items) == 1 else Sequence(tuple(items))

    def quoted(self) -> list[Node] | None:
        if not self.text.startswith("\\Q", self.at):
            return None
        end = self.text.find("\\E", self.at)
        body = self.text[self.at + 2 : end if end >= 0 else len(self.text)]
        self.at = end + 2 if end >= 0 else len(self.text)
        return [self.literal(each) for each in body]

    def literal(self, char: str) -> Characters:
        return Characters(((char, char),), folded=self.flags.fold)

    def repeated(self, atom: Node) -> Node:
        """Apply the repetition after an atom; one of a repetition is refused."""
        bounds = self.bounds()
        if bounds is None:
            return atom
        lazy = self.peek() == "?"
        self.at += lazy
        if self.bounds() is not None:
            raise EvaluationError("the regular expression repeats a repetition")
        return Repeat(atom, *bounds, greedy=lazy is self.flags.ungreedy)

    def bounds(self) -> tuple[int, int | None] | None:
        mark = self.peek()
        if mark and mark in "*+?":
            self.at += 1
            return (1 if mark == "+" else 0), (1 if mark == "?" else None)
        counted = _COUNT.match(self.text, self.at)
        if counted is None:
            return None
        least = int(counted[1])
        most = int(counted[3]) if counted[3] else None if counted[2] else least
        if least > _MOST_REPEATS or (most is not None and (most > _MOST_REPEATS or most < least)):
            raise EvaluationError("the regular expression has a repetition out of range")
        self.at = counted.end()
        return least, most

    def atom(self, depth: int) -> Node | None:
        if _COUNT.match(self.text, self.at):
            raise EvaluationError("the regular expression has nothing to repeat")
        char = self.take()
        match char:
            case "(":
                return self.group(depth)
            case "*" | "+" | "?":
                raise EvaluationError("the regular expression has nothing to repeat")
            case "[":
                return self.bracket()
            case "^":
                return Edge("line start" if self.flags.lines else "start")
            case "$":
                return Edge("line end" if self.flags.lines else "end")
            case ".":
                return Characters(() if self.flags.dot_all else (("\n", "\n"),), True)
            case "\\":
                return self.escape_outside()
            case _:
                return self.literal(char)

    def group(self, depth: int) -> Node | None:
        before = self.flags
        number = None
        if self.peek() == "?":
            self.at += 1
            named = _NAME.match(self.text, self.at)
            if named is not None:
                self.at = named.end()
                number = self.capture(named[1])
            elif self.options():
                return None
        else:
            number = self.capture(None)
        inner = self.choice(depth + 1)
        if self.take() != ")":
            raise EvaluationError("the regular expression has a ( without )")
        self.flags = before
        return inner if number is None else Group(inner, number)

    def capture(self, name: str | None) -> int:
        self.names.append(name)
        return len(self.names)

    def options(self) -> bool:
        """Read ``i-s:`` or ``i-s)``; return whether it ended the group."""
        on, seen = True, 0
        names = {"i": "fold", "m": "lines", "s": "dot_all", "U": "ungreedy"}
        values = {name: getattr(self.flags, name) for name in names.values()}
        while True:
            char = self.take()
            if char in names:
                values[names[char]] = on
                seen += 1
            elif char == "-" and on:
                on, seen = False, 0
            elif char in ":)" and (on or seen):
                self.flags = Flags(**values)
                return char == ")"
            else:
                raise EvaluationError("the regular expression has an unknown group")

    def escape_outside(self) -> Node:
        char = self.peek()
        edges = {"A": "start", "z": "end", "b": "word", "B": "no word"}
        if char and char in edges:
            self.at += 1
            return Edge(edges[char])
        return self.escape()

    def escape(self) -> Characters:
        char = self.take()
        if char.lower() in PERL:
            return Characters(ranges(PERL[char.lower()]), char.isupper(), self.flags.fold)
        if char in "pP":
            return self.category(char == "P")
        if char in _LETTERS:
            return self.literal(_LETTERS[char])
        if char == "x":
            digits = self.digits()
            if int(digits, 16) > 0x10FFFF:
                raise EvaluationError("the regular expression has a character out of range")
            return self.literal(chr(int(digits, 16)))
        if char in "01234567":
            if char != "0" and not (self.peek() and self.peek() in "01234567"):
                raise EvaluationError("the regular expression has an unknown escape")
            found = char
            while len(found) < 3 and self.peek() and self.peek() in "01234567":
                found += self.take()
            return self.literal(chr(int(found, 8)))
        if char.isascii() and not char.isalnum():
            return self.literal(char)
        raise EvaluationError("the regular expression has an unknown escape")

    def digits(self) -> str:
        found = re.compile(r"\{([0-9a-fA-F]{1,8})\}|([0-9a-fA-F]{2})").match(self.text, self.at)
        if found is None:
            raise EvaluationError("the regular expression has an unknown escape")
        self.at = found.end()
        return found[1] or found[2]

    def category(self, negated: bool) -> Characters:
        name = self.take()
        if name == "{":
            end = self.text.find("}", self.at)
            if end < 0:
                raise EvaluationError("the regular expression has an unknown class")
            name, self.at = self.text[self.at : end], end + 1
            if name.startswith("^"):
                negated, name = not negated, name[1:]
        if name == "Any":
            return Characters((("\x00", "\U0010ffff"),), negated)
        if CATEGORY.fullmatch(name) is None:
            if SCRIPT.fullmatch(name):
                raise Unsupported("the scripts of regular expressions are not evaluated")
            raise EvaluationError("the regular expression has an unknown class")
        return Characters((), negated, self.flags.fold, categories=(name,))

    def bracket(self) -> Characters:
        negated = self.peek() == "^"
        self.at += negated
        spans: list[tuple[str, str]] = []
        within: list[Characters] = []
        begin = self.at
        while self.peek() != "]" or self.at == begin:
            posix = re.compile(r"\[:(\^?)(\w*):\]").match(self.text, self.at)
            if posix is not None:
                if posix[2] not in POSIX:
                    raise EvaluationError("the regular expression has an unknown class")
                self.at = posix.end()
                within.append(Characters(ranges(POSIX[posix[2]]), bool(posix[1]), self.flags.fold))
                continue
            low = self.member()
            if isinstance(low, Characters):
                within.append(low)
                continue
            high: str | Characters = low
            if self.peek() == "-" and self.text[self.at + 1 : self.at + 2] not in ("]", ""):
                self.at += 1
                high = self.member()
            if isinstance(high, Characters) or high < low:
                raise EvaluationError("the regular expression has a range upside down")
            spans.append((low, high))
        self.at += 1
        return Characters(tuple(spans), negated, self.flags.fold, tuple(within))

    def member(self) -> str | Characters:
        char = self.take()
        if char != "\\":
            return char
        found = self.escape()
        single = not found.negated and not found.categories and len(found.ranges) == 1 and found.ranges[0][0] == found.ranges[0][1]
        return found.ranges[0][0] if single else found
