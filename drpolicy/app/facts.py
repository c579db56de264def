"""From the estate to what the report says of services, policies and coverage."""

from __future__ import annotations

from collections import Counter

from drpolicy.app.policies import Policies
from drpolicy.app.profiles import controls_of
from drpolicy.app.reading import Read
from drpolicy.catalog.frameworks import Framework
from drpolicy.catalog.load import built_in_catalog
from drpolicy.model.durations import Duration
from drpolicy.model.estate import Estate, Inference
from drpolicy.model.report import Coverage, DeploymentFacts, PolicyFacts, ServiceFacts, TargetFacts
from drpolicy.model.services import Service
from drpolicy.model.stores import holds_data
from drpolicy.model.truth import Truth
from drpolicy.model.values import Known, Value
from drpolicy.policy.documents import PolicyDocument
from drpolicy.recovery.build import resource_types
from drpolicy.recovery.deployed import makes_more_than_rights
from drpolicy.recovery.environments import environment_of
from drpolicy.recovery.logic import truth_of


def policy_facts(document: PolicyDocument, framework: Framework | None = None) -> PolicyFacts:
    """Return what a report says of a policy; of a run's profile, the controls of that framework alone."""
    return PolicyFacts(
        document.title, document.anti_pattern, document.why, document.remediation, controls_of(document, framework), document.guide
    )


def service_facts(service: Service) -> ServiceFacts:
    """Return a service's row of the service × disruption table."""
    targets = tuple(
        TargetFacts(
            target.disruption,
            _known(target.declared_rto),
            _known(target.declared_rpo),
            target.rto,
            target.rpo,
            target.weakest,
        )
        for target in service.targets
    )
    retested = service.restore_tests.exists(lambda test: truth_of(test.sound) & truth_of(test.fires) & ~truth_of(test.suspended))
    return ServiceFacts(service.name, _text(service.tier), _text(service.owner), targets, service.span, retested is Truth.TRUE)


def _known(value: Value[Duration]) -> Duration | None:
    return value.value if isinstance(value, Known) else None


def _text(value: Value[str]) -> str | None:
    return value.value if isinstance(value, Known) else None


def coverage_of(found: Read, estate: Estate, policies: Policies, silent: tuple[str, ...], live: tuple[str, ...]) -> Coverage:
    """Return what was read, what was inferred, and what was not read."""
    records = [store for store in estate.stores if isinstance(store.data_class, Known) and store.data_class.value == "system-of-record"]
    terraform, discovery = found.terraform, found.discovery
    declarations = found.declarations
    return Coverage(
        deployments=(*_roots(found), *_clusters(estate)),
        files={
            "terraform": terraform.coverage.files,
            **({"terragrunt": terraform.coverage.terragrunt} if terraform.coverage.terragrunt else {}),
            "manifests": len({resource.span.path for resource in found.manifests.resources}),
            "declarations": len(declarations.services) + len(declarations.evidence) + len(declarations.protections),
            "helm_templates": len(discovery.helm_templates),
            "not_read": len(found.manifests.not_read) + len(discovery.skipped) + terraform.coverage.not_read,
        },
        expressions={
            "attributes": terraform.coverage.attributes,
            "evaluated": terraform.coverage.known,
            "unknown": sum(terraform.coverage.unknown.values()),
            "unneeded": terraform.coverage.not_needed,
            "resources_not_needed": sum(terraform.coverage.unread.values()),
        },
        unknown={reason.label: count for reason, count in terraform.coverage.unknown.items()},
        blocks=terraform.coverage.blocks,
        modules={
            outcome: tuple(
                sorted(
                    f"{root.name}:{module.address} ({module.source})"
                    for root in terraform.roots
                    for module in root.modules
                    if module.outcome == outcome
                )
            )
            for outcome in ("evaluated", "stubbed", "unresolved")
        },
        stores=sum(holds_data(store.data_class) for store in estate.stores),
        unclaimed_stores=sum(not store.required_by.elements for store in records),
        unjudged={name: count for name, count in sorted(terraform.coverage.unread.items()) if name in built_in_catalog().unjudged},
        classes=dict(sorted(Counter(_text(store.data_class) or "not known" for store in estate.stores).items())),
        policies=len(policies.compiled),
        without_subjects=silent,
        inferred=(*estate.inferences, *_idle_plans(found, estate)),
        live=live,
    )


def _roots(found: Read) -> tuple[DeploymentFacts, ...]:
    asked_for = resource_types(built_in_catalog())
    return tuple(
        DeploymentFacts(
            root.name,
            "terraform",
            _text(environment_of(root)),
            # Where nothing was read, nobody asks whose it is: the account may need modules that nothing else does.
            next((_text(each.account) for each in root.providers if each.name == "aws" and root.resources), None),
            tuple(sorted({each.region.value for each in root.resources if isinstance(each.region, Known)})),
            len(root.resources),
            root.library,
        )
        for root in found.terraform.roots
        if root.modules or makes_more_than_rights(root, asked_for)
    )


def _clusters(estate: Estate) -> tuple[DeploymentFacts, ...]:
    return tuple(
        DeploymentFacts(
            cluster.name,
            "kubernetes",
            None,
            None,
            (cluster.region.value,) if isinstance(cluster.region, Known) else (),
            sum(resource.deployment == cluster.name for resource in estate.resources),
            False,
        )
        for cluster in estate.clusters
    )


def _idle_plans(found: Read, estate: Estate) -> tuple[Inference, ...]:
    """Say which AWS Backup plans cover nothing: what they protect is not judged, their rules are."""
    covering = {(each.deployment, each.address.rpartition(".rule[")[0]) for each in estate.protections}
    idle = [
        each
        for root in found.terraform.roots
        for each in root.resources
        if each.type == "aws_backup_plan" and not each.data and (root.name, each.address) not in covering
    ]
    if not idle:
        return ()
    rest = len(idle) - 1
    # The name comes first: a narrow first screen cuts what is at the end.
    who = f"{idle[0].key} and {rest} more AWS Backup {'plan' if rest == 1 else 'plans'} cover" if rest else f"{idle[0].key} covers"
    return (Inference(f"{who} no store that was read", idle[0].span),)
