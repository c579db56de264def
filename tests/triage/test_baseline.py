"""The baseline, through the whole of ``check``: what it covers, and above all what it does not."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from drpolicy.app.baselining import changed
from drpolicy.app.check import assemble
from drpolicy.app.reading import read_tree
from drpolicy.app.settings import Settings
from drpolicy.model.findings import Finding, Verdict
from drpolicy.model.report import Report
from drpolicy.sources.trees import MemoryTree
from drpolicy.triage.baseline_file import NAME

sys.setrecursionlimit(20_000)  # what the command line runs with

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "before"
AS_OF = date(2026, 11, 1)
PROVIDER = 'provider "aws" {\n  region = "eu-west-1"\n}\n\n'
DATABASE = 'resource "aws_db_instance" "{0}" {{\n  identifier              = "{0}"\n  backup_retention_period = {1}\n}}\n'
POLICY = "database-without-backup"
MODULE = 'module "shop" {\n  source = "acme/shop/aws"\n  store  = aws_db_instance.d.arn\n}\n'
INSTALLED = (
    '{"Modules": [{"Key": "", "Source": "", "Dir": "."}, {"Key": "shop", "Source": "acme/shop/aws", "Dir": ".terraform/modules/shop"}]}'
)


def run(files: Mapping[str, str], as_of: date = AS_OF) -> Report:
    return assemble(Settings((Path(),), Path(), as_of), read_tree(MemoryTree(files)))


def accepted(files: Mapping[str, str], action: str = "create", as_of: date = AS_OF) -> dict[str, str]:
    """Return the files with the baseline that an action makes of them."""
    without = Settings((Path(),), Path(), as_of, use_baseline=False)
    found = read_tree(MemoryTree(files))
    change = changed(action, without, found, assemble(without, found).findings)  # type: ignore[arg-type]
    assert change.path.as_posix() == NAME
    return {**files, NAME: change.text}


def open_findings(report: Report) -> set[tuple[str, str, Verdict]]:
    """Return what stands and nothing accepts, but for what the calendar decides."""
    return {
        (each.policy, each.subject.address, each.verdict)
        for each in report.findings
        if each.verdict in (Verdict.FAIL, Verdict.UNKNOWN) and not each.accepted and not each.calendar
    }


def finding(report: Report, policy: str = POLICY, address: str = "aws_db_instance.d") -> Finding:
    (found,) = [each for each in report.findings if each.policy == policy and each.subject.address == address]
    return found


def notes(report: Report) -> list[tuple[str, str]]:
    return [(each.code, each.message) for each in report.diagnostics]


def example() -> dict[str, str]:
    paths = [path for path in sorted(EXAMPLE.rglob("*")) if path.suffix in {".tf", ".yaml", ".md"}]
    return {path.relative_to(EXAMPLE).as_posix(): path.read_text("utf-8") for path in paths}


def test_what_stood_is_shown_and_does_not_fail_the_gate() -> None:
    files = {"main.tf": PROVIDER + DATABASE.format("d", 0)}
    report = run(accepted(files))
    covered = finding(report)
    assert covered.baseline is not None
    assert (covered.verdict, covered.baseline.since) == (Verdict.FAIL, "2026-11-01")
    assert open_findings(report) == set()
    assert notes(report) == []


def test_a_new_violation_elsewhere_is_not_hidden() -> None:
    files = accepted({"a/main.tf": PROVIDER + DATABASE.format("d", 0)})
    same_address = {**files, "b/main.tf": PROVIDER + DATABASE.format("d", 0)}
    assert (POLICY, "aws_db_instance.d", Verdict.FAIL) in open_findings(run(same_address))
    same_file = {**files, "a/main.tf": files["a/main.tf"] + DATABASE.format("e", 0)}
    assert {address for _, address, _ in open_findings(run(same_file))} == {"aws_db_instance.e"}


def test_an_entry_lapses_when_what_decided_it_changes() -> None:
    files = accepted({"k8s/velero.yaml": VELERO.format("12h"), "drpolicy.yaml": CLUSTERS})
    assert open_findings(run(files)) == set()
    shorter = run({**files, "k8s/velero.yaml": VELERO.format("10h")})
    lapsed = finding(shorter, "retention-shorter-than-interval", "Schedule/velero/daily")
    assert (lapsed.verdict, lapsed.baseline) == (Verdict.FAIL, None)
    said = "retention-shorter-than-interval on daily was in the baseline since 2026-11-01: what decided it has changed"
    assert notes(shorter) == [("baseline-lapsed", said)]
    assert str(shorter.diagnostics[0].span) == str(lapsed.span)


CLUSTERS = """apiVersion: drpolicy.dev/v1
kind: Config
clusters:
  - {name: c, region: eu-west-1, role: primary, paths: ["k8s/**"]}
"""
VELERO = """apiVersion: velero.io/v1
kind: Schedule
metadata: {{name: daily, namespace: velero}}
spec:
  schedule: "0 1 * * *"
  template: {{ttl: {0}}}
"""
CONFIG = "apiVersion: drpolicy.dev/v1\nkind: Config\n"
SERVICE = (
    "apiVersion: drpolicy.dev/v1\nkind: Service\nmetadata: {name: shop}\n"
    "spec:\n  owner: t\n  tier: critical\n  stores:\n    - {ref: aws_db_instance.d}\n"
)


def test_an_entry_lapses_when_more_is_at_stake() -> None:
    files = accepted({"main.tf": PROVIDER + DATABASE.format("d", 0)})
    report = run({**files, "service.yaml": SERVICE})
    severe = finding(report)
    assert (severe.severity, severe.baseline) == ("critical", None)
    said = "database-without-backup on aws_db_instance.d was in the baseline since 2026-11-01: it was accepted as low, and is critical now"
    assert ("baseline-lapsed", said) in notes(report)
    assert report.gate.outcome == "failed"


def test_a_waived_finding_and_one_of_the_calendar_are_not_accepted() -> None:
    comment = f'# drpolicy: ignore[{POLICY}] until=2027-03-31 reason="r"\n'
    text = accepted({**example(), "own/main.tf": PROVIDER + comment + DATABASE.format("d", 0)})[NAME]
    assert "drill-overdue" not in text
    assert "own//aws_db_instance.d" in text
    assert not [line for line in text.splitlines() if POLICY in line and "own//" in line]


@given(st.integers(0, 3), st.integers(1, 30), st.booleans(), st.sampled_from(["", "# note\n", "// note\n", "/* a\n b */\n"]))
@settings(max_examples=12, deadline=None)
def test_it_survives_reformatting_moves_and_comments(lines: int, spaces: int, reordered: bool, comment: str) -> None:
    blocks = [DATABASE.format("d", 0), DATABASE.format("e", 0)]
    before = accepted({"main.tf": PROVIDER + "".join(blocks)})
    if reordered:
        blocks = [
            'resource "aws_db_instance" "e" {\n  backup_retention_period = 0\n\n  identifier = "e"\n}\n',
            blocks[0],
        ]
    text = ("\n" * lines + comment).join([PROVIDER, *blocks]).replace(" = ", " " * spaces + "= ")
    report = run({**before, "main.tf": text})
    assert open_findings(report) == set()
    assert notes(report) == []
    moved = run({NAME: before[NAME], "databases.tf": PROVIDER + "\n" * lines + "".join(blocks)})
    assert open_findings(moved) == set()


def test_every_finding_of_the_example_survives_a_shift_of_lines() -> None:
    files = accepted(example())
    shifted = {name: text if name == NAME or name.endswith(".md") else "# a line\n\n" + text for name, text in files.items()}
    assert open_findings(run(shifted)) == open_findings(run(files)) == set()
    assert notes(run(shifted)) == notes(run(files)) == []


def with_module(files: Mapping[str, str], body: str = 'variable "store" {}\n') -> dict[str, str]:
    return {**files, ".terraform/modules/modules.json": INSTALLED, ".terraform/modules/shop/main.tf": body}


def test_terraform_init_changes_nothing_in_either_direction() -> None:
    files = {"main.tf": PROVIDER + DATABASE.format("d", 7) + MODULE}
    policy = "no-copy-outside-region"
    away, there = run(files), run(with_module(files))
    assert (finding(away, policy).verdict, finding(there, policy).verdict) == (Verdict.UNKNOWN, Verdict.FAIL)
    assert open_findings(run(with_module(accepted(files)))) == set()
    made_there = accepted(with_module(files))
    made_away = run({"main.tf": files["main.tf"], NAME: made_there[NAME]})
    assert finding(made_away, policy).baseline is not None
    # What passed when the module was there is undecided without it, and was never accepted.
    assert open_findings(made_away) == {("region-copy-repeats-corruption", "aws_db_instance.d", Verdict.UNKNOWN)}


def test_a_module_that_is_still_away_excuses_no_failure() -> None:
    """The store no longer goes into the module: that is why it fails now, whatever is on disk."""
    files = accepted({"main.tf": PROVIDER + DATABASE.format("d", 7) + MODULE})
    cut_off = {**files, "main.tf": files["main.tf"].replace("  store  = aws_db_instance.d.arn\n", "")}
    report = run(cut_off)
    assert finding(report, "no-copy-outside-region").verdict is Verdict.FAIL
    assert finding(report, "no-copy-outside-region").baseline is None


def test_what_lies_in_a_module_that_is_away_is_not_gone() -> None:
    inside = 'resource "aws_db_instance" "own" {\n  backup_retention_period = 0\n}\nvariable "store" {}\n'
    root = {"main.tf": PROVIDER + DATABASE.format("d", 0) + MODULE}
    files = accepted(with_module(root, inside))
    without = {**root, NAME: files[NAME]}
    assert "baseline-stale" not in {each.code for each in run(without).diagnostics}
    assert accepted(without, "prune")[NAME] == files[NAME]
    assert "module.shop.aws_db_instance.own" in accepted(without, "update")[NAME]


def test_prune_drops_what_is_repaired_and_accepts_nothing() -> None:
    files = accepted({"main.tf": PROVIDER + DATABASE.format("d", 0) + DATABASE.format("e", 0)})
    repaired = {**files, "main.tf": PROVIDER + DATABASE.format("e", 0) + DATABASE.format("f", 0)}
    report = run(repaired)
    (stale,) = [each for each in report.diagnostics if each.code == "baseline-stale"]
    assert (stale.level, stale.path) == ("note", NAME)
    after = accepted(repaired, "prune")[NAME]
    assert {each for each in "def" if f"aws_db_instance.{each}" in after} == {"e"}
    assert set(after.splitlines()) < set(files[NAME].splitlines())


def test_update_accepts_what_came_and_keeps_the_day_of_the_rest() -> None:
    files = accepted({"main.tf": PROVIDER + DATABASE.format("d", 0)})
    grown = {**files, "main.tf": files["main.tf"] + DATABASE.format("e", 0)}
    report = run(accepted(grown, "update", date(2026, 12, 1)))
    since = {each.subject.address: each.baseline.since for each in report.findings if each.baseline and each.policy == POLICY}
    assert since == {"aws_db_instance.d": "2026-11-01", "aws_db_instance.e": "2026-12-01"}


def test_the_configuration_names_another_file() -> None:
    files = accepted({"main.tf": PROVIDER + DATABASE.format("d", 0)})
    text = files.pop(NAME)
    named = {**files, "ci/accepted.json": text, "drpolicy.yaml": CONFIG + "baseline: ci/accepted.json\n"}
    assert open_findings(run(named)) == set()
    del named["ci/accepted.json"]
    report = run(named)
    assert open_findings(report) != set()
    assert notes(report) == [("baseline-invalid", "the baseline covers nothing: ci/accepted.json was not read: there is no such file")]
