"""Files as text."""

from __future__ import annotations

import codecs

from drpolicy.model.records import dataclass, field
from drpolicy.model.spans import Source, Span
from drpolicy.sources.problems import Problem, Unreadable
from drpolicy.sources.trees import SIZE_LIMIT, Tree, printable


def read_source(tree: Tree, path: str, limit: int = SIZE_LIMIT, *, utf16: bool = False) -> Source | Problem:
    """Read a file of at most ``limit`` bytes as UTF-8, without its byte order mark.

    With ``utf16`` a file that begins with the mark of UTF-16 is read as such: YAML allows it (YAML 1.2.2, section 5.2,
    "Character Encodings", 2026-11), Terraform does not.
    """
    data = tree.read(path, limit)
    if isinstance(data, Unreadable):
        return Problem(printable(path), data.code, f"{printable(path)} was not read: {data.reason}")
    return decoded(path, utf8(data) if utf16 else data)


@dataclass(slots=True)
class Sources:
    """The YAML and JSON files of a tree as text, each read once."""

    tree: Tree
    _read: dict[str, Source | Problem] = field(default_factory=dict)

    def read(self, path: str) -> Source | Problem:
        """Return the text of a file, UTF-16 too; else what is wrong with it."""
        found = self._read.get(path)
        if found is None:
            found = self._read[path] = read_source(self.tree, path, utf16=True)
        return found

    def find(self, path: str) -> Source | None:
        """Return the text of a file; ``None`` when there is none, or it cannot be read."""
        if path not in self._read and not self.tree.exists(path):
            return None
        found = self.read(path)
        return found if isinstance(found, Source) else None


def utf8(data: bytes) -> bytes:
    """Return UTF-16 as UTF-8: it is what ``>`` writes in Windows PowerShell. Other bytes stay as they are."""
    if data[:2] not in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return data
    try:
        return data.decode("utf-16").encode()
    except UnicodeDecodeError:
        return data


def decoded(path: str, data: bytes) -> Source | Problem:
    """Return the text of a file, or why it is none: it holds a NUL byte, or is not UTF-8."""
    nul = data.find(b"\0")
    if nul >= 0:
        return _not_text(path, data, nul, "it is a binary file")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        return _not_text(path, data, error.start, f"it is not UTF-8: byte 0x{data[error.start]:02x} at offset {error.start:,}")
    return Source(path, text.removeprefix("\ufeff"))


def _not_text(path: str, data: bytes, at: int, reason: str) -> Problem:
    # The text up to the byte is enough for a position, and what follows cannot be shown.
    readable = Source(path, data[:at].decode("utf-8", "replace").removeprefix("\ufeff"))
    end = len(readable.text)
    line = readable.position(end).line
    return Problem(path, "file-not-text", f"{path} was not read: {reason}, in line {line}", Span(readable, end, end))
