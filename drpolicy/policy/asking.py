"""What a policy asks of a subject: with which parameters, whether it applies, how severe it would be."""

from __future__ import annotations

from typing import Any

from drpolicy.cel import Program, Scope
from drpolicy.model.findings import Severity
from drpolicy.model.truth import Truth
from drpolicy.model.values import Object
from drpolicy.policy.compiled import CompiledPolicy
from drpolicy.policy.context import Context
from drpolicy.policy.overrides import Override
from drpolicy.policy.subjects import JudgedSubject


def scope_of(policy: CompiledPolicy, about: JudgedSubject, overrides: tuple[Override, ...]) -> Scope:
    """Return the names that the conditions of a policy may use of a subject; ``overrides`` are those that are for it."""
    return {"self": about.subject, "params": parameters_for(policy, overrides) if overrides else policy.params}


def parameters_for(policy: CompiledPolicy, overrides: tuple[Override, ...]) -> Object:
    """Return the parameters of a policy for a subject that these overrides are for."""
    return next((each.params[policy.document.id] for each in reversed(overrides) if policy.document.id in each.params), policy.params)


def applies(condition: Program, scope: Scope, about: JudgedSubject) -> Truth:
    """Return whether a policy applies to a subject. Each part of the condition is asked until one is false, and once for each subject."""
    found = Truth.TRUE
    truths = about.truths
    for part, text in condition.asked:
        if not text:
            truth = part.truth(scope)
        elif (known := truths.get(text)) is None:
            truth = truths[text] = part.truth(scope)
        else:
            truth = known
        if truth is Truth.FALSE:
            return truth
        if truth is Truth.UNKNOWN:
            found = truth
    return found


def severity_of(policy: CompiledPolicy, scope: Scope, about: JudgedSubject, context: Context, overrides: tuple[Override, ...]) -> Severity:
    """Return how severe a failure on a subject would be."""
    for override in reversed(overrides):
        if policy.document.id in override.severities:
            return override.severities[policy.document.id]
    if about.advice:
        return "advice"
    if policy.document.id in context.severities:
        return context.severities[policy.document.id]
    for severity, condition in policy.severity:
        if condition is None or counts(condition, applies(condition, scope, about), scope, about.named):
            return severity
    return "low"


def counts(condition: Program, truth: Truth, scope: Scope, named: Any) -> bool:
    """Whether a condition with a truth makes a finding severe; ``named`` is the subject with those services only that name it.

    What is not known of a service that rests on the subject counts as met. A service of which nobody knows that it does, because its
    reference leads nowhere, puts nothing at stake: it would do so for everything.
    """
    if truth is Truth.UNKNOWN and named is not scope["self"]:
        return condition.truth({**scope, "self": named}) is not Truth.FALSE
    return truth is not Truth.FALSE
