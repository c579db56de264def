from __future__ import annotations

import pytest
from backup_estates import SEOUL, TOKYO, members, one, store_of

from drpolicy.model.durations import DAY, HOUR, Duration
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Unknown
from drpolicy.recovery.logic import truth_of

V = "aws_ebs_volume.v"
EVERY = "create_rule {\n interval = 12\n }\n retain_rule {\n count = 14\n }"


def volume(body: str = 'tags = { snap = "y" }') -> str:
    return f'resource "aws_ebs_volume" "v" {{\n  availability_zone = "ap-northeast-2a"\n  size = 10\n  {body}\n}}\n'


def policy(schedule: str = EVERY, tags: str = '{ snap = "y" }', state: str = "", types: str = '["VOLUME"]') -> str:
    return f"""
variable "x" {{}}
resource "aws_dlm_lifecycle_policy" "p" {{
  description        = "p"
  execution_role_arn = "arn:aws:iam::111122223333:role/dlm"
  {state}
  policy_details {{
    resource_types = {types}
    target_tags    = {tags}
    schedule {{
      name = "s"
      {schedule}
    }}
  }}
}}
"""


def test_a_schedule_protects_the_volumes_that_carry_its_tag() -> None:
    member = one(SEOUL + policy() + volume(), V, "dlm-schedule")
    assert member.presence is Truth.TRUE
    found = member.value
    assert isinstance(found.gap, Known) and found.gap.value == Duration(12 * HOUR)
    assert isinstance(found.worst_gap, Absent)
    assert isinstance(found.retention, Known) and found.retention.value == Duration(7 * DAY)
    assert truth_of(found.works) is Truth.TRUE and truth_of(found.scheduled) is Truth.TRUE
    assert found.address == "aws_dlm_lifecycle_policy.p.schedule[0]"


@pytest.mark.parametrize(
    ("tags", "body", "expected"),
    [
        ('{ other = "n", snap = "y" }', 'tags = { snap = "y" }', Truth.TRUE),
        ('{ snap = "n" }', 'tags = { snap = "y" }', Truth.FALSE),
        ('{ snap = "y" }', "", Truth.FALSE),
        ("{ snap = var.x }", 'tags = { snap = "y" }', Truth.UNKNOWN),
        ("var.x", 'tags = { snap = "y" }', Truth.UNKNOWN),
        ('{ snap = "y" }', "tags = var.x", Truth.UNKNOWN),
        ('{ snap = "y" }', 'provider = aws.tokyo\n tags = { snap = "y" }', Truth.FALSE),
    ],
)
def test_any_tag_of_the_same_region_is_enough(tags: str, body: str, expected: Truth) -> None:
    found = members(SEOUL + TOKYO + policy(tags=tags) + volume(body), V, "dlm-schedule")
    assert (found[0].presence if found else Truth.FALSE) is expected


@pytest.mark.parametrize(("state", "expected"), [("", Truth.TRUE), ('state = "DISABLED"', Truth.FALSE), ("state = var.x", Truth.UNKNOWN)])
def test_only_an_enabled_policy_works(state: str, expected: Truth) -> None:
    assert truth_of(one(SEOUL + policy(state=state) + volume(), V, "dlm-schedule").value.works) is expected


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ('cron_expression = "cron(0 3 * * ? *)"', Truth.TRUE),
        ('cron_expression = "cron(0 0 31 2 ? *)"', Truth.FALSE),
        ("cron_expression = var.x", Truth.UNKNOWN),
        ("", Truth.FALSE),
    ],
)
def test_whether_it_recurs(rule: str, expected: Truth) -> None:
    found = one(SEOUL + policy(f"create_rule {{\n {rule}\n }}") + volume(), V, "dlm-schedule").value
    assert truth_of(found.scheduled) is expected


def test_a_copy_is_in_its_target_region() -> None:
    kept = 'retain_rule {\n interval = 2\n interval_unit = "WEEKS"\n }'
    copy = EVERY + f'\n cross_region_copy_rule {{\n target = "ap-northeast-1"\n encrypted = true\n {kept}\n }}'
    found = one(SEOUL + policy(copy) + volume(), V, "dlm-copy").value
    assert isinstance(found.region, Known) and found.region.value == "ap-northeast-1"
    assert truth_of(found.survives.region) is Truth.TRUE
    assert isinstance(found.retention, Known) and found.retention.value == Duration(14 * DAY)
    assert store_of(SEOUL + policy(copy) + volume(), V).protections.rest is None


def test_policies_for_instances_open_attached_volumes_only() -> None:
    attachment = (
        'resource "aws_volume_attachment" "a" {\n device_name = "/dev/sdf"\n volume_id = aws_ebs_volume.v.id\n instance_id = "i-1"\n}\n'
    )
    text = SEOUL + policy(types='["INSTANCE"]') + volume()
    assert store_of(text, V).protections.rest is None
    rest = store_of(text + attachment, V).protections.rest
    assert isinstance(rest, Unknown) and rest.symbol == "volumes of the instances of root//aws_dlm_lifecycle_policy.p"
