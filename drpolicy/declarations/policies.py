"""Policy documents of users, held against their shape."""

from __future__ import annotations

from drpolicy.declarations.validation import flaws, shown
from drpolicy.model.findings import Diagnostic
from drpolicy.sources.documents import Document
from drpolicy.sources.memory import Memory


def policy_flaws(document: Document, memory: Memory | None = None) -> tuple[Diagnostic, ...]:
    """Return what is wrong with a policy document, each error at its place."""
    return tuple(shown(flaws(document, "Policy", "policy-invalid", placeholders=False, memory=memory)))
