"""The estate as a picture shows it: stores where they stand, their copies where those stand, and the services above them."""

from __future__ import annotations

from typing import Final, Literal

from drpolicy.model.ranges import Range
from drpolicy.model.records import dataclass
from drpolicy.model.spans import Span
from drpolicy.model.truth import Truth

CopyState = Literal["works", "off", "not known"]
NOWHERE: Final = "region not known"
"""What stands for a region that cannot be known; two of them need not be the same place."""


@dataclass(frozen=True, slots=True)
class Copy:
    """One way to get a store back, and where it leads."""

    name: str
    kind: str
    """``backup``, ``replica`` or ``versions``."""
    region: str
    store: str
    """Key of the store that holds the copy; empty when the copy is no store of the estate."""
    state: CopyState
    interval: str
    """``every 24h``, ``continuous``, ``once`` or empty."""
    kept: str
    """How long points in time are kept, or empty."""
    survives: tuple[str, ...]
    """The disruptions of the store that it certainly lives through."""
    span: Span

    @property
    def elsewhere(self) -> bool:
        """Whether it is there when the store's region is gone."""
        return "region" in self.survives


@dataclass(frozen=True, slots=True)
class PicturedStore:
    """A store. ``presence`` is UNKNOWN when it may not exist."""

    key: str
    name: str
    address: str
    type: str
    kind: str
    deployment: str
    region: str
    data_class: str
    presence: Truth
    services: tuple[str, ...]
    copies: tuple[Copy, ...]
    more: str
    """Why there may be further copies, or empty."""
    recovery: tuple[tuple[str, Range, Range], ...]
    """Disruption, RPO and RTO."""
    span: Span

    @property
    def asked_for(self) -> bool:
        """Whether anybody would miss it: a record of its own, or what cannot be told from one."""
        return self.data_class in ("system-of-record", "")


@dataclass(frozen=True, slots=True)
class PicturedCluster:
    """A Kubernetes cluster."""

    name: str
    region: str
    role: str


@dataclass(frozen=True, slots=True)
class PicturedService:
    """A declared service and the keys of its stores."""

    name: str
    tier: str
    stores: tuple[str, ...]
    depends_on: tuple[str, ...]
    recovery: tuple[tuple[str, Range, Range], ...]
    """Disruption, RPO and RTO, of the service as a whole."""
    nowhere: tuple[str, ...] = ()
    """Its references to stores that were not found."""


@dataclass(frozen=True, slots=True)
class Picture:
    """Everything that is drawn. ``regions`` are in the order in which they are drawn: most stores first."""

    as_of: str
    regions: tuple[str, ...]
    services: tuple[PicturedService, ...]
    stores: tuple[PicturedStore, ...]
    clusters: tuple[PicturedCluster, ...]

    def store(self, key: str) -> PicturedStore | None:
        """Return the store with a key, if it is drawn."""
        return next((store for store in self.stores if store.key == key), None)
