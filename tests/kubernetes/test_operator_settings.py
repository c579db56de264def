"""What the configuration of Zalando's operator gives the databases that it runs: destination, schedule and retention."""

from __future__ import annotations

import pytest
from test_operator_databases import protections, shown, store
from test_operator_retention import kept
from test_operator_schedules import estate

from drpolicy.model.provenance import written_at
from drpolicy.model.truth import Truth
from drpolicy.model.values import Unknown

DATABASE = """\
apiVersion: acid.zalan.do/v1
kind: postgresql
metadata: {name: orders, namespace: shop}
spec: {teamId: shop}
"""
LOGICAL = DATABASE.replace("teamId: shop", "enableLogicalBackup: true")
CONFIGURATION = """\
apiVersion: acid.zalan.do/v1
kind: OperatorConfiguration
metadata: {name: postgres-operator, namespace: operators}
configuration:
  aws_or_gcp: {aws_region: eu-west-2, wal_s3_bucket: pg-backups}
  logical_backup:
    logical_backup_schedule: "15 3 * * *"
    logical_backup_s3_bucket: pg-backups
    logical_backup_s3_region: eu-west-3
    logical_backup_s3_endpoint: ""
    logical_backup_s3_retention_time: "2 week"
"""
BUCKET = 'provider "aws" {\n  region = "eu-west-1"\n}\nresource "aws_s3_bucket" "b" {\n  bucket = "pg-backups"\n}\n'
KEY = "prod//postgresql/shop/orders"
WAL = "base backups and WAL in object storage of Zalando Postgres Operator"


def test_the_bucket_for_write_ahead_logs_is_that_of_the_configuration() -> None:
    files = {"k/db.yaml": DATABASE, "k/config.yaml": CONFIGURATION, "main.tf": BUCKET}
    # The region of the volumes is none of the bucket.
    assert protections(files, KEY) == [f"{WAL} eu-west-1 True True True 30m k/db.yaml:3:18"]
    assert store(files, KEY).protections.elements[0].value.copy_store == "root//aws_s3_bucket.b"
    assert shown(store(files, "root//aws_s3_bucket.b").data_class) == "copy"
    alone = {name: text for name, text in files.items() if name != "main.tf"}
    assert protections(alone, KEY) == [f"{WAL} Unknown True True True 30m k/db.yaml:3:18"]


def test_what_else_protects_it_stays_open() -> None:
    assert store({"k/db.yaml": DATABASE, "k/config.yaml": CONFIGURATION}, KEY).protections.rest is not None


def test_logical_backups_take_schedule_region_and_retention_from_it() -> None:
    files = {"k/db.yaml": LOGICAL, "k/config.yaml": CONFIGURATION.replace(", wal_s3_bucket: pg-backups", "")}
    assert protections(files, KEY) == ["logical backup of Zalando Postgres Operator eu-west-3 True True True 24h k/config.yaml:7:30"]
    assert kept(files, KEY) == ["14d k/config.yaml:11:39"]
    own = LOGICAL.replace("true}", "true, logicalBackupSchedule: '0 * * * *', logicalBackupRetention: 3 days}")
    assert protections({**files, "k/db.yaml": own}, KEY) == [
        "logical backup of Zalando Postgres Operator eu-west-3 True True True 1h k/db.yaml:4:58"
    ]
    assert kept({**files, "k/db.yaml": own}, KEY) == ["3d k/db.yaml:4:95"]


def test_a_configuration_that_says_nothing_leaves_the_operators_own_default() -> None:
    bare = CONFIGURATION.partition("  aws_or_gcp")[0] + "  aws_or_gcp: {}\n"
    files = {"k/db.yaml": LOGICAL, "k/config.yaml": bare}
    assert protections(files, KEY) == ["logical backup of Zalando Postgres Operator Unknown True True True 24h k/db.yaml:3:18"]
    assert kept(files, KEY) == ["for ever"]


def test_a_bucket_of_another_provider_is_none_of_s3() -> None:
    elsewhere = CONFIGURATION.replace("logical_backup:\n", "logical_backup:\n    logical_backup_provider: gcs\n")
    files = {"k/db.yaml": LOGICAL, "k/config.yaml": elsewhere.replace(", wal_s3_bucket: pg-backups", "")}
    assert protections(files, KEY) == ["logical backup of Zalando Postgres Operator Unknown True True True 24h k/config.yaml:8:30"]


def test_a_config_map_says_the_same_without_sections() -> None:
    flat = (
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: postgres-operator, namespace: operators}\n"
        "data: {wal_s3_bucket: pg-backups, aws_region: eu-west-2}\n"
    )
    files = {"k/db.yaml": DATABASE, "k/config.yaml": flat, "main.tf": BUCKET}
    assert protections(files, KEY) == [f"{WAL} eu-west-1 True True True 30m k/db.yaml:3:18"]


def test_one_that_is_not_the_operators_configures_nothing() -> None:
    other = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: postgres-operator, namespace: operators}\ndata: {aws_region: eu-west-2}\n"
    assert protections({"k/db.yaml": DATABASE, "k/config.yaml": other}, KEY) == []


def test_of_two_it_is_not_known_which() -> None:
    second = CONFIGURATION.replace("name: postgres-operator", "name: other").replace("pg-backups", "others")
    found = store({"k/db.yaml": DATABASE, "k/config.yaml": CONFIGURATION, "k/other.yaml": second}, KEY).protections.elements
    (region,) = [each.value.region for each in found]
    assert isinstance(region, Unknown)
    assert region.cause.symbol == (
        "which of OperatorConfiguration/operators/postgres-operator or OperatorConfiguration/operators/other "
        "the Zalando Postgres Operator is configured with"
    )


PODS = CONFIGURATION.replace("configuration:\n", "configuration:\n  kubernetes: {pod_environment_configmap: operators/pods}\n")
CONFIG_MAP = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: pods, namespace: operators}
data:
  WAL_S3_BUCKET: pg-elsewhere
  AWS_REGION: eu-west-2
  BACKUP_SCHEDULE: "0 */12 * * *"
  BACKUP_NUM_TO_RETAIN: "14"
"""


def test_variables_of_a_config_map_count_before_it() -> None:
    files = {"k/db.yaml": DATABASE, "k/config.yaml": PODS, "k/pods.yaml": CONFIG_MAP, "main.tf": BUCKET}
    assert protections(files, KEY) == [f"{WAL} eu-west-2 True True True 30m k/pods.yaml:7:20"]
    assert kept(files, KEY) == ["14d k/pods.yaml:8:25"]
    own = DATABASE.replace("teamId: shop", "env: [{name: AWS_REGION, value: eu-north-1}, {name: BACKUP_NUM_TO_RETAIN, value: '9'}]")
    assert protections({**files, "k/db.yaml": own}, KEY) == [f"{WAL} eu-north-1 True True True 30m k/pods.yaml:7:20"]
    assert kept({**files, "k/db.yaml": own}, KEY) == ["9d k/db.yaml:4:89"]


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("pod_environment_configmap: operators/pods", "what ConfigMap operators/pods gives the pods of Zalando Postgres Operator"),
        ("pod_environment_secret: s3", "what Secret s3 gives the pods of Zalando Postgres Operator"),
    ],
)
def test_what_is_given_from_an_object_that_is_in_no_file_may_be_anything(setting: str, expected: str) -> None:
    configuration = CONFIGURATION.replace("configuration:\n", f"configuration:\n  kubernetes: {{{setting}}}\n")
    (found,) = store({"k/db.yaml": DATABASE, "k/config.yaml": configuration, "main.tf": BUCKET}, KEY).protections.elements
    assert isinstance(found.value.region, Unknown)
    assert (found.value.region.symbol, str(written_at(found.value.region.origin))) == (
        expected,
        f"k/config.yaml:5:{len('  kubernetes: {') + setting.index(':') + 3}",
    )


def test_a_secret_without_the_variable_changes_nothing() -> None:
    secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: s3, namespace: shop}\nstringData: {AWS_ACCESS_KEY_ID: '${ID}'%s}\n"
    configuration = CONFIGURATION.replace("configuration:\n", "configuration:\n  kubernetes: {pod_environment_secret: s3}\n")
    files = {"k/db.yaml": DATABASE, "k/config.yaml": configuration, "main.tf": BUCKET}
    assert protections({**files, "k/s.yaml": secret % ""}, KEY) == [f"{WAL} eu-west-1 True True True 30m k/db.yaml:3:18"]
    hidden = {**files, "k/s.yaml": secret % ", WAL_S3_BUCKET: '${BUCKET}'"}
    (found,) = store(hidden, KEY).protections.elements
    assert isinstance(found.value.region, Unknown)
    assert found.value.region.symbol == "WAL_S3_BUCKET in Secret s3"


def test_a_variable_that_is_given_from_elsewhere_is_there_all_the_same() -> None:
    own = DATABASE.replace("teamId: shop", "env: [{name: WAL_S3_BUCKET, valueFrom: {secretKeyRef: {name: s3, key: bucket}}}]")
    (found,) = store({"k/db.yaml": own, "k/config.yaml": CONFIGURATION, "main.tf": BUCKET}, KEY).protections.elements
    assert (found.presence, found.why) == (Truth.UNKNOWN, found.value.region)
    assert isinstance(found.value.region, Unknown)
    assert found.value.region.symbol == "what WAL_S3_BUCKET is given from"


def test_a_bucket_that_is_filled_in_is_one() -> None:
    own = DATABASE.replace("teamId: shop", "env: [{name: WAL_S3_BUCKET, value: '${BUCKET}'}]")
    (found,) = store({"k/db.yaml": own}, KEY).protections.elements
    assert isinstance(found.value.region, Unknown)
    assert (found.presence, found.value.region.symbol) == (Truth.TRUE, "k/db.yaml:${BUCKET}")


VALUES = """\
      configAwsOrGcp: {wal_s3_bucket: pg-backups}
      configLogicalBackup: {logical_backup_schedule: "15 3 * * *", logical_backup_s3_region: eu-west-3}
"""
HELM_RELEASE = f"""\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {{name: postgres-operator, namespace: operators}}
spec:
  chart: {{spec: {{chart: postgres-operator, sourceRef: {{kind: HelmRepository, name: zalando}}}}}}
  values:
{VALUES.replace("      ", "    ")}"""
APPLICATION = f"""\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {{name: postgres-operator, namespace: argocd}}
spec:
  destination: {{namespace: operators, server: "https://kubernetes.default.svc"}}
  source:
    repoURL: https://opensource.zalando.com/postgres-operator/charts/postgres-operator
    chart: postgres-operator
    targetRevision: 1.15.1
    helm:
      valuesObject:
{VALUES.replace("      ", "        ")}"""


@pytest.mark.parametrize("release", [HELM_RELEASE, APPLICATION])
def test_the_values_of_the_operators_chart_say_the_same(release: str) -> None:
    files = {"k/db.yaml": LOGICAL, "k/operator.yaml": release, "main.tf": BUCKET}
    assert [each.rpartition(" ")[0] for each in protections(files, KEY)] == [
        f"{WAL} eu-west-1 True True True 30m",
        "logical backup of Zalando Postgres Operator Unknown True True True 24h",
    ]


def test_a_configuration_alone_makes_no_cluster() -> None:
    assert estate({"drpolicy.yaml": "", "x/config.yaml": CONFIGURATION}).clusters == ()
