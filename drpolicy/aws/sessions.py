"""One run's way to AWS: a client per service and region, every call through one door, every failure as data."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from threading import Lock
from typing import Any, Final, TypeAlias

from drpolicy.aws.errors import NOT_THERE, Failure, NotThere, classify, printable
from drpolicy.aws.iam import CALLS
from drpolicy.aws.interface import LiveSettings, LiveUnavailable
from drpolicy.model.patterns import deferred
from drpolicy.model.provenance import Observed
from drpolicy.model.records import dataclass, field, replace
from drpolicy.model.values import Known, Value

THREADS: Final = 8
"""The most calls under way at once."""

_REGION = deferred(r"[a-z]{2,4}(?:-[a-z]{2,12}){1,3}-[0-9]{1,2}")
_BUCKET_REGION: Final = "x-amz-bucket-region"
_COMMANDS: Final[Mapping[str, str]] = {"s3": "s3api"}
_QUIET: Final = frozenset({"ContinuationToken", "ExpectedBucketOwner"})
"""Parameters that say nothing about what was asked."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a call returned, and the call as evidence."""

    body: Mapping[str, Any]
    origin: Observed


Outcome: TypeAlias = Answer | NotThere | Failure


@dataclass(frozen=True, slots=True, eq=False)
class Connection:
    """Clients by (service, region), made when first needed. Safe to use from several threads.

    ``refused`` is set when nothing can be answered at all (no valid credentials, no network): then no call is made, and every
    question gets that failure at once instead of waiting for its own.
    """

    settings: LiveSettings
    session: Any
    clients: dict[tuple[str, str], Any] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)
    refused: Failure | None = None

    def ask(self, service: str, operation: str, region: str, **parameters: Any) -> Outcome:
        """Make one read-only call. Never raises for what AWS, the network or a question's own text does."""
        return self._call(service, operation, region, parameters, _as_it_is)

    def read_object(self, bucket: str, key: str, region: str, limit: int) -> Outcome:
        """Return ``{"Content": bytes}`` of an object of at most ``limit`` bytes; a larger one is not read."""

        def content(response: Mapping[str, Any]) -> Mapping[str, Any] | None:
            with closing(response["Body"]) as body:
                data = body.read(limit + 1) if response.get("ContentLength", 0) <= limit else None
            return {"Content": data} if data is not None and len(data) <= limit else None

        return self._call("s3", "get_object", region, {"Bucket": bucket, "Key": key}, content)

    def _call(
        self,
        service: str,
        operation: str,
        region: str,
        parameters: Mapping[str, Any],
        finish: Callable[[Mapping[str, Any]], Mapping[str, Any] | None],
    ) -> Outcome:
        if self.refused is not None:
            return self.refused
        from botocore.exceptions import BotoCoreError, ClientError

        name = f"{service}.{operation}"
        action = CALLS[name].action
        call = command(service, operation, region, parameters)
        try:
            response = getattr(self._client(service, region), operation)(**parameters)
            at = self._time(response)
            body = finish(response)
        except ClientError as error:
            return self._refusal(name, call, action, error)
        except (BotoCoreError, ValueError, OSError) as error:
            kind = classify("", None, type(error))
            return Failure(kind, call, action, self.settings.as_of, printable("", None, type(error)))
        return Answer(body, Observed(call, at)) if body is not None else Failure("oversized", call, action, at)

    def _refusal(self, name: str, call: str, action: str, error: Any) -> NotThere | Failure:
        """Return what an error answer means; ``error`` is a botocore ClientError."""
        code = str(error.response.get("Error", {}).get("Code", ""))
        metadata = error.response.get("ResponseMetadata", {})
        status = metadata.get("HTTPStatusCode")
        at = self._time(error.response)
        if code in NOT_THERE.get(name, ()):
            return NotThere(Observed(call, at))
        region = region_name(metadata.get("HTTPHeaders", {}).get(_BUCKET_REGION))
        return Failure(classify(code, status, type(error)), call, action, at, printable(code, status, type(error)), region or "")

    def _client(self, service: str, region: str) -> Any:
        from botocore.config import Config

        with self.lock:  # a boto3 session is not thread-safe, its clients are
            client = self.clients.get((service, region))
            if client is None:
                settings = self.settings
                client = self.clients[service, region] = self.session.client(
                    service,
                    region_name=region,
                    endpoint_url=settings.endpoint_url,
                    config=Config(
                        retries={"mode": "standard", "total_max_attempts": settings.attempts},
                        connect_timeout=settings.connect_timeout,
                        read_timeout=settings.read_timeout,
                        max_pool_connections=THREADS,
                        user_agent_extra="drpolicy",
                        # A stand-in for S3 is one host: it has no name per bucket.
                        s3={"addressing_style": "path"} if settings.endpoint_url else None,
                    ),
                )
            return client

    def _time(self, response: Mapping[str, Any]) -> str:
        header = response.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date")
        return _http_date(header) or self.settings.as_of


def open_connection(settings: LiveSettings) -> Connection:
    """Return a connection; nothing is sent yet. Raises LiveUnavailable without boto3 or with a profile that does not exist."""
    try:
        import boto3
        from botocore.exceptions import BotoCoreError
    except ImportError as error:
        raise LiveUnavailable("live confirmation needs boto3: pip install 'drpolicy[aws]'") from error
    given = settings.credentials
    try:
        session = boto3.Session(
            aws_access_key_id=given.access_key if given else None,
            aws_secret_access_key=given.secret_key if given else None,
            aws_session_token=given.token if given else None,
            profile_name=settings.profile,
        )
    except BotoCoreError as error:
        raise LiveUnavailable(f"live confirmation cannot start: {error}") from error
    return Connection(settings, session)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: the account, and the partition its ARNs are in."""

    account: Value[str]
    partition: str
    number: str | None
    failure: Failure | None = None

    @property
    def deployment(self) -> str:
        """The deployment that observed resources belong to."""
        return f"live:{self.number or 'unknown'}"


def identity(connection: Connection) -> tuple[Connection, Caller]:
    """Ask STS who is calling. Without valid credentials or a network, the connection returned refuses every further call."""
    outcome = connection.ask("sts", "get_caller_identity", connection.settings.region)
    match outcome:
        case Answer(body, origin):
            number, arn = str(body.get("Account", "")), str(body.get("Arn", ""))
            partition = arn.split(":")[1] if arn.startswith("arn:") and arn.count(":") >= 5 else "aws"
            return connection, Caller(Known(number, origin), partition, number or None)
        case NotThere(origin):
            outcome = Failure("unanswered", origin.call, CALLS["sts.get_caller_identity"].action, origin.at)
    caller = Caller(outcome.unknown("live account"), "aws", None, outcome)
    return (replace(connection, refused=outcome) if outcome.kind in {"credentials", "unreachable"} else connection), caller


def region_name(text: object) -> str | None:
    """Return the text when it has the form of a region's name."""
    return text if isinstance(text, str) and _REGION.fullmatch(text) else None


def command(service: str, operation: str, region: str, parameters: Mapping[str, Any]) -> str:
    """Return the AWS CLI command that asks the same: evidence that a reader can repeat."""
    words = ["aws", _COMMANDS.get(service, service), operation.replace("_", "-")]
    for name, value in parameters.items():
        if name not in _QUIET:
            words += [f"--{_kebab(name)}", shlex.quote(str(value))]
    return " ".join([*words, "--region", shlex.quote(region)])


def iso(moment: datetime) -> str:
    """Return a time in UTC to the second, as every observed time is written. A time without a zone is taken as UTC."""
    moment = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _http_date(header: object) -> str | None:
    try:
        return iso(parsedate_to_datetime(str(header)))
    except (ValueError, OverflowError):
        return None


def _kebab(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-", name).lower()


def _as_it_is(response: Mapping[str, Any]) -> Mapping[str, Any]:
    return response
