"""check --diff, as a pull request's gate runs it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from command_line import AS_OF, DATABASE, here

WHO = {f"GIT_{role}_{part}": "t@example.com" for role in ("AUTHOR", "COMMITTER") for part in ("NAME", "EMAIL")}


def git(root: Path, *arguments: str) -> None:
    env = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")} | WHO
    subprocess.run(["git", *arguments], cwd=root, env=env | {"GIT_CONFIG_GLOBAL": os.devnull}, check=True, capture_output=True)


def test_only_what_the_change_brings_fails_the_gate(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    (tmp_path / "main.tf").write_text(DATABASE)
    git(tmp_path, "add", "--all")
    git(tmp_path, "commit", "--quiet", "--message", "m")
    assert here("check", tmp_path, *AS_OF, "--fail-on", "low").code == 1
    unchanged = here("check", tmp_path, *AS_OF, "--fail-on", "low", "--diff", "main")
    assert (unchanged.code, unchanged.err) == (0, "")
    assert "no finding changed\n" in unchanged.out
    (tmp_path / "more.tf").write_text('resource "aws_db_instance" "new" {\n  backup_retention_period = 0\n}\n')
    changed = here("check", tmp_path, *AS_OF, "--fail-on", "low", "--diff", "main")
    assert changed.code == 1
    assert "  worse      low       database-without-backup (aws_db_instance.new): it is new (more.tf:2:29)\n" in changed.out


def test_a_revision_that_is_not_there_is_2(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    said = "drpolicy: --diff origin/main: git knows no revision 'origin/main'; in CI, check out the whole history (fetch-depth: 0)\n"
    assert here("check", tmp_path, "--diff", "origin/main") == (2, "", said)


def test_outside_a_repository_there_is_nothing_to_compare_with(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(DATABASE)
    ran = here("check", tmp_path, "--diff", "main")
    assert (ran.code, ran.out) == (2, "")
    assert "not a git repository" in ran.err
