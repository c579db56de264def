"""Policies × estate → findings. Pure; every evaluation gives one finding, passes too."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from drpolicy.cel import Program, Trace
from drpolicy.model.estate import Estate
from drpolicy.model.findings import Evidence, Finding, OpenQuestion, Severity, SubjectReference, Verdict, Witness
from drpolicy.model.provenance import Provenance, used_at, written_at
from drpolicy.model.records import dataclass, field, replace
from drpolicy.model.spans import Span
from drpolicy.model.stores import Claim, Protection
from drpolicy.model.truth import Truth
from drpolicy.model.values import Known, Members, Object, Unknown
from drpolicy.policy.compiled import CompiledPolicy
from drpolicy.policy.documents import remedy_for
from drpolicy.policy.evidence import evidence_of, place_of, questions_of
from drpolicy.policy.identity import basis_of, fingerprint_of
from drpolicy.policy.overrides import Override, chosen, switched_off
from drpolicy.policy.places import HEADER, place_at


@dataclass(frozen=True, slots=True)
class Context:
    """What the judgement depends on beside the estate."""

    witness: Witness = "declared"
    severities: Mapping[str, Severity] = field(default_factory=dict)
    """Severity per policy that the user set."""
    non_production: frozenset[str] = frozenset()
    """Environments in which a finding is advice."""
    ungated: frozenset[str] = frozenset()
    """Deployments that the gate does not count: library modules."""
    calls: Mapping[tuple[str, str], Span] = field(default_factory=dict)
    """Where a module is called, by deployment and the module's address."""
    roots: Mapping[str, str] = field(default_factory=dict)
    """Path of a Terraform deployment's root, by the deployment's name."""
    overrides: tuple[Override, ...] = ()
    """What the user changed for some subjects only; a later one wins."""
    trace_passes: bool = False
    """Whether passes carry their evidence too."""


@dataclass(frozen=True, slots=True, eq=False)
class _Subject:
    """A subject with what every policy's finding on it has in common."""

    subject: Any
    reference: SubjectReference
    part: str
    place: str
    callers: tuple[Evidence, ...]
    uncertain: Unknown | None
    gated: bool
    truths: dict[str, Truth]
    """What conditions without parameters gave, by their text: many policies ask the same."""


def judge(policies: Iterable[CompiledPolicy], estate: Estate, context: Context) -> Iterator[Finding]:
    """Yield the finding of every policy on every one of its subjects."""
    prepared: dict[str, list[_Subject]] = {}
    for policy in policies:
        if policy.document.observed_only and context.witness != "observed":
            continue
        subjects = prepared.get(policy.subjects)
        if subjects is None:
            every = getattr(estate, policy.subjects)
            subjects = prepared[policy.subjects] = [_subject(policy.document.subject, each, estate, context) for each in every]
        overrides = tuple(each for each in context.overrides if each.concerns(policy.document.id))
        for each in subjects:
            yield _finding(policy, each, context, chosen(overrides, policy.document.id, each.subject, context.roots) if overrides else ())


def _subject(kind: str, subject: Any, estate: Estate, context: Context) -> _Subject:
    reference = _reference(kind, subject, context)
    return _Subject(
        subject=subject,
        reference=reference,
        part=_part(subject),
        place=str(subject.span),
        callers=tuple(_callers(reference, context)),
        uncertain=estate.uncertain.get(subject.key),
        gated=reference.deployment not in context.ungated,
        truths={},
    )


def without_subjects(policies: Iterable[CompiledPolicy], estate: Estate) -> tuple[str, ...]:
    """Return the policies that had no subject at all: an empty set never passes."""
    return tuple(policy.document.id for policy in policies if not getattr(estate, policy.subjects))


def _finding(policy: CompiledPolicy, about: _Subject, context: Context, overrides: tuple[Override, ...]) -> Finding:
    document, subject, reference = policy.document, about.subject, about.reference
    scope = {"self": subject, "params": parameters_for(policy, overrides) if overrides else policy.params}
    off = switched_off(overrides, reference, document.id) if overrides else None
    verdict = _verdict(policy, scope, about.truths) if off is None else Verdict.NOT_APPLICABLE
    if verdict is Verdict.FAIL and about.uncertain is not None:
        verdict = Verdict.UNKNOWN
    trace = _trace(policy, scope, verdict, context)
    span, cause = _place(policy, subject, trace) if verdict in _OPEN else (subject.span, about.place)
    return Finding(
        policy=document.id,
        anti_pattern=document.anti_pattern,
        severity=_severity(policy, scope, about, context, overrides),
        verdict=verdict,
        witness=context.witness,
        subject=reference,
        span=span,
        remedy=remedy_for(document, reference.type),
        message=off or _message(policy, scope, verdict, reference),
        evidence=(*evidence_of(trace.reads), *about.callers) if trace is not None else about.callers,
        unknowns=tuple(_questions(trace, about.uncertain)) if verdict is Verdict.UNKNOWN else (),
        cause=cause,
        fingerprint=fingerprint_of(document.first_id, reference, context.witness, about.part),
        basis=basis_of(trace.reads) if trace is not None else "",
        calendar=document.calendar,
        gated=about.gated,
    )


_OPEN = frozenset((Verdict.FAIL, Verdict.UNKNOWN))


def _asked(program: Program, scope: Mapping[str, object], truths: dict[str, Truth]) -> Truth:
    """Return the truth of a condition on a subject: once for each text, where nothing but the subject decides."""
    if not program.about_self:
        return program.truth(scope)
    found = truths.get(program.text)
    if found is None:
        found = truths[program.text] = program.truth(scope)
    return found


def parameters_for(policy: CompiledPolicy, overrides: tuple[Override, ...]) -> Object:
    """Return the parameters of a policy for a subject that these overrides are for."""
    return next((each.params[policy.document.id] for each in reversed(overrides) if policy.document.id in each.params), policy.params)


def identity_of(policy: CompiledPolicy, subject: Any, context: Context) -> str:
    """Return the fingerprint of the finding of a policy on a subject."""
    return fingerprint_of(policy.document.first_id, _reference(policy.document.subject, subject, context), context.witness, _part(subject))


def _message(policy: CompiledPolicy, scope: Mapping[str, object], verdict: Verdict, reference: SubjectReference) -> str:
    """Return what the verdict says: the policy's own sentence states the defect, so it stands only where that is proven."""
    match verdict:
        case Verdict.FAIL:
            return policy.message.render(scope)
        case Verdict.UNKNOWN:
            # A problem is named where there is one; without a verdict there may be none.
            return f"cannot tell whether {policy.message.render(scope).removesuffix(': none').removesuffix(': ')}"
        case Verdict.PASS:
            return f"not the case for {reference.name}: {policy.document.title}"
        case Verdict.NOT_APPLICABLE:
            return policy.document.title


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


def _questions(trace: Trace | None, presence: Unknown | None) -> Iterator[OpenQuestion]:
    """Yield what would settle a verdict; of a subject that may not exist, that alone."""
    if presence is not None:
        cause = presence.cause
        yield OpenQuestion(cause.symbol, cause, written_at(cause.origin))
    elif trace is not None:
        yield from questions_of(trace.reads)


def _verdict(policy: CompiledPolicy, scope: Mapping[str, object], truths: dict[str, Truth]) -> Verdict:
    match _asked(policy.when, scope, truths):
        case Truth.FALSE:
            return Verdict.NOT_APPLICABLE
        case Truth.UNKNOWN:
            return Verdict.UNKNOWN
        case Truth.TRUE:
            match policy.assertion.truth(scope):
                case Truth.TRUE:
                    return Verdict.PASS
                case Truth.FALSE:
                    return Verdict.FAIL
                case Truth.UNKNOWN:
                    return Verdict.UNKNOWN


def _trace(policy: CompiledPolicy, scope: Mapping[str, object], verdict: Verdict, context: Context) -> Trace | None:
    match verdict:
        case Verdict.NOT_APPLICABLE:
            return None
        case Verdict.PASS:
            return policy.assertion.trace(scope) if context.trace_passes else None
        case Verdict.FAIL:
            return policy.assertion.trace(scope)
        case Verdict.UNKNOWN:
            undecided = policy.when.truth(scope) is Truth.UNKNOWN
            return (policy.when if undecided else policy.assertion).trace(scope)


def _severity(
    policy: CompiledPolicy,
    scope: Mapping[str, object],
    about: _Subject,
    context: Context,
    overrides: tuple[Override, ...],
) -> Severity:
    for override in reversed(overrides):
        if policy.document.id in override.severities:
            return override.severities[policy.document.id]
    if about.reference.environment in context.non_production:
        return "advice"
    if policy.document.id in context.severities:
        return context.severities[policy.document.id]
    for severity, condition in policy.severity:
        if condition is None or _asked(condition, scope, about.truths) is not Truth.FALSE:
            return severity
    return "low"


def _place(policy: CompiledPolicy, subject: Any, trace: Trace | None) -> tuple[Span, str]:
    """Return where to point: at the use, which is in the subject's own block; and the written place that decides, as the cause."""
    header: Span = subject.span
    # Nothing is written: two policies that miss two things of one resource have two causes.
    absence = f"{header} {policy.document.id}"
    missing: Provenance | None = None
    for path in policy.document.locate:
        if path == HEADER:
            return header, absence
        located = place_at(subject, path)
        if located is not None and located.written:
            return _used(located.origin, header)
        missing = missing or (located.origin if located is not None else None)
    if missing is not None:
        return _used(missing, header)
    decided = place_of(trace.reads) if trace is not None and not policy.document.locate else None
    return _used(decided, header) if decided is not None else (header, absence)


def _used(origin: Provenance, header: Span) -> tuple[Span, str]:
    return _narrow(used_at(origin) or header), str(written_at(origin) or header)


def _narrow(span: Span) -> Span:
    """Return a span cut at the end of its first line: a pull request shows a finding only if all its lines are in the diff."""
    end = span.source.text.find("\n", span.offset, span.end_offset)
    return span if end < 0 else replace(span, end_offset=max(end, span.offset + 1))


def _reference(kind: str, subject: Any, context: Context) -> SubjectReference:
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
