"""One failure as a SARIF result: its narrow region, the places that explain it, and what stays equal from run to run."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import quote

from drpolicy.model.findings import Evidence, Finding, Severity
from drpolicy.model.spans import Span
from drpolicy.reporters.printable import excerpt, one_line

MESSAGE_LIMIT: Final = 1_000
"""Below the 1,024 characters beyond which GitHub cuts descriptions and GitLab drops results."""
NAME_LIMIT: Final = 255
_RELATED_LIMIT: Final = 20

LEVELS: Final[dict[Severity, str]] = {"critical": "error", "high": "error", "medium": "warning", "low": "note", "advice": "note"}

Fields = dict[str, Any]


def result(finding: Finding, rule: int) -> Fields:
    """Return the result for a failure of the rule with that index."""
    subject = finding.subject
    placed = [(each, each.span) for each in finding.evidence if each.span is not None][:_RELATED_LIMIT]
    fields: Fields = {
        "ruleId": name(finding.policy, "policy"),
        "ruleIndex": rule,
        "level": LEVELS[finding.severity],
        "message": {"text": _message(finding, placed)},
        "locations": [{"physicalLocation": physical(finding.span), "logicalLocations": [_logical(finding)]}],
        "partialFingerprints": {"drpolicy/v1": cut(finding.fingerprint, MESSAGE_LIMIT) or "none"},
        "properties": {
            "severity": finding.severity,
            "witness": finding.witness,
            "antiPattern": finding.anti_pattern,
            "deployment": subject.deployment,
            "environment": subject.environment,
            "cause": finding.cause,
            "basis": finding.basis,
            "gated": finding.gated,
            "calendar": finding.calendar,
        },
    }
    if placed:
        fields["relatedLocations"] = [
            {"id": at, "physicalLocation": physical(span), "message": message(each.text)} for at, (each, span) in enumerate(placed, 1)
        ]
        fields["codeFlows"] = [{"threadFlows": [{"locations": _flow(finding, placed)}]}]
    return fields


def message(text: str) -> Fields:
    """Return a message of at most ``MESSAGE_LIMIT`` characters; an empty one is not accepted, so it says that it is."""
    return {"text": cut(_literal(text), MESSAGE_LIMIT) or "(nothing said)"}


def name(text: str, otherwise: str) -> str:
    """Return an identifier of at most ``NAME_LIMIT`` characters; hosts accept no empty one."""
    return cut(one_line(text), NAME_LIMIT) or otherwise


def cut(text: str, limit: int) -> str:
    """Return the text, or its beginning and an ellipsis."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def physical(span: Span | None, path: str = "") -> Fields:
    """Return a physical location with a region on one line: a pull request shows an alert only where all its lines changed."""
    if span is None:
        return {"artifactLocation": _artifact(path)}
    part = excerpt(span)
    start = span.start
    end = min(start.column + span.end_offset - span.offset, len(span.source.line(start.line)) + 1)
    return {
        "artifactLocation": _artifact(span.path),
        "region": {
            "startLine": start.line,
            "startColumn": start.column,
            "endLine": start.line,
            # An empty place is shown as the rest of its line: nothing would be highlighted otherwise.
            "endColumn": end if end > start.column else max(len(span.source.line(start.line)) + 1, start.column),
            "snippet": {"text": one_line(part.text)},
        },
    }


def _artifact(path: str) -> Fields:
    return {"uri": quote(path, safe="/", errors="replace") or ".", "uriBaseId": "%SRCROOT%"}


def _logical(finding: Finding) -> Fields:
    subject = finding.subject
    address = name(subject.address or subject.name, "subject")
    whole = f"{name(subject.deployment, '.')}//{address}" if subject.deployment else address
    return {"name": address, "fullyQualifiedName": whole, "kind": "resource"}


def _message(finding: Finding, placed: list[tuple[Evidence, Span]]) -> str:
    """Return the message, whose first sentence says it all, and links to the places that explain it."""
    text = cut(_literal(finding.message), MESSAGE_LIMIT).rstrip() or "(nothing said)"
    if text[-1] not in ".!?…":
        text += "."
    links: list[str] = []
    room = MESSAGE_LIMIT - len(text) - len(" Because .")
    for at, (each, _) in enumerate(placed, 1):
        link = f"[{_bracketed(cut(one_line(each.text), 200)) or 'this place'}]({at})"
        room -= len(link) + 2
        if room < 0:
            break
        links.append(link)
    return f"{text} Because {', '.join(links)}." if links else text


def _literal(text: str) -> str:
    """Return text in which nothing reads as an embedded link (SARIF 2.1.0 section 3.11.6)."""
    clean = one_line(text)
    return _bracketed(clean) if "](" in clean else clean


def _bracketed(text: str) -> str:
    return text.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")


def _flow(finding: Finding, placed: list[tuple[Evidence, Span]]) -> list[Fields]:
    steps = [{"location": {"physicalLocation": physical(span), "message": message(each.text)}} for each, span in placed]
    if placed[-1][1] != finding.span:
        steps.append({"location": {"physicalLocation": physical(finding.span), "message": message(finding.message)}})
    return steps
