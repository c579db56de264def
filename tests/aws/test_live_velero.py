from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from drpolicy.aws.collect import collect
from drpolicy.aws.interface import Credentials, LiveSettings, Observation, RestorePointFact, VeleroBucketQuestion
from drpolicy.aws.velero import newest
from drpolicy.aws.velero_records import RECORD_LIMIT, backup_values, result_errors
from drpolicy.model.provenance import Observed
from drpolicy.model.reasons import Reason
from drpolicy.model.records import replace
from drpolicy.model.spans import Span
from drpolicy.model.values import Absent, Known, Unknown, Value

PRIMARY = "ap-northeast-2"
LOCATION = "cluster//velero.io/v1/BackupStorageLocation.velero.default"
ORIGIN = Observed("call", "2026-11-23T00:00:00Z")


def backup(phase: str | None = "Completed", **changes: Any) -> bytes:
    status: dict[str, Any] = {
        "phase": phase,
        "startTimestamp": "2026-11-22T01:00:00Z",
        "completionTimestamp": "2026-11-22T01:04:30Z",
        "expiration": "2026-12-22T01:00:00Z",
        **changes.pop("status", {}),
    }
    return json.dumps(
        {
            "kind": "Backup",
            "apiVersion": "velero.io/v1",
            "metadata": {"name": "x", "labels": {"velero.io/schedule-name": "daily"}},
            "spec": {"includedNamespaces": ["production"], "storageLocation": "default", **changes},
            "status": status,
        }
    ).encode()


def results(errors: dict[str, Any]) -> bytes:
    return gzip.compress(json.dumps({"errors": errors, "warnings": {}}).encode(), mtime=0)


def put(client: Callable[..., Any], bucket: str, objects: dict[str, bytes]) -> None:
    s3 = client("s3")
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": PRIMARY})
    for key, body in objects.items():
        s3.put_object(Bucket=bucket, Key=key, Body=body)


def ask(bucket: str, span: Span, prefix: str = "") -> list[VeleroBucketQuestion]:
    return [VeleroBucketQuestion(bucket, prefix, PRIMARY, LOCATION, span)]


def known(value: Value[Any]) -> Any:
    assert isinstance(value, Known), value
    return value.value


def points(observation: Observation) -> dict[str, RestorePointFact]:
    return {each.name: each for each in observation.restore_points}


def test_a_completed_backup_is_a_restore_point(client: Callable[..., Any], settings: LiveSettings, span: Span) -> None:
    put(
        client,
        "velero-a",
        {
            "team/backups/daily-20261122010000/velero-backup.json": backup(),
            "team/backups/daily-20261122010000/daily-20261122010000.tar.gz": b"x",
            "elsewhere/backups/daily-20261121010000/velero-backup.json": backup(),
        },
    )

    seen = collect(ask("velero-a", span, "/team/"), settings)

    (point,) = seen.restore_points
    assert (point.kind, point.subject, point.name, point.span) == ("velero-backup", LOCATION, "daily-20261122010000", span)
    assert known(point.region) == PRIMARY
    assert (known(point.phase), known(point.completed), known(point.errors)) == ("Completed", True, 0)
    assert known(point.taken_at) == "2026-11-22T01:00:00Z"
    assert known(point.completed_at) == "2026-11-22T01:04:30Z"
    assert known(point.expires_at) == "2026-12-22T01:00:00Z"
    assert known(point.schedule) == "daily"
    assert [known(each) for each in known(point.namespaces)] == ["production"]
    assert known(point.location) == "default"
    assert isinstance(point.excluded_namespaces, Known)
    origin = point.phase.origin
    assert isinstance(origin, Observed)
    assert origin.call == (
        "aws s3api get-object --bucket velero-a --key team/backups/daily-20261122010000/velero-backup.json --region ap-northeast-2"
    )
    assert not seen.problems
    assert not seen.restore_tests


def test_a_bucket_without_backups_is_known_to_have_none(client: Callable[..., Any], settings: LiveSettings, span: Span) -> None:
    put(client, "velero-b", {})

    seen = collect(ask("velero-b", span), settings)

    assert not (seen.restore_points or seen.restore_tests or seen.problems)


def test_a_failed_backup_and_one_without_its_record_are_not_completed(
    client: Callable[..., Any], settings: LiveSettings, span: Span
) -> None:
    put(
        client,
        "velero-c",
        {
            "backups/failed/velero-backup.json": backup("PartiallyFailed", status={"errors": 3}),
            "backups/torn/torn.tar.gz": b"x",
        },
    )

    found = points(collect(ask("velero-c", span), settings))

    assert (known(found["failed"].completed), known(found["failed"].errors)) == (False, 3)
    assert known(found["torn"].completed) is False
    assert isinstance(found["torn"].taken_at, Unknown)


@pytest.mark.parametrize(
    "body", [b"not json", b"[" * 100_000, b"[]", b'{"kind": "Backup"}', b"\xff\xfe", b'{"kind": "Restore", "status": 1}']
)
def test_a_record_that_cannot_be_read_is_unknown_and_incomplete(body: bytes) -> None:
    assert isinstance(backup_values(body, "s", ORIGIN), str)


def test_an_unreadable_record_stands_in_the_problems(client: Callable[..., Any], settings: LiveSettings, span: Span) -> None:
    put(client, "velero-d", {"backups/odd/velero-backup.json": b"\x00", "backups/big/velero-backup.json": b" " * (RECORD_LIMIT + 1)})

    seen = collect(ask("velero-d", span), settings)

    found = points(seen)
    assert isinstance(found["odd"].completed, Unknown)
    assert isinstance(found["big"].completed, Unknown)
    assert found["big"].completed.reason is Reason.LIMIT_REACHED
    assert [(each.code, each.effect) for each in seen.problems] == [
        ("live-object-unreadable", "incomplete"),
        ("live-object-too-large", "incomplete"),
    ]


def test_no_included_namespace_means_all_of_them() -> None:
    values = backup_values(backup(includedNamespaces=None, excludedNamespaces=["kube-system"]), "s", ORIGIN)

    assert not isinstance(values, str)
    assert [known(each) for each in known(values["namespaces"])] == ["*"]
    assert [known(each) for each in known(values["excluded_namespaces"])] == ["kube-system"]


def test_a_manual_backup_has_no_schedule_and_a_bad_time_is_unknown() -> None:
    document = json.loads(backup(status={"startTimestamp": "yesterday", "errors": "many"}))
    document["metadata"]["labels"] = None

    values = backup_values(json.dumps(document).encode(), "s", ORIGIN)

    assert not isinstance(values, str)
    assert isinstance(values["schedule"], Absent)
    assert isinstance(values["taken_at"], Unknown)
    assert isinstance(values["errors"], Unknown)


def test_the_newest_of_each_schedule_are_opened() -> None:
    names = ["daily-20261120010000", "hourly-20261122230000", "daily-20261122010000", "manual", "daily-20261121010000", "before-upgrade"]

    assert newest(names, 2) == ["manual", "before-upgrade", "daily-20261122010000", "daily-20261121010000", "hourly-20261122230000"]


def test_backups_that_were_not_opened_are_a_remainder(client: Callable[..., Any], settings: LiveSettings, span: Span) -> None:
    put(client, "velero-e", {f"backups/daily-2026112{day}010000/velero-backup.json": backup() for day in range(3)})

    seen = collect(ask("velero-e", span), replace(settings, read_limit=2))

    assert [each.name for each in seen.restore_points] == ["daily-20261122010000", "daily-20261121010000", "*"]
    rest = seen.restore_points[-1].completed
    assert isinstance(rest, Unknown)
    assert rest.reason is Reason.TRUNCATED
    assert seen.problems == ()


def test_a_restore_counts_as_passed_only_without_errors(client: Callable[..., Any], settings: LiveSettings, span: Span) -> None:
    put(
        client,
        "velero-g",
        {
            "restores/good/restore-good-results.gz": results({}),
            "restores/good/restore-good-logs.gz": b"x",
            "restores/bad/restore-bad-results.gz": results({"velero": ["a"], "namespaces": {"production": ["b", "c"]}}),
            "restores/odd/restore-odd-results.gz": b"not gzip",
            "restores/running/restore-running-logs.gz": b"x",
            "restores/good/restore-other-results.gz": results({}),
        },
    )

    seen = collect(ask("velero-g", span), settings)

    found = {each.name: each for each in seen.restore_tests}
    assert set(found) == {"good", "bad", "odd"}
    assert (known(found["good"].passed), known(found["good"].errors)) == (True, 0)
    assert (known(found["bad"].passed), known(found["bad"].errors)) == (False, 3)
    assert isinstance(found["odd"].passed, Unknown)
    assert known(found["odd"].finished_at).endswith("Z")
    assert [each.message.rpartition(" (")[2] for each in seen.problems] == ["the results are not gzip)"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (gzip.compress(b"0" * (RECORD_LIMIT + 1), mtime=0), "the results are larger than 4,194,304 bytes"),
        (results({})[:-9], "they are not the results of a restore"),
        (gzip.compress(b"[]", mtime=0), "they are not the results of a restore"),
        (b"", "they are not the results of a restore"),
    ],
)
def test_results_that_cannot_be_read_say_why(data: bytes, said: str) -> None:
    assert result_errors(data) == said


def test_a_denied_bucket_leaves_only_remainders(
    client: Callable[..., Any], settings: LiveSettings, span: Span, enforce_permissions: Callable[[], None]
) -> None:
    put(client, "velero-h", {"backups/one/velero-backup.json": backup()})
    client("iam").create_user(UserName="no-velero")
    key = client("iam").create_access_key(UserName="no-velero")["AccessKey"]
    enforce_permissions()

    caller = replace(settings, credentials=Credentials(key["AccessKeyId"], key["SecretAccessKey"]))
    seen = collect(ask("velero-h", span), caller)

    assert [each.name for each in seen.restore_points] == [each.name for each in seen.restore_tests] == ["*"]
    rest = seen.restore_points[0].completed
    assert isinstance(rest, Unknown)
    assert rest.reason is Reason.ACCESS_DENIED
    assert {(each.code, each.effect) for each in seen.problems} == {("live-access-denied", "incomplete")}
    assert all(each.message.endswith("it needs the IAM action s3:ListBucket") for each in seen.problems)


def test_a_velero_bucket_that_does_not_exist_is_missing(settings: LiveSettings, span: Span) -> None:
    seen = collect(ask("velero-nowhere", span), settings)

    assert [(each.key, each.name) for each in seen.missing] == [(LOCATION, "velero-nowhere")]
    assert not (seen.restore_points or seen.restore_tests)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.just("2026-11-22T01:00:00Z"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["metadata", "labels", "spec", "status", "phase", "errors", "namespaces", "velero", "includedNamespaces"]),
            inner,
        )
    ),
    max_leaves=12,
)


@examples(deadline=None)
@given(st.dictionaries(st.sampled_from(["metadata", "spec", "status", "errors", "warnings"]), JSON))
def test_no_record_makes_the_reader_raise(document: dict[str, Any]) -> None:
    data = json.dumps({"kind": "Backup", **document}).encode()
    values, count = backup_values(data, "s", ORIGIN), result_errors(gzip.compress(data))

    assert isinstance(values, str) or isinstance(values["completed"], Known)
    assert isinstance(count, str) or count >= 0


@examples(deadline=None)
@given(st.binary(max_size=200))
def test_no_bytes_make_the_reader_raise(data: bytes) -> None:
    assert isinstance(backup_values(data, "s", ORIGIN), str)
    assert isinstance(result_errors(data), str)
