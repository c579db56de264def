"""What references to stores name: all instances or one, in modules or not; and which stores one may mean that leads nowhere."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from recovery_estates import PROVIDERS, by_mechanism, estate_of, store

from drpolicy.app.lose import lose
from drpolicy.app.picture import picture_of
from drpolicy.app.reading import read_tree
from drpolicy.app.settings import Settings
from drpolicy.model.estate import Estate
from drpolicy.model.loss import ServiceLoss
from drpolicy.model.truth import Truth
from drpolicy.recovery.addresses import names, refers
from drpolicy.reporters.estate_text import render_estate
from drpolicy.reporters.formats import Options
from drpolicy.reporters.loss_text import render_loss
from drpolicy.sources.trees import MemoryTree

Y, N, Q = Truth.TRUE, Truth.FALSE, Truth.UNKNOWN


@pytest.mark.parametrize(
    ("written", "address", "truth"),
    [
        ("aws_a.x", "aws_a.x", Y),
        ("aws_a.x", 'aws_a.x["k"]', Y),
        ("aws_a.x[*]", 'aws_a.x["k"]', Y),
        ("aws_a.x[*]", "aws_a.x[0]", Y),
        ("aws_a.x[*]", "aws_a.x", Y),
        ("aws_a.x[*]", "aws_a.x[*]", Y),
        ("aws_a.x", "aws_a.x[*]", Y),
        ('aws_a.x["k"]', 'aws_a.x["k"]', Y),
        ('aws_a.x["k"]', 'aws_a.x["l"]', N),
        ('aws_a.x["k"]', "aws_a.x[*]", Q),
        ("aws_a.x[0]", "aws_a.x", N),
        ("aws_a.x", "aws_a.xy", N),
        ("module.m.aws_a.x", 'module.m["k"].aws_a.x[0]', Y),
        ("module.m[*].aws_a.x", 'module.m["k"].aws_a.x', Y),
        ('module.m["k"].aws_a.x', 'module.m["k"].aws_a.x["l"]', Y),
        ('module.m["k"].aws_a.x', 'module.m["l"].aws_a.x', N),
        ('module.m["k"].aws_a.x[0]', "module.m[*].aws_a.x[0]", Q),
        ('module.m["k"].aws_a.x[0]', "module.m[*].aws_a.x[1]", N),
        ('aws_a.x["s3://b].c\\"d"]', 'aws_a.x["s3://b].c\\"d"]', Y),
        ("aws_a.x", 'aws_a.x["s3://b].c\\"d"]', Y),
    ],
)
def test_which_addresses_a_written_one_names(written: str, address: str, truth: Truth) -> None:
    assert names(written, address) is truth


@pytest.mark.parametrize(
    ("reference", "truth"),
    [
        ('aws_a.x["s3://b"]', Y),
        ('live/db//aws_a.x["s3://b"]', Y),
        ("live/db@prod//aws_a.x", Y),
        ("live/other//aws_a.x", N),
        ("live/db@test//aws_a.x", N),
    ],
)
def test_a_deployment_may_be_written_before_an_address(reference: str, truth: Truth) -> None:
    assert refers(reference, "live/db@prod", 'aws_a.x["s3://b"]') is truth


DATABASES = """variable "names" {
  type = set(string)
}
resource "aws_db_instance" "d" {
  for_each                = var.names
  backup_retention_period = 7
}
resource "aws_db_instance" "other" {
  backup_retention_period = 7
}
"""
SERVICE = "apiVersion: drpolicy.dev/v1\nkind: Service\nmetadata: {name: shop}\nspec:\n  owner: team\n  stores:\n"
SETTINGS = Settings((Path(),), Path(), date(2026, 11, 1))


def claiming(*stores: str, text: str = DATABASES, names: str = "", more: str = "") -> Estate:
    files = {"main.tf": PROVIDERS + text, "service.yaml": SERVICE + "".join(f"    - {each}\n" for each in stores) + more}
    return estate_of(files, {"names": names} if names else None)


def claims(estate: Estate) -> dict[str, Truth]:
    return {each.value.address: each.presence for each in estate.services[0].stores.elements}


def nowhere(estate: Estate) -> list[tuple[str, Truth, str | None]]:
    return [(each.value, each.presence, each.why.symbol if each.why else None) for each in estate.services[0].unresolved.elements]


@pytest.mark.parametrize(
    "reference", ["aws_db_instance.d", "aws_db_instance.d[*]", "root//aws_db_instance.d", "root//aws_db_instance.d[*]"]
)
def test_a_reference_without_an_index_claims_every_instance(reference: str) -> None:
    found = claiming(f'{{ref: "{reference}"}}', names='["a", "b"]')
    assert claims(found) == {'aws_db_instance.d["a"]': Y, 'aws_db_instance.d["b"]': Y}
    assert nowhere(found) == []
    assert [each.service for each in store(found, 'aws_db_instance.d["b"]').required_by] == ["shop"]
    assert not list(store(found, "aws_db_instance.other").required_by)


@pytest.mark.parametrize("reference", ["aws_db_instance.d", "aws_db_instance.d[*]"])
def test_it_claims_what_stands_for_instances_that_are_not_known(reference: str) -> None:
    found = claiming(f'{{ref: "{reference}"}}')
    assert claims(found) == {"aws_db_instance.d[*]": Q}  # which may not be there
    assert [(each.value.service, each.presence) for each in store(found, "aws_db_instance.d[*]").required_by.elements] == [("shop", Y)]
    assert nowhere(found) == [(reference, Q, "root:var.names")]


def test_a_reference_with_an_index_claims_that_instance_only() -> None:
    reference = """{ref: 'aws_db_instance.d["b"]'}"""
    assert claims(claiming(reference, names='["a", "b"]')) == {'aws_db_instance.d["b"]': Y}
    missing = claiming(reference, names='["a"]')
    assert (claims(missing), nowhere(missing)) == ({}, [('aws_db_instance.d["b"]', Y, None)])
    open_ = claiming(reference)
    assert (claims(open_), nowhere(open_)) == ({"aws_db_instance.d[*]": Q}, [('aws_db_instance.d["b"]', Q, "root:var.names")])


def test_two_references_to_one_store_claim_it_once() -> None:
    found = claiming("{ref: aws_db_instance.d}", """{ref: 'aws_db_instance.d["a"]'}""", names='["a"]')
    assert claims(found) == {'aws_db_instance.d["a"]': Y}
    assert [each.service for each in store(found, 'aws_db_instance.d["a"]').required_by] == ["shop"]


MODULES = """module "m" {
  source   = "./m"
  for_each = toset(["a", "b"])
}
module "gone" {
  source = "git::https://example.com/gone.git"
}
"""


@pytest.mark.parametrize(
    ("reference", "found", "leads"),
    [
        ("module.m.aws_db_instance.y", ["a", "b"], []),
        ("module.m[*].aws_db_instance.y", ["a", "b"], []),
        ("root//module.m[*].aws_db_instance.y[*]", ["a", "b"], []),
        ('module.m["a"].aws_db_instance.y', ["a"], []),
        ('module.m["c"].aws_db_instance.y', [], [(Y, None)]),
        # Only the module that is not on disk may make what is called so; it makes nothing of another address.
        ("module.gone.aws_db_instance.y", [], [(Q, "root:module.gone (git::https://example.com/gone.git)")]),
        ("root//module.gone[0].module.z.aws_db_instance.y", [], [(Q, "root:module.gone (git::https://example.com/gone.git)")]),
        ("elsewhere//module.gone.aws_db_instance.y", [], [(Y, None)]),
        ("module.my_db.aws_db_instance.y", [], [(Y, None)]),
        ("aws_db_instance.y", [], [(Y, None)]),
        ("aws_unheard_of.y", [], [(Q, "aws_unheard_of.y: the catalog has no row for aws_unheard_of")]),
        ("data.aws_db_instance.y", [], [(Q, "data.aws_db_instance.y")]),
    ],
)
def test_references_into_modules(reference: str, found: list[str], leads: list[tuple[Truth, str | None]]) -> None:
    module = 'resource "aws_db_instance" "y" {\n  backup_retention_period = 7\n}\n'
    files = {"main.tf": PROVIDERS + MODULES, "m/main.tf": module, "service.yaml": SERVICE + f"    - ref: '{reference}'\n"}
    estate = estate_of(files)
    assert list(claims(estate)) == [f'module.m["{each}"].aws_db_instance.y' for each in found]
    assert [(presence, why) for _, presence, why in nowhere(estate)] == leads


OTHERS = """variable "name" {
  type = string
}
resource "aws_db_instance" "known" {
  identifier = "carts"
}
resource "aws_db_instance" "unknown" {
  identifier = "${var.name}-db"
}
resource "aws_db_instance" "unnamed" {
}
resource "aws_db_instance" "there" {
  provider = aws.dr
}
resource "aws_dynamodb_table" "t" {
  name = "orders"
}
"""


@pytest.mark.parametrize(
    ("reference", "opened"),
    [
        # An address that is written is no other one.
        ("aws_db_instance.orders", []),
        ("elsewhere//aws_db_instance.known", []),
        ("aws_unheard_of.known", []),
        # A data source reads what may be made here.
        ("data.aws_db_instance.orders", ["known", "unknown", "unnamed", "there"]),
        ("${STORE}", ["known", "unknown", "unnamed", "there", "t"]),
        ("${DEPLOYMENT}//aws_db_instance.known", ["known"]),
        ("${DEPLOYMENT}//aws_db_instance.known[0]", ["known"]),
        ("aws_db_instance.known[${INDEX}]", ["known"]),
        ("root//aws_db_instance.${NAME}", ["known", "unknown", "unnamed", "there"]),
        ("aws_db_instance.un${NAME}", ["unknown", "unnamed"]),
        ("other//${ADDRESS}", []),
        ("arn:aws:rds:eu-west-1:111122223333:db:orders-db", ["unknown", "unnamed"]),
        ("arn:aws:rds:eu-west-1:111122223333:db:orders", ["unnamed"]),
        ("arn:aws:rds:us-east-1:111122223333:db:orders-db", []),
        ("arn:aws:rds:eu-west-1:111122223333:cluster:orders-db", []),
        ("arn:aws:dynamodb:eu-west-1:111122223333:table/carts", []),
        ("arn:aws:rds:eu-west-1:${ACCOUNT}:db:carts", ["known", "unknown", "unnamed"]),
        ("arn:aws:rds:${REGION}:${ACCOUNT}:db:orders", ["unknown", "unnamed", "there"]),
    ],
)
def test_which_stores_a_reference_that_leads_nowhere_may_mean(reference: str, opened: list[str]) -> None:
    found = claiming(f'{{ref: "{reference}"}}', text=OTHERS)
    assert [each.address.rpartition(".")[2] for each in found.stores if each.required_by.rest is not None] == opened
    assert not any(each.required_by.elements for each in found.stores)


def test_a_store_that_may_not_be_there_opens_no_other_one() -> None:
    found = claiming("{ref: aws_db_instance.d}")
    assert store(found, "aws_db_instance.other").required_by.rest is None


def test_a_namespace_of_which_the_cluster_is_not_known_leads_nowhere() -> None:
    found = claiming('{kubernetes: {cluster: "${CLUSTER}", namespace: shop}}')
    assert nowhere(found) == [("service.yaml:${CLUSTER}", Q, "service.yaml:${CLUSTER}")]
    assert all(each.required_by.rest is None for each in found.stores)  # no database is a namespace


def test_a_protection_selects_every_instance_or_one() -> None:
    for reference, selected in (
        ("aws_db_instance.d", ["a", "b"]),
        ("root//aws_db_instance.d[*]", ["a", "b"]),
        ("aws_db_instance.d['a']", []),
    ):
        found = estate_of({"main.tf": PROVIDERS + DATABASES, "p.yaml": PROTECTION % reference}, {"names": '["a", "b"]'})
        assert [each.address[-3] for each in found.stores if "declared-protection" in by_mechanism(each)] == selected
    one = {"main.tf": PROVIDERS + DATABASES, "p.yaml": PROTECTION % 'aws_db_instance.d["a"]'}
    known, open_ = estate_of(one, {"names": '["a", "b"]'}), estate_of(one)
    assert [each.address for each in known.stores if "declared-protection" in by_mechanism(each)] == ['aws_db_instance.d["a"]']
    (perhaps,) = [
        each for each in store(open_, "aws_db_instance.d[*]").protections.elements if each.value.mechanism == "declared-protection"
    ]
    assert perhaps.presence is Q


PROTECTION = """apiVersion: drpolicy.dev/v1
kind: Protection
metadata: {name: central}
spec:
  stores:
    refs:
      - %s
  mechanism: aws-backup
  region: eu-central-1
  gap: 24h
  retention: 35d
  owner: team-platform
  reviewedUntil: 2027-03-31
"""
RECORD = """---
apiVersion: drpolicy.dev/v1
kind: Evidence
metadata: {name: restored}
spec:
  service: shop
  kind: restore
  date: 2026-10-01
  outcome: passed
  stores: [%s]
"""


@pytest.mark.parametrize(
    ("recorded", "never"),
    [
        ("aws_db_instance.d", []),
        ("'root//aws_db_instance.d[*]'", []),
        ("""'aws_db_instance.d["a"]'""", ['aws_db_instance.d["b"]']),
        ("databases", []),
        ("aws_db_instance.other", ['aws_db_instance.d["a"]', 'aws_db_instance.d["b"]']),
    ],
)
def test_a_record_names_stores_as_a_reference_does(recorded: str, never: list[str]) -> None:
    found = claiming("{name: databases, ref: aws_db_instance.d}", names='["a", "b"]', more=RECORD % recorded)
    assert [each.value for each in found.services[0].never_restored.elements] == never


def lost(reference: str, region: str = "eu-west-1") -> tuple[ServiceLoss, str, str]:
    files = {"main.tf": PROVIDERS + OTHERS, "service.yaml": SERVICE + f"    - ref: '{reference}'\n"}
    found = read_tree(MemoryTree(files))
    loss = lose(region, SETTINGS, found)
    return (
        loss.services[0],
        render_loss(loss, color=False, unicode=True, width=140),
        render_estate(picture_of(SETTINGS, found), Options(width=140, color=False, unicode=True)),
    )


def test_a_service_of_which_a_store_was_not_found_is_not_spared() -> None:
    service, text, estate = lost("aws_db_instance.orders")
    assert service.outcome == "unknown"
    assert "? shop  not known whether it is affected  (nothing declared for the loss of a region)\n" in text
    assert "    ? aws_db_instance.orders  nothing in these files makes it  service.yaml:7\n" in text
    assert "0 of 1 service affected, 1 perhaps: 1 not known\n" in text
    assert "  shop  no store that was found · leads nowhere: aws_db_instance.orders\n" in estate


def test_why_a_store_of_a_service_may_be_anywhere() -> None:
    _, text, _ = lost("data.aws_db_instance.orders")
    assert "    ? data.aws_db_instance.orders  not known (data source)  service.yaml:7\n" in text


def test_a_store_that_is_elsewhere_and_may_not_be_there_is_spared() -> None:
    files = {
        "main.tf": PROVIDERS
        + 'variable "n" {\n  type = number\n}\nresource "aws_db_instance" "d" {\n  provider = aws.dr\n  count = var.n\n}\n',
        "service.yaml": SERVICE + "    - {ref: aws_db_instance.d}\n",
    }
    assert lose("eu-west-1", SETTINGS, read_tree(MemoryTree(files))).services[0].outcome == "unaffected"
