"""Refinement is sound: what is Known while a variable is not set is what Terraform gives for every value of it."""

from __future__ import annotations

import re

import pytest
from console_answers import answers, values
from golden_corpus import EXCLUDED, corpus
from hypothesis import given, settings
from hypothesis import strategies as st

from drpolicy.model.values import Absent, Known, Value
from drpolicy.terraform.conversion import plain, text
from drpolicy.terraform.functions.json_text import dumps
from drpolicy.terraform.unknowns import first_unknown

LITERAL = re.compile(r'(?<![\w."$\\])(?:"[a-zA-Z0-9 .,:/-]*"|\d+(?:\.\d+)?|true|false|null|\[\]|\{\})(?![\w."(]|\s*[=:](?!=))')
REPLACEMENTS = ('"a"', '"1"', '""', "1", "0", "true", "null", '["a", "b"]', "[]", "{ a = 1 }", '[{ a = "x" }]', "2.5")
ROWS = [row.expression for row in corpus() if answers()[row.expression] is not None and row.expression not in EXCLUDED]
TYPES = {"string": ('"a"', '"1"', '""', '"true"', "null"), "number": ("1", "0", "2.5", "null"), "bool": ("true", "false", "null")}
# The branch that is not chosen is refused for some values, and what is refused has no type.
REFUSED_BESIDE = re.compile(r'true \? (?:5 : (?:upper|join|\["x"\]\[0\]|\(true)|1 : false \?)')
# Types that decide an ``==`` or a text may come from what is unknown, as above.
TYPED = re.compile(r"[=!]=|coalesce|encode|format|\? \[\]")


def spots(expression: str) -> list[re.Match[str]]:
    """Return the literals that stand outside of strings."""
    return [each for each in LITERAL.finditer(expression) if expression[: each.start()].replace('\\"', "").count('"') % 2 == 0]


def known(value: Value[object] | None) -> str | None:
    """Return a value that is wholly known, primitives as strings.

    A number or bool beside something of unknown type may become a string, as in ``true ? 1 : var.x``; that is not followed.
    """
    if isinstance(value, (Known, Absent)) and first_unknown([value]) is None:
        return dumps(written(plain(value)))
    return None


def written(data: object) -> object:
    match data:
        case dict():
            return {name: written(each) for name, each in data.items()}
        case list():
            return [written(each) for each in data]
        case bool() | int() | float():
            return text(data)
        case _:
            return data


SPOTTED = [each for each in ROWS if spots(each) and "#" not in each and "<<" not in each and len(each) < 300 and not TYPED.search(each)]


@st.composite
def holes(draw: st.DrawFn) -> tuple[str, str, str]:
    """Draw an expression of the corpus with a literal replaced by the variable, and twice by a value."""
    expression = draw(st.sampled_from(SPOTTED))
    found = draw(st.sampled_from(spots(expression)))
    before, after = expression[: found.start()], expression[found.end() :]
    value = draw(st.sampled_from((*REPLACEMENTS, found[0])))
    return f"{before}var.hole{after}", f"{before}({value}){after}", value


def check(opened: str, settled: str) -> None:
    without = known(values({"x": opened}, 'variable "hole" {}\n')["x"])
    if without is None:
        return
    given_value = known(values({"x": settled})["x"])
    assert given_value is None or given_value == without, (opened, settled)


@given(holes())
@settings(max_examples=200, deadline=None)
def test_what_is_known_without_a_value_is_the_same_with_any(hole: tuple[str, str, str]) -> None:
    check(hole[0], hole[1])


def known_as_it_is(value: Value[object] | None) -> str | None:
    return dumps(plain(value)) if isinstance(value, (Known, Absent)) and first_unknown([value]) is None else None


CONVERTED = [each for each in ROWS if spots(each) and "#" not in each and "<<" not in each and not REFUSED_BESIDE.match(each)]


@st.composite
def typed_holes(draw: st.DrawFn) -> tuple[str, str, str]:
    """Draw an expression of the corpus with a literal replaced by the variable, the type of the variable and a value of that type."""
    expression = draw(st.sampled_from(CONVERTED))
    found = draw(st.sampled_from(spots(expression)))
    type_ = draw(st.sampled_from(sorted(TYPES)))
    return f"{expression[: found.start()]}var.hole{expression[found.end() :]}", type_, draw(st.sampled_from(TYPES[type_]))


def check_typed(expression: str, type_: str, value: str) -> str | None:
    """Return what is known without a value of the variable, having made sure that it is the same with one, type included."""
    without = known_as_it_is(values({"x": expression}, f'variable "hole" {{\n  type = {type_}\n}}\n')["x"])
    if without is not None:
        given_value = known_as_it_is(values({"x": expression}, f'variable "hole" {{\n  type = {type_}\n  default = {value}\n}}\n')["x"])
        assert given_value is None or given_value == without, (expression, type_, value)
    return without


@given(typed_holes())
@settings(max_examples=200, deadline=None)
def test_a_declared_type_decides_what_is_converted(hole: tuple[str, str, str]) -> None:
    check_typed(*hole)


@pytest.mark.parametrize("value", [each for each in TYPES["string"] if each != "null"])
@pytest.mark.parametrize(
    ("expression", "of_string", "of_number"),
    [
        ("true ? 1 : var.hole", '"1"', "1"),
        ("false ? var.hole : true", '"true"', None),
        ("coalesce(1, var.hole)", '"1"', "1"),
        ("true ? [1] : [var.hole]", '["1"]', "[1]"),
        ("true ? { a = 1 } : { a = var.hole }", '{"a":"1"}', '{"a":1}'),
        ('true ? 1 : "${var.hole}x"', '"1"', '"1"'),
        ('true ? 1 : join("", [var.hole])', '"1"', '"1"'),
        ("true ? 1 : var.hole + 1", "1", "1"),
        ("true ? 1 : var.hole == 1 ? 2 : 3", "1", "1"),
        ("tolist([1, var.hole])[0]", '"1"', "1"),
        ("tomap({ a = 1, b = var.hole }).a", '"1"', "1"),
        ("[1, var.hole][0]", "1", "1"),
        ("1 == var.hole", "false", None),
        ("jsonencode([true ? 1 : var.hole])", '"[\\"1\\"]"', '"[1]"'),
    ],
)
def test_conversions_beside_what_is_unknown(expression: str, of_string: str | None, of_number: str | None, value: str) -> None:
    # As ``terraform console`` 1.11 answers with an unset variable of that type.
    assert check_typed(expression, "string", value) == of_string
    assert check_typed(expression, "number", "5") == of_number


@pytest.mark.parametrize(
    ("opened", "settled"),
    [
        ("[1, var.hole] == [1, 2]", "[1, 2] == [1, 2]"),
        ('contains(["a"], var.hole)', 'contains(["a"], "a")'),
        ("toset([1, var.hole]) == toset([1])", "toset([1, 1]) == toset([1])"),
        ("merge({ a = 1 }, var.hole) == { a = 1 }", "merge({ a = 1 }, {}) == { a = 1 }"),
        ("length(distinct([1, var.hole])) == 2", "length(distinct([1, 1])) == 2"),
    ],
)
def test_pairs_that_once_mattered(opened: str, settled: str) -> None:
    check(opened, settled)
