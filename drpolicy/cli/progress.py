"""That a long run is still running, on standard error of a terminal; a short one, and any other stream, see nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from threading import Event

PATIENCE = 1.0
"""Seconds before anything is said, and between two updates."""


@contextmanager
def progress(what: str, stream: TextIO, environment: Mapping[str, str], patience: float = PATIENCE) -> Iterator[None]:
    """Say on one line, which is taken back at the end, what has been going on for how long."""
    if not stream.isatty() or environment.get("TERM") == "dumb" or environment.get("CI"):
        yield
        return
    from threading import Event, Thread

    ended = Event()
    thread = Thread(target=_tell, args=(what, stream, ended, patience), daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _tell(what: str, stream: TextIO, ended: Event, patience: float) -> None:
    rounds = 0
    while not ended.wait(patience):
        rounds += 1
        stream.write(f"\r{what}: {rounds * patience:.0f} s")
        stream.flush()
    if rounds:
        stream.write("\r\x1b[K")
        stream.flush()
