"""drpolicy init: what a repository is given to begin with, and that nothing of it is lost."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from command_line import AS_OF, BEFORE, DATABASE, here, write

SERVICE = """\
# yaml-language-server: $schema=https://drpolicy.dev/schemas/v1/service.schema.json
apiVersion: drpolicy.dev/v1
kind: Service
metadata: {name: shop}
spec:
  owner: unassigned  # fill in: the team or role that answers for the recovery
  environment: production
  # fill in: how long the service may be away (rto) and how much data it may lose (rpo), or a tier of drpolicy.yaml
  # objectives: {region: {rto: 4h, rpo: 1h}, corruption: {rto: 8h, rpo: 24h}}
  regions: {primary: ap-northeast-2}
  stores:  # what infra/shop/prod makes, as far as it holds data of record
    - {ref: infra/shop/prod//aws_db_instance.orders}
  # runbook: {path: docs/runbooks/shop.md}  # fill in: drpolicy runbook new shop drafts one
"""
NEXT = (
    "next: name the owner and the objectives in services/shop.yaml; join or split them as your services are\n"
    "next: drpolicy check\n"
    "next: drpolicy baseline create accepts what stands today, so that only what comes after fails the gate\n"
)


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a repository with a production and a staging root, and go there."""
    directory = write(tmp_path / "shop", {"infra/shop/prod/main.tf": DATABASE, "infra/shop/staging/main.tf": DATABASE})
    monkeypatch.chdir(directory)
    return directory


def files(directory: Path) -> dict[str, str]:
    return {path.relative_to(directory).as_posix(): path.read_text() for path in directory.rglob("*") if path.is_file()}


def test_what_a_repository_is_given(shop: Path) -> None:
    made = here("init", *AS_OF)
    assert made.code == 0
    assert made.out.endswith(f"4 files written\n{NEXT}")
    assert (shop / "services" / "shop.yaml").read_text() == SERVICE
    configuration = yaml.safe_load((shop / "drpolicy.yaml").read_text())
    assert configuration == {
        "apiVersion": "drpolicy.dev/v1",
        "kind": "Config",
        "environments": {"production": {"production": True}, "staging": {"production": False}},
        "deployments": [
            {"path": "infra/shop/prod", "environment": "production"},
            {"path": "infra/shop/staging", "environment": "staging"},
        ],
        "waiverLimits": {"critical": "30d", "high": "90d"},
    }
    hooks = yaml.safe_load((shop / ".pre-commit-config.yaml").read_text())
    assert [each["id"] for each in hooks["repos"][0]["hooks"]] == ["drpolicy", "drpolicy-declarations"]
    assert list(yaml.safe_load((shop / ".github/workflows/drpolicy.yml").read_text())["jobs"]) == ["drpolicy"]


def test_the_check_after_it_says_what_to_do_first(shop: Path) -> None:
    here("init", *AS_OF)
    checked = here("check", *AS_OF)
    assert "next: name the owner and the objectives in services/shop.yaml\n" in checked.out
    assert "warning: services/shop.yaml:6:10: nobody answers for the recovery of shop: name its owner\n" in checked.out
    explained = here("explain", "services/shop.yaml:4", *AS_OF)
    assert "FAIL  service-without-objectives  medium  services/shop.yaml:4:18\n" in explained.out
    filled = SERVICE.replace("unassigned", "team-shop").replace("# objectives", "objectives")
    (shop / "services" / "shop.yaml").write_text(filled)
    checked = here("check", *AS_OF)
    assert "nobody answers" not in checked.out
    assert "next: drpolicy explain " in checked.out


def test_a_dry_run_writes_nothing_and_its_diff_is_what_is_written(shop: Path) -> None:
    before = files(shop)
    dry = here("init", "--dry-run", *AS_OF)
    assert files(shop) == before
    assert dry.out.endswith(f"4 files would be written\n{NEXT}")
    patch = dry.out.partition("\n4 files would be written\n")[0] + "\n"
    here("init", *AS_OF)
    written = {name: text for name, text in files(shop).items() if name not in before}
    for name in written:
        (shop / name).unlink()
    done = subprocess.run(["git", "apply", "--unsafe-paths", "-"], input=patch, cwd=shop, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert {name: text for name, text in files(shop).items() if name not in before} == written


def test_a_second_run_finds_nothing_left_to_write(shop: Path) -> None:
    here("init", *AS_OF)
    before = files(shop)
    again = here("init", *AS_OF)
    assert again.out.startswith("0 files written\nnext: drpolicy check\n")
    assert files(shop) == before


def test_what_is_there_stays_as_it_is(shop: Path) -> None:
    kept = {
        "drpolicy.yaml": "apiVersion: drpolicy.dev/v1\nkind: Config\n",
        ".pre-commit-config.yaml": "repos: []\n",
        ".gitlab-ci.yml": "a: {}\n",
    }
    write(shop, {**kept, "services/shop.yaml": "mine: true\n"})
    made = here("init", *AS_OF)
    assert ".pre-commit-config.yaml is there already and stays as it is; it could hold:\n    repos:\n" in made.out
    assert ".gitlab-ci.yml is there already and stays as it is; it could hold:\n    drpolicy:\n" in made.out
    assert "services/shop.yaml is there already" in made.out
    assert {name: text for name, text in files(shop).items() if name in kept} == kept
    assert (shop / "services/shop.yaml").read_text() == "mine: true\n"
    assert not (shop / ".github").exists(), "it is a repository of GitLab"


def test_nothing_is_written_through_a_link_that_leads_out(shop: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (shop / "services").symlink_to(tmp_path / "elsewhere")
    made = here("init", *AS_OF)
    assert (made.code, made.err) == (2, "drpolicy: services/shop.yaml would lie outside the repository\n")
    assert list((tmp_path / "elsewhere").iterdir()) == []
    assert not (shop / "drpolicy.yaml").exists(), "all or nothing"


def test_hostile_names_stay_inside_their_quotes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    directory = write(tmp_path / "x", {'infra/no "way": [#]/main.tf': DATABASE})
    monkeypatch.chdir(directory)
    assert here("init", *AS_OF).code == 0
    assert yaml.safe_load((directory / "drpolicy.yaml").read_text())["deployments"] == [{"path": 'infra/no "way": [#]'}]
    (service,) = (directory / "services").iterdir()
    assert yaml.safe_load(service.read_text())["spec"]["stores"] == [{"ref": 'infra/no "way": [#]//aws_db_instance.orders'}]


def test_the_example_without_its_declarations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    directory = write(tmp_path / "company", {})
    shutil.copytree(BEFORE, directory, dirs_exist_ok=True, ignore=shutil.ignore_patterns("services", "evidence", "drpolicy.yaml"))
    monkeypatch.chdir(directory)
    here("init", *AS_OF)
    assert yaml.safe_load((directory / "drpolicy.yaml").read_text())["clusters"] == [
        {"name": "dr", "region": "ap-northeast-1", "role": "dr", "paths": ["kubernetes/dr/**"]},
        {"name": "primary", "region": "ap-northeast-2", "role": "primary", "paths": ["kubernetes/primary/**"]},
    ]
    assert yaml.safe_load((directory / "services/primary-production.yaml").read_text())["spec"]["stores"] == [
        {"kubernetes": {"cluster": "primary", "namespace": "production"}}
    ]
    assert [each["ref"] for each in yaml.safe_load((directory / "services/company.yaml").read_text())["spec"]["stores"]] == [
        "terraform//aws_db_instance.primary",
        "terraform//aws_db_instance.billing",
        "terraform//aws_db_instance.reporting",
        "terraform//aws_dynamodb_table.orders",
        "terraform//aws_s3_bucket.media",
        "terraform//aws_efs_file_system.uploads",
    ]
    checked = here("check", *AS_OF)
    assert checked.code == 1
    assert "error:" not in checked.out
    assert "store-reference-unresolved" not in checked.out


def test_init_and_declare_draft_the_same_services(shop: Path) -> None:
    tagged = DATABASE.replace("  engine ", '  tags = { Service = "Order Desk", Owner = "team-orders" }\n  engine ')
    assert tagged != DATABASE
    write(shop, {"infra/desk/main.tf": tagged, "infra/desk-archive/main.tf": tagged})
    said = here("declare", *AS_OF)
    drafted = [here("init", "--dry-run", *AS_OF), said]
    assert "\n+++ b/services/order-desk.yaml\n" in drafted[0].out
    documents = list(yaml.safe_load_all(said.out))
    here("init", *AS_OF)
    written = {path.stem: yaml.safe_load(path.read_text()) for path in (shop / "services").iterdir()}
    assert written == {each["metadata"]["name"]: each for each in documents}
    assert {name: each["spec"]["owner"] for name, each in written.items()} == {"order-desk": "team-orders", "shop": "unassigned"}
    assert len(written["order-desk"]["spec"]["stores"]) == 2


def test_a_tag_that_is_on_everything_makes_no_service_of_it_all(shop: Path) -> None:
    tagged = DATABASE.replace("  engine ", '  tags = { Project = "Company" }\n  engine ')
    write(shop, {"infra/desk/main.tf": tagged, "infra/shop/prod/main.tf": tagged})
    here("init", *AS_OF)
    assert sorted(path.stem for path in (shop / "services").iterdir()) == ["desk", "shop"]


WITH_VARIABLES = """\
variable "zones" {
  type    = bool
  default = false
}

variable "made" {
  type    = number
  default = 0
}

provider "aws" {
  region = "ap-northeast-2"
}

resource "aws_db_instance" "orders" {
  count                   = var.made
  identifier              = "orders"
  engine                  = "postgres"
  multi_az                = var.zones
  backup_retention_period = 14
}
"""


def test_the_var_files_of_production_are_drafted_and_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    directory = write(
        tmp_path / "company",
        {
            "terraform/deployments/orders/main.tf": WITH_VARIABLES,
            "terraform/deployments/other/main.tf": WITH_VARIABLES,
            "terraform/variables/production/common.tfvars": "made = 1\n",
            "terraform/variables/production/orders.tfvars": "zones = true\n",
            "terraform/variables/staging/common.tfvars": "made = 1\n",
            "terraform/variables/staging/orders.tfvars": "zones = false\n",
        },
    )
    monkeypatch.chdir(directory)
    assert " 0 stores," in here("check", *AS_OF).out
    made = here("init", *AS_OF)
    said = (
        "2 deployments with the var-files of production in terraform/variables/production; "
        "a deployment can be listed again, with a name, for staging"
    )
    assert f"assumed: {said}\n" in made.out
    text = (directory / "drpolicy.yaml").read_text()
    assert f"  # assumed from the names of files: {said}\n" in text
    configuration = yaml.safe_load(text)
    variables = "terraform/variables/production"
    assert configuration["deployments"] == [
        {
            "path": "terraform/deployments/orders",
            "environment": "production",
            "varFiles": [f"{variables}/common.tfvars", f"{variables}/orders.tfvars"],
        },
        {"path": "terraform/deployments/other", "environment": "production", "varFiles": [f"{variables}/common.tfvars"]},
    ]
    assert configuration["environments"] == {"production": {"production": True}}
    checked = here("check", *AS_OF)
    assert " 2 stores," in checked.out
    assert "error:" not in checked.out
    assert sorted(path.stem for path in (directory / "services").iterdir()) == ["orders", "other"]


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (("app/prod.tfvars",), [("app", ["app/prod.tfvars"])]),
        (("app/envs/prod/terraform.tfvars", "app/envs/dev/terraform.tfvars"), [("app", ["app/envs/prod/terraform.tfvars"])]),
        (("envs/production.tfvars", "envs/staging.tfvars"), [("app", ["envs/production.tfvars"])]),
        (("common.tfvars", "vars/app-prod.tfvars"), [("app", ["common.tfvars", "vars/app-prod.tfvars"])]),
        (("vars/app/prod.tfvars",), [("app", ["vars/app/prod.tfvars"])]),
        (("app/prod-seoul.tfvars", "app/prod-tokyo.tfvars"), []),
        (("app/prod-eu.tfvars", "app/prod-us.tfvars"), [("app", ["app/prod-eu.tfvars"]), ("app", ["app/prod-us.tfvars"])]),
        (("app/terraform.tfvars",), []),
        (("vars/other.tfvars", "vars/other-prod.tfvars", "other/prod.tfvars"), []),
        (("envs/staging.tfvars",), []),
        (("app/example.tfvars", "examples/prod.tfvars"), []),
    ],
)
def test_layouts_of_var_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: tuple[str, ...], expected: list[tuple[str, list[str]]]
) -> None:
    root = WITH_VARIABLES.replace("default = 0", "default = 1")
    texts: dict[str, str | bytes] = {"app/main.tf": root, **dict.fromkeys(files, "made = 1\n")}
    directory = write(tmp_path / "company", texts)
    monkeypatch.chdir(directory)
    here("init", *AS_OF)
    deployments = yaml.safe_load((directory / "drpolicy.yaml").read_text())["deployments"]
    assert [(each["path"], each["varFiles"]) for each in deployments if "varFiles" in each] == expected


def test_deployments_that_var_files_imply_keep_their_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = 'variable "region" {\n  type = string\n}\n' + DATABASE.replace('"ap-northeast-2"', "var.region")
    sets: dict[str, str | bytes] = {"app/prod.tfvars": 'region = "eu-west-1"\n', "app/staging.tfvars": 'region = "eu-west-1"\n'}
    directory = write(tmp_path / "company", {"app/main.tf": root, **sets})
    monkeypatch.chdir(directory)
    here("init", *AS_OF)
    assert yaml.safe_load((directory / "drpolicy.yaml").read_text())["deployments"] == [
        {"path": "app", "name": "app@prod", "environment": "production", "varFiles": ["app/prod.tfvars"]},
        {"path": "app", "name": "app@staging", "environment": "staging", "varFiles": ["app/staging.tfvars"]},
    ]
    assert "error:" not in here("check", *AS_OF).out


def test_what_an_operator_makes_is_named_after_its_object(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database = "apiVersion: postgresql.cnpg.io/v1\nkind: Cluster\nmetadata: {name: NAME, namespace: desk}\nspec: {storage: {size: 1Gi}}\n"
    objects = "---\n".join(database.replace("NAME", name) for name in ("orders", "cluster"))
    directory = write(tmp_path / "company", {"clusters/prod/databases.yaml": objects, "clusters/prod/main.tf": DATABASE})
    monkeypatch.chdir(directory)
    here("init", *AS_OF)
    written = {path.stem: path.read_text() for path in (directory / "services").iterdir()}
    assert sorted(written) == ["clusters", "desk-cluster", "orders"]
    assert "  stores:  # what Cluster/desk/orders holds on cluster " in written["orders"]
    assert "  stores:  # what clusters/prod makes, as far as it holds data of record\n" in written["clusters"]
