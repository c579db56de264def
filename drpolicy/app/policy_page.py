"""The page of one policy: everything its document says, for people."""

from __future__ import annotations

from collections.abc import Iterator

from drpolicy.policy.documents import PolicyDocument


def page(document: PolicyDocument) -> str:
    """Return the page as Markdown that also reads well in a terminal."""
    return "\n".join(_lines(document))


def _lines(document: PolicyDocument) -> Iterator[str]:
    yield f"# {document.id}"
    yield ""
    yield f"{document.title}."
    yield ""
    yield f"Anti-pattern: {document.anti_pattern} · subject: {document.subject} · since {document.since}"
    yield ""
    yield document.why
    yield ""
    yield "## The rule"
    yield ""
    if document.when != "true":
        yield f"    when    {document.when}"
    yield f"    assert  {document.assertion}"
    for name, value in document.params.items():
        yield f"    param   {name} = {value}"
    for case in document.severity:
        yield f"    {case.severity:<8}  {f'when {case.when}' if case.when else 'otherwise'}"
    if document.calendar:
        yield "    it depends on the date: it fails the audit gate only"
    yield ""
    yield "## What to do"
    yield ""
    yield document.remediation
    if document.controls:
        yield ""
        yield "## Evidence for (never more than partial)"
        yield ""
        for framework, controls in sorted(document.controls.items()):
            yield f"    {framework}: {', '.join(controls)}"
    if document.peers:
        yield ""
        yield "## Beside it in other tools"
        yield ""
        for peer, checks in sorted(document.peers.items()):
            yield f"    {peer}: {', '.join(checks)}"
