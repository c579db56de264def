"""Hold the plan reader against Terraform's own equivalence tests: ``python tests/terraform/compare_equivalence.py --terraform DIR``.

DIR is a checkout of hashicorp/terraform. Each ``testing/equivalence-tests/tests/NAME/main.tf`` is read as HCL, and the plan that Terraform
made of it, ``outputs/NAME/plan.json``, as a plan; the resources of the two must have the same addresses and no value that differs.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from drpolicy.model.resources import Resource, TerraformRoot
from drpolicy.model.values import Absent, Known, Members, Object, Unknown, Value
from drpolicy.sources.discovery import discover
from drpolicy.sources.trees import MemoryTree
from drpolicy.terraform.load import load_terraform
from drpolicy.terraform.plans.attaching import PlanFile


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--terraform", type=Path, required=True)
    base = parser.parse_args().terraform / "testing" / "equivalence-tests"
    agreeing = 0
    plans = sorted(base.glob("outputs/*/plan.json"))
    for plan in plans:
        said = list(differences(base / "tests" / plan.parent.name, plan))
        agreeing += not said
        sys.stdout.write(f"{'agrees' if not said else 'DIFFERS':8} {plan.parent.name}\n")
        for line in said:
            sys.stdout.write(f"         {line}\n")
    sys.stdout.write(f"{agreeing} of {len(plans)} agree\n")
    return 0 if agreeing == len(plans) else 1


def differences(directory: Path, plan: Path) -> Iterator[str]:
    """Yield what the HCL of a test and its plan, read alone and laid over the HCL, do not agree on."""
    files = {path.relative_to(directory).as_posix(): path.read_bytes() for path in directory.rglob("*") if path.is_file()}
    written = read(files)
    if written is None:
        yield "no root was read"
        return
    destroyed = removed(plan, written)
    refreshing = "resource_changes" not in json.loads(plan.read_bytes())
    expected = {each.address: each for each in written.resources if each.address not in destroyed}
    file = PlanFile("plan", "plan.json", plan.read_bytes())
    for how, root in (("alone", read({}, file)), ("over the HCL", read(files, file))):
        found = {each.address: each for each in root.resources} if root is not None else {}
        for address in sorted(expected.keys() ^ found.keys()):
            yield f"{how}: {address} is only in the {'HCL' if address in expected else 'plan'}"
        # A plan that only refreshes keeps what somebody changed by hand, whatever the HCL says.
        for address in sorted(expected.keys() & found.keys()) if not refreshing else ():
            yield from (f"{how}: {address}.{line}" for line in compared(expected[address], found[address]))


def read(files: dict[str, bytes], *plans: PlanFile) -> TerraformRoot | None:
    tree = MemoryTree(files)
    estate = load_terraform(tree, discover(tree), plans=plans)
    return estate.roots[0] if estate.roots else None


def removed(plan: Path, written: TerraformRoot) -> set[str]:
    """Return what is not there after a plan: it deletes it, or it only refreshes and so makes nothing that is gone."""
    data = json.loads(plan.read_bytes())
    if "resource_changes" not in data and "resource_drift" in data:
        there = {each["address"] for each in data["prior_state"].get("values", {}).get("root_module", {}).get("resources", [])}
        return {each.address for each in written.resources} - there
    return {each["address"] for each in data.get("resource_changes", []) if each["change"]["actions"] == ["delete"]}


def compared(written: Resource, planned: Resource) -> Iterator[str]:
    for name, value in written.attributes.fields.items():
        yield from unlike(name, value, planned.attributes.fields.get(name, Absent(value.origin)))


def unlike(name: str, written: Value[Any], planned: Value[Any]) -> Iterator[str]:
    match written, planned:
        case Unknown() as unknown, Unknown() as other:
            if (
                other.target is not None
                and unknown.target is not None
                and unknown.target.key.partition("//")[2] != other.target.key.partition("//")[2]
            ):
                yield f"{name} refers to {unknown.target} and {other.target}"
        case Unknown(), _:
            return
        case Absent(), Absent():
            return
        case Known(Object() as one), Known(Object() as other):
            for field in one.fields.keys() | other.fields.keys():
                absent: Value[Any] = Absent(written.origin)
                yield from unlike(f"{name}.{field}", one.fields.get(field, absent), other.fields.get(field, absent))
        case Known(Members() as one), Known(Members() as other):
            ours, theirs = (sorted((plain(each.value) for each in side.elements), key=repr) for side in (one, other))
            if ours != theirs and "?" not in repr(ours):
                yield f"{name}: {ours} and {theirs}"
        case Known(Members() as one), Known(Object()) if len(one.elements) == 1:
            yield from unlike(name, one.elements[0].value, planned)
        case Known(Members(elements=())), Absent():
            return
        case Known(Object() as one), Absent() if not one.fields:
            return
        case Known() as one, Known() as other:
            if plain(one) != plain(other) and str(plain(one)) != str(plain(other)):
                yield f"{name}: {plain(one)!r} and {plain(other)!r}"
        case Absent(), Known():
            yield f"{name}: not written and {plain(planned)!r}"
        case _:
            yield f"{name}: {plain(written)!r} and {plain(planned)!r}"


def plain(value: Value[Any]) -> Any:
    match value:
        case Known(Object() as inner):
            return {name: plain(each) for name, each in sorted(inner.fields.items()) if not isinstance(each, Absent)}
        case Known(Members() as inner):
            # Sets have no order, and the HCL of a list may become a set.
            return sorted((plain(each.value) for each in inner.elements), key=repr)
        case Known(inner):
            return inner
        case Absent():
            return None
        case _:
            return "?"


if __name__ == "__main__":
    sys.exit(main())
