"""Expressions evaluated as a module would, and whether the answer is the one that ``terraform console`` gave."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from golden_corpus import ANSWERS, EXCLUDED, FILES

from drpolicy.model.reasons import Reason
from drpolicy.model.values import Unknown, Value
from drpolicy.sources.trees import MemoryTree
from drpolicy.terraform.conversion import plain
from drpolicy.terraform.functions.json_text import dumps
from drpolicy.terraform.load import load_terraform
from drpolicy.terraform.unknowns import first_unknown


@lru_cache(maxsize=1)
def answers() -> Mapping[str, str | None]:
    """Return the JSON that Terraform gave for each expression, ``None`` where it refused."""
    return dict(json.loads(ANSWERS.read_text("utf-8")))


def values(
    expressions: Mapping[str, str], context: str = "", beside: Mapping[str, bytes] = MappingProxyType(FILES)
) -> dict[str, Value[Any] | None]:
    """Return the value of each named expression; ``None`` for one that is no expression at all, as the problems say."""
    files: dict[str, str | bytes] = dict(beside)
    wrapped = {name: f"(\n{each}\n)" if "\n" in each else each for name, each in expressions.items()}
    found: dict[str, Value[Any] | None] = {}
    for name, expression in wrapped.items():
        text = f'{context}resource "test_one" "{name}" {{\n  value = {expression}\n}}\n'
        estate = load_terraform(MemoryTree({**files, "main.tf": text}), ["main.tf"], wanted=lambda type_: type_ == "test_one")
        resources = estate.roots[0].resources if estate.roots else ()
        refused = [problem for problem in estate.problems if problem.code in ("hcl-syntax", "hcl-expression")]
        found[name] = None if refused or not resources else resources[0].attributes.fields.get("value")
    return found


def disagreement(expression: str, expected: str | None) -> str | None:
    """Return how our answer differs from Terraform's, or ``None`` when it does not."""
    if expression in EXCLUDED:
        return None
    value = values({"x": expression})["x"]
    if value is None:
        return None if expected is None else f"not an expression, but is {expected}"
    unknown = first_unknown([value])
    if expected is None:
        if unknown is not None and unknown.reason is Reason.FUNCTION_NOT_EVALUATED and isinstance(value, Unknown):
            return None if not re.search(r"(?:is|are) not evaluated", unknown.symbol) else f"{unknown.symbol}, but is refused"
        return f"{unknown.symbol if unknown else dumps(plain(value))}, but is refused"
    if unknown is not None:
        return f"{unknown.symbol}, but is {expected}"
    ours = dumps(plain(value))
    return None if ours == expected else f"{ours}, but is {expected}"


def known_value(expression: str) -> Value[Any]:
    """Return the value of one expression."""
    value = values({"x": expression})["x"]
    assert value is not None, expression
    return value
