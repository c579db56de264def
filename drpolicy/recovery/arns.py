"""Whether an ARN, or a pattern of ARNs, written in a selection names a resource of which not everything is known.

``*`` stands for any number of characters, colons included (AWS Backup Developer Guide, assigning resources with the AWS
CLI: zero or more non-whitespace characters, 2026-11). No part of a store's ARN has a colon of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

from drpolicy.catalog.rows import StoreRow
from drpolicy.model.records import dataclass
from drpolicy.model.resources import Resource
from drpolicy.model.truth import Truth
from drpolicy.model.values import Known, Unknown, Value, same

_HOLE = "\0"
"""Stands for a part that is not known: only ``*`` covers it."""

Piece: TypeAlias = str | Unknown


@dataclass(frozen=True, slots=True)
class _Segment:
    """What stands between two colons of a resource's ARN: ``prefix`` and then ``value``, of which one may be all."""

    prefix: str
    value: Value[Any] | None = None

    @property
    def text(self) -> str:
        if self.value is None:
            return self.prefix
        return self.prefix + (str(self.value.value) if isinstance(self.value, Known) else _HOLE)


@dataclass(frozen=True, slots=True)
class Arn:
    """The ARN of a resource, as far as it is known."""

    segments: tuple[_Segment, ...]


def arn_of(resource: Resource, row: StoreRow) -> Arn:
    """Return the ARN that a store has or will have."""
    names = [resource.get(name) for name in row.names]
    name = next((each for each in names if isinstance(each, Known)), names[0] if names else None)
    place = resource.region.value if isinstance(resource.region, Known) else ""
    partition = _Segment("aws-cn" if place.startswith("cn-") else "aws-us-gov" if place.startswith("us-gov-") else "aws")
    # ARNs of S3 buckets have neither region nor account (Service Authorization Reference, Amazon S3, 2026-11).
    bare = row.arn_service == "s3"
    region, account = (_Segment(""), _Segment("")) if bare else (_Segment("", resource.region), _Segment("", resource.account))
    *before, last = row.arn_resource.split(":")
    return Arn(
        (_Segment("arn"), partition, _Segment(row.arn_service), region, account, *(_Segment(each) for each in before), _Segment(last, name))
    )


def pattern_of(value: Known[Any] | Unknown) -> tuple[tuple[Piece, ...], ...]:
    """Return a written ARN as segments of known and unknown pieces. An unknown piece may hide further segments."""
    pieces: Sequence[Known[Any] | Unknown] = value.parts if isinstance(value, Unknown) and value.parts else (value,)
    segments: list[list[Piece]] = [[]]
    for piece in pieces:
        if isinstance(piece, Unknown):
            segments[-1].append(piece)
            continue
        first, *others = str(piece.value).split(":")
        segments[-1].append(first)
        segments.extend([each] for each in others)
    return tuple(tuple(each for each in segment if each != "") for segment in segments)


def service_of(pattern: tuple[tuple[Piece, ...], ...]) -> str | None:
    """Return the service that a pattern is limited to; ``None`` when it is not limited to one."""
    head = [_literal(segment) for segment in pattern[:3]]
    if len(head) < 3 or any(each is None or "*" in each for each in (head[0], head[2])):
        return None
    return head[2] if head[1] is not None and "*" not in head[1] else None


def covers(pattern: tuple[tuple[Piece, ...], ...], arn: Arn) -> Truth:
    """Whether a pattern names the resource. UNKNOWN when that hangs on a part of either that is not known."""
    holes = any(isinstance(piece, Unknown) for segment in pattern for piece in segment)
    if not holes and len(pattern) > len(arn.segments):
        return Truth.FALSE
    if len(pattern) == len(arn.segments):
        return _in_step(pattern, arn)
    if holes:
        return Truth.FALSE if _conflict(pattern, arn) else Truth.UNKNOWN
    text = ":".join(segment.text for segment in arn.segments)
    return _glob(":".join("".join(str(piece) for piece in segment) for segment in pattern), text)


def _in_step(pattern: tuple[tuple[Piece, ...], ...], arn: Arn) -> Truth:
    """Compare segment by segment: with as many colons on both sides, no ``*`` and no unknown piece can reach over one."""
    result = Truth.TRUE
    for written, actual in _compared(pattern, arn):
        literal = _literal(written)
        result = result & (_same(written, actual) if literal is None else _glob(literal, actual.text))
        if result is Truth.FALSE:
            break
    return result


def _compared(pattern: tuple[tuple[Piece, ...], ...], arn: Arn) -> Iterator[tuple[tuple[Piece, ...], _Segment]]:
    """Return the segments side by side. The partition is left out: an account lies in one."""
    return (pair for at, pair in enumerate(zip(pattern, arn.segments, strict=False)) if at != 1)


def _same(written: tuple[Piece, ...], actual: _Segment) -> Truth:
    if len(written) == 1 and isinstance(written[0], Unknown) and actual.value is not None and not actual.prefix:
        outcome = same(written[0], actual.value)
        # What differs may still be a pattern.
        return outcome if outcome is Truth.TRUE else Truth.UNKNOWN
    return Truth.UNKNOWN


def _conflict(pattern: tuple[tuple[Piece, ...], ...], arn: Arn) -> bool:
    """Whether the segments before the first unknown piece and the first wildcard already tell the two apart."""
    for written, actual in _compared(pattern, arn):
        literal = _literal(written)
        if literal is None or "*" in literal:
            return False
        if _glob(literal, actual.text) is Truth.FALSE:
            return True
    return False


def _literal(segment: tuple[Piece, ...]) -> str | None:
    return None if any(isinstance(piece, Unknown) for piece in segment) else "".join(str(piece) for piece in segment)


def _glob(pattern: str, text: str) -> Truth:
    """Match a pattern against a text with holes."""
    if glob(pattern, text):
        return Truth.TRUE
    if _HOLE not in text:
        return Truth.FALSE
    head, hole = pattern.partition("*")[0], text.index(_HOLE)
    fixed = min(len(head), hole)
    if head[:fixed] != text[:fixed] or ("*" not in pattern and len(pattern) < hole):
        return Truth.FALSE
    return Truth.UNKNOWN


def glob(pattern: str, text: str) -> bool:
    """Whether a text is what a pattern with ``*`` describes, in time linear in the text for each piece between two stars."""
    first, *others = pattern.split("*")
    if not others:
        return pattern == text
    *middle, last = others
    if len(text) < len(first) + len(last) or not text.startswith(first) or not text.endswith(last):
        return False
    at, end = len(first), len(text) - len(last)
    for piece in middle:
        at = text.find(piece, at, end)
        if at < 0:
            return False
        at += len(piece)
    return True
