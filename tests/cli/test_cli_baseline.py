"""drpolicy baseline, and check with one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import AS_OF, DATABASE, here, write

CRITICAL = (
    "apiVersion: drpolicy.dev/v1\nkind: Service\nmetadata: {name: shop}\n"
    "spec:\n  owner: t\n  tier: critical\n  objectives: {all: {rto: 4h, rpo: 1h}}\n  stores:\n    - {ref: aws_db_instance.orders}\n"
)
NAME = ".drpolicy-baseline.json"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return write(tmp_path, {"main.tf": DATABASE, "service.yaml": CRITICAL})


def test_the_gate_passes_from_the_day_of_the_baseline(repository: Path) -> None:
    assert here("check", repository, *AS_OF).code == 1
    made = here("baseline", "create", repository, *AS_OF)
    entries = len((repository / NAME).read_text().splitlines()) - 3
    assert made == (0, f"{NAME}: {entries} accepted, 0 dropped, 0 as before\n", "")
    checked = here("check", repository, *AS_OF)
    assert checked.code == 0
    assert f" · {entries} in the baseline" in checked.out.replace("\n  ", " ")
    assert here("check", repository, *AS_OF, "--no-baseline").code == 1


def test_create_overwrites_nothing(repository: Path) -> None:
    here("baseline", "create", repository, *AS_OF)
    before = (repository / NAME).read_bytes()
    said = f"drpolicy: {NAME} is there already: drpolicy baseline update accepts what came since, prune drops what is gone\n"
    assert here("baseline", "create", repository, *AS_OF) == (2, "", said)
    assert (repository / NAME).read_bytes() == before


@pytest.mark.parametrize("action", ["update", "prune"])
def test_without_a_baseline_there_is_nothing_to_change(repository: Path, action: str) -> None:
    assert here("baseline", action, repository) == (2, "", "drpolicy: there is no baseline yet: drpolicy baseline create makes one\n")


def test_check_says_whether_a_baseline_is_pruned_and_writes_nothing(repository: Path) -> None:
    here("baseline", "create", repository, *AS_OF)
    assert here("baseline", "prune", repository, *AS_OF, "--check").code == 0
    before = (repository / NAME).read_bytes()
    (repository / "main.tf").write_text(DATABASE.replace("retention_period = 0", "retention_period = 14"))
    assert here("baseline", "prune", repository, *AS_OF, "--check").code == 1
    assert (repository / NAME).read_bytes() == before
    assert here("baseline", "prune", repository, *AS_OF).code == 0
    assert here("baseline", "prune", repository, *AS_OF, "--check").code == 0


def test_a_file_of_ones_own_choice(repository: Path) -> None:
    file = repository / "ci" / "accepted.json"
    file.parent.mkdir()
    assert here("baseline", "create", repository, *AS_OF, "--baseline", file).code == 0
    assert here("check", repository, *AS_OF).code == 1
    assert here("check", repository, *AS_OF, "--baseline", file).code == 0


def test_other_paths_than_it_was_drawn_up_over(repository: Path) -> None:
    write(repository, {"sub/main.tf": DATABASE})
    here("baseline", "create", repository, *AS_OF)
    assert here("baseline", "prune", repository / "sub", *AS_OF) == (
        2,
        "",
        f"drpolicy: {NAME} was drawn up over .: run this over the same\n",
    )
    report = json.loads(here("check", repository / "sub", *AS_OF, "--format", "json").out)
    assert "baseline-stale" not in {each["code"] for each in report["diagnostics"]}


def test_what_could_not_be_read_is_not_gone(repository: Path) -> None:
    (repository / "other.tf").write_bytes(b"\xff\xfe\x00")
    assert here("baseline", "create", repository, *AS_OF).code == 0
    before = (repository / NAME).read_bytes()
    (repository / "main.tf").write_bytes(b"\xff\xfe\x00")
    said = "drpolicy: not everything could be read, so the baseline stays as it is: drpolicy check says what\n"
    for action in ("update", "prune"):
        assert here("baseline", action, repository, *AS_OF) == (2, "", said)
    assert (repository / NAME).read_bytes() == before


def test_an_invalid_declaration_accepts_nothing(repository: Path) -> None:
    (repository / "service.yaml").write_text(CRITICAL.replace("tier:", "teir:"))
    assert here("baseline", "create", repository, *AS_OF).code == 2
    assert not (repository / NAME).exists()


def test_a_faulty_baseline_covers_nothing_and_is_2(repository: Path) -> None:
    (repository / NAME).write_text("{\n<<<<<<< HEAD\n")
    ran = here("check", repository, *AS_OF)
    assert ran.code == 2
    assert f"error: {NAME}:2:1: the baseline covers nothing: it holds a merge conflict\n" in ran.out
