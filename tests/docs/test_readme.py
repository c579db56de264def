"""What the README shows is what happens."""

from __future__ import annotations

import re
import subprocess
import sys

from refresh import README, ROOT, refreshed

from drpolicy.cli import exit_codes


def test_generated_blocks_are_current() -> None:
    text = README.read_text("utf-8")
    assert text.count("<!-- output: ") == 2
    assert text.count("<!-- file: ") == 2
    assert refreshed(text) == text, "run python tests/docs/refresh.py"


def test_the_policy_shown_is_good() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "drpolicy", "policy", "test", "--directory", "tests/docs/policies"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.returncode, run.stdout) == (0, "1 policy, 3 examples: all as expected\n")


def test_the_exit_codes_shown_are_those() -> None:
    shown = {int(code) for code in re.findall(r"^\| (\d+) \|", README.read_text("utf-8"), re.MULTILINE)}
    assert shown == {exit_codes.PASSED, exit_codes.FAILED, exit_codes.INVALID, exit_codes.INCOMPLETE, exit_codes.INTERNAL}


def test_the_waiver_shown_is_read() -> None:
    from drpolicy.declarations.waivers import InlineWaiver, parse_comment
    from drpolicy.model.spans import Source

    line = next(line for line in README.read_text("utf-8").splitlines() if line.startswith("# drpolicy: ignore["))
    source = Source("README.md", line)
    waiver = parse_comment(line, source.span(0, len(line)))
    assert isinstance(waiver, InlineWaiver)
    assert [policy for policy, _ in waiver.policies] == ["bucket-without-history"]


def test_the_hook_shown_exists() -> None:
    hooks = (ROOT / ".pre-commit-hooks.yaml").read_text("utf-8")
    assert set(re.findall(r"^      - id: (\S+)$", README.read_text("utf-8"), re.MULTILINE)) <= set(
        re.findall(r"^- id: (\S+)$", hooks, re.MULTILINE)
    )


def test_make_targets_shown_exist() -> None:
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert set(re.findall(r"^    make (\w+)", README.read_text("utf-8"), re.MULTILINE)) <= targets
