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


@pytest.mark.parametrize(("text", "path"), [(SCHEDULE, "stdin/rendered.yaml"), ("", "")])
def test_rendered_manifests_come_through_standard_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, path: str) -> None:
    monkeypatch.chdir(write(tmp_path, {}))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    ran = here("check", "-", *AS_OF, "--no-cache", "--format", "json")
    assert ran.err == ""
    assert findings(ran.out, "schedule-never-runs") == ([("fail", path, 5, 13)] if path else [])


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
