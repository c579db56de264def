"""One edit of the repaired estate each: exactly what follows from it fails, at the line of the edit or of what it breaks."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from example_goldens import example_files, example_report, report_of

from drpolicy.model.findings import Verdict

BASE = "examples/after/"
SEOUL, TOKYO = "terraform/seoul", "terraform/tokyo"
VELERO, JOB = "kubernetes/seoul/velero.yaml", "kubernetes/seoul/restore-test.yaml"

Files = dict[str, str]
Edit = Callable[[Files], None]


def sub(path: str, old: str, new: str, times: int = 1) -> Edit:
    """Replace the only occurrence of a text; ``times`` says how many there are, of which the first is replaced."""

    def edit(files: Files) -> None:
        assert files[BASE + path].count(old) == times
        files[BASE + path] = files[BASE + path].replace(old, new, 1)

    return edit


def drop_block(path: str, header: str, closing: str = "\n}\n") -> Edit:
    """Blank a block, so that every other line keeps its number."""

    def edit(files: Files) -> None:
        text = files[BASE + path]
        start = text.index(header)
        end = text.index(closing, start) + len(closing)
        files[BASE + path] = text[:start] + "\n" * text[start:end].count("\n") + text[end:]

    return edit


def drop_inner(path: str, header: str) -> Edit:
    return drop_block(path, header, "\n  }\n")


def drop_file(path: str) -> Edit:
    def edit(files: Files) -> None:
        del files[BASE + path]

    return edit


def within(path: str, header: str, old: str, new: str) -> Edit:
    """Replace the first occurrence of a text behind a header."""

    def edit(files: Files) -> None:
        text = files[BASE + path]
        start = text.index(header)
        at = text.index(old, start)
        files[BASE + path] = text[:at] + new + text[at + len(old) :]

    return edit


NOT_RECOVERABLE = {
    "fail rpo-not-met drpolicy.yaml:19",
    "fail rto-not-met drpolicy.yaml:19",
    "fail dr-region-holds-nothing services/catalog.yaml:12",
    "fail strategy-not-backed services/catalog.yaml:9",
    f"fail no-copy-outside-region {SEOUL}/storage.tf:66",
}
"""What follows when the media bucket loses its copy: the objectives stand with the tier."""

MUTATIONS: dict[str, tuple[Edit, set[str]]] = {
    "versioning resource of a replicated bucket removed": (
        drop_block(f"{SEOUL}/storage.tf", 'resource "aws_s3_bucket_versioning" "velero"'),
        {f"fail replication-without-versioning {SEOUL}/storage.tf:23"},
    ),
    "versioning of the destination removed": (
        drop_block(f"{TOKYO}/storage.tf", 'resource "aws_s3_bucket_versioning" "velero_copy"'),
        {f"fail replication-without-versioning {SEOUL}/storage.tf:23"},
    ),
    "versioning disabled": (
        within(f"{SEOUL}/storage.tf", 'resource "aws_s3_bucket_versioning" "media"', '"Enabled"', '"Disabled"'),
        NOT_RECOVERABLE
        | {f"fail replication-without-versioning {SEOUL}/storage.tf:83", f"fail bucket-without-history {SEOUL}/storage.tf:66"},
    ),
    "replication rule disabled": (
        within(f"{SEOUL}/storage.tf", 'replication_configuration" "media"', 'status = "Enabled"', 'status = "Disabled"'),
        NOT_RECOVERABLE | {f"fail replication-rule-disabled {SEOUL}/storage.tf:85"},
    ),
    "bucket of the copy moved to the primary region": (
        sub(f"{TOKYO}/storage.tf", 'bucket = "shop-media-tokyo"', 'bucket = "shop-media-tokyo"\n  region = "ap-northeast-2"'),
        NOT_RECOVERABLE | {f"fail replication-stays-in-region {SEOUL}/storage.tf:100", f"fail one-root-for-both-regions {TOKYO}/main.tf:1"},
    ),
    "schedule paused": (
        sub(VELERO, '  schedule: "*/10 * * * *"', '  paused: true\n  schedule: "*/10 * * * *"'),
        {f"fail schedule-paused {VELERO}:43"},
    ),
    "retention below the interval": (
        sub(VELERO, "ttl: 720h", "ttl: 5m", times=2),
        {f"fail retention-shorter-than-interval {VELERO}:48"},
    ),
    "location of the DR cluster writable": (
        sub("kubernetes/tokyo/velero.yaml", "  accessMode: ReadOnly\n", "", times=2),
        {"fail dr-location-writable kubernetes/tokyo/velero.yaml:5"},
    ),
    "location of the DR cluster reads the primary's bucket": (
        sub("kubernetes/tokyo/velero.yaml", "bucket: shop-velero-seoul-copy", "bucket: shop-velero-seoul"),
        {
            "fail dr-location-reads-failed-region kubernetes/tokyo/velero.yaml:25",
            "fail location-region-mismatch kubernetes/tokyo/velero.yaml:27",
        },
    ),
    "global table replica removed: an hourly copy is left for an RPO of 15 minutes": (
        drop_inner(f"{SEOUL}/databases.tf", "  replica {"),
        {"fail rpo-not-met drpolicy.yaml:15", "fail strategy-not-backed services/orders.yaml:9"},
    ),
    "automated backups off": (
        within(f"{SEOUL}/databases.tf", '"orders"', "backup_retention_period   = 14", "backup_retention_period   = 0"),
        {
            "fail strategy-not-backed services/orders.yaml:9",
            f"fail database-without-backup {SEOUL}/databases.tf:8",
            f"fail no-copy-outside-region {SEOUL}/databases.tf:1",
            "fail dr-region-holds-nothing services/orders.yaml:12",
            "fail rto-not-met drpolicy.yaml:15",
            "fail rpo-not-met drpolicy.yaml:15",
            # RDS makes neither a read replica nor replicated backups of an instance without automated backups.
            f"fail protection-cannot-work {TOKYO}/databases.tf:7",
            f"fail protection-cannot-work {TOKYO}/databases.tf:19",
        },
    ),
    "deletion protection off": (
        within(f"{SEOUL}/databases.tf", '"orders"', "deletion_protection       = true", "deletion_protection       = false"),
        {f"fail store-unguarded {SEOUL}/databases.tf:10"},
    ),
    "backup bucket destroyable": (
        sub(f"{SEOUL}/storage.tf", 'bucket = "shop-velero-seoul"\n', 'bucket = "shop-velero-seoul"\n  force_destroy = true\n'),
        {f"fail backup-bucket-destroyable {SEOUL}/storage.tf:8"},
    ),
    "copy action into the plan's own region": (
        sub(f"{SEOUL}/backup.tf", "arn:aws:backup:ap-northeast-1:", "arn:aws:backup:ap-northeast-2:"),
        {
            "fail strategy-not-backed services/catalog.yaml:9",
            f"fail backup-copy-stays-in-region {SEOUL}/backup.tf:20",
            f"fail no-copy-outside-region {SEOUL}/storage.tf:125",
            "fail dr-region-holds-nothing services/catalog.yaml:12",
            "fail rpo-not-met drpolicy.yaml:19",
            "fail rto-not-met drpolicy.yaml:19",
        },
    ),
    "health check of the failover record removed": (
        sub(f"{SEOUL}/network.tf", "  health_check_id = aws_route53_health_check.orders_seoul.id\n", ""),
        {f"fail failover-record-without-health-check {SEOUL}/network.tf:30"},
    ),
    "runbook deleted": (drop_file("docs/runbooks/orders-failover.md"), {"fail runbook-not-found services/orders.yaml:18"}),
    "drill a year earlier": (
        sub("evidence/2026-10-billing-restore.yaml", "date: 2026-10-11", "date: 2025-10-11"),
        {
            "fail drill-overdue evidence/2026-10-billing-restore.yaml:9",
            "fail no-restore-in-period services/billing.yaml:5",
            "fail contacts-not-checked services/billing.yaml:5",
            # What was measured more than a year ago proves nothing any more.
            "unknown rto-not-met drpolicy.yaml:19",
            "unknown rpo-not-met drpolicy.yaml:19",
        },
    ),
    "tier, and with it the objectives, removed": (
        sub("services/catalog.yaml", "  tier: important\n", ""),
        {
            "fail service-without-objectives services/catalog.yaml:5",
            f"fail no-copy-outside-account {SEOUL}/storage.tf:66",
            f"fail no-copy-outside-account {SEOUL}/storage.tf:125",
        },
    ),
    "restore test without set -e": (
        sub(JOB, "set -euo pipefail", "set -u"),
        {f"fail restore-test-cannot-fail {JOB}:60", f"fail restore-test-does-not-wait {JOB}:57"},
    ),
    "restore test takes the first backup of a list": (
        sub(JOB, "scheduleName: production", "backupName: $(kubectl -n velero get backups -o jsonpath='{.items[0].metadata.name}')"),
        {f"fail restore-test-takes-wrong-backup {JOB}:52"},
    ),
    "restore test in an image without a shell": (
        sub(JOB, "bitnami/kubectl:1.31.4", "velero/velero:v1.16.0"),
        {f"fail restore-test-cannot-start {JOB}:37"},
    ),
    "restore test sleeps instead of waiting": (
        sub(JOB, "kubectl -n velero wait restore/restore-test --for=jsonpath='{.status.phase}'=Completed --timeout=60m", "sleep 300"),
        {f"fail restore-test-does-not-wait {JOB}:57"},
    ),
    "application told the host of one region": (
        sub("kubernetes/seoul/app.yaml", "orders-db.internal.example.com", "orders-db.xxx.ap-northeast-2.rds.amazonaws.com"),
        {"fail endpoint-restored-from-primary kubernetes/seoul/app.yaml:7"},
    ),
    "backend removed": (
        drop_inner(f"{SEOUL}/main.tf", '  backend "s3" {'),
        {f"fail state-not-stored {SEOUL}/main.tf:1"},
    ),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_an_edit_makes_exactly_what_it_breaks_fail(name: str) -> None:
    edit, expected = MUTATIONS[name]
    files = dict(example_files("after"))
    edit(files)
    report = report_of(files, "after")
    given = {
        f"{each.verdict.value} {each.policy} {each.span.path.removeprefix(BASE)}:{each.span.start.line}"
        for each in report.findings
        if each.verdict in (Verdict.FAIL, Verdict.UNKNOWN)
    }
    assert given == expected
    assert [each.message for each in report.diagnostics if each.level == "error"] == []


def test_the_repaired_estate_itself_has_nothing_open() -> None:
    report = example_report("after")
    assert {each.verdict for each in report.every()} == {Verdict.PASS, Verdict.NOT_APPLICABLE}
    assert report.diagnostics == ()
    assert report.gate.outcome == "passed"
