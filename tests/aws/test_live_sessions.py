from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from drpolicy.aws.collect import collect
from drpolicy.aws.errors import MEANINGS, NOT_THERE, Failure, classify, printable
from drpolicy.aws.iam import CALLS, required_actions
from drpolicy.aws.interface import Credentials, LiveSettings, LiveUnavailable
from drpolicy.aws.sessions import command, region_name
from drpolicy.model.reasons import Reason

IMPORT_ALL = """
import pkgutil, socket, sys

def refuse(*arguments, **named):
    raise AssertionError("a socket was opened")

socket.socket.connect = socket.socket.connect_ex = socket.create_connection = socket.getaddrinfo = refuse
import drpolicy.aws
for module in pkgutil.iter_modules(drpolicy.aws.__path__):
    __import__(f"drpolicy.aws.{module.name}")
from drpolicy.aws.collect import collect
print(sorted({name.partition(".")[0] for name in sys.modules} & {"boto3", "botocore", "urllib3"}))
"""


def test_importing_opens_no_socket_and_loads_no_boto3() -> None:
    done = subprocess.run([sys.executable, "-c", IMPORT_ALL], capture_output=True, text=True, timeout=60, check=False)

    assert (done.returncode, done.stdout, done.stderr) == (0, "[]\n", "")


def test_without_boto3_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)

    with pytest.raises(LiveUnavailable, match=r"^live confirmation needs boto3: pip install 'drpolicy\[aws\]'$"):
        collect([], LiveSettings("ap-northeast-2", "2026-11-23T00:00:00Z"))


def test_a_profile_that_does_not_exist_is_named() -> None:
    with pytest.raises(LiveUnavailable, match=r"^live confirmation cannot start: .*nobody-has-this"):
        collect([], LiveSettings("ap-northeast-2", "2026-11-23T00:00:00Z", profile="nobody-has-this"))


def test_secrets_are_not_shown() -> None:
    shown = repr(LiveSettings("r", "t", credentials=Credentials("AKIA", "the-secret", "the-token")))

    assert "AKIA" in shown
    assert "the-secret" not in shown
    assert "the-token" not in shown


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("AccessDenied", 403, "denied"),
        ("UnauthorizedOperation", 403, "denied"),
        ("403", 403, "denied"),
        ("403", None, "denied"),
        ("SomethingNew", 403, "denied"),
        ("ExpiredToken", 400, "credentials"),
        ("InvalidClientTokenId", 403, "credentials"),
        ("UnrecognizedClientException", 400, "credentials"),
        ("SomethingNew", 401, "credentials"),
        ("SlowDown", 503, "throttled"),
        ("Throttling", 400, "throttled"),
        ("RequestLimitExceeded", 503, "throttled"),
        ("SomethingNew", 429, "throttled"),
        ("OptInRequired", 403, "region-disabled"),
        ("InternalError", 500, "unanswered"),
        ("404", 404, "unanswered"),
        ("", None, "unanswered"),
        ("²²²", None, "unanswered"),
    ],
)
def test_an_error_is_classified_by_code_then_by_status(code: str, status: int | None, kind: str) -> None:
    assert classify(code, status, Exception) == kind


def test_a_network_error_is_classified_by_its_class() -> None:
    from botocore.exceptions import ConnectTimeoutError, EndpointConnectionError, NoCredentialsError, SSLError

    for error in (ConnectTimeoutError, EndpointConnectionError, SSLError, ConnectionResetError):
        assert classify("", None, error) == "unreachable"
    assert classify("", None, NoCredentialsError) == "credentials"


def test_no_failure_is_without_a_reason_that_keeps_it_from_passing() -> None:
    allowed = {Reason.ACCESS_DENIED, Reason.THROTTLED, Reason.REGION_DISABLED, Reason.TRUNCATED, Reason.NOT_OBSERVED, Reason.LIMIT_REACHED}

    for kind in MEANINGS:
        failure = Failure(kind, "call", "s3:X", "2026-11-23T00:00:00Z")
        assert failure.unknown("s").reason in allowed
        assert failure.diagnostic(None).effect == "incomplete"


def test_text_from_outside_is_not_repeated() -> None:
    assert printable("<script>", 500, ValueError) == "HTTP 500 ValueError"
    assert printable("403", 403, ValueError) == "HTTP 403"
    assert printable("", None, TimeoutError) == "TimeoutError"


def test_a_call_can_be_repeated_with_the_aws_cli() -> None:
    parameters: dict[str, Any] = {"DBInstanceIdentifier": "a b", "ContinuationToken": "secret", "MaxKeys": 3}

    assert command("rds", "describe_db_instances", "eu-west-1", parameters) == (
        "aws rds describe-db-instances --db-instance-identifier 'a b' --max-keys 3 --region eu-west-1"
    )


def test_only_the_names_of_regions_are_regions() -> None:
    assert [region_name(each) for each in ("ap-northeast-2", "us-gov-west-1", "x", "", None, "us-east-1; rm")] == [
        "ap-northeast-2",
        "us-gov-west-1",
        None,
        None,
        None,
        None,
    ]


def test_the_actions_are_exactly_these_and_only_read() -> None:
    assert required_actions() == (
        "rds:DescribeDBInstanceAutomatedBackups",
        "rds:DescribeDBInstances",
        "s3:GetBucketLocation",
        "s3:GetBucketVersioning",
        "s3:GetEncryptionConfiguration",
        "s3:GetObject",
        "s3:GetReplicationConfiguration",
        "s3:ListBucket",
        "sts:GetCallerIdentity",
    )
    assert set(NOT_THERE) <= set(CALLS)
    assert all(name.partition(".")[2].startswith(("get_", "head_", "list_", "describe_")) for name in CALLS)
