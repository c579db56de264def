"""The estate's picture as JSON. Durations are seconds; ``null`` stands for no bound, and for what is not known."""

from __future__ import annotations

import json
import math
from typing import Any

from drpolicy.model.picture import NOWHERE, Copy, Picture, PicturedStore
from drpolicy.model.ranges import Range
from drpolicy.model.spans import Span
from drpolicy.model.truth import Truth


def render_estate_json(picture: Picture) -> bytes:
    """Return the picture as UTF-8 JSON; equal pictures give equal bytes."""
    document = {
        "schema_version": "1",
        "as_of": picture.as_of,
        "services": [
            {"name": each.name, "tier": each.tier or None, "stores": list(each.stores), "depends_on": list(each.depends_on)}
            for each in picture.services
        ],
        "stores": [_store(each) for each in picture.stores],
        "clusters": [{"name": each.name, "region": _place(each.region), "role": each.role or None} for each in picture.clusters],
    }
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode("utf-8", "replace")


def _store(store: PicturedStore) -> dict[str, Any]:
    return {
        "key": store.key,
        "name": store.name,
        "type": store.type,
        "kind": store.kind,
        "deployment": store.deployment,
        "region": _place(store.region),
        "data_class": store.data_class or None,
        "certain": store.presence is Truth.TRUE,
        "services": list(store.services),
        "copies": [_copy(each) for each in store.copies],
        "perhaps_more": store.more or None,
        "recovery": {disruption: {"rpo": json_range(rpo), "rto": json_range(rto)} for disruption, rpo, rto in store.recovery},
        "location": json_location(store.span),
    }


def _copy(copy: Copy) -> dict[str, Any]:
    return {
        "name": copy.name,
        "kind": copy.kind,
        "region": _place(copy.region),
        "store": copy.store or None,
        "works": {"works": True, "off": False, "not known": None}[copy.state],
        "interval": copy.interval or None,
        "kept": copy.kept or None,
        "survives": list(copy.survives),
        "location": json_location(copy.span),
    }


def _place(region: str) -> str | None:
    return None if region == NOWHERE else region


def json_range(range_: Range) -> dict[str, Any]:
    """Return an amount at best and at worst, in seconds."""
    best, worst = range_.best.seconds, range_.worst.seconds
    return {"best": None if math.isinf(best) else best, "worst": None if math.isinf(worst) else worst, "basis": range_.basis}


def json_location(span: Span) -> dict[str, Any]:
    """Return a place in a file, counted from 1."""
    return {"path": span.path, "line": span.start.line, "column": span.start.column}
