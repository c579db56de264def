"""Storage locations of several clusters that are one place: exact words, and the places of both sides."""

from __future__ import annotations

import pytest
from recovery_estates import estate_of
from test_velero_installations import shown

SHOP, WEB = "clusters/shop/velero.yaml", "clusters/web/velero.yaml"


def location(bucket: str = "backups", rest: str = "", config: str = "", provider: str = "aws") -> str:
    return (
        "apiVersion: velero.io/v1\nkind: BackupStorageLocation\nmetadata: {name: default, namespace: velero}\n"
        f"spec: {{provider: {provider}, objectStorage: {{bucket: {bucket}{rest}}}, config: {{{config}}}}}\n"
    )


def said(one: str, two: str, files: dict[str, str] | None = None) -> str:
    found = {each.cluster: each for each in estate_of({SHOP: one, WEB: two, **(files or {})}).locations}
    return shown(found["shop"].alone_in_bucket)


def test_both_locations_are_shown_with_the_prefix_that_they_share() -> None:
    text = "location default of cluster web writes to backups/all too"
    found = said(location(rest=", prefix: all"), location(rest=", prefix: /all/"))
    assert found == f"{text} @ {SHOP}:4:47, {WEB}:4:47"


@pytest.mark.parametrize(
    ("one", "two", "expected"),
    [
        (location(), location("other"), "holds"),
        (location(), location(rest=", prefix: web"), "holds"),
        (location(), location(provider="gcp"), "holds"),
        (location(config="s3Url: 'http://minio:9000'"), location(config="s3Url: 'http://minio:9000'"), "holds"),
        (location(config="s3Url: 'http://minio.velero.svc.cluster.local:9000/'"), location(), "holds"),
        (location(config="storageAccount: one"), location(config="storageAccount: two"), "holds"),
        (location(config="storageAccount: one"), location(config="storageAccount: one"), "fails"),
        (location(config="s3Url: 'https://s3.example.com'"), location(config="s3Url: 'https://s3.example.com/'"), "fails"),
        (location(config="s3Url: 'https://s3.eu-west-1.amazonaws.com'"), location(), "fails"),
        (location(config="s3Url: 'https://${HOST}'"), location(config="s3Url: 'https://${HOST}'"), "?"),
        (location("'${BUCKET}'"), location("'${BUCKET}'"), "?"),
        (location("'${BUCKET}'"), location(rest=", prefix: web"), "holds"),
        (location(), location(rest=", prefix: '${NAME}'"), "?"),
    ],
)
def test_a_place_is_its_bucket_its_prefix_and_its_endpoint(one: str, two: str, expected: str) -> None:
    found = said(one, two)
    assert found.startswith(expected if expected != "fails" else "location default of cluster web writes to backups too @ ")


def test_who_may_only_read_does_not_write() -> None:
    reads = location().replace("provider", "accessMode: ReadOnly, provider")
    assert said(location(), reads) == "-"
    assert said(reads, location()) == "-"
    assert said(location(), location().replace("provider", "accessMode: '${MODE}', provider")) == f"? {WEB}:${{MODE}}"


def test_a_bucket_of_terraform_is_one_bucket_under_any_reference() -> None:
    terraform = 'provider "aws" {\n  region = "eu-west-1"\n}\nresource "aws_s3_bucket" "b" {\n  bucket = "backups"\n}\n'
    assert said(location(), location(), {"main.tf": terraform}).startswith("location default of cluster web writes to backups too @ ")


def test_a_dr_cluster_is_asked_for_something_else() -> None:
    files = {SHOP: location(), "clusters/dr/velero.yaml": location()}
    assert {each.cluster: shown(each.alone_in_bucket) for each in estate_of(files).locations} == {"shop": "-", "dr": "-"}


def test_directories_that_are_only_taken_for_clusters_need_not_be_two() -> None:
    files = {"shop/velero.yaml": location(), "web/velero.yaml": location()}
    assert {shown(each.alone_in_bucket) for each in estate_of(files).locations} == {"? whether shop and web are two clusters"}
