"""Expressions that are compiled when they are first used answer as compiled ones do."""

from __future__ import annotations

import importlib
import pkgutil
import re

import pytest

import drpolicy
from drpolicy.model.patterns import deferred

KIND = type(deferred(""))
WORDS = r"(?P<first>[a-z]+)-(\d+)"


def test_it_answers_as_a_compiled_one() -> None:
    late, early = deferred(WORDS, re.IGNORECASE), re.compile(WORDS, re.IGNORECASE)
    text = "AB-1 cd-22"
    assert [each.group("first") for each in late.finditer(text)] == [each.group("first") for each in early.finditer(text)]
    assert late.sub(r"\2", text) == early.sub(r"\2", text)
    assert (late.pattern, late.flags, late.groups) == (early.pattern, early.flags, early.groups)


def test_what_is_wrong_with_it_is_said_when_it_is_used() -> None:
    late = deferred("(")
    with pytest.raises(re.error, match="missing \\), unterminated subpattern"):
        late.match("x")


def test_a_method_is_looked_up_once() -> None:
    late = deferred(WORDS)
    assert late.match is late.match


def test_every_expression_of_the_package_compiles() -> None:
    names = [each.name for each in pkgutil.walk_packages(drpolicy.__path__, "drpolicy.") if not each.name.endswith("__main__")]
    found = [value for name in names for value in vars(importlib.import_module(name)).values() if isinstance(value, KIND)]
    assert len(found) > 200
    for each in found:
        re.compile(each.pattern, each.flags)
