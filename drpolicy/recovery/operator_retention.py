"""How long an operator keeps a backup: for a time that is written, or until there are so many newer ones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from drpolicy.catalog.operator_rows import BackupRetention, NativeBackup, WindowForm
from drpolicy.kubernetes.navigation import inside, strings, text
from drpolicy.model.durations import DAY, HOUR, MINUTE, WEEK, Duration, go_duration
from drpolicy.model.patterns import deferred
from drpolicy.model.provenance import Default, Derived, Provenance, written_at
from drpolicy.model.reach import Reach, reach_of
from drpolicy.model.reasons import Reason
from drpolicy.model.spans import Span
from drpolicy.model.values import Absent, Known, Unknown, Value
from drpolicy.recovery.conversions import number_of
from drpolicy.recovery.operator_paths import at_path, holds
from drpolicy.recovery.operator_times import recurrence_of

_COUNT_LIMIT = 1000
_BARMAN = deferred(r"([1-9][0-9]{0,4})([dwm])")
_BARMAN_UNITS = {"d": DAY, "w": WEEK, "m": 31 * DAY}
"""A month is 31 days (barman, retention_policies.py, RecoveryWindowRetentionPolicy, 2026-11)."""
_WORDS = deferred(r"([0-9]{1,5}) +(hour|day|week|month|year)s?")
_WORD_UNITS = {"hour": (HOUR, HOUR), "day": (DAY, DAY), "week": (WEEK, WEEK), "month": (28 * DAY, 31 * DAY), "year": (365 * DAY, 366 * DAY)}
_ELASTIC = deferred(r"([0-9]{1,7})(d|h|m|s|ms)")
_ELASTIC_UNITS = {"d": DAY, "h": HOUR, "m": MINUTE, "s": 1.0, "ms": 0.001}


def retention_of(
    way: NativeBackup, own: Value[Any], element: Value[Any], referenced: Value[Any], expression: Value[str], span: Span
) -> Value[Duration]:
    """Return how long a backup is kept; Absent when nothing deletes it.

    ``own`` is the store's object, ``element`` the schedule, ``referenced`` the object that the store names, ``span`` the header of the
    object that would say it.
    """
    found: list[Value[Reach]] = []
    for each in way.retentions:
        where = {"store": own, "element": element, "reference": referenced}[each.place]
        found.extend(_found(each, where, element, expression, way, span))
    return _shortest(found, element.origin)


def expiry_of(
    way: NativeBackup, own: Value[Any], element: Value[Any], referenced: Value[Any], expression: Value[str], span: Span
) -> Value[Duration]:
    """Return the age at which a backup is deleted even where no newer one is there; Absent when the last one always stays."""
    found: list[Value[Reach]] = []
    for each in way.retentions:
        where = {"store": own, "element": element, "reference": referenced}[each.place]
        if each.expires and (not each.at_least or isinstance(at_path(where, each.at_least), Absent)):
            found.extend(_found(each, where, element, expression, way, span))
    return _shortest(found, element.origin)


def _found(
    row: BackupRetention, where: Value[Any], element: Value[Any], expression: Value[str], way: NativeBackup, span: Span
) -> Iterator[Value[Reach]]:
    if isinstance(where, Unknown):
        yield where
        return
    if row.place == "reference" and isinstance(where, Absent):
        yield Unknown(Reason.OUTSIDE_SCOPE, f"what {way.destination.type[1]} says of the retention", where.origin)
        return
    name = text(inside(element, "name")) or ""

    def given(path: str) -> Value[str]:
        return strings(at_path(where, path.replace("{name}", name)))

    applies = holds(where, (row.where[0].replace("{name}", name), row.where[1]))
    kept = given(row.unless) if row.unless else Absent(element.origin)
    for unknown in (applies, kept):
        if isinstance(unknown, Unknown):
            yield unknown
            return
    if not applies or text(kept) == "false":
        return
    written = given(row.window or row.count)
    if isinstance(written, Absent) or (number_of(written) == 0 and not row.least_days):
        if row.default is not None:
            standard = Duration(row.default)
            yield Known(Reach(standard, standard), Default(f"kept for {standard}", row.source, span))
        elif isinstance(written, Absent) and row.elsewhere and not isinstance(at_path(where, row.elsewhere), Absent):
            what = f"what {row.elsewhere.rpartition('.')[2]} says of the retention"
            yield Unknown(Reason.OUTSIDE_SCOPE, what, at_path(where, row.elsewhere).origin)
    elif isinstance(written, Unknown):
        yield written
    elif row.window:
        yield _with_minimum(_window(written, row), given(row.at_least) if row.at_least else Absent(element.origin), expression, way)
    else:
        counted = strings(at_path(element, row.counted)) if row.counted else expression
        if not isinstance(counted, Absent):
            yield _runs(written, counted, way)


def _window(written: Known[str], row: BackupRetention) -> Value[Reach]:
    bounds = _length(written.value.strip(), row.form)
    if bounds is None:
        return Unknown(Reason.POLICY_ERROR, f"retention {written.value!r} is no length of time that is understood", written.origin)
    least, most = (max(each, row.least_days * DAY) for each in bounds)
    return Known(Reach(Duration(least), Duration(most)), written.origin)


def _length(written: str, form: WindowForm) -> tuple[float, float] | None:
    match form:
        case "barman":
            found = _BARMAN.fullmatch(written)
            return _twice(int(found[1]) * _BARMAN_UNITS[found[2]]) if found is not None else None
        case "elastic":
            found = _ELASTIC.fullmatch(written)
            return _twice(int(found[1]) * _ELASTIC_UNITS[found[2]]) if found is not None else None
        case "words":
            found = _WORDS.fullmatch(written)
            return (int(found[1]) * _WORD_UNITS[found[2]][0], int(found[1]) * _WORD_UNITS[found[2]][1]) if found is not None else None
        case "days":
            return _twice(int(written) * DAY) if written.isdecimal() and len(written) < 7 else None
        case "go":
            try:
                return _twice(go_duration(written).seconds)
            except ValueError:
                return None


def _twice(seconds: float) -> tuple[float, float]:
    return seconds, seconds


def _runs(written: Known[str], expression: Value[str], way: NativeBackup) -> Value[Reach]:
    number = number_of(written)
    if number is None or number != int(number) or not 0 < number <= _COUNT_LIMIT:
        return Unknown(Reason.POLICY_ERROR, f"{written.value!r} is no number of backups that is understood", written.origin)
    if not isinstance(expression, Known):
        return expression if isinstance(expression, Unknown) else Absent(written.origin)
    try:
        recurrence = recurrence_of(expression.value, way.cron)
    except ValueError:
        # That it never runs is another defect.
        return Absent(expression.origin)
    if recurrence is None:
        return Unknown(Reason.FUNCTION_NOT_EVALUATED, f"when {expression.value!r} runs", expression.origin)
    reach = reach_of(recurrence, int(number))
    return Known(reach, Derived(f"the newest {int(number)} are kept", (written.origin, expression.origin), written_at(written.origin)))


def _with_minimum(window: Value[Reach], least: Value[str], expression: Value[str], way: NativeBackup) -> Value[Reach]:
    """Return a window in which so many backups are kept however old they are."""
    if isinstance(least, Absent) or not isinstance(window, Known):
        return window
    runs = least if isinstance(least, Unknown) else _runs(least, expression, way)
    if not isinstance(runs, Known):
        return runs if isinstance(runs, Unknown) else window
    longer = Reach(max(window.value.least, runs.value.least), max(window.value.most, runs.value.most))
    return Known(longer, window.origin)


def _shortest(found: list[Value[Reach]], otherwise: Provenance) -> Value[Duration]:
    unknown = next((each for each in found if isinstance(each, Unknown)), None)
    if unknown is not None:
        return unknown
    kept = [each for each in found if isinstance(each, Known)]
    if not kept:
        return Absent(otherwise)
    first = min(kept, key=lambda each: each.value.most)
    least, most = min(each.value.least for each in kept), first.value.most
    if least == most:
        return Known(most, first.origin)
    # Whatever it is in between, a comparison that both ends agree on is decided.
    what = f"how long between {least} and {most} a backup is kept"
    return Unknown(Reason.FUNCTION_NOT_EVALUATED, what, first.origin, among=(Known(least, first.origin), Known(most, first.origin)))
