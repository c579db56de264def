"""How long a recovery takes at least by each mechanism: the catalog's classes, or what a team says of its own."""

from __future__ import annotations

from collections.abc import Mapping

from drpolicy.catalog.rows import Catalog, RecoveryTime
from drpolicy.model.durations import Duration
from drpolicy.model.provenance import written_at
from drpolicy.model.records import replace
from drpolicy.model.values import Known, Value


def with_recovery_times(catalog: Catalog, times: Mapping[str, Value[Duration]]) -> Catalog:
    """Return the catalog with the times of a configuration in the place of its own.

    They are lower bounds, as the catalog's are: a longer one can fail an objective, none can show that it is met. What no
    mechanism is called changes nothing.
    """
    given = {name: time for name, time in times.items() if isinstance(time, Known) and name in catalog.mechanisms}
    if not given:
        return catalog
    usual = {name: catalog.mechanisms[name] for name in given}
    rows = {name: replace(row, recovery=_time(row.recovery, given[name])) for name, row in usual.items()}
    return replace(catalog, mechanisms={**catalog.mechanisms, **rows})


def _time(usual: RecoveryTime, time: Known[Duration]) -> RecoveryTime:
    at_least, place = time.value.seconds, written_at(time.origin)
    # A guarantee that is shorter than what the team says it takes is none.
    at_most = usual.at_most if usual.at_most is not None and usual.at_most >= at_least else None
    return RecoveryTime(at_least, at_most, f"at least {time.value} by recoveryTimes{f' ({place})' if place is not None else ''}")
