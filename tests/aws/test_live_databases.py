from __future__ import annotations

from collections.abc import Callable
from typing import Any

from drpolicy.aws.collect import collect
from drpolicy.aws.interface import Credentials, DatabaseQuestion, LiveSettings
from drpolicy.model.reasons import Reason
from drpolicy.model.records import replace
from drpolicy.model.spans import Span
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Unknown, Value

PRIMARY, DR, ACCOUNT = "ap-northeast-2", "ap-northeast-1", "123456789012"


def database(client: Callable[..., Any], name: str, **settings: Any) -> None:
    client("rds").create_db_instance(
        DBInstanceIdentifier=name,
        DBInstanceClass="db.r6g.large",
        Engine="postgres",
        AllocatedStorage=20,
        MasterUsername="u",
        MasterUserPassword="passpass1",
        **settings,
    )


def known(value: Value[Any]) -> Any:
    assert isinstance(value, Known), value
    return value.value


def test_an_instance_has_the_attributes_of_terraform(client: Callable[..., Any], settings: LiveSettings, span: Span) -> None:
    database(client, "primary-db", BackupRetentionPeriod=7, MultiAZ=True, StorageEncrypted=True, DeletionProtection=False)

    seen = collect([DatabaseQuestion("primary-db", PRIMARY, "infra//aws_db_instance.primary", span)], settings)

    (found,) = seen.resources
    assert found.key == f"live:{ACCOUNT}//aws_db_instance.{PRIMARY}/primary-db"
    assert (found.type, found.name, found.channel, found.span) == ("aws_db_instance", "primary-db", "live", span)
    assert known(found.get("identifier")) == "primary-db"
    assert known(found.get("arn")) == f"arn:aws:rds:{PRIMARY}:{ACCOUNT}:db:primary-db"
    assert known(found.get("backup_retention_period")) == 7
    assert known(found.get("multi_az")) is True
    assert known(found.get("deletion_protection")) is False
    assert known(found.get("storage_encrypted")) is True
    assert isinstance(found.get("replicate_source_db"), Absent)
    assert isinstance(found.get("skip_final_snapshot"), Unknown)
    (point,) = seen.restore_points
    assert (point.kind, point.subject, point.name) == ("rds-point-in-time", "infra//aws_db_instance.primary", "primary-db")
    assert known(point.taken_at).startswith("20")
    assert known(point.completed) is True
    assert seen.problems == ()


def test_a_restorable_time_without_retention_means_nothing(client: Callable[..., Any], settings: LiveSettings, span: Span) -> None:
    database(client, "no-backup", BackupRetentionPeriod=0)

    seen = collect([DatabaseQuestion("no-backup", PRIMARY, "k", span)], settings)

    assert known(seen.resources[0].get("backup_retention_period")) == 0
    assert seen.restore_points == ()


def test_a_replica_in_another_region_is_followed(client: Callable[..., Any], settings: LiveSettings, span: Span) -> None:
    database(client, "leader", BackupRetentionPeriod=7)
    client("rds", DR).create_db_instance_read_replica(
        DBInstanceIdentifier="follower",
        DBInstanceClass="db.r6g.large",
        SourceDBInstanceIdentifier=f"arn:aws:rds:{PRIMARY}:{ACCOUNT}:db:leader",
        SourceRegion=PRIMARY,
    )

    seen = collect([DatabaseQuestion("leader", PRIMARY, "k", span, copy_regions=(DR,))], settings)

    follower = next(each for each in seen.resources if each.name == "follower")
    assert known(follower.region) == DR
    assert known(follower.get("replicate_source_db")) == f"arn:aws:rds:{PRIMARY}:{ACCOUNT}:db:leader"
    assert seen.problems == ()


def test_an_instance_that_is_not_there_contradicts_the_declaration(settings: LiveSettings, span: Span) -> None:
    seen = collect([DatabaseQuestion("nowhere", PRIMARY, "infra//aws_db_instance.x", span, ACCOUNT)], settings)

    assert not (seen.resources or seen.restore_points)
    (fact,) = seen.missing
    assert (fact.key, fact.type, fact.certain) == ("infra//aws_db_instance.x", "aws_db_instance", Truth.TRUE)
    (problem,) = seen.problems
    assert (problem.code, problem.effect) == ("live-resource-missing", "none")


def test_a_denied_instance_is_unknown_in_all_its_attributes(
    client: Callable[..., Any], settings: LiveSettings, span: Span, enforce_permissions: Callable[[], None]
) -> None:
    database(client, "denied-db", BackupRetentionPeriod=7)
    client("iam").create_user(UserName="no-rds")
    key = client("iam").create_access_key(UserName="no-rds")["AccessKey"]
    enforce_permissions()

    caller = replace(settings, credentials=Credentials(key["AccessKeyId"], key["SecretAccessKey"]))
    seen = collect([DatabaseQuestion("denied-db", PRIMARY, "k", span)], caller)

    (found,) = seen.resources
    assert found.presence is Truth.UNKNOWN
    assert known(found.get("identifier")) == "denied-db"
    for name in ("backup_retention_period", "multi_az", "deletion_protection", "replicate_source_db", "skip_final_snapshot"):
        value = found.get(name)
        assert isinstance(value, Unknown)
        assert value.reason is Reason.ACCESS_DENIED
    (point,) = seen.restore_points
    assert point.name == "*"
    assert isinstance(point.taken_at, Unknown)
    (problem,) = seen.problems
    assert (problem.level, problem.code, problem.effect) == ("error", "live-access-denied", "incomplete")
    assert problem.message == (
        "aws rds describe-db-instances --db-instance-identifier denied-db --region ap-northeast-2"
        " was denied (HTTP 403 AccessDenied); it needs the IAM action rds:DescribeDBInstances"
    )
