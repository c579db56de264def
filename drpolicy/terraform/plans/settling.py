"""What is written, settled by what Terraform planned: the plan gives values, the configuration says where they come from."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from drpolicy.model.provenance import Default, Derived, Provenance, Through, Written, written_at
from drpolicy.model.reasons import Reason
from drpolicy.model.records import dataclass, replace
from drpolicy.model.spans import Span
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Member, Members, Object, Target, Unknown, Value, target_of

_FILLED_IN = "terraform show -json, attributes that are not in the configuration (Terraform docs, JSON Output Format, 2026-11)"


@dataclass(frozen=True, slots=True)
class Settlement:
    """How the attributes of one resource are settled. ``what`` names the file (``plan``, ``state``)."""

    what: str
    header: Span
    unwritten: Callable[[str], bool]
    """Whether an attribute that is known only after apply, and not in the configuration, is certainly one that nobody wrote."""

    exists: Callable[[str], bool]
    """Whether a key is that of a resource in the file: a reference to one that is not may be from an older configuration."""

    holds: Callable[[Target, Any], bool]
    """Whether the attribute that a target names has a value: an expression that refers to it may still make another one of it."""

    def attribute(self, name: str, written: Value[Any] | None, planned: Value[Any]) -> Value[Any]:
        """Return one attribute. ``written`` is what the configuration says of it, ``None`` when it says nothing."""
        if written is None or isinstance(written, Absent):
            return self._filled_in(name, planned, self.unwritten(name))
        return self._settled(name, written, planned)

    def _filled_in(self, name: str, planned: Value[Any], unwritten: bool) -> Value[Any]:
        """Return what nobody wrote: the provider's choice where it is known, nothing where the provider has yet to choose."""
        match planned:
            case Unknown() if not unwritten:
                return planned
            # The provider's SDK keeps "", [] and {} for what was never set.
            case Unknown() | Absent() | Known(""):
                return Absent(Written(self.header))
            case Known(inner) if size_of(inner) == 0:
                return Absent(Written(self.header))
            case Known(bool() | int() | float() | str() as plain):
                text = str(plain).lower() if isinstance(plain, bool) else str(plain)
                return Known(plain, Default(f"{name} = {text}", f"the provider's value in the {self.what}; {_FILLED_IN}", self.header))
            case _:
                return planned

    def _settled(self, name: str, written: Value[Any], planned: Value[Any]) -> Value[Any]:
        match written, planned:
            case Absent(), _:
                return self._filled_in(name, planned, False)
            case _, Unknown(reason=Reason.SENSITIVE):
                return replace(planned, target=target_of(written))
            case Known(), Unknown():
                return written
            case Unknown(), Unknown():
                return self._still_unknown(written, planned)
            case Known(Members() as inner), Absent() if inner.certain and not inner.elements:
                return written
            case _, Absent():
                return Absent(written.origin)
            case Known(Members() as ours), Known(Members() as theirs):
                return Known(self._elements(ours, theirs), written.origin)
            case Known(Members() as ours), Known(Object()):
                # A single nested block, which HCL gives as a list of one like every other block.
                return Known(self._elements(ours, Members((Member(planned),))), written.origin)
            case Known(Object() as ours), Known(Object() as theirs):
                return Known(self._fields(ours, theirs), written.origin)
        assert isinstance(planned, Known)
        return self._now_known(written, planned)

    def _still_unknown(self, written: Unknown, planned: Unknown) -> Value[Any]:
        """Return the one that says more: where a value comes from is known even if the value is not."""
        ours = self.exists(written.target.key) if written.target is not None else written.reason is Reason.COMPUTED
        if not ours and planned.target is not None:
            return planned
        # What the plan could not settle, nothing will but applying it.
        return written if written.reason is Reason.COMPUTED else replace(written, reason=Reason.COMPUTED, root=None, among=())

    def _now_known(self, written: Value[Any], planned: Known[Any]) -> Value[Any]:
        if isinstance(written, Known) and _text(written.value) == _text(planned.value):
            return Known(planned.value, written.origin)
        origin: Provenance = Derived(f"as the {self.what} has it", (planned.origin,), written_at(written.origin))
        if isinstance(planned.value, (Object, Members)):
            return self._inside(written, planned)
        link = target_of(written)
        if link is not None and isinstance(written, Unknown) and self.holds(link, planned.value):
            origin = Through(f"{link.key.partition('//')[2]}.{link.attribute}", written_at(written.origin), origin, *link)
        return Known(planned.value, origin)

    def _inside(self, written: Value[Any], planned: Known[Any]) -> Value[Any]:
        """Return a collection that one expression makes: what is unknown in it is so because of what that expression refers to."""

        def each(value: Value[Any]) -> Value[Any]:
            if isinstance(value, Unknown):
                link = target_of(written) if value.target is None else None
                return value if link is None else replace(value, target=link)
            return self._now_known(written, value) if isinstance(value, Known) else value

        if isinstance(planned.value, Object):
            return Known(Object({name: each(value) for name, value in planned.value.fields.items()}), written.origin)
        return Known(Members(tuple(Member(each(member.value)) for member in planned.value.elements)), written.origin)

    def _fields(self, written: Object, planned: Object) -> Object:
        found: dict[str, Value[Any]] = {}
        for name, value in planned.fields.items():
            ours = written.fields.get(name)
            if ours is None and written.rest is not None:
                found[name] = value
            else:
                found[name] = self._filled_in(name, value, self.unwritten(name)) if ours is None else self._settled(name, ours, value)
        return Object(found)

    def _elements(self, written: Members[Value[Any]], planned: Members[Value[Any]]) -> Members[Value[Any]]:
        """Pair the elements: Terraform sorts sets by rules of its own, so blocks need not come in the order they are written in."""
        ours = [member.value for member in written.elements if member.presence is not Truth.FALSE]
        theirs = [member.value for member in planned.elements]
        pairs = _paired(ours, theirs)
        order = (
            sorted(range(len(theirs)), key=lambda at: (pairs.get(at, len(ours)), at)) if len(pairs) == len(theirs) else range(len(theirs))
        )
        return Members(tuple(Member(self._settled("", ours[pairs[at]], theirs[at]) if at in pairs else theirs[at]) for at in order))


def _paired(ours: list[Value[Any]], theirs: list[Value[Any]]) -> dict[int, int]:
    """Return for each planned element the written one that it is, each once: the one that agrees best, in the order written."""
    if len(ours) == len(theirs) and all(_agreement(one, other) >= 0 for one, other in zip(ours, theirs, strict=True)):
        return {at: at for at in range(len(theirs))}
    if len(ours) * len(theirs) > 10_000:
        return {}
    scores = sorted(
        ((-_agreement(one, other), at, index) for index, one in enumerate(ours) for at, other in enumerate(theirs)),
    )
    pairs: dict[int, int] = {}
    used: set[int] = set()
    for score, at, index in scores:
        if at not in pairs and index not in used and score <= 0:
            pairs[at] = index
            used.add(index)
    return pairs


def _agreement(written: Value[Any], planned: Value[Any]) -> int:
    """Return how many scalars agree; below zero when anything that is certain does not."""
    match written, planned:
        case Known(Object() as ours), Known(Object() as theirs):
            total = 0
            for name, value in ours.fields.items():
                score = _agreement(value, theirs.fields.get(name, Absent(planned.origin)))
                if score < 0:
                    return score
                total += score
            return total
        case Known(Members()), _:
            return 0
        case Known(plain), Known(other) if not isinstance(other, (Object, Members)):
            return 1 if _text(plain) == _text(other) else -1
        case Known(plain), Absent() if plain not in ("", False, 0):
            return -1
        case _:
            return 0


def _text(value: Any) -> str:
    """Return a scalar as Terraform converts it: the provider's type decides whether ``"7"`` is a number."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def size_of(value: object) -> int | None:
    """Return how much a collection holds; ``None`` for anything else."""
    match value:
        case Members():
            return len(value.elements)
        case Object():
            return len(value.fields)
        case _:
            return None


def known_keys(keys: Collection[str]) -> Callable[[str], bool]:
    """Return whether a key, with or without the instance at its end, is one of ``keys``."""
    blocks = {key.rpartition("[")[0] for key in keys if key.endswith("]") and "[" in key}
    return lambda key: key in keys or key in blocks
