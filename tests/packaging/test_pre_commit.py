"""pre-commit itself with this checkout as the hook's repository: what stands in ``.pre-commit-hooks.yaml``, as users run it.

pre-commit builds an environment with pip from whatever index pip is configured for; without one these tests fail, as users would.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from fcntl import LOCK_EX, flock
from pathlib import Path
from typing import NamedTuple

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
BEFORE = CHECKOUT / "examples" / "before"
NOTHING = "Nothing that holds data was found, so nothing was judged recoverable. This is not a pass."
BUILDS = 540
"""Seconds that building an environment may take where the index is far away."""


class Hooks(NamedTuple):
    """The checkout as a repository that pre-commit can take hooks from, and where it keeps the environment it builds."""

    repository: Path
    revision: str
    home: Path

    def config(self, *ids: str, extra: str = "") -> str:
        hooks = "".join(f"      - {{id: {name}{extra}}}\n" for name in ids)
        return f"repos:\n  - repo: {self.repository}\n    rev: {self.revision}\n    hooks:\n{hooks}"


def run(*command: str | Path, cwd: Path, home: Path | None = None) -> subprocess.CompletedProcess[str]:
    # A test may itself run inside a hook, whose variables are about another repository.
    env = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "PRE_COMMIT", "PYTHON", "SKIP"))}
    who = {f"GIT_{role}_{part}": value for role in ("AUTHOR", "COMMITTER") for part, value in (("NAME", "t"), ("EMAIL", "t@example.com"))}
    env |= {**who, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull, "NO_COLOR": "1"}
    if home is not None:
        env["PRE_COMMIT_HOME"] = str(home)
    return subprocess.run([*map(str, command)], cwd=cwd, env=env, capture_output=True, text=True, timeout=BUILDS, check=False)


def git(cwd: Path, *arguments: str | Path) -> str:
    done = run("git", *arguments, cwd=cwd)
    assert done.returncode == 0, done.stderr
    return done.stdout


def pre_commit(hooks: Hooks, cwd: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return run(sys.executable, "-m", "pre_commit", *arguments, cwd=cwd, home=hooks.home)


@pytest.fixture(scope="session")
def hooks(tmp_path_factory: pytest.TempPathFactory) -> Hooks:
    """Commit what git knows of the checkout, as it is now, to a repository of its own: nothing is done to the checkout."""
    base = tmp_path_factory.getbasetemp()
    # One for all workers of a run: the environment costs more than all the commits together. pre-commit locks its own home.
    root = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "pre-commit"
    root.mkdir(exist_ok=True)
    repository = root / "drpolicy"
    with (root / "lock").open("w") as lock:
        flock(lock, LOCK_EX)
        if not (root / "ready").exists():
            _committed(repository)
            (root / "ready").touch()
    return Hooks(repository, git(repository, "rev-parse", "HEAD").strip(), root / "home")


def _committed(repository: Path) -> None:
    known = git(CHECKOUT, "ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0")
    _copied(repository, {name for name in known if name and not name.startswith("tests/")})
    git(repository, "init", "--quiet", "--initial-branch=main")
    git(repository, "add", "--all", "--force")
    git(repository, "commit", "--quiet", "--no-verify", "--message", "as it is")


def _copied(target: Path, names: Iterable[str]) -> None:
    for name in names:
        source = CHECKOUT / name
        if source.is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target / name)


def user(directory: Path, files: Path | None = None) -> Path:
    """Return a user's new repository, with files in its index when given."""
    directory.mkdir(parents=True, exist_ok=True)
    git(directory, "init", "--quiet", "--initial-branch=main")
    if files is not None:
        shutil.copytree(files, directory, dirs_exist_ok=True)
        git(directory, "add", "--all")
    return directory


def installed(hooks: Hooks, directory: Path, config: str) -> None:
    (directory / ".pre-commit-config.yaml").write_text(config)
    git(directory, "add", ".pre-commit-config.yaml")
    done = pre_commit(hooks, directory, "install")
    assert done.returncode == 0, done.stdout + done.stderr


def commit(hooks: Hooks, directory: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Commit as a user does; the hook that pre-commit installed runs."""
    return run("git", "commit", "--message", "change", *options, cwd=directory, home=hooks.home)


def test_a_commit_of_the_example_before_repair_is_stopped(hooks: Hooks, tmp_path: Path) -> None:
    repository = user(tmp_path / "user", BEFORE)
    installed(hooks, repository, hooks.config("drpolicy", extra=", args: [--as-of, '2026-11-01']"))
    done = commit(hooks, repository)
    said = done.stdout + done.stderr
    assert done.returncode == 1, said
    assert "- hook id: drpolicy\n- exit code: 1\n" in said
    assert "critical  dr-location-reads-failed-region  kubernetes/dr/velero.yaml:10:13\n" in said
    assert "gate hook failed: " in said
    assert run("git", "rev-parse", "--verify", "HEAD", cwd=repository).returncode != 0, "nothing was committed"


def test_a_commit_that_only_deletes_still_runs_the_hook(hooks: Hooks, tmp_path: Path) -> None:
    repository = user(tmp_path / "user", BEFORE)
    installed(hooks, repository, hooks.config("drpolicy", extra=", args: [--as-of, '2026-11-01']"))
    git(repository, "commit", "--quiet", "--no-verify", "--message", "as it was")
    git(repository, "rm", "--quiet", "terraform/backup.tf")
    done = commit(hooks, repository)
    said = done.stdout + done.stderr
    assert done.returncode == 1, said
    assert "- hook id: drpolicy\n- exit code: 1\n" in said
    assert "gate hook failed: " in said


TABLE = 'resource "aws_dynamodb_table" "orders" {\n  name = "orders"\n  point_in_time_recovery {\n    enabled = true\n  }\n}\n'


def test_a_commit_that_takes_a_backup_away_is_stopped_though_nothing_is_declared(hooks: Hooks, tmp_path: Path) -> None:
    repository = user(tmp_path / "user")
    (repository / "main.tf").write_text(TABLE)
    installed(hooks, repository, hooks.config("drpolicy"))
    git(repository, "add", "main.tf")
    done = commit(hooks, repository)
    assert done.returncode == 0, done.stdout + done.stderr
    (repository / "main.tf").write_text(TABLE.replace("true", "false"))
    git(repository, "add", "main.tf")
    done = commit(hooks, repository)
    said = done.stdout + done.stderr
    assert done.returncode == 1, said
    assert "that passed before this change\n" in said
    # Nothing of it is of a severity that stops a commit by itself.
    assert "of severity high" not in said
    everything = pre_commit(hooks, repository, "run", "--all-files")
    assert "that passed before this change\n" in everything.stdout, "what is staged is a change, whichever files are given"


def test_a_commit_with_nothing_for_it_passes(hooks: Hooks, tmp_path: Path) -> None:
    repository = user(tmp_path / "user")
    installed(hooks, repository, hooks.config("drpolicy", extra=", verbose: true"))
    (repository / "notes.txt").write_text("nothing to see\n")
    git(repository, "add", "notes.txt")
    done = commit(hooks, repository)
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    assert "drpolicy.................................................................Passed\n" in said
    assert NOTHING in said.splitlines()


OWN_POLICY = """\
apiVersion: drpolicy.dev/v1
kind: Policy
metadata: {id: own-rule, title: A rule of our own, antiPattern: recoverability, since: "0.1"}
spec:
  subject: Store
  assert: self.type == "aws_db_instance"
  severity: [{is: high}]
  message: "{self.name}"
why: We said so.
remediation: Do as we said.
examples:
  - {name: an instance, expect: pass, files: {main.tf: 'resource "aws_db_instance" "a" {}'}}
  - {name: a table, expect: fail, files: {main.tf: 'resource "aws_dynamodb_table" "a" {}'}}
"""


def test_the_hook_for_policies_of_ones_own(hooks: Hooks, tmp_path: Path) -> None:
    repository = user(tmp_path / "user")
    installed(hooks, repository, hooks.config("drpolicy-policies", extra=", args: [--directory, ours]"))
    (repository / "ours").mkdir()
    (repository / "ours" / "own.yaml").write_text(OWN_POLICY)
    git(repository, "add", "ours")
    assert commit(hooks, repository).returncode == 0
    (repository / "ours" / "own.yaml").write_text(OWN_POLICY.replace("aws_dynamodb_table", "aws_db_instance"))
    git(repository, "add", "ours")
    done = commit(hooks, repository)
    said = done.stdout + done.stderr
    assert done.returncode == 1, said
    assert "- hook id: drpolicy-policies\n- exit code: 2\n" in said
    assert "own-rule: a table: expected fail, got pass\n" in said


def test_the_hook_for_declarations_reads_only_what_is_committed(hooks: Hooks, tmp_path: Path) -> None:
    repository = user(tmp_path / "user")
    installed(hooks, repository, hooks.config("drpolicy-declarations"))
    service = "apiVersion: drpolicy.dev/v1\nkind: Service\nmetadata: {name: shop}\nspec:\n  owner: team-shop\n  stores: []\n"
    (repository / "shop.yaml").write_text(service)
    (repository / "values.yaml").write_text("of: something else\n")
    git(repository, "add", "shop.yaml", "values.yaml")
    assert commit(hooks, repository).returncode == 0
    (repository / "shop.yaml").write_text(service.replace("owner", "ownr"))
    git(repository, "add", "shop.yaml")
    done = commit(hooks, repository)
    said = done.stdout + done.stderr
    assert done.returncode == 1, said
    assert "- hook id: drpolicy-declarations\n- exit code: 2\n" in said
    assert "shop.yaml:5:3: unknown field 'ownr'; did you mean 'owner'?\n" in said


def test_what_init_writes_is_a_hook_that_runs(hooks: Hooks, tmp_path: Path) -> None:
    """As a team starts: init, the baseline, the first commit; then one that only deletes what was declared and backed up."""
    repository = user(tmp_path / "user", BEFORE)
    dated = ("--as-of", "2026-11-01")
    for command in (("init", *dated), ("baseline", "create", *dated)):
        program = f"import sys; sys.path.insert(0, {str(CHECKOUT)!r}); from drpolicy.cli.main import run; sys.exit(run({list(command)!r}))"
        done = run(sys.executable, "-c", program, cwd=repository)
        assert done.returncode == 0, done.stdout + done.stderr
    config = (repository / ".pre-commit-config.yaml").read_text()
    released = "https://github.com/drpolicy/drpolicy\n    rev: v0.1.0\n"
    assert released in config
    config = config.replace(released, f"{hooks.repository}\n    rev: {hooks.revision}\n")
    installed(hooks, repository, config.replace("id: drpolicy\n", "id: drpolicy\n        args: [--as-of, '2026-11-01']\n"))
    git(repository, "add", "--all")
    done = commit(hooks, repository)
    assert done.returncode == 0, done.stdout + done.stderr
    git(repository, "rm", "--quiet", "terraform/backup.tf")
    done = commit(hooks, repository)
    said = done.stdout + done.stderr
    assert done.returncode == 1, said
    assert "- hook id: drpolicy\n- exit code: 1\n" in said
    assert "aws_dynamodb_table.orders" in said


def test_try_repo_against_the_checkout(hooks: Hooks, tmp_path: Path) -> None:
    """``try-repo`` keeps an environment of its own, whatever PRE_COMMIT_HOME says."""
    repository = user(tmp_path / "user", BEFORE)
    done = pre_commit(hooks, repository, "try-repo", hooks.repository, "drpolicy", "--verbose", "--all-files")
    said = done.stdout + done.stderr
    assert done.returncode == 1, said
    assert f"    rev: {hooks.revision}\n" in said
    assert "- hook id: drpolicy\n" in said
    assert "- exit code: 1\n" in said
    assert "gate hook failed: " in said
