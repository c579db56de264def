"""Ask ``terraform console`` for the JSON of every expression in ``golden/*.txt`` and write ``golden/answers.json``.

``python tests/terraform/generate_golden_console.py`` with ``terraform`` 1.11 on the PATH. The tests need only the file it writes.
Many expressions are asked at once, each in a ``try`` of its own; a batch that is refused as a whole is halved.
"""

from __future__ import annotations

import base64
import json
import subprocess
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from golden_corpus import ANSWERS, FILES, corpus

BATCH = 128


def asked(expressions: list[str]) -> list[str | None]:
    """Return the JSON of each expression, ``None`` for one that Terraform refuses."""
    found = console(expressions)
    if found is not None:
        return found
    if len(expressions) == 1:
        return [None]
    half = len(expressions) // 2
    return asked(expressions[:half]) + asked(expressions[half:])


def console(expressions: list[str]) -> list[str | None] | None:
    with tempfile.TemporaryDirectory() as directory:
        for name, content in FILES.items():
            path = Path(directory, name)
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content)
        Path(directory, "main.tf").write_text(
            "locals {\n" + "".join(local(at, each) for at, each in enumerate(expressions)) + "}\n", "utf-8"
        )
        names = ", ".join(f"local.e{at}" for at in range(len(expressions)))
        done = subprocess.run(
            ["terraform", "console", "-no-color"],
            cwd=directory,
            input=f"base64encode(jsonencode([{names}]))\n",
            capture_output=True,
            text=True,
            check=False,
        )
    lines = [line for line in done.stdout.splitlines() if line.startswith('"')]
    if not lines or "Error:" in done.stderr + done.stdout:
        return None
    answers: list[str | None] = json.loads(base64.b64decode(lines[-1].strip('"')))
    return answers


def local(at: int, expression: str) -> str:
    return f"  e{at} = try(jsonencode(\n{expression}\n  ), null)\n"


def batches(expressions: list[str]) -> Iterator[list[str]]:
    for at in range(0, len(expressions), BATCH):
        yield expressions[at : at + BATCH]


def main() -> None:
    expressions = [row.expression for row in corpus()]
    with ThreadPoolExecutor(2) as pool:
        answers = [answer for batch in pool.map(asked, batches(expressions)) for answer in batch]
    rows = zip(expressions, answers, strict=True)
    text = ",\n".join(json.dumps([expression, answer], ensure_ascii=False) for expression, answer in rows)
    ANSWERS.write_text(f"[\n{text}\n]\n", "utf-8")


if __name__ == "__main__":
    main()
