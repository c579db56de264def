"""Records against the standard library's dataclasses: what one does, the other does."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable
from typing import Any, Generic, TypeVar

import pytest

from drpolicy.model import records

T = TypeVar("T")


def _family(module: Any, **settings: Any) -> list[Any]:
    """Return the same classes made by one of the two modules."""
    made: Callable[[type], Any] = module.dataclass(frozen=True, **settings)

    class Point(Generic[T]):
        """A class with each kind of field."""

        x: T
        y: int = 2
        tags: list[str] = module.field(default_factory=list, compare=False)
        note: str = module.field(default="", repr=False, metadata={"doc": "said"})
        seen: dict[str, int] = module.field(default_factory=dict, init=False, compare=False)

        @property
        def sum(self) -> Any:
            return self.x + self.y

    point = made(Point)

    class Shaped(point):  # type: ignore[misc, valid-type] # made at run time on purpose
        """A class that inherits fields and adds one."""

        shape: str = "dot"

    class Renamed(point):  # type: ignore[misc, valid-type] # made at run time on purpose
        """A class without fields of its own and with its own text."""

        def __repr__(self) -> str:
            return "renamed"

    class Wide:
        """A class with as many fields as are assigned rather than set."""

        x: int
        y: int = 2
        tags: list[str] = module.field(default_factory=list, compare=False)
        note: str = module.field(default="", repr=False)
        seen: dict[str, int] = module.field(default_factory=dict, init=False, compare=False)
        a: int = 5
        b: int = 6
        c: int = 7

        @property
        def sum(self) -> int:
            return self.x + self.y

    wide = made(Wide)

    class Wider(wide):  # type: ignore[misc, valid-type] # made at run time on purpose
        """A class that inherits all of them."""

        d: int = 8

    return [point, made(Shaped), made(Renamed), wide, made(Wider)]


def _parameters(method: Any) -> list[tuple[str, bool]]:
    """Return the names of a method's parameters, and whether each must be given; without the record itself."""
    return [(each.name, each.default is inspect.Parameter.empty) for each in inspect.signature(method).parameters.values()][1:]


@pytest.mark.parametrize("settings", [{"slots": True}, {"slots": True, "eq": False}, {"eq": False}, {}], ids=str)
def test_a_record_behaves_as_a_dataclass(settings: dict[str, Any]) -> None:
    for ours, theirs in zip(_family(records, **settings), _family(dataclasses, **settings), strict=True):
        assert repr(ours(1)) == repr(theirs(1))
        assert _parameters(vars(ours).get("__init__", ours.__new__)) == _parameters(theirs.__init__)
        assert ours.__match_args__ == theirs.__match_args__
        assert (ours.__name__, ours.__qualname__, ours.__doc__) == (theirs.__name__, theirs.__qualname__, theirs.__doc__)
        assert [each.name for each in records.fields(ours)] == [each.name for each in dataclasses.fields(theirs)]
        assert [dict(each.metadata) for each in records.fields(ours)] == [dict(each.metadata) for each in dataclasses.fields(theirs)]
        for arguments in ((1,), (1, 5), (1, 5, ["a"], "note")):
            one, other = ours(*arguments), theirs(*arguments)
            assert repr(one) == repr(other)
            assert one.sum == other.sum
            assert (one == ours(*arguments)) == (other == theirs(*arguments))
            assert (one == ours(7)) == (other == theirs(7))
            assert (hash(one) == hash(ours(*arguments))) == (hash(other) == hash(theirs(*arguments)))
            changed, wanted = records.replace(one, x=9, note="n"), dataclasses.replace(other, x=9, note="n")
            assert (changed.x, changed.y, changed.tags, changed.note) == (wanted.x, wanted.y, wanted.tags, wanted.note)
            assert hasattr(one, "__dict__") == hasattr(other, "__dict__")
        assert ours(1).tags is not ours(1).tags


def test_a_maker_makes_what_the_class_makes() -> None:
    point, _, _, wide, _ = _family(records, slots=True)
    for class_ in (point, wide):
        made = records.maker(class_)
        for arguments in ((1,), (1, 5), (1, 5, ["a"], "note")):
            assert made(*arguments) == class_(*arguments)
            assert type(made(*arguments)) is class_
        assert made(1).tags is not made(1).tags
        with pytest.raises(AttributeError, match=rf"{class_.__name__} is frozen: x cannot be changed"):
            made(1).x = 2
        with pytest.raises(TypeError, match="missing 1 required positional argument: 'x'"):
            made()


def test_a_frozen_record_refuses_changes() -> None:
    for class_ in _family(records, slots=True):
        one = class_(1)
        with pytest.raises(AttributeError, match=rf"{class_.__name__} is frozen: x cannot be changed"):
            one.x = 2
        with pytest.raises(AttributeError, match="is frozen"):
            del one.x


def test_a_record_that_compares_and_may_change_has_no_hash() -> None:
    @records.dataclass(slots=True)
    class Counter:
        count: int = 0

    one = Counter()
    one.count = 3
    assert one == Counter(3)
    assert Counter.__hash__ is None


def test_equality_needs_the_same_class() -> None:
    point, shaped, *_ = _family(records, slots=True)
    assert point(1) != shaped(1)
    assert point.__eq__(point(1), 1) is NotImplemented


def test_a_record_without_slots_extends_none_with_slots() -> None:
    @records.dataclass(slots=True)
    class Counter:
        count: int = 0

    with pytest.raises(TypeError, match="Named has no slots, and would extend a record that has"):

        @records.dataclass()
        class Named(Counter):
            name: str = ""
