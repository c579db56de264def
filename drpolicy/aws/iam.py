"""The calls that live confirmation makes, each with the IAM action it needs. All of them only read.

Actions: AWS Service Authorization Reference, Amazon S3, Amazon RDS and AWS STS pages, 2026-11.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from drpolicy.model.records import dataclass


@dataclass(frozen=True, slots=True)
class Permission:
    """One IAM action and what it is for. ``resource`` is an ARN with the question's own names in braces."""

    action: str
    resource: str
    purpose: str


CALLS: Final[Mapping[str, Permission]] = MappingProxyType(
    {
        "sts.get_caller_identity": Permission("sts:GetCallerIdentity", "*", "names the account in the report; AWS always allows it"),
        "s3.head_bucket": Permission("s3:ListBucket", "arn:{partition}:s3:::{bucket}", "the bucket exists, and its region"),
        "s3.get_bucket_location": Permission("s3:GetBucketLocation", "arn:{partition}:s3:::{bucket}", "the bucket's region"),
        "s3.get_bucket_versioning": Permission("s3:GetBucketVersioning", "arn:{partition}:s3:::{bucket}", "history beside the data"),
        "s3.get_bucket_replication": Permission("s3:GetReplicationConfiguration", "arn:{partition}:s3:::{bucket}", "copies elsewhere"),
        "s3.get_bucket_encryption": Permission(
            "s3:GetEncryptionConfiguration", "arn:{partition}:s3:::{bucket}", "whether a replication rule reaches what is encrypted"
        ),
        "s3.list_objects_v2": Permission("s3:ListBucket", "arn:{partition}:s3:::{bucket}", "names of Velero's backups and restores"),
        "s3.get_object": Permission(
            "s3:GetObject",
            "arn:{partition}:s3:::{bucket}/{key}",
            "Velero's own records: backups/*/velero-backup.json and restores/*/restore-*-results.gz, no application data",
        ),
        "rds.describe_db_instances": Permission(
            "rds:DescribeDBInstances", "arn:{partition}:rds:{region}:{account}:db:{identifier}", "backups, standby, latest restorable time"
        ),
        "rds.describe_db_instance_automated_backups": Permission(
            "rds:DescribeDBInstanceAutomatedBackups",
            "arn:{partition}:rds:{region}:{account}:auto-backup:*",
            "automated backups replicated to another region",
        ),
    }
)
"""``service.operation`` → permission. A call that is not in this table cannot be made: the session looks it up first."""

DECRYPTION: Final = Permission("kms:Decrypt", "{key}", "only where Velero's bucket is encrypted with a KMS key of its own")


def required_actions() -> tuple[str, ...]:
    """Return every IAM action that is needed, sorted; ``kms:Decrypt`` (DECRYPTION) is on top where a bucket has its own key."""
    return tuple(sorted({permission.action for permission in CALLS.values()}))
