from __future__ import annotations

import re

import pytest
from reports import AUDITED, DATABASES, EMPTY, EXAMPLE, evidence, finding, question, reach, span, target
from rich.cells import cell_len

from drpolicy.model.findings import Diagnostic, Finding, Verdict
from drpolicy.model.reasons import Reason
from drpolicy.model.records import replace
from drpolicy.model.report import Report
from drpolicy.model.spans import Source
from drpolicy.reporters.formats import Options
from drpolicy.reporters.text import SCREEN, render

FIRST_SCREEN = """\
Read 14 Terraform files, 9 manifests, 6 declarations: 2 deployments, 2 clusters, 6 stores, 3
  services · 36 policies
inferred: cluster dr is in ap-northeast-1 (its volume snapshot location says so)
not covered: 1 module not on disk (terraform-aws-modules/rds/aws); 2 files not read; 1 expression
  not parsed; 1 library module outside the gate; 1 store of no declared service; 2 policies without…

                      corruption               region
  service  tier       RPO        RTO           RPO               RTO
  billing  important  -          -             ✗ 1h → all lost   ✗ 4h → never
  catalog  -          -          -             · ≥ 15m           · not known
  orders   critical   ✓ 1h → 5m  ? 4h → ≥ 30m  ✗ 15m → all lost  ✗ 1h → never
  ✓ met   · no objective   ? not decided   ✗ missed   declared → achievable

critical  no-copy-outside-region  terraform/databases.tf:13:1
   13 │ resource "aws_dynamodb_table" "orders" {
      │ ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    orders in ap-northeast-2 has no copy outside the region, and service orders declares an RPO of
    15m for its loss
    because no replica block (databases.tf:13); RPO 15m (orders.yaml:6)
    fix: Add a replica:
         replica { region_name = "ap-northeast-1" }
    also breaks: the same for 1 more subject

critical  location-reads-failed-region  kubernetes/dr/velero.yaml:5:13
high      automatic-backup-off          terraform/databases.tf:9:3
high      restore-test-cannot-fail      kubernetes/primary/dr-test.yaml:4:5
… and 2 more causes: drpolicy check --full

settle first
  2 verdicts of 2 policies  module rds: module not on disk → terraform init
  2 verdicts of 1 policy    var.region: variable not set → --var-file or --var

7 failed · 3 unknown · 1 passed · 1 not applicable · 1 waived · 1 by the calendar · 2 diagnostics
1 finding depends on the calendar and does not count here: drpolicy audit
gate pr failed: 4 failures of high or worse
next: drpolicy explain no-copy-outside-region

error: terraform/old.tf: not valid UTF-8
warning: terraform/databases.tf:3:3: waiver covers nothing
"""


def screen(report: Report = EXAMPLE, **options: object) -> str:
    return render(report, replace(Options(), **options))  # type: ignore[arg-type]  # the fields have several types


def test_the_first_screen() -> None:
    assert screen() == FIRST_SCREEN


def test_the_first_screen_fits_a_screen() -> None:
    assert len(screen().splitlines()) <= SCREEN


@pytest.mark.parametrize("width", [60, 80, 100, 140])
def test_lines_fit_the_width(width: int) -> None:
    for full in (False, True):
        assert [line for line in screen(width=width, full=full).splitlines() if cell_len(line) > width] == []


def crowd(count: int) -> Report:
    """Return a report with many of everything."""
    where = span(DATABASES, "multi_az")
    chain = (evidence("one thing that was read " * 5, where), evidence("another thing " * 5, where))
    failures = (finding(f"policy-{at}", Verdict.FAIL, where, "message " * 40, evidence=chain, cause=str(at)) for at in range(count))
    open_ones = (
        finding("p", Verdict.UNKNOWN, where, "m", name=str(at), unknowns=(question(f"var.x{at}", Reason.VARIABLE_NOT_SET, where),))
        for at in range(count)
    )
    targets = tuple(
        target(each, "1h", "1h", reach(f"{at}h", None), reach("5m", f"{at + 1}h"), "s")
        for at, each in enumerate(("az", "region", "hardware"))
    )
    services = tuple(replace(EXAMPLE.services[0], name=f"service-{at}", targets=targets) for at in range(count))
    diagnostics = tuple(Diagnostic("warning", "c", f"trouble {at}", where) for at in range(count))
    inferred = EXAMPLE.coverage.inferred * count
    coverage = replace(EXAMPLE.coverage, inferred=inferred)
    return replace(EXAMPLE, findings=(*failures, *open_ones), services=services, diagnostics=diagnostics, coverage=coverage)


@pytest.mark.parametrize("count", [2, 7, 40, 300])
@pytest.mark.parametrize("width", [80, 100, 160])
def test_however_much_there_is_the_first_screen_stays_one_and_says_what_is_left_out(count: int, width: int) -> None:
    lines = screen(crowd(count), width=width).splitlines()
    assert len(lines) <= SCREEN
    shown = sum(bool(re.match(r"high +policy-", line)) for line in lines)
    assert shown >= 1
    if shown < count:
        noun = "cause" if count - shown == 1 else "causes"
        assert f"… and {count - shown} more {noun}: drpolicy check --full" in lines


def test_full_shows_everything() -> None:
    output = screen(crowd(40), full=True, width=200)
    assert all(f"high  policy-{at}  " in output for at in range(40))
    assert all(f"var.x{at}:" in output for at in range(40))
    assert all(f"trouble {at}" in output for at in range(40))
    assert all(f"  service-{at} " in output for at in range(40))
    assert "--full" not in output


def test_full_names_waivers_and_counts_passes() -> None:
    output = screen(full=True, width=200)
    assert "waived: no-copy-outside-region (primary) until 2027-03-31, team-orders: moving to Aurora (terraform/databases.tf:1:1)" in output
    assert "passed: automatic-backup-off 1" in output
    assert "because last restore completed there [recorded]" in output
    assert "modules not on disk, by source:\n     1  terraform-aws-modules/rds/aws\n        module.rds\n" in output
    assert output.index("passed:") < output.index("inferred:") < output.index("modules not on disk") < output.index("7 failed")
    assert "\nwithout a subject: mirror-without-lock, vault-unlocked\n" in output


def test_plain_by_default_and_coloured_when_asked() -> None:
    assert "\x1b" not in screen()
    coloured = screen(color=True)
    assert "\x1b[1;31mcritical\x1b[0m" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == screen()


def test_the_environment_has_no_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert screen() == FIRST_SCREEN
    assert "\x1b" in screen(color=True)


def test_ascii_only_where_nothing_else_passes() -> None:
    output = screen(unicode=False, full=True)
    assert output.isascii()
    assert "+ 1h -> 5m" in output
    assert "x 15m -> all lost" in output
    assert "    9 |   backup_retention_period = 0\n      |   ^^^^^^^^^^^^^^^^^^^^^^^^^^^\n" in output


@pytest.mark.parametrize(
    ("text", "word", "shown"),
    [
        ("\tname = \t1\n", "name", ("    name =  1", "    ^^^^")),
        ("# 데이터베이스 name\n", "name", ("# 데이터베이스 name", "               ^^^^")),
        ("데이터\n", "데이터", ("데이터", "^^^^^^")),
        ("name = x\r\n", "name = x\r\n", ("name = x", "^^^^^^^^")),
    ],
)
def test_carets_stand_under_the_place(text: str, word: str, shown: tuple[str, str]) -> None:
    source = Source("a.tf", text)
    output = screen(replace(EXAMPLE, findings=(finding("p", Verdict.FAIL, span(source, word), "m"),)))
    assert f"    1 │ {shown[0]}\n      │ {shown[1]}\n" in output


def test_on_the_first_screen_causes_of_one_policy_are_one() -> None:
    words = ("identifier", "multi_az", "hash_key", "name", "skip_final_snapshot")
    found = tuple(finding("p", Verdict.FAIL, span(DATABASES, word), "m", cause=word, gated=at < 3) for at, word in enumerate(words))
    output = screen(replace(EXAMPLE, findings=found))
    assert "    the same at 2 more places: terraform/databases.tf:3, terraform/databases.tf:15\n" in output
    assert "high      p   terraform/databases.tf:14:3 and 1 more (library module)\n" in screen(
        replace(EXAMPLE, findings=(*found, *worse(4)))
    )


def worse(count: int) -> tuple[Finding, ...]:
    """Return failures that take the room of blocks."""
    where = span(DATABASES, "orders")
    return tuple(finding(f"q{at}", Verdict.FAIL, where, "m " * 90, severity="critical", cause=f"q{at}") for at in range(count))


def test_what_a_place_breaks_beside_the_failure() -> None:
    here, there = span(DATABASES, "multi_az"), span(DATABASES, "hash_key")
    found = tuple(
        finding(policy, Verdict.FAIL, where, "m", name=name, cause="one")
        for policy, where, name in (("p", here, "a"), ("p", here, "b"), ("q", there, "a"), ("q", there, "b"), ("r", there, "a"))
    )
    report = replace(EXAMPLE, findings=found)
    assert "    also breaks: q ×2, r\n    also here: the same for 1 more subject\n" in screen(report)
    assert "    also breaks: q (a), q (b), r (a)\n    also here: p (b)\n" in screen(report, full=True)


def test_evidence_that_does_not_fit_says_how_much_more_there_is() -> None:
    there = span(DATABASES, "hash_key")
    because = (evidence("word " * 30, there), evidence("second", there), evidence("third", there))
    output = screen(replace(EXAMPLE, findings=(finding("p", Verdict.FAIL, span(DATABASES, "multi_az"), "m", evidence=because),)))
    (line,) = [line for line in output.splitlines() if line.startswith("    because ")]
    assert line.endswith(" wo…; … 2 more")
    assert cell_len(line) <= 100


def test_a_long_path_keeps_its_end() -> None:
    source = Source("deployments/" * 12 + "main.tf", "a = 1\n")
    output = screen(replace(EXAMPLE, findings=(*worse(4), finding("p", Verdict.FAIL, source.span(0, 1), "m"))))
    (line,) = [line for line in output.splitlines() if line.startswith("high      p   …")]
    assert line.endswith("/deployments/main.tf:1:1")
    assert cell_len(line) == 100


def test_a_question_is_one_line_with_what_to_do() -> None:
    where = span(DATABASES, "multi_az")
    names = ("terraform/" * 3 + "rds:var.databases", "a" * 90 + ":var.x")
    found = tuple(
        finding(f"p{at}", Verdict.UNKNOWN, where, "m", name=str(at), unknowns=(question(names[at > 9], Reason.VARIABLE_NOT_SET, where),))
        for at in range(11)
    )
    lines = screen(replace(EXAMPLE, findings=found)).splitlines()
    at = lines.index("settle first")
    assert lines[at + 1 : at + 3] == [
        "  10 verdicts of 10 policies  var.databases in …/rds: variable not set → --var-file or --var",
        "    1 verdict of 1 policy     var.x: variable not set → --var-file or --var",
    ]


def settled_first(*names: str) -> list[str]:
    where = span(DATABASES, "multi_az")
    found = tuple(
        finding("p", Verdict.UNKNOWN, where, "m", name=str(at), unknowns=(question(name, Reason.DATA_SOURCE, where),))
        for at, name in enumerate(names)
    )
    lines = screen(replace(EXAMPLE, findings=found)).splitlines()
    return lines[lines.index("settle first") + 1 :][: len(set(names))]


def test_questions_of_one_name_say_in_which_deployment_rather_than_what_to_do() -> None:
    name = "data.http.environments_file.response_body"
    assert settled_first(f"environments/a:{name}", f"environments/some-longer-name-of-it:{name}") == [
        f"  1 verdict of 1 policy  {name} in environments/a: data source",
        f"  1 verdict of 1 policy  {name} in …onger-name-of-it: data source",
    ]


def test_a_long_question_is_shown_without_the_number_of_policies() -> None:
    name = "data.terraform_remote_state.networking_of_everything"
    assert settled_first(name) == [f"  1 verdict  {name}: data source → check a plan"]


def test_who_waits_is_listed_up_to_eight() -> None:
    where = span(DATABASES, "multi_az")
    found = tuple(
        finding("p", Verdict.UNKNOWN, where, "m", name=str(at), unknowns=(question("var.x", Reason.COMPUTED, where),)) for at in range(10)
    )
    assert "    p (0), p (1), p (2), p (3), p (4), p (5), p (6), p (7) and 2 more\n" in screen(replace(EXAMPLE, findings=found), full=True)


def test_a_place_on_a_blank_line_has_no_snippet() -> None:
    source = Source("a.tf", "")
    assert "│" not in screen(replace(EXAMPLE, findings=(finding("p", Verdict.FAIL, source.span(0, 0), "m"),)))


def test_nothing_found_is_not_nothing_wrong() -> None:
    assert screen(EMPTY) == (
        "Read 1 Terraform file: 0 stores, 0 services · 36 policies\n"
        "Nothing that holds data was found, so nothing was judged recoverable. This is not a pass.\n"
        "not covered: live AWS not asked\n"
        "\n"
        "0 failed · 0 unknown · 0 passed · 0 not applicable · 0 waived\n"
        "gate pr passed: it fails on high and worse\n"
    )


def test_stores_without_a_declared_service_ask_for_one() -> None:
    output = screen(replace(EXAMPLE, services=(), findings=()))
    assert "No service is declared: nobody has said how much loss or downtime is acceptable." in output
    assert "next: drpolicy schema service\n" in output


def test_errors_come_before_warnings_at_the_end() -> None:
    assert screen().splitlines()[-2:] == [
        "error: terraform/old.tf: not valid UTF-8",
        "warning: terraform/databases.tf:3:3: waiver covers nothing",
    ]


def test_a_long_path_does_not_push_the_message_off_the_first_screen() -> None:
    path = "/".join(["environments"] * 12) + "/main.tf"
    told = screen(replace(EXAMPLE, diagnostics=(Diagnostic("error", "module-missing", "module 'a' holds no Terraform files", path=path),)))
    assert [line for line in told.splitlines() if line.startswith("error: ")] == [
        "error: …/environments/environments/environments/main.tf: module 'a' holds no Terraform files"
    ]


def test_a_failure_that_counts_for_less_says_so() -> None:
    output = screen(AUDITED, full=True)
    assert "medium  stale-drill  services/orders.yaml:3:9  by the calendar, counts in an audit only\n" in output
    assert "low  no-copy-outside-region  terraform/media.tf:1:18  library module, outside the gate\n" in output


def test_equal_disruptions_share_a_column() -> None:
    both = tuple(target(each, "1h", "1h", reach("1h", "1h"), reach("5m", "5m"), "s") for each in ("az", "hardware"))
    assert "hardware, az" in screen(replace(EXAMPLE, services=(replace(EXAMPLE.services[0], targets=both),)))


def test_columns_that_do_not_fit_are_counted() -> None:
    many = tuple(
        target(each, "1h", "1h", reach("1h", f"{at + 2}h"), reach("5m", "2h"), "s")
        for at, each in enumerate(("corruption", "hardware", "az", "region", "account"))
    )
    output = screen(replace(EXAMPLE, services=(replace(EXAMPLE.services[0], targets=many),)), width=80)
    assert "also az: 2 not decided; region: 2 not decided; account: 2 not decided: --full" in output


def test_what_does_not_fit_is_cut_and_never_left_out() -> None:
    name = "data.terraform_remote_state.networking_of_everything_and_a_good_deal_more_than_that.outputs.subnets"
    (line,) = settled_first(name)
    assert line.startswith("  1 verdict  data.terraform_remote_state.networking_of_everything")
    assert line.endswith("…: data source → check a plan")
    assert cell_len(line) <= 100
    source = Source("/".join(["deployments"] * 12) + "/main.tf", "x\ny\n")
    alike = [finding("p", Verdict.FAIL, source.span(at, at + 1), "m", name=str(at), cause=str(at)) for at in (0, 2)]
    told = screen(replace(EXAMPLE, findings=(*alike,)))
    (also,) = [line for line in told.splitlines() if "the same at" in line]
    assert also.startswith("    the same at 1 more place: …") and also.endswith("/deployments/main.tf:2")
