"""The estate: everything known about recoverability. It is all that policies see.

Its subjects stand in ``stores``, ``clusters`` and ``services``. Every field is a Value, Members or an identifier. CEL types,
the fields page and the schema come from these dataclasses: a name is camelCase there, ``optional`` fields are read through
``has()`` or ``orValue``.
Durations are ``Duration`` (seconds); a Range says how much, or how long, at best and at worst.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from drpolicy.model.clusters import Cluster, Location, RestorePoint, RestoreTest, Schedule
from drpolicy.model.components import Component
from drpolicy.model.records import dataclass, field
from drpolicy.model.resources import Resource
from drpolicy.model.services import Deployment, Drill, Endpoint, Runbook, Service
from drpolicy.model.spans import Span
from drpolicy.model.stores import Protection, Store
from drpolicy.model.values import Unknown


@dataclass(frozen=True, slots=True)
class Inference:
    """Something the tool concluded without being told, printed so that it can be corrected."""

    text: str
    span: Span | None


@dataclass(frozen=True, slots=True)
class Stranger:
    """A name in a record that is no store of its service."""

    record: str
    service: str
    name: str
    near: str
    """The nearest name of a store of the service; empty where none is near."""
    stores: tuple[str, ...]
    """What the stores of the service are called."""
    span: Span | None


@dataclass(frozen=True, slots=True, eq=False)
class Estate:
    """Everything known about recoverability; one member list per subject."""

    services: tuple[Service, ...] = ()
    stores: tuple[Store, ...] = ()
    protections: tuple[Protection, ...] = ()
    schedules: tuple[Schedule, ...] = ()
    locations: tuple[Location, ...] = ()
    clusters: tuple[Cluster, ...] = ()
    restore_tests: tuple[RestoreTest, ...] = ()
    restore_points: tuple[RestorePoint, ...] = ()
    drills: tuple[Drill, ...] = ()
    runbooks: tuple[Runbook, ...] = ()
    endpoints: tuple[Endpoint, ...] = ()
    components: tuple[Component, ...] = ()
    deployments: tuple[Deployment, ...] = ()
    resources: tuple[Resource, ...] = ()
    uncertain: Mapping[str, Unknown] = field(default_factory=dict)
    """Members whose existence is not certain (unknown count or for_each), and why: a FAIL on them is capped at UNKNOWN."""
    inferences: tuple[Inference, ...] = ()
    strangers: tuple[Stranger, ...] = ()
    """What records name beside the stores of their services: it counts for nothing."""


SUBJECTS: Final[dict[str, tuple[type[Any], str]]] = {
    "Service": (Service, "services"),
    "Store": (Store, "stores"),
    "Protection": (Protection, "protections"),
    "Schedule": (Schedule, "schedules"),
    "Location": (Location, "locations"),
    "Cluster": (Cluster, "clusters"),
    "RestoreTest": (RestoreTest, "restore_tests"),
    "RestorePoint": (RestorePoint, "restore_points"),
    "Drill": (Drill, "drills"),
    "Runbook": (Runbook, "runbooks"),
    "Endpoint": (Endpoint, "endpoints"),
    "Component": (Component, "components"),
    "Deployment": (Deployment, "deployments"),
    "Resource": (Resource, "resources"),
}
"""The closed set of subjects: the word used in policies, its class, and its list in the estate."""
