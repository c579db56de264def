"""Velero's server: its flags stand in for what the objects do not say."""

from __future__ import annotations

import pytest
from kubernetes_fixtures import load, place, plain

from drpolicy.kubernetes.server_settings import ServerSettings, server_settings
from drpolicy.kubernetes.velero import VeleroSchedule, schedule
from drpolicy.model.values import Absent

SERVER = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: velero, namespace: velero}
spec:
  template:
    spec:
      containers:
      - name: velero
        image: velero/velero:v1.18.1
        command: [/velero]
        args: [server%s]
"""
AGENT = "---\napiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: node-agent, namespace: velero}\nspec: {}\n"
SCHEDULE = "---\napiVersion: velero.io/v1\nkind: Schedule\nmetadata: {name: d, namespace: velero}\nspec: {schedule: '@daily'%s}\n"


def settings(*flags: str, more: str = "") -> ServerSettings:
    text = SERVER % "".join(f", {flag}" for flag in flags) + more
    return server_settings(load({"k/v.yaml": text}).resources)["k"]


def made(written: str, *flags: str) -> VeleroSchedule:
    text = SERVER % "".join(f", {flag}" for flag in flags) + SCHEDULE % written
    resources = load({"k/v.yaml": text}).resources
    (found,) = [each for resource in resources if (each := schedule(resource, server_settings(resources)["k"]))]
    return found


def test_flags_are_read_with_their_places() -> None:
    found = settings("--default-backup-ttl=72h", "--default-backup-storage-location", "main", "'--features=EnableCSI,X'", more=AGENT)
    assert place(found.default_ttl) == "11:24 --default-backup-ttl=72h"
    assert [plain(each) for each in (found.default_ttl, found.default_location, found.csi, found.node_agent)] == ["72h", "main", True, True]
    assert isinstance(found.fs_backup, Absent)


def test_a_server_without_flags() -> None:
    found = settings()
    assert [plain(each) for each in (found.csi, found.node_agent, found.stopped)] == [False, False, False]


@pytest.mark.parametrize(
    ("flag", "stopped"),
    [
        ("--restore-only", True),
        ("--restore-only=false", False),
        ("'--disable-controllers=gc,schedule'", True),
        ("--disable-controllers=gc", False),
    ],
)
def test_a_server_that_makes_no_backups(flag: str, stopped: bool) -> None:
    assert plain(settings(flag).stopped) is stopped
    assert plain(made("", flag).paused) is stopped


def test_the_server_says_what_a_schedule_does_not() -> None:
    flags = ("--default-backup-ttl=72h", "--default-volumes-to-fs-backup", "--default-snapshot-move-data=true")
    found = made("", *flags).template
    assert [plain(each) for each in (found.ttl, found.fs_backup, found.snapshot_move_data)] == ["72h", True, True]
    found = made(", template: {ttl: 1h, defaultVolumesToFsBackup: false, snapshotMoveData: false}", *flags).template
    assert [plain(each) for each in (found.ttl, found.fs_backup, found.snapshot_move_data)] == ["1h", False, False]


def test_what_is_no_server_tells_nothing() -> None:
    assert server_settings(load({"k/v.yaml": SERVER.replace("[server%s]", "[client]")}).resources) == {}
