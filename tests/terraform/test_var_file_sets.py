"""A root that is applied with one of several var-files is as many deployments."""

from __future__ import annotations

import pytest

from drpolicy.model.values import Known, Unknown
from drpolicy.sources.discovery import discover
from drpolicy.sources.trees import MemoryTree
from drpolicy.terraform.load import load_terraform

MAIN = """
variable "region" {
  type = string
}
variable "keep" {
  type    = number
  default = 1
}
provider "aws" {
  region = var.region
}
resource "aws_db_instance" "main" {
  backup_retention_period = var.keep
}
"""
SEOUL = 'region = "ap-northeast-2"\nkeep = 7\n'
TOKYO = 'region = "ap-northeast-1"\n'


def deployments(files: dict[str, str], **given: object) -> list[tuple[str, object, object]]:
    """Return name, region and retention of every deployment."""
    tree = MemoryTree(files)
    found = []
    for root in load_terraform(tree, discover(tree, ""), **given).roots:  # type: ignore[arg-type] # the caller names them
        (database,) = root.resources
        keep, region = database.get("backup_retention_period"), database.region
        assert isinstance(keep, Known)
        found.append((root.name, region.value if isinstance(region, Known) else None, keep.value))
    return found


def test_each_var_file_that_sets_what_is_required_makes_a_deployment() -> None:
    files = {"app/main.tf": MAIN, "app/prod.tfvars": SEOUL, "app/staging.tfvars": TOKYO}
    assert deployments(files) == [("app@prod", "ap-northeast-2", 7), ("app@staging", "ap-northeast-1", 1)]


@pytest.mark.parametrize(
    ("first", "second", "names"),
    [
        ("environments/prod.tfvars", "environments/dev.tfvars", ["root@dev", "root@prod"]),
        ("config/prod/terraform.tfvars", "config/dev/terraform.tfvars", ["root@dev", "root@prod"]),
        ("vars/seoul/prod.tfvars", "vars/tokyo/prod.tfvars", ["root@seoul/prod", "root@tokyo/prod"]),
        ("prod.tfvars.json", "dev.tfvars", ["root@dev", "root@prod"]),
    ],
)
def test_a_deployment_is_called_after_what_distinguishes_its_var_file(first: str, second: str, names: list[str]) -> None:
    texts = [('{"region": "ap-northeast-2"}' if path.endswith(".json") else TOKYO) for path in (first, second)]
    assert [name for name, *_ in deployments({"main.tf": MAIN, first: texts[0], second: texts[1]})] == names


def test_a_shared_var_file_is_given_with_each_and_before_it() -> None:
    files = {"main.tf": MAIN, "common.tfvars": "keep = 3\n", "prod.tfvars": SEOUL, "dev.tfvars": TOKYO}
    assert deployments(files) == [("root@dev", "ap-northeast-1", 3), ("root@prod", "ap-northeast-2", 7)]


@pytest.mark.parametrize(
    "others",
    [
        {"prod.tfvars": SEOUL},  # one alone is no choice
        {"prod.tfvars": SEOUL, "example.tfvars": TOKYO},
        {"prod.tfvars": SEOUL, "unrelated.tfvars": "size = 3\n"},
        {"prod.backend.tfvars": SEOUL, "dev.backend.tfvars": TOKYO},
        {"tests/one.tfvars": SEOUL, "tests/two.tfvars": TOKYO},
        {"other/main.tf": "", "other/prod.tfvars": SEOUL, "other/dev.tfvars": TOKYO},
    ],
)
def test_what_is_no_choice_of_inputs_makes_none(others: dict[str, str]) -> None:
    assert ("main", None, 1) in [(name.replace("root", "main"), *rest) for name, *rest in _with_databases(others)]


def _with_databases(others: dict[str, str]) -> list[tuple[str, object, object]]:
    tree = MemoryTree({"main.tf": MAIN, **others})
    found = []
    for root in load_terraform(tree, discover(tree, "")).roots:
        for database in root.resources:
            keep, region = database.get("backup_retention_period"), database.region
            known = keep.value if isinstance(keep, Known) else None
            found.append((root.name, None if isinstance(region, Unknown) else getattr(region, "value", None), known))
    return found


def test_nothing_is_concluded_where_the_required_variables_are_set() -> None:
    files = {"main.tf": MAIN, "prod.tfvars": SEOUL, "dev.tfvars": TOKYO}
    assert deployments(files, variables={"region": "eu-west-1"}) == [("root", "eu-west-1", 1)]
    assert deployments(files, environment={"region": "eu-west-1"}) == [("root", "eu-west-1", 1)]
    assert deployments({**files, "terraform.tfvars": TOKYO}) == [("root", "ap-northeast-1", 1)]
