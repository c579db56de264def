"""What is said while a run takes long: on a terminal only, on one line, taken back at the end."""

from __future__ import annotations

import io
import re
from threading import Event

import pytest

from drpolicy.cli.progress import progress


class Terminal(io.StringIO):
    """A terminal that says when something was written to it."""

    def __init__(self) -> None:
        super().__init__()
        self.written = Event()

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> int:
        count = super().write(text)
        self.written.set()
        return count


def test_a_long_run_says_so_and_takes_it_back() -> None:
    terminal = Terminal()
    with progress("reading", terminal, {}, patience=0.001):
        assert terminal.written.wait(30)
    assert re.fullmatch(r"(\rreading: \d+ s)+\r\x1b\[K", terminal.getvalue())


def test_a_short_run_says_nothing() -> None:
    terminal = Terminal()
    with progress("reading", terminal, {}, patience=600):
        pass
    assert terminal.getvalue() == ""


def test_it_is_taken_back_when_the_run_fails() -> None:
    terminal = Terminal()
    with pytest.raises(ValueError, match="lost"), progress("reading", terminal, {}, patience=0.001):
        assert terminal.written.wait(30)
        raise ValueError("lost")
    assert terminal.getvalue().endswith("\r\x1b[K")


@pytest.mark.parametrize("environment", [{"TERM": "dumb"}, {"CI": "true"}])
def test_where_nobody_watches_nothing_is_said(environment: dict[str, str]) -> None:
    terminal = Terminal()
    with progress("reading", terminal, environment, patience=0):
        pass
    with progress("reading", io.StringIO(), {}, patience=0):
        pass
    assert terminal.getvalue() == ""
