"""No Terraform input makes the loader raise, hang or leave the tree; what is refused says where it stands and what to do.

Work is counted in calls of Python functions, so that no test depends on the machine.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from random import Random
from types import FrameType

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mutations import mutated

from drpolicy.model.reasons import Reason
from drpolicy.model.values import Known, Unknown, Value
from drpolicy.sources.directories import DirectoryTree
from drpolicy.sources.discovery import discover
from drpolicy.sources.trees import MemoryTree, Tree
from drpolicy.terraform.estate import TerraformEstate
from drpolicy.terraform.load import load_terraform

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
R = 'resource "t_r" "x" {\n  v = %s\n}\n'


@pytest.fixture(autouse=True, scope="module")
def small_limits() -> Iterator[None]:
    """Lower the limits of one deployment: that there is one shows sooner."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("drpolicy.terraform.evaluate.STEP_LIMIT", 5_000)
        patch.setattr("drpolicy.terraform.bodies.STEP_LIMIT", 5_000)
        patch.setattr("drpolicy.terraform.modules.SCOPE_LIMIT", 200)
        yield


@contextmanager
def work(most: int) -> Iterator[None]:
    """Raise inside the block when it has made more calls than ``most``."""
    calls = 0

    def count(frame: FrameType, event: str, argument: object) -> None:
        nonlocal calls
        calls += event == "call"
        if calls > most:
            sys.setprofile(None)
            raise AssertionError(f"more than {most:,} calls")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        yield
    finally:
        sys.setprofile(before)


def loaded(files: Mapping[str, str | bytes], most: int = 8_000_000) -> TerraformEstate:
    return load(MemoryTree(files), most)


def load(tree: Tree, most: int = 8_000_000) -> TerraformEstate:
    with work(most):
        return load_terraform(tree, discover(tree))


def value_of(estate: TerraformEstate) -> Value[object]:
    return next(each.attributes.fields["v"] for root in estate.roots for each in root.resources if "v" in each.attributes.fields)


def said(estate: TerraformEstate) -> list[tuple[str, str, str]]:
    return [(each.code, str(each.span or each.path), each.message) for each in estate.problems]


# Damage to our own files

FIXTURES = {
    path.relative_to(EXAMPLES).as_posix(): path.read_bytes()
    for path in sorted((EXAMPLES / "after").rglob("*"))
    if path.suffix in (".tf", ".tfvars") and path.stat().st_size < 3000
} | {
    "live/root.hcl": b'locals {\n  r = read_terragrunt_config(find_in_parent_folders("region.hcl"))\n}\ngenerate "p" {\n  path = "p.tf"\n'
    b'  contents = <<EOF\nprovider "aws" {\n  region = "${local.r.locals.region}"\n}\nEOF\n}\ninputs = merge(local.r.locals, {})\n',
    "live/region.hcl": b'locals {\n  region = "eu-west-1"\n}\n',
    "live/app/terragrunt.hcl": b'include "root" {\n  path = find_in_parent_folders("root.hcl")\n  expose = true\n}\nterraform {\n'
    b'  source = "${get_repo_root()}/modules//m"\n}\ndependency "d" {\n  config_path = "../other"\n}\n'
    b"inputs = {\n  region = include.root.locals.r.locals.region\n  out = dependency.d.outputs.v\n}\n",
    "live/other/terragrunt.hcl": b'include {\n  path = "../root.hcl"\n}\nterraform {\n  source = "../../modules/m"\n}\n',
    "modules/m/main.tf": b'variable "region" {}\nvariable "out" {\n  default = null\n}\nresource "aws_s3_bucket" "b" {\n'
    b'  for_each = toset(["a", "b"])\n  bucket = "${each.key}-${var.region}"\n  dynamic "x" {\n    for_each = [1, 2]\n    content {\n'
    b'      y = x.value\n    }\n  }\n}\noutput "v" {\n  value = { for k, v in aws_s3_bucket.b : k => v.arn }\n}\n',
}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.sampled_from(sorted(FIXTURES)), st.sampled_from(sorted(FIXTURES)), st.integers(0, 2**32))
def test_damaged_files_never_raise_and_every_one_is_accounted_for(path: str, other: str, seed: int) -> None:
    files = {**FIXTURES, path: mutated(FIXTURES[path], FIXTURES[other], Random(seed))}
    estate = loaded(files)
    unread = {each.path for each in estate.problems if each.code in ("file-not-text", "file-too-large")}
    assert unread <= {path}
    terraform = sum(each.endswith(".tf") for each in files)
    variables = sum(each.endswith(".tfvars") for each in files)
    coverage = estate.coverage
    read = coverage.files + coverage.terragrunt + coverage.not_read + len(unread)
    # Var-files are read where a root takes them; all others are read, or named.
    assert len(files) - variables <= read <= len(files) + len(unread)
    assert coverage.files >= terraform - len(unread)
    for problem in estate.problems:
        assert problem.message
        if problem.span is not None:
            assert (1, 1) <= problem.span.start <= problem.span.end
            assert problem.span.path == problem.path


# Text

DEEP = "blocks nested deeper than 200; close them: the rest of the file was not read"

INNER = "a block on one line holds no other block; begin the inner block on a line of its own"

TEXTS: dict[str, tuple[str | bytes, list[tuple[str, str, str]]]] = {
    "10,000 nested blocks": ("a {\n" * 10_000 + "}\n" * 10_000, [("hcl-syntax", "main.tf:201:1", DEEP)]),
    "10,000 nested blocks on a line": ("a { " * 10_000 + "}" * 10_000, [("hcl-syntax", "main.tf:1:5", INNER)]),
    "10,000 nested resources": ('resource "t_r" "x" {\n' * 10_000, [("hcl-syntax", "main.tf:201:1", DEEP)]),
    "10,000 closing braces": ("}\n" * 10_000, [("hcl-syntax", "main.tf:1:1", 'unexpected "}": no block is open')]),
    "brackets": (R % ("(" * 10_000 + "1" + ")" * 10_000), [("hcl-syntax", "main.tf:2:7", "nested deeper than 200")]),
    "interpolations": (R % ('"${' * 5000 + "1" + '}"' * 5000), [("hcl-syntax", "main.tf:2:7", "nested deeper than 200")]),
    "operators": (R % ("!" * 10_000 + "true"), [("hcl-expression", "main.tf:2:7", "more than 1000 operators")]),
    "a traversal": (R % ("local.x" + ".a" * 5000), [("hcl-expression", "main.tf:2:7", "nested deeper than 64")]),
    "a number": (R % ("9" * 100_000), [("hcl-expression", "main.tf:2:7", "a number of more than 1000 digits")]),
    "a string without end": (R % '"abc', [("hcl-syntax", "main.tf:2:7", "unclosed string")]),
    "an interpolation without end": (R % '"abc ${ x', [("hcl-syntax", "main.tf:2:7", "unclosed string")]),
    "a heredoc without end": (R % "<<EOF\nabc\n", [("hcl-syntax", "main.tf:2:7", "heredoc without its closing EOF")]),
    "a comment without end": ("/* " * 100_000, [("hcl-syntax", "main.tf:1:1", "unclosed comment")]),
    "a NUL": ((R % "1").encode() + b"\0", [("file-not-text", "main.tf:4:1", "main.tf was not read: it is a binary file, in line 4")]),
    "UTF-16": (
        (R % "1").encode("utf-16-le"),
        [("file-not-text", "main.tf:1:2", "main.tf was not read: it is a binary file, in line 1")],
    ),
    "Latin-1": (
        b'# caf\xe9\n' + (R % "1").encode(),
        [("file-not-text", "main.tf:1:6", "main.tf was not read: it is not UTF-8: byte 0xe9 at offset 5, in line 1")],
    ),
    "12 MB": (
        "# comment\n" * 1_200_000,
        [("file-too-large", "main.tf", "main.tf was not read: the file has 12,000,000 bytes; the limit is 8,388,608")],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), TEXTS.values(), ids=TEXTS)
def test_text_that_is_no_terraform_costs_one_problem(text: str | bytes, expected: list[tuple[str, str, str]]) -> None:
    assert said(loaded({"main.tf": text})) == expected


@pytest.mark.parametrize(
    "text", [b"\xef\xbb\xbf" + (R % "1").encode(), (R % "1").replace("\n", "\r\n"), (R % "<<E\n1\nE").replace("\n", "\r\n")]
)
def test_what_editors_of_windows_write_is_read(text: str | bytes) -> None:
    estate = loaded({"main.tf": text})
    value = value_of(estate)
    assert estate.problems == () and isinstance(value, Known) and str(value.value).strip() == "1"


def test_problems_of_one_file_are_counted_and_not_all_listed() -> None:
    estate = loaded({"main.tf": 'resource "t_r" "x" {\n' + "".join(f"  a{at} = 1 y\n" for at in range(2000)) + "}\n"})
    assert len(estate.problems) == 101
    assert said(estate)[-1] == (
        "limit-reached",
        "main.tf:102:12",
        "more than 100 problems in this file; repair these and check again to see the others",
    )


def test_syntax_problems_of_one_file_are_bounded() -> None:
    estate = loaded({"main.tf": "a {\n  ]\n}\n" * 5000})
    assert len(estate.problems) == 101
    assert said(estate)[-1][2] == "too many syntax errors; the rest of the file was not read"


@pytest.mark.parametrize(
    "text",
    [
        "".join(f'resource "t_r" "x{at}" {{\n  v = {at}\n}}\n' for at in range(1_000)),
        'resource "t_r" "x" {\n' + "".join(f"  a{at} = {at}\n" for at in range(1_000)) + "}\n",
        'resource "t_r" "x" {\n' + "  b {\n    c = 1\n  }\n" * 1_000 + "}\n",
    ],
    ids=["blocks", "attributes", "nested blocks"],
)
def test_much_of_the_same_takes_time_in_proportion(text: str) -> None:
    assert loaded({"main.tf": text}, 600_000).problems == ()


# Expressions


def doubled(first: str, step: str, use: str, times: int = 60) -> str:
    steps = "".join(f"  l{at + 1} = {step.replace('@', f'local.l{at}')}\n" for at in range(times))
    return f"locals {{\n  l0 = {first}\n{steps}}}\n" + R % use


FANS = {f"t{at}.tpl": f'${{templatefile("t{at + 1}.tpl", {{}})}}${{templatefile("t{at + 1}.tpl", {{}})}}x' for at in range(40)}

EXPRESSIONS: dict[str, dict[str, str]] = {
    "range": {"main.tf": R % "range(1000000000)"},
    "loops in loops": {"main.tf": R % f"[for a in range(1000) : {'[for b in range(1000) : ' * 3}1{']' * 4}"},
    "template loops": {"main.tf": R % '"%{ for a in range(1000) }%{ for b in range(1000) }x%{ endfor }%{ endfor }"'},
    "setproduct": {"main.tf": R % "setproduct(range(1000), range(1000), range(1000))"},
    "setproduct of many": {"main.tf": R % f"setproduct({', '.join(['[1, 2]'] * 64)})"},
    "strings": {"main.tf": doubled('"x"', '"${@}${@}"', "local.l60")},
    "lists": {"main.tf": doubled("[1]", "concat(@, @)", "length(local.l60)")},
    "objects as text": {"main.tf": doubled("{ a = 1 }", "{ a = @, b = @ }", "jsonencode(local.l20)", 20)},
    "numbers": {"main.tf": doubled("9999999", "@ * @", "local.l60")},
    "powers": {"main.tf": R % "pow(10, pow(10, 10))"},
    "widths": {"main.tf": R % 'format("%999999999d", 1)'},
    "a template of itself": {"main.tf": R % 'templatefile("t.tpl", {})', "t.tpl": '${templatefile("t.tpl", {})}x'},
    "templates of each other": {
        "main.tf": R % 'templatefile("t.tpl", {})',
        "t.tpl": '${templatefile("u.tpl", {})}${templatefile("u.tpl", {})}',
        "u.tpl": '${templatefile("t.tpl", {})}${templatefile("t.tpl", {})}',
    },
    "a fan of templates": {"main.tf": R % 'templatefile("t0.tpl", {})', **FANS, "t40.tpl": "x"},
    "a large template": {"main.tf": R % 'templatefile("t.tpl", {})', "t.tpl": "${1}x\n" * 500_000},
    "a file of 12 MB": {"main.tf": R % 'file("b.txt")', "b.txt": "x" * 12_000_000},
    "a JSON bomb": {"main.tf": R % 'jsondecode(file("b.json"))', "b.json": "[" * 100_000 + "]" * 100_000},
    "locals in a circle": {"main.tf": "locals {\n  a = local.b\n  b = local.a\n}\n" + R % "local.a"},
    "a variable of itself": {"main.tf": 'variable "a" {\n  default = var.a\n}\n' + R % "var.a"},
    "a module's output as its input": {
        "main.tf": 'module "a" {\n  source = "./a"\n  x = module.a.y\n}\n' + R % "module.a.y",
        "a/main.tf": 'variable "x" {}\noutput "y" {\n  value = var.x\n}\n',
    },
    "a chain of locals": {
        "main.tf": "locals {\n" + "".join(f"  a{at} = local.a{at + 1}\n" for at in range(1_000)) + "}\n" + R % "local.a0"
    },
    "a module of itself": {"main.tf": 'module "m" {\n  source = "./"\n}\n' + R % "module.m.x"},
    "a file outside": {"main.tf": R % 'file("../../etc/passwd")'},
    "an absolute file": {"main.tf": R % 'file("/etc/passwd")'},
    "a template outside": {"main.tf": R % 'templatefile("../t.tpl", {})'},
    "files outside": {"main.tf": R % 'fileset("../..", "**")'},
    "a home directory": {"main.tf": R % 'file("~/.aws/credentials")'},
}


@pytest.mark.parametrize("files", EXPRESSIONS.values(), ids=EXPRESSIONS)
def test_expressions_without_end_are_unknown(files: dict[str, str]) -> None:
    estate = loaded(files)
    value = value_of(estate)
    # Only the reason is compared: where a value comes from may be a tree that no failure message can show.
    reason = value.reason if isinstance(value, Unknown) else None
    assert reason in (
        Reason.LIMIT_REACHED,
        Reason.CYCLE,
        Reason.REFUSED,
        Reason.OUTSIDE_SCOPE,
        Reason.FILE_UNREADABLE,
    )


def test_a_regular_expression_does_not_backtrack() -> None:
    value = value_of(loaded({"main.tf": R % f'replace("{"a" * 500}!", "/(a|a)*$/", "")'}))
    assert isinstance(value, Known) and value.value == "a" * 500 + "!"


def test_work_beyond_the_limit_of_a_deployment_is_a_diagnostic() -> None:
    loops = f"[for a in range(100) : {'[for b in range(100) : ' * 3}1{']' * 4}"
    estate = loaded({"main.tf": R % loops, "other/main.tf": R % "2"})
    assert said(estate) == [
        (
            "limit-reached",
            "main.tf:2:7",
            "more than 5,000 expressions are evaluated in one deployment: simplify this expression, or write its value",
        )
    ]
    assert [value.value for root in estate.roots[1:] for each in root.resources if isinstance(value := each.get("v"), Known)] == [2]


def test_dynamic_blocks_in_dynamic_blocks_are_bounded() -> None:
    opening = "".join(f'dynamic "b{at}" {{\nfor_each = range(50)\ncontent {{\n' for at in range(6))
    estate = loaded({"main.tf": 'resource "t_r" "x" {\n' + opening + "v = 1\n" + "}\n}\n" * 6 + "}\n"})
    assert {each.code for each in estate.problems} == {"limit-reached"}


# Modules

MODULES: dict[str, dict[str, str]] = {
    "a fan": {
        f"m{at}/main.tf": "".join(f'module "{each}" {{\n  source = "../m{at + 1}"\n}}\n' for each in "ab") + R % "1" for at in range(40)
    },
    "counts": {
        "main.tf": 'module "a" {\n  source = "./a"\n  count = 999\n}\n',
        "a/main.tf": 'module "b" {\n  source = "../b"\n  count = 999\n}\n',
        "b/main.tf": R % "1",
    },
    "a chain": {f"m{at}/main.tf": f'module "n" {{\n  source = "../m{at + 1}"\n}}\n' + R % "1" for at in range(60)},
}


@pytest.mark.parametrize("files", MODULES.values(), ids=MODULES)
def test_modules_without_end_are_a_diagnostic_where_they_are_called(files: dict[str, str]) -> None:
    limits = [each for each in loaded(files).problems if each.code == "limit-reached"]
    assert limits
    assert all(each.span is not None and each.message.endswith("check this deployment in parts") for each in limits)


@pytest.mark.parametrize("source", ["../../../etc", "./../..", "../outside"])
def test_a_module_outside_the_tree_is_not_opened(source: str) -> None:
    estate = loaded({"main.tf": f'module "a" {{\n  source = "{source}"\n}}\n'})
    (problem,) = estate.problems
    assert (problem.code, problem.message) == ("module-missing", f"module 'a': {source} leads outside of what is read")


def test_symbolic_links_in_circles_and_outwards_are_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    tree = tmp_path / "tree"
    outside.mkdir()
    (tree / "a").mkdir(parents=True)
    (outside / "secret.tf").write_text(R % "1", "utf-8")
    (outside / "root.hcl").write_text("inputs = {\n  v = 1\n}\n", "utf-8")
    (tree / "a" / "loop").symlink_to(tree / "a")
    (tree / "a" / "self.tf").symlink_to("self.tf")
    (tree / "a" / "out.tf").symlink_to(outside / "secret.tf")
    (tree / "out").symlink_to(outside)
    (tree / "root.hcl").symlink_to(outside / "root.hcl")
    (tree / "a" / "terragrunt.hcl").write_text('include "r" {\n  path = find_in_parent_folders("root.hcl")\n}\n', "utf-8")
    (tree / "a" / "main.tf").write_text(
        'variable "v" {}\n' + R % 'file("loop/loop/../../../outside/secret.tf")' + 'module "m" {\n  source = "../out"\n}\n', "utf-8"
    )
    estate = load(DirectoryTree(tree))
    assert {source for root in estate.roots for source in (each.span.path for each in root.resources)} == {"a/main.tf"}
    assert isinstance(value_of(estate), Unknown)
    assert {each.code for each in estate.problems} == {"module-missing", "terragrunt-outside"}


def test_var_files_are_bounded() -> None:
    many = "{" + ", ".join(f'"k{at}": {at}' for at in range(2_000)) + "}"
    main = 'variable "k1999" {}\n' + R % "var.k1999"
    estate = loaded({"main.tf": main, "terraform.tfvars.json": many})
    value = value_of(estate)
    assert isinstance(value, Known) and value.value == 1_999
    deep = loaded({"main.tf": main, "terraform.tfvars.json": '{"k1999": ' + "[" * 100_000 + "]" * 100_000 + "}"})
    assert said(deep) == [("var-file", "terraform.tfvars.json:1:110", "nested more than 100 levels deep")]
