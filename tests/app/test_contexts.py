"""One repository's plans seen from another: ``drpolicy export`` there, ``--context`` here."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from drpolicy.app.check import assemble, estate_of
from drpolicy.app.reading import Read, read
from drpolicy.app.settings import Settings
from drpolicy.model.findings import Verdict
from drpolicy.model.records import replace
from drpolicy.model.stores import Store
from drpolicy.model.truth import Truth
from drpolicy.model.values import Known
from drpolicy.recovery.exports import exported
from drpolicy.recovery.logic import truth_of
from tests.app.repositories import AS_OF, repository

ACCOUNT = 'provider "aws" {\n  region              = "ap-northeast-2"\n  allowed_account_ids = ["111122223333"]\n}\n'
PLATFORM = (
    ACCOUNT
    + """
provider "aws" {
  alias               = "vault"
  region              = "ap-northeast-1"
  allowed_account_ids = ["999900001111"]
}
resource "aws_backup_vault" "central" {
  provider = aws.vault
  name     = "central"
}
resource "aws_backup_vault_lock_configuration" "central" {
  provider            = aws.vault
  backup_vault_name   = aws_backup_vault.central.name
  changeable_for_days = 3
  min_retention_days  = 7
}
resource "aws_backup_plan" "daily" {
  name = "daily"
  rule {
    rule_name         = "daily"
    target_vault_name = "Default"
    schedule          = "cron(0 3 * * ? *)"
    start_window      = 60
    completion_window = 120
    copy_action {
      destination_vault_arn = "arn:aws:backup:ap-northeast-1:999900001111:backup-vault:central"
      lifecycle {
        delete_after = 35
      }
    }
  }
}
resource "aws_backup_selection" "tagged" {
  name         = "tagged"
  plan_id      = aws_backup_plan.daily.id
  iam_role_arn = "arn:aws:iam::111122223333:role/secret-role-name"
  selection_tag {
    type  = "STRINGEQUALS"
    key   = "backup"
    value = "daily"
  }
}
"""
)
HERE = (
    ACCOUNT
    + """
resource "aws_dynamodb_table" "orders" {
  name = "orders"
  tags = { backup = "daily" }
}
resource "aws_dynamodb_table" "drafts" {
  name = "drafts"
}
"""
)


def platform(directory: Path, files: dict[str, str], day: date = AS_OF) -> str:
    """Return what the platform's repository exports."""
    found = read(Settings((repository(directory, files),), directory, day))
    return json.dumps(exported(found.inputs, "platform", day), indent=2)


def seen(directory: Path, context: str, as_of: date = AS_OF, files: dict[str, str] | None = None) -> tuple[Settings, Read]:
    (directory / "platform.json").parent.mkdir(parents=True, exist_ok=True)
    (directory / "platform.json").write_text(context)
    here = repository(directory / "here", files or {"main.tf": HERE})
    settings = Settings((here,), here, as_of, contexts=(directory / "platform.json",))
    return settings, read(settings)


def store(settings: Settings, found: Read, name: str = "orders") -> Store:
    (one,) = [each for each in estate_of(settings, found).stores if each.address == f"aws_dynamodb_table.{name}"]
    return one


def presences(settings: Settings, found: Read) -> set[Truth]:
    """Return the presences of what AWS Backup gives the table of orders."""
    return {each.presence for each in store(settings, found).protections.elements if each.value.mechanism.startswith("backup")}


def test_a_selection_by_tag_of_another_repository_covers_a_store_here(tmp_path: Path) -> None:
    settings, found = seen(tmp_path, platform(tmp_path / "platform", {"main.tf": PLATFORM}))
    orders = {each.value.mechanism: each for each in store(settings, found).protections.elements}
    copy = orders["backup-plan-copy"]
    assert (copy.presence, copy.value.address) == (Truth.TRUE, "aws_backup_plan.daily.rule[0].copy_action[0]")
    assert isinstance(copy.value.region, Known)
    assert isinstance(copy.value.account, Known)
    assert (copy.value.region.value, copy.value.account.value) == ("ap-northeast-1", "999900001111")
    assert {name: truth_of(getattr(copy.value.survives, name)) for name in ("region", "account")} == {
        "region": Truth.TRUE,
        "account": Truth.TRUE,
    }
    assert truth_of(copy.value.immutable) is Truth.TRUE
    assert [each.mechanism for each in store(settings, found, "drafts").protections if each.mechanism.startswith("backup")] == []


def test_evidence_says_which_export_and_of_which_day(tmp_path: Path) -> None:
    settings, found = seen(tmp_path, platform(tmp_path / "platform", {"main.tf": PLATFORM}))
    report = assemble(replace(settings, trace_passes=True), found)
    (finding,) = [
        each for each in report.findings if each.policy == "no-copy-outside-region" and each.subject.name == "aws_dynamodb_table.orders"
    ]
    assert finding.verdict is Verdict.PASS
    assert {each.span.path for each in finding.evidence if each.span is not None} == {str(tmp_path / "platform.json")}
    assert "platform.json is the export of platform, 2026-11-01: what it selects here counts" in [
        each.text.rpartition("/")[2] for each in report.coverage.inferred
    ]
    names = [each.name for each in store(settings, found).protections if each.mechanism == "backup-plan"]
    assert names == ["AWS Backup plan rule (the export of platform, 2026-11-01) aws_backup_plan.daily.rule[0]"]


@pytest.mark.parametrize(("as_of", "limit", "presence"), [("2026-12-02", "", Truth.TRUE), ("2026-12-03", "", Truth.UNKNOWN)])
def test_an_export_that_is_too_old_proves_nothing_and_is_said(tmp_path: Path, as_of: str, limit: str, presence: Truth) -> None:
    day = date.fromisoformat(as_of)
    settings, found = seen(tmp_path, platform(tmp_path / "platform", {"main.tf": PLATFORM}), day)
    assert presences(settings, found) == {presence}
    said = [each.message for each in found.diagnostics if each.code == "context-old"]
    old = "the export of platform is of 2026-11-01, 32 days old (at most 31d); run drpolicy export there again"
    assert said == ([old] if presence is Truth.UNKNOWN else [])


def test_how_old_an_export_may_be_is_configured(tmp_path: Path) -> None:
    config = "apiVersion: drpolicy.dev/v1\nkind: Config\nscope:\n  contextMaxAge: 2d\n"
    context = platform(tmp_path / "platform", {"main.tf": PLATFORM})
    _, found = seen(tmp_path, context, date(2026, 11, 4), {"main.tf": HERE, "drpolicy.yaml": config})
    assert [each.code for each in found.diagnostics] == ["context-old"]


def test_an_export_holds_identifiers_only_and_is_the_same_each_time(tmp_path: Path) -> None:
    files = {"main.tf": PLATFORM, "b.tf": 'resource "aws_db_instance" "d" {\n  password = "hunter2"\n}\n'}
    context = platform(tmp_path / "platform", files)
    assert "hunter2" not in context
    assert "secret-role-name" not in context
    assert context == platform(tmp_path / "platform", files)
    assert [each["address"] for each in json.loads(context)["resources"]] == [
        "aws_backup_plan.daily",
        "aws_backup_selection.tagged",
        "aws_backup_vault.central",
        "aws_backup_vault_lock_configuration.central",
    ]


def test_where_the_account_is_not_known_a_plan_may_cover_and_may_not(tmp_path: Path) -> None:
    here = {"main.tf": HERE.replace('  allowed_account_ids = ["111122223333"]\n', "")}
    context = platform(tmp_path / "platform", {"main.tf": PLATFORM})
    settings, found = seen(tmp_path, context, files=here)
    assert presences(settings, found) == {Truth.UNKNOWN}
    config = "apiVersion: drpolicy.dev/v1\nkind: Config\ndeployments:\n  - {path: ., account: '111122223333'}\n"
    settings, found = seen(tmp_path, context, files={**here, "drpolicy.yaml": config})
    assert presences(settings, found) == {Truth.TRUE}


def test_what_is_unknown_there_is_unknown_here(tmp_path: Path) -> None:
    text = PLATFORM.replace('value = "daily"', "value = var.tag").replace('schedule          = "cron(0 3 * * ? *)"', "schedule = var.when")
    settings, found = seen(tmp_path, platform(tmp_path / "platform", {"main.tf": text + 'variable "when" {}\nvariable "tag" {}\n'}))
    (rule,) = [each for each in store(settings, found).protections.elements if each.value.mechanism == "backup-plan"]
    assert rule.presence is Truth.UNKNOWN
    assert rule.why is not None
    assert rule.why.cause.symbol == "platform:root:var.tag"
    assert truth_of(rule.value.scheduled) is Truth.UNKNOWN


def test_declared_protections_travel_too(tmp_path: Path) -> None:
    declared = """apiVersion: drpolicy.dev/v1
kind: Protection
metadata: {name: central}
spec:
  stores: {types: [aws_dynamodb_table]}
  mechanism: aws-backup
  region: ap-northeast-1
  gap: 24h
  retention: 35d
  owner: team-platform
  reviewedUntil: 2027-03-31
"""
    settings, found = seen(tmp_path, platform(tmp_path / "platform", {"p.yaml": declared}))
    assert [each.name for each in store(settings, found).protections if each.mechanism == "declared-protection"] == [
        "aws-backup, declared by central"
    ]


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{", '{"apiVersion": "drpolicy.dev/v1", "kind": "Export"}', '{"apiVersion": 1}', "null", "\0"],
)
def test_what_is_no_export_is_an_error_and_costs_nothing_else(tmp_path: Path, text: str) -> None:
    settings, found = seen(tmp_path, text)
    assert {each.code for each in found.diagnostics} == {"context-invalid"}
    assert store(settings, found).address == "aws_dynamodb_table.orders"


@pytest.mark.parametrize(
    "resources",
    [
        "7",
        "[7, null, {}]",
        '[{"deployment": "a", "address": "b", "type": "aws_backup_plan", "attributes": {"rule": {"$unknown": {"reason": "X"}}}}]',
        '[{"deployment": "a", "address": "b", "type": "aws_backup_plan", "attributes": {"rule": [{"$more": 3}, {"$uncertain": 4}]}}]',
        '[{"deployment": "a", "address": "b", "type": "aws_backup_selection", "attributes": {"plan_id": {"$reference": {}}}}]',
    ],
)
def test_an_export_that_somebody_edited_does_not_break_anything(tmp_path: Path, resources: str) -> None:
    text = f'{{"apiVersion": "drpolicy.dev/v1", "kind": "Export", "name": "x", "date": "2026-11-01", "resources": {resources}}}'
    settings, found = seen(tmp_path, text)
    assert store(settings, found).address == "aws_dynamodb_table.orders"
