"""Terraform roots as policies see them: their regions, providers, state and networks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from drpolicy.model.provenance import Written
from drpolicy.model.resources import ProviderConfiguration, TerraformRoot
from drpolicy.model.services import Deployment, Provider
from drpolicy.model.stores import Claim, Store
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Member, Members, Unknown, Value, members, same
from drpolicy.recovery.logic import all_of, any_of, equal, known, negated, truth_of
from drpolicy.recovery.networks import networks_of, overlaps_of, peerings_of
from drpolicy.recovery.plan_needs import plan_needs

DR_WORDS = frozenset({"dr", "disaster", "recovery", "secondary", "standby", "failover"})
"""Words in a provider alias that promise another place."""


def deployment_of(
    root: TerraformRoot,
    stores: Iterable[Store],
    environment: Value[str],
    account: Value[str],
    *,
    services_declared: bool,
    first_with_data: bool,
) -> Deployment:
    """Return what is known of a root, given the stores that it makes."""
    ours = [store for store in stores if store.deployment == root.name]
    default = next((each for each in root.providers if each.name == "aws"), None)
    used = {resource.provider for resource in root.resources}
    aws = [each for each in root.providers if each.name.partition(".")[0] == "aws"]
    providers = [_provider(each, aws, each.name in used) for each in aws]
    overlaps = list(overlaps_of(root.resources))
    networks = networks_of(root.resources)
    needs, needs_at, reads_more = plan_needs(root)
    nowhere: Value[str] = Absent(Written(root.span))
    return Deployment(
        key=f"deployment//{root.name}",
        name=root.name,
        environment=environment,
        account=account,
        regions=regions_of(resource.region for resource in root.resources),
        store_regions=_store_regions([store for store in ours if _matters(store)], root),
        providers=members(providers),
        alias_at=next((each.region for each in providers if each.sounds_like_dr and truth_of(each.same_as_default) is Truth.TRUE), nowhere),
        state_region=_state_region(root),
        plan_needs=needs,
        plan_needs_at=needs_at,
        plan_reads_more=reads_more,
        state_stored=_state_stored(root),
        networks=networks,
        cidr_overlaps=members((text for text, _ in overlaps), networks.rest),
        cidr_overlaps_at=overlaps[0][1] if overlaps else nowhere,
        peerings=members(peerings_of(root.resources)),
        holds_data=any(_matters(store) for store in ours),
        services_declared=services_declared,
        first_with_data=first_with_data,
        providers_at=_second_region(root.providers, default, root),
        required_by=_claims(ours),
        span=root.span,
    )


def regions_of(regions: Iterable[Value[str]]) -> Members[str]:
    """Return the different regions: known ones are certain, each unknown symbol may be one more."""
    found: dict[str, Member[str]] = {}
    for region in regions:
        if isinstance(region, Known):
            found[region.value] = Member(region.value)
        elif isinstance(region, Unknown):
            found.setdefault(region.symbol, Member(region.symbol, Truth.UNKNOWN, region))
    return Members(tuple(found[name] for name in sorted(found)))


def _matters(store: Store) -> bool:
    """Whether a recovery needs what a store holds: a record, or a copy of one."""
    return not isinstance(store.data_class, Known) or store.data_class.value in ("system-of-record", "replica", "copy")


def _store_regions(stores: Iterable[Store], root: TerraformRoot) -> Members[str]:
    """Return the regions of a root's stores; one where only stores stand that may not exist is itself uncertain."""
    made = {each.key: each for each in root.resources}
    found: dict[str, Member[str]] = {}
    for store in stores:
        resource = made.get(store.key)
        for member in regions_of([store.region]).elements:
            presence = member.presence if resource is None else member.presence & resource.presence
            if member.value not in found or presence is Truth.TRUE:
                found[member.value] = Member(member.value, presence, member.why or (resource.why if resource is not None else None))
    return Members(tuple(found[name] for name in sorted(found)))


def _provider(configuration: ProviderConfiguration, others: Sequence[ProviderConfiguration], used: bool) -> Provider:
    alias = configuration.name.partition(".")[2]
    # Another account is another place, whatever its region.
    compared = [
        all_of("the same region and account", [equal("region", configuration.region, each.region), negated(_apart(configuration, each))])
        for each in others
        if each is not configuration and not _sounds_like_dr(each)
    ]
    same_place = any_of("another region than every other provider", compared)
    return Provider(configuration.name, alias, configuration.region, _sounds_like_dr(configuration), used, same_place, configuration.span)


def _sounds_like_dr(configuration: ProviderConfiguration) -> bool:
    alias = configuration.name.partition(".")[2]
    return bool(set(re.split(r"[-_.]", alias.lower())) & DR_WORDS)


def _apart(one: ProviderConfiguration, other: ProviderConfiguration) -> Value[bool]:
    """Whether two configurations are certainly of different accounts; what is not known counts as the same."""
    apart = same(one.account, other.account) is Truth.FALSE
    return known(apart, "the accounts differ" if apart else "the accounts may be the same", Written(one.span))


def _second_region(providers: tuple[ProviderConfiguration, ...], default: ProviderConfiguration | None, root: TerraformRoot) -> Value[str]:
    for each in providers:
        if default is not None and same(each.region, default.region) is Truth.FALSE:
            return Known(each.name, Written(each.span))
    return Absent(Written(root.span))


def is_record(store: Store) -> bool:
    """Whether a store is, or may be, a system of record."""
    return not isinstance(store.data_class, Known) or store.data_class.value == "system-of-record"


def _state_stored(root: TerraformRoot) -> Value[bool]:
    """Whether the state is kept anywhere else than on the disk of whoever applies (Terraform docs, backend type local, 2026-11)."""
    if isinstance(root.backend, Unknown):
        return root.backend
    if root.backend is None:
        return known(False, f"{root.name}: no backend is written", Written(root.span))
    local = root.backend.type == "local"
    text = f"{root.name}: the backend is the local disk" if local else f"a backend of type {root.backend.type} is written"
    return known(not local, text, Written(root.backend.span))


def _state_region(root: TerraformRoot) -> Value[str]:
    if isinstance(root.backend, Unknown):
        return root.backend
    if root.backend is None:
        return Absent(Written(root.span))
    return root.backend.attributes.get("region", Written(root.backend.span))


def _claims(stores: Iterable[Store]) -> Members[Claim]:
    found: dict[str, Member[Claim]] = {}
    for store in stores:
        for member in store.required_by.elements:
            found.setdefault(member.value.service, member)
    return Members(tuple(found.values()))
