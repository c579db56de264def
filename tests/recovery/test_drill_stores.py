"""Which stores of its service a record names: by name, reference, ARN or copy; and what is no store's name for certain."""

from __future__ import annotations

import pytest
from recovery_estates import estate_of

from drpolicy.model.services import Service
from drpolicy.model.truth import Truth

SERVICE = """\
apiVersion: drpolicy.dev/v1
kind: Service
metadata: {name: orders}
spec:
  owner: team-orders
  stores:
    - {name: db, ref: main//aws_db_instance.orders}
    - {ref: aws_dynamodb_table.orders}
    - {ref: aws_efs_file_system.orders}
    - {name: volumes, kubernetes: {cluster: shop, namespace: production}}
"""
STORES = """\
provider "aws" {
  region = "eu-west-1"
}

provider "aws" {
  alias  = "dr"
  region = "eu-central-1"
}

resource "aws_db_instance" "orders" {
  identifier              = "orders-db"
  backup_retention_period = 7
}

resource "aws_db_instance" "replica" {
  provider            = aws.dr
  identifier          = "orders-replica"
  replicate_source_db = aws_db_instance.orders.arn
}

resource "aws_db_instance" "billing" {
  identifier = "billing-db"
}

resource "aws_dynamodb_table" "orders" {
  name = "orders"
}

resource "aws_efs_file_system" "orders" {}
"""
CONFIG = """\
apiVersion: drpolicy.dev/v1
kind: Config
deployments: [{path: main}]
clusters: [{name: shop, region: eu-west-1, role: primary, paths: ["k8s/**"]}]
"""
VELERO = """\
apiVersion: velero.io/v1
kind: Schedule
metadata: {name: production, namespace: velero}
spec: {schedule: "0 * * * *", template: {includedNamespaces: [production], snapshotMoveData: true}}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: orders, namespace: production}
spec:
  template:
    spec: {containers: [{name: orders, image: "orders:1", volumeMounts: [{name: data, mountPath: /data}]}]}
  volumeClaimTemplates:
    - {metadata: {name: data}, spec: {resources: {requests: {storage: 1Gi}}}}
"""


def record(stores: str, kind: str = "restore") -> str:
    head = "apiVersion: drpolicy.dev/v1\nkind: Evidence\nmetadata: {name: test}\n"
    return f"{head}spec:\n  service: orders\n  kind: {kind}\n  date: 2026-10-20\n  outcome: passed\n  stores: [{stores}]\n"


def judged(evidence: str, declared: str = SERVICE) -> tuple[Service, list[str]]:
    files = {"main/main.tf": STORES, "drpolicy.yaml": CONFIG, "k8s/velero.yaml": VELERO, "orders.yaml": declared}
    estate = estate_of({**files, "evidence.yaml": evidence})
    (service,) = estate.services
    return service, [each.name for each in estate.strangers]


def covered(service: Service) -> dict[str, Truth]:
    """Return, per store of record, whether it is among those that nobody restored."""
    missing = {each.value: each.presence for each in service.never_restored.elements}
    return {store.address: missing.get(store.name, Truth.FALSE) for store in service.stores}


@pytest.mark.parametrize(
    ("name", "store"),
    [
        ("db", "aws_db_instance.orders"),
        ("aws_db_instance.orders", "aws_db_instance.orders"),
        ("main//aws_db_instance.orders", "aws_db_instance.orders"),
        ('"arn:aws:rds:eu-west-1:111122223333:db:orders-db"', "aws_db_instance.orders"),
        ("main//aws_db_instance.replica", "aws_db_instance.orders"),
        ('"arn:aws:rds:eu-central-1:111122223333:db:orders-replica"', "aws_db_instance.orders"),
        ("main//aws_dynamodb_table.orders", "aws_dynamodb_table.orders"),
        ("production", "Namespace/_/production"),
        ("volumes", "Namespace/_/production"),
        ("shop//Namespace/_/production", "Namespace/_/production"),
    ],
)
def test_a_store_goes_by_its_name_its_reference_and_its_copies(name: str, store: str) -> None:
    service, strangers = judged(record(name))
    assert strangers == []
    assert [address for address, lacking in covered(service).items() if lacking is Truth.FALSE] == [store]


@pytest.mark.parametrize(
    "name",
    [
        "bd",
        "aws_db_instance.billing",
        '"arn:aws:rds:eu-west-1:111122223333:db:billing-db"',
        '"arn:aws:rds:eu-west-1:111122223333:db:gone"',
        "shop//Namespace/_/staging",
    ],
)
def test_a_restore_of_no_store_of_the_service_is_none_of_the_service(name: str) -> None:
    service, strangers = judged(record(name))
    assert strangers == [name.strip('"')]
    assert (len(tuple(service.drills)), len(service.newest_restores.elements)) == (0, 0)


def test_of_several_names_the_right_ones_count() -> None:
    service, strangers = judged(record("db, bd"))
    assert strangers == ["bd"]
    assert covered(service)["aws_db_instance.orders"] is Truth.FALSE
    assert covered(service)["aws_dynamodb_table.orders"] is Truth.TRUE
    assert [each.whole for each in service.drills] == [False]


def test_training_counts_for_people_whatever_stores_it_names() -> None:
    service, strangers = judged(record("bd", "training"))
    assert strangers == ["bd"]
    assert len(tuple(service.drills)) == 1


def test_an_id_that_only_aws_knows_may_be_that_of_a_store() -> None:
    service, strangers = judged(record('"arn:aws:elasticfilesystem:eu-west-1:111122223333:file-system/fs-1"'))
    assert strangers == []
    assert covered(service)["aws_efs_file_system.orders"] is Truth.UNKNOWN


def test_a_name_filled_in_by_a_template_may_be_any_and_is_not_all() -> None:
    service, strangers = judged(record('"${STORE}"'))
    assert strangers == []
    assert set(covered(service).values()) == {Truth.UNKNOWN}
    assert [each.whole for each in service.drills] == [False]


def test_where_the_service_has_a_name_that_is_not_known_no_name_is_wrong() -> None:
    _, strangers = judged(record("bd"), SERVICE.replace("name: volumes", 'name: "${NAME}"'))
    assert strangers == []


def test_a_record_of_a_service_that_nobody_declares_is_anothers() -> None:
    assert judged(record("bd"), SERVICE.replace("{name: orders}", "{name: billing}"))[1] == []
