"""Whether what is put into a storage location can be read from its copy: keys, replication, and how soon it is seen elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from drpolicy.kubernetes.navigation import elements, inside, strings
from drpolicy.kubernetes.server_settings import ServerSettings
from drpolicy.kubernetes.velero import StorageLocation, VeleroSchedule
from drpolicy.model.agreements import NOT_COMPARED, Agreement
from drpolicy.model.clusters import RestoreTest
from drpolicy.model.durations import Duration, go_duration
from drpolicy.model.provenance import Default, Written
from drpolicy.model.reasons import Reason
from drpolicy.model.resources import Resource
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Object, Unknown, Value, same
from drpolicy.recovery.contradictions import Side, comparison
from drpolicy.recovery.copy_keys import region_of_key
from drpolicy.recovery.drafts import Draft
from drpolicy.recovery.links import Links
from drpolicy.recovery.locations import Place
from drpolicy.recovery.logic import truth_of

ENCRYPTION: Final = "aws_s3_bucket_server_side_encryption_configuration"
_KMS: Final = frozenset({"aws:kms", "aws:kms:dsse"})
_CRITERIA: Final = ("source_selection_criteria", "sse_kms_encrypted_objects")


def sync_period(location: StorageLocation, server: ServerSettings | None) -> Value[Duration]:
    """Return how long it takes at most until a backup in the bucket is seen; Absent where it never is.

    Zero on a location switches it off, a negative period is the server's, and one of the server that is not positive is a minute
    (pkg/controller/backup_sync_controller.go and pkg/cmd/server/server.go, read 2026-11).
    """
    written = location.backup_sync_period
    if isinstance(written, Known) and not isinstance(written.origin, Default):
        period = _duration(written.value)
        if period is None or period.seconds == 0:
            return Absent(written.origin)
        if period.seconds > 0:
            return Known(period, written.origin)
    elif isinstance(written, Unknown):
        return written
    minute = Known(Duration(60), Default("1m", "velero server, --backup-sync-period, 2026-11", location.span))
    given: Value[str] = server.sync_period if server is not None else Absent(Written(location.span))
    if isinstance(given, Unknown):
        return given
    period = _duration(given.value) if isinstance(given, Known) else None
    return Known(period, given.origin) if period is not None and period.seconds > 0 else minute


def _duration(written: str) -> Duration | None:
    try:
        return go_duration(written)
    except ValueError:
        return None


def key_fits(own: Place, rules: Sequence[Draft], links: Links) -> Agreement:
    """Hold the key that objects are encrypted with against the bucket's region, and against the rules that replicate the bucket.

    S3 takes a key of the bucket's own region only (Amazon S3 User Guide, "Using server-side encryption with AWS KMS keys"), and
    replicates what is encrypted with one only where the rule selects it ("Replicating encrypted objects", 2026-11).
    """
    header = Written(own.location.span)
    keys = list(_keys(own, links))
    if not keys:
        return NOT_COMPARED
    sides: list[Side] = []
    unknown = next((each for each in keys if isinstance(each, Unknown)), None)
    written = own.location.kms_key
    if not isinstance(written, Absent):
        region = region_of_key(written, links)
        if same(region, own.region) is Truth.FALSE and isinstance(region, Known) and isinstance(own.region, Known):
            text = f"its key is of {region.value}, and its bucket is in {own.region.value}: S3 refuses to encrypt with it"
            sides.append(Side(text, (written.origin, own.region.origin)))
        elif not isinstance(region, Absent) and same(region, own.region) is Truth.UNKNOWN:
            unknown = unknown or next((each for each in (region, own.region) if isinstance(each, Unknown)), None)
    certain = [each for each in keys if isinstance(each, Known)]
    for rule in rules:
        selects = _selects(rule)
        if certain and truth_of(rule.enabled) is Truth.TRUE and rule.presence is Truth.TRUE and selects is Truth.FALSE:
            text = f"its objects are encrypted with a KMS key, and {rule.address} leaves such objects out"
            sides.append(Side(text, (certain[0].origin, Written(rule.span))))
        elif selects is not Truth.TRUE and truth_of(rule.enabled) is not Truth.FALSE:
            unknown = unknown or rule.why or Unknown(Reason.OUTSIDE_SCOPE, f"whether {rule.address} takes encrypted objects along", header)
    return comparison("the key is of the bucket's region, and its copy takes along what it encrypts", sides, unknown, header)


def _keys(own: Place, links: Links) -> Iterator[Known[Any] | Unknown]:
    """Yield what says that objects of a location are encrypted with a key of KMS, or may be."""
    if not isinstance(own.location.kms_key, Absent):
        yield own.location.kms_key
    if own.bucket is None:
        return
    for each in links.of_type(ENCRYPTION):
        found = links.resolve(each.get("bucket"), ("aws_s3_bucket",), each).single
        if found is not None and found.key == own.bucket.key:
            yield from _algorithms(each)


def _algorithms(configuration: Resource) -> Iterator[Known[Any] | Unknown]:
    for rule in elements(configuration.get("rule")):
        for default in elements(inside(rule, "apply_server_side_encryption_by_default")):
            algorithm = strings(inside(default, "sse_algorithm"))
            if isinstance(algorithm, Unknown) or (isinstance(algorithm, Known) and algorithm.value in _KMS):
                uncertain = configuration.presence is Truth.UNKNOWN and configuration.why is not None
                yield configuration.why if uncertain and configuration.why is not None else algorithm


def _selects(rule: Draft) -> Truth:
    """Whether a rule takes along what is encrypted with a key of KMS."""
    value: Value[Any] = Known(rule.attributes, Written(rule.span))
    for name in _CRITERIA:
        value = inside(value, name)
        if isinstance(value, Known) and not isinstance(value.value, Object):
            found = list(elements(value))
            if len(found) != 1:
                return Truth.FALSE if not found and getattr(value.value, "rest", None) is None else Truth.UNKNOWN
            value = found[0]
    status = inside(value, "status")
    match status:
        case Known(value=said):
            return Truth.of(said == "Enabled")
        case Absent():
            return Truth.FALSE
        case _:
            return Truth.UNKNOWN


def copy_bounded(
    own: Place,
    places: Sequence[Place],
    rules: Sequence[Draft],
    schedules: Mapping[str, Sequence[VeleroSchedule]],
    tests: Sequence[RestoreTest],
) -> Agreement:
    """Decide whether the copy that a DR cluster reads is as whole as what is copied: for data in a repository, which S3 copies piecemeal.

    A repository is many objects, of which the last written name the earlier ones. Replication keeps no order, so that a copy is whole
    only once everything up to some moment has arrived: within a bound under Replication Time Control (99.9 percent within 15 minutes,
    Amazon S3 User Guide, 2026-11), or as a restore from the copy shows (velero-io/velero issue 7613).
    """
    bucket = own.bucket
    if not own.site.is_dr or bucket is None:
        return NOT_COMPARED
    header = Written(own.location.span)
    copying = []
    for rule in (each for each in rules if each.copy_key == bucket.key):
        writers = [each.site.name for each in places if each.bucket is not None and each.bucket.key == rule.store]
        moving = next((each for name in writers for each in schedules.get(name, ()) if _moves(each)), None)
        if moving is not None:
            copying.append((rule, moving))
    if not copying:
        return NOT_COMPARED
    tried = [truth_of(each.sound) for each in tests if each.cluster == own.site.name]
    if Truth.TRUE in tried or all(isinstance(rule.worst_gap, Known) for rule, _ in copying):
        return comparison("it is bounded how late the copy is", (), None, header)
    unknown = next((rule.worst_gap for rule, _ in copying if isinstance(rule.worst_gap, Unknown)), None)
    if Truth.UNKNOWN in tried:
        unknown = unknown or Unknown(Reason.OUTSIDE_SCOPE, f"whether the restore test on {own.site.name} proves anything", header)
    sides = [
        Side(
            f"schedule {moving.name} puts volume data into a repository, and nothing bounds how late {rule.address} copies each object",
            (Written(rule.span), Written(moving.span)),
        )
        for rule, moving in copying
        if unknown is None and isinstance(rule.worst_gap, Absent)
    ]
    return comparison("", sides, unknown, header)


def _moves(schedule: VeleroSchedule) -> bool:
    """Whether a schedule certainly copies volume data into a repository."""
    running = truth_of(schedule.paused) is Truth.FALSE and schedule.resource.presence is Truth.TRUE
    spec = schedule.template
    return running and Truth.TRUE in (truth_of(spec.fs_backup), truth_of(spec.snapshot_move_data))
