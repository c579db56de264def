"""Trees: the only door to files.

Paths are POSIX, relative to the root of the tree. A path that leaves the root, lexically or through a symbolic link,
is never opened. Nothing here raises on bad input: a file that cannot be had is an ``Unreadable``.
"""

from __future__ import annotations

import posixpath
from bisect import bisect_left
from collections.abc import Mapping
from functools import cached_property
from typing import Protocol

from drpolicy.model.records import dataclass
from drpolicy.sources.problems import Unreadable

SIZE_LIMIT = 8 * 1024 * 1024
"""Bytes. Real configuration stays far below; the largest bundles of custom resource definitions are about half of it."""

UNLISTED = frozenset({".git", ".terraform", ".terragrunt-cache", "node_modules", ".venv", "__pycache__"})
"""Directories that hold nothing anybody wrote here. Listed only when ``under`` names them or lies inside them."""

LINK_LIMIT = 40
"""Symbolic links followed for one path: Linux's own limit (path_resolution(7))."""


class Tree(Protocol):
    """The files under one root. ``under`` restricts a listing to one directory; ``""`` is the root."""

    def list(self, under: str = "") -> tuple[str, ...]:
        """Return the paths of all files, sorted, relative to the root of the tree, without what lies in ``UNLISTED``."""
        ...

    def skipped(self, under: str = "") -> tuple[Unreadable, ...]:
        """Return what a listing leaves out because it cannot be read: unreadable directories, sockets, escaping links."""
        ...

    def read(self, path: str, limit: int = SIZE_LIMIT) -> bytes | Unreadable:
        """Return the bytes of a file of at most ``limit`` bytes, or why not."""
        ...

    def exists(self, path: str) -> bool:
        """Whether the path is a file or directory inside the root."""
        ...


def normalised(path: str) -> str | None:
    """Return the path without ``.`` and ``..``, the root as ``""``; ``None`` when it leaves the root or names nothing."""
    if not path or path == ".":
        return ""
    if path[0] == "/" or "\0" in path:
        return None
    if "//" not in path and "/." not in path and path[0] != "." and path[-1] != "/":
        return path
    path = posixpath.normpath(path)
    if path == "..":
        return None
    return None if path.startswith("../") else "" if path == "." else path


def escapes(path: str) -> Unreadable:
    """Return what reading a path outside the root gives."""
    return Unreadable(printable(path), "the path leads outside the tree, so it was not opened")


def too_large(path: str, size: int, limit: int) -> Unreadable:
    """Return what reading a file over the limit gives."""
    return Unreadable(path, f"the file has {size:,} bytes; the limit is {limit:,}", "file-too-large")


def printable(path: str) -> str:
    """Return a path as valid Unicode: bytes that were not UTF-8 are shown in hexadecimal."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def listed(path: str, under: str = "") -> bool:
    """Whether a listing under a directory includes the path."""
    if under:
        if not path.startswith(under + "/"):
            return False
        path = path[len(under) + 1 :]
    return UNLISTED.isdisjoint(path.split("/")[:-1])


def within(paths: tuple[str, ...], under: str) -> tuple[str, ...]:
    """Return the part of a sorted listing that lies under a directory."""
    # "0" is the character after "/".
    return paths[bisect_left(paths, under + "/") : bisect_left(paths, under + "0")] if under else paths


@dataclass(frozen=True, eq=False)
class MemoryTree:
    """Files given as a mapping from path to content. Keys that leave the root are not part of the tree."""

    files: Mapping[str, bytes | str]

    @cached_property
    def _files(self) -> dict[str, bytes | str]:
        return {clean: content for path, content in self.files.items() if (clean := normalised(path))}

    @cached_property
    def _directories(self) -> frozenset[str]:
        return directories_of(self._files)

    def list(self, under: str = "") -> tuple[str, ...]:
        base = normalised(under)
        if base is None:
            return ()
        return tuple(sorted(path for path in self._files if listed(path, base)))

    def skipped(self, under: str = "") -> tuple[Unreadable, ...]:
        return ()

    def read(self, path: str, limit: int = SIZE_LIMIT) -> bytes | Unreadable:
        clean = normalised(path)
        if clean is None:
            return escapes(path)
        content = self._files.get(clean)
        if content is None:
            return Unreadable(printable(clean), "it is a directory" if clean in self._directories else "there is no such file")
        data = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
        return data if len(data) <= limit else too_large(clean, len(data), limit)

    def exists(self, path: str) -> bool:
        clean = normalised(path)
        return clean is not None and (clean in self._files or clean in self._directories)


def directories_of(paths: Mapping[str, object]) -> frozenset[str]:
    """Return every directory that the paths imply, the root included."""
    found = {""}
    for path in paths:
        while (path := path.rpartition("/")[0]) not in found:
            found.add(path)
    return frozenset(found)


@dataclass(frozen=True, slots=True)
class OverlayTree:
    """``top`` laid over ``bottom``: a file that ``top`` has hides the one below; nothing of ``bottom`` can be deleted."""

    top: Tree
    bottom: Tree

    def list(self, under: str = "") -> tuple[str, ...]:
        above, below = self.top.list(under), self.bottom.list(under)
        return tuple(sorted({*above, *below})) if above and below else above or below

    def skipped(self, under: str = "") -> tuple[Unreadable, ...]:
        above = self.top.skipped(under)
        named = {one.path for one in above} | set(self.top.list(under))
        return above + tuple(one for one in self.bottom.skipped(under) if one.path not in named)

    def read(self, path: str, limit: int = SIZE_LIMIT) -> bytes | Unreadable:
        return (self.top if self.top.exists(path) else self.bottom).read(path, limit)

    def exists(self, path: str) -> bool:
        return self.top.exists(path) or self.bottom.exists(path)
