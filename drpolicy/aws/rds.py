"""RDS instances: their backups, standby, latest restorable time, replicas and replicated backups.

Calls and fields: Amazon RDS API Reference, DescribeDBInstances, DescribeDBInstanceAutomatedBackups, 2026-11.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from drpolicy.aws.errors import Failure, NotThere
from drpolicy.aws.interface import DatabaseQuestion, MissingFact
from drpolicy.aws.points import remainder, restore_point
from drpolicy.aws.replies import Reply
from drpolicy.aws.sessions import Answer, Caller, Connection, iso
from drpolicy.aws.shapes import Shape, declared, live_resource, observed, plain, reshaped, unanswered, unread
from drpolicy.model.patterns import deferred
from drpolicy.model.provenance import Observed
from drpolicy.model.resources import Resource
from drpolicy.model.truth import Truth
from drpolicy.model.values import Known, Unknown, Value

_INSTANCE: Final[Shape] = {
    "DBInstanceIdentifier": ("identifier", plain),
    "DBInstanceArn": ("arn", plain),
    "Engine": ("engine", plain),
    "AvailabilityZone": ("availability_zone", plain),
    "BackupRetentionPeriod": ("backup_retention_period", plain),
    "MultiAZ": ("multi_az", plain),
    "DeletionProtection": ("deletion_protection", plain),
    "ReadReplicaSourceDBInstanceIdentifier": ("replicate_source_db", plain),
    "StorageEncrypted": ("storage_encrypted", plain),
    "KmsKeyId": ("kms_key_id", plain),
}
_MAY_BE_ABSENT: Final = frozenset({"replicate_source_db", "kms_key_id"})
"""Fields that RDS leaves out when there is nothing to say. Any other that is missing was not answered."""

_ANSWERED: Final = tuple(name for name, _ in _INSTANCE.values() if name != "identifier")
_ARN: Final = deferred(r"arn:[a-z0-9-]+:rds:([a-z0-9-]+):([0-9]*):(db|auto-backup):([A-Za-z0-9-]{1,255})")
_TYPE: Final = "aws_db_instance"
_COPY_TYPE: Final = "aws_db_instance_automated_backups_replication"


def ask_database(connection: Connection, caller: Caller, question: DatabaseQuestion) -> Reply:
    """Return the instance as ``aws_db_instance``, with its latest restorable time.

    Backups that RDS replicates to another region are the resource that Terraform has for them; replicas come back as questions.
    An instance declared in another account than the caller's is not asked for: its absence here would mean nothing.
    """
    if question.account is not None and caller.number is not None and question.account != caller.number:
        return _elsewhere(caller, question)
    outcome = connection.ask("rds", "describe_db_instances", question.region, DBInstanceIdentifier=question.identifier)
    match outcome:
        case Answer(body, origin) if body.get("DBInstances"):
            return _found(connection, caller, question, body["DBInstances"][0], origin)
        case Answer(_, origin) | NotThere(origin):
            return _not_there(caller, question, origin)
        case Failure():
            why = outcome.unknown(_key(caller, question))
            resource = _unconfirmed(caller, question, why, unanswered(_key(caller, question), _ANSWERED, outcome))
            return Reply(
                (resource,),
                (remainder("rds-point-in-time", question.key or resource.key, why, question.span),),
                problems=(outcome.diagnostic(question.span),),
                pairs=_pair(question, resource),
            )


def _found(connection: Connection, caller: Caller, question: DatabaseQuestion, instance: Mapping[str, Any], origin: Observed) -> Reply:
    attributes = {
        name: observed(value, origin)
        for name, value in reshaped(instance, _INSTANCE).items()
        if value is not None or name in _MAY_BE_ABSENT
    }
    resource = _resource(caller, question, attributes, Known(question.region, origin))
    subject = question.key or resource.key
    points = []
    # RDS may give a time although backups are off; then it means nothing.
    retention = instance.get("BackupRetentionPeriod")
    if isinstance(retention, int) and retention > 0:
        points.append(
            restore_point(
                "rds-point-in-time",
                subject,
                question.identifier,
                question.span,
                origin,
                region=Known(question.region, origin),
                taken_at=_moment(instance.get("LatestRestorableTime"), f"{subject}.latest_restorable_time", origin),
                phase=observed(plain(instance.get("DBInstanceStatus")), origin),
            )
        )
    copies = [_copies(connection, caller, question, instance, region, subject) for region in _copy_regions(question, instance)]
    return Reply(
        (resource, *(each for copy in copies for each in copy.resources)),
        (*points, *(each for copy in copies for each in copy.restore_points)),
        problems=tuple(each for copy in copies for each in copy.problems),
        pairs=_pair(question, resource),
        follow=tuple(_replicas(question, instance)),
    )


def _not_there(caller: Caller, question: DatabaseQuestion, origin: Observed) -> Reply:
    certain = Truth.TRUE if question.account is not None and question.account == caller.number else Truth.UNKNOWN
    missing = MissingFact(question.key, _TYPE, question.identifier, origin, question.span, certain)
    if certain is Truth.TRUE:
        return Reply(missing=(missing,))
    account = f"account {caller.number}" if caller.number else "the account asked, which could not be named,"
    why = unread(_key(caller, question), "*", f"{account} has no such instance; it may be declared in another account")
    return Reply((_unconfirmed(caller, question, why, {}),), missing=(missing,))


def _elsewhere(caller: Caller, question: DatabaseQuestion) -> Reply:
    why = unread(_key(caller, question), "*", f"it is declared in account {question.account}, and account {caller.number} was asked")
    resource = _unconfirmed(caller, question, why, {})
    return Reply(
        (resource,), (remainder("rds-point-in-time", question.key or resource.key, why, question.span),), pairs=_pair(question, resource)
    )


def _copies(
    connection: Connection, caller: Caller, question: DatabaseQuestion, instance: Mapping[str, Any], region: str, subject: str
) -> Reply:
    """Return the automated backups of an instance that RDS keeps in another region."""
    source = str(instance.get("DBInstanceArn", ""))
    address = f"{region}/{question.identifier}"
    outcome = connection.ask("rds", "describe_db_instance_automated_backups", region, DBInstanceIdentifier=question.identifier)
    match outcome:
        case NotThere():
            return Reply()
        case Failure():
            why = outcome.unknown(f"{caller.deployment}//{_COPY_TYPE}.{address}")
            attributes: dict[str, Value[Any]] = {"source_db_instance_arn": declared(source, question.span)}
            resource = live_resource(
                caller.deployment,
                _COPY_TYPE,
                question.identifier,
                address,
                attributes,
                declared(region, question.span),
                caller.account,
                question.span,
                why,
            )
            point = remainder("rds-replicated-backup", subject, why, question.span)
            return Reply((resource,), (point,), problems=(outcome.diagnostic(question.span),))
        case Answer(body, origin):
            # The region may hold another instance of the same name, with backups of its own.
            ours = [each for each in body.get("DBInstanceAutomatedBackups", ()) if each.get("DBInstanceArn") == source]
            replies = [_copy(caller, question, each, region, address, subject, origin) for each in ours[:1]]
            return replies[0] if replies else Reply()


def _copy(
    caller: Caller, question: DatabaseQuestion, backup: Mapping[str, Any], region: str, address: str, subject: str, origin: Observed
) -> Reply:
    status = str(backup.get("Status", "not given"))
    key = f"{caller.deployment}//{_COPY_TYPE}.{address}"
    # "replicating" is the only state in which new backups arrive; "retained" is what is left after the end.
    why = None if status == "replicating" else unread(key, "*", f"the replicated backup's status is {status[:40]}")
    attributes = {
        "source_db_instance_arn": observed(plain(backup.get("DBInstanceArn")), origin),
        "retention_period": observed(plain(backup.get("BackupRetentionPeriod")), origin),
        "kms_key_id": observed(plain(backup.get("KmsKeyId")), origin),
    }
    here: Value[str] = Known(region, origin)
    resource = live_resource(
        caller.deployment, _COPY_TYPE, question.identifier, address, attributes, here, caller.account, question.span, why
    )
    window = backup.get("RestoreWindow") or {}
    point = restore_point(
        "rds-replicated-backup",
        subject,
        address,
        question.span,
        origin,
        region=here,
        taken_at=_moment(window.get("LatestTime"), f"{key}.latest_restorable_time", origin),
        phase=observed(status, origin),
    )
    return Reply((resource,), (point,))


def _copy_regions(question: DatabaseQuestion, instance: Mapping[str, Any]) -> tuple[str, ...]:
    named = (str(each.get("DBInstanceAutomatedBackupsArn", "")) for each in instance.get("DBInstanceAutomatedBackupsReplications", ()))
    found = [match[1] for arn in named if (match := _ARN.fullmatch(arn)) is not None]
    return tuple(region for region in dict.fromkeys((*question.copy_regions, *found)) if region != question.region)


def _replicas(question: DatabaseQuestion, instance: Mapping[str, Any]) -> Iterator[DatabaseQuestion]:
    # A replica in the same region is given by its identifier, one in another region by its ARN.
    for name in instance.get("ReadReplicaDBInstanceIdentifiers", ()):
        match = _ARN.fullmatch(str(name))
        if match is not None:
            yield DatabaseQuestion(match[4], match[1], "", question.span, match[2] or question.account)
        else:
            yield DatabaseQuestion(str(name), question.region, "", question.span, question.account)


def _moment(value: object, symbol: str, origin: Observed) -> Value[str]:
    if isinstance(value, datetime):
        return Known(iso(value), origin)
    return unread(symbol, "at", f"{origin.call} at {origin.at} gives no latest restorable time")


def _key(caller: Caller, question: DatabaseQuestion) -> str:
    return f"{caller.deployment}//{_TYPE}.{question.region}/{question.identifier}"


def _pair(question: DatabaseQuestion, resource: Resource) -> tuple[tuple[str, str], ...]:
    return ((question.key, resource.key),) if question.key else ()


def _unconfirmed(caller: Caller, question: DatabaseQuestion, why: Unknown, attributes: Mapping[str, Value[Any]]) -> Resource:
    given = {"identifier": declared(question.identifier, question.span), **attributes}
    return _resource(caller, question, given, declared(question.region, question.span), why)


def _resource(
    caller: Caller, question: DatabaseQuestion, attributes: Mapping[str, Value[Any]], region: Value[str], why: Unknown | None = None
) -> Resource:
    # Identifiers are unique in a region only.
    label = f"{question.region}/{question.identifier}"
    return live_resource(caller.deployment, _TYPE, question.identifier, label, attributes, region, caller.account, question.span, why)
