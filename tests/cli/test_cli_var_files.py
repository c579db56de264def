"""A variable that is not set, and the var-file of the repository that sets it."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_line import AS_OF, here, write

ROOT = """\
variable "zones" {
  type = bool
}

provider "aws" {
  region = "ap-northeast-2"
}

resource "aws_db_instance" "orders" {
  identifier              = "orders"
  engine                  = "postgres"
  multi_az                = var.zones
  backup_retention_period = 14
}
"""


@pytest.mark.parametrize(
    ("files", "named"),
    [
        (("variables/staging/app.tfvars", "variables/production/app.tfvars"), "variables/production/app.tfvars"),
        (("variables/production/common.tfvars", "variables/production/app.tfvars"), "variables/production/app.tfvars"),
        (("elsewhere/notes.tfvars",), "elsewhere/notes.tfvars"),
        ((), ""),
    ],
)
def test_what_settles_a_variable_names_the_file_that_sets_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: tuple[str, ...], named: str
) -> None:
    other: dict[str, str | bytes] = {"variables/production/other.tfvars": "zone = true\n# zones = true\n"}
    monkeypatch.chdir(write(tmp_path, {"stacks/app/main.tf": ROOT, **other, **dict.fromkeys(files, "zones = true\n")}))
    checked = here("check", *AS_OF)
    (line,) = [each for each in checked.out.splitlines() if "var.zones" in each and "→" in each]
    assert line.endswith(f": variable not set → {f'--var-file {named}' if named else '--var-file or --var'}")
    explained = here("explain", "var.zones", *AS_OF)
    if named:
        assert f"    drpolicy check --var-file {named}, which sets it\n" in explained.out
    else:
        assert "    drpolicy check --var 'zones=…'\n" in explained.out
    file = named or "<file>.tfvars"
    assert f"    or in drpolicy.yaml: deployments: [{{path: stacks/app, varFiles: [{file}]}}]\n" in explained.out


def test_a_long_path_is_cut_at_its_beginning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = f"{'configuration/' * 6}variables/production/app.tfvars"
    monkeypatch.chdir(write(tmp_path, {"stacks/app/main.tf": ROOT, file: "zones = true\n"}))
    checked = here("check", *AS_OF)
    (line,) = [each for each in checked.out.splitlines() if "var.zones" in each and "→" in each]
    assert line.endswith("/variables/production/app.tfvars")
    assert "→ --var-file …" in line
    assert f":--var-file{file}" in "".join(here("check", "--full", *AS_OF).out.split())
