"""DESIGN section 9: 70, then 2, 1, 3, 0; results on stdout, everything else on stderr."""

from __future__ import annotations

import json
import subprocess
import sys
from html import unescape
from pathlib import Path

import pytest
from command_line import AFTER, AS_OF, BEFORE, DATABASE, Ran, environment, here, spawn, write

import drpolicy.app.check as app

UNREADABLE: dict[str, str | bytes] = {"binary.tf": b"\x7fELF\0\1"}
INVALID: dict[str, str | bytes] = {
    "services/extra.yaml": "apiVersion: drpolicy.dev/v1\nkind: Service\nmetadata: {name: extra}\nspec: {owner: me, teir: critical}\n"
}
FAILING = ("--fail-on", "medium")
"""With which the database that nobody declared fails the gate; without, it passes."""


def estate(tmp_path: Path, *extra: dict[str, str | bytes]) -> Path:
    files: dict[str, str | bytes] = {"main.tf": DATABASE}
    return write(tmp_path, {**files, **{name: content for each in extra for name, content in each.items()}})


def gate(ran: Ran) -> str:
    return str(json.loads(ran.out)["summary"]["gate"])


def checked(path: Path, *options: str) -> Ran:
    return here("check", path, *AS_OF, "--format", "json", *options)


def test_a_passed_gate_is_0() -> None:
    ran = checked(AFTER)
    assert (ran.code, gate(ran), ran.err) == (0, "passed", "")


def test_a_failed_gate_is_1() -> None:
    ran = checked(BEFORE)
    assert (ran.code, gate(ran), ran.err) == (1, "failed", "")


def test_input_that_cannot_be_read_is_3(tmp_path: Path) -> None:
    ran = checked(estate(tmp_path, UNREADABLE))
    assert (ran.code, gate(ran)) == (3, "incomplete")
    assert [(each["message"], each["effect"]) for each in json.loads(ran.out)["diagnostics"]] == [
        ("binary.tf was not read: it is a binary file, in line 1", "incomplete")
    ]


@pytest.mark.parametrize("options", [("--on-incomplete", "warn"), ("--on-incomplete", "ignore"), ("--gate", "hook")])
def test_incomplete_input_that_may_be_is_0(tmp_path: Path, options: tuple[str, str]) -> None:
    ran = checked(estate(tmp_path, UNREADABLE), *options)
    assert (ran.code, gate(ran)) == (0, "passed")


def test_the_hook_fails_for_incomplete_input_when_told_to(tmp_path: Path) -> None:
    ran = checked(estate(tmp_path, UNREADABLE), "--gate", "hook", "--on-incomplete", "fail")
    assert ran.code == 3


def test_a_failed_gate_beats_incomplete(tmp_path: Path) -> None:
    ran = checked(estate(tmp_path, UNREADABLE), *FAILING)
    assert (ran.code, gate(ran)) == (1, "failed")
    assert [each["effect"] for each in json.loads(ran.out)["diagnostics"]] == ["incomplete"]


def test_an_invalid_declaration_beats_a_failed_gate_and_the_rest_is_reported(tmp_path: Path) -> None:
    ran = checked(estate(tmp_path, UNREADABLE, INVALID), *FAILING)
    report = json.loads(ran.out)
    assert (ran.code, report["summary"]["gate"]) == (2, "invalid")
    assert {each["effect"] for each in report["diagnostics"]} == {"invalid", "incomplete"}
    assert "database-without-backup" in {each["policy"] for each in report["findings"] if each["verdict"] == "fail"}


def test_an_invalid_declaration_beats_incomplete(tmp_path: Path) -> None:
    assert checked(estate(tmp_path, INVALID, UNREADABLE)).code == 2


def test_a_bug_is_70_and_prints_no_report(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("planted")

    monkeypatch.setattr(app, "assemble", broken)
    monkeypatch.delenv("DRPOLICY_DEBUG", raising=False)
    ran = here("check", BEFORE, *AS_OF)
    assert (ran.code, ran.out) == (70, "")
    assert ran.err == ("drpolicy: internal error: ZeroDivisionError: planted\nset DRPOLICY_DEBUG=1 to see where, and please report it\n")
    monkeypatch.setenv("DRPOLICY_DEBUG", "1")
    with pytest.raises(ZeroDivisionError, match="planted"):
        here("check", BEFORE, *AS_OF)


def test_an_interrupt_is_130(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(app, "assemble", interrupted)
    assert here("check", BEFORE, *AS_OF) == Ran(130, "", "")


NO_CREDENTIALS = {"AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": "/nonexistent", "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent"}


def test_live_access_denied_is_3_when_nothing_else_fails(tmp_path: Path) -> None:
    write(tmp_path, {})
    keys = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_DEFAULT_PROFILE")
    env = {name: value for name, value in environment(**NO_CREDENTIALS).items() if name not in keys}
    ran = spawn("check", tmp_path, *AS_OF, "--format", "json", "--live", "aws", "--endpoint-url", "http://127.0.0.1:1", env=env)
    assert (ran.code, gate(ran), ran.err) == (3, "incomplete", "")
    assert json.loads(ran.out)["diagnostics"][0]["message"].startswith("aws sts get-caller-identity --region us-east-1 was refused")


def test_what_fails_the_gate_is_a_question_of_severity(tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": DATABASE})
    assert checked(tmp_path).code == 0
    assert checked(tmp_path, "--fail-on", "medium").code == 1
    assert checked(tmp_path, "--fail-on", "critical").code == 0


def test_an_undecided_verdict_fails_only_when_told_to(tmp_path: Path) -> None:
    unset = DATABASE.replace("= 0", "= var.days") + 'variable "days" { type = number }\n'
    config = "apiVersion: drpolicy.dev/v1\nkind: Config\npolicies: {severity: {database-without-backup: high}}\n"
    write(tmp_path, {"main.tf": unset, "drpolicy.yaml": config})
    (finding,) = [each for each in json.loads(checked(tmp_path).out)["findings"] if each["policy"] == "database-without-backup"]
    assert (finding["verdict"], finding["severity"]) == ("unknown", "high")
    assert [checked(tmp_path, "--on-unknown", reaction).code for reaction in ("ignore", "warn", "fail")] == [0, 0, 1]
    assert checked(tmp_path, "--on-unknown", "fail", "--var", "days=14").code == 0


NOTHING = "Nothing that holds data was found, so nothing was judged recoverable. This is not a pass."


def test_check_of_an_empty_directory_says_so_in_one_line_and_is_0(tmp_path: Path) -> None:
    ran = here("check", write(tmp_path, {}), *AS_OF)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.splitlines().count(NOTHING) == 1


def test_audit_of_an_empty_directory_is_3(tmp_path: Path) -> None:
    ran = here("audit", write(tmp_path, {}), *AS_OF)
    assert (ran.code, ran.err) == (3, "")
    assert NOTHING in ran.out.splitlines()


def test_required_subjects_that_are_not_there_are_3(tmp_path: Path) -> None:
    assert here("check", write(tmp_path, {}), *AS_OF, "--require-subjects").code == 3
    assert checked(write(tmp_path, {"main.tf": DATABASE}), "--require-subjects").code == 0


@pytest.mark.parametrize("nothing", ["locals {}\n", "", "# only a comment\n", 'resource "aws_iam_role" "r" {\n  name = "r"\n}\n'])
def test_files_that_hold_no_data_are_nothing(tmp_path: Path, nothing: str) -> None:
    write(tmp_path, {"main.tf": nothing})
    ran = here("check", tmp_path, *AS_OF)
    assert ran.code == 0
    assert NOTHING in ran.out.splitlines()
    assert here("audit", tmp_path, *AS_OF).code == 3


@pytest.mark.parametrize("name", ["text", "markdown", "github", "html"])
@pytest.mark.parametrize("options", [(), FAILING], ids=["nothing else is wrong", "findings fail as well"])
def test_what_is_invalid_is_no_pass_in_any_headline(tmp_path: Path, name: str, options: tuple[str, ...]) -> None:
    ran = here("check", estate(tmp_path, INVALID), *AS_OF, "--format", name, *options)
    assert ran.code == 2
    # Markdown has a colon of its own.
    said = unescape(" ".join(ran.out.split())).replace("\\:", ":")
    assert "gate pr invalid: services/extra.yaml:4: 'stores' is missing in 'spec'; " in said
    assert "gate pr passed" not in said
    assert ("severity medium or worse" in said) is bool(options)


@pytest.mark.parametrize(
    ("waiver", "message"),
    [
        ("ignore[database-without-backup] until=2027-13-31 reason=x", "'2027-13-31' is not a day of the calendar"),
        ("ignore[database-without-backup] reason=x", "the waiver has no until; add until=2027-03-31"),
        ("ignor[database-without-backup]", 'a waiver is written: drpolicy: ignore[policy-id] until=2027-03-31 reason="…"'),
    ],
)
def test_a_broken_waiver_is_2(tmp_path: Path, waiver: str, message: str) -> None:
    """Somebody believes that a finding is waived, and it is not."""
    ran = checked(write(tmp_path, {"main.tf": f"# drpolicy: {waiver}\n{DATABASE}"}))
    report = json.loads(ran.out)
    assert (ran.code, report["summary"]["gate"], report["summary"]["gate_reasons"]) == (2, "invalid", [f"main.tf:1: {message}"])
    (said,) = report["diagnostics"]
    assert (said["level"], said["code"], said["effect"], said["location"]["start"]["line"]) == ("error", "waiver-invalid", "invalid", 1)


def test_a_waiver_that_only_does_not_hold_is_no_error(tmp_path: Path) -> None:
    text = DATABASE.replace("resource", "# drpolicy: ignore[database-without-backup] until=2026-10-31 reason=x\nresource")
    assert checked(write(tmp_path, {"main.tf": text})).code == 0


INTERRUPTED_IMPORT = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # whatever started the tests may have it ignored
import drpolicy.__main__

class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Interrupting())
sys.argv = ["drpolicy", "check", "."]
drpolicy.__main__.command()
"""


@pytest.mark.parametrize("module", ["drpolicy.cli.main", "argparse", "drpolicy.cli.arguments"])
def test_an_interrupt_while_modules_are_imported_is_130_without_a_traceback(module: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED_IMPORT.format(module=module)],
        env=environment(),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")
