"""Records of what a machine did, for jobs to write: ``drpolicy evidence record``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Final

from drpolicy.declarations.evidence_text import NotEvidence, Plain, evidence_text
from drpolicy.model.patterns import deferred
from drpolicy.reporters.printable import one_line

ARTEFACT_LIMIT: Final = 64 * 1024 * 1024
"""Bytes of one artefact."""

_NOT_IN_NAMES = deferred(r"[^a-z0-9]+")


def record_text(spec: Mapping[str, Plain], *, name: str | None = None, suffix: str = "", notes: Iterable[str] = ()) -> str:
    """Return the record as a document, named after service, kind and day unless it has a name; notes are comments before it.

    Raises NotEvidence.
    """
    if "recordedBy" not in spec:
        raise NotEvidence("nothing says what recorded it: give --job, --artefact or both, or write the record by hand")
    made = "-".join(str(spec[part]) for part in ("service", "kind", "date"))
    comments = "".join(f"# {one_line(each)}\n" for each in notes)
    return comments + evidence_text(name or _name(f"{made}-{suffix}"), spec)


def recorded_by(job: str | None, artefacts: Iterable[Path], root: Path) -> dict[str, Plain]:
    """Return what recorded it: the job, and each artefact by its path in the repository and its SHA-256.

    Raises NotEvidence for an artefact that is not a file of the repository, and OSError where one cannot be read.
    """
    files: list[Plain] = [_artefact(path, root) for path in artefacts]
    return {**({"job": job} if job else {}), **({"artefacts": files} if files else {})}


def _artefact(path: Path, root: Path) -> Mapping[str, Plain]:
    whole = path.resolve()
    if not whole.is_relative_to(root):
        raise NotEvidence(f"{path} is outside the repository: what nobody can look at later proves nothing")
    if not whole.is_file():
        raise NotEvidence(f"{path} is not a file")
    if whole.stat().st_size > ARTEFACT_LIMIT:
        raise NotEvidence(f"{path} has more than {ARTEFACT_LIMIT:,} bytes: record a summary of it")
    return {"path": whole.relative_to(root).as_posix(), "sha256": sha256(whole.read_bytes()).hexdigest()}


def _name(text: str) -> str:
    return _NOT_IN_NAMES.sub("-", text.lower()).strip("-")[:253].strip("-")
