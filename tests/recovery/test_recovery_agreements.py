"""What contradicts what in the declarations of services, and that both sides have a place."""

from __future__ import annotations

import pytest
from recovery_estates import estate_of, plain

from drpolicy.model.agreements import Agreement
from drpolicy.model.provenance import Derived, written_at
from drpolicy.model.services import Service
from drpolicy.model.values import Known

CONFIG = """\
apiVersion: drpolicy.dev/v1
kind: Config
tiers:
  critical: {objectives: {region: {rto: 1h, rpo: 15m}, all: {rto: 8h}}}
"""


def services(**specs: str) -> dict[str, Service]:
    files = {"drpolicy.yaml": CONFIG}
    for name, spec in specs.items():
        body = "".join(f"  {line}\n" for line in spec.splitlines())
        head = f"apiVersion: drpolicy.dev/v1\nkind: Service\nmetadata: {{name: {name}}}\nspec:\n  owner: a-team\n  stores: []\n"
        files[f"{name}.yaml"] = head + body
    return {each.name: each for each in estate_of(files).services}


def places(agreement: Agreement) -> list[str]:
    origin = agreement.holds.origin
    assert isinstance(origin, Derived)
    return [str(written_at(each)) for each in origin.sources]


def test_a_circle_is_told_to_each_service_in_it_and_to_nobody_else():
    found = services(
        a="dependsOn: [{service: b}]", b="dependsOn: [{service: c}]", c="dependsOn: [{service: b}, {service: d}]", d="tier: critical"
    )
    assert {name: each.agreements.no_cycle.text for name, each in found.items()} == {"a": "", "b": "b → c → b", "c": "c → b → c", "d": ""}
    assert places(found["b"].agreements.no_cycle) == ["b.yaml:7:25", "c.yaml:7:25"]


def test_a_service_that_needs_itself():
    assert services(a="dependsOn: [{service: a}]")["a"].agreements.no_cycle.text == "a → a"


def test_a_dependency_further_away_that_is_back_later():
    found = services(
        a="objectives: {region: {rto: 1h}}\ndependsOn: [{service: b}]",
        b="dependsOn: [{service: c}]",
        c="objectives: {all: {rto: 2h}}",
    )["a"].agreements.dependencies_in_time
    assert found.text == "region: a is to be back in 1h, and c in 2h"
    assert places(found) == ["a.yaml:7:30", "c.yaml:7:27"]


def test_objectives_of_tiers_count_for_dependencies():
    found = services(a="objectives: {region: {rto: 30m}}\ndependsOn: [{service: b}]", b="tier: critical")["a"].agreements
    assert found.dependencies_in_time.text == "region: a is to be back in 30m, and b in 1h"


@pytest.mark.parametrize(
    ("objectives", "text"),
    [
        ("region: {rto: 1h, rpo: 15m}", ""),
        ("region: {rto: 2h}", "region RTO 2h, and tier critical asks for 1h"),
        ("corruption: {rto: 9h}", "corruption RTO 9h, and tier critical asks for 8h"),
        ("all: {rpo: 1h}", "region RPO 1h, and tier critical asks for 15m"),
        ("all: {rpo: 1h}, region: {rpo: 5m}", ""),
    ],
)
def test_objectives_beside_the_tier(objectives: str, text: str):
    found = services(a=f"tier: critical\nobjectives: {{{objectives}}}")["a"].agreements.objectives_within_tier
    assert (found.text, plain(found.holds)) == (text, not text)
    if text:
        assert places(found)[0].startswith("a.yaml:8:")
        assert places(found)[1].startswith("drpolicy.yaml:4:")


@pytest.mark.parametrize(
    ("regions", "recovered_elsewhere", "one_partition"),
    [
        ("primary: eu-west-1, dr: [eu-central-1]", "", ""),
        ("primary: eu-west-1, dr: [eu-west-1]", "the DR region eu-west-1 is the one it runs in", ""),
        (
            "primary: us-gov-west-1, dr: [us-east-1]",
            "",
            "us-gov-west-1 is in aws-us-gov, and us-east-1 in aws: nothing replicates between them",
        ),
    ],
)
def test_regions(regions: str, recovered_elsewhere: str, one_partition: str):
    found = services(a=f"regions: {{{regions}}}")["a"].agreements
    assert (found.recovered_elsewhere.text, found.one_partition.text) == (recovered_elsewhere, one_partition)


def test_what_a_template_fills_in_leaves_it_open():
    found = services(a='tier: "${TIER}"\nstrategy: "${S}"\nregions: {primary: "${R}", dr: [eu-west-1]}\ndependsOn: [{service: "${B}"}]')[
        "a"
    ].agreements
    for agreement in (
        found.dependencies_declared,
        found.no_cycle,
        found.dependencies_in_time,
        found.dependencies_in_region,
        found.objectives_within_tier,
        found.recovered_elsewhere,
        found.one_partition,
        found.strategy_has_region,
    ):
        assert not isinstance(agreement.holds, Known)


def test_a_long_chain_is_no_burden():
    count = 400
    specs = {f"s{number}": f"dependsOn: [{{service: s{number + 1}}}]" for number in range(count)}
    specs[f"s{count}"] = "dependsOn: [{service: s0}]"
    assert services(**specs)["s0"].agreements.no_cycle.text.count("→") == count + 1


@pytest.mark.parametrize(
    ("tags", "text"),
    [
        ('Team = "A-Team", RTO = "1h"', ""),
        ('Team = "b-team"', "owner a-team is declared, and tag Team of aws_dynamodb_table.a says b-team"),
        ('RTO = "4h", RPO = "15m"', "RTO 1h is declared, and tag RTO of aws_dynamodb_table.a says 4h"),
        ('RTO = "soon"', ""),
    ],
)
def test_tags_that_the_configuration_names(tags: str, text: str):
    service = "apiVersion: drpolicy.dev/v1\nkind: Service\nmetadata: {name: a}\nspec:\n  owner: a-team\n  objectives: {region: {rto: 1h}}\n"
    files = {
        "drpolicy.yaml": CONFIG + "tags: {owner: [Squad, Team], rto: [RTO], rpo: [RPO]}\n",
        "main.tf": f'resource "aws_dynamodb_table" "a" {{\n  name = "a"\n  tags = {{ {tags} }}\n}}\n',
        "a.yaml": service + "  stores: [{ref: aws_dynamodb_table.a}]\n",
    }
    (found,) = estate_of(files).services
    assert (found.agreements.tags_agree.text, found.agreements.tags_agree.compared) == (text, True)
    if text:
        assert [each.rpartition(":")[0] for each in places(found.agreements.tags_agree)] == [
            "a.yaml:5" if text.startswith("owner") else "a.yaml:6",
            "main.tf:3",
        ]
