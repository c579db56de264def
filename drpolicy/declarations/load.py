"""Documents into declarations."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from difflib import get_close_matches
from typing import Any, Final, Protocol, TypeVar

from drpolicy.declarations.documents import Declarations, EvidenceDeclaration, ProtectionDeclaration, ServiceDeclaration
from drpolicy.declarations.evidence import evidence
from drpolicy.declarations.protections import protection
from drpolicy.declarations.reading import Field
from drpolicy.declarations.services import UNASSIGNED, service
from drpolicy.declarations.validation import flaws, invalid, shown
from drpolicy.declarations.wording import quoted
from drpolicy.model.findings import Diagnostic
from drpolicy.model.provenance import written_at
from drpolicy.model.spans import Span
from drpolicy.model.values import Known, Object, Value
from drpolicy.sources.documents import Document, header
from drpolicy.sources.memory import Memory

API_VERSION: Final = "drpolicy.dev/v1"
_GROUP: Final = "drpolicy.dev/"
_ELSEWHERE: Final = ("Config", "Policy", "WaiverRegister")
"""Kinds that have their own readers."""


class _Named(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def span(self) -> Span: ...


N = TypeVar("N", bound=_Named)


def is_declaration(text: str) -> bool:
    """Whether a text may hold a document of ours. FALSE is certain, but for an ``apiVersion`` written with escapes."""
    return _GROUP in text


def load_declarations(documents: Iterable[Document], memory: Memory | None = None) -> Declarations:
    """Read the services, evidence and protections among documents; what is not of ``drpolicy.dev`` is passed over.

    A document with an error is left out, with a diagnostic at each error. Of two documents of one kind and name the first
    counts, with a diagnostic at both.
    """
    found: dict[str, list[Any]] = {kind: [] for kind in _BUILDERS}
    diagnostics: list[Diagnostic] = []
    for document in documents:
        kind = _kind(document, diagnostics)
        if kind is None:
            continue
        errors = flaws(document, kind, "declaration-invalid", placeholders=True, memory=memory)
        name = document.value(("metadata", "name"))
        if not errors and not isinstance(name, Known):
            message = "the name must be written out; other documents refer to it"
            diagnostics.append(invalid("declaration-invalid", message, document.place(("metadata", "name"))))
        elif errors:
            diagnostics += shown(errors)
        else:
            found[kind].append(_BUILDERS[kind](Field(document.root, document.place(("metadata", "name"))), document.span))
    services: list[ServiceDeclaration] = _unique(found["Service"], "service", diagnostics)
    records: list[EvidenceDeclaration] = _unique(found["Evidence"], "evidence", diagnostics)
    protections: list[ProtectionDeclaration] = _unique(found["Protection"], "protection", diagnostics)
    diagnostics.extend(_unfilled(services))
    return Declarations(tuple(services), tuple(records), tuple(protections), tuple(diagnostics))


_BUILDERS: Final[dict[str, Callable[[Field, Span], object]]] = {"Service": service, "Evidence": evidence, "Protection": protection}


def _kind(document: Document, diagnostics: list[Diagnostic]) -> str | None:
    """Return the kind of a declaration; ``None`` for what is not ours, after reporting what only claims to be."""
    version, kind = _written(document, "apiVersion"), _written(document, "kind")
    if version is None or not version.startswith(_GROUP) or kind in _ELSEWHERE:
        return None
    if version != API_VERSION:
        message = f"{quoted(version)} is not a version this release reads; write {API_VERSION}"
        diagnostics.append(invalid("declaration-invalid", message, document.place(("apiVersion",))))
        return None
    if kind in _BUILDERS:
        return kind
    known = (*_BUILDERS, *_ELSEWHERE)
    near = get_close_matches(kind, known, 1) if kind and len(kind) < 60 else []
    if kind is None:
        message = f"a document of {API_VERSION} needs a kind: one of {', '.join(known)}"
    else:
        message = f"unknown kind {quoted(kind)}; " + (f"did you mean {quoted(near[0])}?" if near else f"write one of {', '.join(known)}")
    # Without a kind, the first key stands for the document.
    where = document.place(("kind",)) if document.value(("kind",)) is not None else header(document.root)
    diagnostics.append(invalid("declaration-invalid", message, where))
    return None


def _unfilled(services: Iterable[ServiceDeclaration]) -> Iterator[Diagnostic]:
    """Yield one diagnostic, at the first of them, for all services that nobody answers for."""
    found = [each for each in services if isinstance(each.owner, Known) and each.owner.value == UNASSIGNED]
    if found:
        first = found[0]
        more = f" and {len(found) - 1} more {'service' if len(found) == 2 else 'services'}" if len(found) > 1 else ""
        message = f"nobody answers for the recovery of {first.name}{more}: name its owner"
        yield Diagnostic("warning", "owner-unassigned", message, written_at(first.owner.origin))


def _written(document: Document, name: str) -> str | None:
    root: Value[Any] = document.root
    value = root.value.fields.get(name) if isinstance(root, Known) and isinstance(root.value, Object) else None
    return value.value if isinstance(value, Known) and isinstance(value.value, str) else None


def _unique(declared: list[N], what: str, diagnostics: list[Diagnostic]) -> list[N]:
    by_name: dict[str, list[N]] = {}
    for each in declared:
        by_name.setdefault(each.name, []).append(each)
    for name, same in by_name.items():
        if len(same) == 1:
            continue
        for index, each in enumerate(same):
            other, verdict = (same[0], "that one counts") if index else (same[1], "this one counts")
            message = f"{what} {quoted(name)} is declared more than once, also at {other.span}; {verdict}"
            diagnostics.append(invalid("declaration-invalid", message, each.span))
    return [same[0] for same in by_name.values()]
