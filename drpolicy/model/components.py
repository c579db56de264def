"""Components: what holds no data, and what a recovery, or a service that survives, rests on all the same."""

from __future__ import annotations

from drpolicy.model.records import dataclass, field
from drpolicy.model.spans import Span
from drpolicy.model.stores import HIDDEN, OPTIONAL
from drpolicy.model.values import Members, Object, Value


@dataclass(frozen=True, slots=True, eq=False)
class Component:
    """Something that runs, routes, or keeps backups."""

    key: str
    name: str
    address: str
    type: str
    kind: str
    """``vault``, ``compute``, ``entry`` (what users reach a service by), ``network``, ``migration``, ``cluster``,
    ``parameters``, ``quota``, ``reservation`` or ``pipeline``."""
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
    twin: Value[str] = field(metadata=OPTIONAL)
    """On standby: the resource of the primary side that it is there for."""
    differences: Members[str]
    """In what it is of another make than its twin, or can carry less."""
    differences_at: Value[str] = field(metadata=OPTIONAL)
    missing_in: Members[str]
    """On the primary side: the regions that stand by and have nothing like it, where they need it."""
    may_name_region: bool
    """Whether it is on standby and of a kind that names images, queues, secrets or certificates."""
    primary_names: Members[str]
    """On standby: the names in it that lead to a region of the primary side."""
    primary_names_at: Value[str] = field(metadata=OPTIONAL)
    attributes: Object
    """The raw attributes, provider defaults filled in."""
    span: Span = field(metadata=HIDDEN)
