"""Whether the tags of stores say what the services that live on them declare."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from drpolicy.declarations.documents import ServiceDeclaration
from drpolicy.model.agreements import Agreement
from drpolicy.model.durations import parse_duration
from drpolicy.model.provenance import Provenance
from drpolicy.model.stores import Store
from drpolicy.model.values import Absent, Known, Object, Unknown, Value
from drpolicy.recovery.contradictions import Declared, Side, agreement, first_unknown


def of_tags(service: ServiceDeclaration, stores: Sequence[Store], among: Declared, header: Provenance) -> Agreement:
    """Return whether tags and declaration agree; nothing was compared where no store has a tag that counts."""
    told = [(says, value) for store in stores for says, names in among.tags.items() if names for _, value in _tags(store, names)]
    own = {"owner": service.owner, "tier": service.tier}
    unknown = first_unknown(each for says, value in told for each in (value, own.get(says, value)))
    found = agreement("the tags of its stores agree", _tagged(service, stores, among), unknown, header)
    return Agreement(found.holds, found.text, bool(told))


def _tags(store: Store, names: Sequence[str]) -> Iterator[tuple[str, Value[Any]]]:
    """Yield the first of some tags that a store has; what is not known of its tags stands for it."""
    for attribute in ("tags_all", "tags"):
        tags = store.attributes.fields.get(attribute)
        if isinstance(tags, Unknown):
            yield names[0], tags
            return
        for name in names if isinstance(tags, Known) and isinstance(tags.value, Object) else ():
            value = tags.value.fields.get(name) if isinstance(tags, Known) else None
            if value is not None and not isinstance(value, Absent):
                yield name, value
                return


def _tagged(service: ServiceDeclaration, stores: Sequence[Store], among: Declared) -> Iterator[Side]:
    for store in stores:
        for says, names in among.tags.items():
            for name, value in _tags(store, names) if names else ():
                if isinstance(value, Known):
                    yield from _differing(service, store, says, name, value, among)


def _differing(service: ServiceDeclaration, store: Store, says: str, name: str, value: Known[Any], among: Declared) -> Iterator[Side]:
    said = str(value.value)
    if says in ("owner", "tier"):
        own = service.owner if says == "owner" else service.tier
        if isinstance(own, Known) and own.value.lower() != said.lower():
            yield Side(f"{says} {own.value} is declared, and tag {name} of {store.address} says {said}", (own.origin, value.origin))
        return
    try:
        time = parse_duration(said)
    except ValueError:
        return
    times = [each.rto if says == "rto" else each.rpo for each in among.claims[service.name].objectives]
    known = [each for each in times if isinstance(each, Known)]
    # A tag does not say of which disruption it speaks: it contradicts when it is right for none.
    if known and not any(isinstance(each, Unknown) for each in times) and all(each.value != time for each in known):
        text = f"{says.upper()} {known[0].value} is declared, and tag {name} of {store.address} says {said}"
        yield Side(text, (known[0].origin, value.origin))
