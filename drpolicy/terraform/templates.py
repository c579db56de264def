"""Quoted strings and heredocs: escapes, interpolations, directives, strip markers and the indentation of ``<<-``.

The rules are those of HCL's template parser (hashicorp/hcl, hclsyntax/parser_template.go, 2026-11), checked against
``terraform console`` 1.11: literals are trimmed and unindented token by token, a token being a line of a heredoc.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple, Protocol

from drpolicy.model.patterns import deferred
from drpolicy.model.records import dataclass
from drpolicy.terraform.lexical import HEREDOC, IDENTIFIER, group_end
from drpolicy.terraform.tree import Conditional, Expression, Literal, Opaque, Template, TemplateFor

_TEXT = deferred(r"(?:[^$%]++|\$\$\{|%%\{|[$%](?!\{))++")
_QUOTED_TEXT = deferred(r"(?:[^$%\\]++|\\.|\$\$\{|%%\{|[$%](?!\{))++", re.DOTALL)
_ESCAPE = deferred(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))|(?:\$\$|%%)(?=\{)", re.DOTALL)
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
_DIRECTIVE = deferred(
    rf"\s*+(?:(if)(?![\w-])|(else|endif|endfor)(?![\w-])\s*+$|for\s++({IDENTIFIER})\s*+(?:,\s*+({IDENTIFIER})\s*+)?+in(?![\w-]))"
)
_NOTHING: frozenset[str] = frozenset()
_ENDIF = frozenset({"endif"})
_ENDFOR = frozenset({"endfor"})
_ELSE_OR_ENDIF = frozenset({"else", "endif"})


class Reads(Protocol):
    """What reads the expressions inside a template."""

    @property
    def text(self) -> str: ...
    def read(self, start: int, end: int, depth: int) -> Expression: ...


@dataclass(slots=True)
class _Text:
    """Literal text; its value changes while strip markers and indentation are applied."""

    value: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Sequence:
    """``${ … }`` or ``%{ … }``; ``inner`` is what stands between, without strip markers."""

    directive: bool
    start: int
    end: int
    inner_start: int
    inner_end: int
    strip_before: bool
    strip_after: bool


class _Stop(NamedTuple):
    """The directive that ended a list of parts."""

    name: str
    start: int
    end: int


class _Bad(Exception):
    """The template is not valid; the message says why, ``at`` where, when that can be told."""

    def __init__(self, message: str, at: int | None = None) -> None:
        super().__init__(message)
        self.at = at


def template(reader: Reads, start: int, end: int, depth: int) -> Expression:
    """Read the string or heredoc that is ``[start, end)``: a Literal without sequences, else a Template.

    Raises what the reader raises, and Unclosed. Text that breaks the rules of templates is Opaque.
    """
    text = reader.text
    heredoc = HEREDOC.match(text, start, end)
    try:
        if heredoc is not None:
            tokens = list(_tokens(text, heredoc.end(), text.rindex("\n", start, end) + 1, quoted=False))
        else:
            tokens = list(_tokens(text, start + 1, end - 1, quoted=True))
        _strip(tokens)
        if heredoc is not None and heredoc[1]:
            _unindent(tokens)
        tokens = list(_merged(tokens))
        parts, _ = _parts(reader, iter(tokens), depth + 1, _NOTHING)
    except _Bad as bad:
        return Opaque(str(bad), start, end, bad.at)
    if len(tokens) == 1 and isinstance(tokens[0], _Sequence):
        # An interpolation alone passes its value on unchanged, also when that is no string.
        return Template(tuple(parts), start, end)
    return _joined(parts, start, end)


def bare_template(reader: Reads, start: int, end: int, depth: int) -> Expression:
    """Read a template that stands in no quotes, as JSON holds it: no escapes but those of the introducers. Else as ``template``."""
    tokens = list(_tokens(reader.text, start, end, quoted=False))
    _strip(tokens)
    tokens = list(_merged(tokens))
    try:
        parts, _ = _parts(reader, iter(tokens), depth + 1, _NOTHING)
    except _Bad as bad:
        return Opaque(str(bad), start, end, bad.at)
    if len(tokens) == 1 and isinstance(tokens[0], _Sequence):
        return Template(tuple(parts), start, end)
    return _joined(parts, start, end)


def _tokens(text: str, start: int, end: int, *, quoted: bool) -> Iterator[_Text | _Sequence]:
    pattern = _QUOTED_TEXT if quoted else _TEXT
    at = start
    while at < end:
        literal = pattern.match(text, at, end)
        if literal is not None:
            if quoted:
                yield _Text(_unescaped(literal[0], at), at, literal.end())
            else:
                yield from _lines(text, at, literal.end())
            at = literal.end()
            continue
        stop = group_end(text, at + 1, end)
        before, after = text[at + 2] == "~", text[stop - 2] == "~"
        inner_end = stop - 2 if after else stop - 1
        inner_start = min(at + 3 if before else at + 2, inner_end)
        yield _Sequence(text[at] == "%", at, stop, inner_start, inner_end, before, after)
        at = stop


def _unescaped(text: str, at: int) -> str:
    try:
        return _ESCAPE.sub(_resolve, text)
    except _Bad as bad:
        raise _Bad(str(bad), None if bad.at is None else at + bad.at) from None


def _lines(text: str, start: int, end: int) -> Iterator[_Text]:
    while start < end:
        stop = text.find("\n", start, end) + 1 or end
        yield _Text(text[start:stop].replace("$${", "${").replace("%%{", "%{"), start, stop)
        start = stop


def _resolve(escape: re.Match[str]) -> str:
    digits = escape[1] or escape[2]
    if digits:
        point = int(digits, 16)
        if 0xD800 <= point <= 0xDFFF or point > 0x10FFFF:
            raise _Bad(f"{escape[0]} is not a character", escape.start())
        return chr(point)
    if escape[3] is None:
        return escape[0][0]
    found = _ESCAPED.get(escape[3])
    if found is None:
        raise _Bad(f"\\{escape[3]} is not an escape sequence; write a backslash as \\\\", escape.start())
    return found


def _strip(tokens: list[_Text | _Sequence]) -> None:
    """Apply ``~``: it takes the blanks of the one literal next to it, in a heredoc at most to the line's end."""
    for position, token in enumerate(tokens):
        if isinstance(token, _Sequence):
            before = tokens[position - 1] if position else None
            after = tokens[position + 1] if position + 1 < len(tokens) else None
            if token.strip_before and isinstance(before, _Text):
                before.value = before.value.rstrip()
            if token.strip_after and isinstance(after, _Text):
                after.value = after.value.lstrip()


def _unindent(tokens: list[_Text | _Sequence]) -> None:
    """Take from each line the smallest indentation of any line that is not blank."""
    smallest: int | None = None
    adjust: list[_Text] = []
    line_start = True
    for token in tokens:
        literal = token if isinstance(token, _Text) else None
        if line_start:
            indentation: int | None = 0
            if literal is not None:
                bare = literal.value.lstrip()
                if not bare and literal.value.endswith("\n"):
                    indentation = None
                else:
                    indentation = len(literal.value) - len(bare)
                    adjust.append(literal)
            if indentation is not None and (smallest is None or indentation < smallest):
                smallest = indentation
        line_start = literal is not None and literal.value.endswith("\n")
    for literal in adjust:
        literal.value = literal.value[smallest:]


def _merged(tokens: list[_Text | _Sequence]) -> Iterator[_Text | _Sequence]:
    """Join literals that touch."""
    texts: list[_Text] = []
    for token in [*tokens, None]:
        if isinstance(token, _Text):
            texts.append(token)
            continue
        if texts:
            yield _Text("".join(text.value for text in texts), texts[0].start, texts[-1].end)
            texts = []
        if token is not None:
            yield token


def _parts(reader: Reads, tokens: Iterator[_Text | _Sequence], depth: int, stops: frozenset[str]) -> tuple[list[Expression], _Stop]:
    """Return the parts up to a directive in ``stops`` (up to the end when there are none), and that directive."""
    parts: list[Expression] = []
    for token in tokens:
        if isinstance(token, _Text):
            parts.append(Literal(token.value, token.start, token.end))
            continue
        if not token.directive:
            parts.append(reader.read(token.inner_start, token.inner_end, depth))
            continue
        directive = _DIRECTIVE.match(reader.text, token.inner_start, token.inner_end)
        if directive is None:
            blanks = len(reader.text[token.inner_start : token.inner_end]) - len(reader.text[token.inner_start : token.inner_end].lstrip())
            raise _Bad("expected if, else, endif, for or endfor after %{", token.inner_start + blanks)
        if directive[2]:
            if directive[2] not in stops:
                raise _Bad(f"%{{ {directive[2]} }} without its beginning")
            return parts, _Stop(directive[2], token.start, token.end)
        head = reader.read(directive.end(), token.inner_end, depth)
        if directive[1]:
            parts.append(_conditional(reader, tokens, depth + 1, token, head))
        else:
            body, stop = _parts(reader, tokens, depth + 1, _ENDFOR)
            key, value = (directive[3], directive[4]) if directive[4] else (None, directive[3])
            inside = Template(_as_string(body, stop.start), token.end, stop.start)
            parts.append(TemplateFor(key, value, head, inside, token.start, stop.end))
    if stops:
        raise _Bad(f"%{{ {max(stops)} }} is missing")
    return parts, _Stop("", 0, 0)


def _conditional(reader: Reads, tokens: Iterator[_Text | _Sequence], depth: int, opened: _Sequence, condition: Expression) -> Conditional:
    then, stop = _parts(reader, tokens, depth, _ELSE_OR_ENDIF)
    chosen = _joined(then, opened.end, stop.start)
    otherwise: Expression = Literal("", stop.start, stop.start)
    if stop.name == "else":
        alternative = stop.end
        parts, stop = _parts(reader, tokens, depth, _ENDIF)
        otherwise = _joined(parts, alternative, stop.start)
    return Conditional(condition, chosen, otherwise, opened.start, stop.end)


def _joined(parts: list[Expression], start: int, end: int) -> Expression:
    """Return the parts as one expression that is always a string."""
    whole = _as_string(parts, end)
    match whole:
        case ():
            return Literal("", start, end)
        case (Literal(str() as value),):
            return Literal(value, start, end)
    return Template(whole, start, end)


def _as_string(parts: list[Expression], end: int) -> tuple[Expression, ...]:
    """Return the parts without empty literals, but with one where a lone part would pass on a value that is no string."""
    kept = [part for part in parts if not (isinstance(part, Literal) and part.value == "")]
    if len(kept) == 1 and not (isinstance(kept[0], Literal) and isinstance(kept[0].value, str)):
        kept.append(Literal("", end, end))
    return tuple(kept)
