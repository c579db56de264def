"""``drpolicy runbook new``."""

from __future__ import annotations

from pathlib import Path
from shutil import copytree

import pytest
from command_line import AFTER, AS_OF, here, write

from drpolicy.app.check import check
from drpolicy.app.settings import Settings
from drpolicy.cli.arguments import parser
from drpolicy.cli.run_settings import settings_of
from drpolicy.model.findings import Verdict


@pytest.mark.parametrize("service", ["orders", "billing", "catalog"])
def test_a_draft_passes_the_policies_on_runbooks(tmp_path: Path, service: str):
    copytree(AFTER, tmp_path / "after")
    target = tmp_path / "after" / "docs" / "runbooks" / f"{service}-failover.md"
    target.unlink()
    ran = here("runbook", "new", service, tmp_path / "after", "--output", target, *AS_OF)
    assert ran.code == 0
    settings: Settings = settings_of(parser().parse_args(["check", str(tmp_path / "after"), *AS_OF, "--no-cache"]), "check")
    found = [each for each in check(settings).findings if each.subject.kind == "Runbook" and each.subject.name.endswith(target.name)]
    wrong = {(each.policy, each.message) for each in found if each.verdict in (Verdict.FAIL, Verdict.UNKNOWN)}
    # What only people can know and do is left to them: nobody has reviewed it, and who is called is a blank.
    assert {policy for policy, _ in wrong} == {"runbook-review-overdue", "runbook-without-rota"}
    assert any(each.policy == "runbook-names-nothing" and each.verdict is Verdict.PASS for each in found)


def test_it_never_overwrites(tmp_path: Path):
    target = tmp_path / "orders.md"
    target.write_text("mine")
    ran = here("runbook", "new", "orders", AFTER, "--output", target, *AS_OF)
    assert (ran.code, ran.out, target.read_text()) == (2, "", "mine")
    assert ran.err == f"drpolicy: {target} is there already, and is never overwritten\n"


def test_a_service_that_is_not_declared():
    ran = here("runbook", "new", "order", AFTER, *AS_OF)
    assert (ran.code, ran.err) == (2, "drpolicy: no service is called 'order'; did you mean 'orders'?\n")


def test_the_real_names_in_order():
    lines = here("runbook", "new", "orders", AFTER, *AS_OF).out.splitlines()
    wanted = [
        "# orders: fail over from ap-northeast-2 to ap-northeast-1",
        "aws rds promote-read-replica --region ap-northeast-1 --db-instance-identifier orders-db-tokyo",
        "aws dynamodb describe-table --region ap-northeast-1 --table-name orders --query 'Table.TableStatus' --output text",
        "velero restore create orders-failover --from-schedule production-tokyo --include-namespaces production --wait",
        "## Switch DNS",
        "## Fail back",
    ]
    assert [line for line in lines if line in wanted] == wanted


def test_declared_regions_stand_in_where_no_file_says_where_a_store_is(tmp_path: Path):
    service = """\
apiVersion: drpolicy.dev/v1
kind: Service
metadata: {name: webapp}
spec:
  owner: team-web
  regions: {primary: us-east-1, dr: [us-west-2]}
  stores: [{ref: aws_db_instance.webapp_db}]
"""
    files = {"main.tf": 'resource "aws_db_instance" "webapp_db" {\n  backup_retention_period = 7\n}\n', "webapp.yaml": service}
    target = tmp_path / "docs" / "rb.md"
    ran = here("runbook", "new", "webapp", write(tmp_path, files), "--output", target, *AS_OF)
    assert (ran.code, ran.err) == (0, f"{target} was written; fill in what stands in angle brackets\n")
    lines = target.read_text().splitlines()
    wanted = [
        "# webapp: fail over from us-east-1 to us-west-2",
        "us-east-1 is the declaration's word: no file says where the stores of webapp are.",
        "us-west-2 is the declaration's word: no file shows a copy of a store there.",
        "Nothing that was read outlives the loss of the region. Make a copy in another one first; until then "
        "<what is done without the data>.",
        "1. aws_db_instance.webapp_db: replicate from us-west-2 to us-east-1, verify, then switch.",
    ]
    assert [line for line in lines if line in wanted] == wanted
