"""Other tools' objects leave it open whether volumes are backed up, and never make it certain."""

from __future__ import annotations

import pytest
from recovery_estates import estate_of

from drpolicy.model.estate import Estate
from drpolicy.model.values import Unknown

CLAIM = """\
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {{name: data, namespace: {0}}}
spec: {{resources: {{requests: {{storage: 1Gi}}}}}}
"""
VOLSYNC = (
    "apiVersion: volsync.backube/v1alpha1\nkind: ReplicationSource\nmetadata: {name: data, namespace: shop}\nspec: {sourcePVC: data}\n"
)
LONGHORN = (
    "apiVersion: longhorn.io/v1beta2\nkind: RecurringJob\nmetadata: {{name: nightly, namespace: longhorn-system}}\nspec: {{task: {0}}}\n"
)
KASTEN = (
    "apiVersion: config.kio.kasten.io/v1alpha1\nkind: Policy\nmetadata: {name: daily, namespace: kasten-io}\nspec: {frequency: '@daily'}\n"
)
UNHEARD = "apiVersion: tools.example.com/v1\nkind: {0}\nmetadata: {{name: data, namespace: shop}}\n"
JOB = """\
apiVersion: batch/v1
kind: CronJob
metadata: {{name: {0}, namespace: shop}}
spec:
  schedule: "0 3 * * *"
  jobTemplate: {{spec: {{template: {{spec: {{containers: [{{name: c, image: "{1}", args: ["{2}"]}}]}}}}}}}}
"""


def cluster(*objects: str) -> Estate:
    return estate_of({f"k/{at}.yaml": each for at, each in enumerate((CLAIM.format("shop"), CLAIM.format("blog"), *objects))})


def left_open(*objects: str) -> dict[str, str | None]:
    """Return for each namespace why it may have backups that are not worked out."""
    found = {each.name.rpartition("/")[2]: each.protections.rest for each in cluster(*objects).stores}
    return {name: rest.symbol if isinstance(rest, Unknown) else None for name, rest in found.items()}


@pytest.mark.parametrize(
    ("manifest", "shop", "blog"),
    [
        ("", None, None),
        (VOLSYNC, "what VolSync ReplicationSource shop/data backs up", None),
        (VOLSYNC.replace("shop", "'${APP}'"), *2 * ("what VolSync ReplicationSource ${APP}/data backs up",)),
        (LONGHORN.format("backup"), *2 * ("what Longhorn RecurringJob longhorn-system/nightly backs up",)),
        (LONGHORN.format("'${TASK}'"), *2 * ("what Longhorn RecurringJob longhorn-system/nightly backs up",)),
        (LONGHORN.format("filesystem-trim"), None, None),
        (KASTEN, *2 * ("what Kasten K10 Policy kasten-io/daily backs up",)),
        (JOB.format("nightly", "restic/restic:0.18", "run"), "what CronJob shop/nightly backs up", None),
        (JOB.format("nightly", "alpine", "aws s3 cp /data s3://x"), "what CronJob shop/nightly backs up", None),
        (JOB.format("db-backup", "alpine", "run"), "what CronJob shop/db-backup backs up", None),
        (JOB.format("nightly", "alpine", "run"), None, None),
        (UNHEARD.format("NightSnapshotSchedule"), "what NightSnapshotSchedule shop/data backs up", None),
        (UNHEARD.format("SnapshotClass"), None, None),
        (UNHEARD.format("BackupJob"), None, None),
        (UNHEARD.replace("tools.example.com", "snapshot.storage.k8s.io").format("SnapshotPolicy"), None, None),
    ],
)
def test_an_object_of_another_tool_leaves_its_namespace_or_cluster_open(manifest: str, shop: str | None, blog: str | None) -> None:
    assert left_open(*([manifest] if manifest else [])) == {"shop": shop, "blog": blog}


def test_where_it_stands_is_told() -> None:
    (store,) = (each for each in cluster(VOLSYNC).stores if each.name.endswith("/shop"))
    assert store.protections.rest is not None
    assert str(store.protections.rest.origin.span) == "k/2.yaml:3:18"  # type: ignore[union-attr] # it is written
