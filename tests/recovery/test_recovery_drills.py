"""What records say of a service: in which calendar period, which is the newest, and which stores were got back."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drpolicy.app.reading import read_tree
from drpolicy.catalog.load import built_in_catalog
from drpolicy.model.services import Drill, Service
from drpolicy.model.truth import Truth
from drpolicy.model.values import Known
from drpolicy.recovery.build import build_estate
from drpolicy.sources.trees import MemoryTree

AS_OF = date(2026, 11, 1)
DAYS = st.dates(date(2024, 1, 1), date(2026, 12, 31))
SERVICE = """\
apiVersion: drpolicy.dev/v1
kind: Service
metadata: {name: orders}
spec:
  owner: team-orders
  stores:
    - {name: db, ref: aws_db_instance.orders}
    - {name: table, ref: aws_dynamodb_table.orders}
"""
STORES = """\
provider "aws" {
  region = "eu-west-1"
}

resource "aws_db_instance" "orders" {
  backup_retention_period = 7
}

resource "aws_dynamodb_table" "orders" {}
"""


def record(name: str, day: str, *, kind: str = "restore", outcome: str = "passed", more: str = "") -> str:
    head = f"apiVersion: drpolicy.dev/v1\nkind: Evidence\nmetadata: {{name: {name}}}\n"
    return head + f"spec:\n  service: orders\n  kind: {kind}\n  date: {day}\n  outcome: {outcome}\n{more}"


def service(*records: str, as_of: date = AS_OF) -> Service:
    files = {"main.tf": STORES, "orders.yaml": SERVICE, "evidence.yaml": "---\n".join(records)}
    (found,) = build_estate(read_tree(MemoryTree(files)).inputs, built_in_catalog(), as_of).services
    return found


def newest(found: Service) -> list[tuple[str, Truth]]:
    return [(each.value.name, each.presence) for each in found.newest_restores.elements]


def never(found: Service) -> list[tuple[str, Truth]]:
    return [(each.value, each.presence) for each in found.never_restored.elements]


def both(presence: Truth) -> list[tuple[str, Truth]]:
    return [("aws_db_instance.orders", presence), ("aws_dynamodb_table.orders", presence)]


def only(day: date, as_of: date) -> Drill:
    (found,) = service(record("one", day.isoformat()), as_of=as_of).drills
    return found


@pytest.mark.parametrize(
    ("day", "months", "quarters", "years"),
    [("2026-11-01", 0, 0, 0), ("2026-10-31", 1, 0, 0), ("2026-10-01", 1, 0, 0), ("2026-09-30", 2, 1, 0), ("2025-12-31", 11, 4, 1)],
)
def test_periods_are_those_of_the_calendar(day: str, months: int, quarters: int, years: int) -> None:
    found = only(date.fromisoformat(day), AS_OF)
    assert [getattr(each, "value", None) for each in (found.months_ago, found.quarters_ago, found.years_ago)] == [months, quarters, years]


def first_sunday(year: int, month: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(6 - first.weekday()) % 7)


@given(DAYS)
def test_the_first_sunday_of_every_month_is_monthly_whatever_the_gap(as_of: date) -> None:
    sundays = [first_sunday(year, month) for year in range(2023, 2027) for month in range(1, 13)]
    last = max(each for each in sundays if each <= as_of)
    months = only(last, as_of).months_ago
    assert isinstance(months, Known)
    assert months.value <= 1


def test_the_newest_restore_is_the_last_one_whatever_the_order() -> None:
    found = service(record("b", "2026-10-25"), record("a", "2026-10-01"), record("c", "2026-10-30", kind="failover"))
    assert newest(found) == [("b", Truth.TRUE)]
    assert [each.name for each in found.newest_drills] == ["b", "c"]


def test_two_restores_of_one_day_are_both_the_newest() -> None:
    assert newest(service(record("a", "2026-10-25"), record("b", "2026-10-25"))) == [("a", Truth.TRUE), ("b", Truth.TRUE)]


def test_a_record_without_a_known_day_makes_the_newest_uncertain() -> None:
    found = service(record("a", "2026-10-25"), record("b", "${DAY}"), record("c", "2026-10-01"))
    assert newest(found) == [("a", Truth.UNKNOWN), ("b", Truth.UNKNOWN)]


def test_a_record_of_no_known_kind_may_be_the_newest() -> None:
    found = service(record("a", "2026-10-25"), record("b", "2026-10-30", kind="${KIND}"))
    assert newest(found) == [("a", Truth.UNKNOWN), ("b", Truth.UNKNOWN)]


def test_the_only_restore_is_the_newest_even_without_a_day() -> None:
    assert newest(service(record("a", "${DAY}"))) == [("a", Truth.TRUE)]


def test_what_happens_after_the_day_of_the_judgement_is_no_record_yet() -> None:
    assert newest(service(record("a", "2026-10-25"), record("b", "2026-11-02"))) == [("a", Truth.TRUE)]


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ([record("a", "2026-10-25")], []),
        ([record("a", "2026-10-25", more="  stores: [db]\n")], [("aws_dynamodb_table.orders", Truth.TRUE)]),
        ([record("a", "2026-10-25", more="  stores: [aws_dynamodb_table.orders, db]\n")], []),
        ([record("a", "2026-10-25", kind="tabletop", more="  stores: [db]\n")], both(Truth.TRUE)),
        ([record("a", "2026-10-25", outcome="${RESULT}")], both(Truth.UNKNOWN)),
    ],
    ids=["whole service", "one store", "each store", "on paper", "outcome not known"],
)
def test_a_store_is_restored_by_a_passing_record_that_covers_it(records: list[str], expected: list[tuple[str, Truth]]) -> None:
    assert never(service(*records)) == expected


def test_a_tier_asks_where_the_service_does_not() -> None:
    gold = "    objectives: {all: {rto: 1h}}\n    testing: {every: quarter, maxAge: 100d}\n"
    tiers = f"apiVersion: drpolicy.dev/v1\nkind: Config\ntiers:\n  gold:\n{gold}"
    files = {"drpolicy.yaml": tiers, "orders.yaml": SERVICE.replace("  owner:", "  tier: gold\n  testing: {maxAge: 50d}\n  owner:")}
    (found,) = build_estate(read_tree(MemoryTree(files)).inputs, built_in_catalog(), AS_OF).services
    assert (getattr(found.test_every, "value", None), str(getattr(found.test_max_age, "value", None))) == ("quarter", "50d")
