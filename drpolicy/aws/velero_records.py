"""What Velero writes beside its data: ``velero-backup.json`` and ``restore-<name>-results.gz``.

Layout and fields: vmware-tanzu/velero, pkg/persistence/object_store_layout.go, pkg/apis/velero/v1/backup_types.go and
pkg/util/results/result.go, 1.17. A bucket may hold anything: every field is looked at before it is believed.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from drpolicy.aws.sessions import iso
from drpolicy.aws.shapes import observed, unread
from drpolicy.model.provenance import Observed
from drpolicy.model.values import Known, Unknown, Value

RECORD_LIMIT: Final = 4 * 1024 * 1024
"""Bytes of a record, unpacked. Velero's own are a few kilobytes, results of a failed restore some hundred."""

_SCHEDULE_LABEL: Final = "velero.io/schedule-name"


def backup_values(data: bytes, symbol: str, origin: Observed) -> dict[str, Value[Any]] | str:
    """Return what a backup says of itself, as the fields of a restore point, or what is wrong with the record.

    ``status.errors`` is left out by Velero when it is zero.
    """
    document = _json(data)
    if not isinstance(document, Mapping) or document.get("kind") != "Backup":
        return "it is no Velero Backup"
    labels = _inner(_inner(document, "metadata"), "labels")
    spec, status = _inner(document, "spec"), _inner(document, "status")
    phase = _text(status.get("phase"))
    if phase is None:
        return "the backup has no phase"
    errors = status.get("errors", 0)
    return {
        "phase": Known(phase, origin),
        "completed": Known(phase == "Completed", origin),
        "taken_at": _moment(status.get("startTimestamp"), f"{symbol}.startTimestamp", origin),
        "completed_at": observed(_iso(status.get("completionTimestamp")), origin),
        "expires_at": observed(_iso(status.get("expiration")), origin),
        "errors": Known(errors, origin) if type(errors) is int else unread(symbol, "errors", "status.errors is not a number"),
        "schedule": observed(_text(labels.get(_SCHEDULE_LABEL)), origin),
        "namespaces": observed(_texts(spec.get("includedNamespaces")) or ["*"], origin),
        "excluded_namespaces": observed(_texts(spec.get("excludedNamespaces")), origin),
        "location": observed(_text(spec.get("storageLocation")), origin),
    }


def result_errors(data: bytes) -> int | str:
    """Return how many errors the results of a restore hold, or what is wrong with them."""
    try:
        unpacker = zlib.decompressobj(wbits=31)
        unpacked = unpacker.decompress(data, RECORD_LIMIT)
    except zlib.error:
        return "the results are not gzip"
    if unpacker.unconsumed_tail:
        return f"the results are larger than {RECORD_LIMIT:,} bytes"
    document = _json(unpacked)
    if not unpacker.eof or not isinstance(document, Mapping) or not isinstance(document.get("errors"), Mapping):
        return "they are not the results of a restore"
    errors = document["errors"]
    lists = [errors.get("velero"), errors.get("cluster"), *_inner(errors, "namespaces").values()]
    return sum(len(each) for each in lists if isinstance(each, list))


def _json(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


def _inner(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = document.get(name)
    return value if isinstance(value, Mapping) else {}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _texts(value: object) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def _iso(value: object) -> str | None:
    try:
        return iso(datetime.fromisoformat(value)) if isinstance(value, str) else None
    except (ValueError, OverflowError):
        return None


def _moment(value: object, symbol: str, origin: Observed) -> Known[str] | Unknown:
    text = _iso(value)
    return Known(text, origin) if text is not None else unread(symbol, "at", "the backup names no valid time")
