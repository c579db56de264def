"""Terragrunt units: the usual layouts, what each block and function means, and input that is hostile or wrong."""

from __future__ import annotations

from typing import Any

import pytest

from drpolicy.catalog.interfaces import Interface
from drpolicy.model.provenance import steps
from drpolicy.model.reasons import Reason
from drpolicy.model.resources import Resource, TerraformRoot
from drpolicy.model.spans import Source
from drpolicy.model.values import Unknown, Value, target_of
from drpolicy.sources.discovery import discover
from drpolicy.sources.trees import MemoryTree
from drpolicy.terraform.conversion import plain
from drpolicy.terraform.estate import TerraformEstate
from drpolicy.terraform.load import load_terraform
from drpolicy.terraform.scope import Inputs


def loaded(files: dict[str, str], **options: Any) -> TerraformEstate:
    tree = MemoryTree(files)
    return load_terraform(tree, discover(tree), **options)


def root(estate: TerraformEstate, name: str) -> TerraformRoot:
    return next(each for each in estate.roots if each.name == name)


def resource(estate: TerraformEstate, name: str, address: str) -> Resource:
    return next(each for each in root(estate, name).resources if each.address == address)


def said(value: Value[Any]) -> object:
    return (value.reason, value.symbol) if isinstance(value, Unknown) else plain(value)


def came(value: Value[Any]) -> list[tuple[str, str]]:
    return [(step.text, str(step.span)) for step in steps(value.origin)]


ROOT = """locals {
  account = read_terragrunt_config(find_in_parent_folders("account.hcl"))
  region  = read_terragrunt_config(find_in_parent_folders("region.hcl"))
  env     = read_terragrunt_config(find_in_parent_folders("env.hcl"))

  aws_region = local.region.locals.aws_region
}

generate "provider" {
  path      = "provider.tf"
  if_exists = "overwrite_terragrunt"
  contents  = <<EOF
provider "aws" {
  region              = "${local.aws_region}"
  allowed_account_ids = ["${local.account.locals.account_id}"]

  default_tags {
    tags = {
      environment = "${local.env.locals.environment}"
    }
  }
}

provider "aws" {
  alias  = "dr"
  region = "${local.region.locals.dr_region}"
}
EOF
}

remote_state {
  backend = "s3"
  config = {
    bucket = "state-${local.account.locals.name}-${local.aws_region}"
    key    = "${path_relative_to_include()}/terraform.tfstate"
    region = local.aws_region
  }
  generate = {
    path      = "backend.tf"
    if_exists = "overwrite_terragrunt"
  }
}

inputs = merge(local.account.locals, local.env.locals)
"""

DATABASE = """variable "name" {}
variable "environment" {}
variable "retention" {
  type = number
}
variable "size" {
  default = 20
}

resource "aws_db_instance" "main" {
  identifier              = "${var.name}-${var.environment}"
  backup_retention_period = var.retention
  allocated_storage       = var.size
}

resource "aws_s3_bucket" "copies" {
  provider = aws.dr
  bucket   = "${var.name}-copies"
}

output "bucket_arn" {
  value = aws_s3_bucket.copies.arn
}
"""

LAYOUT = {
    "root.hcl": ROOT,
    "prod/account.hcl": 'locals {\n  name       = "prod"\n  account_id = "111122223333"\n}\n',
    "prod/eu-west-1/region.hcl": 'locals {\n  aws_region = "eu-west-1"\n  dr_region  = "eu-central-1"\n}\n',
    "prod/eu-west-1/live/env.hcl": 'locals {\n  environment = "live"\n}\n',
    "prod/eu-west-1/live/database/terragrunt.hcl": """include "root" {
  path = find_in_parent_folders("root.hcl")
}

include "common" {
  path   = "${dirname(find_in_parent_folders("root.hcl"))}/_envcommon/database.hcl"
  expose = true
}

terraform {
  source = include.common.locals.source
}

inputs = {
  retention = 14
}
""",
    "_envcommon/database.hcl": """locals {
  source = "${get_repo_root()}/modules//database"
}

inputs = {
  name      = "orders"
  retention = 7
}
""",
    "modules/database/main.tf": DATABASE,
}
UNIT = "prod/eu-west-1/live/database"


def test_an_account_region_environment_hierarchy_is_one_deployment_per_unit() -> None:
    estate = loaded(LAYOUT)
    assert estate.problems == ()
    assert [(each.name, each.path, each.library) for each in estate.roots] == [(UNIT, UNIT, False)]
    assert str(estate.roots[0].span) == f"{UNIT}/terragrunt.hcl:10:1"
    database = resource(estate, UNIT, "aws_db_instance.main")
    assert {name: said(database.get(name)) for name in ("identifier", "backup_retention_period", "allocated_storage")} == {
        "identifier": "orders-live",
        "backup_retention_period": 14,
        "allocated_storage": 20,
    }
    assert (said(database.region), said(database.account)) == ("eu-west-1", "111122223333")
    assert said(database.get("tags_all")) == {"environment": "live"}
    assert str(database.span) == "modules/database/main.tf:10:1"
    assert (estate.coverage.terragrunt, estate.coverage.not_read, estate.coverage.files) == (6, 0, 1)


def test_a_value_from_inputs_points_at_the_unit() -> None:
    retention = resource(loaded(LAYOUT), UNIT, "aws_db_instance.main").get("backup_retention_period")
    assert came(retention) == [
        ("through var.retention", "modules/database/main.tf:12:29"),
        ("written", f"{UNIT}/terragrunt.hcl:15:15"),
    ]


def test_a_generated_provider_says_where_its_region_comes_from() -> None:
    estate = loaded(LAYOUT)
    assert [(each.name, said(each.region), str(each.span)) for each in root(estate, UNIT).providers] == [
        ("aws", "eu-west-1", "root.hcl:13:1"),
        ("aws.dr", "eu-central-1", "root.hcl:24:1"),
    ]
    bucket = resource(estate, UNIT, "aws_s3_bucket.copies")
    assert bucket.provider == "aws.dr"
    assert came(bucket.region) == [
        ("through provider aws.dr", "modules/database/main.tf:17:14"),
        ("through generate", "root.hcl:26:15"),
        ("through local.region.locals.dr_region", "root.hcl:26:15"),
        ("through read_terragrunt_config prod/eu-west-1/region.hcl.locals.dr_region", "root.hcl:3:13"),
        ("written", "prod/eu-west-1/region.hcl:3:16"),
    ]


def test_remote_state_is_the_backend() -> None:
    backend = root(loaded(LAYOUT), UNIT).backend
    assert backend is not None and (backend.type, str(backend.span)) == ("s3", "root.hcl:31:1")
    assert {name: said(value) for name, value in backend.attributes.fields.items()} == {
        "bucket": "state-prod-eu-west-1",
        "key": f"{UNIT}/terraform.tfstate",
        "region": "eu-west-1",
    }


def test_a_module_is_not_judged_apart_from_its_units() -> None:
    files = {**LAYOUT, "modules/other/main.tf": 'resource "aws_sns_topic" "x" {}\n', "loose/main.tf": 'resource "aws_sns_topic" "x" {}\n'}
    assert [each.name for each in loaded(files).roots] == ["loose", "modules/other", UNIT]


def test_a_parent_is_no_unit_and_gives_its_source_to_those_that_include_it() -> None:
    files = {
        "terragrunt.hcl": 'terraform {\n  source = "${get_parent_terragrunt_dir()}/modules/${basename(get_terragrunt_dir())}"\n}\n',
        "live/database/terragrunt.hcl": 'include {\n  path = find_in_parent_folders()\n}\n\ninputs = {\n  v = "x"\n}\n',
        "modules/database/main.tf": 'variable "v" {}\nresource "t_r" "x" {\n  v = var.v\n}\n',
    }
    estate = loaded(files)
    assert estate.problems == ()
    assert [(each.name, said(each.resources[0].get("v"))) for each in estate.roots] == [("live/database", "x")]


MODULE = 'variable "v" {}\nresource "t_r" "x" {\n  v = var.v\n}\n'


def test_files_beside_the_unit_are_its_module() -> None:
    estate = loaded({"app/terragrunt.hcl": "inputs = {\n  v = 3\n}\n", "app/main.tf": MODULE})
    assert [(each.name, said(each.resources[0].get("v"))) for each in estate.roots] == [("app", 3)]


def test_files_beside_the_unit_join_the_module_and_replace_its_files() -> None:
    files = {
        "modules/m/main.tf": 'resource "t_r" "module" {}\n',
        "modules/m/provider.tf": 'provider "aws" {\n  region = "us-east-1"\n}\n',
        "app/terragrunt.hcl": 'terraform {\n  source = "../modules/m"\n}\n',
        "app/provider.tf": 'provider "aws" {\n  region = "eu-west-1"\n}\n',
    }
    (app,) = loaded(files).roots
    assert ([each.address for each in app.resources], [said(each.region) for each in app.providers]) == (["t_r.module"], ["eu-west-1"])


# Merging


@pytest.mark.parametrize(
    ("strategy", "parent", "child", "expected"),
    [
        ("shallow", "{ v = 1 }", "{ v = 2 }", 2),
        ("shallow", "{ v = 1 }", "{}", 1),
        ("shallow", "{ v = { a = 1, b = 2 } }", "{ v = { b = 3 } }", {"b": 3}),
        ("deep", "{ v = { a = 1, b = { c = 2 } } }", "{ v = { b = { d = 3 } } }", {"a": 1, "b": {"c": 2, "d": 3}}),
        ("deep", "{ v = [1] }", "{ v = [2] }", [1, 2]),
        ("deep", "{ v = 1 }", "{ v = 2 }", 2),
        ("no_merge", "{ v = 1 }", "{}", "default"),
        ("shallow", "{ v = 1 }", '{ v = get_env("V") }', (Reason.VARIABLE_NOT_SET, "environment variable V")),
        ("shallow", "{ v = 1 }", 'jsondecode(get_env("V"))', (Reason.VARIABLE_NOT_SET, "jsondecode(environment variable V)[v]")),
        ("deep", "{ v = { a = 1 } }", '{ v = get_env("V") }', (Reason.VARIABLE_NOT_SET, "environment variable V merged")),
    ],
)
def test_inputs_are_merged_by_the_strategy_of_the_include(strategy: str, parent: str, child: str, expected: object) -> None:
    files = {
        "parent.hcl": f"inputs = {parent}\n",
        "app/terragrunt.hcl": f'include "p" {{\n  path = "../parent.hcl"\n  merge_strategy = "{strategy}"\n}}\ninputs = {child}\n',
        "app/main.tf": 'variable "v" {\n  default = "default"\n}\nresource "t_r" "x" {\n  v = var.v\n}\n',
    }
    assert said(resource(loaded(files), "app", "t_r.x").get("v")) == expected


def test_a_later_include_wins_over_an_earlier_one() -> None:
    include = 'include "{0}" {{\n  path = "../{0}.hcl"\n}}\n'
    generate = 'generate "g" {{\n  path = "g.tf"\n  contents = "resource {} x {{}}"\n}}\n'
    files = {
        "a.hcl": 'inputs = {\n  v = "a"\n  w = "a"\n}\n' + generate.format("t_a"),
        "b.hcl": 'inputs = {\n  v = "b"\n}\n' + generate.format("t_b"),
        "app/terragrunt.hcl": include.format("a") + include.format("b"),
        "app/main.tf": 'variable "v" {}\nvariable "w" {}\nresource "t_r" "x" {\n  v = "${var.v}${var.w}"\n}\n',
    }
    app = root(loaded(files), "app")
    assert sorted(each.address for each in app.resources) == ["t_b.x", "t_r.x"]
    assert said(resource(loaded(files), "app", "t_r.x").get("v")) == "ba"


def test_var_files_win_over_inputs_and_the_command_line_over_both() -> None:
    variables = "".join(f'variable "{name}" {{}}\n' for name in "abc")
    files = {
        "app/terragrunt.hcl": 'inputs = {\n  a = "input"\n  b = "input"\n  c = "input"\n}\n',
        "app/main.tf": variables + 'resource "t_r" "x" {\n  v = "${var.a} ${var.b} ${var.c}"\n}\n',
        "app/terraform.tfvars": 'b = "file"\nc = "file"\n',
    }
    estate = loaded(files, inputs={"app": (Inputs(variables={"c": "line"}),)})
    assert said(resource(estate, "app", "t_r.x").get("v")) == "input file line"


# Dependencies


def linked(extra: str = "", **files: str) -> TerraformEstate:
    mocks = '  mock_outputs = {\n    arn = "arn:aws:s3:::mock"\n  }\n'
    store = 'variable "name" {}\nresource "aws_s3_bucket" "b" {\n  bucket = var.name\n}\noutput "arn" {\n  value = aws_s3_bucket.b.arn\n}\n'
    return loaded(
        {
            "store/terragrunt.hcl": 'inputs = {\n  name = "orders"\n}\n',
            "store/main.tf": store,
            "app/terragrunt.hcl": f'dependency "store" {{\n  config_path = "../store"\n{mocks}{extra}}}\n'
            "inputs = {\n  v = dependency.store.outputs.arn\n}\n",
            "app/main.tf": MODULE,
            **files,
        }
    )


def test_an_output_of_another_unit_is_the_attribute_of_its_resource() -> None:
    value = resource(linked(), "app", "t_r.x").get("v")
    assert said(value) == (Reason.COMPUTED, "store//aws_s3_bucket.b.arn")
    assert target_of(value) == ("store//aws_s3_bucket.b", "arn")


@pytest.mark.parametrize(
    ("extra", "files", "expected"),
    [
        ("  skip_outputs = true\n", {}, (Reason.OUTSIDE_SCOPE, "app:dependency.store.outputs.arn")),
        ("  enabled = false\n", {}, (Reason.OUTSIDE_SCOPE, "app:dependency.store.outputs.arn")),
        ("", {"store/main.tf": 'output "other" {\n  value = 1\n}\n'}, (Reason.COMPUTED, '{"other"=1,store//outputs}.arn')),
        (
            "",
            {"store/terragrunt.hcl": 'terraform {\n  source = "git::https://example.com/m.git"\n}\n'},
            (Reason.MODULE_NOT_ON_DISK, "store//outputs.arn"),
        ),
    ],
)
def test_what_another_unit_does_not_tell_is_unknown_and_never_its_mock(extra: str, files: dict[str, str], expected: object) -> None:
    assert said(resource(linked(extra, **files), "app", "t_r.x").get("v")) == expected


def test_units_that_need_each_other_are_a_cycle() -> None:
    unit = 'dependency "d" {{\n  config_path = "../{}"\n}}\ninputs = {{\n  v = dependency.d.outputs.v\n}}\n'
    module = MODULE + 'output "v" {\n  value = var.v\n}\n'
    files = {"a/terragrunt.hcl": unit.format("b"), "b/terragrunt.hcl": unit.format("a"), "a/main.tf": module, "b/main.tf": module}
    values = [each.resources[0].get("v") for each in loaded(files).roots]
    assert [value.reason for value in values if isinstance(value, Unknown)] == [Reason.CYCLE, Reason.CYCLE]


# Sources


@pytest.mark.parametrize(
    ("source", "named", "outcome"),
    [
        ("git::git@github.com:org/modules.git//db?ref=v1", "git::git@github.com:org/modules.git//db?ref=v1", "unresolved"),
        ("tfr:///terraform-aws-modules/rds/aws?version=6.0.0", "terraform-aws-modules/rds/aws", "stubbed"),
        ("tfr://registry.terraform.io/a/b/c//modules/x?version=1.0.0", "a/b/c//modules/x", "unresolved"),
        ("../../outside", "../../outside", "unresolved"),
        ("/etc", "/etc", "unresolved"),
    ],
)
def test_a_module_that_is_not_in_the_tree_is_named_with_what_it_is_given(source: str, named: str, outcome: str) -> None:
    stub = Source("stub.tf", 'variable "v" {}\nresource "t_r" "stub" {\n  v = var.v\n}\n')
    files = {"app/terragrunt.hcl": f'terraform {{\n  source = "{source}"\n}}\ninputs = {{\n  v = 5\n}}\n'}
    described = Interface("terraform-aws-modules/rds/aws", ">= 6.0.0", "rds", "a page")

    def find(name: str, version: str | None) -> Interface | None:
        return described if (name, version) == (described.module, "6.0.0") else None

    estate = loaded(files, stubs=find, stub_files=lambda directory: [stub])
    app = root(estate, "app")
    (call,) = app.modules
    assert (call.address, call.source, call.outcome, str(call.span)) == ("terraform.source", named, outcome, "app/terragrunt.hcl:2:12")
    assert said(call.inputs.fields["v"]) == 5
    assert [(each.address, said(each.get("v"))) for each in app.resources] == ([("t_r.stub", 5)] if outcome == "stubbed" else [])


def test_a_local_source_that_is_not_there_is_a_problem() -> None:
    estate = loaded({"app/terragrunt.hcl": 'terraform {\n  source = "../modules/gone"\n}\n'})
    assert [(each.code, each.message, str(each.span)) for each in estate.problems] == [
        ("module-missing", "terraform.source: modules/gone holds no Terraform files", "app/terragrunt.hcl:2:12")
    ]


# Functions

KNOWN: dict[str, object] = {
    "path_relative_to_include()": "live/app",
    "path_relative_from_include()": "../..",
    "basename(get_terragrunt_dir())": "app",
    "basename(dirname(get_original_terragrunt_dir()))": "live",
    "get_path_from_repo_root()": "live/app",
    "get_path_to_repo_root()": "../..",
    'replace(get_terragrunt_dir(), get_repo_root(), "")': "/live/app",
    "trimprefix(get_parent_terragrunt_dir(), get_repo_root())": "",
    'file("${get_repo_root()}/note.txt")': "note",
    'file("beside.txt")': "beside",
    'fileexists("${get_terragrunt_dir()}/beside.txt")': True,
    'basename(find_in_parent_folders("note.txt"))': "note.txt",
    'find_in_parent_folders("gone", "fallback")': "fallback",
    'read_terragrunt_config("gone.hcl", { locals = { v = 1 } }).locals.v': 1,
    'read_terragrunt_config("${get_repo_root()}/common.hcl").inputs.from': "common",
    'read_terragrunt_config("../../common.hcl").locals.directory': "",
    "include.root.inputs.shared": "yes",
    'local.list["a"]': 1,
    "mark_as_read(local.list.a)": 1,
}
UNKNOWN = {
    'get_env("A", "fallback")': (Reason.VARIABLE_NOT_SET, "environment variable A"),
    "get_aws_account_id()": (Reason.OUTSIDE_SCOPE, "live/app:default account"),
    'run_cmd("id")': (Reason.FUNCTION_NOT_EVALUATED, 'live/app:run_cmd("id")'),
    'sops_decrypt_file("x.yaml")': (Reason.FUNCTION_NOT_EVALUATED, 'sops_decrypt_file("x.yaml")'),
    "get_terragrunt_dir()": (Reason.OUTSIDE_SCOPE, "absolute path <repository>/live/app"),
    'read_terragrunt_config("../../../x.hcl")': (Reason.OUTSIDE_SCOPE, "file outside of what is read"),
    'find_in_parent_folders("no.hcl")': (Reason.OUTSIDE_SCOPE, "no.hcl above live/app"),
    'find_in_parent_folders("../../etc/passwd")': (Reason.OUTSIDE_SCOPE, "../../etc/passwd above live/app"),
    'file("/etc/passwd")': (Reason.OUTSIDE_SCOPE, "file(/etc/passwd)"),
    "feature.f.value": (Reason.VARIABLE_NOT_SET, "live/app:feature.f.value"),
}


def evaluated(expression: str) -> Value[Any]:
    files = {
        "root.hcl": 'inputs = {\n  shared = "yes"\n}\n',
        "common.hcl": 'locals {\n  directory = trimprefix(get_terragrunt_dir(), get_repo_root())\n}\ninputs = {\n  from = "common"\n}\n',
        "note.txt": "note",
        "live/app/beside.txt": "beside",
        "live/app/terragrunt.hcl": 'include "root" {\n  path = find_in_parent_folders("root.hcl")\n  expose = true\n}\n'
        f'feature "f" {{\n  default = 1\n}}\nlocals {{\n  list = {{ a = 1 }}\n}}\ninputs = {{\n  v = {expression}\n}}\n',
        "live/app/main.tf": MODULE,
    }
    return resource(loaded(files), "live/app", "t_r.x").get("v")


@pytest.mark.parametrize(("expression", "expected"), [*KNOWN.items(), *UNKNOWN.items()])
def test_functions(expression: str, expected: object) -> None:
    assert said(evaluated(expression)) == expected


@pytest.mark.parametrize("expression", ["sha1(get_repo_root())", 'split("/", get_terragrunt_dir())[2]', "length(get_repo_root())"])
def test_what_depends_on_the_machine_is_not_evaluated(expression: str) -> None:
    value = evaluated(expression)
    assert isinstance(value, Unknown) and value.reason is Reason.FUNCTION_NOT_EVALUATED


def test_what_a_configuration_has_not_is_refused() -> None:
    value = evaluated("var.x")
    assert isinstance(value, Unknown) and value.reason is Reason.REFUSED


def test_get_env_answers_from_the_environment_that_is_given() -> None:
    files = {"app/terragrunt.hcl": 'inputs = {\n  v = get_env("TF_VAR_stage", "none")\n}\n', "app/main.tf": MODULE}
    assert said(resource(loaded(files, environment={"stage": "live"}), "app", "t_r.x").get("v")) == "live"


def test_a_stack_gives_its_units_values_and_without_them_the_unit_is_a_template() -> None:
    files = {"app/terragrunt.hcl": "inputs = {\n  v = values.v\n}\n", "app/main.tf": MODULE}
    without, given = loaded(files), loaded({**files, "app/terragrunt.values.hcl": 'v = "stack"\n'})
    assert said(resource(without, "app", "t_r.x").get("v")) == (Reason.VARIABLE_NOT_SET, "app:values.v")
    assert said(resource(given, "app", "t_r.x").get("v")) == "stack"
    assert (root(without, "app").library, root(given, "app").library) == (True, False)


# Generated files


def generating(contents: str, name: str = "g.tf", module: str = 'resource "t_r" "m" {}\n', extra: str = "") -> TerraformEstate:
    return loaded(
        {
            "app/terragrunt.hcl": f'locals {{\n  region = "eu-west-1"\n  name = "dr"\n  unknown = run_cmd("x")\n}}\n'
            f'generate "g" {{\n  path = "{name}"\n  contents = {contents}\n{extra}}}\n',
            "app/main.tf": module,
            "app/p.tpl": 'provider "aws" {\n  region = "eu-south-1"\n}\n',
        }
    )


RUN = (Reason.FUNCTION_NOT_EVALUATED, 'app:run_cmd("x")')


@pytest.mark.parametrize(
    ("contents", "region", "place"),
    [
        ('<<EOF\nprovider "aws" {\n  region = "${local.region}"\n}\nEOF', "eu-west-1", "app/terragrunt.hcl:9:1"),
        ('<<-EOF\n    provider "aws" {\n      region = "${local.region}"\n    }\n  EOF', "eu-west-1", "app/terragrunt.hcl:9:5"),
        ('<<EOF\nprovider "aws" {\n  region = ${jsonencode(local.region)}\n}\nEOF', "eu-west-1", "app/terragrunt.hcl:9:1"),
        ('<<EOF\n\nprovider "aws" {\n  region = "eu-north-1"\n}\nEOF', "eu-north-1", "app/terragrunt.hcl:10:1"),
        ('"provider aws {\\n  region = \\"eu-north-1\\"\\n}\\n"', "eu-north-1", "app/terragrunt.hcl:8:14"),
        ('file("p.tpl")', "eu-south-1", "app/p.tpl:1:1"),
        ('file("${get_terragrunt_dir()}/p.tpl")', "eu-south-1", "app/p.tpl:1:1"),
        ('<<EOF\nprovider "aws" {\n  region = "${local.unknown}"\n}\nEOF', RUN, "app/terragrunt.hcl:9:1"),
        ('<<EOF\nprovider "aws" {\n  region = ${local.unknown}\n}\nEOF', RUN, "app/terragrunt.hcl:9:1"),
    ],
)
def test_generated_files_keep_values_and_places(contents: str, region: object, place: str) -> None:
    estate = generating(contents)
    assert estate.problems == ()
    assert [(said(each.region), str(each.span)) for each in root(estate, "app").providers] == [(region, place)]


def test_an_alias_may_be_interpolated() -> None:
    estate = generating('<<EOF\nprovider "aws" {\n  alias  = "${local.name}"\n  region = "${local.region}"\n}\nEOF')
    assert [(each.name, said(each.region)) for each in root(estate, "app").providers] == [("aws.dr", "eu-west-1")]


@pytest.mark.parametrize(
    ("contents", "message"),
    [
        (
            "<<EOF\n${local.unknown}\nEOF",
            'g.tf was not read: what generate "g" writes depends on something unknown (function not evaluated)',
        ),
        ("local.unknown", 'g.tf was not read: what generate "g" writes is not known (function not evaluated)'),
        ("<<EOF\n${null}x\nEOF", 'generate "g" is refused: only primitive values can be part of a string'),
    ],
)
def test_a_generated_file_that_cannot_be_known_is_named(contents: str, message: str) -> None:
    (problem,) = generating(contents).problems
    assert (problem.code, problem.message, str(problem.span)) == ("terragrunt-generate", message, "app/terragrunt.hcl:8:14")


def test_a_mistake_in_a_generated_file_stands_where_it_is_written() -> None:
    (problem,) = generating('<<EOF\nprovider "aws" {\n  region = ]\n}\nEOF').problems
    assert (problem.code, problem.message, str(problem.span)) == (
        "hcl-syntax",
        'in g.tf, which generate "g" writes: unexpected "]"',
        "app/terragrunt.hcl:10:12",
    )


@pytest.mark.parametrize(
    ("name", "extra", "expected"),
    [
        ("g.tf", "", ["t_r.g", "t_r.m"]),
        ("main.tf", "", ["t_r.g"]),
        ("main.tf", '  if_exists = "skip"\n', ["t_r.m"]),
        ("g.tf", "  disable = true\n", ["t_r.m"]),
        ("notes.txt", "", ["t_r.m"]),
        ("../g.tf", "", ["t_r.m"]),
    ],
)
def test_which_generated_files_are_part_of_the_module(name: str, extra: str, expected: list[str]) -> None:
    estate = generating('"resource t_r g {}"', name, extra=extra)
    assert estate.problems == ()
    assert sorted(each.address for each in root(estate, "app").resources) == expected


def test_generated_var_files_are_read() -> None:
    estate = generating('<<EOF\nv = "${local.region}"\nEOF', "g.auto.tfvars", MODULE)
    assert said(resource(estate, "app", "t_r.x").get("v")) == "eu-west-1"


# What is not read, and hostile input


def test_stacks_and_json_are_named_as_not_read() -> None:
    estate = loaded({"live/terragrunt.stack.hcl": 'unit "a" {}\n', "b/terragrunt.hcl.json": "{}", "unused.hcl": "a = 1\n"})
    assert [(each.path, each.code, each.message) for each in estate.problems] == [
        ("b/terragrunt.hcl.json", "terragrunt-json", "b/terragrunt.hcl.json was not read: it is Terragrunt's JSON syntax"),
        (
            "live/terragrunt.stack.hcl",
            "terragrunt-stack",
            "live/terragrunt.stack.hcl was not read: run terragrunt stack generate and check the units that it writes",
        ),
    ]
    assert (estate.roots, estate.coverage.terragrunt, estate.coverage.not_read) == ((), 0, 3)


def including(path: str) -> str:
    return f'include "r" {{\n  path = {path}\n}}\n'


@pytest.mark.parametrize(
    ("path", "code", "message"),
    [
        ('"../gone.hcl"', "terragrunt-include", "the included file was not read: gone.hcl is not there"),
        ('"../../up.hcl"', "terragrunt-outside", "the included file was not read: its path leads outside of what is read"),
        ('find_in_parent_folders("up.hcl")', "terragrunt-outside", "the included file was not read: up.hcl above app"),
    ],
)
def test_an_include_that_is_not_there_may_give_any_input(path: str, code: str, message: str) -> None:
    estate = loaded({"app/terragrunt.hcl": including(path), "app/main.tf": MODULE})
    assert [(each.code, each.message, str(each.span)) for each in estate.problems] == [(code, message, "app/terragrunt.hcl:2:10")]
    assert isinstance(resource(estate, "app", "t_r.x").get("v"), Unknown)


def test_an_included_file_includes_nothing() -> None:
    files = {
        "root.hcl": 'inputs = {\n  v = "root"\n}\n',
        "nested.hcl": including('"../root.hcl"') + "inputs = {\n  v = include.r.path\n}\n",
        "app/terragrunt.hcl": including('"../nested.hcl"'),
        "app/main.tf": MODULE,
    }
    estate = loaded(files)
    assert [(each.code, each.message, str(each.span)) for each in estate.problems] == [
        (
            "terragrunt-include",
            "nested.hcl is included and includes another file itself, which Terragrunt refuses; that one was not read",
            "nested.hcl:1:1",
        )
    ]


CIRCLES = {
    "an include of itself": {"app/terragrunt.hcl": including('"terragrunt.hcl"')},
    "a file that reads itself": {
        "app/terragrunt.hcl": 'locals {\n  me = read_terragrunt_config("terragrunt.hcl")\n  v = local.me.locals.v\n}\n'
        "inputs = {\n  v = local.v\n}\n"
    },
    "files that read each other": {
        "app/terragrunt.hcl": 'locals {\n  o = read_terragrunt_config("../o.hcl")\n}\ninputs = {\n  v = local.o.locals.v\n}\n',
        "o.hcl": 'locals {\n  a = read_terragrunt_config("app/terragrunt.hcl")\n  v = local.a.inputs.v\n}\n',
    },
    "a dependency on itself": {
        "app/terragrunt.hcl": 'dependency "me" {\n  config_path = "."\n}\ninputs = {\n  v = dependency.me.outputs.v\n}\n'
    },
    "an include whose path asks for includes": {"app/terragrunt.hcl": including('path_relative_to_include("r")')},
    "an include whose path asks for itself": {"app/terragrunt.hcl": including("include.r.locals.x")},
}


@pytest.mark.parametrize("files", CIRCLES.values(), ids=CIRCLES)
def test_circles_end(files: dict[str, str]) -> None:
    estate = loaded({**files, "app/main.tf": MODULE + 'output "v" {\n  value = var.v\n}\n'})
    assert isinstance(resource(estate, "app", "t_r.x").get("v"), Unknown)


def test_a_source_that_needs_itself_is_unresolved() -> None:
    estate = loaded({"app/terragrunt.hcl": 'terraform {\n  source = "${local.s}"\n}\nlocals {\n  s = local.s\n}\n'})
    assert [(each.source, each.outcome) for each in root(estate, "app").modules] == [("app:local.s", "unresolved")]


def test_a_long_chain_of_dependencies_is_bounded() -> None:
    module = MODULE + 'output "v" {\n  value = var.v\n}\n'
    files: dict[str, str] = {}
    for number in range(300):
        unit = f'dependency "n" {{\n  config_path = "../u{number + 1}"\n}}\ninputs = {{\n  v = dependency.n.outputs.v\n}}\n'
        files |= {f"u{number}/terragrunt.hcl": unit, f"u{number}/main.tf": module}
    estate = loaded(files)
    assert len(estate.roots) == 300
    assert all(isinstance(each.resources[0].get("v"), Unknown) for each in estate.roots)
