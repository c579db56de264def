"""The findings of the JSON report, put together from texts: there are many, and most of what one says another has said."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from json.encoder import encode_basestring as _text
from typing import Any, Final

from drpolicy.model.findings import Evidence, Finding, OpenQuestion, SubjectReference, WaiverMark
from drpolicy.model.spans import Span
from drpolicy.model.values import Unknown

Fields = dict[str, Any]
Locate = Callable[[Span | None], Fields | None]
Encode = Callable[[Any], str]


def findings_json(findings: Iterable[Finding], encode: Encode, locate: Locate) -> Iterator[str]:
    """Yield each finding as JSON. A report has many of one subject at one place: what they share is written once."""
    places: dict[Span, str] = {}
    subjects: dict[int, tuple[SubjectReference, str]] = {}
    for finding in findings:
        place = places.get(finding.span)
        if place is None:
            place = places[finding.span] = encode(locate(finding.span))
        # Kept beside its text: of a subject that is gone another could have the number.
        subject = subjects.get(id(finding.subject))
        if subject is None:
            subject = subjects[id(finding.subject)] = finding.subject, encode(_subject(finding.subject))
        yield (
            f'{{"policy": {_text(finding.policy)}, "anti_pattern": {_text(finding.anti_pattern)}, "severity": {_text(finding.severity)}, '
            f'"verdict": "{finding.verdict.value}", "witness": {_text(finding.witness)}, "subject": {subject[1]}, "location": {place}, '
            f'"message": {_text(finding.message)}, "remedy": {_text(finding.remedy)}, '
            f'"evidence": {encode([_evidence(each, locate) for each in finding.evidence]) if finding.evidence else "[]"}, '
            f'"cause": {_text(finding.cause)}, '
            f'"unknowns": {encode([_question(each, locate) for each in finding.unknowns]) if finding.unknowns else "[]"}, '
            f'"waiver": {encode(_waiver(finding.waiver, locate)) if finding.waiver is not None else "null"}, '
            f'"baseline": {encode({"since": finding.baseline.since}) if finding.baseline is not None else "null"}, '
            f'"fingerprint": {_text(finding.fingerprint)}, "basis": {_text(finding.basis)}, '
            f'"calendar": {_FLAG[finding.calendar]}, "gated": {_FLAG[finding.gated]}}}'
        )


_FLAG: Final = {True: "true", False: "false"}


def _subject(subject: SubjectReference) -> Fields:
    return {
        "kind": subject.kind,
        "name": subject.name,
        "address": subject.address,
        "type": subject.type,
        "deployment": subject.deployment,
        "root": subject.root or None,
        "environment": subject.environment,
    }


def _evidence(evidence: Evidence, locate: Locate) -> Fields:
    return {"text": evidence.text, "grade": evidence.grade, "location": locate(evidence.span)}


def _question(question: OpenQuestion, locate: Locate) -> Fields:
    return {"what": question.what, **unknown_fields(question.unknown), "location": locate(question.span)}


def unknown_fields(unknown: Unknown) -> Fields:
    return {"reason": unknown.reason.label, "settle": unknown.reason.settle, "symbol": unknown.symbol}


def _waiver(waiver: WaiverMark | None, locate: Locate) -> Fields | None:
    if waiver is None:
        return None
    return {
        "reason": waiver.reason,
        "until": waiver.until,
        "owner": waiver.owner,
        "approver": waiver.approver,
        "ticket": waiver.ticket,
        "location": locate(waiver.span),
    }
