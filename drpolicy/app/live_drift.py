"""Where the account differs from the files, in words."""

from __future__ import annotations

from collections.abc import Iterator

from drpolicy.aws.interface import MissingFact
from drpolicy.model.reasons import Reason
from drpolicy.model.stores import Store
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Member, Members, Unknown, Value

FACTS = (
    ("region", "region"),
    ("versioned", "versioning"),
    ("own_backups", "automated backups"),
    ("multi_az", "standby in another zone"),
    ("deletion_guarded", "deletion protection"),
)
"""Facts of a store that are compared, and what people call them."""


def drift_of(declared: Store, observed: Store) -> Members[str]:
    """Return what differs; open with the reason when something could not be observed."""
    rest: Unknown | None = None
    found = []
    for name, label in FACTS:
        ours: Value[object] = getattr(declared, name)
        theirs: Value[object] = getattr(observed, name)
        if isinstance(ours, Known) and isinstance(theirs, Unknown):
            # What no call answers is no drift, and no doubt either; what was refused is a doubt.
            rest = rest or (theirs if theirs.cause.reason is not Reason.NOT_OBSERVED else None)
        elif isinstance(ours, Known) and isinstance(theirs, Known) and ours.value != theirs.value:
            found.append(Member(f"{label} is {_word(theirs.value)}, the files say {_word(ours.value)}"))
        elif isinstance(ours, Known) and isinstance(theirs, Absent) and ours.value is True:
            found.append(Member(f"{label} is off, the files say on"))
    found.extend(_replication(declared, observed))
    return Members(tuple(found), rest)


def _replication(declared: Store, observed: Store) -> Iterator[Member[str]]:
    """Compare the regions that live copies are in, where both sides know them."""
    ours = {each.region.value for each in declared.protections if each.kind == "replica" and isinstance(each.region, Known)}
    theirs = {each.region.value for each in observed.protections if each.kind == "replica" and isinstance(each.region, Known)}
    unknown = any(isinstance(each.region, Unknown) for each in observed.protections)
    for region in sorted(ours - theirs):
        text = f"no live copy in {region}, which the files declare"
        yield Member(text, Truth.UNKNOWN if unknown else Truth.TRUE, observed.protections.rest if unknown else None)


def missing_drift(fact: MissingFact) -> Members[str]:
    """Return the drift of something that AWS says does not exist."""
    why = Unknown(Reason.NOT_OBSERVED, f"which account holds {fact.name}", fact.origin) if fact.certain is Truth.UNKNOWN else None
    return Members((Member(f"{fact.type} {fact.name} does not exist", fact.certain, why),))


def _word(value: object) -> str:
    return "on" if value is True else "off" if value is False else str(value)
