"""The page on conditions: the subset of CEL, and every field of every subject. All tables come from what checks conditions."""

from __future__ import annotations

import ast
import inspect
import re
import sys
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any, Final

from drpolicy.cel import fields_of
from drpolicy.cel.functions import FUNCTIONS, MACROS, Function
from drpolicy.cel.overloads import Refusal, binary_type
from drpolicy.cel.types import BOOL, DOUBLE, DURATION, INT, RANGE, STRING, Field, List, Map, Optional, Record, Type, describe
from drpolicy.model.estate import SUBJECTS

_INTRODUCTION: Final = """\
# Conditions

The conditions of policies, and those of the catalog, are written in a subset of
[CEL](https://github.com/google/cel-spec), the language of Kubernetes admission policies. They are checked when they are loaded: a
field that does not exist, or an operator that does not take its operands, is an error with its place and the nearest name. Where
everything is known the result is that of Google's CEL.

A condition is about one subject, `self`; `params` are the parameters of its policy.

## What cannot be known

A value may not be known: a variable that is not set, a module that is not on disk. A condition is then true, false or **not known**,
by Kleene's logic: `false && x` is false and `true || x` is true whatever x is; anything else that rests on x is not known. The same
holds for collections: `exists` is true when one element that is certainly there satisfies it, and false only when no element can be
missing; `all` is the other way round; the size of a collection that may have more elements is not known. A verdict of UNKNOWN says
what would settle it.

Fields marked *optional* may be absent. They are read through `has(self.region)`, through `self.?region.orValue("…")`, or plainly where
a `has` stands before them (`has(self.region) && self.region == "eu-west-1"`, or in the policy's `when`). Anything else is an error when the
policy is loaded.
"""

EXAMPLES: Final = (
    ('self.type == "aws_db_instance"', "one type"),
    ('self.kind in ["database", "table"]', "one of several"),
    ("self.protections.exists(p, p.survives.region)", "some protection outlives the region"),
    ('self.protections.all(p, p.kind != "replica" || p.works)', "every replica works"),
    ('size(self.protections.filter(p, p.kind == "backup" && p.scheduled)) >= 2', "two recurring backups"),
    ('self.recovery.region.rpo <= duration("1h")', "at most an hour of data is lost with the region"),
    ("has(self.versioned) && self.versioned", "an optional field"),
    ('self.?region.orValue("") != "us-east-1"', "an optional field, with what stands for it when absent"),
    ('has(self.attributes.tags) && self.attributes.tags.owner == "shop"', "raw attributes"),
    ('self.requiredBy.exists(s, s.?tier.orValue("") == "critical")', "a critical service needs it"),
    ('self.name.matches("^prod-")', "a regular expression (RE2)"),
)
"""Conditions on a Store that the page shows; each compiles."""

_OPERATORS: Final = ("==", "!=", "<", "<=", ">", ">=", "in", "+", "-", "*", "/", "%")
_TYPES: Final[tuple[Type, ...]] = (BOOL, INT, DOUBLE, STRING, DURATION, RANGE, List(STRING), Map(STRING))
_MEANINGS: Final[Mapping[str, str]] = {
    "all": "`list.all(x, condition)`: every element satisfies it",
    "exists": "`list.exists(x, condition)`: some element satisfies it",
    "exists_one": "`list.exists_one(x, condition)`: exactly one element satisfies it; absorbs no error",
    "filter": "`list.filter(x, condition)`: the elements that satisfy it",
    "map": "`list.map(x, value)`: a value for each element",
    "orValue": "`self.?field.orValue(value)`: the field, or the value when it is absent",
}


def conditions_page() -> str:
    """Return the page as Markdown; the same on every run."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield _INTRODUCTION
    yield "## Examples"
    yield ""
    yield "| condition on a Store | what it says |"
    yield "| --- | --- |"
    yield from (f"| `{_cell(text)}` | {said} |" for text, said in EXAMPLES)
    yield ""
    yield "## Operators"
    yield ""
    yield "`&&`, `||`, `!` and `condition ? value : value` take bools; `-` before an int or a double negates it."
    yield ""
    yield "| operator | takes |"
    yield "| --- | --- |"
    yield from (f"| `{each}` | {_takes(each)} |" for each in _OPERATORS)
    yield ""
    yield "A `range` is what can be had back, at best and at worst: it is within a duration when its worst is, beyond it when its best is,"
    yield "and not known in between."
    yield ""
    yield "## Functions"
    yield ""
    yield "| function | gives |"
    yield "| --- | --- |"
    yield from (f"| `{_signature(each)}` | {describe(each.result)} |" for each in FUNCTIONS.values())
    yield '| `duration("15m")` | duration; a literal, such as `90s`, `15m` or `168h` |'
    yield "| `has(self.field)` | bool: whether it is given |"
    yield ""
    yield "## Over collections"
    yield ""
    yield from (f"- {_MEANINGS[each]}" for each in MACROS)
    yield ""
    yield "## Subjects"
    yield ""
    yield "A policy's `subject` is one of these. A list is closed or may have more elements than are known; a map holds raw attributes."
    subjects = [cls for cls, _ in SUBJECTS.values()]
    for cls in subjects:
        yield from _record(cls)
    yield ""
    yield "## What they consist of"
    for cls in _parts(subjects):
        yield from _record(cls)


def _takes(operator: str) -> str:
    if operator == "in":
        return "a value and a list; a string and a map"
    pairs = [
        f"{describe(left)} and {describe(right)}"
        for left in _TYPES
        for right in _TYPES
        if not isinstance(binary_type(operator, left, right), Refusal)
    ]
    return ", ".join(pairs)


def _signature(function: Function) -> str:
    kinds = ["|".join(describe(kind) for kind in each) for each in function.parameters]
    receiver = f"{kinds[0]}." if function.method else ""
    given = kinds[1:] if function.method else kinds
    shown = [name if at < function.required - function.method else f"[{name}]" for at, name in enumerate(given)]
    return _cell(f"{receiver}{function.name}({', '.join(shown)})")


def _record(cls: type[Any]) -> Iterator[str]:
    yield ""
    yield f"### {cls.__name__}"
    yield ""
    yield _prose(inspect.cleandoc(cls.__doc__ or "").partition("\n\n")[0])
    yield ""
    yield "| field | type | |"
    yield "| --- | --- | --- |"
    docs = _attribute_docs(cls)
    for field in fields_of(cls).values():
        said = " ".join([*(["*optional.*"] if field.optional else []), _prose(field.doc or docs.get(field.attribute, ""))]).strip()
        yield f"| `{field.name}` | {_cell(_linked(field))} | {_cell(said)} |"


def _linked(field: Field) -> str:
    record = _inner(field.type)
    name = describe(field.type)
    return name if record is None else name.replace(record.__name__, f"[{record.__name__}](#{record.__name__.lower()})")


def _inner(type: Type) -> type[Any] | None:
    match type:
        case Record(cls):
            return cls
        case List(element) | Map(element) | Optional(element):
            return _inner(element)
        case _:
            return None


def _parts(subjects: list[type[Any]]) -> list[type[Any]]:
    """Return the records that fields of subjects lead to and that are no subjects, in the order they are met."""
    waiting, found = list(subjects), list(subjects)
    while waiting:
        for field in fields_of(waiting.pop(0)).values():
            record = _inner(field.type)
            if record is not None and record not in found:
                found.append(record)
                waiting.append(record)
    return found[len(subjects) :]


def _attribute_docs(cls: type[Any]) -> Mapping[str, str]:
    """Return what stands under each field of a class, in its source."""
    module = ast.parse(inspect.getsource(sys.modules[cls.__module__]))
    body = next((node.body for node in module.body if isinstance(node, ast.ClassDef) and node.name == cls.__name__), [])
    found = {}
    for field, below in pairwise(body):
        match field, below:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                found[name] = inspect.cleandoc(text)
    return found


def _prose(text: str) -> str:
    return re.sub(r"``(.+?)``", r"`\1`", " ".join(text.split()))


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
