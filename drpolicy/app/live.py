"""Live confirmation: ask AWS for what the files declare, and let the same policies judge what it answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from drpolicy.app.live_ages import newest_backup, newest_point, newest_restore
from drpolicy.app.live_drift import drift_of, missing_drift
from drpolicy.app.policies import Policies
from drpolicy.app.reading import Read
from drpolicy.app.settings import Settings
from drpolicy.aws.collect import collect
from drpolicy.aws.interface import BucketQuestion, DatabaseQuestion, LiveQuestion, LiveSettings, Observation, VeleroBucketQuestion
from drpolicy.catalog.load import built_in_catalog
from drpolicy.model.clusters import Location
from drpolicy.model.estate import Estate
from drpolicy.model.findings import Diagnostic, Finding, Verdict
from drpolicy.model.provenance import Observed
from drpolicy.model.reasons import Reason
from drpolicy.model.records import dataclass, replace
from drpolicy.model.stores import Store
from drpolicy.model.values import Known, Unknown
from drpolicy.policy.context import Context
from drpolicy.policy.engine import Judgement, judge
from drpolicy.recovery.build import build_estate
from drpolicy.recovery.inputs import Elsewhere, Inputs

DEFAULT_REGION = "us-east-1"
"""Where identity is asked when neither the configuration nor a store names a region: STS answers there for every account."""


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What live AWS said: how the observed estate is judged, trouble, and what was asked."""

    judgement: Judgement
    diagnostics: tuple[Diagnostic, ...]
    asked: tuple[str, ...]


def confirm(settings: Settings, found: Read, estate: Estate, policies: Policies, context: Context) -> Confirmation:
    """Ask for every bucket, database and Velero bucket of the estate. Raises LiveUnavailable when boto3 is not installed."""
    questions = list(questions_of(estate))
    observation = collect(questions, _live_settings(settings, found, estate))
    observed = observed_estate(estate, observation, settings)
    # Of a location AWS answers what is in its bucket and nothing else.
    asked_about = [each for each in policies.compiled if each.document.observed_only or each.subjects in ("stores", "protections")]
    judged = judge(asked_about, observed, replace(context, witness="observed"))
    return Confirmation(judged, observation.problems, tuple(_asked(questions, observation)))


def questions_of(estate: Estate) -> Iterator[LiveQuestion]:
    """Yield what the declared estate names: only what it names in full can be asked for."""
    for store in estate.stores:
        region = store.region.value if isinstance(store.region, Known) else None
        if store.type == "aws_s3_bucket":
            name = store.attributes.fields.get("bucket")
            if isinstance(name, Known):
                yield BucketQuestion(str(name.value), region, store.key, store.span)
        elif store.type == "aws_db_instance" and region is not None:
            identifier = store.attributes.fields.get("identifier")
            if isinstance(identifier, Known):
                account = store.account.value if isinstance(store.account, Known) else None
                yield DatabaseQuestion(str(identifier.value), region, store.key, store.span, account, _copy_regions(store))
    for location in estate.locations:
        if location.kind == "velero-storage" and isinstance(location.bucket, Known):
            prefix = location.prefix.value if isinstance(location.prefix, Known) else ""
            region = location.region.value if isinstance(location.region, Known) else None
            yield VeleroBucketQuestion(location.bucket.value, prefix, region, location.key, location.span)


def _copy_regions(store: Store) -> tuple[str, ...]:
    found = {each.region.value for each in store.protections if isinstance(each.region, Known)}
    return tuple(sorted(found - {store.region.value if isinstance(store.region, Known) else ""}))


def _live_settings(settings: Settings, found: Read, estate: Estate) -> LiveSettings:
    configuration = found.configuration
    region = DEFAULT_REGION
    endpoint = settings.endpoint_url
    if configuration is not None:
        if isinstance(configuration.default_region, Known):
            region = configuration.default_region.value
        if endpoint is None and isinstance(configuration.endpoint_url, Known):
            endpoint = configuration.endpoint_url.value
    regions = [store.region.value for store in estate.stores if isinstance(store.region, Known)]
    if region == DEFAULT_REGION and regions:
        region = regions[0]
    return LiveSettings(region=region, as_of=f"{settings.as_of.isoformat()}T00:00:00Z", endpoint_url=endpoint)


def observed_estate(estate: Estate, observation: Observation, settings: Settings) -> Estate:
    """Return the stores and locations as AWS answered them, under the identity of the declared ones they answer for."""
    declared = {store.key: store for store in estate.stores}
    pairs = {observed: key for key, observed in observation.pairs if key in declared}
    stakes = {observed: declared[key].required_by for observed, key in pairs.items()}
    inputs = Inputs(observed=observation.resources, elsewhere=_not_asked(settings), stakes=stakes)
    seen = build_estate(inputs, built_in_catalog(), settings.as_of)
    stores = [_as_declared(store, declared[pairs[store.key]], observation, settings) for store in seen.stores if store.key in pairs]
    stores.extend(
        replace(declared[fact.key], observed=True, drift=missing_drift(fact)) for fact in observation.missing if fact.key in declared
    )
    return Estate(
        stores=tuple(stores),
        protections=tuple(each for store in stores for each in store.protections),
        locations=tuple(_location(each, observation, settings) for each in estate.locations if each.kind == "velero-storage"),
        uncertain=seen.uncertain,
    )


def _not_asked(settings: Settings) -> tuple[Elsewhere, ...]:
    origin = Observed("live confirmation", settings.as_of.isoformat())
    what = "AWS Backup, snapshots and copies that live confirmation does not ask for"
    return (Elsewhere("not asked", Unknown(Reason.NOT_OBSERVED, what, origin)),)


def _as_declared(observed: Store, declared: Store, observation: Observation, settings: Settings) -> Store:
    protections = observed.protections
    return replace(
        observed,
        key=declared.key,
        name=declared.name,
        address=declared.address,
        deployment=declared.deployment,
        environment=declared.environment,
        data_class=declared.data_class,
        span=declared.span,
        protections=replace(
            protections,
            elements=tuple(
                replace(member, value=replace(member.value, store=declared.name, store_data_class=declared.data_class, span=declared.span))
                for member in protections.elements
            ),
        ),
        observed=True,
        drift=drift_of(declared, observed),
        newest_point_age=newest_point(declared, observation, settings.as_of),
    )


def _location(location: Location, observation: Observation, settings: Settings) -> Location:
    return replace(
        location,
        observed=True,
        newest_backup_age=newest_backup(location, observation, settings.as_of),
        newest_restore_age=newest_restore(location, observation, settings.as_of),
    )


def settled(declared: Sequence[Finding], observed: Iterable[Finding]) -> list[Finding]:
    """Let an observed verdict settle a declared UNKNOWN; it never upgrades a declared FAIL."""
    answers: Mapping[tuple[str, str, str], Finding] = {_about(each): each for each in observed}
    result = []
    for finding in declared:
        answer = answers.get(_about(finding)) if finding.verdict is Verdict.UNKNOWN else None
        if answer is not None and answer.verdict in (Verdict.PASS, Verdict.FAIL):
            result.append(replace(finding, verdict=answer.verdict, evidence=(*finding.evidence, *answer.evidence), unknowns=()))
        else:
            result.append(finding)
    return result


def _about(finding: Finding) -> tuple[str, str, str]:
    return finding.policy, finding.subject.deployment, finding.subject.address


def _asked(questions: Sequence[LiveQuestion], observation: Observation) -> Iterator[str]:
    kinds = {BucketQuestion: "buckets", DatabaseQuestion: "databases", VeleroBucketQuestion: "Velero buckets"}
    for kind, label in kinds.items():
        count = sum(isinstance(each, kind) for each in questions)
        if count:
            yield f"{count} {label}"
    if isinstance(observation.account, Known):
        yield f"account {observation.account.value}"
    if observation.problems:
        yield f"{len(observation.problems)} answers missing"
