"""What an RTO holds beside the recovery itself: detection and decision, of the service or its tier."""

from __future__ import annotations

import pytest
from recovery_estates import PROVIDERS, estate_of, plain

from drpolicy.model.services import Service

DATABASE = 'resource "aws_db_instance" "d" {\n  backup_retention_period = 7\n}\n'


def service(spec: str = "", tier: str = "") -> Service:
    declared = f"""apiVersion: drpolicy.dev/v1
kind: Service
metadata: {{name: shop}}
spec:
  owner: team
  tier: gold
  objectives: {{corruption: {{rto: 4h, rpo: 1h}}}}
  stores: [{{ref: aws_db_instance.d}}]
{spec}"""
    config = f"""apiVersion: drpolicy.dev/v1
kind: Config
tiers:
  gold:
    objectives: {{region: {{rto: 4h, rpo: 1h}}}}
{tier}"""
    files = {"main.tf": PROVIDERS + DATABASE, "shop.yaml": declared, "drpolicy.yaml": config}
    (found,) = estate_of(files).services
    return found


def rto(of: Service) -> tuple[str, str]:
    (target,) = [each for each in of.targets if each.disruption == "corruption"]
    return str(target.rto), target.rto.basis


def test_what_nobody_declares_counts_as_nothing_and_is_said() -> None:
    text, basis = rto(service())
    assert text == rto(service("  recovery: {failback: 4h}\n"))[0]
    assert basis.endswith("; detection and decision not declared, counted as 0s")


@pytest.mark.parametrize(
    ("spec", "tier", "later", "basis"),
    [
        ("  recovery: {detection: 5m, decision: 15m}\n", "", 20, ", after 5m detection and 15m decision"),
        ("", "    recovery: {detection: 5m}\n", 5, ", after 5m detection; decision not declared, counted as 0s"),
        ("  recovery: {detection: 1m}\n", "    recovery: {detection: 5m, decision: 2m}\n", 3, ", after 1m detection and 2m decision"),
    ],
)
def test_declared_terms_are_added_to_what_cannot_be_undercut(spec: str, tier: str, later: int, basis: str) -> None:
    (target,) = [each for each in service(spec, tier).targets if each.disruption == "corruption"]
    (plain_target,) = [each for each in service().targets if each.disruption == "corruption"]
    assert target.rto.best.seconds == plain_target.rto.best.seconds + later * 60
    assert target.rto.basis.endswith(basis)


def test_an_rto_that_detection_alone_uses_up_is_missed() -> None:
    found = service("  recovery: {detection: 5h}\n")
    assert found.missed_rto.endswith("; corruption 4h declared, aws_db_instance.d 5h1m at best")


def test_failback_is_shown_and_is_no_part_of_the_rto() -> None:
    found = service("  recovery: {failback: 4h, detection: 5m}\n")
    assert (plain(found.failback), plain(found.detection), plain(found.decision)) == ("4h", "5m", None)


def test_a_term_that_is_filled_in_elsewhere_bounds_nothing() -> None:
    found = service('  recovery: {detection: "${DETECTION}"}\n')
    (target,) = [each for each in found.targets if each.disruption == "corruption"]
    assert str(target.rto).endswith("or more")
    assert "DETECTION" in " ".join(each.symbol for each in target.rto.unknowns)
