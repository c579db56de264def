"""Judge what was read: estate, findings, and what people accepted of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from drpolicy.app.baselining import lay_over
from drpolicy.app.evidence import from_the_future, of_no_store
from drpolicy.app.policies import Policies
from drpolicy.app.reading import Read
from drpolicy.app.settings import Settings
from drpolicy.app.tiers import tier_diagnostics
from drpolicy.app.waiving import limits_of, waivers_of
from drpolicy.catalog.load import built_in_catalog
from drpolicy.model.estate import Estate
from drpolicy.model.findings import SEVERITIES, Diagnostic, Finding, Verdict
from drpolicy.model.records import dataclass
from drpolicy.model.spans import Position
from drpolicy.model.truth import Truth
from drpolicy.model.values import Known
from drpolicy.policy.context import Context
from drpolicy.policy.engine import judge
from drpolicy.recovery.build import build_estate
from drpolicy.recovery.environments import ENVIRONMENT_WORDS
from drpolicy.recovery.logic import truth_of
from drpolicy.triage.waivers import apply_waivers

_ORDER = (Verdict.FAIL, Verdict.UNKNOWN, Verdict.PASS, Verdict.NOT_APPLICABLE)


@dataclass(frozen=True, slots=True)
class Judged:
    """The findings of one reading, worst first, and every diagnostic up to them."""

    estate: Estate
    findings: tuple[Finding, ...]
    not_applicable: Collection[Finding]
    """The findings of what does not apply, in the order of the policies."""
    diagnostics: tuple[Diagnostic, ...]
    live: tuple[str, ...] = ()
    """What live confirmation asked."""


def judged(settings: Settings, found: Read, policies: Policies) -> Judged:
    """Judge what was read. Raises LiveUnavailable when live access is asked for and cannot begin."""
    estate = build_estate(found.inputs, built_in_catalog(), settings.as_of)
    context = context_of(settings, found, policies)
    judgement = judge(policies.compiled, estate, context)
    findings = judgement.findings
    not_applicable: Collection[Finding] = judgement.not_applicable
    diagnostics = [*found.diagnostics, *policies.diagnostics, *from_the_future(found.declarations, settings.as_of)]
    diagnostics.extend(tier_diagnostics(found, estate, policies))
    diagnostics.extend(of_no_store(estate.strangers))
    if policies.overrides:
        from drpolicy.app.policy_overrides import unused

        diagnostics.extend(unused(policies.overrides, estate, context.roots))
    live: tuple[str, ...] = ()
    if settings.live:
        from drpolicy.app.live import confirm, settled

        confirmed = confirm(settings, found, estate, policies, context)
        answers = confirmed.judgement
        findings = (*settled(findings, answers.findings), *answers.findings)
        not_applicable = (*not_applicable, *answers.not_applicable)
        diagnostics.extend(confirmed.diagnostics)
        live = confirmed.asked
    waivers, problems = waivers_of(found)
    waived = apply_waivers(findings, waivers, policies.names, settings.as_of, limits_of(found))
    baselined = lay_over(settings, found, waived.findings)
    diagnostics.extend((*problems, *waived.diagnostics, *baselined.diagnostics))
    return Judged(estate, worst_first(baselined.findings), not_applicable, tuple(diagnostics), live)


def worst_first(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings in the order of a report: by verdict, severity and place."""
    return tuple(sorted(findings, key=_rank))


def context_of(settings: Settings, found: Read, policies: Policies) -> Context:
    """Return what the judgement of a reading depends on beside its estate."""
    environments = found.configuration.environments if found.configuration is not None else {}
    declared = {
        name for name, each in environments.items() if truth_of(each.production) is Truth.FALSE and isinstance(each.production, Known)
    }
    inferred = {name for name in ENVIRONMENT_WORDS.values() if name != "production" and name not in environments}
    return Context(
        severities=policies.severities,
        non_production=frozenset(declared | inferred),
        ungated=frozenset(root.name for root in found.terraform.roots if root.library),
        calls={(root.name, call.address): call.span for root in found.terraform.roots for call in root.modules},
        roots={root.name: root.path for root in found.terraform.roots},
        trace_passes=settings.trace_passes,
        overrides=policies.overrides,
    )


def _rank(finding: Finding) -> tuple[int, int, str, Position, str, str]:
    return (
        _ORDER.index(finding.verdict),
        SEVERITIES.index(finding.severity),
        finding.span.path,
        finding.span.start,
        finding.policy,
        finding.subject.address,
    )
