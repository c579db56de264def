"""What was worked out from a source, kept between runs: one JSON file per kind, read and written whole.

The cache is an optimisation and nothing else: whatever is wrong with it, it is empty. It never raises.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from drpolicy.model.patterns import deferred
from drpolicy.model.records import dataclass

SIZE_LIMIT = 64 * 1024 * 1024
"""Bytes of one kind on disk."""

_KIND = deferred(r"[a-z][a-z0-9-]{0,40}")


def digest(data: bytes | str) -> str:
    """Return the key of a content: 128 bits of BLAKE2b, in hexadecimal."""
    return hashlib.blake2b(data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data, digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True)
class Cache:
    """A directory outside the repository; ``None`` keeps nothing.

    ``version`` names everything the entries depend on beside their content: entries of another version are not there.
    The directory must be the user's own: what stands in it is believed.
    """

    directory: Path | None
    version: str

    def load(self, kind: str) -> dict[str, Any]:
        """Return the entries of a kind by digest; nothing when there are none, or they cannot be used."""
        path = self._path(kind)
        if path is None:
            return {}
        try:
            if path.stat().st_size > SIZE_LIMIT:
                return {}
            content = json.loads(path.read_bytes())
        except (OSError, ValueError, RecursionError):
            return {}
        if not isinstance(content, dict) or content.get("version") != self.version:
            return {}
        entries = content.get("entries")
        return entries if isinstance(entries, dict) else {}

    def save(self, kind: str, entries: Mapping[str, Any]) -> bool:
        """Replace the entries of a kind, atomically; over the size limit the first ones are left out. Return whether it worked."""
        path = self._path(kind)
        if path is None:
            return False
        temporary = None
        try:
            data = self._encoded(entries)
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(prefix=f".{kind}-", dir=path.parent)
            with os.fdopen(handle, "wb") as stream:
                stream.write(data)
            Path(temporary).replace(path)
        except (OSError, ValueError, TypeError, RecursionError):
            if temporary is not None:
                with suppress(OSError):
                    Path(temporary).unlink(missing_ok=True)
            return False
        return True

    def _path(self, kind: str) -> Path | None:
        if self.directory is None or not _KIND.fullmatch(kind):
            return None
        return self.directory / f"{kind}.json"

    def _encoded(self, entries: Mapping[str, Any]) -> bytes:
        head = f'{{"version":{json.dumps(self.version)},"entries":{{'
        pieces: list[str] = []
        left = SIZE_LIMIT - len(head) - 2
        for key in reversed(tuple(entries)):
            # ASCII only, so that characters are bytes.
            piece = f"{json.dumps(key)}:{json.dumps(entries[key], separators=(',', ':'))}"
            left -= len(piece) + 1
            if left < 0:
                break
            pieces.append(piece)
        return (head + ",".join(reversed(pieces)) + "}}").encode("ascii")
