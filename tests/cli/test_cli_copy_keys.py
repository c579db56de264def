"""A copy with its key in the lost region, as lose, check and explain show it: one cause, and nothing left."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from command_line import AS_OF, here, write

TERRAFORM = """\
provider "aws" {
  region = "eu-west-1"
}

provider "aws" {
  alias  = "dr"
  region = "eu-central-1"
}

resource "aws_kms_key" "here" {}

resource "aws_db_instance" "orders" {
  identifier              = "orders"
  backup_retention_period = 7
}

resource "aws_db_instance_automated_backups_replication" "orders" {
  provider               = aws.dr
  source_db_instance_arn = aws_db_instance.orders.arn
  kms_key_id             = aws_kms_key.here.arn
}
"""
SERVICE = """\
apiVersion: drpolicy.dev/v1
kind: Service
metadata: {name: shop}
spec:
  owner: team
  tier: critical
  objectives: {region: {rto: 4h, rpo: 1h}}
  stores: [{ref: aws_db_instance.orders}]
"""
FILES = {"main.tf": TERRAFORM, "service.yaml": SERVICE}
STORE = ("no-copy-outside-region", "aws_db_instance.orders")
COPY = ("copy-key-in-other-region", "automated backups replicated to another region")


def repository(directory: Path, files: dict[str, str]) -> Path:
    (directory / ".git").mkdir()
    return write(directory, files)


def report(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(here("check", path, *AS_OF, "--format", "json").out)
    return found


def verdicts(found: dict[str, Any]) -> dict[tuple[str, str], tuple[str, str]]:
    return {
        (each["policy"], each["subject"]["name"]): (each["verdict"], each["severity"])
        for each in found["findings"]
        if (each["policy"], each["subject"]["name"]) in (STORE, COPY)
    }


def test_the_copy_is_lost_because_of_its_key(tmp_path: Path) -> None:
    code, out, err = here("lose", "eu-west-1", repository(tmp_path, FILES), *AS_OF)
    assert (code, err) == (0, "")
    assert "✗ shop  CANNOT BE RECOVERED  (declared: RPO 1h, RTO 4h)\n" in out
    shown = " ".join(out.split())
    assert "✗ aws_db_instance.orders automated backups replicated to another region: its key is only in eu-west-1 main.tf:20" in shown
    assert "keys of which no copy is elsewhere: aws_kms_key.here main.tf:10" in shown


def test_with_a_key_of_its_own_region_it_is_what_is_left(tmp_path: Path) -> None:
    terraform = TERRAFORM.replace("= aws_kms_key.here.arn", '= "alias/shop"')
    out = here("lose", "eu-west-1", repository(tmp_path, {**FILES, "main.tf": terraform}), *AS_OF).out
    assert "from eu-central-1: automated backups replicated to another region, every 5m" in " ".join(out.split())


@pytest.mark.parametrize(("files", "severities"), [(FILES, ("critical", "critical")), ({"main.tf": TERRAFORM}, ("low", "high"))])
def test_the_store_and_the_copy_are_one_cause(tmp_path: Path, files: dict[str, str], severities: tuple[str, str]) -> None:
    path = repository(tmp_path, files)
    assert verdicts(report(path)) == {STORE: ("fail", severities[0]), COPY: ("fail", severities[1])}
    out = here("check", path, *AS_OF, "--full").out
    headings = re.findall(r"^(\w+) +([a-z-]+)  (main\.tf:\S+)$", out, re.MULTILINE)
    assert (severities[1], "copy-key-in-other-region", "main.tf:20:28") in headings
    assert "\n    also breaks: no-copy-outside-region (aws_db_instance.orders)\n" in out
    assert "no-copy-outside-region" not in {policy for _, policy, _ in headings}


def test_what_stands_at_the_same_line_and_has_another_reason_is_a_cause_of_its_own(tmp_path: Path) -> None:
    database = """variable "days" {
  type = number
}

resource "aws_db_instance" "this" {
  backup_retention_period = var.days
}

output "arn" {
  value = aws_db_instance.this.arn
}
"""
    calls = "".join(f'module "{name}" {{\n  source = "./database"\n  days   = 7\n}}\n\n' for name in ("copied", "alone"))
    start = TERRAFORM.index('resource "aws_db_instance" "orders"')
    end = TERRAFORM.index('resource "aws_db_instance_automated')
    terraform = TERRAFORM[:start] + calls + TERRAFORM[end:].replace("aws_db_instance.orders.arn", "module.copied.arn")
    out = here("check", repository(tmp_path, {"main.tf": terraform, "database/main.tf": database}), *AS_OF, "--full").out
    assert "\n    also breaks: no-copy-outside-region (module.copied.aws_db_instance.this)\n" in out
    assert re.search(r"^low +no-copy-outside-region  database/main\.tf:5:1$", out, re.MULTILINE)
    assert "    module.alone.aws_db_instance.this in eu-west-1 has no working copy outside the region\n" in out


def test_the_range_of_the_service_counts_the_copy_as_lost(tmp_path: Path) -> None:
    (service,) = report(repository(tmp_path, FILES))["services"]
    region = service["recovery"]["region"]
    assert (region["rpo"]["best"], region["rpo"]["worst"]) == (None, None)
    assert "nothing survives the loss (region)" in region["rpo"]["basis"]


def test_explain_says_which_key(tmp_path: Path) -> None:
    found = report(repository(tmp_path, FILES))
    (fingerprint,) = [each["fingerprint"] for each in found["findings"] if (each["policy"], each["subject"]["name"]) == STORE]
    code, out, err = here("explain", fingerprint, tmp_path, *AS_OF)
    assert (code, err) == (0, "")
    assert "    automated backups replicated to another region: its key is only in eu-west-1 [declared]  " in out
    assert "main.tf:20:28\n    through aws_kms_key.here [declared]  " in out


def test_an_unknown_key_is_one_question_for_both(tmp_path: Path) -> None:
    terraform = 'variable "key" {\n  type = string\n}\n\n' + TERRAFORM.replace("= aws_kms_key.here.arn", "= var.key")
    found = report(repository(tmp_path, {**FILES, "main.tf": terraform}))
    assert verdicts(found) == {STORE: ("unknown", "critical"), COPY: ("unknown", "critical")}
    asked = {
        each["policy"]: [(question["what"], question["reason"]) for question in each["unknowns"]]
        for each in found["findings"]
        if (each["policy"], each["subject"]["name"]) in (STORE, COPY)
    }
    assert asked == {policy: [("root:var.key", "variable not set")] for policy, _ in (STORE, COPY)}
