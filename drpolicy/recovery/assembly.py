"""The subjects that stand around the stores: clusters and what is on them, endpoints, services, runbooks, deployments."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date

from drpolicy.declarations.documents import ServiceDeclaration
from drpolicy.model.provenance import Written
from drpolicy.model.reasons import Reason
from drpolicy.model.records import replace
from drpolicy.model.resources import Resource, TerraformRoot
from drpolicy.model.services import Deployment, Drill, Endpoint, Runbook, Service
from drpolicy.model.spans import Span
from drpolicy.model.stores import Claim, Store
from drpolicy.model.values import Absent, Known, Members, Unknown, Value
from drpolicy.recovery.agreements import agreements_of
from drpolicy.recovery.claims import Claimed
from drpolicy.recovery.contradictions import declared
from drpolicy.recovery.deployments import deployment_of, is_record
from drpolicy.recovery.drills import covers
from drpolicy.recovery.endpoints import hosts, records
from drpolicy.recovery.environments import environment_of
from drpolicy.recovery.fleet import Fleet
from drpolicy.recovery.inputs import Inputs
from drpolicy.recovery.links import Links
from drpolicy.recovery.networks import networks_of, overlaps_of
from drpolicy.recovery.on_clusters import OnClusters
from drpolicy.recovery.recovery_terms import delay_of, term
from drpolicy.recovery.routing import routes
from drpolicy.recovery.runbook_commands import Names
from drpolicy.recovery.runbooks import Described, has_custom_resources, runbook_of
from drpolicy.recovery.services import Surroundings, deployments_of_service, service_of, stores_of
from drpolicy.recovery.targets import own_reaches, with_dependencies
from drpolicy.sources.history import History
from drpolicy.sources.problems import Unreadable


def endpoints_of(
    fleet: Fleet,
    resources: Sequence[Resource],
    by_store: Mapping[str, Members[Claim]],
    links: Links,
    by_record: Mapping[str, Members[Claim]],
    environments: Mapping[str, Value[str]],
) -> tuple[Endpoint, ...]:
    """Return hosts written into configuration, failover records, and routes to several regions.

    ``by_record`` are the claims of services on names of records, ``environments`` those of the deployments.
    """
    led = (*records(resources, links, by_record), *routes(links, by_record))
    return (*hosts(fleet, by_store), *(replace(each, environment=environments.get(each.deployment, each.environment)) for each in led))


def services_of(
    inputs: Inputs,
    stores: Mapping[str, Store],
    claims: Mapping[str, Claim],
    claimed: Mapping[str, list[Claimed]],
    on_clusters: OnClusters,
    endpoints: Sequence[Endpoint],
    drills: Sequence[Drill],
    uncertain: Mapping[str, Unknown],
    names: Names,
    as_of: date,
) -> tuple[tuple[Service, ...], tuple[Runbook, ...]]:
    """Return the declared services and their runbooks."""
    services: list[Service] = []
    runbooks: list[Runbook] = []
    among = declared(inputs.declarations.services, inputs.tiers, claims, claimed, inputs.labels)
    readers: dict[str, set[str]] = {}
    for name, each in inputs.runbooks.items():
        readers.setdefault(each.document.source.path, set()).add(name)
    of_service = {name: stores_of(references, stores, uncertain) for name, references in claimed.items()}
    delays = {each.name: delay_of(each, inputs.tiers) for each in inputs.declarations.services}
    own_reach = {
        name: own_reaches(of_service[name], [each for each in references if not each.store], delays[name])
        for name, references in claimed.items()
    }
    reaches = with_dependencies(own_reach, {each.name: hard_dependencies(each) for each in inputs.declarations.services})
    proofs: dict[str, list[Drill]] = defaultdict(list)
    for drill in drills:
        proofs[drill.service].append(drill)
    for declaration in inputs.declarations.services:
        own = tuple(of_service[declaration.name])
        concerned = tuple(each for each in endpoints if any(claim.service == declaration.name for claim in each.required_by))
        claim = claims[declaration.name]
        file = inputs.runbooks.get(declaration.name)
        sharing = readers[file.document.source.path] if file is not None else set()
        described = Described(
            own, concerned, has_custom_resources(own, names), names, frozenset(sharing), _written(own, names), _told(inputs.history)
        )
        runbook = runbook_of(declaration, claim, file, described, as_of)
        called = [each.called for each in claimed[declaration.name]]
        networks, overlaps = _networks_between(deployments_of_service(of_service[declaration.name]), inputs.roots)
        around = Surroundings(
            stores=of_service[declaration.name],
            claimed=claimed[declaration.name],
            clusters=on_clusters.clusters,
            restore_tests=on_clusters.restore_tests,
            drills=[replace(each, whole=covers(each, called)) for each in proofs[declaration.name]],
            runbook=runbook,
            agreements=agreements_of(declaration, among, inputs.outside),
            environment=declaration.environment,
            reaches=reaches[declaration.name],
            tier=inputs.tiers.get(declaration.tier.value) if isinstance(declaration.tier, Known) else None,
            networks=networks,
            overlaps=overlaps,
            terms={each: term(declaration, inputs.tiers, each) for each in ("detection", "decision", "failback")},
        )
        services.append(service_of(declaration, claim, around))
        if runbook is not None:
            runbooks.append(runbook)
    return tuple(services), tuple(runbooks)


def _told(history: History | Unreadable | None) -> History | None:
    return None if isinstance(history, Unreadable) else history


def _networks_between(names: Sequence[str], roots: Sequence[TerraformRoot]) -> tuple[Members[str], list[tuple[str, Value[str]]]]:
    """Return the networks of several deployments, and those of different ones that overlap; those of one are said of the deployment."""
    concerned = [root for root in roots if root.name in names and any(each.type == "aws_vpc" for each in root.resources)]
    if len(concerned) < 2:
        return Members(), []
    own = {text for root in concerned for text, _ in overlaps_of(root.resources)}
    together = [each for root in concerned for each in root.resources]
    return networks_of(together), [each for each in overlaps_of(together) if each[0] not in own]


def _written(stores: Sequence[Store], names: Names) -> tuple[Span, ...]:
    """Return the resources that hold a service's data, and those that hold its copies."""
    keys = [store.key for store in stores] + [each.copy_store for store in stores for each in store.protections if each.copy_store]
    found = (names.extents.get(key) for key in dict.fromkeys(keys))
    return tuple(each for each in found if each is not None and not each.interface)


def hard_dependencies(declaration: ServiceDeclaration) -> list[str]:
    """Return the services that one cannot do without: a dependency is hard unless it says otherwise."""
    return [
        each.service.value
        for each in declaration.dependencies
        if isinstance(each.service, Known) and not (isinstance(each.kind, Known) and each.kind.value == "soft")
    ]


def missing_module(roots: Sequence[TerraformRoot]) -> Unknown | None:
    """Return why a store that nothing makes may be made all the same: some module of a deployment is not on disk."""
    for root in roots:
        for module in root.modules:
            if module.outcome == "unresolved" and not root.library:
                return Unknown(Reason.MODULE_NOT_ON_DISK, f"{root.name}:{module.address} ({module.source})", Written(module.span))
    return None


def deployments_of(inputs: Inputs, stores: Mapping[str, Store]) -> tuple[Deployment, ...]:
    """Return the Terraform roots that are deployments. What is said of all of them is said of the first one that holds data."""
    found = []
    first = True
    for root in inputs.roots:
        if root.library:
            continue
        holds = any(store.deployment == root.name and is_record(store) for store in stores.values())
        default = next((each for each in root.providers if each.name == "aws"), None) if holds else None
        account = default.account if default is not None else _no_account(root)
        found.append(
            deployment_of(
                root,
                stores.values(),
                environment_of(root),
                account,
                services_declared=bool(inputs.declarations.services),
                first_with_data=first and holds,
            )
        )
        first = first and not holds
    return tuple(found)


def _no_account(root: TerraformRoot) -> Value[str]:
    return Absent(Written(root.span))


def account_text(value: Value[str]) -> str | None:
    """Return an account's number where it is known."""
    return value.value if isinstance(value, Known) else None
