"""What is lost as JSON. Durations are seconds; ``null`` stands for no bound, and for what is not known or not declared."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Final

from drpolicy.model.durations import Duration
from drpolicy.model.loss import OUTCOMES, Loss, NeededLoss, Reason, ServiceLoss, StoreLoss
from drpolicy.model.truth import Truth
from drpolicy.reporters.estate_json import json_location, json_range

_TRUTHS: Final = {Truth.TRUE: True, Truth.FALSE: False, Truth.UNKNOWN: None}


def render_loss_json(loss: Loss) -> bytes:
    """Return the answer as UTF-8 JSON; equal answers give equal bytes."""
    outcomes = [each.outcome for each in loss.services]
    document = {
        "schema_version": "1",
        "as_of": loss.as_of,
        "lost": {"kind": loss.disruption, "name": loss.name},
        "stores_are_in": list(loss.known),
        "summary": {
            "services": {each: outcomes.count(each) for each in OUTCOMES},
            "stores_affected": loss.affected,
            "modules_not_read": loss.unread,
            "unclaimed_stores_lost": sum(each.lost is Truth.TRUE for each in loss.unclaimed),
        },
        "services": [_service(each) for each in loss.services],
        "unclaimed_stores": [_store(each) for each in loss.unclaimed],
        "also": _reasons(loss.also),
    }
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode("utf-8", "replace")


def _service(service: ServiceLoss) -> dict[str, Any]:
    return {
        "name": service.name,
        "tier": service.tier,
        "outcome": service.outcome,
        "affected": _TRUTHS[service.gone],
        "is_primary_region": service.primary,
        "objectives": {
            "declared": _TRUTHS[service.declared],
            "rpo": _seconds(service.declared_rpo),
            "rto": _seconds(service.declared_rto),
        },
        "recovery": {"rpo": json_range(service.rpo), "rto": json_range(service.rto)},
        "stores": [_store(each) for each in service.stores],
        "needs": [_needed(each) for each in service.needs],
        "beside": list(service.beside),
        "location": json_location(service.span),
    }


def _store(store: StoreLoss) -> dict[str, Any]:
    return {
        "name": store.name,
        "gone": _TRUTHS[store.gone],
        "recoverable": _TRUTHS[store.recoverable],
        "lost": _TRUTHS[store.lost],
        "recovery": {"rpo": json_range(store.rpo), "rto": json_range(store.rto)},
        "doubts": _reasons(store.doubts),
        "copies": _reasons(store.sources),
        "obstacles": _reasons(store.obstacles),
        "location": json_location(store.span),
    }


def _needed(needed: NeededLoss) -> dict[str, Any]:
    return {
        "service": needed.name,
        "affected": _TRUTHS[needed.gone],
        "lost": _TRUTHS[needed.lost],
        "location": json_location(needed.span),
    }


def _reasons(reasons: Iterable[Reason]) -> list[dict[str, Any]]:
    return [{"text": each.text, "location": json_location(each.span) if each.span is not None else None} for each in reasons]


def _seconds(duration: Duration | None) -> float | None:
    return None if duration is None else duration.seconds
