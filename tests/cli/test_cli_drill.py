"""``drpolicy drill plan`` and ``drpolicy drill manifest``."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from shutil import copytree

import pytest
from command_line import AFTER, AS_OF, BEFORE, here, write

from drpolicy.catalog.load import built_in_catalog

NOWHERE = {
    "rds/main.tf": """\
variable "name" {}

resource "aws_db_instance" "webapp_db" {
  identifier              = "${var.name}-db"
  backup_retention_period = 7
}

resource "aws_rds_cluster" "ledger" {
  cluster_identifier = "ledger"
  engine             = "aurora-postgresql"
}
""",
    "services/webapp.yaml": """\
apiVersion: drpolicy.dev/v1
kind: Service
metadata: {name: webapp}
spec:
  owner: team-web
  regions: {primary: us-east-1, dr: [us-west-2]}
  stores: [{name: users, ref: aws_db_instance.webapp_db}, {ref: aws_rds_cluster.ledger}]
""",
}
"""Stores in no region that a file names, one of them without a name."""
FILLED = {"<passed or failed>": "passed", "<data that was lost, such as 6m>": "6m", "<id or link of the job, or of its log>": "4711"}


def test_the_plan_begins_with_the_critical_and_the_longest_unproven():
    lines = here("drill", "plan", AFTER, *AS_OF).out.splitlines()
    assert [line for line in lines if line.startswith("## ")] == [
        "## orders (critical)",
        "## billing (important)",
        "## catalog (important)",
    ]


def test_the_plan_of_one_service():
    lines = here("drill", "plan", "--service", "orders", AFTER, *AS_OF).out.splitlines()
    assert [line for line in lines if line.startswith("### ")] == [
        "### 1. Restore orders-db to the latest point in time, in ap-northeast-2, under a name of its own",
        "### 2. Restore table orders to the latest point in time, in ap-northeast-2, under a name of its own",
        "### 3. Restore namespace production into drill-production, from the newest backup of schedule production-tokyo",
    ]
    assert lines.count("Last restored 7d ago (orders-restore-2026-10, recorded).") == 3


def test_what_no_record_shows_is_said():
    out = here("drill", "plan", "--service", "billing", BEFORE, *AS_OF).out
    assert "No record shows that it was ever restored." in out
    assert "aws_db_instance.reporting: no copy is known that could be used" in out


def test_a_service_without_a_namespace_has_no_job():
    ran = here("drill", "manifest", "billing", AFTER, *AS_OF)
    assert (ran.code, ran.out) == (2, "")
    assert (
        ran.err == "drpolicy: billing claims no namespace: drpolicy drill plan --service billing says how its other stores are restored\n"
    )


def test_the_manifest_goes_to_a_new_file(tmp_path: Path):
    target = tmp_path / "restore-test.yaml"
    assert here("drill", "manifest", "orders", AFTER, "--output", target, *AS_OF).code == 0
    first = target.read_text()
    assert first.startswith("# Restore test of shop-seoul/production:")
    assert here("drill", "manifest", "orders", AFTER, "--output", target, *AS_OF).code == 2
    assert target.read_text() == first


def test_what_is_declared_stands_in_where_no_file_says_where_a_store_is(tmp_path: Path):
    out = here("drill", "plan", write(tmp_path, NOWHERE), *AS_OF).out
    assert "us-east-1 is the primary region that the service declares: no file says where aws_db_instance.webapp_db is." in out
    assert "### 1. Restore `<name of aws_db_instance.webapp_db>` to the latest point in time, in us-east-1, under a name of its own" in out
    assert (
        "--region us-east-1 --source-db-instance-identifier <name of aws_db_instance.webapp_db> --use-latest-restorable-time"
        " --target-db-instance-identifier drill-webapp-db --db-subnet-group-name <isolated subnet group>"
        " --vpc-security-group-ids <isolated security group> --no-publicly-accessible --no-deletion-protection\n"
    ) in out
    assert "aws rds delete-db-instance --region us-east-1 --db-instance-identifier drill-webapp-db --skip-final-snapshot" in out
    assert "<region" not in out


def test_a_cluster_is_restored_with_an_instance_and_both_are_removed(tmp_path: Path):
    commands = [line for line in here("drill", "plan", write(tmp_path, NOWHERE), *AS_OF).out.splitlines() if "ledger" in line]
    assert [re.findall(r"^aws rds (\S+)", line) for line in commands if line.startswith("aws ")] == [
        [each]
        for each in (
            "restore-db-cluster-to-point-in-time",
            "create-db-instance",
            "wait",
            "describe-db-clusters",
            "delete-db-instance",
            "wait",
            "delete-db-cluster",
        )
    ]
    assert any("--engine aurora-postgresql --db-instance-class <instance class>" in line for line in commands)


def test_without_a_declaration_an_unknown_region_stays_a_blank(tmp_path: Path):
    files = {
        **NOWHERE,
        "services/webapp.yaml": NOWHERE["services/webapp.yaml"].replace("  regions: {primary: us-east-1, dr: [us-west-2]}\n", ""),
    }
    out = here("drill", "plan", write(tmp_path, files), *AS_OF).out
    assert "--region <region of aws_db_instance.webapp_db> " in out
    assert "declares" not in out


@pytest.mark.parametrize("row", [each for each in built_in_catalog().steps if each.drill is not None], ids=lambda row: row.mechanism)
def test_no_drill_lands_in_the_default_network(row):
    """What takes a subnet group is given one: without, it is put into the default VPC (Amazon RDS API Reference, 2026-11)."""
    making = ("restore-db-instance-to", "restore-db-cluster-to", "create-replication-group", "restore-from-cluster-snapshot")
    for line in row.drill.commands:
        if any(each in line for each in making):
            assert "subnet-group-name <isolated subnet group>" in line
            assert "security-group-ids <isolated security group>" in line


def test_versions_of_a_bucket_and_a_manual_backup_have_commands():
    after = here("drill", "plan", "--service", "catalog", AFTER, *AS_OF).out
    assert (
        'copy-object --region ap-northeast-2 --copy-source "shop-media/$KEY?versionId=$VERSION" --bucket <bucket for drills, there>'
        in after
    )
    before = here("drill", "plan", "--service", "orders", BEFORE, *AS_OF).out
    assert (
        "velero restore create drill-production --from-backup production-before-upgrade --include-namespaces production"
        " --namespace-mappings production:drill-production --exclude-resources cronjobs.batch,jobs.batch,"
    ) in before
    commands = [line.split(" ")[:3] for line in before.splitlines() if line.startswith(("kubectl", "velero", "echo '"))]
    assert commands[0] == ["kubectl", "config", "use-context"]
    assert commands[1] == ["kubectl", "create", "namespace"]
    (network,) = re.findall(r"^echo '(.*)' \| kubectl -n drill-production create -f -$", before, re.MULTILINE)
    assert json.loads(network)["spec"]["policyTypes"] == ["Ingress", "Egress"]
    assert before.index(network) < before.index("velero restore create drill-production")
    assert "the catalog has" not in after + before


def test_where_there_are_no_commands_a_person_is_told_what_to_do(tmp_path: Path):
    files = {
        "main.tf": 'provider "aws" {\n  region = "eu-west-1"\n}\nresource "aws_keyspaces_table" "t" {\n  keyspace_name = "k"\n'
        '  table_name = "t"\n  point_in_time_recovery {\n    status = "ENABLED"\n  }\n}\n',
        "s.yaml": "apiVersion: drpolicy.dev/v1\nkind: Service\nmetadata: {name: s}\n"
        "spec:\n  owner: t\n  stores: [{ref: aws_keyspaces_table.t}]\n",
    }
    out = here("drill", "plan", write(tmp_path, files), *AS_OF).out
    assert (
        "drpolicy has no commands for point-in-time recovery. Restore from it by hand, as its documentation says: under another name" in out
    )
    assert (
        "drpolicy evidence record --service s --kind restore --store root//aws_keyspaces_table.t --environment drill"
        " --outcome <passed or failed> --rto <time until it worked, such as 48m> --rpo "
    ) in out


def test_what_a_plan_says_to_record_is_accepted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    copytree(AFTER, tmp_path / "after")
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path / "after")
    lines = [line for line in here("drill", "plan", ".", *AS_OF).out.splitlines() if line.startswith("drpolicy evidence record ")]
    assert len(lines) == 7
    for line in lines:
        for blank, given in {**FILLED, "${rto}": "2880", "$(date -u +%F)": "2026-10-31"}.items():
            line = line.replace(blank, given)
        ran = here(*shlex.split(line)[1:], "--date", "2026-10-31")
        assert (ran.code, ran.err) == (0, "")
    checked = here("check", ".", *AS_OF, "--no-cache")
    assert "diagnostic" not in checked.out + checked.err
    assert here("drill", "plan", ".", *AS_OF).out.count("Last restored 24h ago (") == 7


def test_the_drill_on_the_second_cluster_restores_what_the_runbook_restores():
    for made in (("drill", "plan", "--service", "orders"), ("runbook", "new", "orders")):
        assert "--from-schedule production-tokyo " in here(*made, AFTER, *AS_OF).out
    assert '{name: SCHEDULE, value: "production-tokyo"}' in here("drill", "manifest", "orders", AFTER, *AS_OF).out


@pytest.mark.parametrize(
    ("schedule", "said"),
    [
        ("nonsense", "'nonsense' has 1 fields; write five: minute, hour, day of month, month, day of week, such as '0 3 * * *'"),
        ("0 25 * * *", "hour '25' is outside 0-23; write 0-23, *, a range such as 8-18, a list or a step such as */6"),
        ("0 3 31 2 *", "'0 3 31 2 *' never fires: no month has that day"),
    ],
)
def test_a_schedule_that_kubernetes_refuses_is_refused(schedule: str, said: str):
    assert here("drill", "manifest", "orders", AFTER, "--schedule", schedule, *AS_OF) == (2, "", f"drpolicy: --schedule: {said}\n")


def test_a_copy_in_a_region_that_is_not_known_is_not_said_to_be_beside_its_store(tmp_path: Path):
    files = {
        "main.tf": """\
variable "dr" {}

provider "aws" {
  region = "eu-west-1"
}

provider "aws" {
  alias  = "dr"
  region = var.dr
}

resource "aws_db_instance" "orders" {
  identifier              = "orders"
  backup_retention_period = 7
}

resource "aws_db_instance_automated_backups_replication" "orders" {
  provider               = aws.dr
  source_db_instance_arn = aws_db_instance.orders.arn
  retention_period       = 7
}
""",
        "s.yaml": "apiVersion: drpolicy.dev/v1\nkind: Service\nmetadata: {name: s}\n"
        "spec:\n  owner: t\n  regions: {primary: eu-west-1, dr: [eu-central-1]}\n  stores: [{ref: aws_db_instance.orders}]\n",
    }
    out = here("runbook", "new", "s", write(tmp_path, files), *AS_OF).out
    assert "Restore orders in eu-central-1 from its replicated automated backups" in out
    assert (
        "eu-central-1 is the DR region that the service declares: "
        "no file says where aws_db_instance_automated_backups_replication.orders is." in out
    )
