"""Fill the README's generated blocks and write docs/conditions.md: run ``python tests/docs/refresh.py`` after output or examples changed.

A comment ``<!-- output: COMMAND -->`` or ``<!-- file: PATH -->`` stands directly above each generated block.
"""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
BLOCK = re.compile(r"^<!-- (output|file): (.+?) -->\n```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def refreshed(text: str) -> str:
    """Return the text with every generated block as it is now."""
    return BLOCK.sub(lambda match: f"<!-- {match[1]}: {match[2]} -->\n```{match[3]}\n{_content(match[1], match[2])}```", text)


def _content(kind: str, what: str) -> str:
    if kind == "file":
        return (ROOT / what).read_text("utf-8")
    command = [sys.executable, "-m", *shlex.split(what)]
    environment = {"PATH": "", "PYTHONUTF8": "1"}
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=False, env=environment)
    assert not run.stderr, run.stderr
    return run.stdout


if __name__ == "__main__":
    from drpolicy.app.conditions_page import conditions_page
    from drpolicy.app.policy_reference import MARK

    (ROOT / "docs" / "conditions.md").write_text(MARK + conditions_page(), "utf-8")
    README.write_text(refreshed(README.read_text("utf-8")), "utf-8")
