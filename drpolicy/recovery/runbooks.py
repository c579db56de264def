"""Runbooks: which steps a document has, and which its service needs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date

from drpolicy.declarations.documents import ServiceDeclaration
from drpolicy.model.durations import DAY, Duration
from drpolicy.model.estate import Claim, Endpoint, Runbook, Store
from drpolicy.model.provenance import Derived, Written
from drpolicy.model.spans import Source
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Value, members
from drpolicy.recovery.logic import known, truth_of

WORDS: Mapping[str, tuple[str, ...]] = {
    "promotion": ("promot", "승격"),
    "dns": ("dns", "route 53", "route53", "traffic", "트래픽"),
    "connections": ("connection", "endpoint", "connect", "접속", "연결", "엔드포인트"),
    "integrity": ("integrity", "verif", "무결성", "검증"),
    "failback": ("failback", "fail back", "fail-back", "복귀"),
    "contacts": ("contact", "communication", "escalation", "authority", "연락", "보고"),
}
"""Words in a heading that make it the section; English and Korean."""

_HEADING = re.compile(r"^#{1,6}[ \t]++(.*+)$", re.MULTILINE)
_REVIEWED = re.compile(r"^(?:lastReviewed|last_reviewed|last-reviewed):[ \t]*+[\"']?(\d{4}-\d{2}-\d{2})", re.MULTILINE)
_FRONT_MATTER = 4096
"""Characters in which front matter is looked for."""


def runbook_of(
    service: ServiceDeclaration,
    claim: Claim,
    source: Source | None,
    stores: tuple[Store, ...],
    endpoints: tuple[Endpoint, ...],
    as_of: date,
) -> Runbook | None:
    """Return the runbook that a service names, whether or not it is there; ``None`` when it names none."""
    if not isinstance(service.runbook, Known):
        return None
    path = service.runbook.value
    sections = tuple(_sections(source)) if source is not None else ()
    needs = tuple(_needs(stores, endpoints))
    header = source.span(0, len(source.line(1))) if source is not None else service.span
    return Runbook(
        key=f"runbook//{path}",
        name=path,
        service=service.name,
        path=service.runbook,
        exists=known(source is not None, "found in the tree" if source is not None else "not found", service.runbook.origin),
        sections=members(sections),
        needs=members(needs),
        missing=members(each for each in needs if each not in sections),
        reviewed_age=_reviewed(service, source, as_of),
        required_by=members([claim]),
        span=header,
    )


def _sections(source: Source) -> Iterator[str]:
    headings = [match[1].lower() for match in _HEADING.finditer(source.text)]
    for section, words in WORDS.items():
        if any(word in heading for heading in headings for word in words):
            yield section


def _needs(stores: tuple[Store, ...], endpoints: tuple[Endpoint, ...]) -> Iterator[str]:
    promoted = any(
        protection.kind == "replica" and protection.store_kind == "database" and truth_of(protection.survives.region) is not Truth.FALSE
        for store in stores
        for protection in store.protections
    )
    if promoted:
        yield "promotion"
    if any(store.recovery.region.copies.elements for store in stores):
        yield "dns"
    if promoted or any(truth_of(endpoint.regional) is Truth.TRUE for endpoint in endpoints):
        yield "connections"
    if stores:
        yield "integrity"
    yield "failback"
    yield "contacts"


def _reviewed(service: ServiceDeclaration, source: Source | None, as_of: date) -> Value[Duration]:
    if isinstance(service.runbook_reviewed, Known):
        return Known(_age(service.runbook_reviewed.value, as_of), service.runbook_reviewed.origin)
    match = _REVIEWED.search(source.text, 0, _FRONT_MATTER) if source is not None else None
    if match is None or source is None:
        return Absent(service.runbook.origin)
    try:
        reviewed = date.fromisoformat(match[1])
    except ValueError:
        return Absent(Written(source.span(match.start(1), match.end(1))))
    origin = Derived("last reviewed", (Written(source.span(match.start(1), match.end(1))),))
    return Known(_age(reviewed, as_of), origin)


def _age(day: date, as_of: date) -> Duration:
    return Duration(max(0, (as_of - day).days) * DAY)
