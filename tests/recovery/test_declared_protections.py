"""``kind: Protection``: what it selects, and until when it counts."""

from __future__ import annotations

import pytest
from recovery_estates import PROVIDERS, by_mechanism, estate_of, store

from drpolicy.recovery.logic import truth_of

TABLE = 'resource "aws_dynamodb_table" "t" {\n  name = "orders"\n}\n'


def declared(selector: str, until: str = "2027-03-31") -> dict[str, str]:
    return {
        "main.tf": PROVIDERS + TABLE,
        "p.yaml": f"""apiVersion: drpolicy.dev/v1
kind: Protection
metadata: {{name: central}}
spec:
  stores: {{{selector}}}
  mechanism: aws-backup
  region: eu-central-1
  gap: 24h
  retention: 35d
  owner: team-platform
  reviewedUntil: {until}
""",
    }


@pytest.mark.parametrize(
    ("selector", "selected"),
    [
        ("refs: [aws_dynamodb_table.t]", True),
        ("refs: [root//aws_dynamodb_table.t]", True),
        ("refs: ['arn:aws:dynamodb:eu-west-1:111122223333:table/orders']", True),
        ("refs: ['arn:aws:dynamodb:us-east-1:111122223333:table/orders']", False),
        ("refs: ['arn:aws:dynamodb:eu-west-1:111122223333:table/carts']", False),
        ("types: [aws_dynamodb_table]", True),
        ("types: [aws_s3_bucket]", False),
    ],
)
def test_which_stores_a_declared_protection_selects(selector: str, selected: bool) -> None:
    found = by_mechanism(store(estate_of(declared(selector)), "aws_dynamodb_table.t"))
    assert ("declared-protection" in found) is selected


@pytest.mark.parametrize(("until", "counts"), [("2026-11-01", "true"), ("2026-10-31", "false")])
def test_it_counts_until_the_day_it_names(until: str, counts: str) -> None:
    found = by_mechanism(store(estate_of(declared("types: [aws_dynamodb_table]", until)), "aws_dynamodb_table.t"))
    assert truth_of(found["declared-protection"].survives.region).value == counts
