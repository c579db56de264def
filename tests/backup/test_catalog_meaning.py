from __future__ import annotations

import pytest
from backup_estates import SEOUL, TOKYO, members, one, store_of

from drpolicy.model.durations import DAY, Duration
from drpolicy.model.provenance import used_at
from drpolicy.model.reasons import Reason
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Unknown
from drpolicy.recovery.logic import truth_of

T, D = "aws_dynamodb_table.t", "aws_db_instance.d"


@pytest.mark.parametrize(("written", "days"), [("", 35), ("recovery_period_in_days = 7", 7), ('recovery_period_in_days = "7"', 7)])
def test_the_recovery_period_of_a_table(written: str, days: int) -> None:
    text = f'{SEOUL}resource "aws_dynamodb_table" "t" {{\n name = "t"\n point_in_time_recovery {{\n enabled = true\n {written}\n }}\n}}\n'
    retention = one(text, T, "dynamodb-point-in-time-recovery").value.retention
    assert isinstance(retention, Known) and retention.value == Duration(days * DAY)


def database(body: str) -> str:
    return f'{SEOUL}variable "x" {{}}\nresource "aws_db_instance" "d" {{\n identifier = "d"\n {body}\n}}\n'


def test_texts_are_taken_as_the_numbers_and_booleans_that_they_are() -> None:
    text = database('backup_retention_period = "7"\n multi_az = "true"\n deletion_protection = "false"')
    found = one(text, D, "rds-automated-backup").value
    assert truth_of(found.enabled) is Truth.TRUE
    assert isinstance(found.retention, Known) and found.retention.value == Duration(7 * DAY)
    store = store_of(text, D)
    assert truth_of(store.multi_az) is Truth.TRUE and truth_of(store.deletion_guarded) is Truth.FALSE


def test_a_text_that_is_no_number_is_unknown_under_its_own_name() -> None:
    enabled = one(database('backup_retention_period = "a week"'), D, "rds-automated-backup").value.enabled
    assert isinstance(enabled, Unknown)
    assert enabled.reason is Reason.FUNCTION_NOT_EVALUATED
    assert enabled.cause.symbol == "root//aws_db_instance.d.backup_retention_period = 'a week' is not a whole number"


def test_alternatives_are_converted_each() -> None:
    text = database('backup_retention_period = var.x == "a" ? "7" : "14"')
    assert truth_of(one(text, D, "rds-automated-backup").value.enabled) is Truth.TRUE


EFS = """
resource "aws_efs_file_system" "f" {}
resource "aws_efs_replication_configuration" "r" {
  source_file_system_id = aws_efs_file_system.f.id
  destination {
    %s
  }
}
"""


def test_a_replica_with_a_zone_only_is_in_the_region_of_its_source() -> None:
    text = SEOUL + EFS
    near = one(text % 'availability_zone_name = "ap-northeast-2b"', "aws_efs_file_system.f", "efs-replication").value
    assert isinstance(near.region, Known) and near.region.value == "ap-northeast-2"
    assert truth_of(near.survives.region) is Truth.FALSE
    far = one(text % 'region = "ap-northeast-1"', "aws_efs_file_system.f", "efs-replication").value
    assert truth_of(far.survives.region) is Truth.TRUE


def test_a_cluster_whose_last_snapshot_has_no_name_cannot_be_destroyed_without_one() -> None:
    text = SEOUL + 'resource "aws_rds_cluster" "c" {\n cluster_identifier = "c"\n %s\n}\n'
    assert truth_of(store_of(text % "", "aws_rds_cluster.c").final_snapshot) is Truth.TRUE
    assert truth_of(store_of(text % "skip_final_snapshot = true", "aws_rds_cluster.c").final_snapshot) is Truth.FALSE


def test_caches_lose_writes_and_promise_no_bound() -> None:
    text = SEOUL + 'resource "aws_elasticache_replication_group" "c" {\n multi_az_enabled = true\n snapshot_retention_limit = 3\n}\n'
    address = "aws_elasticache_replication_group.c"
    assert members(text, address, "multi-az-standby") == []
    for mechanism in ("cache-replica", "elasticache-snapshot"):
        assert isinstance(one(text, address, mechanism).value.worst_gap, Absent)


def test_the_region_of_a_referenced_copy_points_at_the_reference() -> None:
    text = (
        SEOUL
        + TOKYO
        + """
resource "aws_s3_bucket" "a" {
  bucket = "a"
}
resource "aws_s3_bucket" "b" {
  provider = aws.tokyo
  bucket   = "b"
}
resource "aws_s3_bucket_replication_configuration" "r" {
  bucket = aws_s3_bucket.a.id
  rule {
    status = "Enabled"
    destination {
      bucket = aws_s3_bucket.b.arn
    }
  }
}
"""
    )
    region = one(text, "aws_s3_bucket.a", "s3-replication").value.region
    assert isinstance(region, Known) and region.value == "ap-northeast-1"
    span = used_at(region.origin)
    assert span is not None and span.text == "aws_s3_bucket.b.arn"


GLOBAL = """
variable "g" {}
resource "aws_rds_cluster" "a" {
  global_cluster_identifier = "g"
}
resource "aws_rds_cluster" "b" {
  provider                  = aws.tokyo
  global_cluster_identifier = %s
}
"""


def test_clusters_that_may_share_a_global_database_may_be_copies() -> None:
    text = SEOUL + TOKYO + GLOBAL
    assert one(text % '"g"', "aws_rds_cluster.a", "aurora-global-database").presence is Truth.TRUE
    assert one(text % "var.g", "aws_rds_cluster.a", "aurora-global-database").presence is Truth.UNKNOWN
    assert members(text % '"h"', "aws_rds_cluster.a", "aurora-global-database") == []
