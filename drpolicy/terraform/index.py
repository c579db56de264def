"""The structure of a Terraform file in one pass over its text: blocks and attributes, expressions only by their extent.

The grammar is that of HCL's native syntax specification (hashicorp/hcl, hclsyntax/spec.md, "Bodies", 2026-11).
"""

from __future__ import annotations

import re
from bisect import bisect_left

from drpolicy.model.patterns import deferred
from drpolicy.model.spans import Source
from drpolicy.terraform.blocks import AttributeSyntax, BlockSyntax, Comment, FileSyntax, SyntaxProblem
from drpolicy.terraform.lexical import (
    BLANK,
    COMMENT,
    HEREDOC,
    IDENTIFIER,
    INLINE_BLANK,
    LINE_CODE,
    MAX_NESTING,
    Unclosed,
    group_end,
)
from drpolicy.terraform.refusals import Broken, OpenBody, refuse_redefinition, refuse_template, second_value, unexpected

_LABEL = rf'(?:"(?:[^"\\\n]++|\\.)*+"|{IDENTIFIER})'
_ITEM = deferred(
    rf"{BLANK}(?:({IDENTIFIER}){INLINE_BLANK}(?:=(?![=>]){INLINE_BLANK}({LINE_CODE.pattern})|((?:{_LABEL}{INLINE_BLANK})*+)\{{)|(\}}))?"
)
_NAMED, _VALUE, _LABELLED, _CLOSE = range(1, 5)
_LABELS = deferred(rf'"((?:[^"\\\n]++|\\.)*+)"|({IDENTIFIER})|{COMMENT.pattern}')
_ESCAPED = deferred(r"\\(.)")
_BLANKS = deferred(BLANK)
_HEADER = deferred(rf"^{IDENTIFIER}{INLINE_BLANK}(?:{_LABEL}{INLINE_BLANK})*+\{{", re.MULTILINE)

TOP_LEVEL = frozenset(
    {
        *("check", "data", "ephemeral", "import", "list", "locals", "module", "moved"),
        *("output", "provider", "removed", "resource", "terraform", "variable"),
    }
)
"""The blocks that stand at the top of a Terraform file (developer.hashicorp.com/terraform/language, 2026-11)."""


class _TooDeep(Broken):
    """Blocks are open that nobody nests so deep, so nothing that follows stands where it seems to."""


PROBLEM_LIMIT = 100
"""Problems of one file. A file with more is no Terraform, and nobody reads them all."""


def index(source: Source) -> FileSyntax:
    """Return the structure of a file. Never raises; time is linear in the text, also for broken text.

    A top-level block or attribute that does not parse becomes a SyntaxProblem and costs itself only: reading goes on at
    the next line that begins, in column 1, like a block.
    """
    text = source.text
    file = OpenBody("", (), 0, 0)
    comments: list[Comment] = []
    problems: list[SyntaxProblem] = []
    at = 1 if text.startswith("\ufeff") else 0
    # Each recovery may read again what an unclosed bracket swallowed; this bounds the sum.
    budget = 2 * len(text) + 200_000
    inline_comments = "/*" in text
    while at < len(text):
        frames = [file]
        try:
            _read(text, at, frames, comments, inline_comments)
            break
        except Broken as broken:
            if not isinstance(broken, _TooDeep):
                problems.extend(_unclosed(source, frames))
            problems.append(SyntaxProblem(broken.start, broken.end, broken.message))
            _keep_whole(source, frames)
            following = _HEADER.search(text, broken.resume)
            at = following.start() if following else len(text)
            budget -= max(broken.end - at, 0) + 1000
            del comments[bisect_left(comments, at, key=lambda comment: comment.start) :]
            if budget < 0 or (len(problems) >= PROBLEM_LIMIT and at < len(text)):
                problems.append(SyntaxProblem(at, len(text), "too many syntax errors; the rest of the file was not read"))
                break
    problems.sort(key=lambda problem: problem.start)
    return FileSyntax(source, tuple(file.blocks), tuple(file.attributes), tuple(comments), tuple(problems))


def _read(text: str, at: int, frames: list[OpenBody], comments: list[Comment], inline_comments: bool) -> None:
    """Read items into the innermost open body until the text ends. Raises Broken."""
    frame = frames[-1]
    item = _ITEM.match
    attribute = frame.attributes.append
    fresh = True
    end = len(text)
    while True:
        match = item(text, at)
        assert match is not None
        kind = match.lastindex
        start = match.start(_NAMED)
        if start < 0:
            start = match.end() if kind is None else match.start(_CLOSE)
        blank = text[at:start]
        if "#" in blank or "/" in blank:
            comments.extend(Comment(at + each.start(), at + each.end()) for each in COMMENT.finditer(blank))
        if kind is None:
            if start < end:
                raise unexpected(text, start)
            if len(frames) > 1:
                line = text.count("\n", 0, frame.start) + 1
                raise Broken(frame.header_end - 1, frame.header_end, f'unclosed block "{frame.type}" opened at line {line}', end)
            refuse_redefinition(frame, end)
            return
        if frame.one_line and "\n" in blank:
            newline = at + blank.index("\n")
            raise Broken(newline, newline + 1, f'expected "}}": the block "{frame.type}" has its first attribute on the line that opens it')
        if kind == _CLOSE:
            if len(frames) == 1:
                raise Broken(start, start + 1, 'unexpected "}": no block is open')
            at = match.end()
            refuse_redefinition(frame)
            frames.pop()
            frames[-1].blocks.append(frame.close(at))
            frame = frames[-1]
            attribute = frame.attributes.append
            fresh = False
            continue
        if not fresh and "\n" not in blank:
            raise Broken(start, match.end(_NAMED), "expected a newline before the next attribute or block")
        if fresh and len(frames) > 1 and "\n" not in blank:
            if kind == _LABELLED:
                raise Broken(start, match.end(), "a block on one line holds no other block; begin the inner block on a line of its own")
            frame.one_line = True
        at = match.end() if kind == _LABELLED else match.start(_VALUE)
        if inline_comments:
            comments.extend(_header_comments(text, match.end(_NAMED), at))
        if kind == _LABELLED:
            if len(frames) > MAX_NESTING:
                raise _TooDeep(
                    start, at, f"blocks nested deeper than {MAX_NESTING}; close them: the rest of the file was not read", len(text)
                )
            labels = match[_LABELLED]
            if labels and ("\\" in labels or "{" in labels):
                refuse_template(text, match.start(_LABELLED), match.end(_LABELLED))
            frame = OpenBody(match[_NAMED], _labels(labels) if labels else (), start, at)
            attribute = frame.attributes.append
            frames.append(frame)
            fresh = True
            continue
        stop = match.end()
        value_end = at + len(match[_VALUE].rstrip())
        if stop < end and text[stop] != "\n":
            value_end, stop = _extent(text, start=at, value_end=value_end, at=stop, comments=comments)
        if value_end == at:
            raise Broken(at, at + 1, 'expected an expression after "="; it begins on the same line')
        if text[value_end - 1] in "+-*/%&|?:<>!" and text[value_end - 2 : value_end] not in (".*", "[*"):
            raise Broken(value_end, value_end + 1, "the expression ends in an operator; put it in parentheses to go on in the next line")
        attribute(AttributeSyntax(match[_NAMED], start, at, value_end))
        at = stop
        fresh = False


def _extent(text: str, start: int, value_end: int, at: int, comments: list[Comment]) -> tuple[int, int]:
    """Go on after LINE_CODE: return where the expression ends, without blanks, and where the text after it goes on. Raises Broken."""
    size = len(text)
    while True:
        char = text[at] if at < size else "\n"
        if char in "\n#}" or text.startswith("//", at):
            return value_end, at
        if char == "\r":
            at += 1
        elif char in ",;=":
            raise second_value(text, start, at)
        elif char in ")]":
            raise Broken(at, at + 1, f'unexpected "{char}"')
        elif char == "/":
            comment = COMMENT.match(text, at)
            if comment is None:
                raise Broken(at, at + 2, "unclosed comment")
            comments.append(Comment(at, comment.end()))
            at = comment.end()
        elif char == "<" and not HEREDOC.match(text, at):
            at = value_end = at + 1
        else:
            try:
                at = value_end = group_end(text, at, size, comments)
            except Unclosed as unclosed:
                # The place to look at is where it was opened; what it swallowed is read again from there.
                raise Broken(unclosed.opened, unclosed.at, unclosed.message) from None
        code = LINE_CODE.match(text, at)
        assert code is not None
        value_end = at + len(code[0].rstrip()) if code[0].strip() else value_end
        at = code.end()


def _labels(text: str) -> tuple[str, ...]:
    found = []
    for match in _LABELS.finditer(text):
        if match[1] is not None:
            found.append(_ESCAPED.sub(r"\1", match[1]) if "\\" in match[1] else match[1])
        elif match[2] is not None:
            found.append(match[2])
    return tuple(found)


def _header_comments(text: str, start: int, end: int) -> list[Comment]:
    if text.find("/*", start, end) < 0:
        return []
    return [Comment(*match.span()) for match in _LABELS.finditer(text, start, end) if match.lastindex is None]


def _in_first_column(source: Source, offset: int) -> bool:
    return offset == 0 or source.text[offset - 1] in "\n\ufeff"


def _unclosed(source: Source, frames: list[OpenBody]) -> list[SyntaxProblem]:
    """Return a problem for each block that must have been left open, since a top-level block begins inside it."""
    problems = []
    swallowed = False
    for frame in reversed(frames[1:]):
        swallowed = swallowed or any(_is_top_level(source, block) for block in frame.blocks)
        if swallowed and frame is not frames[-1]:
            line = source.position(frame.start).line
            problems.append(SyntaxProblem(frame.header_end - 1, frame.header_end, f'unclosed block "{frame.type}" opened at line {line}'))
        swallowed = swallowed or _is_top_level(source, frame)
    return problems


def _is_top_level(source: Source, block: BlockSyntax | OpenBody) -> bool:
    return block.type in TOP_LEVEL and _in_first_column(source, block.start)


def _keep_whole(source: Source, frames: list[OpenBody]) -> None:
    """Move to the file the whole top-level blocks that an unclosed block swallowed."""
    kept = [block for frame in frames[1:] for block in frame.blocks if _is_top_level(source, block)]
    frames[0].blocks.extend(sorted(kept, key=lambda block: block.start))
