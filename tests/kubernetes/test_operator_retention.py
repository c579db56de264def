"""How long operators keep the backups that they take, and when they take them: each in its own words."""

from __future__ import annotations

import pytest
from test_operator_databases import CNPG, protections, shown, store

from drpolicy.model.durations import format_duration
from drpolicy.model.provenance import Default, written_at
from drpolicy.model.values import Absent, Known, Unknown, Value


def kept(files: dict[str, str], key: str) -> list[str]:
    return [retention(each.value.retention) for each in store(files, key).protections.elements]


def retention(value: Value[object]) -> str:
    """Return how long, and where that is written."""
    match value:
        case Known(value=duration) if hasattr(duration, "seconds"):
            source = f" by default ({value.origin.source})" if isinstance(value.origin, Default) else ""
            return f"{format_duration(duration.seconds)}{source} {written_at(value.origin)}"
        case Unknown(symbol=symbol, among=among):
            options = " to ".join(str(shown(each)) for each in among)
            return f"? {symbol} {options} {written_at(value.origin)}".replace("  ", " ")
        case Absent():
            return "for ever"
        case _:
            raise AssertionError(value)


def cnpg(policy: str) -> dict[str, str]:
    return {"k/db.yaml": CNPG.replace("  backup:\n", f"  backup:\n    retentionPolicy: {policy}\n")}


CLUSTER = "prod//Cluster/shop/orders"


@pytest.mark.parametrize(
    ("policy", "expected"),
    [("30d", "30d k/db.yaml:6:22"), ("2w", "14d k/db.yaml:6:22"), ("1m", "31d k/db.yaml:6:22")],
)
def test_a_window_of_barman(policy: str, expected: str) -> None:
    assert kept(cnpg(policy), CLUSTER) == [expected]


def test_a_window_that_barman_does_not_take_is_not_guessed() -> None:
    assert kept(cnpg("forever"), CLUSTER) == ["? retention 'forever' is no length of time that is understood k/db.yaml:6:22"]
    assert kept(cnpg("'${DAYS}'"), CLUSTER) == ["? k/db.yaml:${DAYS} k/db.yaml:6:22"]


def test_without_a_policy_nothing_is_deleted_and_it_is_none_of_snapshots() -> None:
    assert kept({"k/db.yaml": CNPG}, CLUSTER) == ["for ever"]
    snapshots = cnpg("1d")["k/db.yaml"].replace("  cluster:", "  method: volumeSnapshot\n  cluster:")
    assert kept({"k/db.yaml": snapshots}, CLUSTER) == ["for ever"]


PLUGIN = CNPG.replace(
    '  backup:\n    barmanObjectStore: {destinationPath: "s3://pg-backups/orders"}\n',
    "  plugins:\n  - {name: barman-cloud.cloudnative-pg.io, parameters: {barmanObjectName: where}}\n",
).replace("  cluster:", "  method: plugin\n  cluster:")
OBJECT_STORE = (
    "---\napiVersion: barmancloud.cnpg.io/v1\nkind: ObjectStore\nmetadata: {name: where, namespace: shop}\n"
    "spec: {retentionPolicy: 21d, configuration: {destinationPath: 's3://pg-backups/'}}\n"
)


def test_with_the_plugin_the_object_store_says_it() -> None:
    assert kept({"k/db.yaml": PLUGIN + OBJECT_STORE}, CLUSTER) == ["21d k/db.yaml:19:25"]
    assert kept({"k/db.yaml": PLUGIN}, CLUSTER) == ["? what ObjectStore says of the retention k/db.yaml:6:75"]


def test_archive_timeout_is_what_is_lost() -> None:
    slow = CNPG.replace("  backup:\n", "  postgresql: {parameters: {archive_timeout: '15min'}}\n  backup:\n")
    assert protections({"k/db.yaml": slow}, CLUSTER) == [
        "base backups and WAL in object storage of CloudNativePG Unknown True True True 15m k/db.yaml:13:13"
    ]
    never = CNPG.replace("  backup:\n", "  postgresql: {parameters: {archive_timeout: 0}}\n  backup:\n")
    assert protections({"k/db.yaml": never}, CLUSTER) == [
        "base backups and WAL in object storage of CloudNativePG Unknown True True True Unknown k/db.yaml:13:13"
    ]


def crunchy(
    settings: str, schedules: str = "{full: '0 1 * * 0', incremental: '0 1 * * 1-6'}", group: str = "postgres-operator.crunchydata"
) -> str:
    kind = "PerconaPGCluster" if "percona" in group else "PostgresCluster"
    return (
        f"apiVersion: {group}.com/v1\nkind: {kind}\nmetadata: {{name: hippo, namespace: shop}}\nspec:\n  backups:\n    pgbackrest:\n"
        f"      global: {settings}\n      repos:\n      - {{name: repo1, s3: {{bucket: pg, region: eu-west-2}}, schedules: {schedules}}}\n"
    )


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ("{repo1-retention-full: '14', repo1-retention-full-type: time}", "14d k/db.yaml:7:38"),
        # Two full backups, one a week, with the WAL from the first on.
        ("{repo1-retention-full: '2'}", "14d k/db.yaml:7:38"),
        ("{repo2-retention-full: '2'}", "for ever"),
        ("{repo1-retention-full: many}", "? 'many' is no number of backups that is understood k/db.yaml:7:38"),
    ],
)
def test_pgbackrest_keeps_full_backups_and_what_rests_on_them(settings: str, expected: str) -> None:
    assert kept({"k/db.yaml": crunchy(settings)}, "prod//PostgresCluster/shop/hippo") == [expected, expected]
    percona = crunchy(settings, group="pgv2.percona")
    assert kept({"k/db.yaml": percona}, "prod//PerconaPGCluster/shop/hippo") == [expected, expected]


def test_without_a_schedule_for_full_backups_none_is_too_many() -> None:
    only = crunchy("{repo1-retention-full: '2'}", "{incremental: '0 1 * * *'}")
    assert kept({"k/db.yaml": only}, "prod//PostgresCluster/shop/hippo") == ["for ever"]


def test_a_configuration_in_a_secret_may_say_it() -> None:
    secret = crunchy("{x: y}").replace("      global:", "      configuration: [{secret: {name: s}}]\n      global:")
    expected = "? what configuration says of the retention k/db.yaml:7:22"
    assert kept({"k/db.yaml": secret}, "prod//PostgresCluster/shop/hippo") == [expected, expected]


def pxc(schedule: str) -> dict[str, str]:
    return {
        "k/db.yaml": (
            "apiVersion: pxc.percona.com/v1\nkind: PerconaXtraDBCluster\nmetadata: {name: my, namespace: shop}\nspec:\n  backup:\n"
            "    storages: {far: {type: s3, s3: {bucket: x, region: eu-west-2}}}\n    schedule:\n"
            f"    - {{name: d, storageName: far, {schedule}}}\n"
        )
    }


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        ("schedule: '0 0 * * *', keep: 5", "5d k/db.yaml:8:64"),
        ("schedule: '0 0 * * *', keep: 0", "for ever"),
        ("schedule: '0 0 * * *', keep: 5, retention: {type: count, count: 3, deleteFromStorage: true}", "3d k/db.yaml:8:99"),
        ("schedule: '0 0 * * *', retention: {type: count, count: 3, deleteFromStorage: false}", "for ever"),
        ("schedule: '0 0 * * 1-5', keep: 5", "7d k/db.yaml:8:66"),
        (
            "schedule: '0 0 * * 1-5', keep: 7",
            "? how long between 9d and 11d a backup is kept 9d to 11d k/db.yaml:8:66",
        ),
    ],
)
def test_percona_keeps_the_newest(schedule: str, expected: str) -> None:
    assert kept(pxc(schedule), "prod//PerconaXtraDBCluster/shop/my") == [expected]


def test_binary_logs_bound_what_is_lost() -> None:
    key = "prod//PerconaXtraDBCluster/shop/my"
    (text,) = pxc("schedule: '0 0 * * *'").values()
    on = text.replace("    schedule:\n", "    pitr: {enabled: true, storageName: far, timeBetweenUploads: 120}\n    schedule:\n")
    assert [each.rsplit(" ", 2)[1] for each in protections({"k/db.yaml": on}, key)] == ["2m"]
    off = on.replace("enabled: true", "enabled: false")
    assert [each.rsplit(" ", 2)[1] for each in protections({"k/db.yaml": off}, key)] == ["24h"]


def test_percona_for_mongodb_keeps_incremental_backups() -> None:
    def tasks(task: str) -> dict[str, str]:
        text = (
            "apiVersion: psmdb.percona.com/v1\nkind: PerconaServerMongoDB\nmetadata: {name: m, namespace: shop}\nspec:\n  backup:\n"
            "    storages: {s: {s3: {bucket: x}}}\n"
            f"    tasks: [{{name: d, enabled: true, schedule: '0 0 * * *', storageName: s, {task}}}]\n"
        )
        return {"k/db.yaml": text}

    key = "prod//PerconaServerMongoDB/shop/m"
    assert kept(tasks("retention: {type: count, count: 4}"), key) == ["4d k/db.yaml:7:109"]
    assert kept(tasks("keep: 2"), key) == ["2d k/db.yaml:7:83"]
    assert kept(tasks("type: incremental, retention: {type: count, count: 4}"), key) == ["for ever"]


def test_percona_server_for_mysql() -> None:
    text = (
        "apiVersion: ps.percona.com/v1\nkind: PerconaServerMySQL\nmetadata: {name: p, namespace: shop}\nspec:\n  backup:\n"
        "    enabled: true\n"
        "    storages: {near: {type: filesystem, volumeSpec: {}}}\n"
        "    schedule: [{name: h, schedule: '0 * * * *', keep: 12, storageName: near}]\n"
    )
    key = "prod//PerconaServerMySQL/shop/p"
    assert kept({"k/db.yaml": text}, key) == ["12h k/db.yaml:8:55"]
    assert protections({"k/db.yaml": text}, key) == [
        "XtraBackup of Percona Operator for MySQL based on Percona Server eu-central-1 True True True 1h k/db.yaml:8:36"
    ]


def test_mariadb_keeps_a_month_unless_told_otherwise() -> None:
    def backup(more: str) -> dict[str, str]:
        text = (
            "apiVersion: k8s.mariadb.com/v1alpha1\nkind: MariaDB\nmetadata: {name: m, namespace: shop}\nspec: {}\n---\n"
            "apiVersion: k8s.mariadb.com/v1alpha1\nkind: Backup\nmetadata: {name: b, namespace: shop}\nspec:\n  mariaDbRef: {name: m}\n"
            f"  schedule: {{cron: '0 0 * * *'}}\n{more}"
        )
        return {"k/db.yaml": text}

    key = "prod//MariaDB/shop/m"
    assert kept(backup("  maxRetention: 168h\n"), key) == ["7d k/db.yaml:12:17"]
    default = "30d by default (mariadb-operator, backup_types.go: maxRetention defaults to 30 days, 2026-11) k/db.yaml:8:18"
    assert kept(backup(""), key) == [default]
    assert kept(backup("  maxRetention: 7d\n"), key) == ["? retention '7d' is no length of time that is understood k/db.yaml:12:17"]


def test_a_snapshot_of_mariadb_stays_in_the_cluster() -> None:
    text = (
        "apiVersion: k8s.mariadb.com/v1alpha1\nkind: MariaDB\nmetadata: {name: m, namespace: shop}\nspec: {}\n---\n"
        "apiVersion: k8s.mariadb.com/v1alpha1\nkind: PhysicalBackup\nmetadata: {name: b, namespace: shop}\nspec:\n  mariaDbRef: {name: m}\n"
        "  schedule: {cron: '0 0 * * *'}\n  storage: {volumeSnapshot: {volumeSnapshotClassName: c}}\n"
    )
    assert protections({"k/db.yaml": text}, "prod//MariaDB/shop/m") == [
        "volume snapshot of MariaDB operator eu-central-1 True True True 24h k/db.yaml:11:20"
    ]


def test_zalando_says_it_in_the_environment_of_its_pods() -> None:
    def cluster(spec: str) -> dict[str, str]:
        return {"k/db.yaml": f"apiVersion: acid.zalan.do/v1\nkind: postgresql\nmetadata: {{name: z, namespace: shop}}\nspec: {{{spec}}}\n"}

    key = "prod//postgresql/shop/z"
    env = "env: [{name: WAL_S3_BUCKET, value: b}, {name: AWS_REGION, value: eu-west-1}%s]"
    standard = "zalando/spilo, postgres_backup.sh: BACKUP_NUM_TO_RETAIN is days, at least 2; administrator.md: 5, 2026-11"
    assert kept(cluster(env % ""), key) == [f"5d by default ({standard}) k/db.yaml:3:18"]
    assert protections(cluster(env % ""), key) == [
        "base backups and WAL in object storage of Zalando Postgres Operator eu-west-1 True True True 30m k/db.yaml:3:18"
    ]
    assert kept(cluster(env % ", {name: BACKUP_NUM_TO_RETAIN, value: '14'}"), key) == ["14d k/db.yaml:4:121"]
    assert kept(cluster(env % ", {name: BACKUP_NUM_TO_RETAIN, value: '1'}"), key) == ["2d k/db.yaml:4:121"]
    assert kept(cluster("env: [{name: WAL_S3_BUCKET, value: ''}]"), key) == []


def test_logical_backups_of_zalando() -> None:
    def cluster(spec: str) -> dict[str, str]:
        more = f"enableLogicalBackup: true, logicalBackupSchedule: '0 0 * * *'{spec}"
        return {"k/db.yaml": f"apiVersion: acid.zalan.do/v1\nkind: postgresql\nmetadata: {{name: z, namespace: shop}}\nspec: {{{more}}}\n"}

    key = "prod//postgresql/shop/z"
    assert kept(cluster(", logicalBackupRetention: 3 weeks"), key) == ["21d k/db.yaml:4:95"]
    assert kept(cluster(", logicalBackupRetention: 1 month"), key) == [
        "? how long between 28d and 31d a backup is kept 28d to 31d k/db.yaml:4:95"
    ]
    assert kept(cluster(""), key) == ["? retention that Zalando Postgres Operator is configured with k/db.yaml:3:18"]


K8SSANDRA = """\
apiVersion: k8ssandra.io/v1alpha1
kind: K8ssandraCluster
metadata: {name: demo, namespace: shop}
spec:
  cassandra: {datacenters: [{metadata: {name: dc1}}, {metadata: {name: dc2}}]}
  medusa:
    storageProperties: {storageProvider: s3, bucketName: cass, region: eu-west-1, maxBackupAge: 30, maxBackupCount: 10}
---
apiVersion: medusa.k8ssandra.io/v1alpha1
kind: MedusaBackupSchedule
metadata: {name: nightly, namespace: shop}
spec: {cronSchedule: '30 1 * * *', backupSpec: {cassandraDatacenter: dc2}}
"""


def test_medusa_deletes_what_is_too_old_or_too_many() -> None:
    key = "prod//K8ssandraCluster/shop/demo"
    assert protections({"k/db.yaml": K8SSANDRA}, key) == ["Medusa of K8ssandra eu-west-1 True True True 24h k/db.yaml:12:22"]
    assert kept({"k/db.yaml": K8SSANDRA}, key) == ["10d k/db.yaml:7:117"]
    assert kept({"k/db.yaml": K8SSANDRA.replace("maxBackupCount: 10", "maxBackupCount: 0")}, key) == ["30d k/db.yaml:7:97"]
    assert kept({"k/db.yaml": K8SSANDRA.replace("  medusa:\n", "  medusa:\n    purgeBackups: false\n")}, key) == ["for ever"]
    assert kept({"k/db.yaml": K8SSANDRA.replace("cassandraDatacenter: dc2", "cassandraDatacenter: other")}, key) == []
    assert kept({"k/db.yaml": K8SSANDRA.replace("spec: {cron", "spec: {operationType: purge, cron")}, key) == []


def test_a_bucket_of_another_provider_is_none_of_s3() -> None:
    bucket = 'provider "aws" {\n  region = "eu-west-1"\n}\nresource "aws_s3_bucket" "b" {\n  bucket = "cass"\n}\n'
    files = {"k/db.yaml": K8SSANDRA.replace("storageProvider: s3", "storageProvider: google_storage"), "main.tf": bucket}
    protection = store(files, "prod//K8ssandraCluster/shop/demo").protections.elements[0].value
    assert (shown(protection.region), protection.copy_store) == ("Unknown", "")


ECK = """\
apiVersion: elasticsearch.k8s.elastic.co/v1
kind: Elasticsearch
metadata: {name: logs, namespace: shop, labels: {team: shop}}
spec: {version: 9.2.0}
---
apiVersion: stackconfigpolicy.k8s.elastic.co/v1alpha1
kind: StackConfigPolicy
metadata: {name: backups, namespace: shop}
spec:
  resourceSelector: {matchLabels: {team: shop}}
  elasticsearch:
    snapshotRepositories: {far: {type: s3, settings: {bucket: es-backups}}}
    snapshotLifecyclePolicies:
      nightly:
        schedule: "0 30 1 * * ?"
        repository: far
        retention: {expire_after: 30d, max_count: 10}
"""


def test_a_snapshot_lifecycle_policy_of_elasticsearch() -> None:
    key = "prod//Elasticsearch/shop/logs"
    bucket = 'provider "aws" {\n  region = "eu-west-1"\n}\nresource "aws_s3_bucket" "b" {\n  bucket = "es-backups"\n}\n'
    assert protections({"k/es.yaml": ECK, "main.tf": bucket}, key) == [
        "snapshot lifecycle policy of Elastic Cloud on Kubernetes eu-west-1 True True True 24h k/es.yaml:15:19"
    ]
    assert kept({"k/es.yaml": ECK}, key) == ["10d k/es.yaml:17:51"]
    assert kept({"k/es.yaml": ECK.replace("max_count: 10", "min_count: 45")}, key) == ["45d k/es.yaml:17:35"]
    assert kept({"k/es.yaml": ECK.replace("matchLabels: {team: shop}", "matchLabels: {team: web}")}, key) == []
    assert kept({"k/es.yaml": ECK.replace("namespace: shop}\nspec:\n  resource", "namespace: elastic-system}\nspec:\n  resource")}, key)
    assert not kept({"k/es.yaml": ECK.replace("namespace: shop}\nspec:\n  resource", "namespace: web}\nspec:\n  resource")}, key)


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        ("0 0 1 ? * MON-FRI", "True True True 3d"),
        ("0 0 1 L * ? 2031", "True True True unbounded"),
        ("6h", "True True True 6h"),
        ("0 1 * * *", "False True True Absent"),
        ("0 0 1 30 2 ?", "True True False Absent"),
    ],
)
def test_quartz(schedule: str, expected: str) -> None:
    (line,) = protections({"k/es.yaml": ECK.replace("0 30 1 * * ?", schedule)}, "prod//Elasticsearch/shop/logs")
    assert line == f"snapshot lifecycle policy of Elastic Cloud on Kubernetes Unknown {expected} k/es.yaml:15:19"


def test_dumps_of_the_mysql_operator_go_where_their_profile_says() -> None:
    text = (
        "apiVersion: mysql.oracle.com/v2\nkind: InnoDBCluster\nmetadata: {name: c, namespace: shop}\nspec:\n  backupProfiles:\n"
        "  - {name: s3, dumpInstance: {storage: {s3: {bucketName: dumps, config: secret}}}}\n"
        "  backupSchedules:\n  - {name: d, schedule: '0 0 * * *', backupProfileName: s3, enabled: true}\n"
        "  - {name: v, schedule: '0 1 * * *', enabled: false,\n"
        "     backupProfile: {dumpInstance: {storage: {persistentVolumeClaim: {claimName: x}}}}}\n"
    )
    bucket = 'provider "aws" {\n  region = "eu-west-1"\n}\nresource "aws_s3_bucket" "b" {\n  bucket = "dumps"\n}\n'
    assert protections({"k/db.yaml": text, "main.tf": bucket}, "prod//InnoDBCluster/shop/c") == [
        "dump of MySQL Operator eu-west-1 True True True 24h k/db.yaml:8:25",
        "dump of MySQL Operator eu-central-1 True False False 24h k/db.yaml:9:25",
    ]


def test_redis_of_an_operator_is_a_cache_and_mongodb_is_not() -> None:
    redis = "apiVersion: redis.redis.opstreelabs.in/v1beta2\nkind: RedisCluster\nmetadata: {name: r, namespace: shop}\nspec: {}\n"
    found = store({"k/r.yaml": redis}, "prod//RedisCluster/shop/r")
    assert (found.kind, shown(found.data_class)) == ("cache", "cache")
    mongodb = "apiVersion: mongodbcommunity.mongodb.com/v1\nkind: MongoDBCommunity\nmetadata: {name: m, namespace: shop}\nspec: {}\n"
    found = store({"k/m.yaml": mongodb}, "prod//MongoDBCommunity/shop/m")
    assert (found.kind, shown(found.data_class), found.protections.elements) == ("database", "system-of-record", ())
