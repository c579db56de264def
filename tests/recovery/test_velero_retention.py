"""Lifecycle rules of a bucket against the schedules whose backups are in it: exact words, and the places of both sides."""

from __future__ import annotations

import pytest
from recovery_estates import estate_of
from test_velero_installations import documents, only_location, shown

P = "clusters/primary/velero.yaml"
LOCATION = """\
apiVersion: velero.io/v1
kind: BackupStorageLocation
metadata: {name: default, namespace: velero}
spec: {provider: aws, default: true, objectStorage: {bucket: backups, prefix: 'PREFIX'}, config: {CONFIG}}
"""
SCHEDULE = """\
apiVersion: velero.io/v1
kind: Schedule
metadata: {name: NAME, namespace: velero}
spec: {schedule: "0 1 * * *", template: {TEMPLATE}}
"""
BUCKET = 'provider "aws" {\n  region = "eu-west-1"\n}\nresource "aws_s3_bucket" "b" {\n  bucket = "backups"\n}\n'
RULE = """\
resource "aws_s3_bucket_lifecycle_configuration" "b" {
  bucket = aws_s3_bucket.b.id
  rule {
    id     = "old"
    status = "Enabled"
    filter {
      prefix = "RULE"
    }
    ACTION
  }
}
"""
EXPIRES = "expiration {\n      days = DAYS\n    }"
MOVES = 'transition {\n      days = DAYS\n      storage_class = "CLASS"\n    }'
NAMED = "rule old of aws_s3_bucket_lifecycle_configuration.b"


def location(prefix: str = "", config: str = "") -> str:
    return LOCATION.replace("PREFIX", prefix).replace("CONFIG", config)


def schedule(template: str = "ttl: 720h", name: str = "nightly") -> str:
    return SCHEDULE.replace("NAME", name).replace("TEMPLATE", template)


def rule(prefix: str = "", action: str = EXPIRES.replace("DAYS", "14")) -> str:
    return RULE.replace("RULE", prefix).replace("ACTION", action)


def said(terraform: str, *objects: str, name: str = "default") -> str:
    files = {P: documents(*(objects or (location(), schedule()))), "main.tf": BUCKET + terraform}
    return shown(only_location(files, name).kept_in_bucket)


def test_a_rule_that_is_too_soon_is_shown_with_the_time_that_it_undercuts() -> None:
    text = f"{NAMED} deletes what is in backups/ after 14 days, and schedule nightly keeps its backups for 30d"
    assert said(rule("backups/")) == f"{text} @ main.tf:16:14, {P}:9:47"


def test_the_longest_time_of_several_schedules_counts_and_those_that_are_paused_do_not() -> None:
    other, paused = schedule("ttl: 2160h", "monthly"), schedule("ttl: 8760h", "yearly").replace("schedule:", "paused: true, schedule:")
    found = said(rule("backups/", EXPIRES.replace("DAYS", "60")), location(), schedule(), other, paused)
    assert found.startswith(f"{NAMED} deletes what is in backups/ after 60 days, and schedule monthly keeps its backups for 90d @ ")


def test_a_repository_is_lost_to_any_age_and_its_backups_to_a_short_one() -> None:
    shared = "and schedule nightly puts volume data there that later backups share"
    moving = schedule("ttl: 720h, snapshotMoveData: true")
    found = said(rule("", EXPIRES.replace("DAYS", "400")), location("cluster"), moving)
    assert found == f"{NAMED} deletes what is in cluster/kopia/ after 400 days, {shared} @ main.tf:16:14, {P}:8:18"
    found = said(rule(""), location("cluster/"), moving)
    backups = f"{NAMED} deletes what is in cluster/backups/ after 14 days, and schedule nightly keeps its backups for 30d"
    assert found.startswith(f"{backups}; {NAMED} deletes what is in cluster/kopia/ after 14 days, {shared} @ ")


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("ttl: 720h", "holds"),
        ("ttl: 720h, snapshotMoveData: true, snapshotVolumes: false", "holds"),
        ("ttl: 720h, defaultVolumesToFsBackup: '${FILES}'", f"? {P}:${{FILES}}"),
        (
            "ttl: 720h, resourcePolicy: {kind: configmap, name: p}",
            "? whether schedule nightly puts volume data into a repository",
        ),
    ],
)
def test_without_a_repository_there_is_none_to_lose(template: str, expected: str) -> None:
    assert said(rule("kopia/", EXPIRES.replace("DAYS", "400")), location(), schedule(template)) == expected


def test_pods_that_ask_for_a_copy_of_their_files_may_fill_a_repository() -> None:
    pod = (
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: db, namespace: shop}\nspec:\n  template:\n"
        "    metadata: {annotations: {backup.velero.io/backup-volumes: data}}\n    spec: {containers: [{name: db, image: x}]}\n"
    )
    doubt = "? whether schedule nightly puts volume data into a repository"
    assert said(rule("", EXPIRES.replace("DAYS", "400")), location(), schedule(), pod) == doubt
    elsewhere = schedule("ttl: 720h, includedNamespaces: [web]")
    assert said(rule("", EXPIRES.replace("DAYS", "400")), location(), elsewhere, pod) == "holds"


@pytest.mark.parametrize(
    ("days", "kept", "expected"),
    [
        (30, "720h", "holds"),
        (29, "720h", "fails"),
        (30, "732h", "? whether 30 days, rounded up to midnight, are 30d12h"),
        (30, "744h", "fails"),
        (31, "732h", "holds"),
    ],
)
def test_a_day_is_whole_once_midnight_has_passed(days: int, kept: str, expected: str) -> None:
    found = said(rule("backups/", EXPIRES.replace("DAYS", str(days))), location(), schedule(f"ttl: {kept}"))
    assert found == expected or (expected == "fails" and found.startswith(f"{NAMED} deletes what is in backups/ after {days} days"))


@pytest.mark.parametrize(
    ("prefix", "expected"),
    [
        ("", "fails"),
        ("back", "fails"),
        ("backups/night", "fails"),
        ("backups/nightly-", "fails"),
        ("backups/nightly-2026", "? what is in backups/nightly-2026"),
        ("backups/weekly-", "holds"),
        ("/backups/", "holds"),
        ("restores/", "holds"),
        ("cluster/backups/", "holds"),
    ],
)
def test_a_rule_takes_the_keys_that_begin_with_its_prefix(prefix: str, expected: str) -> None:
    found = said(rule(prefix))
    assert found == expected or (expected == "fails" and found.startswith(f"{NAMED} deletes what is in backups/ after 14 days"))


@pytest.mark.parametrize(
    ("class_", "days", "expected"),
    [("GLACIER", "0", "at once"), ("DEEP_ARCHIVE", "1", "after 1 day"), ("GLACIER_IR", "0", ""), ("STANDARD_IA", "30", "")],
)
def test_an_archive_cannot_be_read_and_a_cheaper_class_can(class_: str, days: str, expected: str) -> None:
    found = said(rule("backups/", MOVES.replace("DAYS", days).replace("CLASS", class_)))
    text = f"{NAMED} moves what is in backups/ to {class_} {expected}, and schedule nightly keeps its backups for 30d @ "
    assert found.startswith(text) if expected else found == "holds"


def test_what_a_date_leaves_is_not_known() -> None:
    dated = 'expiration {\n      date = "2027-01-01T00:00:00Z"\n    }'
    assert said(rule("backups/", dated)) == "? what is still needed of what is deleted on 2027-01-01T00:00:00Z"


def test_objects_have_no_tags_unless_the_location_gives_them_some() -> None:
    tagged = rule().replace('prefix = "RULE"', "").replace('prefix = ""', 'tag {\n        key   = "a"\n        value = "b"\n      }')
    assert said(tagged) == "holds"
    assert said(tagged, location(config="tagging: a=b"), schedule()) == f"? which objects have the tags that {NAMED} asks for"


def test_a_bucket_of_the_same_name_in_another_store_is_another_bucket() -> None:
    assert said(rule("backups/"), location(config="s3Url: 'http://minio.velero.svc:9000'"), schedule()) == "-"
    assert said(rule("backups/"), location(config="s3Url: 'https://s3.eu-west-1.amazonaws.com'"), schedule()) != "-"
    assert said(rule("backups/"), location().replace("provider: aws", "provider: gcp"), schedule()) == "-"


def test_without_a_schedule_there_is_nothing_to_keep() -> None:
    assert said(rule("backups/"), location()) == "-"
    elsewhere = location().replace("name: default", "name: other").replace("default: true, ", "")
    assert said(rule("backups/"), location(), elsewhere, schedule("ttl: 720h, storageLocation: other"), name="other") != "-"
    assert said(rule("backups/"), location(), elsewhere, schedule("ttl: 720h, storageLocation: other"), name="default") == "-"


def test_a_bucket_for_each_cluster_has_the_rule_that_is_made_for_it() -> None:
    terraform = BUCKET.replace('"backups"', '"backups-${each.key}"').replace('"b" {\n', '"b" {\n  for_each = toset(["a", "b"])\n')
    made = rule("backups/").replace("aws_s3_bucket.b.id", "aws_s3_bucket.b[each.key].id")
    made = made.replace('"b" {\n', '"b" {\n  for_each = toset(["a", "b"])\n')
    files = {P: documents(location().replace("bucket: backups", "bucket: backups-a"), schedule()), "main.tf": terraform + made}
    name = 'rule old of aws_s3_bucket_lifecycle_configuration.b["a"]'
    assert shown(only_location(files).kept_in_bucket).startswith(f"{name} deletes what is in backups/ after 14 days")


def test_a_dr_cluster_reads_a_copy_that_keeps_its_objects_no_longer_than_its_own_rules_say() -> None:
    copy = (
        'resource "aws_s3_bucket" "copy" {\n  bucket = "copy"\n  region = "eu-central-1"\n}\n'
        'resource "aws_s3_bucket_replication_configuration" "all" {\n  bucket = aws_s3_bucket.b.id\n  role = "r"\n'
        '  rule {\n    status = "Enabled"\n    destination {\n      bucket = aws_s3_bucket.copy.arn\n    }\n  }\n}\n'
    )
    theirs = location().replace("name: default", "name: theirs").replace("bucket: backups", "bucket: copy").replace("true", "false")
    files = {
        P: documents(location(), schedule()),
        "clusters/dr/velero.yaml": theirs.replace("provider: aws", "provider: aws, accessMode: ReadOnly"),
        "main.tf": BUCKET + copy + rule("backups/").replace("aws_s3_bucket.b.id", "aws_s3_bucket.copy.id"),
    }
    found = {each.name: shown(each.kept_in_bucket) for each in estate_of(files).locations}
    assert found["default"] == "-"
    assert found["theirs"].startswith(f"{NAMED} deletes what is in backups/ after 14 days, and schedule nightly keeps its backups for 30d")


def test_a_bucket_of_a_module_has_the_rules_that_the_module_makes() -> None:
    terraform = (
        'provider "aws" {\n  region = "eu-west-1"\n}\nmodule "b" {\n  source  = "terraform-aws-modules/s3-bucket/aws"\n'
        '  version = "5.0.0"\n  bucket  = "backups"\n'
        '  lifecycle_rule = [{ id = "old", enabled = ENABLED, filter = { prefix = "backups/" }, expiration = { days = 14 } }]\n}\n'
    )
    files = {P: documents(location(), schedule()), "main.tf": terraform.replace("ENABLED", "true")}
    name = "rule old of module.b.aws_s3_bucket_lifecycle_configuration.this[0]"
    text = f"{name} deletes what is in backups/ after 14 days, and schedule nightly keeps its backups for 30d"
    assert shown(only_location(files).kept_in_bucket).startswith(f"{text} @ main.tf:")
    files["main.tf"] = terraform.replace("ENABLED", "false")
    assert shown(only_location(files).kept_in_bucket) == "holds"
