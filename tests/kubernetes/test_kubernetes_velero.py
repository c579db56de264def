from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from kubernetes_fixtures import load, one, place, plain, why

from drpolicy.kubernetes import velero
from drpolicy.kubernetes.coverage import captures, captures_volumes
from drpolicy.kubernetes.workloads import namespaces
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent


def spec(template: str = "{}") -> velero.BackupSpec:
    found = velero.schedule(
        one(f"apiVersion: velero.io/v1\nkind: Schedule\nmetadata: {{name: s}}\nspec:\n  schedule: '@daily'\n  template: {template}\n")
    )
    assert found is not None
    return found.template


def test_a_storage_location_with_defaults() -> None:
    found = velero.storage_location(
        one(
            "apiVersion: velero.io/v1\nkind: BackupStorageLocation\nmetadata:\n  name: dr\n"
            "spec:\n  provider: velero.io/aws\n  objectStorage: {bucket: b}\n"
        )
    )
    assert found is not None
    assert (plain(found.provider), plain(found.bucket), plain(found.prefix), plain(found.default)) == ("aws", "b", "", False)
    assert (plain(found.access_mode), why(found.access_mode)) == (
        "ReadWrite",
        "ReadWrite (Velero docs, BackupStorageLocation API type (v1.18))",
    )
    assert place(found.access_mode) == "4:9 dr"
    assert isinstance(found.region, Absent)


def test_a_schedule_with_defaults() -> None:
    found = velero.schedule(one("apiVersion: velero.io/v1\nkind: Schedule\nmetadata: {name: s}\nspec: {schedule: '0 1 * * *'}\n"))
    assert found is not None
    assert (plain(found.expression), plain(found.paused), plain(found.template.ttl)) == ("0 1 * * *", False, "720h")
    assert why(found.template.ttl) == "720h (Velero docs, Backup API type (v1.18))"
    assert isinstance(found.template.snapshot_volumes, Absent)


@pytest.mark.parametrize(("ttl", "effective"), [("72h", "72h"), ("0s", "720h"), ("30d", "30d"), ("0", "720h")])
def test_a_zero_retention_is_the_default_and_a_bad_one_stays(ttl: str, effective: str) -> None:
    assert plain(spec(f"{{ttl: {ttl}}}").ttl) == effective


def test_backup_and_restore_objects() -> None:
    made = velero.backup(one("apiVersion: velero.io/v1\nkind: Backup\nmetadata: {name: b}\nspec: {includedNamespaces: [a]}\n"))
    assert made is not None and [plain(each) for each in made.spec.included_namespaces] == ["a"]
    back = velero.restore(
        one("apiVersion: velero.io/v1\nkind: Restore\nmetadata: {name: r}\nspec: {scheduleName: d, namespaceMapping: {a: b}}\n")
    )
    assert back is not None and plain(back.schedule) == "d" and plain(back.existing_resource_policy) == "none"
    assert [(name, plain(target)) for name, target in back.namespace_mapping] == [("a", "b")]
    pod = one("apiVersion: v1\nkind: Pod\nmetadata: {name: p}\n")
    assert not any(
        view(pod) for view in (velero.backup, velero.restore, velero.schedule, velero.storage_location, velero.snapshot_location)
    )


@pytest.mark.parametrize(
    ("template", "truth", "reason"),
    [
        ("{}", Truth.TRUE, "every namespace is included"),
        ("{includedNamespaces: ['*']}", Truth.TRUE, "includedNamespaces holds shop-prod"),
        ("{includedNamespaces: [a, '*-prod']}", Truth.TRUE, "includedNamespaces holds shop-prod"),
        ("{includedNamespaces: ['shop-[a-p]rod', 'sh?p']}", Truth.TRUE, "includedNamespaces holds shop-prod"),
        ("{includedNamespaces: [shop]}", Truth.FALSE, "includedNamespaces does not hold shop-prod"),
        ("{excludedNamespaces: ['shop-*']}", Truth.FALSE, "excludedNamespaces holds shop-prod"),
        ("{includedNamespaces: ['${NS}']}", Truth.UNKNOWN, "whether shop-prod is included is not known"),
        ("{includedNamespaces: ['**']}", Truth.UNKNOWN, "whether shop-prod is included is not known"),
        ("{includedNamespaces: '${ALL}'}", Truth.UNKNOWN, "whether shop-prod is included is not known"),
        ("{includedNamespaces: ['*'], excludedNamespaces: ['${NS}']}", Truth.UNKNOWN, "whether shop-prod is included is not known"),
    ],
)
def test_namespaces_captured(template: str, truth: Truth, reason: str) -> None:
    found = captures(spec(template), "shop-prod")
    assert (found.truth, found.why) == (truth, reason)


def test_an_exclude_label_excludes() -> None:
    text = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: shop\n  labels: {velero.io/exclude-from-backup: 'true'}\n"
    (namespace,) = namespaces(load({"k/n.yaml": text}).resources)
    found = captures(spec(), "shop", namespace.labels)
    assert (found.truth, found.why) == (Truth.FALSE, "the namespace is labelled velero.io/exclude-from-backup: true")


@example("[---]", "-")
@given(st.text(alphabet="a*?[]-b{", max_size=40), st.text(alphabet="ab-", min_size=1, max_size=60))
def test_any_pattern_is_decided(pattern: str, name: str) -> None:
    quoted = pattern.replace("'", "''")
    assert captures(spec(f"{{includedNamespaces: ['{quoted}']}}"), name).truth in Truth


@pytest.mark.parametrize(
    ("template", "truth", "how"),
    [
        ("{}", Truth.TRUE, "snapshot"),
        ("{snapshotMoveData: true}", Truth.TRUE, "data-mover"),
        ("{defaultVolumesToFsBackup: true, snapshotVolumes: false}", Truth.TRUE, "file-system"),
        ("{defaultVolumesToRestic: true}", Truth.TRUE, "file-system"),
        ("{snapshotVolumes: false}", Truth.FALSE, "none"),
        ("{snapshotVolumes: '${X}'}", Truth.UNKNOWN, "snapshot"),
        ("{labelSelector: {matchLabels: {a: b}}}", Truth.UNKNOWN, "snapshot"),
        ("{labelSelector: {}}", Truth.TRUE, "snapshot"),
        ("{resourcePolicy: {kind: configmap, name: p}}", Truth.UNKNOWN, "snapshot"),
        ("{includedResources: [deployments, secrets]}", Truth.FALSE, "none"),
        ("{includedResources: [pvc, pv]}", Truth.TRUE, "snapshot"),
        ("{includedResources: [pods]}", Truth.UNKNOWN, "none"),
        ("{excludedResources: [persistentvolumes]}", Truth.FALSE, "none"),
        ("{excludedResources: [events]}", Truth.TRUE, "snapshot"),
    ],
)
def test_volume_data_captured(template: str, truth: Truth, how: str) -> None:
    found = captures_volumes(spec(template), snapshot_locations=Truth.TRUE)
    assert (found.truth, found.how) == (truth, how)


def test_without_a_snapshot_location_nothing_is_proven() -> None:
    found = captures_volumes(spec(), snapshot_locations=Truth.FALSE)
    assert (found.truth, found.why) == (Truth.UNKNOWN, "no snapshot location is in the files; whether CSI snapshots are on is not known")
    assert captures_volumes(spec("{snapshotVolumes: false}"), snapshot_locations=Truth.TRUE, opted_in=Truth.TRUE).how == "file-system"


def test_namespaces_with_volumes() -> None:
    text = (
        "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: db, namespace: shop}\nspec:\n  template:\n    metadata:\n"
        "      annotations: {backup.velero.io/backup-volumes: data}\n  volumeClaimTemplates:\n  - metadata:\n      name: data\n"
        "    spec: {storageClassName: gp3, resources: {requests: {storage: 10Gi}}}\n---\n"
        "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: files, namespace: web}\n---\n"
        "apiVersion: batch/v1\nkind: Job\nmetadata: {name: j, namespace: web}\n"
    )
    shop, web = namespaces(load({"k/a.yaml": text}).resources)
    assert (shop.cluster, shop.name, [each.name for each in shop.workloads]) == ("k", "shop", ["db"])
    assert [(each.name, plain(each.storage_class), plain(each.size), str(each.span)) for each in shop.claims] == [
        ("data", "gp3", "10Gi", "k/a.yaml:10:13")
    ]
    assert shop.opted_in is Truth.TRUE
    assert ([each.name for each in web.claims], [each.name for each in web.workloads], web.opted_in) == (["files"], ["j"], Truth.FALSE)
    assert str(web.span) == "k/a.yaml:15:18"
