"""Which lines a change is made of, and where in it a finding is shown."""

from __future__ import annotations

import pytest

from drpolicy.triage.change_places import COMPARED, ChangedLines, changed_lines


@pytest.mark.parametrize(
    ("before", "after", "written", "removed"),
    [
        (None, "a\nb\n", {1, 2}, set()),
        ("a\nb\nc\n", "a\nb\nc\n", set(), set()),
        ("a\nb\nc\n", "a\nx\nc\n", {2}, set()),
        ("a\nb\nc\n", "a\nc\n", set(), {1}),
        ("a\nb\n", "b\n", set(), {0}),
        ("a\nb\n", "a\n", set(), {1}),
        ("a\na\n", "a\na\na\n", {3}, set()),
        ("a\nb\nc\nd\n", "a\nx\nc\ny\nd\n", {2, 4}, set()),
        ("a\r\nb\r\n", "a\nb\n", set(), set()),
        ("", "", set(), set()),
    ],
)
def test_the_lines_of_a_change(before: str | None, after: str, written: set[int], removed: set[int]) -> None:
    assert changed_lines(before, after) == ChangedLines(frozenset(written), frozenset(removed))


def test_a_large_change_is_one_piece() -> None:
    after = "".join(f"{line}\n" for line in range(COMPARED + 1))
    assert changed_lines("x\n" + "same\n", after + "same\n").written == frozenset(range(1, COMPARED + 2))


def test_how_far_away_a_change_is() -> None:
    found = ChangedLines(frozenset({10}), frozenset({4}))
    assert [found.distance(line) for line in (10, 12, 5, 4, 2)] == [0, 2, 1, 1, 3]
    assert ChangedLines().distance(1) == float("inf")
