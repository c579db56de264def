"""What policies do not apply to: nine verdicts in ten, of which most runs show the number alone."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from drpolicy.model.findings import Finding, Verdict
from drpolicy.model.records import dataclass
from drpolicy.policy.asking import scope_of, severity_of
from drpolicy.policy.compiled import CompiledPolicy
from drpolicy.policy.context import Context
from drpolicy.policy.documents import remedy_for
from drpolicy.policy.identity import fingerprint_on, policy_digest
from drpolicy.policy.overrides import Override, switched_off
from drpolicy.policy.subjects import JudgedSubject

Pair = tuple[CompiledPolicy, JudgedSubject, tuple[Override, ...]]
"""A policy, a subject that it does not apply to, and what the user changed of the one for the other."""


@dataclass(frozen=True, slots=True, eq=False)
class Inapplicable(Collection[Finding]):
    """The findings of pairs that do not apply, in the order of the policies. Each is made whenever somebody comes to it."""

    pairs: tuple[Pair, ...]
    context: Context

    def __len__(self) -> int:
        return len(self.pairs)

    def __iter__(self) -> Iterator[Finding]:
        for policy, about, overrides in self.pairs:
            yield _finding(policy, about, overrides, self.context)

    def __contains__(self, finding: object) -> bool:
        return any(each == finding for each in self)


def _finding(policy: CompiledPolicy, about: JudgedSubject, overrides: tuple[Override, ...], context: Context) -> Finding:
    document = policy.document
    off = switched_off(overrides, about.reference, document.id) if overrides else None
    return Finding(
        policy=document.id,
        anti_pattern=document.anti_pattern,
        severity=severity_of(policy, scope_of(policy, about, overrides), about, context, overrides),
        verdict=Verdict.NOT_APPLICABLE,
        witness=context.witness,
        subject=about.reference,
        span=about.subject.span,
        message=off or document.title,
        evidence=about.callers,
        unknowns=(),
        cause=about.place,
        fingerprint=fingerprint_on(policy_digest(document.first_id), about.identity),
        basis="",
        calendar=document.calendar,
        gated=about.gated,
        remedy=remedy_for(document, about.reference.type),
    )
