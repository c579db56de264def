"""Names that somebody has still to fill in: whatever would do that, they name nothing yet, and no two clusters the same."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from test_operator_databases import CNPG, store
from test_operator_schedules import estate

from drpolicy.model.clusters import Location
from drpolicy.model.provenance import written_at
from drpolicy.model.reasons import Reason
from drpolicy.model.values import Known, Unknown
from drpolicy.recovery.logic import truth_of

CLUSTERS = """\
apiVersion: drpolicy.dev/v1
kind: Config
clusters:
- {name: prod, region: eu-central-1, role: primary, paths: ['prod/**']}
- {name: dr, region: eu-west-1, role: dr, paths: ['dr/**']}
"""
LOCATION = """\
apiVersion: velero.io/v1
kind: BackupStorageLocation
metadata: {name: default, namespace: velero}
spec: {provider: aws, default: true, objectStorage: {bucket: "%s"}}
"""
MADE = 'provider "aws" {\n  region = "eu-west-1"\n}\nresource "aws_s3_bucket" "b" {\n  bucket = "%s"\n}\n'


def locations(files: Mapping[str, str]) -> list[Location]:
    return list(estate({"drpolicy.yaml": CLUSTERS, **files}).locations)


@pytest.mark.parametrize(
    "bucket", ["${BUCKET}", "<BUCKET>", "<your bucket>-velero", "$(BUCKET)", "$BUCKET", "{bucket}", "[BUCKET]", "%BUCKET%", "@BUCKET@"]
)
def test_a_bucket_that_is_a_blank_is_not_known(bucket: str) -> None:
    (found,) = locations({"prod/v.yaml": LOCATION % bucket, "main.tf": MADE % "BUCKET"})
    assert (found.bucket_store, isinstance(found.bucket, Unknown)) == ("", True)
    region = found.region
    assert isinstance(region, Unknown)
    assert region.cause.reason is Reason.TEMPLATE_PLACEHOLDER
    assert region.symbol == f"region of bucket prod/v.yaml:{bucket}"
    assert str(written_at(region.origin)) == "prod/v.yaml:4:62"
    assert region.cause.reason.settle == "check the rendered output instead of the template, or write the value"


@pytest.mark.parametrize("bucket", ["backups", "my.backups-1", "Old_Backups"])
def test_a_name_is_none(bucket: str) -> None:
    (found,) = locations({"prod/v.yaml": LOCATION % bucket})
    assert isinstance(found.bucket, Known)
    assert isinstance(found.region, Unknown)
    assert found.region.symbol == f"region of bucket {bucket}"
    assert found.region.reason is Reason.OUTSIDE_SCOPE


def test_a_region_that_is_a_blank_is_no_other_region() -> None:
    text = (LOCATION % "backups").replace('"backups"}', '"backups"}, config: {region: "<REGION>"}')
    (found,) = locations({"prod/v.yaml": text})
    assert isinstance(found.written_region, Unknown)


@pytest.mark.parametrize("bucket", ["${BUCKET}", "<BUCKET>"])
def test_overlays_of_one_blank_may_be_two_buckets(bucket: str) -> None:
    over = {f"{each}/kustomization.yaml": "resources: [../base/v.yaml]\n" for each in ("prod", "dr")}
    found = locations({"base/v.yaml": LOCATION % bucket, **over})
    assert [truth_of(each.shared_with_writer).name for each in found] == ["UNKNOWN", "UNKNOWN"]
    same = locations({"base/v.yaml": LOCATION % "backups", **over})
    assert {each.cluster: truth_of(each.shared_with_writer).name for each in same} == {"prod": "TRUE", "dr": "TRUE"}


def test_what_a_dr_cluster_reads_is_not_told_from_a_blank() -> None:
    claim = (
        "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data, namespace: shop}\n"
        "spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}\n---\n"
        "apiVersion: velero.io/v1\nkind: Schedule\nmetadata: {name: daily, namespace: velero}\n"
        "spec: {schedule: '@daily', template: {defaultVolumesToFsBackup: true}}\n"
    )
    over = {f"{each}/kustomization.yaml": f"resources: [../base/v.yaml, {each}.yaml]\n" for each in ("prod", "dr")}
    empty = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n"

    def survives(bucket: str) -> str:
        location = (LOCATION % bucket).replace(f'"{bucket}"}}', f'"{bucket}"}}, config: {{region: eu-west-1}}')
        found = estate({"drpolicy.yaml": CLUSTERS, "base/v.yaml": location, "prod/prod.yaml": claim, "dr/dr.yaml": empty, **over})
        (volumes,) = [each for each in found.stores if each.protections.elements]
        return truth_of(volumes.protections.elements[0].value.survives.region).name

    assert {bucket: survives(bucket) for bucket in ("backups", "${BUCKET}", "<BUCKET>")} == {
        "backups": "TRUE",
        "${BUCKET}": "UNKNOWN",
        "<BUCKET>": "UNKNOWN",
    }


@pytest.mark.parametrize("bucket", ["<BUCKET>", "$(BUCKET)"])
def test_a_blank_in_the_address_of_an_operators_backups(bucket: str) -> None:
    (found,) = store({"k/db.yaml": CNPG.replace("pg-backups", bucket)}, "prod//Cluster/shop/orders").protections.elements
    assert isinstance(found.value.region, Unknown)
    assert (found.value.region.reason, found.value.region.symbol) == (Reason.TEMPLATE_PLACEHOLDER, f"k/db.yaml:s3://{bucket}/orders")
