"""What a message says where something is not known: its name if it has one, and no problem where none is proven."""

from __future__ import annotations

from pathlib import Path

from repositories import checked, repository

BUCKET = """
resource "aws_s3_bucket" "%(name)s" {
  bucket = "%(name)s"
}

resource "aws_s3_bucket_versioning" "%(name)s" {
  bucket = aws_s3_bucket.%(name)s.id
  versioning_configuration {
    status = "Enabled"
  }
}
"""
REPLICATION = """
provider "aws" {}

variable "environment" {
  type = string
}

resource "aws_s3_bucket_replication_configuration" "b" {
  bucket = aws_s3_bucket.b.id
  role   = "r"
  rule {
    status = var.environment == "production" ? "Enabled" : "Disabled"
    filter {}
    destination {
      bucket = aws_s3_bucket.c.arn
    }
  }
}
"""


def test_a_region_that_is_not_written_is_named_and_a_problem_that_is_not_proven_is_not(tmp_path: Path) -> None:
    text = REPLICATION + "".join(BUCKET % {"name": name} for name in "bcd")
    report = checked(repository(tmp_path, {"main.tf": text}))
    messages = {(each.policy, each.subject.address): each.message for each in report.findings}
    assert (
        messages["no-copy-outside-region", "aws_s3_bucket.d"]
        == "aws_s3_bucket.d in a region that is not written (provider aws) has no working copy outside the region"
    )
    rule = "aws_s3_bucket_replication_configuration.b.rule[0]"
    assert messages["replication-without-versioning", rule] == "cannot tell whether aws_s3_bucket.b is not replicated"


SERVICE = """
apiVersion: drpolicy.dev/v1
kind: Service
metadata:
  name: web
spec:
  owner: team-web
  stores:
    - {ref: aws_db_instance.web}
  objectives:
    region: {rto: 4h, rpo: 1h}
"""


def test_a_service_in_a_region_that_is_not_written_is_said_to_be_there(tmp_path: Path) -> None:
    files = {"main.tf": 'provider "aws" {}\n\nresource "aws_db_instance" "web" {\n  identifier = "web"\n}\n', "services/web.yaml": SERVICE}
    report = checked(repository(tmp_path, files))
    messages = {each.policy: each.message for each in report.findings if each.subject.address == "web"}
    assert (
        messages["service-in-one-region"]
        == "everything web needs is in a region that is not written (provider aws): with the region goes the service"
    )


def test_the_remedy_of_a_broker_names_the_mode_of_its_engine_first(tmp_path: Path) -> None:
    broker = """
resource "aws_mq_broker" "jobs" {
  broker_name    = "jobs"
  engine_type    = "RabbitMQ"
  engine_version = "3.13"
}
"""
    report = checked(repository(tmp_path, {"main.tf": 'provider "aws" {\n  region = "eu-west-1"\n}\n' + broker}))
    found = next(each for each in report.findings if each.policy == "store-in-one-zone" and each.subject.address == "aws_mq_broker.jobs")
    assert found.remedy.splitlines()[0].startswith('RabbitMQ: deployment_mode = "CLUSTER_MULTI_AZ"')
