"""Which source and version of a module is described where, and that what is shipped is in order."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from drpolicy.catalog.interfaces import DIRECTORY, Interface, Interfaces, NotDescribed, built_in_interfaces, interface_files
from drpolicy.catalog.load import BUNDLE
from drpolicy.catalog.module_sources import ModuleSource, module_source
from drpolicy.catalog.versions import VersionSpan, allowed_versions
from drpolicy.terraform.files import build_module
from drpolicy.terraform.index import index

MODULES = json.loads(BUNDLE.read_text("utf-8"))["modules"]
STUBS = sorted({path.parent for path in DIRECTORY.rglob("*.tf")})


@pytest.mark.parametrize(
    ("constraint", "span"),
    [
        ("6.1.0", VersionSpan((6, 1, 0), (6, 1, 1))),
        ("= 6.1", VersionSpan((6, 1, 0), (6, 1, 1))),
        ("v6.1.0", VersionSpan((6, 1, 0), (6, 1, 1))),
        ("~> 6.1", VersionSpan((6, 1, 0), (7, 0, 0))),
        ("~> 6.1.2", VersionSpan((6, 1, 2), (6, 2, 0))),
        ("~> 6", VersionSpan((6, 0, 0), None)),
        (">= 5.0, < 7.0.0", VersionSpan((5, 0, 0), (7, 0, 0))),
        ("> 5.0.3,<= 6.0", VersionSpan((5, 0, 4), (6, 0, 1))),
        (">= 5.0.0, != 5.1.0", VersionSpan((5, 0, 0), None)),
        ("", None),
        ("latest", None),
        ("6.0.0-beta1", None),
        ("~> 6.0,", None),
    ],
)
def test_a_constraint_is_a_span_of_versions(constraint: str, span: VersionSpan | None) -> None:
    assert allowed_versions(constraint) == span


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("org/name/aws", ModuleSource("org/name/aws")),
        ("registry.terraform.io/org/name/aws//modules/part", ModuleSource("org/name/aws", "modules/part")),
        ("github.com/Org/repo", ModuleSource("github.com/org/repo", git=True)),
        ("git::https://github.com/org/repo.git?ref=v6.1.0", ModuleSource("github.com/org/repo", "", "v6.1.0", True)),
        (
            "git::https://github.com/org/repo.git//modules/part?ref=v6.1.0&depth=1",
            ModuleSource("github.com/org/repo", "modules/part", "v6.1.0", True),
        ),
        ("git@github.com:org/repo.git?ref=main", ModuleSource("github.com/org/repo", "", "main", True)),
        ("git::ssh://git@github.com/org/repo?depth=1&ref=v1.0.0", ModuleSource("github.com/org/repo", "", "v1.0.0", True)),
        ("git::https://github.com/org/repo.git?ref=tags/1.0.0", ModuleSource("github.com/org/repo", "", "1.0.0", True)),
        ("./modules/db", None),
        ("app.terraform.io/org/name/aws", None),
        ("git::https://gitlab.com/org/repo.git", None),
        ("s3::https://s3.amazonaws.com/bucket/module.zip", None),
        ("", None),
    ],
)
def test_a_source_names_a_module(source: str, found: ModuleSource | None) -> None:
    assert module_source(source) == found


FOUND = Interfaces(
    [
        {
            "module": "org/name/aws",
            "git": ["github.com/org/terraform-name"],
            "interfaces": [
                {"versions": ">= 1.0.0, < 2.0.0", "directory": "one", "page": "p"},
                {"versions": ">= 2.0.0, < 4.0.0", "directory": "two", "page": "p"},
            ],
        }
    ]
)
KNOWN = "its interface is known for >= 1.0.0, < 2.0.0 and for >= 2.0.0, < 4.0.0"


@pytest.mark.parametrize(
    ("source", "version", "directory"),
    [
        ("org/name/aws", "~> 1.2", "one"),
        ("org/name/aws", ">= 2.5, < 4.0", "two"),
        ("git::https://github.com/org/terraform-name.git?ref=v3.0.1", None, "two"),
        # A version argument means nothing beside a Git source.
        ("github.com/org/terraform-name?ref=1.0.0", "~> 3.0", "one"),
    ],
)
def test_an_interface_is_found_where_all_allowed_versions_share_it(source: str, version: str | None, directory: str) -> None:
    found = FOUND.find(source, version)
    assert isinstance(found, Interface) and found.directory == directory


@pytest.mark.parametrize(
    ("source", "version", "why"),
    [
        ("org/name/aws", None, f"{KNOWN}; no version is asked for"),
        ("org/name/aws", ">= 1.5", f"{KNOWN}; version '>= 1.5' allows others"),
        ("org/name/aws", ">= 1.5, < 3.0", f"{KNOWN}; version '>= 1.5, < 3.0' allows others"),
        ("org/name/aws", "newest", f"{KNOWN}; version 'newest' cannot be compared"),
        ("github.com/org/terraform-name?ref=main", None, f"{KNOWN}; ref 'main' is no version"),
        ("github.com/org/terraform-name", "1.0.0", f"{KNOWN}; no version is asked for"),
    ],
)
def test_a_version_that_may_be_another_is_not_described(source: str, version: str | None, why: str) -> None:
    assert FOUND.find(source, version) == NotDescribed(why)


def test_other_modules_and_submodules_are_not_known_at_all() -> None:
    assert FOUND.find("org/other/aws", "1.0.0") is None
    assert FOUND.find("org/name/aws//modules/part", "1.0.0") is None
    # What no version is described of is not asked for one.
    assert FOUND.find("org/name/aws//modules/part", None) is None
    assert built_in_interfaces().find("terraform-aws-modules/iam/aws//modules/iam-policy", None) is None
    assert built_in_interfaces().find("terraform-aws-modules/rds/aws//../../../..", "6.1.0") is None


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module["module"])
def test_every_interface_has_files_a_source_and_versions_of_its_own(module: dict[str, list[dict[str, str]]]) -> None:
    spans: list[VersionSpan] = []
    for each in module["interfaces"]:
        # Of some only submodules are described.
        assert any(
            interface_files(path.relative_to(DIRECTORY).as_posix()) for path in STUBS if path.is_relative_to(DIRECTORY / each["directory"])
        )
        assert each["directory"].startswith(f"{module['module']}/")
        assert each["page"].endswith(", 2026-11")
        span = allowed_versions(each["versions"])
        assert span is not None and span.before is not None, "what no version is known of yet may differ"
        assert all(span.first >= other.before or span.before <= other.first for other in spans if other.before is not None)
        spans.append(span)


@pytest.mark.parametrize("directory", STUBS, ids=lambda path: path.relative_to(DIRECTORY).as_posix())
def test_every_stub_says_what_it_leaves_out_and_parses(directory: Path) -> None:
    files = [index(source) for source in interface_files(directory.relative_to(DIRECTORY).as_posix())]
    assert [problem.message for file in files for problem in file.problems] == []
    (main,) = (file.source.text for file in files if file.source.path.endswith("/main.tf"))
    assert main.startswith("# Interface of ")
    assert "odelled" in main.partition("\n\n")[0] or "is counted" in main
    module = build_module("", files)
    called = {name for file in files for block in file.blocks if block.type == "module" for name in block.labels}
    assert set(module.calls) == called
