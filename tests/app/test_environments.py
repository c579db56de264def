"""Environments: declared or inferred, printed, and what they do to the severity of what is missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from drpolicy.model.findings import Verdict
from drpolicy.recovery.environments import named_environment
from tests.app.repositories import checked, repository

MAIN = """
variable "region" {
  type = string
}
provider "aws" {
  region = var.region
}
resource "aws_db_instance" "main" {
  identifier              = "main"
  engine                  = "postgres"
  backup_retention_period = 0
}
"""
FILES = {"app/main.tf": MAIN, "app/prod.tfvars": 'region = "ap-northeast-2"\n', "app/staging.tfvars": 'region = "ap-northeast-2"\n'}
SERVICE = """apiVersion: drpolicy.dev/v1
kind: Service
metadata: {name: orders}
spec:
  owner: team-orders
  tier: critical
  objectives: {all: {rto: 4h, rpo: 1h}}
  stores: [{ref: app//aws_db_instance.main}]
"""


def judged(directory: Path, policy: str = "database-without-backup") -> dict[str, tuple[Verdict, str]]:
    """Return verdict and severity per deployment."""
    report = checked(directory)
    return {each.subject.deployment: (each.verdict, each.severity) for each in report.findings if each.policy == policy}


def test_a_missing_protection_outside_of_production_is_advice_and_still_a_fail(tmp_path: Path) -> None:
    found = judged(repository(tmp_path, {**FILES, "orders.yaml": SERVICE}))
    assert found == {"app@prod": (Verdict.FAIL, "critical"), "app@staging": (Verdict.FAIL, "advice")}


def test_what_was_concluded_is_printed_and_says_how_to_correct_it(tmp_path: Path) -> None:
    said = [each.text for each in checked(repository(tmp_path, FILES)).coverage.inferred]
    advice = "app has several var-files, this one is given"
    assert said == [
        f"app@prod is a deployment of its own: {advice} app/prod.tfvars (drpolicy.yaml can list its deployments)",
        "app@prod is production: its var-file says so",
        f"app@staging is a deployment of its own: {advice} app/staging.tfvars (drpolicy.yaml can list its deployments)",
        "app@staging is staging: its var-file says so",
    ]


def test_an_environment_that_is_declared_as_production_is_not_advised_only(tmp_path: Path) -> None:
    config = "apiVersion: drpolicy.dev/v1\nkind: Config\nenvironments:\n  staging: {production: true}\n"
    found = judged(repository(tmp_path, {**FILES, "drpolicy.yaml": config}))
    assert found["app@staging"] == (Verdict.FAIL, "low")


def test_deployments_that_are_listed_win_and_keep_their_environments_apart(tmp_path: Path) -> None:
    config = """apiVersion: drpolicy.dev/v1
kind: Config
deployments:
  - {path: app, name: live, environment: live, varFiles: [app/prod.tfvars]}
  - {path: app, name: trial, environment: trial, varFiles: [app/staging.tfvars]}
environments:
  live: {production: true}
  trial: {production: false}
"""
    found = judged(repository(tmp_path, {**FILES, "drpolicy.yaml": config}))
    assert found == {"live": (Verdict.FAIL, "low"), "trial": (Verdict.FAIL, "advice")}


def test_a_service_lives_in_the_deployment_of_its_environment(tmp_path: Path) -> None:
    staging = SERVICE.replace("  owner:", "  environment: staging\n  owner:")
    report = checked(repository(tmp_path, {**FILES, "orders.yaml": staging}))
    services = {each.subject.deployment: each.subject.services for each in report.findings if each.policy == "database-without-backup"}
    assert services == {"app@prod": (), "app@staging": ("orders",)}


CLAIM = """apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data, namespace: NAME}
spec: {resources: {requests: {storage: 1Gi}}}
"""


def test_a_namespace_is_of_the_environment_that_it_is_named_after(tmp_path: Path) -> None:
    names = ("orders-staging", "dev-portal", "production", "orders-non-prod")
    files = {f"kubernetes/{name}.yaml": CLAIM.replace("NAME", name) for name in names}
    said = [each.text for each in checked(repository(tmp_path, files)).coverage.inferred if each.text.startswith("namespace")]
    assert said == [
        "namespace kubernetes/orders-non-prod is development: its name says so",
        "namespace kubernetes/orders-staging is staging: its name says so",
    ]


@pytest.mark.parametrize(
    ("name", "environment"),
    [
        ("envs/dev", "development"),
        ("live/test/database", "test"),
        ("terraform/variables/integration/synthetic-test", "integration"),
        ("test-eu-west-1", "test"),
        ("envs/dev-env", "development"),
        ("account-qa-2", "test"),
        ("main.dev", "development"),
        ("app@staging", "staging"),
        ("app/orders-staging", "staging"),
        ("orders-non-prod", "development"),
        ("orders-pre-prod", "staging"),
        ("prod-seoul", "production"),
        ("orders-prod", "production"),
        ("prod/datadog-integration", "production"),
        ("terraform/deployments/synthetic-test", None),
        ("modules/datadog-integration", None),
        ("stacks/product-test", None),
        ("provider-dev-override", None),
        ("dev-portal", None),
        ("staging-bucket", None),
        ("load-test", None),
        ("production-like-test", "production"),
    ],
)
def test_a_path_says_an_environment_where_that_is_all_it_says(name: str, environment: str | None) -> None:
    assert named_environment(name) == environment


def test_a_deployment_that_tests_is_not_one_for_testing(tmp_path: Path) -> None:
    root = MAIN.replace('variable "region" {\n  type = string\n}\n', "").replace("var.region", '"eu-west-1"')
    directory = repository(tmp_path, {"deployments/synthetic-test/main.tf": root, "deployments/test/main.tf": root})
    assert judged(directory) == {
        "deployments/synthetic-test": (Verdict.FAIL, "low"),
        "deployments/test": (Verdict.FAIL, "advice"),
    }
    assert [each.text for each in checked(directory).coverage.inferred] == ["deployments/test is test: its path says so"]
