"""Plans for tests: the golden files, small ones written by hand, and the roots that are read from them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from drpolicy.model.resources import Resource, TerraformRoot
from drpolicy.model.values import Known, Members, Object, Unknown, Value, target_of
from drpolicy.sources.discovery import discover
from drpolicy.sources.trees import MemoryTree
from drpolicy.terraform.estate import TerraformEstate
from drpolicy.terraform.load import load_terraform
from drpolicy.terraform.plans.attaching import PlanFile
from drpolicy.terraform.plans.documents import Kind

PLANS = Path(__file__).parent / "plans"


def golden(name: str) -> bytes:
    """Return a golden plan or state, such as ``references/plan.json``."""
    return (PLANS / name).read_bytes()


def hcl_of(name: str) -> dict[str, bytes]:
    """Return the HCL of a golden root."""
    return {path.relative_to(PLANS / name).as_posix(): path.read_bytes() for path in (PLANS / name).rglob("*.tf")}


def load(
    data: bytes | Mapping[str, Any],
    files: Mapping[str, bytes | str] | None = None,
    *,
    kind: Kind = "plan",
    root: str | None = None,
    path: str = "plan.json",
    computed: Callable[[str, str], bool] = lambda type_, name: False,
) -> TerraformEstate:
    """Read a plan or state, over HCL when there are files."""
    tree = MemoryTree(dict(files or {}))
    text = data if isinstance(data, bytes) else json.dumps(data).encode()
    return load_terraform(tree, discover(tree), plans=[PlanFile(kind, path, text, root)], computed=computed)


def only_root(estate: TerraformEstate) -> TerraformRoot:
    (root,) = estate.roots
    return root


def by_address(estate: TerraformEstate) -> dict[str, Resource]:
    return {each.address: each for each in only_root(estate).resources}


def codes(estate: TerraformEstate) -> list[str]:
    return [each.code for each in estate.problems]


def plan(
    *changes: Mapping[str, Any],
    configuration: Mapping[str, Any] | None = None,
    providers: Mapping[str, Any] | None = None,
    variables: Mapping[str, Any] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """Return a plan with these changes. ``configuration`` is the root module's."""
    return {
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "variables": {name: {"value": value} for name, value in (variables or {}).items()},
        "resource_changes": list(changes),
        "configuration": {"provider_config": dict(providers or {}), "root_module": dict(configuration or {})},
        **more,
    }


def change(
    address: str, after: Mapping[str, Any] | None, unknown: Any = None, sensitive: Any = None, actions: list[str] | None = None
) -> dict[str, Any]:
    """Return the change of one resource; its type, name and key are those of its address."""
    block, _, key = address.rpartition(".")[2].partition("[")
    words = address.partition("[")[0].split(".") if not address.startswith("module.") else address.split(".")
    type_ = words[-2]
    index: dict[str, Any] = {"index": json.loads(key[:-1])} if key else {}
    return {
        "address": address,
        "mode": "data" if "data." in address else "managed",
        "type": type_,
        "name": block,
        **index,
        "change": {
            "actions": actions or ["create"],
            "before": None,
            "after": after,
            "after_unknown": unknown or {},
            "after_sensitive": sensitive or {},
        },
    }


def configured(address: str, provider: str = "aws", **expressions: Any) -> dict[str, Any]:
    """Return the configuration of one resource: ``{"references": […]}`` and ``[…]`` as they stand, anything else is a constant."""
    made = {name: each if isinstance(each, (dict, list)) else {"constant_value": each} for name, each in expressions.items()}
    type_, name = address.removeprefix("data.").split(".")
    return {"address": address, "type": type_, "name": name, "provider_config_key": provider, "expressions": made}


def refers(*names: str) -> dict[str, list[str]]:
    """Return an expression that refers to names, as Terraform lists them."""
    return {"references": list(names)}


def plain(value: Value[Any]) -> Any:
    """Return a value as plain data: an unknown as its reason and what it refers to."""
    match value:
        case Known(Object() as inner):
            return {name: plain(each) for name, each in inner.fields.items()}
        case Known(Members() as inner):
            return [plain(each.value) for each in inner.elements]
        case Known(inner):
            return inner
        case Unknown(reason=reason):
            target = target_of(value)
            return f"? {reason.name} {target.key}.{target.attribute}" if target is not None else f"? {reason.name}"
        case _:
            return None
