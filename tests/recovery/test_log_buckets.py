"""A bucket that logs are delivered to is a log, and no record of its own."""

from __future__ import annotations

import pytest
from recovery_estates import estate_of, plain

ENTRY = 'provider "aws" {\n  region = "eu-west-1"\n}\n\nresource "aws_s3_bucket" "b" {\n  bucket = "b"\n}\n\n'

SENDERS = [
    'resource "aws_s3_bucket_logging" "l" {\n  target_bucket = aws_s3_bucket.b.id\n}\n',
    'resource "aws_cloudtrail" "l" {\n  s3_bucket_name = aws_s3_bucket.b.id\n}\n',
    'resource "aws_lb" "l" {\n  access_logs {\n    bucket = aws_s3_bucket.b.id\n  }\n}\n',
    'resource "aws_elb" "l" {\n  access_logs {\n    bucket = "b"\n  }\n}\n',
    'resource "aws_cloudfront_distribution" "l" {\n  logging_config {\n    bucket = aws_s3_bucket.b.bucket_domain_name\n  }\n}\n',
    'resource "aws_flow_log" "l" {\n  log_destination = aws_s3_bucket.b.arn\n}\n',
    'resource "aws_config_delivery_channel" "l" {\n  s3_bucket_name = aws_s3_bucket.b.bucket\n}\n',
    'resource "aws_wafv2_web_acl_logging_configuration" "l" {\n  log_destination_configs = [aws_s3_bucket.b.arn]\n}\n',
    'resource "aws_route53_resolver_query_log_config" "l" {\n  destination_arn = aws_s3_bucket.b.arn\n}\n',
    'resource "aws_redshift_logging" "l" {\n  bucket_name = aws_s3_bucket.b.id\n}\n',
]


def class_of(more: str) -> str | None:
    (store,) = (each for each in estate_of({"main.tf": ENTRY + more}).stores if each.address == "aws_s3_bucket.b")
    found = plain(store.data_class)
    return found if found is None or isinstance(found, str) else str(found)


@pytest.mark.parametrize("sender", SENDERS, ids=[each.split('"')[1] for each in SENDERS])
def test_a_bucket_that_gets_logs_is_a_log(sender: str) -> None:
    assert class_of(sender) == "log"


def test_a_bucket_that_gets_none_is_data() -> None:
    assert class_of("") == "system-of-record"
    assert class_of('resource "aws_lb" "l" {\n  access_logs {\n    bucket = "another"\n  }\n}\n') == "system-of-record"
    assert class_of('resource "aws_flow_log" "l" {\n  log_destination = var.where\n}\n') == "system-of-record"
