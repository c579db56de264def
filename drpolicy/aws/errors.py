"""From an error of AWS, botocore or the network to what it means for an answer.

Codes: AWS API references (common errors of S3, RDS, STS) and botocore 1.44 service models, 2026-11. Services that speak JSON may
put the bare HTTP status where the code belongs, so a status decides where the code says nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal

from drpolicy.model.findings import Diagnostic
from drpolicy.model.patterns import deferred
from drpolicy.model.provenance import Derived, Observed, Provenance
from drpolicy.model.reasons import Reason
from drpolicy.model.records import dataclass
from drpolicy.model.spans import Span
from drpolicy.model.values import Unknown

Kind = Literal["denied", "credentials", "throttled", "region-disabled", "unreachable", "truncated", "oversized", "unreadable", "unanswered"]


@dataclass(frozen=True, slots=True)
class Meaning:
    """The reason that an Unknown gets, the diagnostic's code, and the words after the call."""

    reason: Reason
    code: str
    words: str


MEANINGS: Final[Mapping[Kind, Meaning]] = MappingProxyType(
    {
        "denied": Meaning(Reason.ACCESS_DENIED, "live-access-denied", "was denied"),
        "credentials": Meaning(Reason.ACCESS_DENIED, "live-credentials", "was refused: the credentials are missing, expired or not valid"),
        "throttled": Meaning(Reason.THROTTLED, "live-throttled", "was throttled, retries included"),
        "region-disabled": Meaning(Reason.REGION_DISABLED, "live-region-disabled", "was refused: the region is not enabled"),
        "unreachable": Meaning(Reason.NOT_OBSERVED, "live-unreachable", "got no answer"),
        "truncated": Meaning(Reason.TRUNCATED, "live-truncated", "has more pages than are read"),
        "oversized": Meaning(Reason.LIMIT_REACHED, "live-object-too-large", "names an object that is too large to be what it should be"),
        "unreadable": Meaning(Reason.NOT_OBSERVED, "live-object-unreadable", "answered something that cannot be read"),
        "unanswered": Meaning(Reason.NOT_OBSERVED, "live-not-observed", "failed"),
    }
)

_BY_CODE: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        **dict.fromkeys(("AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AllAccessDisabled", "Forbidden"), "denied"),
        **dict.fromkeys(
            (
                "AuthFailure",
                "ExpiredToken",
                "ExpiredTokenException",
                "InvalidAccessKeyId",
                "InvalidClientTokenId",
                "InvalidToken",
                "MissingAuthenticationToken",
                "RequestExpired",
                "RequestTimeTooSkewed",
                "SignatureDoesNotMatch",
                "TokenRefreshRequired",
                "UnrecognizedClientException",
            ),
            "credentials",
        ),
        **dict.fromkeys(
            (
                "BandwidthLimitExceeded",
                "ProvisionedThroughputExceededException",
                "RequestLimitExceeded",
                "RequestThrottled",
                "RequestThrottledException",
                "SlowDown",
                "Throttling",
                "ThrottlingException",
                "ThrottledException",
                "TooManyRequestsException",
            ),
            "throttled",
        ),
        **dict.fromkeys(("OptInRequired", "RegionDisabledException", "SubscriptionRequiredException"), "region-disabled"),
    }
)
_BY_STATUS: Final[Mapping[int, Kind]] = MappingProxyType({401: "credentials", 403: "denied", 429: "throttled"})
_BY_EXCEPTION: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        "NoCredentialsError": "credentials",
        "PartialCredentialsError": "credentials",
        "CredentialRetrievalError": "credentials",
        "TokenRetrievalError": "credentials",
        "UnauthorizedSSOTokenError": "credentials",
        "ConnectTimeoutError": "unreachable",
        "ReadTimeoutError": "unreachable",
        "EndpointConnectionError": "unreachable",
        "ConnectionClosedError": "unreachable",
        "ProxyConnectionError": "unreachable",
        "SSLError": "unreachable",
        "HTTPClientError": "unreachable",
        "ResponseStreamingError": "unreachable",
        "IncompleteReadError": "unreachable",
        "OSError": "unreachable",
    }
)
NOT_THERE: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "s3.head_bucket": frozenset({"404", "NoSuchBucket", "NotFound"}),
        "s3.get_bucket_location": frozenset({"NoSuchBucket"}),
        "s3.get_bucket_replication": frozenset({"ReplicationConfigurationNotFoundError"}),
        "s3.get_bucket_encryption": frozenset({"ServerSideEncryptionConfigurationNotFoundError"}),
        "s3.list_objects_v2": frozenset({"NoSuchBucket"}),
        "s3.get_object": frozenset({"NoSuchKey"}),
        "rds.describe_db_instances": frozenset({"DBInstanceNotFound", "DBInstanceNotFoundFault"}),
        "rds.describe_db_instance_automated_backups": frozenset(
            {"DBInstanceAutomatedBackupNotFound", "DBInstanceAutomatedBackupNotFoundFault"}
        ),
    }
)
"""Per call, the codes that are answers: what was asked for does not exist, or is not configured."""

_PRINTABLE = deferred(r"[A-Za-z0-9._:-]{1,64}")


@dataclass(frozen=True, slots=True)
class NotThere:
    """AWS answered that what was asked for does not exist."""

    origin: Observed


@dataclass(frozen=True, slots=True)
class Failure:
    """A call that was not answered, and why. ``bucket_region`` is what S3 tells of a bucket even when it refuses."""

    kind: Kind
    call: str
    action: str
    at: str
    detail: str = ""
    bucket_region: str = ""

    @property
    def meaning(self) -> Meaning:
        return MEANINGS[self.kind]

    @property
    def origin(self) -> Provenance:
        """The failed call as provenance: it names the call, the time and the IAM action."""
        return Derived(f"{self._said} at {self.at}{self._remedy}", ())

    @property
    def _said(self) -> str:
        return f"{self.call} {self.meaning.words}{f' ({self.detail})' if self.detail else ''}"

    @property
    def _remedy(self) -> str:
        return f"; it needs the IAM action {self.action}" if self.kind in {"denied", "credentials"} else ""

    def unknown(self, symbol: str) -> Unknown:
        """Return the Unknown that stands where the answer would."""
        return Unknown(self.meaning.reason, symbol, self.origin)

    def diagnostic(self, span: Span | None) -> Diagnostic:
        """Return the trouble as data: the input of the run is incomplete."""
        return Diagnostic("error", self.meaning.code, f"{self._said}{self._remedy}", span, effect="incomplete")


def classify(code: str, status: int | None, exception: type[BaseException]) -> Kind:
    """Return what an error means: by its code, else by its HTTP status, else by the class of the exception."""
    if code in _BY_CODE:
        return _BY_CODE[code]
    if code.isdecimal() and len(code) == 3 and int(code) in _BY_STATUS:
        return _BY_STATUS[int(code)]
    if status is not None and status in _BY_STATUS:
        return _BY_STATUS[status]
    return next((_BY_EXCEPTION[each.__name__] for each in exception.__mro__ if each.__name__ in _BY_EXCEPTION), "unanswered")


def printable(code: str, status: int | None, exception: type[BaseException]) -> str:
    """Return the error in a few characters: never the service's own text, which may hold anything."""
    name = code if _PRINTABLE.fullmatch(code) else exception.__name__
    return f"HTTP {status} {name}" if status is not None and str(status) != name else f"HTTP {name}" if status is not None else name
