"""Runbooks: which steps a document has and which its service needs, and whether what it says is so."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from drpolicy.declarations.documents import ServiceDeclaration
from drpolicy.model.patterns import deferred
from drpolicy.model.provenance import Written
from drpolicy.model.reasons import Reason
from drpolicy.model.records import dataclass
from drpolicy.model.services import Endpoint, Runbook
from drpolicy.model.spans import Span
from drpolicy.model.stores import Claim, Store
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Member, Members, Unknown, Value, members
from drpolicy.recovery.control_planes import FAILBACK_WORDS, control_plane_steps, first_of, with_the_stores
from drpolicy.recovery.inputs import RunbookFile
from drpolicy.recovery.logic import known, truth_of
from drpolicy.recovery.runbook_commands import Names, misdirected, namings, strangers
from drpolicy.recovery.runbook_reviews import content_age, described_age, reviewed_age
from drpolicy.sources.history import History
from drpolicy.sources.markdown import Heading, Link, Markdown

WORDS: Mapping[str, tuple[str, ...]] = {
    "decision": (
        *("decision", "decide", "authority", "when to fail", "when to use", "declare"),
        *("결정", "승인", "선언", "선포", "판단", "발동", "전환 권한", "전환 기준", "전환 조건"),
    ),
    "promotion": ("promot", "승격"),
    "restore-order": ("restore", "order of", "crd", "operator", "복원", "순서", "오퍼레이터"),
    "dns": ("dns", "route 53", "route53", "traffic", "gslb", "트래픽", "도메인"),
    "connections": ("connection", "endpoint", "connect", "접속", "연결", "엔드포인트", "커넥션"),
    "integrity": ("integrity", "verif", "무결성", "정합성", "검증"),
    "failback": FAILBACK_WORDS,
    "contacts": ("contact", "communication", "escalation", "authority", "연락", "당직", "온콜", "담당자", "에스컬레이션", "보고 체계"),
}
"""Words in a heading, or in the label that begins a paragraph, that make it the section; English and Korean."""

_REGION = deferred(r"(?:^|[.-])((?:af|ap|ca|cn|eu|il|me|mx|sa|us)(?:-gov)?-[a-z]+-\d)\.(?:[a-z0-9-]+\.)*amazonaws\.com(?:\.cn)?$")
"""A host name that holds the region it is served from, such as ``bucket.s3.eu-west-1.amazonaws.com`` (AWS service endpoints, 2026-11)."""


@dataclass(frozen=True, slots=True, eq=False)
class Described:
    """What a runbook is held against: the service's stores and endpoints, its custom resources, and everything that can be named."""

    stores: tuple[Store, ...]
    endpoints: tuple[Endpoint, ...]
    custom: bool
    """Whether a namespace of the service holds custom resources: their definitions and operators come first."""
    names: Names
    readers: frozenset[str]
    """The services that name this document."""
    written: tuple[Span, ...] = ()
    """The resources that hold the service's data and its copies, whole."""
    history: History | None = None


def runbook_of(service: ServiceDeclaration, claim: Claim, file: RunbookFile | None, described: Described, as_of: date) -> Runbook | None:
    """Return the runbook that a service names, whether or not it is there; ``None`` when it names none."""
    if not isinstance(service.runbook, Known):
        return None
    path = service.runbook.value
    document = file.document if file is not None else None
    sections = tuple(_sections(document)) if document is not None else ()
    needs = tuple(needs_of(described))
    header = _header(document) if document is not None else service.span
    named = namings(document, described.names.catalog.operations) if document is not None else []
    strange, strange_at = _listed(((each.span, member) for each, member in strangers(named, described.names)), header)
    wrong, wrong_at = _listed(((each.span, member) for each, member in misdirected(named, described.names)), header)
    broken, broken_at = _listed(((each.span, Member(each.target)) for each in _broken(service, file)), header)
    said, said_at = _listed(_contradictions(service, document, described.readers), header)
    steps = control_plane_steps(document, described.names.catalog.control_planes, described.stores) if document is not None else ()
    hosted = _hosted(service.runbook, document)
    contacts = _contacts(service, document, header)
    return Runbook(
        key=f"runbook//{path}#{service.name}",
        name=path,
        service=service.name,
        path=service.runbook,
        exists=_exists(service.runbook, document),
        sections=members(sections),
        needs=members(needs),
        missing=members(each for each in needs if each not in sections),
        strangers=strange,
        strangers_at=strange_at,
        misdirected=wrong,
        misdirected_at=wrong_at,
        fails_over="dns" in needs or bool(service.dr_regions.elements),
        control_planes=members(steps),
        control_planes_at=first_of(steps, Written(header)),
        control_planes_with_data=with_the_stores(steps, described.stores, Written(header)),
        broken_links=broken,
        broken_links_at=broken_at,
        contradictions=said,
        contradictions_at=said_at,
        hosted_in=hosted,
        hosted_with_data=_with_data(hosted, described.stores, service.runbook),
        has_contacts=contacts,
        has_contacts_at=Known("contacts", contacts.origin),
        reviewed_age=reviewed_age(service, document, as_of),
        content_age=content_age(document, described.history, as_of, service.runbook),
        described_age=described_age(described.history, described.written, as_of, service.runbook),
        required_by=members([claim]),
        span=header,
    )


def needs_of(described: Described) -> Iterator[str]:
    """Yield the steps that the estate of a service asks for, in the order in which they are taken."""
    stores = described.stores
    promoted = any(
        protection.kind == "replica" and protection.store_kind == "database" and truth_of(protection.survives.region) is not Truth.FALSE
        for store in stores
        for protection in store.protections
    )
    elsewhere = any(store.recovery.region.copies.elements for store in stores)
    if elsewhere:
        yield "decision"
    if promoted:
        yield "promotion"
    if described.custom:
        yield "restore-order"
    if elsewhere:
        yield "dns"
    if promoted or any(truth_of(endpoint.regional) is Truth.TRUE for endpoint in described.endpoints):
        yield "connections"
    if stores:
        yield "integrity"
    yield "failback"
    yield "contacts"


def has_custom_resources(stores: Iterable[Store], names: Names) -> bool:
    """Whether a namespace among the stores holds custom resources."""
    return any(store.kind == "namespace" and (store.deployment, store.address.rpartition("/")[2]) in names.custom for store in stores)


def headings_of(document: Markdown, section: str) -> Iterator[Heading]:
    """Yield the headings and labels that make a section."""
    return (each for each in document.headings if any(word in each.text.lower() for word in WORDS[section]))


def _header(document: Markdown) -> Span:
    """Return the title, else the first line."""
    title = next((each.span for each in document.headings if not each.label), None)
    return title if title is not None else document.source.span(0, len(document.source.line(1)))


def _exists(path: Known[str], document: Markdown | None) -> Value[bool]:
    if document is None and "://" in path.value:
        return Unknown(Reason.OUTSIDE_SCOPE, f"whether {path.value} is there when it is needed", path.origin)
    return known(document is not None, "it is in the tree" if document is not None else f"{path.value}: no such file", path.origin)


def _sections(document: Markdown) -> Iterator[str]:
    return (section for section in WORDS if next(headings_of(document, section), None) is not None)


def _listed(found: Iterable[tuple[Span, Member[str]]], header: Span) -> tuple[Members[str], Value[str]]:
    """Return what was found, once each, and the first place of it."""
    listed = list(found)
    unique = {member.value: member for _, member in listed}
    certain = next(((span, member) for span, member in listed if member.presence is Truth.TRUE), listed[0] if listed else None)
    at: Value[str] = Absent(Written(header)) if certain is None else Known(certain[1].value, Written(certain[0]))
    return Members(tuple(unique.values())), at


def _broken(service: ServiceDeclaration, file: RunbookFile | None) -> Sequence[Link]:
    if file is None or not isinstance(service.runbook, Known):
        return ()
    _, fragment, anchor = service.runbook.value.partition("#")
    origin = service.runbook.origin
    if fragment and anchor and anchor not in file.document.anchors and isinstance(origin, Written):
        return (Link(service.runbook.value, origin.span), *file.broken)
    return file.broken


def _contradictions(service: ServiceDeclaration, document: Markdown | None, readers: frozenset[str]) -> Iterator[tuple[Span, Member[str]]]:
    fields = document.front_matter if document is not None else {}
    if "service" in fields:
        said, span = fields["service"]
        named = {each.strip(" \"'") for each in said.strip("[]").split(",")}
        if said and "{{" not in said and not named & readers:
            yield span, Member(f"it is the runbook of {said}")
    if "owner" in fields and isinstance(service.owner, Known) and len(readers) == 1:
        said, span = fields["owner"]
        if said and said != service.owner.value:
            yield span, Member(f"its owner is {said}, and that of {service.name} is {service.owner.value}")


def _hosted(path: Known[str], document: Markdown | None) -> Value[str]:
    host = re.match(r"https?://([^/:?#]++)", path.value)
    region = _REGION.search(host[1].lower()) if host is not None and document is None else None
    return Known(region[1], path.origin) if region is not None else Absent(path.origin)


def _with_data(hosted: Value[str], stores: tuple[Store, ...], path: Known[str]) -> Value[bool]:
    if not isinstance(hosted, Known):
        return known(False, "its address tells no region", path.origin)
    for store in stores:
        if isinstance(store.region, Known) and store.region.value == hosted.value:
            return known(True, f"{store.name} is in {hosted.value}, too", path.origin, store.region.origin)
    unknown = next((store.region for store in stores if isinstance(store.region, Unknown)), None)
    return unknown if unknown is not None else known(False, f"no store of the service is in {hosted.value}", path.origin)


def _contacts(service: ServiceDeclaration, document: Markdown | None, header: Span) -> Value[bool]:
    rota = next((each.rota for each in service.contacts if isinstance(each.rota, Known)), None)
    if rota is not None:
        return Known(True, rota.origin)
    sections = list(headings_of(document, "contacts")) if document is not None else []
    for heading in sections:
        if document is not None and document.urls_below(heading):
            return known(True, "the section has an address", Written(heading.span))
    return known(False, "no rota is linked", Written(sections[0].span if sections else header))
