"""Ask ``terraform console`` for the value of every expression of the golden file, and write the answers beside them.

Run: ``python tests/terraform/generate_golden_console.py`` with ``terraform`` on the PATH. The tests need only the file it writes.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).parent
EXPRESSIONS = HERE / "golden_expressions.txt"
GOLDEN = HERE / "golden_console.json"


def ask(expression: str) -> dict[str, object]:
    with tempfile.TemporaryDirectory() as empty:
        done = subprocess.run(
            ["terraform", "console", "-no-color"],
            cwd=empty,
            input=f"jsonencode({expression})\n",
            capture_output=True,
            text=True,
            check=False,
        )
    lines = [line for line in done.stdout.splitlines() if line.startswith('"')]
    if not lines or "Error:" in done.stderr + done.stdout:
        return {"expression": expression, "error": True}
    # The console prints the JSON as an HCL string, which doubles the introducers of templates.
    written = lines[-1].replace("$${", "${").replace("%%{", "%{")
    return {"expression": expression, "value": json.loads(json.loads(written))}


def main() -> None:
    expressions = [line for line in EXPRESSIONS.read_text("utf-8").splitlines() if line and not line.startswith("#")]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, expressions))
    GOLDEN.write_text("[\n" + ",\n".join(json.dumps(answer, ensure_ascii=False) for answer in answers) + "\n]\n", "utf-8")


if __name__ == "__main__":
    main()
