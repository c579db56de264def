"""A policy with a new name keeps what was accepted and set under its old one."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

from drpolicy.app.baselining import changed
from drpolicy.app.check import assemble
from drpolicy.app.reading import read_tree
from drpolicy.app.settings import Settings
from drpolicy.model.findings import Finding
from drpolicy.model.report import Report
from drpolicy.sources.trees import MemoryTree
from drpolicy.triage.baseline_file import NAME

sys.setrecursionlimit(20_000)  # what the command line runs with

SETTINGS = Settings((Path(),), Path(), date(2026, 11, 1))
MAIN = 'provider "aws" {\n  region = "eu-west-1"\n}\n\n%sresource "aws_db_instance" "d" {\n  identifier = "d"\n}\n'
CONFIG = "apiVersion: drpolicy.dev/v1\nkind: Config\npolicies:\n  directories: [ours]\n"
POLICY = """\
apiVersion: drpolicy.dev/v1
kind: Policy
metadata: {id: %s, title: A rule of our own, antiPattern: recoverability%s}
spec:
  subject: Store
  params: {type: mysql}
  assert: self.type == params.type
  severity: [{is: low}]
  message: "{self.name}"
why: We said so.
remediation: Do as we said.
"""


def files(name: str, aliases: str = "", *, config: str = "", comment: str = "") -> dict[str, str]:
    return {
        "main.tf": MAIN % comment,
        "ours/own.yaml": POLICY % (name, aliases),
        "drpolicy.yaml": CONFIG + config,
    }


def run(tree: dict[str, str]) -> Report:
    return assemble(SETTINGS, read_tree(MemoryTree(tree)))


def own(report: Report, name: str) -> Finding:
    (found,) = [each for each in report.findings if each.policy == name]
    return found


def test_the_fingerprint_stays() -> None:
    before = own(run(files("old-name")), "old-name").fingerprint
    assert own(run(files("new-name", ", aliases: [old-name]")), "new-name").fingerprint == before
    assert own(run(files("newest-name", ", aliases: [old-name, new-name]")), "newest-name").fingerprint == before
    assert own(run(files("new-name")), "new-name").fingerprint != before


def test_the_baseline_holds() -> None:
    found = read_tree(MemoryTree(files("old-name")))
    text = changed("create", SETTINGS, found, assemble(SETTINGS, found).findings).text
    renamed = own(run({**files("new-name", ", aliases: [old-name]"), NAME: text}), "new-name")
    assert renamed.baseline is not None


def test_a_waiver_under_the_old_name_holds() -> None:
    comment = '# drpolicy: ignore[old-name] until=2027-03-31 reason="r"\n'
    report = run(files("new-name", ", aliases: [old-name]", comment=comment))
    assert own(report, "new-name").waiver is not None
    assert [each.code for each in report.diagnostics] == []


def test_settings_under_the_old_name_hold() -> None:
    severity = run(files("new-name", ", aliases: [old-name]", config="  severity: {old-name: high}\n"))
    assert own(severity, "new-name").severity == "high"
    params = run(files("new-name", ", aliases: [old-name]", config="  params: {old-name: {type: aws_db_instance}}\n"))
    assert own(params, "new-name").verdict.value == "pass"
    disabled = run(files("new-name", ", aliases: [old-name]", config="  disable: [old-name]\n"))
    assert "new-name" not in disabled.policies


def test_an_alias_is_one_policys_own() -> None:
    report = run(files("new-name", ", aliases: [database-without-backup]"))
    (told,) = [each for each in report.diagnostics if each.code == "policy-invalid"]
    assert told.message == "new-name: the alias 'database-without-backup' is a policy of its own"
    assert str(told.span).startswith("ours/own.yaml:3:")
