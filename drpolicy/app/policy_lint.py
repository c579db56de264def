"""``drpolicy policy lint``: what is wrong with policies, at its place, without running anything."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from drpolicy.app.policy_examples import untested
from drpolicy.model.findings import Diagnostic
from drpolicy.model.spans import Span
from drpolicy.policy.builtin import built_in_policies
from drpolicy.policy.compiled import CompiledPolicy, compile_policy
from drpolicy.policy.documents import PolicyDocument


def lint(documents: Sequence[PolicyDocument], *, own: bool) -> Iterator[Diagnostic]:
    """Yield every mistake of policies whose shape is sound. ``own`` policies are a user's, beside the built-in ones."""
    places: dict[str, PolicyDocument] = {}
    shipped = {each.id for each in built_in_policies()} if own else set()
    for document in documents:
        compiled = compile_policy(document)
        if not isinstance(compiled, CompiledPolicy):
            yield from compiled
        first = places.setdefault(document.id, document)
        if first is not document:
            yield _problem(document, "metadata.id", f"the id is used more than once, also at {_at(first)}")
        elif document.id in shipped:
            yield _problem(document, "metadata.id", "it takes the place of the built-in policy of this id", "note")
        yield from _unused(document)
        yield from _unreached(document)
        missing = untested(document, Counter(each.expect for each in document.examples))
        if missing:
            yield _problem(document, "metadata.id", f"no example gives {' or '.join(missing)}", "warning")


def _unused(document: PolicyDocument) -> Iterator[Diagnostic]:
    read = " ".join((document.when, document.assertion, document.message, *(case.when for case in document.severity)))
    for name in document.params:
        if re.search(rf"\bparams\s*\.\s*{re.escape(name)}\b", read) is None and f'params["{name}"]' not in read:
            yield _problem(document, "spec.params", f"no condition reads the parameter {name!r}", "warning")


def _unreached(document: PolicyDocument) -> Iterator[Diagnostic]:
    for number, case in enumerate(document.severity[:-1]):
        if not case.when:
            left = len(document.severity) - number - 1
            message = f"severity {case.severity!r} has no condition, so the {'one' if left == 1 else left} below it never applies"
            yield _problem(document, "spec.severity", message, "warning")
            return


def _at(document: PolicyDocument) -> str:
    return str(document.spans.get("metadata.id") or document.id)


def _problem(document: PolicyDocument, part: str, message: str, level: str = "error") -> Diagnostic:
    span: Span | None = document.spans.get(part) or document.spans.get("metadata.id")
    text = f"{document.id}: {message}"
    match level:
        case "note":
            return Diagnostic("note", "policy-lint", text, span)
        case "warning":
            return Diagnostic("warning", "policy-lint", text, span)
        case _:
            return Diagnostic("error", "policy-lint", text, span, effect="invalid")
