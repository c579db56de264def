"""When an operator takes backups: cron expressions in the dialect that it reads.

CloudNativePG reads six fields with seconds first, of which the last may be left out (robfig/cron v1.2 ``Parse``; CloudNativePG docs,
"Backup", scheduled backups, 2026-11). Elasticsearch reads Quartz's (Elasticsearch docs, "Cron expressions", 2026-11). Others read five.
"""

from __future__ import annotations

from typing import Any

from drpolicy.catalog.operators import CronDialect, NativeBackup
from drpolicy.kubernetes.navigation import strings
from drpolicy.model.durations import DAY, HOUR, MINUTE, Duration, format_duration
from drpolicy.model.patterns import deferred
from drpolicy.model.provenance import Default
from drpolicy.model.reasons import Reason
from drpolicy.model.schedules import Recurrence, fires, parse_aws, parse_velero, worst_gap
from drpolicy.model.spans import Span
from drpolicy.model.values import Absent, Known, Unknown, Value
from drpolicy.recovery.logic import known
from drpolicy.recovery.operator_paths import at_path
from drpolicy.recovery.velero_times import VeleroTimes, times_of

_INTERVAL = deferred(r"([1-9][0-9]{0,6})([smhd])")
_UNITS = {"s": 1, "m": MINUTE, "h": HOUR, "d": DAY}
_POSTGRESQL = deferred(r"([0-9]{1,9}) *(us|ms|s|min|h|d)?")
_POSTGRESQL_UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "min": MINUTE, "h": HOUR, "d": DAY}
"""PostgreSQL docs, "Parameter Interaction via the Configuration File", numeric values with units, 2026-11."""


def recurrence_of(text: str, dialect: CronDialect) -> Recurrence:
    """Return the rule that an expression is. Raises ValueError with what is wrong."""
    match dialect:
        case "seconds":
            return parse_velero(_without_seconds(text))
        case "quartz":
            return _quartz(text)
        case _:
            return parse_velero(text)


def operator_times(expression: Value[str], dialect: CronDialect) -> VeleroTimes:
    """Return whether an expression is one, whether it fires, and its worst gap."""
    if not isinstance(expression, Known) or dialect == "standard":
        return times_of(expression)
    if dialect == "seconds":
        return times_of(Known(_without_seconds(expression.value), expression.origin))
    origin = expression.origin
    try:
        recurrence = _quartz(expression.value)
    except ValueError as problem:
        return VeleroTimes(Known(False, origin), f": {problem}", Known(True, origin), Absent(origin))
    if not fires(recurrence):
        return VeleroTimes(Known(True, origin), ": no date matches it", Known(False, origin), Absent(origin))
    return VeleroTimes(Known(True, origin), "", Known(True, origin), Known(worst_gap(recurrence), origin))


def archived_gap(way: NativeBackup, own: Value[Any], gap: Value[Duration], span: Span) -> Value[Duration]:
    """Return what is lost at most: the interval of the backups, or of the archiving of changes where the operator does that."""
    row = way.continuous
    if row is None or not isinstance(gap, Known):
        return gap
    asked = at_path(own, row.when) if row.when else known(True, "it is always on", gap.origin)
    if isinstance(asked, Unknown):
        return asked
    if isinstance(asked, Absent) or (isinstance(asked, Known) and asked.value is False):
        return gap
    written = next((each for path in row.paths if not isinstance(each := strings(at_path(own, path)), Absent)), Absent(gap.origin))
    if isinstance(written, Unknown):
        return written
    if isinstance(written, Known):
        found = _POSTGRESQL.fullmatch(written.value.strip())
        seconds = int(found[1]) * (_POSTGRESQL_UNITS[found[2]] if found[2] else row.unit) if found is not None else 0
        if seconds:
            return Known(Duration(seconds), written.origin)
        return Unknown(Reason.OUTSIDE_SCOPE, f"how often changes are archived with {written.value!r}", written.origin)
    if row.seconds is None:
        return Unknown(Reason.OUTSIDE_SCOPE, "how often changes are archived", asked.origin)
    return Known(Duration(row.seconds), Default(format_duration(row.seconds), row.source, span))


def _without_seconds(text: str) -> str:
    """Return the five fields behind the seconds: a day of the week that is left out is every day."""
    fields = text.split()
    if len(fields) == 5 and not text.startswith("@"):
        fields.append("*")
    return " ".join(fields[1:]) if len(fields) == 6 and not text.startswith("@") else text


def _quartz(text: str) -> Recurrence:
    """Return Quartz's expression, or an interval such as ``1h``, to the minute: AWS took its own from Quartz."""
    interval = _INTERVAL.fullmatch(text.strip())
    if interval is not None:
        return Recurrence(text, "aws", "UTC", interval=int(interval[1]) * int(_UNITS[interval[2]]))
    fields = text.split()
    if len(fields) not in (6, 7):
        raise ValueError(f"{text!r} has {len(fields)} fields; write six: second, minute, hour, day of month, month, day of week")
    return parse_aws(f"cron({' '.join([*fields[1:6], fields[6] if len(fields) == 7 else '*'])})")
