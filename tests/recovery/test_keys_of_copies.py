"""A copy whose key exists only in the lost region is lost with it: what each way of writing a key comes to, and what is said of it."""

from __future__ import annotations

import pytest
from recovery_estates import HERE, PROVIDERS, THERE, by_mechanism, estate_of, outlives, plain, store

from drpolicy.model.durations import UNBOUNDED
from drpolicy.model.provenance import Derived, Written, written_at
from drpolicy.model.reasons import Reason
from drpolicy.model.stores import Protection
from drpolicy.model.truth import Truth
from drpolicy.model.values import Known, Unknown
from drpolicy.recovery.logic import equal, truth_of

KEYS = """
variable "key" {
  type = string
}
variable "on" {
  type = bool
}
variable "multi" {
  type = bool
}
variable "place" {
  type = string
}
data "aws_caller_identity" "me" {}
resource "aws_kms_key" "here" {}
resource "aws_kms_key" "there" {
  provider = aws.dr
}
resource "aws_kms_key" "counted" {
  count = var.on ? 1 : 0
}
resource "aws_kms_key" "alone" {
  multi_region = true
}
resource "aws_kms_key" "many" {
  multi_region = true
}
resource "aws_kms_replica_key" "many" {
  provider        = aws.dr
  primary_key_arn = aws_kms_key.many.arn
}
resource "aws_kms_key" "perhaps" {
  multi_region = var.multi
}
resource "aws_kms_replica_key" "perhaps" {
  provider        = aws.dr
  primary_key_arn = aws_kms_key.perhaps.arn
}
resource "aws_kms_key" "far" {
  provider     = aws.dr
  multi_region = true
}
resource "aws_kms_replica_key" "near" {
  primary_key_arn = aws_kms_key.far.arn
}
resource "aws_kms_alias" "here" {
  name          = "alias/here"
  target_key_id = aws_kms_key.here.key_id
}
resource "aws_kms_alias" "many" {
  name          = "alias/many"
  target_key_id = aws_kms_key.many.key_id
}
data "aws_kms_key" "there" {
  provider = aws.dr
  key_id   = "alias/there"
}
data "aws_kms_alias" "here" {
  name = "alias/here"
}
resource "aws_db_instance" "d" {
  identifier              = "d"
  backup_retention_period = 7
  kms_key_id              = aws_kms_key.here.arn
}
resource "aws_db_instance" "far" {
  provider   = aws.dr
  identifier = "far"
  kms_key_id = aws_kms_key.there.arn
}
resource "aws_db_instance" "plain" {
  identifier = "plain"
}
"""
COPIED = """resource "aws_db_instance_automated_backups_replication" "c" {
  provider               = aws.dr
  source_db_instance_arn = aws_db_instance.d.arn
  kms_key_id             = %s
}
"""
LOST = "automated backups replicated to another region: its key is only in eu-west-1"


def copied(key: str, variables: dict[str, str] | None = None) -> Protection:
    estate = estate_of({"main.tf": PROVIDERS + KEYS + COPIED % key}, variables)
    return by_mechanism(store(estate, "aws_db_instance.d"))["rds-replicated-backups"]


@pytest.mark.parametrize(
    ("key", "region"),
    [
        ("null", None),
        ('"1234abcd-12ab-34cd-56ef-1234567890ab"', None),
        ('"alias/far"', None),
        ("aws_kms_key.there.arn", THERE),
        ("aws_kms_replica_key.many.arn", THERE),
        ("aws_kms_key.far.arn", THERE),
        ("data.aws_kms_key.there.arn", THERE),
        ("aws_db_instance.far.kms_key_id", THERE),
        ('"arn:aws:kms:eu-central-1:111122223333:key/1234abcd"', THERE),
        ('"arn:aws:kms:eu-central-1:${data.aws_caller_identity.me.account_id}:alias/far"', THERE),
        # Of a third region: the copy is not read without that one, and the store's loss does not touch it.
        ('"arn:aws:kms:eu-north-1:111122223333:key/1234abcd"', "eu-north-1"),
    ],
)
def test_the_key_is_there_without_the_region(key: str, region: str | None) -> None:
    found = copied(key)
    assert plain(found.key_region) == region
    assert outlives(found) == "corruption hardware az region"


@pytest.mark.parametrize(
    "key",
    [
        "aws_kms_key.here.arn",
        "aws_kms_key.here.key_id",
        "try(aws_kms_key.here.arn, null)",
        "one(aws_kms_key.counted[*].arn)",
        "aws_kms_key.alone.arn",
        "aws_db_instance.d.kms_key_id",
        "aws_kms_alias.here.arn",
        "aws_kms_alias.here.target_key_arn",
        "data.aws_kms_alias.here.target_key_arn",
        '"arn:aws:kms:eu-west-1:111122223333:key/1234abcd"',
        '"arn:aws:kms:eu-west-1:${data.aws_caller_identity.me.account_id}:alias/here"',
        'var.on ? "arn:aws:kms:eu-west-1:111122223333:key/a" : "arn:aws:kms:eu-west-1:111122223333:key/b"',
    ],
)
def test_the_key_is_lost_with_the_region(key: str) -> None:
    found = copied(key)
    assert plain(found.key_region) == HERE
    # It is read as before when a zone or the hardware is lost.
    assert outlives(found) == "corruption hardware az"
    lost = found.survives.region
    assert isinstance(lost, Known) and isinstance(lost.origin, Derived)
    assert (lost.value, lost.origin.how) == (False, LOST)
    place = written_at(lost.origin)
    assert place is not None
    assert place.source.text.splitlines()[place.start.line - 1] == f"  kms_key_id             = {key}"


@pytest.mark.parametrize(
    ("key", "question", "reason"),
    [
        ("var.key", "root:var.key", Reason.VARIABLE_NOT_SET),
        ("aws_db_instance.plain.kms_key_id", "root//aws_db_instance.plain.kms_key_id", Reason.COMPUTED),
        ("var.on ? aws_kms_key.here.arn : null", "root:var.on", Reason.VARIABLE_NOT_SET),
        ("var.on ? aws_kms_key.here.arn : aws_kms_key.there.arn", "root:var.on", Reason.VARIABLE_NOT_SET),
        (
            'var.on ? "arn:aws:kms:eu-west-1:111122223333:key/a" : "arn:aws:kms:eu-central-1:111122223333:key/b"',
            "root:var.on",
            Reason.VARIABLE_NOT_SET,
        ),
        ('"arn:aws:kms:${var.place}:111122223333:key/1234abcd"', "root:var.place", Reason.VARIABLE_NOT_SET),
    ],
)
def test_a_key_that_may_be_in_the_lost_region(key: str, question: str, reason: Reason) -> None:
    found = copied(key).survives.region
    assert isinstance(found, Unknown)
    assert (found.cause.symbol, found.cause.reason) == (question, reason)


@pytest.mark.parametrize(
    "key",
    [
        "aws_kms_key.many.arn",
        "aws_kms_alias.many.arn",
        "aws_kms_key.perhaps.arn",
        # The one beside the store is the replica here, and its primary is where the copy is.
        "aws_kms_replica_key.near.arn",
        # What begins with mrk- is multi-Region, and its replicas may be made elsewhere.
        '"arn:aws:kms:eu-west-1:111122223333:key/mrk-1234abcd"',
        '"arn:aws:kms:eu-west-1:111122223333:key/${var.key}"',
    ],
)
def test_a_multi_region_key_with_a_replica_beside_the_copy(key: str) -> None:
    found = copied(key)
    assert plain(found.key_region) == HERE
    survives = found.survives.region
    assert isinstance(survives, Unknown)
    asked = "whether aws_db_instance_automated_backups_replication.c can be restored with the replica of its multi-Region key"
    assert (survives.symbol, survives.reason) == (asked, Reason.NOT_OBSERVED)


def test_learning_the_key_decides() -> None:
    regions = {
        key: truth_of(copied("var.key", {"key": key}).survives.region)
        for key in ("arn:aws:kms:eu-west-1:1:key/a", "arn:aws:kms:eu-central-1:1:key/a")
    }
    assert list(regions.values()) == [Truth.FALSE, Truth.TRUE]
    assert truth_of(copied("aws_kms_key.perhaps.arn", {"multi": "false"}).survives.region) is Truth.FALSE


def test_the_region_need_not_be_known() -> None:
    text = """
variable "region" {
  type = string
}
provider "aws" {
  region = var.region
}
provider "aws" {
  alias  = "dr"
  region = "eu-central-1"
}
resource "aws_kms_key" "here" {}
resource "aws_dynamodb_table" "t" {
  name = "t"
  replica {
    region_name = "eu-central-1"
    kms_key_arn = aws_kms_key.here.arn
  }
}
"""
    (found,) = [each for each in estate_of({"main.tf": text}).protections if each.mechanism == "dynamodb-replica"]
    # The key is where the store is, whatever that region is called; whether the copy is there too is open, and so is all of it.
    assert plain(found.survives.region) == "variable not set"
    for region, reason in (("eu-west-1", "its key is only in eu-west-1"), ("eu-central-1", "the copy is in the same region")):
        (found,) = [each for each in estate_of({"main.tf": text}, {"region": region}).protections if each.mechanism == "dynamodb-replica"]
        lost = found.survives.region
        assert isinstance(lost.origin, Derived)
        assert (plain(lost), lost.origin.how) == (False, f"global table replica: {reason}")


ENCRYPTED = """resource "aws_s3_bucket" "d" {
  bucket = "d"
}
resource "aws_s3_bucket_versioning" "d" {
  bucket = aws_s3_bucket.d.id
  versioning_configuration {
    status = "Enabled"
  }
}
resource "aws_s3_bucket" "copy" {
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
resource "aws_s3_bucket_replication_configuration" "d" {
  bucket = aws_s3_bucket.d.id
  rule {
    status = "Enabled"
    destination {
      bucket = aws_s3_bucket.copy.arn
      dynamic "encryption_configuration" {
        for_each = var.on ? ["x"] : []
        content {
          replica_kms_key_id = %s
        }
      }
    }
  }
}
"""


@pytest.mark.parametrize(
    ("key", "on", "expected"),
    [
        # Nothing is asked of a block that may not be there, where what is in it would do.
        ("aws_kms_key.there.arn", None, True),
        ("aws_kms_key.here.arn", None, "variable not set"),
        ("var.key", None, "variable not set"),
        ("aws_kms_key.here.arn", "true", False),
        ("aws_kms_key.here.arn", "false", True),
        ("var.key", "false", True),
    ],
)
def test_a_block_that_may_name_a_key(key: str, on: str | None, expected: object) -> None:
    estate = estate_of({"main.tf": PROVIDERS + KEYS + ENCRYPTED % key}, {"on": on} if on is not None else None)
    found = by_mechanism(store(estate, "aws_s3_bucket.d"))["s3-replication"]
    assert plain(found.survives.region) == expected


def test_nothing_is_left_of_a_store_whose_only_copy_has_its_key_in_the_region() -> None:
    estate = estate_of({"main.tf": PROVIDERS + KEYS + COPIED % "aws_kms_key.here.arn"})
    lost = store(estate, "aws_db_instance.d").recovery.region
    assert (lost.rpo.best, lost.rpo.worst, lost.rto.best) == (UNBOUNDED, UNBOUNDED, UNBOUNDED)
    assert (lost.rpo.basis, lost.copies.elements) == ("nothing survives the loss (region)", ())
    kept = store(estate_of({"main.tf": PROVIDERS + KEYS + COPIED % "aws_kms_key.there.arn"}), "aws_db_instance.d").recovery.region
    assert kept.rpo.best.seconds == 300


def test_what_a_text_can_be_does_not_say_whether_it_is_equal() -> None:
    at = Written(written_at(copied("null").enabled.origin))  # type: ignore[arg-type]  # it is written
    either = Unknown(Reason.VARIABLE_NOT_SET, "var.region", at, among=(Known(HERE, at), Known(THERE, at)))
    found = equal("region", either, Known(HERE, at))
    assert truth_of(found) is Truth.UNKNOWN
    assert isinstance(found, Unknown)
    assert (found.cause.symbol, found.among) == ("var.region", ())
    assert truth_of(equal("region", either, Known("eu-north-1", at))) is Truth.FALSE


VELERO = """
apiVersion: drpolicy.dev/v1
kind: Config
clusters:
  - {name: primary, region: eu-west-1, role: primary, paths: ["clusters/primary/**"]}
"""
MANIFESTS = """apiVersion: velero.io/v1
kind: BackupStorageLocation
metadata: {name: default, namespace: velero}
spec:
  provider: aws
  default: true
  objectStorage: {bucket: d}
  config: {region: eu-west-1}
---
apiVersion: velero.io/v1
kind: Schedule
metadata: {name: daily, namespace: velero}
spec:
  schedule: "0 2 * * *"
  template: {includedNamespaces: [shop], snapshotMoveData: true}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data, namespace: shop}
spec:
  accessModes: [ReadWriteOnce]
  resources: {requests: {storage: 1Gi}}
"""


@pytest.mark.parametrize(("key", "kept"), [("aws_kms_key.there.arn", True), ("aws_kms_key.here.arn", False)])
def test_a_backup_of_velero_is_lost_with_the_key_of_its_replication(key: str, kept: bool) -> None:
    text = PROVIDERS + KEYS + ENCRYPTED % key
    files = {"main.tf": text, "drpolicy.yaml": VELERO, "clusters/primary/velero.yaml": MANIFESTS}
    estate = estate_of(files, {"on": "true"})
    (found,) = [each for each in estate.protections if each.name == "Velero schedule daily, replicated"]
    assert plain(found.survives.region) is kept
    if not kept:
        assert isinstance(found.survives.region.origin, Derived)
        assert found.survives.region.origin.how == "Velero schedule daily, replicated: its key is only in eu-west-1"
