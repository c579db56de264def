"""Answers that moto cannot give, validated by botocore's own stubber against the service models."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from drpolicy.aws.collect import collect_with
from drpolicy.aws.interface import BucketQuestion, DatabaseQuestion, LiveSettings, Observation, VeleroBucketQuestion
from drpolicy.aws.sessions import Connection, open_connection
from drpolicy.model.reasons import Reason
from drpolicy.model.resources import Resource
from drpolicy.model.spans import Span
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Unknown, Value

PRIMARY, DR, ACCOUNT = "ap-northeast-2", "ap-northeast-1", "123456789012"
AS_OF = "2026-11-23T00:00:00Z"
SOURCE = f"arn:aws:rds:{PRIMARY}:{ACCOUNT}:db:orders"
STS = {"Account": ACCOUNT, "Arn": f"arn:aws:iam::{ACCOUNT}:user/audit", "UserId": "U"}
DATED = {"HTTPHeaders": {"date": "Mon, 23 Nov 2026 01:02:03 GMT"}, "HTTPStatusCode": 200}


class Stubs:
    """A connection whose clients answer from a list."""

    def __init__(self, page_limit: int = 20) -> None:
        self.connection = open_connection(LiveSettings(PRIMARY, AS_OF, page_limit=page_limit))
        self.stubbers: list[Stubber] = []

    def answers(self, service: Any, region: str, *answers: tuple[str, dict[str, Any]]) -> Stubs:
        client: Any = boto3.client(service, region_name=region, aws_access_key_id="x", aws_secret_access_key="x")
        stubber = Stubber(client)
        for operation, answer in answers:
            if "code" in answer:
                status = answer.get("status", 400)
                stubber.add_client_error(operation, answer["code"], "text from outside", status, response_meta=answer.get("meta"))
            else:
                stubber.add_response(operation, {**answer, "ResponseMetadata": DATED})
        stubber.activate()
        self.stubbers.append(stubber)
        self.connection.clients[service, region] = client
        return self

    def collect(self, *questions: Any) -> Observation:
        connection: Connection = self.connection
        seen = collect_with(connection, questions)
        for stubber in self.stubbers:
            stubber.assert_no_pending_responses()
        return seen


@pytest.fixture
def aws() -> Stubs:
    return Stubs().answers("sts", PRIMARY, ("get_caller_identity", STS))


def known(value: Value[Any]) -> Any:
    assert isinstance(value, Known), value
    return value.value


def only(observation: Observation, type_: str) -> Resource:
    (found,) = [each for each in observation.resources if each.type == type_]
    return found


def instance(**changes: Any) -> dict[str, Any]:
    given = {
        "DBInstanceIdentifier": "orders",
        "DBInstanceArn": SOURCE,
        "DBInstanceStatus": "available",
        "BackupRetentionPeriod": 7,
        "MultiAZ": True,
        "DeletionProtection": True,
        "StorageEncrypted": False,
        "LatestRestorableTime": datetime(2026, 11, 23, 0, 55, tzinfo=UTC),
    }
    return {"DBInstances": [{**given, **changes}]}


def backup(**changes: Any) -> dict[str, Any]:
    given = {
        "DBInstanceArn": SOURCE,
        "DBInstanceIdentifier": "orders",
        "Region": PRIMARY,
        "Status": "replicating",
        "BackupRetentionPeriod": 5,
        "RestoreWindow": {
            "EarliestTime": datetime(2026, 11, 16, tzinfo=UTC),
            "LatestTime": datetime(2026, 11, 23, 0, 40, tzinfo=UTC),
        },
    }
    return {**given, **changes}


def replicated_to(region: str) -> dict[str, Any]:
    return {
        "DBInstanceAutomatedBackupsReplications": [{"DBInstanceAutomatedBackupsArn": f"arn:aws:rds:{region}:{ACCOUNT}:auto-backup:ab-1"}]
    }


def ask(span: Span, **more: Any) -> DatabaseQuestion:
    return DatabaseQuestion("orders", PRIMARY, "infra//aws_db_instance.orders", span, **more)


def test_backups_replicated_to_another_region_are_found_from_the_source(aws: Stubs, span: Span) -> None:
    other = backup(DBInstanceArn=f"arn:aws:rds:{DR}:{ACCOUNT}:db:orders", Status="active", Region=DR)
    aws.answers("rds", PRIMARY, ("describe_db_instances", instance(**replicated_to(DR))))
    aws.answers("rds", DR, ("describe_db_instance_automated_backups", {"DBInstanceAutomatedBackups": [other, backup()]}))

    seen = aws.collect(ask(span))

    copy = only(seen, "aws_db_instance_automated_backups_replication")
    assert copy.address == f"aws_db_instance_automated_backups_replication.{DR}/orders"
    assert known(copy.region) == DR
    assert known(copy.get("source_db_instance_arn")) == SOURCE
    assert known(copy.get("retention_period")) == 5
    assert isinstance(copy.get("kms_key_id"), Absent)
    here, there = seen.restore_points
    assert (here.kind, known(here.taken_at), known(here.region), known(here.completed)) == (
        "rds-point-in-time",
        "2026-11-23T00:55:00Z",
        PRIMARY,
        True,
    )
    assert (there.kind, known(there.taken_at), known(there.region)) == ("rds-replicated-backup", "2026-11-23T00:40:00Z", DR)
    assert {here.subject, there.subject} == {"infra//aws_db_instance.orders"}
    assert seen.problems == ()


def test_a_replicated_backup_that_no_longer_replicates_is_no_certain_copy(aws: Stubs, span: Span) -> None:
    aws.answers("rds", PRIMARY, ("describe_db_instances", instance()))
    aws.answers(
        "rds", DR, ("describe_db_instance_automated_backups", {"DBInstanceAutomatedBackups": [backup(Status="retained", RestoreWindow={})]})
    )

    seen = aws.collect(ask(span, copy_regions=(DR, PRIMARY)))

    copy = only(seen, "aws_db_instance_automated_backups_replication")
    assert copy.presence is Truth.UNKNOWN
    assert copy.why is not None
    assert copy.why.reason is Reason.NOT_OBSERVED
    point = seen.restore_points[1]
    assert isinstance(point.taken_at, Unknown)
    assert isinstance(point.completed, Unknown)


@pytest.mark.parametrize("answer", [{"DBInstanceAutomatedBackups": []}, {"code": "DBInstanceAutomatedBackupNotFound", "status": 404}])
def test_no_replicated_backup_is_an_answer(aws: Stubs, span: Span, answer: dict[str, Any]) -> None:
    aws.answers("rds", PRIMARY, ("describe_db_instances", instance()))
    aws.answers("rds", DR, ("describe_db_instance_automated_backups", answer))

    seen = aws.collect(ask(span, copy_regions=(DR,)))

    assert [each.type for each in seen.resources] == ["aws_db_instance"]
    assert seen.problems == ()


@pytest.mark.parametrize(
    ("code", "status", "reason", "diagnostic"),
    [
        ("AccessDenied", 403, Reason.ACCESS_DENIED, "live-access-denied"),
        ("403", 403, Reason.ACCESS_DENIED, "live-access-denied"),
        ("Throttling", 400, Reason.THROTTLED, "live-throttled"),
        ("OptInRequired", 403, Reason.REGION_DISABLED, "live-region-disabled"),
        ("InternalFailure", 500, Reason.NOT_OBSERVED, "live-not-observed"),
    ],
)
def test_a_copy_region_that_does_not_answer_is_unknown(
    aws: Stubs, span: Span, code: str, status: int, reason: Reason, diagnostic: str
) -> None:
    aws.answers("rds", PRIMARY, ("describe_db_instances", instance(**replicated_to(DR))))
    aws.answers("rds", DR, ("describe_db_instance_automated_backups", {"code": code, "status": status}))

    seen = aws.collect(ask(span))

    copy = only(seen, "aws_db_instance_automated_backups_replication")
    assert copy.presence is Truth.UNKNOWN
    value = copy.get("retention_period")
    assert isinstance(value, Unknown)
    assert value.reason is reason
    point = seen.restore_points[1]
    assert (point.kind, point.name) == ("rds-replicated-backup", "*")
    (problem,) = seen.problems
    assert (problem.code, problem.effect, problem.level) == (diagnostic, "incomplete", "error")
    assert "describe-db-instance-automated-backups --db-instance-identifier orders --region ap-northeast-1" in problem.message
    assert "text from outside" not in problem.message


def test_replicas_are_asked_where_they_are(aws: Stubs, span: Span) -> None:
    replica = f"arn:aws:rds:{DR}:{ACCOUNT}:db:orders-dr"
    aws.answers("rds", PRIMARY, ("describe_db_instances", instance(ReadReplicaDBInstanceIdentifiers=[replica])))
    aws.answers(
        "rds",
        DR,
        (
            "describe_db_instances",
            instance(
                DBInstanceIdentifier="orders-dr",
                DBInstanceArn=replica,
                BackupRetentionPeriod=0,
                ReadReplicaSourceDBInstanceIdentifier=SOURCE,
            ),
        ),
    )

    seen = aws.collect(ask(span))

    source, copy = seen.resources
    assert isinstance(source.get("replicate_source_db"), Absent)
    assert known(copy.get("replicate_source_db")) == SOURCE
    assert known(copy.region) == DR
    assert copy.address == f"aws_db_instance.{DR}/orders-dr"
    assert len(seen.restore_points) == 1
    assert seen.pairs == (("infra//aws_db_instance.orders", f"live:{ACCOUNT}//aws_db_instance.{PRIMARY}/orders"),)


def test_a_field_that_rds_did_not_answer_is_unknown(aws: Stubs, span: Span) -> None:
    answer = instance()
    del answer["DBInstances"][0]["BackupRetentionPeriod"]
    aws.answers("rds", PRIMARY, ("describe_db_instances", answer))

    seen = aws.collect(ask(span))

    assert isinstance(only(seen, "aws_db_instance").get("backup_retention_period"), Unknown)
    assert seen.restore_points == ()


@pytest.mark.parametrize(("account", "certain"), [(ACCOUNT, Truth.TRUE), (None, Truth.UNKNOWN)])
def test_an_instance_is_contradicted_only_by_its_own_account(aws: Stubs, span: Span, account: str | None, certain: Truth) -> None:
    aws.answers("rds", PRIMARY, ("describe_db_instances", {"code": "DBInstanceNotFound", "status": 404}))

    seen = aws.collect(ask(span, account=account))

    (fact,) = seen.missing
    assert (fact.key, fact.certain) == ("infra//aws_db_instance.orders", certain)
    assert [each.presence for each in seen.resources] == ([] if account else [Truth.UNKNOWN])
    (problem,) = seen.problems
    assert problem.code == "live-resource-missing"
    assert problem.message.endswith("is not known") is (account is None)


def test_an_instance_of_another_account_is_not_asked_for(aws: Stubs, span: Span) -> None:
    seen = aws.collect(ask(span, account="999999999999"))

    (resource,) = seen.resources
    assert resource.presence is Truth.UNKNOWN
    value = resource.get("backup_retention_period")
    assert isinstance(value, Unknown)
    assert value.reason is Reason.NOT_OBSERVED
    assert seen.missing == ()
    assert [each.name for each in seen.restore_points] == ["*"]


def test_the_time_of_an_answer_is_its_date_header(aws: Stubs, span: Span) -> None:
    aws.answers("rds", PRIMARY, ("describe_db_instances", instance()))

    origin: Any = only(aws.collect(ask(span)), "aws_db_instance").get("multi_az").origin

    assert origin.at == "2026-11-23T01:02:03Z"
    assert origin.call == "aws rds describe-db-instances --db-instance-identifier orders --region ap-northeast-2"


def test_a_bucket_of_another_account_has_no_known_account(aws: Stubs, span: Span) -> None:
    aws.answers(
        "s3",
        PRIMARY,
        ("head_bucket", {"code": "403", "status": 403}),
        ("head_bucket", {"BucketRegion": PRIMARY}),
        ("get_bucket_versioning", {"Status": "Suspended"}),
        ("get_bucket_replication", {"code": "ReplicationConfigurationNotFoundError", "status": 404}),
    )

    seen = aws.collect(BucketQuestion("shared", PRIMARY, "k", span))

    found = only(seen, "aws_s3_bucket")
    assert isinstance(found.account, Unknown)
    assert known(found.region) == PRIMARY
    assert known(only(seen, "aws_s3_bucket_versioning").get("versioning_configuration", 0, "status")) == "Suspended"
    assert seen.problems == ()


def test_a_bucket_that_refuses_still_tells_its_region(aws: Stubs, span: Span) -> None:
    refused = {"code": "403", "status": 403, "meta": {"HTTPHeaders": {"x-amz-bucket-region": DR}}}
    denied = {"code": "AccessDenied", "status": 403}
    aws.answers("s3", PRIMARY, ("head_bucket", refused), ("head_bucket", refused))
    aws.answers("s3", DR, ("get_bucket_versioning", denied), ("get_bucket_replication", denied))

    seen = aws.collect(BucketQuestion("shared", PRIMARY, "k", span))

    found = only(seen, "aws_s3_bucket")
    assert known(found.region) == DR
    assert found.presence is Truth.UNKNOWN
    assert len(seen.problems) == 3


@pytest.mark.parametrize(
    ("answer", "region"), [({}, "us-east-1"), ({"LocationConstraint": "EU"}, "eu-west-1"), ({"LocationConstraint": DR}, DR)]
)
def test_the_location_decides_when_the_head_says_nothing(aws: Stubs, span: Span, answer: dict[str, str], region: str) -> None:
    aws.answers("s3", PRIMARY, ("head_bucket", {}), ("get_bucket_location", answer))
    aws.answers(
        "s3",
        region,
        ("get_bucket_versioning", {"Status": "Enabled"}),
        ("get_bucket_replication", {"code": "ReplicationConfigurationNotFoundError", "status": 404}),
    )

    assert known(only(aws.collect(BucketQuestion("old", PRIMARY, "k", span)), "aws_s3_bucket").region) == region


def test_every_setting_of_a_replication_rule_has_its_terraform_name(aws: Stubs, span: Span) -> None:
    rule = {
        "ID": "dr",
        "Priority": 2,
        "Status": "Disabled",
        "Filter": {"And": {"Prefix": "backups/", "Tags": [{"Key": "tier", "Value": "1"}]}},
        "SourceSelectionCriteria": {"SseKmsEncryptedObjects": {"Status": "Enabled"}},
        "DeleteMarkerReplication": {"Status": "Enabled"},
        "Destination": {
            "Bucket": "arn:aws:s3:::old",
            "Account": "999999999999",
            "StorageClass": "STANDARD_IA",
            "AccessControlTranslation": {"Owner": "Destination"},
            "EncryptionConfiguration": {"ReplicaKmsKeyID": "arn:aws:kms:x"},
        },
    }
    encrypted = {
        "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "arn:aws:kms:y"},
        "BucketKeyEnabled": True,
    }
    aws.answers(
        "s3",
        PRIMARY,
        ("head_bucket", {"BucketRegion": PRIMARY}),
        ("get_bucket_versioning", {"Status": "Enabled"}),
        ("get_bucket_replication", {"ReplicationConfiguration": {"Role": "arn:aws:iam::1:role/r", "Rules": [rule]}}),
        ("get_bucket_encryption", {"ServerSideEncryptionConfiguration": {"Rules": [encrypted]}}),
    )

    seen = aws.collect(BucketQuestion("old", PRIMARY, "k", span))
    resource = only(seen, "aws_s3_bucket_replication_configuration")
    default = only(seen, "aws_s3_bucket_server_side_encryption_configuration").get("rule", 0, "apply_server_side_encryption_by_default", 0)
    assert known(known(default).fields["sse_algorithm"]) == "aws:kms"
    assert isinstance(only(seen, "aws_s3_bucket").get("server_side_encryption_configuration"), Absent)

    def read(*path: str | int) -> Any:
        return known(resource.get("rule", 0, *path))

    assert (read("priority"), read("status")) == (2, "Disabled")
    assert read("filter", 0, "and", 0, "prefix") == "backups/"
    assert known(read("filter", 0, "and", 0, "tags").fields["tier"]) == "1"
    assert read("source_selection_criteria", 0, "sse_kms_encrypted_objects", 0, "status") == "Enabled"
    assert read("delete_marker_replication", 0, "status") == "Enabled"
    assert read("destination", 0, "account") == "999999999999"
    assert read("destination", 0, "storage_class") == "STANDARD_IA"
    assert read("destination", 0, "access_control_translation", 0, "owner") == "Destination"
    assert read("destination", 0, "encryption_configuration", 0, "replica_kms_key_id") == "arn:aws:kms:x"
    assert isinstance(resource.get("rule", 0, "destination", 0, "replication_time"), Absent)
    assert known(resource.get("role")) == "arn:aws:iam::1:role/r"


def test_an_encryption_that_may_not_be_asked_is_unknown_and_no_default(aws: Stubs, span: Span) -> None:
    rule = {"ID": "dr", "Status": "Enabled", "Destination": {"Bucket": "arn:aws:s3:::old"}}
    aws.answers(
        "s3",
        PRIMARY,
        ("head_bucket", {"BucketRegion": PRIMARY}),
        ("get_bucket_versioning", {"Status": "Enabled"}),
        ("get_bucket_replication", {"ReplicationConfiguration": {"Role": "arn:aws:iam::1:role/r", "Rules": [rule]}}),
        ("get_bucket_encryption", {"code": "AccessDenied", "status": 403}),
    )

    seen = aws.collect(BucketQuestion("old", PRIMARY, "k", span))

    rules = only(seen, "aws_s3_bucket_server_side_encryption_configuration").get("rule")
    assert isinstance(rules, Unknown)
    assert rules.reason is Reason.ACCESS_DENIED
    assert [each.message.rsplit(" ", 1)[1] for each in seen.problems] == ["s3:GetEncryptionConfiguration"]


def test_a_denied_identity_leaves_the_account_unknown_and_the_rest_answered(span: Span) -> None:
    aws = Stubs().answers("sts", PRIMARY, ("get_caller_identity", {"code": "AccessDenied", "status": 403}))
    aws.answers("rds", PRIMARY, ("describe_db_instances", instance()))

    seen = aws.collect(ask(span))

    resource = only(seen, "aws_db_instance")
    assert resource.deployment == "live:unknown"
    assert isinstance(resource.account, Unknown)
    assert known(resource.get("backup_retention_period")) == 7
    (problem,) = seen.problems
    assert problem.message == (
        "aws sts get-caller-identity --region ap-northeast-2 was denied (HTTP 403 AccessDenied)"
        "; it needs the IAM action sts:GetCallerIdentity"
    )


def test_a_listing_with_more_pages_than_are_read_is_truncated(span: Span) -> None:
    aws = Stubs(page_limit=2).answers("sts", PRIMARY, ("get_caller_identity", STS))
    page = {"IsTruncated": True, "NextContinuationToken": "more"}
    aws.answers(
        "s3",
        PRIMARY,
        ("head_bucket", {"BucketRegion": PRIMARY}),
        ("list_objects_v2", {**page, "CommonPrefixes": [{"Prefix": "backups/daily/"}]}),
        ("list_objects_v2", page),
        ("get_object", {"code": "NoSuchKey", "status": 404}),
        ("list_objects_v2", {"IsTruncated": False}),
    )

    seen = aws.collect(VeleroBucketQuestion("velero", "", PRIMARY, "location", span))

    assert [each.name for each in seen.restore_points] == ["daily", "*"]
    rest = seen.restore_points[1].completed
    assert isinstance(rest, Unknown)
    assert rest.reason is Reason.TRUNCATED
    assert seen.restore_tests == ()
    (problem,) = seen.problems
    assert (problem.code, problem.effect) == ("live-truncated", "incomplete")
    assert problem.message == (
        "aws s3api list-objects-v2 --bucket velero --prefix backups/ --delimiter / --region ap-northeast-2"
        " has more pages than are read (2 read)"
    )


def test_a_listing_that_breaks_off_keeps_what_was_read(aws: Stubs, span: Span) -> None:
    aws.answers(
        "s3",
        PRIMARY,
        ("head_bucket", {"BucketRegion": PRIMARY}),
        ("list_objects_v2", {}),
        ("list_objects_v2", {"IsTruncated": True, "NextContinuationToken": "more"}),
        ("list_objects_v2", {"code": "SlowDown", "status": 503}),
    )

    seen = aws.collect(VeleroBucketQuestion("velero", "", PRIMARY, "location", span))

    assert seen.restore_points == ()
    (rest,) = seen.restore_tests
    assert rest.name == "*"
    assert isinstance(rest.passed, Unknown)
    assert rest.passed.reason is Reason.THROTTLED
