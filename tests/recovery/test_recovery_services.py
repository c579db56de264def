"""Velero, drills, services, endpoints and runbooks: what stands around the stores."""

from __future__ import annotations

import re

import pytest
from recovery_estates import HERE, PROVIDERS, THERE, estate_of, outlives, plain

from drpolicy.model.estate import Estate
from drpolicy.model.services import Service
from drpolicy.model.truth import Truth
from drpolicy.recovery.logic import truth_of

CONFIG = f"""apiVersion: drpolicy.dev/v1
kind: Config
clusters:
  - {{name: one, region: {HERE}, role: primary, paths: ["one/**"]}}
  - {{name: two, region: {THERE}, role: dr, paths: ["two/**"]}}
"""
APP = """apiVersion: apps/v1
kind: StatefulSet
metadata: {name: app, namespace: shop}
spec:
  selector: {matchLabels: {app: app}}
  template:
    metadata: {labels: {app: app}}
    spec: {containers: [{name: app, image: "app:1"}]}
  volumeClaimTemplates:
    - metadata: {name: data}
      spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
"""
LOCATION = """apiVersion: velero.io/v1
kind: BackupStorageLocation
metadata: {name: %s, namespace: velero}
spec:
  provider: aws
  default: true%s
  objectStorage: {bucket: %s}
  config: {region: %s}
"""
SCHEDULE = """apiVersion: velero.io/v1
kind: Schedule
metadata: {name: daily, namespace: velero}
spec:
  schedule: "0 * * * *"%s
  template:
    includedNamespaces: [shop]
    snapshotMoveData: %s
    ttl: 72h
"""
BUCKETS = """resource "aws_s3_bucket" "here" {
  bucket = "here"
}
resource "aws_s3_bucket" "there" {
  provider = aws.dr
  bucket = "there"
}
resource "aws_s3_bucket_versioning" "here" {
  bucket = aws_s3_bucket.here.id
  versioning_configuration {
    status = "Enabled"
  }
}
resource "aws_s3_bucket_versioning" "there" {
  provider = aws.dr
  bucket = aws_s3_bucket.there.id
  versioning_configuration {
    status = "Enabled"
  }
}
resource "aws_s3_bucket_replication_configuration" "here" {
  bucket = aws_s3_bucket.here.id
  rule {
    status = "Enabled"
    destination {
      bucket = aws_s3_bucket.there.arn
    }
  }
}
"""


def fleet(paused: bool = False, moves: str = "true", dr_reads: str = "there", access: str = "ReadOnly", schedule: bool = True) -> Estate:
    files = {
        "drpolicy.yaml": CONFIG,
        "main.tf": PROVIDERS + BUCKETS,
        "one/app.yaml": APP,
        "one/velero.yaml": LOCATION % ("default", "", "here", HERE),
        "two/velero.yaml": LOCATION % ("copy", f"\n  accessMode: {access}", dr_reads, THERE if dr_reads == "there" else HERE),
    }
    if schedule:
        files["one/schedule.yaml"] = SCHEDULE % ("\n  paused: true" if paused else "", moves)
    return estate_of(files)


def volumes(estate: Estate) -> dict[str, str]:
    (found,) = [each for each in estate.stores if each.kind == "namespace"]
    return {each.name.removeprefix("Velero schedule "): f"{plain(each.region)}: {outlives(each)}" for each in found.protections}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (
            {},
            {"daily": f"{HERE}: corruption hardware az account?", "daily, replicated": f"{THERE}: corruption hardware az region account?"},
        ),
        ({"paused": True}, {"daily": f"{HERE}: ", "daily, replicated": f"{THERE}: "}),
        # The DR cluster reads the original: what is replicated is of no use to it.
        (
            {"dr_reads": "here"},
            {"daily": f"{HERE}: corruption hardware az account?", "daily, replicated": f"{THERE}: corruption hardware az account?"},
        ),
        ({"moves": "false\n    snapshotVolumes: false"}, {"daily": f"{HERE}: ", "daily, replicated": f"{HERE}: "}),
        ({"schedule": False}, {}),
    ],
    ids=["replicated and read", "paused", "DR reads the original", "volumes not captured", "no schedule"],
)
def test_what_velero_gives_a_namespace(given: dict[str, object], expected: dict[str, str]) -> None:
    assert volumes(fleet(**given)) == expected  # type: ignore[arg-type]  # a table of arguments


def test_the_worst_gap_of_a_replicated_backup_has_no_bound_without_a_replication_guarantee() -> None:
    (namespace,) = [each for each in fleet().stores if each.kind == "namespace"]
    gaps = {each.name: (plain(each.gap), plain(each.worst_gap)) for each in namespace.protections}
    # An hour, and the four that moving volume data may take.
    assert gaps == {"Velero schedule daily": ("1h", "5h"), "Velero schedule daily, replicated": ("1h", None)}


@pytest.mark.parametrize(("access", "shared", "read_only"), [("ReadOnly", True, True), ("ReadWrite", True, False)])
def test_a_dr_location_on_the_copy_of_what_the_primary_writes(access: str, shared: bool, read_only: bool) -> None:
    (location,) = [each for each in fleet(access=access).locations if each.cluster == "two"]
    assert (truth_of(location.shared_with_writer) is Truth.TRUE, truth_of(location.read_only) is Truth.TRUE) == (shared, read_only)
    assert (plain(location.region), plain(location.primary_region)) == (THERE, HERE)


DB = 'resource "aws_db_instance" "d" {\n  identifier = "d"\n  backup_retention_period = 7\n}\n'
SERVICE = """apiVersion: drpolicy.dev/v1
kind: Service
metadata: {name: shop}
spec:
  owner: team
  tier: %s
  objectives:
    corruption: {rto: %s, rpo: %s}
  stores:
    - {ref: aws_db_instance.d}
"""
RECORD = """apiVersion: drpolicy.dev/v1
kind: Evidence
metadata: {name: restored}
spec:
  service: shop
  kind: restore
  date: %s
  outcome: %s
  measured: {rto: 30m, rpo: 4m}
%s"""
JOB = '  recordedBy: {job: "https://ci.example.com/1"}\n'


def service(rto: str = "1h", rpo: str = "1h", tier: str = "important", record: str = "", text: str = DB) -> Service:
    files = {"main.tf": PROVIDERS + text, "service.yaml": SERVICE % (tier, rto, rpo)}
    if record:
        files["record.yaml"] = record
    (found,) = estate_of(files).services
    return found


def corruption(given: Service) -> tuple[str, str]:
    (target,) = [each for each in given.targets if each.disruption == "corruption"]
    return str(target.rpo), str(target.rto)


@pytest.mark.parametrize(
    ("tier", "record", "rto"),
    [
        ("important", "", "1m or more"),
        ("important", RECORD % ("2026-10-01", "passed", ""), "1m to 30m"),
        ("important", RECORD % ("2026-10-01", "failed", ""), "1m or more"),
        ("critical", RECORD % ("2026-10-01", "passed", ""), "1m or more"),
        ("critical", RECORD % ("2026-10-01", "passed", JOB), "1m to 30m"),
        ("important", RECORD % ("2025-10-31", "passed", JOB), "1m to 30m"),
        ("important", RECORD % ("2025-10-30", "passed", JOB), "1m or more"),
        ("important", (RECORD % ("2026-10-01", "passed", JOB)).replace("kind: restore", "kind: failover"), "1m or more"),
    ],
    ids=["nothing", "attested", "failed", "attested, critical", "recorded, critical", "a year old", "older", "of another disruption"],
)
def test_only_a_passing_measured_drill_gives_an_upper_bound(tier: str, record: str, rto: str) -> None:
    assert corruption(service(tier=tier, record=record))[1] == rto


def test_a_measurement_never_undercuts_what_cannot_be_undercut() -> None:
    quick = (RECORD % ("2026-10-01", "passed", JOB)).replace("30m", "20s")
    assert corruption(service(record=quick)) == ("5m", "1m")


def test_nothing_measured_counts_where_nothing_survives() -> None:
    lost = service(record=RECORD % ("2026-10-01", "passed", JOB), text=DB.replace("= 7", "= 0"))
    assert corruption(lost) == ("nothing recoverable", "nothing recoverable")


def test_the_age_of_a_drill_is_exact_and_points_at_its_date() -> None:
    given = service(record=RECORD % ("2026-10-01", "passed", ""))
    assert plain(given.last_drill_age) == "31d"
    (drill,) = given.drills
    assert (drill.grade, plain(drill.kind), drill.disruption, truth_of(drill.passed)) == ("attested", "restore", "corruption", Truth.TRUE)
    assert [each.grade for each in service(record=RECORD % ("2026-10-01", "passed", JOB)).drills] == ["recorded"]


@pytest.mark.parametrize(
    ("rpo", "words"),
    [
        ("1h", "is met"),
        ("5m", "is met"),
        ("4m", "cannot be met: corruption 4m declared, aws_db_instance.d 5m at best"),
    ],
)
def test_how_a_missed_rpo_is_said(rpo: str, words: str) -> None:
    assert service(rpo=rpo).missed_rpo == words


@pytest.mark.parametrize(
    ("rto", "words"),
    [
        ("1h", "nothing shows to be met: corruption 1h declared, 1m or more (aws_db_instance.d)"),
        ("30s", "cannot be met: corruption 30s declared, aws_db_instance.d 1m at best"),
    ],
)
def test_how_a_missed_rto_is_said(rto: str, words: str) -> None:
    assert service(rto=rto).missed_rto == words


def test_nothing_recoverable_is_said_so() -> None:
    lost = service(text=DB.replace("= 7", "= 0"))
    assert lost.missed_rpo == "cannot be met: corruption 1h declared, aws_db_instance.d nothing recoverable"


@pytest.mark.parametrize(
    ("loop", "variables", "presences"),
    [
        ("", {}, []),
        ("count = var.on ? 1 : 0", {"on": "true"}, []),
        ("count = var.on ? 1 : 0", {"on": "false"}, [Truth.TRUE]),
        # A store that may not exist: the reference may name nothing.
        ("count = var.on ? 1 : 0", {}, [Truth.UNKNOWN]),
    ],
)
def test_a_reference_that_names_nothing(loop: str, variables: dict[str, str], presences: list[Truth]) -> None:
    head = PROVIDERS + 'variable "on" {\n  type = bool\n}\n'
    files = {"main.tf": head + DB.replace('identifier = "d"', loop), "service.yaml": SERVICE % ("critical", "1h", "1h")}
    (found,) = estate_of(files, variables).services
    assert [each.presence for each in found.unresolved.elements] == presences


CONFIG_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: db, namespace: shop}\ndata:\n  DB_HOST: %s\n"
REGIONAL = f"orders.abc.{HERE}.rds.amazonaws.com"


def hosts(primary: str, dr: str = "") -> list[tuple[str, object, Truth, Truth]]:
    files = {"drpolicy.yaml": CONFIG, "one/app.yaml": APP, "one/map.yaml": CONFIG_MAP % primary}
    if dr:
        files["two/map.yaml"] = CONFIG_MAP % dr
    found = [each for each in estate_of(files).endpoints if each.kind == "host"]
    return [(each.cluster, plain(each.region), truth_of(each.regional), truth_of(each.overridden)) for each in found]


def test_a_host_of_one_region_and_what_overrides_it() -> None:
    assert hosts(REGIONAL) == [("one", HERE, Truth.TRUE, Truth.FALSE)]
    assert hosts(REGIONAL, REGIONAL.replace(HERE, THERE)) == [("one", HERE, Truth.TRUE, Truth.TRUE)]
    assert hosts(REGIONAL, REGIONAL) == [("one", HERE, Truth.TRUE, Truth.FALSE)]
    assert [each for each in hosts("orders.internal.example.com") if each[2] is Truth.TRUE] == []


RECORDS = """resource "aws_route53_record" "a" {
  name = "db.example.com"
  type = "CNAME"
  CHECK
  failover_routing_policy {
    type = "PRIMARY"
  }
}
resource "aws_route53_record" "b" {
  name = "SECOND"
  type = "CNAME"
  failover_routing_policy {
    type = "SECONDARY"
  }
}
"""


NO_PARTNER = "no SECONDARY partner of its name, type and zone"


@pytest.mark.parametrize(
    ("check", "second", "lacks"),
    [
        ('health_check_id = "abc"', "db.example.com", ""),
        ("", "db.example.com", "no health check"),
        ('health_check_id = "abc"', "other.example.com", NO_PARTNER),
        ("", "other.example.com", f"{NO_PARTNER} and no health check"),
        ("alias {\n    evaluate_target_health = true\n  }", "db.example.com", ""),
        ("alias {\n    evaluate_target_health = false\n  }", "db.example.com", "no health check"),
    ],
)
def test_what_a_failover_record_lacks(check: str, second: str, lacks: str) -> None:
    (record,) = estate_of(RECORDS.replace("CHECK", check).replace('SECOND"', second + '"', 1)).endpoints
    assert (record.address, record.lacks) == ("aws_route53_record.a", lacks)


def test_a_failover_partner_is_of_the_same_zone() -> None:
    text = RECORDS.replace("CHECK", 'health_check_id = "abc"\n  zone_id = "Z1"')
    for zone, lacks in (("Z1", ""), ("Z2", NO_PARTNER)):
        (record,) = estate_of(text.replace('"SECOND"', f'"db.example.com"\n  zone_id = "{zone}"')).endpoints
        assert record.lacks == lacks


RUNBOOK = SERVICE % ("critical", "1h", "1h") + "  runbook: {path: docs/failover.md}\n"
REPLICA = 'resource "aws_db_instance" "r" {\n  provider = aws.dr\n  identifier = "r"\n  replicate_source_db = aws_db_instance.d.arn\n}\n'
ENGLISH = """---
lastReviewed: 2026-10-01
---
# Fail over
## Decision and authority
## Promote the replica
## Switch DNS
## Check connections
## Verify integrity
## Contacts
## Fail back
"""
KOREAN = "# 장애 조치\n## 결정 권한\n## 복제본 승격\n## 트래픽 전환\n## 접속 확인\n## 무결성 검증\n## 연락처\n## 복귀\n"
ALL = ["connections", "contacts", "decision", "dns", "failback", "integrity", "promotion"]


@pytest.mark.parametrize(
    ("text", "sections", "missing"),
    [
        (ENGLISH, ALL, []),
        (KOREAN, ALL, []),
        ("# Fail over\nPromote, switch DNS, verify integrity, fail back, contacts.\n", [], ALL),
        (re.sub("## Promote.*\n", "", ENGLISH), ALL[:-1], ["promotion"]),
    ],
    ids=["English", "Korean", "prose is no section", "one missing"],
)
def test_which_steps_a_runbook_has(text: str, sections: list[str], missing: list[str]) -> None:
    files = {"main.tf": PROVIDERS + DB + REPLICA, "service.yaml": RUNBOOK, "docs/failover.md": text}
    (runbook,) = estate_of(files).runbooks
    assert (sorted(runbook.sections), sorted(runbook.missing)) == (sections, missing)
    assert truth_of(runbook.exists) is Truth.TRUE


def test_what_a_runbook_needs_follows_from_the_estate() -> None:
    (without,) = estate_of({"main.tf": PROVIDERS + DB, "service.yaml": RUNBOOK, "docs/failover.md": "# x\n"}).runbooks
    assert sorted(without.needs) == ["contacts", "failback", "integrity"]


def test_a_runbook_that_is_not_there_and_one_with_a_review_date() -> None:
    (absent,) = estate_of({"main.tf": PROVIDERS + DB, "service.yaml": RUNBOOK}).runbooks
    assert truth_of(absent.exists) is Truth.FALSE
    (there,) = estate_of({"main.tf": PROVIDERS + DB, "service.yaml": RUNBOOK, "docs/failover.md": ENGLISH}).runbooks
    assert plain(there.reviewed_age) == "31d"
    undated = ENGLISH.replace("2026-10-01", "2026-13-01")
    (bad,) = estate_of({"main.tf": PROVIDERS + DB, "service.yaml": RUNBOOK, "docs/failover.md": undated}).runbooks
    assert plain(bad.reviewed_age) is None
