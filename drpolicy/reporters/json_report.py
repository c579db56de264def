"""The report as JSON: the contract that every other format is a view of (``schemas/report.schema.json``).

Durations are seconds. Where a range is not bounded the number is ``null``; where an objective is not declared it is
``null`` as well. One finding stands on one line, in the order of the report; equal reports give equal bytes.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from json import JSONEncoder
from typing import Final

from drpolicy.model.durations import Duration
from drpolicy.model.findings import Diagnostic
from drpolicy.model.ranges import Range
from drpolicy.model.report import Box, Change, Comparison, Coverage, DeploymentFacts, PolicyFacts, Report, ServiceFacts
from drpolicy.model.spans import Span
from drpolicy.reporters.json_findings import Fields, Locate, findings_json, unknown_fields
from drpolicy.reporters.printable import excerpt
from drpolicy.reporters.sections import counts

SCHEMA_VERSION: Final = "1"


def render(report: Report) -> bytes:
    """Return the report as UTF-8 JSON. Lone surrogates, which UTF-8 cannot carry, become question marks."""
    # What is encoded is built here and holds no cycle; looking for one would cost a third of the time.
    encode = JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ": "), allow_nan=False).encode
    locate = _locator()
    parts = [
        f'"schema_version": {encode(SCHEMA_VERSION)}',
        f'"tool": {encode({"name": "drpolicy", "version": report.run.version})}',
        f'"run": {encode(_run(report))}',
        f'"summary": {encode(_summary(report))}',
        f'"policies": {{{_lines(f"{encode(id)}: {encode(_policy(policy))}" for id, policy in sorted(report.policies.items()))}}}',
        f'"findings": [{_lines(findings_json(report.every(), encode, locate))}]',
        f'"services": [{_lines(encode(_service(service, locate)) for service in report.services)}]',
        f'"diagnostics": [{_lines(encode(_diagnostic(diagnostic, locate)) for diagnostic in report.diagnostics)}]',
        f'"coverage": {encode(_coverage(report.coverage, locate))}',
        f'"checklist": [{_lines(encode(_box(box, locate)) for box in report.checklist)}]',
        f'"comparison": {encode(_comparison(report.comparison, locate))}',
    ]
    return ("{" + ",\n".join(parts) + "}\n").encode("utf-8", "replace")


def _lines(encoded: Iterable[str]) -> str:
    body = ",\n ".join(encoded)
    return f"\n {body}\n" if body else ""


def _locator() -> Locate:
    """Return a function from a span to its fields that works each span out once: many findings share one place."""
    seen: dict[Span, Fields] = {}

    def locate(span: Span | None) -> Fields | None:
        if span is None:
            return None
        found = seen.get(span)
        if found is None:
            start, end = span.start, span.end
            found = seen[span] = {
                "path": span.source.path,
                "start": {"line": start.line, "column": start.column},
                "end": {"line": end.line, "column": end.column},
                "snippet": excerpt(span).text,
            }
        return found

    return locate


def _run(report: Report) -> Fields:
    run = report.run
    return {
        "mode": run.mode,
        "gate": run.gate,
        "paths": run.paths,
        "as_of": run.as_of,
        "commit": run.commit,
        "dirty": run.dirty,
        "policy_digest": run.policy_digest,
        "config_digest": run.config_digest,
    }


def _summary(report: Report) -> Fields:
    count = counts(report)
    return {
        "pass": count.passed,
        "fail": count.failed + count.calendar,
        "unknown": count.unknown,
        "not_applicable": count.not_applicable,
        "waived": count.waived,
        "baselined": count.baselined,
        "diagnostics": len(report.diagnostics),
        "gate": report.gate.outcome,
        "fail_on": report.gate.fail_on,
        "gate_reasons": report.gate.reasons,
    }


def _policy(policy: PolicyFacts) -> Fields:
    return {
        "title": policy.title,
        "anti_pattern": policy.anti_pattern,
        "why": policy.why,
        "remediation": policy.remediation,
        "controls": dict(sorted(policy.controls.items())),
        "guide": policy.guide,
    }


def _service(service: ServiceFacts, locate: Locate) -> Fields:
    declared = [target for target in service.targets if target.declared_rto is not None or target.declared_rpo is not None]
    return {
        "name": service.name,
        "tier": service.tier,
        "owner": service.owner,
        "location": locate(service.span),
        "objectives": {each.disruption: {"rto": _seconds(each.declared_rto), "rpo": _seconds(each.declared_rpo)} for each in declared},
        "recovery": {
            each.disruption: {"rto": _range(each.rto), "rpo": _range(each.rpo), "weakest": each.weakest} for each in service.targets
        },
    }


def _range(reach: Range) -> Fields:
    return {
        "best": _seconds(reach.best),
        "worst": _seconds(reach.worst),
        "basis": reach.basis,
        "unknowns": [unknown_fields(each) for each in reach.unknowns],
    }


def _seconds(duration: Duration | None) -> float | None:
    if duration is None or not math.isfinite(duration.seconds):
        return None
    return int(duration.seconds) if duration.seconds == int(duration.seconds) else duration.seconds


def _box(box: Box, locate: Locate) -> Fields:
    return {
        "item": box.item,
        "state": box.state,
        "reasons": [
            {
                "policy": each.policy,
                "subject": each.subject,
                "text": each.text,
                "grade": each.grade,
                "date": each.day or None,
                "location": locate(each.span),
            }
            for each in box.reasons
        ],
    }


def _comparison(comparison: Comparison | None, locate: Locate) -> Fields | None:
    if comparison is None:
        return None
    return {
        "base": comparison.base,
        "worse": [_change(each) for each in comparison.worse],
        "better": [_change(each) for each in comparison.better],
        "undecided": [_change(each) for each in comparison.undecided],
        "services": [_service(each, locate) for each in comparison.services],
    }


def _change(change: Change) -> Fields:
    finding = change.finding
    return {
        "fingerprint": finding.fingerprint,
        "policy": finding.policy,
        "severity": finding.severity,
        "subject": finding.subject.address,
        "deployment": finding.subject.deployment,
        "before": change.before.value if change.before is not None else None,
        "after": change.after.value if change.after is not None else None,
        "why": change.why,
    }


def _diagnostic(diagnostic: Diagnostic, locate: Locate) -> Fields:
    return {
        "level": diagnostic.level,
        "code": diagnostic.code,
        "message": diagnostic.message,
        "path": diagnostic.span.path if diagnostic.span is not None else diagnostic.path or None,
        "location": locate(diagnostic.span),
        "effect": diagnostic.effect,
    }


def _coverage(coverage: Coverage, locate: Locate) -> Fields:
    return {
        "deployments": [_deployment(each) for each in coverage.deployments],
        "files": dict(sorted(coverage.files.items())),
        "expressions": dict(sorted(coverage.expressions.items())),
        "unknown": dict(sorted(coverage.unknown.items())),
        "blocks": dict(sorted(coverage.blocks.items())),
        "modules": {kind: coverage.modules.get(kind, ()) for kind in ("evaluated", "stubbed", "unresolved")},
        "stores": coverage.stores,
        "unclaimed_stores": coverage.unclaimed_stores,
        "unjudged": dict(coverage.unjudged),
        "classes": dict(coverage.classes),
        "policies": coverage.policies,
        "without_subjects": coverage.without_subjects,
        "inferred": [{"text": each.text, "location": locate(each.span)} for each in coverage.inferred],
        "live": coverage.live,
    }


def _deployment(deployment: DeploymentFacts) -> Fields:
    return {
        "name": deployment.name,
        "kind": deployment.kind,
        "environment": deployment.environment,
        "account": deployment.account,
        "regions": deployment.regions,
        "resources": deployment.resources,
        "library": deployment.library,
    }
