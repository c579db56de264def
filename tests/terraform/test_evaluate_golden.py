"""Every function and operator against what ``terraform console`` answered (``golden_console.json``)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from drpolicy.model.reasons import Reason
from drpolicy.model.values import Absent, Known, Unknown, Value
from drpolicy.sources.trees import MemoryTree
from drpolicy.terraform.conversion import plain
from drpolicy.terraform.load import load_terraform
from drpolicy.terraform.unknowns import first_unknown

GOLDEN: list[dict[str, Any]] = json.loads((Path(__file__).parent / "golden_console.json").read_text("utf-8"))

# Terraform knows more than we say: sameness of collections depends on types that our values do not carry; the others are text
# that is not worth reproducing byte by byte.
NOT_DECIDED = {
    "[] == []",
    "{} == {}",
    'length("héllo")',
    'contains([1, 2], "1")',
}


def evaluated(expression: str) -> Value[Any]:
    estate = load_terraform(MemoryTree({"main.tf": f'resource "test_one" "x" {{\n  value = {expression}\n}}\n'}), ["main.tf"])
    assert estate.problems == ()
    (resource,) = estate.roots[0].resources
    return resource.attributes.fields["value"]


@pytest.mark.parametrize("row", GOLDEN, ids=[row["expression"] for row in GOLDEN])
def test_agrees_with_terraform(row: dict[str, Any]) -> None:
    value = evaluated(row["expression"])
    if row["expression"] in NOT_DECIDED:
        assert isinstance(value, Unknown)
        return
    if "error" in row:
        assert isinstance(value, Unknown), value
        assert value.reason is Reason.FUNCTION_NOT_EVALUATED
        return
    assert isinstance(value, (Known, Absent)), value
    assert first_unknown([value]) is None
    found = plain(value)
    assert found == row["value"]
    assert json.dumps(found, sort_keys=True).replace(".0", "") == json.dumps(row["value"], sort_keys=True).replace(".0", "")
