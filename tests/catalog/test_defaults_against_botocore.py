"""What a service does when nothing is said, against the documentation in botocore's models: a second witness of the defaults."""

from __future__ import annotations

import re

import botocore.session
import pytest
from botocore.model import StructureShape

from drpolicy.catalog.load import built_in_catalog

CATALOG = built_in_catalog()
SESSION = botocore.session.Session()
SAID = [
    ("aws_neptunegraph_graph", "replica_count", 1, "neptune-graph CreateGraphInput replicaCount", "Default = 1"),
    (
        "aws_fsx_lustre_file_system",
        "deployment_type",
        "SCRATCH_1",
        "fsx CreateFileSystemLustreConfiguration DeploymentType",
        "Default = SCRATCH_1",
    ),
    (
        "aws_fsx_lustre_file_system",
        "automatic_backup_retention_days",
        0,
        "fsx CreateFileSystemLustreConfiguration AutomaticBackupRetentionDays",
        "default is 0",
    ),
    (
        "aws_fsx_windows_file_system",
        "deployment_type",
        "SINGLE_AZ_1",
        "fsx CreateFileSystemWindowsConfiguration DeploymentType",
        "SINGLE_AZ_1 - .Default",
    ),
    ("aws_autoscaling_group", "health_check_type", "EC2", "autoscaling CreateAutoScalingGroupType HealthCheckType", "EC2 is the default"),
    (
        "aws_elasticache_cluster",
        "snapshot_retention_limit",
        0,
        "elasticache CreateCacheClusterMessage SnapshotRetentionLimit",
        "Default: 0",
    ),
    (
        "aws_elasticache_replication_group",
        "snapshot_retention_limit",
        0,
        "elasticache CreateReplicationGroupMessage SnapshotRetentionLimit",
        "Default: 0",
    ),
    ("aws_memorydb_cluster", "num_replicas_per_shard", 1, "memorydb CreateClusterRequest NumReplicasPerShard", "default value is 1"),
    (
        "aws_redshift_cluster",
        "automated_snapshot_retention_period",
        1,
        "redshift CreateClusterMessage AutomatedSnapshotRetentionPeriod",
        "Default: 1",
    ),
    ("aws_rds_cluster", "backup_retention_period", 1, "rds CreateDBClusterMessage BackupRetentionPeriod", "Default: 1"),
    ("aws_docdb_cluster", "backup_retention_period", 1, "docdb CreateDBClusterMessage BackupRetentionPeriod", "minimum value of 1"),
    ("aws_neptune_cluster", "backup_retention_period", 1, "neptune CreateDBClusterMessage BackupRetentionPeriod", "Default: 1"),
    ("aws_rds_cluster", "delete_automated_backups", True, "rds DeleteDBClusterMessage DeleteAutomatedBackups", "default is to remove"),
    ("aws_db_instance", "delete_automated_backups", True, "rds DeleteDBInstanceMessage DeleteAutomatedBackups", "default is to remove"),
    (
        "aws_db_instance",
        "deletion_protection",
        False,
        "rds CreateDBInstanceMessage DeletionProtection",
        "By default, deletion protection isn't",
    ),
    ("aws_secretsmanager_secret", "recovery_window_in_days", 30, "secretsmanager DeleteSecretRequest RecoveryWindowInDays", "30"),
    ("aws_kms_key", "deletion_window_in_days", 30, "kms ScheduleKeyDeletionRequest PendingWindowInDays", "defaults to 30"),
]
CONSTANTS = [
    ("redshift EnableSnapshotCopyMessage RetentionPeriod", "Default: 7"),
    ("dynamodb PointInTimeRecoverySpecification RecoveryPeriodInDays", "default to 35"),
    ("dynamodb PointInTimeRecoveryDescription LatestRestorableDateTime", "typically 5 minutes"),
    ("efs CreateFileSystemRequest Backup", "if you specify an AvailabilityZoneName , the default is true"),
    ("elasticache CreateServerlessCacheRequest SnapshotRetentionLimit", "number of days"),
    ("keyspaces CreateTableRequest pointInTimeRecovery", "default is status=DISABLED"),
    ("elbv2 CreateLoadBalancerInput Subnets", "at least two Availability Zones"),
]
"""What rows of mechanisms and conditions take from an interface, and no attribute has by itself."""


def documentation(place: str) -> str:
    """Return the plain text of a member, by its service, shape and name."""
    service, shape, member = place.split()
    found = SESSION.get_service_model(service).shape_for(shape)
    assert isinstance(found, StructureShape)
    return re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", found.members[member].documentation))


@pytest.mark.parametrize(("type_", "attribute", "value", "place", "said"), SAID)
def test_a_default_is_that_of_the_service(type_: str, attribute: str, value: object, place: str, said: str) -> None:
    row = CATALOG.stores.get(type_) or CATALOG.components[type_]
    (default,) = [each for each in row.defaults if each.attribute == attribute]
    assert default.value == value
    assert re.search(said, documentation(place)), documentation(place)


@pytest.mark.parametrize(("place", "said"), CONSTANTS)
def test_a_constant_is_what_the_interface_says(place: str, said: str) -> None:
    assert re.search(said, documentation(place)), documentation(place)


NOT_LISTED = {"DSQL", "Redshift Serverless"}
"""Names that the provider's documentation of the opt-in settings has, and the interface's own list has not."""


def test_aws_backup_lists_what_it_is_said_to_take() -> None:
    listed = documentation("backup GetSupportedResourceTypesOutput ResourceTypes")
    taken = {row.aws_backup for row in CATALOG.stores.values() if row.aws_backup} - NOT_LISTED
    assert not {name for name in taken if f" {name} for " not in f" {listed}"}
    assert {row.aws_backup for row in CATALOG.stores.values()} >= NOT_LISTED
