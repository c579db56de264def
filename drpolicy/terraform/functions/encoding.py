"""Encodings and hashes."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import urllib.parse
from typing import Any

from drpolicy.terraform.conversion import text, whole
from drpolicy.terraform.functions.formatting import dumps
from drpolicy.terraform.functions.table import Function
from drpolicy.terraform.unknowns import EvaluationError, TooLarge, Unsupported


def _base64decode(encoded: Any) -> str:
    try:
        return base64.b64decode(text(encoded), validate=True).decode("utf-8")
    except (binascii.Error, ValueError) as error:
        raise EvaluationError("the string is not base64 of UTF-8 text") from error


def _jsondecode(encoded: Any) -> Any:
    try:
        return _normal(json.loads(text(encoded), parse_constant=_refuse))
    except RecursionError as error:
        raise TooLarge("the JSON is nested more deeply than is evaluated") from error
    except ValueError as error:
        raise EvaluationError("the string is not JSON") from error


def _refuse(constant: str) -> Any:
    raise ValueError(constant)


def _normal(data: Any) -> Any:
    if isinstance(data, dict):
        return {name: _normal(each) for name, each in data.items()}
    if isinstance(data, list):
        return [_normal(each) for each in data]
    return whole(data) if isinstance(data, float) else data


def _yamlencode(data: Any) -> str:
    return "\n".join(_yaml_lines(data, 0)) + "\n"


def _yaml_lines(data: Any, depth: int) -> list[str]:
    pad = "  " * depth
    if isinstance(data, dict) and data:
        lines: list[str] = []
        for name in sorted(data):
            value = data[name]
            key = json.dumps(name, ensure_ascii=False)
            if isinstance(value, dict) and value:
                lines += [f"{pad}{key}:", *_yaml_lines(value, depth + 1)]
            elif isinstance(value, list) and value:
                lines += [f"{pad}{key}:", *_yaml_lines(value, depth)]
            else:
                lines.append(f"{pad}{key}: {_yaml_scalar(value)}")
        return lines
    if isinstance(data, list) and data:
        lines = []
        for value in data:
            if isinstance(value, (dict, list)) and value:
                inner = _yaml_lines(value, depth + 1)
                lines += [f"{pad}- {inner[0].lstrip()}", *inner[1:]]
            else:
                lines.append(f"{pad}- {_yaml_scalar(value)}")
        return lines
    return [pad + _yaml_scalar(data)]


def _yaml_scalar(value: Any) -> str:
    match value:
        case None:
            return "null"
        case dict():
            return "{}"
        case list():
            return "[]"
        case str():
            return json.dumps(value, ensure_ascii=False)
        case _:
            return text(value)


def _yaml(data: Any) -> str:
    if _has_lines(data):
        # Which block style the encoder chooses is its own affair; no text is better than one that differs.
        raise Unsupported("yamlencode of strings with several lines is not evaluated")
    return _yamlencode(data)


def _has_lines(data: Any) -> bool:
    if isinstance(data, dict):
        return any(_has_lines(each) for each in data.values())
    if isinstance(data, list):
        return any(_has_lines(each) for each in data)
    return isinstance(data, str) and "\n" in data


def _digest(name: str) -> Any:
    return lambda subject: hashlib.new(name, text(subject).encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()


def _base64encode(subject: Any) -> str:
    return base64.b64encode(text(subject).encode("utf-8", "surrogatepass")).decode("ascii")


def _urlencode(subject: Any) -> str:
    return urllib.parse.quote_plus(text(subject).encode("utf-8", "surrogatepass"), safe="-_.~")


FUNCTIONS: dict[str, Function] = {
    "base64decode": Function(_base64decode, 1, 1),
    "base64encode": Function(_base64encode, 1, 1),
    "jsondecode": Function(_jsondecode, 1, 1),
    "jsonencode": Function(dumps, 1, 1, nulls=True),
    "md5": Function(_digest("md5"), 1, 1),
    "sha1": Function(_digest("sha1"), 1, 1),
    "sha256": Function(_digest("sha256"), 1, 1),
    "sha512": Function(_digest("sha512"), 1, 1),
    "urlencode": Function(_urlencode, 1, 1),
    "yamlencode": Function(_yaml, 1, 1, nulls=True),
}

STRUCTURED = frozenset({"jsonencode", "yamlencode"})
"""Functions whose text says nothing that their argument does not."""
