from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drpolicy.model.spans import Source
from drpolicy.terraform.blocks import AttributeSyntax, BlockSyntax, FileSyntax
from drpolicy.terraform.index import index

FRAGMENTS = [
    *('resource "a" "b" {\n', 'variable "v" { default = 1 }\n', "}\n", "  x = 1\n", "locals {\n", "tags = {\n", "y = [1,\n", "]\n"),
    *('s = "a${b["c"]}d"\n', "h = <<-EOT\n", "  a ${b}\n", "  EOT\n", "# c\n", "// c\n", "/* c */", "/*", '"', "${", "%{", "<<A\n", "\r\n"),
    *("(", ")", "[", "{", "=", "==", "é", "\ufeff", "\x00", "~}", "\\", "$$", "\n", " "),
]
BROKEN_OR_NOT = st.lists(st.sampled_from(FRAGMENTS), max_size=25).map("".join)


def read(text: str) -> FileSyntax:
    return index(Source("main.tf", text))


def value(file: FileSyntax, attribute: AttributeSyntax) -> str:
    return file.source.text[attribute.value_start : attribute.value_end]


def values(file: FileSyntax, body: BlockSyntax | FileSyntax) -> dict[str, str]:
    return {attribute.name: value(file, attribute) for attribute in body.attributes}


def bodies(file: FileSyntax) -> Iterator[FileSyntax | BlockSyntax]:
    waiting: list[FileSyntax | BlockSyntax] = [file]
    while waiting:
        body = waiting.pop()
        yield body
        waiting.extend(body.blocks)


def messages(file: FileSyntax) -> list[tuple[int, str]]:
    return [(file.source.position(problem.start).line, problem.message) for problem in file.problems]


def test_offsets_are_exact() -> None:
    text = '# top\nresource "aws_s3_bucket" "b" {\n  bucket = "x" # why\n  versioning {\n    enabled = true\n  }\n}\n'
    file = read(text)
    (block,) = file.blocks
    assert (block.type, block.labels) == ("resource", ("aws_s3_bucket", "b"))
    assert text[block.start : block.header_end] == 'resource "aws_s3_bucket" "b" {'
    assert str(file.header(block)) == "main.tf:2:1"
    assert text[block.start : block.end] == text[6:-1]
    bucket = block.attribute("bucket")
    assert bucket is not None
    assert (bucket.start, text[bucket.value_start : bucket.value_end]) == (text.index("bucket ="), '"x"')
    (versioning,) = block.nested("versioning")
    assert text[versioning.start : versioning.end] == "versioning {\n    enabled = true\n  }"
    assert [text[comment.start : comment.end] for comment in file.comments] == ["# top", "# why"]
    assert file.problems == ()


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("1", "1"),
        ("  a.b  # c", "a.b"),
        ("a // c", "a"),
        ("/* c */ a /* d */ + b /* e */", "a /* d */ + b"),
        ("[\n  1, # ]\n  2,\n]", "[\n  1, # ]\n  2,\n]"),
        ('{\n  "}" = "${a["}"]}"\n}', '{\n  "}" = "${a["}"]}"\n}'),
        ("f(\n  a,\n  b,\n) ", "f(\n  a,\n  b,\n)"),
        ("(\n  a\n  ? b\n  : c\n)", "(\n  a\n  ? b\n  : c\n)"),
        ('"a${b}" == "#" ? 1 : 2', '"a${b}" == "#" ? 1 : 2'),
        ('"${a["${b}"]}"', '"${a["${b}"]}"'),
        ('"$${ % $ %%{ }"', '"$${ % $ %%{ }"'),
        ('"%{ if a }b%{ endif }"', '"%{ if a }b%{ endif }"'),
        ('"\\"" ', '"\\""'),
        ("a < b / c", "a < b / c"),
        ("<<EOT\n}\n EOT x\nEOT", "<<EOT\n}\n EOT x\nEOT"),
        ("<<-EOT\n  a\n  EOT  ", "<<-EOT\n  a\n  EOT"),
        ("<<_E\n_E", "<<_E\n_E"),
        ("<<A\n${<<B\nA\nB\n}\nA", "<<A\n${<<B\nA\nB\n}\nA"),
        ("f(<<A\nx\nA\n, 1)", "f(<<A\nx\nA\n, 1)"),
        ("<<A\r\nx\r\nA\r", "<<A\r\nx\r\nA"),
        ("a\r", "a"),
    ],
)
def test_an_expression_ends_where_hcl_ends_it(written: str, expected: str) -> None:
    file = read(f"b {{\n  x = {written}\n  y = 2\n}}\n")
    assert file.problems == ()
    (block,) = file.blocks
    assert values(file, block) == {"x": expected, "y": "2"}


def test_single_line_blocks_odd_names_and_labels() -> None:
    file = read('\ufeffvariable "x" { default = 1 }\nlocals { }\nblock plain "q\\"uoted" {\n  for = 1\n  true = 2\n  é-1 = 3\n}\nin {}\n')
    assert [(block.type, block.labels, values(file, block)) for block in file.blocks] == [
        ("variable", ("x",), {"default": "1"}),
        ("locals", (), {}),
        ("block", ("plain", 'q"uoted'), {"for": "1", "true": "2", "é-1": "3"}),
        ("in", (), {}),
    ]
    assert file.problems == ()
    assert file.blocks[0].start == 1


def test_a_file_may_hold_nothing_or_attributes_alone() -> None:
    assert read("").blocks == ()
    assert read("\ufeff").problems == ()
    file = read('region = "eu-west-1"\r\ncount = 2')
    assert values(file, file) == {"region": '"eu-west-1"', "count": "2"}
    assert file.problems == ()


def test_comments_are_found_everywhere_but_in_text() -> None:
    text = 'a /* 1 */ "b" /* 2 */ { # 3\n  x = /* 4 */ [ # 5\n    "# no", // 6\n  ] /* 7 */\n  y = <<E\n# no\nE\n} // 8'
    file = read(text)
    assert [text[comment.start : comment.end] for comment in file.comments] == [
        *("/* 1 */", "/* 2 */", "# 3", "/* 4 */", "# 5", "// 6", "/* 7 */", "// 8")
    ]


WHOLE = 'resource "a" "ok" {\n  x = 1\n}\n'


@pytest.mark.parametrize(
    ("broken", "expected"),
    [
        ('resource "a" "b" {\n  x = 1\n', [(1, 'unclosed block "resource" opened at line 1')]),
        ('resource "a" "b" {\n  n {\n  x = 1\n}\n', [(1, 'unclosed block "resource" opened at line 1')]),
        ("locals {\n  x\n}\n", [(2, 'expected "=" or "{" after name')]),
        ("locals {\n  x == 1\n}\n", [(2, 'expected "=" or "{" after name')]),
        ("locals {\n  x =\n}\n", [(2, 'expected an expression after "="; it begins on the same line')]),
        ("locals {\n  x = [1\n}\n", [(2, 'expected "]", found "}"')]),
        ("locals {\n  x = 1)\n}\n", [(2, 'unexpected ")"')]),
        ('locals {\n  x = "a\n}\n', [(2, "unclosed string")]),
        ('locals {\n  x = "${a"\n}\n', [(2, "unclosed string")]),
        ("locals {\n  x = <<EOT\n}\n", [(2, "heredoc without its closing EOT")]),
        ("locals {\n  x = 1 /*\n}\n", [(2, "unclosed comment")]),
        ("locals {\n  /*\n}\n", [(2, "unclosed comment")]),
        ('locals {\n  "x" = 1\n}\n', [(2, "expected an attribute or a block, found '\"'")]),
        ("locals { x = 1 } y = 2\n", [(1, "expected a newline before the next attribute or block")]),
        ("}\n", [(1, 'unexpected "}": no block is open')]),
        ("locals {\n  x = " + "[" * 300 + "\n}\n", [(2, "nested deeper than 200")]),
    ],
)
def test_a_broken_block_costs_itself_only(broken: str, expected: list[tuple[int, str]]) -> None:
    file = read(WHOLE + broken + WHOLE)
    line = WHOLE.count("\n")
    assert messages(file) == [(at + line, message.replace("line 1", f"line {line + 1}")) for at, message in expected]
    kept = [block for block in file.blocks if block.labels == ("a", "ok")]
    assert [values(file, block) for block in kept] == [{"x": "1"}, {"x": "1"}]
    assert [file.source.text[block.start : block.end + 1] for block in kept] == [WHOLE, WHOLE]


def test_each_of_several_broken_blocks_is_named() -> None:
    file = read('resource "a" "b" {\nresource "a" "c" {\n  x = [\n\n}\n' + WHOLE)
    assert messages(file) == [(1, 'unclosed block "resource" opened at line 1'), (3, 'expected "]", found "}"')]
    assert [block.labels for block in file.blocks] == [("a", "ok")]


def test_blocks_nested_too_deep_are_a_problem() -> None:
    file = read("a {\n" * 300 + "}\n" * 300)
    assert messages(file) == [(201, "blocks nested deeper than 200; close them: the rest of the file was not read")]


def test_a_flood_of_errors_is_cut_short() -> None:
    file = read('resource "a" "b" {\n x = (\n' * 20_000)
    assert file.problems[-1].message == "too many syntax errors; the rest of the file was not read"
    assert file.problems[-1].end == len(file.source.text)


@given(st.one_of(BROKEN_OR_NOT, st.text(max_size=200)))
def test_any_text_gives_spans_inside_it_and_in_order(text: str) -> None:
    file = read(text)
    for body in bodies(file):
        for attribute in body.attributes:
            assert text.startswith(attribute.name, attribute.start)
            assert attribute.start < attribute.value_start < attribute.value_end <= len(text)
            assert value(file, attribute) == value(file, attribute).strip()
        for block in body.blocks:
            assert text.startswith(block.type, block.start)
            assert text[block.header_end - 1] == "{" and text[block.end - 1] == "}"
        starts = [each.start for each in body.blocks]
        assert starts == sorted(set(starts))
    for comment in file.comments:
        assert text[comment.start : comment.end].startswith(("#", "//", "/*"))
    assert all(0 <= problem.start <= problem.end <= len(text) for problem in file.problems)


@given(BROKEN_OR_NOT)
def test_crlf_changes_nothing_but_offsets(text: str) -> None:
    unix = read(text.replace("\r", ""))
    dos = read(unix.source.text.replace("\n", "\r\n"))
    assert [len(body.attributes) for body in bodies(dos)] == [len(body.attributes) for body in bodies(unix)]
    assert [message for _, message in messages(dos)] == [message for _, message in messages(unix)]


def test_a_file_that_sets_an_attribute_twice_keeps_its_blocks_once() -> None:
    file = read('x = 1\na "b" {}\nx = 2\nc {}\n')
    assert messages(file) == [(3, '"x" is set a second time in one body; keep one of them')]
    assert [block.type for block in file.blocks] == ["a", "c"]


def test_a_long_name_before_a_second_value_is_found_in_linear_time() -> None:
    file = read("locals {\n  x = " + "a" * 1_000_000 + " = 1\n}\n")
    assert messages(file) == [(2, "expected a newline before the next attribute or block")]
