"""What the findings of all policies on one subject have in common: who it is, where it stands, whether it is there at all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from drpolicy.model.estate import Estate
from drpolicy.model.findings import Evidence, SubjectReference
from drpolicy.model.records import dataclass
from drpolicy.model.stores import Claim, Protection
from drpolicy.model.truth import Truth
from drpolicy.model.values import Known, Members, Unknown
from drpolicy.policy.context import Context
from drpolicy.policy.documents import PolicyDocument
from drpolicy.policy.identity import fingerprint_of, identity_of


@dataclass(frozen=True, slots=True, eq=False)
class JudgedSubject:
    """A subject with what every policy's finding on it has in common."""

    subject: Any
    reference: SubjectReference
    identity: bytes
    """What tells its findings from those on another subject."""
    place: str
    callers: tuple[Evidence, ...]
    uncertain: Unknown | None
    """Why it may not be there."""
    gated: bool
    advice: bool
    """Whether whatever is found is advice: its environment is not production."""
    truths: dict[str, Truth]
    """What conditions without parameters gave, by their text: many policies ask the same."""


def judged_subject(kind: str, subject: Any, estate: Estate, context: Context) -> JudgedSubject:
    """Work out what the findings on a subject share."""
    reference = reference_to(kind, subject, context)
    return JudgedSubject(
        subject=subject,
        reference=reference,
        identity=identity_of(reference, context.witness, _part(subject)),
        place=str(subject.span),
        callers=tuple(_callers(reference, context)),
        uncertain=estate.uncertain.get(subject.key),
        gated=reference.deployment not in context.ungated,
        advice=reference.environment in context.non_production,
        truths={},
    )


def reference_to(kind: str, subject: Any, context: Context) -> SubjectReference:
    """Return which member of the estate a subject is."""
    environment = getattr(subject, "environment", None)
    claims: Members[Claim] = getattr(subject, "required_by", Members())
    deployment = getattr(subject, "deployment", "")
    return SubjectReference(
        kind=kind,
        name=subject.name,
        address=getattr(subject, "address", subject.name),
        type=getattr(subject, "type", ""),
        deployment=deployment,
        environment=environment.value if isinstance(environment, Known) else None,
        root=context.roots.get(deployment, ""),
        services=tuple(sorted(claim.service for claim in claims)),
    )


def fingerprint_of_subject(document: PolicyDocument, subject: Any, context: Context) -> str:
    """Return the fingerprint of the finding of a policy on a subject."""
    return fingerprint_of(document.first_id, reference_to(document.subject, subject, context), context.witness, _part(subject))


def _part(subject: Any) -> str:
    return f"{subject.mechanism} {subject.key}" if isinstance(subject, Protection) else ""


def _callers(reference: SubjectReference, context: Context) -> Iterator[Evidence]:
    """Yield where the modules that make the subject are called, the innermost first."""
    parts = reference.address.split(".")
    for length in range(len(parts) - len(parts) % 2, 0, -1):
        address = ".".join(parts[:length])
        span = context.calls.get((reference.deployment, address)) or context.calls.get((reference.deployment, address.partition("[")[0]))
        if span is not None:
            known = f", and known by {span.interface}" if span.interface else ""
            yield Evidence(f"made by {address}, called here{known}", "declared", span)
