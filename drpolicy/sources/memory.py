"""What runs learn of the files of a repository, by content: recalled from the cache, and kept there."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from hashlib import blake2b
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from drpolicy import __version__
from drpolicy.sources.cache import Cache, digest

_SPARE = 1000
"""Entries that no run of late has used are kept up to this many, or four times those in use: runs over parts of a tree take turns."""


class Memory:
    """The entries of one kind: those that earlier runs left, and those that this one has used.

    Every entry is a pure function of its key, so a memory changes how long a run takes and nothing else.
    """

    __slots__ = ("_cache", "_kind", "_known", "_learned", "_used", "keeps")

    def __init__(self, cache: Cache | None = None, kind: str = "") -> None:
        self._cache = cache or Cache(None, "")
        self.keeps = self._cache.directory is not None
        """Whether anything that is learned outlives the run."""
        self._kind = kind
        self._known: dict[str, Any] | None = None
        self._used: dict[str, Any] = {}
        self._learned = False

    def recall(self, key: str) -> Any:
        """Return what is remembered of a key, ``None`` for nothing. It is what JSON makes of what was learned."""
        if self._known is None:
            self._known = self._cache.load(self._kind)
        found = self._known.get(key)
        if found is not None:
            self._used[key] = found
        return found

    def learn(self, key: str, entry: Any) -> None:
        """Remember an entry: anything that JSON can write, but ``None``."""
        self._used[key] = entry
        self._learned = True

    def keep(self) -> None:
        """Write what was learned for later runs, if anything was."""
        if not self._learned:
            return
        known = self._known or {}
        spare = len(known) <= _SPARE + 4 * len(self._used)
        self._cache.save(self._kind, {**known, **self._used} if spare else self._used)
        self._learned = False


def memory_of(cache: Cache, kind: str, repository: str, makers: Iterable[str]) -> Memory:
    """Return what is remembered of a kind in a repository. Whatever its makers make is forgotten when one of them changes.

    A maker is a file of an installed package: ``drpolicy/terraform/index.py``. ``repository`` is any text that tells it from others.
    """
    if cache.directory is None:
        return Memory()
    try:
        return Memory(Cache(cache.directory, _made_by(tuple(makers))), f"{kind}-{digest(repository)[:16]}")
    except OSError:
        # Installed inside an archive, say: then nothing tells an old entry from a new one.
        return Memory()


@cache
def _made_by(makers: tuple[str, ...]) -> str:
    seen = blake2b(__version__.encode(), digest_size=16)
    for maker in makers:
        package, _, below = maker.partition("/")
        spec = find_spec(package)
        if spec is None or spec.origin is None:
            raise OSError(f"{maker} is not on disk")
        seen.update((Path(spec.origin).parent / below).read_bytes())
    return seen.hexdigest()
