"""The field guide's checklists: its boxes in every language, and which policies prove each."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from drpolicy.model.records import dataclass
from drpolicy.sources.directories import DirectoryTree
from drpolicy.sources.documents import plain
from drpolicy.sources.problems import Problem
from drpolicy.sources.reading import read_source
from drpolicy.sources.yaml_documents import documents

FILE = Path(__file__).with_name("checklist.yaml")
LANGUAGES = ("en", "ko")


@dataclass(frozen=True, slots=True)
class GuideSection:
    """One of the guide's lists. Titles are by language."""

    id: str
    title: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class GuideItem:
    """One box. Texts are by language."""

    id: str
    box: Mapping[str, str]
    tick: Mapping[str, str]
    """What would tick it."""
    proof: tuple[str, ...]
    """Policies of which one has to pass: the others of the item only notice defects."""
    automated: bool
    """Whether it speaks of what runs by itself: somebody's word does not show that, a machine's record or a job in the files does."""

    @property
    def section(self) -> str:
        """The id of its list."""
        return self.id.partition(".")[0]


@dataclass(frozen=True, slots=True)
class Guide:
    """Every list and box, in the guide's order."""

    sections: tuple[GuideSection, ...]
    items: tuple[GuideItem, ...]


@cache
def guide() -> Guide:
    """Return the guide's checklists. Raises ValueError when the shipped file is damaged."""
    source = read_source(DirectoryTree(FILE.parent), FILE.name)
    if isinstance(source, Problem):
        raise ValueError(f"{FILE.name}: {source.message}")
    (document,) = documents(source, placeholders=False)
    data = plain(document.root)
    if not isinstance(data, dict):
        raise ValueError(f"{FILE.name}: not a mapping")
    items = (GuideItem(each["id"], each["box"], each["tick"], tuple(each["proof"]), each.get("automated", False)) for each in data["items"])
    return Guide(tuple(GuideSection(each["id"], each["title"]) for each in data["sections"]), tuple(items))
