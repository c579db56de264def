"""Expressions over what is not known: never wrong, and as known as can be."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drpolicy.model.provenance import Through, steps, written_at
from drpolicy.model.reasons import Reason
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Members, Object, Target, Unknown, Value, same
from drpolicy.sources.trees import MemoryTree
from drpolicy.terraform.conversion import plain
from drpolicy.terraform.load import load_terraform
from drpolicy.terraform.unknowns import first_unknown, symbol_of

CONTEXT = """
variable "u" {}
variable "on" {
  type = bool
}
variable "kept" {
  default = 7
}
resource "test_other" "one" {
  name = "n"
}
resource "test_other" "maybe" {
  count = var.on ? 1 : 0
  name  = "m"
}
resource "test_other" "many" {
  for_each = var.u
  name     = each.key
}
resource "test_other" "pair" {
  for_each = toset(["a", "b"])
  name     = each.value
}
"""


def evaluated(expression: str, context: str = CONTEXT) -> Value[Any]:
    text = f'{context}\nresource "test_one" "x" {{\n  value = {expression}\n}}\n'
    estate = load_terraform(MemoryTree({"main.tf": text}), ["main.tf"], wanted=lambda type_: type_ == "test_one")
    assert {problem.code for problem in estate.problems} <= {"reference-cycle"}
    (resource,) = estate.roots[0].resources
    return resource.attributes.fields["value"]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("var.kept", 7),
        ("var.on && false", False),
        ("var.on || true", True),
        ("var.on ? 1 : 1", 1),
        ("var.on ? var.kept : 7", 7),
        ("length([var.u, var.u])", 2),
        ('lookup({ a = 1, b = var.u }, "a", 0)', 1),
        ("keys({ a = var.u })", ["a"]),
        ("merge({ a = var.u }, { a = 2 })", {"a": 2}),
        ("concat([1], [2])[1]", 2),
        ("element([1, var.u], 0)", 1),
        ('contains(["a", var.u], "a")', True),
        ("try(test_other.one.missing.deeper, 1) == 2 && false", False),
        ("coalesce(null, 5, var.u)", 5),
        ('coalesce(test_other.one.id, "x") == null', False),
        ("test_other.one.id == null", False),
        ("(var.on ? 30 : 35) >= 30", True),
        ('test_other.pair["a"].name', "a"),
        ("length(test_other.pair)", 2),
        ("[for k, r in test_other.pair : r.name]", ["a", "b"]),
        ("anytrue([var.u, true])", True),
        ("try(length(flatten([[var.u], [1]])), 0) == 2 || true", True),
        ("length(try(concat([var.u], [1]), []))", 2),
        # Whatever stands in it, a text with something around it is not empty.
        ('length(compact(["a: ${var.u}", ""]))', 1),
        ('try(merge({ a = var.u }, { b = 2 }), {})["b"]', 2),
        ("can(keys({ a = var.u }))", True),
        ("can(var.u)", True),
        ('can(test_other.pair["c"])', False),
        ('try(test_other.pair["c"].name, "none")', "none"),
        ("[for x in [1, 2] : x if var.on || true]", [1, 2]),
        ("path.module", "."),
    ],
)
def test_is_known_in_spite_of_unknowns(expression: str, expected: object) -> None:
    value = evaluated(expression)
    assert first_unknown([value]) is None
    assert plain(value) == expected


@pytest.mark.parametrize(
    ("expression", "reason", "symbol"),
    [
        ("var.u", Reason.VARIABLE_NOT_SET, "root:var.u"),
        ("var.u.name", Reason.VARIABLE_NOT_SET, "root:var.u.name"),
        ('length(compact(["${var.u}"]))', Reason.VARIABLE_NOT_SET, "length(list[root:var.u if root:var.u,])"),
        ("var.u[0]", Reason.VARIABLE_NOT_SET, "root:var.u[0]"),
        ("upper(var.u)", Reason.VARIABLE_NOT_SET, "upper(root:var.u)"),
        ("true && var.on", Reason.VARIABLE_NOT_SET, "root:var.on"),
        ("merge({ a = 1 }, var.u).a", Reason.VARIABLE_NOT_SET, 'merge({"a"=1,}, root:var.u)[a]'),
        ("abspath(var.u)", Reason.FUNCTION_NOT_EVALUATED, "abspath(root:var.u)"),
        ("terraform.workspace", Reason.VARIABLE_NOT_SET, "root:terraform.workspace"),
        ("test_other.one.arn", Reason.COMPUTED, "root//test_other.one.arn"),
        ("local.none", Reason.REFUSED, "root:value: local.none is not declared"),
    ],
)
def test_names_what_is_unknown(expression: str, reason: Reason, symbol: str) -> None:
    value = evaluated(expression)
    assert isinstance(value, Unknown)
    assert (value.reason, value.symbol) == (reason, symbol)


@pytest.mark.parametrize(
    "expression",
    ['coalesce(var.u, "x")', 'coalesce(try(var.u.a, null), "x")', "one(test_other.maybe[*].id)", "tostring(var.u)", 'join("", [var.u])'],
)
def test_what_has_to_be_settled_survives_every_function(expression: str) -> None:
    value = evaluated(expression)
    assert isinstance(value, Unknown)
    assert value.cause.symbol in {"root:var.u", "root:var.on"}


def test_try_of_what_may_not_be_a_list_keeps_both() -> None:
    assert isinstance(evaluated("length(try(flatten(var.u), []))"), Unknown)


def test_an_unknown_condition_leaves_a_finite_set() -> None:
    value = evaluated("var.on ? 30 : 7")
    assert isinstance(value, Unknown)
    assert [one.value for one in value.among] == [30, 7]
    doubled = evaluated("(var.on ? 30 : 7) * 2")
    assert isinstance(doubled, Unknown)
    assert [one.value for one in doubled.among] == [60, 14]


def test_a_string_keeps_its_known_pieces_with_their_places() -> None:
    value = evaluated('"arn:aws:s3:::${var.u}-logs"')
    assert isinstance(value, Unknown)
    before, unknown, after = value.parts
    assert isinstance(before, Known) and isinstance(unknown, Unknown) and isinstance(after, Known)
    assert (before.value, unknown.symbol, after.value) == ("arn:aws:s3:::", "root:var.u", "-logs")
    place = written_at(before.origin)
    assert place is not None and place.text == "arn:aws:s3:::"


@pytest.mark.parametrize("expression", ['format("a-%s", var.u)', 'join("-", ["a", var.u])'])
def test_format_and_join_keep_pieces_too(expression: str) -> None:
    value = evaluated(expression)
    assert isinstance(value, Unknown)
    assert [part.value if isinstance(part, Known) else part.symbol for part in value.parts][-1] == "root:var.u"


def test_a_reference_to_a_written_attribute_is_its_value_and_identity() -> None:
    value = evaluated("test_other.one.name")
    assert isinstance(value, Known) and value.value == "n"
    assert isinstance(value.origin, Through)
    assert (value.origin.what, value.origin.key, value.origin.attribute) == ("test_other.one.name", "root//test_other.one", "name")
    assert written_at(value.origin).text == '"n"'  # type: ignore[union-attr] # asserted by the comparison
    assert [step.text for step in steps(value.origin)] == ["through test_other.one.name", "written"]


@pytest.mark.parametrize(
    ("expression", "target"),
    [
        ("test_other.one.arn", Target("root//test_other.one", "arn")),
        ("test_other.one", Target("root//test_other.one", "")),
        ("test_other.one.endpoint[0].port", Target("root//test_other.one", "endpoint[0].port")),
        ("test_other.maybe[0].arn", Target("root//test_other.maybe[0]", "arn")),
        ("one(test_other.maybe[*].arn)", Target("root//test_other.maybe[0]", "arn")),
        ('join("", test_other.maybe.*.arn)', Target("root//test_other.maybe[0]", "arn")),
        ('try(test_other.maybe[0].arn, "")', Target("root//test_other.maybe[0]", "arn")),
        ('test_other.many["k"].arn', Target("root//test_other.many[*]", "arn")),
        ('test_other.pair["b"].arn', Target('root//test_other.pair["b"]', "arn")),
    ],
)
def test_references_keep_their_target(expression: str, target: Target) -> None:
    value = evaluated(expression)
    assert isinstance(value, Unknown)
    assert value.target == target


def test_what_may_be_refused_is_not_taken_for_certain_by_try() -> None:
    value = evaluated('try(test_other.maybe[0].name, "none")')
    assert isinstance(value, Unknown)
    assert [one.value for one in value.among] == ["m", "none"]
    assert isinstance(evaluated("can(var.u.name)"), Unknown)


def test_uncertain_elements() -> None:
    either = evaluated("var.on ? [1] : []")
    assert isinstance(either, Known) and isinstance(either.value, Members)
    (member,) = either.value.elements
    assert member.presence is Truth.UNKNOWN and member.why is not None and member.why.reason is Reason.VARIABLE_NOT_SET
    filtered = evaluated('[for x in ["a", "b"] : x if x == "a" || var.on]')
    assert isinstance(filtered, Known)
    assert [(each.value.value, each.presence) for each in filtered.value.elements] == [("a", Truth.TRUE), ("b", Truth.UNKNOWN)]
    open_ = evaluated("[for x in var.u : x.name]")
    assert isinstance(open_, Known) and open_.value.rest is not None and open_.value.rest.reason is Reason.VARIABLE_NOT_SET
    merged = evaluated("merge({ a = 1 }, var.u, { b = 2 })")
    assert isinstance(merged, Known) and isinstance(merged.value, Object)
    assert merged.value.rest is not None and isinstance(merged.value.fields["a"], Unknown)
    assert plain(merged.value.fields["b"]) == 2


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("[for x in var.u : x.a][1]", "[for x in var.u : x.b][1]"),
        ('{ for k, v in var.u : k => v.a }["x"]', '{ for k, v in var.u : k => v.b }["x"]'),
        ("merge(var.kept == 7 ? { x = 1 } : {}, var.u).x", "merge({ x = 2 }, var.u).x"),
        ("var.u[*].a", "var.u[*].b"),
        ("[for x in [1] : x if var.on][0]", "[for x in [2] : x if var.on][0]"),
        ("sort(concat(var.u, [1]))", "concat(var.u, [1])"),
        ("length(toset(var.u))", "length(var.u)"),
        ("concat(var.u, keys(var.on))", "concat(var.u, keys(var.kept == 7 ? var.u : {}))"),
        ("length([uuid()]) == 1 ? uuid() : 1", "uuid()"),
        ("values(test_other.many)[0].name", "element([for k in var.u : k], 0)"),
    ],
)
def test_what_may_differ_has_different_symbols(left: str, right: str) -> None:
    both = evaluated(f"[{left}, {right}]")
    assert isinstance(both, Known)
    first, second = both.value
    assert symbol_of(first) != symbol_of(second)
    assert same(first, second) is not Truth.TRUE


def test_an_unknown_element_of_a_set_may_be_one_of_the_others() -> None:
    value = evaluated('length(toset(["a", var.u]))')
    assert isinstance(value, Unknown)
    assert [one.value for one in value.among] == [1, 2]
    assert isinstance(evaluated('tolist(toset(["a", var.u]))[0]'), Unknown)


def test_null_is_absent() -> None:
    assert isinstance(evaluated("null"), Absent)
    assert isinstance(evaluated("var.on ? null : null"), Absent)


def test_cycles_end() -> None:
    value = evaluated("local.a", "locals {\n  a = local.b\n  b = [local.a]\n}\n")
    unknown = first_unknown([value])
    assert unknown is not None and (unknown.reason, unknown.symbol) == (Reason.CYCLE, "root:local.a")


def test_long_chains_and_doublings_end() -> None:
    chain = "".join(f"  l{at} = local.l{at + 1}\n" for at in range(10_000))
    value = evaluated("local.l0", f"locals {{\n{chain}  l10000 = 1\n}}\n")
    assert isinstance(value, Unknown) and value.reason is Reason.LIMIT_REACHED
    short = "".join(f"  l{at} = local.l{at + 1}\n" for at in range(100))
    assert plain(evaluated("local.l0", f"locals {{\n{short}  l100 = 1\n}}\n")) == 1
    laughs = "".join(f'  l{at + 1} = "${{local.l{at}}}${{local.l{at}}}"\n' for at in range(60))
    value = evaluated("local.l60", f'locals {{\n  l0 = "ha"\n{laughs}}}\n')
    assert isinstance(value, Unknown) and value.reason is Reason.LIMIT_REACHED
    lists = "".join(f"  l{at + 1} = [local.l{at}, local.l{at}]\n" for at in range(60))
    unknown = first_unknown([evaluated("local.l60", f"locals {{\n  l0 = 1\n{lists}}}\n")])
    assert unknown is not None and unknown.reason is Reason.LIMIT_REACHED


@pytest.mark.parametrize(
    "expression", ["(" * 50_000 + "1" + ")" * 50_000, "[" * 300 + "]" * 300, "+".join("1" * 20_000), "1" + ".a" * 10_000, "var.u ? " * 500]
)
def test_monstrous_expressions_are_problems_not_crashes(expression: str) -> None:
    estate = load_terraform(MemoryTree({"main.tf": f'resource "test_one" "x" {{\n  value = {expression}\n}}\n'}), ["main.tf"])
    assert estate.problems or isinstance(estate.roots[0].resources[0].attributes.fields["value"], Unknown)


ATOMS = [
    "1",
    "0",
    '"a"',
    '""',
    "null",
    "true",
    "var.u",
    "var.on",
    "[1, 2]",
    "[]",
    "{ a = 1 }",
    "test_other.one",
    "test_other.maybe",
    "test_other.many",
]
FORMS = [
    "({} == {})", "({} + {})", "({} && {})", "(var.on ? {} : {})", "[for x in {} : x if {} != x]", "try({}, {})", "concat({}, {})",
    "merge({}, {})", "lookup({}, {}, 1)", "contains({}, {})", "{}[{}]", '"${{{}}}-${{{}}}"', "coalesce({}, {})", "element({}, {})",
    "[{}, {}][*].a", "length([{}, {}])", "format({}, {})", "zipmap({}, {})", "flatten([{}, {}])", "join({}, {})", "distinct([{}, {}])",
]  # fmt: skip


@st.composite
def expressions(draw: st.DrawFn, depth: int = 3) -> str:
    if depth == 0 or draw(st.integers(0, 3)) == 0:
        return draw(st.sampled_from(ATOMS))
    return draw(st.sampled_from(FORMS)).format(draw(expressions(depth - 1)), draw(expressions(depth - 1)))


@given(expressions(), st.sampled_from(["1", '"a"', '["k"]', "{ a = 2 }", "null"]), st.sampled_from(["true", "false"]))
@settings(max_examples=150, deadline=None)
def test_setting_a_variable_never_changes_what_was_known(expression: str, u: str, on: str) -> None:
    """Refinement is monotone: what was Known with unset variables is the same with any value that Terraform accepts."""
    before = evaluated(expression)
    settled = CONTEXT.replace('variable "u" {}', f'variable "u" {{\n  default = {u}\n}}').replace(
        "  type = bool", f"  type = bool\n  default = {on}"
    )
    after = evaluated(expression, settled)
    if isinstance(before, Known) and first_unknown([before]) is None and first_unknown([after]) is None:
        assert plain(before) == plain(after)
