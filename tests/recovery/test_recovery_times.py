"""Recovery as numbers: what a team says of a mechanism, what a drill measured, and the worst of what a service rests on."""

from __future__ import annotations

import pytest
from recovery_estates import PROVIDERS, estate_of

from drpolicy.model.services import Service, Target
from drpolicy.model.truth import Truth
from drpolicy.model.values import Known

TABLE = """
resource "aws_dynamodb_table" "orders" {
  name = "orders"
}
resource "aws_backup_plan" "p" {
  name = "p"
  rule {
    rule_name         = "daily"
    target_vault_name = "Default"
    schedule          = "cron(0 3 * * ? *)"
  }
}
resource "aws_backup_selection" "s" {
  name         = "s"
  plan_id      = aws_backup_plan.p.id
  iam_role_arn = "arn:aws:iam::111122223333:role/backup"
  resources    = [aws_dynamodb_table.orders.arn]
}
"""
DRILL = """apiVersion: drpolicy.dev/v1
kind: Evidence
metadata: {name: restored}
spec:
  service: shop
  kind: restore
  date: 2026-10-01
  outcome: passed
  measured: {rto: 50m, rpo: 25h}
"""


def service(name: str, spec: str = "", store: str = "aws_dynamodb_table.orders") -> str:
    return f"""apiVersion: drpolicy.dev/v1
kind: Service
metadata: {{name: {name}}}
spec:
  owner: team
  stores: [{{ref: {store}}}]
{spec}"""


def services(config: str = "", extra: str = "", **files: str) -> dict[str, Service]:
    given = {f"{name}.yaml": text for name, text in files.items()}
    configuration = {"drpolicy.yaml": "apiVersion: drpolicy.dev/v1\nkind: Config\n" + config} if config else {}
    return {each.name: each for each in estate_of({"main.tf": PROVIDERS + TABLE + extra, **given, **configuration}).services}


def corruption(of: Service) -> Target:
    return next(each for each in of.targets if each.disruption == "corruption")


def objective(rto: str, rpo: str) -> str:
    return f"  objectives: {{corruption: {{rto: {rto}, rpo: {rpo}}}}}\n"


@pytest.mark.parametrize(
    ("times", "rto", "met"),
    [
        ("", "0s or more", Truth.UNKNOWN),
        ("recoveryTimes: {backup-plan: 45m}\n", "45m or more", Truth.FALSE),
        ("recoveryTimes: {backup-plan: 1m}\n", "1m or more", Truth.UNKNOWN),
        ("recoveryTimes: {backup-plann: 45m}\n", "0s or more", Truth.UNKNOWN),
    ],
)
def test_a_team_says_how_long_a_mechanism_takes_at_least(times: str, rto: str, met: Truth) -> None:
    found = corruption(services(times, shop=service("shop", objective("30m", "48h")))["shop"])
    assert str(found.rto) == rto
    assert isinstance(found.declared_rto, Known)
    assert found.rto.within(found.declared_rto) is met


def test_the_basis_says_where_the_time_is_written() -> None:
    found = corruption(services("recoveryTimes: {backup-plan: 45m}\n", shop=service("shop", objective("30m", "48h")))["shop"])
    assert "at least 45m by recoveryTimes (drpolicy.yaml:3:30)" in found.rto.basis


def test_a_measured_drill_bounds_what_a_team_says_from_above() -> None:
    found = corruption(services("recoveryTimes: {backup-plan: 45m}\n", shop=service("shop", objective("1h", "26h")), drill=DRILL)["shop"])
    assert (str(found.rto), str(found.rpo)) == ("45m to 50m", "24h to 25h")


def test_a_service_is_as_late_as_what_it_cannot_do_without() -> None:
    weekly = TABLE.replace("orders", "users").replace('"p"', '"q"').replace(".p.", ".q.").replace('"s"', '"r"')
    rare = weekly.replace("cron(0 3 * * ? *)", "cron(0 3 ? * SUN *)")
    needs = "  dependsOn: [{service: login}]\n"
    login = service("login", store="aws_dynamodb_table.users")
    hard = services(extra=rare, shop=service("shop", objective("4h", "48h") + needs), login=login)
    soft = services(extra=rare, shop=service("shop", objective("4h", "48h") + needs.replace("login}", "login, kind: soft}")), login=login)
    assert str(corruption(hard["shop"]).rpo) == "7d to 7d4h"
    assert corruption(hard["shop"]).weakest == "aws_dynamodb_table.users of login"
    assert str(corruption(soft["shop"]).rpo) == "24h to 28h"
