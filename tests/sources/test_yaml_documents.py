from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from drpolicy.model.provenance import Through, Written, written_at
from drpolicy.model.reasons import Reason
from drpolicy.model.spans import Source
from drpolicy.model.values import Absent, Known, Members, Object, Unknown, Value
from drpolicy.sources import yaml_documents
from drpolicy.sources.documents import NODE_LIMIT, Document, Documents, header, plain
from drpolicy.sources.json_documents import json_document
from drpolicy.sources.yaml_comments import comments
from drpolicy.sources.yaml_documents import documents, embedded_documents


def read(text: str, **options: Any) -> Documents:
    return documents(Source("a.yaml", text), **options)


def only(text: str, **options: Any) -> Document:
    found = read(text, **options)
    assert found.problems == () and len(found.documents) == 1
    return found.documents[0]


def place(document: Document, *path: str | int) -> tuple[str, int, int]:
    value = document.value(path)
    assert value is not None
    span = written_at(value.origin)
    assert span is not None
    return span.text, *span.start


def problems(found: Documents) -> list[tuple[str, str, str]]:
    return [(one.code, one.message, str(one.span)) for one in found.problems]


def leaves(value: Value[Any]) -> Iterator[Value[Any]]:
    yield value
    if isinstance(value, Known) and isinstance(value.value, Object):
        for inner in value.value.fields.values():
            yield from leaves(inner)
    if isinstance(value, Known) and isinstance(value.value, Members):
        for inner in value.value:
            yield from leaves(inner)


def test_positions_are_exact() -> None:
    document = only('# top\na: é\nb:\n  - "x\\ty"  # note\n  - {c: 1, d: [2]}\ntext: |\n  one\n  two\n\n# end\nz:\n')
    assert place(document, "a") == ("é", 2, 4)
    assert place(document, "b", 0) == ('"x\\ty"', 4, 5)
    assert place(document, "b", 1) == ("{c: 1, d: [2]}", 5, 5)
    assert place(document, "b", 1, "d") == ("[2]", 5, 15)
    assert place(document, "b") == ('- "x\\ty"  # note\n  - {c: 1, d: [2]}', 4, 3)
    assert place(document, "text") == ("|\n  one\n  two", 6, 7)
    assert place(document, "z") == ("", 11, 3)
    assert document.span.start == (2, 1) and document.span.end == (11, 3)
    key = document.key_span(("b", 1, "d"))
    assert key is not None and (key.text, key.start) == ("d", (5, 12))
    assert document.key_span(("b", 5)) is None and document.key_span(("a", "x")) is None
    assert plain(document.root) == {"a": "é", "b": ["x\ty", {"c": 1, "d": [2]}], "text": "one\ntwo\n", "z": None}


def test_the_place_of_what_is_not_written_is_the_nearest_key() -> None:
    document = only("kind: X\nspec:\n  ttl: 1h\n")
    assert document.place(("spec", "ttl")).text == "1h"
    assert document.place(("spec", "absent", "deep")).text == "spec"
    assert document.place(("spec",)).text == "spec"
    assert document.place(("nothing",)).text == "kind"
    assert document.place(()).text == "kind"
    span = header(document.root)
    assert span is not None and span.text == "kind"


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff", "\ufeff\ufeff"])
def test_line_endings_marks_and_wide_characters_do_not_shift_columns(newline: str, mark: str) -> None:
    document = only(mark + newline.join(["😀: [ü, x]", "b: |", "  y", "c: z", ""]))
    assert place(document, "😀", 1)[0] == "x"
    assert place(document, "😀", 1)[1:] == (1, 8 + len(mark))
    assert place(document, "b") == (f"|{newline}  y", 2, 4)
    assert place(document, "c") == ("z", 4, 4)
    assert plain(document.root) == {"😀": ["ü", "x"], "b": "y\n", "c": "z"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("010", 10), ("-7", -7), ("+7", 7), ("0o17", 15), ("0x1F", 31), ("1.5", 1.5), (".5", 0.5), ("1e3", 1000.0), ("5.", 5.0),
        ("true", True), ("False", False), ("~", None), ("null", None), ("", None), ("yes", "yes"), ("on", "on"), ("No", "No"),
        ("1:30", "1:30"), ("2024-01-01", "2024-01-01"), ("1_000", "1_000"), ("0b1", "0b1"), ("'1'", "1"), ('"true"', "true"), ("''", ""),
        ("!!str 1", "1"), ("!!int '1'", 1), ("! 1", "1"), (".inf", math.inf), ("-.INF", -math.inf), ("+", "+"), ("-x", "-x"), (".", "."),
        ("0x", "0x"), ("1e", "1e"), ("15m", "15m"), ("&a 1", 1), ("&a !!str 1", "1"),
    ],
)  # fmt: skip
def test_scalars_follow_yaml_1_2(text: str, expected: object) -> None:
    found = plain(only(f"a: {text}\n").root)
    assert isinstance(found, dict)
    assert found == {"a": expected} and type(found["a"]) is type(expected)


def test_nan_and_numbers_without_end() -> None:
    document = only(f"a: .nan\nb: {'9' * 5000}\nc: 1.{'0' * 5000}\n")
    value = document.value(("a",))
    assert isinstance(value, Known) and math.isnan(value.value)
    for name in "bc":
        unknown = document.value((name,))
        assert isinstance(unknown, Unknown) and unknown.reason is Reason.LIMIT_REACHED
    assert isinstance(unknown, Unknown) and unknown.symbol == f"a.yaml:1.{'0' * 18}… (5002 digits)"


def test_tags_and_anchors_are_not_part_of_the_place() -> None:
    document = only("a: &x !!str 10\nb: !vault |\n  zz\nc: !Sub [x, {y: z}]\nd: &m\n  k: v\n")
    assert place(document, "a") == ("10", 1, 13)
    secret = document.value(("b",))
    assert isinstance(secret, Unknown) and secret.symbol == "a.yaml:!vault zz\n"
    call = document.value(("c",))
    assert isinstance(call, Unknown) and call.symbol == "a.yaml:!Sub [x, {y: z}]"
    assert place(document, "c") == ("[x, {y: z}]", 4, 9)
    assert place(document, "d") == ("k: v", 6, 3)


def test_aliases_point_to_where_the_value_is_written() -> None:
    document = only("a: &x 1\nb: *x\nc: &n\nd: *n\n")
    value = document.value(("b",))
    assert isinstance(value, Known) and isinstance(value.origin, Through) and isinstance(value.origin.inner, Written)
    assert value.origin.what == "alias *x" and value.origin.span is not None and value.origin.span.start == (2, 4)
    assert value.origin.inner.span.start == (1, 7)
    assert isinstance(document.value(("d",)), Absent)


def test_merge_keys() -> None:
    document = only("x: &x {a: 1, b: 2}\ny: &y {b: 3, c: 4}\nz:\n  b: 0\n  <<: [*x, *y]\nw:\n  <<: *y\nq: {'<<': 1}\n")
    assert plain(document.root) == {
        "x": {"a": 1, "b": 2}, "y": {"b": 3, "c": 4}, "z": {"b": 0, "a": 1, "c": 4}, "w": {"b": 3, "c": 4}, "q": {"<<": 1},
    }  # fmt: skip
    key = document.key_span(("z", "c"))
    assert key is not None and key.start == (2, 14)
    assert problems(read("a:\n  <<: 1\n")) == [("yaml-syntax", "'<<' needs a mapping, or a list of mappings", "a.yaml:2:3")]


def test_duplicate_keys_name_both_places_and_the_last_wins() -> None:
    found = read("a: 1\nb: 2\na: 3\n")
    assert plain(found.documents[0].root) == {"a": 3, "b": 2}
    message = "'a' is given twice, in line 1 and again here; the last one counts"
    assert problems(found) == [("yaml-duplicate-key", message, "a.yaml:3:1")]
    assert str(found.problems[0].related) == "a.yaml:1:1"


def test_keys_that_are_not_texts() -> None:
    found = read("1: a\ntrue: b\n~: c\n? [x]\n: d\n&k on: e\n*k : f\n")
    assert plain(found.documents[0].root) == {"1": "a", "true": "b", "~": "c", "on": "f"}
    assert [one.code for one in found.problems] == ["yaml-syntax", "yaml-duplicate-key"]
    assert found.problems[0].message == "a key must be a text; this entry was not read"


@pytest.mark.parametrize(
    "bad", ["a: ]", "a: 'x", "a:\n\tb: 1", "a: \x01", "[" * 30_000, "a: b: c", "%X", "{{- if }}", '"\\q"', "a: [b", "- x\n a: b"]
)
def test_a_bad_document_does_not_cost_its_neighbours(bad: str) -> None:
    found = read(f"first: 1\n---\n{bad}\n---\nlast: 3\n")
    assert [plain(one.root) for one in found] == [{"first": 1}, {"last": 3}]
    assert [one.index for one in found] == [0, 2]
    assert len(found.problems) == 1
    assert found.problems[0].span is not None and 3 <= found.problems[0].span.start.line <= 4


def test_markers_inside_scalars_and_directives() -> None:
    found = read("%YAML 1.2\n# note\n---\na: |\n  ---\n  x\n...\n%YAML 1.2\n--- b\n---\n# nothing\n--- |\n c\n")
    assert found.problems == ()
    assert [(one.index, plain(one.root), one.span.start.line) for one in found] == [
        (0, {"a": "---\nx\n"}, 4),
        (1, "b", 9),
        (3, "c\n", 12),
    ]


@pytest.mark.parametrize(
    ("text", "code", "message", "place"),
    [
        ("a:\n\tb: 1\n", "yaml-syntax", "not valid YAML: a tab cannot indent; use spaces", "a.yaml:2:1"),
        ("é: 1\nb: 'x\n", "yaml-syntax", "not valid YAML: found unexpected end of stream while scanning a quoted scalar", "a.yaml:2:4"),
        ("é: \x01", "yaml-syntax", "not valid YAML: the control character U+0001 is not allowed", "a.yaml:1:4"),
        ("a: *x\n", "yaml-syntax", "the alias *x has no anchor &x before it", "a.yaml:1:4"),
        ("a: &x [*x]\n", "yaml-syntax", "the alias *x stands inside what it names", "a.yaml:1:8"),
        ("[" * 30_000, "yaml-too-deep", "nested more than 100 levels deep", "a.yaml:1:101"),
        ("- " * 30_000, "yaml-too-deep", "nested more than 100 levels deep", "a.yaml:1:201"),
        ("{a: " * 30_000, "yaml-too-deep", "nested more than 100 levels deep", "a.yaml:1:401"),
        ("!x " + "[" * 30_000, "yaml-too-deep", "nested more than 100 levels deep", "a.yaml:1:104"),
    ],
)
def test_problems_say_what_and_where(text: str, code: str, message: str, place: str) -> None:
    assert problems(read(text)) == [(code, message, place)]


def test_templates_are_named_as_such() -> None:
    found = read("{{- if .Values.on }}\na: 1\n{{- end }}\n")
    assert [one.code for one in found.problems] == ["yaml-template"]
    assert found.problems[0].message.startswith("a template, which is YAML only once it is rendered (")


def test_an_alias_bomb_is_stopped() -> None:
    bomb = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 30))
    found = read(f"{bomb}---\nb: 1\n")
    assert [(one.code, one.message) for one in found.problems] == [("yaml-alias-bomb", "its aliases stand for more than 50,000 values")]
    assert [plain(one.root) for one in found] == [{"b": 1}]


def test_aliases_cannot_nest_deeper_than_texts() -> None:
    chain = "- &a0 [x]\n" + "".join(f"- &a{n} [*a{n - 1}]\n" for n in range(1, 200))
    assert [one.code for one in read(chain).problems] == ["yaml-too-deep"]


def test_nodes_documents_and_problems_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml_documents, "DOCUMENT_LIMIT", 3)
    monkeypatch.setattr(yaml_documents, "PROBLEM_LIMIT", 2)
    found = read("--- a\n--- b\n--- c\n--- d\n")
    assert len(found.documents) == 3
    assert problems(found) == [("yaml-too-large", "more than 3 documents in one file; those from here on were not read", "a.yaml:4:1")]
    assert [one.message for one in read("a: 1\n" * 5).problems][1:] == ["3 further problems in this file are not listed"]
    found = read("[" + "1," * NODE_LIMIT + "]\n--- b\n")
    assert found.documents == () and [one.code for one in found.problems] == ["yaml-too-large"]


def test_wanted_decides_before_parsing() -> None:
    found = read("a: 1\n---\nnot: [yaml\n---\nb: 1\n", wanted=lambda text: "b:" in text)
    assert found.problems == () and [one.index for one in found] == [2]


def test_placeholders_keep_the_known_pieces() -> None:
    document = only("a: x-${R}-y\nb: \"q{{ .r }}\"\nc: {{ .Values.x }}\nd: |\n  l1\n  ${R}\n  l3\n'${K}': 1\n")
    value = document.value(("a",))
    assert isinstance(value, Unknown) and value.reason is Reason.TEMPLATE_PLACEHOLDER
    first, second, third = value.parts
    assert isinstance(first, Known) and isinstance(second, Unknown) and isinstance(third, Known)
    assert (first.value, second.symbol, third.value) == ("x-", "a.yaml:${R}", "-y")
    assert [str(written_at(part.origin)) for part in value.parts] == ["a.yaml:1:4", "a.yaml:1:6", "a.yaml:1:10"]
    quoted = document.value(("b",))
    assert isinstance(quoted, Unknown)
    assert [str(written_at(part.origin)) for part in quoted.parts] == ["a.yaml:2:5", "a.yaml:2:6"]
    bare = document.value(("c",))
    assert isinstance(bare, Unknown) and bare.symbol == "a.yaml:{{ .Values.x }}" and bare.parts == ()
    block = document.value(("d",))
    assert isinstance(block, Unknown)
    assert [part.value if isinstance(part, Known) else part.symbol for part in block.parts] == ["l1\n", "a.yaml:${R}", "\nl3\n"]
    assert str(written_at(block.parts[1].origin)) == "a.yaml:6:3"
    assert isinstance(document.root, Known) and document.root.value.rest.symbol == "a.yaml:${K}"
    assert isinstance(plain(document.root), Unknown)


def test_placeholders_are_text_when_asked() -> None:
    assert plain(only("a: '{{ x }}'\nb: ${Y}\n", placeholders=False).root) == {"a": "{{ x }}", "b": "${Y}"}


def test_part_of_a_source() -> None:
    source = Source("a.md", "# title\n```yaml\na: 1\n```\n")
    (document,) = documents(source, 16, 21)
    assert place(document, "a") == ("1", 3, 4)


@pytest.mark.parametrize(
    ("outer", "expected"),
    [
        ("v: |\n  a: 1\n  b:\n    c: é\n  ---\n  d: 2\n", ("é", 4, 8)),
        ("v: |-\r\n    a: 1\r\n    b:\r\n      c: é\r\n", ("é", 4, 10)),
        ('v: \'{"b": {"c": é}}\'\n', ("é", 1, 17)),
        ('v: "b:\\n  c: é\\n"\n', ('"b:\\n  c: é\\n"', 1, 4)),
        ("v: >\n  {b:\n  {c: é}}\n", (">\n  {b:\n  {c: é}}", 1, 4)),
    ],
)
def test_yaml_inside_yaml_keeps_its_place(outer: str, expected: tuple[str, int, int]) -> None:
    value = only(outer).value(("v",))
    assert isinstance(value, Known)
    inner = embedded_documents(value)
    assert inner.problems == ()
    assert place(inner.documents[0], "b", "c") == expected


def test_comments() -> None:
    text = (
        '# drpolicy: one\na: 1 # drpolicy: two\nb: "# drpolicy: no"\nc: x#drpolicy:no\nd: | # drpolicy: three\n  # drpolicy: no\n'
        "e: # other\n  f\n# drpolicy: four\n---\ng: !t # drpolicy: five\n  'x' # drpolicy: six\n"
    )
    found = comments(Source("a.yaml", text))
    assert [span.text for span in found] == [f"# drpolicy: {n}" for n in ("one", "two", "three", "four", "five", "six")]
    assert [span.start.line for span in found] == [1, 2, 5, 9, 11, 12]
    assert [span.text for span in comments(Source("a.yaml", text), "other")] == ["# other"]
    assert comments(Source("a.yaml", "a: 1")) == ()


@pytest.mark.parametrize(
    ("text", "code", "message", "place"),
    [
        ("{", "json-syntax", "not valid JSON: a key in double quotes is expected here", "a.json:1:2"),
        ('{"a" 1}', "json-syntax", "not valid JSON: ':' is expected here", "a.json:1:6"),
        ("[1 2]", "json-syntax", "not valid JSON: ',' or ']' is expected here", "a.json:1:4"),
        ("[1,]", "json-syntax", "not valid JSON: a value is expected here", "a.json:1:4"),
        ("", "json-syntax", "not valid JSON: a value is expected here", "a.json:1:1"),
        ("1 2", "json-syntax", "not valid JSON: something follows the end of the document", "a.json:1:3"),
        ('"a', "json-syntax", "not valid JSON: unterminated string", "a.json:1:1"),
        ("NaN", "json-syntax", "not valid JSON: a value is expected here", "a.json:1:1"),
        ("[" * 30_000, "json-too-deep", "nested more than 100 levels deep", "a.json:1:101"),
    ],
)
def test_json_problems(text: str, code: str, message: str, place: str) -> None:
    assert problems(json_document(Source("a.json", text))) == [(code, message, place)]


def test_json_positions_and_duplicates() -> None:
    found = json_document(Source("a.json", ' {"é": [1, "\\ud83d\\ude00"],\n\t"é": "${x}", "n": {}, "m": [ ]}\n'))
    assert [(one.code, str(one.span), str(one.related)) for one in found.problems] == [("json-duplicate-key", "a.json:2:2", "a.json:1:3")]
    (document,) = found
    assert place(document, "é") == ('"${x}"', 2, 7) and isinstance(document.value(("é",)), Unknown)
    assert place(document, "n") == ("{}", 2, 20) and place(document, "m") == ("[ ]", 2, 29)
    (verbatim,) = json_document(Source("a.json", '{"a": "${x}"}'), placeholders=False)
    assert plain(verbatim.root) == {"a": "${x}"}


SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20)
TREES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4), max_leaves=15
)


@given(TREES, st.sampled_from([None, 1, 4]), st.booleans())
def test_json_is_read_as_python_reads_it(tree: object, indent: int | None, ascii_only: bool) -> None:
    text = json.dumps(tree, indent=indent, ensure_ascii=ascii_only)
    (document,) = json_document(Source("a.json", text), placeholders=False)
    assert plain(document.root) == tree
    for value in leaves(document.root):
        span = written_at(value.origin)
        assert span is not None and json.loads(span.text) == plain(value)


PRINTABLE = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Cn"], exclude_characters="\ufeff\u2028\u2029\x85") | st.just("\n"), max_size=20
)
YAML_SCALARS = st.none() | st.booleans() | st.integers() | PRINTABLE
YAML_TREES = st.recursive(
    YAML_SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(PRINTABLE, inner, max_size=4), max_leaves=15
)


@given(YAML_TREES, st.sampled_from([None, "|", "'", '"']), st.sampled_from([None, True, False]), st.booleans())
def test_the_text_of_a_span_reads_as_its_value(tree: object, style: str | None, flow: bool | None, wide: bool) -> None:
    text = yaml.safe_dump([tree], default_style=style, default_flow_style=flow, allow_unicode=wide, width=40)
    document = only(text, placeholders=False)
    assert plain(document.root) == [tree]
    for value in leaves(document.root):
        span = written_at(value.origin)
        assert span is not None
        if not span.text or any(mark in text for mark in ("|", ">", "!!")):
            # What a tag, the indentation of a block or its trailing lines mean lies outside the span.
            continue
        # The first line stands at its column again, so that the lines below keep their indentation.
        again = only(" " * (span.start.column - 1) + span.text + "\n", placeholders=False)
        assert plain(again.root) == plain(value)


@given(st.text(alphabet="ab:-[]{}&*!|>'\"%@#?, \n\t.<$\r\x01é😀\ufeff01~", max_size=60))
def test_no_text_makes_it_raise(text: str) -> None:
    source = Source("a.yaml", text)
    found = documents(source)
    for document in found:
        for value in leaves(document.root):
            span = written_at(value.origin)
            assert span is not None and 0 <= span.offset <= span.end_offset <= len(text)
            if isinstance(value, Known) and isinstance(value.value, str):
                embedded_documents(value)
    json_document(source)
    assert all(span.text.startswith("#") for span in comments(source, ""))
