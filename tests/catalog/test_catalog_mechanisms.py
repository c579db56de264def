"""Every mechanism by a small fixture: when it is there and works, when not, and when that cannot be told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from test_catalog_protections import EXPECTED, HEAD
from test_catalog_protections import TABLE as STORES

from drpolicy.app.reading import read_tree
from drpolicy.catalog.load import built_in_catalog
from drpolicy.model.stores import Protection, Store
from drpolicy.model.truth import Truth
from drpolicy.model.values import Value
from drpolicy.recovery.build import build_estate
from drpolicy.recovery.logic import truth_of
from drpolicy.sources.trees import MemoryTree

TABLE: dict[str, dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("mechanisms.yaml").read_text("utf-8"))
ALWAYS = {"pass": "count = 1", "fail": "count = 0", "unknown": "count = var.x"}


def cases() -> Iterator[Any]:
    for mechanism, entry in TABLE.items():
        for outcome in EXPECTED:
            if outcome in {**entry, **(ALWAYS if "always" in entry else {})}:
                yield pytest.param(mechanism, outcome, id=f"{mechanism}-{outcome}")


def files_of(entry: Mapping[str, Any], outcome: str) -> dict[str, str]:
    body = ALWAYS[outcome] if "always" in entry else entry[outcome]
    terraform = f'resource "{entry["always"]}" "s" {{\n  BODY\n}}\n' if "always" in entry else entry.get("terraform", "")
    files = {**entry.get("files", {}), **({"main.tf": HEAD + terraform} if terraform else {})}
    return {path: text.replace("BODY", body) for path, text in files.items()}


def stores_of(entry: Mapping[str, Any], outcome: str) -> list[Store]:
    estate = build_estate(read_tree(MemoryTree(files_of(entry, outcome))).inputs, built_in_catalog(), date(2026, 11, 1))
    return [each for each in estate.stores if each.name.partition("[")[0].endswith(entry.get("store", ".s"))]


def answer(protection: Protection, asked: str) -> Truth:
    value: Value[bool] = getattr(protection.survives if asked == "region" else protection, asked)
    return truth_of(value)


def truth(stores: list[Store], mechanism: str, asked: str) -> Truth:
    """Whether some protection by the mechanism is what is asked, as a policy would see it."""
    found = Truth.FALSE
    for store in stores:
        for member in store.protections.elements:
            if member.value.mechanism == mechanism:
                found = found | (member.presence & answer(member.value, asked))
        found = found | (Truth.UNKNOWN if store.protections.rest is not None else Truth.FALSE)
    return found


@pytest.mark.parametrize(("mechanism", "outcome"), list(cases()))
def test_what_a_mechanism_gives(mechanism: str, outcome: str) -> None:
    entry = TABLE[mechanism]
    assert truth(stores_of(entry, outcome), mechanism, entry.get("is", "works")) is EXPECTED[outcome]


def test_every_mechanism_has_a_fixture_for_every_outcome() -> None:
    """A row whose outcome cannot be had says why; nothing else is left out."""
    by_stores = {entry["mechanism"]: entry for entry in STORES.values() if "mechanism" in entry}
    shown = {**by_stores, **TABLE}
    assert set(shown) == set(built_in_catalog().mechanisms)
    for mechanism, entry in shown.items():
        given = set(ALWAYS if "always" in entry else entry) & set(EXPECTED)
        assert given | set(entry.get("never", {})) == set(EXPECTED), mechanism
        assert not given & set(entry.get("never", {})), mechanism
