"""The command itself against live AWS: moto's server on loopback."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from drpolicy.cli.main import run

PRIMARY, DR = "ap-northeast-2", "ap-northeast-1"

TERRAFORM = """
provider "aws" {
  region = "ap-northeast-2"
}

provider "aws" {
  alias  = "dr"
  region = "ap-northeast-1"
}

resource "aws_s3_bucket" "velero" {
  bucket = "live-velero"
}

resource "aws_s3_bucket_versioning" "velero" {
  bucket = aws_s3_bucket.velero.id
  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_db_instance" "orders" {
  identifier              = "live-orders"
  backup_retention_period = 7
}
"""

VELERO = """
apiVersion: velero.io/v1
kind: BackupStorageLocation
metadata: {name: default, namespace: velero}
spec:
  provider: aws
  default: true
  objectStorage: {bucket: live-velero}
  config: {region: ap-northeast-2}
"""


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "main.tf").write_text(TERRAFORM)
    (tmp_path / "clusters" / "primary").mkdir(parents=True)
    (tmp_path / "clusters" / "primary" / "velero.yaml").write_text(VELERO)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def account(client: Callable[..., Any]) -> None:
    """What is really there: the bucket without versioning, the database without backups, one old Velero backup."""
    s3, rds = client("s3", PRIMARY), client("rds", PRIMARY)
    existing = {each["Name"] for each in s3.list_buckets()["Buckets"]}
    if "live-velero" in existing:
        return
    s3.create_bucket(Bucket="live-velero", CreateBucketConfiguration={"LocationConstraint": PRIMARY})
    record = {
        "kind": "Backup",
        "metadata": {"name": "daily-20261101", "labels": {"velero.io/schedule-name": "daily"}},
        "spec": {"includedNamespaces": ["*"], "storageLocation": "default"},
        "status": {"phase": "Completed", "startTimestamp": "2026-11-01T00:00:00Z", "completionTimestamp": "2026-11-01T00:10:00Z"},
    }
    s3.put_object(Bucket="live-velero", Key="backups/daily-20261101/velero-backup.json", Body=json.dumps(record).encode())
    rds.create_db_instance(
        DBInstanceIdentifier="live-orders",
        DBInstanceClass="db.t4g.micro",
        Engine="postgres",
        AllocatedStorage=20,
        MasterUsername="root",
        MasterUserPassword="not-a-secret-in-a-test",
        BackupRetentionPeriod=0,
    )


def _check(endpoint: str, capfd: pytest.CaptureFixture[str], *more: str) -> tuple[int, dict[str, Any]]:
    code = run(["check", "--live", "aws", "--endpoint-url", endpoint, "--as-of", "2026-11-10", "--format", "json", *more])
    out = capfd.readouterr().out
    return code, json.loads(out)


def _said(report: dict[str, Any], witness: str) -> dict[tuple[str, str], tuple[str, str]]:
    return {
        (each["policy"], each["subject"]["address"]): (each["verdict"], each["message"])
        for each in report["findings"]
        if each["witness"] == witness and each["verdict"] in ("fail", "unknown", "pass")
    }


@pytest.mark.usefixtures("repository", "account")
def test_the_account_contradicts_the_files(endpoint: str, capfd: pytest.CaptureFixture[str]) -> None:
    code, report = _check(endpoint, capfd)
    observed = _said(report, "observed")
    assert observed["live-differs-from-code", "aws_s3_bucket.velero"] == (
        "fail",
        "aws_s3_bucket.velero in the account: versioning is off, the files say on",
    )
    verdict, message = observed["live-differs-from-code", "aws_db_instance.orders"]
    assert verdict == "fail"
    assert "automated backups is off, the files say on" in message
    assert observed["no-recent-backup", "BackupStorageLocation/velero/default"] == (
        "fail",
        "the newest completed backup in live-velero is 10d old (allowed: 25h)",
    )
    assert observed["no-restore-observed", "BackupStorageLocation/velero/default"][0] == "fail"
    # What the files say of the database stays a pass of theirs; the account is the second witness.
    assert _said(report, "declared")["database-without-backup", "aws_db_instance.orders"][0] == "pass"
    assert code == 1
    assert report["coverage"]["live"] == ["1 buckets", "1 databases", "1 Velero buckets", "account 123456789012"]


@pytest.mark.usefixtures("repository", "account")
def test_a_fresh_backup_passes(endpoint: str, capfd: pytest.CaptureFixture[str]) -> None:
    code = run(["check", "--live", "aws", "--endpoint-url", endpoint, "--as-of", "2026-11-01", "--format", "json"])
    report = json.loads(capfd.readouterr().out)
    assert _said(report, "observed")["no-recent-backup", "BackupStorageLocation/velero/default"][0] == "pass"
    assert code in (0, 1)


@pytest.mark.usefixtures("repository")
def test_denied_is_unknown_and_incomplete(
    endpoint: str, capfd: pytest.CaptureFixture[str], enforce_permissions: Callable[[], None]
) -> None:
    enforce_permissions()
    code, report = _check(endpoint, capfd, "--fail-on", "critical")
    assert code == 3
    observed = _said(report, "observed")
    assert {verdict for (policy, _), (verdict, _) in observed.items() if policy == "no-recent-backup"} == {"unknown"}
    assert not [key for key, (verdict, _) in observed.items() if verdict == "pass"]
    assert "live-credentials" in {each["code"] for each in report["diagnostics"]} or "live-access-denied" in {
        each["code"] for each in report["diagnostics"]
    }


def test_without_boto3_it_says_what_to_install(
    repository: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "boto3", None)
    assert run(["check", "--live", "aws"]) == 2
    assert "drpolicy[aws]" in capfd.readouterr().err
    assert Path.cwd() == repository
