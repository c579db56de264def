"""What a report says of evidence is worded in ``drpolicy.policy.evidence``: no names of fields, no Python."""

from __future__ import annotations

from typing import Any

import pytest
from reports import DATABASES, span

from drpolicy.cel import Read
from drpolicy.cel.message import shown as rendered
from drpolicy.model.provenance import Default, Derived, Provenance, Through, Written
from drpolicy.model.reasons import Reason
from drpolicy.model.symbols import deployment_of, named, plain_symbol, told
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Member, Members, Unknown, members
from drpolicy.policy.evidence import evidence_of

HERE = Written(span(DATABASES, "multi_az"))
UNSET = Unknown(Reason.VARIABLE_NOT_SET, "envs/prod:var.days", HERE)


def said(expression: str, value: Any) -> list[str]:
    return [each.text for each in evidence_of((Read(expression, value),))]


@pytest.mark.parametrize(
    ("expression", "value", "text"),
    [
        ("self.?retention", Known("24h", HERE), "retention is 24h"),
        ("t.declaredRto", Known("1h", HERE), "declared RTO is 1h"),
        ("s.paused", Known(True, HERE), "paused: yes"),
        ("self.runbook", Absent(HERE), "runbook is not written"),
        ("p.survives.region", Known(False, HERE), "survives the loss of its region: no"),
        ("p.survives.region", UNSET, "whether it survives the loss of its region is not known (var.days: variable not set)"),
        ("self.recovery.region.copies", Known(Members(), HERE), "no copies after the loss of its region"),
        ("self.regions", Known(members(("a", "b")), HERE), "regions: a, b"),
        ("self.regions", Known(members("abcdef"), HERE), "regions: a, b, c, d, e, …"),
        ("p.attributes.point_in_time_recovery", Known(True, HERE), "point_in_time_recovery: yes"),
        ("params.maxAge", Known("184d", Default("maxAge = 184d", "policy p", None)), "parameter maxAge is 184d, the default (policy p)"),
        (
            "self.?ownBackups",
            Known(False, Default("backup_retention_period = 0", "docs", None)),
            "own backups: no, the default backup_retention_period = 0 (docs)",
        ),
        ("self.canFail", Known(False, Derived("it ends in `true`", ())), "can fail: no, it ends in `true`"),
        ("p.kind", Known("replica", Derived("read replica: kind is replica", ())), "read replica: only a replica"),
        ("self.drills", Known(Members(), Derived("orders: drills is Members(elements=(), rest=None)", ())), "orders: no drills"),
        ("self.works", Known(False, Derived("standby: switched off", ())), "standby: switched off"),
        ("self.works", UNSET, "whether it works is not known (var.days: variable not set)"),
        ("self.protections", UNSET, "protections are not known (var.days: variable not set)"),
        ("self.dataClass", UNSET, "data class is not known (var.days: variable not set)"),
        ("self.status", Absent(HERE), "status is not written"),
        ("s.attributes.noncurrent_days", UNSET, "noncurrent_days is not known (var.days: variable not set)"),
        ("self.a", Unknown(Reason.COMPUTED, "f(x:y)", Derived("[]", ()), root=UNSET), "a is not known (var.days: variable not set)"),
    ],
)
def test_evidence_is_said_in_words(expression: str, value: Any, text: str) -> None:
    assert said(expression, value)[:1] == [text]


def test_the_way_of_a_value_follows_it() -> None:
    origin: Provenance = Through("var.days", span(DATABASES, "hash_key"), HERE)
    assert said("self.retention", Known("7d", origin)) == ["retention is 7d, through var.days", "var.days comes from here"]


def test_a_condition_of_the_catalog_is_no_evidence() -> None:
    formula = Derived("size(self.v) > 0 ? self.v.exists(x, x.on) : has(self.on)", (HERE,))
    assert said("r.met", Known(False, formula)) == ["requirement met: no"]


def test_a_place_on_a_line_that_is_shown_and_the_name_of_a_function_say_nothing_more() -> None:
    here, there = span(DATABASES, "hash_key"), span(DATABASES, "multi_az")
    same_line = Derived("==", (Written(here), Derived("template", (Written(here),), here), Derived("startswith", (Written(there),), there)))
    assert said("p.enabled", Known(True, same_line)) == ["enabled: yes", "together with this"]


@pytest.mark.parametrize(
    ("symbol", "plain"),
    [
        ("envs/prod:var.region", "var.region"),
        ("envs/prod//aws_s3_bucket.a.arn", "aws_s3_bucket.a.arn"),
        ("var.region", "var.region"),
        ("type(envs/prod:var.region)", "type(envs/prod:var.region)"),
        ("s3://bucket", "s3://bucket"),
        ("a b:c", "a b:c"),
    ],
)
def test_a_symbol_loses_its_deployment(symbol: str, plain: str) -> None:
    assert plain_symbol(symbol) == plain


@pytest.mark.parametrize(
    ("symbol", "name"),
    [
        ("envs/prod:var.region", "var.region"),
        ("rds:provider.aws.region", "region of provider aws"),
        ("terraform:provider.aws.secondary.region", "region of provider aws.secondary"),
        ("network//aws_subnet.private: for_each for#13", "for_each of aws_subnet.private"),
        ("network//data.tfe_outputs.vpc.values.private_subnet_ids for#32", "data.tfe_outputs.vpc.values.private_subnet_ids"),
        ("rds:var.databases[key]#89", "var.databases[key]"),
        ('startswith(infrastructure:var.environment, "eph-") ? 0 : 1', 'startswith(var.environment, "eph-") ? 0 : 1'),
        ("cluster:evidence.region", "region of cluster evidence"),
        ("live//lead:backend.region", "region of the backend"),
        ("where http://nas.home:3900 is", "where http://nas.home:3900 is"),
        (
            "git2s3:module.config[0] (github.com/an-owner/modules//config?ref=7a090c)",
            "module.config[0] (github.com/an-owner/modules//config?ref=7a090c)",
        ),
    ],
)
def test_an_unknown_is_called_what_the_files_call_it(symbol: str, name: str) -> None:
    assert named(symbol) == name


def test_a_region_that_a_provider_does_not_write_is_said_as_that() -> None:
    region = Unknown(Reason.REGION_NOT_WRITTEN, "rds:provider.aws.region", HERE)
    assert told(region) == "provider aws writes no region"
    origin = Unknown(Reason.REGION_NOT_WRITTEN, "rds:provider.aws.region", Through("provider aws", span(DATABASES, "hash_key"), HERE))
    assert said("self.region", origin)[0] == "region is not known (provider aws writes no region)"


def test_what_an_unknown_is_called_is_not_said_twice() -> None:
    databases = Unknown(Reason.VARIABLE_NOT_SET, "rds:var.databases", Through("var.databases", span(DATABASES, "hash_key"), HERE))
    assert said("self.protections", databases) == [
        "protections are not known (var.databases: variable not set)",
        "var.databases comes from here",
    ]


@pytest.mark.parametrize(
    ("symbol", "deployment"),
    [("envs/prod:var.region", "envs/prod"), ("network//aws_subnet.private: for_each for#13", "network"), ("cluster:evidence.region", "")],
)
def test_the_deployment_of_an_unknown_is_one_that_was_read(symbol: str, deployment: str) -> None:
    assert deployment_of(symbol) == deployment


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (UNSET, "<var.days>"),
        (Unknown(Reason.REGION_NOT_WRITTEN, "rds:provider.aws.region", HERE), "a region that is not written (provider aws)"),
        (Unknown(Reason.OUTSIDE_SCOPE, "live:backend.region", HERE), "the region of the backend"),
        (Unknown(Reason.OUTSIDE_SCOPE, "cluster:evidence.region", HERE), "the region of cluster evidence"),
        (Unknown(Reason.OUTSIDE_SCOPE, "cluster:clusters/prod/shop.region", HERE), "the region of cluster clusters/prod/shop"),
        (Unknown(Reason.COMPUTED, "f(x:y)", HERE), "unknown"),
        (Unknown(Reason.COMPUTED, "b", HERE, parts=(Known("logs-", HERE), UNSET)), "logs-<var.days>"),
    ],
)
def test_a_message_names_what_is_not_known(value: Unknown, text: str) -> None:
    assert rendered(value) == text
    member = Members((Member(value.symbol, Truth.UNKNOWN, value),))
    assert rendered(member) == text


def test_what_follows_from_a_name_is_not_shown_as_that_name() -> None:
    assert rendered(Unknown(Reason.VARIABLE_NOT_SET, "f(envs/prod:var.days)", HERE, root=UNSET)) == "what <var.days> decides"
    assert rendered(Unknown(Reason.VARIABLE_NOT_SET, "envs/prod:var.days.long", HERE, root=UNSET)) == "<var.days.long>"
