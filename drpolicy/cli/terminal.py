"""What the terminal can show. Environment and streams are looked at here and nowhere else."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TextIO

from drpolicy.reporters.formats import Options


def options_for(stream: TextIO, choice: str, environment: Mapping[str, str], *, full: bool) -> Options:
    """Return how to write to a stream: NO_COLOR, FORCE_COLOR and CLICOLOR_FORCE as no-color.org and bixense.com have them."""
    return Options(full=full, width=_width(stream, environment), color=_color(stream, choice, environment), unicode=_unicode(stream))


def format_for(choice: str, stream: TextIO, environment: Mapping[str, str]) -> str:
    """Return the format that ``auto`` stands for: a workflow's log takes annotations, a person text. It changes no verdict."""
    if choice != "auto":
        return choice
    return "github" if environment.get("GITHUB_ACTIONS") == "true" and not stream.isatty() else "text"


def _color(stream: TextIO, choice: str, environment: Mapping[str, str]) -> bool:
    if choice != "auto":
        return choice == "always"
    if environment.get("NO_COLOR"):
        return False
    if environment.get("FORCE_COLOR") or environment.get("CLICOLOR_FORCE", "0") != "0":
        return True
    return stream.isatty() and environment.get("TERM") != "dumb"


def link_base(root: Path, stream: TextIO, environment: Mapping[str, str]) -> str:
    """Return what the links to files begin with; empty where the stream is no terminal that is known to follow links.

    There is no way to ask a terminal. FORCE_HYPERLINK decides as supports-hyperlinks has it; the others say who they are.
    """
    forced = environment.get("FORCE_HYPERLINK")
    follows = bool(forced) and forced != "0" if forced is not None else stream.isatty() and _follows_links(environment)
    return f"{root.as_uri().rstrip('/')}/" if follows else ""


_FOLLOWING = {
    "TERM_PROGRAM": frozenset({"iTerm.app", "WezTerm", "vscode", "ghostty"}),
    "TERM": frozenset({"xterm-kitty", "alacritty", "foot"}),
}


def _follows_links(environment: Mapping[str, str]) -> bool:
    version = environment.get("VTE_VERSION", "")
    # VTE crashed on links before 0.50.1 (version 5001).
    named = any(environment.get(name) in values for name, values in _FOLLOWING.items())
    return named or "WT_SESSION" in environment or (version.isdecimal() and len(version) < 9 and int(version) > 5000)


def _width(stream: TextIO, environment: Mapping[str, str]) -> int:
    columns = environment.get("COLUMNS", "")
    if columns.isascii() and columns.isdecimal() and 0 < len(columns) < 5:
        return max(40, min(int(columns), 400))
    if stream.isatty():
        return max(60, min(shutil.get_terminal_size((100, 24)).columns, 160))
    return 100


def _unicode(stream: TextIO) -> bool:
    try:
        "✗→│·".encode(stream.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


_LETTERS = {"ko": "가힣"}
"""Letters that tell whether an encoding can show a language."""


def _encoding(stream: TextIO, language: str) -> str:
    encoding = stream.encoding or "utf-8"
    try:
        _LETTERS.get(language, "").encode(encoding)
    except UnicodeEncodeError:
        return "utf-8"
    return encoding


class OutputLost(Exception):
    """Standard output cannot be written: a full disk, a closed stream."""


def write(text: str | bytes, language: str = "en") -> None:
    """Write a result to standard output. A reader that went away is no error; anything else raises OutputLost.

    Where the encoding cannot show the language that was asked for, UTF-8 is written: a text of nothing but ``?`` helps nobody.
    """
    data = text if isinstance(text, bytes) else text.encode(_encoding(sys.stdout, language), "replace")
    try:
        sys.stdout.buffer.write(data if data.endswith(b"\n") else data + b"\n")
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        # Python would flush again at exit and complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError) as problem:
        raise OutputLost(getattr(problem, "strerror", None) or str(problem)) from None


def complain(text: str) -> None:
    """Write a message to standard error."""
    sys.stderr.write(text + "\n")
