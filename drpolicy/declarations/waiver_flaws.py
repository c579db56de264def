"""What is wrong with entries of a register of waivers, told so that one repair is enough."""

from __future__ import annotations

from typing import Final

from drpolicy.declarations.validation import Flaw, KeyPath
from drpolicy.declarations.wording import quoted
from drpolicy.model.records import replace
from drpolicy.sources.documents import Document

_SIGNED: Final = ("approver", "ticket")
"""What a waiver can do without, unless what it waives is severe."""


def told(document: Document, found: list[Flaw]) -> list[Flaw]:
    """Return the flaws as they are told: those of waivers by a code of their own, and all that one waiver misses at once."""
    missing: dict[KeyPath, list[str]] = {}
    for flaw in found:
        if _misses(document, flaw):
            missing.setdefault(flaw.path[:2], []).append(str(flaw.path[2]))
    result: list[Flaw] = []
    for flaw in found:
        diagnostic = flaw.diagnostic
        if flaw.path[:1] == ("waivers",):
            diagnostic = replace(diagnostic, code="waiver-invalid")
        if _misses(document, flaw):
            names = missing.pop(flaw.path[:2], None)
            if names is None:
                continue
            unsigned = [name for name in _SIGNED if document.value((*flaw.path[:2], name)) is None]
            severe = f"; for a finding that is high or critical, {_listed(unsigned)} as well" if unsigned else ""
            verb = "is" if len(names) == 1 else "are"
            diagnostic = replace(diagnostic, message=f"{_listed(names)} {verb} missing in 'waivers'{severe}")
        result.append(Flaw(flaw.path, diagnostic))
    return result


def _misses(document: Document, flaw: Flaw) -> bool:
    """Whether a waiver does without a field that it needs."""
    return flaw.path[:1] == ("waivers",) and len(flaw.path) == 3 and document.value(flaw.path) is None


def _listed(names: list[str]) -> str:
    return " and ".join(", ".join(map(quoted, part)) for part in (names[:-1], names[-1:]) if part)
