"""Policies that a user wrote: validated, with positions."""

from __future__ import annotations

from collections.abc import Mapping

from drpolicy.declarations.policies import policy_flaws
from drpolicy.model.findings import Diagnostic
from drpolicy.model.spans import Span
from drpolicy.policy.documents import PolicyDocument, document_from
from drpolicy.sources.documents import Document, plain
from drpolicy.sources.memory import Memory
from drpolicy.sources.problems import Problem
from drpolicy.sources.reading import read_source
from drpolicy.sources.trees import Tree
from drpolicy.sources.yaml_documents import documents

_PLACES: Mapping[str, tuple[str | int, ...]] = {
    "spec.subject": ("spec", "subject"),
    "spec.when": ("spec", "when"),
    "spec.assert": ("spec", "assert"),
    "spec.message": ("spec", "message"),
    "spec.locate": ("spec", "locate"),
    "spec.params": ("spec", "params"),
    "spec.severity": ("spec", "severity"),
    "metadata.id": ("metadata", "id"),
    "metadata.aliases": ("metadata", "aliases"),
}
"""Parts that diagnostics name, and where they stand in the document."""

_CASES = 12
"""Severity cases whose place is remembered."""


def read_policies(tree: Tree, directory: str, memory: Memory | None = None) -> tuple[tuple[PolicyDocument, ...], tuple[Diagnostic, ...]]:
    """Return the policies in the YAML files of a directory. A faulty document costs itself."""
    found: list[PolicyDocument] = []
    diagnostics: list[Diagnostic] = []
    paths = [path for path in tree.list(directory) if path.endswith((".yaml", ".yml"))]
    if not paths:
        message = f"{directory or '.'} holds no policies; policies.directories names a directory of YAML files, relative to drpolicy.yaml"
        diagnostics.append(Diagnostic("error", "policy-invalid", message, None, directory, "invalid"))
    for path in paths:
        source = read_source(tree, path)
        if isinstance(source, Problem):
            diagnostics.append(Diagnostic("error", "policy-invalid", source.message, source.span, path, "invalid"))
            continue
        read = documents(source, placeholders=False)
        diagnostics.extend(Diagnostic("error", "policy-invalid", each.message, each.span, path, "invalid") for each in read.problems)
        for document in read:
            problems = policy_flaws(document, memory)
            diagnostics.extend(problems)
            data = plain(document.root)
            if not problems and isinstance(data, dict):
                found.append(document_from(data, _spans(document)))
    return tuple(found), tuple(diagnostics)


def _spans(document: Document) -> dict[str, Span]:
    places: dict[str, tuple[str | int, ...]] = dict(_PLACES)
    places.update({f"spec.severity[{number}].when": ("spec", "severity", number, "when") for number in range(_CASES)})
    found: dict[str, Span] = {}
    for name, path in places.items():
        if document.value(path) is not None:
            found[name] = document.place(path)
    return found
