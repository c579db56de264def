"""Random, well-typed conditions."""

from __future__ import annotations

from random import Random

_STRINGS = ['"eu"', '"us"', '"orders-a"', '"orders"', '""', '"a"', '"e"']
_PATTERNS = ['"e."', '"^[a-z]+$"', '("(" + "")']
_INTS = ["0", "1", "2", "3", "7", "-1", "9223372036854775807"]


class Generator:
    """Conditions over a store: its fields when ``estate``, else over plain variables that every CEL knows."""

    def __init__(self, random: Random, estate: bool) -> None:
        self.random = random
        self.estate = estate
        self.copies: list[str] = []
        self.strings: list[str] = []
        self.ints: list[str] = []

    def one(self, *choices: str) -> str:
        return self.random.choice(choices)

    def boolean(self, depth: int) -> str:
        if depth <= 0:
            leaves = [
                "true",
                "false",
                *(["self.guarded", "self.there", *[f"{c}.survives.region" for c in self.copies]] if self.estate else ["b"]),
            ]
            return self.random.choice(leaves)
        down = depth - 1
        compare = self.one("==", "!=")
        order = self.one("<", "<=", ">", ">=")
        options = [
            lambda: f"({self.boolean(down)} {self.one('&&', '||')} {self.boolean(down)})",
            lambda: f"({self.boolean(down)} {self.one('&&', '||')} {self.boolean(down)})",
            lambda: f"!{self.boolean(down)}" if self.random.random() < 0.5 else f"!({self.boolean(down)})",
            lambda: f"({self.boolean(down)} ? {self.boolean(down)} : {self.boolean(down)})",
            lambda: f"({self.string(down)} {compare} {self.string(down)})",
            lambda: f"({self.integer(down)} {compare} {self.integer(down)})",
            lambda: f"({self.boolean(down)} {compare} {self.boolean(down)})",
            lambda: f"({self.integer(down)} {order} {self.integer(down)})",
            lambda: f"({self.string(down)} {order} {self.string(down)})",
            lambda: f"{self.string(down)}.{self.one('startsWith', 'endsWith', 'contains')}({self.string(down)})",
            lambda: f"{self.string(down)}.matches({self.one(*_PATTERNS)})",
            lambda: f"({self.string(down)} in {self.list(down)})",
            lambda: f"({self.integer(down)} in [{self.integer(down)}, {self.integer(down)}])",
            lambda: f"({self.list(down)} {compare} {self.list(down)})",
            lambda: self.quantified(down),
            lambda: self.quantified(down),
        ]
        if self.estate:
            options += [
                lambda: f"has(self.{self.one('kmsKey', 'name', 'tags.team', 'tags.other', 'region')})",
                lambda: f"({self.dynamic()} {compare} {self.one(self.string(down), self.integer(down), self.dynamic())})",
                lambda: f"({self.dynamic()} {order} {self.integer(down)})",
                lambda: f"({self.string(down)} in self.tags)",
                lambda: f"(self.rpo {self.one('<=', '>')} {self.duration(down)})",
                lambda: f"({self.duration(down)} {order} {self.duration(down)})",
                lambda: f"({self.duration(down)} {compare} {self.duration(down)})",
                lambda: self.over_copies(down),
                lambda: self.over_copies(down),
            ]
        else:
            options += [
                lambda: f"has(m.{self.one('x', 'y', 'z')})",
                lambda: f"({self.double()} {self.one(order, compare)} {self.double()})",
                lambda: f"(m[{self.string(down)}] {compare} {self.one(self.string(down), self.integer(down))})",
            ]
        return self.random.choice(options)()

    def quantified(self, depth: int) -> str:
        over_ints = self.random.random() < 0.4
        source = f"[{self.integer(depth)}, {self.integer(depth)}, 0]" if over_ints else self.list(depth)
        names = self.ints if over_ints else self.strings
        variable = f"v{len(self.strings) + len(self.ints)}"
        names.append(variable)
        body = self.boolean(depth)
        names.pop()
        return f"{source}.{self.one('exists', 'all', 'exists_one')}({variable}, {body})"

    def over_copies(self, depth: int) -> str:
        variable = f"c{len(self.copies)}"
        source = "self.copies"
        if self.random.random() < 0.3:
            self.copies.append(variable)
            source = f"self.copies.filter({variable}, {self.boolean(depth)})"
            self.copies.pop()
        if self.random.random() < 0.3:
            size = self.one(f"{source}.size()", f"size({source})")
            return f"({size} {self.one('<', '<=', '>', '>=', '==', '!=')} {self.one('0', '1', '2')})"
        self.copies.append(variable)
        body = self.boolean(depth)
        self.copies.pop()
        return f"{source}.{self.one('exists', 'all', 'exists_one')}({variable}, {body})"

    def string(self, depth: int) -> str:
        leaves = [*_STRINGS, *self.strings, *self.strings]
        leaves += ["self.name", "self.region", "self.name", "self.region", "self.dataClass"] if self.estate else ["s", "t"]
        leaves += [f"{each}.region" for each in self.copies for _ in range(3)]
        if depth <= 0 or self.random.random() < 0.5:
            return self.random.choice(leaves)
        down = depth - 1
        options = [
            lambda: f"({self.string(down)} + {self.string(down)})",
            lambda: f"({self.boolean(down)} ? {self.string(down)} : {self.string(down)})",
            lambda: f"string({self.integer(down)})",
            lambda: f"{self.list(down)}[{self.integer(down)}]",
        ]
        if self.estate:
            options += [
                lambda: f"{self.string(down)}.{self.one('lowerAscii', 'upperAscii')}()",
                lambda: f"{self.one('self.?kmsKey', 'self.?name')}.orValue({self.string(down)})",
                lambda: f'{self.list(down)}.join("-")',
            ]
        return self.random.choice(options)()

    def integer(self, depth: int) -> str:
        leaves = [*_INTS, *self.ints, *self.ints, *(["self.count"] * 3 if self.estate else ["i", "j"])]
        leaves += [f"{each}.count" for each in self.copies for _ in range(3)]
        if depth <= 0 or self.random.random() < 0.5:
            return self.random.choice(leaves)
        down = depth - 1
        options = [
            lambda: f"({self.integer(down)} {self.one('+', '-', '*', '/', '%')} {self.integer(down)})",
            lambda: f"-({self.integer(down)})",
            lambda: f"size({self.string(down)})",
            lambda: f"{self.list(down)}.size()",
            lambda: f"({self.boolean(down)} ? {self.integer(down)} : {self.integer(down)})",
            lambda: f"int({self.string(down)})",
        ]
        if self.estate:
            options.append(lambda: "self.copies.size()")
        return self.random.choice(options)()

    def list(self, depth: int) -> str:
        if self.estate and self.random.random() < 0.5:
            return self.one("self.labels", "self.copies.map(k, k.region)", 'self.labels.filter(k, k != "a")', '(self.labels + ["z"])')
        if not self.estate and self.random.random() < 0.3:
            return self.one("l", "l.map(k, k + s)", "l.filter(k, k != t)")
        return "[" + ", ".join(self.string(depth - 1) for _ in range(self.random.randrange(1, 3))) + "]"

    def double(self) -> str:
        return self.one("d", "0.0", "1.5", "-2.5", "(d / 0.0)", "double(i)", "(d * 2.0)", 'double("1e3")', "double(s)", "-d")

    def duration(self, depth: int) -> str:
        return self.one(
            "self.gap", 'duration("1h")', 'duration("0s")', '(self.gap + duration("30m"))', f"(duration('30m') * {self.integer(depth - 1)})"
        )

    def dynamic(self) -> str:
        return self.one(
            "self.tags.team",
            "self.tags.other",
            "self.tags.size",
            "self.tags.list[0]",
            'self.tags.?team.orValue("z")',
            "self.tags.inner.x",
            "any",
        )
