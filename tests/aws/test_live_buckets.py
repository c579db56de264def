from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from drpolicy.aws.collect import collect
from drpolicy.aws.interface import BucketQuestion, Credentials, LiveSettings, Observation
from drpolicy.model.provenance import Derived, Observed
from drpolicy.model.reasons import Reason
from drpolicy.model.records import replace
from drpolicy.model.resources import Resource
from drpolicy.model.spans import Span
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Unknown, Value

PRIMARY, DR, ACCOUNT = "ap-northeast-2", "ap-northeast-1", "123456789012"
READER = """{"Version": "2012-10-17", "Statement": [
  {"Effect": "Allow", "Action": "s3:*", "Resource": "*"},
  {"Effect": "Deny", "Action": "s3:GetBucketVersioning", "Resource": "*"}]}"""


def bucket(client: Callable[..., Any], name: str, region: str, versioned: bool) -> None:
    s3 = client("s3", region)
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": region})
    if versioned:
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})


def replicate(client: Callable[..., Any], source: str, destination: str, **settings: Any) -> None:
    rule = {
        "ID": "dr",
        "Status": "Enabled",
        "Priority": 1,
        "Filter": {"Prefix": ""},
        "DeleteMarkerReplication": {"Status": "Disabled"},
        "Destination": {"Bucket": f"arn:aws:s3:::{destination}", **settings},
    }
    client("s3").put_bucket_replication(Bucket=source, ReplicationConfiguration={"Role": f"arn:aws:iam::{ACCOUNT}:role/r", "Rules": [rule]})


def by_address(observation: Observation) -> dict[str, Resource]:
    return {each.address: each for each in observation.resources}


def known(value: Value[Any]) -> Any:
    assert isinstance(value, Known), value
    return value.value


def test_a_replicated_bucket_is_seen_with_both_ends(client: Callable[..., Any], settings: LiveSettings, span: Span) -> None:
    bucket(client, "orders-p", PRIMARY, versioned=True)
    bucket(client, "orders-dr", DR, versioned=True)
    replicate(
        client,
        "orders-p",
        "orders-dr",
        ReplicationTime={"Status": "Enabled", "Time": {"Minutes": 15}},
        Metrics={"Status": "Enabled", "EventThreshold": {"Minutes": 15}},
    )

    seen = collect([BucketQuestion("orders-p", PRIMARY, "infra//aws_s3_bucket.orders", span)], settings)

    assert not (seen.problems or seen.missing)
    assert known(seen.account) == ACCOUNT
    assert seen.pairs == (("infra//aws_s3_bucket.orders", f"live:{ACCOUNT}//aws_s3_bucket.orders-p"),)
    found = by_address(seen)
    assert list(found) == [
        "aws_s3_bucket.orders-p",
        "aws_s3_bucket_versioning.orders-p",
        "aws_s3_bucket_replication_configuration.orders-p",
        "aws_s3_bucket_server_side_encryption_configuration.orders-p",
        "aws_s3_bucket.orders-dr",
        "aws_s3_bucket_versioning.orders-dr",
        "aws_s3_bucket_replication_configuration.orders-dr",
    ]
    assert {each.channel for each in seen.resources} == {"live"}
    assert {each.span for each in seen.resources} == {span}
    assert {each.presence for each in seen.resources} == {Truth.TRUE}
    assert known(found["aws_s3_bucket.orders-p"].region) == PRIMARY
    assert known(found["aws_s3_bucket.orders-dr"].region) == DR
    assert known(found["aws_s3_bucket.orders-p"].get("arn")) == "arn:aws:s3:::orders-p"
    for name in ("orders-p", "orders-dr"):
        assert known(found[f"aws_s3_bucket_versioning.{name}"].get("versioning_configuration", 0, "status")) == "Enabled"
    rules = found["aws_s3_bucket_replication_configuration.orders-p"]
    assert known(rules.get("rule", 0, "id")) == "dr"
    assert known(rules.get("rule", 0, "filter", 0, "prefix")) == ""
    assert known(rules.get("rule", 0, "destination", 0, "bucket")) == "arn:aws:s3:::orders-dr"
    assert known(rules.get("rule", 0, "destination", 0, "replication_time", 0, "time", 0, "minutes")) == 15
    assert isinstance(rules.get("rule", 0, "source_selection_criteria"), Absent)
    assert known(found["aws_s3_bucket_replication_configuration.orders-dr"].get("rule")).elements == ()


def test_an_observed_value_names_the_call_and_the_time_of_the_answer(
    client: Callable[..., Any], settings: LiveSettings, span: Span
) -> None:
    bucket(client, "evidence", PRIMARY, versioned=True)

    seen = collect([BucketQuestion("evidence", PRIMARY, "k", span)], settings)

    origin = by_address(seen)["aws_s3_bucket_versioning.evidence"].get("versioning_configuration", 0, "status").origin
    assert isinstance(origin, Observed)
    assert origin.call == "aws s3api get-bucket-versioning --bucket evidence --region ap-northeast-2"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", origin.at)


def test_a_bucket_without_versioning_or_replication_is_known_to_have_neither(
    client: Callable[..., Any], settings: LiveSettings, span: Span
) -> None:
    bucket(client, "bare", PRIMARY, versioned=False)

    found = by_address(collect([BucketQuestion("bare", None, "k", span)], settings))

    assert known(found["aws_s3_bucket_versioning.bare"].get("versioning_configuration", 0, "status")) == "Disabled"
    assert known(found["aws_s3_bucket_replication_configuration.bare"].get("rule")).elements == ()
    assert isinstance(found["aws_s3_bucket.bare"].get("versioning"), Absent)


def test_what_no_call_answers_is_unknown_and_not_a_default(client: Callable[..., Any], settings: LiveSettings, span: Span) -> None:
    bucket(client, "partial", PRIMARY, versioned=False)

    value = by_address(collect([BucketQuestion("partial", PRIMARY, "k", span)], settings))["aws_s3_bucket.partial"].get("force_destroy")

    assert isinstance(value, Unknown)
    assert value.reason is Reason.NOT_OBSERVED


def test_a_bucket_declared_in_the_wrong_region_is_found_where_it_is(client: Callable[..., Any], settings: LiveSettings, span: Span) -> None:
    bucket(client, "moved", DR, versioned=True)

    seen = collect([BucketQuestion("moved", PRIMARY, "k", span)], settings)

    assert known(by_address(seen)["aws_s3_bucket.moved"].region) == DR
    assert seen.problems == ()


def test_a_bucket_that_does_not_exist_is_missing_for_certain(settings: LiveSettings, span: Span) -> None:
    seen = collect([BucketQuestion("no-such-bucket-here", PRIMARY, "infra//aws_s3_bucket.x", span)], settings)

    assert seen.resources == ()
    (fact,) = seen.missing
    assert (fact.key, fact.type, fact.name, fact.certain) == ("infra//aws_s3_bucket.x", "aws_s3_bucket", "no-such-bucket-here", Truth.TRUE)
    (problem,) = seen.problems
    assert (problem.level, problem.code, problem.effect, problem.span) == ("warning", "live-resource-missing", "none", span)
    assert problem.message == (
        "aws_s3_bucket no-such-bucket-here does not exist: "
        f"aws s3api head-bucket --bucket no-such-bucket-here --region ap-northeast-2 at {fact.origin.at}"
    )


def test_a_destination_that_does_not_exist_is_missing(client: Callable[..., Any], settings: LiveSettings, span: Span) -> None:
    bucket(client, "dangling", PRIMARY, versioned=True)
    bucket(client, "gone-soon", DR, versioned=True)
    replicate(client, "dangling", "gone-soon")
    client("s3", DR).delete_bucket(Bucket="gone-soon")

    seen = collect([BucketQuestion("dangling", PRIMARY, "k", span)], settings)

    assert [(each.key, each.name) for each in seen.missing] == [("", "gone-soon")]


def test_two_buckets_that_replicate_to_each_other_are_each_asked_once(
    client: Callable[..., Any], settings: LiveSettings, span: Span
) -> None:
    bucket(client, "there", PRIMARY, versioned=True)
    bucket(client, "back", PRIMARY, versioned=True)
    replicate(client, "there", "back")
    replicate(client, "back", "there")

    seen = collect([BucketQuestion("there", PRIMARY, "k", span)], settings)

    assert len(seen.resources) == len(by_address(seen)) == 8


def test_one_bucket_declared_twice_answers_for_both(client: Callable[..., Any], settings: LiveSettings, span: Span) -> None:
    bucket(client, "twice", PRIMARY, versioned=True)

    seen = collect([BucketQuestion("twice", PRIMARY, key, span) for key in ("a//b", "c//d", "a//b")], settings)

    assert [declared for declared, _ in seen.pairs] == ["a//b", "c//d"]
    assert len(seen.resources) == 3


def test_one_denied_call_leaves_the_others_answered(
    client: Callable[..., Any], settings: LiveSettings, span: Span, enforce_permissions: Callable[[], None]
) -> None:
    bucket(client, "guarded", PRIMARY, versioned=True)
    client("iam").create_user(UserName="reader")
    client("iam").put_user_policy(UserName="reader", PolicyName="p", PolicyDocument=READER)
    key = client("iam").create_access_key(UserName="reader")["AccessKey"]
    enforce_permissions()

    reader = replace(settings, credentials=Credentials(key["AccessKeyId"], key["SecretAccessKey"]))
    seen = collect([BucketQuestion("guarded", PRIMARY, "k", span)], reader)

    found = by_address(seen)
    assert known(found["aws_s3_bucket.guarded"].region) == PRIMARY
    assert known(found["aws_s3_bucket_replication_configuration.guarded"].get("rule")).elements == ()
    value = found["aws_s3_bucket_versioning.guarded"].get("versioning_configuration", 0, "status")
    assert isinstance(value, Unknown)
    assert value.reason is Reason.ACCESS_DENIED
    assert value.symbol == f"live:{ACCOUNT}//aws_s3_bucket_versioning.guarded.versioning_configuration"
    assert isinstance(value.origin, Derived)
    assert value.origin.how.endswith("it needs the IAM action s3:GetBucketVersioning")
    (problem,) = seen.problems
    assert (problem.level, problem.code, problem.effect, problem.span) == ("error", "live-access-denied", "incomplete", span)
    assert problem.message == (
        "aws s3api get-bucket-versioning --bucket guarded --region ap-northeast-2 was denied (HTTP 403 AccessDenied)"
        "; it needs the IAM action s3:GetBucketVersioning"
    )


def test_a_bucket_to_which_everything_is_denied_is_not_confirmed(
    client: Callable[..., Any], settings: LiveSettings, span: Span, enforce_permissions: Callable[[], None]
) -> None:
    bucket(client, "closed", PRIMARY, versioned=True)
    client("iam").create_user(UserName="nobody")
    key = client("iam").create_access_key(UserName="nobody")["AccessKey"]
    enforce_permissions()

    nobody = replace(settings, credentials=Credentials(key["AccessKeyId"], key["SecretAccessKey"]))
    seen = collect([BucketQuestion("closed", PRIMARY, "k", span)], nobody)

    assert seen.missing == ()
    found = by_address(seen)
    closed = found["aws_s3_bucket.closed"]
    assert closed.presence is Truth.UNKNOWN
    assert closed.why is not None
    assert closed.why.reason is Reason.ACCESS_DENIED
    assert isinstance(closed.region, Unknown)
    assert isinstance(closed.get("versioning"), Unknown)
    assert known(closed.get("bucket")) == "closed"
    assert isinstance(found["aws_s3_bucket_replication_configuration.closed"].get("rule"), Unknown)
    actions = {problem.message.rsplit(" ", 1)[1] for problem in seen.problems}
    assert actions == {"s3:ListBucket", "s3:GetBucketVersioning", "s3:GetReplicationConfiguration"}
    assert {problem.effect for problem in seen.problems} == {"incomplete"}


def test_invalid_credentials_stop_the_run_once_and_answer_nothing(
    client: Callable[..., Any], settings: LiveSettings, span: Span, enforce_permissions: Callable[[], None]
) -> None:
    bucket(client, "unseen", PRIMARY, versioned=True)
    enforce_permissions()

    stranger = replace(settings, credentials=Credentials("AKIAUNKNOWNKEY000000", "wrong"))
    seen = collect([BucketQuestion(name, PRIMARY, name, span) for name in ("unseen", "other")], stranger)

    (problem,) = seen.problems
    assert problem.code == "live-credentials"
    assert problem.message.startswith("aws sts get-caller-identity --region ap-northeast-2 was refused")
    assert isinstance(seen.account, Unknown)
    assert {each.deployment for each in seen.resources} == {"live:unknown"}
    assert len(seen.resources) == 6
    assert all(isinstance(each.region, Unknown) for each in seen.resources)


def test_a_name_that_can_be_no_bucket_is_trouble_and_not_an_exception(settings: LiveSettings, span: Span) -> None:
    seen = collect([BucketQuestion("not a bucket / name", PRIMARY, "k", span)], settings)

    (problem,) = seen.problems
    assert (problem.code, problem.effect) == ("live-not-observed", "incomplete")
    assert seen.resources[0].presence is Truth.UNKNOWN


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "not a url"])
def test_an_endpoint_that_does_not_answer_is_trouble_and_not_an_exception(settings: LiveSettings, span: Span, url: str) -> None:
    seen = collect([BucketQuestion("any", PRIMARY, "k", span)], replace(settings, endpoint_url=url))

    assert len(seen.problems) >= 1
    assert {each.effect for each in seen.problems} == {"incomplete"}
    assert seen.missing == ()
    assert isinstance(seen.resources[0].region, Unknown)
    assert seen.resources[0].region.reason is Reason.NOT_OBSERVED
