"""What comes through standard input, and definitions that lie outside the repository."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from command_line import AS_OF, here, write

SCHEDULE = "apiVersion: velero.io/v1\nkind: Schedule\nmetadata: {name: daily, namespace: velero}\nspec:\n  schedule: '0 0 31 2 *'\n"
NIGHTLY = SCHEDULE.replace("0 31 2 *", "2 * * *")
DEFINITION = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: schedules.velero.io}
spec:
  group: velero.io
  names: {kind: Schedule}
  versions:
  - {name: v1, schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {cron: {type: string}}}}}}}
"""


def findings(out: str, policy: str) -> list[tuple[str, str, int, int]]:
    found: list[dict[str, Any]] = [each for each in json.loads(out)["findings"] if each["policy"] == policy]
    return [
        (each["verdict"], each["location"]["path"], each["location"]["start"]["line"], each["location"]["start"]["column"])
        for each in found
    ]


@pytest.mark.parametrize(("text", "path"), [(SCHEDULE, "stdin/rendered.yaml"), (NIGHTLY, "")])
def test_rendered_manifests_come_through_standard_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, path: str) -> None:
    monkeypatch.chdir(write(tmp_path, {}))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    ran = here("check", "-", *AS_OF, "--no-cache", "--format", "json")
    assert ran.err == ""
    assert findings(ran.out, "schedule-never-runs") == ([("fail", path, 5, 13)] if path else [("pass", "stdin/rendered.yaml", 3, 18)])


_FAILED = "see why its writer failed ('set -o pipefail' makes that fail the pipe)"
_LACKS = "standard input: this document is no Kubernetes object, it lacks apiVersion or kind, and was not judged"
_FLOW = "standard input: not valid YAML: did not find expected node content while parsing a flow node"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", f"rendered.yaml:1:1: standard input is empty (0 bytes): no manifest was judged; {_FAILED}"),
        (b"\n \n", f"rendered.yaml:1:1: standard input is empty (3 bytes): no manifest was judged; {_FAILED}"),
        (
            b"Error: helm failed\n",
            f"rendered.yaml:1:1: standard input holds no Kubernetes object (19 bytes in 1 line): no manifest was judged; {_FAILED}",
        ),
        (
            b"# Source: chart/templates/x.yaml\n---\n# off\n",
            f"rendered.yaml:1:1: standard input holds no Kubernetes object (43 bytes in 3 lines): no manifest was judged; {_FAILED}",
        ),
        (b"a: [", f"rendered.yaml:1:5: {_FLOW}"),
        (f"{NIGHTLY}---\n# nothing\n---\na: [\n".encode(), f"rendered.yaml:10:1: {_FLOW}"),
        (f"{NIGHTLY}---\nError: helm failed\n".encode(), f"rendered.yaml:7:1: {_LACKS}"),
        (b'{"apiVersion": ', "rendered.json:1:16: standard input: not valid JSON: a value is expected here"),
        (b"a\0", "rendered.yaml:1:2: stdin/rendered.yaml was not read: it is a binary file, in line 1"),
    ],
)
def test_standard_input_without_manifests_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: bytes, said: str) -> None:
    monkeypatch.chdir(write(tmp_path, {}))
    for paths in (("-",), (".", "-")):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text)))
        ran = here("check", *paths, *AS_OF, "--no-cache", "--format", "json")
        errors = [
            f"{each['location']['path']}:{each['location']['start']['line']}:{each['location']['start']['column']}: {each['message']}"
            for each in json.loads(ran.out)["diagnostics"]
        ]
        assert (ran.code, errors) == (3, [f"stdin/{said}"])


def test_a_document_of_comments_in_what_was_rendered_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(write(tmp_path, {}))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(f"---\n# off\n---\n{SCHEDULE}---\n".encode())))
    assert json.loads(here("check", "-", *AS_OF, "--no-cache", "--format", "json").out)["diagnostics"] == []


def test_rendered_json_is_read_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = {"apiVersion": "velero.io/v1", "kind": "Schedule", "metadata": {"name": "daily"}, "spec": {"schedule": "0 0 31 2 *"}}
    monkeypatch.chdir(write(tmp_path, {}))
    text = json.dumps(data)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    ran = here("check", "-", *AS_OF, "--no-cache", "--format", "json")
    assert findings(ran.out, "schedule-never-runs") == [("fail", "stdin/rendered.json", 1, text.index('"0 0 31') + 1)]


def test_objects_are_held_against_the_definitions_of_a_directory(tmp_path: Path) -> None:
    repository = write(tmp_path / "repository", {"k/s.yaml": SCHEDULE})
    outside = write(tmp_path / "definitions", {"crd.yaml": DEFINITION})
    ran = here("check", repository, *AS_OF, "--no-cache", "--format", "json", "--crd-dir", outside)
    assert findings(ran.out, "schedule-field-not-read") == [("fail", "k/s.yaml", 5, 3)]
    ran = here("check", repository, *AS_OF, "--no-cache", "--format", "json")
    assert findings(ran.out, "schedule-field-not-read") == [("pass", "k/s.yaml", 3, 18)]


def test_a_directory_without_definitions_is_refused(tmp_path: Path) -> None:
    repository = write(tmp_path, {"k/s.yaml": SCHEDULE})
    ran = here("check", repository, *AS_OF, "--crd-dir", repository / "k")
    assert (ran.code, ran.err) == (
        2,
        f"drpolicy: --crd-dir {repository / 'k'}: no YAML file in it holds a CustomResourceDefinition\n",
    )
    ran = here("check", repository, *AS_OF, "--crd-dir", repository / "none")
    assert (ran.code, ran.err) == (2, f"drpolicy: --crd-dir {repository / 'none'}: not a directory\n")
