"""Stub modules: what describes a module that is not on disk, as if it were written where it is called."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from drpolicy.catalog.interfaces import Interface, NotDescribed
from drpolicy.model.records import dataclass, field, replace
from drpolicy.model.spans import InterfaceSource, Source, Span
from drpolicy.terraform.blocks import FileSyntax
from drpolicy.terraform.files import STUB, Module, build_module


def nothing_described(source: str, version: str | None) -> Interface | NotDescribed | None:
    """Describe no module at all."""
    return None


@dataclass(slots=True, eq=False)
class Stubs:
    """The stub modules of one load. Each is read the first time that a call asks for it."""

    find: Callable[[str, str | None], Interface | NotDescribed | None]
    files: Callable[[str], Iterable[Source]]
    index: Callable[[Source], FileSyntax]
    indexed: dict[str, tuple[FileSyntax, ...]] = field(default_factory=dict)
    refused: set[tuple[str, str]] = field(default_factory=set)
    """Sources that are described in other versions, with the reason: said already."""

    def module(self, path: str, place: Span, interface: str) -> Module | None:
        """Return the stub at a path that begins with ``stub:``, everything in it at ``place``; ``None`` when there is none."""
        if path not in self.indexed:
            self.indexed[path] = tuple(self.index(file) for file in self.files(path.removeprefix(STUB)))
        files = self.indexed[path]
        if not files:
            return None
        return build_module(
            path, [replace(file, source=InterfaceSource(file.source.path, file.source.text, place, interface)) for file in files]
        )
