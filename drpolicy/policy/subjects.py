"""What the findings of all policies on one subject have in common: who it is, where it stands, whether it is there at all."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any, Final, NamedTuple

from drpolicy.model.estate import Estate
from drpolicy.model.findings import Evidence, SubjectReference
from drpolicy.model.patterns import deferred
from drpolicy.model.records import dataclass, field, replace
from drpolicy.model.spans import Span
from drpolicy.model.stores import Claim, Protection
from drpolicy.model.truth import Truth
from drpolicy.model.values import Known, Members, Unknown
from drpolicy.policy.context import Context
from drpolicy.policy.documents import PolicyDocument
from drpolicy.policy.identity import fingerprint_of, identity_of


@dataclass(frozen=True, eq=False)
class JudgedSubject:
    """A subject with what every policy's finding on it has in common, each worked out when a finding first needs it."""

    kind: str
    subject: Any
    estate: Estate
    context: Context
    truths: dict[str, Truth] = field(default_factory=dict)
    """What parts of conditions without parameters gave, by their text: many policies ask the same."""

    @cached_property
    def reference(self) -> SubjectReference:
        return reference_to(self.kind, self.subject, self.context)

    @cached_property
    def identity(self) -> bytes:
        """What tells its findings from those on another subject."""
        return identity_of(self.reference, self.context.witness, _part(self.subject))

    @cached_property
    def place(self) -> str:
        return str(self.subject.span)

    @cached_property
    def callers(self) -> tuple[Evidence, ...]:
        return tuple(map(_caller, self.calls))

    @cached_property
    def calls(self) -> tuple[Call, ...]:
        """The calls of the modules that make it, the innermost first."""
        return tuple(_calls(self.reference, self.context))

    @cached_property
    def made_by(self) -> tuple[Span, ...]:
        """Where the modules that make it are called, the innermost first."""
        return tuple(each.span for each in self.calls)

    @cached_property
    def named(self) -> Any:
        """The subject with those services only that are known, or may turn out, to be meant by a reference to it."""
        return closed(self.subject)

    @cached_property
    def uncertain(self) -> Unknown | None:
        """Why it may not be there."""
        return self.estate.uncertain.get(self.subject.key)

    @cached_property
    def gated(self) -> bool:
        return self.reference.deployment not in self.context.ungated

    @cached_property
    def advice(self) -> bool:
        """Whether whatever is found is advice: its environment is not production."""
        return self.reference.environment in self.context.non_production


def closed(subject: Any) -> Any:
    """Return a subject without services of which nobody knows whether they rest on it; itself where there are none."""
    claims: Members[Claim] = getattr(subject, "required_by", Members())
    return subject if claims.rest is None else replace(subject, required_by=Members(claims.elements))


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


class Call(NamedTuple):
    """A call of a module: its address, and where it is written."""

    address: str
    span: Span


_MODULE: Final = deferred(r"(?P<plain>module\.[^.\[]+)(?:\[(?:\"(?:[^\"\\]|\\.)*\"|[^\]]*)\])?\.")
"""One step into a module; the key of its instance may hold anything."""


def _calls(reference: SubjectReference, context: Context) -> Iterator[Call]:
    """Yield the calls of the modules that make the subject, the innermost first."""
    steps: list[tuple[int, int]] = []
    while (step := _MODULE.match(reference.address, steps[-1][0] if steps else 0)) is not None:
        steps.append((step.end(), step.end("plain")))
    for end, plain in reversed(steps):
        address = reference.address[: end - 1]
        span = context.calls.get((reference.deployment, address)) or context.calls.get((reference.deployment, address[:plain]))
        if span is not None:
            yield Call(address, span)


def _caller(call: Call) -> Evidence:
    known = f", and known by {call.span.interface}" if call.span.interface else ""
    return Evidence(f"made by {call.address}, called here{known}", "declared", call.span)
