"""The flags of one command of Velero's as values of the fields that they stand for, each with its place.

Flags: velero 1.18, ``velero backup create --help`` and the others (velero.io docs, read 2026-11).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from drpolicy.kubernetes.navigation import text
from drpolicy.kubernetes.script_sources import ContainerScript
from drpolicy.kubernetes.shell_calls import Options
from drpolicy.model.provenance import Provenance, Written
from drpolicy.model.reasons import Reason
from drpolicy.model.resources import Resource
from drpolicy.model.values import Absent, Known, Member, Members, Object, Unknown, Value

_TEXTS: Final = {"--ttl": "ttl", "--storage-location": "storageLocation"}
_LISTS: Final = {
    "--include-namespaces": "includedNamespaces",
    "--exclude-namespaces": "excludedNamespaces",
    "--include-resources": "includedResources",
    "--exclude-resources": "excludedResources",
    "--volume-snapshot-locations": "volumeSnapshotLocations",
}
_FLAGS: Final = {
    "--snapshot-volumes": "snapshotVolumes",
    "--snapshot-move-data": "snapshotMoveData",
    "--default-volumes-to-fs-backup": "defaultVolumesToFsBackup",
    "--include-cluster-resources": "includeClusterResources",
}


class Flags:
    """The flags of one command as values, each with its place."""

    def __init__(self, script: ContainerScript, found: Options, origin: Written) -> None:
        self._script = script
        self._flags = found.flags
        self._origin = origin

    def text(self, flag: str) -> Value[str]:
        """Return what a flag is given; Unknown when the shell fills it in."""
        given = self._flags.get(flag)
        if given is None:
            return Absent(self._origin)
        value, word = given
        origin = Written(self._script.span(word.start, word.end))
        if not word.literal:
            return Unknown(Reason.TEMPLATE_PLACEHOLDER, f"{origin.span.path}:{value}", origin)
        return Known(value, origin)

    def flag(self, flag: str) -> Value[bool]:
        """Return whether a flag is set: alone it is."""
        value = self.text(flag)
        if isinstance(value, Known):
            return Known(value.value in {"", "true", "1", "t", "T", "TRUE", "True"}, value.origin)
        return value

    def listing(self, flag: str) -> Value[Any]:
        """Return a list that is written with commas."""
        value = self.text(flag)
        if isinstance(value, Known):
            items = [item.strip() for item in value.value.split(",") if item.strip()]
            return Known(Members(tuple(Member(Known(item, value.origin)) for item in items)), value.origin)
        return value

    def template(self, cluster: str, resources: Sequence[Resource]) -> Value[Any]:
        """Return the specification of a backup; that of ``--from-schedule`` is the schedule's own."""
        source = self.text("--from-schedule")
        if not isinstance(source, Absent):
            return _of_schedule(cluster, source, resources, self._origin)
        fields: dict[str, Value[Any]] = {}
        fields.update({field: self.text(flag) for flag, field in _TEXTS.items()})
        fields.update({field: self.listing(flag) for flag, field in _LISTS.items()})
        fields.update({field: self.flag(flag) for flag, field in _FLAGS.items()})
        selector = self.text("--selector" if "--selector" in self._flags else "-l")
        if not isinstance(selector, Absent):
            fields["labelSelector"] = self._selector(selector)
        return Known(Object({key: value for key, value in fields.items() if not isinstance(value, Absent)}), self._origin)

    def _selector(self, selector: Value[str]) -> Value[Any]:
        labels = self._pairs(selector)
        return Known(Object({"matchLabels": labels}), selector.origin) if isinstance(labels, Known) else labels

    def _pairs(self, value: Value[str]) -> Value[Any]:
        if not isinstance(value, Known):
            return value
        pairs = [pair.partition("=") for pair in value.value.split(",") if pair]
        return Known(Object({key.strip(): Known(each.lstrip("=").strip(), value.origin) for key, _, each in pairs}), value.origin)

    def location(self, config: str = "--config") -> dict[str, Value[Any]]:
        """Return the specification of a storage location; ``config`` is the flag for what its provider wants to know."""
        storage = {"bucket": self.text("--bucket"), "prefix": self.text("--prefix")}
        kept = Object({key: value for key, value in storage.items() if not isinstance(value, Absent)})
        return {
            "provider": self.text("--provider"),
            "default": self.flag("--default"),
            "accessMode": self.text("--access-mode"),
            "backupSyncPeriod": self.text("--backup-sync-period"),
            "objectStorage": Known(kept, self._origin),
            "config": self._pairs(self.text(config)),
        }

    def snapshot_location(self, config: str = "--config") -> dict[str, Value[Any]]:
        """Return the specification of a snapshot location."""
        return {"provider": self.text("--provider"), "config": self._pairs(self.text(config))}


def _of_schedule(cluster: str, source: Value[str], resources: Sequence[Resource], origin: Provenance) -> Value[Any]:
    name = text(source)
    for each in resources:
        if each.deployment == cluster and each.type == "velero.io/v1/Schedule" and each.name == name:
            return each.get("spec", "template")
    return Unknown(Reason.OUTSIDE_SCOPE, f"template of schedule {name}", origin)
