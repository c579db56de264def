"""ARC Region switch plans as drafts of services, and their steps in a runbook."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import botocore.session
import pytest

from drpolicy.app.reading import read_tree
from drpolicy.app.region_switch_import import plans
from drpolicy.app.runbook_draft import draft
from drpolicy.app.service_draft import ObjectiveDraft, ServiceDraft, document
from drpolicy.app.service_imports import NotImported
from drpolicy.app.settings import Settings
from drpolicy.declarations.load import load_declarations
from drpolicy.model.spans import Source
from drpolicy.sources.trees import MemoryTree
from drpolicy.sources.yaml_documents import documents

PLAN: dict[str, Any] = {
    "name": "orders-switch",
    "recoveryApproach": "activePassive",
    "regions": ["eu-west-1", "eu-central-1"],
    "primaryRegion": "eu-west-1",
    "recoveryTimeObjectiveMinutes": 30,
    "workflows": [
        {
            "workflowTargetAction": "activate",
            "workflowTargetRegion": "eu-central-1",
            "steps": [
                {"name": "approve", "executionBlockType": "ManualApproval"},
                {
                    "name": "scale",
                    "executionBlockType": "Parallel",
                    "executionBlockConfiguration": {
                        "parallelConfig": {
                            "steps": [
                                {"name": "web", "executionBlockType": "EC2AutoScaling"},
                                {"name": "api", "executionBlockType": "ECSServiceScaling"},
                            ]
                        }
                    },
                },
            ],
        }
    ],
}


@pytest.mark.parametrize("data", [{"plan": PLAN}, {"plans": [PLAN]}, PLAN], ids=["get", "list", "plain"])
def test_a_plan_is_a_service_with_its_regions(data: object) -> None:
    found, said = plans(json.dumps(data), "plan.json", None)
    assert said == []
    assert found == [
        ServiceDraft(
            name="orders-switch",
            objectives=(ObjectiveDraft("region", "30m"),),
            primary_region="eu-west-1",
            dr_regions=("eu-central-1",),
            stores_known=False,
            notes=(
                "from plan.json:1, Region switch plan orders-switch, activePassive",
                "strategy: activePassive is any of backup-restore, pilot-light and warm-standby; write which",
                "runbook: to activate eu-central-1: approve (ManualApproval), web (EC2AutoScaling) and api (ECSServiceScaling)",
                "objectives: the plan's RTO is counted from its start; noticing and deciding come before it",
            ),
        )
    ]
    loaded = load_declarations(documents(Source("orders.yaml", document(found[0]))).documents)
    assert [each.code for each in loaded.diagnostics] == ["owner-unassigned"]


def test_a_plan_whose_regions_both_serve() -> None:
    data = {**PLAN, "recoveryApproach": "activeActive", "primaryRegion": None}
    (found,), _ = plans(json.dumps({k: v for k, v in data.items() if v is not None}), "plan.json", "orders")
    assert (found.name, found.strategy, found.primary_region) == ("orders", "active-active", "eu-west-1")
    assert "regions: the plan names no primary region; eu-west-1 is its first" in found.notes


@pytest.mark.parametrize(
    ("text", "name", "message"),
    [
        ("{", None, "plan.json:1:2: not valid JSON"),
        ("{}", None, "plan.json:1:1: no Region switch plan: it has no name"),
        ('{"name": "a"}', None, "plan.json:1:2: no Region switch plan: it has no regions"),
        ('{"plans": []}', None, "plan.json: the list has no plan"),
        ('{"name": "a", "regions": "x"}', None, "plan.json:1:26: regions is not a list"),
        ('{"name": "a", "regions": [1]}', None, "plan.json:1:27: regions is not a list of texts"),
        (
            '{"name": "a", "regions": ["x", "y"],\n "primaryRegion": "z"}',
            None,
            "plan.json:2:19: primaryRegion z is not one of its regions, x, y",
        ),
        ('{"name": "a", "regions": ["x"], "recoveryApproach": "none"}', None, "plan.json:1:53: recoveryApproach is 'none', and not one of"),
        (
            '{"plans": [{"name": "a", "regions": ["x"]}, {"name": "b", "regions": ["x"]}]}',
            "a",
            "plan.json: it holds 2 plans: a service has one",
        ),
    ],
)
def test_what_is_no_plan_is_refused_at_its_place(text: str, name: str | None, message: str) -> None:
    with pytest.raises(NotImported) as refused:
        plans(text, "plan.json", name)
    assert str(refused.value).startswith(message)


def test_the_approaches_are_those_of_the_api() -> None:
    shape = botocore.session.Session().get_service_model("arc-region-switch").shape_for("RecoveryApproach")
    assert shape.enum == ["activeActive", "activePassive"]


MAIN = """\
resource "aws_arcregionswitch_plan" "orders" {
  name              = "orders-switch"
  recovery_approach = "activePassive"
  regions           = ["eu-west-1", "eu-central-1"]
  primary_region    = "eu-west-1"
  workflow {
    workflow_target_action = "activate"
    workflow_target_region = "eu-central-1"
    step {
      name                 = "promote"
      execution_block_type = "AuroraGlobalDatabase"
    }
  }
}
"""
SERVICE = """\
apiVersion: drpolicy.dev/v1
kind: Service
metadata: {name: orders}
spec:
  owner: team-orders
  regionSwitch: aws_arcregionswitch_plan.orders
  stores: []
"""


def test_a_runbook_begins_with_the_plan() -> None:
    found = read_tree(MemoryTree({"main.tf": MAIN, "orders.yaml": SERVICE}))
    text = draft("orders", Settings((), Path(), date(2026, 11, 1)), found)
    assert (
        """\
## Run the Region switch plan

`orders-switch` (aws_arcregionswitch_plan.orders) activates eu-central-1 by: promote (AuroraGlobalDatabase).
What follows is done by hand where the plan has no step for it.

```sh
aws arc-region-switch list-plans --query "plans[?name=='orders-switch'].arn" --output text
aws arc-region-switch start-plan-execution --plan-arn <arn> --target-region eu-central-1 --action activate --mode ungraceful
```
"""
        in text
    )
