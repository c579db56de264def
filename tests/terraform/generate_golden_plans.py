"""Ask ``terraform plan`` for what it makes of every root of ``golden_roots.py``, and write the answers to ``golden_plans.json``.

Run: ``python tests/terraform/generate_golden_plans.py`` with ``terraform`` on the PATH. ``terraform_data`` is built in: no provider is
fetched. The tests need only the file it writes.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from golden_roots import CASES, Case

GOLDEN = Path(__file__).parent / "golden_plans.json"


def ask(case: Case) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as directory:
        for name, text in case.files.items():
            path = Path(directory, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")

        def terraform(*arguments: str) -> subprocess.CompletedProcess[str]:
            return subprocess.run(["terraform", *arguments], cwd=directory, capture_output=True, text=True, check=False)

        if terraform("init", "-input=false").returncode:
            return {"error": True}
        given = [f"-var-file={name}" for name in case.var_files] + [f"-var={name}={value}" for name, value in case.variables.items()]
        if terraform("plan", "-input=false", "-out=planned.bin", *given).returncode:
            return {"error": True}
        plan = json.loads(terraform("show", "-json", "planned.bin").stdout)
    changes = {each["address"]: each["change"] for each in plan.get("resource_changes", [])}
    outputs = {name: _merged(each.get("after"), each["after_unknown"]) for name, each in plan.get("output_changes", {}).items()}
    return {
        "inputs": {
            address: _merged(each["after"].get("input"), each["after_unknown"].get("input", False)) for address, each in changes.items()
        },
        "outputs": outputs,
    }


def _merged(known: Any, unknown: Any) -> Any:
    """Return a planned value with ``{"unknown": true}`` in the place of each part that is known only after apply."""
    if unknown is True:
        return {"unknown": True}
    if isinstance(unknown, dict) and (isinstance(known, dict) or known is None):
        found = known or {}
        return {name: _merged(found.get(name), unknown.get(name, False)) for name in sorted({*found, *unknown})}
    if isinstance(unknown, list) and isinstance(known, list):
        return [_merged(one, other) for one, other in zip(known, unknown, strict=True)]
    return known


def main() -> None:
    with ThreadPoolExecutor(2) as pool:
        answers = dict(zip(CASES, pool.map(ask, CASES.values()), strict=True))
    rows = (f"{json.dumps(name)}: {json.dumps(answer, ensure_ascii=False, sort_keys=True)}" for name, answer in answers.items())
    GOLDEN.write_text("{\n" + ",\n".join(rows) + "\n}\n", "utf-8")


if __name__ == "__main__":
    main()
