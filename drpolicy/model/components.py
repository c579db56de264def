"""Components: what holds no data, and what a recovery, or a service that survives, rests on all the same."""

from __future__ import annotations

from drpolicy.model.records import dataclass, field
from drpolicy.model.spans import Span
from drpolicy.model.stores import HIDDEN, OPTIONAL
from drpolicy.model.values import Object, Value


@dataclass(frozen=True, slots=True, eq=False)
class Component:
    """Something that runs, routes, or keeps backups."""

    key: str
    name: str
    address: str
    type: str
    kind: str
    """``vault``, ``compute``, ``entry`` (what users reach a service by), ``network`` or ``migration``."""
    deployment: str
    environment: Value[str] = field(metadata=OPTIONAL)
    region: Value[str] = field(metadata=OPTIONAL)
    account: Value[str] = field(metadata=OPTIONAL)
    services_declared: bool
    """Whether any service is declared in what was read."""
    multi_az: Value[bool] = field(metadata=OPTIONAL)
    deletion_guarded: Value[bool] = field(metadata=OPTIONAL)
    """Whether something stops its deletion, or that of what it keeps."""
    health_checked: Value[bool] = field(metadata=OPTIONAL)
    """Whether it notices that what it sends work to no longer answers."""
    fails_over: Value[bool] = field(metadata=OPTIONAL)
    """Whether it turns to another place by itself when one does not answer."""
    attributes: Object
    """The raw attributes, provider defaults filled in."""
    span: Span = field(metadata=HIDDEN)
