"""What Terraform itself planned, against what the HCL says: the files are made by ``generate_plans.py``."""

from __future__ import annotations

import json
from typing import Any

import pytest
from plan_files import by_address, codes, golden, hcl_of, load, only_root, plain

from drpolicy.model.reasons import Reason
from drpolicy.model.values import Absent, Unknown
from drpolicy.sources.discovery import discover
from drpolicy.sources.trees import MemoryTree
from drpolicy.terraform.load import load_terraform


def written() -> dict[str, Any]:
    tree = MemoryTree(hcl_of("references"))
    return by_address(load_terraform(tree, discover(tree)))


SECRET = "terraform_data.secret", "terraform_data.counted[0]", "terraform_data.counted[1]"


@pytest.mark.parametrize("files", [{}, hcl_of("references")], ids=["alone", "over HCL"])
def test_the_addresses_are_those_of_the_hcl(files: dict[str, bytes]) -> None:
    assert sorted(by_address(load(golden("references/plan.json"), files))) == sorted(written())


def test_over_the_hcl_everything_written_is_the_same_with_its_place() -> None:
    planned = by_address(load(golden("references/plan.json"), hcl_of("references")))
    for address, ours in written().items():
        theirs = planned[address]
        assert (theirs.span, theirs.extent, theirs.type, theirs.name) == (ours.span, ours.extent, ours.type, ours.name) or (
            str(theirs.span) == str(ours.span)
        )
        if address not in SECRET:
            assert plain(theirs.attributes.fields["input"]) == plain(ours.attributes.fields["input"]), address


def test_alone_references_hold_through_modules_and_keys() -> None:
    planned = by_address(load(golden("references/plan.json")))
    inputs = {address: plain(each.attributes.fields["input"]) for address, each in planned.items()}
    one = "? COMPUTED root//terraform_data.one.id"
    assert inputs == {
        # Locals are not in a plan, and which element is chosen is not either: what they refer to is open without the HCL.
        "terraform_data.through_local": "? COMPUTED",
        "terraform_data.chosen": "? COMPUTED",
        "terraform_data.all": ["? COMPUTED root//terraform_data.counted."] * 2,
        "terraform_data.one": "x",
        "terraform_data.secret": "? SENSITIVE",
        "terraform_data.counted[0]": one,
        "terraform_data.counted[1]": one,
        'terraform_data.each["a"]': '? COMPUTED root//terraform_data.many["a"].',
        'terraform_data.each["b"]': '? COMPUTED root//terraform_data.many["b"].',
        'terraform_data.many["a"]': {"literals": [1, True, None], "name": "a", "reference": one},
        'terraform_data.many["b"]': {"literals": [1, True, None], "name": "b", "reference": one},
        "terraform_data.through_module": '? COMPUTED root//module.child["a"].terraform_data.in.id',
        "terraform_data.through_two_modules": '? COMPUTED root//module.child["b"].module.grand[0].terraform_data.deep.id',
        'module.child["a"].terraform_data.in': {"name": "a", "up": one},
        'module.child["b"].terraform_data.in': {"name": "b", "up": one},
        'module.child["a"].module.grand[0].terraform_data.deep': one,
        'module.child["b"].module.grand[0].terraform_data.deep': one,
    }


def test_alone_a_resource_stands_at_its_address_in_the_file() -> None:
    one = by_address(load(golden("references/plan.json")))["terraform_data.one"]
    assert one.span.text.endswith('"address": "terraform_data.one"')
    assert json.loads(one.extent.text)["address"] == "terraform_data.one"
    assert one.span.start.line == golden("references/plan.json").decode()[: one.span.offset].count("\n") + 1


def test_modules_are_named_with_their_sources() -> None:
    root = only_root(load(golden("references/plan.json")))
    assert [(call.address, call.source, call.outcome) for call in root.modules] == [
        ('module.child["a"]', "./child", "evaluated"),
        ('module.child["a"].module.grand[0]', "./grand", "evaluated"),
        ('module.child["b"]', "./child", "evaluated"),
        ('module.child["b"].module.grand[0]', "./grand", "evaluated"),
    ]


def test_what_a_plan_deletes_is_not_there_and_what_it_replaces_is_as_it_will_be() -> None:
    planned = by_address(load(golden("changes/plan.json")))
    assert {address: plain(each.attributes.fields["input"]) for address, each in planned.items()} == {
        "terraform_data.created": planned["terraform_data.kept"].attributes.fields["id"].value,  # type: ignore[union-attr] # known: it is there
        "terraform_data.kept": "as it was",
        "terraform_data.replaced": "new",
        "terraform_data.updated": "after",
    }


@pytest.mark.parametrize("name", ["refresh_only", "targeted"])
def test_what_a_plan_does_not_touch_stays_as_it_was(name: str) -> None:
    estate = load(golden(f"changes/{name}.json"))
    planned = by_address(estate)
    assert plain(planned["terraform_data.updated"].attributes.fields["input"]) == "before"
    assert plain(planned["terraform_data.deleted"].attributes.fields["input"]) == "gone"
    assert ("terraform_data.created" in planned) == (name == "targeted")
    assert ("plan-incomplete" in codes(estate)) == (name == "targeted")


@pytest.mark.parametrize("name", ["references/state.json", "references/raw_state.json"])
def test_a_state_knows_everything_and_refers_by_id(name: str) -> None:
    stored = by_address(load(golden(name), kind="state"))
    assert sorted(stored) == sorted(written())
    inputs = {address: each.attributes.fields["input"] for address, each in stored.items()}
    assert plain(inputs['module.child["a"].terraform_data.in'])["name"] == "a"
    unknown = {address for address, value in inputs.items() if isinstance(value, Unknown)}
    assert unknown == {"terraform_data.secret"}
    for address, key in (
        ('terraform_data.each["a"]', 'root//terraform_data.many["a"]'),
        ("terraform_data.through_two_modules", 'root//module.child["b"].module.grand[0].terraform_data.deep'),
        ('module.child["b"].module.grand[0].terraform_data.deep', "root//terraform_data.one"),
    ):
        assert inputs[address].origin.key == key, address  # type: ignore[union-attr] # a reference


@pytest.mark.parametrize("name", ["references/plan.json", "references/state.json", "references/raw_state.json"])
def test_a_sensitive_value_is_nowhere_in_what_is_read(name: str) -> None:
    kind = "plan" if "plan" in name else "state"
    for files in ({}, hcl_of("references")):
        stored = by_address(load(golden(name), files, kind=kind))  # type: ignore[arg-type] # one of the two kinds
        secret = stored["terraform_data.secret"].attributes.fields["input"]
        assert isinstance(secret, Unknown)
        assert secret.reason is Reason.SENSITIVE
        # Terraform itself does not call the output of terraform_data sensitive once it is applied.
        read = [{name: value for name, value in each.attributes.fields.items() if name != "output"} for each in stored.values()]
        assert "correct-horse" not in repr(read)


def test_no_line_of_the_file_is_shown() -> None:
    one = by_address(load(golden("references/plan.json")))["terraform_data.one"]
    assert one.span.source.line(one.span.start.line) == ""


def test_an_attribute_that_nobody_wrote_is_absent() -> None:
    planned = by_address(load(golden("references/plan.json"), hcl_of("references")))
    assert isinstance(planned["terraform_data.one"].attributes.fields["triggers_replace"], Absent)
    assert isinstance(planned["terraform_data.one"].attributes.fields["id"], Absent)
