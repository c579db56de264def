"""Whoever comes with another tool's id finds one answer: our policies, or why there is none."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from drpolicy.app.parity import PEERS, beside, checks, not_covered, page
from drpolicy.policy.builtin import built_in_policies

PAGE = Path(__file__).resolve().parents[2] / "docs" / "parity.md"
POLICIES = built_in_policies()
CHECKS = checks(POLICIES, not_covered())


def test_the_page_is_current() -> None:
    assert PAGE.read_text("utf-8") == page(), "run: python -m drpolicy.app.parity"


def test_every_id_has_one_answer() -> None:
    counted = Counter((each.peer, each.id.lower()) for each in CHECKS)
    assert [key for key, count in counted.items() if count > 1] == []
    assert [each for each in CHECKS if bool(each.policies) == bool(each.reason)] == []


def test_every_id_that_the_data_names_stands_in_the_page_exactly_once() -> None:
    named = {(peer, id_) for policy in POLICIES for peer, ids in policy.peers.items() for id_ in ids}
    named |= {(peer, id_) for each in not_covered() for peer, ids in each.checks.items() for id_ in ids}
    sections = {part.partition("\n")[0]: part for part in PAGE.read_text("utf-8").split("\n## ")[1:]}
    assert set(sections) == {PEERS[peer] for peer, _ in named}
    for peer, id_ in named:
        assert sections[PEERS[peer]].count(f"| `{id_}` |") == 1, (peer, id_)


def test_a_policy_names_an_id_once() -> None:
    for policy in POLICIES:
        for peer, ids in policy.peers.items():
            assert peer in PEERS, f"{policy.id}: {peer}"
            assert len(set(ids)) == len(ids), f"{policy.id}: {peer}"


def test_what_a_reason_names_is_a_policy() -> None:
    ids = {each.id for each in POLICIES}
    for each in not_covered():
        words = {word.strip(".,:;") for word in each.reason.split()}
        assert {word for word in words if word.count("-") >= 2} <= ids, each.area


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "ckv_aws_133",
            "Checkov CKV_AWS_133\n"
            "  backup-retention-too-short  Backups that are gone before the damage is noticed\n"
            "  database-without-backup     A database without backups\n"
            "  more: drpolicy explain backup-retention-too-short",
            id="any case, several policies",
        ),
        pytest.param(
            "DRS_job_exist",
            "Prowler drs_job_exist\n  no policy: Live only. The check looks for jobs; which servers have the agent is in no file. "
            "A replication template in the files is read all the same: it leaves open whether a volume has a copy, in "
            "files-without-backup and no-copy-outside-region, and proves none.",
            id="a reason instead",
        ),
        pytest.param("CKV_AWS_1", None, id="nobody's"),
    ],
)
def test_a_check_of_another_tool_is_explained(text: str, expected: str | None) -> None:
    assert beside(text) == expected


def test_tools_that_share_an_id_are_both_named() -> None:
    said = beside("BACKUP_RECOVERY_POINT_MANUAL_DELETION_DISABLED")
    assert said is not None
    assert [line for line in said.splitlines() if not line.startswith(" ")] == [
        "AWS Config BACKUP_RECOVERY_POINT_MANUAL_DELETION_DISABLED",
        "AWS Backup Audit Manager BACKUP_RECOVERY_POINT_MANUAL_DELETION_DISABLED",
        "Steampipe and Powerpipe backup_recovery_point_manual_deletion_disabled",
    ]
