"""Velero's objects as they are: YAML in any order of documents, lists, JSON; and where each field stands."""

from __future__ import annotations

import json

from channel_fixtures import reached

SCHEDULE = (
    "apiVersion: velero.io/v1\nkind: Schedule\nmetadata:\n  name: daily\n  namespace: velero\n"
    "spec:\n  schedule: '@daily'\n  template:\n    ttl: 72h\n"
)
LOCATION = (
    "apiVersion: velero.io/v1\nkind: BackupStorageLocation\nmetadata: {name: default, namespace: velero}\n"
    "spec: {provider: aws, objectStorage: {bucket: backups}}\n"
)


def test_documents_of_one_file() -> None:
    assert reached({"k/velero.yaml": f"---\n# both\n{LOCATION}---\n---\n{SCHEDULE}"}) == [
        "k//BackupStorageLocation/velero/default k/velero.yaml:5:18",
        "  provider = aws k/velero.yaml:6:18",
        "  objectStorage.bucket = backups k/velero.yaml:6:47",
        "k//Schedule/velero/daily k/velero.yaml:12:9",
        "  schedule = @daily k/velero.yaml:15:13",
        "  template.ttl = 72h k/velero.yaml:17:10",
    ]


def test_lines_that_end_as_on_windows() -> None:
    assert reached({"k/velero.yaml": SCHEDULE.replace("\n", "\r\n")}) == [
        "k//Schedule/velero/daily k/velero.yaml:4:9",
        "  schedule = @daily k/velero.yaml:7:13",
        "  template.ttl = 72h k/velero.yaml:9:10",
    ]


def test_lists_of_one_kind_and_of_any() -> None:
    item = "- apiVersion: velero.io/v1\n  kind: Schedule\n  metadata: {name: %s, namespace: velero}\n  spec: {schedule: '@daily'}\n"
    text = f"apiVersion: v1\nkind: List\nitems:\n{item % 'one'}---\napiVersion: velero.io/v1\nkind: ScheduleList\nitems:\n{item % 'two'}"
    assert reached({"k/velero.yaml": text}) == [
        "k//Schedule/velero/one k/velero.yaml:6:20",
        "  schedule = @daily k/velero.yaml:7:20",
        "k//Schedule/velero/two k/velero.yaml:14:20",
        "  schedule = @daily k/velero.yaml:15:20",
    ]


def test_json() -> None:
    schedule = {"apiVersion": "velero.io/v1", "kind": "Schedule", "metadata": {"name": "daily"}, "spec": {"schedule": "@daily"}}
    text = json.dumps({"apiVersion": "v1", "kind": "List", "items": [schedule]}, indent=1)
    assert reached({"k/velero.json": text}) == [
        "k//Schedule/default/daily k/velero.json:9:13",
        "  schedule = @daily k/velero.json:12:17",
    ]


def test_anchors_and_merge_keys_point_at_what_is_written() -> None:
    text = (
        "apiVersion: v1\nkind: List\nitems:\n- apiVersion: velero.io/v1\n  kind: Schedule\n  metadata: {name: one, namespace: velero}\n"
        "  spec: &spec\n    schedule: '@daily'\n    template: {ttl: 72h}\n- apiVersion: velero.io/v1\n  kind: Schedule\n"
        "  metadata: {name: two, namespace: velero}\n  spec:\n    <<: *spec\n    schedule: '@hourly'\n"
    )
    found = reached({"k/velero.yaml": text})
    assert found[:3] == [
        "k//Schedule/velero/one k/velero.yaml:6:20",
        "  schedule = @daily k/velero.yaml:8:15",
        "  template.ttl = 72h k/velero.yaml:9:21",
    ]
    assert sorted(found[3:]) == [
        "  schedule = @hourly k/velero.yaml:15:15",
        "  template.ttl = 72h k/velero.yaml:9:21",
        "k//Schedule/velero/two k/velero.yaml:12:20",
    ]
