"""What git knows: the root of a repository, the commit, and the tree of a revision.

git is run read-only: it takes no locks, runs no file-system monitor, and may not fetch what a partial clone lacks.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import NamedTuple

from drpolicy.sources.problems import Unreadable

TIMEOUT = 10.0
"""Seconds for one call of git."""

COMMAND = ("git", "--no-optional-locks", "--no-pager", "-c", "core.fsmonitor=false", "-c", "protocol.allow=never")

# A hook runs with these set for the repository that is being committed to, relative to its top; -C would misread them.
_REPOSITORY_VARIABLES = frozenset({"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR", "GIT_IMPLICIT_WORK_TREE"})


class GitState(NamedTuple):
    """The commit that is checked out, and whether any file differs from it or is not in it."""

    commit: str
    dirty: bool


def find_repository_root(path: Path, cwd: Path | None = None) -> Path:
    """Return the git root of a path; else ``cwd`` if it contains the path; else the path, or the directory of a file."""
    path = path.resolve()
    start = path if path.is_dir() else path.parent
    for directory in (start, *start.parents):
        # A worktree or submodule has a file there.
        if (directory / ".git").exists():
            return directory
    if cwd is not None and path.is_relative_to(cwd.resolve()):
        return cwd.resolve()
    return start


def checked_out(root: Path) -> str | None:
    """Return the commit that is checked out, read from the repository's own files without running git; ``None`` where they do not say."""
    try:
        directory = root / ".git"
        if directory.is_file():
            # Of a worktree or a submodule: "gitdir: <path>".
            directory = root / directory.read_text("utf-8").removeprefix("gitdir:").strip()
        head = (directory / "HEAD").read_text("utf-8").strip()
        if not head.startswith("ref:"):
            return _commit(head)
        name = head.removeprefix("ref:").strip()
        common = directory / "commondir"
        shared = directory / common.read_text("utf-8").strip() if common.is_file() else directory
        loose = shared / name
        if loose.is_file():
            return _commit(loose.read_text("utf-8").strip())
        lines = (shared / "packed-refs").read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError, ValueError):
        return None
    return next((_commit(commit) for commit, _, ref in (line.partition(" ") for line in lines) if ref == name), None)


def _commit(text: str) -> str | None:
    return text if len(text) in (40, 64) and all(each in "0123456789abcdef" for each in text) else None


def git_state(root: Path) -> GitState | None:
    """Return the state of the repository at a directory; ``None`` without git, a repository, a first commit or an answer in time."""
    answer = run_git(root, "status", "--porcelain=v2", "--branch", "-z", "--untracked-files=normal", "--ignore-submodules=all")
    if isinstance(answer, Unreadable):
        return None
    commit, dirty = None, False
    for line in answer.split(b"\0"):
        if line.startswith(b"# branch.oid "):
            commit = line[13:].decode("ascii", "replace")
        elif line and not line.startswith(b"#"):
            dirty = True
    return None if commit is None or commit == "(initial)" else GitState(commit, dirty)


def without_commit(root: Path) -> bool:
    """Whether a directory is in a git repository in which nothing was ever committed on what is checked out."""
    if not isinstance(run_git(root, "rev-parse", "--verify", "--quiet", "HEAD"), Unreadable):
        return False
    return not isinstance(run_git(root, "rev-parse", "--git-dir"), Unreadable)


def same_files(root: Path, revision: str) -> bool:
    """Whether no file in the work tree or the index differs from a revision. New files that git is not told of are not asked for."""
    answer = run_git(root, "diff-index", "--quiet", "--ignore-submodules=all", "--end-of-options", revision, "--")
    return not isinstance(answer, Unreadable)


def merge_base(root: Path, commit: str) -> str | Unreadable:
    """Return the commit from which the checked out one and ``commit``, a full object id, went apart."""
    answer = run_git(root, "merge-base", commit, "HEAD")
    return answer if isinstance(answer, Unreadable) else answer.decode("ascii", "replace").strip()


def run_git(root: Path, *arguments: str) -> bytes | Unreadable:
    """Return what git prints, or why it could not."""
    try:
        done = subprocess.run(
            [*COMMAND, *arguments],
            cwd=root,
            env=environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=TIMEOUT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Unreadable(".", f"git gave no answer within {TIMEOUT:.0f} seconds")
    except (OSError, ValueError) as error:
        return Unreadable(".", f"git could not be run: {error}")
    if done.returncode != 0:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        return Unreadable(".", f"git {arguments[0]}: {said[-1] if said else f'exit code {done.returncode}'}")
    return done.stdout


def environment() -> dict[str, str]:
    """Return the environment that git runs in."""
    kept = {name: value for name, value in os.environ.items() if name not in _REPOSITORY_VARIABLES}
    return {**kept, "LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0", "GIT_NO_LAZY_FETCH": "1"}
