"""Ask ``terraform`` what it makes of every file of ``syntax_cases.py`` and write ``golden/syntax_answers.json``.

``python tests/terraform/generate_golden_syntax.py`` with ``terraform`` 1.11 on the PATH. The tests need only the file it writes: for each
case the first error of ``terraform validate -json`` as ``[line, column, summary]``, or the JSON of ``local.x`` from ``terraform console``.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path

from golden_corpus import HERE
from syntax_cases import CASES

ANSWERS = HERE / "syntax_answers.json"


def answer(text: str) -> dict[str, object]:
    with tempfile.TemporaryDirectory() as directory:
        Path(directory, "main.tf").write_bytes(text.encode())
        done = subprocess.run(["terraform", "validate", "-json", "-no-color"], cwd=directory, capture_output=True, text=True, check=False)
        found = json.loads(done.stdout[done.stdout.index("{") :])
        errors = [each for each in found["diagnostics"] if each["severity"] == "error"]
        if errors:
            return {"errors": [[each["range"]["start"]["line"], each["range"]["start"]["column"], each["summary"]] for each in errors]}
        if "x =" not in text.replace("/* one */ ", ""):
            return {"value": None}
        asked = subprocess.run(
            ["terraform", "console", "-no-color"], cwd=directory, input="jsonencode(local.x)\n", capture_output=True, text=True, check=False
        )
        return {"value": json.loads(json.loads(asked.stdout.splitlines()[-1]))}


def main() -> None:
    rows = ",\n".join(f"{json.dumps(name)}: {json.dumps(answer(text), ensure_ascii=False)}" for name, text in CASES.items())
    ANSWERS.write_text(f"{{\n{rows}\n}}\n", "utf-8")


if __name__ == "__main__":
    main()
