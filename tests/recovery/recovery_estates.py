"""Estates built from a few lines of Terraform, manifests and declarations."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import date
from typing import Any

from drpolicy.app.reading import read_tree
from drpolicy.catalog.load import built_in_catalog
from drpolicy.model.durations import Duration
from drpolicy.model.estate import Estate
from drpolicy.model.stores import Protection, Store
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known
from drpolicy.recovery.build import build_estate
from drpolicy.recovery.logic import truth_of
from drpolicy.sources.trees import MemoryTree

sys.setrecursionlimit(20_000)  # what the command line runs with

AS_OF = date(2026, 11, 1)
HERE, THERE = "eu-west-1", "eu-central-1"
PROVIDERS = f"""provider "aws" {{
  region = "{HERE}"
}}
provider "aws" {{
  alias  = "dr"
  region = "{THERE}"
}}
"""


def estate_of(files: Mapping[str, str] | str, variables: Mapping[str, str] | None = None) -> Estate:
    """Return the estate of some files, or of one ``main.tf`` behind two providers."""
    given = {"main.tf": PROVIDERS + files} if isinstance(files, str) else files
    return build_estate(read_tree(MemoryTree(given), variables=variables).inputs, built_in_catalog(), AS_OF)


def store(estate: Estate, address: str) -> Store:
    (found,) = [each for each in estate.stores if each.address == address]
    return found


def by_mechanism(given: Store) -> dict[str, Protection]:
    return {each.mechanism: each for each in given.protections}


def plain(value: Any) -> Any:
    """Return a value's content; ``None`` when it is absent, its reason's label when it is unknown."""
    if isinstance(value, Known):
        return str(value.value) if isinstance(value.value, Duration) else value.value
    return None if isinstance(value, Absent) else value.reason.label


def outlives(protection: Protection) -> str:
    """Return the disruptions that a protection survives; those it may survive have a question mark."""
    marks = {Truth.TRUE: "", Truth.UNKNOWN: "?"}
    names = ("corruption", "hardware", "az", "region", "account")
    truths = [(name, truth_of(getattr(protection.survives, name))) for name in names]
    return " ".join(name + marks[truth] for name, truth in truths if truth is not Truth.FALSE)
