"""Whether Velero can get at the volumes that it is asked for: with a snapshot class for each driver, and files that the agent can read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from drpolicy.kubernetes.kinds import kind_of, namespace_of
from drpolicy.kubernetes.navigation import elements, inside, strings, text
from drpolicy.kubernetes.server_settings import ServerSettings
from drpolicy.kubernetes.velero import BackupSpec, VeleroSchedule
from drpolicy.kubernetes.workloads import NamespaceData, VolumeClaim, pod_template
from drpolicy.model.agreements import NOT_COMPARED, Agreement
from drpolicy.model.provenance import Provenance, Written
from drpolicy.model.reasons import Reason
from drpolicy.model.resources import Resource
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Members, Unknown, Value
from drpolicy.recovery.contradictions import Side, comparison
from drpolicy.recovery.logic import truth_of

_LABEL: Final = "velero.io/csi-volumesnapshot-class"
_DEFAULT_CLASS: Final = "snapshot.storage.kubernetes.io/is-default-class"
_DEFAULT_STORAGE: Final = "storageclass.kubernetes.io/is-default-class"
_OPT_IN: Final = "backup.velero.io/backup-volumes"


def snapshot_classes(
    schedules: Sequence[VeleroSchedule], server: ServerSettings | None, namespaces: Sequence[NamespaceData], resources: Sequence[Resource]
) -> Agreement:
    """Decide whether Velero can choose a snapshot class for the claims of a cluster, where schedules take CSI snapshots.

    It takes the first class of the volume's driver that has Velero's label, else one with Kubernetes' default annotation, else the only
    one there is; of several without either it takes none, and the backup fails for the volume (pkg/util/csi/volume_snapshot.go,
    GetVolumeSnapshotClassForStorageClass, read 2026-11).
    """
    claims = [claim for each in namespaces for claim in each.claims]
    taking = next((each for each in schedules if _takes_snapshots(each, server)), None)
    if taking is None or not claims:
        return NOT_COMPARED
    classes = [each for each in resources if kind_of(each) == "VolumeSnapshotClass"]
    storage = [each for each in resources if kind_of(each) == "StorageClass"]
    sides: list[Side] = []
    unknown: Unknown | None = None
    for driver, claim in _drivers(claims, storage):
        if isinstance(driver, Unknown):
            unknown = unknown or driver
            continue
        own = [each for each in classes if text(each.get("driver")) == driver]
        doubtful = [each for each in classes if isinstance(each.get("driver"), Unknown)]
        chosen = [_chosen(each) for each in own]
        if Truth.TRUE in chosen or (len(own) == 1 and own[0].presence is Truth.TRUE and not doubtful):
            continue
        certain = all(each.presence is Truth.TRUE for each in own)
        if len(own) > 1 and certain and not doubtful and Truth.UNKNOWN not in chosen and taking.resource.presence is Truth.TRUE:
            names = " and ".join(sorted(each.name for each in own))
            text_ = f"of {names}, the snapshot classes of {driver}, none is marked as the one that Velero is to take for claim {claim.name}"
            sides.append(Side(text_, (*(Written(each.span) for each in own), Written(taking.span))))
        else:
            unknown = unknown or Unknown(Reason.OUTSIDE_SCOPE, f"VolumeSnapshotClass of {driver}", Written(claim.span))
    return comparison("a snapshot class can be chosen for every claim", sides, unknown, Written(taking.span))


def _takes_snapshots(schedule: VeleroSchedule, server: ServerSettings | None) -> bool:
    """Whether a schedule certainly has CSI snapshots taken, wherever the driver of a volume has them."""
    spec: BackupSpec = schedule.template
    on = server is not None and truth_of(server.csi) is Truth.TRUE
    refused = truth_of(spec.snapshot_volumes) is Truth.FALSE and not isinstance(spec.snapshot_volumes, Absent)
    files = truth_of(spec.fs_backup) is not Truth.FALSE
    running = truth_of(schedule.paused) is Truth.FALSE
    return on and running and not refused and not files and isinstance(spec.resource_policy, Absent)


def _chosen(each: Resource) -> Truth:
    """Whether a class is one that Velero chooses among several of its driver: the label or the annotation is there, whatever it says."""
    found = Truth.FALSE
    for path in (("labels", _LABEL), ("annotations", _DEFAULT_CLASS)):
        value = each.get("metadata", *path)
        if not isinstance(value, Absent):
            found = found | (Truth.TRUE if isinstance(value, Known) else Truth.UNKNOWN)
    return found & each.presence


def _drivers(claims: Sequence[VolumeClaim], storage: Sequence[Resource]) -> Iterator[tuple[str | Unknown, VolumeClaim]]:
    """Yield the drivers of claims, each once; Unknown for a claim whose storage class is not in the files."""
    seen: set[str] = set()
    for claim in claims:
        if isinstance(claim.storage_class, Unknown):
            yield claim.storage_class, claim
            continue
        wanted = claim.storage_class.value if isinstance(claim.storage_class, Known) else None
        if wanted == "":
            # Bound to a volume that somebody has made: no class and no driver of its own.
            continue
        found = [each for each in storage if (each.name == wanted if wanted is not None else _is_default(each))]
        driver = text(found[0].get("provisioner")) if len(found) == 1 and found[0].presence is Truth.TRUE else None
        if driver is None:
            name = f"StorageClass {wanted}" if wanted is not None else "the default StorageClass"
            yield Unknown(Reason.OUTSIDE_SCOPE, f"driver of {name}", Written(claim.span)), claim
        elif driver not in seen:
            seen.add(driver)
            yield driver, claim


def _is_default(storage: Resource) -> bool:
    return text(strings(storage.get("metadata", "annotations", _DEFAULT_STORAGE))) == "true"


def volumes_reachable(schedules: Sequence[VeleroSchedule], namespaces: Sequence[NamespaceData]) -> Agreement:
    """Hold the volumes that pods ask file system backup for against those that they have.

    One that the pod does not have, and one of the node itself (hostPath), is passed over with a warning in a log; the backup is
    Completed all the same (pkg/podvolume/backupper.go, BackupPodVolumes, read 2026-11). A blank behind a comma belongs to the name. Where
    a schedule takes every volume unless it is excluded, nothing has to be asked for.
    """
    sides: list[Side] = []
    running = [each.template.fs_backup for each in schedules if truth_of(each.paused) is not Truth.TRUE]
    if any(truth_of(each) is Truth.TRUE for each in running):
        return NOT_COMPARED
    mode = next((each for each in running if isinstance(each, Unknown)), None)
    unknown: Unknown | None = None
    asked: Resource | None = None
    for workload in (each for namespace in namespaces for each in namespace.workloads):
        pod = pod_template(workload)
        annotations = inside(pod, "metadata", "annotations")
        listed = strings(inside(annotations, _OPT_IN))
        # Annotations of which nothing is known need not ask for anything.
        if isinstance(listed, Absent) or isinstance(annotations, Unknown):
            continue
        asked = asked or workload
        unknown = unknown or (listed if isinstance(listed, Unknown) else _open_volumes(pod, workload))
        found = list(_unreachable(listed, pod, workload)) if isinstance(listed, Known) else []
        if workload.presence is Truth.TRUE and mode is None:
            sides.extend(found)
        elif found:
            unknown = unknown or workload.why
    if asked is None:
        return NOT_COMPARED
    return comparison("the pods have the volumes that they name", sides, mode or unknown, Written(asked.span))


def _open_volumes(pod: Value[Any], workload: Resource) -> Unknown | None:
    """Return why a pod may have more volumes than are known, or other ones."""
    volumes = inside(pod, "spec", "volumes")
    templates = workload.get("spec", "volumeClaimTemplates")
    for listing in (volumes, templates):
        if isinstance(listing, Unknown):
            return listing
        if isinstance(listing, Known) and isinstance(listing.value, Members):
            doubts = (each.why for each in listing.value.elements if each.presence is Truth.UNKNOWN)
            names = (name for each in elements(listing) if isinstance(name := _name(each), Unknown))
            unknown = listing.value.rest or next(doubts, None) or next(names, None)
            if unknown is not None:
                return unknown
    return None


def _name(volume: Value[Any]) -> Value[Any]:
    own = inside(volume, "name")
    return own if not isinstance(own, Absent) else inside(volume, "metadata", "name")


def _unreachable(listed: Known[str], pod: Value[Any], workload: Resource) -> Iterator[Side]:
    volumes = {text(_name(each)): each for each in elements(inside(pod, "spec", "volumes"))}
    templates = {text(_name(each)) for each in elements(workload.get("spec", "volumeClaimTemplates"))}
    where = f"{kind_of(workload)} {namespace_of(workload)}/{workload.name}"
    for name in listed.value.split(","):
        places: tuple[Provenance, ...] = (listed.origin,)
        volume = volumes.get(name)
        if name != name.strip():
            yield Side(f"{where} names {name.strip()} with a blank, which Velero takes for a part of the name", places)
        elif volume is not None and isinstance(inside(volume, "hostPath"), Known):
            yield Side(f"{name} of {where} is a directory of the node, which the node agent cannot read", (*places, volume.origin))
        elif name and volume is None and name not in templates and _open_volumes(pod, workload) is None:
            yield Side(f"{where} has no volume {name}", (*places, Written(workload.span)))
