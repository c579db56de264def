"""When an operator takes backups: cron expressions in the dialect that it reads.

Which one that is stands in the rows of the catalog, with its source. CloudNativePG reads six fields with seconds first, of which the last
may be left out (robfig/cron v1.2 ``Parse``; CloudNativePG docs, "Backup", scheduled backups, 2026-11). Elasticsearch reads Quartz's
(Elasticsearch docs, "Cron expressions", 2026-11).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from drpolicy.catalog.operator_rows import CronDialect, NativeBackup
from drpolicy.kubernetes.navigation import strings
from drpolicy.model.cron import check_quartz_second, check_standard_second
from drpolicy.model.durations import DAY, HOUR, MINUTE, Duration, format_duration
from drpolicy.model.patterns import deferred
from drpolicy.model.provenance import Default
from drpolicy.model.reasons import Reason
from drpolicy.model.schedules import Recurrence, fires, parse_aws, parse_kubernetes, parse_velero, worst_gap
from drpolicy.model.spans import Span
from drpolicy.model.values import Absent, Known, Unknown, Value
from drpolicy.recovery.logic import known
from drpolicy.recovery.operator_paths import at_path
from drpolicy.recovery.velero_times import VeleroTimes, times_of

_INTERVAL = deferred(r"([1-9][0-9]{0,6})([smhd])")
_UNITS = {"s": 1, "m": MINUTE, "h": HOUR, "d": DAY}
_SIX = "second, minute, hour, day of month, month, day of week"
_SUNDAY = deferred(r"(.*-)7")
_ROBFIG_ONLY = deferred(r"@every|TZ=|\?|(?:^|[\s,])[0-9]+/")
"""What crontab does not know, and another reader of five fields does: crontab(5)."""
_POSTGRESQL = deferred(r"([0-9]{1,9}) *(us|ms|s|min|h|d)?")
_POSTGRESQL_UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "min": MINUTE, "h": HOUR, "d": DAY}
"""PostgreSQL docs, "Parameter Interaction via the Configuration File", numeric values with units, 2026-11."""


def recurrence_of(text: str, dialect: CronDialect) -> Recurrence | None:
    """Return the rule that an expression is; ``None`` when what reads it may take more than is known here.

    Raises ValueError with what is wrong.
    """
    match dialect:
        case "seconds":
            return _seconds_first(text)
        case "quartz":
            return _quartz(text)
        case "cronjob":
            return parse_kubernetes(text)
        case "fields":
            if text.startswith("@"):
                raise ValueError(f"{text!r} is a descriptor, which it does not take; write five fields such as '0 3 * * *'")
            return parse_velero(text)
        case "crontab":
            return _crontab(text)
        case _:
            return parse_velero(text)


def operator_times(expression: Value[str], dialect: CronDialect) -> VeleroTimes:
    """Return whether an expression is one, whether it fires, and its worst gap."""
    if not isinstance(expression, Known):
        return times_of(expression)
    problem, runs, gap = _said(expression.value, dialect)
    origin = expression.origin
    if runs is None:
        unknown = Unknown(Reason.FUNCTION_NOT_EVALUATED, f"when {expression.value!r} runs", origin)
        return VeleroTimes(unknown, "", unknown, unknown)
    if gap is None:
        return VeleroTimes(Known(runs, origin), problem, Known(not runs, origin), Absent(origin))
    return VeleroTimes(Known(True, origin), "", Known(True, origin), Known(gap, origin))


def as_five_fields(expression: Value[str], dialect: CronDialect) -> Value[Duration] | None:
    """Return the interval that five fields have for whoever reads no seconds; ``None`` where the operator reads none either."""
    if dialect != "seconds":
        return None
    if not isinstance(expression, Known):
        return expression if isinstance(expression, Unknown) else Absent(expression.origin)
    text = expression.value
    _, _, gap = _said(text, "standard") if len(text.split()) == 5 and "TZ=" not in text else ("", None, None)
    return Absent(expression.origin) if gap is None else Known(gap, expression.origin)


@lru_cache(maxsize=1024)
def _said(text: str, dialect: CronDialect) -> tuple[str, bool | None, Duration | None]:
    """Return what is wrong with an expression, whether it can be parsed (``None``: cannot be told), and its gap if it ever fires."""
    try:
        recurrence = recurrence_of(text, dialect)
    except ValueError as problem:
        return f": {problem}", False, None
    if recurrence is None:
        return "", None, None
    return ("", True, worst_gap(recurrence)) if fires(recurrence) else (": no date matches it", True, None)


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


def _seconds_first(text: str) -> Recurrence | None:
    """Return the rule of six fields, seconds first, to the minute; a day of the week that is left out is every day."""
    if text.startswith("@"):
        return parse_velero(text)
    if "TZ=" in text:
        return None
    fields = text.split()
    if len(fields) not in (5, 6):
        raise ValueError(f"{text!r} has {len(fields)} fields; write six: {_SIX}, such as '0 0 3 * * *'")
    try:
        check_standard_second(fields[0])
        return parse_velero(" ".join([*fields[1:], "*"][:5]))
    except ValueError as problem:
        raise ValueError(f"{text!r} is read as {_SIX}: {problem}") from None


def _crontab(text: str) -> Recurrence | None:
    """Return the rule of a line of crontab, for which Sunday is 7 as well; ``None`` when the two readers of five fields may differ."""
    if _ROBFIG_ONLY.search(text):
        return None
    fields = text.split()
    if len(fields) == 5:
        fields[4] = ",".join(
            _SUNDAY.sub(r"\g<1>6,0", each) if "-" in each else "0" if each == "7" else each for each in fields[4].split(",")
        )
    try:
        return parse_velero(" ".join(fields))
    except ValueError:
        return None


def _quartz(text: str) -> Recurrence:
    """Return Quartz's expression, or an interval such as ``1h``, to the minute: AWS took its own from Quartz."""
    interval = _INTERVAL.fullmatch(text.strip())
    if interval is not None:
        return Recurrence(text, "aws", "UTC", interval=int(interval[1]) * int(_UNITS[interval[2]]))
    fields = text.split()
    if len(fields) not in (6, 7):
        raise ValueError(f"{text!r} has {len(fields)} fields; write six: {_SIX}, such as '0 30 1 * * ?'")
    check_quartz_second(fields[0])
    return parse_aws(f"cron({' '.join([*fields[1:6], fields[6] if len(fields) == 7 else '*'])})")
