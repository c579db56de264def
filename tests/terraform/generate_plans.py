"""Make the golden plans and states of ``tests/terraform/plans``: ``python tests/terraform/generate_plans.py``.

Terraform 1.11 makes them of the roots there, with its built-in ``terraform_data`` alone, so it needs no network. Identifiers are random:
what changes with every run is only those.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

PLANS = Path(__file__).parent / "plans"

BEFORE = """
resource "terraform_data" "kept" { input = "as it was" }
resource "terraform_data" "updated" { input = "before" }
resource "terraform_data" "replaced" {
  input            = "old"
  triggers_replace = 1
}
resource "terraform_data" "deleted" { input = "gone" }
"""
"""What ``changes`` was, when it was applied."""


def main() -> int:
    with tempfile.TemporaryDirectory() as directory:
        work = Path(directory) / "references"
        shutil.copytree(PLANS / "references", work, ignore=shutil.ignore_patterns("*.json"))
        save("references/plan.json", planned(work))
        terraform(work, "apply", "-no-color", "plan")
        save("references/state.json", terraform(work, "show", "-json"))
        save("references/raw_state.json", (work / "terraform.tfstate").read_text())

        work = Path(directory) / "changes"
        work.mkdir()
        (work / "main.tf").write_text(BEFORE)
        planned(work)
        terraform(work, "apply", "-no-color", "plan")
        shutil.copy(PLANS / "changes" / "main.tf", work)
        save("changes/plan.json", planned(work))
        save("changes/refresh_only.json", planned(work, "-refresh-only"))
        save("changes/targeted.json", planned(work, "-target=terraform_data.created"))
    return 0


def planned(work: Path, *options: str) -> str:
    terraform(work, "init", "-no-color")
    terraform(work, "plan", "-no-color", "-out=plan", *options)
    return terraform(work, "show", "-json", "plan")


def terraform(work: Path, *arguments: str) -> str:
    return subprocess.run(["terraform", *arguments], cwd=work, check=True, capture_output=True, text=True).stdout


def save(name: str, text: str) -> None:
    (PLANS / name).write_text(json.dumps(json.loads(text), indent=1) + "\n")


if __name__ == "__main__":
    sys.exit(main())
