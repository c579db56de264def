"""Runbooks: which steps a document has, and which its service needs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date

from drpolicy.declarations.documents import ServiceDeclaration
from drpolicy.model.durations import DAY, Duration
from drpolicy.model.provenance import Derived, Written
from drpolicy.model.reasons import Reason
from drpolicy.model.services import Endpoint, Runbook
from drpolicy.model.spans import Source
from drpolicy.model.stores import Claim, Store
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Unknown, Value, members
from drpolicy.recovery.logic import known, truth_of

WORDS: Mapping[str, tuple[str, ...]] = {
    "promotion": ("promot", "승격"),
    "dns": ("dns", "route 53", "route53", "traffic", "트래픽"),
    "connections": ("connection", "endpoint", "connect", "접속", "연결", "엔드포인트"),
    "integrity": ("integrity", "verif", "무결성", "검증"),
    "failback": ("failback", "fail back", "fail-back", "복귀"),
    "contacts": ("contact", "communication", "escalation", "authority", "연락", "비상"),
}
"""Words in a heading that make it the section; English and Korean."""

_FENCE = re.compile(r"^(```|~~~).*?^\1[ \t]*$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^#{1,6}[ \t]++(.*+)$|^(\S.*+)\n(?:=++|-++)[ \t]*+$", re.MULTILINE)
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
        key=f"runbook//{path}#{service.name}",
        name=path,
        service=service.name,
        path=service.runbook,
        exists=_exists(service.runbook, source),
        sections=members(sections),
        needs=members(needs),
        missing=members(each for each in needs if each not in sections),
        reviewed_age=_reviewed(service, source, as_of),
        required_by=members([claim]),
        span=header,
    )


def _exists(path: Known[str], source: Source | None) -> Value[bool]:
    if source is None and "://" in path.value:
        return Unknown(Reason.OUTSIDE_SCOPE, f"whether {path.value} is there when it is needed", path.origin)
    return known(source is not None, "it is in the tree" if source is not None else f"{path.value}: no such file", path.origin)


def _sections(source: Source) -> Iterator[str]:
    text = _FENCE.sub("", source.text)
    headings = [(match[1] or match[2]).lower() for match in _HEADING.finditer(text)]
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
    declared = service.runbook_reviewed
    if isinstance(declared, Unknown):
        return declared
    if isinstance(declared, Known) and declared.value <= as_of:
        return Known(_age(declared.value, as_of), declared.origin)
    match = _REVIEWED.search(source.text, 0, _FRONT_MATTER) if source is not None else None
    if match is None or source is None:
        return Absent(service.runbook.origin)
    try:
        reviewed = date.fromisoformat(match[1])
    except ValueError:
        return Absent(Written(source.span(match.start(1), match.end(1))))
    if reviewed > as_of:
        return Absent(Written(source.span(match.start(1), match.end(1))))
    origin = Derived("last reviewed", (Written(source.span(match.start(1), match.end(1))),))
    return Known(_age(reviewed, as_of), origin)


def _age(day: date, as_of: date) -> Duration:
    return Duration((as_of - day).days * DAY)
