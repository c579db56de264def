"""The field guide's checklists: complete, proven by policies that exist, and ticked by findings alone."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path

import pytest
from jsonschema import Draft7Validator

from drpolicy.app.check import assemble
from drpolicy.app.checklist import checklist_of
from drpolicy.app.demo import EXAMPLE_DATE
from drpolicy.app.reading import Read, read_tree
from drpolicy.app.settings import Settings
from drpolicy.app.user_policies import read_policies
from drpolicy.catalog.guide.checklist import guide
from drpolicy.cli.main import run
from drpolicy.model.report import Box, Report
from drpolicy.policy.builtin import built_in_policies, policy_directory
from drpolicy.reporters import json_report
from drpolicy.reporters.checklist import render_json, render_markdown, render_text
from drpolicy.reporters.languages import LANGUAGES
from drpolicy.sources.directories import DirectoryTree
from drpolicy.sources.trees import MemoryTree

ROOT = Path(__file__).resolve().parents[2]
HANGUL = re.compile(r"[가-힣]")
ITEMS = {each.id: each for each in guide().items}
POLICIES = {each.id: each for each in built_in_policies()}
SIZES = {"antipattern": 8, "multicluster": 5, "database": 4, "tests": 5, "monthly": 10}

SERVICE = """\
apiVersion: drpolicy.dev/v1
kind: Service
metadata: {name: orders}
spec:
  owner: team-orders
  tier: important
  stores: []
"""
RESTORE = """\
apiVersion: drpolicy.dev/v1
kind: Evidence
metadata: {name: orders-1}
spec:
  service: orders
  kind: restore
  date: 2026-10-25
  outcome: passed
"""


def audit(found: Read) -> Report:
    return assemble(Settings(paths=(ROOT,), cwd=ROOT, as_of=date.fromisoformat(EXAMPLE_DATE), mode="audit", trace_passes=True), found)


def audited(files: Mapping[str, str]) -> tuple[Read, Report]:
    found = read_tree(MemoryTree(files))
    return found, audit(found)


def boxes_of(files: Mapping[str, str]) -> dict[str, Box]:
    return {each.item: each for each in audited(files)[1].checklist}


@cache
def example(state: str) -> tuple[Read, Report]:
    files = {
        path.relative_to(ROOT).as_posix(): path.read_text("utf-8") for path in (ROOT / "examples" / state).rglob("*") if path.is_file()
    }
    found = read_tree(MemoryTree(files), ROOT, (f"examples/{state}",), f"examples/{state}")
    return found, audit(found)


def test_the_guide_has_its_thirty_two_boxes_in_order() -> None:
    expected = [f"{section}.{number}" for section, size in SIZES.items() for number in range(1, size + 1)]
    assert [each.id for each in guide().items] == expected
    assert [each.id for each in guide().sections] == list(SIZES)


@pytest.mark.parametrize("item", ITEMS)
def test_every_text_is_there_in_every_language(item: str) -> None:
    for texts in (ITEMS[item].box, ITEMS[item].tick):
        assert set(texts) == set(LANGUAGES)
        assert HANGUL.search(texts["ko"])
        assert not HANGUL.search(texts["en"])


@pytest.mark.parametrize("item", ITEMS)
def test_what_proves_a_box_is_a_policy_that_names_it(item: str) -> None:
    assert ITEMS[item].proof
    assert [id_ for id_ in ITEMS[item].proof if id_ not in POLICIES or item not in POLICIES[id_].guide] == []


def test_no_policy_names_a_box_that_the_guide_does_not_have() -> None:
    assert {item for each in POLICIES.values() for item in each.guide} == set(ITEMS)


@pytest.mark.parametrize("item", ITEMS)
def test_every_box_has_examples_of_a_pass_a_failure_and_an_open_question(item: str) -> None:
    found, _ = read_policies(DirectoryTree(policy_directory()), "")
    given = {example.expect for each in found if item in each.guide for example in each.examples}
    assert {"pass", "fail", "unknown"} <= given


def test_the_repaired_example_ticks_every_box_with_evidence() -> None:
    assert [(each.item, each.state, bool(each.reasons)) for each in example("after")[1].checklist] == [
        (id_, "ticked", True) for id_ in ITEMS
    ]


def test_the_first_example_leaves_every_box_open_and_says_why() -> None:
    assert [(each.item, each.state, bool(each.reasons)) for each in example("before")[1].checklist] == [
        (id_, "open", True) for id_ in ITEMS
    ]


def test_a_ticked_box_names_the_record_its_line_day_and_grade() -> None:
    boxes = {each.item: each for each in example("after")[1].checklist}
    reasons = {each.text: (each.span.path, each.span.start.line, each.day, each.grade) for each in boxes["monthly.5"].reasons}
    assert reasons == {
        "orders: orders-restore-2026-10": ("examples/after/evidence/2026-10-orders-restore.yaml", 13, "2026-10-25", "recorded"),
        "billing: billing-restore-2026-10": ("examples/after/evidence/2026-10-billing-restore.yaml", 14, "2026-10-11", "recorded"),
        "catalog: catalog-restore-2026-10": ("examples/after/evidence/2026-10-catalog-restore.yaml", 14, "2026-10-11", "recorded"),
    }


def test_of_one_service_only_its_own_records_speak() -> None:
    found, report = example("after")
    guides = {name: each.guide for name, each in report.policies.items()}
    boxes = {each.item: each for each in checklist_of(report.findings, guides, found.declarations.evidence, report.services, "billing")}
    assert [each.text for each in boxes["monthly.5"].reasons] == ["billing: billing-restore-2026-10"]
    assert boxes["multicluster.5"].state == "ticked"  # the network is everybody's


def test_nothing_read_ticks_nothing() -> None:
    assert {each.state for each in boxes_of({}).values()} == {"unknown"}


def test_a_record_that_says_nothing_more_leaves_the_monthly_boxes_open() -> None:
    boxes = boxes_of({"orders.yaml": SERVICE, "evidence.yaml": RESTORE})
    states = {item: box.state for item, box in boxes.items() if item.startswith(("monthly", "tests"))}
    opened = {item for item, state in states.items() if state == "open"}
    assert opened == {"tests.2", "tests.4", "tests.5", *(f"monthly.{number}" for number in range(1, 11))}
    assert {item for item, state in states.items() if state == "ticked"} == {"tests.3"}
    assert states["tests.1"] == "unknown"  # somebody restored it, and nothing does so by itself


def test_what_is_filled_in_by_a_template_is_neither_ticked_nor_open() -> None:
    boxes = boxes_of({"orders.yaml": SERVICE, "evidence.yaml": RESTORE + '  application: "${RESULT}"\n'})
    assert boxes["monthly.5"].state == "unknown"
    assert [(each.policy, each.span.start.line) for each in boxes["monthly.5"].reasons] == [("application-not-started", 9)]


def test_a_tabletop_exercise_ticks_no_test() -> None:
    boxes = boxes_of({"orders.yaml": SERVICE, "evidence.yaml": RESTORE.replace("restore", "tabletop")})
    assert Counter(box.state for item, box in boxes.items() if item.startswith("monthly"))["ticked"] == 0
    assert boxes["tests.1"].state == "open"


@pytest.mark.parametrize(("tier", "recorded", "state"), [("critical", "", "unknown"), ("critical", '  recordedBy: {job: "1"}\n', "ticked")])
def test_somebodys_word_alone_ticks_nothing_of_a_critical_service(tier: str, recorded: str, state: str) -> None:
    files = {"orders.yaml": SERVICE.replace("important", tier), "evidence.yaml": f"{RESTORE}  application: passed\n{recorded}"}
    box = boxes_of(files)["monthly.5"]
    assert box.state == state
    assert [each.text.endswith("is somebody's word alone; let a job record it") for each in box.reasons] == [state == "unknown"]


CRON_JOB = (ROOT / "examples/after/kubernetes/seoul/restore-test.yaml").read_text("utf-8")
WORKLOADS = (ROOT / "examples/after/kubernetes/seoul/app.yaml").read_text("utf-8")
VELERO = (ROOT / "examples/after/kubernetes/seoul/velero.yaml").read_text("utf-8")
CLUSTERS = """\
apiVersion: drpolicy.dev/v1
kind: Config
clusters: [{name: shop, region: ap-northeast-2, role: primary, paths: ["shop/**"]}]
"""


@pytest.mark.parametrize(
    ("recorded", "job", "enough"),
    [
        ("", "", False),
        ('  recordedBy: {job: "1"}\n', "", True),
        ("", CRON_JOB, True),
        ("", CRON_JOB.replace("schedule: ", "suspend: true\n  schedule: "), False),
        ("", CRON_JOB.replace("set -euo pipefail", "set +e") + "                  true\n", False),
    ],
)
def test_what_is_automated_rests_on_a_machines_record_or_on_a_job_in_the_files(recorded: str, job: str, enough: bool) -> None:
    claimed = SERVICE.replace("stores: []", "stores: [{name: volumes, kubernetes: {cluster: shop, namespace: production}}]")
    files = {"orders.yaml": claimed, "evidence.yaml": RESTORE + recorded, "drpolicy.yaml": CLUSTERS}
    box = boxes_of({**files, "shop/app.yaml": WORKLOADS, "shop/velero.yaml": VELERO, "shop/job.yaml": job})["tests.1"]
    if enough:
        assert box.state == "ticked"
        assert [each.grade for each in box.reasons if each.day] == ["recorded" if recorded else "attested"]
    else:
        assert box.state != "ticked"
    if box.state == "unknown":
        assert [each.text for each in box.reasons] == ["orders: orders-1 is somebody's word alone; let a job record it"]


def test_a_box_cites_records_before_the_declarations_that_they_were_made_for() -> None:
    box = {each.item: each for each in example("after")[1].checklist}["antipattern.1"]
    assert [(each.span.path, each.day, each.grade) for each in box.reasons][:3] == [
        ("examples/after/evidence/2026-10-orders-restore.yaml", "2026-10-25", "recorded"),
        ("examples/after/evidence/2026-10-billing-restore.yaml", "2026-10-11", "recorded"),
        ("examples/after/evidence/2026-10-catalog-restore.yaml", "2026-10-11", "recorded"),
    ]
    ranks = [each.day == "" for each in box.reasons]
    assert ranks == sorted(ranks)
    assert True in ranks


def test_who_was_trained_people_may_say_themselves() -> None:
    training = RESTORE.replace("restore", "training")
    boxes = boxes_of({"orders.yaml": SERVICE.replace("important", "critical"), "evidence.yaml": training})
    assert [(each.day, each.grade) for each in boxes["tests.5"].reasons] == [("2026-10-25", "attested")]
    assert boxes["tests.5"].state == "ticked"


def test_a_waiver_accepts_the_risk_and_ticks_nothing() -> None:
    entry = '{policy: training-overdue, subject: orders, owner: team-orders, until: 2026-12-31, reason: "the course is in December"}'
    configuration = f"apiVersion: drpolicy.dev/v1\nkind: Config\nwaivers:\n  - {entry}\n"
    files = {"orders.yaml": SERVICE, "drpolicy.yaml": configuration}
    _, report = audited(files)
    assert [each.waiver is not None for each in report.findings if each.policy == "training-overdue"] == [True]
    assert {each.item: each.state for each in report.checklist}["tests.5"] == "open"


def test_the_command_prints_the_boxes_of_one_service(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, text in {"orders.yaml": SERVICE, "billing.yaml": SERVICE.replace("orders", "billing"), "evidence.yaml": RESTORE}.items():
        (tmp_path / name).write_text(text, "utf-8")
    shared = ["checklist", str(tmp_path), "--as-of", EXAMPLE_DATE, "--no-cache"]
    assert run([*shared, "--service", "orders", "--format", "json", "--lang", "ko"]) == 0
    data = json.loads(capsys.readouterr().out)
    states = {item["id"]: item["state"] for section in data["sections"] for item in section["items"]}
    assert (data["service"], data["language"], states["tests.3"]) == ("orders", "ko", "ticked")
    assert run(shared) == 0
    assert "[ ] Monthly restore test, automated\n" in capsys.readouterr().out
    assert run([*shared, "--service", "payments"]) == 2
    assert capsys.readouterr().err == "drpolicy: no service is called 'payments'\n"


def test_a_check_has_no_checklist() -> None:
    settings = Settings(paths=(ROOT,), cwd=ROOT, as_of=date.fromisoformat(EXAMPLE_DATE))
    assert assemble(settings, read_tree(MemoryTree({"orders.yaml": SERVICE}))).checklist == ()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_text_shows_the_guides_own_boxes(language: str) -> None:
    lines = render_text(example("after")[1].checklist, language).splitlines()
    assert [line for line in lines if line.startswith("[")] == [f"[x] {each.box[language]}" for each in guide().items]
    opened = render_text(example("before")[1].checklist, language).splitlines()
    assert [line.strip() for line in opened if line.startswith("      →")] == [f"→ {each.tick[language]}" for each in guide().items]


def test_markdown_is_a_task_list_that_says_what_is_not_known() -> None:
    text = render_markdown(boxes_of_list({}), "en")
    assert "- [ ] Application starts (not known)\n  - → start the application on what was restored" in text


def boxes_of_list(files: Mapping[str, str]) -> tuple[Box, ...]:
    return audited(files)[1].checklist


def test_json_has_every_reason() -> None:
    data = json.loads(render_json(example("before")[1].checklist, "ko", None))
    items = [item for section in data["sections"] for item in section["items"]]
    assert [item["id"] for item in items] == list(ITEMS)
    boxes = {each.item: each for each in example("before")[1].checklist}
    assert [len(item["reasons"]) for item in items] == [len(boxes[item["id"]].reasons) for item in items]
    assert items[26]["reasons"][0] == {
        "policy": "no-restore-in-period",
        "subject": "orders",
        "text": "orders has no restore test on record in this month or the one before",
        "path": "examples/before/services/orders.yaml",
        "line": 5,
        "grade": "declared",
        "date": None,
    }


def test_the_json_report_has_the_boxes_as_its_schema_says() -> None:
    schema = json.loads((ROOT / "schemas" / "report.schema.json").read_text("utf-8"))
    data = json.loads(json_report.render(example("after")[1]))
    Draft7Validator(schema).validate(data)
    assert [each["item"] for each in data["checklist"]] == list(ITEMS)
    (reason,) = [each for each in data["checklist"][26]["reasons"] if each["subject"] == "orders"]
    assert (reason["date"], reason["grade"], reason["location"]["start"]["line"]) == ("2026-10-25", "recorded", 13)


def test_a_doubt_is_said_in_the_language_of_the_checklist() -> None:
    unset = audited({"orders.yaml": SERVICE, "evidence.yaml": RESTORE + '  application: "${RESULT}"\n'})[1].checklist
    korean = render_text(unset, "ko")
    assert ": 템플릿 자리표시자; 템플릿 대신 렌더링된 결과를 점검하거나 값을 직접 적는다\n" in korean
    assert ": template placeholder; check the rendered output instead of the template, or write the value\n" in render_text(unset, "en")
    word = audited({"orders.yaml": SERVICE.replace("important", "critical"), "evidence.yaml": f"{RESTORE}  application: passed\n"})[
        1
    ].checklist
    assert "evidence.yaml:9:16: orders: orders-1: 담당자 진술만 있음, 작업(job)이 자동으로 기록하게 한다\n" in render_text(word, "ko")
    assert "evidence.yaml:9:16: orders: orders-1 is somebody's word alone; let a job record it\n" in render_text(word, "en")
