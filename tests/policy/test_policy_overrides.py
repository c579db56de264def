"""policies.overrides of drpolicy.yaml: other severities, parameters and policies for some subjects only."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from drpolicy.app.check import assemble
from drpolicy.app.reading import read_tree
from drpolicy.app.settings import Settings
from drpolicy.model.findings import Finding
from drpolicy.model.report import Report
from drpolicy.sources.trees import MemoryTree

DATABASE = 'provider "aws" {\n  region = "eu-west-1"\n}\n\nresource "aws_db_instance" "%s" {\n  backup_retention_period = %s\n}\n'
FILES = {
    "envs/dev/main.tf": DATABASE % ("dev", 3),
    "envs/live/main.tf": DATABASE % ("live", 3) + 'module "shared" {\n  source = "../../modules/shared"\n}\n',
    "modules/shared/main.tf": 'resource "aws_db_instance" "made" {\n  backup_retention_period = 3\n}\n',
}
SERVICE = "apiVersion: drpolicy.dev/v1\nkind: Service\nmetadata: {name: %s}\nspec:\n  owner: team\n  stores: [%s]\n"
SHORT = "backup-retention-too-short"
DEV, LIVE, MADE = "aws_db_instance.dev", "aws_db_instance.live", "module.shared.aws_db_instance.made"


def report(overrides: str, files: Mapping[str, str] | None = None) -> Report:
    config = f"apiVersion: drpolicy.dev/v1\nkind: Config\npolicies:\n  overrides:\n{overrides}"
    found = read_tree(MemoryTree({**FILES, **(files or {}), "drpolicy.yaml": config}))
    return assemble(Settings((), Path(), date(2026, 11, 1)), found)


def about(policy: str, judged: Report) -> dict[str, Finding]:
    return {each.subject.address: each for each in judged.every() if each.policy == policy}


def verdicts(policy: str, judged: Report) -> dict[str, str]:
    return {address: f"{each.verdict.value} {each.severity}" for address, each in about(policy, judged).items()}


FAILS = "fail low"
NOTHING = "    - for: {paths: [nowhere/**]}\n"


def test_without_one_every_subject_is_judged_alike() -> None:
    judged = report(NOTHING)
    assert verdicts(SHORT, judged) == {DEV: "fail advice", LIVE: FAILS, MADE: FAILS}
    (unused,) = [each for each in judged.diagnostics if each.code == "override-unused"]
    assert (str(unused.span), unused.level, unused.message) == ("drpolicy.yaml:5:7", "warning", "this selects nothing of what was read")


@pytest.mark.parametrize(
    ("selector", "selected"),
    [
        ("{paths: [envs/dev]}", {DEV}),
        ("{paths: ['envs/*/main.tf']}", {DEV, LIVE, MADE}),
        ("{paths: [envs/live/**]}", {LIVE, MADE}),
        ("{paths: [modules/**]}", {MADE}),
        ("{paths: [envs/dev/**, modules/**]}", {DEV, MADE}),
        ("{deployments: [envs/live]}", {LIVE, MADE}),
        ("{deployments: ['envs/*']}", {DEV, LIVE, MADE}),
        ("{deployments: [envs/live], paths: [modules/**]}", {MADE}),
        ("{services: [orders]}", {LIVE}),
        ("{services: [orders, reports]}", {LIVE, MADE}),
        ("{services: ['*']}", {LIVE, MADE}),
        # The made one serves reports and orders: what is decided for reports alone changes nothing for orders.
        ("{services: [reports]}", set()),
    ],
)
def test_which_subjects_a_selector_selects(selector: str, selected: set[str]) -> None:
    services = {
        "orders.yaml": SERVICE % ("orders", f"{{ref: {LIVE}}}, {{ref: {MADE}}}"),
        "reports.yaml": SERVICE % ("reports", f"{{ref: {MADE}}}"),
    }
    judged = report(f"    - for: {selector}\n      disable: [{SHORT}]\n", services)
    off = {address for address, each in about(SHORT, judged).items() if each.verdict.value == "not_applicable"}
    assert off == selected


def test_a_policy_that_is_switched_off_says_where() -> None:
    finding = about(SHORT, report(f"    - for: {{paths: [envs/dev/**]}}\n      disable: [{SHORT}]\n"))[DEV]
    assert (finding.verdict.value, finding.message) == ("not_applicable", f"switched off for {DEV} at drpolicy.yaml:6:17")


def test_a_severity_for_some_wins_over_the_environment_and_a_later_one_over_an_earlier() -> None:
    overrides = (
        f"    - for: {{deployments: ['envs/*']}}\n      severity: {{{SHORT}: high}}\n"
        f"    - for: {{paths: [modules/**]}}\n      severity: {{{SHORT}: medium}}\n"
    )
    assert verdicts(SHORT, report(overrides)) == {DEV: "fail high", LIVE: "fail high", MADE: "fail medium"}


def test_parameters_for_some() -> None:
    judged = report(f"    - for: {{paths: [envs/live/**]}}\n      params: {{{SHORT}: {{minimum: 2d}}}}\n")
    assert verdicts(SHORT, judged) == {DEV: "fail advice", LIVE: "pass low", MADE: "pass low"}


def test_an_override_keeps_what_a_finding_is_known_by() -> None:
    plain, changed = (
        about(SHORT, report(each))[LIVE] for each in (NOTHING, f"    - for: {{paths: [envs/**]}}\n      severity: {{{SHORT}: high}}\n")
    )
    assert (plain.fingerprint, plain.basis) == (changed.fingerprint, changed.basis)


@pytest.mark.parametrize(
    ("entry", "place", "message"),
    [
        (
            "    - for: {}\n      disable: []\n",
            "5:7",
            "nothing is selected; write 'paths:', 'deployments:' or 'services:'",
        ),
        ("    - disable: []\n", "5:7", "'for' is missing in 'policies.overrides'"),
        (
            "    - for: {path: [a]}\n",
            "5:13",
            "unknown field 'path'; did you mean 'paths'?",
        ),
        (
            f"    - for: {{paths: [envs/**]}}\n      severity: {{{SHORT}: hihg}}\n",
            "6:46",
            "'hihg' is not one of critical, high, medium, low, advice; did you mean 'high'?",
        ),
        (
            "    - for: {paths: [envs/**]}\n      disable: [backup-retention-to-short]\n",
            "6:17",
            f"no policy is called 'backup-retention-to-short'; did you mean '{SHORT}'?",
        ),
        (
            f"    - for: {{paths: [envs/**]}}\n      params: {{{SHORT}: {{minmum: 2d}}}}\n",
            "6:45",
            f"{SHORT} has no parameter 'minmum'",
        ),
    ],
)
def test_mistakes_are_said_at_their_place(entry: str, place: str, message: str) -> None:
    judged = report(entry)
    (error,) = [each for each in judged.diagnostics if each.level == "error"]
    assert (str(error.span), error.message, error.code, error.effect) == (f"drpolicy.yaml:{place}", message, "config-invalid", "invalid")


def test_an_entry_with_a_mistake_costs_itself() -> None:
    judged = report(f"    - for: {{}}\n    - for: {{paths: [envs/dev/**]}}\n      disable: [{SHORT}]\n")
    assert about(SHORT, judged)[DEV].verdict.value == "not_applicable"
