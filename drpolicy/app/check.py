"""Check: read, build the estate, judge, lay waivers over, decide the gate, report."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b

from drpolicy import __version__
from drpolicy.app.evidence import from_the_future
from drpolicy.app.facts import coverage_of, policy_facts, service_facts
from drpolicy.app.policies import Policies, load_policies
from drpolicy.app.reading import Read, read
from drpolicy.app.settings import Settings
from drpolicy.app.waiving import waivers_of
from drpolicy.catalog.load import built_in_catalog
from drpolicy.model.estate import Estate
from drpolicy.model.findings import SEVERITIES, Diagnostic, Finding, Verdict
from drpolicy.model.report import Report, RunFacts
from drpolicy.model.spans import Position
from drpolicy.model.truth import Truth
from drpolicy.model.values import Known
from drpolicy.policy.engine import Context, judge, without_subjects
from drpolicy.recovery.build import build_estate
from drpolicy.recovery.environments import ENVIRONMENT_WORDS
from drpolicy.recovery.logic import truth_of
from drpolicy.sources.git import git_state
from drpolicy.triage.gate import decide
from drpolicy.triage.waivers import apply_waivers

_ORDER = {Verdict.FAIL: 0, Verdict.UNKNOWN: 1, Verdict.PASS: 2, Verdict.NOT_APPLICABLE: 3}


def check(settings: Settings) -> Report:
    """Return the report of a run. Raises OSError when a path is not there, and LiveUnavailable when live access cannot begin."""
    found = read(settings)
    report = assemble(settings, found)
    found.remembered.keep()
    return report


def assemble(settings: Settings, found: Read) -> Report:
    """Judge what was read and return the report."""
    policies = load_policies(found.tree, found.configuration, found.base, found.remembered.documents)
    estate = build_estate(found.inputs, built_in_catalog(), settings.as_of)
    findings = list(judge(policies.compiled, estate, _context(settings, found, policies)))
    diagnostics = [*found.diagnostics, *policies.diagnostics, *from_the_future(found.declarations, settings.as_of)]
    live: tuple[str, ...] = ()
    if settings.live:
        from drpolicy.app.live import confirm, settled

        confirmed = confirm(settings, found, estate, policies, _context(settings, found, policies))
        findings = [*settled(findings, confirmed.findings), *confirmed.findings]
        diagnostics.extend(confirmed.diagnostics)
        live = confirmed.asked
    waivers, problems = waivers_of(found)
    waived = apply_waivers(findings, waivers, policies.ids, settings.as_of)
    diagnostics.extend((*problems, *waived.diagnostics))
    ordered = tuple(sorted(waived.findings, key=_worst_first))
    return Report(
        run=_run_facts(settings, found, policies),
        gate=decide(ordered, diagnostics, settings.gate, empty=not estate.stores and not estate.services),
        policies={policy.document.id: policy_facts(policy.document) for policy in policies.compiled},
        findings=ordered,
        services=tuple(service_facts(service) for service in estate.services),
        diagnostics=_in_order(diagnostics),
        coverage=coverage_of(found, estate, policies, without_subjects(policies.compiled, estate), live),
    )


def estate_of(settings: Settings, found: Read) -> Estate:
    """Return the estate alone, for commands that do not judge."""
    return build_estate(found.inputs, built_in_catalog(), settings.as_of)


def _context(settings: Settings, found: Read, policies: Policies) -> Context:
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
    )


def _worst_first(finding: Finding) -> tuple[int, int, str, Position, str, str]:
    return (
        _ORDER[finding.verdict],
        SEVERITIES.index(finding.severity),
        finding.span.path,
        finding.span.start,
        finding.policy,
        finding.subject.address,
    )


def _in_order(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    levels = ("error", "warning", "note")
    unique = dict.fromkeys(diagnostics)
    return tuple(
        sorted(unique, key=lambda each: (levels.index(each.level), _path(each), each.span.offset if each.span else 0, each.message))
    )


def _path(diagnostic: Diagnostic) -> str:
    return diagnostic.span.path if diagnostic.span is not None else diagnostic.path


def _run_facts(settings: Settings, found: Read, policies: Policies) -> RunFacts:
    state = git_state(found.root) if settings.mode == "audit" else None
    return RunFacts(
        mode=settings.mode,
        gate=settings.gate.preset,
        paths=tuple(scope or "." for scope in found.scopes),
        as_of=settings.as_of.isoformat(),
        commit=state.commit if state is not None else None,
        dirty=state.dirty if state is not None else None,
        policy_digest=policies.digest,
        config_digest=_config_digest(found),
        version=__version__,
    )


def _config_digest(found: Read) -> str:
    text = found.configuration.span.source.text if found.configuration is not None else ""
    return blake2b(text.encode(), digest_size=8).hexdigest()
