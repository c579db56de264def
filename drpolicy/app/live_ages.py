"""How old the newest backup, restore point or restore is that AWS knows of."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time

from drpolicy.aws.interface import REMAINDER, Observation
from drpolicy.model.clusters import Location
from drpolicy.model.durations import UNBOUNDED, Duration
from drpolicy.model.provenance import Observed, Written
from drpolicy.model.stores import Store
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Unknown, Value
from drpolicy.recovery.logic import truth_of


def newest_backup(location: Location, observation: Observation, as_of: date) -> Value[Duration]:
    """Return the age of the newest completed backup in a location's bucket; unbounded when it is known to hold none."""
    facts = [each for each in observation.restore_points if each.subject == location.key and each.kind == "velero-backup"]
    unknown = next((each.taken_at for each in facts if each.name == REMAINDER), None)
    done = [each.taken_at for each in facts if each.name != REMAINDER and truth_of(each.completed) is Truth.TRUE]
    return _newest(done, unknown, as_of, location)


def newest_restore(location: Location, observation: Observation, as_of: date) -> Value[Duration]:
    """Return the age of the newest restore without errors; unbounded when it is known that there was none."""
    facts = [each for each in observation.restore_tests if each.subject == location.key]
    unknown = next((each.finished_at for each in facts if each.name == REMAINDER), None)
    done = [each.finished_at for each in facts if each.name != REMAINDER and truth_of(each.passed) is Truth.TRUE]
    return _newest(done, unknown, as_of, location)


def newest_point(store: Store, observation: Observation, as_of: date) -> Value[Duration]:
    """Return the age of a database's newest restorable point; Absent when it has none to speak of."""
    found = [each.taken_at for each in observation.restore_points if each.subject == store.key and each.kind == "rds-point-in-time"]
    if not found:
        return Absent(Written(store.span))
    return _newest(found, None, as_of, store)


def _newest(times: Iterable[Value[str]], unknown: Value[str] | None, as_of: date, about: Location | Store) -> Value[Duration]:
    ages = [age for each in times if isinstance(each, Known) and (age := _age(each, as_of)) is not None]
    # What was not listed is older than what was: a listing is read newest first.
    if ages:
        return min(ages, key=lambda each: each.value)
    if isinstance(unknown, Unknown):
        return unknown
    open_ = next((each for each in times if isinstance(each, Unknown)), None)
    if open_ is not None:
        return open_
    return Known(UNBOUNDED, Observed(f"the listing for {about.name}", as_of.isoformat()))


def _age(written: Known[str], as_of: date) -> Known[Duration] | None:
    try:
        moment = datetime.fromisoformat(written.value.replace("Z", "+00:00"))
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    # A run judges a day, not a moment: what happened during that day is new.
    now = datetime.combine(as_of, time.max, UTC)
    seconds = (now - moment).total_seconds()
    today = moment.date() >= as_of
    return Known(Duration(0 if today else round(seconds)), written.origin)
