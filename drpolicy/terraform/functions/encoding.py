"""Encodings of strings."""

from __future__ import annotations

import base64
import binascii
import codecs
import urllib.parse
from typing import Any

from drpolicy.terraform.conversion import text
from drpolicy.terraform.functions.table import Function
from drpolicy.terraform.unknowns import EvaluationError, Unsupported


def _decoded(encoded: Any) -> bytes:
    try:
        # Go's decoder passes over line ends.
        return base64.b64decode(text(encoded).replace("\n", "").replace("\r", ""), validate=True)
    except (binascii.Error, ValueError) as error:
        raise EvaluationError("the string is not base64") from error


def _base64decode(encoded: Any) -> str:
    try:
        return _decoded(encoded).decode("utf-8")
    except ValueError as error:
        raise EvaluationError("the string is not base64 of UTF-8 text") from error


def _base64encode(subject: Any) -> str:
    return base64.b64encode(text(subject).encode("utf-8", "surrogatepass")).decode("ascii")


# The IANA names that Terraform knows, as far as Python's codecs are the same tables (functions/textencodebase64, 2026-11).
_CODECS = {
    "utf-8": "utf-8",
    "utf-16le": "utf-16-le",
    "utf-16be": "utf-16-be",
    "us-ascii": "ascii",
    "ascii": "ascii",
    "latin1": "latin-1",
    "iso-8859-1": "latin-1",
    "shift_jis": "shift_jis",
    "euc-jp": "euc_jp",
    **dict.fromkeys(("gbk", "cp936", "ms936", "windows-936"), "gbk"),
    "big5": "big5",
    "koi8-r": "koi8_r",
    "koi8-u": "koi8_u",
    "cp437": "cp437",
    "ibm437": "cp437",
    **{f"iso-8859-{part}": f"iso8859_{part}" for part in (2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16)},
    **{f"windows-{page}": f"cp{page}" for page in range(1250, 1259)},
}


def _codec(name: Any) -> str:
    written = text(name)
    found = _CODECS.get(written.lower())
    if found is not None:
        return found
    try:
        codecs.lookup(written)
    except (LookupError, ValueError) as error:
        raise EvaluationError("there is no such encoding") from error
    if written.lower() in ("utf8", "utf_8"):
        raise EvaluationError("there is no such encoding")
    raise Unsupported("the encoding is not evaluated")


def _without_euro(codec: str) -> None:
    if codec == "gbk":
        raise Unsupported("what Python has no GBK of, as the euro sign, is not evaluated")


def _textencode(subject: Any, encoding: Any) -> str:
    if text(encoding).lower() == "utf-16":
        return base64.b64encode(b"\xfe\xff" + text(subject).encode("utf-16-be")).decode("ascii")
    codec = _codec(encoding)
    try:
        return base64.b64encode(text(subject).encode(codec)).decode("ascii")
    except UnicodeError as error:
        _without_euro(codec)
        raise EvaluationError("the encoding cannot represent the string") from error


def _textdecode(source: Any, encoding: Any) -> str:
    codec, content = _codec(encoding), _decoded(source)
    try:
        return content.decode(codec)
    except UnicodeError as error:
        _without_euro(codec)
        raise EvaluationError("the bytes are not text of that encoding") from error


def _urlencode(subject: Any) -> str:
    return urllib.parse.quote_plus(text(subject).encode("utf-8", "surrogatepass"), safe="-_.~")


FUNCTIONS: dict[str, Function] = {
    "base64decode": Function(_base64decode, 1, 1),
    "base64encode": Function(_base64encode, 1, 1),
    "textdecodebase64": Function(_textdecode, 2, 2),
    "textencodebase64": Function(_textencode, 2, 2),
    "urlencode": Function(_urlencode, 1, 1),
}

STRUCTURED = frozenset({"jsonencode", "yamlencode"})
"""Functions whose text says nothing that their argument does not."""
