"""From the reads that decided a verdict to evidence, open questions and the place to point at."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, Final

from drpolicy.cel import Read
from drpolicy.cel.derivation import name_of
from drpolicy.model.findings import Evidence, Grade, OpenQuestion
from drpolicy.model.patterns import deferred
from drpolicy.model.provenance import Default, Derived, Observed, Provenance, Through, Written, written_at
from drpolicy.model.ranges import Range
from drpolicy.model.spans import Span
from drpolicy.model.symbols import named, told
from drpolicy.model.values import Absent, Known, Members, Object, Unknown

SORTING = frozenset({"kind", "mechanism", "disruption"})
"""Fields that conditions only sort by: "kind is replica" is no reason for anything."""

MOST = 12
"""More evidence than this is not read by anybody; the derivation is in ``explain``."""


def place_of(reads: Sequence[Read]) -> Provenance | None:
    """Return the origin of the first read that stands in a file: written leaves before defaults."""
    placed = [read.value.origin for read in reads if written_at(read.value.origin) is not None]
    return next((origin for origin in placed if not isinstance(origin, Default)), placed[0] if placed else None)


def evidence_of(reads: Iterable[Read]) -> Iterator[Evidence]:
    """Yield what was read and the way it came, each thing once."""
    seen: set[tuple[str, Span | None]] = set()
    for read in _telling(list(reads)):
        for evidence in _flatten(_said(read), read.value.origin):
            if (evidence.text, evidence.span) not in seen and len(seen) < MOST:
                seen.add((evidence.text, evidence.span))
                yield evidence


_PATH: Final = deferred(r"(?:self\.|[a-z]\.)?(?P<path>\??\w+(?:\.\??\w+)*)")
_HUMP: Final = deferred(r"(?<=[a-z0-9])(?=[A-Z])")
_OWNED: Final = deferred(r"(?P<owner>.+?): (?P<field>\w+) is .+", re.DOTALL)
_SPELT: Final = {"rto": "RTO", "rpo": "RPO", "dr": "DR", "az": "AZ", "cidr": "CIDR", "ttl": "TTL", "kms": "KMS", "arn": "ARN"}
_NAMED: Final = {
    "requiredBy": "service that needs it",
    "met": "requirement met",
    "backupBytes": "size of the backup in bytes",
    "usualBackupBytes": "usual size of the backup in bytes",
    "cidrOverlaps": "overlapping address ranges",
    "committedAge": "time since the commit",
    "deliveredFrom": "clusters that deliver it",
    "dependsOn": "what it depends on",
    "lastDrillAge": "time since the last drill",
    "mechanismAge": "time since the mechanism was changed",
    "misdirected": "commands at the wrong resource",
    "missing": "missing sections",
    "missingIn": "regions without it",
    "monthsAgo": "age in calendar months",
    "neverRestored": "stores that were never restored",
    "planNeeds": "what a plan needs elsewhere",
    "primaryNames": "names of the primary region",
    "quartersAgo": "age in calendar quarters",
    "reviewedAge": "time since the review",
    "runbookReviewedAge": "time since the review of the runbook",
    "strangers": "names of nothing that was read",
    "testEvery": "period of the tests",
    "testMaxAge": "greatest age of a test",
    "unresolved": "references to nothing",
    "yearsAgo": "age in calendar years",
}
_VERBS: Final = frozenset(
    {"can fail", "fires", "holds", "may be lost", "moves volume data", "prunes", "records", "selects", "verifies", "waits", "works"}
)
"""Fields that are said as a verb."""
_COMPARED: Final = {"<=": "at most", "<": "below", ">=": "at least", ">": "above"}
_COMPARISON: Final = deferred(r"(?P<left>\??[a-z]\w*(?:\.\??\w+)*) (?P<how><=|<|>=|>) (?P<right>\??[a-z]\w*(?:\.\??\w+)*)")
_LOSSES: Final = {
    "corruption": "corruption",
    "hardware": "hardware failure",
    "az": "the loss of its zone",
    "region": "the loss of its region",
    "account": "the loss of its account",
}


def _said(read: Read) -> str:
    """Say what was read in words: ``declared RTO is 1h``, ``paused: yes``, ``no drills``."""
    field, words = _named(read.expression)
    said = _sentence(words, read.value)
    origin = read.value.origin
    owned = _OWNED.fullmatch(origin.how) if field and isinstance(origin, Derived) and ": " in origin.how else None
    # The owner of a plain field is only named by the derivation, beside the value as Python writes it.
    return f"{owned['owner']}: {said}" if owned is not None and owned["field"] == field else said


@lru_cache(maxsize=1024)
def _named(expression: str) -> tuple[str, str]:
    """Return the field that an expression reads, if it is a path, and the words for what it reads."""
    path = _PATH.fullmatch(expression)
    if path is None:
        compared = _COMPARISON.fullmatch(expression)
        if compared is not None:
            return "", f"whether the {_named(compared['left'])[1]} is {_COMPARED[compared['how']]} the {_named(compared['right'])[1]}"
        return "", expression.removeprefix("self.")
    names = path["path"].replace("?", "").split(".")
    return names[-1], _words(names)


def _words(names: list[str]) -> str:
    match names:
        case ["survives", loss] if loss in _LOSSES:
            return f"survives {_LOSSES[loss]}"
        case ["recovery", loss, *rest] if loss in _LOSSES and rest:
            return f"{_words(rest)} after {_LOSSES[loss]}"
        case ["attributes", *raw] if raw:
            return ".".join(raw)
        case ["copyAttributes", *rest] if rest:
            return f"{_words(rest)} of the copy"
        case ["storeAttributes", *rest] if rest:
            return f"{_words(rest)} of the store"
        case [*rest, "holds"] | ["agreements", *rest] if rest:
            return _words(rest)
        case ["params", *rest] if rest:
            return f"parameter {'.'.join(rest)}"
        case [name] if name in _NAMED:
            return _NAMED[name]
        case _:
            return " ".join(_SPELT.get(word.lower(), word.lower()) for name in names for word in _HUMP.split(name))


def _sentence(words: str, value: Any) -> str:
    match value:
        case Known(bool() as flag):
            return f"{words}: {'yes' if flag else 'no'}"
        case Known("backup" | "replica" | "versions" as kind) if words == "kind":
            return f"only a {kind}"
        case Known(Members(elements=(), rest=None)):
            return f"no {words}"
        case Known(Members(elements=(), rest=Unknown() as rest)):
            return f"{words}: not known ({told(rest)})"
        case Known(Members(elements=elements)) if elements:
            return f"{words}: {', '.join(shown(each.value) for each in elements[:5])}{', …' if len(elements) > 5 else ''}"
        case Unknown():
            doubt = f"whether it {words}" if words in _VERBS or words.startswith("survives ") else words
            return f"{doubt} {_is(doubt)} not known ({told(value)})"
        case Absent():
            return f"{words} {_is(words)} not written"
        case _:
            return f"{words} {_is(words)} {shown(value)}"


_MORE: Final = deferred(r" (?:after|at|in|of|since|that|to|without) ")
"""What comes after the noun that is counted."""


def _is(words: str) -> str:
    """Return the verb for a noun. What is written in files is a name, however it ends."""
    last = _MORE.split(words, maxsplit=1)[0].rpartition(" ")[2]
    plural = last.endswith("s") and not last.endswith(("ss", "us", "is", "as")) and last.isalpha()
    return "are" if plural and not words.startswith("whether ") else "is"


def _telling(reads: list[Read]) -> list[Read]:
    """Leave out what only told one kind of thing from another, where anything else decided too."""
    telling = [read for read in reads if read.expression.rpartition(".")[2] not in SORTING]
    return telling or reads


def questions_of(reads: Iterable[Read]) -> Iterator[OpenQuestion]:
    """Yield what kept the verdict from being decided, each symbol once."""
    read = list(reads)
    # Of a map it is its unknown entries, where nothing else was: whether they are there decides how many it has.
    found = [unknown for each in read for unknown in _unknowns(each.value)] or [
        entry
        for each in read
        if isinstance(each.value, Known) and isinstance(each.value.value, Object)
        for entry in each.value.value.fields.values()
        if isinstance(entry, Unknown)
    ]
    seen: set[str] = set()
    for unknown in found:
        cause = unknown.cause
        if cause.symbol not in seen:
            seen.add(cause.symbol)
            yield OpenQuestion(cause.symbol, cause, written_at(cause.origin))


def _unknowns(value: Any) -> Iterator[Unknown]:
    match value:
        case Unknown():
            yield value
        case Known(Range(unknowns=unknowns)):
            yield from unknowns
        case Known(Members(elements=elements, rest=rest)):
            if rest is not None:
                yield rest
            for element in elements:
                if element.why is not None:
                    yield element.why
        case Known(Object(rest=Unknown() as rest)):
            yield rest
        case _:
            return


def _flatten(text: str, origin: Provenance) -> Iterator[Evidence]:
    match origin:
        case Written(span):
            yield Evidence(f"{text}, by {span.interface}" if span.interface else text, "declared", span)
        case Default(what, source, span):
            stated = what.partition(" = ")[2] and text.endswith(f" is {what.partition(' = ')[2]}")
            default = "the default" if stated and what.split(" = ")[0] in text else f"the default {what}"
            yield Evidence(f"{text}, {default} ({source})", "declared", span)
        case Observed(call, at):
            yield Evidence(f"{text}: {call} answered at {at}", "observed", None)
        case Through(span=span, inner=inner) if span is not None and span.interface:
            # The names inside of an interface are not the reader's.
            yield from _flatten(text, inner)
        case Through(what, span, inner):
            # What is not known is named already, with the way that it came.
            yield Evidence(text if what in text else f"{text}, through {what}", _grade(inner), span)
            place = written_at(inner)
            if place is not None and place != span:
                yield Evidence(f"{what} comes from here", _grade(inner), place)
        case Derived(how, sources):
            first = written_at(origin)
            yield Evidence(_derived(text, how), "declared", first)
            if not sources:
                return
            lines = {_line(first)}
            for each in sources:
                place = written_at(each)
                # A second place on a line that is shown already shows nothing new.
                if place is not None and _line(place) not in lines:
                    lines.add(_line(place))
                    yield Evidence(_how(each), _grade(each), place)


def _line(span: Span | None) -> tuple[str, int] | None:
    return (span.source.path, span.start.line) if span is not None else None


_FORMULA: Final = deferred(r"\bself\.|&&|\|\|")
"""A condition of a catalog row: what was computed, not what it says."""


def _derived(text: str, how: str) -> str:
    if how in text or not _tells(how) or (": " in text and ": " in how and _OWNED.fullmatch(how)):
        return text
    # A sentence of its own says more than what was read.
    return how if ": " in how else f"{text}, {how}" if text.endswith((": yes", ": no")) else f"{text}: {how}"


@lru_cache(maxsize=1024)
def _tells(how: str) -> bool:
    """Whether a derivation says anything to a reader: an operator, a formula or a path does not."""
    return any(map(str.isalnum, how)) and not _FORMULA.search(how) and not _PATH.fullmatch(how.removesuffix(" is not given"))


def _how(origin: Provenance) -> str:
    match origin:
        case Derived(how):
            # The name of a function or of an operator is no sentence.
            return how if " " in how.strip() and any(map(str.isalnum, how)) and not _FORMULA.search(how) else "together with this"
        case Default(what):
            return f"default: {what}"
        case Through(what):
            return f"through {what}"
        case _:
            return "together with this"


def _grade(origin: Provenance) -> Grade:
    return "observed" if isinstance(origin, Observed) else "declared"


def shown(value: Any) -> str:
    """Return a value as people write it."""
    match value:
        case Known(inner):
            return shown(inner)
        case Unknown(reason=reason, symbol=symbol):
            return f"unknown ({named(symbol)}: {reason.label})"
        case Absent():
            return "not written"
        case bool():
            return str(value).lower()
        case Members(elements=elements, rest=rest):
            inside = ", ".join(shown(each.value) for each in elements[:5])
            if not elements:
                return "empty" if rest is None else "unknown"
            return f"[{inside}{', …' if rest is not None or len(elements) > 5 else ''}]"
        case Object():
            return "{…}"
        case str() | int() | float():
            return str(value)
        case _:
            return name_of(value)
