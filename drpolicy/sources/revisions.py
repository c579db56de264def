"""The tree of a git revision."""

from __future__ import annotations

import posixpath
import subprocess
import threading
import weakref
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from drpolicy.model.records import dataclass, field
from drpolicy.sources.git import COMMAND, environment, run_git
from drpolicy.sources.problems import Unreadable
from drpolicy.sources.trees import LINK_LIMIT, SIZE_LIMIT, directories_of, escapes, listed, normalised, printable, too_large, within


class _Entry(NamedTuple):
    mode: str
    identity: str


_LINK, _SUBMODULE = "120000", "160000"


def open_revision(root: Path, revision: str) -> RevisionTree | Unreadable:
    """Return the tree of a revision below ``root``, a directory in a git work tree; or why there is none."""
    # Verified here, so that no later call takes a name for an option and a branch that moves does not change the tree.
    answer = run_git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", revision + "^{commit}")
    if isinstance(answer, Unreadable):
        return Unreadable(".", f"git knows no revision {revision!r}" if answer.reason.endswith("exit code 1") else answer.reason)
    return RevisionTree(root, answer.decode("ascii").strip())


@dataclass(frozen=True, eq=False)
class RevisionTree:
    """The files of one commit, read through one ``git cat-file --batch`` that starts when the first file is read.

    ``commit`` is a full object id: use ``open_revision`` for any other name. Call ``close`` to end git early; it ends with the tree.
    """

    root: Path
    commit: str
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    def list(self, under: str = "") -> tuple[str, ...]:
        base = normalised(under)
        if base is None:
            return ()
        return tuple(path for path in within(self._paths, base) if listed(path, base))

    def skipped(self, under: str = "") -> tuple[Unreadable, ...]:
        base = normalised(under)
        entries, found = self._tree
        if base is None:
            return ()
        links = [path for path, entry in entries.items() if entry.mode == _LINK]
        dangling = tuple(escapes(path) for path in links if self._resolved(path) is None)
        return tuple(one for one in (*found, *dangling) if not base or one.path.startswith(base + "/"))

    def read(self, path: str, limit: int = SIZE_LIMIT) -> bytes | Unreadable:
        clean = normalised(path)
        real = None if clean is None else self._resolved(clean)
        if clean is None or real is None:
            return escapes(path)
        entry = self._tree[0].get(real)
        if entry is None:
            return Unreadable(printable(clean), "it is a directory" if real in self._directories else "there is no such file")
        if entry.mode == _SUBMODULE:
            return Unreadable(printable(clean), "it is a submodule")
        return self._blob(clean, entry.identity, limit)

    def exists(self, path: str) -> bool:
        clean = normalised(path)
        real = None if clean is None else self._resolved(clean)
        return real is not None and (real in self._tree[0] or real in self._directories)

    def close(self) -> None:
        """End git, if it runs. The tree cannot be read afterwards."""
        if "_process" in self.__dict__ and not isinstance(self._process, Unreadable):
            _end(self._process)

    @cached_property
    def _tree(self) -> tuple[dict[str, _Entry], tuple[Unreadable, ...]]:
        answer = run_git(self.root, "ls-tree", "-r", "-z", self.commit)
        if isinstance(answer, Unreadable):
            return {}, (answer,)
        entries, skipped = {}, []
        for line in answer.split(b"\0"):
            about, tab, name = line.partition(b"\t")
            if not tab:
                continue
            mode, _, identity = about.decode("ascii").split(" ")
            path = name.decode("utf-8", "surrogateescape")
            if printable(path) != path:
                skipped.append(Unreadable(printable(path), "its name is not UTF-8"))
            else:
                entries[path] = _Entry(mode, identity)
                if mode == _SUBMODULE:
                    skipped.append(Unreadable(path, "it is a submodule"))
        return entries, tuple(skipped)

    @cached_property
    def _paths(self) -> tuple[str, ...]:
        entries = self._tree[0]
        return tuple(sorted(path for path, entry in entries.items() if entry.mode != _SUBMODULE and self._is_file(path, entry)))

    def _is_file(self, path: str, entry: _Entry) -> bool:
        return entry.mode != _LINK or ((real := self._resolved(path)) is not None and real in self._tree[0])

    @cached_property
    def _directories(self) -> frozenset[str]:
        return directories_of(self._tree[0])

    @cached_property
    def _links(self) -> dict[str, str]:
        """Every symbolic link with its target. Targets are read as they stand: they are paths, not files."""
        entries = self._tree[0]
        texts = {path: self._blob(path, entry.identity, 4096) for path, entry in entries.items() if entry.mode == _LINK}
        return {path: text.decode("utf-8", "replace") for path, text in texts.items() if isinstance(text, bytes)}

    def _resolved(self, path: str) -> str | None:
        """Return the path with every symbolic link followed; ``None`` when it leaves the root or loops."""
        if not self._has_links:
            return path
        for _ in range(LINK_LIMIT):
            parts = path.split("/")
            prefixes = ("/".join(parts[: count + 1]) for count in range(len(parts)))
            link = next((prefix for prefix in prefixes if prefix in self._links), None)
            if link is None:
                return path
            target = self._links[link]
            if target.startswith("/"):
                return None
            following = normalised(posixpath.join(posixpath.dirname(link), target, path[len(link) + 1 :]))
            if following is None:
                return None
            path = following
        return None

    @cached_property
    def _has_links(self) -> bool:
        return any(entry.mode == _LINK for entry in self._tree[0].values())

    @cached_property
    def _process(self) -> subprocess.Popen[bytes] | Unreadable:
        try:
            process = subprocess.Popen(
                [*COMMAND, "cat-file", "--batch"],
                cwd=self.root,
                env=environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        except OSError as error:
            return Unreadable(".", f"git could not be run: {error}")
        weakref.finalize(self, _end, process)
        return process

    def _blob(self, path: str, identity: str, limit: int) -> bytes | Unreadable:
        with self._lock:
            process = self._process
            if isinstance(process, Unreadable):
                return Unreadable(printable(path), process.reason)
            assert process.stdin is not None
            assert process.stdout is not None
            try:
                process.stdin.write(identity.encode("ascii") + b"\n")
                process.stdin.flush()
                header = process.stdout.readline().split()
                if len(header) != 3:
                    return Unreadable(printable(path), "git does not have its content")
                size = int(header[2])
                if size <= limit:
                    data = process.stdout.read(size + 1)
                    return data[:size] if len(data) > size else Unreadable(printable(path), "git ended while it was read")
                left = size + 1
                while left > 0 and (read := len(process.stdout.read(min(left, 65536)))):
                    left -= read
                return too_large(printable(path), size, limit)
            except (OSError, ValueError):
                return Unreadable(printable(path), "git ended while it was read")


def _end(process: subprocess.Popen[bytes]) -> None:
    for pipe in (process.stdin, process.stdout):
        if pipe is not None and not pipe.closed:
            try:
                pipe.close()
            except OSError:
                continue
    process.kill()
    process.wait()
