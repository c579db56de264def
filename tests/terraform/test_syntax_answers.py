"""What other readers of HCL reject wrongly or accept wrongly, against the answers of ``terraform`` (``golden/syntax_answers.json``)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from generate_golden_syntax import ANSWERS
from syntax_cases import CASES

from drpolicy.sources.trees import MemoryTree
from drpolicy.terraform.conversion import plain
from drpolicy.terraform.files import TerraformProblem
from drpolicy.terraform.load import load_terraform

ANSWERED: dict[str, dict[str, Any]] = json.loads(ANSWERS.read_text("utf-8"))
PROBE = 'resource "terraform_data" "probe" {\n  input = local.x\n}\n'

OPENED = {
    "string over two lines": (2, 7),
    "string without its end": (2, 7),
    "heredoc without its end": (2, 7),
    "list without its end": (2, 7),
    "call without its end": (2, 12),
    "interpolation without its end": (2, 12),
    "directive without its end": (2, 7),
}
"""Where we point to what was opened, and Terraform to where it noticed that it does not end."""

MESSAGES = {
    "operator at the end of a line": "the expression ends in an operator; put it in parentheses to go on in the next line",
    "two attributes on one line": "expected a newline before the next attribute or block",
    "two attributes with a comma": 'unexpected "," after a value; each attribute stands on a line of its own',
    "two attributes with a semicolon": 'unexpected ";" after a value; each attribute stands on a line of its own',
    "value and a word": "not an expression: unexpected 'y'",
    "duplicate attribute": '"x" is set a second time in one body; keep one of them',
    "duplicate attribute in an inner block": '"create_before_destroy" is set a second time in one body; keep one of them',
    "string over two lines": "unclosed string",
    "string without its end": "unclosed string",
    "bad escape": "\\q is not an escape sequence; write a backslash as \\\\",
    "bad unicode escape": "\\u is not an escape sequence; write a backslash as \\\\",
    "bad escape in a label": "\\q is not an escape sequence",
    "no comma in an object on one line": "not an expression: unexpected 'b'; a comma is missing before it",
    "no comma in a list": "not an expression: unexpected '2'; a comma is missing before it",
    "newline instead of a comma in a list": "not an expression: unexpected '2'; a comma is missing before it",
    "interpolated label": "a label is no template: ${ is not evaluated there; write the name itself",
    "directive in a label": "a label is no template: %{ is not evaluated there; write the name itself",
    "two legacy indexes": '"0.1" is no number; indexes are written as [0][1]',
    "one-line block of two attributes": 'unexpected "," after a value; each attribute stands on a line of its own',
    "one-line block that is closed later": 'expected "}": the block "locals" has its first attribute on the line that opens it',
    "one-line block with more below": 'expected "}": the block "locals" has its first attribute on the line that opens it',
    "one-line block with a block": "a block on one line holds no other block; begin the inner block on a line of its own",
    "block without its end": 'unclosed block "locals" opened at line 1',
    "block with its brace below": 'expected "=" or "{" after name',
    "brace without a block": 'unexpected "}": no block is open',
    "attribute without a value": 'expected an expression after "="; it begins on the same line',
    "value on the next line": 'expected an expression after "="; it begins on the same line',
    "colon instead of the equals sign": 'expected "=" or "{" after name',
    "quoted name of an attribute": "expected an attribute or a block, found '\"'",
    "single quotes": "not an expression: unexpected \"'a'\"",
    "heredoc without its end": "heredoc without its closing E",
    "list without its end": 'expected "]", found "}"',
    "comment without its end": "unclosed comment",
    "two equals signs": 'expected "=" or "{" after name',
    "arrow outside of a for": 'unexpected "=>" after a value; each attribute stands on a line of its own',
    "header with words after it": 'expected "=" or "{" after name',
    "two blocks on one line": "expected a newline before the next attribute or block",
    "operator without its right side": "the expression ends in an operator; put it in parentheses to go on in the next line",
    "conditional without its colon": "not an expression: unexpected end",
    "call without its end": 'expected ")", found "}"',
    "number with two points": '"1.2.3" is no number; indexes are written as [0][1]',
    "number that begins with a point": "not an expression: unexpected '.5'",
    "interpolation without its end": "unclosed string",
    "directive without its end": "%{ endif } is missing",
    "unknown directive": "expected if, else, endif, for or endfor after %{",
    "for without its collection": "not an expression: unexpected ':'",
    "backtick": "not an expression: unexpected '`a`'",
    "ampersand": "not an expression: unexpected '&'",
}


def read(text: str) -> tuple[list[TerraformProblem], Any]:
    estate = load_terraform(MemoryTree({"main.tf": text, "probe.tf": PROBE}), ["main.tf", "probe.tf"], wanted=lambda type_: True)
    probe = next(each for each in estate.roots[0].resources if each.address == "terraform_data.probe")
    return [each for each in estate.problems if each.path == "main.tf"], probe.attributes.fields["input"]


def test_every_case_has_an_answer() -> None:
    assert list(ANSWERED) == list(CASES)
    assert set(MESSAGES) == {name for name, answer in ANSWERED.items() if "errors" in answer}


@pytest.mark.parametrize("name", [name for name in CASES if name not in MESSAGES])
def test_what_terraform_accepts_is_read_the_same(name: str) -> None:
    problems, value = read(CASES[name])
    assert problems == []
    assert plain(value) == ANSWERED[name]["value"]


@pytest.mark.parametrize("name", MESSAGES)
def test_what_terraform_refuses_is_a_problem_where_it_is(name: str) -> None:
    (problem,), _ = read(CASES[name])
    assert problem.span is not None
    at = problem.span.source.position(problem.span.offset)
    line, column, _ = ANSWERED[name]["errors"][0]
    assert (at.line, at.column) == OPENED.get(name, (line, column))
    assert problem.message == MESSAGES[name]
