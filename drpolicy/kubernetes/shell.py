"""Shell scripts into their structure (the grammar of XCU 2.10, IEEE Std 1003.1-2024).

It is read, never run. What cannot be read is a problem of the script, and the rest is read all the same.
"""

from __future__ import annotations

from typing import Final, assert_never

from drpolicy.kubernetes.shell_tree import AndOr, Command, Compound, Pipeline, Script, Sequence, Simple
from drpolicy.kubernetes.shell_words import Operator, Redirect, Token, Word, tokenize
from drpolicy.model.patterns import deferred

DEPTH_LIMIT: Final = 40
"""Compound commands inside one another; what is deeper is a problem of the script."""

_ASSIGNMENT = deferred(r"([A-Za-z_][A-Za-z0-9_]*+)\+?=")
_ENDS: Final = frozenset({"then", "else", "elif", "fi", "do", "done", "esac", "}"})
_OPENS: Final = frozenset({"if", "while", "until", "for", "select", "case", "{", "function"})


def parse_script(text: str, start: int = 0, end: int | None = None) -> Script:
    """Read the script in the characters ``[start, end)`` of a text. Never fails: trouble is in ``problems``."""
    tokens = tokenize(text, start, len(text) if end is None else end)
    parser = _Parser(tokens.tokens)
    body = parser.script()
    problems = parser.problems if tokens.open_at is None else [*parser.problems, tokens.open_at]
    return Script(text, body, tuple(problems))


class _Parser:
    def __init__(self, tokens: tuple[Token, ...]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0
        self.problems: list[int] = []

    def script(self) -> Sequence:
        items: list[AndOr] = []
        while self._at < len(self._tokens):
            items.extend(self._sequence(frozenset()).items)
            if self._at < len(self._tokens):
                # A closing word that closes nothing.
                self._problem()
                self._at += 1
        return Sequence(tuple(items))

    def _problem(self) -> None:
        if self._at < len(self._tokens):
            self.problems.append(self._tokens[self._at].start)
        else:
            self.problems.append(self._tokens[-1].end if self._tokens else 0)

    def _operator(self) -> str:
        token = self._tokens[self._at] if self._at < len(self._tokens) else None
        return token.text if isinstance(token, Operator) else ""

    def _reserved(self) -> str:
        token = self._tokens[self._at] if self._at < len(self._tokens) else None
        return token.text if isinstance(token, Word) and not token.quoted else ""

    def _end(self) -> int:
        return self._tokens[self._at - 1].end if self._at else 0

    def _newlines(self) -> None:
        while self._operator() == "\n":
            self._at += 1

    def _sequence(self, stops: frozenset[str]) -> Sequence:
        """Read lists up to a closing word or operator, which is left where it is."""
        items: list[AndOr] = []
        while self._at < len(self._tokens):
            operator = self._operator()
            if operator in {"\n", ";"}:
                self._at += 1
            elif operator in {")", ";;", ";&", ";;&"} or operator in stops or self._reserved() in _ENDS:
                break
            elif operator and operator != "(":
                self._problem()
                self._at += 1
            else:
                items.append(self._and_or())
        return Sequence(tuple(items))

    def _and_or(self) -> AndOr:
        start = self._tokens[self._at].start
        items = [("", self._pipeline())]
        while (operator := self._operator()) in {"&&", "||"}:
            self._at += 1
            self._newlines()
            if self._at >= len(self._tokens):
                self._problem()
                break
            items.append((operator, self._pipeline()))
        end = self._end()
        background = self._operator() == "&"
        self._at += background
        return AndOr(tuple(items), start, end, background)

    def _pipeline(self) -> Pipeline:
        negated = False
        while self._reserved() in {"!", "time"}:
            negated ^= self._reserved() == "!"
            self._at += 1
        commands = [self._command()]
        while self._operator() in {"|", "|&"}:
            self._at += 1
            self._newlines()
            commands.append(self._command())
        return Pipeline(tuple(commands), negated)

    def _command(self) -> Command:
        if self._reserved() == "[[" or (self._operator() == "(" and self._adjacent("(")):
            return self._test()
        if self._operator() == "(" or self._reserved() in _OPENS:
            if self._depth >= DEPTH_LIMIT:
                self._problem()
                start = self._tokens[self._at].start
                self._at = len(self._tokens)
                return Simple(start, self._end())
            self._depth += 1
            found = self._compound()
            self._depth -= 1
            return found
        return self._simple()

    def _test(self) -> Simple:
        """Read ``[[ … ]]`` or ``(( … ))``, in which operators and redirections are none, as the words of one command."""
        start = self._tokens[self._at].start
        brackets = self._operator() == "("
        words = [Word("((", start, start + 2)] if brackets else []
        depth = 0
        while self._at < len(self._tokens):
            token = self._tokens[self._at]
            self._at += 1
            if isinstance(token, Word):
                words.append(token)
                if not brackets and not token.quoted and token.text == "]]":
                    break
            elif isinstance(token, Redirect):
                words.append(token.target)
            elif brackets and token.text in {"(", ")"}:
                depth += 1 if token.text == "(" else -1
                if depth == 0:
                    break
            elif not brackets and token.text in {";", "&"}:
                self._problem()
                break
        else:
            self._problem()
        return Simple(start, self._end(), tuple(words))

    def _adjacent(self, operator: str) -> bool:
        after = self._tokens[self._at + 1] if self._at + 1 < len(self._tokens) else None
        return isinstance(after, Operator) and after.text == operator and after.start == self._tokens[self._at].end

    def _simple(self) -> Command:
        if self._at >= len(self._tokens):
            self._problem()
            return Simple(self._end(), self._end())
        start = self._tokens[self._at].start
        words: list[Word] = []
        assignments: list[tuple[str, Word]] = []
        redirects: list[Redirect] = []
        first = self._at
        while self._at < len(self._tokens):
            token = self._tokens[self._at]
            if isinstance(token, Operator):
                if token.text == "(" and len(words) == 1 and not assignments and self._follows(")"):
                    self._at += 2
                    return self._function(words[0].text, start)
                break
            self._at += 1
            match token:
                case Redirect():
                    redirects.append(token)
                case Word():
                    name = _ASSIGNMENT.match(token.text) if not words else None
                    if name is not None:
                        assignments.append((name[1], token))
                    else:
                        words.append(token)
                case _:
                    assert_never(token)
        if self._at == first:
            self._problem()
            if self._operator() not in {"\n", ";", ")", ";;", ";&", ";;&", "&"}:
                self._at += 1
        return Simple(start, max(start, self._end()), tuple(words), tuple(assignments), tuple(redirects))

    def _follows(self, operator: str) -> bool:
        after = self._tokens[self._at + 1] if self._at + 1 < len(self._tokens) else None
        return isinstance(after, Operator) and after.text == operator

    def _function(self, name: str, start: int) -> Compound:
        self._newlines()
        if self._depth >= DEPTH_LIMIT:
            self._problem()
            self._at = len(self._tokens)
            return Compound("function", start, self._end(), name=name)
        self._depth += 1
        body = self._command()
        self._depth -= 1
        pipeline = Pipeline((body,), False)
        return Compound("function", start, self._end(), bodies=(Sequence((AndOr((("", pipeline),), body.start, body.end),)),), name=name)

    def _compound(self) -> Compound:
        start = self._tokens[self._at].start
        opener = self._operator() or self._reserved()
        self._at += 1
        conditions: list[Sequence] = []
        bodies: list[Sequence] = []
        words: tuple[Word, ...] = ()
        patterns: list[Word] = []
        kind = opener
        match opener:
            case "(":
                kind = "subshell"
                bodies.append(self._sequence(frozenset({")"})))
                self._expect(")")
            case "{":
                kind = "group"
                bodies.append(self._sequence(frozenset()))
                self._expect("}")
            case "function":
                name = self._reserved()
                self._at += 1
                if self._operator() == "(" and self._follows(")"):
                    self._at += 2
                return self._function(name, start)
            case "if":
                self._branches(conditions, bodies)
            case "while" | "until":
                conditions.append(self._sequence(frozenset()))
                self._expect("do")
                bodies.append(self._sequence(frozenset()))
                self._expect("done")
            case "for" | "select":
                kind = "for"
                words = self._header()
                self._expect("do")
                bodies.append(self._sequence(frozenset()))
                self._expect("done")
            case _:
                words = self._cases(bodies, patterns)
        redirects: list[Redirect] = []
        while self._at < len(self._tokens) and isinstance(redirect := self._tokens[self._at], Redirect):
            redirects.append(redirect)
            self._at += 1
        return Compound(
            kind, start, self._end(), tuple(conditions), tuple(bodies), words, patterns=tuple(patterns), redirects=tuple(redirects)
        )

    def _expect(self, wanted: str) -> None:
        if self._operator() == wanted or self._reserved() == wanted:
            self._at += 1
        else:
            self._problem()

    def _branches(self, conditions: list[Sequence], bodies: list[Sequence]) -> None:
        while True:
            conditions.append(self._sequence(frozenset()))
            self._expect("then")
            bodies.append(self._sequence(frozenset()))
            if self._reserved() != "elif":
                break
            self._at += 1
        if self._reserved() == "else":
            self._at += 1
            bodies.append(self._sequence(frozenset()))
        self._expect("fi")

    def _header(self) -> tuple[Word, ...]:
        """Read what stands between ``for`` and ``do``."""
        words: list[Word] = []
        while self._at < len(self._tokens) and self._reserved() != "do":
            token = self._tokens[self._at]
            if isinstance(token, Word):
                words.append(token)
            self._at += 1
        return tuple(words)

    def _cases(self, bodies: list[Sequence], patterns: list[Word]) -> tuple[Word, ...]:
        subject: list[Word] = []
        while self._at < len(self._tokens) and self._reserved() != "in" and self._operator() != "\n":
            token = self._tokens[self._at]
            if isinstance(token, Word):
                subject.append(token)
            self._at += 1
        self._newlines()
        self._expect("in")
        while self._at < len(self._tokens):
            while self._operator() in {"\n", ";;", ";&", ";;&"}:
                self._at += 1
            if self._reserved() == "esac" or self._at >= len(self._tokens):
                break
            before = self._at
            while self._at < len(self._tokens) and self._operator() not in {")", "\n"}:
                token = self._tokens[self._at]
                if isinstance(token, Word):
                    patterns.append(token)
                self._at += 1
            self._expect(")")
            bodies.append(self._sequence(frozenset()))
            if self._at == before or (self._reserved() in _ENDS and self._reserved() != "esac") or self._operator() == ")":
                self._problem()
                self._at += 1
        self._expect("esac")
        return tuple(subject)
