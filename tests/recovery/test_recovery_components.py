"""What holds no data and is needed all the same: components, keys, hosts of the region that failed, and what a loss takes along."""

from __future__ import annotations

from pathlib import Path

import pytest
from recovery_estates import AS_OF, HERE, PROVIDERS, estate_of, plain, store

from drpolicy.app.lose import lose
from drpolicy.app.reading import read_tree
from drpolicy.app.settings import Settings
from drpolicy.model.components import Component
from drpolicy.model.truth import Truth
from drpolicy.recovery.logic import truth_of
from drpolicy.sources.trees import MemoryTree

VAULT = 'resource "aws_backup_vault" "a" {\n  name = "a"\n}\n'
LOCK = 'resource "aws_backup_vault_lock_configuration" "a" {\n  backup_vault_name = %s\n}\n'
CLUSTERS = """apiVersion: drpolicy.dev/v1
kind: Config
clusters:
  - {name: primary, region: eu-west-1, role: primary, paths: ["primary/**"]}
  - {name: dr, region: eu-central-1, role: dr, paths: ["dr/**"]}
"""
QUEUE = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: shop, namespace: shop}\ndata:\n  QUEUE: https://%s/111122223333/orders\n"


def component(text: str, address: str) -> Component:
    (found,) = [each for each in estate_of(text).components if each.address == address]
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (VAULT, Truth.FALSE),
        (VAULT + LOCK % "aws_backup_vault.a.name", Truth.TRUE),
        (VAULT + LOCK % '"a"', Truth.TRUE),
        (VAULT + LOCK % '"b"', Truth.FALSE),
        ('variable "name" {}\n' + VAULT + LOCK % "var.name", Truth.UNKNOWN),
    ],
)
def test_a_vault_is_guarded_by_the_lock_that_names_it(text: str, expected: Truth) -> None:
    assert truth_of(component(text, "aws_backup_vault.a").deletion_guarded) is expected


def test_a_component_has_only_the_fields_of_its_row() -> None:
    found = component('resource "aws_lb" "a" {\n  name = "a"\n}\n', "aws_lb.a")
    assert (found.kind, plain(found.region)) == ("entry", HERE)
    assert (plain(found.multi_az), plain(found.deletion_guarded)) == (True, False)
    assert (plain(found.health_checked), plain(found.fails_over)) == (None, None)


def test_a_data_source_is_no_component() -> None:
    assert estate_of('data "aws_lb" "a" {\n  name = "a"\n}\n').components == ()


ESCROW = """
resource "aws_backup_plan" "a" {
  name = "a"
  rule {
    rule_name         = "a"
    target_vault_name = "a"
    schedule          = "cron(0 3 * * ? *)"
    copy_action {
      destination_vault_arn = "arn:aws:backup:eu-central-1:444455556666:backup-vault:escrow"
    }
  }
}
resource "aws_backup_selection" "a" {
  name         = "a"
  plan_id      = aws_backup_plan.a.id
  iam_role_arn = "arn:aws:iam::111122223333:role/backup"
  resources    = [aws_db_instance.a.arn]
}
"""


@pytest.mark.parametrize(
    ("written", "works"),
    [
        ("storage_encrypted = true", Truth.FALSE),
        ('storage_encrypted = true\n  kms_key_id = ""', Truth.FALSE),
        ("storage_encrypted = true\n  kms_key_id = aws_kms_key.a.arn", Truth.TRUE),
        ('storage_encrypted = true\n  kms_key_id = "arn:aws:kms:eu-west-1:111122223333:key/0a1b"', Truth.TRUE),
        ("storage_encrypted = true\n  kms_key_id = var.key", Truth.UNKNOWN),
        ("storage_encrypted = false", Truth.TRUE),
    ],
)
def test_a_copy_to_another_account_needs_a_key_of_its_own(written: str, works: Truth) -> None:
    account = 'provider "aws" {\n  region = "eu-west-1"\n  allowed_account_ids = ["111122223333"]\n}\nvariable "key" {}\n'
    made = 'resource "aws_kms_key" "a" {}\nresource "aws_db_instance" "a" {\n  identifier = "a"\n  %s\n}\n' % written  # noqa: UP031
    found = store(estate_of({"main.tf": account + made + ESCROW}), "aws_db_instance.a")
    (copy,) = [each for each in found.protections if each.mechanism == "backup-plan-copy"]
    assert truth_of(copy.works) is works
    assert truth_of(copy.survives.account) is works


def cluster_hosts(host: str, config: str = CLUSTERS) -> list[tuple[str, Truth]]:
    estate = estate_of({"drpolicy.yaml": config, "primary/a.yaml": QUEUE % "x", "dr/a.yaml": QUEUE % host})
    (dr,) = [each for each in estate.clusters if each.name == "dr"]
    return [(each.value, each.presence) for each in dr.primary_names.elements]


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("sqs.eu-west-1.amazonaws.com", [("sqs.eu-west-1.amazonaws.com", Truth.TRUE)]),
        ("sqs.eu-central-1.amazonaws.com", []),
        ("sqs.us-east-1.amazonaws.com", []),
        ("sqs.amazonaws.com", []),
        ("queue.example.com", []),
    ],
)
def test_a_cluster_that_stands_by_names_hosts_of_the_region_it_replaces(host: str, expected: list[tuple[str, Truth]]) -> None:
    assert cluster_hosts(host) == expected


def test_a_host_may_be_in_the_region_of_a_primary_that_is_not_known() -> None:
    config = CLUSTERS.replace("name: primary, region: eu-west-1, ", "name: primary, ")
    assert cluster_hosts("sqs.eu-west-1.amazonaws.com", config) == [("sqs.eu-west-1.amazonaws.com", Truth.UNKNOWN)]


def lost(files: dict[str, str]) -> list[tuple[str, str]]:
    settings = Settings(paths=(Path(),), cwd=Path(), as_of=AS_OF)
    found = lose(HERE, settings, read_tree(MemoryTree(files)))
    return [(each.text, f"{each.span.path}:{each.span.start.line}" if each.span is not None else "") for each in found.also]


def test_a_region_takes_vaults_secrets_keys_and_images_with_it() -> None:
    text = (
        PROVIDERS
        + VAULT
        + 'resource "aws_secretsmanager_secret" "a" {\n  name = "a"\n}\n'
        + 'resource "aws_secretsmanager_secret" "b" {\n  name = "b"\n  replica {\n    region = "eu-central-1"\n  }\n}\n'
        + "".join(f'resource "aws_kms_key" "k{number}" {{\n  description = "k"\n}}\n' for number in range(7))
    )
    assert lost({"main.tf": text}) == [
        ("vault aws_backup_vault.a is gone, with every recovery point in it", "main.tf:8"),
        ("secrets of which no copy is elsewhere: aws_secretsmanager_secret.a", "main.tf:11"),
        (
            "keys of which no copy is elsewhere: aws_kms_key.k0, aws_kms_key.k1, aws_kms_key.k2, aws_kms_key.k3, aws_kms_key.k4 and 2 more",
            "main.tf:20",
        ),
    ]


def test_a_region_takes_what_the_other_cluster_names_with_it() -> None:
    files = {"drpolicy.yaml": CLUSTERS, "primary/a.yaml": QUEUE % "x", "dr/a.yaml": QUEUE % "sqs.eu-west-1.amazonaws.com"}
    said = "cluster dr stands by and names sqs.eu-west-1.amazonaws.com, which is gone"
    assert (said, "dr/a.yaml:5") in lost(files)
