"""Velero straight from its bucket: which backups are there, how they ended, and which restores left results.

Nothing is asked of a cluster. Layout: ``<prefix>/backups/<name>/velero-backup.json`` and
``<prefix>/restores/<name>/restore-<name>-results.gz`` (velero.io docs, Object Storage Layout, 1.17).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from drpolicy.aws.errors import Failure, NotThere
from drpolicy.aws.interface import MissingFact, RestoreFact, RestorePointFact, VeleroBucketQuestion
from drpolicy.aws.points import all_unknown, remainder, restore_point, restores_not_read
from drpolicy.aws.replies import Reply
from drpolicy.aws.s3 import locate
from drpolicy.aws.sessions import Answer, Caller, Connection, iso
from drpolicy.aws.shapes import unread
from drpolicy.aws.velero_records import RECORD_LIMIT, backup_values, result_errors
from drpolicy.model.findings import Diagnostic
from drpolicy.model.patterns import deferred
from drpolicy.model.provenance import Derived, Observed
from drpolicy.model.reasons import Reason
from drpolicy.model.records import dataclass
from drpolicy.model.values import Known, Unknown, Value

_STAMPED = deferred(r"(.+)-([0-9]{14})")
"""A scheduled backup is named after its schedule and the UTC time (velero, pkg/apis/velero/v1/schedule_types.go, 1.17)."""

_RESULTS = deferred(r"restores/([^/]+)/restore-\1-results\.gz")
_KIND: Final = "velero-backup"


@dataclass(frozen=True, slots=True)
class _Bucket:
    """What every call about one bucket needs."""

    connection: Connection
    question: VeleroBucketQuestion
    prefix: str
    asked_in: str
    region: Value[str]

    @property
    def subject(self) -> str:
        return self.question.location_key

    def symbol(self, name: str) -> str:
        return f"s3://{self.question.bucket}/{self.prefix}{name}"


@dataclass(frozen=True, slots=True)
class _Listing:
    """The pages read of a listing; ``failure`` says why there may be more."""

    pages: tuple[Mapping[str, Any], ...]
    origin: Observed
    failure: Failure | None


def ask_velero_bucket(connection: Connection, caller: Caller, question: VeleroBucketQuestion) -> Reply:
    """Return the backups and restores found under the prefix. What could not be listed or read is in a REMAINDER fact."""
    place = locate(connection, caller, question.bucket, question.region, f"s3://{question.bucket}")
    prefix = question.prefix.strip("/")
    bucket = _Bucket(connection, question, f"{prefix}/" if prefix else "", place.asked_in, place.region)
    span = question.span
    if isinstance(place.outcome, NotThere):
        return Reply(missing=(MissingFact(question.location_key, "aws_s3_bucket", question.bucket, place.outcome.origin, span),))
    if isinstance(place.outcome, Failure) and place.outcome.kind != "denied":
        why = place.outcome.unknown(bucket.symbol("*"))
        points = (remainder(_KIND, bucket.subject, why, span),)
        return Reply((), points, (restores_not_read(bucket.subject, why, span),), (place.outcome.diagnostic(span),))
    backups, troubles = _backups(bucket)
    restores, more_troubles = _restores(bucket)
    return Reply((), tuple(backups), tuple(restores), (*troubles, *more_troubles))


def _list(bucket: _Bucket, folder: str, **parameters: Any) -> _Listing | Failure:
    pages: list[Mapping[str, Any]] = []
    token: dict[str, str] = {}
    origin: Observed | None = None
    while True:
        outcome = bucket.connection.ask(
            "s3", "list_objects_v2", bucket.asked_in, Bucket=bucket.question.bucket, Prefix=bucket.prefix + folder, **parameters, **token
        )
        match outcome:
            case Answer(body, seen):
                origin = origin or seen
                pages.append(body)
                following = body.get("NextContinuationToken")
                if not body.get("IsTruncated") or not following:
                    return _Listing(tuple(pages), origin, None)
                token = {"ContinuationToken": following}
                if len(pages) >= bucket.connection.settings.page_limit:
                    capped = Failure("truncated", seen.call, "s3:ListBucket", seen.at, f"{len(pages)} read")
                    return _Listing(tuple(pages), origin, capped)
            case NotThere(seen):
                failure = Failure("unanswered", seen.call, "s3:ListBucket", seen.at, "NoSuchBucket")
                return failure if origin is None else _Listing(tuple(pages), origin, failure)
            case Failure():
                return outcome if origin is None else _Listing(tuple(pages), origin, outcome)


def _backups(bucket: _Bucket) -> tuple[list[RestorePointFact], list[Diagnostic]]:
    span = bucket.question.span
    listing = _list(bucket, "backups/", Delimiter="/")
    if isinstance(listing, Failure):
        why = listing.unknown(bucket.symbol("backups/*"))
        return [remainder(_KIND, bucket.subject, why, span)], [listing.diagnostic(span)]
    start = len(bucket.prefix) + len("backups/")
    names = [str(each.get("Prefix", ""))[start:].rstrip("/") for page in listing.pages for each in page.get("CommonPrefixes", ())]
    chosen = newest(names, bucket.connection.settings.read_limit)
    facts, troubles = [], []
    for name in chosen:
        fact, trouble = _backup(bucket, name, listing.origin)
        facts.append(fact)
        troubles.extend(trouble)
    if listing.failure is not None:
        facts.append(remainder(_KIND, bucket.subject, listing.failure.unknown(bucket.symbol("backups/*")), span))
        troubles.append(listing.failure.diagnostic(span))
    elif len(chosen) < len(names):
        older = Derived(f"{len(names) - len(chosen)} of {len(names)} backups are older ones and were not opened", ())
        facts.append(remainder(_KIND, bucket.subject, Unknown(Reason.TRUNCATED, bucket.symbol("backups/*"), older), span))
    return facts, troubles


def newest(names: Iterable[str], most: int) -> list[str]:
    """Return the newest ``most`` names of each schedule, newest first, and as many of those that carry no time."""
    groups: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for name in names:
        match = _STAMPED.fullmatch(name)
        groups[match[1] if match else ""].append((match[2] if match else "", name))
    return [name for _, group in sorted(groups.items()) for _, name in sorted(group, reverse=True)[:most]]


def _backup(bucket: _Bucket, name: str, listed: Observed) -> tuple[RestorePointFact, list[Diagnostic]]:
    span = bucket.question.span
    symbol = bucket.symbol(f"backups/{name}")
    outcome = bucket.connection.read_object(
        bucket.question.bucket, f"{bucket.prefix}backups/{name}/velero-backup.json", bucket.asked_in, RECORD_LIMIT
    )
    match outcome:
        case Failure():
            fact = all_unknown(_KIND, bucket.subject, name, bucket.region, outcome.unknown(symbol), span)
            return fact, [outcome.diagnostic(span)]
        case NotThere(origin):
            # Velero writes this record last and reads nothing of a backup without it.
            gone: Value[str] = unread(symbol, "startTimestamp", "the backup has no velero-backup.json")
            fact = restore_point(
                _KIND,
                bucket.subject,
                name,
                span,
                origin,
                region=bucket.region,
                taken_at=gone,
                phase=unread(symbol, "phase", "the backup has no velero-backup.json"),
                completed=Known(False, origin),
            )
            return fact, []
        case Answer(body, origin):
            values = backup_values(body["Content"], symbol, origin)
    if isinstance(values, str):
        failure = Failure("unreadable", origin.call, "s3:GetObject", origin.at, values)
        return all_unknown(_KIND, bucket.subject, name, bucket.region, failure.unknown(symbol), span), [failure.diagnostic(span)]
    return restore_point(_KIND, bucket.subject, name, span, origin, region=bucket.region, **values), []


def _restores(bucket: _Bucket) -> tuple[list[RestoreFact], list[Diagnostic]]:
    span = bucket.question.span
    listing = _list(bucket, "restores/")
    if isinstance(listing, Failure):
        why = listing.unknown(bucket.symbol("restores/*"))
        return [restores_not_read(bucket.subject, why, span)], [listing.diagnostic(span)]
    facts, troubles = [], []
    for position, (name, key, ended) in enumerate(sorted(_results(bucket, listing), key=lambda each: (each[2], each[0]), reverse=True)):
        finished = Known(iso(ended), listing.origin)
        if position >= bucket.connection.settings.read_limit:
            why = Unknown(Reason.TRUNCATED, bucket.symbol(key), Derived("only the newest restores are opened", ()))
            facts.append(RestoreFact(bucket.subject, name, finished, why, why, span))
            continue
        errors, trouble = _errors(bucket, key)
        passed: Value[bool] = Known(errors.value == 0, errors.origin) if isinstance(errors, Known) else errors
        facts.append(RestoreFact(bucket.subject, name, finished, passed, errors, span))
        troubles.extend(trouble)
    if listing.failure is not None:
        facts.append(restores_not_read(bucket.subject, listing.failure.unknown(bucket.symbol("restores/*")), span))
        troubles.append(listing.failure.diagnostic(span))
    return facts, troubles


def _results(bucket: _Bucket, listing: _Listing) -> Iterator[tuple[str, str, datetime]]:
    for page in listing.pages:
        for each in page.get("Contents", ()):
            key = str(each.get("Key", ""))
            match = _RESULTS.fullmatch(key, len(bucket.prefix))
            ended = each.get("LastModified")
            if match is not None and isinstance(ended, datetime):
                yield match[1], key, ended


def _errors(bucket: _Bucket, key: str) -> tuple[Known[int] | Unknown, list[Diagnostic]]:
    outcome = bucket.connection.read_object(bucket.question.bucket, key, bucket.asked_in, RECORD_LIMIT)
    failure: Failure
    match outcome:
        case Answer(body, origin):
            count = result_errors(body["Content"])
            if isinstance(count, int):
                return Known(count, origin), []
            failure = Failure("unreadable", origin.call, "s3:GetObject", origin.at, count)
        case NotThere(origin):
            failure = Failure("unanswered", origin.call, "s3:GetObject", origin.at, "gone since it was listed")
        case Failure():
            failure = outcome
    return failure.unknown(bucket.symbol(key)), [failure.diagnostic(bucket.question.span)]
