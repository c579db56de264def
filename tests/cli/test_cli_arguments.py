"""What can be asked, and what is said when it cannot: exit 2, on stderr, with nothing on stdout."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from command_line import AS_OF, BEFORE, DATABASE, here, write

from drpolicy.cli.arguments import FORMAT_NAMES, parser


def test_output_may_be_repeated_and_stdout_keeps_its_own_format(tmp_path: Path) -> None:
    targets = {name: tmp_path / f"report.{name}" for name in ("json", "sarif", "html", "markdown", "text")}
    options = [part for name, path in targets.items() for part in ("--output", f"{name}={path}")]
    ran = here("check", BEFORE, *AS_OF, *options)
    assert (ran.code, ran.err) == (1, "")
    assert "gate pr failed" in ran.out
    written = {name: path.read_text("utf-8") for name, path in targets.items()}
    assert json.loads(written["json"])["summary"]["gate"] == "failed"
    assert json.loads(written["sarif"])["version"] == "2.1.0"
    assert written["html"].startswith("<!DOCTYPE html>")
    assert "gate pr failed" in written["text"]
    assert "\x1b" not in written["text"]
    assert "## drpolicy: gate failed" in written["markdown"].splitlines()


def test_two_files_of_one_format_and_a_name_with_an_equals_sign(tmp_path: Path) -> None:
    one, other = tmp_path / "a=b.json", tmp_path / "c.json"
    assert here("check", BEFORE, *AS_OF, "--output", f"json={one}", "--output", f"json={other}").code == 1
    assert one.read_bytes() == other.read_bytes()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ("--output", "pdf=x"),
            f"drpolicy: --output pdf=x: 'pdf' is no format; one of {', '.join(FORMAT_NAMES)}\n",
        ),
        (("--output", "report.html"), "drpolicy: --output report.html: write FORMAT=FILE, such as html=report.html\n"),
        (("--output", "html="), "drpolicy: --output html=: write FORMAT=FILE, such as html=report.html\n"),
        (("--output", "json=missing/report.json"), "drpolicy: --output json=missing/report.json: No such file or directory\n"),
        (("--output", "json=."), "drpolicy: --output json=.: Is a directory\n"),
        (("--var", "region"), "drpolicy: --var region: write NAME=VALUE\n"),
        (("--var", "=x"), "drpolicy: --var =x: write NAME=VALUE\n"),
        (("nosuch",), "drpolicy: nosuch does not exist\n"),
        (("--config", "nosuch.yaml"), "drpolicy: nosuch.yaml does not exist\n"),
        (("--config", "services"), "drpolicy: services is not a file\n"),
        (("--var-file", "nosuch.tfvars"), "drpolicy: nosuch.tfvars does not exist\n"),
        (("--var-file", "services"), "drpolicy: services is not a file\n"),
        (("main.tf",), "drpolicy: main.tf is not a directory: recovery is judged over a whole directory, such as .\n"),
    ],
)
def test_a_usage_error_is_2_with_one_line(arguments: tuple[str, ...], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"main.tf": DATABASE, "services/keep": ""})
    monkeypatch.chdir(tmp_path)
    assert here("check", *arguments, *AS_OF) == (2, "", said)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "drpolicy: error: the following arguments are required: COMMAND"),
        (("frobnicate",), "drpolicy: error: argument COMMAND: invalid choice: 'frobnicate'"),
        (("check", "--format", "pdf"), "drpolicy check: error: argument --format: invalid choice: 'pdf'"),
        (("check", "--gate", "none"), "drpolicy check: error: argument --gate: invalid choice: 'none'"),
        (("check", "--as-of", "2026-02-30"), "drpolicy check: error: argument --as-of: '2026-02-30' is not a date; write it as 2026-11-01"),
        (("check", "--live", "gcp"), "drpolicy check: error: argument --live: invalid choice: 'gcp'"),
        (("schema", "nosuch"), "drpolicy schema: error: argument name: invalid choice: 'nosuch'"),
        (("demo", "during"), "drpolicy demo: error: argument state: invalid choice: 'during'"),
        (("lose",), "drpolicy lose: error: the following arguments are required: REGION"),
    ],
)
def test_what_cannot_be_parsed_is_2(arguments: tuple[str, ...], said: str) -> None:
    code, out, err = here(*arguments)
    assert (code, out) == (2, "")
    assert err.splitlines()[-1].startswith(said)
    assert "PATH" not in err.splitlines()[-1], "what may be left out is not asked for"


@pytest.mark.parametrize("directory", ["/", "/proc", "/proc/self", "/dev"])
def test_the_whole_file_system_is_refused(directory: str) -> None:
    path = Path(directory)
    said = f"drpolicy: {path.resolve()} is no repository: name the directory that holds the configuration\n"
    assert here("check", directory) == (2, "", said)


def test_a_second_repository_is_refused_and_not_left_out_in_silence(tmp_path: Path) -> None:
    one, other = write(tmp_path / "one", {"main.tf": "locals {}\n"}), write(tmp_path / "other", {"main.tf": DATABASE})
    said = f"drpolicy: {other} is outside the repository of {one}: run drpolicy once for each repository\n"
    assert here("check", one, other, *AS_OF) == (2, "", said)


def test_two_directories_of_one_repository_are_read_as_one(tmp_path: Path) -> None:
    write(tmp_path, {"one/main.tf": DATABASE, "other/main.tf": DATABASE, "third/main.tf": DATABASE})
    report = json.loads(here("check", tmp_path / "one", tmp_path / "other", *AS_OF, "--format", "json").out)
    assert report["run"]["paths"] == ["one", "other"]
    assert {each["location"]["path"] for each in report["findings"]} == {"one/main.tf", "other/main.tf"}


def test_a_variable_settles_a_question(tmp_path: Path) -> None:
    unset = DATABASE.replace("= 0", "= var.days") + 'variable "days" { type = number }\n'
    write(tmp_path, {"main.tf": unset, "prod.tfvars": "days = 7\n"})

    def verdict(*options: str | Path) -> str:
        findings = json.loads(here("check", tmp_path, *AS_OF, "--format", "json", *options).out)["findings"]
        return str(next(each["verdict"] for each in findings if each["policy"] == "database-without-backup"))

    assert verdict() == "unknown"
    assert verdict("--var", "days=7") == "pass"
    assert verdict("--var", "days=0") == "fail"
    assert verdict("--var-file", tmp_path / "prod.tfvars") == "pass"
    assert verdict("--var-file", tmp_path / "prod.tfvars", "--var", "days=0") == "fail", "--var comes last, as in Terraform"


def test_a_configuration_of_another_place_is_read_when_it_is_named(tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": DATABASE, "conf/other.yaml": "apiVersion: drpolicy.dev/v1\nkind: Config\nscoop: {}\n"})
    ran = here("check", tmp_path, *AS_OF, "--config", tmp_path / "conf" / "other.yaml")
    assert ran.code == 2
    assert "error: conf/other.yaml:3:1: unknown field 'scoop'; did you mean 'scope'?" in ran.out.splitlines()


def test_the_working_directory_is_read_when_no_path_is_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"deep/main.tf": DATABASE})
    monkeypatch.chdir(tmp_path / "deep")
    report = json.loads(here("check", *AS_OF, "--format", "json").out)
    assert report["run"]["paths"] == ["deep"]
    assert {each["location"]["path"] for each in report["findings"]} == {"deep/main.tf"}


def test_nothing_is_written_beside_the_report(tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": DATABASE})
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    for command in (("check",), ("audit",), ("lose", "ap-northeast-2")):
        here(*command, tmp_path, *AS_OF)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


def test_help_names_every_exit_code() -> None:
    code, out, err = here("check", "--help")
    assert (code, err) == (0, "")
    said = " ".join(out.split())
    assert "exit codes: 0 gate passed · 1 gate failed · 2 usage, config, policy or declaration invalid" in said
    assert "3 incomplete (input unreadable, live access denied) · 70 internal error" in said
    assert os.linesep in out


@pytest.mark.parametrize(
    ("arguments", "command", "said"),
    [
        (("chek",), "drpolicy", "argument COMMAND: no 'chek' here; did you mean 'check'?"),
        (("policy", "lnt"), "drpolicy policy", "argument ACTION: no 'lnt' here; did you mean 'lint'?"),
        (("check", "--formt", "json"), "drpolicy check", "unrecognized arguments: --formt; did you mean --format?"),
        (("policy", "test", "--directry=x"), "drpolicy policy test", "unrecognized arguments: --directry=x; did you mean --directory?"),
        (("check", "--format", "jsn"), "drpolicy check", "argument --format: no 'jsn' here; did you mean 'json'?"),
        (("check", "--zzz"), "drpolicy check", "unrecognized arguments: --zzz"),
    ],
)
def test_a_mistyped_name_comes_with_the_nearest_and_the_usage_of_its_command(
    arguments: tuple[str, ...], command: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        parser().parse_args(arguments)
    lines = capsys.readouterr().err.splitlines()
    assert ended.value.code == 2
    assert lines[0].startswith(f"usage: {command} [-h]")
    assert lines[-1] == f"{command}: error: {said}"


def test_what_is_no_command_at_all_comes_with_those_that_are(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parser().parse_args(["frobnicate"])
    assert "(choose from " in capsys.readouterr().err
