"""No configuration makes it hang, leave the repository, or lose what stands beside the trouble."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from drpolicy.model.reasons import Reason
from drpolicy.model.resources import Resource
from drpolicy.model.values import Known, Unknown, Value
from drpolicy.sources.directories import DirectoryTree
from drpolicy.sources.discovery import discover
from drpolicy.sources.trees import MemoryTree, Tree
from drpolicy.terraform.estate import TerraformEstate
from drpolicy.terraform.load import load_terraform
from drpolicy.terraform.scope import Inputs

SHOWN = 'resource "t_r" "x" {\n  v = %s\n}\nresource "t_r" "beside" {\n  v = 1\n}\n'


def load(tree: Tree) -> TerraformEstate:
    return load_terraform(tree, discover(tree))


def loaded(files: dict[str, str]) -> TerraformEstate:
    return load(MemoryTree(files))


def found(estate: TerraformEstate) -> dict[str, Resource]:
    return {resource.address: resource for root in estate.roots for resource in root.resources}


def value(estate: TerraformEstate) -> Value[object]:
    beside = found(estate)["t_r.beside"].get("v")
    assert isinstance(beside, Known) and beside.value == 1
    return found(estate)["t_r.x"].get("v")


def said(estate: TerraformEstate) -> list[tuple[str, str, str]]:
    return [(each.code, str(each.span), each.message) for each in estate.problems]


CYCLES = {
    "locals": (
        {"main.tf": "locals {\n  a = local.b\n  b = [local.c]\n  c = local.a\n}\n" + SHOWN % "local.a"},
        ("reference-cycle", "main.tf:2:7", "local.a depends on itself"),
    ),
    "a module's output and its own input": (
        {
            "main.tf": 'module "m" {\n  source = "./m"\n  i = module.m.o\n}\n' + SHOWN % "module.m.o",
            "m/main.tf": 'variable "i" {}\noutput "o" {\n  value = var.i\n}\n',
        },
        ("reference-cycle", "m/main.tf:3:11", "module.m.output.o depends on itself"),
    ),
    "two modules": (
        {
            "main.tf": 'module "a" {\n  source = "./m"\n  i = module.b.o\n}\nmodule "b" {\n  source = "./m"\n  i = module.a.o\n}\n'
            + SHOWN % "module.a.o",
            "m/main.tf": 'variable "i" {}\noutput "o" {\n  value = var.i\n}\n',
        },
        ("reference-cycle", "m/main.tf:3:11", "module.a.output.o depends on itself"),
    ),
    "a local and a resource": (
        {"main.tf": "locals {\n  a = t_r.x.v\n}\n" + SHOWN % "local.a"},
        ("reference-cycle", "main.tf:5:7", "t_r.x.v depends on itself"),
    ),
}


@pytest.mark.parametrize("name", CYCLES)
def test_a_cycle_is_said_at_its_place(name: str) -> None:
    files, problem = CYCLES[name]
    estate = loaded(files)
    answer = value(estate)
    if isinstance(answer, Known):
        (answer,) = answer.value  # type: ignore[misc] # a list of one
    assert isinstance(answer, Unknown) and answer.reason is Reason.CYCLE
    assert problem in said(estate)


def test_a_var_file_knows_no_variables() -> None:
    tree = MemoryTree({"main.tf": 'variable "a" {}\n' + SHOWN % "var.a", "x.tfvars": "a = var.a\n"})
    estate = load_terraform(tree, discover(tree), inputs={"": (Inputs(("x.tfvars",)),)})
    assert isinstance(value(estate), Unknown)


def test_a_count_that_depends_on_its_own_module() -> None:
    files = {
        "main.tf": 'module "m" {\n  source = "./m"\n  count  = length(module.m)\n}\n' + SHOWN % "module.m",
        "m/main.tf": 'output "o" {\n  value = 1\n}\n',
    }
    assert isinstance(value(loaded(files)), (Known, Unknown))


def test_modules_that_call_each_other_end() -> None:
    files = {
        "main.tf": 'module "a" {\n  source = "./a"\n}\n' + SHOWN % "module.a.o",
        "a/main.tf": 'module "b" {\n  source = "../b"\n}\noutput "o" {\n  value = module.b.o\n}\n',
        "b/main.tf": 'module "a" {\n  source = "../a"\n}\noutput "o" {\n  value = module.a.o\n}\n',
    }
    estate = loaded(files)
    answer = value(estate)
    assert isinstance(answer, Unknown) and answer.reason is Reason.CYCLE
    assert said(estate) == [("module-cycle", "b/main.tf:1:1", "module 'a' calls itself")]


def test_modules_that_double_at_every_level_are_bounded() -> None:
    files = {"main.tf": 'module "m" {\n  source = "./m0"\n}\n' + SHOWN % "module.m.o"}
    for at in range(12):
        calls = "".join(f'module "{name}" {{\n  source = "../m{at + 1}"\n  count = 8\n}}\n' for name in "ab")
        files[f"m{at}/main.tf"] = calls + 'output "o" {\n  value = module.a[0].o\n}\n'
    files["m12/main.tf"] = 'output "o" {\n  value = 5\n}\n'
    assert isinstance(value(loaded(files)), (Known, Unknown))


@pytest.mark.parametrize("source", ["../outside", "./../../outside", "./a/../../outside", "/etc", "./link"])
def test_a_module_outside_the_repository_is_not_read(tmp_path: Path, source: str) -> None:
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    inside.mkdir()
    outside.mkdir()
    (outside / "main.tf").write_text('output "o" {\n  value = "secret"\n}\n')
    (inside / "main.tf").write_text(f'module "m" {{\n  source = "{source}"\n}}\n' + SHOWN % "module.m.o")
    (inside / "link").symlink_to(outside)
    answer = value(load(DirectoryTree(inside)))
    assert isinstance(answer, Unknown) and answer.reason is Reason.MODULE_NOT_ON_DISK


def test_files_that_link_out_of_the_repository_are_not_read(tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    (tmp_path / "secret.tf").write_text('locals {\n  a = "secret"\n}\n')
    (tmp_path / "secret.tf.json").write_text('{"locals": {"b": "secret"}}')
    (tmp_path / "secret.tfvars").write_text('v = "secret"\n')
    (inside / "main.tf").write_text('variable "v" {}\n' + SHOWN % "[try(local.a, 0), try(local.b, 0), var.v]")
    for name, target in (("a.tf", "secret.tf"), ("b.tf.json", "secret.tf.json"), ("terraform.tfvars", "secret.tfvars")):
        (inside / name).symlink_to(tmp_path / target)
    answer = value(load(DirectoryTree(inside)))
    assert isinstance(answer, Known)
    assert "secret" not in str([each.value if isinstance(each, Known) else each.symbol for each in answer.value])


def test_an_installed_module_outside_the_repository_is_not_read() -> None:
    installed = {"Modules": [{"Key": "m", "Dir": "../../etc"}, {"Key": "n", "Dir": "/etc"}, {"Key": 5, "Dir": []}]}
    files = {
        "main.tf": 'module "m" {\n  source = "org/m/aws"\n}\n' + SHOWN % "module.m.o",
        ".terraform/modules/modules.json": json.dumps(installed),
    }
    answer = value(loaded(files))
    assert isinstance(answer, Unknown) and answer.reason is Reason.MODULE_NOT_ON_DISK


def test_json_that_is_nested_without_end_is_said() -> None:
    deep = '{"locals": {"a": ' + "[" * 5000 + "]" * 5000 + "}}"
    estate = loaded({"main.tf": SHOWN % "1", "deep.tf.json": deep})
    assert [(each.code, each.path) for each in estate.problems] == [("terraform-json", "deep.tf.json")]
    assert str(estate.problems[0].span).startswith("deep.tf.json:1:")
    assert isinstance(value(estate), Known)


def test_an_expression_in_json_that_is_too_deep_is_unknown() -> None:
    deep = '{"locals": {"a": ' + "[" * 90 + "1" + "]" * 90 + ', "b": "${' + "(" * 500 + "1" + ")" * 500 + '}"}}'
    estate = loaded({"main.tf": SHOWN % "[local.a, local.b]", "deep.tf.json": deep})
    answer = value(estate)
    assert isinstance(answer, Known)
    assert isinstance(list(answer.value)[1], Unknown)


def test_a_chain_of_locals_as_long_as_a_file_is_bounded() -> None:
    chain = "".join(f"  a{at} = [local.a{at + 1}]\n" for at in range(5000))
    estate = loaded({"main.tf": "locals {\n" + chain + "  a5000 = 1\n}\n" + SHOWN % "local.a0"})
    assert isinstance(value(estate), (Known, Unknown))
