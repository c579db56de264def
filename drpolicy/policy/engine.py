"""Policies × estate → findings. Pure; every evaluation gives one finding, passes too."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any, NamedTuple

from drpolicy.cel import Scope, Trace
from drpolicy.model.estate import Estate
from drpolicy.model.findings import Finding, OpenQuestion, SubjectReference, Verdict
from drpolicy.model.provenance import Provenance, given_at, used_at, written_at
from drpolicy.model.records import dataclass, replace
from drpolicy.model.spans import Span
from drpolicy.model.truth import Truth
from drpolicy.model.values import Unknown
from drpolicy.policy.asking import applies, scope_of, severity_of
from drpolicy.policy.compiled import CompiledPolicy
from drpolicy.policy.context import Context
from drpolicy.policy.documents import remedy_for
from drpolicy.policy.evidence import evidence_of, place_of, questions_of
from drpolicy.policy.identity import basis_of, fingerprint_on, policy_digest
from drpolicy.policy.inapplicable import Inapplicable, Pair
from drpolicy.policy.overrides import chosen, switched_off
from drpolicy.policy.places import HEADER, place_at
from drpolicy.policy.subjects import JudgedSubject


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdicts of policies: what was decided or is open, and what does not apply."""

    findings: tuple[Finding, ...]
    """In the order of the policies, and of the subjects of each."""
    not_applicable: Inapplicable

    def every(self) -> Iterator[Finding]:
        """Iterate over all findings, those that do not apply last."""
        return chain(self.findings, self.not_applicable)


def judge(policies: Iterable[CompiledPolicy], estate: Estate, context: Context) -> Judgement:
    """Return the finding of every policy on every one of its subjects."""
    prepared: dict[str, list[JudgedSubject]] = {}
    found: list[Finding] = []
    without: list[Pair] = []
    for policy in policies:
        if policy.document.observed_only and context.witness != "observed":
            continue
        subjects = prepared.get(policy.subjects)
        if subjects is None:
            every = getattr(estate, policy.subjects)
            kind = policy.document.subject
            subjects = prepared[policy.subjects] = [JudgedSubject(kind, each, estate, context) for each in every]
        if subjects:
            found.extend(_findings(policy, subjects, context, without))
    return Judgement(tuple(found), Inapplicable(tuple(without), context))


def without_subjects(policies: Iterable[CompiledPolicy], estate: Estate) -> tuple[str, ...]:
    """Return the policies that had no subject at all: an empty set never passes."""
    return tuple(policy.document.id for policy in policies if not getattr(estate, policy.subjects))


def _findings(policy: CompiledPolicy, subjects: Iterable[JudgedSubject], context: Context, without: list[Pair]) -> Iterator[Finding]:
    """Yield the finding of one policy on each subject that it applies to, or may apply to; add the other subjects to ``without``."""
    document = policy.document
    when, digest = policy.when, policy_digest(document.first_id)
    overrides = tuple(each for each in context.overrides if each.concerns(document.id))
    for about in subjects:
        own = chosen(overrides, document.id, about.subject, context.roots) if overrides else ()
        scope = scope_of(policy, about, own)
        asked = Truth.FALSE if own and switched_off(own, about.reference, document.id) else applies(when, scope, about)
        if asked is Truth.FALSE:
            without.append((policy, about, own))
            continue
        verdict = _verdict(policy, scope, about) if asked is Truth.TRUE else Verdict.UNKNOWN
        trace = _trace(policy, scope, verdict, asked, context)
        placed = _place(policy, about.subject, trace) if verdict in _OPEN else Placed(about.subject.span, about.place)
        yield Finding(
            policy=document.id,
            anti_pattern=document.anti_pattern,
            severity=severity_of(policy, scope, about, context, own),
            verdict=verdict,
            witness=context.witness,
            subject=about.reference,
            span=placed.span,
            message=_message(policy, scope, verdict, about.reference),
            evidence=about.callers if trace is None else (*evidence_of(trace.reads), *about.callers),
            unknowns=tuple(_questions(trace, about.uncertain)) if verdict is Verdict.UNKNOWN else (),
            cause=placed.cause,
            fingerprint=fingerprint_on(digest, about.identity),
            basis="" if trace is None else basis_of(trace.reads),
            calendar=document.calendar,
            gated=about.gated,
            remedy=remedy_for(document, about.reference.type),
            made_by=about.made_by,
            given=_given(placed, about),
        )


_OPEN = frozenset((Verdict.FAIL, Verdict.UNKNOWN))


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


def _trace(policy: CompiledPolicy, scope: Scope, verdict: Verdict, asked: Truth, context: Context) -> Trace | None:
    """Return what decided: whether the policy applies (``asked``) where that is open, else its assertion."""
    if verdict is Verdict.PASS and not context.trace_passes:
        return None
    return (policy.when if asked is Truth.UNKNOWN else policy.assertion).trace(scope)


class Placed(NamedTuple):
    """Where to point, the written place that decides, as the cause, and the way from one to the other."""

    span: Span
    cause: str
    origin: Provenance | None = None


def _place(policy: CompiledPolicy, subject: Any, trace: Trace | None) -> Placed:
    """Return where to point: at the use, which is in the subject's own block."""
    header: Span = subject.span
    missing: Provenance | None = None
    for path in policy.document.locate:
        if path == HEADER:
            return Placed(header, _absence(header, policy))
        located = place_at(subject, path)
        if located is not None and located.written:
            return _used(located.origin, header)
        missing = missing or (located.origin if located is not None else None)
    if missing is not None:
        return _used(missing, header)
    decided = place_of(trace.reads) if trace is not None and not policy.document.locate else None
    return _used(decided, header) if decided is not None else Placed(header, _absence(header, policy))


def _absence(header: Span, policy: CompiledPolicy) -> str:
    """Return the cause where nothing is written: two policies that miss two things of one resource have two causes."""
    return f"{header} {policy.document.id}"


def _used(origin: Provenance, header: Span) -> Placed:
    return Placed(_narrow(used_at(origin) or header), str(written_at(origin) or header), origin)


def _given(placed: Placed, about: JudgedSubject) -> Span | None:
    """Return where the root gives the module what decides."""
    root = about.calls[-1].span.path if about.calls else ""
    if placed.origin is None or not root or placed.span.path == root:
        return None
    argument, written = given_at(placed.origin, root), written_at(placed.origin)
    if argument is None:
        return None
    # Of an object that is handed on, the field that decides.
    inside = written is not None and written.source is argument.source and argument.offset <= written.offset < argument.end_offset
    return _narrow(written if inside and written is not None else argument)


def _narrow(span: Span) -> Span:
    """Return a span cut at the end of its first line: a pull request shows a finding only if all its lines are in the diff."""
    end = span.source.text.find("\n", span.offset, span.end_offset)
    return span if end < 0 else replace(span, end_offset=max(end, span.offset + 1))
