"""The tree of a directory on disk."""

from __future__ import annotations

import errno
import os
import stat
from functools import cached_property
from pathlib import Path

from drpolicy.model.records import dataclass, field
from drpolicy.sources.problems import Unreadable
from drpolicy.sources.trees import SIZE_LIMIT, UNLISTED, escapes, normalised, printable, too_large, within

# O_NONBLOCK: opening a fifo for reading would wait for a writer. Windows has neither flag, and no fifos in directories.
_OPEN = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
_NOFOLLOW = getattr(os, "O_NOFOLLOW", 0)

PERMISSION_DENIED = "permission denied"
"""The reason of what is there and may not be read, unlike a link that leads nowhere."""

LISTING_LIMIT = 250_000
"""Files and directories that one listing holds: fifteen times what the largest of the repositories has that this was tried on.
More is a home directory or a disk, which would be read for minutes."""

_NAMED = 3
"""Directories that were left out, and are named."""


@dataclass(frozen=True, eq=False)
class DirectoryTree:
    """The files of a directory, as they are the first time that they are listed.

    A symbolic link to a file inside the root is a file like any other. A linked directory is not descended into, so that nothing is
    listed twice; ``list(under=...)`` and ``read`` go through it when its target is inside the root.
    """

    root: Path
    _listings: dict[str, tuple[tuple[str, ...], tuple[Unreadable, ...]]] = field(default_factory=dict, init=False, repr=False)
    _real: dict[str, str | None] = field(default_factory=dict, init=False, repr=False)

    @cached_property
    def _root(self) -> str:
        return os.path.realpath(self.root)

    def list(self, under: str = "") -> tuple[str, ...]:
        clean = normalised(under)
        if clean is None:
            return ()
        whole = self._listings.get("")
        if whole is not None and (found := within(whole[0], clean)):
            return found
        return self._walked(clean)[0]

    def skipped(self, under: str = "") -> tuple[Unreadable, ...]:
        clean = normalised(under)
        return () if clean is None else self._walked(clean)[1]

    def read(self, path: str, limit: int = SIZE_LIMIT) -> bytes | Unreadable:
        clean = normalised(path)
        if clean is None:
            return escapes(path)
        parent, _, name = clean.rpartition("/")
        real = self._real_directory(parent)
        if real is None:
            return escapes(path)
        if not name:
            return Unreadable(".", "it is a directory")
        try:
            return self._read(clean, f"{real}{os.sep}{name}", limit)
        except (OSError, ValueError) as error:
            return Unreadable(printable(clean), _why(error))

    def exists(self, path: str) -> bool:
        clean = normalised(path)
        if clean is None:
            return False
        parent, _, name = clean.rpartition("/")
        real = self._real_directory(parent)
        if real is None:
            return False
        full = f"{real}{os.sep}{name}" if name else real
        try:
            if not stat.S_ISLNK(os.lstat(full).st_mode):
                return True
            target = os.path.realpath(full, strict=True)
        except (OSError, ValueError):
            return False
        return _contains(self._root, target)

    def _real_directory(self, path: str) -> str | None:
        """Return the real path of a directory inside the root; ``None`` when it is outside."""
        if path not in self._real:
            real = os.path.realpath(os.path.join(self._root, path)) if path else self._root  # noqa: PTH118 - pathlib is ten times slower
            self._real[path] = real if _contains(self._root, real) else None
        return self._real[path]

    def _read(self, path: str, full: str, limit: int) -> bytes | Unreadable:
        try:
            if not _NOFOLLOW and os.path.islink(full):  # noqa: PTH114 - pathlib is ten times slower
                raise OSError(errno.ELOOP, "")
            handle = os.open(full, _OPEN | _NOFOLLOW)
        except OSError as error:
            # FreeBSD and NetBSD answer EMLINK and EFTYPE where POSIX has ELOOP.
            if error.errno not in {errno.ELOOP, errno.EMLINK, getattr(errno, "EFTYPE", errno.ELOOP)}:
                raise
            target = os.path.realpath(full, strict=True)
            if not _contains(self._root, target):
                return escapes(path)
            handle = os.open(target, _OPEN | _NOFOLLOW)
        try:
            return _content(handle, path, limit)
        finally:
            os.close(handle)

    def _walked(self, under: str) -> tuple[tuple[str, ...], tuple[Unreadable, ...]]:
        if under not in self._listings:
            paths: list[str] = []
            skipped: list[Unreadable] = []
            real = self._real_directory(under)
            if real is None:
                skipped.append(escapes(under))
            elif os.path.isdir(real):  # noqa: PTH112 - pathlib is ten times slower
                _walk(self._root, real, under, paths, skipped, self._real)
            paths.sort()
            skipped.sort(key=lambda one: one.path)
            self._listings[under] = (tuple(paths), tuple(skipped))
        return self._listings[under]


def _contains(root: str, real: str) -> bool:
    return real == root or real.startswith(root.rstrip(os.sep) + os.sep)


def _walk(root: str, real: str, under: str, paths: list[str], skipped: list[Unreadable], directories: dict[str, str | None]) -> None:
    """Add what stands under a real directory: files, what is skipped, and the real path of each directory."""
    pending = [(real, under + "/" if under else "")]
    seen = 0
    while pending:
        if seen > LISTING_LIMIT:
            skipped.append(_left_out(under, [prefix.rstrip("/") for _, prefix in pending]))
            return
        directory, prefix = pending.pop()
        try:
            with os.scandir(directory) as entries:
                for entry in entries:
                    seen += 1
                    name = entry.name
                    path = prefix + name
                    if entry.is_file(follow_symlinks=False):
                        # A name that is not UTF-8 comes with lone surrogates, which no report could print.
                        if name.isascii() or printable(name) == name:
                            paths.append(path)
                        else:
                            skipped.append(Unreadable(printable(path), "its name is not UTF-8"))
                    elif entry.is_dir(follow_symlinks=False):
                        if name not in UNLISTED:
                            # It is no link, nor is any above it, so its real path needs no further look.
                            directories.setdefault(path, entry.path)
                            pending.append((entry.path, path + "/"))
                    elif entry.is_symlink():
                        _link(root, entry.path, path, paths, skipped)
                    else:
                        skipped.append(Unreadable(printable(path), "it is not a regular file"))
        except OSError as error:
            skipped.append(Unreadable(printable(prefix.rstrip("/")) or ".", _why(error)))


def _left_out(under: str, directories: list[str]) -> Unreadable:
    """Return what is said of the directories that a listing has no room for."""
    named = ", ".join(map(printable, directories[:_NAMED]))
    more = f" and {len(directories) - _NAMED:,} more" if len(directories) > _NAMED else ""
    reason = f"it has more than {LISTING_LIMIT:,} files; {named}{more} were left out, so check the directories of your configuration"
    return Unreadable(printable(under) or ".", reason, "tree-too-large")


def _link(root: str, full: str, path: str, paths: list[str], skipped: list[Unreadable]) -> None:
    """List a symbolic link to a file inside the root; name the one that leads nowhere or outside."""
    try:
        target = os.path.realpath(full, strict=True)
        mode = os.stat(target).st_mode  # noqa: PTH116 - pathlib is ten times slower
    except OSError as error:
        skipped.append(Unreadable(printable(path), _why(error)))
        return
    if not _contains(root, target):
        skipped.append(escapes(path))
    elif stat.S_ISREG(mode) and printable(path) == path:
        paths.append(path)


def _content(handle: int, path: str, limit: int) -> bytes | Unreadable:
    status = os.fstat(handle)
    if not stat.S_ISREG(status.st_mode):
        return Unreadable(printable(path), "it is a directory" if stat.S_ISDIR(status.st_mode) else "it is not a regular file")
    if status.st_size > limit:
        return too_large(printable(path), status.st_size, limit)
    # A file may grow while it is read, and those of /proc have no size: never more than one byte over the limit.
    data = os.read(handle, min(status.st_size, limit) + 1)
    while len(data) <= limit and (more := os.read(handle, min(limit + 1 - len(data), 65536))):
        data += more
    return data if len(data) <= limit else too_large(printable(path), len(data), limit)


def _why(error: OSError | ValueError) -> str:
    if not isinstance(error, OSError):
        return "its name is not a valid path"
    reasons = {
        errno.ENOENT: "there is no such file",
        errno.ENOTDIR: "there is no such file",
        errno.EISDIR: "it is a directory",
        errno.EACCES: PERMISSION_DENIED,
        errno.ELOOP: "its symbolic links form a loop",
        errno.ENXIO: "it is not a regular file",
        errno.ENAMETOOLONG: "its name is too long",
    }
    return reasons.get(error.errno or 0, (error.strerror or "it cannot be read").lower())
