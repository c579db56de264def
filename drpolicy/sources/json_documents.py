"""JSON with positions. Strict (RFC 8259): no comments, no trailing commas, no NaN."""

from __future__ import annotations

from json import JSONDecodeError, JSONDecoder
from typing import Any, NoReturn

from drpolicy.model.patterns import deferred
from drpolicy.model.provenance import Written
from drpolicy.model.reasons import Reason
from drpolicy.model.spans import Source, Span
from drpolicy.model.values import Absent, Known, Unknown, Value, members
from drpolicy.sources.documents import DEPTH_LIMIT, NODE_LIMIT, Document, Documents, KeyedObject
from drpolicy.sources.placeholders import text_value
from drpolicy.sources.problems import Abandoned, Code, Problem
from drpolicy.sources.yaml_scalars import DIGITS

# Reads one string with its escapes, at C speed, and says where it ends.
_string_at = JSONDecoder().raw_decode
_BLANK = deferred(r"[ \t\r\n]*+")
_NUMBER = deferred(r"-?(?:0|[1-9][0-9]*+)(\.[0-9]++)?([eE][-+]?[0-9]++)?")
_WORDS = {"t": ("true", True), "f": ("false", False), "n": ("null", None)}
PROBLEM_LIMIT = 100


def json_document(source: Source, start: int = 0, end: int | None = None, *, placeholders: bool = True) -> Documents:
    """Read the JSON document of a source, or of the characters ``[start, end)`` of it.

    ``placeholders`` says whether ``{{ … }}`` and ``${VAR}`` make a text Unknown; Terraform's JSON syntax wants them as they stand.
    """
    stop = len(source.text) if end is None else end
    reader = _Reader(source, source.text if stop == len(source.text) else source.text[:stop], placeholders)
    try:
        root, at = reader.value(reader.blank(start), 0)
        rest = reader.blank(at)
        if rest < stop:
            reader.stop("json-syntax", "not valid JSON: something follows the end of the document", rest)
    except Abandoned as stopped:
        return Documents((), (*reader.problems, stopped.problem))
    return Documents((Document(source, root, 0, source.span(reader.blank(start), at)),), tuple(reader.problems))


class _Reader:
    """A recursive-descent reader, to at most ``DEPTH_LIMIT``. Every method takes an offset and returns the one after what it read."""

    def __init__(self, source: Source, text: str, placeholders: bool) -> None:
        self.problems: list[Problem] = []
        self._source = source
        self._text = text
        self._placeholders = placeholders
        self._nodes = NODE_LIMIT

    def stop(self, code: Code, message: str, at: int) -> NoReturn:
        at = min(at, len(self._text))
        raise Abandoned(Problem(self._source.path, code, message, self._source.span(at, min(at + 1, len(self._text)))))

    def blank(self, at: int) -> int:
        match = _BLANK.match(self._text, at)
        return at if match is None else match.end()

    def value(self, at: int, depth: int) -> tuple[Value[Any], int]:
        self._nodes -= 1
        if self._nodes < 0:
            self.stop("json-too-large", f"more than {NODE_LIMIT:,} values in one file", at)
        text = self._text
        first = text[at : at + 1]
        if first in {"{", "["} and depth >= DEPTH_LIMIT:
            self.stop("json-too-deep", f"nested more than {DEPTH_LIMIT} levels deep", at)
        if first == '"':
            content, end = self._string(at)
            span = self._source.span(at, end)
            if not self._placeholders:
                return Known(content, Written(span)), end
            return text_value(content, span, at + 1, end - at - 2), end
        if first == "{":
            return self._object(at, depth)
        if first == "[":
            return self._array(at, depth)
        if first in _WORDS and text.startswith(_WORDS[first][0], at):
            word, meaning = _WORDS[first]
            origin = Written(self._source.span(at, at + len(word)))
            return (Absent(origin) if meaning is None else Known(meaning, origin)), at + len(word)
        return self._number(at)

    def _number(self, at: int) -> tuple[Value[Any], int]:
        match = _NUMBER.match(self._text, at)
        if match is None:
            self.stop("json-syntax", "not valid JSON: a value is expected here", at)
        written = match[0]
        span = self._source.span(at, match.end())
        if len(written) > DIGITS:
            return Unknown(Reason.LIMIT_REACHED, f"{span.path}:{written[:20]}… ({len(written)} digits)", Written(span)), match.end()
        number = int(written) if match[1] is None and match[2] is None else float(written)
        return Known(number, Written(span)), match.end()

    def _string(self, at: int) -> tuple[str, int]:
        try:
            content, end = _string_at(self._text, at)
        except JSONDecodeError as error:
            self.stop(
                "json-syntax",
                f"not valid JSON: {error.msg[:1].lower()}{error.msg[1:].removesuffix(' at').removesuffix(' starting')}",
                error.pos,
            )
        return content, end

    def _array(self, at: int, depth: int) -> tuple[Value[Any], int]:
        values = []
        here = self.blank(at + 1)
        closed = self._text.startswith("]", here)
        while not closed:
            value, here = self.value(here, depth + 1)
            values.append(value)
            here, closed = self._separator(here, "]")
        end = here + 1 if not values else here
        return Known(members(values), Written(self._source.span(at, end))), end

    def _object(self, at: int, depth: int) -> tuple[Value[Any], int]:
        fields: dict[str, Value[Any]] = {}
        keys: dict[str, Span] = {}
        here = self.blank(at + 1)
        if self._text.startswith("}", here):
            return Known(KeyedObject(fields, None, keys), Written(self._source.span(at, here + 1))), here + 1
        closed = False
        while not closed:
            if not self._text.startswith('"', here):
                self.stop("json-syntax", "not valid JSON: a key in double quotes is expected here", here)
            name, after = self._string(here)
            span = self._source.span(here, after)
            if name in keys and len(self.problems) < PROBLEM_LIMIT:
                message = f"{name!r} is given twice, in line {keys[name].start.line} and again here; the last one counts"
                self.problems.append(Problem(self._source.path, "json-duplicate-key", message, span, keys[name]))
            colon = self.blank(after)
            if not self._text.startswith(":", colon):
                self.stop("json-syntax", "not valid JSON: ':' is expected here", colon)
            keys[name] = span
            fields[name], here = self.value(self.blank(colon + 1), depth + 1)
            here, closed = self._separator(here, "}")
        return Known(KeyedObject(fields, None, keys), Written(self._source.span(at, here))), here

    def _separator(self, at: int, closing: str) -> tuple[int, bool]:
        """Return the offset of the next element, or the one after the closing bracket, and which of the two it is."""
        at = self.blank(at)
        if self._text.startswith(closing, at):
            return at + 1, True
        if not self._text.startswith(",", at):
            self.stop("json-syntax", f"not valid JSON: ',' or '{closing}' is expected here", at)
        return self.blank(at + 1), False
