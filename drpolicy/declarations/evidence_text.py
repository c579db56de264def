"""``kind: Evidence`` documents as text: what ``drpolicy evidence`` writes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from drpolicy.declarations.load import load_declarations
from drpolicy.model.patterns import deferred
from drpolicy.model.spans import Source
from drpolicy.sources.yaml_documents import documents

Plain: TypeAlias = str | int | Mapping[str, "Plain"] | Sequence["Plain"]

_BARE = deferred(r"[A-Za-z][-A-Za-z0-9_/.]*|\d{4}-\d{2}-\d{2}|\d+[smhd](?:\d+[smhd])*")
"""Texts that YAML reads back as the same texts without quotes; words that it reads as something else are quoted."""
_WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})


class NotEvidence(ValueError):
    """What was given makes no valid record; the message says what to change."""


def evidence_text(name: str, spec: Mapping[str, Plain]) -> str:
    """Return one document. Raises NotEvidence when it would not be accepted as it stands."""
    document: dict[str, Plain] = {"apiVersion": "drpolicy.dev/v1", "kind": "Evidence", "metadata": {"name": name}, "spec": spec}
    text = "\n".join(_lines(document, "")) + "\n"
    loaded = load_declarations(documents(Source("evidence", text)))
    if loaded.diagnostics or len(loaded.evidence) != 1:
        raise NotEvidence("; ".join(each.message for each in loaded.diagnostics) or "nothing that is a record")
    return text


def _lines(mapping: Mapping[str, Plain], indent: str) -> Iterator[str]:
    for key, value in mapping.items():
        match value:
            case str() | int():
                yield f"{indent}{key}: {_scalar(value)}"
            case Mapping():
                yield f"{indent}{key}:"
                yield from _lines(value, indent + "  ")
            case _:
                yield f"{indent}{key}:"
                yield from (f"{indent}  - {line}" for line in map(_element, value))


def _element(value: Plain) -> str:
    match value:
        case str() | int():
            return _scalar(value)
        case Mapping():
            return "{" + ", ".join(f"{key}: {_element(each)}" for key, each in value.items()) + "}"
        case _:
            return "[" + ", ".join(map(_element, value)) + "]"


def _scalar(value: str | int) -> str:
    if isinstance(value, int) or (_BARE.fullmatch(value) and value.lower() not in _WORDS):
        return str(value)
    return json.dumps(value, ensure_ascii=True)
