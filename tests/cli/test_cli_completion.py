"""drpolicy completion: every command and option is offered, as bash itself answers."""

from __future__ import annotations

import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from command_line import here

from drpolicy.cli.arguments import ESTATE_FORMATS, FORMAT_NAMES, SHELLS, parser
from drpolicy.cli.completion import SCRIPTS, commands
from drpolicy.cli.main import _COMMANDS
from drpolicy.model.findings import SEVERITIES

BASH, ZSH, FISH = (shutil.which(shell) for shell in ("bash", "zsh", "fish"))


def completed(directory: Path, *words: str) -> list[str]:
    """Return what bash offers for the last word."""
    assert BASH is not None
    source = directory / "completion.bash"
    source.write_text(here("completion", "bash").out)
    line = shlex.join(["drpolicy", *words])
    asked = (
        f'source {shlex.quote(str(source))}; COMP_WORDS=({line}); COMP_CWORD={len(words)}; _drpolicy; printf "%s\\n" "${{COMPREPLY[@]}}"'
    )
    done = subprocess.run([BASH, "--norc", "-euc", asked], cwd=directory, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    return [each for each in done.stdout.splitlines() if each]


OFFERED = [
    (["chec"], ["check", "checklist"]),
    (["baseline", ""], ["create", "update", "prune", "-h", "--help"]),
    (["check", "--format", ""], ["auto", *FORMAT_NAMES]),
    (["estate", "--format", ""], [*ESTATE_FORMATS]),
    (["check", "--fail-on", ""], [*SEVERITIES]),
    (["check", "--fail-on", "high", "--on-u"], ["--on-unknown"]),
    (["policy", "show", "no-copy-outside-r"], ["no-copy-outside-region"]),
    (["explain", "no-copy-outside-r"], ["no-copy-outside-region"]),
    (["catalog", "show", "aws_dynamodb_t"], ["aws_dynamodb_table"]),
    (["schema", "con"], ["config"]),
    (["check", "inf"], ["infra"]),
    (["check", "--config", "inf"], ["infra"]),
    (["check", "--no-such"], []),
]

asking = pytest.mark.parametrize(("words", "offered"), OFFERED)


@pytest.mark.skipif(BASH is None, reason="there is no bash")
@asking
def test_what_bash_offers(tmp_path: Path, words: list[str], offered: list[str]) -> None:
    (tmp_path / "infra").mkdir()
    assert completed(tmp_path, *words) == offered


# What the completion system of zsh does with the script: it sets the words, and takes what is added.
ZSH_ASKS = """
compadd() { shift; for each in "$@"; do [[ $each == "${words[CURRENT]}"* ]] && print -r -- "$each"; done }
_files() { for each in "${words[CURRENT]}"*(N); do print -r -- "$each"; done }
"""


@pytest.mark.skipif(ZSH is None, reason="there is no zsh")
@asking
def test_what_zsh_offers(tmp_path: Path, words: list[str], offered: list[str]) -> None:
    (tmp_path / "infra").mkdir()
    (tmp_path / "_drpolicy").write_text(here("completion", "zsh").out)
    asked = f"{ZSH_ASKS}words=({shlex.join(['drpolicy', *words])}); CURRENT={len(words) + 1}; source ./_drpolicy"
    done = subprocess.run([str(ZSH), "-fc", asked], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    # Beside the words zsh offers files.
    assert [each for each in done.stdout.splitlines() if each in offered or each not in {"infra", "_drpolicy"}] == offered


@pytest.mark.skipif(FISH is None, reason="there is no fish")
@asking
def test_what_fish_offers(tmp_path: Path, words: list[str], offered: list[str]) -> None:
    (tmp_path / "infra").mkdir()
    (tmp_path / "drpolicy.fish").write_text(here("completion", "fish").out)
    line = shlex.quote(" ".join(["drpolicy", *words]))
    done = subprocess.run(
        [str(FISH), "--no-config", "-c", f"source drpolicy.fish; complete -C{line}"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    found = {each.partition("\t")[0].rstrip("/") for each in done.stdout.splitlines()}
    # fish offers options only where one is begun, and files beside words.
    assert {each for each in offered if not each.startswith("-") or words[-1].startswith("-")} <= found
    assert done.stderr == ""


def test_every_command_is_offered_with_every_option() -> None:
    found = {each.path: each for each in commands(parser(), {})}
    assert sorted(name for name, _ in found[()].actions) == sorted(_COMMANDS)
    assert all(said for each in found.values() for _, said in each.actions)
    check = {name for option in found["check",].options for name in option.names}
    assert {"--gate", "--diff", "--no-baseline", "--plan", "-q", "--quiet"} <= check
    assert ("policy", "docs") in found


def test_there_is_a_script_for_each_shell() -> None:
    assert tuple(SCRIPTS) == SHELLS


@pytest.mark.parametrize(("shell", "parse"), [("bash", "-n"), ("zsh", "-n"), ("fish", "--no-execute")])
def test_the_script_parses_where_there_is_the_shell(tmp_path: Path, shell: str, parse: str) -> None:
    script = here("completion", shell)
    assert (script.code, script.err) == (0, "")
    assert "no-copy-outside-region" in script.out
    program = shutil.which(shell)
    if program is not None:
        path = tmp_path / shell
        path.write_text(script.out)
        done = subprocess.run([program, parse, str(path)], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")
