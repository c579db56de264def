"""Backup policies of AWS Organizations protect what their plans select."""

from __future__ import annotations

import json
from typing import Any

import pytest

from drpolicy.model.truth import Truth
from drpolicy.model.values import Known
from drpolicy.recovery.logic import truth_of
from tests.backup.backup_estates import store_of

HERE = 'provider "aws" {\n  region              = "ap-northeast-2"\n  allowed_account_ids = ["111122223333"]\n}\n'
VAULT = "arn:aws:backup:ap-northeast-1:$account:backup-vault:dr"
TABLE = 'resource "aws_dynamodb_table" "t" {\n  name = "t"\n  tags = { backup = "daily" }\n}\n'
TAGS = {"tags": {"daily": {"tag_key": {"@@assign": "backup"}, "tag_value": {"@@assign": ["weekly", "daily"]}}}}


def policy(selections: dict[str, Any] = TAGS, target: str = '"111122223333"', regions: tuple[str, ...] = ("ap-northeast-2",)) -> str:
    rule = {
        "schedule_expression": {"@@assign": "cron(0 3 * * ? *)"},
        "target_backup_vault_name": {"@@assign": "Default"},
        "start_backup_window_minutes": {"@@assign": "60"},
        "complete_backup_window_minutes": {"@@assign": "120"},
        "lifecycle": {"delete_after_days": {"@@assign": "35"}},
        "copy_actions": {VAULT: {"target_backup_vault_arn": {"@@assign": VAULT}, "lifecycle": {"delete_after_days": {"@@assign": "7"}}}},
    }
    plan = {"regions": {"@@assign": list(regions)}, "rules": {"daily": rule}, "selections": selections}
    content = json.dumps({"plans": {"all": plan}})
    return f"""{HERE}{TABLE}
resource "aws_organizations_policy" "backup" {{
  name    = "backup"
  type    = "BACKUP_POLICY"
  content = {json.dumps(content)}
}}
resource "aws_organizations_policy_attachment" "backup" {{
  policy_id = aws_organizations_policy.backup.id
  target_id = {target}
}}
"""


def test_an_attached_policy_gives_a_tagged_store_a_backup_and_its_copy() -> None:
    protections = {each.value.address: each for each in store_of(policy(), "aws_dynamodb_table.t").protections.elements}
    rule, copy = (protections[f'aws_organizations_policy.backup.plans["all"].rule[0]{each}'] for each in ("", ".copy_action[0]"))
    assert (rule.presence, copy.presence) == (Truth.TRUE, Truth.TRUE)
    assert isinstance(copy.value.region, Known)
    assert copy.value.region.value == "ap-northeast-1"
    assert isinstance(copy.value.retention, Known)
    assert str(copy.value.retention.value) == "7d"
    assert isinstance(rule.value.worst_gap, Known)
    assert str(rule.value.worst_gap.value) == "27h"
    assert truth_of(copy.value.survives.region) is Truth.TRUE
    # $account is the store's own account, and nothing locks the vault.
    assert truth_of(copy.value.survives.account) is Truth.FALSE


@pytest.mark.parametrize(
    ("text", "presence"),
    [
        (policy(), {Truth.TRUE}),
        (policy(target="var.unit"), {Truth.UNKNOWN}),
        (policy(target='"444455556666"'), set()),
        (policy(regions=("eu-west-1",)), set()),
        (policy(regions=("eu-west-1", "ap-northeast-2")), {Truth.TRUE}),
        (policy({"tags": {"x": {"tag_key": {"@@assign": "backup"}, "tag_value": {"@@assign": ["none"]}}}}), set()),
        (policy({"resources": {"x": {"resource_types": {"@@assign": ["arn:aws:dynamodb:*:*:table/*"]}}}}), {Truth.TRUE}),
        (policy({"resources": {"x": {"resource_types": {"@@assign": ["arn:aws:ec2:*:*:volume/*"]}}}}), set()),
        (
            policy(
                {
                    "resources": {
                        "x": {
                            "resource_types": {"@@assign": ["arn:aws:dynamodb:*:*:table/*"]},
                            "conditions": {
                                "string_equals": {
                                    "one": {
                                        "condition_key": {"@@assign": "aws:ResourceTag/backup"},
                                        "condition_value": {"@@assign": "weekly"},
                                    }
                                }
                            },
                        }
                    }
                }
            ),
            set(),
        ),
        (policy().replace('"BACKUP_POLICY"', '"TAG_POLICY"'), set()),
        (policy().replace("content = ", 'content = "{" #'), set()),
    ],
)
def test_whom_a_policy_reaches(text: str, presence: set[Truth]) -> None:
    elements = store_of(text, "aws_dynamodb_table.t").protections.elements
    assert {each.presence for each in elements if each.value.mechanism == "backup-plan"} == presence


def test_a_policy_that_is_not_known_may_protect_anything() -> None:
    text = policy().replace("content = ", "content = var.policy #")
    store = store_of(text, "aws_dynamodb_table.t")
    assert store.protections.rest is not None
    assert store.protections.rest.cause.symbol == "root:var.policy"
