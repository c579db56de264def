"""Protections managed elsewhere and declared with ``kind: Protection``: attested, until their review date."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from drpolicy.catalog.rows import Catalog
from drpolicy.declarations.documents import ProtectionDeclaration
from drpolicy.model.durations import Duration
from drpolicy.model.provenance import Written
from drpolicy.model.reasons import Reason
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Object, Unknown, Value
from drpolicy.recovery.addresses import refers
from drpolicy.recovery.drafts import Draft
from drpolicy.recovery.links import Links
from drpolicy.recovery.logic import known
from drpolicy.recovery.store_references import store_by_arn
from drpolicy.recovery.stores import StoreFacts


def find(
    declarations: Iterable[ProtectionDeclaration], stores: Mapping[str, StoreFacts], catalog: Catalog, as_of: date, links: Links
) -> Iterator[Draft]:
    """Yield the declared protections of every store they select, by address, key, ARN or type."""
    for declaration in declarations:
        arns = [each.value for each in declaration.references if isinstance(each, Known) and each.value.startswith("arn:")]
        named = {store_by_arn(each, stores, links) for each in arns} - {""}
        for facts in stores.values():
            selected, why = (Truth.TRUE, None) if facts.key in named else _selects(declaration, facts)
            if selected is not Truth.FALSE:
                yield _draft(declaration, facts, catalog, as_of, selected, why)


def _selects(declaration: ProtectionDeclaration, facts: StoreFacts) -> tuple[Truth, Unknown | None]:
    if any(isinstance(each, Known) and each.value == facts.type for each in declaration.types):
        return Truth.TRUE, None
    named = [(each, refers(each.value, facts.deployment, facts.address)) for each in declaration.references if isinstance(each, Known)]
    if any(truth is Truth.TRUE for _, truth in named):
        return Truth.TRUE, None
    for value in (*declaration.references, *declaration.types):
        if isinstance(value, Unknown):
            return Truth.UNKNOWN, value
    for value, truth in named:
        if truth is Truth.UNKNOWN:
            return truth, Unknown(Reason.COUNT_NOT_KNOWN, value.value, value.origin)
    return Truth.FALSE, None


def _draft(
    declaration: ProtectionDeclaration, facts: StoreFacts, catalog: Catalog, as_of: date, presence: Truth, why: Unknown | None
) -> Draft:
    header = Written(declaration.span)
    mechanism = declaration.mechanism.value if isinstance(declaration.mechanism, Known) else "managed elsewhere"
    account: Value[str] = facts.account if isinstance(declaration.account, Absent) else declaration.account
    worst: Value[Duration] = declaration.gap
    return Draft(
        row=catalog.mechanisms["declared-protection"],
        store=facts.key,
        name=f"{mechanism}, declared by {declaration.name}",
        address=declaration.name,
        type="drpolicy.dev/v1/Protection",
        deployment="",
        region=declaration.region,
        account=account,
        enabled=_current(declaration, as_of),
        prerequisites=(),
        scheduled=known(True, "it is declared with a gap", header),
        gap=declaration.gap,
        worst_gap=worst,
        retention=declaration.retention,
        immutable=known(False, "no lock is declared", header),
        attributes=Object(),
        copy_attributes=Object(),
        span=declaration.span,
        presence=presence,
        why=why,
    )


def _current(declaration: ProtectionDeclaration, as_of: date) -> Value[bool]:
    until = declaration.reviewed_until
    match until:
        case Known(day, origin):
            return known(as_of <= day, f"reviewed until {day.isoformat()}", origin)
        case Unknown():
            return until
        case Absent(origin):
            return known(False, "no review date is declared", origin)
