"""Every mechanism whose copy has a key of its own: with one of the lost region the copy is lost too, with none it is not."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from test_catalog_rows import DATED

from drpolicy.app.reading import read_tree
from drpolicy.catalog.load import built_in_catalog, catalog_from
from drpolicy.model.stores import Protection
from drpolicy.model.truth import Truth
from drpolicy.recovery.build import build_estate
from drpolicy.recovery.logic import truth_of
from drpolicy.sources.trees import MemoryTree

sys.setrecursionlimit(20_000)  # what the command line runs with

CATALOG = built_in_catalog()
GOLDEN: dict[str, dict[str, Any]] = json.loads(Path(__file__).with_name("golden_provider_schema.json").read_text("utf-8"))["types"]
KEYED = {row.id: row.key for row in CATALOG.mechanisms.values() if row.key is not None}
HEAD = """
variable "key" {
  type = string
}
provider "aws" {
  region = "eu-west-1"
}
provider "aws" {
  alias  = "dr"
  region = "eu-central-1"
}
resource "aws_kms_key" "here" {}
resource "aws_kms_key" "there" {
  provider = aws.dr
}
"""
DATABASE = 'resource "aws_db_instance" "s" {\n  identifier = "s"\n  backup_retention_period = 7\n}\n'
CLUSTER = 'resource "aws_rds_cluster" "s" {\n  cluster_identifier = "s"\n}\n'
VOLUME = 'resource "aws_ebs_volume" "s" {\n  availability_zone = "eu-west-1a"\n  size = 1\n  tags = { a = "b" }\n}\n'
TABLE = 'resource "aws_dynamodb_table" "s" {\n  name = "s"\n%s}\n'
VERSIONED = """resource "aws_s3_bucket_versioning" "%(name)s" {
  provider = %(provider)s
  bucket   = aws_s3_bucket.%(name)s.id
  versioning_configuration {
    status = "Enabled"
  }
}
"""
BUCKETS = (
    'resource "aws_s3_bucket" "s" {\n  bucket = "s"\n%s}\nresource "aws_s3_bucket" "far" {\n  provider = aws.dr\n  bucket = "far"\n}\n'
    + VERSIONED % {"name": "s", "provider": "aws"}
    + VERSIONED % {"name": "far", "provider": "aws.dr"}
)
GLOBAL = """resource "aws_%(what)s_global_cluster" "g" {
  global_cluster_identifier = "g"
}
resource "aws_%(what)s_cluster" "s" {
  cluster_identifier        = "s"
  global_cluster_identifier = aws_%(what)s_global_cluster.g.id
}
resource "aws_%(what)s_cluster" "far" {
  provider                  = aws.dr
  cluster_identifier        = "far"
  global_cluster_identifier = aws_%(what)s_global_cluster.g.id
  %(key)s                = KEY
}
"""


def far(type_: str, *lines: str) -> str:
    return "\n".join((f'resource "{type_}" "far" {{', "  provider = aws.dr", *(f"  {line}" for line in lines), "}\n"))


COPIES = {
    "rds-read-replica": DATABASE + far("aws_db_instance", "replicate_source_db = aws_db_instance.s.arn", "kms_key_id = KEY"),
    "rds-replicated-backups": DATABASE
    + far("aws_db_instance_automated_backups_replication", "source_db_instance_arn = aws_db_instance.s.arn", "kms_key_id = KEY"),
    "rds-cluster-replica": CLUSTER + far("aws_rds_cluster", "replication_source_identifier = aws_rds_cluster.s.arn", "kms_key_id = KEY"),
    "aurora-global-database": GLOBAL % {"what": "rds", "key": "kms_key_id"},
    "docdb-global-cluster": GLOBAL % {"what": "docdb", "key": "kms_key_id"},
    "neptune-global-database": GLOBAL % {"what": "neptune", "key": "kms_key_arn"},
    "dynamodb-replica": TABLE % '  replica {\n    region_name = "eu-central-1"\n    kms_key_arn = KEY\n  }\n',
    "dynamodb-replica-point-in-time-recovery": TABLE
    % '  replica {\n    region_name = "eu-central-1"\n    point_in_time_recovery = true\n    kms_key_arn = KEY\n  }\n',
    "dynamodb-table-replica": TABLE % ""
    + far("aws_dynamodb_table_replica", "global_table_arn = aws_dynamodb_table.s.arn", "kms_key_arn = KEY"),
    "s3-replication": BUCKETS % ""
    + """resource "aws_s3_bucket_replication_configuration" "s" {
  bucket = aws_s3_bucket.s.id
  rule {
    status = "Enabled"
    destination {
      bucket = aws_s3_bucket.far.arn
      encryption_configuration {
        replica_kms_key_id = KEY
      }
    }
  }
}
""",
    "s3-replication-inline": BUCKETS
    % """  replication_configuration {
    role = "r"
    rules {
      status = "Enabled"
      destination {
        bucket             = aws_s3_bucket.far.arn
        replica_kms_key_id = KEY
      }
    }
  }
""",
    "efs-replication": """resource "aws_efs_file_system" "s" {}
resource "aws_efs_replication_configuration" "s" {
  source_file_system_id = aws_efs_file_system.s.id
  destination {
    region     = "eu-central-1"
    kms_key_id = KEY
  }
}
""",
    "secret-replica": """resource "aws_secretsmanager_secret" "s" {
  name = "s"
  replica {
    region     = "eu-central-1"
    kms_key_id = KEY
  }
}
""",
    "ami-copy": 'resource "aws_ami" "s" {\n  name = "s"\n}\n' + far("aws_ami_copy", "source_ami_id = aws_ami.s.id", "kms_key_id = KEY"),
    "mq-data-replication": 'resource "aws_mq_broker" "s" {\n  broker_name = "s"\n}\n'
    + far(
        "aws_mq_broker",
        "data_replication_primary_broker_arn = aws_mq_broker.s.arn",
        'data_replication_mode = "CRDR"',
        "encryption_options {",
        "  kms_key_id = KEY",
        "}",
    ),
    "msk-replicator": 'resource "aws_msk_cluster" "s" {\n  cluster_name = "s"\n}\n'
    + far("aws_msk_cluster", "encryption_info {", "  encryption_at_rest_kms_key_arn = KEY", "}")
    + """resource "aws_msk_replicator" "r" {
  replication_info_list {
    source_kafka_cluster_arn = aws_msk_cluster.s.arn
    target_kafka_cluster_arn = aws_msk_cluster.far.arn
  }
}
""",
    "memorydb-multi-region": """resource "aws_memorydb_multi_region_cluster" "m" {}
resource "aws_memorydb_cluster" "s" {
  multi_region_cluster_name = aws_memorydb_multi_region_cluster.m.multi_region_cluster_name
}
"""
    + far(
        "aws_memorydb_cluster",
        "multi_region_cluster_name = aws_memorydb_multi_region_cluster.m.multi_region_cluster_name",
        "kms_key_arn = KEY",
    ),
    "elasticache-global-datastore": """resource "aws_elasticache_replication_group" "s" {
  replication_group_id = "s"
}
resource "aws_elasticache_global_replication_group" "g" {
  primary_replication_group_id = aws_elasticache_replication_group.s.id
}
"""
    + far(
        "aws_elasticache_replication_group",
        "global_replication_group_id = aws_elasticache_global_replication_group.g.global_replication_group_id",
        "kms_key_id = KEY",
    ),
    "dsql-peering": 'resource "aws_dsql_cluster" "s" {}\n'
    + far("aws_dsql_cluster", "kms_encryption_key = KEY")
    + """resource "aws_dsql_cluster_peering" "p" {
  identifier = aws_dsql_cluster.s.identifier
  clusters   = [aws_dsql_cluster.far.arn]
}
""",
    "rds-snapshot-copy-once": DATABASE
    + 'resource "aws_db_snapshot" "once" {\n  db_instance_identifier = aws_db_instance.s.identifier\n}\n'
    + far("aws_db_snapshot_copy", "source_db_snapshot_identifier = aws_db_snapshot.once.db_snapshot_arn", "kms_key_id = KEY"),
    "rds-cluster-snapshot-copy-once": CLUSTER
    + 'resource "aws_db_cluster_snapshot" "once" {\n  db_cluster_identifier = aws_rds_cluster.s.id\n}\n'
    + far(
        "aws_rds_cluster_snapshot_copy",
        "source_db_cluster_snapshot_identifier = aws_db_cluster_snapshot.once.db_cluster_snapshot_arn",
        "kms_key_id = KEY",
    ),
    "ebs-snapshot-copy-once": VOLUME
    + 'resource "aws_ebs_snapshot" "once" {\n  volume_id = aws_ebs_volume.s.id\n}\n'
    + far("aws_ebs_snapshot_copy", "source_snapshot_id = aws_ebs_snapshot.once.id", "kms_key_id = KEY"),
    "backup-plan-copy": TABLE % ""
    + far("aws_backup_vault", 'name = "far"', "kms_key_arn = KEY")
    + """resource "aws_backup_plan" "p" {
  name = "p"
  rule {
    rule_name         = "r"
    target_vault_name = "Default"
    copy_action {
      destination_vault_arn = aws_backup_vault.far.arn
    }
  }
}
resource "aws_backup_selection" "s" {
  plan_id   = aws_backup_plan.p.id
  resources = [aws_dynamodb_table.s.arn]
}
""",
    "dlm-copy": VOLUME
    + """resource "aws_dlm_lifecycle_policy" "p" {
  policy_details {
    resource_types = ["VOLUME"]
    target_tags    = { a = "b" }
    schedule {
      create_rule {
        interval = 24
      }
      cross_region_copy_rule {
        target  = "eu-central-1"
        cmk_arn = KEY
      }
    }
  }
}
""",
}
WITHOUT = ("null", "aws_kms_key.there.arn", "aws_kms_key.here.arn", "var.key")


def copy_of(mechanism: str, text: str) -> Protection:
    estate = build_estate(read_tree(MemoryTree({"main.tf": HEAD + text})).inputs, CATALOG, date(2026, 11, 1))
    (found,) = [each for each in estate.protections if each.mechanism == mechanism and each.store.endswith(".s")]
    return found


def test_every_row_with_a_key_has_a_fixture() -> None:
    assert set(COPIES) == set(KEYED)


@pytest.mark.parametrize("mechanism", COPIES)
def test_a_copy_outlives_the_region_only_with_its_key(mechanism: str) -> None:
    found = {key: truth_of(copy_of(mechanism, COPIES[mechanism].replace("KEY", key)).survives.region) for key in WITHOUT}
    assert found == dict(zip(WITHOUT, (Truth.TRUE, Truth.TRUE, Truth.FALSE, Truth.UNKNOWN), strict=True))


def test_an_air_gapped_vault_has_its_key_under_another_name() -> None:
    vault = COPIES["backup-plan-copy"].replace("aws_backup_vault", "aws_backup_logically_air_gapped_vault")
    text = vault.replace("kms_key_arn", "encryption_key_arn").replace("KEY", "aws_kms_key.here.arn")
    assert truth_of(copy_of("backup-plan-copy", text).survives.region) is Truth.FALSE


def arguments() -> Iterator[Any]:
    """Yield every (mechanism, type that has the attribute, path) of what makes a protection."""
    for row in CATALOG.mechanisms.values():
        if row.key is None:
            continue
        types = (row.link.type,) if row.link is not None else row.stores
        for path in row.key.settings if not row.matched else ():
            for type_ in types:
                yield pytest.param(type_, ".".join(filter(None, (row.each, path))), id=f"{row.id}-{type_}")


@pytest.mark.parametrize(("type_", "path"), list(arguments()))
def test_the_attribute_of_a_key_is_one_of_the_provider(type_: str, path: str) -> None:
    found: Any = GOLDEN[type_]["attributes"]
    for name in path.split("."):
        assert {name, f"{name}s"} & set(found), f"hashicorp/aws has no {type_}.{path}"
        found = found.get(name) or found[f"{name}s"]
    assert isinstance(found, str)


@pytest.mark.parametrize(
    ("type_", "path"),
    [
        ("aws_backup_vault", "kms_key_arn"),
        ("aws_backup_logically_air_gapped_vault", "encryption_key_arn"),
        ("aws_msk_cluster", "encryption_info.encryption_at_rest_kms_key_arn"),
        ("aws_dsql_cluster", "kms_encryption_key"),
    ],
)
def test_the_attribute_of_what_holds_the_copy_is_one_of_the_provider(type_: str, path: str) -> None:
    assert any(path in key.copy for key in KEYED.values())
    found: Any = GOLDEN[type_]["attributes"]
    for name in path.split("."):
        found = found[name]
    assert isinstance(found, str)


@pytest.mark.parametrize("mechanism", KEYED)
def test_a_key_names_its_page_and_date(mechanism: str) -> None:
    assert DATED.match(KEYED[mechanism].source)


def test_a_key_says_where_it_is_named() -> None:
    row = {
        "id": "a",
        "title": "a",
        "kind": "backup",
        "stores": [],
        "recovery": {"atLeast": "1m", "source": "s, 2026-11"},
        "survives": {},
        "key": {"source": "s, 2026-11"},
    }
    with pytest.raises(ValueError, match=r"^key must have self or copy, not \['source'\]$"):
        catalog_from([], [row])
