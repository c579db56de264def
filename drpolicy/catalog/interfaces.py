"""Modules that are known by their documented interface: which source and version is described where."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from drpolicy.catalog.load import bundle
from drpolicy.catalog.module_sources import module_source
from drpolicy.catalog.versions import VersionSpan, allowed_versions
from drpolicy.model.patterns import deferred
from drpolicy.model.records import dataclass
from drpolicy.model.spans import Source

DIRECTORY: Final = Path(__file__).with_name("modules")
"""Stub modules: plain ``.tf`` files that say what a module of the registry makes of its inputs."""

_TAG: Final = deferred(r"v?\d+\.\d+\.\d+")


@dataclass(frozen=True, slots=True)
class Interface:
    """The documented interface of the versions of a module that are alike in all that matters to recovery."""

    module: str
    versions: str
    """A constraint: ``>= 4.0.0, < 8.0.0``."""
    directory: str
    """Where its stub is, below ``DIRECTORY``."""
    page: str
    """What it was written from: pages, versions, date."""

    def __str__(self) -> str:
        return f"the documented interface of {self.module} {self.versions}"


@dataclass(frozen=True, slots=True)
class NotDescribed:
    """Why a module that has a stub is not known in the version that is asked for."""

    why: str


class Interfaces:
    """Every interface, by the names that a module goes by."""

    def __init__(self, modules: Iterable[Mapping[str, Any]]) -> None:
        self._found: dict[str, list[Interface]] = {}
        for data in modules:
            known = [Interface(data["module"], each["versions"], each["directory"], each["page"]) for each in data["interfaces"]]
            for name in (data["module"], *(each.lower() for each in data.get("git", ()))):
                self._found[name] = known

    def find(self, source: str, version: str | None) -> Interface | NotDescribed | None:
        """Return what describes a module call's source and version constraint; ``None`` for modules that nothing describes.

        A constraint must lie within the versions of one interface: otherwise what is installed may be something else.
        """
        named = module_source(source)
        known = self._found.get(named.name) if named is not None else None
        if named is None or not known:
            return None
        # A version of something that is not described in any of them is not asked for.
        known = [each for each in known if _submodule(each, named.submodule) is not None]
        if not known:
            return None
        if named.git:
            version = named.ref
            if version is not None and not _TAG.fullmatch(version):
                return NotDescribed(f"{_described(known)}; ref {version!r} is no version")
        asked = VersionSpan() if version is None else allowed_versions(version)
        if asked is None:
            return NotDescribed(f"{_described(known)}; version {version!r} cannot be compared")
        for each in known:
            span = allowed_versions(each.versions)
            if span is not None and span.contains(asked):
                return _submodule(each, named.submodule)
        said = f"version {version!r} allows others" if version is not None else "no version is asked for"
        return NotDescribed(f"{_described(known)}; {said}")


def _described(known: Iterable[Interface]) -> str:
    return f"its interface is known for {' and for '.join(each.versions for each in known)}"


def _submodule(interface: Interface, submodule: str) -> Interface | None:
    if not submodule:
        return interface
    directory = f"{interface.directory}/{submodule}"
    if ".." in submodule.split("/") or not (DIRECTORY / directory).is_dir():
        return None
    return Interface(f"{interface.module}//{submodule}", interface.versions, directory, interface.page)


@cache
def built_in_interfaces() -> Interfaces:
    """Return the shipped interfaces; their files are read when a call asks for them."""
    return Interfaces(bundle()["modules"])


def interface_files(directory: str) -> tuple[Source, ...]:
    """Return the files of one stub module, none when there is no such stub. Their paths begin with ``stub:``."""
    paths = sorted((DIRECTORY / directory).glob("*.tf"))
    return tuple(Source(f"stub:{directory}/{path.name}", path.read_text("utf-8")) for path in paths)
