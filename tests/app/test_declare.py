"""Declarations drafted from the estate, from CSV and from Backstage."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drpolicy.app.declare import NothingToDeclare, declare
from drpolicy.app.reading import read_tree
from drpolicy.app.service_draft import ServiceDraft, StoreDraft, document, scalar
from drpolicy.app.service_imports import NotImported, from_backstage, from_csv
from drpolicy.app.settings import Settings
from drpolicy.declarations.documents import ServiceDeclaration
from drpolicy.declarations.load import load_declarations
from drpolicy.model.spans import Source
from drpolicy.model.values import Absent, Known, Unknown
from drpolicy.sources.trees import MemoryTree
from drpolicy.sources.yaml_documents import documents

SETTINGS = Settings((), Path(), date(2026, 11, 1))
TABLES = """\
provider "aws" {
  region = "eu-west-1"
}
resource "aws_dynamodb_table" "orders" {
  name     = "orders"
  hash_key = "id"
  tags     = { Service = "Order Desk", Team = "team-orders" }
  point_in_time_recovery {
    enabled = true
  }
  replica {
    region_name = "eu-central-1"
  }
}
resource "aws_dynamodb_table" "carts" {
  name     = "carts"
  hash_key = "id"
  tags     = { Service = "Order Desk", Team = "team-orders" }
}
resource "aws_dynamodb_table" "news" {
  name     = "news"
  hash_key = "id"
}
"""
CONFIG = "apiVersion: drpolicy.dev/v1\nkind: Config\ntiers:\n  critical: {objectives: {region: {rto: 1h, rpo: 15m}}}\n"


def declared(files: dict[str, str], name: str | None = None) -> str:
    return declare(name, SETTINGS, read_tree(MemoryTree(files)))


def read(text: str) -> tuple[ServiceDeclaration, ...]:
    found = load_declarations(documents(Source("services.yaml", text)).documents)
    # That nobody is named is what a draft says of itself.
    assert [each.message for each in found.diagnostics if each.code != "owner-unassigned"] == []
    return found.services


def test_stores_that_nobody_claims_are_grouped_by_their_tags():
    text = declared({"envs/prod/main.tf": TABLES, "drpolicy.yaml": CONFIG})
    assert (
        text
        == """\
# yaml-language-server: $schema=https://drpolicy.dev/schemas/v1/service.schema.json
apiVersion: drpolicy.dev/v1
kind: Service
metadata: {name: order-desk}
spec:
  owner: team-orders
  environment: production
  # tier: critical  # fill in: one of critical
  regions: {primary: eu-west-1}
  stores:  # what is tagged as order-desk, as far as it holds data of record
    - {ref: envs/prod//aws_dynamodb_table.orders}
    - {ref: envs/prod//aws_dynamodb_table.carts}
  # runbook: {path: docs/runbooks/order-desk.md}  # fill in: drpolicy runbook new order-desk drafts one
---
# yaml-language-server: $schema=https://drpolicy.dev/schemas/v1/service.schema.json
apiVersion: drpolicy.dev/v1
kind: Service
metadata: {name: service}
spec:
  owner: unassigned  # fill in: the team or role that answers for the recovery
  environment: production
  # tier: critical  # fill in: one of critical
  regions: {primary: eu-west-1}
  stores:  # what envs/prod makes, as far as it holds data of record
    - {ref: envs/prod//aws_dynamodb_table.news}
  # runbook: {path: docs/runbooks/service.md}  # fill in: drpolicy runbook new service drafts one
"""
    )
    first, second = read(text)
    assert second.owner == Known("unassigned", second.owner.origin)
    assert isinstance(first.tier, Absent)
    assert isinstance(first.owner, Known)


WRITTEN = """\
apiVersion: drpolicy.dev/v1
kind: Service
metadata: {name: desk}
spec:
    owner: team-orders  # they know
    stores:
      - {ref: aws_dynamodb_table.orders}
"""


def test_a_declaration_is_completed_and_what_it_says_stays():
    text = declared({"main.tf": TABLES, "services/desk.yaml": WRITTEN, "docs/runbooks/desk.md": "# Desk\n"}, "desk")
    assert text.startswith(WRITTEN)
    assert (
        text[len(WRITTEN) :]
        == """\
    # fill in: how long the service may be away (rto) and how much data it may lose (rpo), or a tier of drpolicy.yaml
    # objectives: {region: {rto: 4h, rpo: 1h}, corruption: {rto: 8h, rpo: 24h}}
    strategy: pilot-light  # what its copies amount to; write what is meant
    regions: {primary: eu-west-1, dr: [eu-central-1]}
    runbook: {path: docs/runbooks/desk.md}
"""
    )
    read(text)


def test_what_is_complete_or_in_braces_is_left_alone():
    braces = "apiVersion: drpolicy.dev/v1\nkind: Service\nmetadata: {name: desk}\nspec: {owner: a-team, stores: []}\n"
    with pytest.raises(NothingToDeclare, match="the spec of desk is written in braces"):
        declared({"services/desk.yaml": braces}, "desk")
    whole = (
        WRITTEN.replace("[{", "[{")
        + "    tier: critical\n    strategy: pilot-light\n    regions: {primary: a}\n    runbook: {path: a.md}\n"
    )
    with pytest.raises(NothingToDeclare, match="desk says everything that the estate shows"):
        declared({"main.tf": TABLES, "services/desk.yaml": whole}, "desk")


def test_a_csv_file():
    text = "Service Name,Owner,RTO,RPO,Depends on,Stores,Price\n"
    text += "Order desk,team-orders,4h,15,Payments; Mail,aws_dynamodb_table.orders,9\n,,,,,,\n"
    (draft,), passed_over = from_csv(text, "cmdb.csv")
    assert passed_over == ["Price"]
    assert draft == ServiceDraft(
        name="order-desk",
        owner="team-orders",
        rto="4h",
        stores=(StoreDraft(reference="aws_dynamodb_table.orders"),),
        depends_on=("payments", "mail"),
        notes=("from cmdb.csv:2:1", "RPO: cmdb.csv:2:27 says '15', which has no unit; write 4h, 15m or the like"),
    )
    (service,) = read(document(draft))
    assert next(each.service for each in service.dependencies if isinstance(each.service, Known)).value == "payments"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,b\n1,2\n", "cmdb.csv:1:1: no column is called name"),
        ("owner,name\nx,orders\nx,Orders\n", "cmdb.csv:3:3: orders is there twice"),
        ("name,owner\n", "cmdb.csv:1:1: there is no line below the headings"),
        ("", "cmdb.csv:1:1: no column"),
    ],
)
def test_a_csv_file_that_is_none(text: str, message: str):
    with pytest.raises(NotImported, match=message):
        from_csv(text, "cmdb.csv")


BACKSTAGE = """\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: orders
  annotations: {drpolicy.dev/tier: critical, drpolicy.dev/rto: 1h}
spec:
  owner: group:default/team-orders
  dependsOn: ["component:default/payments", "resource:default/orders-db"]
---
apiVersion: backstage.io/v1alpha1
kind: System
metadata: {name: shop}
"""


def test_backstage():
    assert from_backstage(BACKSTAGE, "catalog-info.yaml") == [
        ServiceDraft(
            name="orders",
            owner="team-orders",
            tier="critical",
            rto="1h",
            stores_known=False,
            depends_on=("payments",),
            notes=("from catalog-info.yaml:4:9", "it depends on resource:default/orders-db, too: add what holds data to stores"),
        )
    ]
    with pytest.raises(NotImported, match="it holds no Component"):
        from_backstage("a: b\n", "catalog-info.yaml")


def test_stores_that_are_not_known_are_a_blank_and_not_an_empty_list():
    (service,) = read(document(from_backstage(BACKSTAGE, "catalog-info.yaml")[0]))
    (reference,) = service.stores
    assert isinstance(reference.text, Unknown)


@given(st.text(max_size=40))
def test_any_text_is_one_scalar(text: str):
    clean = "".join(each for each in text if each.isprintable())
    (service,) = read(document(ServiceDraft(name="a", owner=f"x{clean}x", tier="t")))
    if isinstance(service.owner, Known):
        assert service.owner.value == f"x{clean}x"
    assert "\n" not in scalar(clean)


@given(st.text(max_size=200))
def test_any_file_is_taken_over_or_refused(text: str):
    for take in (from_csv, from_backstage):
        try:
            take(text, "file")
        except NotImported:
            continue


def test_tags_that_the_configuration_names_are_taken_over_and_said():
    config = CONFIG + "tags: {owner: [Squad], tier: [Criticality], rto: [RTO], rpo: [RPO], disruption: region}\n"
    tables = (
        'resource "aws_dynamodb_table" "a" {\n  tags = { Squad = "b-team", Team = "c", Criticality = "Gold", RTO = "4h", RPO = "15" }\n}\n'
        'resource "aws_dynamodb_table" "b" {\n  tags = { Criticality = "Iron", RTO = "4h" }\n}\n'
    )
    text = declared({"shop/main.tf": tables, "drpolicy.yaml": config})
    assert (
        """\
  # owner: from tag Squad of aws_dynamodb_table.a
  # tier: not taken over: tag Criticality of aws_dynamodb_table.a says Gold, tag Criticality of aws_dynamodb_table.b says Iron
  # rto: from tag RTO of aws_dynamodb_table.a
  # rpo: not taken over: tag RPO of aws_dynamodb_table.a says 15
  owner: b-team
  objectives: {region: {rto: 4h}}
"""
        in text
    )
    read(text)


def test_a_heading_may_name_the_unit_of_its_column():
    text = "CI Name;RTO (hours);Recovery Point Objective (min);DR Strategy;Region;DR Regions\n"
    (draft,), passed_over = from_csv(text + "Orders;4;15;Pilot Light;eu-west-1;eu-central-1|eu-north-1\n", "cmdb.csv")
    assert passed_over == []
    assert (draft.rto, draft.rpo, draft.strategy) == ("4h", "15m", "pilot-light")
    assert (draft.primary_region, draft.dr_regions) == ("eu-west-1", ("eu-central-1", "eu-north-1"))
    assert read(document(draft))[0].name == "orders"


def test_a_strategy_that_is_none_is_said_at_its_place():
    (draft,), _ = from_csv("name,strategy\norders,hot\n", "cmdb.csv")
    assert draft.notes[1] == (
        "strategy: cmdb.csv:2:8 says 'hot', which is none of backup-restore, pilot-light, warm-standby, active-active"
    )


def test_an_rto_of_backstage_without_a_unit_is_said_at_its_place():
    (draft,) = from_backstage(BACKSTAGE.replace("drpolicy.dev/rto: 1h", "drpolicy.dev/rto: 60"), "catalog-info.yaml")
    assert (draft.rto, draft.notes[-1]) == (
        "",
        "RTO: catalog-info.yaml:5:64 says '60', which has no unit; write 4h, 15m or the like",
    )


def test_a_strategy_is_drafted_where_every_store_has_its_copy():
    carts = TABLES.replace('hash_key = "id"\n  tags     = { Service = "Order Desk", Team = "team-orders" }\n}', "REPLACED")
    assert carts.count("REPLACED") == 1
    replicated = carts.replace(
        "REPLACED",
        'hash_key = "id"\n  tags     = { Service = "Order Desk" }\n  replica {\n    region_name = "eu-central-1"\n  }\n}',
    )
    text = declared({"envs/prod/main.tf": replicated}, "order-desk")
    assert "  strategy: pilot-light  # what its copies amount to; write what is meant\n" in text
    assert "  regions: {primary: eu-west-1, dr: [eu-central-1]}\n" in text
