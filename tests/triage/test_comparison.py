"""check --diff on repositories of git: what a change brings counts, what stood before does not."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from drpolicy.app.check import check
from drpolicy.app.comparing import NoSuchRevision
from drpolicy.app.settings import Settings
from drpolicy.model.report import Change, Comparison, Report

sys.setrecursionlimit(20_000)  # what the command line runs with

AS_OF = date(2026, 11, 1)
PROVIDER = 'provider "aws" {\n  region = "eu-west-1"\n}\n\n'
POLICY = "database-without-backup"
CRITICAL = (
    "apiVersion: drpolicy.dev/v1\nkind: Service\nmetadata: {name: shop}\n"
    "spec:\n  owner: t\n  tier: critical\n  stores:\n    - {ref: aws_db_instance.d}\n"
)
MODULE = 'module "shop" {\n  source = "acme/shop/aws"\n  store  = aws_db_instance.d.arn\n}\n'


def database(name: str, retention: str) -> str:
    return f'resource "aws_db_instance" "{name}" {{\n  identifier              = "{name}"\n  backup_retention_period = {retention}\n}}\n'


def git(root: Path, *arguments: str) -> None:
    who = {f"GIT_{role}_{part}": "t@example.com" for role in ("AUTHOR", "COMMITTER") for part in ("NAME", "EMAIL")}
    env = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")} | who
    env |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    subprocess.run(["git", *arguments], cwd=root, env=env, check=True, capture_output=True)


def save(root: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    return tmp_path


def committed(root: Path, files: Mapping[str, str]) -> None:
    save(root, files)
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--allow-empty", "--message", "m")


def compared(root: Path, base: str = "main") -> Report:
    return check(Settings((root,), root, AS_OF, diff=base))


def said(changes: tuple[Change, ...], policy: str = POLICY) -> list[tuple[str, str]]:
    return [(each.finding.subject.address, each.why) for each in changes if each.finding.policy == policy]


def comparison(report: Report) -> Comparison:
    assert report.comparison is not None
    return report.comparison


def test_what_stood_before_does_not_count(root: Path) -> None:
    committed(root, {"main.tf": PROVIDER + database("d", "0"), "service.yaml": CRITICAL})
    assert check(Settings((root,), root, AS_OF)).gate.outcome == "failed"
    report = compared(root)
    found = comparison(report)
    assert (found.worse, found.better, found.undecided) == ((), (), ())
    assert (report.gate.outcome, report.gate.reasons) == ("passed", ())


def test_a_setting_that_is_switched_off_is_worse(root: Path) -> None:
    committed(root, {"main.tf": PROVIDER + database("d", "14") + database("e", "0"), "service.yaml": CRITICAL})
    save(root, {"main.tf": "# moved down\n\n" + PROVIDER + database("d", "0") + database("e", "0")})
    report = compared(root)
    assert said(comparison(report).worse) == [("aws_db_instance.d", "it passed")]
    assert report.gate.outcome == "failed"
    assert report.gate.reasons[0].endswith(" of severity high or worse that this change brings, the worst critical")


def test_a_new_store_is_worse_and_a_repaired_one_better(root: Path) -> None:
    committed(root, {"main.tf": PROVIDER + database("d", "0") + database("gone", "0")})
    save(root, {"main.tf": PROVIDER + database("d", "14") + database("new", "0")})
    found = comparison(compared(root))
    assert said(found.worse) == [("aws_db_instance.new", "it is new")]
    assert said(found.better) == [("aws_db_instance.d", "it failed"), ("aws_db_instance.gone", "aws_db_instance.gone is gone")]


def test_more_at_stake_is_worse(root: Path) -> None:
    committed(root, {"main.tf": PROVIDER + database("d", "0")})
    save(root, {"service.yaml": CRITICAL})
    report = compared(root)
    assert said(comparison(report).worse) == [("aws_db_instance.d", "it was low")]
    assert report.gate.outcome == "failed"


def test_a_waiver_that_is_taken_away_is_worse(root: Path) -> None:
    waiver = f'# drpolicy: ignore[{POLICY}] until=2027-03-31 reason="r"\n'
    committed(root, {"main.tf": PROVIDER + waiver + database("d", "0")})
    save(root, {"main.tf": PROVIDER + database("d", "0")})
    assert said(comparison(compared(root)).worse) == [("aws_db_instance.d", "it is no longer accepted")]


@pytest.mark.parametrize(("service", "outcome"), [(CRITICAL, "failed"), (CRITICAL.replace("critical", "standard"), "passed")])
def test_a_critical_store_that_cannot_be_decided_any_more_fails(root: Path, service: str, outcome: str) -> None:
    committed(root, {"main.tf": PROVIDER + 'variable "days" {}\n' + database("d", "14"), "service.yaml": service})
    save(root, {"main.tf": PROVIDER + 'variable "days" {}\n' + database("d", "var.days")})
    report = compared(root)
    assert said(comparison(report).undecided) == [("aws_db_instance.d", "it passed")]
    assert report.gate.outcome == outcome


def test_a_failure_that_becomes_undecided_is_no_worse(root: Path) -> None:
    committed(root, {"main.tf": PROVIDER + 'variable "days" {}\n' + database("d", "0"), "service.yaml": CRITICAL})
    save(root, {"main.tf": PROVIDER + 'variable "days" {}\n' + database("d", "var.days")})
    report = compared(root)
    assert said(comparison(report).undecided) == [("aws_db_instance.d", "it failed")]
    assert report.gate.outcome == "passed"


def test_the_other_branch_going_on_is_no_change_of_ours(root: Path) -> None:
    committed(root, {"main.tf": PROVIDER + database("d", "0")})
    git(root, "checkout", "--quiet", "-b", "ours")
    committed(root, {"notes.md": "ours\n"})
    git(root, "checkout", "--quiet", "main")
    committed(root, {"main.tf": PROVIDER + database("d", "14")})
    git(root, "checkout", "--quiet", "ours")
    found = comparison(compared(root, "main"))
    assert (found.worse, found.better, found.undecided) == ((), (), ())


def test_modules_on_disk_stand_on_both_sides(root: Path) -> None:
    committed(root, {"main.tf": PROVIDER + database("d", "7") + MODULE, ".gitignore": ".terraform\n", "service.yaml": CRITICAL})
    listing = '{"Modules": [{"Key": "shop", "Source": "acme/shop/aws", "Dir": ".terraform/modules/shop"}]}'
    save(root, {".terraform/modules/modules.json": listing, ".terraform/modules/shop/main.tf": 'variable "store" {}\n'})
    found = comparison(compared(root))
    assert (found.worse, found.better, found.undecided) == ((), (), ())


def test_a_name_given_in_the_configuration_makes_nothing_new(root: Path) -> None:
    committed(root, {"envs/prod/main.tf": PROVIDER + database("d", "0")})
    config = "apiVersion: drpolicy.dev/v1\nkind: Config\ndeployments:\n  - {path: envs/prod, name: prod}\n"
    save(root, {"drpolicy.yaml": config})
    report = compared(root)
    assert (comparison(report).worse, comparison(report).better) == ((), ())
    assert {each.subject.deployment for each in report.findings if each.policy == POLICY} == {"prod"}


def test_the_services_as_they_were(root: Path) -> None:
    service = CRITICAL.replace("  stores:", "  objectives: {all: {rto: 4h, rpo: 1h}}\n  stores:")
    committed(root, {"main.tf": PROVIDER + database("d", "14"), "service.yaml": service})
    save(root, {"main.tf": PROVIDER + database("d", "0")})
    report = compared(root)
    (before,), (now,) = comparison(report).services, report.services
    rpo = {each.disruption: (str(each.rpo), str(other.rpo)) for each, other in zip(before.targets, now.targets, strict=True)}
    assert rpo["corruption"] == ("5m", "nothing recoverable")


def test_a_revision_that_is_not_there(root: Path) -> None:
    committed(root, {"main.tf": PROVIDER})
    with pytest.raises(NoSuchRevision, match="git knows no revision 'elsewhere'"):
        compared(root, "elsewhere")
    with pytest.raises(NoSuchRevision, match="git knows no revision '--all'"):
        compared(root, "--all")


def test_the_work_tree_is_left_alone(root: Path) -> None:
    committed(root, {"main.tf": PROVIDER + database("d", "14")})
    save(root, {"main.tf": PROVIDER + database("d", "0")})
    before = {path: path.stat().st_mtime_ns for path in root.rglob("*")}
    compared(root)
    assert {path: path.stat().st_mtime_ns for path in root.rglob("*")} == before


def test_a_file_that_cannot_be_read_at_the_base_is_said(root: Path) -> None:
    (root / "other.tf").write_bytes(b"\xff\x00")
    committed(root, {"main.tf": PROVIDER + database("d", "14")})
    save(root, {"other.tf": PROVIDER.replace("aws", "null")})
    report = compared(root)
    (told,) = [each for each in report.diagnostics if each.code == "base-incomplete"]
    assert (told.level, told.path, told.effect) == ("warning", "other.tf", "none")
