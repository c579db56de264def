"""YAML with positions: PyYAML's events into values.

Bounds, all per source: nesting, nodes, documents and problems; per document: what aliases expand to. A document over a
bound, or that is not YAML, is a problem; the documents after it are read all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import yaml

from drpolicy.model.patterns import deferred
from drpolicy.model.provenance import Written, written_at
from drpolicy.model.spans import Source, Span, span_at
from drpolicy.model.values import Absent, Known, Value
from drpolicy.sources.documents import Document, Documents
from drpolicy.sources.placeholders import has_placeholder
from drpolicy.sources.problems import Abandoned, Code, Problem
from drpolicy.sources.yaml_nodes import Budget, Nodes, Place

DOCUMENT_LIMIT = 10_000
PROBLEM_LIMIT = 100

# The parser alone, without what would build objects: there is one for each document.
_Parser = getattr(yaml.cyaml, "CParser", yaml.SafeLoader) if yaml.__with_libyaml__ else yaml.SafeLoader

# Neither a scalar nor a comment can hold these at the start of a line (YAML 1.2.2, rule c-forbidden), so cutting here is exact.
_MARKER = deferred(r"---(?=[\s]|\Z)|\.\.\.(?=[\s]|\Z)[^\n]*+\n?+")
_MARKS = deferred(r"---|\.\.\.")
_BREAKS = frozenset("\n\r\x85\u2028\u2029")
_PREAMBLE = deferred(r"(?:[ \t]*+(?:#[^\n]*+)?+\r?\n|%[^\n]*+\n)*+")
_UNPRINTABLE = yaml.reader.Reader.NON_PRINTABLE


def documents(
    source: Source,
    start: int = 0,
    end: int | None = None,
    *,
    wanted: Callable[[str], bool] | None = None,
    until: Callable[[str], int | None] | None = None,
    placeholders: bool = True,
) -> Documents:
    """Read the YAML documents of a source, or of the characters ``[start, end)`` of it.

    ``wanted`` is asked with the text of each document before it is parsed. ``until`` is then asked how much of it matters: the rest,
    which begins with a key of the document, is not read, nor whatever is wrong with it. ``placeholders`` says whether ``{{ … }}`` and
    ``${VAR}`` make a value Unknown; without, they are text.
    """
    stop = len(source.text) if end is None else end

    def place(base: int) -> Place:
        offset = start + base
        return lambda first, last: span_at(source, offset + first, offset + last)

    return _read(source.text[start:stop], place, wanted, placeholders, until)


def is_yaml(source: Source) -> bool:
    """Whether a whole text is YAML, by the parser alone: to make values of it takes several times as long."""
    try:
        for _ in yaml.parse(source.text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
            pass
    except yaml.YAMLError:
        return False
    return True


def embedded_documents(value: Known[str], *, wanted: Callable[[str], bool] | None = None, placeholders: bool = True) -> Documents:
    """Read the YAML documents that a text holds, which is itself a scalar of a file; positions are in that file.

    They are exact for plain and literal (``|``) scalars and for quoted ones without escapes; else each is the whole scalar.
    """
    text = value.value
    span = written_at(value.origin) or Span(Source("", text), 0, len(text))
    lines = _line_map(text, span)
    if lines is None:
        return _read(text, lambda base: lambda first, last: span, wanted, placeholders)
    table = lines

    def place(base: int) -> Place:
        return lambda first, last: Span(span.source, _mapped(table, base + first), _mapped(table, base + last))

    return _read(text, place, wanted, placeholders)


def text_documents(text: str, place: Callable[[int, int], Span]) -> Documents:
    """Read the YAML documents of a text that is put together from several places; ``place`` says where two offsets of it are written."""
    return _read(text, lambda base: lambda first, last: place(base + first, base + last), None, True)


def _line_map(text: str, span: Span) -> list[tuple[int, int]] | None:
    """Return for each line of a scalar its offset in the value and in the source; ``None`` when the lines differ."""
    raw = span.text
    if raw[:1] in {'"', "'"} and raw[1:-1] == text:
        return [(0, span.offset + 1)]
    if raw == text:
        return [(0, span.offset)]
    if raw[:1] != "|":
        return None
    body = raw.find("\n") + 1
    if body == 0:
        return None
    table: list[tuple[int, int]] = []
    at, raw_at, indent = 0, body, None
    for line in text.splitlines(keepends=True):
        stop = raw.find("\n", raw_at)
        written = raw[raw_at : stop if stop >= 0 else len(raw)].rstrip("\r")
        content = line.rstrip("\r\n")
        if indent is None and content.strip():
            indent = len(written) - len(content)
        shift = min(indent or 0, len(written))
        # Trailing blank lines and blanks are not part of the span.
        if written[shift:] != content and (written[shift:].rstrip() != content.rstrip() or stop >= 0):
            return None
        table.append((at, span.offset + raw_at + shift))
        at += len(line)
        raw_at = stop + 1 if stop >= 0 else len(raw)
    return table or None


def _mapped(table: list[tuple[int, int]], offset: int) -> int:
    low, high = 0, len(table)
    while high - low > 1:
        middle = (low + high) // 2
        if table[middle][0] <= offset:
            low = middle
        else:
            high = middle
    return table[low][1] + offset - table[low][0]


def _read(
    text: str,
    places: Callable[[int], Place],
    wanted: Callable[[str], bool] | None,
    placeholders: bool,
    until: Callable[[str], int | None] | None = None,
) -> Documents:
    """Read the documents of a text; ``places`` says where what begins at an offset of it is written."""
    found: list[Document] = []
    problems: list[Problem] = []
    budget = Budget()
    index = 0
    for first, last in chunks(text):
        chunk = text[first:last]
        if wanted is not None and not wanted(chunk):
            index += 1
            continue
        place = places(first)
        if index >= DOCUMENT_LIMIT:
            span = place(0, 0)
            message = f"more than {DOCUMENT_LIMIT:,} documents in one file; those from here on were not read"
            problems.append(Problem(span.path, "yaml-too-large", message, span))
            break
        cut = until(chunk) if until is not None else None
        if cut is not None and (beginning := _beginning(chunk[:cut], place, placeholders, budget)) is not None:
            written = place(0, len(chunk.rstrip()))
            found.append(Document(written.source, beginning, index, written))
            index += 1
            continue
        nodes = Nodes(events(chunk), chunk, place, placeholders, budget, problems)
        try:
            for root, span in nodes.roots():
                if not _empty(root):
                    found.append(Document(span.source, root, index, span))
                index += 1
        except Abandoned as stopped:
            problems.append(stopped.problem)
            index += 1
        except (yaml.YAMLError, UnicodeError) as error:
            problems.append(_syntax(error, chunk, place))
            index += 1
        if budget.nodes <= 0:
            break
    if len(problems) > PROBLEM_LIMIT:
        last_shown = problems[PROBLEM_LIMIT - 1]
        more = f"{len(problems) - PROBLEM_LIMIT + 1:,} further problems in this file are not listed"
        problems[PROBLEM_LIMIT - 1 :] = [Problem(last_shown.path, last_shown.code, more, last_shown.span)]
    return Documents(tuple(found), tuple(problems))


def _beginning(text: str, place: Place, placeholders: bool, budget: Budget) -> Value[Any] | None:
    """Return what the beginning of a document holds; ``None`` when it is not whole by itself, or anything is wrong with it."""
    problems: list[Problem] = []
    try:
        roots = [root for root, _ in Nodes(events(text), text, place, placeholders, budget, problems).roots()]
    except (Abandoned, yaml.YAMLError, UnicodeError):
        return None
    return roots[0] if len(roots) == 1 and not problems else None


def _empty(root: object) -> bool:
    return isinstance(root, Absent) and isinstance(root.origin, Written) and root.origin.span.offset == root.origin.span.end_offset


def chunks(text: str) -> Iterator[tuple[int, int]]:
    """Yield the offsets of the pieces of a YAML stream that can be parsed alone: one document each, with its directives."""
    start = _after_marks(text, 0)
    for mark in _MARKS.finditer(text):
        at = mark.start()
        if at and text[at - 1] not in _BREAKS:
            continue
        marker = _MARKER.match(text, at)
        if marker is None:
            continue
        if marker[0].startswith("."):
            yield start, marker.start()
            start = _after_marks(text, marker.end())
        elif not _is_preamble(text, start, marker.start()):
            yield start, marker.start()
            start = marker.start()
    if start < len(text):
        yield start, len(text)


def _after_marks(text: str, at: int) -> int:
    """Return the offset after any byte order marks, which the parser drops without counting them."""
    while text.startswith("\ufeff", at):
        at += 1
    return at


def _is_preamble(text: str, start: int, end: int) -> bool:
    """Whether only directives, comments and blank lines stand there: they belong to the document that follows."""
    match = _PREAMBLE.match(text, start, end)
    return match is not None and match.end() == end


def events(text: str) -> Iterator[Any]:
    """Return PyYAML's events, as they are read. Raises yaml.YAMLError, or UnicodeError for a lone surrogate."""
    # yaml.parse asks twice for each event, in Python; after the last one there is None.
    return iter(_Parser(text).get_event, None)


def _syntax(error: Exception, chunk: str, place: Place) -> Problem:
    at, message = _position(error, chunk)
    at = min(at, len(chunk))
    line_start = chunk.rfind("\n", 0, at) + 1
    line_end = chunk.find("\n", at)
    line = chunk[line_start : line_end if line_end >= 0 else len(chunk)]
    code: Code = "yaml-syntax"
    if ("{{" in chunk and has_placeholder(chunk)) or has_placeholder(line):
        code = "yaml-template"
        message = f"a template, which is YAML only once it is rendered ({message})"
    elif "\t" in line[: len(line) - len(line.lstrip())] and "start any token" in message:
        message = "not valid YAML: a tab cannot indent; use spaces"
    else:
        message = f"not valid YAML: {message}"
    span = place(at, min(at + 1, len(chunk)))
    return Problem(span.path, code, message, span)


def _position(error: Exception, chunk: str) -> tuple[int, str]:
    if isinstance(error, yaml.MarkedYAMLError):
        mark = error.problem_mark or error.context_mark
        message = error.problem or error.context or "it cannot be parsed"
        if error.problem and error.context and error.context_mark is not None:
            message = f"{message} {error.context}"
        if error.context_mark is not None and mark is not None and mark.index >= len(chunk.rstrip()):
            # What is missing at the end is missed where it began.
            mark = error.context_mark
        return (mark.index if mark is not None else 0), message
    bad = _UNPRINTABLE.search(chunk)
    if bad is not None:
        return bad.start(), f"the control character U+{ord(bad[0]):04X} is not allowed"
    return 0, "it holds a character that is not allowed"
