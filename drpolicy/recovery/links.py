"""From a reference to the resource it names.

In order: identity inside a deployment; a full ARN, or an S3 bucket name (unique within a partition); a name of the
same type, account and region. A name that is known in part only names what is spelt alike: the same pieces, and the
same unknowns between them, inside one deployment. Never by the known pieces alone.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from drpolicy.catalog.rows import Catalog, StoreRow
from drpolicy.model.patterns import deferred
from drpolicy.model.reasons import Reason
from drpolicy.model.records import dataclass, field
from drpolicy.model.resources import Resource
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Member, Unknown, Value, same, target_of

ARNS: Mapping[str, tuple[str, str]] = {
    "aws_backup_vault": ("backup", "backup-vault:"),
    "aws_backup_logically_air_gapped_vault": ("backup", "backup-vault:"),
}
"""Service and beginning of the resource in the ARN of types that hold copies only (Service Authorization Reference, 2026-11)."""

_ARN = deferred(r"arn:[a-z0-9-]+:([a-z0-9-]+):([a-z0-9-]*):(\d*):(.+)")


def steps_of(path: str) -> Iterator[str | int]:
    """Return the steps of a dotted path; digits are positions."""
    return (int(step) if step.isdecimal() else step for step in path.split("."))


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a reference names: candidates with a presence each, or ``unknown`` when that cannot be told."""

    matches: tuple[Member[Resource], ...] = ()
    unknown: Unknown | None = None

    @property
    def single(self) -> Resource | None:
        """The one certain match."""
        return self.matches[0].value if len(self.matches) == 1 and self.matches[0].presence is Truth.TRUE else None


@dataclass(frozen=True)
class Links:
    """An index over the resources that can be referred to."""

    by_key: Mapping[str, Resource]
    by_instances: Mapping[str, tuple[Resource, ...]]
    by_name: Mapping[tuple[str, str], tuple[Resource, ...]]
    by_type: Mapping[str, tuple[Resource, ...]]
    by_unknown_name: Mapping[tuple[str, str], tuple[tuple[Resource, Unknown], ...]]
    """Per deployment and type: resources whose own name is written and not known."""
    rows: Mapping[str, StoreRow] = field(default_factory=dict)
    by_spelling: Mapping[tuple[str, str, str], tuple[Resource, ...]] = field(default_factory=dict)
    """Per deployment and type: resources by the spelling of a name that is not known."""

    def of_type(self, type_: str) -> tuple[Resource, ...]:
        """Return every managed resource of a type."""
        return self.by_type.get(type_, ())

    def resolve(self, value: Value[str], types: Iterable[str], origin: Resource) -> Resolution:
        """Return what ``value``, written on ``origin``, names among resources of ``types``."""
        wanted = frozenset(types)
        reads: list[Resource] = []
        for reference in references(value):
            found = [each for each in self._by_identity(reference) if each.type in wanted]
            made = [each for each in found if not each.data]
            if made:
                return _resolution(made, value)
            reads = reads or found
        named = self._by_text(value.value, value, wanted, origin) if isinstance(value, Known) and isinstance(value.value, str) else None
        # What a data source reads by name may well be made here, under that name.
        if named is not None and (named.matches or not reads):
            return named
        if reads:
            return _resolution(reads, value)
        alike = self._spelt_alike(value, wanted, origin) if isinstance(value, Unknown) else []
        if len(alike) == 1:
            return _resolution(alike, value)
        return Resolution(unknown=value) if isinstance(value, Unknown) else Resolution()

    def _by_identity(self, key: str) -> Iterator[Resource]:
        found = self.by_key.get(key)
        if found is not None:
            yield found
        else:
            yield from self.by_instances.get(key, ())

    def _spelt_alike(self, value: Unknown, wanted: frozenset[str], origin: Resource) -> list[Resource]:
        """Return the resources beside ``origin`` that are certainly named so, whatever the unknown pieces turn out to be."""
        text = spelling(value)
        bucket = _BUCKET_ARN.fullmatch(text)
        return [
            resource
            for type_ in sorted(wanted)
            for resource in self.by_spelling.get((origin.deployment, type_, bucket[1] if bucket and type_ == "aws_s3_bucket" else text), ())
            if _placed(resource, None, None, origin, arn=False) is Truth.TRUE
        ]

    def _arn(self, type_: str) -> tuple[str | None, str]:
        """Return the service in the ARN of a type, ``None`` when it is not known, and what the name follows."""
        row = self.rows.get(type_)
        return (row.arn_service, row.arn_resource) if row is not None else ARNS.get(type_, (None, ""))

    def _perhaps_named(self, type_: str, text: str, arn: re.Match[str] | None, origin: Resource) -> Iterator[Member[Resource]]:
        """Yield the resources beside ``origin`` whose unknown name may be the one that is written."""
        service, prefix = self._arn(type_)
        name = arn[4][len(prefix) :] if arn is not None and arn[4].startswith(prefix) else text
        for resource, unknown in self.by_unknown_name.get((origin.deployment, type_), ()):
            if (arn is None or arn[1] == service) and could_be(unknown, name):
                yield Member(resource, Truth.UNKNOWN, unknown)

    def _by_text(self, text: str, value: Value[str], wanted: frozenset[str], origin: Resource) -> Resolution:
        arn = _ARN.fullmatch(text)
        certain, possible = [], []
        for type_ in sorted(wanted):
            service, prefix = self._arn(type_)
            name, region, account = text, None, None
            if arn is not None:
                if arn[1] != service or not arn[4].startswith(prefix):
                    continue
                name, region, account = arn[4][len(prefix) :], arn[2] or None, arn[3] or None
            for each in self.by_name.get((type_, name), ()):
                match _placed(each, region, account, origin, arn is not None):
                    case Truth.TRUE:
                        certain.append(each)
                    case Truth.UNKNOWN:
                        possible.append(each)
                    case Truth.FALSE:
                        continue
        if certain:
            # One name that several deployments make is, to each of them, the one it makes itself.
            own = [each for each in certain if each.deployment == origin.deployment]
            return _resolution(own or certain, value)
        if len(possible) == 1 and arn is None and possible[0].deployment == origin.deployment:
            return _resolution(possible, value)
        unnamed = [each for type_ in sorted(wanted) for each in self._perhaps_named(type_, text, arn, origin)]
        if unnamed:
            return Resolution(tuple(unnamed))
        if possible:
            why = Unknown(Reason.AMBIGUOUS, f"{text} (region or account not known)", value.origin)
            return Resolution(tuple(Member(each, Truth.UNKNOWN, why) for each in possible))
        return Resolution()


_BUCKET_ARN = deferred(r"arn:(?:[a-z-]+|\0[^\0]*\0):s3:::(.+)", re.DOTALL)
"""ARNs of S3 buckets have neither region nor account (Service Authorization Reference, Amazon S3, 2026-11)."""


def spelling(value: Known[str] | Unknown) -> str:
    """Return a text that is equal for two strings only if they are certainly equal: symbols stand for what is not known."""
    if isinstance(value, Known):
        return str(value.value)
    return "".join(map(spelling, value.parts)) if value.parts else f"\0{value.symbol}\0"


def could_be(name: Unknown, text: str) -> bool:
    """Whether a name that is known in part only may be a text."""
    if name.among:
        return any(each.value == text for each in name.among)
    first, last = (name.parts[0], name.parts[-1]) if name.parts else (None, None)
    begins = not isinstance(first, Known) or text.startswith(first.value)
    return begins and (not isinstance(last, Known) or text.endswith(last.value))


def _placed(resource: Resource, region: str | None, account: str | None, origin: Resource, arn: bool) -> Truth:
    if resource.type == "aws_s3_bucket":
        return Truth.TRUE
    if arn:
        here = Truth.TRUE if region is None else _is(resource.region, region)
        return here & (Truth.TRUE if account is None else _is(resource.account, account))
    return same(resource.region, origin.region) & same(resource.account, origin.account)


def _is(value: Value[str], text: str) -> Truth:
    if isinstance(value, Absent):
        return Truth.UNKNOWN
    if isinstance(value, Known):
        return Truth.of(value.value == text)
    if value.among:
        return Truth.UNKNOWN if any(each.value == text for each in value.among) else Truth.FALSE
    return Truth.UNKNOWN


def references(value: Value[str]) -> Iterator[str]:
    """Yield the keys of the resources that a value refers to by identity, itself or in its parts."""
    target = target_of(value)
    if target is not None:
        yield target.key
    if isinstance(value, Unknown):
        for part in value.parts:
            inner = target_of(part)
            if inner is not None:
                yield inner.key


def _resolution(found: list[Resource], value: Value[str]) -> Resolution:
    if len(found) == 1:
        only = found[0]
        return Resolution((Member(only, only.presence, only.why),))
    if isinstance(value, Known) or len({each.deployment for each in found}) > 1:
        why = Unknown(Reason.AMBIGUOUS, " or ".join(each.key for each in found), value.origin)
        return Resolution(tuple(Member(each, Truth.UNKNOWN, why) for each in found))
    return Resolution(tuple(Member(each, each.presence, each.why) for each in found))


def link_index(resources: Iterable[Resource], catalog: Catalog) -> Links:
    """Index resources by identity, by API name and by type. Data sources are reachable by identity only."""
    by_key: dict[str, Resource] = {}
    instances: dict[str, list[Resource]] = defaultdict(list)
    names: dict[tuple[str, str], list[Resource]] = defaultdict(list)
    types: dict[str, list[Resource]] = defaultdict(list)
    unnamed: dict[tuple[str, str], list[tuple[Resource, Unknown]]] = defaultdict(list)
    spelt: dict[tuple[str, str, str], list[Resource]] = defaultdict(list)
    for each in resources:
        by_key[each.key] = each
        block, index, _ = each.key.rpartition("[")
        if index and each.key.endswith("]"):
            instances[block].append(each)
        if each.data:
            continue
        types[each.type].append(each)
        row = catalog.stores.get(each.type)
        attributes = row.names if row is not None else ("name",)
        for attribute in attributes:
            value = each.get(attribute)
            if isinstance(value, Unknown) and value.reason is not Reason.COMPUTED:
                unnamed[each.deployment, each.type].append((each, value))
            if isinstance(value, Unknown):
                spelt[each.deployment, each.type, spelling(value)].append(each)
            if isinstance(value, Known) and isinstance(value.value, str) and each not in names[each.type, value.value]:
                names[each.type, value.value].append(each)
    return Links(
        by_key,
        {key: tuple(found) for key, found in instances.items()},
        {key: tuple(found) for key, found in names.items()},
        {key: tuple(found) for key, found in types.items()},
        {key: tuple(found) for key, found in unnamed.items()},
        catalog.stores,
        {key: tuple(found) for key, found in spelt.items()},
    )
