from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from command_line import Ran

from drpolicy.cli.main import run


@pytest.fixture
def drpolicy(capfd: pytest.CaptureFixture[str]) -> Iterator[Callable[..., Ran]]:
    """Run the command in this process; what it sets for the whole process is put back."""
    limit = sys.getrecursionlimit()

    def command(*arguments: str | Path) -> Ran:
        capfd.readouterr()
        try:
            code = run([str(each) for each in arguments])
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else 1
        out, err = capfd.readouterr()
        return Ran(code, out, err)

    yield command
    sys.setrecursionlimit(limit)
    gc.enable()
