"""JSON values of plans and states as Values: what is known after apply and what is sensitive are marked in mirrors beside them."""

from __future__ import annotations

import math
from typing import Any

from drpolicy.model.provenance import Provenance
from drpolicy.model.reasons import Reason
from drpolicy.model.records import dataclass
from drpolicy.model.values import Absent, Known, Member, Members, Object, Unknown, Value
from drpolicy.terraform.unknowns import limit

_NESTING = 60


@dataclass(frozen=True, slots=True)
class Marked:
    """A value as Terraform writes it, with its mirrors.

    ``unknown`` and ``sensitive`` are ``true`` for all of it, or have its shape and say it of the parts.
    """

    value: Any
    unknown: Any = None
    sensitive: Any = None

    def names(self) -> tuple[str, ...]:
        """Return the names in an object: those that are there, and those that will be once it is applied."""
        known = self.value if isinstance(self.value, dict) else {}
        later = self.unknown if isinstance(self.unknown, dict) else {}
        return (*known, *(name for name in later if name not in known and _marked(later[name])))

    def field(self, name: str) -> Marked:
        value = self.value.get(name) if isinstance(self.value, dict) else None
        return Marked(value, _part(self.unknown, name), _part(self.sensitive, name))

    def element(self, index: int) -> Marked:
        value = self.value[index] if isinstance(self.value, list) and index < len(self.value) else None
        return Marked(value, _part(self.unknown, index), _part(self.sensitive, index))


def _part(mirror: Any, step: str | int) -> Any:
    match mirror, step:
        case dict(), _:
            return mirror.get(step)
        case list(), int():
            return mirror[step] if step < len(mirror) else None
        case _:
            return True if mirror is True else None


def _marked(mirror: Any) -> bool:
    """Whether anything is marked in a mirror."""
    pending = [mirror]
    while pending:
        match pending.pop():
            case True:
                return True
            case dict() as inner:
                pending.extend(inner.values())
            case list() as inner:
                pending.extend(inner)
    return False


def value_of(marked: Marked, symbol: str, origin: Provenance, depth: int = 0) -> Value[Any]:
    """Return a value. ``symbol`` names it (``deployment//address.attribute``): every value known after apply is unknown by itself.

    A sensitive value is there and cannot be seen: no text of it leaves this function.
    """
    if depth > _NESTING:
        return limit(symbol, origin)
    if marked.unknown is True:
        return Unknown(Reason.COMPUTED, symbol, origin)
    match marked.value:
        case None if not isinstance(marked.unknown, (dict, list)) or not _marked(marked.unknown):
            return Absent(origin)
        case dict():
            return _object(marked, symbol, origin, depth)
        case list():
            return _list(marked, symbol, origin, depth)
        case None:
            return (_object if isinstance(marked.unknown, dict) else _list)(marked, symbol, origin, depth)
        case _ if marked.sensitive is True:
            return Unknown(Reason.SENSITIVE, symbol, origin)
        case str() as text:
            return Known(text if text.isascii() else text.encode("utf-8", "backslashreplace").decode(), origin)
        case float() as number if not math.isfinite(number):
            return limit(symbol, origin)
        case float() as number:
            return Known(int(number) if number.is_integer() and abs(number) < 2**53 else number, origin)
        case plain:
            return Known(plain, origin)


def _object(marked: Marked, symbol: str, origin: Provenance, depth: int) -> Value[Any]:
    fields = {name: value_of(marked.field(name), f"{symbol}.{name}", origin, depth + 1) for name in marked.names()}
    return Known(Object(fields), origin)


def _list(marked: Marked, symbol: str, origin: Provenance, depth: int) -> Value[Any]:
    length = max(len(each) if isinstance(each, list) else 0 for each in (marked.value, marked.unknown))
    elements = (Member(value_of(marked.element(at), f"{symbol}[{at}]", origin, depth + 1)) for at in range(length))
    return Known(Members(tuple(elements)), origin)
