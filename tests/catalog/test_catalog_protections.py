"""Every store type by a small fixture: what protects it, what does not, and what cannot be told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from drpolicy.app.reading import read_tree
from drpolicy.catalog.load import built_in_catalog
from drpolicy.model.stores import Store
from drpolicy.model.truth import Truth
from drpolicy.recovery.build import build_estate
from drpolicy.recovery.inputs import Inputs
from drpolicy.recovery.logic import truth_of
from drpolicy.sources.trees import MemoryTree
from drpolicy.terraform.plans.attaching import PlanFile

TABLE: dict[str, dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("protections.yaml").read_text("utf-8"))
HEAD = """
variable "x" {}
provider "aws" {
  region = "eu-west-1"
}
provider "aws" {
  alias  = "dr"
  region = "eu-central-1"
}
"""
EXPECTED = {"pass": Truth.TRUE, "fail": Truth.FALSE, "unknown": Truth.UNKNOWN}


def cases() -> Iterator[Any]:
    for type_, entry in TABLE.items():
        for name in EXPECTED:
            if name in entry:
                yield pytest.param(type_, name, id=f"{type_}-{name}")


def planned(type_: str, attributes: dict[str, Any]) -> PlanFile:
    """Return a plan that makes one resource and says nothing else."""
    made = {"actions": ["create"], "before": None, "after": attributes, "after_unknown": {}, "after_sensitive": {}}
    change = {"address": f"{type_}.s", "mode": "managed", "type": type_, "name": "s", "change": made}
    data = {"format_version": "1.2", "terraform_version": "1.11.4", "resource_changes": [change]}
    return PlanFile("plan", "plan.json", json.dumps(data).encode(), None)


def inputs_of(type_: str, body: str | dict[str, Any]) -> Inputs:
    if isinstance(body, dict):
        return read_tree(MemoryTree({}), plans=(planned(type_, body["plan"]),)).inputs
    return read_tree(MemoryTree({"main.tf": HEAD + TABLE[type_]["terraform"].replace("BODY", body)})).inputs


def store_of(type_: str, body: str | dict[str, Any]) -> Store:
    estate = build_estate(inputs_of(type_, body), built_in_catalog(), date(2026, 11, 1))
    (found,) = [each for each in estate.stores if each.address == f"{type_}.s"]
    return found


def truth(store: Store, entry: dict[str, Any]) -> Truth:
    if "field" in entry:
        return truth_of(getattr(store, entry["field"]))
    found = [each.value for each in store.protections.elements if each.value.mechanism == entry["mechanism"]]
    protection = found[-1 if entry.get("last") else 0]
    asked = entry.get("is", "works")
    return truth_of(getattr(protection.survives if asked == "region" else protection, asked))


@pytest.mark.parametrize(("type_", "outcome"), list(cases()))
def test_what_protects_a_store(type_: str, outcome: str) -> None:
    store = store_of(type_, TABLE[type_][outcome])
    assert truth(store, TABLE[type_]) is EXPECTED[outcome]
    for mechanism, asked in TABLE[type_].get("also", {}).items():
        assert truth(store, {"mechanism": mechanism, "is": asked}) is Truth.TRUE


def test_every_store_type_has_a_fixture_for_every_outcome() -> None:
    assert set(TABLE) == set(built_in_catalog().stores)
    assert {type_: sorted(set(EXPECTED) - set(entry)) for type_, entry in TABLE.items() if not set(EXPECTED) <= set(entry)} == {}


def test_a_lone_member_of_a_global_cluster_is_no_copy() -> None:
    alone = HEAD + (
        'resource "aws_rds_global_cluster" "g" {\n  global_cluster_identifier    = "g"\n'
        '  source_db_cluster_identifier = aws_rds_cluster.s.arn\n}\nresource "aws_rds_cluster" "s" {}\n'
    )
    estate = build_estate(read_tree(MemoryTree({"main.tf": alone})).inputs, built_in_catalog(), date(2026, 11, 1))
    (store,) = estate.stores
    assert [each.value.mechanism for each in store.protections.elements] == ["cluster-continuous-backup", "multi-az-standby"]
    assert store.protections.rest is None


ONE_ZONE = 'resource "aws_efs_file_system" "s" {\n  availability_zone_name = "eu-west-1a"\n}\n'
REGIONAL = 'resource "aws_efs_file_system" "s" {}\n'
POLICY = 'resource "aws_efs_backup_policy" "b" {\n  file_system_id = aws_efs_file_system.s.id\n  backup_policy {\n    status = %s\n  }\n}\n'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(ONE_ZONE, Truth.TRUE, id="one zone and nothing said"),
        pytest.param(ONE_ZONE + POLICY % '"DISABLED"', Truth.FALSE, id="one zone and switched off"),
        pytest.param(ONE_ZONE + POLICY % "var.x", Truth.UNKNOWN, id="one zone and not known"),
        pytest.param(REGIONAL, Truth.FALSE, id="regional and nothing said"),
        pytest.param(REGIONAL + POLICY % '"ENABLED"', Truth.TRUE, id="regional and switched on"),
    ],
)
def test_a_file_system_in_one_zone_is_backed_up_unless_that_is_switched_off(text: str, expected: Truth) -> None:
    estate = build_estate(read_tree(MemoryTree({"main.tf": HEAD + text})).inputs, built_in_catalog(), date(2026, 11, 1))
    (store,) = estate.stores
    assert truth_of(store.own_backups) is expected
    working = [truth_of(each.value.enabled) for each in store.protections.elements if each.value.kind == "backup"]
    assert (Truth.TRUE in working) is (expected is Truth.TRUE)
    assert (Truth.UNKNOWN in working) is (expected is Truth.UNKNOWN)


@pytest.mark.parametrize(
    ("said", "expected"), [("", Truth.TRUE), ("replica_count = 0", Truth.FALSE), ("replica_count = var.x", Truth.UNKNOWN)]
)
def test_a_graph_has_a_replica_in_another_zone_unless_it_is_made_without(said: str, expected: Truth) -> None:
    assert truth_of(store_of("aws_neptunegraph_graph", said).multi_az) is expected


@pytest.mark.parametrize(
    "type_",
    ["aws_rds_cluster", "aws_docdb_cluster", "aws_neptune_cluster", "aws_dynamodb_table"],
)
def test_what_is_typical_bounds_no_loss(type_: str) -> None:
    """Pages say "typically within five minutes": neither a loss that is certain nor one that is never exceeded."""
    rows = [row for row in built_in_catalog().mechanisms.values() if type_ in row.stores and row.kind == "backup" and row.link is None]
    assert rows
    assert all(row.worst_gap is None for row in rows)


def test_aws_backup_takes_clusters_of_kubernetes() -> None:
    text = (
        'resource "aws_backup_vault" "v" {\n  name = "v"\n}\n'
        'resource "aws_backup_plan" "p" {\n  name = "p"\n  rule {\n    rule_name         = "daily"\n'
        '    target_vault_name = aws_backup_vault.v.name\n    schedule          = "cron(0 5 * * ? *)"\n  }\n}\n'
        'resource "aws_backup_selection" "s" {\n  name         = "s"\n  plan_id      = aws_backup_plan.p.id\n'
        '  iam_role_arn = "arn:aws:iam::123456789012:role/b"\n  resources    = [aws_eks_cluster.s.arn]\n}\n'
        'resource "aws_eks_cluster" "s" {\n  name = "s"\n}\n'
    )
    estate = build_estate(read_tree(MemoryTree({"main.tf": HEAD + text})).inputs, built_in_catalog(), date(2026, 11, 1))
    (cluster,) = [each for each in estate.stores if each.type == "aws_eks_cluster"]
    assert [each.value.mechanism for each in cluster.protections.elements] == ["backup-plan"]
