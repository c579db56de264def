"""Places that lead to their file, on terminals that follow links."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from command_line import AS_OF, BEFORE, CHECKOUT, environment, spawn

from drpolicy.cli.terminal import link_base

LINK = re.compile(r"\x1b\]8;[^;]*;([^\x1b]+)\x1b\\")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("given", "follows"),
    [
        ({}, False),
        ({"TERM_PROGRAM": "iTerm.app"}, True),
        ({"TERM_PROGRAM": "Apple_Terminal"}, False),
        ({"VTE_VERSION": "6800"}, True),
        ({"VTE_VERSION": "5000"}, False),
        ({"VTE_VERSION": "9" * 400}, False),
        ({"WT_SESSION": "x"}, True),
        ({"TERM": "xterm-kitty"}, True),
        ({"TERM": "xterm-kitty", "FORCE_HYPERLINK": "0"}, False),
        ({"FORCE_HYPERLINK": "1"}, True),
    ],
)
def test_which_terminals_are_given_links(given: dict[str, str], follows: bool) -> None:
    assert link_base(Path("/a b"), Terminal(), given) == ("file:///a%20b/" if follows else "")


def test_what_is_no_terminal_is_given_none() -> None:
    assert link_base(Path("/a"), io.StringIO(), {"TERM_PROGRAM": "iTerm.app"}) == ""


def test_a_place_leads_to_its_file() -> None:
    run = spawn("check", BEFORE, *AS_OF, "--color", "always", env=environment(FORCE_HYPERLINK="1"), cwd=CHECKOUT)
    links = LINK.findall(run.out)
    assert f"{BEFORE.as_uri()}/kubernetes/primary/velero.yaml" in links
    assert all(link.startswith(f"{CHECKOUT.as_uri()}/examples/before/") for link in links)


@pytest.mark.parametrize("color", ["always", "never"])
def test_without_colours_or_without_such_a_terminal_there_are_none(color: str) -> None:
    forced = {"FORCE_HYPERLINK": "1"} if color == "never" else {}
    assert "\x1b]8" not in spawn("check", BEFORE, *AS_OF, "--color", color, env=environment(**forced), cwd=CHECKOUT).out
