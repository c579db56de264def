"""What the commands of a runbook name, and what is said of it."""

from __future__ import annotations

import pytest
from recovery_estates import PROVIDERS, estate_of

from drpolicy.model.services import Runbook
from drpolicy.model.truth import Truth
from drpolicy.model.values import Known

SERVICE = """\
apiVersion: drpolicy.dev/v1
kind: Service
metadata: {name: orders}
spec:
  owner: team-orders
  runbook: {path: docs/orders.md}
  stores: [{ref: aws_db_instance.orders}]
"""
DATABASES = (
    PROVIDERS
    + """\
resource "aws_db_instance" "orders" {
  identifier = "orders"
}
resource "aws_db_instance" "standby" {
  provider            = aws.dr
  identifier          = "orders-standby"
  replicate_source_db = aws_db_instance.orders.arn
}
resource "aws_s3_bucket" "media" {
  bucket = "media"
}
"""
)


def runbook(text: str, more: str = "") -> Runbook:
    found = estate_of({"main.tf": DATABASES + more, "services/orders.yaml": SERVICE, "docs/orders.md": text})
    (only,) = found.runbooks
    return only


def told(members: object) -> list[tuple[str, Truth]]:
    return [(member.value, member.presence) for member in members.elements]  # type: ignore[attr-defined]


PROMOTE = "aws rds promote-read-replica"


@pytest.mark.parametrize(
    ("command", "strangers"),
    [
        (f"{PROMOTE} --db-instance-identifier orders-standby", []),
        (f"{PROMOTE} --db-instance-identifier=orders-stand", ["orders-stand (aws rds promote-read-replica)"]),
        (f'{PROMOTE} --db-instance-identifier "orders-old"', ["orders-old (aws rds promote-read-replica)"]),
        (f"{PROMOTE} --db-instance-identifier <replica>", []),
        (f"{PROMOTE} --db-instance-identifier $REPLICA", []),
        (f"{PROMOTE} --db-instance-identifier your-replica", []),
        (f"{PROMOTE} --db-instance-identifier db-name", []),
        (f"{PROMOTE} --db-instance-identifier REPLICA_NAME", []),
        ("aws --region eu-west-1 rds stop-db-instance --db-instance-identifier gone", ["gone (aws rds stop-db-instance)"]),
        ("ID=$(aws rds stop-db-instance --db-instance-identifier gone)", ["gone (aws rds stop-db-instance)"]),
        ("sudo aws s3 sync s3://media/a s3://media-copy", ["media-copy (aws s3 sync)"]),
        ("aws rds create-db-instance --db-instance-identifier new; aws rds stop-db-instance --db-instance-identifier new", []),
        ("echo aws rds stop-db-instance --db-instance-identifier gone", []),
    ],
)
def test_names_in_commands(command: str, strangers: list[str]):
    assert told(runbook(f"# Orders\n\n    {command}\n").strangers) == [(each, Truth.TRUE) for each in strangers]


@pytest.mark.parametrize(
    "text",
    [
        "```sh\n{}\n```\n",
        "```console\n$ {}\nsome output of --db-instance-identifier other\n```\n",
        "Run `{}` first.\n",
        "1. First:\n\n   ```bash\n   {}\n   ```\n",
        "    aws rds stop-db-instance \\\n      --db-instance-identifier gone\n",
    ],
)
def test_wherever_commands_stand(text: str):
    found = runbook("# Orders\n\n" + text.format("aws rds stop-db-instance --db-instance-identifier gone"))
    assert told(found.strangers) == [("gone (aws rds stop-db-instance)", Truth.TRUE)]


def test_the_place_is_the_name():
    found = runbook("# Orders\n\n    aws rds stop-db-instance --db-instance-identifier gone\n").strangers_at
    assert isinstance(found, Known)
    assert str(found.origin.span) == "docs/orders.md:3:55"  # type: ignore[union-attr]


def test_output_and_other_languages_are_no_commands():
    text = "# Orders\n\n```json\naws rds stop-db-instance --db-instance-identifier gone\n```\n"
    assert told(runbook(text).strangers) == []


@pytest.mark.parametrize(
    "more",
    [
        'variable "name" {}\nresource "aws_db_instance" "other" {\n  identifier = var.name\n}\n',
        'resource "aws_db_instance" "other" {}\n',
        'module "db" {\n  source = "app.terraform.io/acme/db/aws"\n}\n',
    ],
)
def test_what_may_be_called_so_leaves_it_open(more: str):
    found = runbook("# Orders\n\n    aws rds stop-db-instance --db-instance-identifier gone\n", more)
    assert told(found.strangers) == [("gone (aws rds stop-db-instance)", Truth.UNKNOWN)]


def test_a_type_of_which_nothing_was_read_leaves_it_open():
    found = runbook("# Orders\n\n    aws eks update-kubeconfig --name prod\n")
    assert told(found.strangers) == [("prod (aws eks update-kubeconfig)", Truth.UNKNOWN)]


@pytest.mark.parametrize(
    ("arguments", "misdirected"),
    [
        ("--region eu-central-1 --db-instance-identifier orders-standby", []),
        ("--db-instance-identifier orders", ["aws rds promote-read-replica names orders, which is no replica"]),
        (
            "--region eu-west-1 --db-instance-identifier orders-standby",
            ["aws rds promote-read-replica looks for orders-standby in eu-west-1, and it is in eu-central-1"],
        ),
        ("--region $REGION --db-instance-identifier orders-standby", []),
    ],
)
def test_commands_that_do_not_work_on_what_they_name(arguments: str, misdirected: list[str]):
    found = runbook(f"# Orders\n\n    {PROMOTE} {arguments}\n")
    assert told(found.misdirected) == [(each, Truth.TRUE) for each in misdirected]


def test_a_shared_runbook_contradicts_nobody():
    billing = SERVICE.replace("name: orders", "name: billing").replace("team-orders", "team-billing")
    files = {
        "main.tf": DATABASES,
        "services/orders.yaml": SERVICE,
        "services/billing.yaml": billing,
        "docs/orders.md": "---\nservice: orders\nowner: team-orders\n---\n# Both\n",
    }
    assert [told(each.contradictions) for each in estate_of(files).runbooks] == [[], []]


def test_sections_are_headings_and_labels():
    found = runbook("# Orders\n\n**Decision:** the commander.\n\n## 승격\n\n- Contacts: https://rota.example.com\n")
    assert list(found.sections) == ["decision", "promotion", "contacts"]
    assert isinstance(found.has_contacts, Known)
    assert found.has_contacts.value


@pytest.mark.parametrize(
    ("heading", "section"),
    [
        ("재해 선포 기준과 결정권자", "decision"),
        ("DR 발동", "decision"),
        ("전환 권한", "decision"),
        ("읽기 전용 복제본 승격", "promotion"),
        ("오퍼레이터 먼저 설치", "restore-order"),
        ("복구 순서", "restore-order"),
        ("GSLB 전환", "dns"),
        ("도메인 전환", "dns"),
        ("DB 커넥션 교체", "connections"),
        ("데이터 정합성 확인", "integrity"),
        ("페일백 절차", "failback"),
        ("원복", "failback"),
        ("원상 복구", "failback"),
        ("당직", "contacts"),
        ("온콜 및 에스컬레이션", "contacts"),
        ("비상연락체계", "contacts"),
        ("담당자", "contacts"),
    ],
)
def test_korean_headings(heading: str, section: str):
    assert list(runbook(f"# 주문\n\n## {heading}\n").sections) == [section]


@pytest.mark.parametrize("heading", ["IAM 권한 문제", "비상 대응 절차", "재해 복구 런북", "장애 조치", "페일오버 절차"])
def test_korean_headings_of_something_else(heading: str):
    assert list(runbook(f"# {heading}\n").sections) == []
