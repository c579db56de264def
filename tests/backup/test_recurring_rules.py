"""Rules of Backup plans and schedules of snapshot policies as policies see them."""

from __future__ import annotations

import pytest
from backup_estates import SEOUL, TOKYO, estate_of, one, plan, selection, store_of, table

from drpolicy.model.clusters import Schedule
from drpolicy.model.durations import DAY, HOUR, Duration
from drpolicy.model.provenance import steps, used_at
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Unknown
from drpolicy.recovery.logic import truth_of
from tests.backup.test_organization_policies import policy

RULE = "aws_backup_plan.p.rule[0]"
TAKEN = selection("resources = [aws_dynamodb_table.t.arn]") + table()
SEOUL_TIME = 'schedule_expression_timezone = "Asia/Seoul"'


def schedule(text: str, address: str = RULE) -> Schedule:
    return next(each for each in estate_of(SEOUL + 'variable "x" {}\n' + text).schedules if each.address == address)


def snapshots(body: str, header: str = "", kind: str = "") -> str:
    return (
        f'resource "aws_dlm_lifecycle_policy" "d" {{\n description = "d"\n execution_role_arn = "r"\n {header}\n'
        f' policy_details {{\n {kind}\n resource_types = ["VOLUME"]\n'
        f' target_tags = {{ a = "b" }}\n schedule {{\n name = "s"\n {body}\n }}\n }}\n}}\n'
    )


def test_a_rule_says_when_it_runs_what_is_guaranteed_and_where_that_is_written() -> None:
    found = schedule(plan(f'schedule = "cron(0 3 * * ? *)"\n {SEOUL_TIME}\n start_window = 480') + TAKEN)
    assert (found.kind, found.type, found.key) == ("backup-plan-rule", "aws_backup_plan", f"root//{RULE}")
    assert isinstance(found.gap, Known) and found.gap.value == Duration(DAY)
    assert next(steps(found.gap.origin)).text == "cron(0 3 * * ? *) in Asia/Seoul: every 24h"
    span = used_at(found.gap.origin)
    assert span is not None and span.text == '"cron(0 3 * * ? *)"'
    assert isinstance(found.worst_gap, Known) and found.worst_gap.value == Duration(35 * HOUR)
    assert next(steps(found.worst_gap.origin)).text == (
        "daily 03:00 Asia/Seoul, start window 8h → 32h, completion window 3h → 35h: interval and windows"
    )
    assert [each.value for each in found.stores.elements] == ["root//aws_dynamodb_table.t"]


@pytest.mark.parametrize(
    ("written", "zone", "gap"),
    [
        ("cron(0 3 ? * MON-FRI *)", "Etc/UTC", Duration(3 * DAY)),
        # Europe puts the clock back on a Sunday: the weekend is an hour longer then.
        ("cron(0 3 ? * MON-FRI *)", "Europe/Berlin", Duration(3 * DAY + HOUR)),
        ("cron(0 3 ? * MON-FRI *)", "Asia/Seoul", Duration(3 * DAY)),
        # The half past two that does not exist in spring is left out.
        ("cron(30 2 * * ? *)", "Europe/Berlin", Duration(47 * HOUR)),
        ("rate(12 hours)", "Etc/UTC", Duration(12 * HOUR)),
    ],
)
def test_the_longest_gap_of_any_year_counts(written: str, zone: str, gap: Duration) -> None:
    found = schedule(plan(f'schedule = "{written}"\n schedule_expression_timezone = "{zone}"'))
    assert isinstance(found.gap, Known)
    assert found.gap.value == gap


@pytest.mark.parametrize(
    ("text", "valid", "fires", "unwritten", "problem"),
    [
        ('schedule = "cron(0 3 * * ? *)"', Truth.TRUE, Truth.TRUE, Truth.FALSE, ""),
        ('schedule = "cron(0 3 31 4 ? *)"', Truth.TRUE, Truth.FALSE, Truth.FALSE, ": no date matches it"),
        (
            'schedule = "daily"',
            Truth.FALSE,
            Truth.TRUE,
            Truth.FALSE,
            ": 'daily' is not a schedule expression; write cron(0 5 * * ? *) or rate(12 hours)",
        ),
        ("", Truth.TRUE, Truth.TRUE, Truth.TRUE, ""),
        ('schedule = ""', Truth.TRUE, Truth.TRUE, Truth.TRUE, ""),
        ("schedule = var.x", Truth.UNKNOWN, Truth.UNKNOWN, Truth.UNKNOWN, ""),
        ('schedule = var.x == "a" ? "daily" : "nightly"', Truth.FALSE, Truth.FALSE, Truth.FALSE, ""),
    ],
)
def test_whether_it_ever_runs(text: str, valid: Truth, fires: Truth, unwritten: Truth, problem: str) -> None:
    found = schedule(plan(text))
    assert [truth_of(each) for each in (found.valid, found.fires, found.unwritten)] == [valid, fires, unwritten]
    assert found.problem == problem


def test_what_minus_one_or_nothing_ends_is_kept_for_ever() -> None:
    for days in ("-1", "0"):
        assert isinstance(schedule(plan(f"lifecycle {{\n delete_after = {days}\n }}")).retention, Absent)
    assert isinstance(schedule(plan()).retention, Absent)


def test_a_rule_of_a_plan_that_may_not_be_made_may_not_be_there() -> None:
    estate = estate_of(SEOUL + 'variable "x" {}\n' + plan(header="count = var.x"))
    (found,) = estate.schedules
    assert estate.uncertain[found.key].cause.symbol == "root:var.x"


def test_rules_of_modules_that_are_called_rule_are_told_apart() -> None:
    inside = 'resource "aws_backup_plan" "p" {\n name = "p"\n rule {\n rule_name = "r"\n target_vault_name = "Default"\n schedule = "%s"\n'
    files = {
        "main.tf": SEOUL + 'module "rule" {\n source = "./m"\n for_each = toset(["a", "b"])\n}\n',
        "m/main.tf": inside % "cron(0 3 ? * SUN *)" + " lifecycle {\n delete_after = 3\n }\n }\n}\n",
    }
    found = {each.address: each for each in estate_of(files).schedules}
    assert sorted(found) == ['module.rule["a"].aws_backup_plan.p.rule[0]', 'module.rule["b"].aws_backup_plan.p.rule[0]']
    assert {truth_of(each.outlasted) for each in found.values()} == {Truth.FALSE}


def test_rules_of_an_organisation_policy_wait_as_long_as_aws_backup_lets_them() -> None:
    text = policy().replace('\\"start_backup_window_minutes\\": {\\"@@assign\\": \\"60\\"}, ', "")
    assert text != policy()
    (found,) = estate_of(text).schedules
    assert found.address == 'aws_organizations_policy.backup.plans["all"].rule[0]'
    assert isinstance(found.worst_gap, Known)
    assert next(steps(found.worst_gap.origin)).text == (
        "daily 03:00 Etc/UTC, start window 8h → 32h, completion window 2h → 34h: interval and windows"
    )
    assert [each.value.service for each in found.required_by.elements] == []


def test_a_copy_is_asked_of_the_rule_that_makes_it() -> None:
    air = 'resource "aws_backup_logically_air_gapped_vault" "v" {\n name = "v"\n min_retention_days = 7\n max_retention_days = 90\n}\n'
    copy = "copy_action {\n destination_vault_arn = aws_backup_logically_air_gapped_vault.v.arn\n lifecycle {\n delete_after = 3\n }\n }"
    found = schedule(air + plan(copy))
    assert [each.value for each in found.unmet.elements] == [
        "aws_backup_logically_air_gapped_vault.v takes only recovery points kept 7 to 90 days"
    ]


@pytest.mark.parametrize(("days", "unmet"), [(35, 0), (3, 1)])
def test_a_rule_may_name_an_air_gapped_vault_itself(days: int, unmet: int) -> None:
    air = 'resource "aws_backup_logically_air_gapped_vault" "v" {\n name = "v"\n min_retention_days = 7\n max_retention_days = 90\n}\n'
    rule = f"""schedule = "cron(0 3 * * ? *)"
    target_logically_air_gapped_backup_vault_arn = aws_backup_logically_air_gapped_vault.v.arn
    lifecycle {{
      delete_after = {days}
    }}"""
    assert len(schedule(air + plan(rule)).unmet.elements) == unmet
    member = one(SEOUL + air + plan(rule) + TAKEN, "aws_dynamodb_table.t", "backup-plan-copy")
    # Not every type is taken there: it protects from the loss of the account, or it does not.
    assert member.presence is Truth.UNKNOWN
    assert truth_of(member.value.survives.account) is Truth.of(unmet == 0)
    assert truth_of(one(SEOUL + air + plan(rule) + TAKEN, "aws_dynamodb_table.t", "backup-plan").value.works) is Truth.TRUE


def test_a_copy_has_no_guaranteed_end_and_its_basis_says_so() -> None:
    vault = 'resource "aws_backup_vault" "v" {\n provider = aws.tokyo\n name = "v"\n}\n'
    text = (
        SEOUL + TOKYO + vault + plan('schedule = "cron(0 3 * * ? *)"\n copy_action {\n destination_vault_arn = aws_backup_vault.v.arn\n }')
    )
    found = one(text + TAKEN, "aws_dynamodb_table.t", "backup-plan-copy").value
    assert isinstance(found.worst_gap, Absent)
    recovery = store_of(text + TAKEN, "aws_dynamodb_table.t").recovery
    assert recovery.region.rpo.basis == (
        "AWS Backup copy to another vault aws_backup_plan.p.rule[0].copy_action[0]: daily 03:00 Etc/UTC, start window 1h → 25h, "
        "completion window 3h → 28h, then the copy, without a guaranteed bound"
    )
    assert str(recovery.corruption.rpo) == "24h to 28h"
    assert recovery.corruption.rpo.basis == (
        "AWS Backup plan rule aws_backup_plan.p.rule[0]: daily 03:00 Etc/UTC, start window 1h → 25h, completion window 3h → 28h"
    )


@pytest.mark.parametrize(
    ("cluster", "expected"),
    [
        ('engine = "aurora-mysql"', Truth.TRUE),
        ('engine = "mysql"\n db_cluster_instance_class = "db.m6gd.large"', Truth.FALSE),
        ('engine = "mysql"\n db_cluster_instance_class = var.x', Truth.UNKNOWN),
    ],
)
def test_snapshots_of_a_multi_az_cluster_are_not_copied(cluster: str, expected: Truth) -> None:
    store = f'variable "x" {{}}\nresource "aws_rds_cluster" "c" {{\n cluster_identifier = "c"\n kms_key_id = "k"\n {cluster}\n}}\n'
    copy = 'copy_action {\n destination_vault_arn = "arn:aws:backup:ap-northeast-1:111122223333:backup-vault:v"\n }'
    text = SEOUL + plan(f'schedule = "cron(0 3 * * ? *)"\n {copy}') + selection("resources = [aws_rds_cluster.c.arn]") + store
    copyable = [each for each in one(text, "aws_rds_cluster.c", "backup-plan-copy").value.prerequisites if each.id == "copyable"]
    assert [truth_of(each.met) for each in copyable] == [expected]


DLM = "aws_dlm_lifecycle_policy.d.schedule[0]"


@pytest.mark.parametrize(
    ("body", "expression", "gap", "retention"),
    [
        ("create_rule {\n interval = 12\n }\n retain_rule {\n count = 2\n }", "every 12h", 12 * HOUR, None),
        (
            'create_rule {\n cron_expression = "cron(0 3 ? * SUN *)"\n }\n retain_rule {\n interval = 3\n interval_unit = "DAYS"\n }',
            "cron(0 3 ? * SUN *)",
            7 * DAY,
            3 * DAY,
        ),
        (
            'create_rule {\n interval = 24\n }\n retain_rule {\n interval = 1\n interval_unit = "DAYS"\n }\n archive_rule {\n }',
            "every 24h",
            DAY,
            None,
        ),
    ],
)
def test_a_schedule_of_snapshots(body: str, expression: str, gap: int, retention: int | None) -> None:
    found = schedule(snapshots(body), DLM)
    assert found.kind == "snapshot-schedule"
    assert isinstance(found.expression, Known) and found.expression.value == expression
    assert isinstance(found.gap, Known) and found.gap.value == Duration(gap)
    assert isinstance(found.worst_gap, Absent)
    kept = found.retention
    assert isinstance(kept, Absent) if retention is None else isinstance(kept, Known) and kept.value == Duration(retention)


@pytest.mark.parametrize(
    ("header", "paused"),
    [("", Truth.FALSE), ('state = "ENABLED"', Truth.FALSE), ('state = "DISABLED"', Truth.TRUE), ("state = var.x", Truth.UNKNOWN)],
)
def test_a_policy_that_is_off_pauses_its_schedules(header: str, paused: Truth) -> None:
    assert truth_of(schedule(snapshots("create_rule {\n interval = 24\n }", header), DLM).paused) is paused


def test_a_policy_for_images_has_schedules_too() -> None:
    found = schedule(snapshots('create_rule {\n cron_expression = "cron(0 3 31 4 ? *)"\n }', kind='policy_type = "IMAGE_MANAGEMENT"'), DLM)
    assert truth_of(found.fires) is Truth.FALSE
    assert not found.stores.elements


def test_a_schedule_without_a_rule_never_runs() -> None:
    found = schedule(snapshots(""), DLM)
    assert (truth_of(found.valid), found.problem) == (Truth.FALSE, ": a schedule without a rule never runs")
    assert truth_of(found.unwritten) is Truth.FALSE


def test_the_interval_may_be_unknown() -> None:
    found = schedule(snapshots("create_rule {\n interval = var.x\n }"), DLM)
    assert isinstance(found.gap, Unknown)
    assert truth_of(found.fires) is Truth.TRUE
