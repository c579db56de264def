"""From a finding back to how it came about: the conditions of its policy, derived over its subject."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from drpolicy.cel.derivation import Step, derive
from drpolicy.model.estate import Estate
from drpolicy.model.findings import Finding, Severity
from drpolicy.model.records import dataclass
from drpolicy.model.truth import Truth
from drpolicy.model.values import Object, Unknown
from drpolicy.policy.asking import counts, parameters_for
from drpolicy.policy.compiled import CompiledPolicy
from drpolicy.policy.context import Context
from drpolicy.policy.overrides import chosen
from drpolicy.policy.subjects import closed, fingerprint_of_subject


@dataclass(frozen=True, slots=True)
class SeverityStep:
    """A condition of a severity that is not false."""

    severity: Severity
    step: Step
    counts: bool
    """Whether it decides; what is not known does not where no service is known to rest on the subject."""


@dataclass(frozen=True, slots=True)
class Derivation:
    """How a verdict and its severity came about. What was not asked, or is always so, is ``None``."""

    when: Step | None
    assertion: Step | None
    severities: tuple[SeverityStep, ...]
    """The conditions of the severity that applies, and of the worse ones that are not known and do not count."""
    presence: Unknown | None
    """Why the subject may not be there, which caps a FAIL at UNKNOWN."""


def derivation_of(finding: Finding, policies: Iterable[CompiledPolicy], estate: Estate, context: Context) -> Derivation | None:
    """Return the derivation of a finding; ``None`` for one of another estate, such as what live AWS answered."""
    for policy in policies:
        if policy.document.id == finding.policy and finding.witness == context.witness:
            for subject in getattr(estate, policy.subjects):
                if fingerprint_of_subject(policy.document, subject, context) == finding.fingerprint:
                    return _derived(policy, subject, estate, context)
    return None


def _derived(policy: CompiledPolicy, subject: Any, estate: Estate, context: Context) -> Derivation:
    params: Object = parameters_for(policy, chosen(context.overrides, policy.document.id, subject, context.roots))
    scope = {"self": subject, "params": params}
    when = derive(policy.when, scope)
    asked = when.truth is Truth.TRUE
    return Derivation(
        when=when if policy.document.when != "true" else None,
        assertion=derive(policy.assertion, scope) if asked else None,
        severities=tuple(_severities(policy, scope)) if asked else (),
        presence=estate.uncertain.get(subject.key),
    )


def _severities(policy: CompiledPolicy, scope: dict[str, Any]) -> Iterator[SeverityStep]:
    named = closed(scope["self"])
    for severity, condition in policy.severity:
        if condition is None:
            return
        step = derive(condition, scope)
        if step.truth is not Truth.FALSE:
            counted = counts(condition, step.truth, scope, named)
            yield SeverityStep(severity, step, counted)
            if counted:
                return
