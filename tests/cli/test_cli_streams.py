"""What the terminal can show: colour, encoding, and a reader that goes away."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import AFTER, AS_OF, BEFORE, DATABASE, environment, here, spawn, write

from drpolicy import __version__
from drpolicy.cli.terminal import options_for

HEAVY = ("argparse", "yaml", "hcl2", "lark", "pydantic", "rich", "boto3", "jinja2", "jsonschema")


class Terminal(io.TextIOWrapper):
    def __init__(self, encoding: str = "utf-8") -> None:
        super().__init__(io.BytesIO(), encoding=encoding)

    def isatty(self) -> bool:
        return True


class Pipe(Terminal):
    def isatty(self) -> bool:
        return False


@pytest.mark.parametrize(
    ("stream", "choice", "variables", "colour"),
    [
        (Terminal, "auto", {}, True),
        (Pipe, "auto", {}, False),
        (Terminal, "auto", {"TERM": "dumb"}, False),
        (Terminal, "auto", {"NO_COLOR": "1"}, False),
        (Terminal, "auto", {"NO_COLOR": ""}, True),
        (Pipe, "auto", {"FORCE_COLOR": "1"}, True),
        (Pipe, "auto", {"FORCE_COLOR": ""}, False),
        (Pipe, "auto", {"CLICOLOR_FORCE": "1"}, True),
        (Pipe, "auto", {"CLICOLOR_FORCE": "0"}, False),
        (Terminal, "auto", {"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
        (Pipe, "always", {"NO_COLOR": "1"}, True),
        (Terminal, "never", {"FORCE_COLOR": "1"}, False),
    ],
)
def test_colour(stream: type[Terminal], choice: str, variables: dict[str, str], colour: bool) -> None:
    assert options_for(stream(), choice, variables, full=False).color is colour


@pytest.mark.parametrize(
    ("encoding", "unicode"), [("utf-8", True), ("ascii", False), ("latin-1", False), ("cp437", False), ("utf-16", True)]
)
def test_symbols_are_used_only_where_all_can_be_shown(encoding: str, unicode: bool) -> None:
    assert options_for(Pipe(encoding), "auto", {}, full=False).unicode is unicode


@pytest.mark.parametrize(("columns", "width"), [("40", 40), ("72", 72), ("20", 40), ("250", 250), ("", 100), ("wide", 100), ("99999", 100)])
def test_columns_sets_the_width_of_a_pipe(columns: str, width: int) -> None:
    assert options_for(Pipe(), "auto", {"COLUMNS": columns}, full=False).width == width


def test_a_report_in_a_pipe_fits_the_columns_that_are_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    head = here("check", BEFORE, *AS_OF).out.splitlines()[:4]
    assert all(len(line) <= 60 for line in head)
    monkeypatch.delenv("COLUMNS")
    assert any(len(line) > 60 for line in here("check", BEFORE, *AS_OF).out.splitlines()[:4])


@pytest.mark.parametrize("command", [("checklist", BEFORE), ("check", BEFORE, "--format", "markdown")])
def test_korean_is_written_where_the_encoding_cannot_show_it(command: tuple[str | Path, ...]) -> None:
    ran = spawn(*command, *AS_OF, "--lang", "ko", env=environment(PYTHONIOENCODING="ascii"))
    assert "??" not in ran.out
    assert re.search("[가-힣]{2}", ran.out)
    assert ran.err == ""


def test_the_environment_decides_on_colour_in_a_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE"):
        monkeypatch.delenv(name, raising=False)
    commands = [("check", BEFORE, *AS_OF), ("lose", "ap-northeast-2", BEFORE, *AS_OF), ("demo",)]
    assert not any("\x1b" in here(*command).out for command in commands)
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert all("\x1b[" in here(*command).out for command in commands)
    monkeypatch.setenv("NO_COLOR", "1")
    assert not any("\x1b" in here(*command).out for command in commands)


def test_no_document_is_coloured() -> None:
    for name in ("json", "sarif", "html", "markdown"):
        assert "\x1b" not in here("check", BEFORE, *AS_OF, "--format", name, "--color", "always").out


@pytest.mark.parametrize("command", [("check", BEFORE, "--full"), ("audit", BEFORE), ("lose", "ap-northeast-2", BEFORE), ("demo",)])
def test_an_ascii_terminal_gets_ascii_and_no_question_marks_for_symbols(command: tuple[str, ...]) -> None:
    options = () if command[0] == "demo" else AS_OF
    plain, shown = here(*command, *options, encoding="ascii"), here(*command, *options)
    assert (plain.code, plain.err) == (shown.code, "")
    assert plain.out.isascii()
    assert not shown.out.isascii()
    assert plain.out.count("?") == shown.out.count("?")


def test_the_encoding_is_that_of_the_stream_as_python_was_told() -> None:
    ran = spawn("check", BEFORE, *AS_OF, env=environment(PYTHONIOENCODING="ascii"))
    assert (ran.code, ran.err) == (1, "")
    assert ran.out.isascii()


def test_json_is_the_same_bytes_whatever_the_terminal_can_show() -> None:
    command = ("check", BEFORE, *AS_OF, "--format", "json")
    plain = here(*command, encoding="ascii")
    assert plain.out == here(*command).out
    assert json.loads(plain.out)["schema_version"] == "1"


def test_an_error_with_characters_that_cannot_be_shown_is_still_said() -> None:
    ran = spawn("explain", "nösuch", env=environment(PYTHONIOENCODING="ascii"), cwd=AFTER)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("drpolicy: nothing here is called 'n\\xf6such'; give a policy, a fingerprint, FILE:LINE, ")


@pytest.mark.parametrize("lines", [0, 1])
def test_a_reader_that_goes_away_is_no_error(lines: int) -> None:
    command = [sys.executable, "-m", "drpolicy", "check", str(BEFORE), *AS_OF, "--format", "json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        for _ in range(lines):
            assert process.stdout.readline().startswith(b"{")
        process.stdout.close()
        said = process.stderr.read()
        assert (process.wait(60), said) == (1, b"")


def imported_by(*arguments: str) -> set[str]:
    """Return the top-level modules that a run of the command leaves imported, besides those of an idle interpreter."""
    script = (
        "import sys; idle = set(sys.modules); from drpolicy.__main__ import main; sys.argv = ['drpolicy', *sys.argv[1:]]; main();"
        "print(*sorted(set(sys.modules) - idle), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments], capture_output=True, text=True, timeout=60, check=True, env=environment()
    )
    return set(done.stderr.split())


def test_the_version_imports_nothing_else() -> None:
    assert here("--version") == (0, f"drpolicy {__version__}\n", "")
    assert spawn("-V") == (0, f"drpolicy {__version__}\n", "")
    imported = imported_by("--version")
    assert "drpolicy" in imported
    assert imported.isdisjoint(HEAVY)
    assert {each for each in imported if each.startswith("drpolicy")} == {"drpolicy", "drpolicy.__main__"}


def test_a_hook_run_over_terraform_imports_neither_pydantic_nor_yaml_nor_what_writes_other_formats(tmp_path: Path) -> None:
    tree = write(tmp_path, {"main.tf": DATABASE, "ci.yml": "on: push\njobs: {}\n"})
    imported = imported_by("check", str(tree), *AS_OF, "--format", "json")
    assert "drpolicy.terraform" in imported
    assert imported.isdisjoint({"pydantic", "jsonschema", "jinja2", "boto3", "rich", "yaml", "drpolicy.aws"})
    write(tree, {"cluster.yml": "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n"})
    assert "yaml" in imported_by("check", str(tree), *AS_OF, "--format", "json")
