"""``csvdecode``: RFC 4180 as Go's encoding/csv reads it (pkg.go.dev/encoding/csv, 2026-11)."""

from __future__ import annotations

from typing import Any

from drpolicy.terraform.conversion import SIZE_LIMIT, PlainList, text
from drpolicy.terraform.functions.table import Function
from drpolicy.terraform.unknowns import EvaluationError, TooLarge


def _decode(source: Any) -> PlainList:
    records = _records(text(source).replace("\r\n", "\n").removesuffix("\r"))
    if not records:
        raise EvaluationError("the CSV has no header")
    header, *rows = records
    if len(set(header)) != len(header):
        raise EvaluationError("the CSV names two columns alike")
    if len(rows) * len(header) > SIZE_LIMIT * 10:
        raise TooLarge("the collection is larger than is evaluated")
    for row in rows:
        if len(row) != len(header):
            raise EvaluationError("a row of the CSV has another number of fields than the header")
    return PlainList(dict(zip(header, row, strict=True)) for row in rows)


def _records(body: str) -> list[list[str]]:
    records: list[list[str]] = []
    at = 0
    while at < len(body):
        if body[at] == "\n":
            at += 1
            continue
        record: list[str] = []
        while True:
            field, at = _field(body, at)
            record.append(field)
            if at >= len(body) or body[at] == "\n":
                at += 1
                break
            at += 1
        records.append(record)
    return records


def _field(body: str, at: int) -> tuple[str, int]:
    """Return one field and the offset of what ends it: a comma, a newline or the end."""
    if body[at : at + 1] != '"':
        ends = [end for end in (body.find(",", at), body.find("\n", at)) if end >= 0]
        end = min(ends, default=len(body))
        if '"' in body[at:end]:
            raise EvaluationError("a quote stands in a field of the CSV that is not quoted")
        return body[at:end], end
    pieces: list[str] = []
    at += 1
    while True:
        end = body.find('"', at)
        if end < 0:
            raise EvaluationError("a quoted field of the CSV does not end")
        pieces.append(body[at:end])
        at = end + 1
        if body[at : at + 1] != '"':
            break
        pieces.append('"')
        at += 1
    if at < len(body) and body[at] not in ",\n":
        raise EvaluationError("a quoted field of the CSV goes on after its quote")
    return "".join(pieces), at


FUNCTIONS: dict[str, Function] = {
    "csvdecode": Function(_decode, 1, 1),
}
