"""Ask AWS everything a run wants to know, at most eight calls at a time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final, assert_never

from drpolicy.aws.interface import (
    BucketQuestion,
    DatabaseQuestion,
    LiveQuestion,
    LiveSettings,
    MissingFact,
    Observation,
    VeleroBucketQuestion,
)
from drpolicy.aws.rds import ask_database
from drpolicy.aws.replies import Reply
from drpolicy.aws.s3 import ask_bucket
from drpolicy.aws.sessions import THREADS, Caller, Connection, identity, open_connection
from drpolicy.aws.velero import ask_velero_bucket
from drpolicy.model.findings import Diagnostic
from drpolicy.model.resources import Resource
from drpolicy.model.truth import Truth

_ROUNDS: Final = 4
"""How far an answer leads to further questions: a bucket's copy, the copy's copy, and so on."""


def collect(questions: Iterable[LiveQuestion], settings: LiveSettings) -> Observation:
    """Ask every question and return what was observed, in the order asked; what answers lead to comes after.

    Only reads. Raises LiveUnavailable when boto3 is not installed or the profile named does not exist; any other trouble is in
    the observation.
    """
    return collect_with(open_connection(settings), questions)


def collect_with(connection: Connection, questions: Iterable[LiveQuestion]) -> Observation:
    """Ask over a connection that is already there."""
    connection, caller = identity(connection)
    replies: list[Reply] = []
    asked: set[tuple[str, ...]] = set()
    pending = _new(questions, asked)
    with ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix="drpolicy-aws") as pool:
        for _ in range(_ROUNDS):
            if not pending:
                break
            answered = list(pool.map(lambda question: _reply(connection, caller, question), pending))
            replies.extend(answered)
            pending = _new((each for reply in answered for each in reply.follow), asked)
    return _observation(caller, replies)


def _reply(connection: Connection, caller: Caller, question: LiveQuestion) -> Reply:
    match question:
        case BucketQuestion():
            return ask_bucket(connection, caller, question)
        case DatabaseQuestion():
            return ask_database(connection, caller, question)
        case VeleroBucketQuestion():
            return ask_velero_bucket(connection, caller, question)
        case _:
            assert_never(question)


def _new(questions: Iterable[LiveQuestion], asked: set[tuple[str, ...]]) -> list[LiveQuestion]:
    """Return the questions not asked yet. One that an answer led to has no key, and yields to any about the same thing."""
    found = []
    for question in questions:
        about, key = _subject(question)
        if (*about, key) not in asked and (key or about not in asked):
            asked.update((about, (*about, key)))
            found.append(question)
    return found


def _subject(question: LiveQuestion) -> tuple[tuple[str, ...], str]:
    """Return what a question is about, and for which declared thing it is asked."""
    match question:
        case BucketQuestion(name=name, key=key):
            return ("bucket", name), key
        case DatabaseQuestion(identifier=identifier, region=region, key=key):
            return ("database", region, identifier), key
        case VeleroBucketQuestion(bucket=bucket, prefix=prefix, location_key=key):
            return ("velero", bucket, prefix), key
        case _:
            assert_never(question)


def _observation(caller: Caller, replies: Sequence[Reply]) -> Observation:
    resources: dict[str, Resource] = {}
    for reply in replies:
        for resource in reply.resources:
            resources.setdefault(resource.key, resource)
    missing = tuple(each for reply in replies for each in reply.missing)
    problems = [each for reply in replies for each in reply.problems]
    if caller.failure is not None:
        problems.insert(0, caller.failure.diagnostic(None))
    return Observation(
        account=caller.account,
        resources=tuple(resources.values()),
        restore_points=tuple(each for reply in replies for each in reply.restore_points),
        restore_tests=tuple(each for reply in replies for each in reply.restore_tests),
        problems=_distinct([*problems, *map(_not_found, missing)]),
        missing=missing,
        pairs=tuple(each for reply in replies for each in reply.pairs),
    )


def _not_found(fact: MissingFact) -> Diagnostic:
    sure = "" if fact.certain is Truth.TRUE else "; whether it is declared in the account asked is not known"
    message = f"{fact.type} {fact.name} does not exist: {fact.origin.call} at {fact.origin.at}{sure}"
    return Diagnostic("warning", "live-resource-missing", message, fact.span)


def _distinct(problems: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Keep the first of each message: it names the call, so the same message is the same trouble."""
    first: dict[tuple[str, str], Diagnostic] = {}
    for each in problems:
        first.setdefault((each.code, each.message), each)
    return tuple(first.values())
