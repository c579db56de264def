"""The kinds of value that only Terraform has: lists, sets, maps, whole resources, and objects whose fields are evaluated when asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

from drpolicy.model.provenance import Through, Written
from drpolicy.model.reasons import Reason
from drpolicy.model.records import dataclass, field, replace
from drpolicy.model.spans import Span
from drpolicy.model.values import Absent, Known, Members, Object, Target, Unknown, Value

T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True)
class SetOf(Members[T_co]):
    """A set: sorted, without duplicates among what is known. Two unknown elements may still turn out to be one."""


@dataclass(frozen=True, slots=True)
class ListOf(Members[T_co]):
    """A list: elements of one type, which a plain ``Members``, a tuple, need not have."""


@dataclass(frozen=True, slots=True)
class MapOf(Object):
    """A map: values of one type, which a plain ``Object`` need not have."""


class LazyFields(Mapping[str, Value[Any]]):
    """Named values, each computed the first time that somebody asks for it."""

    __slots__ = ("_computed", "_thunks")

    def __init__(self, thunks: Mapping[str, Callable[[], Value[Any]]]) -> None:
        self._thunks = thunks
        self._computed: dict[str, Value[Any]] = {}

    def __getitem__(self, name: str) -> Value[Any]:
        found = self._computed.get(name)
        if found is None:
            found = self._computed[name] = self._thunks[name]()
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._thunks)

    def __len__(self) -> int:
        return len(self._thunks)


@dataclass(frozen=True, slots=True, eq=False)
class ResourceObject(Object):
    """One instance of a resource as expressions see it: written attributes, and the provider's for all others."""

    key: str = ""
    label: str = ""
    header: Span | None = None
    reason: Reason = Reason.COMPUTED
    implied: Callable[[str], Value[Any] | None] = lambda name: None
    """What an attribute is that nobody wrote and that is nevertheless certain (``region``)."""

    why: Unknown | None = None
    """Why the instance may not exist."""

    alias: Mapping[str, str] = field(default_factory=dict)
    """Attributes that are another one by definition: the ``id`` of a bucket's policy is the bucket that it is for."""

    def attribute(self, name: str, span: Span) -> Value[Any]:
        """Return the attribute with the identity of the resource: written, implied, or Unknown with a target."""
        found = self.fields.get(name)
        if found is None and (other := self.fields.get(self.alias.get(name, ""))) is not None and not isinstance(other, Absent):
            return replace(other, origin=Through(f"{self.label}.{name}", span, other.origin))
        if found is None or isinstance(found, Absent):
            found = self.implied(name) or found
        what, target = f"{self.label}.{name}", Target(self.key, name)
        match found:
            case Known():
                return Known(found.value, Through(what, span, found.origin, self.key, name))
            case Unknown():
                origin = Through(what, span, found.origin, self.key, name)
                return Unknown(found.reason, found.symbol, origin, target, found.parts, found.among, found.root)
            case _:
                # Null lets the provider choose, so it is the same as not written.
                written = Written(self.header if self.header is not None else span)
                return Unknown(self.reason, f"{self.key}.{name}", Through(what, span, written, self.key, name), target)


@dataclass(frozen=True, slots=True, eq=False)
class InstanceMap(Object):
    """The instances of a block with ``for_each``. Those in ``maybe`` may not exist; ``others`` stands for those of unknown key."""

    maybe: Mapping[str, Value[Any]] = field(default_factory=dict)
    others: Value[Any] | None = None

    def uncertain(self, name: str) -> Value[Any] | None:
        """Return the instance that a key names if it exists at all."""
        return self.maybe.get(name, self.others)


def opaque(known: Known[Any]) -> Unknown:
    """Return a whole resource as the Unknown that stands for it where an object is of no use."""
    resource: ResourceObject = known.value
    return Unknown(resource.reason, resource.key, known.origin, Target(resource.key, ""))
