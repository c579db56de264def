"""Damaged plans: whatever stands in the JSON, reading and judging it ends and raises nothing."""

from __future__ import annotations

import json
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from plan_files import golden, hcl_of, load

from drpolicy.app.check import assemble
from drpolicy.app.reading import read_tree
from drpolicy.app.settings import Settings
from drpolicy.sources.trees import MemoryTree
from drpolicy.terraform.plans.attaching import PlanFile
from drpolicy.terraform.plans.documents import Kind, PlanDocument, read_document

FILES: list[tuple[str, Kind]] = [
    ("references/plan.json", "plan"),
    ("changes/plan.json", "plan"),
    ("references/state.json", "state"),
    ("references/raw_state.json", "state"),
    ("examples_before.json", "plan"),
]
ODD = [
    None,
    True,
    False,
    0,
    -1,
    1.5,
    "",
    "x",
    [],
    {},
    [[]],
    [{}],
    {"references": ["var.x", 1, "each.value", "module.", "a"]},
    {"constant_value": {}},
]


@cache
def paths_of(name: str) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = []
    pending: list[tuple[tuple[Any, ...], Any]] = [((), json.loads(golden(name)))]
    while pending:
        path, value = pending.pop()
        found.append(path)
        inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        pending += [((*path, step), each) for step, each in inner]
    return found


def replaced(data: Any, path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    here = data
    for step in path[:-1]:
        try:
            here = here[step]
        except (KeyError, IndexError, TypeError):
            return data
    try:
        here[path[-1]] = value
    except (IndexError, TypeError):
        return data
    return data


@pytest.mark.parametrize(("name", "kind"), FILES)
@given(st.data())
@settings(max_examples=20, deadline=None, phases=[Phase.explicit, Phase.generate])
def test_a_plan_with_anything_anywhere_is_read(name: str, kind: Kind, data: st.DataObject) -> None:
    made = json.loads(golden(name))
    for _ in range(data.draw(st.integers(1, 4))):
        made = replaced(made, data.draw(st.sampled_from(paths_of(name))), data.draw(st.sampled_from(ODD)))
    file = PlanFile(kind, "plan.json", json.dumps(made).encode())
    files = data.draw(st.sampled_from([{}, hcl_of("references")]))
    assemble(Settings(paths=(Path(),), cwd=Path(), as_of=date(2026, 11, 1)), read_tree(MemoryTree(files), plans=(file,)))
    for root in load(file.data, files, kind=kind).roots:
        for resource in root.resources:
            dict(resource.attributes.fields)


@pytest.mark.parametrize(("name", "kind"), FILES)
@given(st.data())
@settings(max_examples=20, deadline=None, phases=[Phase.explicit, Phase.generate])
def test_a_plan_that_is_cut_or_garbled_has_a_place(name: str, kind: Kind, data: st.DataObject) -> None:
    text = golden(name)
    at = data.draw(st.integers(0, len(text) - 2))
    garbled = data.draw(st.sampled_from([text[:at], text[:at] + data.draw(st.binary(max_size=3)) + text[at + 1 :]]))
    found = read_document("plan.json", garbled, kind)
    assert isinstance(found, PlanDocument) or (found.code == "plan-invalid" and found.span is not None)


def test_a_resource_nested_without_end_is_read() -> None:
    value: Any = True
    for _ in range(400):
        value = {"a": [value]}
    deep = {"a": value}
    change = {"actions": ["create"], "after": deep, "after_unknown": deep, "after_sensitive": deep}
    entry = {"address": "aws_s3_bucket.b", "mode": "managed", "type": "aws_s3_bucket", "name": "b", "change": change}
    configuration = {"root_module": {"resources": [{"address": "aws_s3_bucket.b", "expressions": deep}]}}
    data = {"format_version": "1.2", "resource_changes": [entry], "configuration": configuration}
    (bucket,) = load(data).roots[0].resources
    assert list(dict(bucket.attributes.fields)) == ["a"]
