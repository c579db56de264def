"""A registry module by its documented interface: the verdicts of the module on disk, at the caller's lines."""

from __future__ import annotations

import json
from pathlib import Path

from drpolicy.model.findings import Finding, Verdict
from drpolicy.model.report import Report
from drpolicy.reporters.html import render as html
from drpolicy.reporters.sentences import not_covered
from tests.app.repositories import PROVIDER, checked, repository, said, verdict

CALL = """module "db" {
  source  = "terraform-aws-modules/rds/aws"
  version = "~> 6.1"

  identifier              = "orders"
  engine                  = "postgres"
  backup_retention_period = 0
  skip_final_snapshot     = true
}
"""
ADDRESS = "module.db.module.db_instance.aws_db_instance.this[0]"
# A miniature of the module, as terraform init would leave it: the same addresses and, where it matters, the same arguments.
ON_DISK = {
    ".terraform/modules/modules.json": json.dumps({"Modules": [{"Key": "db", "Dir": ".terraform/modules/db"}]}),
    ".terraform/modules/db/main.tf": """variable "identifier" {}
variable "engine" {}
variable "backup_retention_period" {
  type    = number
  default = null
}
variable "skip_final_snapshot" {
  type    = bool
  default = false
}
module "db_instance" {
  source                  = "./modules/db_instance"
  identifier              = var.identifier
  engine                  = var.engine
  backup_retention_period = var.backup_retention_period
  skip_final_snapshot     = var.skip_final_snapshot
}
""",
    ".terraform/modules/db/modules/db_instance/main.tf": """variable "identifier" {}
variable "engine" {}
variable "backup_retention_period" {}
variable "skip_final_snapshot" {}
resource "aws_db_instance" "this" {
  count                    = 1
  identifier               = var.identifier
  engine                   = var.engine
  backup_retention_period  = var.backup_retention_period
  skip_final_snapshot      = var.skip_final_snapshot
  multi_az                 = false
  deletion_protection      = false
  delete_automated_backups = true
  storage_encrypted        = true
  tags                     = {}
}
""",
}


def judged(report: Report) -> dict[tuple[str, str], tuple[str, Verdict, str]]:
    return {(each.policy, each.subject.address): (each.fingerprint, each.verdict, each.severity) for each in report.findings}


def finding(report: Report, policy: str) -> Finding:
    (found,) = [each for each in report.findings if each.policy == policy and each.subject.address == ADDRESS]
    return found


def test_verdicts_do_not_flip_because_init_ran(tmp_path: Path) -> None:
    described = checked(repository(tmp_path / "before", {"main.tf": PROVIDER + CALL}))
    on_disk = checked(repository(tmp_path / "after", {"main.tf": PROVIDER + CALL, **ON_DISK}))
    assert judged(described) == judged(on_disk)
    assert verdict(described, "database-without-backup", ADDRESS) is Verdict.FAIL
    assert described.coverage.modules["stubbed"] == ("root:module.db (terraform-aws-modules/rds/aws)",)
    assert on_disk.coverage.modules["stubbed"] == ()


def test_findings_are_at_the_call_and_name_the_interface(tmp_path: Path) -> None:
    report = checked(repository(tmp_path, {"main.tf": PROVIDER + CALL}))
    given = finding(report, "database-without-backup")
    assert (str(given.span), given.span.text) == ("main.tf:11:29", "0")
    assert [(each.text, str(each.span)) for each in given.evidence if each.span is not None][-1] == (
        "made by module.db, called here, and known by the documented interface of terraform-aws-modules/rds/aws >= 5.0.0, < 8.0.0",
        "main.tf:5:1",
    )
    # Nothing is written of it, so it points at the header of the call.
    assert str(finding(report, "store-unguarded").span) == "main.tf:5:1"
    places = {each.span.path for each in report.findings} | {
        evidence.span.path for each in report.findings for evidence in each.evidence if evidence.span is not None
    }
    assert places == {"main.tf"}


def test_a_waiver_at_the_module_block_holds(tmp_path: Path) -> None:
    waiver = '# drpolicy: ignore[database-without-backup] until=2027-03-31 reason="scratch data, rebuilt nightly"\n'
    report = checked(repository(tmp_path, {"main.tf": PROVIDER + waiver + CALL}))
    assert finding(report, "database-without-backup").waiver is not None
    assert finding(report, "store-unguarded").waiver is None


def test_git_sources_of_a_module_are_the_same_module(tmp_path: Path) -> None:
    sources = (
        "git::https://github.com/terraform-aws-modules/terraform-aws-rds.git?ref=v6.1.0",
        "github.com/terraform-aws-modules/terraform-aws-rds?ref=v6.1.0",
        "git@github.com:terraform-aws-modules/terraform-aws-rds.git?ref=v6.1.0",
    )
    for at, source in enumerate(sources):
        text = CALL.replace('"terraform-aws-modules/rds/aws"\n  version = "~> 6.1"', f'"{source}"')
        report = checked(repository(tmp_path / str(at), {"main.tf": PROVIDER + text}))
        assert verdict(report, "database-without-backup", ADDRESS) is Verdict.FAIL


def test_an_input_that_is_not_known_leaves_protections_open(tmp_path: Path) -> None:
    text = CALL.replace("  backup_retention_period = 0\n", "  backup_retention_period = 7\n  cross_region_copies = true\n")
    report = checked(repository(tmp_path, {"main.tf": PROVIDER + text}))
    found = finding(report, "no-copy-outside-region")
    assert found.verdict is Verdict.UNKNOWN
    assert [each.what for each in found.unknowns] == ["root:module.db.cross_region_copies"]
    assert said(report) == [
        "main.tf:12:25: module 'db' is given 'cross_region_copies', which the documented interface of "
        "terraform-aws-modules/rds/aws does not have [none]"
    ]


def test_a_call_without_a_version_is_named_with_the_reason(tmp_path: Path) -> None:
    report = checked(repository(tmp_path, {"main.tf": PROVIDER + CALL.replace('  version = "~> 6.1"\n', "")}))
    assert report.coverage.modules["unresolved"] == ("root:module.db (terraform-aws-modules/rds/aws)",)
    assert said(report) == [
        "main.tf:5:1: module 'db' (terraform-aws-modules/rds/aws) is not on disk, and its interface is known for >= 5.0.0, < 8.0.0; "
        "no version is asked for [none]"
    ]


def test_reports_say_that_a_module_is_read_from_its_interface(tmp_path: Path) -> None:
    report = checked(repository(tmp_path, {"main.tf": PROVIDER + CALL}))
    assert not_covered(report)[0] == "1 module read from its documented interface (terraform-aws-modules/rds/aws)"
    assert "<h3>Modules read from their documented interface</h3>" in html(report).decode()
