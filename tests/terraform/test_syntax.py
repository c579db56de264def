from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, assert_never

import hcl2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lark import Tree

from drpolicy.model.records import fields, is_record
from drpolicy.model.spans import Source
from drpolicy.terraform import skeletons, tables
from drpolicy.terraform.blanking import blank
from drpolicy.terraform.grammar import grammar_digest
from drpolicy.terraform.index import index
from drpolicy.terraform.shortcuts import MAX_DEPTH
from drpolicy.terraform.skeletons import placed, skeleton_of
from drpolicy.terraform.syntax import ExpressionParser
from drpolicy.terraform.tree import (
    Attribute,
    Binary,
    Call,
    Conditional,
    Expression,
    Fields,
    For,
    Index,
    Items,
    Literal,
    Name,
    Opaque,
    Splat,
    Template,
    TemplateFor,
    Unary,
)

PARSER = ExpressionParser()


def parse(text: str) -> Expression:
    return PARSER.parse(text)


def show(tree: Expression) -> str:
    """The tree with every grouping written out."""
    match tree:
        case Literal(value):
            return json.dumps(value, ensure_ascii=False)
        case Template(parts):
            return f"T[{', '.join(map(show, parts))}]"
        case TemplateFor(key, value, collection, body):
            return f"T<{key}, {value} in {show(collection)}: {show(body)}>"
        case Name(name):
            return name
        case Attribute(of, name):
            return f"{show(of)}.{name}"
        case Index(of, key):
            return f"{show(of)}[{show(key)}]"
        case Splat(of, each, full):
            return f"{'full' if full else 'attributes'}({show(of)}: {show(each)})"
        case Call(name, arguments, expand):
            return f"{name}({', '.join(map(show, arguments))}{'...' if expand else ''})"
        case Unary(operator, operand):
            return f"({operator}{show(operand)})"
        case Binary(operator, left, right):
            return f"({show(left)} {operator} {show(right)})"
        case Conditional(condition, then, otherwise):
            return f"({show(condition)} ? {show(then)} : {show(otherwise)})"
        case Items(items):
            return f"[{', '.join(map(show, items))}]"
        case Fields(fields):
            return "{" + ", ".join(f"{show(key)}: {show(value)}" for key, value in fields) + "}"
        case For(key_name, value_name, collection, key, value, condition, grouped):
            result = (f"{show(key)} => " if key else "") + show(value) + ("..." if grouped else "")
            return f"<{key_name}, {value_name} in {show(collection)}: {result} if {show(condition) if condition else None}>"
        case Opaque(why):
            return f"?{why}?"
        case _:
            assert_never(tree)


def nodes(tree: Any) -> Iterator[Any]:
    if isinstance(tree, tuple):
        for each in tree:
            yield from nodes(each)
    elif is_record(type(tree)):
        yield tree
        for each in fields(tree):
            yield from nodes(getattr(tree, each.name))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # literals
        ("1", "1"),
        ("-1", "-1"),
        ("007", "7"),
        ("1.50", "1.5"),
        ("1e3", "1000.0"),
        ("true", "true"),
        ("null", "null"),
        ('""', '""'),
        (r'"a\n\t\r\"\\\u00e9\U0001F600"', '"a\\n\\t\\r\\"\\\\é😀"'),
        # traversals and splats; the grouping is terraform's
        ("aws_db_instance.main.arn", "aws_db_instance.main.arn"),
        ('a.b[0]["k"].c', 'a.b[0]["k"].c'),
        ("a.b[each.key].c", "a.b[each.key].c"),
        ("a.0.b", "a[0].b"),
        ("a .b\n[0]", "a.b[0]"),
        ("a.*.b.c[0]", "attributes(a: *.b.c)[0]"),
        ("a.*.b.0", "attributes(a: *.b[0])"),
        ("a[*].b[0].c", "full(a: *.b[0].c)"),
        ("a[ * ].b[*].c", "full(a: full(*.b: *.c))"),
        ("a.*", "attributes(a: *)"),
        ("f(x)[0].y", "f(x)[0].y"),
        ("é.ü_1", "é.ü_1"),
        # calls
        ("f()", "f()"),
        ("f(a, [1, 2]...)", "f(a, [1, 2]...)"),
        ("f(\n  a, # one\n  b,\n)", "f(a, b)"),
        ("provider::aws::arn_parse(x)", "provider::aws::arn_parse(x)"),
        # operators
        ("a || b && c == d < e + f * g % -h", "(a || (b && (c == (d < (e + ((f * g) % (-h)))))))"),
        ("1 - 2 - 3", "((1 - 2) - 3)"),
        ("1 -1", "(1 - 1)"),
        ("2 - -1", "(2 - (-1))"),
        ("!a.b[0] || !f(x)", "((!a.b[0]) || (!f(x)))"),
        ("!!true", "(!(!true))"),
        ("- - a.b", "(-(-a.b))"),
        ("--1", "(-(-1))"),
        ("a - --b", "(a - (-(-b)))"),
        ("a!=!b", "(a != (!b))"),
        ("a-b", "a-b"),
        ("a /* c */ * b # d", "(a * b)"),
        ("(\n  a\n  - b\n)", "(a - b)"),
        ("(a + b) * c", "((a + b) * c)"),
        ("é == ü", "(é == ü)"),
        ("a ? b : c ? d : e", "(a ? b : (c ? d : e))"),
        ("a == null ? [] : [1]", "((a == null) ? [] : [1])"),
        # containers
        ("[1, 2,]", "[1, 2]"),
        ("[\n  a + 1,\n  # none\n]", "[(a + 1)]"),
        ('{\n  a = 1, "b": 2\n  (c) = 3 # d\n  true = 4\n  5 = 5\n  "${x}" = 6\n}', None),
        ("{ for_x = a == b }", '{"for_x": (a == b)}'),
        # for
        ("[for x in y : x]", "<None, x in y: x if None>"),
        ("[for k, v in a ? b : c : {(k) = v} if v != null]", "<k, v in (a ? b : c): {k: v} if (v != null)>"),
        ("{for k, v in [1, 2] :\n  (k)\n  => v... if true}", "<k, v in [1, 2]: k => v... if true>"),
        ("[for x in (y) : [for z in x : z]][0]", "<None, x in y: <None, z in x: z if None> if None>[0]"),
        # templates
        ('"x-${a.b}-${f("q")}"', 'T["x-", a.b, "-", f("q")]'),
        ('"${a}"', "T[a]"),
        ('"${~ a ~}"', "T[a]"),
        ('" ${~ a ~} b"', 'T[a, "b"]'),
        ('"  ${~ a ~}  "', 'T[a, ""]'),
        ('"$${a} %%{b} $ % $$$${c}"', '"${a} %{b} $ % $$${c}"'),
        ('"${a ? "x" : "${b}"}"', 'T[(a ? "x" : T[b])]'),
        ('"%{ if a }x${b}%{ else }y%{ endif }z"', 'T[(a ? T["x", b] : "y"), "z"]'),
        ('"%{ if a }${5}%{ endif }"', 'T[(a ? T[5, ""] : ""), ""]'),
        ('"%{ for k, v in m ~} ${k} %{ endfor }"', 'T[T<k, v in m: T[k, " "]>, ""]'),
    ],
)
def test_trees(text: str, expected: str | None) -> None:
    assert show(parse(text)) == (expected or '{"a": 1, "b": 2, c: 3, "true": 4, 5: 5, T[x]: 6}')


# The strings that these trees stand for are those that terraform console 1.11.4 prints.
@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<<-EOT\n    a\n      b\n\n       \n    c ${1}\n  EOT", 'T["a\\n  b\\n\\n       \\nc ", 1, "\\n"]'),
        ("<<-EOT\n      a\n    ${1} b\n      ${2}\n  EOT", 'T["  a\\n", 1, " b\\n  ", 2, "\\n"]'),
        ("<<-EOT\n    ${1 ~}\n      foo\n  EOT", 'T[1, "      foo\\n"]'),
        ("<<EOT\n   a   ${~ 1 ~}   \n   b\n  EOT", 'T["   a", 1, "   b\\n"]'),
        ("<<EOT\n a\\n $${x} %%{y}\nEOT", '" a\\\\n ${x} %{y}\\n"'),
        ("<<-EOT\r\n    a\r\n      b ${1}\r\n  EOT", 'T["a\\r\\n  b ", 1, "\\r\\n"]'),
        ("<<_E\nx\n_E", '"x\\n"'),
        (
            "<<-EOT\n    %{ for i in [1,2] ~}\n      x ${i}\n    %{ endfor ~}\n    done\n  EOT",
            'T[T<None, i in [1, 2]: T["      x ", i, "\\n"]>, "    done\\n"]',
        ),
        (
            "<<EOT\n%{ if true ~}\n   yes\n%{~ else ~}\n   no\n%{~ endif }\n   tail\nEOT",
            'T[(true ? "   yes" : "   no"), "\\n   tail\\n"]',
        ),
        ("<<EOT\nEOT", '""'),
    ],
)
def test_heredocs_as_terraform_reads_them(body: str, expected: str) -> None:
    assert show(parse(body)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "?expected an expression?"),
        ("a b", "?not an expression: unexpected 'b'?"),
        ("a +", "?not an expression: unexpected end?"),
        ("a = 1", "?not an expression: unexpected '='?"),
        ("x...", "?not an expression: unexpected '...'?"),
        ("f(", '?unclosed "("?'),
        ("[1}", '?expected "]", found "}"?'),
        ("[1,,2]", "[1, ?expected an expression?, 2]"),
        ("{ a = 1 b = 2 }", "{\"a\": ?not an expression: unexpected 'b'; a comma is missing before it?}"),
        ("{ a }", '{?expected "=" after the key?: ?expected "=" after the key?}'),
        (r'"\q"', r"?\q is not an escape sequence; write a backslash as \\?"),
        (r'"\ud800"', r"?\ud800 is not a character?"),
        ('"${a b}-x"', "T[?not an expression: unexpected 'b'?, \"-x\"]"),
        ('"%{ if a }x"', "?%{ endif } is missing?"),
        ('"%{ endif }"', "?%{ endif } without its beginning?"),
        ('"%{ while a }"', "?expected if, else, endif, for or endfor after %{?"),
        ("1e999999", 'tonumber("1e999999")'),
        ("1" * 5000, "?a number of more than 1000 digits?"),
        ("[" * 150 + "]" * 150, f"?nested deeper than {MAX_DEPTH}?"),
        ("(" * 50_000, "?nested deeper than 200?"),
        ("a" + ".b" * 1000, f"?nested deeper than {MAX_DEPTH}?"),
        ("a" + " + a" * 500, f"?operators nested deeper than {MAX_DEPTH}?"),
        ("a" + " + a" * 50_000, "?more than 1000 operators?"),
        ('"' + "%{ if a }" * 500 + '"', f"?nested deeper than {MAX_DEPTH}?"),
        ("x" * 2_000_001, "?longer than 2000000 characters?"),
    ],
)
def test_what_cannot_be_parsed_is_opaque_and_says_why(text: str, expected: str) -> None:
    assert show(parse(text)) == expected


def test_offsets_are_exact_at_any_depth() -> None:
    text = 'a ? "é${ [for k, v in f(b.c[0]) : { x = !!v }] }" : /* c */ <<-E\n  ${d}\n  E'
    tree = parse(text)
    written = [text[node.start : node.end] for node in nodes(tree)]
    assert written == [
        *(text, "a", '"é${ [for k, v in f(b.c[0]) : { x = !!v }] }"', "é", "[for k, v in f(b.c[0]) : { x = !!v }]"),
        *("f(b.c[0])", "b.c[0]", "b.c", "b", "0", "{ x = !!v }", "x", "!!v", "!v", "v"),
        *("<<-E\n  ${d}\n  E", "d", "\n"),
    ]


def test_equal_texts_and_equal_skeletons_are_parsed_once() -> None:
    parser = ExpressionParser()
    rare = "a + f(1) - b % c * 2 / d"
    assert parser.parse(rare) is parser.parse(rare)
    assert (parser.parsed, parser.reused) == (1, 1)
    assert show(parser.parse("[x.y + [2][0] - g() % 7*2 /  d ]")) == "[((x.y + [2][0]) - (((g() % 7) * 2) / d))]"
    assert (parser.parsed, parser.reused) == (1, 2)
    parser.parse('["x", a.b[0], f("y-${c}")]')
    assert (parser.parsed, parser.reused) == (1, 2)
    assert list(parser.learned) == ["a + a - a % a * a / a"]


def test_what_an_earlier_run_has_learned_needs_no_parser() -> None:
    rare = "a + f(1) - b % c * 2 / d"
    first = ExpressionParser()
    tree = first.parse(rare)
    second = ExpressionParser(json.loads(json.dumps(first.learned)))
    assert second.parse(rare) == tree
    assert (second.parsed, second.learned) == (0, {})


def test_what_is_found_in_nearly_every_repository_needs_no_parser() -> None:
    parser = ExpressionParser()
    assert show(parser.parse('var.a ? local.b[0] : "c"')) == '(var.a ? local.b[0] : "c")'
    assert show(parser.parse("{ for k, v in var.m : k => v if v != null }")) == "<k, v in var.m: k => v if (v != null)>"
    assert parser.parsed == 0


def test_the_shipped_shapes_are_those_of_the_installed_grammar() -> None:
    shipped = json.loads(skeletons.SHAPES.read_bytes())
    assert shipped["grammar"] == grammar_digest()
    assert json.loads(json.dumps(ExpressionParser().shapes_of(shipped["shapes"]))) == shipped["shapes"]


def test_the_shipped_tables_are_those_of_the_installed_versions() -> None:
    assert json.loads(tables.TABLES.read_bytes()) == json.loads(json.dumps(tables.generate()))


def test_tables_of_other_versions_are_not_used(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tmp_path / "hcl_tables.json"
    for content in ('{"key": "lark 0"}', "[", '{"key'):
        other.write_text(content)
    monkeypatch.setattr(tables, "TABLES", other)
    assert tables.load().parse("a + b").data == "binary_op"
    assert [path.name for path in tmp_path.iterdir()] == ["hcl_tables.json"]


OPERATORS = ["||", "&&", "==", "!=", "<", "<=", ">", ">=", "+", "-", "*", "/", "%"]
OPERANDS = st.sampled_from(["a", "1", "b.c[0]", 'f("x", y)', "[1]", "!a", "-b", '"s${x}"', "c.*.d", "null"])


@st.composite
def chains(draw: st.DrawFn) -> str:
    pieces = [draw(OPERANDS)]
    for _ in range(draw(st.integers(0, 6))):
        pieces += [draw(st.sampled_from(OPERATORS)), draw(OPERANDS)]
    if draw(st.booleans()):
        pieces += ["?", draw(OPERANDS), ":", draw(OPERANDS), draw(st.sampled_from(OPERATORS)), draw(OPERANDS)]
    return " ".join(pieces)


def grouped(node: Any, text: str) -> str:
    """The same as ``grouped_ours`` from python-hcl2's own tree."""
    children = [child for child in node.children if isinstance(child, Tree) and child.data != "new_line_or_comment"]
    match node.data:
        case "binary_op":
            operator, right = (child for child in children[1].children if isinstance(child, Tree))
            return f"({grouped(children[0], text)} {operator.children[0].strip()} {grouped(right, text)})"
        case "conditional":
            return "({} ? {} : {})".format(*(grouped(child, text) for child in children))
        case "unary_op":
            return f"({node.children[0]}{grouped(children[0], text)})"
        case _:
            return text[node.meta.start_pos : node.meta.end_pos]


def grouped_ours(tree: Expression, text: str) -> str:
    match tree:
        case Binary(operator, left, right):
            return f"({grouped_ours(left, text)} {operator} {grouped_ours(right, text)})"
        case Conditional(condition, then, otherwise):
            return "({} ? {} : {})".format(*(grouped_ours(each, text) for each in (condition, then, otherwise)))
        case Unary(operator, operand):
            return f"({operator}{grouped_ours(operand, text)})"
        case _:
            return text[tree.start : tree.end]


@settings(max_examples=60, deadline=None)
@given(chains())
def test_operators_group_as_in_python_hcl2(text: str) -> None:
    body = hcl2.parses_to_tree(f"x = {text}\n").children[0]
    attribute = next(child for child in body.children if isinstance(child, Tree) and child.data == "attribute")
    assert grouped_ours(parse(text), text) == grouped(attribute.children[-1], f"x = {text}\n")


PIECES = [
    *("a", ".b", "[0]", "[*]", ".*", "f(", ")", "(", "[", "]", "{", "}", " = ", " : ", " ? ", ", ", "\n", '"', "${", "%{", "~}", "x"),
    *(" + ", "-", "!", "==", "for ", " in ", " if ", " => ", "...", "::", "if a", "endif", "<<A\n", "A\n", "A", "<<-B\n", "\nB"),
    *("\\n", "\\", "1", "1.5", "e9", "# c\n", "/*", "*/", "é", "\x00", "\r\n", "$${", "true"),
]
VALID = st.recursive(
    st.sampled_from(["a", "a.b[0].c", "1", '"s"', '"x${a.b}"', "a.*.b", "null", "<<-E\n  x ${a}\n  E\n"]),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda both: f"f({both[0]}, {both[1]})"),
        st.tuples(inner, inner).map(lambda both: f"({both[0]} + {both[1]})"),
        st.tuples(inner, inner).map(lambda both: f"[{both[0]}, {both[1]}]"),
        inner.map(lambda one: f"{{ k = {one.rstrip()}\n}}"),
        inner.map(lambda one: f"[for x in y : {one}]"),
        inner.map(lambda one: f'"t${{{one}}}"'),
        inner.map(lambda one: f"!(a ? {one} : b)"),
    ),
    max_leaves=8,
)


@settings(deadline=None)
@given(st.one_of(st.lists(st.sampled_from(PIECES), max_size=30).map("".join), st.text(max_size=80)))
def test_any_text_gives_a_tree_inside_the_text(text: str) -> None:
    tree = parse(text)
    assert all(0 <= node.start <= node.end <= len(text) for node in nodes(tree))


@settings(deadline=None)
@given(VALID)
def test_what_is_valid_is_parsed_wholly_and_the_same_at_its_place_in_a_file(text: str) -> None:
    alone = parse(text.rstrip())
    assert not any(isinstance(node, Opaque) for node in nodes(alone))
    source = Source("main.tf", f"locals {{\n  a = {text}\n}}\n")
    file = index(source)
    assert file.problems == ()
    (attribute,) = file.blocks[0].attributes
    assert parse(source.text[attribute.value_start : attribute.value_end]) == alone


@settings(deadline=None)
@given(VALID, st.integers(0, 200), st.integers(0, 5), st.sampled_from(["", *PIECES]))
def test_mutated_expressions_never_raise(text: str, at: int, cut: int, piece: str) -> None:
    mutated = text[:at] + piece + text[at + cut :]
    assert show(parse(mutated))
    index(Source("main.tf", f"a {{\n  x = {mutated}\n}}\n"))


PARSER = ExpressionParser()


@settings(deadline=None)
@given(st.one_of(VALID.map(str.rstrip), chains()))
def test_a_skeleton_has_the_shape_of_its_expression(text: str) -> None:
    blanked = blank(text, 0, len(text))
    skeleton = skeleton_of(blanked)
    assert skeleton is not None
    (of_expression,) = PARSER.shapes_of([blanked]).values()
    (of_skeleton,) = PARSER.shapes_of([skeleton.text]).values()
    assert placed(of_skeleton, skeleton) == of_expression


@pytest.mark.parametrize("text", ["a $ b", "a ; b", "a \x00", "[for x in y : x", "a + ", "a b"])
def test_what_the_grammar_refuses_has_no_shape(text: str) -> None:
    skeleton = skeleton_of(text)
    if skeleton is not None:
        with pytest.raises(ValueError, match="not an expression"):
            PARSER.shapes_of([skeleton.text])
    assert isinstance(parse(text), Opaque)
