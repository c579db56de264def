"""Verdicts that hang on values written somewhere else: what scanners of Terraform were reported to get wrong, one test a report."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from repositories import AS_OF, repository

from drpolicy.app.check import check
from drpolicy.app.settings import Settings
from drpolicy.model.findings import Finding, Verdict
from drpolicy.model.report import Report

PASS, FAIL, UNKNOWN = Verdict.PASS, Verdict.FAIL, Verdict.UNKNOWN
WITHOUT = "database-without-backup"
PROVIDER = 'provider "aws" {\n  region = "eu-west-1"\n}\n'


def database(retention: str, name: str = "orders", more: str = "") -> str:
    return f'resource "aws_db_instance" "{name}" {{\n  identifier = "{name}"\n  backup_retention_period = {retention}\n{more}}}\n'


def run(directory: Path, files: Mapping[str, str], only: str = "", **settings: object) -> Report:
    repository(directory, files)
    return check(Settings((directory / only,), directory, AS_OF, **settings))  # type: ignore[arg-type] # fields of Settings


def of(report: Report, policy: str) -> dict[str, Finding]:
    return {each.subject.name: each for each in report.findings if each.policy == policy}


def verdicts(report: Report, policy: str = WITHOUT) -> dict[str, Verdict]:
    return {name: each.verdict for name, each in of(report, policy).items()}


@pytest.mark.parametrize(("default", "verdict"), [("7", PASS), ("0", FAIL)])
def test_a_default_in_another_file_counts(tmp_path: Path, default: str, verdict: Verdict) -> None:
    """https://github.com/bridgecrewio/checkov/issues/3517 and https://github.com/bridgecrewio/checkov/issues/3515.

    A hook that passes single files loses it; here a single file is refused, and its directory is read whole.
    """
    files = {"main.tf": PROVIDER + database("var.days"), "variables.tf": f'variable "days" {{\n  default = {default}\n}}\n'}
    assert verdicts(run(tmp_path, files)) == {"aws_db_instance.orders": verdict}


def test_what_could_not_be_decided_is_said_with_its_cause(tmp_path: Path) -> None:
    """https://github.com/bridgecrewio/checkov/issues/1849: the user is never told."""
    report = run(tmp_path, {"main.tf": PROVIDER + 'variable "days" {}\n' + database("var.days")})
    (finding,) = of(report, WITHOUT).values()
    assert finding.verdict is UNKNOWN
    assert [(each.what, str(each.span)) for each in finding.unknowns] == [("root:var.days", "main.tf:4:1")]


@pytest.mark.parametrize(
    "spelled", ['variable "days" {\n  default = null\n}\n', 'variable "days" {\n  type = number\n  default = null\n}\n']
)
def test_a_default_of_null_is_not_set(tmp_path: Path, spelled: str) -> None:
    """https://github.com/bridgecrewio/checkov/issues/651: null taken for a value passes."""
    assert verdicts(run(tmp_path, {"main.tf": PROVIDER + spelled + database("var.days")})) == {"aws_db_instance.orders": FAIL}


@pytest.mark.parametrize(("production", "verdict"), [("true", PASS), ("false", FAIL)])
def test_a_conditional_over_defaults_is_decided(tmp_path: Path, production: str, verdict: Verdict) -> None:
    """https://github.com/bridgecrewio/checkov/issues/3709: a ternary over two defaults is not folded."""
    text = f'variable "production" {{\n  default = {production}\n}}\nvariable "days" {{\n  default = 30\n}}\n'
    found = verdicts(run(tmp_path, {"main.tf": PROVIDER + text + database("var.production ? var.days : 0")}))
    assert found == {"aws_db_instance.orders": verdict}


def test_an_optional_attribute_has_its_default(tmp_path: Path) -> None:
    """https://github.com/bridgecrewio/checkov/issues/5764: ``optional(…, default)`` of an object is not applied."""
    text = """
variable "databases" {
  type = map(object({ backup = optional(object({ days = optional(number, 14) }), {}) }))
  default = {
    kept = {}
    lost = { backup = { days = 0 } }
  }
}
resource "aws_db_instance" "all" {
  for_each                = var.databases
  identifier              = each.key
  backup_retention_period = each.value.backup.days
}
"""
    assert verdicts(run(tmp_path, {"main.tf": PROVIDER + text})) == {
        'aws_db_instance.all["kept"]': PASS,
        'aws_db_instance.all["lost"]': FAIL,
    }


def test_what_a_count_of_zero_does_not_make_is_not_judged(tmp_path: Path) -> None:
    """https://github.com/bridgecrewio/checkov/issues/1078: an absent resource is flagged."""
    text = 'variable "on" {\n  default = false\n}\n' + database("0", more="  count = var.on ? 1 : 0\n")
    assert verdicts(run(tmp_path, {"main.tf": PROVIDER + text})) == {}


MODULE = 'variable "days" {}\nvariable "name" {\n  default = "orders"\n}\n' + (
    'resource "aws_db_instance" "this" {\n  identifier = var.name\n  backup_retention_period = var.days\n}\n'
)


def test_a_value_that_the_caller_supplies_is_the_value(tmp_path: Path) -> None:
    """https://github.com/bridgecrewio/checkov/issues/5824: a module's variable without a default fails whatever the caller passes."""
    files = {"main.tf": PROVIDER + 'module "db" {\n  source = "./db"\n  days   = 7\n}\n', "db/main.tf": MODULE}
    assert verdicts(run(tmp_path, files)) == {"module.db.aws_db_instance.this": PASS}


def test_each_call_of_a_module_has_its_own_values(tmp_path: Path) -> None:
    """https://github.com/aquasecurity/trivy/issues/10926: siblings are evaluated with defaults, depending on what else is unknown."""
    calls = "".join(
        f'module "{name}" {{\n  source = "./db"\n  name   = "{name}"\n  days   = {days}\n}}\n' for name, days in (("a", 7), ("b", 0))
    )
    secret = 'resource "random_password" "p" {\n}\nmodule "c" {\n  source = "./db"\n  name   = random_password.p.result\n  days   = 7\n}\n'
    expected = {"module.a.aws_db_instance.this": PASS, "module.b.aws_db_instance.this": FAIL}
    files = {"main.tf": PROVIDER + calls, "db/main.tf": MODULE}
    assert verdicts(run(tmp_path / "one", files)) == expected
    assert verdicts(run(tmp_path / "two", {**files, "main.tf": PROVIDER + calls + secret})) == {
        **expected,
        "module.c.aws_db_instance.this": PASS,
    }


def test_instances_of_an_unknown_for_each_do_not_vanish(tmp_path: Path) -> None:
    """https://github.com/aquasecurity/trivy/issues/7099: silence misleads."""
    text = 'variable "names" {\n  type = set(string)\n}\n' + database("0", more="  for_each = var.names\n")
    report = run(tmp_path, {"main.tf": PROVIDER + text})
    assert verdicts(report) == {"aws_db_instance.orders[*]": UNKNOWN}
    assert [each.what for each in of(report, WITHOUT)["aws_db_instance.orders[*]"].unknowns] == ["root:var.names"]


def test_what_a_data_source_answers_is_neither_pass_nor_fail(tmp_path: Path) -> None:
    """https://github.com/aquasecurity/trivy/issues/8485: a value that cannot be resolved is taken for a bad one."""
    text = 'data "aws_ssm_parameter" "days" {\n  name = "/days"\n}\n' + database("data.aws_ssm_parameter.days.value")
    assert verdicts(run(tmp_path, {"main.tf": PROVIDER + text})) == {"aws_db_instance.orders": UNKNOWN}


@pytest.mark.parametrize(
    ("blocks", "verdict"), [("[{ on = true }]", PASS), ("[{ on = false }]", FAIL), ("[]", FAIL), ("var.unset", UNKNOWN)]
)
def test_a_dynamic_block_is_the_block_it_makes(tmp_path: Path, blocks: str, verdict: Verdict) -> None:
    """https://github.com/aquasecurity/trivy/issues/5902: dynamic blocks are missed."""
    text = f"""
variable "unset" {{}}
locals {{
  recovery = {blocks}
}}
resource "aws_dynamodb_table" "carts" {{
  name = "carts"
  dynamic "point_in_time_recovery" {{
    for_each = local.recovery
    content {{
      enabled = point_in_time_recovery.value.on
    }}
  }}
}}
"""
    assert verdicts(run(tmp_path, {"main.tf": PROVIDER + text}), "table-without-backup") == {"aws_dynamodb_table.carts": verdict}


def test_a_retention_from_a_var_file_counts(tmp_path: Path) -> None:
    """https://github.com/Checkmarx/kics/issues/4153 and https://github.com/Checkmarx/kics/issues/2226: variables are ignored."""
    main = PROVIDER + 'variable "days" {}\n' + database("var.days")
    assert verdicts(run(tmp_path / "auto", {"main.tf": main, "prod.auto.tfvars": "days = 7\n"})) == {"aws_db_instance.orders": PASS}
    assert verdicts(run(tmp_path / "json", {"main.tf": main, "terraform.tfvars.json": '{"days": 0}'})) == {"aws_db_instance.orders": FAIL}
    given = tmp_path / "given"
    assert verdicts(run(given, {"main.tf": main, "prod.tfvars": "days = 7\n"}, var_files=(given / "prod.tfvars",))) == {
        "aws_db_instance.orders": PASS
    }


def test_a_module_of_ones_own_needs_no_map(tmp_path: Path) -> None:
    """https://github.com/Checkmarx/kics/issues/5502: modules are judged by hand-kept lists of their inputs."""
    files = {
        "live/main.tf": PROVIDER + 'module "stack" {\n  source    = "../modules/stack"\n  retention = { database = 0 }\n}\n',
        "modules/stack/main.tf": 'variable "retention" {}\nmodule "db" {\n  source = "../db"\n  days   = var.retention.database\n}\n',
        "modules/db/main.tf": MODULE,
    }
    report = run(tmp_path, files, "live")
    assert verdicts(report) == {"module.stack.module.db.aws_db_instance.this": FAIL}
    (finding,) = of(report, WITHOUT).values()
    places = {str(each.span) for each in finding.evidence}
    assert "live/main.tf:6:28" in places, places


PLAN = """
resource "aws_backup_vault" "main" {
  name = "main"
}
resource "aws_backup_plan" "main" {
  name = "main"
  rule {
    rule_name         = "nightly"
    target_vault_name = aws_backup_vault.main.name
    schedule          = "cron(0 3 * * ? *)"
  }
}
resource "aws_backup_selection" "main" {
  name         = "main"
  plan_id      = aws_backup_plan.main.id
  iam_role_arn = "arn:aws:iam::111122223333:role/backup"
  resources    = [for database in aws_db_instance.orders : database.arn]
}
"""


def test_what_is_known_after_apply_is_still_a_link(tmp_path: Path) -> None:
    """https://github.com/bridgecrewio/checkov/issues/5752 and https://github.com/bridgecrewio/checkov/issues/3138.

    The plan's id and the databases' ARNs are made by AWS; which plan and which databases they are is certain.
    """
    text = database("0", more='  for_each = toset(["a", "b"])\n').replace('identifier = "orders"', "identifier = each.key") + PLAN
    assert verdicts(run(tmp_path, {"main.tf": PROVIDER + text})) == {
        'aws_db_instance.orders["a"]': PASS,
        'aws_db_instance.orders["b"]': PASS,
    }


BUCKET = 'resource "aws_s3_bucket" "%s" {\n  bucket = "%s"\n%s}\n'
VERSIONING = """variable "bucket" {}
resource "aws_s3_bucket_versioning" "this" {
  bucket = var.bucket
  versioning_configuration {
    status = "Enabled"
  }
}
"""


def test_resources_in_modules_are_connected(tmp_path: Path) -> None:
    """https://github.com/bridgecrewio/checkov/issues/6204: connections end at the border of a module."""
    calls = 'module "v" {\n  source = "./versioning"\n  bucket = module.b.id\n}\nmodule "b" {\n  source = "./bucket"\n}\n'
    files = {
        "main.tf": PROVIDER + calls,
        "bucket/main.tf": BUCKET % ("this", "data", "") + 'output "id" {\n  value = aws_s3_bucket.this.id\n}\n',
        "versioning/main.tf": VERSIONING,
    }
    assert verdicts(run(tmp_path, files), "bucket-without-history") == {"module.b.aws_s3_bucket.this": PASS}


@pytest.mark.parametrize(
    "reference",
    [
        'aws_s3_bucket.all["a"].id',
        "aws_s3_bucket.all[local.which].bucket",
        "local.ids.a",
        'one([for k, b in aws_s3_bucket.all : b.id if k == "a"])',
    ],
)
def test_a_dynamic_reference_is_followed(tmp_path: Path, reference: str) -> None:
    """https://github.com/bridgecrewio/checkov/issues/3919: the edge is missed when the reference is dynamic."""
    table = BUCKET % ("all", "data-${each.key}", '  for_each = toset(["a", "b"])\n')
    text = table + 'locals {\n  which = "a"\n  ids   = { for k, b in aws_s3_bucket.all : k => b.id }\n}\n'
    versioning = VERSIONING.replace('variable "bucket" {}\n', "").replace("var.bucket", reference)
    assert verdicts(run(tmp_path, {"main.tf": PROVIDER + text + versioning}), "bucket-without-history") == {
        'aws_s3_bucket.all["a"]': PASS,
        'aws_s3_bucket.all["b"]': FAIL,
    }
