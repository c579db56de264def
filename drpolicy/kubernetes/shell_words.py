"""The words and operators of a POSIX shell script, with a few of bash's (XCU 2.2, 2.3 and 2.7, IEEE Std 1003.1-2024).

Nothing is expanded. Any text gives tokens: what is not closed ends where the text ends, and is said to be open.
"""

from __future__ import annotations

from drpolicy.model.patterns import deferred
from drpolicy.model.records import dataclass

_BLANKS = deferred(r"(?:[ \t\r]|\\\r?\n)*+")
_PLAIN = deferred(r"[^ \t\r\n;&|<>()\\'\"$`]++")
_QUOTED_PLAIN = deferred(r"[^\\\"$`]++")
_NAME = deferred(r"[A-Za-z_][A-Za-z0-9_]*+|[0-9@*#?$!-]")
_IDENTIFIER = deferred(r"[A-Za-z_][A-Za-z0-9_]*+")
_OPERATOR = deferred(r";;&|;;|;&|&&|\|\||\|&|[;&|()]")
_REDIRECT = deferred(r"[0-9]*+(?:<<-|<<<|<<|<&|<>|>>|>&|>\||<(?!\()|>(?!\()|&>>|&>)|&>>?")
_WORD_END = frozenset(" \t\r\n;&|<>()")


@dataclass(frozen=True, slots=True)
class Word:
    """One word: ``text`` without its quotes, expansions as they are written.

    ``variables`` are the names it expands; ``inner`` are the offsets of the scripts in ``$(…)``, backquotes and ``<(…)``.
    """

    text: str
    start: int
    end: int
    quoted: bool = False
    variables: tuple[str, ...] = ()
    inner: tuple[tuple[int, int], ...] = ()

    @property
    def literal(self) -> bool:
        """Whether the word is what it says: it expands nothing."""
        return not self.variables and not self.inner


@dataclass(frozen=True, slots=True)
class Operator:
    """A control operator; a newline is one, too."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Redirect:
    """A redirection, with the target that it names; ``body`` are the offsets of a here-document."""

    operator: str
    target: Word
    start: int
    end: int
    body: tuple[int, int] | None = None


Token = Word | Operator | Redirect


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of a script; ``open_at`` is where something begins that never ends."""

    tokens: tuple[Token, ...]
    open_at: int | None


def tokenize(text: str, start: int, end: int) -> Tokens:
    """Read the tokens in the characters ``[start, end)`` of a text. Offsets are those of the text. Linear."""
    return _Lexer(text, min(end, len(text))).run(start)


class _Lexer:
    def __init__(self, text: str, end: int) -> None:
        self._text = text
        self._end = end
        self._open: int | None = None
        self._tokens: list[Token] = []
        self._pending: list[int] = []

    def run(self, at: int) -> Tokens:
        text, end, tokens = self._text, self._end, self._tokens
        while True:
            blank = _BLANKS.match(text, at, end)
            at = at if blank is None else blank.end()
            if at >= end:
                break
            first = text[at]
            if first == "\n":
                tokens.append(Operator("\n", at, at + 1))
                at = self._heredocs(at + 1)
            elif first == "#":
                newline = text.find("\n", at, end)
                at = newline if newline >= 0 else end
            elif redirect := _REDIRECT.match(text, at, end):
                at = self._redirect(redirect[0], at)
            elif operator := _OPERATOR.match(text, at, end):
                tokens.append(Operator(operator[0], at, operator.end()))
                at = operator.end()
            else:
                word = self._word(at)
                tokens.append(word)
                at = word.end
        if self._pending:
            self._open = self._tokens[self._pending[0]].start
        return Tokens(tuple(tokens), self._open)

    def _redirect(self, operator: str, at: int) -> int:
        operator_end = at + len(operator)
        blank = _BLANKS.match(self._text, operator_end, self._end)
        target = self._word(operator_end if blank is None else blank.end())
        kind = operator.lstrip("0123456789")
        if kind in {"<<", "<<-"}:
            self._pending.append(len(self._tokens))
        self._tokens.append(Redirect(kind, target, at, target.end))
        return target.end

    def _heredocs(self, at: int) -> int:
        pending, self._pending = self._pending, []
        for index in pending:
            redirect = self._tokens[index]
            if not isinstance(redirect, Redirect):
                continue
            begin = at
            while True:
                if at >= self._end:
                    self._open = self._open if self._open is not None else redirect.start
                    stop = at
                    break
                newline = self._text.find("\n", at, self._end)
                line_end = newline if newline >= 0 else self._end
                line = self._text[at:line_end].rstrip("\r")
                stop, at = at, min(line_end + 1, self._end)
                if (line.lstrip("\t") if redirect.operator == "<<-" else line) == redirect.target.text:
                    break
            self._tokens[index] = Redirect(redirect.operator, redirect.target, redirect.start, redirect.end, (begin, stop))
        return at

    def _word(self, start: int) -> Word:
        text, end = self._text, self._end
        pieces: list[str] = []
        variables: list[str] = []
        inner: list[tuple[int, int]] = []
        quoted = False
        at = start
        while at < end:
            plain = _PLAIN.match(text, at, end)
            if plain is not None:
                pieces.append(plain[0])
                at = plain.end()
                continue
            character = text[at]
            if character in "<>" and text.startswith("(", at + 1):
                at = self._substitution(at, at + 2, pieces, inner)
            elif character == "(" and pieces and pieces[-1].endswith("=") and not quoted:
                stop = closing(text, at + 1, end)
                pieces.append(text[at:stop])
                at = stop
            elif character in _WORD_END:
                break
            elif character == "'":
                stop = text.find("'", at + 1, end)
                self._note(stop < 0, at)
                stop = stop if stop >= 0 else end
                pieces.append(text[at + 1 : stop])
                at, quoted = min(stop + 1, end), True
            elif character == '"':
                at, quoted = self._double(at, pieces, variables, inner), True
            elif character == "\\":
                if not text.startswith(("\n", "\r\n"), at + 1):
                    pieces.append(text[at + 1 : min(at + 2, end)])
                    quoted = True
                at = min(at + 2, end)
            else:
                at = self._expansion(at, pieces, variables, inner)
        return Word("".join(pieces), start, at, quoted, tuple(variables), tuple(inner))

    def _double(self, at: int, pieces: list[str], variables: list[str], inner: list[tuple[int, int]]) -> int:
        text, end, opened = self._text, self._end, at
        at += 1
        while at < end:
            plain = _QUOTED_PLAIN.match(text, at, end)
            if plain is not None:
                pieces.append(plain[0])
                at = plain.end()
                continue
            if text[at] == '"':
                return at + 1
            if text[at] == "\\":
                following = text[at + 1 : min(at + 2, end)]
                pieces.append(following if following and following in '$`"\\' else "" if following == "\n" else "\\" + following)
                at = min(at + 2, end)
            else:
                at = self._expansion(at, pieces, variables, inner)
        self._note(True, opened)
        return end

    def _expansion(self, at: int, pieces: list[str], variables: list[str], inner: list[tuple[int, int]]) -> int:
        text, end = self._text, self._end
        if text[at] == "`":
            stop = text.find("`", at + 1, end)
            self._note(stop < 0, at)
            stop = stop if stop >= 0 else end
            inner.append((at + 1, stop))
            pieces.append(text[at : min(stop + 1, end)])
            return min(stop + 1, end)
        if text.startswith("$((", at):
            stop = closing(text, at + 2, end)
            if text.endswith("))", at + 3, stop):
                pieces.append(text[at:stop])
                variables.append("")
                return stop
        if text.startswith("$(", at):
            return self._substitution(at, at + 2, pieces, inner, variables)
        if text.startswith("${", at):
            stop = closing(text, at + 2, end, "}")
            self._note(not text.endswith("}", at + 2, stop), at)
            name = _NAME.match(text, at + 2, stop)
            variables.append("" if name is None else name[0])
            pieces.append(text[at:stop])
            return stop
        name = _NAME.match(text, at + 1, end)
        stop = at + 1 if name is None else name.end()
        if name is not None:
            variables.append(name[0])
        pieces.append(text[at:stop])
        return stop

    def _substitution(self, at: int, body: int, pieces: list[str], inner: list[tuple[int, int]], variables: list[str] | None = None) -> int:
        stop = closing(self._text, body, self._end)
        closed = self._text.endswith(")", body, stop)
        self._note(not closed, at)
        content = self._text[body : stop - 1 if closed else stop]
        if variables is not None and content.isupper() and _IDENTIFIER.fullmatch(content):
            # Kubernetes replaces $(NAME) by a variable of the container before any shell sees it.
            variables.append(content)
        else:
            inner.append((body, body + len(content)))
        self_text = self._text[at:stop]
        pieces.append(self_text)
        return stop

    def _note(self, unclosed: bool, at: int) -> None:
        if unclosed and self._open is None:
            self._open = at


def closing(text: str, at: int, end: int, wanted: str = ")") -> int:
    """Return the offset after the bracket that closes what is open at ``at``, or ``end``. Linear, and not recursive."""
    stack = [wanted]
    word_start = True
    while at < end:
        character, top = text[at], stack[-1]
        if character == "\\":
            at += 2
            word_start = False
            continue
        if character == top:
            stack.pop()
            if not stack:
                return at + 1
        elif character == "'" and top != '"':
            stop = text.find("'", at + 1, end)
            at = stop if stop >= 0 else end
        elif character in '"`' and top != "`":
            stack.append(character)
        elif character == "$" and text.startswith(("$(", "${"), at):
            stack.append(")" if text[at + 1] == "(" else "}")
            at += 1
        elif character == "(" and top == ")":
            stack.append(")")
        elif character == "#" and top == ")" and word_start:
            newline = text.find("\n", at, end)
            at = (newline if newline >= 0 else end) - 1
        word_start = at < end and text[at] in " \t\n;(&|"
        at += 1
    return end
