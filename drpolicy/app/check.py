"""Check: read, judge, compare with a revision where asked for, decide the gate, report."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b

from drpolicy import __version__
from drpolicy.app.comparing import Compared, against_base
from drpolicy.app.facts import coverage_of, policy_facts, service_facts
from drpolicy.app.judging import judged, worst_first
from drpolicy.app.policies import Policies, load_policies
from drpolicy.app.reading import Read, read
from drpolicy.app.settings import Settings
from drpolicy.catalog.load import built_in_catalog
from drpolicy.model.estate import Estate
from drpolicy.model.findings import Diagnostic, Finding
from drpolicy.model.report import Box, Report, RunFacts, ServiceFacts
from drpolicy.policy.engine import without_subjects
from drpolicy.recovery.build import build_estate
from drpolicy.sources.git import checked_out, git_state
from drpolicy.triage.gate import decide, decide_change
from drpolicy.triage.shown_places import at_call


def check(settings: Settings) -> Report:
    """Return the report of a run.

    Raises OSError when a path is not there, LiveUnavailable when live access cannot begin, and NoSuchRevision.
    """
    found = read(settings)
    report = assemble(settings, found)
    found.remembered.keep()
    return report


def assemble(settings: Settings, found: Read) -> Report:
    """Judge what was read and return the report. Raises LiveUnavailable, NoSuchRevision and NoSuchProfile."""
    policies = load_policies(found.tree, found.configuration, found.base, found.remembered.documents, settings.profile)
    now = judged(settings, found, policies)
    diagnostics = _in_order(now.diagnostics)
    empty = not now.estate.stores and not now.estate.services
    gate = decide(now.findings, diagnostics, settings.gate, empty=empty)
    findings, comparison = worst_first(map(at_call, now.findings)), None
    compared = against_base(settings.diff, settings, found, policies, now) if settings.diff is not None else None
    if isinstance(compared, Compared):
        findings, comparison = compared.findings, compared.comparison
        diagnostics = _in_order((*diagnostics, *compared.diagnostics))
        gate = decide_change(comparison, diagnostics, settings.gate, empty=empty)
    elif compared is not None:
        diagnostics = _in_order((*diagnostics, compared))
    services = tuple(service_facts(service) for service in now.estate.services)
    return Report(
        run=_run_facts(settings, found, policies),
        gate=gate,
        policies={policy.document.id: policy_facts(policy.document, policies.framework) for policy in policies.compiled},
        findings=findings,
        services=services,
        diagnostics=diagnostics,
        not_applicable=now.not_applicable,
        coverage=coverage_of(found, now.estate, policies, without_subjects(policies.compiled, now.estate), now.live),
        checklist=_checklist(now.findings, policies, found, services) if settings.mode == "audit" else (),
        comparison=comparison,
        var_files=_settling(found, now.findings),
    )


def _settling(found: Read, findings: Iterable[Finding]) -> dict[str, str]:
    if not found.discovery.tfvars:
        return {}
    from drpolicy.app.var_file_layouts import settling_var_files

    return settling_var_files(found, findings)


def _checklist(findings: Iterable[Finding], policies: Policies, found: Read, services: tuple[ServiceFacts, ...]) -> tuple[Box, ...]:
    # The guide is YAML, which a hook run has no need of.
    from drpolicy.app.checklist import checklist_of, policy_guides

    return checklist_of(findings, policy_guides(policies), found.declarations.evidence, services, history=found.inputs.history)


def estate_of(settings: Settings, found: Read) -> Estate:
    """Return the estate alone, for commands that do not judge."""
    return build_estate(found.inputs, built_in_catalog(), settings.as_of)


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
        # Whether anything differs from it costs a call of git, which only an audit makes.
        commit=state.commit if state is not None else checked_out(found.root) if settings.mode == "check" else None,
        dirty=state.dirty if state is not None else None,
        policy_digest=policies.digest,
        config_digest=_config_digest(found),
        version=__version__,
    )


def _config_digest(found: Read) -> str:
    text = found.configuration.span.source.text if found.configuration is not None else ""
    return blake2b(text.encode(), digest_size=8).hexdigest()
