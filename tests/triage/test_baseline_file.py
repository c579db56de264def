"""The file of a baseline: what is written is read again, and what is not a baseline covers nothing."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drpolicy.model.findings import SEVERITIES, Diagnostic
from drpolicy.model.spans import Source
from drpolicy.triage.baseline import STANDING, Baseline, Entry
from drpolicy.triage.baseline_file import NAME, parsed, written

NAMES = st.text(st.characters(exclude_categories=()), max_size=12)
PRINTS = st.text("0123456789abcdef", min_size=20, max_size=20)
ENTRIES = st.builds(
    Entry,
    PRINTS,
    PRINTS,
    NAMES,
    NAMES,
    st.sampled_from(STANDING),
    st.sampled_from(SEVERITIES),
    st.dates().map(str),
    st.lists(NAMES, max_size=2).map(tuple),
)
BASELINES = st.builds(
    Baseline,
    st.lists(ENTRIES, max_size=5).map(lambda entries: {each.fingerprint: each for each in entries}),
    st.lists(st.text(max_size=8), min_size=1, max_size=2).map(tuple),
)


@given(BASELINES)
def test_what_is_written_is_read_again(baseline: Baseline) -> None:
    text = written(baseline)
    assert parsed(Source(NAME, text)) == baseline
    assert written(Baseline(dict(reversed(baseline.entries.items())), baseline.paths)) == text
    assert all(line.endswith(",") for line in text.splitlines()[1:-2])
    assert len(text.splitlines()) == len(baseline.entries) + 3
    assert list(json.loads(text))[:-1] == sorted(baseline.entries)


@given(
    st.one_of(
        st.text(),
        st.recursive(st.none() | st.integers() | st.text(), lambda each: st.lists(each) | st.dictionaries(st.text(), each)).map(json.dumps),
    )
)
def test_anything_else_is_a_diagnostic(text: str) -> None:
    result = parsed(Source(NAME, text))
    assert isinstance(result, Diagnostic)
    assert (result.code, result.effect) == ("baseline-invalid", "invalid")


GOOD = written(Baseline({"ab": Entry("ab", "cd", "p", "d//a", STANDING[0], "high", "2026-11-01")}))


@pytest.mark.parametrize(
    ("text", "message", "place"),
    [
        ("", "it is not JSON: Expecting value", "1:1"),
        ("{\n<<<<<<< HEAD\n", "it holds a merge conflict", "2:1"),
        ("[]", "it is no baseline of version 1; drpolicy baseline create makes one", "1:1"),
        (GOOD.replace('"version": 1', '"version": 2'), "it is no baseline of version 1; drpolicy baseline create makes one", "1:1"),
        (GOOD.replace('"verdict": "fail"', '"verdict": "pass"'), "the entry 'ab' is not one that drpolicy wrote", "2:1"),
        (GOOD.replace('"severity": "high"', '"severity": "none"'), "the entry 'ab' is not one that drpolicy wrote", "2:1"),
        (GOOD.replace('"basis": "cd"', '"basis": 1'), "the entry 'ab' is not one that drpolicy wrote", "2:1"),
        (GOOD.replace('["."]', "[1]"), "its paths are no list of texts", "3:2"),
        ("[" * 100_000, "it is not JSON of a baseline", "1:1"),
    ],
)
def test_a_faulty_file_is_named_at_its_place(text: str, message: str, place: str) -> None:
    result = parsed(Source(NAME, text))
    assert isinstance(result, Diagnostic)
    assert result.message == f"the baseline covers nothing: {message}"
    assert str(result.span) == f"{NAME}:{place}"


def test_branches_that_accept_different_things_merge(tmp_path: Path) -> None:
    """git merges what two branches add, wherever it sorts: first, in the middle, last."""
    entries = {name: Entry(name, "b", "p", "d//a", STANDING[0], "low", "2026-11-01") for name in ("aa", "bb", "cc", "dd", "ee", "ff", "gg")}

    def file(name: str, *kept: str) -> Path:
        path = tmp_path / name
        path.write_text(written(Baseline({each: entries[each] for each in kept})))
        return path

    ours, base, theirs = (
        file("ours", "aa", "bb", "cc", "ee", "ff"),
        file("base", "bb", "cc", "ee", "ff"),
        file("theirs", "bb", "cc", "ff", "gg"),
    )
    done = subprocess.run(["git", "merge-file", "-p", ours, base, theirs], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    merged = parsed(Source(NAME, done.stdout))
    assert isinstance(merged, Baseline)
    assert list(merged.entries) == ["aa", "bb", "cc", "ff", "gg"]
