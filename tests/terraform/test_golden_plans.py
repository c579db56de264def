"""Addresses, values and outputs of whole roots against what ``terraform plan`` answered (``golden_plans.json``)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from golden_roots import CASES

from drpolicy.model.values import Absent, Known, Members, Object, Unknown, Value
from drpolicy.sources.discovery import discover
from drpolicy.sources.trees import MemoryTree
from drpolicy.terraform.estate import TerraformEstate
from drpolicy.terraform.load import load_terraform
from drpolicy.terraform.scope import Inputs

GOLDEN: dict[str, dict[str, Any]] = json.loads((Path(__file__).parent / "golden_plans.json").read_text("utf-8"))
UNKNOWN = {"unknown": True}


def loaded(name: str) -> TerraformEstate:
    case = CASES[name]
    tree = MemoryTree(case.files)
    return load_terraform(tree, discover(tree), inputs={"": (Inputs(case.var_files, case.variables, "default"),)})


def differences(value: Value[Any], planned: Any, at: str) -> list[str]:
    """Return where a value is less than the plan knows, or something else. What only the plan leaves unknown is no difference."""
    if planned == UNKNOWN:
        return []
    match value:
        case Unknown(symbol=symbol):
            return [f"{at}: unknown ({symbol}), planned {planned!r}"]
        case Absent():
            return [] if planned is None else [f"{at}: null, planned {planned!r}"]
        case Known(Object() as inner) if isinstance(planned, dict):
            if inner.rest is not None or inner.fields.keys() != planned.keys():
                return [f"{at}: keys {sorted(inner.fields)} {inner.rest}, planned {sorted(planned)}"]
            return [each for name in planned for each in differences(inner.fields[name], planned[name], f"{at}.{name}")]
        case Known(Members() as inner) if isinstance(planned, list):
            if not inner.certain or len(inner.elements) != len(planned):
                return [f"{at}: {len(inner.elements)} elements {inner.rest}, planned {len(planned)}"]
            pairs = enumerate(zip(inner, planned, strict=True))
            return [found for index, (one, other) in pairs for found in differences(one, other, f"{at}[{index}]")]
        case Known(plain):
            alike = isinstance(plain, type(planned)) and isinstance(plain, bool) == isinstance(planned, bool) and plain == planned
            return [] if alike else [f"{at}: {plain!r}, planned {planned!r}"]


def test_every_root_has_an_answer() -> None:
    assert list(GOLDEN) == list(CASES), "run tests/terraform/generate_golden_plans.py"


@pytest.mark.parametrize("name", [name for name, golden in GOLDEN.items() if "error" not in golden])
def test_agrees_with_the_plan(name: str) -> None:
    estate = loaded(name)
    assert [str(problem) for problem in estate.problems] == []
    root = next(each for each in estate.roots if not each.path)
    found = {resource.address: resource for resource in root.resources}
    assert sorted(found) == sorted(GOLDEN[name]["inputs"])
    assert [
        each for address, planned in GOLDEN[name]["inputs"].items() for each in differences(found[address].get("input"), planned, address)
    ] == []
    assert [
        each for output, planned in GOLDEN[name]["outputs"].items() for each in differences(root.outputs[output], planned, output)
    ] == []


@pytest.mark.parametrize("name", [name for name, golden in GOLDEN.items() if "error" in golden])
def test_what_terraform_refuses_is_unknown(name: str) -> None:
    (root,) = loaded(name).roots
    (resource,) = (each for each in root.resources if each.address == "terraform_data.x")
    assert isinstance(resource.get("input"), Unknown)
