"""A Terragrunt repository judged whole: its findings know the regions that generated providers bring, and point at the configuration."""

from __future__ import annotations

from pathlib import Path

from repositories import AS_OF

from drpolicy.app.check import assemble
from drpolicy.app.reading import read_tree
from drpolicy.app.settings import Settings
from drpolicy.model.findings import Finding, Verdict
from drpolicy.model.report import Report
from drpolicy.sources.trees import MemoryTree

FILES = {
    "root.hcl": """locals {
  region = read_terragrunt_config(find_in_parent_folders("region.hcl"))
}

generate "provider" {
  path     = "provider.tf"
  contents = <<EOF
provider "aws" {
  region = "${local.region.locals.aws_region}"
}

provider "aws" {
  alias  = "dr"
  region = "${local.region.locals.dr_region}"
}
EOF
}
""",
    "prod/eu-west-1/region.hcl": 'locals {\n  aws_region = "eu-west-1"\n  dr_region  = "eu-west-1"\n}\n',
    "prod/eu-west-1/database/terragrunt.hcl": """include "root" {
  path = find_in_parent_folders("root.hcl")
}

# drpolicy: ignore[no-service-declared] until=2027-03-31 reason="declared next month" owner=team-orders
terraform {
  source = "../../../modules/database"
}

inputs = {
  retention = 0
}
""",
    "modules/database/main.tf": """variable "retention" {
  type = number
}

resource "aws_db_instance" "main" {
  identifier              = "orders"
  backup_retention_period = var.retention
}

resource "aws_s3_bucket" "copies" {
  provider = aws.dr
  bucket   = "copies"
}
""",
}
UNIT = "prod/eu-west-1/database"


def judged(files: dict[str, str]) -> Report:
    return assemble(Settings((Path(),), Path(), AS_OF), read_tree(MemoryTree(files)))


def failed(report: Report, policy: str) -> list[Finding]:
    return [each for each in report.findings if each.policy == policy and each.verdict is Verdict.FAIL]


def test_a_repository_of_units_is_judged() -> None:
    report = judged(FILES)
    assert [(each.name, each.regions, each.library) for each in report.coverage.deployments] == [(UNIT, ("eu-west-1",), False)]
    assert {kind: report.coverage.files[kind] for kind in ("terraform", "terragrunt", "not_read")} == {
        "terraform": 1,
        "terragrunt": 3,
        "not_read": 0,
    }
    (alias,) = failed(report, "dr-alias-same-region")
    assert (alias.severity, str(alias.span)) == ("high", "root.hcl:14:15")
    (backup,) = failed(report, "database-without-backup")
    assert (backup.subject.deployment, backup.subject.address) == (UNIT, "aws_db_instance.main")
    assert "prod/eu-west-1/database/terragrunt.hcl:11:15" in {str(each.span) for each in backup.evidence}


def test_a_second_region_settles_the_finding() -> None:
    region = 'locals {\n  aws_region = "eu-west-1"\n  dr_region  = "eu-central-1"\n}\n'
    report = judged({**FILES, "prod/eu-west-1/region.hcl": region})
    assert failed(report, "dr-alias-same-region") == []
    assert report.coverage.deployments[0].regions == ("eu-central-1", "eu-west-1")


def test_a_waiver_in_a_unit_is_read() -> None:
    report = judged(FILES)
    waived = [each for each in report.findings if each.policy == "no-service-declared" and each.waiver is not None]
    assert [str(each.span) for each in waived] == ["prod/eu-west-1/database/terragrunt.hcl:6:1"]


def test_units_that_no_one_can_read_are_coverage() -> None:
    unit = 'terraform {\n  source = "git::https://example.com/modules.git//database?ref=v1"\n}\n'
    report = judged({"live/terragrunt.hcl": unit, "stack/terragrunt.stack.hcl": ""})
    assert report.coverage.modules["unresolved"] == ("live:terraform.source (git::https://example.com/modules.git//database?ref=v1)",)
    assert [(each.level, each.code, each.effect) for each in report.diagnostics] == [("warning", "terragrunt-stack", "none")]
