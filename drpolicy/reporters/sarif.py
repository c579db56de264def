"""The report as SARIF 2.1.0 for code scanning (OASIS SARIF 2.1.0 errata 01; GitHub "SARIF support for code scanning", 2026-11).

Only failures that nobody accepted are results: a host shows every result as an alert, and a pass, an accepted finding or
an open question is none. What a host would drop silently is left out here, the least severe first, and said in a
notification. The full profile has every finding, for what reads SARIF as a record.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from json import JSONEncoder
from typing import Any, Final

from drpolicy.model.findings import Diagnostic, Finding, Verdict
from drpolicy.model.report import PolicyFacts, Report
from drpolicy.reporters.controls import FRAMEWORKS
from drpolicy.reporters.inert import fenced, inert
from drpolicy.reporters.printable import one_line, several_lines
from drpolicy.reporters.sarif_full import baseline_states, full_result
from drpolicy.reporters.sarif_results import MESSAGE_LIMIT, cut, message, name, physical, result
from drpolicy.reporters.sections import with_verdict
from drpolicy.reporters.sentences import number

SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
CATEGORY: Final = "drpolicy/"
RESULT_LIMIT: Final = 5_000
"""GitHub keeps this many results of a run."""
NOTIFICATION_LIMIT: Final = 1_000
_TAG_LIMIT: Final = 20

Fields = dict[str, Any]


def render(report: Report) -> bytes:
    """Return the SARIF log as UTF-8 JSON."""
    failed = list(with_verdict(report, Verdict.FAIL))
    shown = failed[:RESULT_LIMIT]
    return _log(_run(report, shown, result, len(failed) - len(shown)))


def render_full(report: Report) -> bytes:
    """Return the SARIF log with every finding: what passed, what is open, what was accepted as suppressed."""
    state = baseline_states(report)
    return _log(_run(report, list(report.every()), lambda finding, rule: full_result(finding, rule, state), 0))


def _log(run: Fields) -> bytes:
    # Indentation would take the slow encoder, and all results at once a multiple of their text.
    encode = JSONEncoder(ensure_ascii=False, check_circular=False, allow_nan=False).encode
    head = [f"{encode(key)}: {encode(value)}" for key, value in run.items() if key != "results"]
    before = f'{{"$schema": {encode(SCHEMA)},\n"version": "2.1.0",\n"runs": [{{' + ",\n".join(head) + ',\n"results": [\n '
    results = b",\n ".join(encode(each).encode("utf-8", "replace") for each in run["results"])
    return before.encode("utf-8", "replace") + results + b"\n]}]}\n"


def _run(report: Report, shown: Sequence[Finding], written: Callable[[Finding, int], Fields], left_out: int) -> Fields:
    rules, indices = _rules(report.policies, shown)
    run = report.run
    return {
        "tool": {"driver": {"name": "drpolicy", "version": name(run.version, "0"), "rules": rules}},
        "automationDetails": {"id": CATEGORY},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"%SRCROOT%": {"description": {"text": "The root of the repository."}}},
        "invocations": [_invocation(report, left_out)],
        "results": (written(finding, indices[finding.policy]) for finding in shown),
        "properties": {
            "asOf": run.as_of,
            "commit": run.commit,
            "dirty": run.dirty,
            "policyDigest": run.policy_digest,
            "configDigest": run.config_digest,
            "gate": report.gate.outcome,
        },
    }


def _rules(policies: Mapping[str, PolicyFacts], found: Sequence[Finding]) -> tuple[list[Fields], dict[str, int]]:
    """Return the rules of all policies, and of those that a finding names without their facts, with each one's index."""
    ids = sorted({*policies, *(finding.policy for finding in found)})
    return [_rule(each, policies.get(each)) for each in ids], {each: at for at, each in enumerate(ids)}


def _rule(policy: str, facts: PolicyFacts | None) -> Fields:
    id = name(policy, "policy")
    if facts is None:
        return {"id": id, "shortDescription": message(id), "fullDescription": message(id), "help": message(id)}
    title = one_line(facts.title) or id
    why, remedy = several_lines(facts.why).strip(), several_lines(facts.remediation).strip()
    markdown = f"{inert(why)}\n\n**Smallest remedy first**\n\n{fenced(remedy)}\n"
    controls = (f"{FRAMEWORKS.get(of, of)} {each}" for of, ids in sorted(facts.controls.items()) for each in ids)
    tags = dict.fromkeys(tag for tag in (name(each, "") for each in (facts.anti_pattern, *controls)) if tag)
    return {
        "id": id,
        "name": id,
        "shortDescription": message(title),
        "fullDescription": message(why or title),
        "help": {"text": f"{why}\n\n{remedy}".strip() or title, "markdown": markdown},
        "properties": {"precision": "very-high", "tags": list(islice(tags, _TAG_LIMIT))},
    }


def _invocation(report: Report, left_out: int) -> Fields:
    notifications = [_notification(each) for each in report.diagnostics[:NOTIFICATION_LIMIT]]
    if len(report.diagnostics) > NOTIFICATION_LIMIT:
        dropped = number(len(report.diagnostics) - NOTIFICATION_LIMIT, "further diagnostic")
        notifications.append(_limit(f"{dropped} left out of this file; the JSON report has all of them."))
    if left_out:
        dropped = number(left_out, "further failure")
        notifications.append(_limit(f"{dropped} left out of this file, the least severe ones; the JSON report has all of them."))
    return {
        "executionSuccessful": not any(each.effect != "none" for each in report.diagnostics),
        "toolExecutionNotifications": notifications,
    }


def _limit(text: str) -> Fields:
    return {"level": "warning", "descriptor": {"id": "limit-reached"}, "message": {"text": text}}


def _notification(diagnostic: Diagnostic) -> Fields:
    fields: Fields = {
        "level": diagnostic.level,
        "descriptor": {"id": name(diagnostic.code, "diagnostic")},
        "message": {"text": cut(one_line(diagnostic.message), MESSAGE_LIMIT) or "(no message)"},
    }
    if diagnostic.span is not None or diagnostic.path:
        fields["locations"] = [{"physicalLocation": physical(diagnostic.span, diagnostic.path)}]
    return fields
