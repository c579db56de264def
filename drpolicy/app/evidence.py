"""Evidence held against what is there: artefacts with their hashes, services that exist, days that have come."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from difflib import get_close_matches
from hashlib import sha256
from typing import Final

from drpolicy.declarations.documents import Artefact, Declarations, EvidenceDeclaration
from drpolicy.model.estate import Stranger
from drpolicy.model.findings import Diagnostic
from drpolicy.model.provenance import written_at
from drpolicy.model.records import replace
from drpolicy.model.values import Known
from drpolicy.sources.problems import Unreadable
from drpolicy.sources.trees import Tree

MOST: Final = 5
"""Names that are shown where none is near."""


def confirmed(tree: Tree, declarations: Declarations, base: str) -> Declarations:
    """Return the declarations with evidence that names no job and whose artefacts are not there, or changed, as attested."""
    evidence: list[EvidenceDeclaration] = []
    diagnostics = [*declarations.diagnostics, *_of_nobody(declarations)]
    for record in declarations.evidence:
        problems = [problem for artefact in record.artefacts if (problem := _artefact_problem(tree, artefact, record, base)) is not None]
        diagnostics.extend(problems)
        hollow = bool(problems) and not isinstance(record.job, Known)
        evidence.append(replace(record, grade="attested") if hollow else record)
    return replace(declarations, evidence=tuple(evidence), diagnostics=tuple(diagnostics))


def _artefact_problem(tree: Tree, artefact: Artefact, record: EvidenceDeclaration, base: str) -> Diagnostic | None:
    if not isinstance(artefact.path, Known) or not isinstance(artefact.sha256, Known):
        return None
    written = artefact.path.value
    for directory in (base, posixpath.dirname(record.span.path), ""):
        path = posixpath.normpath(posixpath.join(directory, written))
        data = tree.read(path) if tree.exists(path) else None
        if isinstance(data, bytes):
            if sha256(data).hexdigest() == artefact.sha256.value:
                return None
            message = f"{written} is not what {record.name} recorded: its SHA-256 differs"
            return Diagnostic("warning", "evidence-changed", message, written_at(artefact.sha256.origin))
        if isinstance(data, Unreadable):
            return Diagnostic("warning", "evidence-missing", f"{written}: {data.reason}", written_at(artefact.path.origin))
    return Diagnostic("warning", "evidence-missing", f"{written} does not exist", written_at(artefact.path.origin))


def _of_nobody(declarations: Declarations) -> Iterator[Diagnostic]:
    names = [service.name for service in declarations.services]
    for record in declarations.evidence:
        if isinstance(record.service, Known) and record.service.value not in names:
            message = f"{no_such_service(record.service.value, names)}: the record proves nothing"
            yield Diagnostic("warning", "evidence-unclaimed", message, written_at(record.service.origin))


def no_such_service(name: str, names: Sequence[str]) -> str:
    """Return that no service has a name, and which was probably meant."""
    near = get_close_matches(name, names, 1)
    hint = f"did you mean {near[0]!r}?" if near else f"declared: {_some(sorted(names)) or 'none'}"
    return f"no service is called {name!r}; {hint}"


def of_no_store(strangers: Iterable[Stranger]) -> Iterator[Diagnostic]:
    """Yield names in records that are no store of the record's service."""
    for each in strangers:
        message = f"{no_such_store(each)}: {each.record} proves nothing of it"
        yield Diagnostic("warning", "evidence-unclaimed", message, each.span)


def no_such_store(stranger: Stranger) -> str:
    """Return what is wrong with the name of a store, and what was probably meant."""
    hint = f"did you mean {stranger.near!r}?" if stranger.near else f"it claims {_some(stranger.stores) or 'none'}"
    return f"no store of {stranger.service} is called {stranger.name!r}; {hint}"


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:MOST]) + (" …" if len(names) > MOST else "")


def from_the_future(declarations: Declarations, as_of: date) -> Iterator[Diagnostic]:
    """Yield records dated after the day as of which the run judges: they are not counted."""
    for record in declarations.evidence:
        if isinstance(record.date, Known) and record.date.value > as_of:
            message = f"{record.name} is dated after {as_of.isoformat()}, the day of this run: it is not counted"
            yield Diagnostic("note", "evidence-in-future", message, written_at(record.date.origin))
