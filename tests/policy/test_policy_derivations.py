"""How a verdict came about: the sub-condition that decided, on which values, from where."""

from __future__ import annotations

import pytest
from policy_runs import SEOUL, estate_of, policy

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
