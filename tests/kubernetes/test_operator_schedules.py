"""The schedules that operators are given are schedules like Velero's: each once, with a name of its own, judged by the same policies."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pytest
from channel_fixtures import read
from test_operator_databases import CNPG, CONFIG, shown, store
from test_operator_retention import ECK, K8SSANDRA, crunchy, pxc

from drpolicy.catalog.load import built_in_catalog
from drpolicy.model.clusters import Schedule
from drpolicy.model.estate import Estate
from drpolicy.model.findings import Finding, Verdict
from drpolicy.model.truth import Truth
from drpolicy.model.values import Unknown
from drpolicy.policy.builtin import built_in_policies
from drpolicy.policy.compiled import CompiledPolicy, compile_policy
from drpolicy.policy.context import Context
from drpolicy.policy.engine import judge
from drpolicy.recovery.build import build_estate


def estate(files: Mapping[str, str]) -> Estate:
    return build_estate(read({"drpolicy.yaml": CONFIG, **files}).inputs, built_in_catalog(), date(2026, 11, 26))


def schedules(files: Mapping[str, str]) -> list[Schedule]:
    return [each for each in estate(files).schedules if each.kind == "operator"]


def line(each: Schedule) -> str:
    fields = (each.expression, each.valid, each.fires, each.paused, each.gap, each.retention)
    return " ".join([each.name, *(str(shown(field)) for field in fields), str(each.span)])


def test_a_scheduled_backup_is_a_schedule_that_captures_its_database() -> None:
    (found,) = schedules({"k/db.yaml": CNPG})
    assert line(found) == "nightly 0 30 2 * * * True True False 24h Absent k/db.yaml:12:13"
    assert (found.key, found.type, found.cluster) == (
        "prod//ScheduledBackup/shop/nightly",
        "postgresql.cnpg.io/v1/ScheduledBackup",
        "prod",
    )
    assert [each.value for each in found.stores.elements] == ["prod//Cluster/shop/orders"]


def test_it_is_one_for_all_databases_that_may_be_meant() -> None:
    other = CNPG.partition("---")[0].replace("orders", "users")
    (found,) = schedules({"k/db.yaml": CNPG.replace("{name: orders}\n", "{name: '${DB}'}\n"), "k/other.yaml": other})
    assert [(each.value, each.presence) for each in found.stores.elements] == [
        ("prod//Cluster/shop/orders", Truth.UNKNOWN),
        ("prod//Cluster/shop/users", Truth.UNKNOWN),
    ]


def test_it_is_judged_although_its_database_is_in_no_file() -> None:
    (found,) = schedules({"k/db.yaml": CNPG.partition("---\n")[2]})
    assert (line(found), found.stores.elements) == ("nightly 0 30 2 * * * True True False 24h Absent k/db.yaml:5:13", ())


def test_on_a_standby_cluster_none_is_judged() -> None:
    assert schedules({"k/db.yaml": CNPG, "drpolicy.yaml": CONFIG.replace("role: primary", "role: dr")}) == []


def test_what_may_not_be_there_is_said_of_the_schedule() -> None:
    (text,) = pxc("schedule: '0 0 * * *', keep: 5").values()
    optional = (
        'variable "on" {\n  type = bool\n}\nprovider "aws" {\n  region = "eu-west-1"\n}\nresource "kubectl_manifest" "db" {\n'
        f"  count     = var.on ? 1 : 0\n  yaml_body = <<-EOT\n{text}  EOT\n}}\n"
    )
    found = build_estate(read({"main.tf": optional}).inputs, built_in_catalog(), date(2026, 11, 26))
    (key,) = [each.key for each in found.schedules]
    assert key.endswith("//PerconaXtraDBCluster/shop/my.spec.backup.schedule[d]")
    assert found.uncertain[key].symbol == "root:var.on ? 1 : 0"


def test_each_expression_of_each_repository_is_one() -> None:
    found = schedules({"k/db.yaml": crunchy("{repo1-retention-full: '2'}")})
    assert [(each.name, each.address) for each in found] == [
        ("hippo/repo1/full", "PostgresCluster/shop/hippo.spec.backups.pgbackrest.repos[repo1].schedules.full"),
        ("hippo/repo1/incremental", "PostgresCluster/shop/hippo.spec.backups.pgbackrest.repos[repo1].schedules.incremental"),
    ]
    protections = store({"k/db.yaml": crunchy("{}")}, "prod//PostgresCluster/shop/hippo").protections.elements
    assert [each.value.address for each in protections] == [each.address for each in found]


def test_two_of_one_name_are_told_apart() -> None:
    (text,) = pxc("schedule: '0 0 * * *', keep: 5").values()
    twice = text + "    - {name: d, storageName: far, schedule: '0 12 * * *'}\n"
    assert [each.name for each in schedules({"k/db.yaml": twice})] == ["my/0", "my/1"]


def test_a_mapping_names_its_schedules() -> None:
    (found,) = schedules({"k/es.yaml": ECK})
    assert line(found) == "backups/nightly 0 30 1 * * ? True True False 24h 30d k/es.yaml:15:19"
    assert found.address == "StackConfigPolicy/shop/backups.spec.elasticsearch.snapshotLifecyclePolicies[nightly]"


@pytest.mark.parametrize(("change", "expected"), [(", min_count: 2", "Absent"), (", min_count: '${N}'", "Absent")])
def test_a_number_that_always_stays_outlives_every_age(change: str, expected: str) -> None:
    (found,) = schedules({"k/es.yaml": ECK.replace("30d, max", f"30d{change}, max")})
    assert shown(found.retention) == expected


def test_only_what_deletes_the_last_one_has_an_age() -> None:
    assert [shown(each.retention) for each in schedules({"k/db.yaml": K8SSANDRA})] == ["30d"]
    assert [shown(each.retention) for each in schedules({"k/db.yaml": crunchy("{repo1-retention-full: '2'}")})] == ["Absent", "Absent"]
    alone = K8SSANDRA.partition("---\n")[2]
    (found,) = schedules({"k/db.yaml": alone})
    assert isinstance(found.retention, Unknown)
    assert found.retention.symbol == "what the K8ssandra says of the retention"


def test_what_a_database_has_switched_off_is_paused() -> None:
    text = (
        "apiVersion: psmdb.percona.com/v1\nkind: PerconaServerMongoDB\nmetadata: {name: m, namespace: shop}\nspec:\n  backup:\n"
        "    enabled: %s\n    storages: {s: {s3: {bucket: x, region: eu-west-2}}}\n"
        "    tasks: [{name: d, enabled: %s, schedule: '0 0 * * *', storageName: s}]\n"
    )
    assert [
        shown(schedules({"k/db.yaml": text % switches})[0].paused) for switches in [("true", "true"), ("true", "false"), ("false", "true")]
    ] == [False, True, True]


def test_an_empty_expression_in_a_database_is_none() -> None:
    assert (
        schedules({"k/db.yaml": crunchy("{}", "{full: '', incremental: '0 1 * * *'}", "pgv2.percona")})[0].name == "hippo/repo1/incremental"
    )
    (refused,) = schedules({"k/db.yaml": CNPG.replace("0 30 2 * * *", "")})
    assert shown(refused.valid) is False


def findings(files: Mapping[str, str]) -> list[Finding]:
    policies = [each for document in built_in_policies() if isinstance(each := compile_policy(document), CompiledPolicy)]
    return list(judge(policies, estate(files), Context()).every())


def test_one_defect_is_one_finding_of_one_schedule() -> None:
    never = CNPG.replace("0 30 2 * * *", "0 0 0 31 2 *")
    about = [
        each for each in findings({"k/db.yaml": never}) if each.verdict is Verdict.FAIL and each.subject.kind in ("Schedule", "Protection")
    ]
    assert [(each.policy, each.subject.address, str(each.span)) for each in about] == [
        ("schedule-never-runs", "ScheduledBackup/shop/nightly", "k/db.yaml:12:13")
    ]


def test_no_policy_for_velero_applies_to_the_schedule_of_an_operator() -> None:
    weekly = K8SSANDRA.replace("30 1 * * *", "30 1 * * 0")
    found = [each for each in findings({"k/db.yaml": weekly}) if each.subject.kind == "Schedule"]
    assert {each.policy: each.verdict.value for each in found if each.verdict is not Verdict.NOT_APPLICABLE} == {
        "schedule-never-runs": "pass",
        "schedule-paused": "pass",
        "retention-shorter-than-interval": "pass",
        "retention-keeps-one": "pass",
    }


@pytest.mark.parametrize(
    ("expression", "expected"),
    [("30 2 * * *", "24h"), ("30 2 * * 1", "7d"), ("0 30 2 * * *", "Absent"), ("@daily", "Absent"), ("30 2 * * 9", "Absent")],
)
def test_what_five_fields_say_to_whoever_reads_no_seconds(expression: str, expected: str) -> None:
    (found,) = schedules({"k/db.yaml": CNPG.replace("0 30 2 * * *", expression)})
    assert shown(found.as_five_fields) == expected


def test_no_other_operator_reads_seconds() -> None:
    assert [shown(each.as_five_fields) for each in schedules({"k/db.yaml": K8SSANDRA, "k/es.yaml": ECK})] == ["Absent", "Absent"]


def test_on_mondays_is_in_january() -> None:
    files = {"k/db.yaml": CNPG.replace("0 30 2 * * *", "30 2 * * 1")}
    (found,) = [each for each in findings(files) if each.policy == "seconds-field-missing" and each.verdict is Verdict.FAIL]
    assert (found.severity, found.message) == (
        "high",
        "schedule nightly (30 2 * * 1) leaves up to 335d1h between two runs, and not 7d: "
        "its operator reads the first of the five fields as seconds",
    )
