"""A finding stays the same finding, on the same facts, whatever is done to the layout of the files."""

from __future__ import annotations

import re
import sys
from datetime import date
from functools import cache
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from policy_runs import SEOUL, only, policy

from drpolicy.app.check import assemble
from drpolicy.app.demo import EXAMPLE_DATE, example_directory
from drpolicy.app.reading import read_tree
from drpolicy.app.settings import Settings
from drpolicy.model.findings import SubjectReference, Verdict
from drpolicy.policy.identity import fingerprint_of
from drpolicy.sources.trees import MemoryTree

sys.setrecursionlimit(20_000)  # what the command line runs with

PLAIN = re.compile(r"^(?P<indent> +)(?P<name>\w+) *= *(?P<value>[^{\[(<]+)$")
"""An attribute on one line whose value has no bracket: it can change places with the one below it."""


@cache
def example() -> dict[str, str]:
    root = example_directory("before")
    return {path.relative_to(root).as_posix(): path.read_text("utf-8") for path in root.rglob("*") if path.is_file()}


def judged(files: dict[str, str]) -> list[tuple[str, str, str, str, str]]:
    found = read_tree(MemoryTree(files))
    report = assemble(Settings((Path(),), Path(), date.fromisoformat(EXAMPLE_DATE)), found)
    return sorted((each.fingerprint, each.policy, each.subject.address, each.verdict.value, each.basis) for each in report.every())


@cache
def original() -> list[tuple[str, str, str, str, str]]:
    return judged(example())


def test_no_two_findings_share_a_fingerprint() -> None:
    findings = original()
    assert len({each[0] for each in findings}) == len(findings) > 300


def spread(text: str, gaps: list[int]) -> str:
    """Put empty lines and comments in front of top-level blocks."""
    lines: list[str] = []
    for number, line in enumerate(text.split("\n")):
        if re.match(r"(resource|provider|variable|terraform)\b", line):
            lines += ["# moved"] * (gaps[number % len(gaps)] % 3) + [""] * gaps[number % len(gaps)]
        lines.append(line)
    return "\n".join(lines)


def realigned(text: str, widths: list[int]) -> str:
    """Give attributes another indentation, other blanks around the equals sign and a comment behind."""
    lines = []
    for number, line in enumerate(text.split("\n")):
        match = PLAIN.match(line)
        width = widths[number % len(widths)]
        if match and width:
            line = f"{' ' * width}{match['name']}{' ' * width}={' ' * width}{match['value']}" + (" # note" if width % 2 else "")
        lines.append(line)
    return "\n".join(lines)


def reordered(text: str, choices: list[bool]) -> str:
    """Let neighbouring attributes of one block change places."""
    lines = text.split("\n")
    for number in range(len(lines) - 1):
        here, below = PLAIN.match(lines[number]), PLAIN.match(lines[number + 1])
        if here and below and here["indent"] == below["indent"] and choices[number % len(choices)]:
            lines[number], lines[number + 1] = lines[number + 1], lines[number]
    return "\n".join(lines)


def commented(text: str, choices: list[int]) -> str:
    """Put comments above the lines of a YAML file that stand at the left edge, and empty lines below documents."""
    lines: list[str] = []
    for number, line in enumerate(text.split("\n")):
        if re.match(r"[a-zA-Z]", line):
            lines += [f"# note {number}"] * choices[number % len(choices)]
        lines.append(line)
    return "\n".join(lines)


@settings(max_examples=15, deadline=None)
@given(
    gaps=st.lists(st.integers(0, 4), min_size=1, max_size=7),
    widths=st.lists(st.integers(0, 5), min_size=1, max_size=7),
    choices=st.lists(st.booleans(), min_size=1, max_size=7),
    carriage=st.booleans(),
)
def test_layout_changes_neither_fingerprint_nor_verdict_nor_basis(
    gaps: list[int], widths: list[int], choices: list[bool], carriage: bool
) -> None:
    files = {}
    for path, text in example().items():
        if path.endswith(".tf"):
            text = realigned(reordered(spread(text, gaps), choices), widths)
        elif path.endswith(".yaml"):
            text = commented(text, gaps)
        files[path] = text.replace("\n", "\r\n") if carriage and path.endswith(".tf") else text
    assert judged(files) == original()


def test_a_file_can_be_renamed_within_its_root() -> None:
    files = dict(example())
    files["terraform/all.tf"] = "\n".join(files.pop(path) for path in sorted(files) if path.endswith(".tf"))
    assert judged(files) == original()


TABLE = SEOUL + 'resource "aws_dynamodb_table" "t" {\n  name = "t"\n  deletion_protection_enabled = %s\n}\n'
GUARD = "has(self.deletionGuarded) && self.deletionGuarded"


def test_a_value_changes_the_basis_and_not_the_fingerprint() -> None:
    off, other = only(policy(GUARD), TABLE % "false"), only(policy(f"!({GUARD})"), TABLE % "true")
    assert (off.verdict, other.verdict) == (Verdict.FAIL, Verdict.FAIL)
    assert off.fingerprint == other.fingerprint
    assert off.basis != other.basis


def test_what_makes_a_fingerprint() -> None:
    reference = SubjectReference("Store", "t", "aws_dynamodb_table.t", "aws_dynamodb_table", "envs/prod", "production", "envs/prod", ("a",))
    same = SubjectReference("Store", "other name", "aws_dynamodb_table.t", "x", "envs/prod", None)
    assert fingerprint_of("p", reference, "declared") == fingerprint_of("p", same, "declared")
    different = {
        fingerprint_of("p", reference, "declared"),
        fingerprint_of("q", reference, "declared"),
        fingerprint_of("p", reference, "observed"),
        fingerprint_of("p", SubjectReference("Store", "", "aws_dynamodb_table.u", "", "envs/prod", None), "declared"),
        fingerprint_of("p", SubjectReference("Store", "", "aws_dynamodb_table.t", "", "envs/dev", None), "declared"),
        fingerprint_of("p", SubjectReference("Protection", "", "aws_dynamodb_table.t", "", "envs/prod", None), "declared"),
    }
    assert len(different) == 6
