"""AWS Backup: whether a region's settings let a plan take stores of a type at all.

Source: AWS Backup Developer Guide, "Select AWS services to backup", and API reference, ``UpdateRegionSettings``, 2026-11: the
settings apply to what is taken by tags alone; what is assigned explicitly is taken all the same, except Aurora, Neptune and
DocumentDB, which must be opted in. What the settings of the files do not name is not known, and nothing is concluded of it.
"""

from __future__ import annotations

from typing import Any

from drpolicy.model.provenance import Derived, Written
from drpolicy.model.reasons import Reason
from drpolicy.model.resources import Resource
from drpolicy.model.stores import Prerequisite
from drpolicy.model.truth import Truth
from drpolicy.model.values import Known, Object, Unknown, Value
from drpolicy.recovery.backup_selections import placed
from drpolicy.recovery.conversions import converted
from drpolicy.recovery.holdings import Holding
from drpolicy.recovery.links import Links
from drpolicy.recovery.logic import truth_of
from drpolicy.recovery.rule_gaps import about

SETTINGS = "aws_backup_region_settings"
ALWAYS_ASKED = frozenset({"Aurora", "Neptune", "DocumentDB"})


def opt_in_prerequisite(links: Links, holding: Holding, explicit: Truth) -> tuple[Prerequisite, ...]:
    """Return that the store's type must be opted in, where the settings of its region say that it is not, or may not be.

    ``explicit``: whether the selection assigns the store's type explicitly, and not by tags alone.
    """
    name = holding.row.aws_backup
    asked = Truth.TRUE if name in ALWAYS_ASKED else ~explicit
    if asked is Truth.FALSE:
        return ()
    for settings in links.of_type(SETTINGS):
        here = placed(settings, holding.resource)[0] & settings.presence
        opted = _preference(settings, name)
        if here is Truth.FALSE or opted is None or truth_of(opted) is Truth.TRUE:
            continue
        certain = here is Truth.TRUE and asked is Truth.TRUE
        met = opted if isinstance(opted, Unknown) or certain else _perhaps(settings, holding)
        if isinstance(met, Unknown):
            met = about(met, f"opt-in of {name} by")
        return (Prerequisite("service-opt-in", met, f"{settings.address} does not opt in {name}"),)
    return ()


def _preference(settings: Resource, name: str) -> Value[bool] | None:
    written = settings.get("resource_type_opt_in_preference")
    if isinstance(written, Unknown):
        return written
    if not isinstance(written, Known) or not isinstance(written.value, Object):
        return None
    found: Value[Any] | None = written.value.fields.get(name, written.value.rest)
    return None if found is None else converted(found, bool, f"{settings.key}.{name}")


def _perhaps(settings: Resource, holding: Holding) -> Unknown:
    why = settings.why or placed(settings, holding.resource)[1]
    return why or Unknown(Reason.AMBIGUOUS, f"{settings.key} for {holding.key}", Derived("named by a pattern", (Written(settings.span),)))
