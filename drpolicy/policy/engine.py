"""Policies × estate → findings. Pure; every evaluation gives one finding, passes too."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from drpolicy.cel import Program, Scope, Trace
from drpolicy.model.estate import Estate
from drpolicy.model.findings import Finding, OpenQuestion, Severity, SubjectReference, Verdict
from drpolicy.model.provenance import Provenance, used_at, written_at
from drpolicy.model.records import replace
from drpolicy.model.spans import Span
from drpolicy.model.truth import Truth
from drpolicy.model.values import Object, Unknown
from drpolicy.policy.compiled import CompiledPolicy
from drpolicy.policy.context import Context
from drpolicy.policy.documents import remedy_for
from drpolicy.policy.evidence import evidence_of, place_of, questions_of
from drpolicy.policy.identity import basis_of, fingerprint_on, policy_digest
from drpolicy.policy.overrides import Override, chosen, switched_off
from drpolicy.policy.places import HEADER, place_at
from drpolicy.policy.subjects import JudgedSubject, judged_subject


def judge(policies: Iterable[CompiledPolicy], estate: Estate, context: Context) -> Iterator[Finding]:
    """Yield the finding of every policy on every one of its subjects."""
    prepared: dict[str, list[JudgedSubject]] = {}
    for policy in policies:
        if policy.document.observed_only and context.witness != "observed":
            continue
        subjects = prepared.get(policy.subjects)
        if subjects is None:
            every = getattr(estate, policy.subjects)
            subjects = prepared[policy.subjects] = [judged_subject(policy.document.subject, each, estate, context) for each in every]
        if subjects:
            yield from _findings(policy, subjects, context)


def without_subjects(policies: Iterable[CompiledPolicy], estate: Estate) -> tuple[str, ...]:
    """Return the policies that had no subject at all: an empty set never passes."""
    return tuple(policy.document.id for policy in policies if not getattr(estate, policy.subjects))


def _findings(policy: CompiledPolicy, subjects: Iterable[JudgedSubject], context: Context) -> Iterator[Finding]:
    """Yield the finding of one policy on each subject. What is the same for all of them is worked out once."""
    document, digest = policy.document, policy_digest(policy.document.first_id)
    when, title, remedies = policy.when, document.title, document.remedies
    overrides = tuple(each for each in context.overrides if each.concerns(document.id))
    for about in subjects:
        own = chosen(overrides, document.id, about.subject, context.roots) if overrides else ()
        scope = {"self": about.subject, "params": parameters_for(policy, own) if own else policy.params}
        off = switched_off(own, about.reference, document.id) if own else None
        severity = _severity(policy, scope, about, context, own)
        applies = Truth.FALSE if off is not None else _asked(when, scope, about.truths)
        if applies is Truth.FALSE:
            # Nine in ten are of this kind; naming the fields costs as much as making the finding.
            yield Finding(
                document.id,
                document.anti_pattern,
                severity,
                Verdict.NOT_APPLICABLE,
                context.witness,
                about.reference,
                about.subject.span,
                off or title,
                about.callers,
                (),
                about.place,
                fingerprint_on(digest, about.identity),
                "",
                document.calendar,
                about.gated,
                None,
                remedy_for(document, about.reference.type) if remedies else document.remediation,
            )
            continue
        verdict = _verdict(policy, scope, about) if applies is Truth.TRUE else Verdict.UNKNOWN
        trace = _trace(policy, scope, verdict, context)
        span, cause = _place(policy, about.subject, trace) if verdict in _OPEN else (about.subject.span, about.place)
        yield Finding(
            policy=document.id,
            anti_pattern=document.anti_pattern,
            severity=severity,
            verdict=verdict,
            witness=context.witness,
            subject=about.reference,
            span=span,
            message=_message(policy, scope, verdict, about.reference),
            evidence=about.callers if trace is None else (*evidence_of(trace.reads), *about.callers),
            unknowns=tuple(_questions(trace, about.uncertain)) if verdict is Verdict.UNKNOWN else (),
            cause=cause,
            fingerprint=fingerprint_on(digest, about.identity),
            basis="" if trace is None else basis_of(trace.reads),
            calendar=document.calendar,
            gated=about.gated,
            remedy=remedy_for(document, about.reference.type),
        )


_OPEN = frozenset((Verdict.FAIL, Verdict.UNKNOWN))


def _asked(program: Program, scope: Scope, truths: dict[str, Truth]) -> Truth:
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


def _message(policy: CompiledPolicy, scope: Scope, verdict: Verdict, reference: SubjectReference) -> str:
    """Return what the verdict says: the policy's own sentence states the defect, so it stands only where that is proven."""
    if verdict is Verdict.PASS:
        return f"not the case for {reference.name}: {policy.document.title}"
    said = policy.message.render(scope)
    # A problem is named where there is one; without a verdict there may be none.
    return said if verdict is Verdict.FAIL else f"cannot tell whether {said.removesuffix(': none').removesuffix(': ')}"


def _questions(trace: Trace | None, presence: Unknown | None) -> Iterator[OpenQuestion]:
    """Yield what would settle a verdict; of a subject that may not exist, that alone."""
    if presence is not None:
        cause = presence.cause
        yield OpenQuestion(cause.symbol, cause, written_at(cause.origin))
    elif trace is not None:
        yield from questions_of(trace.reads)


def _verdict(policy: CompiledPolicy, scope: Scope, about: JudgedSubject) -> Verdict:
    holds = policy.assertion.truth(scope)
    if holds is Truth.TRUE:
        return Verdict.PASS
    # Of a subject that may not be there nothing can be proven.
    return Verdict.FAIL if holds is Truth.FALSE and about.uncertain is None else Verdict.UNKNOWN


def _trace(policy: CompiledPolicy, scope: Scope, verdict: Verdict, context: Context) -> Trace | None:
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
    scope: Scope,
    about: JudgedSubject,
    context: Context,
    overrides: tuple[Override, ...],
) -> Severity:
    for override in reversed(overrides):
        if policy.document.id in override.severities:
            return override.severities[policy.document.id]
    if about.advice:
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
