"""How a verdict came about: the sub-condition that decided, on which values, from where."""

from __future__ import annotations

import pytest
from policy_runs import SEOUL, estate_of, findings, only, policy

from drpolicy.app.derivation_text import derivation_lines
from drpolicy.policy.compiled import CompiledPolicy
from drpolicy.policy.context import Context
from drpolicy.policy.derivations import derivation_of
from drpolicy.policy.documents import SeverityCase
from drpolicy.policy.engine import judge

DATABASE = SEOUL + 'variable "days" {\n  type = number\n}\n\nresource "aws_db_instance" "a" {\n  backup_retention_period = %s\n  %s\n}\n'
BACKUP = 'self.protections.exists(p, p.kind == "backup" && p.works)'


def derived(tried: CompiledPolicy, files: str) -> list[str]:
    estate = estate_of(files)
    (finding,) = judge([tried], estate, Context()).every()
    derivation = derivation_of(finding, [tried], estate, Context())
    assert derivation is not None
    return list(derivation_lines(derivation))


def test_a_fail_shows_each_element_and_what_it_lacks() -> None:
    assert derived(policy(BACKUP, when="self.kind == 'database'"), DATABASE % (0, "")) == [
        "when self.kind == 'database': true",
        "  aws_db_instance.a: kind is database  main.tf:8:1",
        f"assert {BACKUP}: false",
        "  p is automated backups with point-in-time recovery",
        '    p.kind == "backup" && p.works: false',
        "      p.works: false",
        "        automated backups with point-in-time recovery: switched off  main.tf:9:29",
        "  p is standby in another zone",
        '    p.kind == "backup" && p.works: false',
        '      p.kind == "backup": false',
        "        standby in another zone: only a replica  main.tf:8:1",
    ]


def test_a_pass_shows_the_one_that_decided() -> None:
    lines = derived(policy(BACKUP), DATABASE % (7, ""))
    assert lines[:3] == [
        f"assert {BACKUP}: true",
        "  p is automated backups with point-in-time recovery",
        '    p.kind == "backup" && p.works: true',
    ]
    assert not any("standby" in line for line in lines)


def test_an_unknown_shows_only_what_is_not_known() -> None:
    lines = derived(policy(f'self.name == "x" || {BACKUP}'), DATABASE % ("var.days", ""))
    assert lines[0] == f'assert self.name == "x" || {BACKUP}: not known'
    assert lines[1] == f"  {BACKUP}: not known"
    assert lines[-1] == "          var.days comes from here  main.tf:4:1"
    assert "(var.days: variable not set)" in lines[-2]
    assert not any('self.name == "x": ' in line for line in lines)


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ("!(self.name == 'x' && self.kind == 'database')", "  self.name == 'x' && self.kind == 'database': false"),
        ("self.name == 'x' ? false : self.kind == 'database'", "  self.kind == 'database': true"),
    ],
)
def test_negations_and_conditionals_have_parts(when: str, said: str) -> None:
    assert said in derived(policy("true", when=when), DATABASE % (1, ""))


def test_what_does_not_apply_ends_with_the_condition() -> None:
    assert derived(policy("false", when="self.kind == 'table'"), DATABASE % (1, "")) == [
        "when self.kind == 'table': false",
        "  aws_db_instance.a: kind is database  main.tf:8:1",
    ]


def test_a_subject_that_may_not_be_there_comes_first() -> None:
    lines = derived(policy("false"), DATABASE % (1, "count = var.days"))
    assert lines == ["it may not be there: var.days: variable not set  main.tf:4:1", "assert false: false"]


def test_the_condition_of_the_severity_is_shown() -> None:
    cases = (SeverityCase("critical", "self.name == 'x'"), SeverityCase("high", "self.kind == 'database'"), SeverityCase("low"))
    assert derived(policy("false", severity=cases), DATABASE % (1, ""))[1:] == [
        "severity self.kind == 'database': true",
        "  aws_db_instance.a: kind is database  main.tf:8:1",
    ]


def test_a_finding_of_another_estate_has_none() -> None:
    tried = policy("false")
    (finding,) = judge([tried], estate_of(DATABASE % (1, "")), Context()).every()
    assert derivation_of(finding, [tried], estate_of(SEOUL), Context()) is None


SERVICE = "apiVersion: drpolicy.dev/v1\nkind: Service\nmetadata: {name: shop}\nspec: {owner: team, tier: %s, stores: [{ref: '%s'}]}\n"
CRITICAL = SeverityCase("critical", 'self.requiredBy.exists(s, s.?tier.orValue("") == "critical")')
CASES = (CRITICAL, SeverityCase("medium", "size(self.requiredBy) > 0"), SeverityCase("low"))


@pytest.mark.parametrize(
    ("tier", "reference", "severity"),
    [
        ("critical", "aws_db_instance.a", "critical"),
        ("important", "aws_db_instance.a", "medium"),
        # Who rests on it is known, and may be critical.
        ('"${TIER}"', "aws_db_instance.a", "critical"),
        # A reference leads nowhere: it puts nothing at stake, whatever it may mean.
        ("critical", "aws_db_instance.b", "low"),
        ("critical", "${STORE}", "low"),
        ("critical", "arn:aws:rds:ap-northeast-2:111122223333:db:orders", "low"),
    ],
)
def test_a_service_counts_for_the_severity_where_it_is_known_to_rest_on_the_store(tier: str, reference: str, severity: str) -> None:
    files = {"main.tf": DATABASE % (1, ""), "shop.yaml": SERVICE % (tier, reference)}
    assert only(policy("false", severity=CASES), files).severity == severity


def test_a_service_that_may_rest_on_one_of_two_counts_for_both() -> None:
    database = DATABASE % (1, "")
    files = {"one/main.tf": database, "two/main.tf": database, "shop.yaml": SERVICE % ("critical", "aws_db_instance.a")}
    assert [each.severity for each in findings(policy("false", severity=CASES), files)] == ["critical", "critical"]


def test_a_severity_that_is_not_known_and_does_not_count_is_shown() -> None:
    files = {"main.tf": DATABASE % (1, ""), "shop.yaml": SERVICE % ("critical", "${STORE}")}
    tried = policy("false", severity=CASES)
    (finding,) = judge([tried], estate_of(files), Context()).every()
    derivation = derivation_of(finding, [tried], estate_of(files), Context())
    assert derivation is not None
    assert list(derivation_lines(derivation)) == [
        "assert false: false",
        f"severity {CRITICAL.when}: not known",
        "  more of self.requiredBy than is known",
        "    self.requiredBy: not known",
        "      service that needs it is not known (shop.yaml:${STORE}: template placeholder)  shop.yaml:4:52",
        "  not counted: it is critical only if a reference of which the store is not known means this one",
        "severity size(self.requiredBy) > 0: not known",
        "  service that needs it: not known (shop.yaml:${STORE}: template placeholder)  main.tf:8:1",
        "  service that needs it is not known (shop.yaml:${STORE}: template placeholder)  shop.yaml:4:52",
        "  not counted: it is medium only if a reference of which the store is not known means this one",
    ]
