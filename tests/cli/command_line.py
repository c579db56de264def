"""How the tests run the command: in this process where that is enough, else as a user does."""

from __future__ import annotations

import gc
import io
import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple

from drpolicy.cli.main import run

CHECKOUT = Path(__file__).resolve().parents[2]
BEFORE = CHECKOUT / "examples" / "before"
AFTER = CHECKOUT / "examples" / "after"
AS_OF = ("--as-of", "2026-11-01")

DATABASE = """\
provider "aws" {
  region = "ap-northeast-2"
}

resource "aws_db_instance" "orders" {
  identifier              = "orders"
  engine                  = "postgres"
  backup_retention_period = 0
}
"""

_TERMINAL = ("COLUMNS", "NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "PYTHONIOENCODING", "PYTHONUTF8", "DRPOLICY_DEBUG")


class Ran(NamedTuple):
    """What a run of the command gave."""

    code: int
    out: str
    err: str


def environment(**changes: str) -> dict[str, str]:
    """Return this process's environment without what changes how the command writes, and with the changes."""
    return {**{name: value for name, value in os.environ.items() if name not in _TERMINAL}, **changes}


def spawn(*arguments: str | Path, env: Mapping[str, str] | None = None, cwd: Path | None = None) -> Ran:
    """Run ``python -m drpolicy`` to its end."""
    done = subprocess.run(
        [sys.executable, "-m", "drpolicy", *map(str, arguments)],
        env=dict(env) if env is not None else environment(),
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
        check=False,
    )
    return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())


def write(directory: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write files below a directory that is the root of a repository, and return it."""
    (directory / ".git").mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return directory


def here(*arguments: str | Path, encoding: str = "utf-8") -> Ran:
    """Run the command in this process, its streams in memory; what it sets for the whole process is put back."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors=errors) for errors in ("strict", "backslashreplace"))
    limit = sys.getrecursionlimit()
    try:
        with redirect_stdout(out), redirect_stderr(err):
            try:
                code = run([str(each) for each in arguments])
            except SystemExit as ended:
                code = ended.code if isinstance(ended.code, int) else 1
            out.flush()
            err.flush()
    finally:
        sys.setrecursionlimit(limit)
        gc.enable()
    return Ran(code, out.buffer.getvalue().decode(), err.buffer.getvalue().decode())
