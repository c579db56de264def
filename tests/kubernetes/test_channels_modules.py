"""Velero by way of modules of the registry: their documented interfaces hand the caller's settings to the chart."""

from __future__ import annotations

import pytest
from channel_fixtures import not_read, reached, read

from drpolicy.catalog.load import built_in_catalog
from drpolicy.model.values import Known, Unknown
from drpolicy.recovery.links import link_index

PROVIDER = 'provider "aws" {\n  region = "eu-west-1"\n}\nresource "aws_s3_bucket" "b" {\n  bucket = "backups"\n}\n'
VALUES = '    values = [yamlencode({ schedules = { daily = { schedule = "0 2 * * *", template = { ttl = "240h" } } } })]\n'


def blueprints(velero: str, version: str = "~> 1.16", more: str = "  enable_velero = true\n") -> dict[str, str]:
    text = (
        f'{PROVIDER}module "addons" {{\n  source = "aws-ia/eks-blueprints-addons/aws"\n  version = "{version}"\n  cluster_name = "c"\n'
        f'  cluster_endpoint = "https://c"\n  cluster_version = "1.33"\n  oidc_provider_arn = "arn"\n'
        f"{more}  velero = {{\n{velero}  }}\n}}\n"
    )
    return {"prod/main.tf": text}


def test_eks_blueprints_addons() -> None:
    paused = '    set = [{ name = "schedules.daily.paused", value = "true" }]\n'
    files = blueprints(f'    s3_backup_location = "arn:aws:s3:::backups/velero"\n{VALUES}{paused}')
    assert reached(files) == [
        "prod//BackupStorageLocation/velero/default prod/main.tf:16:26",
        "  provider = aws prod/main.tf:7:1",
        "  config.region = eu-west-1 prod/main.tf:2:12",
        "  objectStorage.bucket = backups prod/main.tf:16:26",
        "  objectStorage.prefix = velero prod/main.tf:16:26",
        "prod//VolumeSnapshotLocation/velero/default prod/main.tf:2:12",
        "  provider = aws prod/main.tf:7:1",
        "  config.region = eu-west-1 prod/main.tf:2:12",
        "prod//Schedule/velero/velero-daily prod/main.tf:17:50",
        "  schedule = 0 2 * * * prod/main.tf:17:63",
        "  paused = True prod/main.tf:18:55",
        "  template.ttl = 240h prod/main.tf:17:95",
    ]
    (root,) = read(files).inputs.roots
    assert [each.address for each in root.resources] == [
        "aws_s3_bucket.b",
        "module.addons.module.velero.aws_iam_role.this[0]",
        "module.addons.module.velero.helm_release.this[0]",
    ]


@pytest.mark.parametrize("more", ["", "  enable_velero = false\n", "  enable_velero = true\n  create_kubernetes_resources = false\n"])
def test_blueprints_that_do_not_install_velero(more: str) -> None:
    assert reached(blueprints('    s3_backup_location = "arn:aws:s3:::backups/velero"\n', more=more)) == []


def test_whether_blueprints_install_it_may_not_be_known() -> None:
    files = blueprints('    s3_backup_location = "arn:aws:s3:::backups"\n', more="  enable_velero = var.on\n")
    files["prod/variables.tf"] = 'variable "on" {}\n'
    assert reached(files)[0] == "prod//BackupStorageLocation/velero/default ? prod/main.tf:7:1"


def test_the_bucket_of_a_reference_is_that_bucket() -> None:
    found = read(blueprints('    s3_backup_location = "${aws_s3_bucket.b.arn}/velero"\n'))
    (location,) = (each for each in found.manifests.resources if each.name == "default" and "Storage" in each.type)
    storage = location.get("spec").value.fields["objectStorage"].value.fields
    bucket, prefix = storage["bucket"], storage["prefix"]
    assert isinstance(bucket, Unknown)
    assert isinstance(prefix, Known)
    assert (bucket.target, prefix.value) == (("prod//aws_s3_bucket.b", "id"), "velero")
    resources = [each for root in found.inputs.roots for each in root.resources]
    resolution = link_index(resources, built_in_catalog()).resolve(bucket, ("aws_s3_bucket",), location)
    assert resolution.single is not None
    assert resolution.single.key == "prod//aws_s3_bucket.b"


def test_a_release_beside_the_add_ons() -> None:
    more = f'  helm_releases = {{\n    velero = {{\n    chart = "velero"\n    namespace = "backup"\n{VALUES}    }}\n  }}\n'
    assert reached(blueprints("", more=more)) == [
        "prod//Schedule/backup/velero-daily prod/main.tf:18:50",
        "  schedule = 0 2 * * * prod/main.tf:18:63",
        "  template.ttl = 240h prod/main.tf:18:95",
    ]


def test_one_add_on_of_blueprints() -> None:
    text = (
        f'{PROVIDER}module "velero" {{\n  source = "aws-ia/eks-blueprints-addon/aws"\n  version = "~> 1.1.1"\n  chart = "velero"\n'
        f'  namespace = "velero"\n{VALUES}  set = [{{ name = "schedules.daily.template.ttl", value = "1h" }}]\n}}\n'
    )
    assert reached({"prod/main.tf": text}) == [
        "prod//Schedule/velero/velero-daily prod/main.tf:12:50",
        "  schedule = 0 2 * * * prod/main.tf:12:63",
        "  template.ttl = 1h prod/main.tf:13:59",
    ]


@pytest.mark.parametrize(("more", "count"), [("", 1), ("  enabled = false\n", 0)])
def test_a_release_of_cloudposse(more: str, count: int) -> None:
    text = (
        f'{PROVIDER}module "velero" {{\n  source = "cloudposse/helm-release/aws"\n  version = "0.10.1"\n  name = "velero"\n'
        f'  chart = "velero"\n  kubernetes_namespace = "velero"\n{VALUES}'
        f'  set = [{{ name = "schedules.daily.template.ttl", value = "1h", type = "string" }}]\n{more}}}\n'
    )
    expected = [
        "prod//Schedule/velero/velero-daily prod/main.tf:13:50",
        "  schedule = 0 2 * * * prod/main.tf:13:63",
        "  template.ttl = 1h prod/main.tf:14:59",
    ]
    assert reached({"prod/main.tf": text}) == expected * count


def old(config: str = "", ref: str = "v4.32.1") -> dict[str, str]:
    source = f"github.com/aws-ia/terraform-aws-eks-blueprints//modules/kubernetes-addons?ref={ref}"
    text = (
        f'{PROVIDER}module "addons" {{\n  source = "{source}"\n  eks_cluster_id = "c"\n  enable_velero = true\n'
        f'  velero_backup_s3_bucket = "backups"\n{config}}}\n'
    )
    return {"prod/main.tf": text}


def test_the_old_blueprints() -> None:
    assert reached(old()) == [
        "prod//BackupStorageLocation/velero/default prod/main.tf:7:1",
        "  provider = aws prod/main.tf:7:1",
        "  objectStorage.bucket = backups prod/main.tf:11:29",
        "prod//VolumeSnapshotLocation/velero/default prod/main.tf:7:1",
        "  provider = aws prod/main.tf:7:1",
        "  config.region = eu-west-1 prod/main.tf:2:12",
    ]


def test_values_of_the_caller_take_the_place_of_those_of_the_old_blueprints() -> None:
    assert reached(old(f"  velero_helm_config = {{\n{VALUES}  }}\n")) == [
        "prod//Schedule/velero/velero-daily prod/main.tf:13:50",
        "  schedule = 0 2 * * * prod/main.tf:13:63",
        "  template.ttl = 240h prod/main.tf:13:95",
    ]


def test_a_version_that_is_not_described_is_not_guessed() -> None:
    assert reached(old(ref="v3.5.0")) == []
    assert reached(blueprints("", version=">= 1.0")) == []
    assert not_read(blueprints("", version=">= 1.0")) == []
