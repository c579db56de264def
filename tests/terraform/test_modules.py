"""Roots, module calls, instances, variables and files."""

from __future__ import annotations

import json
from typing import Any

from drpolicy.model.provenance import Written, steps, written_at
from drpolicy.model.reasons import Reason
from drpolicy.model.resources import Resource, TerraformRoot
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Unknown, target_of
from drpolicy.sources.discovery import discover
from drpolicy.sources.trees import MemoryTree
from drpolicy.terraform.conversion import plain
from drpolicy.terraform.estate import TerraformEstate
from drpolicy.terraform.load import load_terraform
from drpolicy.terraform.scope import Inputs


def loaded(files: dict[str, str], **options: Any) -> TerraformEstate:
    tree = MemoryTree(files)
    return load_terraform(tree, discover(tree), **options)


def only(estate: TerraformEstate) -> TerraformRoot:
    (root,) = estate.roots
    return root


def by_address(estate: TerraformEstate) -> dict[str, Resource]:
    return {resource.address: resource for root in estate.roots for resource in root.resources}


def shown(resource: Resource, name: str = "v") -> object:
    value = resource.attributes.fields[name]
    return value.symbol if isinstance(value, Unknown) else plain(value)


R = 'resource "t_r" "x" {\n  v = %s\n}\n'


def test_a_root_is_what_nobody_calls() -> None:
    estate = loaded(
        {
            "envs/prod/main.tf": 'module "db" {\n  source = "../../modules/db"\n  size   = 5\n}\n',
            "modules/db/main.tf": 'variable "size" {}\n' + R % "var.size",
            "modules/lone/main.tf": 'variable "needed" {}\n' + R % "var.needed",
            "main.tf": R % "1",
        }
    )
    assert [(root.name, root.path, root.library) for root in estate.roots] == [
        ("root", "", False),
        ("envs/prod", "envs/prod", False),
        ("modules/lone", "modules/lone", True),
    ]
    resource = by_address(estate)["module.db.t_r.x"]
    assert (resource.key, shown(resource)) == ("envs/prod//module.db.t_r.x", 5)
    assert [(step.text, str(step.span)) for step in steps(resource.get("v").origin)] == [
        ("through var.size", "modules/db/main.tf:3:7"),
        ("through module.db.size", "envs/prod/main.tf:3:12"),
        ("written", "envs/prod/main.tf:3:12"),
    ]


def test_directories_that_only_call_each_other_are_not_lost() -> None:
    estate = loaded({"a/main.tf": 'module "b" {\n  source = "../b"\n}\n', "b/main.tf": 'module "a" {\n  source = "../a"\n}\n'})
    assert [root.name for root in estate.roots] == ["a"]
    assert [(problem.code, problem.message) for problem in estate.problems] == [("module-cycle", "module 'a' calls itself")]


def test_a_backend_or_provider_makes_a_deployment_of_a_library() -> None:
    text = 'terraform {\n  backend "s3" {\n    bucket = "state"\n  }\n}\nvariable "needed" {}\n'
    root = only(loaded({"main.tf": text}))
    assert not root.library
    assert root.backend is not None and (root.backend.type, str(root.backend.span)) == ("s3", "main.tf:2:3")
    assert plain(root.backend.attributes.fields["bucket"]) == "state"


def test_variables_by_precedence() -> None:
    files = {
        "main.tf": "".join(f'variable "v{at}" {{\n  default = "default"\n}}\n' for at in range(6))
        + R % "[var.v0, var.v1, var.v2, var.v3, var.v4, var.v5]",
        "terraform.tfvars": "".join(f'v{at} = "tfvars"\n' for at in range(1, 6)),
        "b.auto.tfvars": "".join(f'v{at} = "b"\n' for at in range(2, 6)),
        "a.auto.tfvars": 'v2 = "a"\nv3 = "a"\n',
        "c.auto.tfvars.json": json.dumps({"v3": "json", "v4": "json", "v5": "json"}),
        "prod.tfvars": 'v4 = "prod"\nv5 = "prod"\nundeclared = 1\n',
    }
    estate = loaded(files, var_files=("prod.tfvars",), variables={"v5": "cli"})
    value = only(estate).resources[0].get("v")
    assert plain(value) == ["default", "tfvars", "b", "json", "prod", "cli"]
    assert isinstance(value, Known)
    places = [str(written_at(element.origin)) for element in value.value]
    assert places == [
        "main.tf:2:13",
        "terraform.tfvars:1:6",
        "b.auto.tfvars:1:6",
        "c.auto.tfvars.json:1:8",
        "prod.tfvars:1:6",
        "main.tf:16:1",
    ]


def test_the_environment_counts_least() -> None:
    text = 'variable "a" {\n  default = "default"\n}\nvariable "b" {\n  type = list(number)\n}\nvariable "c" {}\n'
    environment = {"a": "env", "b": '["1", 2]', "c": "env", "unknown": "x"}
    files = {"main.tf": text + R % "[var.a, var.b, var.c]", "terraform.tfvars": 'c = "tfvars"\n'}
    value = only(loaded(files, environment=environment)).resources[0].get("v")
    assert plain(value) == ["env", [1, 2], "tfvars"]
    assert isinstance(value, Known)
    assert [step.text for step in steps(next(iter(value.value)).origin)] == ["through var.a", "TF_VAR_a"]


def test_one_root_with_several_inputs_is_several_deployments() -> None:
    files = {"app/main.tf": 'variable "size" {}\n' + R % '"${terraform.workspace}-${var.size}"', "prod.tfvars": "size = 9\n"}
    inputs = {"app": (Inputs(("prod.tfvars",), {}, "prod", "app-prod"), Inputs((), {"size": "1"}, "dev", "app-dev"))}
    assert [(root.name, shown(root.resources[0])) for root in loaded(files, inputs=inputs).roots] == [
        ("app-prod", "prod-9"),
        ("app-dev", "dev-1"),
    ]


def test_type_constraints_convert_and_fill_in() -> None:
    text = """
variable "o" {
  type = object({
    n    = number
    s    = optional(string, "d")
    none = optional(string)
    deep = optional(object({ days = optional(number, 7) }), {})
    list = optional(list(object({ on = optional(bool, true) })), [])
  })
  default = { n = "5", extra = 1, s = null, list = [{}, { on = "false" }] }
}
variable "set" {
  type    = set(string)
  default = ["b", 1, "b"]
}
variable "filled" {
  type     = string
  nullable = false
  default  = "x"
}
module "m" {
  source = "./m"
}
"""
    module = 'variable "given" {\n  default = 3\n}\n' + R % "var.given"
    estate = loaded({"main.tf": text + R % "[var.o, var.set, var.filled]", "m/main.tf": module}, inputs={"": (Inputs(),)})
    found = by_address(estate)
    assert shown(found["t_r.x"]) == [
        {"n": 5, "s": "d", "none": None, "deep": {"days": 7}, "list": [{"on": True}, {"on": False}]},
        ["1", "b"],
        "x",
    ]
    assert shown(found["module.m.t_r.x"]) == 3


def test_null_is_passed_on_unless_the_variable_refuses_it() -> None:
    caller = 'module "m" {\n  source = "./m"\n  a = null\n  b = null\n}\n'
    module = 'variable "a" {\n  default = 1\n}\nvariable "b" {\n  default = 2\n  nullable = false\n}\n' + R % "[var.a, var.b]"
    assert shown(by_address(loaded({"main.tf": caller, "m/main.tf": module}))["module.m.t_r.x"]) == [None, 2]


def test_count_and_for_each_give_terraform_addresses() -> None:
    text = """
resource "t_r" "two" {
  count = 2
  v     = count.index
}
resource "t_r" "none" {
  count = 0
}
resource "t_r" "each" {
  for_each = { "k\\"q" = 1, b = 2 }
  v        = "${each.key}${each.value}"
}
module "m" {
  source   = "./m"
  for_each = toset(["x", "y"])
  name     = each.key
}
"""
    module = 'variable "name" {}\nresource "t_r" "in" {\n  count = 1\n  v = var.name\n}\noutput "o" {\n  value = t_r.in[0].v\n}\n'
    after = 'resource "t_r" "out" {\n  v = [module.m["y"].o, values(module.m)[*].o]\n}\n'
    found = by_address(loaded({"main.tf": text + after, "m/main.tf": module}))
    assert {address: shown(resource) for address, resource in found.items()} == {
        "t_r.two[0]": 0,
        "t_r.two[1]": 1,
        't_r.each["b"]': "b2",
        't_r.each["k\\"q"]': 'k"q1',
        "t_r.out": ["y", ["x", "y"]],
        'module.m["x"].t_r.in[0]': "x",
        'module.m["y"].t_r.in[0]': "y",
    }


def test_instances_of_unknown_number_stand_once_and_uncertain() -> None:
    text = """
variable "n" {}
variable "on" {}
resource "t_r" "many" {
  count = var.n
  v     = count.index
}
resource "t_r" "maybe" {
  count = var.on ? 1 : 0
  v     = 1
}
resource "t_r" "each" {
  for_each = var.n
  v        = each.key
}
resource "t_r" "either" {
  for_each = var.on ? toset(["a", "b"]) : toset(["a"])
  v        = each.key
}
module "m" {
  source = "./m"
  count  = var.on ? 1 : 0
}
"""
    found = by_address(loaded({"main.tf": text, "m/main.tf": R % "1"}))
    assert {address: resource.presence for address, resource in found.items()} == {
        "t_r.many[*]": Truth.UNKNOWN,
        "t_r.maybe[0]": Truth.UNKNOWN,
        "t_r.each[*]": Truth.UNKNOWN,
        't_r.either["a"]': Truth.TRUE,
        't_r.either["b"]': Truth.UNKNOWN,
        "module.m[0].t_r.x": Truth.UNKNOWN,
    }
    why = found["t_r.many[*]"].why
    assert why is not None and (why.reason, why.symbol) == (Reason.VARIABLE_NOT_SET, "root:var.n")
    assert shown(found["t_r.many[*]"]) == "root:t_r.many[*].count.index"
    assert shown(found["t_r.each[*]"]) == "root:t_r.each[*].each.key"
    assert found['t_r.either["a"]'].why is None


def test_modules_that_are_not_here() -> None:
    text = (
        """
module "vpc" {
  source  = "terraform-aws-modules/vpc/aws"
  version = "5.0"
  cidr    = t_r.x.v
}
module "gone" {
  source = "./gone"
}
"""
        + R % "module.vpc.vpc_id"
    )
    estate = loaded({"main.tf": text})
    root = only(estate)
    value = root.resources[0].get("v")
    assert isinstance(value, Unknown)
    assert (value.reason, value.symbol) == (Reason.MODULE_NOT_ON_DISK, "root:module.vpc.vpc_id")
    assert [(call.address, call.source, call.outcome) for call in root.modules] == [
        ("module.vpc", "terraform-aws-modules/vpc/aws", "unresolved"),
        ("module.gone", "./gone", "unresolved"),
    ]
    assert list(root.modules[0].inputs.fields) == ["cidr"]
    target = target_of(root.modules[0].inputs.fields["cidr"])
    assert target is not None and target == ("root//t_r.x", "v")
    assert [(problem.code, str(problem.span), problem.message) for problem in estate.problems] == [
        ("module-missing", "main.tf:7:1", "module 'gone': gone holds no Terraform files")
    ]


def test_installed_modules_are_followed() -> None:
    installed = {
        "Modules": [{"Key": "", "Dir": "."}, {"Key": "a", "Dir": ".terraform/modules/a"}, {"Key": "a.b", "Dir": ".terraform/modules/a/sub"}]
    }
    files = {
        "live/main.tf": 'module "a" {\n  source = "org/a/aws"\n}\n',
        "live/.terraform/modules/modules.json": json.dumps(installed),
        "live/.terraform/modules/a/main.tf": 'module "b" {\n  source = "org/b/aws"\n}\n',
        "live/.terraform/modules/a/sub/main.tf": R % "path.module",
    }
    estate = loaded(files)
    assert [root.name for root in estate.roots] == ["live"]
    assert {address: shown(one) for address, one in by_address(estate).items()} == {"module.a.module.b.t_r.x": ".terraform/modules/a/sub"}


def test_unknowns_keep_their_name_through_modules() -> None:
    caller = 'variable "region" {}\nmodule "m" {\n  source = "./m"\n  r = var.region\n}\n' + R % "var.region"
    found = by_address(loaded({"main.tf": caller, "m/main.tf": 'variable "r" {}\n' + R % "var.r"}))
    assert shown(found["t_r.x"]) == shown(found["module.m.t_r.x"]) == "root:var.region"


def test_override_files_replace_attributes_and_blocks() -> None:
    files = {
        "main.tf": 'resource "t_r" "x" {\n  v = 1\n  w = 2\n  b {\n    n = 1\n  }\n}\n',
        "main_override.tf": 'resource "t_r" "x" {\n  v = 3\n  b {\n    n = 4\n  }\n}\n',
    }
    (resource,) = only(loaded(files)).resources
    assert (shown(resource, "v"), shown(resource, "w"), shown(resource, "b")) == (3, 2, [{"n": 4}])
    assert str(written_at(resource.get("v").origin)) == "main_override.tf:2:7"
    assert str(resource.span) == "main.tf:1:1"


def test_dynamic_blocks() -> None:
    text = """
variable "rules" {}
variable "on" {}
resource "t_r" "x" {
  rule {
    n = 0
  }
  dynamic "rule" {
    for_each = [1, 2]
    content {
      n = rule.value
      k = rule.key
    }
  }
  dynamic "other" {
    for_each = var.rules
    iterator = it
    content {
      n = it.value.n
    }
  }
  dynamic "maybe" {
    for_each = var.on ? [1] : []
    content {
      n = 1
    }
  }
}
"""
    (resource,) = only(loaded({"main.tf": text})).resources
    assert shown(resource, "rule") == [{"n": 0}, {"n": 1, "k": 0}, {"n": 2, "k": 1}]
    other, maybe = resource.get("other"), resource.get("maybe")
    assert isinstance(other, Known) and isinstance(maybe, Known)
    assert [member.presence for member in (*other.value.elements, *maybe.value.elements)] == [Truth.UNKNOWN, Truth.UNKNOWN]
    assert other.value.rest is not None and maybe.value.rest is None
    block = resource.get("rule", 0)
    assert isinstance(block.origin, Written) and str(block.origin.span) == "main.tf:5:3"


def test_a_dynamic_block_over_one_of_two_maps_keeps_what_they_hold() -> None:
    text = """
variable "on" {}
resource "t_r" "x" {
  dynamic "copy" {
    for_each = var.on ? { a = 1, b = 2 } : { b = 2 }
    content {
      k = copy.key
      v = copy.value
    }
  }
}
"""
    (resource,) = only(loaded({"main.tf": text})).resources
    copies = resource.get("copy")
    assert isinstance(copies, Known) and copies.value.rest is None
    assert [(plain(member.value), member.presence) for member in copies.value.elements] == [
        ({"k": "a", "v": 1}, Truth.UNKNOWN),
        ({"k": "b", "v": 2}, Truth.TRUE),
    ]


def test_dynamic_blocks_in_dynamic_blocks_see_both_iterators() -> None:
    text = """
resource "t_r" "x" {
  dynamic "rule" {
    for_each = { daily = [7, 30], weekly = [] }
    content {
      name = rule.key
      dynamic "copy" {
        for_each = rule.value
        iterator = days
        content {
          keep = "${rule.key}-${days.value}"
          dynamic "deep" {
            for_each = toset([days.key, rule.key])
            content {
              both = "${deep.value}${deep.key}"
            }
          }
        }
      }
    }
  }
}
"""
    (resource,) = only(loaded({"main.tf": text})).resources
    assert shown(resource, "rule") == [
        {
            "name": "daily",
            "copy": [
                {"keep": "daily-7", "deep": [{"both": "00"}, {"both": "dailydaily"}]},
                {"keep": "daily-30", "deep": [{"both": "11"}, {"both": "dailydaily"}]},
            ],
        },
        {"name": "weekly", "copy": []},
    ]


def test_a_string_with_known_pieces_is_neither_null_nor_any_text() -> None:
    text = """
variable "name" {}
locals {
  vault = "${var.name}-vault-${var.name}"
  first = "vault-${var.name}"
}
"""
    tests = {
        "local.vault != null": True,
        'local.vault == ""': False,
        'local.vault == "-vault"': False,
        'local.first == "bucket-x"': False,
        'coalesce(local.vault, "other") == null': False,
        '"${local.first}!" == "vault-x"': False,
    }
    found = by_address(loaded({"main.tf": text + R % f"[{', '.join(tests)}]"}))["t_r.x"]
    assert shown(found) == list(tests.values())
    open_ = by_address(loaded({"main.tf": text + R % '[local.first == "vault-x", local.vault == "a-vault-a"]'}))["t_r.x"].get("v")
    assert isinstance(open_, Known) and all(isinstance(each, Unknown) for each in open_.value)


def test_moved_blocks_of_every_module_instance() -> None:
    files = {
        "main.tf": 'moved {\n  from = t_r.old["a b"]\n  to   = module.m[0].t_r.new\n}\nmodule "m" {\n  source = "./m"\n  count  = 2\n}\n',
        "m/main.tf": "moved {\n  from = t_r.a\n  to   = t_r.b\n}\nmoved {\n  from = t_r[*]\n  to   = t_r.b\n}\n",
    }
    assert [(each.old, each.new, str(each.span)) for each in only(loaded(files)).moved] == [
        ('t_r.old["a b"]', "module.m[0].t_r.new", "main.tf:1:1"),
        ("module.m[0].t_r.a", "module.m[0].t_r.b", "m/main.tf:1:1"),
        ("module.m[1].t_r.a", "module.m[1].t_r.b", "m/main.tf:1:1"),
    ]


def test_an_override_s_backend_and_a_partial_one() -> None:
    files = {
        "main.tf": 'terraform {\n  backend "s3" {\n    bucket = "state"\n  }\n}\n',
        "a/main.tf": 'terraform {\n  backend "s3" {\n  }\n}\n',
        "a/override.tf": 'terraform {\n  backend "local" {\n    path = "x"\n  }\n}\n',
    }
    first, second = loaded(files).roots
    assert first.backend is not None and second.backend is not None
    assert plain(first.backend.attributes.fields["bucket"]) == "state"
    missing = first.backend.attributes.fields["region"]
    assert isinstance(missing, Unknown) and (missing.symbol, missing.reason) == ("root:backend.region", Reason.OUTSIDE_SCOPE)
    assert (second.backend.type, str(second.backend.span)) == ("local", "a/override.tf:2:3")


def test_an_unset_object_has_a_symbol_for_each_of_its_fields() -> None:
    text = 'variable "o" {\n  type = object({ a = string, b = optional(object({ c = number })) })\n}\n'
    found = by_address(loaded({"main.tf": text + R % "[var.o.a, var.o.b.c, var.o.a]"}))["t_r.x"].get("v")
    assert isinstance(found, Known)
    assert [each.symbol for each in found.value] == ["root:var.o.a", "root:var.o.b.c", "root:var.o.a"]


def test_files_of_the_repository() -> None:
    text = (
        R % '[file("${path.module}/a.txt"), templatefile("t.tpl", { who = "you" }), jsondecode(file("j.json")).k, try(file("/etc/x"), 1)]'
    )
    files = {"r/main.tf": text, "r/a.txt": "text\n", "r/t.tpl": "hi ${who}\n%{ if true ~}\nyes\n%{ endif ~}\n", "r/j.json": '{"k": 5}'}
    (resource,) = only(loaded(files)).resources
    value = resource.get("v")
    assert isinstance(value, Known)
    first, second, third, fourth = value.value
    assert (plain(first), plain(second), plain(third)) == ("text\n", "hi you\nyes\n", 5)
    assert str(written_at(first.origin)) == "r/a.txt:1:1"
    assert isinstance(fourth, Unknown) and fourth.reason is Reason.OUTSIDE_SCOPE


def test_prevent_destroy_and_meta_arguments() -> None:
    text = 'resource "t_r" "x" {\n  v = null\n  depends_on = [t_r.y]\n'
    text += '  lifecycle {\n    prevent_destroy = true\n  }\n  provisioner "p" {}\n}\n'
    (resource,) = only(loaded({"main.tf": text})).resources
    assert resource.guarded
    assert list(resource.attributes.fields) == ["v"]
    assert isinstance(resource.get("v"), Absent)
