"""What Terraform makes once, and what an agent may take: a copy is there, or may be, and no objective is met by it."""

from __future__ import annotations

import pytest
from recovery_estates import PROVIDERS, THERE, by_mechanism, estate_of, plain, store

from drpolicy.model.durations import UNBOUNDED, Duration
from drpolicy.model.reasons import Reason
from drpolicy.model.truth import Truth
from drpolicy.model.values import Known
from drpolicy.recovery.logic import truth_of

VOLUME = 'resource "aws_ebs_volume" "d" {\n  availability_zone = "eu-west-1a"\n}\n'
SNAPSHOT = 'resource "aws_ebs_snapshot" "s" {\n  volume_id = aws_ebs_volume.d.id\n}\n'
COPY = """resource "aws_ebs_snapshot_copy" "%s" {
  provider           = aws.dr
  source_snapshot_id = %s
  source_region      = "eu-west-1"
}
"""
DRS = 'resource "aws_drs_replication_configuration_template" "t" {\n  %s\n}\n'


def test_a_copy_that_is_made_once_outlives_the_region_and_bounds_nothing() -> None:
    found = store(estate_of(VOLUME + SNAPSHOT + COPY % ("c", "aws_ebs_snapshot.s.id")), "aws_ebs_volume.d")
    copy = by_mechanism(found)["ebs-snapshot-copy-once"]
    assert plain(copy.region) == THERE
    assert [truth_of(each) for each in (copy.survives.region, copy.survives.corruption, copy.survives.account)] == [
        Truth.TRUE,
        Truth.TRUE,
        Truth.FALSE,
    ]
    assert truth_of(copy.scheduled) is Truth.FALSE
    assert (found.recovery.region.rpo.best, found.recovery.region.rpo.worst) == (UNBOUNDED, UNBOUNDED)
    assert found.recovery.region.rpo.unknowns == ()
    assert found.recovery.region.rto.best == Duration(60)
    assert found.protections.rest is None


def test_a_copy_of_a_copy_is_a_copy_of_the_volume() -> None:
    text = VOLUME + SNAPSHOT + COPY % ("c", "aws_ebs_snapshot.s.id") + COPY % ("again", "aws_ebs_snapshot_copy.c.id")
    copies = [each for each in store(estate_of(text), "aws_ebs_volume.d").protections if each.mechanism == "ebs-snapshot-copy-once"]
    assert [each.address for each in copies] == ["aws_ebs_snapshot_copy.c", "aws_ebs_snapshot_copy.again"]


def test_copies_of_each_other_are_copies_of_nothing() -> None:
    text = VOLUME + COPY % ("a", "aws_ebs_snapshot_copy.b.id") + COPY % ("b", "aws_ebs_snapshot_copy.a.id")
    assert not list(store(estate_of(text), "aws_ebs_volume.d").protections)


@pytest.mark.parametrize(
    ("between", "presence"),
    [
        ('data "aws_db_snapshot" "s" {\n  db_instance_identifier = aws_db_instance.d.identifier\n}\n', Truth.TRUE),
        ('data "aws_db_snapshot" "s" {\n  snapshot_type = "manual"\n}\n', Truth.UNKNOWN),
    ],
)
def test_what_a_data_source_reads_is_followed_as_far_as_it_says(between: str, presence: Truth) -> None:
    text = f"""{PROVIDERS}resource "aws_db_instance" "d" {{
  identifier = "d"
}}
{between}resource "aws_db_snapshot_copy" "c" {{
  provider                      = aws.dr
  source_db_snapshot_identifier = data.aws_db_snapshot.s.db_snapshot_arn
  target_db_snapshot_identifier = "c"
}}
"""
    found = store(estate_of({"main.tf": text}), "aws_db_instance.d").protections
    (member,) = [each for each in found.elements if each.value.mechanism == "rds-snapshot-copy-once"]
    assert member.presence is presence
    assert (member.why.reason if member.why is not None else None) is (Reason.DATA_SOURCE if presence is Truth.UNKNOWN else None)
    # What else there may be is not left open: one point in time satisfies nothing that has to recur.
    assert found.rest is None


@pytest.mark.parametrize(
    ("settings", "place", "survives"),
    [("provider = aws.dr", THERE, Truth.TRUE), ("", "eu-west-1", Truth.FALSE)],
)
def test_which_servers_an_agent_replicates_no_file_says(settings: str, place: str, survives: Truth) -> None:
    found = store(estate_of(VOLUME + DRS % settings), "aws_ebs_volume.d").protections
    (member,) = found.elements
    assert (member.value.mechanism, plain(member.value.region), member.presence) == ("elastic-disaster-recovery", place, Truth.UNKNOWN)
    assert member.why is not None
    assert member.why.reason is Reason.OUTSIDE_SCOPE
    assert member.why.symbol == (
        "whether root//aws_drs_replication_configuration_template.t takes root//aws_ebs_volume.d: "
        "the agent of AWS Elastic Disaster Recovery on the server that has the volume"
    )
    assert truth_of(member.value.survives.region) is survives
    assert truth_of(member.value.survives.corruption) is Truth.TRUE


def test_an_agent_proves_no_objective_and_contradicts_none() -> None:
    region = store(estate_of(VOLUME + DRS % "provider = aws.dr"), "aws_ebs_volume.d").recovery.region
    assert (region.rpo.best, region.rpo.worst) == (Duration(0), UNBOUNDED)


def test_an_agent_of_another_account_takes_nothing_here() -> None:
    providers = (
        'provider "aws" {\n  region = "eu-west-1"\n  allowed_account_ids = ["111122223333"]\n}\n'
        'provider "aws" {\n  alias = "dr"\n  region = "eu-central-1"\n  allowed_account_ids = ["222233334444"]\n}\n'
    )
    found = store(estate_of({"main.tf": providers + VOLUME + DRS % "provider = aws.dr"}), "aws_ebs_volume.d")
    assert not found.protections.elements


def test_how_far_back_the_agent_s_points_in_time_go_is_the_rule_in_days() -> None:
    rules = (("MINUTE", 60), ("DAY", 7))
    days = "\n".join(f'pit_policy {{\n interval = 1\n retention_duration = {kept}\n units = "{unit}"\n}}' for unit, kept in rules)
    (member,) = store(estate_of(VOLUME + DRS % days), "aws_ebs_volume.d").protections.elements
    assert isinstance(member.value.retention, Known)
    assert member.value.retention.value == Duration(7 * 86400)
