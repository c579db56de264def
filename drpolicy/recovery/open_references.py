"""Which stores a reference that names nothing known may be about: those that its written part, or its ARN, does not rule out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from drpolicy.catalog.rows import StoreRow
from drpolicy.model.values import Known, Unknown, Value
from drpolicy.recovery.addresses import bare, split
from drpolicy.recovery.claims import Claimed
from drpolicy.recovery.links import could_be
from drpolicy.recovery.stores import StoreFacts

_SERVICE, _REGION, _ACCOUNT, _RESOURCE = 2, 3, 4, 5
"""Where the fields of an ARN are between its colons (AWS General Reference, Amazon Resource Names, 2026-11)."""


def open_references(claimed: Mapping[str, Iterable[Claimed]]) -> tuple[Claimed, ...]:
    """Return the references that lead nowhere for a reason, and so may be about a store."""
    return tuple(each for references in claimed.values() for each in references if not each.store and each.why is not None)


def opened(references: Sequence[Claimed], facts: StoreFacts, rows: Mapping[str, StoreRow]) -> Unknown | None:
    """Return why a service that is not known to claim a store may do so; ``None`` where no reference can be about it.

    A reference of which the address is written is about no store of another address, whatever else is not known of it.
    """
    return next((each.why for each in references if _may_name(each, facts, rows)), None)


def _may_name(claimed: Claimed, facts: StoreFacts, rows: Mapping[str, StoreRow]) -> bool:
    text = claimed.reference.text
    match text:
        case Known(value=written) if written.startswith("arn:"):
            return _arn_fits(written, written, facts, rows)
        case Known(value=written):
            # What a data source reads may be made here, by a resource of the same type.
            return f".data.{facts.type}." in f".{bare(split(written)[1])}"
        case Unknown(among=among) if among:
            return any(each.value in _called(facts) or _arn_fits(str(each.value), str(each.value), facts, rows) for each in among)
        case Unknown(parts=parts):
            first, last = (_text(parts[0]), _text(parts[-1])) if parts else ("", "")
            return _fits(first, last, facts) or _arn_fits(first, last, facts, rows)
        case _:
            return _namespace_fits(claimed, facts)


def _text(part: Value[str]) -> str:
    return part.value if isinstance(part, Known) else ""


def _called(facts: StoreFacts) -> Iterator[str]:
    for deployment in ("", f"{facts.deployment}//", f"{facts.deployment.partition('@')[0]}//"):
        yield from (deployment + facts.address, deployment + bare(facts.address))


def _fits(first: str, last: str, facts: StoreFacts) -> bool:
    """Whether what is written at both ends of a reference is that of an address. Indices are not compared."""
    # A bracket that is left has its other half in what is not known.
    begins, ends = bare(first).partition("[")[0], bare(last).rpartition("]")[2]
    return any(each.startswith(begins) and each.endswith(ends) for each in map(bare, _called(facts)))


def _arn_fits(first: str, last: str, facts: StoreFacts, rows: Mapping[str, StoreRow]) -> bool:
    """Whether an ARN of which both ends are written may be that of a store; a whole one is both."""
    row = rows.get(facts.type)
    if row is None or (first and not first.startswith("arn:")) or "//" in last:
        return False
    if not row.arn_service:
        return True
    fields = first.split(":", _RESOURCE)
    # The last field of a text that goes on is not whole.
    whole = fields if first == last else fields[:-1]
    if len(whole) > _SERVICE and whole[_SERVICE] != row.arn_service:
        return False
    for index, value in ((_REGION, facts.region), (_ACCOUNT, facts.account)):
        if len(whole) > index and whole[index] and isinstance(value, Known) and value.value != whole[index]:
            return False
    if len(whole) > _RESOURCE:
        named = whole[_RESOURCE]
        return named.startswith(row.arn_resource) and _may_be_called(named[len(row.arn_resource) :], facts, row, entire=True)
    return _may_be_called(last.rpartition(":")[2], facts, row, entire=False)


def _may_be_called(name: str, facts: StoreFacts, row: StoreRow, *, entire: bool) -> bool:
    """Whether a store's name in the API may be, or end as, a text. Where none of its names is written it may be any."""
    values = [facts.attributes.fields.get(each) for each in row.names]
    known = [str(each.value) for each in values if isinstance(each, Known)]
    if known:
        return any(each == name if entire else name.endswith(each) or each.endswith(name) for each in known)
    unknown = [each for each in values if isinstance(each, Unknown)]
    return not entire or not unknown or any(could_be(each, name) for each in unknown)


def _namespace_fits(claimed: Claimed, facts: StoreFacts) -> bool:
    """Whether a namespace that is not known, or is on a cluster that is not, may be a store."""
    reference = claimed.reference
    if facts.kind != "namespace" or (isinstance(reference.cluster, Known) and isinstance(reference.namespace, Known)):
        return False
    namespace = facts.address.rpartition("/")[2]
    return all(
        not isinstance(said, Known) or said.value == own
        for said, own in ((reference.cluster, facts.deployment), (reference.namespace, namespace))
    )
