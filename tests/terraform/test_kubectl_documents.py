"""Parts of texts: documents that the kubectl providers read from files, and what ``split`` gives."""

from __future__ import annotations

from typing import Any

import pytest

from drpolicy.model.reasons import Reason
from drpolicy.model.values import Known, Unknown, Value
from drpolicy.sources.discovery import discover
from drpolicy.sources.trees import MemoryTree
from drpolicy.terraform.conversion import plain
from drpolicy.terraform.load import load_terraform


def answer(expression: str, source: str, files: dict[str, str]) -> Value[Any]:
    text = f'variable "unset" {{}}\n{source}\nresource "null_resource" "r" {{\n  x = {expression}\n}}\n'
    tree = MemoryTree({"p/main.tf": text, **files})
    (root,) = load_terraform(tree, discover(tree)).roots
    (resource,) = (each for each in root.resources if each.type == "null_resource")
    return resource.get("x")


def paths(body: str) -> str:
    return f'data "kubectl_path_documents" "d" {{\n{body}\n}}'


TWO = "---\nkind: A\nmetadata: {name: one}\n---\n# nothing\n---\n\nkind: Class\napiVersion: v1\nmetadata: {name: two, namespace: web}\n"
ONE = {"p/m/a.yaml": "kind: A\napiVersion: x/v1\nmetadata: {name: one}\n", "p/m/b.txt": "no", "p/m/deeper/c.yaml": "kind: C\n"}


def test_documents_are_split_and_empty_ones_left_out() -> None:
    found = answer("data.kubectl_path_documents.d.documents", paths('  pattern = "m/*.yaml"'), {"p/m/a.yaml": TWO})
    assert plain(found) == [
        "---\nkind: A\nmetadata: {name: one}",
        "kind: Class\napiVersion: v1\nmetadata: {name: two, namespace: web}",
    ]


def test_manifests_go_by_their_path_in_the_api() -> None:
    source = 'data "kubectl_file_documents" "d" {\n  content = file("m/a.yaml")\n}'
    found = answer("keys(data.kubectl_file_documents.d.manifests)", source, {"p/m/a.yaml": TWO})
    assert plain(found) == ["/api/v1/namespaces/web/classes/two", "/apis/as/one"]


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("m/*.yaml", ["m/a.yaml"]),
        ("./m/*", ["m/a.yaml", "m/b.txt"]),
        ("${path.module}/m/[ab].*", ["m/a.yaml", "m/b.txt"]),
        # Go's Glob knows no **: it is a star like any other.
        ("m/**/*.yaml", ["m/deeper/c.yaml"]),
        ("m/none-*", []),
    ],
)
def test_a_pattern_is_gos(pattern: str, names: list[str]) -> None:
    found = answer("data.kubectl_filename_list.d.matches", f'data "kubectl_filename_list" "d" {{\n  pattern = "{pattern}"\n}}', ONE)
    assert plain(found) == names


def test_names_without_directories() -> None:
    source = 'data "kubectl_filename_list" "d" {\n  pattern = "m/*"\n}'
    assert plain(answer("data.kubectl_filename_list.d.basenames", source, ONE)) == ["a.yaml", "b.txt"]


def test_a_directory_that_is_not_in_the_tree_may_hold_anything() -> None:
    found = answer("data.kubectl_path_documents.d.documents", paths('  pattern = "gone/*.yaml"'), ONE)
    assert isinstance(found, Unknown)
    assert (found.reason, found.symbol) == (Reason.OUTSIDE_SCOPE, "files gone/*.yaml")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('  pattern = "m/*.yaml"\n  vars = { name = "one" }', "kind: one"),
        ('  pattern = "m/*.yaml"\n  sensitive_vars = { name = "one" }', "kind: one"),
        ('  pattern = "m/*.yaml"\n  disable_template = true', "kind: ${name}"),
    ],
)
def test_files_are_templates_unless_that_is_off(body: str, expected: str) -> None:
    found = answer("data.kubectl_path_documents.d.documents", paths(body), {"p/m/a.yaml": "kind: ${name}"})
    assert plain(found) == [expected]


def test_variables_are_texts() -> None:
    body = paths('  pattern = "m/*.yaml"\n  vars = { on = true, count = 3 }')
    text = 'kind: A\n%{ if on == "true" && count == "3" }on: yes\n%{ endif }'
    assert plain(answer("data.kubectl_path_documents.d.documents", body, {"p/m/a.yaml": text})) == ["kind: A\non: yes"]


def test_a_variable_that_is_not_known_is_a_part_of_its_document() -> None:
    body = paths('  pattern = "m/*.yaml"\n  vars = { name = var.unset }')
    text = "kind: ${name}\n---\nkind: B\n"
    found = answer("data.kubectl_path_documents.d.documents", body, {"p/m/a.yaml": text})
    assert isinstance(found, Known)
    first, second = (each.value for each in found.value.elements)
    assert isinstance(first, Unknown)
    assert [part.value if isinstance(part, Known) else part.symbol for part in first.parts] == ["kind: ", "p:var.unset"]
    assert isinstance(second, Known)
    # It may be any kind, so what its name in the API is nobody knows.
    assert isinstance(answer("data.kubectl_path_documents.d.manifests", body, {"p/m/a.yaml": text}), Unknown)


def test_what_begins_a_line_may_bring_documents() -> None:
    body = paths('  pattern = "m/*.yaml"\n  vars = { more = var.unset }')
    found = answer("data.kubectl_path_documents.d.documents", body, {"p/m/a.yaml": "kind: A\n${more}\n"})
    assert isinstance(found, Unknown)
    assert found.symbol == "p:var.unset"


def test_two_documents_of_one_name_are_refused() -> None:
    twice = {"p/m/a.yaml": "kind: A\nmetadata: {name: x}\n---\nkind: A\nmetadata: {name: x}\n"}
    found = answer("data.kubectl_path_documents.d.manifests", paths('  pattern = "m/*.yaml"'), twice)
    assert isinstance(found, Unknown)
    assert found.reason is Reason.REFUSED


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (r'provider::kubernetes::manifest_decode("apiVersion: v1\nkind: A\nmetadata: {name: x}\n").kind', "A"),
        (r'[for each in provider::kubernetes::manifest_decode_multi("a: 1\napiVersion: v1\nkind: A\nmetadata: {}\n---\n") : each.a]', [1]),
        (r'try(provider::kubernetes::manifest_decode("kind: A\n"), "refused")', "refused"),
        (r'try(provider::kubernetes::manifest_decode("---\n"), "refused")', "refused"),
    ],
)
def test_manifests_of_the_kubernetes_provider(expression: str, expected: object) -> None:
    assert plain(answer(expression, "", {})) == expected


BUCKET = 'resource "aws_s3_bucket" "b" {\n  bucket = "x"\n}'


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ('split("/", "${aws_s3_bucket.b.arn}/a/b")[1]', "a"),
        ('length(split("/", "${aws_s3_bucket.b.arn}/a/b"))', 3),
        ('split(":", split("/", "${aws_s3_bucket.b.arn}/a")[0])[2]', "s3"),
    ],
)
def test_what_surrounds_the_name_of_a_bucket_is_certain(expression: str, expected: object) -> None:
    assert plain(answer(expression, BUCKET, {})) == expected


@pytest.mark.parametrize(
    "expression",
    [
        'split(":", split("/", "${aws_s3_bucket.b.arn}/a")[0])[5]',
        'split("/", split(":", "${aws_s3_bucket.b.arn}/a")[5])[0]',
        'split("/", aws_s3_bucket.b.id)[0]',
    ],
)
def test_the_name_in_an_arn_is_still_that_of_its_bucket(expression: str) -> None:
    found = answer(expression, BUCKET, {})
    assert isinstance(found, Unknown)
    assert found.target == ("p//aws_s3_bucket.b", "id")


@pytest.mark.parametrize(
    "expression", ['split("-", aws_s3_bucket.b.id)[0]', 'split(":", aws_s3_bucket.b.hosted_zone_id)[0]', 'split("/", var.unset)[0]']
)
def test_other_texts_may_hold_anything(expression: str) -> None:
    found = answer(expression, BUCKET, {})
    assert isinstance(found, Unknown)
    assert found.target is None
