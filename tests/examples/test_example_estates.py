"""The example estates, line by line: what is committed beside this file is what the tool says.

After a change that is meant to change it: ``python tests/examples/refresh.py``, then read the difference.
"""

from __future__ import annotations

import pytest
from example_goldens import HERE, example_report, findings_text, goldens, loss_text, place, screen_text

from drpolicy.model.findings import ANTI_PATTERNS, Verdict

REFRESH = "run: python tests/examples/refresh.py, and read the difference"


def golden(name: str) -> str:
    return (HERE / name).read_text("utf-8")


@pytest.mark.parametrize("state", ["before", "after"])
def test_every_finding_is_the_committed_one(state: str) -> None:
    assert findings_text(state) == golden(f"{state}.findings.txt"), REFRESH


@pytest.mark.parametrize("state", ["before", "after"])
def test_losing_the_primary_region_reads_as_committed(state: str) -> None:
    assert loss_text(state) == golden(f"{state}.lose.txt"), REFRESH


def test_the_first_screen_reads_as_committed_and_fits() -> None:
    text = screen_text("before")
    assert text == golden("before.screen.txt"), REFRESH
    lines = text.splitlines()
    assert len(lines) <= 40
    assert [line for line in lines if len(line) > 100] == []


@pytest.mark.parametrize("name", ["before.estate.txt", "after.estate.txt", "before.estate.dot.txt", "after.estate.mermaid.txt"])
def test_the_picture_is_the_committed_one(name: str) -> None:
    assert goldens()[name] == golden(name), REFRESH


def test_no_committed_text_is_left_over() -> None:
    assert {path.name for path in HERE.glob("*.txt")} == set(goldens())


def test_all_eight_anti_patterns_of_the_guide_fail_before() -> None:
    failed = {each.anti_pattern for each in example_report("before").findings if each.verdict is Verdict.FAIL}
    assert set(ANTI_PATTERNS[:8]) <= failed


K, T, S = "kubernetes", "terraform", "services"
DEFECTS = [
    ("replication-without-versioning", f"{T}/velero.tf", "15:3-15:9", "rule {", "aws_s3_bucket_replication_configuration.velero.rule[0]"),
    ("dr-location-reads-failed-region", f"{K}/dr/velero.yaml", "10:13-10:30", "bucket: my-velero-backups", ""),
    ("dr-location-writable", f"{K}/dr/velero.yaml", "4:9-4:24", "name: primary-backups", ""),
    ("replica-without-backups", f"{T}/databases.tf", "14:1-14:39", 'resource "aws_db_instance" "replica" {', "aws_db_instance.replica"),
    (
        "region-copy-repeats-corruption",
        f"{T}/databases.tf",
        "1:1-1:39",
        'resource "aws_db_instance" "primary" {',
        "aws_db_instance.primary",
    ),
    (
        "endpoint-restored-from-primary",
        f"{K}/primary/app.yaml",
        "7:12-7:59",
        "DB_HOST: primary-db.xxx.ap-northeast-2.rds.amazonaws.com",
        "",
    ),
    ("restore-test-cannot-start", f"{K}/primary/dr-test.yaml", "15:22-15:42", "image: velero/velero:latest", ""),
    ("restore-test-cannot-fail", f"{K}/primary/dr-test.yaml", "25:19-25:51", "kubectl delete namespace dr-test", ""),
    (
        "restore-test-takes-wrong-backup",
        f"{K}/primary/dr-test.yaml",
        "19:63-19:72",
        "LATEST=$(velero backup get -o json | jq -r '.items[0].metadata.name')",
        "",
    ),
    ("restore-test-records-nothing", f"{K}/primary/dr-test.yaml", "20:19-20:40", "velero restore create dr-test-$(date +%Y%m%d) \\", ""),
    ("restore-test-verifies-nothing", f"{K}/primary/dr-test.yaml", "24:19-24:46", "kubectl get pods -n dr-test", ""),
    ("one-root-for-both-regions", f"{T}/providers.tf", "22:1-22:17", 'provider "aws" {', "examples/before/terraform"),
    ("replication-stays-in-region", f"{T}/media.tf", "42:16-42:42", "bucket = aws_s3_bucket.media_dr.arn", ""),
    ("dr-alias-same-region", f"{T}/providers.tf", "29:12-29:28", 'region = "ap-northeast-2"', ""),
    ("service-without-objectives", f"{S}/catalog.yaml", "5:9-5:16", "name: catalog", "catalog"),
    ("rpo-not-met", f"{S}/orders.yaml", None, "", "orders"),
    ("service-in-one-region", f"{S}/billing.yaml", "5:9-5:16", "name: billing", "billing"),
    ("unclaimed-store", f"{T}/media.tf", "47:1-47:43", 'resource "aws_efs_file_system" "uploads" {', "aws_efs_file_system.uploads"),
    ("runbook-not-found", f"{S}/orders.yaml", "21:11-21:43", "path: docs/runbooks/orders-failover.md", ""),
    ("drill-overdue", "evidence/2026-03-failover.yaml", "9:9-9:19", "date: 2026-03-01", ""),
    ("schedule-paused", f"{K}/primary/velero.yaml", "31:11-31:15", "paused: true", ""),
    ("cluster-without-schedule", f"{K}/primary/velero.yaml", "39:9-39:34", "name: production-before-upgrade", ""),
    ("database-without-backup", f"{T}/databases.tf", "37:29-37:30", "backup_retention_period = 0", "aws_db_instance.reporting"),
]


@pytest.mark.parametrize(("policy", "path", "where", "line", "address"), DEFECTS, ids=[each[0] for each in DEFECTS])
def test_each_defect_fails_at_its_own_line(policy: str, path: str, where: str | None, line: str, address: str) -> None:
    found = [
        each
        for each in example_report("before").findings
        if each.policy == policy and each.verdict is Verdict.FAIL and each.span.path == f"examples/before/{path}"
    ]
    if where is None:  # the objectives of one service stand on two lines; the next test says which
        assert [each.subject.address for each in found] == [address]
        return
    at = [each for each in found if place(each.span) == f"examples/before/{path}:{where}"]
    assert [each.subject.address for each in at if address in ("", each.subject.address)] == [address or at[0].subject.address]
    assert at[0].span.source.line(at[0].span.start.line).strip() == line


def test_the_rpo_of_fifteen_minutes_over_a_daily_schedule_is_named() -> None:
    finding = next(each for each in example_report("before").findings if (each.policy, each.subject.address) == ("rpo-not-met", "orders"))
    assert finding.verdict is Verdict.FAIL
    said = "region 15m declared, primary/production nothing recoverable, aws_dynamodb_table.orders 24h at best"
    assert said in finding.message
    assert finding.span.text == "15m"
