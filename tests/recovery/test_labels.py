"""What tags and annotations supply where a declaration leaves it out."""

from __future__ import annotations

import pytest
from recovery_estates import estate_of, plain

from drpolicy.model.provenance import Through, written_at
from drpolicy.model.services import Service

TIERS = "tiers:\n  Critical: {objectives: {region: {rto: 1h, rpo: 15m}}}\n"


def service(tags: str, config: str, *lines: str) -> Service:
    head = "apiVersion: drpolicy.dev/v1\nkind: Service\nmetadata: {name: orders}\nspec:\n  owner: a-team\n"
    files = {
        "drpolicy.yaml": f"apiVersion: drpolicy.dev/v1\nkind: Config\n{TIERS}{config}",
        "main.tf": f'variable "x" {{}}\nresource "aws_dynamodb_table" "a" {{\n  name = "a"\n  tags = {tags}\n}}\n',
        "orders.yaml": head + "".join(f"  {line}\n" for line in (*lines, "stores: [{ref: aws_dynamodb_table.a}]")),
    }
    (found,) = estate_of(files).services
    return found


def region(found: Service) -> tuple[object, object]:
    target = next((each for each in found.targets if each.disruption == "region"), None)
    return (plain(target.declared_rto), plain(target.declared_rpo)) if target else (None, None)


def test_a_tag_supplies_the_tier_in_the_spelling_of_the_configuration() -> None:
    found = service('{ Criticality = "critical" }', "tags: {tier: [Criticality]}\n")
    assert plain(found.tier) == "Critical"
    assert isinstance(found.tier.origin, Through)
    assert found.tier.origin.what == "tag Criticality of aws_dynamodb_table.a"
    assert str(written_at(found.tier.origin)) == "main.tf:4:26"
    assert region(found) == ("1h", "15m")


def test_a_declared_tier_stands() -> None:
    found = service('{ Criticality = "bronze" }', "tags: {tier: [Criticality]}\n", "tier: Critical")
    assert plain(found.tier) == "Critical"
    assert found.agreements.tags_agree.text == "tier Critical is declared, and tag Criticality of aws_dynamodb_table.a says bronze"


@pytest.mark.parametrize(
    ("tags", "tier"),
    [
        ("{ Criticality = var.x }", "variable not set"),  # it is there, and may be any
        ("var.x", "variable not set"),  # it may be there
        ('merge(var.x, { Criticality = "critical" })', "Critical"),
        ('merge({ Criticality = "critical" }, var.x)', "variable not set"),
        ('{ Other = "x" }', None),
    ],
)
def test_a_tag_that_is_not_known(tags: str, tier: str | None) -> None:
    assert plain(service(tags, "tags: {tier: [Criticality]}\n").tier) == tier


@pytest.mark.parametrize(("count", "tier"), [("var.x ? 1 : 0", "variable not set"), ("1", "Critical"), ("0", None)])
def test_a_tag_of_a_store_that_may_not_be_there_may_say_nothing(count: str, tier: str | None) -> None:
    found = service('{ Criticality = "critical" }\n  count = ' + count, "tags: {tier: [Criticality]}\n")
    assert plain(found.tier) == tier


def test_a_tag_of_a_store_that_may_not_be_there_contradicts_nothing_for_certain() -> None:
    config = "tags: {tier: [Criticality]}\n"
    found = service('{ Criticality = "bronze" }\n  count = var.x ? 1 : 0', config, "tier: Critical")
    assert plain(found.agreements.tags_agree.holds) == "variable not set"


def test_an_rto_counts_only_for_the_disruption_that_is_said() -> None:
    tags = '{ RTO = "2h" }'
    assert region(service(tags, "tags: {rto: [RTO]}\n")) == (None, None)
    assert region(service(tags, "tags: {rto: [RTO], disruption: region}\n")) == ("2h", None)
    assert region(service(tags, "tags: {rto: [RTO], disruption: region}\n", "objectives: {region: {rto: 1h}}")) == ("1h", None)
    assert region(service(tags, "tags: {rto: [RTO], disruption: region}\n", "tier: Critical")) == ("1h", "15m")


def test_an_rto_is_compared_with_the_disruption_that_is_said() -> None:
    config = "tags: {rto: [RTO], disruption: corruption}\n"
    found = service('{ RTO = "2h" }', config, "objectives: {region: {rto: 2h}, corruption: {rto: 1h}}")
    assert found.agreements.tags_agree.text == "RTO 1h is declared, and tag RTO of aws_dynamodb_table.a says 2h"


MANIFESTS = """\
apiVersion: v1
kind: Namespace
metadata:
  name: shop
  annotations: {example.com/tier: critical, example.com/rto: 2h}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data, namespace: shop}
spec: {resources: {requests: {storage: 1Gi}}}
"""


def test_annotations_of_a_namespace_supply_tier_and_objective() -> None:
    config = TIERS + 'clusters: [{name: east, region: eu-west-1, role: primary, paths: ["k8s/**"]}]\n'
    files = {
        "drpolicy.yaml": f"apiVersion: drpolicy.dev/v1\nkind: Config\n{config}"
        "annotations: {tier: [example.com/tier], rto: [example.com/rto], disruption: corruption}\n",
        "k8s/shop.yaml": MANIFESTS,
        "orders.yaml": "apiVersion: drpolicy.dev/v1\nkind: Service\nmetadata: {name: orders}\nspec:\n  owner: a-team\n"
        "  stores: [{kubernetes: {cluster: east, namespace: shop}}]\n",
    }
    (found,) = estate_of(files).services
    assert (plain(found.tier), str(written_at(found.tier.origin))) == ("Critical", "k8s/shop.yaml:5:35")
    assert {each.disruption: plain(each.declared_rto) for each in found.targets} == {"corruption": "2h", "region": "1h"}


def test_stores_that_say_the_same_are_told_together() -> None:
    head = "apiVersion: drpolicy.dev/v1\nkind: Service\nmetadata: {name: orders}\nspec:\n  owner: a-team\n"
    table = 'resource "aws_dynamodb_table" "{0}" {{\n  name = "{0}"\n  tags = {{ Team = "b-team" }}\n}}\n'
    files = {
        "drpolicy.yaml": "apiVersion: drpolicy.dev/v1\nkind: Config\ntags: {owner: [Team]}\n",
        "main.tf": "".join(table.format(each) for each in "abc"),
        "orders.yaml": head + "  stores: [{ref: aws_dynamodb_table.a}, {ref: aws_dynamodb_table.b}, {ref: aws_dynamodb_table.c}]\n",
    }
    (found,) = estate_of(files).services
    assert found.agreements.tags_agree.text == "owner a-team is declared, and tag Team of aws_dynamodb_table.a and 2 more say b-team"


WORKLOAD = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop, labels: {example.com/tier: bronze}}
spec:
  template:
    metadata: {labels: {app.kubernetes.io/name: orders, example.com/tier: critical, example.com/rto: 3h}}
    spec: {containers: [{name: web, image: web}]}
---
"""


def test_a_workload_speaks_by_its_own_labels_and_then_by_those_of_its_pods() -> None:
    config = TIERS + 'clusters: [{name: east, region: eu-west-1, role: primary, paths: ["k8s/**"]}]\n'
    files = {
        "drpolicy.yaml": f"apiVersion: drpolicy.dev/v1\nkind: Config\n{config}"
        "annotations: {tier: [example.com/tier], rto: [example.com/rto]}\n",
        "k8s/shop.yaml": WORKLOAD + MANIFESTS.replace("  annotations: {example.com/tier: critical, example.com/rto: 2h}\n", ""),
        "orders.yaml": "apiVersion: drpolicy.dev/v1\nkind: Service\nmetadata: {name: orders}\nspec:\n  owner: a-team\n  tier: critical\n"
        "  objectives: {region: {rto: 1h}}\n  stores: [{kubernetes: {cluster: east, namespace: shop}}]\n",
    }
    (found,) = estate_of(files).services
    assert found.agreements.annotations_agree.text == (
        "tier critical is declared, and label example.com/tier of Deployment web says bronze; "
        "RTO 1h is declared, and label example.com/rto of Deployment web says 3h"
    )


@pytest.mark.parametrize(
    ("own", "has", "target"),
    [
        ("objectives: {region: {rto: 1h}}", "variable not set", ("1h", "variable not set")),  # the RPO may be the tier's
        ("objectives: {region: {rto: 1h}, az: {rto: 1h, rpo: 1h}}", True, ("1h", "variable not set")),
        ("objectives: {region: {rto: 1h, rpo: 15m}}", True, ("1h", "15m")),
        ("strategy: warm-standby", "variable not set", (None, None)),
    ],
)
def test_a_tier_that_is_not_known_may_declare_the_other_half(own: str, has: object, target: tuple[object, object]) -> None:
    found = service("{ Criticality = var.x }", "tags: {tier: [Criticality]}\n", own)
    assert plain(found.has_objectives) == has
    assert region(found) == target
