"""Resources + declarations → estate: the one place where everything comes together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date

from drpolicy.catalog.rows import Catalog
from drpolicy.declarations.documents import StoreReference
from drpolicy.model.clusters import RestoreTest
from drpolicy.model.estate import Estate, Inference
from drpolicy.model.provenance import Default, Written
from drpolicy.model.reasons import Reason
from drpolicy.model.records import dataclass, replace
from drpolicy.model.resources import Resource
from drpolicy.model.stores import Claim, Store, holds_data
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Member, Members, Unknown, Value, members
from drpolicy.recovery import (
    backup_plans,
    declared,
    mechanisms,
    module_links,
    networks,
    organization_policies,
    resilience_hub,
    restore_testing_plans,
    routing,
    snapshot_policies,
    switch_plans,
    velero_references,
)
from drpolicy.recovery.assembly import deployments_of, endpoints_of, missing_module, services_of
from drpolicy.recovery.claims import Claimed, claim_of, claims_by_store
from drpolicy.recovery.clusters import EKS, sites
from drpolicy.recovery.completion import with_labels, with_named
from drpolicy.recovery.components import components
from drpolicy.recovery.copy_keys import RESOURCE_TYPES as KEY_TYPES
from drpolicy.recovery.copy_keys import with_key
from drpolicy.recovery.data_location import confined
from drpolicy.recovery.deployed import makes_more_than_rights
from drpolicy.recovery.deployments import is_record
from drpolicy.recovery.drafts import Draft
from drpolicy.recovery.drill_history import dated
from drpolicy.recovery.drill_stores import NamedStores, as_written, named_stores
from drpolicy.recovery.drills import drills
from drpolicy.recovery.environments import environment_inferences, environment_of, namespace_inferences
from drpolicy.recovery.fleet import Fleet, fleet_of
from drpolicy.recovery.holdings import Holding, holdings
from drpolicy.recovery.inputs import Inputs
from drpolicy.recovery.links import Links, link_index
from drpolicy.recovery.on_clusters import clusters_of
from drpolicy.recovery.open_references import open_references, opened
from drpolicy.recovery.organization_policies import organization_plans
from drpolicy.recovery.permissions import deleters, permissions_of
from drpolicy.recovery.plan_needs import REMOTE_STATE
from drpolicy.recovery.presence import uncertain_members
from drpolicy.recovery.recovery_times import with_recovery_times
from drpolicy.recovery.recurring import captures, schedules_of
from drpolicy.recovery.routing import host_name
from drpolicy.recovery.runbook_commands import Names, names_of
from drpolicy.recovery.store_references import nameable, resolve
from drpolicy.recovery.stores import StoreFacts, build_store, class_by_use, copy_targets, facts_of
from drpolicy.recovery.twins import twins_of
from drpolicy.recovery.velero_buckets import ENCRYPTION
from drpolicy.recovery.velero_secrets import POD_IDENTITY

EXTRA_TYPES = frozenset({EKS, "aws_acm_certificate", "aws_sns_topic", "aws_sqs_queue", ENCRYPTION, POD_IDENTITY, REMOTE_STATE}).union(
    KEY_TYPES,
    networks.RESOURCE_TYPES,
    resilience_hub.RESOURCE_TYPES,
    velero_references.CONFIG_MAPS,
    restore_testing_plans.RESOURCE_TYPES,
    routing.RESOURCE_TYPES,
    switch_plans.RESOURCE_TYPES,
)
"""Types that are neither store nor mechanism, and are read all the same."""


def resource_types(catalog: Catalog) -> frozenset[str]:
    """Return the resource types that recovery wants to have read."""
    matched = backup_plans.RESOURCE_TYPES | snapshot_policies.RESOURCE_TYPES | organization_policies.RESOURCE_TYPES
    return catalog.resource_types() | matched | EXTRA_TYPES


def build_estate(inputs: Inputs, catalog: Catalog, as_of: date) -> Estate:
    """Return everything known about recoverability. Pure: the same inputs give the same estate."""
    catalog = with_recovery_times(catalog, inputs.recovery_times)
    resources = (*(each for root in inputs.roots for each in root.resources), *inputs.observed)
    links = link_index((*resources, *organization_plans((*resources, *inputs.context)), *inputs.context), catalog)
    inputs = with_named(inputs, links)
    held = {each.key: each for each in holdings(resources, catalog, links)}
    found_sites, inferences = sites(inputs.clusters, resources)
    fleet = fleet_of(inputs.manifests, found_sites, links, held)
    protected = _protected(inputs, catalog, links, held, fleet, as_of)
    among = nameable(protected.facts, links, inputs.roots)
    claimed = {each.name: list(resolve(each, among)) for each in inputs.declarations.services}
    inputs = with_labels(inputs, claimed, protected.facts, fleet, links)
    claims = {each.name: claim_of(each, inputs.tiers) for each in inputs.declarations.services}
    stores = _with_deleters(_stores(inputs, catalog, protected, claims, claimed), resources)
    estate = _estate(inputs, fleet, protected, stores, claims, claimed, resources, inferences, catalog, as_of)
    by_root = _environments(inputs)
    declared_any = bool(inputs.declarations.services or inputs.stakes)
    own = [each for each in resources if not each.exported]
    twins = twins_of(own, catalog, found_sites, inputs.declarations.services, inputs.roots, by_root)
    return replace(estate, components=tuple(components(own, catalog, links, by_root, twins, services_declared=declared_any)))


@dataclass(frozen=True, slots=True, eq=False)
class _Protected:
    """Every store with the drafts of its protections, before services are looked at."""

    facts: Mapping[str, StoreFacts]
    drafts: Sequence[Draft]
    opened: Mapping[str, Unknown]
    links: Links
    restore_tests: tuple[RestoreTest, ...] = ()
    """Those that AWS Backup runs."""
    rules: tuple[Draft, ...] = ()
    """Recurring rules and their copies, whether or not they protect any store."""


def _protected(inputs: Inputs, catalog: Catalog, links: Links, held: Mapping[str, Holding], fleet: Fleet, as_of: date) -> _Protected:
    drafts: list[Draft] = []
    rules: list[Draft] = []
    opened: dict[str, Unknown] = {}
    for found in (
        mechanisms.find(catalog, links, held),
        backup_plans.find(catalog, links, held),
        snapshot_policies.find(catalog, links, held),
        module_links.find_opened(inputs.roots, _judged(inputs, held)),
    ):
        drafts.extend(found.found)
        rules.extend(found.rules)
        opened.update(found.opened or {})
    opened.update(fleet.opened())
    drafts = [with_key(each, links) for each in drafts]
    facts = _facts(inputs, held, fleet, drafts)
    drafts.extend(fleet.drafts(drafts, catalog))
    rules.extend(fleet.rules(catalog))
    drafts.extend(declared.find(inputs.declarations.protections, facts, catalog, as_of, links))
    refused = {draft.store for draft in drafts if _explicitly_off(draft)}
    for why in inputs.elsewhere:
        for key in facts:
            # Whoever writes that it is off has said so, whatever else is managed elsewhere.
            if key not in refused and why.covers(facts[key].kind):
                opened.setdefault(key, why.unknown)
    tests = tuple(restore_testing_plans.restore_testing_plans(links, held, _environments(inputs)))
    return _Protected(facts, drafts, opened, links, tests, tuple(rules))


def _judged(inputs: Inputs, held: Mapping[str, Holding]) -> Mapping[str, Holding]:
    """Return what something may be asked of: a dependency only where a service can claim it. What modules receive costs their inputs."""
    if inputs.declarations.services:
        return held
    return {key: each for key, each in held.items() if holds_data(each.data_class)}


def _facts(inputs: Inputs, held: Mapping[str, Holding], fleet: Fleet, drafts: Sequence[Draft]) -> dict[str, StoreFacts]:
    by_root = _environments(inputs)
    buckets, copies = fleet.backup_buckets(), copy_targets(drafts)
    facts = {}
    for key, holding in held.items():
        environment = by_root.get(holding.resource.deployment, Absent(Written(holding.resource.span)))
        facts[key] = facts_of(holding, environment, class_by_use(holding, copies, buckets))
    return {**facts, **fleet.store_facts()}


def _stores(
    inputs: Inputs, catalog: Catalog, protected: _Protected, claims: Mapping[str, Claim], claimed: Mapping[str, list[Claimed]]
) -> dict[str, Store]:
    drafts: dict[str, list[Draft]] = defaultdict(list)
    for draft in protected.drafts:
        drafts[draft.store].append(draft)
    by_store = claims_by_store((claims[name], references) for name, references in claimed.items())
    inherited = _inherited(protected.drafts, by_store)
    facts = dict(protected.facts)
    for references in claimed.values():
        for each in references:
            # What a service says its store is wins over what the catalog takes it for.
            if each.store in facts and not isinstance(each.reference.data_class, Absent):
                facts[each.store] = replace(facts[each.store], data_class=each.reference.data_class)
    for key, given in _references(claimed).items():
        if key in facts:
            facts[key] = replace(facts[key], confined=confined(given, Written(facts[key].span)))
    nowhere = open_references(claimed)
    return {
        key: build_store(
            each,
            [_unconfirmed(draft, by_store.get(key)) for draft in drafts[key]],
            protected.opened.get(key),
            by_store.get(key)
            or inherited.get(key)
            or inputs.stakes.get(key)
            or Members((), opened(nowhere, each, protected.links.rows) if nowhere else None),
            catalog,
            services_declared=bool(inputs.declarations.services or inputs.stakes),
        )
        for key, each in facts.items()
    }


def _with_deleters(stores: dict[str, Store], resources: Sequence[Resource]) -> dict[str, Store]:
    """Say of the stores that services claim which roles may delete them together with their copies."""
    claimed = [key for key, store in stores.items() if store.required_by.elements and is_record(store)]
    roles = permissions_of(resources) if claimed else []
    for key in claimed if roles else ():
        found, first, asked = deleters(stores[key], roles)
        stores[key] = replace(stores[key], deleters=found, deleters_at=first, deleters_asked=asked)
    return stores


def _references(claimed: Mapping[str, list[Claimed]]) -> dict[str, list[StoreReference]]:
    """Return what services say of each store."""
    found: dict[str, list[StoreReference]] = defaultdict(list)
    for references in claimed.values():
        for each in references:
            if each.store and each.presence is Truth.TRUE:
                found[each.store].append(each.reference)
    return found


def _explicitly_off(draft: Draft) -> bool:
    """Whether a store's own backups are written as off."""
    enabled = draft.enabled
    return draft.row.kind == "backup" and isinstance(enabled, Known) and not enabled.value and not isinstance(enabled.origin, Default)


def _inherited(drafts: Sequence[Draft], by_store: Mapping[str, Members[Claim]]) -> dict[str, Members[Claim]]:
    """Return the claims on copies: what is at stake with a store is at stake with what it is to be recovered from."""
    found: dict[str, dict[str, Member[Claim]]] = defaultdict(dict)
    for draft in drafts:
        if draft.copy_key and draft.store in by_store:
            found[draft.copy_key].update({member.value.service: member for member in by_store[draft.store].elements})
    return {key: Members(tuple(each.values())) for key, each in found.items()}


def _unconfirmed(draft: Draft, claims: Members[Claim] | None) -> Draft:
    """Return the draft, uncertain if a critical service depends on it and somebody's word alone stands for it."""
    critical = any(not (isinstance(claim.tier, Known) and claim.tier.value != "critical") for claim in claims or Members())
    if draft.row.matched != "declared" or not critical or draft.presence is not Truth.TRUE:
        return draft
    why = Unknown(Reason.NOT_OBSERVED, f"{draft.name} (attested only)", Written(draft.span))
    return replace(draft, presence=Truth.UNKNOWN, why=why)


def _estate(
    inputs: Inputs,
    fleet: Fleet,
    protected: _Protected,
    stores: Mapping[str, Store],
    claims: Mapping[str, Claim],
    claimed: Mapping[str, list[Claimed]],
    resources: Sequence[Resource],
    inferences: tuple[Inference, ...],
    catalog: Catalog,
    as_of: date,
) -> Estate:
    uncertain = {**uncertain_members(resources, stores, protected.rules), **fleet.uncertain()}
    by_store = {key: store.required_by for key, store in stores.items()}
    named = _named(inputs, claimed, stores, protected)
    found_drills = tuple(drills(inputs.declarations.evidence, claims, {name: each.stores for name, each in named.items()}, as_of))
    if inputs.history is not None:
        every = (*resources, *fleet.resources)
        found_drills = tuple(dated(found_drills, inputs.declarations.evidence, claimed, stores, every, inputs.history, as_of))
    captured = captures(protected.drafts, by_store)
    on_clusters = clusters_of(fleet, protected.drafts, captured, by_store, inputs.field_problems, resources)
    on_clusters = replace(on_clusters, restore_tests=(*on_clusters.restore_tests, *protected.restore_tests))
    endpoints = endpoints_of(fleet, resources, by_store, protected.links, _claims_on_records(inputs, claims), _environments(inputs))
    names = _names(inputs, fleet, resources, catalog)
    services, runbooks = services_of(inputs, stores, claims, claimed, on_clusters, endpoints, found_drills, uncertain, names, as_of)
    asked_for = resource_types(catalog)
    return Estate(
        services=services,
        stores=tuple(stores.values()),
        protections=tuple(each for store in stores.values() for each in store.protections),
        schedules=(*on_clusters.schedules, *schedules_of(protected.rules, captured, _environments(inputs))),
        locations=on_clusters.locations,
        clusters=on_clusters.clusters,
        restore_tests=on_clusters.restore_tests,
        drills=found_drills,
        runbooks=runbooks,
        endpoints=endpoints,
        deployments=deployments_of(inputs, stores),
        resources=(*resources, *fleet.resources),
        uncertain=uncertain,
        inferences=(
            *(each for tree in inputs.clusters for each in tree.inferences),
            *inferences,
            *inputs.inferences,
            *environment_inferences([root for root in inputs.roots if makes_more_than_rights(root, asked_for)]),
            *namespace_inferences(fleet.store_facts().values()),
        ),
        strangers=tuple(stranger for each in named.values() for stranger in each.strangers),
    )


def _named(
    inputs: Inputs, claimed: Mapping[str, list[Claimed]], stores: Mapping[str, Store], protected: _Protected
) -> dict[str, NamedStores]:
    """Return, per record, which stores of its service it names."""
    services = {each.name: each for each in inputs.declarations.services}
    found = {}
    for record in inputs.declarations.evidence:
        service = services.get(record.service.value) if isinstance(record.service, Known) else None
        if service is None or not record.stores.elements:
            found[record.name] = as_written(record)
        else:
            found[record.name] = named_stores(record, service, claimed[service.name], stores, protected.facts, protected.links)
    return found


def _environments(inputs: Inputs) -> dict[str, Value[str]]:
    return {root.name: environment_of(root) for root in inputs.roots}


def _claims_on_records(inputs: Inputs, claims: Mapping[str, Claim]) -> dict[str, Members[Claim]]:
    """Return the services that are reached by each record, as they declare it."""
    found: dict[str, list[Claim]] = defaultdict(list)
    for each in inputs.declarations.services:
        for record in each.records:
            if isinstance(record, Known):
                found[host_name(record)].append(claims[each.name])
    return {name: members(each) for name, each in found.items()}


def _names(inputs: Inputs, fleet: Fleet, resources: Sequence[Resource], catalog: Catalog) -> Names:
    """Return what the commands of runbooks can name; nothing is indexed where there is no runbook."""
    missing = missing_module(inputs.roots)
    opened = {"": missing} if missing is not None else {}
    for kind in ("Schedule", "BackupStorageLocation"):
        why = next((unread for site in fleet.sites if (unread := site.tree.unread(kind)) is not None), None)
        if why is not None:
            opened[f"velero.io/v1/{kind}"] = why
    libraries = frozenset(root.name for root in inputs.roots if root.library)
    return names_of((*resources, *fleet.resources) if inputs.runbooks else (), catalog, opened, libraries)
