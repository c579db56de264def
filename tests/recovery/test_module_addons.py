"""Velero from particuleio/addons/kubernetes//modules/aws that is not on disk: its location, its bucket, its role and its schedules."""

from __future__ import annotations

from recovery_estates import estate_of, plain

from drpolicy.model.estate import Estate
from drpolicy.recovery.logic import truth_of

SCHEDULES = """extra_values = <<-EOT
      schedules:
        daily:
          schedule: "0 3 * * *"
          template: {ttl: 72h}
    EOT"""


def addons(velero: str, more: str = "") -> Estate:
    text = f"""
provider "aws" {{
  region = "eu-west-1"
}}
module "addons" {{
  source  = "particuleio/addons/kubernetes//modules/aws"
  version = "~> 20.1"

  cluster-name = "prod"
  velero = {{
    {velero}
  }}
  {more}
}}
"""
    return estate_of({"main.tf": text})


def test_velero_writes_to_the_bucket_that_the_module_makes() -> None:
    estate = addons(f"enabled = true\n    {SCHEDULES}")
    (location,) = estate.locations
    assert (plain(location.bucket), plain(location.region), location.bucket_store) == (
        "prod-velero",
        "eu-west-1",
        "root//module.addons.module.velero_thanos_bucket.aws_s3_bucket.this[0]",
    )
    assert (plain(location.bucket_versioned), truth_of(location.permitted.holds).name) == (True, "TRUE")
    assert [(each.name, plain(each.expression), plain(each.retention)) for each in estate.schedules] == [
        ("velero-daily", "0 3 * * *", "3d")
    ]


def test_a_bucket_of_ones_own_is_taken_as_it_is_named() -> None:
    estate = addons('enabled = true\n    bucket = "backups"\n    create_bucket = false')
    assert [(plain(each.bucket), each.bucket_store) for each in estate.locations] == [("backups", "")]
    assert [each.address for each in estate.stores if each.kind != "namespace"] == []


def test_nothing_is_made_unless_it_is_asked_for() -> None:
    estate = addons("enabled = false")
    assert (estate.stores, estate.locations) == ((), ())


def test_the_buckets_and_the_file_system_of_other_addons_are_stores() -> None:
    more = """loki-stack            = { enabled = true }
  thanos                = { enabled = true, create_bucket = true }
  aws-efs-csi-driver    = { enabled = true }
  kube-prometheus-stack = { enabled = true, thanos_sidecar_enabled = true, thanos_bucket = "metrics" }"""
    estate = addons("enabled = false", more)
    assert sorted(each.address.removeprefix("module.addons.") for each in estate.stores) == [
        "aws_efs_file_system.aws-efs-csi-driver[0]",
        "module.kube-prometheus-stack_thanos_bucket.aws_s3_bucket.this[0]",
        "module.loki_bucket.aws_s3_bucket.this[0]",
        "module.thanos_bucket.aws_s3_bucket.this[0]",
    ]
