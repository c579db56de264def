"""What a YAML scalar means: the core schema of YAML 1.2 (yaml.org/spec/1.2.2, section 10.3.2).

``yes``, ``on``, ``1:30`` and ``2024-01-01`` are texts, and ``010`` is ten. PyYAML's own resolver follows YAML 1.1.
"""

from __future__ import annotations

from typing import Any

from drpolicy.model.patterns import deferred
from drpolicy.model.provenance import Written
from drpolicy.model.reasons import Reason
from drpolicy.model.records import maker
from drpolicy.model.spans import Span
from drpolicy.model.values import Absent, Known, Unknown, Value
from drpolicy.sources.placeholders import placeholder, text_value

_known = maker(Known)
_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_NUMERIC_START = frozenset("+-.0123456789")
_INTEGER = deferred(r"[-+]?[0-9]++")
_OCTAL = deferred(r"0o[0-7]++")
_HEXADECIMAL = deferred(r"0x[0-9a-fA-F]++")
_FLOAT = deferred(r"[-+]?(?:\.[0-9]++|[0-9]++(?:\.[0-9]*+)?)(?:[eE][-+]?[0-9]++)?")
_INFINITE = deferred(r"[-+]?\.(?:inf|Inf|INF)")
_NOT_A_NUMBER = frozenset({".nan", ".NaN", ".NAN"})
DIGITS = 400
"""Longest number that is read: more digits than any float has, fewer than Python refuses to convert (4,300)."""

_TAGS = {
    "!": "str",
    "tag:yaml.org,2002:str": "str",
    "tag:yaml.org,2002:binary": "str",
    "tag:yaml.org,2002:int": "core",
    "tag:yaml.org,2002:float": "core",
    "tag:yaml.org,2002:bool": "core",
    "tag:yaml.org,2002:null": "core",
    "tag:yaml.org,2002:timestamp": "str",
}


def scalar(text: str, plain: bool, tag: str | None, span: Span, placeholders: bool) -> Value[Any]:
    """Return the value of a scalar that was written plain, or quoted or as a block.

    A tag of an application (``!vault``, ``!Ref x``) makes the value Unknown: only that application knows what it means.
    """
    if tag is not None:
        meaning = _TAGS.get(tag)
        if meaning is None:
            return placeholder(f"{tag} {text}", span)
        plain = meaning == "core"
    if plain:
        return core(text, span, placeholders)
    if not placeholders:
        return Known(text, Written(span))
    quoted = span.source.text[span.offset : span.offset + 1] in {'"', "'"}
    length = span.end_offset - span.offset
    return text_value(text, span, span.offset + 1, length - 2) if quoted else text_value(text, span, span.offset, length)


def core(text: str, span: Span, placeholders: bool) -> Value[Any]:
    """Return the value of a plain scalar without a tag."""
    if text in _WORDS:
        word = _WORDS[text]
        return Absent(Written(span)) if word is None else Known(word, Written(span))
    if text[0] in _NUMERIC_START and (number := parse_number(text)) is not None:
        if isinstance(number, str):
            return Unknown(Reason.LIMIT_REACHED, f"{span.path}:{text[:20]}… ({len(text)} digits)", Written(span))
        return _known(number, Written(span))
    if placeholders and ("{{" in text or "${" in text):
        return text_value(text, span, span.offset, span.end_offset - span.offset)
    return _known(text, Written(span))


def parse_number(text: str) -> int | float | str | None:
    """Return the number that a plain scalar is; ``None`` when it is none; the text itself when it has too many digits."""
    if _INTEGER.fullmatch(text):
        return text if len(text) > DIGITS else int(text)
    if _FLOAT.fullmatch(text):
        return text if len(text) > DIGITS else float(text)
    if _OCTAL.fullmatch(text):
        return text if len(text) > DIGITS else int(text[2:], 8)
    if _HEXADECIMAL.fullmatch(text):
        return text if len(text) > DIGITS else int(text[2:], 16)
    if _INFINITE.fullmatch(text):
        return float(text.replace(".", "", 1))
    return float("nan") if text in _NOT_A_NUMBER else None
