"""What a resource type means for recovery: rows of the catalog.

Conditions are CEL texts; ``catalog.conditions`` compiles them. Durations are CEL expressions of type duration.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

ProtectionKind = Literal["backup", "replica", "versions"]


@dataclass(frozen=True, slots=True)
class AttributeDefault:
    """The value that takes effect when nobody writes the attribute, and who says so."""

    attribute: str
    value: str | int | bool
    source: str


@dataclass(frozen=True, slots=True)
class Join:
    """Resources of ``type`` whose attribute ``store`` names the store appear in its conditions as ``name``."""

    name: str
    type: str
    store: str
    certain: bool = False
    """Whether a link that cannot be resolved counts as naming something else: for what only classifies a store."""


@dataclass(frozen=True, slots=True)
class StoreRow:
    """A resource type that holds data."""

    type: str
    kind: str
    names: tuple[str, ...]
    """Attributes that hold its name in the provider's API, the first known one counts."""
    arn_service: str
    arn_resource: str
    """What stands before the name in the last part of its ARN (``db:``, ``table/``)."""
    data_class: str
    fields: Mapping[str, str]
    defaults: tuple[AttributeDefault, ...] = ()
    joins: tuple[Join, ...] = ()
    replica_of: str = ""
    """Attribute that names the store it replicates."""
    computed: tuple[str, ...] = ()
    """Attributes that the provider fills in after apply when nobody writes them: unknown in a plan, and as good as not written."""


@dataclass(frozen=True, slots=True)
class Link:
    """How the linking resource names the store: by reference (``store``), or by sharing a third name (``sibling``)."""

    type: str
    store: str = ""
    sibling: str = ""


@dataclass(frozen=True, slots=True)
class CopyPlace:
    """Where the copy is: at the ``store``, at the ``link``, in a ``region`` (CEL), or at a referenced resource."""

    at: Literal["store", "link", "region", "reference"]
    value: str = ""


@dataclass(frozen=True, slots=True)
class Requirement:
    """What must hold for the mechanism to work at all."""

    id: str
    that: str
    text: str
    stores: tuple[str, ...] = ()
    """The store types that it is asked of; all of the row's when empty."""


@dataclass(frozen=True, slots=True)
class Bound:
    """A duration with the page that gives it; it applies when ``when`` holds."""

    expression: str
    source: str
    when: str = ""


@dataclass(frozen=True, slots=True)
class RecoveryTime:
    """Seconds that bringing the data back takes at least, and at most when that is guaranteed."""

    at_least: float
    at_most: float | None
    source: str


@dataclass(frozen=True, slots=True)
class MechanismRow:
    """One way to get a store back."""

    id: str
    title: str
    kind: ProtectionKind
    recovery: RecoveryTime
    survives: Mapping[str, str]
    stores: tuple[str, ...] = ()
    matched: str = ""
    """The algorithm that makes its protections, when linking by attribute is not enough."""
    link: Link | None = None
    each: str = ""
    enabled: str = "true"
    copy: CopyPlace = CopyPlace("store")
    requires: tuple[Requirement, ...] = ()
    gap: Bound | None = None
    worst_gap: Bound | None = None
    retention: str = ""


@dataclass(frozen=True, slots=True)
class Catalog:
    """All rows, by type and by id."""

    stores: Mapping[str, StoreRow] = field(default_factory=dict)
    mechanisms: Mapping[str, MechanismRow] = field(default_factory=dict)
    unjudged: frozenset[str] = frozenset()
    """Types that hold data and have no row: known only so that they are counted."""

    def computed(self, type_: str, attribute: str) -> bool:
        """Whether an attribute that is not in the configuration, and known only after apply, is one that nobody wrote."""
        row = self.stores.get(type_)
        return row is not None and (attribute in row.computed or any(each.attribute == attribute for each in row.defaults))

    def resource_types(self) -> frozenset[str]:
        """Return every resource type that a row mentions: what recovery needs to have evaluated."""
        types = set(self.stores)
        for store in self.stores.values():
            types.update(join.type for join in store.joins)
        types.update(row.link.type for row in self.mechanisms.values() if row.link is not None)
        return frozenset(types)
