"""Values that may be unknown or absent, and collections whose membership may be.

A ``Value[T]`` is Known, Unknown or Absent, and recursive: a known object or list holds Values. Terraform's ``null``
is Absent. Numbers are ``int`` or ``float``; a ``bool`` is never a number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Generic, Literal, NamedTuple, TypeAlias, TypeVar

from drpolicy.model.provenance import Provenance, Through
from drpolicy.model.reasons import Reason
from drpolicy.model.records import dataclass, field, replace
from drpolicy.model.truth import Truth

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

Primitive: TypeAlias = Literal["string", "number", "bool"]
"""Terraform's types of one value."""


class Target(NamedTuple):
    """The attribute of a resource that a value refers to; ``key`` is ``deployment//address``."""

    key: str
    attribute: str


@dataclass(frozen=True, slots=True)
class Known(Generic[T_co]):
    """A value and where it comes from."""

    value: T_co
    origin: Provenance


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value that cannot be known from what was read.

    ``symbol`` names what is unknown (``envs/prod:var.region``): two Unknowns with the same symbol stand for the same
    value. ``target`` is the resource attribute it refers to. ``parts`` are the pieces of a string, in order.
    ``among`` is the finite set of values it can be, when that is known.
    """

    reason: Reason
    symbol: str
    origin: Provenance
    target: Target | None = None
    parts: tuple[Known[str] | Unknown, ...] = ()
    among: tuple[Known[Any], ...] = ()
    root: Unknown | None = field(default=None, compare=False, repr=False)
    """The Unknown that this one was computed from, when it was: settling that one settles this."""
    type: Primitive | None = field(default=None, compare=False, repr=False)
    """The type that it surely has (or null), where one is declared or follows from how it is computed."""

    @property
    def cause(self) -> Unknown:
        """What has to be settled: the root, or this Unknown itself."""
        return self.root if self.root is not None else self


@dataclass(frozen=True, slots=True)
class Absent:
    """Nothing was given; ``origin`` says where it would stand, ``type`` the type that it has all the same, where one is declared."""

    origin: Provenance
    type: Primitive | None = field(default=None, compare=False, repr=False)


Value: TypeAlias = Known[T] | Unknown | Absent


@dataclass(frozen=True, slots=True)
class Member(Generic[T_co]):
    """An element and whether it is there; ``why`` explains a presence of UNKNOWN."""

    value: T_co
    presence: Truth = Truth.TRUE
    why: Unknown | None = None


@dataclass(frozen=True, slots=True)
class Members(Generic[T_co]):
    """A collection: elements with a presence each, and ``rest``: ``None`` when closed, else why there may be more."""

    elements: tuple[Member[T_co], ...] = ()
    rest: Unknown | None = None

    @property
    def certain(self) -> bool:
        """Whether the membership is fully known."""
        return self.rest is None and all(member.presence is Truth.TRUE for member in self.elements)

    def __iter__(self) -> Iterator[T_co]:
        """Iterate over the values that are or may be present."""
        return (member.value for member in self.elements if member.presence is not Truth.FALSE)

    def exists(self, predicate: Callable[[T_co], Truth]) -> Truth:
        """OR of present ∧ predicate; UNKNOWN instead of FALSE when open."""
        result = Truth.FALSE if self.rest is None else Truth.UNKNOWN
        for member in self.elements:
            result = result | (member.presence & predicate(member.value))
            if result is Truth.TRUE:
                break
        return result

    def all(self, predicate: Callable[[T_co], Truth]) -> Truth:
        """AND of ¬present ∨ predicate; UNKNOWN instead of TRUE when open."""
        result = Truth.TRUE if self.rest is None else Truth.UNKNOWN
        for member in self.elements:
            result = result & (~member.presence | predicate(member.value))
            if result is Truth.FALSE:
                break
        return result

    def filter(self, predicate: Callable[[T_co], Truth]) -> Members[T_co]:
        """Keep what satisfies or may satisfy the predicate; presence carries over."""
        kept = []
        for member in self.elements:
            presence = member.presence & predicate(member.value)
            if presence is not Truth.FALSE:
                kept.append(Member(member.value, presence, member.why))
        return Members(tuple(kept), self.rest)


def members(values: Iterable[T], rest: Unknown | None = None) -> Members[T]:
    """Return a collection of values that are certainly present."""
    return Members(tuple(Member(value) for value in values), rest)


@dataclass(frozen=True, slots=True)
class Object:
    """A map or object: a Value per name. ``rest`` says why there may be further names; ``None`` when closed."""

    fields: Mapping[str, Value[Any]] = field(default_factory=dict)
    rest: Unknown | None = None

    def get(self, name: str, origin: Provenance) -> Value[Any]:
        """Return the field, or Unknown when it may exist, or Absent at ``origin``."""
        found = self.fields.get(name)
        if found is not None:
            return found
        if self.rest is None:
            return Absent(origin)
        # Two names that may exist are two unknowns: equal symbols would stand for equal values.
        return replace(self.rest, symbol=f"{self.rest.symbol}[{name}]", among=(), parts=(), root=self.rest.cause)


def target_of(value: Value[Any]) -> Target | None:
    """Return the resource attribute that a value refers to, known or not; the nearest reference wins."""
    if isinstance(value, Unknown) and value.target is not None:
        return value.target
    origin: Provenance = value.origin
    while isinstance(origin, Through):
        if origin.key is not None:
            return Target(origin.key, origin.attribute or "")
        origin = origin.inner
    return None


def same(left: Value[Any], right: Value[Any]) -> Truth:
    """Whether two scalar values are equal: TRUE for equal symbols, FALSE for disjoint finite sets, else as known."""
    if isinstance(left, Absent) or isinstance(right, Absent):
        if isinstance(left, Absent) and isinstance(right, Absent):
            return Truth.TRUE
        return Truth.FALSE if not isinstance(left, Unknown) and not isinstance(right, Unknown) else Truth.UNKNOWN
    if isinstance(left, Unknown) and isinstance(right, Unknown) and left.symbol == right.symbol:
        return Truth.TRUE
    ours, theirs = possible(left), possible(right)
    if ours is None or theirs is None:
        return Truth.UNKNOWN
    if len(ours) == 1 and len(theirs) == 1:
        return Truth.of(_alike(ours[0], theirs[0]))
    return Truth.UNKNOWN if any(_alike(one, other) for one in ours for other in theirs) else Truth.FALSE


def _alike(one: Any, other: Any) -> bool:
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


def possible(value: Known[Any] | Unknown) -> tuple[Any, ...] | None:
    """Return the finite set of plain values that a value can be, or ``None`` when it is not finite."""
    if isinstance(value, Known):
        return (value.value,)
    if value.among:
        return tuple(known.value for known in value.among)
    return None
