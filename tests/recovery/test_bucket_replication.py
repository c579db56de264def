"""Replication of buckets in full: keys, accounts, the time control, and what S3 refuses."""

from __future__ import annotations

import pytest
from recovery_estates import HERE, THERE, by_mechanism, estate_of, store

from drpolicy.model.durations import Duration
from drpolicy.model.provenance import steps
from drpolicy.model.stores import Protection
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Unknown
from drpolicy.recovery.logic import truth_of

KEYS = """resource "aws_kms_key" "here" {}
resource "aws_kms_key" "there" {
  provider = aws.dr
}
"""
BUCKETS = """resource "aws_s3_bucket" "d" {
  bucket = "d"
}
resource "aws_s3_bucket_versioning" "d" {
  bucket = aws_s3_bucket.d.id
  versioning_configuration {
    status = "Enabled"
  }
}
resource "aws_s3_bucket_server_side_encryption_configuration" "d" {
  bucket = aws_s3_bucket.d.id
  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "aws:kms"
    }
  }
}
"""
COPY = """resource "aws_s3_bucket" "copy" {
  provider = aws.dr
  bucket   = "copy"
}
resource "aws_s3_bucket_versioning" "copy" {
  provider = aws.dr
  bucket   = aws_s3_bucket.copy.id
  versioning_configuration {
    status = "Enabled"
  }
}
"""
RULE = """resource "aws_s3_bucket_replication_configuration" "d" {
  bucket = aws_s3_bucket.d.id
  role   = "arn:aws:iam::111122223333:role/r"
  rule {
    status = "Enabled"
    %s
    destination {
      bucket = %s
      %s
    }
  }
}
"""
SELECTED = 'source_selection_criteria {\n sse_kms_encrypted_objects {\n status = "Enabled"\n }\n }'
KEYED = "encryption_configuration {\n replica_kms_key_id = %s\n }"
DYNAMIC = """dynamic "encryption_configuration" {
        for_each = flatten([aws_kms_key.there.arn])
        content {
          replica_kms_key_id = encryption_configuration.value
        }
      }"""
TIMED = '\n replication_time {\n status = "Enabled"\n time {\n minutes = 15\n }\n }'
METRICS = '\n metrics {\n status = "Enabled"\n }'
MADE = "aws_s3_bucket.copy.arn"


def replicated(rule: str = "", destination: str = "", bucket: str = MADE) -> Protection:
    estate = estate_of(KEYS + BUCKETS + COPY + RULE % (rule, bucket, destination))
    return by_mechanism(store(estate, "aws_s3_bucket.d"))["s3-replication"]


def unmet(protection: Protection) -> list[str]:
    return [each.id for each in protection.prerequisites if truth_of(each.met) is Truth.FALSE]


@pytest.mark.parametrize(
    ("rule", "destination", "missing"),
    [
        (SELECTED, KEYED % "aws_kms_key.there.arn", []),
        # The pattern of modules: whether a reference to an ARN is a list is no question.
        (SELECTED, DYNAMIC, []),
        ("", KEYED % "aws_kms_key.there.arn", ["encrypted-objects"]),
        (SELECTED, "", ["replica-key"]),
        (SELECTED.replace("Enabled", "Disabled"), "", ["encrypted-objects"]),
        (SELECTED, KEYED % "aws_kms_key.there.arn" + TIMED, ["time-control-metrics"]),
        (SELECTED, KEYED % "aws_kms_key.there.arn" + TIMED + METRICS, []),
        (SELECTED + '\n existing_object_replication {\n status = "Enabled"\n }', KEYED % "aws_kms_key.there.arn", ["existing-objects"]),
        (SELECTED + '\n existing_object_replication {\n status = "Disabled"\n }', KEYED % "aws_kms_key.there.arn", []),
    ],
)
def test_what_keeps_a_rule_from_its_work(rule: str, destination: str, missing: list[str]) -> None:
    protection = replicated(rule, destination)
    assert unmet(protection) == missing
    assert truth_of(protection.works) is Truth.of(not missing)
    assert truth_of(protection.survives.region) is Truth.of(not missing)


def test_markers_of_deletions_are_no_defect_but_for_rules_by_tag() -> None:
    markers = '\n delete_marker_replication {\n status = "%s"\n }'
    by_prefix = 'filter {\n prefix = ""\n }'
    by_tag = 'filter {\n and {\n tags = {\n a = "b"\n }\n }\n }'
    found = {
        (name, status): unmet(replicated(SELECTED + "\n" + text + markers % status, KEYED % "aws_kms_key.there.arn"))
        for name, text in (("prefix", by_prefix), ("tag", by_tag))
        for status in ("Enabled", "Disabled")
    }
    assert found == {
        ("prefix", "Enabled"): [],
        ("prefix", "Disabled"): [],
        ("tag", "Enabled"): ["whole-bucket", "delete-markers"],
        ("tag", "Disabled"): ["whole-bucket"],
    }


def test_the_time_control_bounds_the_gap_and_says_of_what_share() -> None:
    timed = replicated(SELECTED, KEYED % "aws_kms_key.there.arn" + TIMED + METRICS)
    assert isinstance(timed.worst_gap, Known)
    assert timed.worst_gap.value == Duration(900)
    assert "99.9 percent of a month's new objects" in " ".join(each.text for each in steps(timed.worst_gap.origin))
    assert isinstance(replicated(SELECTED, KEYED % "aws_kms_key.there.arn").worst_gap, Absent)


@pytest.mark.parametrize(("key", "region"), [("aws_kms_key.there.arn", THERE), ("aws_kms_key.here.arn", HERE)])
def test_where_the_key_of_the_replicas_is(key: str, region: str) -> None:
    found = replicated(SELECTED, KEYED % key).key_region
    assert isinstance(found, Known)
    assert found.value == region


def test_the_account_that_the_rule_writes_is_that_of_a_bucket_which_no_file_makes() -> None:
    written = replicated(SELECTED, KEYED % "aws_kms_key.there.arn" + '\n account = "222233334444"', '"arn:aws:s3:::elsewhere"')
    assert isinstance(written.account, Known)
    assert written.account.value == "222233334444"
    assert isinstance(written.region, Unknown)
    assert isinstance(replicated(SELECTED, KEYED % "aws_kms_key.there.arn", '"arn:aws:s3:::elsewhere"').account, Unknown)
