"""Terragrunt's attribute forms of blocks, and the var-files of ``extra_arguments``."""

from __future__ import annotations

import pytest
from test_terragrunt import came, loaded, resource, root, said

from drpolicy.model.values import Unknown

MODULE = {
    "mod/main.tf": 'variable "days" {\n  type = number\n}\n\nvariable "name" {}\n\n'
    'resource "t_r" "x" {\n  days = var.days\n  name = var.name\n}\n'
}
UNIT = 'terraform {\n  source = "../mod"\n%s}\n\ninputs = {\n  days = 1\n  name = "inputs"\n}\n'


def days(extra: str, files: dict[str, str], unit: str = UNIT) -> tuple[object, list[str]]:
    estate = loaded({**MODULE, **files, "unit/terragrunt.hcl": unit % extra})
    problems = [f"{each.code} {each.span} {each.message}" for each in estate.problems]
    return said(resource(estate, "unit", "t_r.x").attributes.fields["days"]), problems


def block(lines: str, label: str = "v", commands: str = '["plan", "apply"]') -> str:
    return f'  extra_arguments "{label}" {{\n    commands = {commands}\n{lines}  }}\n'


def test_generate_as_an_attribute_is_read_as_its_blocks_are() -> None:
    made = (
        'generate = {\n  backup = {\n    path = "made.tf"\n    if_exists = "overwrite"\n'
        '    contents = <<EOF\nresource "t_r" "y" {\n  days = 7\n}\nEOF\n  }\n}\n'
    )
    estate = loaded({**MODULE, "unit/terragrunt.hcl": UNIT % "" + made})
    value = resource(estate, "unit", "t_r.y").attributes.fields["days"]
    assert (said(value), estate.problems) == (7, ())
    assert [place for _, place in came(value)] == ["unit/terragrunt.hcl:15:10"]


def test_remote_state_as_an_attribute_is_the_backend() -> None:
    state = 'remote_state = {\n  backend = "s3"\n  config = {\n    bucket = "states"\n    key = "a/b"\n  }\n}\n'
    backend = root(loaded({**MODULE, "unit/terragrunt.hcl": UNIT % "" + state}), "unit").backend
    assert backend is not None
    assert (backend.type, {name: said(value) for name, value in backend.attributes.fields.items()}, str(backend.span)) == (
        "s3",
        {"bucket": "states", "key": "a/b"},
        "unit/terragrunt.hcl:9:1",
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("generate = local.g\n", "terragrunt-attribute unit/terragrunt.hcl:9:1 generate was not read: {}"),
        ("generate = {\n  a = local.g\n}\n", "terragrunt-attribute unit/terragrunt.hcl:10:3 generate.a was not read: {}"),
        ("remote_state = merge({}, local.g)\n", "terragrunt-attribute unit/terragrunt.hcl:9:1 remote_state was not read: {}"),
    ],
)
def test_an_attribute_that_is_not_written_out_is_named_as_not_read(text: str, expected: str) -> None:
    message = "it is not written out here; write it as a block, or as an object with its fields"
    assert days("", {}, UNIT + text)[1] == [expected.format(message)]


@pytest.mark.parametrize(
    ("extra", "expected"),
    [
        (block('    required_var_files = ["a.tfvars"]\n'), 10),
        (block('    optional_var_files = ["${get_terragrunt_dir()}/a.tfvars", "none.tfvars"]\n'), 10),
        (block('    required_var_files = ["a.tfvars"]\n    optional_var_files = ["b.tfvars"]\n'), 20),
        (block('    optional_var_files = ["a.tfvars"]\n    required_var_files = ["b.tfvars"]\n'), 10),
        (block('    arguments = ["-lock-timeout=20m", "-var-file=b.tfvars"]\n'), 20),
        (block('    arguments = ["-var", "days=3", "-var-file", "a.tfvars", "--var=days=4"]\n'), 4),
        (block('    required_var_files = ["a.tfvars"]\n', commands='["init"]'), 1),
        (block('    required_var_files = ["a.tfvars"]\n', commands="get_terraform_commands_that_need_vars()"), 10),
        (block('    required_var_files = ["a.tfvars"]\n') + block('    required_var_files = ["b.tfvars"]\n', "w"), 20),
        (block('    required_var_files = ["../common.tfvars"]\n'), 30),
    ],
)
def test_var_files_of_extra_arguments_win_over_inputs(extra: str, expected: int) -> None:
    files = {"unit/a.tfvars": "days = 10\n", "unit/b.tfvars": "days = 20\n", "common.tfvars": "days = 30\n"}
    assert days(extra, files) == (expected, [])


def test_a_block_of_the_unit_replaces_the_included_one_of_its_label() -> None:
    parent = (
        "terraform {\n" + block('    required_var_files = ["a.tfvars"]\n') + block('    required_var_files = ["c.tfvars"]\n', "w") + "}\n"
    )
    unit = 'include "root" {\n  path = "../root.hcl"\n}\n\n' + UNIT
    files = {"root.hcl": parent, "unit/a.tfvars": "days = 10\n", "unit/b.tfvars": "days = 20\n", "unit/c.tfvars": 'name = "c"\n'}
    assert days(block('    required_var_files = ["b.tfvars"]\n'), files, unit) == (20, [])


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (
            '    required_var_files = ["none.tfvars"]\n',
            'var-file unit/terragrunt.hcl:5:26 unit/none.tfvars was not read: extra_arguments "v" requires it, and it is not there',
        ),
        (
            '    optional_var_files = ["${get_env("NOWHERE")}.tfvars"]\n',
            'var-file unit/terragrunt.hcl:5:26 a var-file of extra_arguments "v" was not read: where it is is not known',
        ),
        (
            '    arguments = [get_env("NOWHERE")]\n',
            'var-file unit/terragrunt.hcl:5:17 an argument of extra_arguments "v" was not read: it may set variables',
        ),
        (
            '    env_vars = { TF_VAR_days = "3" }\n',
            'var-file unit/terragrunt.hcl:5:16 env_vars of extra_arguments "v" was not read: they set variables',
        ),
    ],
)
def test_what_sets_variables_and_is_not_read_leaves_them_unknown(lines: str, expected: str) -> None:
    estate = loaded({**MODULE, "unit/terragrunt.hcl": UNIT % block(lines)})
    assert [f"{each.code} {each.span} {each.message}" for each in estate.problems] == [expected]
    assert isinstance(resource(estate, "unit", "t_r.x").attributes.fields["days"], Unknown)


def test_the_beginning_of_an_absolute_path_is_not_known() -> None:
    unit = UNIT.replace("days = 1\n", 'days = startswith(get_terragrunt_dir(), "/") && endswith("${get_repo_root()}/x", "/x") ? 1 : 2\n')
    value, problems = days("", {}, unit)
    assert problems == []
    assert isinstance(value, tuple)
