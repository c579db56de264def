"""``@dataclass`` as the standard library has it, in the part that drpolicy uses and at a fraction of its start-up cost.

The standard decorator compiles six methods for each class: 0.8 ms a class, half of what a hook takes that finds nothing
to do. Here classes share them, ``__init__`` with those of as many fields. Type checkers see the standard decorator, and
tests hold what comes out against what that one makes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from operator import attrgetter
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

if TYPE_CHECKING:
    from dataclasses import Field, dataclass, field, fields, replace
else:

    class Field:
        """One field of a record."""

        __slots__ = ("compare", "default", "default_factory", "init", "metadata", "name", "repr")

        def __init__(self, default: Any, default_factory: Any, init: bool, repr: bool, compare: bool, metadata: Mapping[str, Any]) -> None:
            self.name = ""
            self.default = default
            self.default_factory = default_factory
            self.init = init
            self.repr = repr
            self.compare = compare
            self.metadata = metadata

    def field(
        *,
        default: Any = ...,
        default_factory: Any = ...,
        init: bool = True,
        repr: bool = True,
        compare: bool = True,
        metadata: Mapping[str, Any] | None = None,
    ) -> Any:
        """Return a field's settings; an ellipsis stands for no default."""
        return Field(default, default_factory, init, repr, compare, metadata or {})

    def dataclass(*, frozen: bool = False, slots: bool = False, eq: bool = True) -> Callable[[type], type]:
        """Make a class a record: ``__init__`` and ``__repr__``; equality by value if ``eq``, and then a hash if ``frozen``."""
        return lambda class_: _record(class_, frozen, slots, eq)

    def fields(record: Any) -> tuple[Field, ...]:
        """Return the fields of a record or of its class, in order."""
        return tuple(record.__record_fields__.values())

    def replace(record: Any, /, **changes: Any) -> Any:
        """Return a copy with some fields changed."""
        kept = {name: getattr(record, name) for name, each in record.__record_fields__.items() if each.init and name not in changes}
        return type(record)(**kept, **changes)


def maker(class_: Callable[P, T]) -> Callable[P, T]:
    """Return what makes records of a class as calling it does, in half the time: for a loop that makes a hundred thousand.

    The class is frozen, has slots, and inherits no field.
    """
    record: Any = class_
    made: Callable[P, T] = _function(
        record, record.__record_fields__, "made", {"made": object.__new__, "twin": _twin(record), "record": record}
    )
    return made


def is_record(class_: type) -> bool:
    """Whether a class was made by ``dataclass``."""
    return "__record_fields__" in vars(class_)


def _record(class_: Any, frozen: bool, slots: bool, eq: bool) -> Any:
    found: dict[str, Any] = {}
    for base in reversed(class_.__mro__[1:]):
        found |= base.__dict__.get("__record_fields__", {})
    inherited = frozenset(found)
    if not slots and any(hasattr(getattr(class_, name, None), "__set__") for name in inherited):
        raise TypeError(f"{class_.__name__} has no slots, and would extend a record that has")
    own = class_.__annotations__
    for name in own:
        written = class_.__dict__.get(name, ...)
        each = written if isinstance(written, Field) else field(default=written)
        each.name = name
        found[name] = each
    made: dict[str, Any] = {"__record_fields__": found, "__match_args__": tuple(name for name, each in found.items() if each.init)}
    made["__repr__"] = class_.__dict__.get("__repr__", _repr)
    if eq:
        made |= _equality(tuple(name for name, each in found.items() if each.compare), frozen)
    if frozen:
        made |= {"__setattr__": _refuse, "__delattr__": _refuse}
    if slots:
        # Slots are laid out when a class is made, so it is made again; what belonged to the first layout goes.
        kept = {name: value for name, value in class_.__dict__.items() if name not in own and name not in ("__dict__", "__weakref__")}
        slotted = {"__slots__": tuple(name for name in own if name not in inherited), "__qualname__": class_.__qualname__}
        class_ = type(class_)(class_.__name__, class_.__bases__, kept | made | slotted)
    else:
        for name in own:
            if isinstance(class_.__dict__.get(name), Field):
                delattr(class_, name)
        for name, value in made.items():
            setattr(class_, name, value)
    if slots and frozen and len(found) >= _MANY and not inherited:
        class_.__new__ = _first(class_, "__new__", lambda: _maker(class_, found))
    else:
        if class_.__new__ is not object.__new__:
            class_.__new__ = _unfilled
        class_.__init__ = _first(class_, "__init__", lambda: _initialiser(class_, found, slots))
    return class_


def _first(class_: Any, called: str, make: Callable[[], Any]) -> Any:
    """Return what stands for a method until its first call: of most classes a run makes no record at all."""

    def method(self: Any, *arguments: Any, **named: Any) -> Any:
        made = make()
        setattr(class_, called, made)
        return made(self, *arguments, **named)

    return method


def _unfilled(class_: type, *arguments: object, **named: object) -> Any:
    return object.__new__(class_)


_MANY = 8
"""From so many fields on a twin class that is not frozen pays: its fields are simply assigned, and then it becomes the record."""


def _initialiser(class_: Any, found: Mapping[str, Any], slots: bool) -> Any:
    # A slot's own setter is what a frozen class cannot refuse, and the fastest way in for a few fields; else it is the dictionary.
    names = {f"set{at}": getattr(class_, name).__set__ if slots else name for at, name in enumerate(found)}
    return _function(class_, found, "__init__", names, slots)


def _maker(class_: Any, found: Mapping[str, Any]) -> Any:
    return _function(class_, found, "__new__", {"made": object.__new__, "twin": _twin(class_)})


def _twin(class_: Any) -> type:
    """Return a class of the same layout that is not frozen: its instances can become records."""
    return type(
        class_.__name__, class_.__bases__, {"__slots__": class_.__slots__, "__orig_bases__": vars(class_).get("__orig_bases__", ())}
    )


def _function(class_: Any, found: Mapping[str, Any], called: str, names: dict[str, Any], slots: bool = True) -> Any:
    names["unset"] = ...
    kinds, parameters, defaults = "", [] if called == "made" else ["self"], []
    for at, (name, each) in enumerate(found.items()):
        if each.default_factory is not ...:
            names[f"make{at}"] = each.default_factory
        kinds += "v" if each.default_factory is ... else "d" if each.init else "m"
        if each.init:
            parameters.append(name)
            if each.default is not ... or each.default_factory is not ...:
                defaults.append(each.default)
    shared = _setting(kinds, slots) if called == "__init__" else _assigning(kinds, called == "made")
    slotted = {f"slot{at}": name for at, name in enumerate(found)}
    code = shared.replace(
        co_varnames=(*parameters, *shared.co_varnames[len(parameters) :]),
        co_names=tuple(slotted.get(name, name) for name in shared.co_names),
        co_qualname=f"{class_.__qualname__}.{called}",
    )
    return FunctionType(code, names, called, tuple(defaults))


@cache
def _setting(kinds: str, slots: bool) -> CodeType:
    """Return the code of an initialiser; only names are another class's own.

    A letter for each field: a ``v``alue that is given, one that is given or made by ``d``efault, or one that is only ``m``ade.
    """
    if slots:
        return _code(kinds, [f"set{at}(self, {{}})" for at in range(len(kinds))])
    return _code(kinds, ["fields = self.__dict__", *(f"fields[set{at}] = {{}}" for at in range(len(kinds)))], 1)


@cache
def _assigning(kinds: str, alone: bool) -> CodeType:
    """Return the code of what makes a twin and turns it into a record: of the class that it is called on, or ``alone`` of one."""
    slots = [f"new.slot{at} = {{}}" for at in range(len(kinds))]
    return _code(kinds, ["new = made(twin)", *slots, f"new.__class__ = {'record' if alone else 'self'}", "return new"], 1, alone)


def _code(kinds: str, statements: list[str], first: int = 0, alone: bool = False) -> CodeType:
    """Compile a function whose statements from ``first`` on each take a field's value."""
    parameters = [*([] if alone else ["self"]), *(f"p{at}" for at, kind in enumerate(kinds) if kind != "m")]
    values = {"v": "p{0}", "d": "make{0}() if p{0} is unset else p{0}", "m": "make{0}()"}
    for at, kind in enumerate(kinds):
        statements[first + at] = statements[first + at].format(values[kind].format(at))
    names: dict[str, Any] = {}
    exec(f"def function({', '.join(parameters)}):\n " + ("\n ".join(statements) or "pass"), names)
    code: CodeType = names["function"].__code__
    return code


def _equality(compared: tuple[str, ...], frozen: bool) -> dict[str, Any]:
    values = attrgetter(*compared) if compared else lambda record: ()

    def __eq__(self: Any, other: object) -> Any:
        return values(self) == values(other) if other.__class__ is self.__class__ else NotImplemented

    def __hash__(self: Any) -> int:
        return hash(values(self))

    return {"__eq__": __eq__, "__hash__": __hash__ if frozen else None}


def _repr(self: Any) -> str:
    shown = ", ".join(f"{name}={getattr(self, name)!r}" for name, each in self.__record_fields__.items() if each.repr)
    return f"{type(self).__qualname__}({shown})"


def _refuse(self: Any, name: str, *value: object) -> None:
    raise AttributeError(f"{type(self).__name__} is frozen: {name} cannot be changed")


__all__ = ["Field", "dataclass", "field", "fields", "is_record", "replace"]
