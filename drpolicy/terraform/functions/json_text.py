"""``jsonencode`` and ``jsondecode``, byte by byte as Terraform has them."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator
from typing import Any

from drpolicy.model.patterns import deferred
from drpolicy.terraform.conversion import TEXT_LIMIT, text
from drpolicy.terraform.functions.table import Function
from drpolicy.terraform.precision import read, written
from drpolicy.terraform.unknowns import EvaluationError, TooLarge

_DEEPEST = 200

# encoding/json of Go escapes these, and Terraform keeps it that way (functions/jsonencode, 2026-11).
_ESCAPES = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
_ESCAPED = deferred("[<>&\u2028\u2029]")
_SURROGATE = deferred("[\ud800-\udfff]")


def dumps(data: Any) -> str:
    """Return JSON as ``jsonencode`` writes it."""
    encoded = "".join(_pieces(data, 0))
    if len(encoded) > TEXT_LIMIT:
        raise TooLarge("the string is longer than is evaluated")
    return encoded


def quoted(value: str) -> str:
    """Return a string in quotes."""
    return _ESCAPED.sub(lambda found: _ESCAPES[found[0]], json.dumps(value, ensure_ascii=False))


def _pieces(data: Any, depth: int) -> Iterator[str]:
    if depth > _DEEPEST:
        raise TooLarge("the value is nested more deeply than is evaluated")
    match data:
        case None:
            yield "null"
        case bool():
            yield "true" if data else "false"
        case int() | float():
            yield written(data)
        case str():
            yield quoted(data)
        case dict():
            before = "{"
            for name in sorted(data):
                yield f"{before}{quoted(name)}:"
                yield from _pieces(data[name], depth + 1)
                before = ","
            yield "{}" if before == "{" else "}"
        case _:
            before = "["
            for each in data:
                yield before
                yield from _pieces(each, depth + 1)
                before = ","
            yield "[]" if before == "[" else "]"


def _decode(encoded: Any) -> Any:
    try:
        return _normal(json.loads(text(encoded), parse_constant=_refuse, parse_float=read, parse_int=_integer))
    except RecursionError as error:
        raise TooLarge("the JSON is nested more deeply than is evaluated") from error
    except ValueError as error:
        raise EvaluationError("the string is not JSON") from error


def _refuse(constant: str) -> Any:
    raise ValueError(constant)


def _integer(digits: str) -> int | float:
    return -0.0 if digits == "-0" else read(digits)


def _normal(data: Any) -> Any:
    if isinstance(data, dict):
        for name in data:
            if not name.isascii() and unicodedata.normalize("NFC", name) != name:
                # Terraform looks a key up as it normalises it, and does not find it.
                raise ValueError(name)
        return {name: _normal(each) for name, each in data.items()}
    if isinstance(data, list):
        return [_normal(each) for each in data]
    return _SURROGATE.sub("\ufffd", data) if isinstance(data, str) else data


FUNCTIONS: dict[str, Function] = {
    "jsondecode": Function(_decode, 1, 1),
    "jsonencode": Function(dumps, 1, 1, nulls=True),
}
