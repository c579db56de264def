"""The DR side of Terraform: which regions stand by, and what in them is there for which resource on the other side.

A region stands by where a cluster of it has the role ``dr``, where a service declares it, and where the alias of a provider or the path
of a root says so in a word (``dr``, ``standby`` …), unless a primary cluster is in it. Twins are of one type and environment, have the
same name, or addresses that differ in nothing but words for the two sides; where several could be meant, none is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from drpolicy.catalog.rows import Catalog, TwinRow
from drpolicy.declarations.documents import ServiceDeclaration
from drpolicy.model.patterns import deferred
from drpolicy.model.provenance import Written
from drpolicy.model.records import dataclass, field
from drpolicy.model.resources import Resource, TerraformRoot
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Member, Members, Unknown, Value, same
from drpolicy.recovery.deployments import DR_WORDS
from drpolicy.recovery.locations import Site

_PRIMARY_WORDS = frozenset({"primary", "main", "active", "source"})
_SPLIT = deferred(r"[^A-Za-z0-9]+")


@dataclass(frozen=True, slots=True, eq=False)
class Twins:
    """Resources by type, for finding twins among them, and the regions that stand by."""

    standby: frozenset[str]
    by_type: Mapping[str, Sequence[Resource]]
    environments: Mapping[str, Value[str]] = field(default_factory=dict)
    """By deployment."""

    def on_standby(self, resource: Resource) -> bool:
        """Whether a resource is in a region that stands by."""
        return isinstance(resource.region, Known) and resource.region.value in self.standby

    def primary_regions(self, resource: Resource) -> frozenset[str]:
        """Return the regions that the one of a resource stands in for: those of resources in the files that do not stand by."""
        found = {
            each.region.value
            for others in self.by_type.values()
            for each in others
            if isinstance(each.region, Known) and not self.on_standby(each) and self._beside(resource, each)
        }
        return frozenset(found)

    def twin_of(self, resource: Resource, row: TwinRow) -> Resource | None:
        """Return what a resource on standby is there for; ``None`` where it is not, or where nothing or several may be meant."""
        if not self.on_standby(resource):
            return None
        others = [each for each in self.by_type.get(resource.type, ()) if self._other_side(resource, each)]
        named = [each for each in others if row.by and all(_equal(resource, each, path) for path in row.by)]
        if len(named) == 1:
            return named[0]
        alike = [] if named or row.needed else [each for each in others if self._words(each) == self._words(resource)]
        return alike[0] if len(alike) == 1 else None

    def missing_in(self, resource: Resource, row: TwinRow) -> Members[str]:
        """Return the standby regions in which nothing is there for a resource of the primary side, where there ought to be."""
        if not row.needed or self.on_standby(resource) or not isinstance(resource.region, Known):
            return Members()
        found = []
        for region in sorted(self.standby - {resource.region.value}):
            there = [each for each in self.by_type.get(resource.type, ()) if _in(each, region)]
            truths = [
                _all_same(resource, each, row.by) & each.presence & (Truth.TRUE if isinstance(each.region, Known) else Truth.UNKNOWN)
                for each in there
            ]
            if Truth.TRUE in truths:
                continue
            unsure = next((each for each, truth in zip(there, truths, strict=True) if truth is Truth.UNKNOWN), None)
            why = _unsure(resource, unsure, row.by) if unsure is not None else None
            found.append(Member(region, Truth.TRUE if why is None else Truth.UNKNOWN, why))
        return Members(tuple(found))

    def _other_side(self, resource: Resource, other: Resource) -> bool:
        apart = isinstance(other.region, Known) and not self.on_standby(other)
        return apart and not other.data and other.presence is not Truth.FALSE and self._beside(resource, other)

    def _beside(self, one: Resource, other: Resource) -> bool:
        ours, theirs = (self.environments.get(each.deployment, Absent(Written(each.span))) for each in (one, other))
        return same(ours, theirs) is Truth.TRUE

    def _words(self, resource: Resource) -> tuple[str, ...]:
        text = resource.address
        for region in (*self.standby, resource.region.value if isinstance(resource.region, Known) else ""):
            text = text.replace(region, "").replace(region.replace("-", "_"), "") if region else text
        return tuple(word for word in _SPLIT.split(text.replace("_", "-").lower()) if word not in DR_WORDS | _PRIMARY_WORDS)


def twins_of(
    resources: Iterable[Resource],
    catalog: Catalog,
    sites: Iterable[Site],
    services: Iterable[ServiceDeclaration],
    roots: Iterable[TerraformRoot],
    environments: Mapping[str, Value[str]],
) -> Twins:
    """Index the resources of which a row of the catalog says something for the two sides."""
    by_type: dict[str, list[Resource]] = defaultdict(list)
    for each in resources:
        row = catalog.components.get(each.type)
        if row is not None and not each.data and not each.exported:
            by_type[each.type].append(each)
    return Twins(_standby(sites, services, roots), by_type, environments)


def _standby(sites: Iterable[Site], services: Iterable[ServiceDeclaration], roots: Iterable[TerraformRoot]) -> frozenset[str]:
    """Return the regions that stand by. What is declared wins over what names say, and a region of both sides stands by for nothing."""
    standby: set[str] = set()
    primary: set[str] = set()
    for site in sites:
        if isinstance(site.region, Known):
            (standby if site.is_dr else primary).add(site.region.value)
    for service in services:
        standby.update(each.value for each in service.dr_regions if isinstance(each, Known))
        if isinstance(service.primary_region, Known):
            primary.add(service.primary_region.value)
    named, default = _named_regions(roots)
    return frozenset((standby - primary) | (named - default - primary))


def _named_regions(roots: Iterable[TerraformRoot]) -> tuple[set[str], set[str]]:
    """Return the regions of providers that names promise to stand by, and those of default providers that no name does."""
    named: set[str] = set()
    default: set[str] = set()
    for root in roots:
        whole = bool(DR_WORDS & _words_of(root.path))
        for provider in root.providers:
            kind, _, alias = provider.name.partition(".")
            if kind != "aws" or not isinstance(provider.region, Known):
                continue
            if DR_WORDS & _words_of(alias) or (whole and not alias):
                named.add(provider.region.value)
            elif not alias:
                default.add(provider.region.value)
    return named, default


def _words_of(name: str) -> frozenset[str]:
    return frozenset(_SPLIT.split(name.replace("_", "-").lower()))


def _equal(one: Resource, other: Resource, path: str) -> bool:
    ours, theirs = one.get(path), other.get(path)
    return isinstance(ours, Known) and isinstance(theirs, Known) and bool(ours.value == theirs.value)


def _all_same(one: Resource, other: Resource, paths: Sequence[str]) -> Truth:
    result = Truth.TRUE
    for path in paths:
        result = result & same(one.get(path), other.get(path))
    return result


def _in(resource: Resource, region: str) -> bool:
    return not isinstance(resource.region, Known) or resource.region.value == region


def _unsure(one: Resource, other: Resource, paths: Sequence[str]) -> Unknown | None:
    values = [each.get(path) for path in paths for each in (one, other)]
    return next((each for each in (*values, other.region) if isinstance(each, Unknown)), other.why)
