"""Every block and attribute of every file is accounted for, once."""

from __future__ import annotations

import pytest
from golden_roots import CASES

from drpolicy.model.reasons import Reason
from drpolicy.sources.discovery import discover
from drpolicy.sources.trees import MemoryTree
from drpolicy.terraform.account import Coverage
from drpolicy.terraform.load import load_terraform

FILES = {
    "main.tf": """
terraform {
  required_version = ">= 1.0"
}
variable "set" {
  type        = string
  description = "never needed"
}
variable "unset" {}
locals {
  used   = var.set
  unused = var.unset
}
resource "a_wanted" "x" {
  count = 2
  known = local.used
  open  = "${var.unset}-${count.index}"
  late  = a_other.y.id
  nested {
    deep = 1
  }
}
resource "a_other" "y" {
  followed = 1
  skipped  = 2
}
module "m" {
  source = "./m"
  v      = var.unset
}
data "a_other" "z" {
}
""",
    "m/main.tf": 'variable "v" {}\nresource "a_wanted" "x" {\n  w = var.v\n}\n',
    "given.tfvars": 'set = "s"\nstranger = 1\n',
    "j.tf.json": '{"locals": {"k": {"a": 1}}, "output": {"o": {"value": "${local.k}", "description": "d"}}}',
}


def covered(files: dict[str, str], *types: str, **options: object) -> Coverage:
    tree = MemoryTree(files)
    return load_terraform(tree, discover(tree), wanted=lambda type_: not types or type_ in types, **options).coverage  # type: ignore[arg-type] # as given


def test_the_parts_add_up() -> None:
    found = covered(FILES, "a_wanted", var_files=("given.tfvars",))
    assert found.attributes == 20
    # The type of set, used, count, known, deep, source, and the var-file's set.
    assert found.known == 7
    # open, late, v of the call, w of the module.
    assert dict(found.unknown) == {Reason.COMPUTED: 1, Reason.VARIABLE_NOT_SET: 3}
    # required_version, two descriptions, k, o, unused, followed, skipped, the var-file's stranger.
    assert found.not_needed == 9
    assert dict(found.blocks) == {"data": 1, "locals": 2, "module": 1, "output": 1, "resource": 3, "terraform": 1, "variable": 3}
    assert dict(found.unread) == {"a_other": 2}
    assert (found.files, found.roots) == (4, 1)


@pytest.mark.parametrize("name", sorted(CASES))
def test_nothing_is_counted_twice_or_lost(name: str) -> None:
    case = CASES[name]
    found = covered(case.files, "none_of_these", var_files=case.var_files, variables=case.variables)
    assert found.known + sum(found.unknown.values()) + found.not_needed == found.attributes
    assert covered(case.files, var_files=case.var_files).attributes == found.attributes > 0
