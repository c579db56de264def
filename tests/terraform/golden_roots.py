"""Small Terraform roots that only use the built-in ``terraform_data``. What Terraform plans for them is in ``golden_plans.json``."""

from __future__ import annotations

import json

from drpolicy.model.records import dataclass, field


@dataclass(frozen=True, slots=True)
class Case:
    """Files of a root, and what the command line gives to it."""

    files: dict[str, str]
    var_files: tuple[str, ...] = ()
    variables: dict[str, str] = field(default_factory=dict)


def _shown(**values: str) -> str:
    return "".join(f'resource "terraform_data" "{name}" {{\n  input = {value}\n}}\n' for name, value in values.items())


_PASSED = 'variable "v" {}\n' + _shown(x="var.v") + 'output "o" {\n  value = "<${jsonencode(var.v)}>"\n}\n'

CASES: dict[str, Case] = {
    "optional attributes at any depth": Case(
        {
            "main.tf": """
variable "service" {
  type = object({
    name   = string
    size   = optional(number)
    flags  = optional(map(bool), { backup = true })
    backup = optional(object({
      days   = optional(number, 7)
      copies = optional(list(object({
        region = string
        days   = optional(number, 30)
        lock   = optional(object({ mode = optional(string, "GOVERNANCE"), min = optional(number) }), {})
      })), [])
      window = optional(object({ start = optional(string, "03:00") }))
    }), {})
  })
}
variable "services" {
  type = map(object({ days = optional(number, 1), tags = optional(map(string)), names = optional(set(string), ["b", "a"]) }))
  default = {
    a = {}
    b = { days = "5", tags = { n = 1, t = true } }
    c = { days = null, names = ["z", "y", "z"] }
  }
}
"""
            + _shown(one="var.service", all="var.services", deep="var.service.backup.copies[*].lock.mode"),
            "terraform.tfvars": 'service = {\n  name = 12\n  extra = "dropped"\n  backup = {\n'
            + '    copies = [{ region = "eu-west-1" }, { region = "eu-west-2", days = "3", lock = { min = "4" } }]\n  }\n}\n',
        }
    ),
    "type constraints convert": Case(
        {
            "main.tf": """
variable "any" {
  type    = any
  default = { a = 1, b = ["x", 2] }
}
variable "any_list" {
  type    = list(any)
  default = ["a", 1, true]
}
variable "any_map" {
  type    = map(any)
  default = { a = 1, b = "x" }
}
variable "set_of_objects" {
  type    = set(object({ n = number, s = optional(string, "d") }))
  default = [{ n = 2 }, { n = 1, s = "x" }, { n = "2" }]
}
variable "tuple" {
  type    = tuple([string, number, bool])
  default = [1, "2", "true"]
}
variable "numbers" {
  type    = set(number)
  default = ["10", 9, 9.5]
}
variable "text" {
  type    = string
  default = 1.50
}
variable "flag" {
  type    = bool
  default = "false"
}
variable "old_list" {
  type    = list
  default = ["a"]
}
variable "nothing" {
  type    = string
  default = null
}
variable "filled" {
  type     = number
  nullable = false
  default  = 3
}
variable "set_with_null" {
  type    = set(string)
  default = [null, "b", "a", null]
}
variable "null_tuple" {
  type    = tuple([string])
  default = null
}
variable "map_of_lists" {
  type    = map(list(string))
  default = { a = [1, 2], b = [] }
}
variable "object_from_map" {
  type    = object({ a = string, b = optional(string) })
  default = { a = 1 }
}
"""
            + _shown(
                all="[var.any, var.any_list, var.any_map, var.tuple, var.text, var.flag, var.nothing, var.filled]",
                sets="[var.set_of_objects, var.numbers, var.set_with_null, var.null_tuple]",
                more="[var.old_list, var.map_of_lists, var.object_from_map]",
            ),
        }
    ),
    "variables by precedence": Case(
        {
            "main.tf": "".join(f'variable "v{at}" {{\n  default = "default"\n}}\n' for at in range(8))
            + _shown(all="[var.v0, var.v1, var.v2, var.v3, var.v4, var.v5, var.v6, var.v7]"),
            "terraform.tfvars": "".join(f'v{at} = "tfvars"\n' for at in range(1, 8)),
            "terraform.tfvars.json": json.dumps({f"v{at}": "tfvars json" for at in range(2, 8)}),
            "b.auto.tfvars": "".join(f'v{at} = "b"\n' for at in range(3, 8)),
            "a.auto.tfvars": 'v3 = "a"\nv4 = "a"\n',
            "c.auto.tfvars.json": json.dumps({f"v{at}": "c ${v}" for at in range(4, 8)}),
            "d.auto.tfvars": 'v5 = "d"\nv6 = "d"\nv7 = "d"\n',
            "one.tfvars": 'v6 = "one"\nv7 = "one"\n',
            "two.tfvars.json": '{"v6": "two", "v7": "two"}',
        },
        ("one.tfvars", "two.tfvars.json"),
        {"v7": "cli"},
    ),
    "text of the command line by type": Case(
        {
            "main.tf": """
variable "untyped" {}
variable "any" {
  type = any
}
variable "string" {
  type = string
}
variable "number" {
  type = number
}
variable "list" {
  type = list(string)
}
variable "object" {
  type = object({ a = number, b = optional(string, "x") })
}
"""
            + _shown(all="[var.untyped, var.any, var.string, var.number, var.list, var.object]")
        },
        (),
        {"untyped": "[1]", "any": "[1, 2]", "string": "[1]", "number": "5", "list": '["a", 2]', "object": "{ a = 1 }"},
    ),
    "modules in modules with count and for_each": Case(
        {
            "main.tf": """
module "region" {
  source   = "./region"
  for_each = { seoul = ["a", "b"], tokyo = [] }
  name     = each.key
  zones    = each.value
}
module "counted" {
  source = "./leaf"
  count  = 2
  v      = "n${count.index}"
}
module "none" {
  source = "./leaf"
  count  = 0
  v      = "never"
}
module "maybe" {
  source = "./leaf"
  count  = length(module.region) > 1 ? 1 : 0
  v      = one(module.none[*].o)
}
module "chained" {
  source   = "./leaf"
  for_each = module.region
  v        = each.value.names
}
"""
            + _shown(
                names="{ for k, m in module.region : k => m.names }",
                splat="module.counted[*].o",
                index='[module.counted[1].o, module.region["seoul"].names[1], module.region.tokyo.names]',
                none="module.none",
                values="values(module.region)[*].first",
                keys="keys(module.chained)",
            ),
            "region/main.tf": """
variable "name" {}
variable "zones" { type = list(string) }
module "zone" {
  source   = "../leaf"
  for_each = toset(var.zones)
  v        = "${var.name}-${each.key}"
}
output "names" {
  value = [for zone in module.zone : zone.o]
}
output "first" {
  value = try(module.zone["a"].o, "none")
}
""",
            "leaf/main.tf": _PASSED,
        }
    ),
    "outputs through levels": Case(
        {
            "main.tf": 'module "a" {\n  source = "./a"\n  v = { n = 1 }\n}\n' + _shown(top="module.a.o", whole="module.a"),
            "a/main.tf": 'variable "v" {}\nmodule "b" {\n  source = "../b"\n  v = merge(var.v, { a = true })\n}\n'
            'output "o" {\n  value = module.b.o\n}\noutput "hidden" {\n  value     = "s"\n  sensitive = false\n}\n',
            "b/main.tf": 'variable "v" {\n  type = map(string)\n}\nmodule "c" {\n  source = "../c"\n  v = var.v\n}\n'
            'output "o" {\n  value = module.c.o\n}\n',
            "c/main.tf": _PASSED,
        }
    ),
    "values change type at a module's border": Case(
        {
            "main.tf": """
module "m" {
  source = "./m"
  text   = 5
  set    = ["b", "a", "b"]
  map    = { a = 1, b = "x" }
  null   = null
  filled = null
  object = { a = "1", b = { c = null }, z = 0 }
}
""",
            "m/main.tf": """
variable "text" { type = string }
variable "set" { type = set(string) }
variable "map" { type = map(string) }
variable "null" { default = "not used" }
variable "filled" {
  default  = "used"
  nullable = false
}
variable "unset" { default = { a = [] } }
variable "object" { type = object({ a = number, b = optional(object({ c = optional(string, "d") })) }) }
"""
            + _shown(all="[var.text, var.set, var.map, var.null, var.filled, var.unset, var.object]"),
        }
    ),
    "override files": Case(
        {
            "main.tf": """
variable "v" {
  type    = string
  default = "main"
}
variable "w" { default = "main" }
locals {
  a = "main"
  b = "main"
}
resource "terraform_data" "x" {
  input            = "main"
  triggers_replace = "main"
  lifecycle {
    prevent_destroy = true
  }
}
resource "terraform_data" "many" {
  count = 3
  input = count.index
}
module "m" {
  source = "./one"
  v      = "main"
}
output "o" { value = "main" }
"""
            + _shown(seen="[var.v, var.w, local.a, local.b, module.m.o]"),
            "a_override.tf": """
variable "v" { default = "a" }
locals { a = "a" }
resource "terraform_data" "x" {
  input = "a"
  lifecycle { create_before_destroy = true }
}
output "o" { value = "a" }
""",
            "override.tf": """
variable "v" {
  type    = number
  default = 7
}
resource "terraform_data" "x" { triggers_replace = "override" }
resource "terraform_data" "many" { count = 1 }
module "m" { source = "./two" }
""",
            "z_override.tf.json": json.dumps(
                {
                    "locals": {"b": "json ${local.a}"},
                    "variable": {"w": {"default": "json ${local.a}"}},
                    "resource": {"terraform_data": {"x": {"input": "json ${var.v}"}}},
                }
            ),
            "one/main.tf": _PASSED,
            "two/main.tf": 'variable "v" {}\noutput "o" {\n  value = "two ${var.v}"\n}\n' + _shown(two="var.v"),
        }
    ),
    "JSON syntax": Case(
        {
            "main.tf.json": json.dumps(
                {
                    "//": "a comment",
                    "variable": {
                        "typed": {"type": 'list(object({ a = number, b = optional(string, "x") }))', "default": [{"a": "1"}]},
                        "literal": {"default": "${not} a template %{ at } all", "description": "d"},
                        "untyped": [{"//": "an array of one body", "default": {"k": [1, 2.5, None, True]}}],
                    },
                    "locals": {
                        "list": ["${var.typed[0].b}", 2, 'x"${join("-", ["a", "b"])}"', "é\n${1 + 1}"],
                        "object": {"${var.typed[0].b}y": "${var.typed}", "plain": "$${kept} %%{kept}", "//": "kept in expressions"},
                        "whole": "${var.untyped}",
                        "strip": "a\n\n  ${~ 1 ~}  \n\n b",
                        "directive": "%{ if length(var.typed) > 0 }yes%{ else }no%{ endif }",
                    },
                    "resource": [
                        {"terraform_data": {"all": {"input": "${local.list}"}, "object": [{"input": "${local.object}"}]}},
                        {
                            "terraform_data": [
                                {
                                    "each": {
                                        "//": "comment",
                                        "for_each": {"a": 1, "b": "${local.list[1]}"},
                                        "input": ["${each.key}", "${each.value}"],
                                        "depends_on": ["terraform_data.all"],
                                        "lifecycle": {"ignore_changes": ["input"], "prevent_destroy": True},
                                    }
                                },
                                {"counted": {"count": "${length(local.list)}", "input": "${count.index}"}},
                            ]
                        },
                    ],
                    "module": {"m": {"source": "./m", "v": {"deep": ["${local.whole.k}", "${var.literal}"]}, "count": 1}},
                    "output": {"o": {"value": "${module.m[0].o} ${local.directive}"}},
                    "terraform": {"required_version": ">= 1.0"},
                }
            ),
            "more.tf": _shown(native='[local.object, local.directive, local.strip, one(module.m[*].o), terraform_data.each["b"].input]'),
            "m/module.tf.json": json.dumps(
                {
                    "variable": {"v": {}},
                    "resource": {"terraform_data": {"x": {"input": "${var.v}"}}},
                    "output": {"o": {"value": "${jsonencode(var.v)}"}},
                }
            ),
        }
    ),
    "references between instances": Case(
        {
            "main.tf": """
resource "terraform_data" "counted" {
  count = 2
  input = "c${count.index}"
}
resource "terraform_data" "keyed" {
  for_each = { a = 1, "b c" = 2 }
  input    = each.value
}
resource "terraform_data" "chained" {
  for_each = terraform_data.keyed
  input    = "${each.key}=${each.value.input}"
}
resource "terraform_data" "of_set" {
  for_each = toset(["y", "x"])
  input    = [each.key, each.value]
}
resource "terraform_data" "of_numbers" {
  for_each = toset([for n in [1, 2] : tostring(n)])
  input    = each.key
}
"""
            + _shown(
                splat="terraform_data.counted[*].input",
                legacy="terraform_data.counted.*.input",
                index="terraform_data.counted[1].input",
                key='terraform_data.keyed["b c"].input',
                names="{ for k, r in terraform_data.keyed : k => r.input }",
                length="[length(terraform_data.counted), length(terraform_data.keyed)]",
                id="terraform_data.counted[0].id",
                output="{ o = terraform_data.counted[0].output, known = 1 }",
                conditional='terraform_data.counted[0].id == "" ? "a" : "b"',
                both='terraform_data.counted[0].id == "" ? { n = 1 } : { n = 1 }',
            )
        }
    ),
    "keys that need escaping": Case(
        {
            "main.tf": 'module "m" {\n  source   = "./m"\n  for_each = toset(['
            + '"quo\\"te", "back\\\\slash", "new\\nline", "$${x}", "%%{x}", "é", "<&>", "\\u2028"])\n'
            "  v        = each.key\n}\n",
            "m/main.tf": _PASSED,
        }
    ),
    "paths and workspace": Case(
        {
            "main.tf": 'module "m" {\n  source = "./deep/m"\n}\n' + _shown(root="[path.module, path.root, terraform.workspace]"),
            "deep/m/main.tf": 'module "n" {\n  source = "../n"\n}\n'
            + _shown(m='[path.module, path.root, file("${path.module}/text.txt"), templatefile("${path.module}/text.tftpl", { n = 1 })]'),
            "deep/m/text.txt": "hello",
            "deep/m/text.tftpl": "n=${n}",
            "deep/n/main.tf": _shown(n="path.module"),
        }
    ),
    "blocks that make nothing": Case(
        {
            "main.tf": """
terraform {
  required_version = ">= 1.3"
}
moved {
  from = terraform_data.old
  to   = terraform_data.x
}
removed {
  from = terraform_data.gone
  lifecycle {
    destroy = false
  }
}
check "health" {
  assert {
    condition     = terraform_data.x.input == "x"
    error_message = "no"
  }
}
variable "secret" {
  default   = "s"
  sensitive = true
  validation {
    condition     = length(var.secret) > 0
    error_message = "empty"
  }
}
"""
            + _shown(x='"x"', secret="[var.secret]")
        }
    ),
    "a whole resource as a module's input": Case(
        {
            "main.tf": _shown(a='{ n = "a" }')
            + 'module "m" {\n  source   = "./m"\n  resource = terraform_data.a\n  name     = terraform_data.a.input\n}\n',
            "m/main.tf": 'variable "resource" {}\nvariable "name" {\n  type = object({ n = string, d = optional(number, 9) })\n}\n'
            + _shown(x="[var.resource.input.n, var.name.d]", id="var.resource.id"),
        }
    ),
    "conditionals and null": Case(
        {
            "main.tf": 'variable "on" {\n  default = false\n}\nvariable "size" {\n  type = number\n  default = null\n}\n'
            + _shown(
                a="var.on ? 1 : null",
                b="coalesce(var.size, 5)",
                c='var.size == null ? "unset" : "set"',
                d="[for x in [1, 2, 3] : x if x > 1 || var.on]",
                e="{ for k, v in { a = 1, b = 2 } : upper(k) => v... }",
                f='var.on ? "30" : 7',
                g="try(var.size.x, null)",
            )
            + 'resource "terraform_data" "only_when_on" {\n  count = var.on ? 1 : 0\n  input = "x"\n}\n'
            + 'output "empty" {\n  value = terraform_data.only_when_on[*].input\n}\n'
        }
    ),
    "objects through modules and back": Case(
        {
            "main.tf": """
variable "plans" {
  type = map(object({
    schedule = string
    copies   = optional(list(object({ vault = string, days = optional(number, 30) })), [])
    tags     = optional(map(string), {})
  }))
}
module "plan" {
  source   = "./plan"
  for_each = var.plans
  name     = each.key
  plan     = each.value
  defaults = { owner = "dr", plan = upper(each.key) }
}
locals {
  flat = merge([for name, plan in module.plan : { for key, value in plan.rules : "${name}.${key}" => value }]...)
}
resource "terraform_data" "rule" {
  for_each = local.flat
  input    = each.value
}
"""
            + _shown(
                vaults="distinct(flatten([for p in module.plan : p.vaults]))",
                first='try(values(module.plan)[0].tags.owner, "none")',
                grouped="{ for name, plan in module.plan : length(plan.vaults) => name... }",
            ),
            "plans.auto.tfvars": """
plans = {
  daily = { schedule = "cron(0 5 * * ? *)", copies = [{ vault = "dr" }, { vault = "far", days = "7" }] }
  weekly = { schedule = "cron(0 5 ? * 1 *)", tags = { owner = "ops" } }
}
""",
            "plan/main.tf": """
variable "name" {}
variable "plan" {
  type = object({
    schedule = string
    copies   = list(object({ vault = string, days = number }))
    tags     = map(string)
  })
}
variable "defaults" {
  type    = map(string)
  default = {}
}
locals {
  tags = merge(var.defaults, var.plan.tags)
}
output "rules" {
  value = { for at, copy in var.plan.copies : "${copy.vault}-${at}" => { days = copy.days, schedule = var.plan.schedule } }
}
output "vaults" {
  value = var.plan.copies[*].vault
}
output "tags" {
  value = local.tags
}
resource "terraform_data" "tags" {
  input = [local.tags, var.name]
}
""",
        }
    ),
    "a var-file in JSON and a module in JSON": Case(
        {
            "main.tf": 'variable "o" {\n  type = object({ a = list(number), b = optional(string, "d") })\n}\n'
            'module "m" {\n  source = "./m"\n  o = var.o\n}\n' + _shown(back="module.m.back"),
            "given.tfvars.json": json.dumps({"o": {"a": ["1", 2], "c": "dropped"}}),
            "m/main.tf.json": json.dumps(
                {
                    "variable": {"o": {"type": "object({a = list(string), b = string})"}},
                    "output": {"back": {"value": '${join(",", var.o.a)}-${var.o.b}'}},
                    "locals": {"n": 3},
                    "resource": {"terraform_data": {"x": [{"count": "${local.n - 1}", "input": "${var.o.a[count.index]}"}]}},
                }
            ),
        },
        ("given.tfvars.json",),
    ),
    "whether a module exists depends on another's output": Case(
        {
            "main.tf": """
module "settings" {
  source = "./settings"
}
module "dr" {
  source = "./leaf"
  count  = module.settings.on ? 2 : 0
  v      = module.settings.names[count.index]
}
module "off" {
  source   = "./leaf"
  for_each = { for name in module.settings.names : name => name if !module.settings.on }
  v        = each.key
}
"""
            + _shown(all="concat(module.dr[*].o, [for m in module.off : m.o])", none="module.off", length="length(module.dr)"),
            "settings/main.tf": 'output "on" {\n  value = "true"\n}\noutput "names" {\n  value = toset(["b", "a"])\n}\n'.replace(
                'toset(["b", "a"])', 'sort(["b", "a"])'
            ),
            "leaf/main.tf": _PASSED,
        }
    ),
    "a module that calls itself": Case(
        {
            "main.tf": 'module "m" {\n  source = "./m"\n}\n' + _shown(x="module.m.o"),
            "m/main.tf": 'module "m" {\n  source = "../m"\n}\noutput "o" {\n  value = module.m.o\n}\n',
        }
    ),
    "an index beyond the end": Case(
        {"main.tf": 'resource "terraform_data" "c" {\n  count = 1\n}\n' + _shown(x="terraform_data.c[1].input")}
    ),
    "locals in a circle": Case({"main.tf": "locals {\n  a = local.b\n  b = local.a\n}\n" + _shown(x="local.a")}),
    "an attribute that is required": Case(
        {"main.tf": 'variable "o" {\n  type    = object({ a = string })\n  default = {}\n}\n' + _shown(x="var.o")}
    ),
    "a text that is no number": Case({"main.tf": 'variable "n" {\n  type    = number\n  default = "x"\n}\n' + _shown(x="var.n")}),
    "an output that is not there": Case(
        {"main.tf": 'module "m" {\n  source = "./m"\n}\n' + _shown(x="module.m.none"), "m/main.tf": "locals {}\n"}
    ),
    "dotted names of a module's file": Case(
        {
            "main.tf": 'module "up" {\n  source = "./a/../b"\n}\nmodule "quoted" {\n  source = "./b/"\n}\n'
            + _shown(x="[module.up.o, module.quoted.o]"),
            "b/main.tf": 'output "o" {\n  value = path.module\n}\n',
            "a/main.tf": "locals {}\n",
        }
    ),
    "a hidden file and an editor's copy are not read": Case(
        {
            "main.tf": _shown(x="local.a") + 'locals {\n  a = "main"\n}\n',
            ".hidden.tf": 'locals {\n  a = "hidden"\n}\n',
            "main.tf~": "not terraform",
        }
    ),
}
