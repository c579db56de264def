"""What the fields of declarations are made of. Every check says what to write instead.

Shapes only validate and describe: nothing is built from them, so that each value keeps the place it was written at. A
``PLACEHOLDER`` stands for a value that is not known, and passes wherever a scalar may stand.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date
from difflib import get_close_matches
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, WithJsonSchema
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from drpolicy.declarations.dates import parse_date
from drpolicy.declarations.validation import PLACEHOLDER
from drpolicy.declarations.waivers import POLICY_ID
from drpolicy.declarations.wording import quoted
from drpolicy.model.durations import parse_duration
from drpolicy.model.patterns import deferred

TEXT_LIMIT: Final = 4096
"""Characters of one text. Nothing that is declared is longer."""

_DURATION_LIMIT = 64
_NAME = deferred(r"[a-z0-9](?:[-a-z0-9.]*+(?<=[a-z0-9]))?")
_NUMBER = deferred(r"[-+]?\d++(?:\.\d*+)?")
_SHA256 = deferred(r"[0-9a-f]{64}")


class Shape(BaseModel):
    """A mapping with exactly the fields named, in camelCase."""

    model_config = ConfigDict(strict=True, extra="forbid", alias_generator=to_camel, defer_build=True)


def required(description: str, *examples: Any, **more: Any) -> Any:
    """Return a field that must be written; description and examples become hover text."""
    return Field(description=description, examples=list(examples), **more)


def optional(description: str, *examples: Any, **more: Any) -> Any:
    """Return a field that may be left out; left empty, it is an error."""
    return Field(default=None, description=description, examples=list(examples), **more)


def wrong(message: str) -> PydanticCustomError:
    """Return the error to raise for a value that does not fit."""
    return PydanticCustomError("wrong", "{message}", {"message": message})


def _text(value: object) -> object:
    if value is PLACEHOLDER:
        return value
    if isinstance(value, bool | int | float):
        raise wrong(f"a {'boolean' if isinstance(value, bool) else 'number'} is not a text; write it in quotes")
    if not isinstance(value, str):
        raise wrong("a text is needed here")
    if not value.strip():
        raise wrong("the text is empty; write a value or leave the field out")
    if len(value) > TEXT_LIMIT:
        raise wrong(f"the text has {len(value):,} characters; the limit is {TEXT_LIMIT:,}")
    return value


def _name(value: object) -> object:
    if isinstance(value, str) and (_NAME.fullmatch(value) is None or len(value) > 253):
        raise wrong(f"{quoted(value)} is not a name; use lower-case letters, digits, '-' and '.'")
    return _text(value)


def _path(value: object) -> object:
    if isinstance(value, str) and value.startswith("/"):
        raise wrong(f"{quoted(value)} is absolute; write a path inside the repository")
    return _text(value)


def _policy(value: object) -> object:
    if isinstance(value, str) and ("*" in value or "?" in value):
        raise wrong(f"{quoted(value)} is a wildcard; name one policy")
    if isinstance(value, str) and POLICY_ID.fullmatch(value) is None:
        raise wrong(f"{quoted(value)} is not a policy id")
    return _text(value)


def _url(value: object) -> object:
    if isinstance(value, str) and not value.startswith(("http://", "https://")):
        raise wrong(f"{quoted(value)} is not a URL; start it with https:// or http://")
    return _text(value)


def _duration(value: object) -> object:
    if value is PLACEHOLDER:
        return value
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        value = repr(value) if abs(value) < 1e15 else f"{value:.3g}"
    if not isinstance(value, str):
        raise wrong("a duration with a unit is needed here, such as 15m, 4h, 7d or PT15M")
    if _NUMBER.fullmatch(value):
        if value.startswith("-"):
            raise wrong(f"{quoted(value)} is negative; a duration is zero or more, such as 0s or 15m")
        shown = value.removeprefix("+").removesuffix(".")
        raise wrong(f"{shown} has no unit; write {shown}m or {shown}s" if len(shown) < 20 else "the number has no unit; write 15m or 15s")
    if len(value) > _DURATION_LIMIT:
        raise wrong(f"{quoted(value)} is not a duration with a unit, such as 15m, 4h, 7d or PT15M")
    try:
        parsed = parse_duration(value)
    except ValueError as error:
        raise wrong(str(error)) from None
    if math.isinf(parsed.seconds):
        raise wrong(f"{quoted(value)} is longer than can be counted")
    return value


def _date(value: object) -> object:
    if value is PLACEHOLDER:
        return value
    if not isinstance(value, str):
        raise wrong("a date is needed here, such as 2027-03-31")
    parsed = parse_date(value)
    if not isinstance(parsed, date):
        raise wrong(parsed)
    return value


def _boolean(value: object) -> object:
    if value is PLACEHOLDER or isinstance(value, bool):
        return value
    raise wrong(f"{quoted(value)} is a text; write true or false" if isinstance(value, str) else "write true or false here")


def _sha256(value: object) -> object:
    if isinstance(value, str) and _SHA256.fullmatch(value) is None:
        raise wrong("this is not a SHA-256; write its 64 lower-case hexadecimal digits")
    return _text(value)


def _count(value: object) -> object:
    if value is PLACEHOLDER:
        return value
    if isinstance(value, bool) or not isinstance(value, int):
        raise wrong("a whole number is needed here")
    if value < 0:
        raise wrong(f"{value} is negative; it is zero or more")
    return value


def choice(*names: str) -> Any:
    """Return the metadata of a field that takes one of the given words."""

    def check(value: object) -> object:
        if value is PLACEHOLDER or (isinstance(value, str) and value in names):
            return value
        wanted = names[0] if len(names) == 1 else f"one of {', '.join(names)}"
        if not isinstance(value, str):
            raise wrong(f"{wanted} is needed here")
        near = get_close_matches(value, names, 1) if len(value) < 60 else []
        raise wrong(f"{quoted(value)} is not {wanted}" + (f"; did you mean {quoted(near[0])}?" if near and len(names) > 1 else ""))

    return PlainValidator(check)


def words(*names: str) -> Any:
    """Return the description of such a field in a schema."""
    return WithJsonSchema({"const": names[0]} if len(names) == 1 else {"type": "string", "enum": list(names)})


def _string(check: Callable[[object], object], **more: Any) -> tuple[PlainValidator, WithJsonSchema]:
    return PlainValidator(check), WithJsonSchema({"type": "string", **more})


_ISO = r"P(?=.)(\d+(\.\d+)?W)?(\d+(\.\d+)?D)?(T(?=\d)(\d+(\.\d+)?H)?(\d+(\.\d+)?M)?(\d+(\.\d+)?S)?)?"
_UNITS = r"((\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h|d|w))+"
_SOME = {"minLength": 1, "pattern": r"\S", "maxLength": TEXT_LIMIT}

Text = Annotated[str, *_string(_text, **_SOME)]
Name = Annotated[str, *_string(_name, pattern=r"^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$", maxLength=253)]
Path = Annotated[str, *_string(_path, pattern=r"^[^/]", maxLength=TEXT_LIMIT)]
PolicyId = Annotated[str, *_string(_policy, pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", maxLength=TEXT_LIMIT)]
Url = Annotated[str, *_string(_url, pattern=r"^https?://", maxLength=TEXT_LIMIT)]
DurationText = Annotated[str, *_string(_duration, pattern=rf"^({_ISO}|{_UNITS})$", maxLength=_DURATION_LIMIT)]
DateText = Annotated[str, *_string(_date, pattern=r"^\d{4}-\d{2}-\d{2}$", format="date")]
Sha256 = Annotated[str, *_string(_sha256, pattern=r"^[0-9a-f]{64}$")]
Flag = Annotated[bool, PlainValidator(_boolean), WithJsonSchema({"type": "boolean"})]
Count = Annotated[int, PlainValidator(_count), WithJsonSchema({"type": "integer", "minimum": 0})]
ApiVersion = Annotated[str, choice("drpolicy.dev/v1"), words("drpolicy.dev/v1")]
