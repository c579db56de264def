"""Modules that were not on disk, or read from their documented interface, grouped by where they come from."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import Final

from drpolicy.model.patterns import deferred
from drpolicy.model.records import dataclass
from drpolicy.reporters.languages import ENGLISH, Translate

_ENTRY: Final = deferred(r"(?:(?P<root>[^:\s]*):)?(?P<address>module\.\S.*?|terraform\.source) \((?P<source>.*)\)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class ModuleSource:
    """One source and the calls of it."""

    source: str
    calls: int
    addresses: tuple[tuple[str, int], ...]
    """Each address and in how many deployments it stands, the most frequent first."""


def by_source(entries: Iterable[str]) -> tuple[ModuleSource, ...]:
    """Group coverage entries (``deployment:module.x (source)``) by source, the most called first; others stay as they are."""
    found: dict[str, Counter[str]] = {}
    for entry in entries:
        match = _ENTRY.fullmatch(entry)
        source, address = (match["source"], match["address"]) if match is not None else (entry, entry)
        found.setdefault(source, Counter())[address] += 1
    sources = (
        ModuleSource(source, addresses.total(), tuple(sorted(addresses.items(), key=lambda each: (-each[1], each[0]))))
        for source, addresses in found.items()
    )
    return tuple(sorted(sources, key=lambda each: (-each.calls, each.source)))


def addresses(source: ModuleSource, translate: Translate = ENGLISH) -> str:
    """Return the addresses of a source's calls: ``module.label in 12 deployments, module.vpc``."""
    if source.addresses == ((source.source, 1),):
        return ""
    said = translate("{address} in {count} deployments")
    return ", ".join(address if count == 1 else said.format(address=address, count=f"{count:,}") for address, count in source.addresses)
