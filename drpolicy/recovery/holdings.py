"""Stores as the catalog sees them: resources with defaults, joined resources and computed facts, before any protection."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeAlias

from drpolicy.catalog.rows import Catalog, ComponentRow, StoreRow
from drpolicy.model.provenance import Derived, Written
from drpolicy.model.records import dataclass
from drpolicy.model.resources import Resource
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Member, Members, Object, Unknown, Value
from drpolicy.recovery.conditions import compute, with_defaults
from drpolicy.recovery.links import Links, steps_of
from drpolicy.recovery.logic import aspect_of

Joined: TypeAlias = Mapping[tuple[str, str], Members[Value[Any]]]


@dataclass(frozen=True, slots=True, eq=False)
class Holding:
    """A resource that holds data, with what its catalog row says of it."""

    resource: Resource
    row: StoreRow
    attributes: Object
    fields: Mapping[str, Value[Any]]
    data_class: Value[str]
    replica_of: Value[str]

    @property
    def key(self) -> str:
        return self.resource.key

    @property
    def scope(self) -> Object:
        """The attributes and computed facts together, as conditions name them."""
        return Object({**self.attributes.fields, **self.fields}, self.attributes.rest)


def holdings(resources: Iterable[Resource], catalog: Catalog, links: Links) -> list[Holding]:
    """Return every managed resource of a store type, in the order given."""
    joined = joined_resources(catalog.stores, links)
    return [
        _holding(resource, catalog.stores[resource.type], joined)
        for resource in resources
        if resource.type in catalog.stores and not resource.data
    ]


def _holding(resource: Resource, row: StoreRow, joined: Mapping[tuple[str, str], Members[Value[Any]]]) -> Holding:
    attributes = joined_attributes(resource, row, joined)
    header = Written(resource.span)
    scope = {"self": attributes, "guarded": resource.guarded}
    replica: Value[Any] = resource.get(row.replica_of) if row.replica_of else Absent(header)
    return Holding(
        resource,
        row,
        attributes,
        {**{name: compute(text, scope, header) for name, text in row.fields.items()}, **_own_key(row, resource)},
        _data_class(row, replica, scope, header),
        replica,
    )


def joined_attributes(resource: Resource, row: StoreRow | ComponentRow, joined: Joined) -> Object:
    """Return a resource's attributes with the provider's defaults, and the resources that name it under the names of the joins."""
    attributes = with_defaults(resource, row.defaults)
    fields = dict(attributes.fields)
    for join in row.joins:
        found = joined.get((join.name, resource.key)) or joined.get((join.name, resource.deployment)) or Members()
        fields[join.name] = Known(found, Written(resource.span))
    return Object(fields, attributes.rest)


def _own_key(row: StoreRow, resource: Resource) -> dict[str, Value[bool]]:
    """Return whether a key of its owner encrypts it. A written reference to a key is never null."""
    if not row.key:
        return {}
    match resource.get(row.key):
        case Known(text) as key:
            return {"ownKey": Known(text != "", Derived(f"{row.key} is written", (key.origin,)))}
        case Unknown() as key if key.target is not None:
            return {"ownKey": Known(True, Derived(f"{row.key} is written", (key.origin,)))}
        case Unknown() as key:
            return {"ownKey": aspect_of("key of its own", key)}
        case Absent() as key:
            return {"ownKey": Known(False, key.origin)}


def _data_class(row: StoreRow, replica: Value[Any], scope: Mapping[str, object], header: Written) -> Value[str]:
    """Return what kind of data it holds. A written reference to the store that it replicates is never null."""
    if (isinstance(replica, Known) and replica.value != "") or (isinstance(replica, Unknown) and replica.target is not None):
        return Known("replica", Derived(f"{row.replica_of} is written", (replica.origin,)))
    return replica if isinstance(replica, Unknown) else compute(row.data_class, scope, header)


def joined_resources(rows: Mapping[str, StoreRow] | Mapping[str, ComponentRow], links: Links) -> Joined:
    """Map (join name, key) to the joined resources' attributes.

    Under (join name, deployment) stands the collection for a resource that nothing names for certain while some linking
    resource of its deployment cannot be resolved: empty and open.
    """
    found: dict[tuple[str, str], list[Member[Value[Any]]]] = defaultdict(list)
    opened: dict[tuple[str, str], Unknown] = {}
    for row in rows.values():
        for join in row.joins:
            for name, resource, store, presence, unknown in _joined(row, join.name, join.type, join.store, links):
                if unknown is not None and join.certain:
                    continue
                if unknown is not None:
                    opened[name, resource.deployment] = unknown
                elif store is not None:
                    value = Known(resource.attributes, Written(resource.span))
                    found[name, store.key].append(Member(value, presence, resource.why))
    result: dict[tuple[str, str], Members[Value[Any]]] = {key: Members((), why) for key, why in opened.items()}
    result.update({key: Members(tuple(elements)) for key, elements in found.items()})
    return result


def _joined(
    row: StoreRow | ComponentRow, name: str, type_: str, attribute: str, links: Links
) -> Iterator[tuple[str, Resource, Resource | None, Truth, Unknown | None]]:
    steps = tuple(steps_of(attribute))
    for resource in links.of_type(type_):
        resolution = links.resolve(resource.get(*steps), (row.type,), resource)
        for match in resolution.matches:
            yield name, resource, match.value, match.presence & resource.presence, None
        if resolution.unknown is not None:
            yield name, resource, None, Truth.UNKNOWN, resolution.unknown
