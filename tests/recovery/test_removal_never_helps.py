"""Taking a protection away, or moving its key into the lost region, never makes a result better.

Estates of one database with some ways of copying it, each with a key of its own; then the same without one of them, and
with another key.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st
from recovery_estates import PROVIDERS

from drpolicy.app.policies import load_policies
from drpolicy.app.reading import read_tree
from drpolicy.catalog.load import built_in_catalog
from drpolicy.model.estate import Estate
from drpolicy.model.findings import Verdict
from drpolicy.model.records import dataclass, replace
from drpolicy.model.stores import DISRUPTIONS, Recovery, Store
from drpolicy.policy.context import Context
from drpolicy.policy.engine import judge
from drpolicy.recovery.build import build_estate
from drpolicy.sources.trees import MemoryTree

ASKED = ("no-copy-outside-region", "no-copy-outside-account", "service-in-one-region", "rpo-not-met", "rto-not-met")
POLICIES = [each for each in load_policies(MemoryTree({}), None, "").compiled if each.document.id in ASKED]
WORSE = {Verdict.PASS: 0, Verdict.UNKNOWN: 1, Verdict.FAIL: 2}

LOST = "aws_kms_key.here.arn"
KEYS = ("null", '"alias/x"', LOST, "aws_kms_key.there.arn", "aws_kms_key.many.arn", "aws_kms_replica_key.many.arn", "var.key")
HEAD = f"""{PROVIDERS}variable "key" {{
  type = string
}}
variable "on" {{
  type = bool
}}
resource "aws_kms_key" "here" {{}}
resource "aws_kms_key" "there" {{
  provider = aws.dr
}}
resource "aws_kms_key" "many" {{
  multi_region = true
}}
resource "aws_kms_replica_key" "many" {{
  provider        = aws.dr
  primary_key_arn = aws_kms_key.many.arn
}}
resource "aws_db_instance" "d" {{
  identifier              = "d"
  backup_retention_period = 7
}}
"""
KINDS = {
    "backups": """resource "aws_db_instance_automated_backups_replication" "NAME" {
  COUNT
  provider               = aws.dr
  source_db_instance_arn = aws_db_instance.d.arn
  kms_key_id             = KEY
}
""",
    "replica": """resource "aws_db_instance" "NAME" {
  COUNT
  provider            = aws.dr
  identifier          = "NAME"
  replicate_source_db = aws_db_instance.d.arn
  kms_key_id          = KEY
}
""",
    "plan": """resource "aws_backup_vault" "NAME" {
  provider    = aws.dr
  name        = "NAME"
  kms_key_arn = KEY
}
resource "aws_backup_plan" "NAME" {
  name = "NAME"
  rule {
    rule_name         = "r"
    target_vault_name = "Default"
    schedule          = "cron(0 * * * ? *)"
    copy_action {
      destination_vault_arn = aws_backup_vault.NAME.arn
    }
  }
}
resource "aws_backup_selection" "NAME" {
  COUNT
  plan_id   = aws_backup_plan.NAME.id
  resources = [aws_db_instance.d.arn]
}
""",
    "snapshot": """resource "aws_db_snapshot" "NAME" {
  db_instance_identifier = aws_db_instance.d.identifier
}
resource "aws_db_snapshot_copy" "NAME" {
  COUNT
  provider                      = aws.dr
  source_db_snapshot_identifier = aws_db_snapshot.NAME.db_snapshot_arn
  kms_key_id                    = KEY
}
""",
}
SERVICE = """apiVersion: drpolicy.dev/v1
kind: Service
metadata: {name: shop}
spec:
  owner: team
  tier: critical
  objectives: {region: {rto: 4h, rpo: 1h}}
  stores: [{ref: aws_db_instance.d}]
"""


@dataclass(frozen=True, slots=True)
class Copy:
    """One way of copying the database."""

    kind: str
    key: str
    count: str


copies = st.builds(
    Copy, st.sampled_from(sorted(KINDS)), st.sampled_from(KEYS), st.sampled_from(("", "count = 1", "count = var.on ? 1 : 0"))
)


def estate(given: Sequence[Copy | None]) -> Estate:
    """Return the estate with the copies that are there; each keeps its name, whatever is left out."""
    text = HEAD
    for at, each in enumerate(given):
        if each is not None:
            text += KINDS[each.kind].replace("NAME", f"c{at}").replace("COUNT", each.count).replace("KEY", each.key)
    files = {"main.tf": text, "service.yaml": SERVICE}
    return build_estate(read_tree(MemoryTree(files)).inputs, built_in_catalog(), date(2026, 11, 1))


def database(found: Estate) -> Store:
    (store,) = [each for each in found.stores if each.address == "aws_db_instance.d"]
    return store


def standing(found: Estate) -> dict[str, tuple[float, ...]]:
    """Return every result, higher where it is worse."""
    results: dict[str, tuple[float, ...]] = {}
    for disruption in DISRUPTIONS:
        recovery: Recovery = getattr(database(found).recovery, disruption)
        results[disruption] = tuple(each.seconds for each in (recovery.rpo.best, recovery.rpo.worst, recovery.rto.best, recovery.rto.worst))
    names = {"aws_db_instance.d", "shop"}
    for finding in judge(POLICIES, found, Context()).every():
        if finding.subject.name in names and finding.verdict in WORSE:
            results[finding.policy] = (WORSE[finding.verdict],)
    return results


def better(before: dict[str, tuple[float, ...]], after: dict[str, tuple[float, ...]]) -> list[str]:
    return [
        f"{name}: {before[name]}, then {values}"
        for name, values in after.items()
        if name in before and any(new < old for old, new in zip(before[name], values, strict=True))
    ]


@settings(max_examples=60, deadline=None)
@given(given_copies=st.lists(copies, min_size=1, max_size=3), data=st.data())
def test_taking_a_copy_away_never_makes_a_result_better(given_copies: list[Copy], data: st.DataObject) -> None:
    away = data.draw(st.integers(0, len(given_copies) - 1))
    less: list[Copy | None] = [each if at != away else None for at, each in enumerate(given_copies)]
    assert better(standing(estate(given_copies)), standing(estate(less))) == []


@settings(max_examples=60, deadline=None)
@given(given_copies=st.lists(copies, min_size=1, max_size=3), data=st.data())
def test_a_key_of_the_lost_region_never_makes_a_result_better(given_copies: list[Copy], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(given_copies) - 1))
    moved = [replace(each, key=LOST) if here == at else each for here, each in enumerate(given_copies)]
    before, after = standing(estate(given_copies)), standing(estate(moved))
    assert better(before, after) == []
    # And a copy with such a key is, for the region, as good as none.
    gone: list[Copy | None] = [each if here != at else None for here, each in enumerate(given_copies)]
    assert after["region"] == standing(estate(gone))["region"]
