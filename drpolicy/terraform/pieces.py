"""Parts of a text that keep where they are in it, and the YAML documents of a text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from drpolicy.model.patterns import deferred
from drpolicy.model.provenance import Derived
from drpolicy.model.values import Known, Member, Members, Target, Unknown, Value
from drpolicy.terraform.shapes import ListOf

PIECE = "part of a text"
"""How a part is derived; ``made_of`` is the text and the offset in it."""

_PARTITION = "partition of the bucket "
_BUCKET = deferred(r"(?:^|[./])aws_s3_bucket\.[^./]+$")
_HOLE = "?"
"""As long as a part that is not known is taken to be."""


def piece(whole: Known[str], start: int, end: int) -> Known[str]:
    """Return a part of a known text."""
    return Known(whole.value[start:end], Derived(PIECE, (whole.origin,), None, (whole, start)))


def split_pieces(answer: Value[Any], arguments: Sequence[Value[Any]]) -> Value[Any]:
    """Return what ``split`` gives, each element as a part of the text."""
    separator, subject = arguments
    if not isinstance(subject, Known) or not isinstance(subject.value, str) or not isinstance(separator, Known):
        return answer
    if not isinstance(answer, Known) or not isinstance(answer.value, Members) or not str(separator.value):
        return answer
    found, at = [], 0
    for member in answer.value.elements:
        end = at + len(member.value.value) if isinstance(member.value, Known) else at
        found.append(Member(piece(subject, at, end)))
        at = end + len(str(separator.value))
    return Known(ListOf(tuple(found)), answer.origin)


def split_reference(separator: Value[Any], subject: Value[Any]) -> Value[Any] | None:
    """Return what ``split`` gives of a text with the ARN or name of an S3 bucket in it, which no file says and whose form is certain.

    The ARN is ``arn:PARTITION:s3:::NAME``, and a name holds no colon and no slash (Service Authorization Reference, S3; S3 user guide,
    bucket naming rules, 2026-11). ``None`` for any other text.
    """
    if not isinstance(separator, Known) or separator.value not in (":", "/") or not isinstance(subject, Unknown):
        return None
    elements: list[list[Known[str] | Unknown]] = [[]]
    for part in subject.parts or (subject,):
        known = (part,) if isinstance(part, Known) else _bucket(part)
        if known is None:
            return None
        for each in known:
            if isinstance(each, Unknown):
                elements[-1].append(each)
                continue
            at = 0
            for number, written in enumerate(each.value.split(separator.value)):
                if number:
                    elements.append([])
                if written:
                    elements[-1].append(piece(each, at, at + len(written)))
                at += len(written) + 1
    return Known(ListOf(tuple(Member(_joined(each, subject)) for each in elements)), Derived("split", (subject.origin,)))


def _bucket(part: Unknown) -> tuple[Known[str] | Unknown, ...] | None:
    """Return what the ARN or the name of a bucket consists of."""
    target = part.target
    if part.symbol.startswith(_PARTITION):
        return (part,)
    if target is None or _BUCKET.search(target.key) is None:
        return None
    if target.attribute in ("id", "bucket"):
        return (part,)
    if target.attribute != "arn":
        return None
    key = target.key
    partition = Unknown(part.reason, f"{_PARTITION}{key}", part.origin, root=part.cause)
    name = Unknown(part.reason, f"{key}.id", part.origin, Target(key, "id"), root=part.cause)
    return Known("arn:", part.origin), partition, Known(":s3:::", part.origin), name


def _joined(parts: list[Known[str] | Unknown], whole: Unknown) -> Value[str]:
    unknown = next((part for part in parts if isinstance(part, Unknown)), None)
    if unknown is None:
        return Known("".join(part.value for part in parts if isinstance(part, Known)), parts[0].origin if parts else whole.origin)
    if len(parts) == 1:
        return unknown
    symbol = "".join(part.value if isinstance(part, Known) else part.symbol for part in parts)
    return Unknown(unknown.reason, symbol, whole.origin, None, tuple(parts), root=unknown.cause)


def documents(value: Value[Any]) -> list[Value[str]] | Unknown:
    """Return the documents of a YAML text, without those that hold nothing; Unknown when it is not known how many there are.

    As gavinbunney/kubectl and alekc/kubectl split it: before every line that begins with ``---``, without the blanks around each
    (yaml/splitter.go, 2026-11).
    """
    parts = _parts(value)
    if isinstance(parts, Unknown):
        return parts
    text = ""
    for part in parts:
        if isinstance(part, Unknown) and text[-1:] in ("", "\n"):
            # What begins a line may bring further documents.
            return part
        text += part.value if isinstance(part, Known) else _HOLE
    return [_cut(value, parts, *_trimmed(text, start, end)) for start, end in _bounds(text) if holds_something(text[start:end])]


def _parts(value: Value[Any]) -> tuple[Known[str] | Unknown, ...] | Unknown:
    match value:
        case Known(value=str()):
            return (value,)
        case Unknown(parts=parts) if parts:
            return parts
        case Unknown():
            return value
        case _:
            return ()


def _bounds(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    while True:
        found = text.find("\n---", start)
        if found < 0:
            yield start, len(text)
            return
        yield start, found
        following = text.find("\n", found + 4)
        if following < 0:
            return
        # The line end stays: it may be the one before the next marker.
        start = following + 1


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    document = text[start:end]
    return start + len(document) - len(document.lstrip()), start + len(document.rstrip())


def holds_something(document: str) -> bool:
    """Whether a document is more than comments."""
    return any(line.strip() and not line.lstrip().startswith(("#", "---")) for line in document.splitlines())


def _cut(value: Value[Any], parts: tuple[Known[str] | Unknown, ...], start: int, end: int) -> Value[str]:
    found: list[Known[str] | Unknown] = []
    at = 0
    for part in parts:
        length = len(part.value) if isinstance(part, Known) else 1
        first, last = max(start - at, 0), min(end - at, length)
        if first < last:
            found.append(piece(part, first, last) if isinstance(part, Known) else part)
        at += length
    unknown = next((part for part in found if isinstance(part, Unknown)), None)
    origin = Derived("document", (value.origin,), None, tuple(found))
    if unknown is None:
        return Known("".join(part.value for part in found if isinstance(part, Known)), origin)
    symbol = "".join(part.value if isinstance(part, Known) else part.symbol for part in found)
    return Unknown(unknown.reason, symbol, origin, None, tuple(found), root=unknown.cause)
