"""What holds data, with what protects it: holdings and drafts become Stores with Protections."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from drpolicy.catalog.rows import Catalog
from drpolicy.model.provenance import Derived, Provenance, Written
from drpolicy.model.records import dataclass, field
from drpolicy.model.spans import Span
from drpolicy.model.stores import UNCONFINED, Claim, Protection, Store
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Member, Members, Object, Unknown, Value
from drpolicy.recovery.bounds import recoveries
from drpolicy.recovery.data_location import confined_to_region, leaves_country
from drpolicy.recovery.drafts import Draft
from drpolicy.recovery.holdings import Holding
from drpolicy.recovery.logic import known, truth_of

S3_REPLICATION: Final = frozenset({"s3-replication", "s3-replication-inline"})
"""Mechanisms that write to another bucket of the estate."""


@dataclass(frozen=True, slots=True, eq=False)
class StoreFacts:
    """What is known of a store before its protections are counted, whatever it was made from."""

    key: str
    name: str
    address: str
    type: str
    kind: str
    deployment: str
    environment: Value[str]
    region: Value[str]
    account: Value[str]
    data_class: Value[str]
    replica_of: Value[str]
    span: Span
    attributes: Object = field(default_factory=Object)
    fields: Mapping[str, Value[Any]] = field(default_factory=dict)
    confined: Value[bool] = UNCONFINED


def facts_of(holding: Holding, environment: Value[str], data_class: Value[str]) -> StoreFacts:
    """Return the facts of a resource's store; ``data_class`` may differ from the catalog's by declaration or by use."""
    resource = holding.resource
    return StoreFacts(
        key=holding.key,
        name=resource.address,
        address=resource.address,
        type=resource.type,
        kind=holding.row.kind,
        deployment=resource.deployment,
        environment=environment,
        region=resource.region,
        account=resource.account,
        data_class=data_class,
        replica_of=holding.replica_of,
        span=resource.span,
        attributes=holding.attributes,
        fields=holding.fields,
    )


def build_store(
    facts: StoreFacts,
    drafts: Sequence[Draft],
    opened: Unknown | None,
    claims: Members[Claim],
    catalog: Catalog,
    *,
    services_declared: bool,
) -> Store:
    """Return a store with its protections and what they recover."""
    header: Provenance = Written(facts.span)
    kept = [draft for draft in drafts if draft.presence is not Truth.FALSE]
    protections = Members(
        tuple(Member(_protection(draft, facts, claims, catalog), draft.presence, draft.why) for draft in kept),
        opened,
    )
    absent: Value[Any] = Absent(header)
    return Store(
        key=facts.key,
        name=facts.name,
        address=facts.address,
        type=facts.type,
        kind=facts.kind,
        deployment=facts.deployment,
        environment=facts.environment,
        region=facts.region,
        account=facts.account,
        data_class=facts.data_class,
        multi_az=facts.fields.get("multiAz", absent),
        versioned=facts.fields.get("versioned", absent),
        history_locked=facts.fields.get("historyLocked", absent),
        deletion_guarded=facts.fields.get("deletionGuarded", absent),
        final_snapshot=facts.fields.get("finalSnapshot", absent),
        keeps_backups=facts.fields.get("keepsBackups", absent),
        copies_tags=facts.fields.get("copiesTags", absent),
        own_backups=facts.fields.get("ownBackups", absent),
        replica_of=facts.replica_of,
        services_declared=services_declared,
        required_by=claims,
        protections=protections,
        recovery=recoveries(protections, catalog),
        observed=False,
        drift=Members(),
        newest_point_age=absent,
        attributes=facts.attributes,
        span=facts.span,
        confined=facts.confined,
        confined_to_region=confined_to_region(facts.confined, facts.region, catalog.countries),
    )


def _protection(draft: Draft, facts: StoreFacts, claims: Members[Claim], catalog: Catalog) -> Protection:
    return Protection(
        key=f"{draft.deployment}//{draft.address} → {facts.key}",
        name=draft.name,
        address=draft.address,
        type=draft.type,
        deployment=draft.deployment,
        environment=facts.environment,
        mechanism=draft.row.id,
        kind=draft.row.kind,
        store=facts.name,
        store_address=facts.address,
        store_type=facts.type,
        store_kind=facts.kind,
        store_data_class=facts.data_class,
        store_region=facts.region,
        store_attributes=facts.attributes,
        region=draft.region,
        account=draft.account,
        enabled=draft.enabled,
        works=draft.works,
        prerequisites=Members(tuple(Member(each) for each in draft.prerequisites)),
        scheduled=draft.scheduled,
        gap=draft.gap,
        worst_gap=draft.worst_gap,
        retention=draft.retention,
        immutable=draft.immutable,
        survives=draft.survival(facts.region, facts.account),
        volume_data_moves=draft.volume_data_moves or known(True, "it holds the data itself", Written(draft.span)),
        application_consistent=draft.application_consistent or Absent(Written(draft.span)),
        unmet=Members(tuple(Member(each.text) for each in draft.prerequisites if truth_of(each.met) is Truth.FALSE)),
        attributes=draft.attributes,
        copy_attributes=draft.copy_attributes,
        copy_store=draft.copy_key,
        required_by=claims,
        span=draft.span,
        confined=facts.confined,
        confined_to_region=confined_to_region(facts.confined, facts.region, catalog.countries),
        key_region=draft.key_region or Absent(Written(draft.span)),
        key_replicated=draft.key_replicated or known(False, "no key is written", Written(draft.span)),
        leaves_country=leaves_country(draft.region, facts.region, catalog.countries),
        timing=_timing(draft),
    )


def _timing(draft: Draft) -> str:
    """Return what the schedule says, unless something else than the schedule decides the gap: continuous backup."""
    times = draft.times
    return times.words if times is not None and times.gap is draft.gap else ""


def class_by_use(holding: Holding, copied_to: Mapping[str, Provenance], backup_buckets: Mapping[str, Provenance]) -> Value[str]:
    """Return the data class: a bucket that only receives copies, or holds backups, is a ``copy`` and no record of its own."""
    if holding.key in backup_buckets:
        return Known("copy", Derived("a backup location writes to it", (backup_buckets[holding.key],)))
    if holding.key in copied_to:
        return Known("copy", Derived("a replication rule writes to it", (copied_to[holding.key],)))
    return holding.data_class


def copy_targets(drafts: Iterable[Draft]) -> dict[str, Provenance]:
    """Return the stores that replication writes to and that are not themselves replicated back."""
    pairs = {(draft.store, draft.copy_key): Written(draft.span) for draft in drafts if draft.copy_key and draft.row.id in S3_REPLICATION}
    return {copy: place for (store, copy), place in pairs.items() if (copy, store) not in pairs}
