"""The expressions of ``golden/*.txt`` by the function or syntax form that they are about, and the files that they read.

A line is an expression; ``⏎`` in it is a newline. A line that begins with ``## `` names the section.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent / "golden"
ANSWERS = HERE / "answers.json"

FILES: dict[str, bytes] = {
    "hello.txt": b"Hello\n",
    "crlf.txt": b"a\r\nb\r\n",
    "bom.txt": b"\xef\xbb\xbfa\n",
    "unicode.txt": "e\u0301 é\n".encode(),
    "binary.bin": base64.b64decode("AP+A/g=="),
    "sub/a.tpl": b"Hello ${name}!\n",
    "sub/loop.tpl": b"%{ for x in items ~}\n- ${x}\n%{ endfor ~}\n",
    "sub/lone.tpl": b"${list}",
    "sub/bad.tpl": b"a ${ b\n",
    "sub/recursive.tpl": b'${templatefile("sub/a.tpl", {})}',
    "sub/call.tpl": b"${upper(a)}-${jsonencode([a])}\n",
    "sub/path.tpl": b"${path.module}",
    "sub/quotes.tpl": b'a "b" \\n $${c} %%{d}\n',
    "sub/strip.tpl": b"  %{ if on ~}\n  yes\n  %{~ else ~}\n  no\n  %{~ endif }\n",
    "sub/plain.txt": b"x",
}
"""What stands beside ``main.tf``."""


class Row(NamedTuple):
    """One expression, and the file and section that it stands in."""

    file: str
    section: str
    expression: str


def corpus() -> Iterator[Row]:
    """Yield every expression once, in order."""
    seen: set[str] = set()
    for path in sorted(HERE.glob("*.txt")):
        section = ""
        for line in path.read_text("utf-8").split("\n"):
            if line.startswith("## "):
                section = line[3:]
            elif line and line not in seen:
                seen.add(line)
                yield Row(path.stem, section, line.replace("⏎", "\n"))
