"""Terraform roots as policies see them: their regions, providers, state and networks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network

from drpolicy.model.estate import Claim, Deployment, Provider, Store
from drpolicy.model.provenance import Derived, Written
from drpolicy.model.resources import ProviderConfiguration, Resource, TerraformRoot
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Member, Members, Unknown, Value, members, same
from drpolicy.recovery.logic import equal, known, truth_of

DR_WORDS = frozenset({"dr", "disaster", "recovery", "secondary", "standby", "failover", "replica", "backup"})
"""Words in a provider alias that promise another place."""


def deployment_of(
    root: TerraformRoot, stores: Iterable[Store], environment: Value[str], account: Value[str], undeclared: bool
) -> Deployment:
    """Return what is known of a root, given the stores that it makes."""
    ours = [store for store in stores if store.deployment == root.name]
    default = next((each for each in root.providers if each.name == "aws"), None)
    used = {resource.provider for resource in root.resources}
    providers = [_provider(each, default, each.name in used) for each in root.providers]
    overlaps = list(_overlaps(root.resources))
    nowhere: Value[str] = Absent(Written(root.span))
    return Deployment(
        key=f"deployment//{root.name}",
        name=root.name,
        environment=environment,
        account=account,
        regions=regions_of(resource.region for resource in root.resources),
        store_regions=regions_of(store.region for store in ours),
        providers=members(providers),
        alias_at=next((each.region for each in providers if each.sounds_like_dr and truth_of(each.same_as_default) is Truth.TRUE), nowhere),
        state_region=_state_region(root),
        state_stored=known(root.backend is not None, "a backend is written", Written(root.backend.span if root.backend else root.span)),
        networks=members(str(network) for each in root.resources if (found := _network(each)) is not None for network in found[1:2]),
        cidr_overlaps=members(text for text, _ in overlaps),
        cidr_overlaps_at=overlaps[0][1] if overlaps else nowhere,
        holds_data=bool(ours),
        undeclared=undeclared,
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


def _provider(configuration: ProviderConfiguration, default: ProviderConfiguration | None, used: bool) -> Provider:
    alias = configuration.name.partition(".")[2]
    words = set(re.split(r"[-_.]", alias.lower()))
    same_as_default = (
        equal("the default provider's region", configuration.region, default.region)
        if default is not None and alias
        else known(False, "it is the default provider", Written(configuration.span))
    )
    return Provider(configuration.name, alias, configuration.region, bool(words & DR_WORDS), used, same_as_default, configuration.span)


def _second_region(providers: tuple[ProviderConfiguration, ...], default: ProviderConfiguration | None, root: TerraformRoot) -> Value[str]:
    for each in providers:
        if default is not None and same(each.region, default.region) is Truth.FALSE:
            return Known(each.name, Written(each.span))
    return Absent(Written(root.span))


def _state_region(root: TerraformRoot) -> Value[str]:
    if root.backend is None:
        return Absent(Written(root.span))
    return root.backend.attributes.get("region", Written(root.backend.span))


def _claims(stores: Iterable[Store]) -> Members[Claim]:
    found: dict[str, Member[Claim]] = {}
    for store in stores:
        for member in store.required_by.elements:
            found.setdefault(member.value.service, member)
    return Members(tuple(found.values()))


def _overlaps(resources: Iterable[Resource]) -> Iterator[tuple[str, Value[str]]]:
    networks = [found for resource in resources if resource.type == "aws_vpc" and (found := _network(resource)) is not None]
    for position, (left, one, here) in enumerate(networks):
        for right, other, there in networks[position + 1 :]:
            if here != there and one.version == other.version and one.overlaps(other):
                yield f"{left.address} {one} in {here} and {right.address} {other} in {there}", right.get("cidr_block")


def _network(resource: Resource) -> tuple[Resource, IPv4Network | IPv6Network, str] | None:
    block = resource.get("cidr_block")
    if not isinstance(block, Known) or not isinstance(resource.region, Known) or resource.presence is not Truth.TRUE:
        return None
    try:
        return resource, ip_network(str(block.value), strict=False), resource.region.value
    except ValueError:
        return None


def environments(settings: Mapping[str, Value[str]], root: TerraformRoot) -> Value[str]:
    """Return the environment that the configuration gives a root, else what a part of its path says for itself."""
    declared = settings.get(root.path)
    if declared is not None and not isinstance(declared, Absent):
        return declared
    for part in reversed(re.split(r"[/]", root.path)):
        for word in re.split(r"[-_.]", part.lower()):
            if word in ENVIRONMENT_WORDS:
                return Known(ENVIRONMENT_WORDS[word], Derived(f"inferred from the path {root.path}", (Written(root.span),)))
    return Absent(Written(root.span))


ENVIRONMENT_WORDS: Mapping[str, str] = {
    "prod": "production",
    "production": "production",
    "prd": "production",
    "staging": "staging",
    "stage": "staging",
    "stg": "staging",
    "dev": "development",
    "development": "development",
    "test": "test",
    "qa": "test",
    "integration": "integration",
    "sandbox": "sandbox",
}
"""Words of a path that name an environment."""
