from __future__ import annotations

import pytest

from drpolicy.model.spans import Source
from drpolicy.sources.discovery import Discovery, classify, discover, looks_like_manifest
from drpolicy.sources.problems import Problem
from drpolicy.sources.reading import read_source
from drpolicy.sources.trees import MemoryTree


def test_a_byte_order_mark_is_stripped() -> None:
    source = read_source(MemoryTree({"a.tf": b"\xef\xbb\xbfx = 1"}), "a.tf")
    assert isinstance(source, Source) and source.text == "x = 1" and source.path == "a.tf"


@pytest.mark.parametrize(
    ("data", "code", "message", "line", "column"),
    [
        (b"a\nb\0c", "file-not-text", "a.tf was not read: it is a binary file, in line 2", 2, 2),
        ("é\nü".encode() + b"\xff", "file-not-text", "a.tf was not read: it is not UTF-8: byte 0xff at offset 5, in line 2", 2, 2),
        (b"\xed\xa0\x80", "file-not-text", "a.tf was not read: it is not UTF-8: byte 0xed at offset 0, in line 1", 1, 1),
    ],
)
def test_what_is_not_text(data: bytes, code: str, message: str, line: int, column: int) -> None:
    problem = read_source(MemoryTree({"a.tf": data}), "a.tf")
    assert isinstance(problem, Problem) and problem.span is not None
    assert (problem.code, problem.message, *problem.span.start) == (code, message, line, column)


def test_what_cannot_be_read() -> None:
    tree = MemoryTree({"a.tf": b"12345"})
    assert read_source(tree, "a.tf", limit=4) == Problem(
        "a.tf", "file-too-large", "a.tf was not read: the file has 5 bytes; the limit is 4"
    )
    assert read_source(tree, "b.tf") == Problem("b.tf", "file-unreadable", "b.tf was not read: there is no such file")


def test_discovery() -> None:
    paths = [
        "main.tf", "x.tf.json", "y.tofu", "prod.tfvars", "auto.tfvars.json", "k8s/a.yaml", "k8s/b.yml", "k8s/c.json", "package.json",
        "README.md", "drpolicy.yaml", "team/.drpolicy.yaml", "chart/Chart.yaml", "chart/values.yaml", "chart/templates/a.yaml",
        "chart/templates/deep/b.tpl", "chart/charts/sub/Chart.yaml", "chart/charts/sub/templates/c.yaml", "templates/d.yaml", "x.py",
    ]  # fmt: skip
    assert discover(MemoryTree(dict.fromkeys(paths, b""))) == Discovery(
        terraform=("main.tf", "x.tf.json", "y.tofu"),
        tfvars=("auto.tfvars.json", "prod.tfvars"),
        yaml=("chart/Chart.yaml", "chart/charts/sub/Chart.yaml", "chart/values.yaml", "k8s/a.yaml", "k8s/b.yml", "templates/d.yaml"),
        json=("k8s/c.json",),
        markdown=("README.md",),
        configs=("drpolicy.yaml", "team/.drpolicy.yaml"),
        charts=("chart", "chart/charts/sub"),
        helm_templates=("chart/charts/sub/templates/c.yaml", "chart/templates/a.yaml", "chart/templates/deep/b.tpl"),
        other=2,
    )


def test_a_chart_at_the_root_has_templates() -> None:
    found = discover(MemoryTree({"Chart.yaml": b"", "templates/x.yaml": b"", "crds/y.yaml": b""}))
    assert found.helm_templates == ("templates/x.yaml",) and found.yaml == ("Chart.yaml", "crds/y.yaml")


def test_discovery_of_one_directory() -> None:
    found = discover(MemoryTree({"a/main.tf": b"", "b/main.tf": b""}), "a")
    assert found.terraform == ("a/main.tf",)
    assert [classify(path) for path in ("a/terragrunt.hcl", "root.hcl", ".terraform.lock.hcl", "image.pkr.hcl", ".tflint.hcl")] == [
        "terragrunt",
        "terragrunt",
        None,
        None,
        None,
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("apiVersion: v1\nkind: Pod\n", True),
        ('{"kind" : "Pod", "apiVersion":"v1"}', True),
        ("'apiVersion': v1\n'kind': Pod", True),
        ("apiVersion: v2\nname: chart\n", False),
        ("# the apiVersion and the kind\na: 1", False),
        ("mankind: 1\napiVersion: x", False),
    ],
)
def test_looks_like_manifest(text: str, expected: bool) -> None:
    assert looks_like_manifest(text) is expected
