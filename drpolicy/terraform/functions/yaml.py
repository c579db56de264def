"""``yamlencode`` and ``yamldecode``: scalars are resolved as zclconf/go-cty-yaml does (resolve.go, 2026-11), mostly YAML 1.1."""

from __future__ import annotations

from typing import Any

from drpolicy.model.patterns import deferred
from drpolicy.terraform.conversion import TEXT_LIMIT, text
from drpolicy.terraform.functions.dates import moment, written
from drpolicy.terraform.functions.table import Function
from drpolicy.terraform.pieces import holds_something
from drpolicy.terraform.precision import read
from drpolicy.terraform.unknowns import EvaluationError, TooLarge

_TAG = "tag:yaml.org,2002:"
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_TRUTHS = {
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"), True),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"), False),
}
_NUMBER = deferred(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_RADIX = deferred(r"([-+]?)0(?:x([0-9a-fA-F]+)|o([0-7]+))")
_SPECIAL = deferred(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_DATE = deferred(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:(?:[Tt]|[ \t]+)(\d{1,2}:\d{2}:\d{2})(?:\.\d*)?(Z|[-+]\d{2}:\d{2})?)?")
_SEPARATOR = deferred(r"(?:^|\s*\n)---\s*")
_TAGS = frozenset({"str", "int", "float", "bool", "null", "binary", "timestamp"})


STRUCTURED = frozenset({"yamldecode", "provider::kubernetes::manifest_decode", "provider::kubernetes::manifest_decode_multi"})
"""Functions whose argument is kept with what they give."""


def _scalar(value: str, plain: bool, tag: str | None) -> Any:
    if tag not in (None, "!"):
        name = tag.removeprefix(_TAG) if tag is not None else ""
        if name not in _TAGS:
            raise EvaluationError("a tag is not supported")
        if name == "null":
            return None
        if name in ("str", "binary"):
            return value
    if not plain or tag == "!":
        return value
    if value in _NULLS:
        return None
    if value in _TRUTHS:
        return _TRUTHS[value]
    if _SPECIAL.fullmatch(value):
        raise EvaluationError("infinity and not-a-number have no Terraform value")
    if _NUMBER.fullmatch(value):
        return -0.0 if value == "-0" else read(value)
    radix = _RADIX.fullmatch(value)
    if radix is not None:
        found = int(radix[2], 16) if radix[2] else int(radix[3], 8)
        return -found if radix[1] == "-" else found
    return _timestamp(value)


def _timestamp(value: str) -> str:
    found = _DATE.fullmatch(value)
    if found is None:
        return value
    year, month, day, time, zone = found.groups()
    try:
        return written(moment(f"{year}-{int(month):02}-{int(day):02}T{(time or '0:0:0').zfill(8) if time else '00:00:00'}{zone or 'Z'}"))
    except EvaluationError:
        return value


def decode(source: Any) -> Any:
    """Return what a YAML text holds as plain data; raise ``EvaluationError`` for one that holds none."""
    # Imported here: a run without these calls needs no YAML parser.
    from drpolicy.sources.yaml_plain import NotPlain, TooMuch, decoded

    try:
        return decoded(text(source), _scalar)
    except NotPlain as error:
        raise EvaluationError(f"the string is not YAML: {error}") from error
    except (TooMuch, RecursionError) as error:
        raise TooLarge("the YAML is larger than is evaluated") from error


def _encode(data: Any) -> str:
    from drpolicy.sources.yaml_plain import encoded

    found = encoded(data, lambda value: "null" if value is None else text(value))
    if len(found) > TEXT_LIMIT:
        raise TooLarge("the string is longer than is evaluated")
    return found


def _manifest(source: Any) -> Any:
    """``manifest_decode`` of the Kubernetes provider: exactly one manifest."""
    found = _manifests(source)
    if len(found) != 1:
        raise EvaluationError("the text holds more than one manifest, or none")
    return found[0]


def _manifests(source: Any) -> list[Any]:
    """``manifest_decode_multi``: every document that holds something (hashicorp/kubernetes, functions/decode.go, 2026-11)."""
    found = [data for document in _SEPARATOR.split(text(source)) if holds_something(document) and (data := decode(document))]
    for data in found:
        if not isinstance(data, dict) or not {"apiVersion", "kind", "metadata"} <= data.keys():
            raise EvaluationError("a document is no manifest: it has no apiVersion, kind or metadata")
    return found


FUNCTIONS: dict[str, Function] = {
    "provider::kubernetes::manifest_decode": Function(_manifest, 1, 1),
    "provider::kubernetes::manifest_decode_multi": Function(_manifests, 1, 1),
    "yamldecode": Function(decode, 1, 1),
    "yamlencode": Function(_encode, 1, 1, nulls=True),
}
