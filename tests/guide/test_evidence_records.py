"""``drpolicy evidence``: what jobs and other tools write becomes records that the tool itself accepts, and grades as recorded."""

from __future__ import annotations

import gzip
import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from drpolicy.app.evidence_imports import imported
from drpolicy.cli.evidence_arguments import KINDS as OFFERED_KINDS
from drpolicy.cli.evidence_arguments import SOURCES as OFFERED_SOURCES
from drpolicy.cli.main import run
from drpolicy.declarations.evidence_text import NotEvidence, evidence_text
from drpolicy.declarations.load import load_declarations
from drpolicy.declarations.shapes.evidence import KINDS
from drpolicy.model.spans import Source
from drpolicy.sources.yaml_documents import documents

BACKUP_JOB = {
    "RestoreJobId": "9E2B-77",
    "SourceResourceArn": "arn:aws:rds:eu-west-1:111122223333:db:orders",
    "RecoveryPointArn": "arn:aws:backup:eu-west-1:111122223333:recovery-point:6f0c",
    "CreationDate": "2026-10-25T03:00:00+09:00",
    "CompletionDate": "2026-10-25T03:40:00+09:00",
    "Status": "COMPLETED",
    "BackupSizeInBytes": 1234,
    "ValidationStatus": "SUCCESSFUL",
    "DeletionStatus": "FAILED",
}
EXECUTION = {
    "executionId": "exec-1",
    "executionState": "completed",
    "executionAction": "activate",
    "startTime": "2026-10-18T01:00:00Z",
    "actualRecoveryTime": "PT14M2S",
}
RESTORE = {
    "kind": "Restore",
    "metadata": {"name": "restore-test"},
    "spec": {"backupName": "production-20261025"},
    "status": {"phase": "Completed", "startTimestamp": "2026-10-25T03:00:00Z"},
}


def only(source: str, data: Any) -> dict[str, Any]:
    found, left_out = imported(source, json.dumps(data).encode())
    assert left_out == ()
    (each,) = found
    return dict(each.spec)


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_restore_job_of_aws_backup() -> None:
    assert only("aws-backup", {"RestoreJobs": [BACKUP_JOB]}) == {
        "kind": "restore",
        "date": "2026-10-24",  # in UTC
        "outcome": "passed",
        "stores": ["arn:aws:rds:eu-west-1:111122223333:db:orders"],
        "backup": {"name": "arn:aws:backup:eu-west-1:111122223333:recovery-point:6f0c", "sizeBytes": 1234},
        "integrity": "passed",
        "cleanup": "failed",
        "measured": {"restore": "40m"},
    }


def test_the_first_command_line_of_aws_gives_seconds() -> None:
    assert only("aws-backup", {**BACKUP_JOB, "CreationDate": 1761350400.5})["date"] == "2025-10-25"


def test_an_execution_of_region_switch_measures_the_recovery() -> None:
    assert only("region-switch", EXECUTION) == {
        "kind": "failover",
        "date": "2026-10-18",
        "disruption": "region",
        "outcome": "passed",
        "measured": {"rto": "PT14M2S"},
    }


@pytest.mark.parametrize("state", ["completedWithExceptions", "failed", "canceled", "planExecutionTimedOut"])
def test_an_execution_that_needed_help_failed(state: str) -> None:
    assert only("region-switch", {"items": [{**EXECUTION, "executionState": state}]})["outcome"] == "failed"


@pytest.mark.parametrize(("phase", "outcome"), [("Completed", "passed"), ("PartiallyFailed", "failed"), ("FailedValidation", "failed")])
def test_a_restore_of_velero(phase: str, outcome: str) -> None:
    spec = only("velero", {**RESTORE, "status": {"phase": phase, "startTimestamp": "2026-10-25T03:00:00Z"}})
    assert spec == {"kind": "restore", "date": "2026-10-25", "outcome": outcome, "backup": {"name": "production-20261025"}}


def restore(spec: dict[str, Any], **status: object) -> Any:
    """Return what a Velero restore with some fields is imported as."""
    whole = {**RESTORE, "spec": {**RESTORE["spec"], **spec}, "status": {**RESTORE["status"], **status}}
    ((found,), left_out) = imported("velero", json.dumps(whole).encode())
    assert left_out == ()
    return found


def test_a_velero_restore_is_taken_over_with_its_time_its_namespace_and_its_warnings() -> None:
    mapped = {"includedNamespaces": ["production"], "namespaceMapping": {"production": "restore-test"}}
    found = restore(mapped, completionTimestamp="2026-10-25T03:12:00.5Z", warnings=2, errors=1, failureReason="a\nb")
    assert (found.spec["measured"], found.spec["environment"]) == ({"restore": "12m1s"}, "restore-test")
    assert found.notes == (
        "ended with 2 warnings and 1 error: velero restore describe restore-test --details",
        "failureReason: a\nb",
    )
    assert found.lacking == {
        "rto": "restore restore-test took 12m1s, recorded as measured: restore, and the RTO lasts until the service works again"
    }


@pytest.mark.parametrize(
    "spec",
    [
        {},
        {"namespaceMapping": {"a": "b"}},
        {"includedNamespaces": ["a", "c"], "namespaceMapping": {"a": "b"}},
        {"includedNamespaces": ["a", "c"], "namespaceMapping": {"a": "b", "c": "d"}},
        {"includedNamespaces": ["a"], "namespaceMapping": {"a": "a"}},
        {"includedNamespaces": ["*"], "namespaceMapping": {"a": "b"}},
    ],
)
def test_what_keeps_its_namespace_is_not_known_to_be_apart(spec: dict[str, Any]) -> None:
    found = restore(spec)
    assert "environment" not in found.spec
    assert found.lacking["environment"] == "restore restore-test does not map what it includes to one namespace of another name"


@pytest.mark.parametrize("times", [{}, {"completionTimestamp": "2026-10-25T02:00:00Z"}, {"completionTimestamp": "soon"}])
def test_a_restore_without_two_times_has_no_duration(times: dict[str, str]) -> None:
    found = restore({}, **times)
    assert "measured" not in found.spec
    assert found.lacking["rto"] == "restore restore-test does not say when it began and ended"


def test_an_import_says_what_it_could_not_take_over_and_notes_what_no_field_holds(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    job = {**BACKUP_JOB, "CreatedResourceArn": "arn:aws:rds:eu-west-1:111122223333:db:drill"}
    (repository / "job.json").write_text(json.dumps(job))
    assert run(["evidence", "import", "aws-backup", "job.json", "--service", "orders"]) == 0
    captured = capsys.readouterr()
    assert captured.out.startswith("# restored as arn:aws:rds:eu-west-1:111122223333:db:drill\napiVersion: drpolicy.dev/v1\n")
    assert captured.err == (
        "environment is not recorded: restore job 9E2B-77 does not say whether what it made is apart from production; give --environment\n"
        "rto is not recorded: restore job 9E2B-77 took 40m, recorded as measured: restore, and the RTO lasts until the service works again;"
        " give --rto\n"
    )
    assert run(["evidence", "import", "aws-backup", "job.json", "--service", "orders", "--rto", "1h", "--environment", "test"]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    (record,) = load_declarations(documents(Source("evidence.yaml", captured.out))).evidence
    assert [str(getattr(each, "value", None)) for each in (record.measured_rto, record.measured_restore)] == ["1h", "40m"]


def test_what_is_no_such_file_is_named(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (repository / "job.json").write_text("{\nx")
    assert run(["evidence", "import", "velero", "job.json", "--service", "orders"]) == 2
    assert capsys.readouterr().err.startswith("drpolicy: job.json: not JSON: ")


@pytest.mark.parametrize(
    ("errors", "outcome"),
    [({}, "passed"), ({"namespaces": {"shop": []}}, "passed"), ({"namespaces": {"shop": ["pvc: not found"]}}, "failed")],
)
def test_the_results_file_of_a_velero_restore(errors: object, outcome: str) -> None:
    found, _ = imported("velero", gzip.compress(json.dumps({"errors": errors, "warnings": {}}).encode()))
    assert [each.spec for each in found] == [{"kind": "restore", "outcome": outcome}]


@pytest.mark.parametrize(
    ("source", "data", "said"),
    [
        ("aws-backup", {**BACKUP_JOB, "Status": "RUNNING"}, "restore job 9E2B-77 is RUNNING: it has not ended"),
        ("region-switch", {**EXECUTION, "executionState": "inProgress"}, "execution exec-1 is inProgress: it has not ended"),
        ("region-switch", {**EXECUTION, "executionAction": "deactivate"}, "execution exec-1 deactivates a region: it recovers nothing"),
        ("region-switch", {**EXECUTION, "executionAction": "postRecovery"}, "execution exec-1 comes after a recovery: it recovers nothing"),
        ("velero", {**RESTORE, "status": {}}, "restore restore-test is of no phase: it has not ended"),
    ],
)
def test_what_has_not_ended_is_left_out_and_said(source: str, data: Any, said: str) -> None:
    assert imported(source, json.dumps(data).encode()) == ((), (said,))


@pytest.mark.parametrize("source", OFFERED_SOURCES)
@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b"\x1f\x8bnothing", b'{"items": 3}', b"[" * 100_000, b"\xff"])
def test_what_is_no_such_file_is_refused(source: str, data: bytes) -> None:
    with pytest.raises(NotEvidence):
        imported(source, data)


def test_a_compressed_file_is_not_unpacked_beyond_its_limit() -> None:
    with pytest.raises(NotEvidence, match="more than 8,388,608 bytes"):
        imported("velero", gzip.compress(b" " * 9_000_000))


def test_a_recorded_document_is_accepted_and_recorded(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (repository / "result.json").write_text('{"seconds": 2880}')
    arguments = ["--service", "orders", "--kind", "restore", "--outcome", "passed", "--date", "2026-10-25", "--rto", "48m"]
    assert run(["evidence", "record", *arguments, "--artefact", "result.json", "--backup-size-bytes", "41"]) == 0
    digest = sha256(b'{"seconds": 2880}').hexdigest()
    text = capsys.readouterr().out
    assert (
        text
        == f"""\
apiVersion: drpolicy.dev/v1
kind: Evidence
metadata:
  name: orders-restore-2026-10-25
spec:
  service: orders
  kind: restore
  date: 2026-10-25
  outcome: passed
  measured:
    rto: 48m
  backup:
    sizeBytes: 41
  recordedBy:
    artefacts:
      - {{path: result.json, sha256: "{digest}"}}
"""
    )
    (record,) = load_declarations(documents(Source("evidence.yaml", text))).evidence
    assert record.grade == "recorded"


def test_an_import_names_its_file_and_its_job(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (repository / "jobs.json").write_text(
        json.dumps({"RestoreJobs": [BACKUP_JOB, {**BACKUP_JOB, "RestoreJobId": "A", "Status": "FAILED"}]})
    )
    assert run(["evidence", "import", "aws-backup", "jobs.json", "--service", "orders", "--environment", "restore-test"]) == 0
    records = load_declarations(documents(Source("evidence.yaml", capsys.readouterr().out))).evidence
    assert [(each.name, each.grade) for each in records] == [
        ("orders-restore-2026-10-24-9e2b-77", "recorded"),
        ("orders-restore-2026-10-24-a", "recorded"),
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--job", "1", "--rto", "48"], "48 has no unit; write 48m or 48s"),
        ([], "nothing says what recorded it: give --job, --artefact or both, or write the record by hand"),
        (["--artefact", "nowhere.json"], "nowhere.json is not a file"),
        (["--artefact", "../outside.json"], "is outside the repository"),
        (["--job", "1", "--name", "Orders"], "'Orders' is not a name"),
    ],
)
def test_what_would_not_be_accepted_is_not_written(
    repository: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    (repository.parent / "outside.json").write_text("{}")
    assert run(["evidence", "record", "--service", "orders", "--kind", "restore", "--outcome", "passed", *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert said in captured.err


def test_evidence_is_never_overwritten(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = [
        "evidence",
        "record",
        "--service",
        "orders",
        "--kind",
        "training",
        "--outcome",
        "passed",
        "--job",
        "1",
        "--output",
        "e.yaml",
    ]
    assert run(arguments) == 0
    before = (repository / "e.yaml").read_bytes()
    assert run(arguments) == 2
    assert (repository / "e.yaml").read_bytes() == before
    assert "e.yaml is there already" in capsys.readouterr().err


@pytest.mark.parametrize("data", [{key: value for key, value in BACKUP_JOB.items() if key != "SourceResourceArn"}])
def test_a_restore_job_of_one_store_is_not_taken_for_the_whole_service(
    repository: Path, capsys: pytest.CaptureFixture[str], data: dict[str, object]
) -> None:
    (repository / "job.json").write_text(json.dumps(data))
    assert run(["evidence", "import", "aws-backup", "job.json", "--service", "orders"]) == 2
    assert "does not say which stores of orders were restored: give --store" in capsys.readouterr().err


@pytest.mark.parametrize(
    "text", ["yes", "0x1f", "1e5", "a: b", "- x", "line\nfeed", "#no", "'", '"', "{", "2026-10-25T00:00:00Z", "한국어", "a\u2028b"]
)
def test_every_text_reads_back_as_it_was_given(text: str) -> None:
    written = evidence_text("x", {"service": text, "kind": "review", "date": "2026-10-25", "outcome": "passed"})
    (record,) = load_declarations(documents(Source("evidence.yaml", written))).evidence
    assert getattr(record.service, "value", None) == text


def test_the_command_line_offers_what_is_declared() -> None:
    from drpolicy.app.evidence_imports import SOURCES

    assert OFFERED_KINDS == KINDS
    assert OFFERED_SOURCES == SOURCES
