"""How the answer to ``drpolicy lose`` is worded: outcomes, what is declared, and amounts."""

from __future__ import annotations

from typing import Final

from drpolicy.model.durations import UNBOUNDED, Duration
from drpolicy.model.loss import ServiceLoss, ServiceOutcome
from drpolicy.model.ranges import Range
from drpolicy.model.truth import Truth

OUTCOMES: Final[dict[ServiceOutcome, tuple[str, str, str]]] = {
    "lost": ("✗", "bold red", "CANNOT BE RECOVERED"),
    "misses": ("✗", "bold red", "too late, or too much lost"),
    "unknown": ("?", "yellow", "not known whether it can be recovered"),
    "unproven": ("?", "yellow", "recoverable, how well is not proven"),
    "undeclared": ("?", "yellow", "recoverable"),
    "meets": ("✓", "green", "recovered as declared"),
    "unaffected": ("·", "dim", "not affected"),
}
WITHOUT_AMOUNTS: Final = ("lost", "unknown")
MAYBE: Final = "not known whether it is affected"
SUMS: Final[dict[ServiceOutcome, str]] = {
    "lost": "cannot be recovered",
    "misses": "too late or too much lost",
    "unknown": "not known",
    "unproven": "not proven",
    "undeclared": "recoverable with nothing declared",
    "meets": "as declared",
}
NEEDED: Final = {
    Truth.TRUE: "it cannot do without it, and that cannot be recovered",
    Truth.UNKNOWN: "it cannot do without it, and whether that can be recovered is not known",
    Truth.FALSE: "it cannot do without it, and that can be recovered",
}
_LOSSES: Final = {"region": "a region", "az": "a zone", "account": "an account"}


def declared_in_words(service: ServiceLoss, disruption: str) -> str:
    """Return the objectives for this loss, or that there are none."""
    parts = [f"{label} {value}" for label, value in (("RPO", service.declared_rpo), ("RTO", service.declared_rto)) if value is not None]
    if parts:
        return f"declared: {', '.join(parts)}"
    if service.declared is Truth.UNKNOWN:
        return f"what is declared for the loss of {_LOSSES[disruption]} is not known"
    return f"nothing declared for the loss of {_LOSSES[disruption]}"


def loss_in_words(amount: Range) -> str:
    """Return how much is lost of what can be had back."""
    if amount.best == UNBOUNDED:
        return "loses all that came after a copy made once"
    if amount.worst == UNBOUNDED:
        return "loses an unknown amount" if amount.best == Duration(0) else f"loses the last {amount.best} or more"
    return "loses nothing" if amount.worst == Duration(0) else f"loses the last {amount}"


def time_in_words(time: Range) -> str:
    """Return when what can be had back is there again."""
    if time.worst == UNBOUNDED:
        return "back in an unknown time" if time.best in (Duration(0), UNBOUNDED) else f"back in {time.best} or more"
    return "back at once" if time.worst == Duration(0) else f"back in {time}"
