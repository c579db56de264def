from __future__ import annotations

from datetime import date

import pytest
from declaration_texts import CONFIG, FAULTS, REGISTER, read, told, with_fault

from drpolicy.declarations.configuration import load_configuration, load_waiver_register
from drpolicy.declarations.documents import Configuration
from drpolicy.model.durations import Duration
from drpolicy.model.provenance import written_at
from drpolicy.model.values import Absent, Known, Value


def configured(text: str) -> tuple[Configuration, list[tuple[str, str, str]]]:
    (document,) = read(text, "drpolicy.yaml")
    configuration, diagnostics = load_configuration(document)
    assert all((each.level, each.effect) == ("error", "invalid") for each in diagnostics)
    assert {each.code for each in diagnostics} <= {"config-invalid", "waiver-invalid"}
    return configuration, told(diagnostics)


def at(value: Value[object]) -> tuple[object, str]:
    assert isinstance(value, Known), value
    span = written_at(value.origin)
    assert span is not None
    return value.value, str(span).removeprefix("drpolicy.yaml:")


def test_every_setting_keeps_its_place() -> None:
    configuration, diagnostics = configured(CONFIG)
    assert diagnostics == []
    prod, dev = configuration.deployments
    assert (at(prod.path), at(prod.name), at(prod.environment)) == (("envs/prod", "4:12"), ("prod", "4:29"), ("production", "4:48"))
    assert (at(prod.account)[0], [at(each) for each in prod.var_files]) == ("123456789012", [("prod.tfvars", "4:96")])
    assert (at(dev.path), str(dev.span)) == (("envs/dev", "5:11"), "drpolicy.yaml:5:11")
    assert isinstance(dev.name, Absent)
    assert isinstance(dev.environment, Absent)
    assert {name: (at(each.production), each.span.text) for name, each in configuration.environments.items()} == {
        "production": ((True, "7:28"), "production"),
        "dev": ((False, "8:21"), "dev"),
    }
    (cluster,) = configuration.clusters
    assert (cluster.name, str(cluster.span)) == ("tokyo", "drpolicy.yaml:10:12")
    assert (at(cluster.region)[0], at(cluster.role)[0], at(cluster.deployment)[0]) == ("ap-northeast-1", "dr", "prod")
    assert [at(each) for each in cluster.paths] == [("kubernetes/dr/**", "10:61")]
    tier = configuration.tiers["critical"]
    (objective,) = tier.objectives
    assert (tier.span.text, objective.disruption, objective.span.text) == ("critical", "all", "all")
    assert (at(objective.rto), at(objective.rpo)[0]) == ((Duration(14400), "13:29"), Duration(3600))
    assert at(tier.test_max_age) == (Duration(31 * 86400), "14:23")
    policies = configuration.policies
    assert [at(each) for each in policies.directories] == [("policies", "16:17")]
    assert [at(each) for each in policies.disabled] == [("no-dr-drill", "17:13")]
    params = policies.params["backup-not-tested"]
    assert (at(params.values["maxAge"]), params.keys["maxAge"].text, params.span.text) == (("31d", "19:33"), "maxAge", "backup-not-tested")
    severity = policies.severities["no-copy-outside-region"]
    assert (at(severity.severity), severity.span.text) == (("high", "21:29"), "no-copy-outside-region")
    scope = configuration.scope
    assert [at(each) for each in (*scope.elsewhere, *scope.include, *scope.exclude)] == [
        ("aws-backup", "23:15"),
        ("infra/**", "24:13"),
        ("**/testdata/**", "25:13"),
    ]
    assert [at(each) for each in configuration.registers] == [("waivers.yaml", "27:5")]
    (waiver,) = configuration.waivers
    assert (at(waiver.policy), at(waiver.until)) == (("no-dr-drill", "28:14"), (date(2026, 11, 30), "28:81"))
    assert isinstance(waiver.approver, Absent)
    assert at(configuration.default_region) == ("ap-northeast-2", "29:20")
    assert at(configuration.endpoint_url)[0] == "http://127.0.0.1:5000"
    assert [at(each)[0] for each in configuration.live_regions] == ["ap-northeast-2"]


def test_nothing_is_required_but_what_the_document_is() -> None:
    configuration, diagnostics = configured("apiVersion: drpolicy.dev/v1\nkind: Config\n")
    assert diagnostics == []
    assert (configuration.deployments, configuration.clusters, configuration.waivers, configuration.tiers) == ((), (), (), {})
    assert isinstance(configuration.default_region, Absent)
    assert str(configuration.span) == "drpolicy.yaml:1:1"


SEVERE = "; for a finding that is high or critical, 'approver' and 'ticket' as well"


@pytest.mark.parametrize(
    ("good", "bad", "expected"),
    [
        ("scope:", "scopes:", ("22:1", "scopes", "unknown field 'scopes'; did you mean 'scope'?")),
        ("kind: Config\n", "", ("1:1", "apiVersion", "'kind' is missing")),
        ("kind: Config", "kind: Confg", ("2:7", "Confg", "'Confg' is not Config")),
        ("path: envs/dev", "path: /envs/dev", ("5:11", "/envs/dev", "'/envs/dev' is absolute; write a path inside the repository")),
        ("path: envs/dev", "path: ${DIR}", ("5:11", "${DIR}", "a placeholder stands here, and nothing fills it in; write the value")),
        ("{production: true}", "{production: yes}", ("7:28", "yes", "'yes' is a text; write true or false")),
        ("role: dr", "role: standby", ("10:49", "standby", "'standby' is not one of primary, dr")),
        (
            "all: {rto: 4h, rpo: 1h}",
            "rto: 4h",
            ("13:18", "rto", "unknown field 'rto'; the fields here are region, corruption, hardware, az, account, all"),
        ),
        ("maxAge: 31d}\npol", "maxAge: 31}\npol", ("14:23", "31", "31 has no unit; write 31m or 31s")),
        ('["infra/**"]', "infra/**", ("24:12", "infra/**", "a list is needed here; begin each entry with '- '")),
        ("[no-dr-drill]", "['no-*']", ("17:13", "'no-*'", "'no-*' is a wildcard; name one policy")),
        ("[no-dr-drill]", "[CKV_AWS_144]", ("17:13", "CKV_AWS_144", "'CKV_AWS_144' is not a policy id")),
        (
            "no-copy-outside-region: high",
            "no-copy-outside-region: hihg",
            ("21:29", "hihg", "'hihg' is not one of critical, high, medium, low, advice; did you mean 'high'?"),
        ),
        ("reason: moved to November, ", "", ("28:6", "policy", f"'reason' is missing in 'waivers'{SEVERE}")),
        (
            "until: 2026-11-30",
            "approver: cto",
            ("28:6", "policy", f"'until' is missing in 'waivers'{SEVERE}".replace("'approver' and ", "")),
        ),
        ("until: 2026-11-30", "until: soon", ("28:81", "soon", "'soon' is not a date; write it as 2027-03-31")),
        ('"http://127.0.0.1:5000"', "localhost", ("30:21", "localhost", "'localhost' is not a URL; start it with https:// or http://")),
        ("path: envs/dev", "path: envs/dev\n    name: prod", None),
    ],
)
def test_an_error_of_the_configuration(good: str, bad: str, expected: tuple[str, str, str] | None) -> None:
    _, diagnostics = configured(with_fault(CONFIG, good, bad))
    if expected is None:
        assert diagnostics == [
            (
                "drpolicy.yaml:4:12",
                "envs/prod",
                "deployment 'prod' is listed more than once, also at drpolicy.yaml:5:11; give each a 'name'",
            ),
            (
                "drpolicy.yaml:5:11",
                "envs/dev",
                "deployment 'prod' is listed more than once, also at drpolicy.yaml:4:12; give each a 'name'",
            ),
        ]
    else:
        place, text, message = expected
        assert diagnostics == [(f"drpolicy.yaml:{place}", text, message)]


def test_an_error_costs_the_smallest_entry() -> None:
    text = CONFIG
    for good, bad in (
        ("path: envs/dev", "path: /envs/dev"),
        ("dev: {production: false}", "dev: {production: no}"),
        ("role: dr", "role: standby"),
        ("rto: 4h", "rto: 4"),
        ("disable: [no-dr-drill]", "disable: [3]"),
        ("no-copy-outside-region: high", "no-copy-outside-region: huge\n    no-dr-drill: low"),
        ("until: 2026-11-30", "until: soon"),
        ('"http://127.0.0.1:5000"', "localhost"),
        ("kind: Config", "kind: Confg"),
    ):
        text = with_fault(text, good, bad)
    configuration, diagnostics = configured(text)
    assert len(diagnostics) == 9
    assert [at(each.path)[0] for each in configuration.deployments] == ["envs/prod"]
    assert list(configuration.environments) == ["production"]
    assert (configuration.clusters, configuration.tiers, configuration.waivers) == ((), {}, ())
    assert configuration.policies.disabled == ()
    assert [at(each)[0] for each in configuration.policies.directories] == ["policies"]
    assert list(configuration.policies.severities) == ["no-dr-drill"]
    assert list(configuration.policies.params) == ["backup-not-tested"]
    assert isinstance(configuration.endpoint_url, Absent)
    assert [at(each)[0] for each in configuration.live_regions] == ["ap-northeast-2"]
    assert [at(each)[0] for each in configuration.registers] == ["waivers.yaml"]


def test_a_section_that_is_no_section_costs_only_itself() -> None:
    configuration, diagnostics = configured(CONFIG.replace("defaults: {region: ap-northeast-2}", "defaults: [ap-northeast-2]"))
    assert diagnostics == [("drpolicy.yaml:29:1", "defaults", "a mapping of fields is needed here")]
    assert isinstance(configuration.default_region, Absent)
    assert len(configuration.deployments) == 2


def test_a_misspelt_environment_is_an_error() -> None:
    _, diagnostics = configured(with_fault(CONFIG, "environment: production", "environment: prodution"))
    assert diagnostics == [("drpolicy.yaml:4:48", "prodution", "the environment 'prodution' is not declared; did you mean 'production'?")]
    without = CONFIG.replace("environments:\n  production: {production: true}\n  dev: {production: false}\n", "")
    assert configured(without)[1] == []


def test_a_cluster_that_is_listed_twice() -> None:
    cluster = '  - {name: tokyo, region: ap-northeast-1, role: dr, paths: ["kubernetes/dr/**"], deployment: prod}\n'
    _, diagnostics = configured(CONFIG.replace(cluster, cluster * 2))
    assert diagnostics == [
        ("drpolicy.yaml:10:12", "tokyo", "cluster 'tokyo' is listed more than once, also at drpolicy.yaml:11:12"),
        ("drpolicy.yaml:11:12", "tokyo", "cluster 'tokyo' is listed more than once, also at drpolicy.yaml:10:12"),
    ]


def test_every_fault_of_the_examples_is_found() -> None:
    for good, bad in FAULTS["Config"]:
        assert configured(with_fault(CONFIG, good, bad))[1], bad


def test_a_register_of_waivers() -> None:
    (document,) = read(REGISTER, "waivers.yaml")
    (waiver,), diagnostics = load_waiver_register(document)
    assert diagnostics == ()
    assert isinstance(waiver.ticket, Known)
    assert (waiver.ticket.value, str(waiver.span), waiver.span.text) == ("OPS-4711", "waivers.yaml:4:13", "no-copy-outside-region")
    assert isinstance(waiver.until, Known)
    assert waiver.until.value == date(2027, 3, 31)


def test_a_faulty_waiver_of_a_register_costs_only_itself() -> None:
    entry = REGISTER[REGISTER.index("  - policy") :]
    (document,) = read(REGISTER + with_fault(entry, "until: 2027-03-31", "until: never"), "waivers.yaml")
    waivers, diagnostics = load_waiver_register(document)
    assert len(waivers) == 1
    assert told(diagnostics) == [("waivers.yaml:14:12", "never", "'never' is not a date; write it as 2027-03-31")]


def test_a_mechanism_that_there_is_not_has_no_recovery_time() -> None:
    times = "recoveryTimes:\n  backup-plan: 45m\n  backup-plann: 2h\n  rds-automated-backups: 30\n"
    configuration, diagnostics = configured("apiVersion: drpolicy.dev/v1\nkind: Config\n" + times)
    assert diagnostics == [
        ("drpolicy.yaml:6:26", "30", "30 has no unit; write 30m or 30s"),
        ("drpolicy.yaml:5:17", "2h", "no mechanism 'backup-plann'; did you mean 'backup-plan'?"),
    ]
    assert {name: str(time.value) for name, time in configuration.recovery_times.items() if isinstance(time, Known)} == {
        "backup-plan": "45m",
        "backup-plann": "2h",
    }
