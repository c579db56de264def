"""When lines of a file last changed, as git tells it. Asked for in audits only: it costs a call of git for each file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

from drpolicy.model.patterns import deferred
from drpolicy.model.records import dataclass, field
from drpolicy.sources.git import run_git
from drpolicy.sources.problems import Unreadable

_COMMIT: Final = deferred(rb"^([0-9a-f]{40,64}) \d+ (\d+)(?: \d+)?$")
_NOT_THERE: Final = deferred(r"fatal: no such (?:path '.*' in|ref:) HEAD")
_NOT_COMMITTED: Final = b"0" * 40

Dates = Mapping[int, date]
"""The day of the commit that last changed a line, by its number. A line that is not committed yet is left out."""


@dataclass(frozen=True, slots=True, eq=False)
class History:
    """What changed when. ``ask`` gives the lines of a file, or why that is not known; it is asked once for each file.

    Changes after ``until`` do not count: on the day that is asked about they had not been made.
    """

    ask: Callable[[str], Dates | Unreadable]
    until: date = date.max
    _told: dict[str, Dates | Unreadable] = field(default_factory=dict, init=False, repr=False)

    def newest(self, path: str, first: int, last: int, but: int = 0) -> date | Unreadable | None:
        """Return the day on which any of the lines ``first`` to ``last``, but for one, last changed; ``None`` if none is committed."""
        return self.newest_of(path, (line for line in range(first, last + 1) if line != but))

    def newest_of(self, path: str, lines: Iterable[int]) -> date | Unreadable | None:
        """Return the day on which any of some lines last changed; ``None`` if none of them is committed."""
        if path not in self._told:
            self._told[path] = self.ask(path)
        told = self._told[path]
        if isinstance(told, Unreadable):
            return told
        return max((told[line] for line in lines if line in told and told[line] <= self.until), default=None)


def git_history(root: Path, until: date = date.max) -> History | Unreadable:
    """Return the history of the repository at a directory up to a day.

    Or why there is none: no git, no repository, only its newest commits.
    """
    answer = run_git(root, "rev-parse", "--is-shallow-repository")
    if isinstance(answer, Unreadable):
        return answer
    return History(lambda path: _blamed(root, path), until) if answer == b"false\n" else SHALLOW


SHALLOW: Final = Unreadable(".", "git has only the newest commits of this clone")


def _blamed(root: Path, path: str) -> Dates | Unreadable:
    # White space, and where in its file a line stands, are passed over: neither changes what is described.
    answer = run_git(root, "blame", "-w", "-M", "--porcelain", "--", path)
    if isinstance(answer, Unreadable):
        # A file that is not in the last commit has no line that is.
        return {} if _NOT_THERE.search(answer.reason) else answer
    days: dict[bytes, date] = {}
    lines: dict[int, bytes] = {}
    current = b""
    for line in answer.split(b"\n"):
        if (commit := _COMMIT.match(line)) is not None:
            current = commit[1]
            lines[int(commit[2])] = current
        elif line.startswith(b"committer-time "):
            days[current] = datetime.fromtimestamp(int(line[15:]), UTC).date()
    return {number: days[commit] for number, commit in lines.items() if not commit.startswith(_NOT_COMMITTED) and commit in days}
