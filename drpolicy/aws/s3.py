"""Buckets: where they are, whether they keep versions, where they replicate to, and under which key.

Calls and fields: Amazon S3 API Reference, HeadBucket, GetBucketLocation, GetBucketVersioning, GetBucketReplication,
GetBucketEncryption, 2026-11.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from drpolicy.aws.errors import Failure, NotThere
from drpolicy.aws.interface import BucketQuestion, MissingFact
from drpolicy.aws.replies import Reply
from drpolicy.aws.sessions import Answer, Caller, Connection, Outcome, region_name
from drpolicy.aws.shapes import Shape, block, declared, live_resource, observed, plain, reshaped, unanswered, unread
from drpolicy.model.patterns import deferred
from drpolicy.model.provenance import Observed
from drpolicy.model.records import dataclass
from drpolicy.model.resources import Resource
from drpolicy.model.spans import Span
from drpolicy.model.values import Absent, Known, Unknown, Value

_BUCKET_ARN = deferred(r"arn:[a-z0-9-]+:s3:::([a-zA-Z0-9._-]{3,255})")
_OLD_NAMES: Final = {"EU": "eu-west-1"}
"""GetBucketLocation answers null for us-east-1 and may answer EU for eu-west-1 (Amazon S3 API Reference, 2026-11)."""


def _tags(value: Any) -> Any:
    return {str(tag.get("Key")): str(tag.get("Value", "")) for tag in value} if isinstance(value, list) else None


_STATUS: Final[Shape] = {"Status": ("status", plain)}
_MINUTES: Final[Shape] = {"Minutes": ("minutes", plain)}
_RULE: Final[Shape] = {
    "ID": ("id", plain),
    "Priority": ("priority", plain),
    "Status": ("status", plain),
    "Prefix": ("prefix", plain),
    "Filter": (
        "filter",
        block(
            {
                "Prefix": ("prefix", plain),
                "Tag": ("tag", block({"Key": ("key", plain), "Value": ("value", plain)})),
                "And": ("and", block({"Prefix": ("prefix", plain), "Tags": ("tags", _tags)})),
            }
        ),
    ),
    "DeleteMarkerReplication": ("delete_marker_replication", block(_STATUS)),
    "ExistingObjectReplication": ("existing_object_replication", block(_STATUS)),
    "SourceSelectionCriteria": (
        "source_selection_criteria",
        block(
            {
                "SseKmsEncryptedObjects": ("sse_kms_encrypted_objects", block(_STATUS)),
                "ReplicaModifications": ("replica_modifications", block(_STATUS)),
            }
        ),
    ),
    "Destination": (
        "destination",
        block(
            {
                "Bucket": ("bucket", plain),
                "Account": ("account", plain),
                "StorageClass": ("storage_class", plain),
                "AccessControlTranslation": ("access_control_translation", block({"Owner": ("owner", plain)})),
                "EncryptionConfiguration": ("encryption_configuration", block({"ReplicaKmsKeyID": ("replica_kms_key_id", plain)})),
                "ReplicationTime": ("replication_time", block({"Status": ("status", plain), "Time": ("time", block(_MINUTES))})),
                "Metrics": ("metrics", block({"Status": ("status", plain), "EventThreshold": ("event_threshold", block(_MINUTES))})),
            }
        ),
    ),
}
_ENCRYPTION: Final[Shape] = {
    "ApplyServerSideEncryptionByDefault": (
        "apply_server_side_encryption_by_default",
        block({"SSEAlgorithm": ("sse_algorithm", plain), "KMSMasterKeyID": ("kms_master_key_id", plain)}),
    ),
    "BucketKeyEnabled": ("bucket_key_enabled", plain),
}


@dataclass(frozen=True, slots=True)
class Place:
    """A bucket found, or not. ``asked_in`` is the region whose endpoint further calls go to."""

    outcome: Outcome
    region: Value[str]
    account: Value[str]
    asked_in: str


def locate(connection: Connection, caller: Caller, bucket: str, hint: str | None, key: str) -> Place:
    """Find a bucket's region and whose it is. S3 tells the region of a bucket even to those it lets in no further.

    Unknowns are named after ``key``. The account is known only when S3 confirms that the caller's own account is the owner.
    """
    first = hint or connection.settings.region
    account: Value[str] = caller.account
    if caller.number is None:
        outcome = connection.ask("s3", "head_bucket", first, Bucket=bucket)
    else:
        outcome = connection.ask("s3", "head_bucket", first, Bucket=bucket, ExpectedBucketOwner=caller.number)
        if isinstance(outcome, Failure) and outcome.kind == "denied":
            account = unread(key, "account", f"S3 does not confirm that account {caller.number} owns the bucket")
            outcome = connection.ask("s3", "head_bucket", first, Bucket=bucket)
    region = _region(connection, outcome, bucket, first, key)
    return Place(outcome, region, account, region.value if isinstance(region, Known) else first)


def _region(connection: Connection, outcome: Outcome, bucket: str, first: str, key: str) -> Value[str]:
    match outcome:
        case Answer(body, origin):
            headers = body.get("ResponseMetadata", {}).get("HTTPHeaders", {})
            found = region_name(body.get("BucketRegion")) or region_name(headers.get("x-amz-bucket-region"))
            if found is not None:
                return Known(found, origin)
        case NotThere(origin):
            return Absent(origin)
        case Failure(bucket_region=found) if found:
            return Known(found, Observed(outcome.call, outcome.at))
        case Failure(kind="denied"):
            pass
        case Failure():
            return outcome.unknown(f"{key}.region")
    location = connection.ask("s3", "get_bucket_location", first, Bucket=bucket)
    match location:
        case Answer(body, origin):
            text = body.get("LocationConstraint") or "us-east-1"
            known = region_name(_OLD_NAMES.get(text, text))
            return Known(known, origin) if known else unread(key, "region", "the location is not a region's name")
        case NotThere(origin):
            return Absent(origin)
        case Failure():
            return location.unknown(f"{key}.region")


def ask_bucket(connection: Connection, caller: Caller, question: BucketQuestion) -> Reply:
    """Return the bucket as ``aws_s3_bucket``, with its versioning and replication as the resources Terraform has for them.

    How it encrypts is asked only of a bucket that replicates, which may leave out what is under a key. Buckets that it replicates
    to come back as questions.
    """
    key = f"{caller.deployment}//aws_s3_bucket.{question.name}"
    place = locate(connection, caller, question.name, question.region, key)
    if isinstance(place.outcome, NotThere):
        return Reply(missing=(MissingFact(question.key, "aws_s3_bucket", question.name, place.outcome.origin, question.span),))
    further = place.outcome
    if not isinstance(further, Failure) or further.kind == "denied":
        versioning = connection.ask("s3", "get_bucket_versioning", place.asked_in, Bucket=question.name)
        replication = connection.ask("s3", "get_bucket_replication", place.asked_in, Bucket=question.name)
    else:
        versioning = replication = further
    asked = [connection.ask("s3", "get_bucket_encryption", place.asked_in, Bucket=question.name)] if _replicates(replication) else []
    outcomes = (place.outcome, versioning, replication, *asked)
    failures = [each for each in outcomes if isinstance(each, Failure)]
    confirmed = [each.origin for each in outcomes if not isinstance(each, Failure)]
    bucket = _bucket(caller, question, place, confirmed[0] if confirmed else failures[0])
    resources = (bucket, _versioning(caller, question, place, versioning), _replication(caller, question, place, replication))
    return Reply(
        resources=(*resources, *(_encryption(caller, question, place, each) for each in asked)),
        problems=tuple(each.diagnostic(question.span) for each in failures),
        pairs=((question.key, bucket.key),) if question.key else (),
        follow=tuple(_destinations(replication, question.span)),
    )


def _bucket(caller: Caller, question: BucketQuestion, place: Place, seen: Observed | Failure) -> Resource:
    name = question.name
    texts = {"bucket": name, "arn": f"arn:{caller.partition}:s3:::{name}"}
    why: Unknown | None = None
    attributes: dict[str, Value[Any]]
    if isinstance(seen, Failure):
        why = seen.unknown(f"{caller.deployment}//aws_s3_bucket.{name}")
        attributes = {each: declared(text, question.span) for each, text in texts.items()}
    else:
        # What the old inline blocks would say is answered by the resources beside it.
        inline = ("versioning", "server_side_encryption_configuration")
        attributes = {each: observed(text, seen) for each, text in texts.items()} | {each: Absent(seen) for each in inline}
    return live_resource(caller.deployment, "aws_s3_bucket", name, name, attributes, place.region, place.account, question.span, why)


def _versioning(caller: Caller, question: BucketQuestion, place: Place, outcome: Outcome) -> Resource:
    type_ = "aws_s3_bucket_versioning"
    key = f"{caller.deployment}//{type_}.{question.name}"
    match outcome:
        case Answer(body, origin):
            # An answer without a status is a bucket on which versioning was never enabled.
            settings = [{"status": body.get("Status", "Disabled"), "mfa_delete": body.get("MFADelete", "Disabled")}]
            attributes = {"bucket": observed(question.name, origin), "versioning_configuration": observed(settings, origin)}
        case Failure():
            attributes = {"bucket": declared(question.name, question.span)}
            attributes |= unanswered(key, ("versioning_configuration",), outcome)
        case NotThere(origin):
            attributes = {"bucket": observed(question.name, origin), "versioning_configuration": observed([], origin)}
    return live_resource(caller.deployment, type_, question.name, question.name, attributes, place.region, place.account, question.span)


def _replication(caller: Caller, question: BucketQuestion, place: Place, outcome: Outcome) -> Resource:
    type_ = "aws_s3_bucket_replication_configuration"
    key = f"{caller.deployment}//{type_}.{question.name}"
    match outcome:
        case Answer(body, origin):
            configuration = body.get("ReplicationConfiguration", {})
            rules = [reshaped(rule, _RULE) for rule in configuration.get("Rules", ())]
            attributes = {
                "bucket": observed(question.name, origin),
                "role": observed(configuration.get("Role"), origin),
                "rule": observed(rules, origin),
            }
        case NotThere(origin):
            attributes = {"bucket": observed(question.name, origin), "role": Absent(origin), "rule": observed([], origin)}
        case Failure():
            attributes = {"bucket": declared(question.name, question.span)} | unanswered(key, ("role", "rule"), outcome)
    return live_resource(caller.deployment, type_, question.name, question.name, attributes, place.region, place.account, question.span)


def _replicates(outcome: Outcome) -> bool:
    return isinstance(outcome, Answer) and bool(outcome.body.get("ReplicationConfiguration", {}).get("Rules"))


def _encryption(caller: Caller, question: BucketQuestion, place: Place, outcome: Outcome) -> Resource:
    type_ = "aws_s3_bucket_server_side_encryption_configuration"
    key = f"{caller.deployment}//{type_}.{question.name}"
    match outcome:
        case Answer(body, origin):
            rules = [reshaped(rule, _ENCRYPTION) for rule in body.get("ServerSideEncryptionConfiguration", {}).get("Rules", ())]
            attributes = {"bucket": observed(question.name, origin), "rule": observed(rules, origin)}
        case NotThere(origin):
            attributes = {"bucket": observed(question.name, origin), "rule": observed([], origin)}
        case Failure():
            attributes = {"bucket": declared(question.name, question.span)} | unanswered(key, ("rule",), outcome)
    return live_resource(caller.deployment, type_, question.name, question.name, attributes, place.region, place.account, question.span)


def _destinations(outcome: Outcome, span: Span) -> Iterator[BucketQuestion]:
    if isinstance(outcome, Answer):
        for rule in outcome.body.get("ReplicationConfiguration", {}).get("Rules", ()):
            match = _BUCKET_ARN.fullmatch(str(rule.get("Destination", {}).get("Bucket", "")))
            if match is not None:
                yield BucketQuestion(match[1], None, "", span)
