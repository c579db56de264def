"""What a resource type means for recovery: rows of the catalog.

Conditions are CEL texts; ``catalog.conditions`` compiles them. Durations are CEL expressions of type duration.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from drpolicy.model.records import dataclass, field

ProtectionKind = Literal["backup", "replica", "versions"]
Omitted = Literal["default", "computed", "absent-block", "service-default"]
"""What it means when nobody writes an attribute: the provider fills it in; it is known after the apply only, and documented;
the feature is off; nothing is sent and the service decides. Only the second and fourth can change without the provider."""


@dataclass(frozen=True, slots=True)
class AttributeDefault:
    """The value that takes effect when nobody writes the attribute, and who says so."""

    attribute: str
    value: str | int | bool | None
    """``None`` where no page says: what depends on it is Unknown. An absent block has no value either, and stays absent."""
    source: str
    omitted: Omitted = "default"
    means: str = ""
    """What an absent block means, in a word."""


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
    aws_backup: str = ""
    """Its name in the opt-in settings of AWS Backup; empty when AWS Backup does not take it."""
    key: str = ""
    """Attribute that names the key it is encrypted with; nothing written means the service's default key."""
    keys: str = ""
    """What its encryption asks of a copy, in words."""
    live: tuple[str, ...] = ()
    """The read-only API calls that confirm it."""
    computed: tuple[str, ...] = ()
    """Attributes that the provider fills in after apply when nobody writes them: unknown in a plan, and as good as not written."""


@dataclass(frozen=True, slots=True)
class TwinRow:
    """How a resource on standby is held against the one on the primary side that it is there for."""

    by: tuple[str, ...]
    """Attributes that are the same on both sides."""
    equal: tuple[str, ...] = ()
    """Paths of what has to be the same; through a block that is written once."""
    at_least: tuple[str, ...] = ()
    """Paths of what must not be less."""
    entries: tuple[str, ...] = ()
    """Blocks with a name and a value, all of which have to be there with the same value."""
    needed: bool = False
    """Whether the primary side's is of no use without one on standby; ``by`` alone says which belong together."""


@dataclass(frozen=True, slots=True)
class ComponentRow:
    """A resource type that holds no data and that a recovery rests on: what runs, routes, or keeps backups."""

    type: str
    kind: str
    fields: Mapping[str, str]
    defaults: tuple[AttributeDefault, ...] = ()
    joins: tuple[Join, ...] = ()
    twin: TwinRow | None = None
    regional: tuple[str, ...] = ()
    """Attributes in which a name of another region leads there when it runs: images, environments, certificates."""


@dataclass(frozen=True, slots=True)
class Link:
    """How the linking resource and the store come together. Exactly one of the five ways is given.

    ``store``: the path of the linking resource's attribute that names the store. ``sibling``: both share a third name.
    ``named_by``: the store's attribute that names the linking resource. ``beside``: it takes every store of its region and account.
    ``chosen``: what decides, outside every file, which stores of its account it takes, in whatever region: each may be one.
    """

    type: str
    store: str = ""
    sibling: str = ""
    named_by: str = ""
    beside: bool = False
    joint: Joint | None = None
    """For siblings: the resource that they join, which may name its first member itself."""
    through: Mapping[str, str] = field(default_factory=dict)
    """For ``store``: types that may stand between the two, such as the snapshot that is copied, with their attribute that leads on."""
    chosen: str = ""


@dataclass(frozen=True, slots=True)
class Joint:
    """A resource that siblings name, such as a global cluster; ``first`` is its attribute that names the first of them."""

    type: str
    first: str
    name: str = ""
    """Its own name in the API, by which siblings may know it."""


@dataclass(frozen=True, slots=True)
class CopyPlace:
    """Where the copy is: at the ``store``, at the ``link``, in a ``region`` (CEL), or at a referenced resource."""

    at: Literal["store", "link", "region", "reference"]
    value: str = ""
    types: tuple[str, ...] = ()
    """The types that a reference may name; the row's stores when empty."""
    account: str = ""
    """The path of the attribute that says the account of a referenced resource, for one that no file makes."""


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
class CopyKey:
    """The attributes that may name the key which encrypts the copy, and the page that says so. The first that is written counts.

    Nothing written means a key of the copy's own region, or none.
    """

    settings: tuple[str, ...]
    """Paths in what makes the protection (``self``)."""
    copy: tuple[str, ...]
    """Paths in what holds the copy."""
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
    once: bool = False
    """Whether it is made when Terraform makes its resource, and never again by itself: one point in time that only grows older."""
    copy: CopyPlace = CopyPlace("store")
    key: CopyKey | None = None
    """Where the key of a copy in another region is named; ``None`` where no such attribute is."""
    requires: tuple[Requirement, ...] = ()
    gap: Bound | None = None
    worst_gap: Bound | None = None
    retention: str = ""


@dataclass(frozen=True, slots=True)
class Country:
    """A country, by its ISO 3166 code, and the regions that AWS has there in one partition."""

    name: str
    regions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OperationRow:
    """What the arguments of one command-line program, or one service of it, name."""

    program: str
    service: str
    names: Mapping[str, Mapping[str, str]]
    """Argument → the types that it may name, each with the attribute that holds the name."""
    makes: Mapping[str, tuple[str, ...]]
    """Operation → the arguments that name what it brings into being."""
    promotes: Mapping[str, str]
    """Operation → the argument that names the replica it promotes."""
    regional: bool
    """Whether a name stands for something in one region only."""
    source: str


@dataclass(frozen=True, slots=True)
class ControlPlaneRow:
    """A service that is changed through one region, wherever what it serves is."""

    service: str
    region: str
    operations: Mapping[str, tuple[str, ...]]
    """Command of the AWS command line → beginnings of the operations that change something."""
    types: frozenset[str]
    """Resource types that show that the service is used."""
    remains: str
    """What goes on working without the region, in words."""
    source: str


@dataclass(frozen=True, slots=True)
class StepText:
    """What is done, by which commands, how to see that it worked and what to undo; real names stand for the words in braces."""

    does: str
    commands: tuple[str, ...]
    verify: tuple[str, ...]
    expect: str
    after: str = ""
    cleanup: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StepRow:
    """How a store is had back by a mechanism: when the copy takes over, and in a drill beside production."""

    mechanism: str
    stores: tuple[str, ...]
    section: str
    """The section of a runbook in which it stands."""
    failover: StepText | None
    drill: StepText | None
    source: str


@dataclass(frozen=True, slots=True)
class Catalog:
    """All rows, by type and by id."""

    stores: Mapping[str, StoreRow] = field(default_factory=dict)
    mechanisms: Mapping[str, MechanismRow] = field(default_factory=dict)
    components: Mapping[str, ComponentRow] = field(default_factory=dict)
    unjudged: frozenset[str] = frozenset()
    """Types that hold data and have no row: known only so that they are counted."""
    countries: Mapping[str, Country] = field(default_factory=dict)
    """The country of each region."""
    operations: tuple[OperationRow, ...] = ()
    steps: tuple[StepRow, ...] = ()
    control_planes: tuple[ControlPlaneRow, ...] = ()

    def step(self, mechanism: str, store_type: str) -> StepRow | None:
        """Return how a store of a type is had back by a mechanism, where that is known."""
        return next((row for row in self.steps if row.mechanism == mechanism and (not row.stores or store_type in row.stores)), None)

    def computed(self, type_: str, attribute: str) -> bool:
        """Whether an attribute that is not in the configuration, and known only after apply, is one that nobody wrote."""
        row = self.stores.get(type_)
        if row is not None and (attribute in row.computed or any(each.attribute == attribute for each in row.defaults)):
            return True
        # The key that a service chooses is the default one of the copy's region.
        return any(attribute in (*each.key.settings, *each.key.copy) for each in self.mechanisms.values() if each.key is not None)

    def resource_types(self) -> frozenset[str]:
        """Return every resource type that a row mentions: what recovery needs to have evaluated."""
        types = {*self.stores, *self.components}
        for store in self.stores.values():
            types.update(join.type for join in store.joins)
        for component in self.components.values():
            types.update(join.type for join in component.joins)
        for row in self.mechanisms.values():
            types.update(row.copy.types)
            if row.link is not None:
                types.update((row.link.type, *row.link.through))
                types.update((row.link.joint.type,) if row.link.joint is not None else ())
        return frozenset(types)

    def taken_by_aws_backup(self) -> frozenset[str]:
        """Return the store types that AWS Backup can back up."""
        return frozenset(row.type for row in self.stores.values() if row.aws_backup)
