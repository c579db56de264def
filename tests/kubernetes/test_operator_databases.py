"""Databases that operators run in a cluster, and the backups that the operators take of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from channel_fixtures import read

from drpolicy.catalog.load import built_in_catalog
from drpolicy.model.durations import format_duration
from drpolicy.model.stores import Protection, Store
from drpolicy.model.values import Known, Unknown, Value
from drpolicy.recovery.build import build_estate

CNPG = """\
apiVersion: postgresql.cnpg.io/v1
kind: Cluster
metadata: {name: orders, namespace: shop}
spec:
  backup:
    barmanObjectStore: {destinationPath: "s3://pg-backups/orders"}
---
apiVersion: postgresql.cnpg.io/v1
kind: ScheduledBackup
metadata: {name: nightly, namespace: shop}
spec:
  schedule: "0 30 2 * * *"
  cluster: {name: orders}
"""
BUCKET = 'provider "aws" {\n  region = "eu-west-1"\n}\nresource "aws_s3_bucket" "b" {\n  bucket = "pg-backups"\n}\n'
CONFIG = "apiVersion: drpolicy.dev/v1\nkind: Config\nclusters:\n- {name: prod, region: eu-central-1, role: primary, paths: ['k/**']}\n"


def store(files: Mapping[str, str], key: str) -> Store:
    estate = build_estate(read({"drpolicy.yaml": CONFIG, **files}).inputs, built_in_catalog(), date(2026, 11, 26))
    return next(each for each in estate.stores if each.key == key)


def shown(value: Value[object]) -> object:
    if not isinstance(value, Known):
        return type(value).__name__
    return format_duration(value.value.seconds) if hasattr(value.value, "seconds") else value.value


def line(protection: Protection) -> str:
    fields = (protection.region, protection.scheduled, protection.enabled, protection.works, protection.gap)
    return " ".join([protection.name, *(str(shown(each)) for each in fields), str(protection.span)])


def protections(files: Mapping[str, str], key: str) -> list[str]:
    return [line(each.value) for each in store(files, key).protections.elements]


def test_a_scheduled_backup_of_cloudnativepg_is_where_its_bucket_is() -> None:
    found = store({"k/db.yaml": CNPG, "main.tf": BUCKET}, "prod//Cluster/shop/orders")
    assert (found.kind, found.name, shown(found.data_class)) == ("database", "prod/shop/orders", "system-of-record")
    assert [line(each.value) for each in found.protections.elements] == [
        "base backups and WAL in object storage of CloudNativePG eu-west-1 True True True 5m k/db.yaml:12:13"
    ]
    assert found.protections.elements[0].value.copy_store == "root//aws_s3_bucket.b"


def test_its_bucket_holds_copies() -> None:
    assert shown(store({"k/db.yaml": CNPG, "main.tf": BUCKET}, "root//aws_s3_bucket.b").data_class) == "copy"


def test_five_fields_of_cloudnativepg_begin_with_seconds() -> None:
    snapshots = CNPG.replace('"0 30 2 * * *"', '"0 0 * * *"').replace("  cluster:", "  method: volumeSnapshot\n  cluster:")
    # Second 0 of minute 0 of every hour: the first field is no minute.
    assert protections({"k/db.yaml": snapshots}, "prod//Cluster/shop/orders") == [
        "volume snapshots of CloudNativePG eu-central-1 True True True 1h k/db.yaml:12:13"
    ]


def test_a_bucket_that_another_maker_serves_is_none_of_terraforms() -> None:
    elsewhere = CNPG.replace('orders"}', 'orders", endpointURL: "https://minio.example.com"}')
    protection = store({"k/db.yaml": elsewhere, "main.tf": BUCKET}, "prod//Cluster/shop/orders").protections.elements[0].value
    assert isinstance(protection.region, Unknown)
    assert (protection.region.symbol, protection.copy_store) == ("where https://minio.example.com is", "")
    amazon = CNPG.replace('orders"}', 'orders", endpointURL: "https://s3.eu-west-1.amazonaws.com"}')
    assert store({"k/db.yaml": amazon, "main.tf": BUCKET}, "prod//Cluster/shop/orders").protections.elements[0].value.copy_store


def test_a_suspended_or_never_firing_backup_does_not_work() -> None:
    suspended = CNPG.replace("  cluster:", "  suspend: true\n  cluster:")
    assert protections({"k/db.yaml": suspended, "main.tf": BUCKET}, "prod//Cluster/shop/orders") == [
        "base backups and WAL in object storage of CloudNativePG eu-west-1 True False False 5m k/db.yaml:12:13"
    ]
    never = CNPG.replace("0 30 2 * * *", "0 0 0 31 2 *")
    assert protections({"k/db.yaml": never, "main.tf": BUCKET}, "prod//Cluster/shop/orders") == [
        "base backups and WAL in object storage of CloudNativePG eu-west-1 True True False Absent k/db.yaml:12:13"
    ]


def test_the_plugin_of_cloudnativepg_writes_to_an_object_store() -> None:
    plugin = (
        CNPG.replace(
            '  backup:\n    barmanObjectStore: {destinationPath: "s3://pg-backups/orders"}\n',
            "  plugins:\n  - {name: other}\n  - {name: barman-cloud.cloudnative-pg.io, parameters: {barmanObjectName: where}}\n",
        ).replace("  cluster:", "  method: plugin\n  cluster:")
        + "---\napiVersion: barmancloud.cnpg.io/v1\nkind: ObjectStore\nmetadata: {name: where, namespace: shop}\n"
        "spec: {configuration: {destinationPath: 's3://pg-backups/'}}\n"
    )
    assert protections({"k/db.yaml": plugin, "main.tf": BUCKET}, "prod//Cluster/shop/orders") == [
        "base backups and WAL in object storage of CloudNativePG eu-west-1 True True True 5m k/db.yaml:13:13"
    ]


def test_a_backup_of_another_cluster_is_none_of_this_one() -> None:
    other = CNPG.replace("cluster: {name: orders}", "cluster: {name: users}")
    assert protections({"k/db.yaml": other}, "prod//Cluster/shop/orders") == []


def test_a_replica_cluster_is_no_record_of_its_own() -> None:
    replica = CNPG.replace("spec:\n  backup", "spec:\n  replica: {enabled: true, source: elsewhere}\n  backup")
    assert shown(store({"k/db.yaml": replica}, "prod//Cluster/shop/orders").data_class) == "replica"


def test_crunchy_keeps_one_repository_beside_the_data_and_one_in_s3() -> None:
    cluster = (
        "apiVersion: postgres-operator.crunchydata.com/v1beta1\nkind: PostgresCluster\nmetadata: {name: hippo, namespace: shop}\n"
        "spec:\n  backups:\n    pgbackrest:\n      repos:\n"
        "      - {name: repo1, volume: {volumeClaimSpec: {}}, schedules: {full: '0 1 * * 0'}}\n"
        "      - {name: repo2, s3: {bucket: pg, region: eu-west-2}, schedules: {differential: '0 1 * * 1-6'}}\n"
    )
    assert protections({"k/db.yaml": cluster}, "prod//PostgresCluster/shop/hippo") == [
        "pgBackRest of Crunchy Postgres eu-central-1 True True True 1m k/db.yaml:8:72",
        "pgBackRest of Crunchy Postgres eu-west-2 True True True 1m k/db.yaml:9:86",
    ]


def test_percona_names_its_storages() -> None:
    cluster = (
        "apiVersion: pxc.percona.com/v1\nkind: PerconaXtraDBCluster\nmetadata: {name: my, namespace: shop}\nspec:\n  backup:\n"
        "    storages:\n      far: {type: s3, s3: {bucket: x, region: eu-west-2}}\n      near: {type: filesystem, volume: {}}\n"
        "    schedule:\n    - {name: d, schedule: '0 0 * * *', storageName: far}\n"
        "    - {name: h, schedule: '0 * * * *', storageName: near}\n    - {name: x, schedule: '0 * * * *', storageName: gone}\n"
    )
    assert protections({"k/db.yaml": cluster}, "prod//PerconaXtraDBCluster/shop/my") == [
        "XtraBackup of Percona Operator for MySQL eu-west-2 True True True 24h k/db.yaml:10:27",
        "XtraBackup of Percona Operator for MySQL eu-central-1 True True True 1h k/db.yaml:11:27",
        "XtraBackup of Percona Operator for MySQL Unknown True True True 1h k/db.yaml:12:27",
    ]


def test_percona_for_mongodb_takes_no_backup_when_it_is_off() -> None:
    cluster = (
        "apiVersion: psmdb.percona.com/v1\nkind: PerconaServerMongoDB\nmetadata: {name: m, namespace: shop}\nspec:\n  backup:\n"
        "    enabled: false\n    storages: {s: {s3: {bucket: x, region: eu-west-2}}}\n"
        "    tasks: [{name: d, enabled: true, schedule: '0 0 * * *', storageName: s}]\n"
    )
    key = "prod//PerconaServerMongoDB/shop/m"
    off = "Percona Backup for MongoDB of Percona Operator for MongoDB eu-west-2 True False False 24h k/db.yaml:8:48"
    assert protections({"k/db.yaml": cluster}, key) == [off]
    on = cluster.replace("    enabled: false\n", "    enabled: true\n").replace("enabled: true, schedule", "enabled: false, schedule")
    assert protections({"k/db.yaml": on}, key) == [off.replace("8:48", "8:49")]


def test_a_backup_of_mariadb_without_a_schedule_is_none_that_recurs() -> None:
    database = "apiVersion: k8s.mariadb.com/v1alpha1\nkind: MariaDB\nmetadata: {name: m, namespace: shop}\nspec: {}\n---\n"
    backup = (
        "apiVersion: k8s.mariadb.com/v1alpha1\nkind: Backup\nmetadata: {name: b, namespace: shop}\nspec:\n  mariaDbRef: {name: m}\n"
        "  storage: {s3: {bucket: x, region: eu-west-2}}\n"
    )
    assert protections({"k/db.yaml": database + backup}, "prod//MariaDB/shop/m") == []
    assert protections({"k/db.yaml": f"{database}{backup}  schedule: {{cron: '0 0 * * *'}}\n"}, "prod//MariaDB/shop/m") == [
        "logical backup of MariaDB operator eu-west-2 True True True 24h k/db.yaml:12:20"
    ]


def test_what_an_operator_is_configured_with_leaves_its_databases_open() -> None:
    database = "apiVersion: acid.zalan.do/v1\nkind: postgresql\nmetadata: {name: z, namespace: shop}\nspec: {}\n"
    found = store({"k/db.yaml": database}, "prod//postgresql/shop/z")
    assert found.protections.rest is not None
    assert found.protections.rest.symbol == "what the configuration of the Postgres Operator says of WAL archiving and logical backups"
    asked = database.replace("spec: {}", "spec: {enableLogicalBackup: true}")
    assert protections({"k/db.yaml": asked}, "prod//postgresql/shop/z") == [
        "logical backup of Zalando Postgres Operator Unknown Unknown True Unknown Unknown k/db.yaml:4:29"
    ]


def test_velero_takes_the_volumes_of_an_operators_database_along() -> None:
    velero = (
        "apiVersion: velero.io/v1\nkind: BackupStorageLocation\nmetadata: {name: default, namespace: velero}\n"
        "spec: {provider: aws, objectStorage: {bucket: pg-backups}}\n---\n"
        "apiVersion: velero.io/v1\nkind: Schedule\nmetadata: {name: daily, namespace: velero}\n"
        "spec: {schedule: '@daily', template: {includedNamespaces: [shop], defaultVolumesToFsBackup: true}}\n"
    )
    database = CNPG.partition("---")[0]
    assert protections({"k/db.yaml": database, "k/v.yaml": velero, "main.tf": BUCKET}, "prod//Cluster/shop/orders") == [
        "Velero schedule daily eu-west-1 True True True 24h k/v.yaml:8:18"
    ]


def test_a_replicated_bucket_gives_a_copy_in_the_other_region() -> None:
    rest = """
provider "aws" {
  alias  = "dr"
  region = "eu-central-2"
}
resource "aws_s3_bucket_versioning" "b" {
  bucket = aws_s3_bucket.b.id
  versioning_configuration { status = "Enabled" }
}
resource "aws_s3_bucket" "copy" {
  provider = aws.dr
  bucket   = "pg-backups-copy"
}
resource "aws_s3_bucket_versioning" "copy" {
  provider = aws.dr
  bucket   = aws_s3_bucket.copy.id
  versioning_configuration { status = "Enabled" }
}
resource "aws_s3_bucket_replication_configuration" "b" {
  bucket = aws_s3_bucket.b.id
  role   = "arn:aws:iam::123456789012:role/replication"
  rule {
    id     = "all"
    status = "Enabled"
    destination { bucket = aws_s3_bucket.copy.arn }
  }
}
"""
    found = store({"k/db.yaml": CNPG, "main.tf": BUCKET + rest}, "prod//Cluster/shop/orders").protections.elements
    assert [(each.value.name, shown(each.value.region), each.value.copy_store) for each in found] == [
        ("base backups and WAL in object storage of CloudNativePG", "eu-west-1", "root//aws_s3_bucket.b"),
        ("base backups and WAL in object storage of CloudNativePG, replicated", "eu-central-2", "root//aws_s3_bucket.copy"),
    ]
