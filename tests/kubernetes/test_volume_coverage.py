"""What a Velero schedule captures of each volume of a namespace: annotations, labels and resource policies."""

from __future__ import annotations

from datetime import date

import pytest
from channel_fixtures import read

from drpolicy.catalog.load import built_in_catalog
from drpolicy.model.stores import Protection
from drpolicy.model.values import Known, Unknown, Value
from drpolicy.recovery.build import build_estate

LOCATION = (
    "apiVersion: velero.io/v1\nkind: BackupStorageLocation\nmetadata: {name: default, namespace: velero}\n"
    "spec: {provider: aws, objectStorage: {bucket: b}}\n---\n"
)
SNAPSHOTS = (
    "apiVersion: velero.io/v1\nkind: VolumeSnapshotLocation\nmetadata: {name: default, namespace: velero}\n"
    "spec: {provider: aws, config: {region: eu-west-1}}\n---\n"
)
POD = """\
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: app, namespace: shop}
spec:
  template:
    metadata: {annotations: {%s}}
    spec:
      containers: [{name: app, image: app}]
      volumes:
      - {name: uploads, persistentVolumeClaim: {claimName: files}}
  volumeClaimTemplates:
  - metadata: {name: data}
    spec: {storageClassName: gp3, resources: {requests: {storage: 20Gi}}}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: files, namespace: shop, labels: {keep: "yes"%s}}
spec: {storageClassName: efs, resources: {requests: {storage: 500Gi}}}
---
"""
OUT, IN = "backup.velero.io/backup-volumes-excludes", "backup.velero.io/backup-volumes"


def schedule(template: str) -> str:
    return (
        "apiVersion: velero.io/v1\nkind: Schedule\nmetadata: {name: daily, namespace: velero}\n"
        f"spec: {{schedule: '@daily', template: {{{template}}}}}\n---\n"
    )


def policies(*rows: str) -> str:
    body = "".join(f"    - {row}\n" for row in rows)
    return (
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: volumes, namespace: velero}\ndata:\n  policies.yaml: |\n"
        f"    version: v1\n    volumePolicies:\n{body}---\n"
    )


def captured(template: str, annotations: str = "", labels: str = "", more: str = "") -> tuple[object, object, str]:
    """Return whether volume data is in the backup, whether it is where the backup is, and why."""
    text = LOCATION + SNAPSHOTS + schedule(template) + POD % (annotations, labels) + more
    estate = build_estate(read({"k/all.yaml": text}).inputs, built_in_catalog(), date(2026, 11, 26))
    store = next(each for each in estate.stores if each.key == "k//Namespace/_/shop")
    protection: Protection = store.protections.elements[0].value
    data = next(each.value for each in protection.prerequisites.elements if each.value.id == "volume-data")
    return _shown(data.met), _shown(protection.volume_data_moves), data.text


def _shown(value: Value[bool]) -> object:
    return value.value if isinstance(value, Known) else "unknown" if isinstance(value, Unknown) else "absent"


def test_every_volume_is_copied_unless_a_pod_opts_it_out() -> None:
    files = "defaultVolumesToFsBackup: true, snapshotVolumes: false"
    whole = (True, True, "defaultVolumesToFsBackup copies the files of every volume")
    assert captured(files) == whole
    assert captured(files, f"{OUT}: 'cache, tmp'") == whole
    why = "snapshotVolumes is false, and no file system backup is asked for: no volume data is in the backup"
    # Velero does not strip the names.
    assert captured(files, f"{OUT}: 'cache, uploads'") == whole
    assert captured(files, f"{OUT}: 'cache,uploads'") == (False, False, f"claim files: {why}")
    assert captured(files, f"{OUT}: data") == (False, False, f"claim data: {why}")


def test_a_volume_that_is_opted_out_of_file_system_backup_is_snapshotted() -> None:
    assert captured("defaultVolumesToFsBackup: true", f"{OUT}: data") == (
        True,
        False,
        "claim data: volumes are snapshotted, in their own region",
    )


def test_volumes_that_are_opted_in_are_copied_and_the_others_are_not() -> None:
    off = "snapshotVolumes: false"
    assert captured(off, f"{IN}: 'data,uploads'") == (True, True, "the pods opt their volumes in to file system backup")
    assert captured(off, f"{IN}: data")[:2] == (False, False)


def test_annotations_that_are_filled_in_later_leave_it_unknown() -> None:
    assert captured("defaultVolumesToFsBackup: true", f"{OUT}: '${{LEFT_OUT}}'") == (
        "unknown",
        "unknown",
        "whether the pods opt the volume out is not known",
    )


def test_a_claim_that_is_labelled_is_left_out() -> None:
    assert captured("defaultVolumesToFsBackup: true", "", ', velero.io/exclude-from-backup: "true"') == (
        False,
        False,
        "claim files: the claim is labelled velero.io/exclude-from-backup: true",
    )


POLICY = "resourcePolicy: {kind: configmap, name: volumes}"
SKIP_EFS = "{conditions: {storageClass: [efs]}, action: {type: skip}}"
COPY_REST = "{conditions: {capacity: '0,'}, action: {type: fs-backup}}"


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([SKIP_EFS], (False, False, "claim files: the resource policy skips it")),
        ([COPY_REST], (True, True, "the resource policy has its files copied")),
        (
            ["{conditions: {capacity: '0,100Gi'}, action: {type: fs-backup}}"],
            (True, False, "claim files: volumes are snapshotted, in their own region"),
        ),
        (["{conditions: {pvcLabels: {keep: 'yes'}}, action: {type: fs-backup}}", SKIP_EFS], (True, False, None)),
        # The first that matches counts.
        ([COPY_REST, SKIP_EFS], (True, True, "the resource policy has its files copied")),
        (["{conditions: {storageClass: [other]}, action: {type: skip}}"], (True, False, "volumes are snapshotted, in their own region")),
        (
            ["{conditions: {csi: {driver: ebs.csi.aws.com}}, action: {type: skip}}"],
            ("unknown", "unknown", "resourcePolicy may leave the volume out"),
        ),
        (["{conditions: {storageClass: [efs]}, action: {type: snapshot}}"], (True, False, "volumes are snapshotted, in their own region")),
    ],
)
def test_the_resource_policy_decides_volume_by_volume(rows: list[str], expected: tuple[object, object, str | None]) -> None:
    found = captured(POLICY, more=policies(*rows))
    assert found[:2] == expected[:2]
    if expected[2] is not None:
        assert found[2] == expected[2]


def test_a_policy_that_is_not_in_the_files_may_skip_anything() -> None:
    assert captured(POLICY) == ("unknown", "unknown", "resourcePolicy may leave the volume out")
