"""The catalog is data: every row compiles, every number has a source, and a new type takes a row and nothing else."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from drpolicy.app.reading import read_tree
from drpolicy.catalog.load import BUNDLE, built_in_catalog, catalog_from
from drpolicy.catalog.rows import Catalog
from drpolicy.cel import Program, compile_expression
from drpolicy.model.durations import Duration
from drpolicy.model.stores import DISRUPTIONS
from drpolicy.model.truth import Truth
from drpolicy.model.values import Known
from drpolicy.recovery.build import build_estate
from drpolicy.recovery.conditions import ENVIRONMENT
from drpolicy.recovery.inputs import Inputs
from drpolicy.recovery.logic import truth_of
from drpolicy.sources.trees import MemoryTree
from drpolicy.terraform.load import load_terraform

sys.setrecursionlimit(20_000)  # what the command line runs with

CATALOG = built_in_catalog()
DATED = re.compile(r".+, 20\d\d-\d\d$", re.DOTALL)
RECALLED = re.compile(r".+recalled, not verified$", re.DOTALL)
"""How a source ends that nobody has looked up: no verdict may rest on it."""
NOTHING = 'duration("0s")'


def conditions(catalog: Catalog) -> Iterator[tuple[str, str]]:
    for store in catalog.stores.values():
        yield f"{store.type} dataClass", store.data_class
        yield from ((f"{store.type} {name}", text) for name, text in store.fields.items())
    for component in catalog.components.values():
        yield from ((f"{component.type} {name}", text) for name, text in component.fields.items())
    for row in catalog.mechanisms.values():
        yield f"{row.id} enabled", row.enabled
        yield from ((f"{row.id} requires {each.id}", each.that) for each in row.requires)
        if row.retention:
            yield f"{row.id} retention", row.retention
        if row.copy.at == "region":
            yield f"{row.id} copy", row.copy.value
        for name, bound in (("gap", row.gap), ("worstGap", row.worst_gap)):
            if bound is not None:
                yield f"{row.id} {name}", bound.expression
                if bound.when:
                    yield f"{row.id} {name} when", bound.when


@pytest.mark.parametrize(("where", "text"), [pytest.param(*each, id=each[0]) for each in conditions(CATALOG)])
def test_a_condition_compiles(where: str, text: str) -> None:
    compiled = compile_expression(text, ENVIRONMENT, None)
    assert isinstance(compiled, Program), f"{where}: {compiled}"


@pytest.mark.parametrize("type_", [*CATALOG.stores, *CATALOG.components])
def test_a_default_names_its_page_and_date(type_: str) -> None:
    for default in {**CATALOG.stores, **CATALOG.components}[type_].defaults:
        assert default.source.startswith(f"hashicorp/aws docs, {type_}, {default.attribute}")
        assert DATED.match(default.source), default.source


@pytest.mark.parametrize("id_", CATALOG.mechanisms)
def test_a_mechanism_names_the_page_of_every_number(id_: str) -> None:
    row = CATALOG.mechanisms[id_]
    sources = [each.source for each in (row.gap, row.worst_gap) if each is not None] + [row.recovery.source]
    for source in sources:
        assert id_ == "declared-protection" or DATED.match(source) or RECALLED.match(source), source
    assert set(row.survives) <= set(DISRUPTIONS)
    assert set(row.survives.values()) <= {"true", "false"}
    assert set(row.stores) <= set(CATALOG.stores)
    assert row.stores or row.matched, "a row names the stores it protects, or the algorithm that finds them"


@pytest.mark.parametrize("id_", CATALOG.mechanisms)
def test_nothing_is_proven_by_what_was_only_recalled(id_: str) -> None:
    row = CATALOG.mechanisms[id_]
    if row.gap is not None and RECALLED.match(row.gap.source):
        assert row.gap.expression == NOTHING, "a recalled interval would make a FAIL"
    assert row.worst_gap is None or DATED.match(row.worst_gap.source), "a recalled bound would make a PASS"
    if RECALLED.match(row.recovery.source):
        assert row.recovery.at_least == 0.0 and row.recovery.at_most is None


@pytest.mark.parametrize("id_", CATALOG.mechanisms)
def test_what_is_typical_is_neither_a_floor_nor_a_guarantee(id_: str) -> None:
    row = CATALOG.mechanisms[id_]
    for bound in (row.gap, row.worst_gap):
        assert bound is None or bound.expression == NOTHING or not re.search("typical|usual", bound.source), bound


@pytest.mark.parametrize("row", json.loads(BUNDLE.read_text("utf-8"))["control_planes"], ids=lambda row: str(row["service"]))
def test_a_control_plane_names_its_page_and_date(row: dict[str, Any]) -> None:
    assert DATED.match(row["source"]), row["source"]
    assert row["region"] in {"us-east-1", "us-west-2"} and row["remains"]
    assert all(beginnings for beginnings in row["operations"].values())


@pytest.mark.parametrize("row", json.loads(BUNDLE.read_text("utf-8"))["regional"], ids=str)
def test_where_a_region_is_named_has_a_page_and_date(row: dict[str, Any]) -> None:
    assert DATED.match(row["source"]), row["source"]
    assert row.get("variables") or (row["kinds"] and (row.get("regions") or row.get("texts")))


@pytest.mark.parametrize("row", json.loads(BUNDLE.read_text("utf-8"))["deletions"], ids=str)
def test_what_deletes_has_a_page_and_date_and_names_what_is_there(row: dict[str, Any]) -> None:
    assert DATED.match(row["source"]), row["source"]
    assert set(row["of"]) <= set(CATALOG.stores) and set(row.get("copies", ())) <= set(CATALOG.mechanisms)
    assert row["actions"] and all(re.fullmatch(r"[a-z0-9]+:[A-Z]\w+", action) for action in row["actions"])


def test_an_upper_bound_is_never_below_the_lower_one() -> None:
    for row in CATALOG.mechanisms.values():
        assert row.recovery.at_most is None or row.recovery.at_least <= row.recovery.at_most


STORE = {
    "type": "acme_ledger",
    "kind": "database",
    "names": ["title"],
    "arn": {"service": "acme", "resource": "ledger/"},
    "defaults": [{"attribute": "keep", "value": 3, "source": "acme docs, ledger, keep, 2026-11"}],
    "dataClass": '"system-of-record"',
    "fields": {"deletionGuarded": "guarded", "ownBackups": "self.keep > 0"},
}
OWN = {
    "id": "acme-archive",
    "title": "ledger archive",
    "stores": ["acme_ledger"],
    "kind": "backup",
    "enabled": "self.keep > 0",
    "copy": {"at": "store"},
    "gap": {"is": 'duration("1h")', "source": "acme docs, archive, 2026-11"},
    "worstGap": {"is": 'duration("2h")', "source": "acme docs, archive, 2026-11"},
    "retention": 'duration("24h") * self.keep',
    "recovery": {"atLeast": "10m", "source": "acme docs, archive, 2026-11"},
    "survives": {"hardware": "true"},
}
MIRROR = {
    "id": "acme-mirror",
    "title": "ledger mirror",
    "stores": ["acme_ledger"],
    "link": {"type": "acme_mirror", "store": "ledger"},
    "kind": "replica",
    "enabled": "true",
    "copy": {"region": "self.place"},
    "gap": {"is": 'duration("0s")', "source": "acme docs, mirror, 2026-11"},
    "recovery": {"atLeast": "1m", "source": "acme docs, mirror, 2026-11"},
    "survives": {"hardware": "true", "az": "true"},
}
LEDGER = """provider "aws" {
  region = "eu-west-1"
}

resource "acme_ledger" "main" {
  title = "main"
}

resource "acme_mirror" "main" {
  ledger = acme_ledger.main.id
  place  = "eu-central-1"
}
"""


def test_a_new_store_type_takes_rows_only() -> None:
    shipped = json.loads(BUNDLE.read_text("utf-8"))
    catalog = catalog_from([*shipped["stores"], STORE], [*shipped["mechanisms"], OWN, MIRROR])
    assert catalog.resource_types() - CATALOG.resource_types() == {"acme_ledger", "acme_mirror"}
    tree = MemoryTree({"main.tf": LEDGER})
    read = read_tree(tree)
    loaded = load_terraform(tree, read.discovery, wanted=catalog.resource_types().__contains__)
    estate = build_estate(Inputs(roots=loaded.roots), catalog, date(2026, 11, 1))
    (store,) = estate.stores
    assert (store.address, store.kind, str(store.span)) == ("acme_ledger.main", "database", "main.tf:5:1")
    assert truth_of(store.own_backups) is Truth.TRUE
    found = {each.mechanism: each for each in store.protections}
    assert set(found) == {"acme-archive", "acme-mirror"}
    archive, mirror = found["acme-archive"], found["acme-mirror"]
    assert [isinstance(each, Known) and each.value for each in (archive.gap, archive.worst_gap, archive.retention)] == [
        Duration(3600),
        Duration(7200),
        Duration(3 * 86400),
    ]
    assert isinstance(mirror.region, Known)
    assert mirror.region.value == "eu-central-1"
    assert truth_of(mirror.survives.region) is Truth.TRUE
    assert truth_of(mirror.survives.corruption) is Truth.FALSE
    assert truth_of(archive.survives.region) is Truth.FALSE
    assert (str(store.recovery.corruption.rpo), str(store.recovery.region.rpo)) == ("1h to 2h", "0s or more")
    assert str(store.recovery.corruption.rto) == "10m or more"


@pytest.mark.parametrize(
    ("change", "error"),
    [({"copy": {"somewhere": "x"}}, ValueError), ({"recovery": {"atLeast": "10", "source": "s"}}, ValueError), ({"kind": None}, KeyError)],
)
def test_a_bad_row_is_refused(change: dict[str, Any], error: type[Exception]) -> None:
    row = {name: value for name, value in {**OWN, **change}.items() if value is not None}
    with pytest.raises(error):
        catalog_from([STORE], [row])
