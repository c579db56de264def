"""What holds data is one notion: check, estate and init count the same, whatever is declared."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_line import AS_OF, DATABASE, here, write

PARAMETER = """\
provider "aws" {
  region = "ap-northeast-2"
}

resource "aws_ssm_parameter" "password" {
  name  = "/shop/password"
  type  = "SecureString"
  value = "unset"
}
"""
ROLE = """\
resource "aws_iam_role" "deployer" {
  name               = "deployer"
  assume_role_policy = "{}"
}
"""
SERVICE = "apiVersion: drpolicy.dev/v1\nkind: Service\nmetadata: {name: shop}\nspec: {owner: t, stores: [{ref: aws_db_instance.orders}]}\n"


def test_a_parameter_is_no_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(write(tmp_path, {"infra/prod/main.tf": PARAMETER}))
    assert "1 deployment, 0 stores" in here("check", *AS_OF).out
    assert here("estate", *AS_OF).out == (
        "ap-northeast-2\n  what a recovery needs beside the data: aws_ssm_parameter\n\nnothing that holds data was found\n"
    )
    assert "deployments:" not in here("init", "--dry-run", *AS_OF).out


def test_beside_a_store_a_parameter_is_not_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(write(tmp_path, {"infra/prod/main.tf": DATABASE, "infra/keys/main.tf": PARAMETER}))
    assert "2 deployments, 1 store" in here("check", *AS_OF).out
    estate = here("estate", *AS_OF).out
    assert estate.startswith("ap-northeast-2  1 store\n")
    assert "\n1 store in 1 region; of 1 that somebody would miss" in estate
    drafted = here("init", "--dry-run", *AS_OF).out
    assert "{path: infra/prod, environment: production}" in drafted
    assert "path: infra/keys" not in drafted


def test_a_declaration_makes_no_further_deployment(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"infra/prod/main.tf": DATABASE, "infra/test/main.tf": ROLE}
    before = here("check", write(tmp_path / "before", files), *AS_OF, "--no-cache")
    after = here("check", write(tmp_path / "after", {**files, "services/shop.yaml": SERVICE}), *AS_OF, "--no-cache")
    assert before.out.startswith("Read 2 Terraform files: 1 deployment, 1 store, 0 services")
    assert after.out.startswith("Read 2 Terraform files, 1 declaration: 1 deployment, 1 store, 1 service")
    assert "inferred: infra/test is test" not in after.out
