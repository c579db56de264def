"""Repositories for the tests of whole runs."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from drpolicy.app.check import check
from drpolicy.app.settings import Settings
from drpolicy.model.findings import Finding, Verdict
from drpolicy.model.report import Report

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
AS_OF = date(2026, 11, 1)

PROVIDER = 'provider "aws" {\n  region = "ap-northeast-2"\n}\n\n'
GOOD = 'resource "aws_db_instance" "good" {\n  engine                  = "postgres"\n  backup_retention_period = 0\n}\n'


def repository(directory: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write files below a directory that is the root of a repository, and return it."""
    (directory / ".git").mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return directory


def checked(directory: Path) -> Report:
    """Return the report of ``drpolicy check`` over a directory."""
    return check(Settings((directory,), directory, AS_OF))


def said(report: Report) -> list[str]:
    """Return every diagnostic as ``place: message [effect]``."""
    return [f"{each.span or each.path}: {each.message} [{each.effect}]" for each in report.diagnostics]


def verdict(report: Report, policy: str, name: str) -> Verdict | None:
    """Return the verdict of a policy on a subject, ``None`` when there is none."""
    return next((each.verdict for each in _of(report, policy) if each.subject.name == name), None)


def _of(report: Report, policy: str) -> list[Finding]:
    return [each for each in report.findings if each.policy == policy]


def commit(root: Path, day: str, files: dict[str, str]) -> None:
    """Write files and commit them on a day."""
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    when = f"{day}T12:00:00+0000"
    identity = {
        "GIT_AUTHOR_NAME": "a",
        "GIT_AUTHOR_EMAIL": "a@example.com",
        "GIT_COMMITTER_NAME": "a",
        "GIT_COMMITTER_EMAIL": "a@example.com",
    }
    environment = {**os.environ, **identity, "GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when, "GIT_CONFIG_GLOBAL": os.devnull}
    for arguments in (["add", "-A"], ["commit", "-q", "--no-gpg-sign", "-m", day]):
        subprocess.run(["git", *arguments], cwd=root, env=environment, check=True, capture_output=True)
