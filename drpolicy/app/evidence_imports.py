"""What other tools wrote about a test, as records: AWS Backup restore jobs, ARC Region switch executions, Velero restores.

Only what the file says is taken over, and what it does not say is named. How long a restore job or a Velero restore took is
recorded as that and is no RTO: the service did not work yet when it ended. ARC measures the recovery itself.
"""

from __future__ import annotations

import gzip
import json
import math
import zlib
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from drpolicy.declarations.evidence_text import NotEvidence, Plain
from drpolicy.model.durations import Duration
from drpolicy.model.records import dataclass, field
from drpolicy.sources.trees import SIZE_LIMIT


@dataclass(frozen=True, slots=True)
class Imported:
    """One test that a file tells of: fields of a record's ``spec``, and its id there."""

    id: str
    spec: Mapping[str, Plain]
    notes: tuple[str, ...] = ()
    """What else the file says of it, and no field of a record holds."""
    lacking: Mapping[str, str] = field(default_factory=dict)
    """Why a field could not be taken over, by the option that gives it."""


def imported(source: str, data: bytes) -> tuple[tuple[Imported, ...], tuple[str, ...]]:
    """Return the tests that a file tells of, and what was left out of it and why. Raises NotEvidence when it is not such a file."""
    found, left_out = [], []
    for each in _IMPORTERS[source](_parsed(data)):
        if isinstance(each, str):
            left_out.append(each)
        else:
            found.append(each)
    return tuple(found), tuple(left_out)


def _parsed(data: bytes) -> Mapping[str, Any]:
    try:
        if data[:2] == b"\x1f\x8b":
            data = zlib.decompressobj(16 + zlib.MAX_WBITS).decompress(data, SIZE_LIMIT + 1)
        if len(data) > SIZE_LIMIT:
            raise NotEvidence(f"the file has more than {SIZE_LIMIT:,} bytes")
        parsed = json.loads(data)
    except (ValueError, RecursionError, zlib.error, gzip.BadGzipFile) as problem:
        raise NotEvidence(f"not JSON: {problem}") from None
    if not isinstance(parsed, dict):
        raise NotEvidence("not a JSON object")
    return parsed


def _aws_backup(data: Mapping[str, Any]) -> Iterator[Imported | str]:
    """Read ``aws backup describe-restore-job`` or ``list-restore-jobs`` (AWS Backup API reference, RestoreJobsListMember, 2026-11).

    A job lasts from CreationDate, "the date and time a restore job is created", to CompletionDate, on which it "is completed".
    """
    for job in _listed(data, "RestoreJobs", "RestoreJobId"):
        id_, status = _text(job, "RestoreJobId"), _text(job, "Status")
        if status not in ("COMPLETED", "FAILED", "ABORTED"):
            yield f"restore job {id_} is {status or 'of no status'}: it has not ended"
            continue
        spec: dict[str, Plain] = {"kind": "restore", "date": _day(job.get("CreationDate"), id_), "outcome": _passed(status == "COMPLETED")}
        if source := _text(job, "SourceResourceArn"):
            spec["stores"] = [source]
        if point := _text(job, "RecoveryPointArn"):
            size = job.get("BackupSizeInBytes")
            known: dict[str, Plain] = {"sizeBytes": size} if isinstance(size, int) and not isinstance(size, bool) and size > 0 else {}
            spec["backup"] = {"name": point, **known}
        if (validation := _text(job, "ValidationStatus")) in ("SUCCESSFUL", "FAILED", "TIMED_OUT"):
            spec["integrity"] = _passed(validation == "SUCCESSFUL")
        if (deletion := _text(job, "DeletionStatus")) in ("SUCCESSFUL", "FAILED"):
            spec["cleanup"] = _passed(deletion == "SUCCESSFUL")
        lacking = {"environment": f"restore job {id_} does not say whether what it made is apart from production"}
        lacking["rto"] = _timed(spec, f"restore job {id_}", job.get("CreationDate"), job.get("CompletionDate"))
        notes = [f"restored as {made}"] if (made := _text(job, "CreatedResourceArn")) else []
        notes += [f"{name}: {said}" for name in ("StatusMessage", "ValidationStatusMessage") if (said := _text(job, name))]
        yield Imported(id_, spec, tuple(notes), lacking)


_ASIDE: Final = {"deactivate": "deactivates a region", "postRecovery": "comes after a recovery"}
"""Actions that are no recovery (ExecutionAction in the API model arc-region-switch 2022-07-26, 2026-11)."""
_ENDED: Final = ("completed", "completedWithExceptions", "failed", "canceled", "planExecutionTimedOut")


def _region_switch(data: Mapping[str, Any]) -> Iterator[Imported | str]:
    """Read ``aws arc-region-switch get-plan-execution`` or ``list-plan-executions`` (ARC Region switch API reference, 2026-11)."""
    for execution in _listed(data, "items", "executionId"):
        id_, state = _text(execution, "executionId"), _text(execution, "executionState")
        if (aside := _ASIDE.get(_text(execution, "executionAction"))) is not None:
            yield f"execution {id_} {aside}: it recovers nothing"
        elif state not in _ENDED:
            yield f"execution {id_} is {state or 'of no state'}: it has not ended"
        else:
            # Exceptions are steps that somebody skipped: the plan did not carry the service over by itself.
            spec: dict[str, Plain] = {
                "kind": "failover",
                "date": _day(execution.get("startTime"), id_),
                "disruption": "region",
                "outcome": _passed(state == "completed"),
            }
            time = _text(execution, "actualRecoveryTime")
            if time:
                spec["measured"] = {"rto": time}
            yield Imported(id_, spec, (), {} if time else {"rto": f"execution {id_} has no actualRecoveryTime"})


_PHASES: Final = {"Completed": True, "PartiallyFailed": False, "Failed": False, "FailedValidation": False}


def _velero(data: Mapping[str, Any]) -> Iterator[Imported | str]:
    """Read a Restore, a list of them, or ``restore-NAME-results.gz``, which has no date (Velero 1.17, pkg/apis/velero/v1, 2026-11)."""
    # A kubectl or velero answer has a kind; the results file in the bucket has only these two.
    if data.get("kind") is None and "errors" in data and "warnings" in data:
        counted = _counted("NAME", _results(data["warnings"]), _results(data["errors"]))
        lacking = {
            "rto": "a results file does not say how long the restore took",
            "environment": "a results file does not say into which namespace",
        }
        yield Imported("results", {"kind": "restore", "outcome": _passed(not _results(data["errors"]))}, counted, lacking)
        return
    for restore in _listed(data, "items", "metadata"):
        metadata, spec, status = (_mapping(restore, part) for part in ("metadata", "spec", "status"))
        name, phase = _text(metadata, "name"), _text(status, "phase")
        if phase not in _PHASES:
            yield f"restore {name} is {phase or 'of no phase'}: it has not ended"
            continue
        backup = _text(spec, "backupName")
        made: dict[str, Plain] = {
            "kind": "restore",
            "date": _day(status.get("startTimestamp") or metadata.get("creationTimestamp"), name),
            "outcome": _passed(_PHASES[phase]),
            **({"backup": {"name": backup}} if backup else {}),
        }
        # Completed is what the restore is only after the volumes are there: until then it waits for plugin operations.
        lacking = {"rto": _timed(made, f"restore {name}", status.get("startTimestamp"), status.get("completionTimestamp"))}
        target = _apart(spec)
        if target:
            made["environment"] = target
        else:
            lacking["environment"] = f"restore {name} does not map what it includes to one namespace of another name"
        notes = _counted(name, _count(status.get("warnings")), _count(status.get("errors")))
        reason = _text(status, "failureReason")
        yield Imported(name, made, (*notes, *([f"failureReason: {reason}"] if reason else [])), lacking)


def _apart(spec: Mapping[str, Any]) -> str:
    """Return the one namespace of another name that everything was restored into; namespaces that are not mapped keep their names."""
    mapping, included = _mapping(spec, "namespaceMapping"), spec.get("includedNamespaces")
    sources = [each for each in included if isinstance(each, str)] if isinstance(included, list) else []
    targets = {mapping.get(each) for each in sources}
    (target,) = targets if len(targets) == 1 else ("",)
    return target if isinstance(target, str) and target not in sources else ""


def _counted(name: str, warnings: int, errors: int) -> tuple[str, ...]:
    """Return what a restore ended with, as Velero counts it."""
    found = [f"{count} {word}{'' if count == 1 else 's'}" for count, word in ((warnings, "warning"), (errors, "error")) if count]
    return (f"ended with {' and '.join(found)}: velero restore describe {name} --details",) if found else ()


def _count(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


_IMPORTERS: Final[Mapping[str, Callable[[Mapping[str, Any]], Iterator[Imported | str]]]] = {
    "aws-backup": _aws_backup,
    "region-switch": _region_switch,
    "velero": _velero,
}
SOURCES: Final = tuple(_IMPORTERS)


def _listed(data: Mapping[str, Any], many: str, one: str) -> Iterator[Mapping[str, Any]]:
    """Yield the objects of a list answer, or the one object of a describe answer."""
    listed = data.get(many)
    found = listed if isinstance(listed, list) else [data] if one in data else None
    if found is None:
        raise NotEvidence(f"neither {many!r} nor {one!r} is in it")
    for each in found:
        if not isinstance(each, dict) or one not in each:
            raise NotEvidence(f"an entry of {many!r} has no {one!r}")
        yield each


def _text(data: Mapping[str, Any], name: str) -> str:
    value = data.get(name)
    return value if isinstance(value, str) else ""


def _mapping(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = data.get(name)
    return value if isinstance(value, dict) else {}


def _passed(good: bool) -> str:
    return "passed" if good else "failed"


def _results(results: object) -> int:
    """Return how much results name: groups without entries are none."""
    match results:
        case dict():
            return sum(_results(each) for each in results.values())
        case list():
            return len(results)
        case _:
            return 1 if results else 0


def _day(value: object, id_: str) -> str:
    moment = _moment(value)
    if moment is None:
        raise NotEvidence(f"{id_}: {value!r} is no date")
    return moment.date().isoformat()


def _moment(value: object) -> datetime | None:
    """Return a moment in UTC: the AWS command line gives ISO 8601 (version 2) or seconds since 1970 (version 1)."""
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value, UTC)
        if isinstance(value, str):
            moment = datetime.fromisoformat(value)
            return moment.astimezone(UTC) if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError, OSError):
        pass
    return None


def _timed(spec: dict[str, Plain], what: str, started: object, ended: object) -> str:
    """Record how long a restore took, in whole seconds, and return why that is no RTO."""
    first, last = _moment(started), _moment(ended)
    if first is None or last is None or last < first:
        return f"{what} does not say when it began and ended"
    took = str(Duration(math.ceil((last - first).total_seconds())))
    spec["measured"] = {"restore": took}
    return f"{what} took {took}, recorded as measured: restore, and the RTO lasts until the service works again"
