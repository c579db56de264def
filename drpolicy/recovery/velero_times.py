"""What Velero's expressions and durations say: when a schedule fires, the worst gap between two backups, how long one is kept."""

from __future__ import annotations

from functools import lru_cache

from drpolicy.kubernetes.velero import BackupSpec
from drpolicy.model.durations import Duration, go_duration
from drpolicy.model.records import dataclass
from drpolicy.model.schedules import fires, parse_velero, worst_gap
from drpolicy.model.values import Absent, Known, Unknown, Value
from drpolicy.recovery.logic import known


@dataclass(frozen=True, slots=True, eq=False)
class VeleroTimes:
    """What a schedule's expression says: whether it can be parsed, why not, and its exact worst gap."""

    valid: Value[bool]
    problem: str
    fires: Value[bool]
    gap: Value[Duration]


def times_of(expression: Value[str]) -> VeleroTimes:
    """Read a schedule's expression as Velero does."""
    match expression:
        case Unknown():
            return VeleroTimes(expression, "", expression, expression)
        case Absent(origin):
            return VeleroTimes(
                known(False, "no schedule is written", origin), ": no schedule is written", known(False, "", origin), expression
            )
        case Known(text, origin):
            problem, runs, gap = _said(text)
            if gap is None:
                return VeleroTimes(Known(runs, origin), problem, Known(not runs, origin), Absent(origin))
            return VeleroTimes(Known(True, origin), "", Known(True, origin), Known(gap, origin))


@lru_cache(maxsize=4096)
def _said(text: str) -> tuple[str, bool, Duration | None]:
    """Return what is wrong with an expression, whether it can be parsed, and its gap if it ever fires. Many schedules have the same one."""
    try:
        recurrence = parse_velero(text)
    except ValueError as problem:
        return f": {problem}", False, None
    return ("", True, worst_gap(recurrence)) if fires(recurrence) else (": no date matches it", True, None)


def retention_of(spec: BackupSpec) -> Value[Duration]:
    """Return how long a backup is kept."""
    match spec.ttl:
        case Known(text, origin):
            try:
                return Known(go_duration(text), origin)
            except ValueError:
                return Absent(origin)
        case Unknown() as unknown:
            return unknown
        case Absent() as absent:
            return absent
