"""Which stores of its service a record names, and which of its names are no store's.

A name is one that the service gives, a reference (address, ``deployment//address``, ARN), or that of a copy of the store: whoever
fails over restores the copy. A name is a stranger only if it can be none of these, whatever is not known.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches

from drpolicy.declarations.documents import EvidenceDeclaration, ServiceDeclaration, StoreReference
from drpolicy.model.estate import Stranger
from drpolicy.model.patterns import deferred
from drpolicy.model.provenance import written_at
from drpolicy.model.reasons import Reason
from drpolicy.model.records import dataclass
from drpolicy.model.stores import Store
from drpolicy.model.truth import Truth
from drpolicy.model.values import Known, Member, Members, Unknown, Value
from drpolicy.recovery.claims import Claimed
from drpolicy.recovery.links import Links
from drpolicy.recovery.store_references import store_by_arn
from drpolicy.recovery.stores import StoreFacts

_REFERENCE = deferred(r"[./:]")
"""What only an address or an ARN has in it: a name that a service gives is a word."""


@dataclass(frozen=True, slots=True, eq=False)
class NamedStores:
    """The stores that a record names, by what the service calls them, and the names that are no store's."""

    stores: Members[str]
    strangers: tuple[Stranger, ...] = ()


def as_written(record: EvidenceDeclaration) -> NamedStores:
    """Return the stores of a record whose service nobody declares: nothing says which they are."""
    unknown = next((each for each in record.stores if isinstance(each, Unknown)), record.stores.rest)
    return NamedStores(Members(tuple(Member(each.value) for each in record.stores if isinstance(each, Known)), unknown))


def named_stores(
    record: EvidenceDeclaration,
    service: ServiceDeclaration,
    claimed: Sequence[Claimed],
    stores: Mapping[str, Store],
    facts: Mapping[str, StoreFacts],
    links: Links,
) -> NamedStores:
    """Return what a record of a declared service names."""
    written = ((each.reference.name, each.text) for each in claimed)
    names = tuple(dict.fromkeys(name.value if isinstance(name, Known) else text for name, text in written))
    found: dict[str, Member[str]] = {}
    strangers: list[Stranger] = []
    rest = record.stores.rest
    for value in record.stores:
        if not isinstance(value, Known):
            rest = rest or (value if isinstance(value, Unknown) else None)
            continue
        text = value.value
        key = store_by_arn(text, facts, links) if text.startswith("arn:") else ""
        means = [(each, _means(each, text, key, stores)) for each in claimed]
        meant = [each.store or each.text for each, truth in means if truth is Truth.TRUE]
        doubt = None if meant else _doubt(text, key, value, service, means, facts, links)
        if meant:
            found.update((each, Member(each)) for each in meant)
        elif doubt is not None:
            rest = rest or doubt
        else:
            strangers.append(_stranger(record, service, names, value))
    return NamedStores(Members(tuple(found.values()), rest), tuple(strangers))


def _means(claimed: Claimed, text: str, key: str, stores: Mapping[str, Store]) -> Truth:
    """Return whether a name, or the ARN of the store ``key``, is that of a claimed store."""
    store = stores.get(claimed.store)
    names = {*_given(claimed.reference), *((store.name, *_copies(store, stores)) if store is not None else ())}
    return Truth.TRUE if text in names or (key and key in (claimed.store, *names)) else claimed.called(text)


def _given(reference: StoreReference) -> Iterator[str]:
    """Yield what a service calls a store, the first as it would be called first."""
    yield from (each.value for each in (reference.name, reference.text, reference.namespace) if isinstance(each, Known))
    if isinstance(reference.cluster, Known) and isinstance(reference.namespace, Known):
        cluster, namespace = reference.cluster.value, reference.namespace.value
        yield from (f"{cluster}/{namespace}", f"{cluster}//Namespace/_/{namespace}")


def strangers_as_written(record: EvidenceDeclaration, service: ServiceDeclaration) -> Iterator[Stranger]:
    """Yield the names of a record that are no store's by the words of the service alone: references are not followed."""
    parts = [part for each in service.stores for part in (each.name, each.text, each.namespace)]
    if service.stores.rest is not None or any(isinstance(part, Unknown) for part in parts):
        return
    names = tuple(next(_given(each)) for each in service.stores)
    known = {name for each in service.stores for name in _given(each)}
    for value in record.stores:
        if isinstance(value, Known) and value.value not in known and not _REFERENCE.search(value.value):
            yield _stranger(record, service, names, value)


def _copies(store: Store, stores: Mapping[str, Store]) -> Iterator[str]:
    for protection in store.protections:
        copy = stores.get(protection.copy_store)
        if copy is not None:
            yield from (copy.key, copy.address)


def _doubt(
    text: str,
    key: str,
    value: Known[str],
    service: ServiceDeclaration,
    means: Sequence[tuple[Claimed, Truth]],
    facts: Mapping[str, StoreFacts],
    links: Links,
) -> Unknown | None:
    """Return why a name may be that of a store all the same."""
    if service.stores.rest is not None:
        return service.stores.rest
    for each, truth in means:
        if truth is Truth.UNKNOWN:
            return Unknown(Reason.COUNT_NOT_KNOWN, f"whether {text} is one of {each.text}", value.origin)
        unknown = next((part for part in (each.reference.text, each.reference.name) if isinstance(part, Unknown)), None)
        if unknown is not None:
            return unknown
        if not each.store and each.presence is Truth.UNKNOWN and _REFERENCE.search(text):
            return each.why
    if text.startswith("arn:") and not key:
        return next((why for each, _ in means if (why := _nameless(text, each, value, facts, links)) is not None), None)
    return None


def _nameless(arn: str, claimed: Claimed, value: Known[str], facts: Mapping[str, StoreFacts], links: Links) -> Unknown | None:
    """Return why an ARN may be that of a claimed store: it is one of that kind, and the store's name in the API is not known."""
    store = facts.get(claimed.store)
    row = links.rows.get(store.type) if store is not None else None
    parts = arn.split(":", 5)
    if store is None or row is None or len(parts) < 6 or row.arn_service != parts[2] or not parts[5].startswith(row.arn_resource):
        return None
    if parts[3] and isinstance(store.region, Known) and store.region.value != parts[3]:
        return None
    names: list[Value[object] | None] = [store.attributes.fields.get(each) for each in row.names]
    if any(isinstance(each, Known) for each in names):
        return None
    return next((each for each in names if isinstance(each, Unknown)), Unknown(Reason.COMPUTED, f"the ARN of {store.key}", value.origin))


def _stranger(record: EvidenceDeclaration, service: ServiceDeclaration, names: tuple[str, ...], value: Known[str]) -> Stranger:
    near = get_close_matches(value.value, names, 1)
    return Stranger(record.name, service.name, value.value, near[0] if near else "", names, written_at(value.origin))
