"""``drpolicy evidence``: what is wrong is refused before it is written, and said where it is found."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from command_line import DATABASE, Ran, here, write

SERVICE = """\
apiVersion: drpolicy.dev/v1
kind: Service
metadata: {name: orders}
spec:
  owner: team-orders
  stores: [{name: orders-db, ref: main//aws_db_instance.orders}]
"""
CONFIG = "apiVersion: drpolicy.dev/v1\nkind: Config\ndeployments: [{path: terraform, name: main}]\n"
RECORD = """\
apiVersion: drpolicy.dev/v1
kind: Evidence
metadata: {name: october}
spec:
  service: orders
  kind: restore
  date: 2026-10-25
  outcome: passed
  stores: [orders-bd]
"""


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write(tmp_path, {"terraform/main.tf": DATABASE, "services/orders.yaml": SERVICE, "drpolicy.yaml": CONFIG})
    (tmp_path / "jobs").mkdir()
    monkeypatch.chdir(tmp_path / "jobs")
    return tmp_path


def recorded(*arguments: str) -> Ran:
    return here("evidence", "record", "--kind", "restore", "--outcome", "passed", "--job", "1", *arguments)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--service", "order"), "no service is called 'order'; did you mean 'orders'?"),
        (("--service", "nope", "--store", "xx"), "no service is called 'nope'; declared: orders"),
        (("--service", "orders", "--store", "orders-bd"), "no store of orders is called 'orders-bd'; did you mean 'orders-db'?"),
        (("--service", "orders", "--store", "xx"), "no store of orders is called 'xx'; it claims orders-db"),
        (("--service", "orders", "--date", "2128-02-20"), "2128-02-20 has not come yet: a record says what was done"),
    ],
)
def test_what_is_seen_to_be_wrong_is_refused(repository: Path, arguments: tuple[str, ...], said: str) -> None:
    assert recorded(*arguments, "--output", "new.yaml") == (2, "", f"drpolicy: {said}\n")
    assert not (repository / "jobs/new.yaml").exists()


def test_an_import_is_held_against_the_repository_too(repository: Path) -> None:
    job = '{"RestoreJobId": "1", "Status": "COMPLETED", "CreationDate": "2026-10-25T03:00:00Z", "SourceResourceArn": "%s"}'
    write(repository, {"jobs/ours.json": job % "arn:aws:rds:ap-northeast-2:111122223333:db:orders"})
    write(repository, {"jobs/theirs.json": job % "arn:aws:rds:ap-northeast-2:111122223333:db:billing"})
    assert here("evidence", "import", "aws-backup", "ours.json", "--service", "orders").code == 0
    ran = here("evidence", "import", "aws-backup", "theirs.json", "--service", "orders")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.endswith("is called 'arn:aws:rds:ap-northeast-2:111122223333:db:billing'; it claims orders-db\n")


def test_of_many_jobs_those_of_other_services_are_left_out(repository: Path) -> None:
    job = '{"RestoreJobId": "%s", "Status": "COMPLETED", "CreationDate": "2026-10-25T03:00:00Z", "SourceResourceArn": "%s"}'
    arn = "arn:aws:rds:ap-northeast-2:111122223333:db:"
    write(repository, {"jobs/all.json": f'{{"RestoreJobs": [{job % ("1", arn + "orders")}, {job % ("2", arn + "billing")}]}}'})
    ran = here("evidence", "import", "aws-backup", "all.json", "--service", "orders", "--environment", "test")
    assert (ran.code, ran.out.count("kind: Evidence")) == (0, 1)
    assert ran.err == (
        f"left out: no store of orders is called '{arn}billing'; it claims orders-db\n"
        "rto is not recorded: restore job 1 does not say when it began and ended; give --rto\n"
    )


@pytest.mark.parametrize("store", ["orders-db", "aws_db_instance.orders", "main//aws_db_instance.orders"])
def test_what_is_right_is_recorded(repository: Path, store: str) -> None:
    ran = recorded("--service", "orders", "--store", store)
    assert (ran.code, ran.err) == (0, "")
    assert f"    - {store}\n" in ran.out


def test_the_day_that_has_begun_in_the_east_is_no_future(repository: Path) -> None:
    today = datetime.now(UTC)
    assert recorded("--service", "orders", "--date", (today + timedelta(hours=13)).date().isoformat()).code == 0
    assert recorded("--service", "orders", "--date", (today + timedelta(days=2)).date().isoformat()).code == 2


def test_where_no_service_is_declared_nothing_is_known_to_be_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"main.tf": DATABASE})
    monkeypatch.chdir(tmp_path)
    assert recorded("--service", "nope", "--store", "xx").code == 0


def test_a_directory_that_is_no_repository_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "orders.yaml").write_text(SERVICE)
    monkeypatch.chdir(tmp_path)
    assert recorded("--service", "nope").code == 0


def test_a_store_in_a_record_that_its_service_does_not_claim_is_named_at_its_line(repository: Path) -> None:
    write(repository, {"evidence/october.yaml": RECORD})
    said = "evidence/october.yaml:9:12: no store of orders is called 'orders-bd'; did you mean 'orders-db'?: october proves nothing of it"
    report = json.loads(here("check", repository, "--as-of", "2026-11-01", "--format", "json", "--no-cache").out)
    (found,) = report["diagnostics"]
    start = found["location"]["start"]
    assert f"{found['location']['path']}:{start['line']}:{start['column']}: {found['message']}" == said
    assert here("declarations", repository / "services/orders.yaml", repository / "evidence/october.yaml") == (
        2,
        f"warning: {said}\n2 documents: 1 to repair\n",
        "",
    )
    assert here("declarations", repository / "evidence/october.yaml").code == 0


def test_the_output_may_be_in_a_directory_that_is_not_there_yet(repository: Path) -> None:
    assert recorded("--service", "orders", "--output", "new/deep/october.yaml").code == 0
    assert (repository / "jobs/new/deep/october.yaml").is_file()
