"""check --diff, as a pull request's gate runs it."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from command_line import AS_OF, DATABASE, here

WHO = {f"GIT_{role}_{part}": "t@example.com" for role in ("AUTHOR", "COMMITTER") for part in ("NAME", "EMAIL")}


def git(root: Path, *arguments: str) -> None:
    env = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")} | WHO
    subprocess.run(["git", *arguments], cwd=root, env=env | {"GIT_CONFIG_GLOBAL": os.devnull}, check=True, capture_output=True)


def test_only_what_the_change_brings_fails_the_gate(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    (tmp_path / "main.tf").write_text(DATABASE)
    git(tmp_path, "add", "--all")
    git(tmp_path, "commit", "--quiet", "--message", "m")
    assert here("check", tmp_path, *AS_OF, "--fail-on", "low").code == 1
    unchanged = here("check", tmp_path, *AS_OF, "--fail-on", "low", "--diff", "main")
    assert (unchanged.code, unchanged.err) == (0, "")
    assert "no finding changed\n" in unchanged.out
    (tmp_path / "more.tf").write_text('resource "aws_db_instance" "new" {\n  backup_retention_period = 0\n}\n')
    changed = here("check", tmp_path, *AS_OF, "--fail-on", "low", "--diff", "main")
    assert changed.code == 1
    assert "  worse      low       database-without-backup (aws_db_instance.new): it is new (more.tf:2:29)\n" in changed.out


def test_a_revision_that_is_not_there_is_2(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    said = "drpolicy: --diff origin/main: git knows no revision 'origin/main'; in CI, check out the whole history (fetch-depth: 0)\n"
    assert here("check", tmp_path, "--diff", "origin/main") == (2, "", said)


def test_outside_a_repository_there_is_nothing_to_compare_with(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(DATABASE)
    ran = here("check", tmp_path, "--diff", "main")
    assert (ran.code, ran.out) == (2, "")
    assert "not a git repository" in ran.err


MODULE = """\
variable "name" {}
variable "rules" { default = [] }

resource "aws_s3_bucket" "this" {
  bucket = var.name
}

resource "aws_s3_bucket_versioning" "this" {
  bucket = aws_s3_bucket.this.id
  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_replication_configuration" "this" {
  count  = length(var.rules) > 0 ? 1 : 0
  bucket = aws_s3_bucket.this.id
  role   = "arn:aws:iam::123456789012:role/replication"
  dynamic "rule" {
    for_each = var.rules
    content {
      id     = "all"
      status = rule.value.status
      destination {
        bucket = rule.value.bucket
      }
    }
  }
}
"""
CALLERS = """\
provider "aws" {
  region = "eu-west-1"
}

provider "aws" {
  alias  = "replica"
  region = "eu-west-2"
}

module "mirror" {
  source = "./modules/s3"
  name   = "mirror"
  rules = [{
    status = "Enabled"
    bucket = "arn:aws:s3:::copy"
  }]
}

module "copy" {
  source    = "./modules/s3"
  name      = "copy"
  providers = { aws = aws.replica }
}
"""


def replicated(root: Path) -> Path:
    """Commit two buckets of one module, one of which is copied to the other, and return the file with the calls."""
    git(root, "init", "--quiet", "--initial-branch=main")
    (root / "modules" / "s3").mkdir(parents=True)
    (root / "modules" / "s3" / "main.tf").write_text(MODULE)
    (root / "main.tf").write_text(CALLERS)
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "m")
    return root / "main.tf"


def sarif_places(root: Path, *arguments: str) -> dict[str, tuple[str, list[str]]]:
    """Return the primary place and the related ones of each result, by its policy and subject."""
    ran = here("check", root, *AS_OF, "--format", "sarif", *arguments)
    (run,) = json.loads(ran.out)["runs"]

    def place(location: dict[str, Any]) -> str:
        physical = location["physicalLocation"]
        return f"{physical['artifactLocation']['uri']}:{physical['region']['startLine']}"

    return {
        f"{each['ruleId']} {each['locations'][0]['logicalLocations'][0]['name']}": (
            place(each["locations"][0]),
            [place(other) for other in each.get("relatedLocations", ())],
        )
        for each in run["results"]
    }


LOST = "no-copy-outside-region module.mirror.aws_s3_bucket.this"
RULE = "replication-rule-disabled module.mirror.aws_s3_bucket_replication_configuration.this[0].rule[0]"


def test_what_a_call_switches_off_is_shown_at_the_line_that_changed(tmp_path: Path) -> None:
    calls = replicated(tmp_path)
    calls.write_text(CALLERS.replace('"Enabled"', '"Disabled"'))
    places = sarif_places(tmp_path, "--diff", "HEAD")
    assert places[LOST][0] == places[RULE][0] == "main.tf:14"
    assert "modules/s3/main.tf:4" in places[LOST][1], "where the bucket is written stays a related place"
    assert "modules/s3/main.tf:20" in places[RULE][1]
    # What the change does not make worse stays where it was.
    without = sarif_places(tmp_path)
    # What the call gives is shown there in any case; what it makes is missing a copy where the bucket is written.
    assert (without[RULE][0], without[LOST][0]) == ("main.tf:14", "modules/s3/main.tf:4")
    others = {name: place for name, place in without.items() if name not in {LOST, RULE}}
    assert {name: place for name, place in places.items() if name not in {LOST, RULE}} == others
    entries = json.loads(here("check", tmp_path, *AS_OF, "--format", "gitlab", "--diff", "HEAD").out)
    assert {
        (each["location"]["path"], each["location"]["lines"]["begin"])
        for each in entries
        if each["check_name"] == "replication-rule-disabled"
    } == {("main.tf", 14)}
    annotations = here("check", tmp_path, *AS_OF, "--format", "github", "--diff", "HEAD").out.splitlines()
    assert [each.partition(",col=")[0] for each in annotations if each.startswith("::")] == [
        "::warning file=main.tf,line=14",
        "::notice file=main.tf,line=14",
    ]
    markdown = here("check", tmp_path, *AS_OF, "--format", "markdown", "--diff", "HEAD").out
    assert "**medium** `replication-rule-disabled` at `main.tf:14:14`" in markdown
    assert "`modules/s3/main.tf" not in markdown.partition("### Failures that this change brings")[0]


def test_what_a_call_no_longer_gives_is_shown_at_the_call(tmp_path: Path) -> None:
    calls = replicated(tmp_path)
    start, end = CALLERS.index("  rules = "), CALLERS.index("  }]\n") + 5
    calls.write_text(CALLERS[:start] + CALLERS[end:])
    place, related = sarif_places(tmp_path, "--diff", "HEAD")[LOST]
    assert place == "main.tf:10"
    assert "modules/s3/main.tf:4" in related


def test_a_change_of_the_module_is_shown_in_the_module(tmp_path: Path) -> None:
    replicated(tmp_path)
    (tmp_path / "modules" / "s3" / "main.tf").write_text(MODULE.replace("rule.value.status", '"Disabled"'))
    assert sarif_places(tmp_path, "--diff", "HEAD")[RULE][0] == "modules/s3/main.tf:23"


def test_a_place_in_the_change_is_no_other_finding(tmp_path: Path) -> None:
    calls = replicated(tmp_path)
    calls.write_text(CALLERS.replace('"Enabled"', '"Disabled"'))

    def findings(*arguments: str) -> dict[str, tuple[str, str]]:
        read = json.loads(here("check", tmp_path, *AS_OF, "--format", "json", *arguments).out)["findings"]
        return {each["fingerprint"]: (each["verdict"], each["basis"]) for each in read}

    assert findings("--diff", "HEAD") == findings()


def test_the_hook_fails_for_what_the_commit_breaks(tmp_path: Path) -> None:
    calls = replicated(tmp_path)
    calls.write_text(CALLERS.replace('"Enabled"', '"Disabled"'))
    assert here("check", tmp_path, *AS_OF, "--gate", "hook").code == 0, "nobody declared a stake: none of it is high"
    ran = here("check", tmp_path, *AS_OF, "--gate", "hook", "--diff", "HEAD")
    assert ran.code == 1
    assert "gate hook failed: 2 findings that passed before this change\n" in ran.out
    assert here("check", tmp_path, *AS_OF, "--gate", "hook", "--diff", "HEAD", "--on-lost", "warn").code == 0
    assert here("check", tmp_path, *AS_OF, "--gate", "hook", "--diff", "HEAD", "--diff", "").code == 0, "args of a hook come last"


def test_the_hook_over_files_without_a_change_counts_what_stands(tmp_path: Path) -> None:
    replicated(tmp_path)
    arguments = ("check", tmp_path, *AS_OF, "--gate", "hook", "--fail-on", "low", "--diff", "HEAD", "--full")
    ran = here(*arguments)
    assert ran.code == 1
    assert "note: the files are those of HEAD: everything that stands counts\n" in ran.out
    (tmp_path / "notes.txt").write_text("nothing to do with recovery\n")
    git(tmp_path, "add", "notes.txt")
    assert here(*arguments).code == 0


def test_the_hook_before_the_first_commit_counts_what_stands(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    (tmp_path / "main.tf").write_text(DATABASE)
    arguments = ("check", tmp_path, *AS_OF, "--gate", "hook", "--diff", "HEAD", "--full")
    ran = here(*arguments)
    assert (ran.code, ran.err) == (0, "")
    assert "note: there is no commit yet, so nothing is compared with HEAD: everything that stands counts\n" in ran.out
    assert here(*arguments, "--fail-on", "low").code == 1
