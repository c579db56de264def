"""What Velero is installed with, held against what is around it: exact words, and the places of both sides."""

from __future__ import annotations

import pytest
from recovery_estates import estate_of

from drpolicy.model.agreements import Agreement
from drpolicy.model.clusters import Cluster, Location, Schedule
from drpolicy.model.provenance import Derived, written_at
from drpolicy.model.values import Absent, Known, Unknown

LOCATION = """\
apiVersion: velero.io/v1
kind: BackupStorageLocation
metadata: {name: default, namespace: velero}
spec: {provider: aws, default: true, objectStorage: {bucket: backups}}
"""
SCHEDULE = """\
apiVersion: velero.io/v1
kind: Schedule
metadata: {name: nightly, namespace: velero}
spec: {schedule: "0 1 * * *", template: {TEMPLATE}}
"""


def server(image: str = "velero/velero:v1.16.1", plugin: str = "velero/velero-plugin-for-aws:v1.12.2", arguments: str = "server") -> str:
    return (
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: velero, namespace: velero}\nspec:\n  template:\n    spec:\n"
        f"      initContainers:\n      - {{name: aws, image: {plugin}}}\n"
        f"      containers:\n      - {{name: velero, image: {image}, command: [/velero], args: [{arguments}]}}\n"
    )


def schedule(template: str = "ttl: 720h") -> str:
    return SCHEDULE.replace("TEMPLATE", template)


def documents(*texts: str) -> str:
    return "---\n".join(texts)


def cluster(files: dict[str, str], name: str = "primary") -> Cluster:
    return next(each for each in estate_of(files).clusters if each.name == name)


def only_schedule(files: dict[str, str]) -> Schedule:
    return next(iter(estate_of(files).schedules))


def only_location(files: dict[str, str], name: str = "default") -> Location:
    return next(each for each in estate_of(files).locations if each.name == name)


def shown(agreement: Agreement) -> str:
    """Return what an agreement says: the contradiction with its places, what is not known, that it holds, or nothing."""
    if not agreement.compared:
        return "-"
    if isinstance(agreement.holds, Unknown):
        return f"? {agreement.holds.cause.symbol}"
    assert isinstance(agreement.holds, Known)
    if agreement.holds.value:
        return "holds"
    origin = agreement.holds.origin
    assert isinstance(origin, Derived)
    return f"{agreement.text} @ {', '.join(str(written_at(each)) for each in origin.sources)}"


P = "clusters/primary/velero.yaml"


def test_a_plugin_is_held_against_the_server_and_both_images_are_shown() -> None:
    found = cluster({P: server(plugin="registry.example.com/velero/velero-plugin-for-aws:v1.9.0@sha256:0a")})
    text = "velero-plugin-for-aws:v1.9.0 is listed for Velero 1.13, and the server is 1.16.1"
    assert shown(found.velero.plugins_fit) == f"{text} @ {P}:8:28, {P}:10:31"
    assert found.velero.version == Known("1.16.1", found.velero.version.origin)


@pytest.mark.parametrize(
    ("image", "plugin", "said"),
    [
        ("velero/velero:v1.16.1", "velero/velero-plugin-for-gcp:v1.12.0", "holds"),
        (
            "velero/velero:v1.99.0",
            "velero/velero-plugin-for-gcp:v1.12.0",
            "? whether velero-plugin-for-gcp:v1.12.0 is made for Velero 1.99.0",
        ),
        (
            "velero/velero:v1.16.1",
            "velero/velero-plugin-for-gcp:v1.99.0",
            "? whether velero-plugin-for-gcp:v1.99.0 is made for Velero 1.16.1",
        ),
        ("velero/velero", "velero/velero-plugin-for-gcp:v1.12.0", "? version of velero/velero"),
        ("velero/velero:v1.16.1", "example/velero-plugin-for-tape:v0.1.0", "-"),
    ],
)
def test_what_no_table_says_of_a_pair_is_not_known(image: str, plugin: str, said: str) -> None:
    assert shown(cluster({P: server(image, plugin)}).velero.plugins_fit) == said


def test_a_server_that_may_not_be_there_is_not_judged() -> None:
    release = (
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: velero, namespace: velero}\nspec:\n  suspend: true\n"
        "  chart: {spec: {chart: velero, version: 7.0.0}}\n  values:\n"
        "    initContainers: [{name: csi, image: 'velero/velero-plugin-for-csi:v0.7.1'}]\n"
    )
    assert shown(cluster({P: release}).velero.plugins_apart) == "-"
    on = release.replace("  suspend: true\n", "")
    text = "velero-plugin-for-csi is a part of Velero since 1.14, and the server is 1.14.0"
    assert shown(cluster({P: on}).velero.plugins_apart) == f"{text} @ {P}:7:41, {P}:5:42"


def test_of_several_primary_clusters_the_dr_cluster_may_stand_in_for_any() -> None:
    files = {
        "clusters/one/primary/velero.yaml": documents(server("velero/velero:v1.17.0"), LOCATION),
        "clusters/two/primary/velero.yaml": documents(server("velero/velero:v1.15.0"), LOCATION),
        "clusters/dr/velero.yaml": documents(server("velero/velero:v1.16.0"), LOCATION),
    }
    assert shown(cluster(files, "dr").velero.not_older) == "? which of several clusters this one stands in for"
    files["clusters/two/primary/velero.yaml"] = documents(server("velero/velero:v1.18.0"), LOCATION)
    assert shown(cluster(files, "dr").velero.not_older).startswith("Velero is 1.16 here and 1.17 on ")


def test_a_key_of_another_region_and_a_rule_that_leaves_encrypted_objects_out_are_two_sides() -> None:
    key = "arn:aws:kms:eu-central-1:111122223333:key/0a1b2c3d-0000-4000-8000-000000000000"
    location = LOCATION.replace("default: true", f"config: {{kmsKeyId: '{key}'}}")
    terraform = (
        'provider "aws" {\n  region = "eu-west-1"\n}\nresource "aws_s3_bucket" "backups" {\n  bucket = "backups"\n}\n'
        'resource "aws_s3_bucket" "copy" {\n  bucket = "copy"\n  region = "eu-central-1"\n}\n'
        'resource "aws_s3_bucket_replication_configuration" "all" {\n  bucket = aws_s3_bucket.backups.id\n  role = "r"\n'
        '  rule {\n    status = "Enabled"\n    destination {\n      bucket = aws_s3_bucket.copy.arn\n    }\n  }\n}\n'
    )
    found = only_location({P: location, "main.tf": terraform})
    region = "its key is of eu-central-1, and its bucket is in eu-west-1: S3 refuses to encrypt with it"
    rule = "its objects are encrypted with a KMS key, and aws_s3_bucket_replication_configuration.all.rule[0] leaves such objects out"
    assert found.key_fits.text == f"{region}; {rule}"


@pytest.mark.parametrize(
    ("written", "arguments", "seconds"),
    [
        ("", "server", 60),
        ("backupSyncPeriod: 5m, ", "server", 300),
        ("backupSyncPeriod: 0s, ", "server", None),
        ("backupSyncPeriod: -1s, ", "server, --backup-sync-period=2h", 7200),
        ("", "server, --backup-sync-period=0s", 60),
    ],
)
def test_a_period_of_zero_is_never_on_a_location_and_a_minute_on_the_server(written: str, arguments: str, seconds: int | None) -> None:
    found = only_location({P: documents(server(arguments=arguments), LOCATION.replace("default: true", f"{written}default: true"))})
    if seconds is None:
        assert isinstance(found.sync_period, Absent)
    else:
        assert isinstance(found.sync_period, Known)
        assert found.sync_period.value.seconds == seconds


def test_an_object_of_a_command_goes_where_the_command_line_is_configured_to_put_it() -> None:
    job = (
        "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: b, namespace: shop}\n"
        "spec:\n  schedule: '@daily'\n  jobTemplate:\n    spec:\n"
        "      template:\n        spec:\n          containers:\n          - {name: b, image: x, command: [velero, backup, create, x]}\n"
    )
    assert shown(only_schedule({P: documents(server(), job)}).beside_server) == "-"
    elsewhere = schedule().replace("namespace: velero", "namespace: shop")
    text = "it is in namespace shop, and the server looks at velero only"
    assert shown(only_schedule({P: documents(server(), elsewhere)}).beside_server) == f"{text} @ {P}:14:18, {P}:3:18"


WORKLOAD = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: db, namespace: shop}
spec:
  template:
    metadata: {labels: {app: db}}
    spec: {containers: [{name: db, image: "postgres:17"}, {name: log, image: x}]}
"""


def test_a_hook_names_the_containers_that_are_there() -> None:
    hooks = 'hooks: {resources: [{name: freeze, labelSelector: {matchLabels: {app: db}}, pre: [{exec: {container: pg, command: ["x"]}}]}]}'
    found = only_schedule({P: documents(schedule(hooks), WORKLOAD)})
    text = "hook freeze runs in container pg of Deployment shop/db, which has db, log"
    assert shown(found.hooks_fit) == f"{text} @ {P}:4:143, {P}:8:18"
    job = WORKLOAD.replace("apps/v1", "batch/v1").replace("Deployment", "Job")
    # A pod that has ended is passed over.
    assert shown(only_schedule({P: documents(schedule(hooks), job)}).hooks_fit) == "-"


def test_the_password_is_asked_for_only_where_data_is_in_a_repository() -> None:
    secret = (
        "apiVersion: v1\nkind: Secret\nmetadata: {name: velero-repo-credentials, namespace: velero}\ndata: {repository-password: eA==}\n"
    )
    dr = "clusters/dr/velero.yaml"
    files = {P: documents(LOCATION, schedule("snapshotMoveData: true"), secret), dr: documents(server(), LOCATION)}
    text = "primary sets the password of its repositories, and nothing in the files of dr does"
    assert shown(cluster(files, "dr").velero.password_shared) == f"{text} @ {dr}:3:18, {P}:13:18"
    files[dr] = documents(server(), LOCATION, secret)
    assert shown(cluster(files, "dr").velero.password_shared) == "? whether velero-repo-credentials is the same on both clusters"
    files[P] = documents(LOCATION, schedule(), secret)
    assert shown(cluster(files, "dr").velero.password_shared) == "-"
