"""What protects a store: each mechanism with the regions it survives, beside a setting in which it does not."""

from __future__ import annotations

import pytest
from recovery_estates import HERE, PROVIDERS, THERE, by_mechanism, estate_of, outlives, plain, store

from drpolicy.model.provenance import Default
from drpolicy.model.truth import Truth
from drpolicy.model.values import Known
from drpolicy.recovery.logic import truth_of

DB = 'resource "aws_db_instance" "d" {\n  identifier = "d"\n  %s\n}\n'
BUCKETS = """resource "aws_s3_bucket" "d" {{
  bucket = "d"
}}
resource "aws_s3_bucket" "copy" {{
  {provider}
  bucket = "copy"
}}
resource "aws_s3_bucket_versioning" "d" {{
  bucket = aws_s3_bucket.d.id
  versioning_configuration {{
    status = "{source}"
  }}
}}
resource "aws_s3_bucket_versioning" "copy" {{
  {provider}
  bucket = aws_s3_bucket.copy.id
  versioning_configuration {{
    status = "{destination}"
  }}
}}
resource "aws_s3_bucket_replication_configuration" "d" {{
  bucket = aws_s3_bucket.d.id
  rule {{
    status = "{status}"
    destination {{
      bucket = aws_s3_bucket.copy.arn
    }}
  }}
}}
"""


def buckets(**given: str) -> str:
    return BUCKETS.format(**{"provider": "provider = aws.dr", "source": "Enabled", "destination": "Enabled", "status": "Enabled", **given})


REPLICA = 'resource "aws_db_instance" "r" {\n  %s\n  identifier = "r"\n  replicate_source_db = aws_db_instance.d.arn\n}\n'
COPIED = (
    'resource "aws_db_instance_automated_backups_replication" "c" {\n  %s\n  source_db_instance_arn = aws_db_instance.d.arn\n'
    "  retention_period = 14\n}\n"
)
AURORA = 'resource "aws_rds_cluster" "d" {\n  cluster_identifier = "d"\n  %s\n}\n'
SECOND = 'resource "aws_rds_cluster" "e" {\n  provider = aws.dr\n  cluster_identifier = "e"\n  %s\n}\n'
TABLE = 'resource "aws_dynamodb_table" "d" {\n  name = "d"\n  %s\n}\n'
EFS = 'resource "aws_efs_file_system" "d" {\n  creation_token = "d"\n  %s\n}\n'
DR = "provider = aws.dr"

CASES = {
    "automated backups": (DB % "backup_retention_period = 7", "rds-automated-backup", HERE, "corruption hardware az"),
    "automated backups off": (DB % "backup_retention_period = 0", "rds-automated-backup", HERE, ""),
    "automated backups by default off": (DB % "", "rds-automated-backup", HERE, ""),
    "standby": (DB % "multi_az = true", "multi-az-standby", HERE, "hardware az"),
    "no standby": (DB % "multi_az = false", "multi-az-standby", HERE, ""),
    "replica elsewhere": (DB % "backup_retention_period = 7" + REPLICA % DR, "rds-read-replica", THERE, "hardware az region"),
    "replica here": (DB % "backup_retention_period = 7" + REPLICA % "", "rds-read-replica", HERE, "hardware"),
    "replica of what has no backups": (DB % "backup_retention_period = 0" + REPLICA % DR, "rds-read-replica", THERE, ""),
    "replicated backups": (
        DB % "backup_retention_period = 7" + COPIED % DR,
        "rds-replicated-backups",
        THERE,
        "corruption hardware az region",
    ),
    "replicated backups of none": (DB % "backup_retention_period = 0" + COPIED % DR, "rds-replicated-backups", THERE, ""),
    "global database": (
        AURORA % 'global_cluster_identifier = "g"' + SECOND % 'global_cluster_identifier = "g"',
        "aurora-global-database",
        THERE,
        "hardware az region",
    ),
    "another global database": (
        AURORA % 'global_cluster_identifier = "g"' + SECOND % 'global_cluster_identifier = "h"',
        "aurora-global-database",
        None,
        "",
    ),
    "cluster replica": (
        AURORA % "" + SECOND % "replication_source_identifier = aws_rds_cluster.d.arn",
        "rds-cluster-replica",
        THERE,
        "hardware az region",
    ),
    "no cluster replica": (AURORA % "" + SECOND % "", "rds-cluster-replica", None, ""),
    "point in time": (
        TABLE % "point_in_time_recovery {\n    enabled = true\n  }",
        "dynamodb-point-in-time-recovery",
        HERE,
        "corruption hardware az",
    ),
    "point in time off": (TABLE % "point_in_time_recovery {\n    enabled = false\n  }", "dynamodb-point-in-time-recovery", HERE, ""),
    "table replica": (TABLE % f'replica {{\n    region_name = "{THERE}"\n  }}', "dynamodb-replica", THERE, "hardware az region"),
    "no table replica": (TABLE % "", "dynamodb-replica", None, ""),
    "bucket replicated": (buckets(), "s3-replication", THERE, "hardware az region"),
    "bucket replicated in place": (buckets(provider=""), "s3-replication", HERE, "hardware az"),
    "bucket replicated, rule off": (buckets(status="Disabled"), "s3-replication", THERE, ""),
    "bucket replicated, source without versions": (buckets(source="Suspended"), "s3-replication", THERE, ""),
    "bucket replicated, copy without versions": (buckets(destination="Suspended"), "s3-replication", THERE, ""),
    "versions": (buckets(), "s3-versioning", HERE, "corruption hardware az"),
    "versions suspended": (buckets(source="Suspended"), "s3-versioning", HERE, ""),
    "file system in every zone": (EFS % "", "efs-regional-storage", HERE, "hardware az"),
    "file system in one zone": (EFS % f'availability_zone_name = "{HERE}a"', "efs-regional-storage", HERE, ""),
}


@pytest.mark.parametrize("name", CASES)
def test_a_mechanism_survives_what_it_can(name: str) -> None:
    text, mechanism, region, survived = CASES[name]
    found = by_mechanism(next(each for each in estate_of(text).stores if each.address.endswith(".d")))
    if region is None:
        assert mechanism not in found
        return
    assert (plain(found[mechanism].region), outlives(found[mechanism])) == (region, survived)


def test_why_a_replication_does_not_work_is_said_for_both_sides() -> None:
    both = by_mechanism(store(estate_of(buckets(source="Suspended", destination="Suspended")), "aws_s3_bucket.d"))["s3-replication"]
    assert list(both.unmet) == [
        "S3 replicates only from a bucket with versioning enabled",
        "S3 replicates only to a bucket with versioning enabled",
    ]
    assert truth_of(both.works) is Truth.FALSE


def test_a_copy_to_a_bucket_whose_name_is_not_known_is_in_no_known_region() -> None:
    text = buckets().replace("bucket = aws_s3_bucket.copy.arn", 'bucket = "arn:aws:s3:::${var.prefix}-copy"')
    estate = estate_of('variable "prefix" {\n  type = string\n}\n' + text)
    rule = by_mechanism(store(estate, "aws_s3_bucket.d"))["s3-replication"]
    assert plain(rule.region) == "variable not set"
    # The bucket's name says nothing about its region: its text must not be compared with one.
    assert rule.region.parts == ()  # type: ignore[union-attr]  # Unknown, as the line above says
    assert "region" not in outlives(rule).replace("region?", "")


def test_a_default_counts_and_names_the_page_it_is_from() -> None:
    given = store(estate_of(DB % ""), "aws_db_instance.d")
    retention = given.attributes.fields["backup_retention_period"]
    assert isinstance(retention, Known)
    assert isinstance(retention.origin, Default)
    assert (retention.value, retention.origin.what) == (0, "backup_retention_period = 0")
    assert retention.origin.source == "hashicorp/aws docs, aws_db_instance, backup_retention_period, 2026-11"
    assert str(retention.origin.span) == "main.tf:8:1"


def test_a_written_value_wins_over_the_default_and_an_unset_variable_is_not_the_default() -> None:
    assert (
        plain(store(estate_of(DB % "backup_retention_period = 3"), "aws_db_instance.d").attributes.fields["backup_retention_period"]) == 3
    )
    unset = estate_of('variable "days" {\n  type = number\n}\n' + DB % "backup_retention_period = var.days")
    given = store(unset, "aws_db_instance.d")
    assert plain(given.own_backups) == "variable not set"
    assert outlives(by_mechanism(given)["rds-automated-backup"]) == "corruption? hardware? az?"


@pytest.mark.parametrize(
    ("text", "address", "class_"),
    [
        (DB % "", "aws_db_instance.d", "system-of-record"),
        (DB % "" + REPLICA % DR, "aws_db_instance.r", "replica"),
        (TABLE % 'hash_key = "LockID"', "aws_dynamodb_table.d", "ephemeral"),
        (TABLE % 'hash_key = "id"', "aws_dynamodb_table.d", "system-of-record"),
        (buckets(), "aws_s3_bucket.copy", "copy"),
        (buckets(), "aws_s3_bucket.d", "system-of-record"),
    ],
)
def test_what_kind_of_data_a_store_holds(text: str, address: str, class_: str) -> None:
    assert plain(store(estate_of(text), address).data_class) == class_


PLAN = """resource "aws_backup_vault" "v" {
  name = "v"
}
resource "aws_backup_vault" "dr" {
  provider = aws.dr
  name = "dr"
}
resource "aws_backup_plan" "p" {
  name = "p"
  rule {
    rule_name = "r"
    target_vault_name = aws_backup_vault.v.name
    SCHEDULE
    start_window = 60
    completion_window = 120
    lifecycle {
      delete_after = 35
    }
    copy_action {
      destination_vault_arn = VAULT
    }
  }
}
resource "aws_backup_selection" "s" {
  name = "s"
  plan_id = aws_backup_plan.p.id
  iam_role_arn = "arn:aws:iam::111122223333:role/backup"
  SELECTION
}
resource "aws_dynamodb_table" "t" {
  name = "t"
  tags = { plan = "daily" }
}
resource "aws_dynamodb_table" "u" {
  name = "u"
}
"""


def plan(selection: str, schedule: str = 'schedule = "cron(0 5 * * ? *)"', vault: str = "aws_backup_vault.dr.arn") -> str:
    return PLAN.replace("SELECTION", selection).replace("SCHEDULE", schedule).replace("VAULT", vault)


SELECTIONS = {
    "reference": ("resources = [aws_dynamodb_table.t.arn]", "t"),
    "arn": (f'resources = ["arn:aws:dynamodb:{HERE}:111122223333:table/t"]', "t?"),
    "wildcard name": ('resources = ["arn:aws:dynamodb:*:*:table/u*"]', "u"),
    "wildcard of another service": ('resources = ["arn:aws:rds:*:*:db:*"]', ""),
    "everything": ('resources = ["*"]', "t u"),
    "everything but one": ('resources = ["*"]\n  not_resources = [aws_dynamodb_table.t.arn]', "u"),
    "tag": ('selection_tag {\n    type = "STRINGEQUALS"\n    key = "plan"\n    value = "daily"\n  }', "t"),
    "another tag value": ('selection_tag {\n    type = "STRINGEQUALS"\n    key = "plan"\n    value = "weekly"\n  }', ""),
}


@pytest.mark.parametrize("name", SELECTIONS)
def test_what_a_selection_takes(name: str) -> None:
    selection, expected = SELECTIONS[name]
    taken = []
    for each in estate_of(plan(selection)).stores:
        presences = [member.presence for member in each.protections.elements if member.value.mechanism == "backup-plan"]
        taken += [each.address.split(".")[1] + ("" if presence is Truth.TRUE else "?") for presence in presences]
    assert " ".join(taken) == expected


def test_default_tags_of_the_provider_count() -> None:
    tagged = plan('selection_tag {\n    type = "STRINGEQUALS"\n    key = "team"\n    value = "shop"\n  }')
    provider = f'provider "aws" {{\n  region = "{HERE}"\n  default_tags {{\n    tags = {{ team = "shop" }}\n  }}\n}}\n'
    files = {"main.tf": provider + f'provider "aws" {{\n  alias = "dr"\n  region = "{THERE}"\n}}\n' + tagged}
    assert "backup-plan" in by_mechanism(store(estate_of(files), "aws_dynamodb_table.u"))
    assert "backup-plan" not in by_mechanism(store(estate_of(tagged), "aws_dynamodb_table.u"))


def test_a_rule_and_its_copy() -> None:
    found = by_mechanism(store(estate_of(plan("resources = [aws_dynamodb_table.t.arn]")), "aws_dynamodb_table.t"))
    rule, copy = found["backup-plan"], found["backup-plan-copy"]
    assert (plain(rule.region), outlives(rule)) == (HERE, "corruption hardware az")
    assert (plain(copy.region), outlives(copy)) == (THERE, "corruption hardware az region")
    assert (plain(rule.gap), plain(rule.worst_gap), plain(rule.retention)) == ("24h", "27h", "35d")
    assert truth_of(rule.scheduled) is Truth.TRUE


@pytest.mark.parametrize(
    ("vault", "region"),
    [
        (f'"arn:aws:backup:{THERE}:111122223333:backup-vault:dr"', THERE),
        (f'"arn:aws:backup:{HERE}:111122223333:backup-vault:v"', HERE),
        ("aws_backup_vault.v.arn", HERE),
        ("var.vault", "variable not set"),
    ],
)
def test_where_a_copy_goes(vault: str, region: str) -> None:
    text = 'variable "vault" {\n  type = string\n}\n' + plan("resources = [aws_dynamodb_table.t.arn]", vault=vault)
    copy = by_mechanism(store(estate_of(text), "aws_dynamodb_table.t"))["backup-plan-copy"]
    assert plain(copy.region) == region
    assert ("region" in outlives(copy).split()) is (region == THERE)


def test_a_rule_whose_schedule_never_comes_does_not_recur() -> None:
    never = 'schedule = "cron(0 3 31 4 ? *)"'
    given = store(estate_of(plan("resources = [aws_dynamodb_table.t.arn]", schedule=never)), "aws_dynamodb_table.t")
    rule = by_mechanism(given)["backup-plan"]
    assert (truth_of(rule.scheduled), plain(rule.gap)) == (Truth.FALSE, None)
    assert str(given.recovery.corruption.rpo) == "nothing recoverable"


def test_ranges_count_what_is_certain_and_what_is_possible() -> None:
    certain = store(estate_of(DB % "backup_retention_period = 7"), "aws_db_instance.d").recovery
    assert [str(each) for each in (certain.corruption.rpo, certain.region.rpo)] == ["5m", "nothing recoverable"]
    assert str(certain.corruption.rto) == "1m or more"
    possible = store(
        estate_of('variable "days" {\n  type = number\n}\n' + DB % "backup_retention_period = var.days"), "aws_db_instance.d"
    ).recovery
    assert str(possible.corruption.rpo) == "5m or more"
    assert [each.cause.symbol for each in possible.corruption.rpo.unknowns] == ["root:var.days"]
    nothing = store(estate_of(DB % ""), "aws_db_instance.d").recovery
    assert (str(nothing.corruption.rpo), str(nothing.corruption.rto)) == ("nothing recoverable", "nothing recoverable")
    assert nothing.corruption.rpo.unknowns == ()
    lagging = store(estate_of(DB % "backup_retention_period = 7" + REPLICA % DR), "aws_db_instance.d").recovery
    assert str(lagging.region.rpo) == "0s or more"


def test_an_unknown_that_can_be_objects_is_no_obstacle() -> None:
    tag = 'selection_tag {\n    type = "STRINGEQUALS"\n    key = "plan"\n    value = "daily"\n  }'
    text = plan(tag).replace('tags = { plan = "daily" }', 'tags = var.on ? { plan = "daily" } : {}')
    given = store(estate_of('variable "on" {\n  type = bool\n}\n' + text), "aws_dynamodb_table.t")
    assert str(given.recovery.corruption.rpo) == "24h or more"


def test_protections_elsewhere_leave_the_set_open() -> None:
    config = "apiVersion: drpolicy.dev/v1\nkind: Config\nscope:\n  elsewhere: [aws-backup]\n"
    closed = store(estate_of(DB % ""), "aws_db_instance.d")
    opened = store(estate_of({"main.tf": PROVIDERS + DB % "", "drpolicy.yaml": config}), "aws_db_instance.d")
    assert closed.protections.rest is None
    assert opened.protections.rest is not None
    assert opened.protections.rest.symbol == "aws-backup, managed elsewhere"
    assert str(opened.recovery.corruption.rpo) == "0s or more"
