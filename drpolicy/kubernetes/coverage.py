"""What a Velero backup captures: namespaces, and the data of their volumes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Literal

from drpolicy.kubernetes.velero import BackupSpec
from drpolicy.model.patterns import deferred
from drpolicy.model.provenance import Provenance
from drpolicy.model.records import dataclass
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Members, Object, Unknown, Value

EXCLUDE_LABEL = "velero.io/exclude-from-backup"
_CLAIMS = frozenset({"*", "persistentvolumeclaims", "persistentvolumeclaim", "pvc"})
_VOLUMES = frozenset({"*", "persistentvolumes", "persistentvolume", "pv"})
_PODS = frozenset({"*", "pods", "pod", "po"})
_GLOB = deferred(r"[*?\[\]]")

How = Literal["snapshot", "data-mover", "file-system", "none"]
Action = Literal["skip", "snapshot", "fs-backup", "custom", "unknown"]
"""What a resource policy has done with a volume; ``unknown`` when it may be any of these, or nothing."""


@dataclass(frozen=True, slots=True)
class Capture:
    """Whether something is captured, and why; ``origin`` is the value that decided it.

    ``how`` is for volume data: a ``snapshot``
    stays in the volume's region, ``data-mover`` and ``file-system`` put the data where the backup is.
    """

    truth: Truth
    why: str
    origin: Provenance | None = None
    how: How = "none"


def captures(spec: BackupSpec, namespace: str, labels: Mapping[str, Value[str]] | None = None) -> Capture:
    """Decide whether a backup takes a namespace along. ``labels`` are those of the Namespace object, where it is known.

    Globs as of the page "Namespace glob patterns" of the Velero docs; exclusion wins.
    """
    label = (labels or {}).get(EXCLUDE_LABEL)
    if isinstance(label, Known) and label.value == "true":
        return Capture(Truth.FALSE, f"the namespace is labelled {EXCLUDE_LABEL}: true", label.origin)
    excluded, excluding = listed(spec.excluded_namespaces, namespace)
    if excluded is Truth.TRUE:
        return Capture(Truth.FALSE, f"excludedNamespaces holds {namespace}", excluding)
    if spec.included_namespaces.certain and not spec.included_namespaces.elements:
        included, including = Truth.TRUE, None
    else:
        included, including = listed(spec.included_namespaces, namespace)
    truth = included & ~excluded
    if isinstance(label, Unknown):
        truth = truth & Truth.UNKNOWN
    match truth:
        case Truth.TRUE:
            return Capture(
                truth, "every namespace is included" if including is None else f"includedNamespaces holds {namespace}", including
            )
        case Truth.FALSE:
            return Capture(truth, f"includedNamespaces does not hold {namespace}", including)
        case Truth.UNKNOWN:
            return Capture(truth, f"whether {namespace} is included is not known", including or excluding)


def captures_kind(spec: BackupSpec, kind: str) -> Truth:
    """Decide whether a backup takes the objects of a namespaced kind along, in a namespace that it captures."""
    lowered = kind.lower()
    names = frozenset({"*", lowered, f"{lowered}s", *({"cm"} if lowered == "configmap" else ())})
    result = ~(_names(spec.excluded_resources, names)[0] | _names(spec.excluded_namespaced, names)[0])
    for listing in (spec.included_resources, spec.included_namespaced):
        if not listing.certain or listing.elements:
            result = result & _names(listing, names)[0]
    chosen = any(not isinstance(value, Absent) and not _empty(value) for value in (spec.label_selector, spec.or_label_selectors))
    return result & Truth.UNKNOWN if chosen else result


def listed(listing: Members[Value[str]], name: str) -> tuple[Truth, Provenance | None]:
    """Return whether a list of names and globs holds a name, and the value that decided it."""
    result, decided = (Truth.FALSE if listing.rest is None else Truth.UNKNOWN), None if listing.rest is None else listing.rest.origin
    for member in listing.elements:
        value = member.value
        found = member.presence & (_fits(value.value, name) if isinstance(value, Known) else Truth.UNKNOWN)
        if isinstance(value, Absent):
            continue
        if found is Truth.TRUE:
            return found, value.origin
        if found is Truth.UNKNOWN or decided is None:
            decided = value.origin
        result = result | found
    return result, decided


def _fits(pattern: object, name: str) -> Truth:
    if not isinstance(pattern, str):
        return Truth.of(str(pattern) == name)
    if not _GLOB.search(pattern):
        return Truth.of(pattern == name)
    compiled = _compiled(pattern)
    return Truth.UNKNOWN if compiled is None else Truth.of(compiled.fullmatch(name) is not None)


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str] | None:
    """Return a glob as a regular expression; ``None`` for what Velero refuses: ``**``, and brackets that are empty or not closed."""
    pieces: list[str] = []
    at = 0
    if "**" in pattern or len(pattern) > 253:
        return None
    while at < len(pattern):
        character = pattern[at]
        if character == "[":
            close = pattern.find("]", at + 1)
            body = pattern[at + 1 : close] if close > at + 1 else ""
            if not re.fullmatch(r"[A-Za-z0-9.-]+", body):
                return None
            # Two hyphens are kept for another meaning, and Python warns of them.
            pieces.append("[" + body.replace("--", r"-\-") + "]")
            at = close
        elif character == "*":
            pieces.append(".*")
        else:
            pieces.append("." if character == "?" else re.escape(character))
        at += 1
    # One star after another is refused, and a name has at most 63 characters, but many stars apart would still be slow.
    if pattern.count("*") > 4:
        return None
    try:
        return re.compile("".join(pieces))
    except re.error:
        return None


def captures_volumes(
    spec: BackupSpec,
    *,
    snapshot_locations: Truth,
    opted_in: Truth = Truth.FALSE,
    opted_out: Truth = Truth.FALSE,
    action: Action | None = "unknown",
) -> Capture:
    """Decide whether a backup takes the data of a volume along, in a namespace that it captures.

    ``snapshot_locations``: whether the cluster has a snapshot location or CSI snapshots for the volume; ``opted_in`` and ``opted_out``:
    whether the pods that mount it name it in ``backup.velero.io/backup-volumes`` or ``backup-volumes-excludes``; ``action``: what the
    resource policy says of it, ``None`` for nothing. A backup that drops volume data is Completed all the same (velero-io/velero issues
    2603 and 5834).
    """
    kinds = _kinds_dropped(spec)
    if kinds is not None:
        return kinds
    policy = spec.resource_policy
    if action == "skip":
        return Capture(Truth.FALSE, "the resource policy skips it", policy.origin)
    if action == "fs-backup":
        best = Capture(Truth.TRUE, "the resource policy has its files copied", policy.origin, "file-system")
    elif action == "snapshot":
        best = _snapshot(spec, snapshot_locations)
    else:
        best = _way(spec, snapshot_locations, opted_in, opted_out)
    if best.truth is not Truth.TRUE:
        return best
    doubts = [(spec.label_selector, "labelSelector"), (spec.or_label_selectors, "orLabelSelectors")]
    if action in ("unknown", "custom"):
        doubts.append((policy, "resourcePolicy"))
    for value, what in doubts:
        if not isinstance(value, Absent) and not _empty(value):
            return Capture(Truth.UNKNOWN, f"{what} may leave the volume out", value.origin, best.how)
    return best


def _empty(value: Value[Any]) -> bool:
    """Whether a selector is written and selects everything."""
    match value:
        case Known(value=Object(fields=fields, rest=None)):
            return not fields
        case Known(value=Members() as listing):
            return listing.certain and not listing.elements
        case _:
            return False


def _way(spec: BackupSpec, snapshot_locations: Truth, opted_in: Truth, opted_out: Truth) -> Capture:
    files = spec.fs_backup
    if isinstance(files, Known) and files.value and opted_out is not Truth.TRUE:
        if opted_out is Truth.UNKNOWN:
            return Capture(Truth.UNKNOWN, "whether the pods opt the volume out is not known", files.origin, "file-system")
        return Capture(Truth.TRUE, "defaultVolumesToFsBackup copies the files of every volume", files.origin, "file-system")
    if opted_in is Truth.TRUE:
        return Capture(Truth.TRUE, "the pods opt their volumes in to file system backup", None, "file-system")
    if isinstance(files, Unknown):
        return Capture(Truth.UNKNOWN, "whether defaultVolumesToFsBackup is on is not known", files.origin, "file-system")
    if opted_in is Truth.UNKNOWN:
        return Capture(Truth.UNKNOWN, "whether the pods opt their volumes in is not known", None, "file-system")
    return _snapshot(spec, snapshot_locations)


def _snapshot(spec: BackupSpec, snapshot_locations: Truth) -> Capture:
    moved, snapshots = spec.snapshot_move_data, spec.snapshot_volumes
    if isinstance(snapshots, Known) and not snapshots.value:
        why = "snapshotVolumes is false, and no file system backup is asked for: no volume data is in the backup"
        return Capture(Truth.FALSE, why, snapshots.origin)
    if isinstance(snapshots, Unknown):
        return Capture(Truth.UNKNOWN, "whether snapshotVolumes is on is not known", snapshots.origin, "snapshot")
    if isinstance(moved, Unknown):
        return Capture(Truth.UNKNOWN, "whether snapshotMoveData is on is not known", moved.origin, "snapshot")
    if moved.value if isinstance(moved, Known) else False:
        return Capture(
            Truth.TRUE, "snapshotMoveData copies the content of CSI snapshots to the storage location", moved.origin, "data-mover"
        )
    if snapshot_locations is Truth.TRUE:
        return Capture(Truth.TRUE, "volumes are snapshotted, in their own region", snapshots.origin, "snapshot")
    why = "no snapshot location is in the files; whether CSI snapshots are on is not known"
    return Capture(Truth.UNKNOWN, why, snapshots.origin, "snapshot")


def _kinds_dropped(spec: BackupSpec) -> Capture | None:
    """Return why claims or volumes are left out by kind, or may be; ``None`` when they are not."""
    for listing, what in (
        (spec.excluded_resources, "excludedResources"),
        (spec.excluded_namespaced, "excludedNamespaceScopedResources"),
    ):
        found, origin = _names(listing, _CLAIMS | _VOLUMES if what == "excludedResources" else _CLAIMS)
        if found is not Truth.FALSE:
            return Capture(~found, f"{what} {'leaves' if found is Truth.TRUE else 'may leave'} volumes out", origin)
    for listing, what in (
        (spec.included_resources, "includedResources"),
        (spec.included_namespaced, "includedNamespaceScopedResources"),
    ):
        if listing.certain and not listing.elements:
            continue
        found, origin = _names(listing, _CLAIMS)
        if found is Truth.FALSE:
            found, pods = _names(listing, _PODS)
            if found is Truth.FALSE:
                return Capture(Truth.FALSE, f"{what} does not hold persistentvolumeclaims", origin or pods)
            return Capture(Truth.UNKNOWN, f"{what} holds pods but not persistentvolumeclaims", origin)
        if found is Truth.UNKNOWN:
            return Capture(Truth.UNKNOWN, f"whether {what} holds persistentvolumeclaims is not known", origin)
    return None


def _names(listing: Members[Value[str]], names: frozenset[str]) -> tuple[Truth, Provenance | None]:
    """Return whether a list of resource kinds holds one of the names, with or without its group, and what decided it."""
    result, decided = (Truth.FALSE if listing.rest is None else Truth.UNKNOWN), None if listing.rest is None else listing.rest.origin
    for member in listing.elements:
        value = member.value
        if isinstance(value, Known):
            found = member.presence & Truth.of(str(value.value).lower().partition(".")[0] in names)
            decided = decided if found is Truth.FALSE and decided is not None else value.origin
            result = result | found
            if result is Truth.TRUE:
                return result, value.origin
        elif isinstance(value, Unknown):
            result, decided = result | Truth.UNKNOWN, value.origin
    return result, decided
