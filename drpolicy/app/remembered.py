"""What runs over one repository remember of each other, so that the next one has less to do."""

from __future__ import annotations

from pathlib import Path

from drpolicy.declarations.validation import declaration_memory
from drpolicy.model.records import dataclass, field
from drpolicy.sources.cache import Cache
from drpolicy.sources.memory import Memory
from drpolicy.terraform.learned import Learned, terraform_memory


@dataclass(frozen=True, slots=True, eq=False)
class Remembered:
    """What is remembered, by what it is of. It changes how long a run takes, never what comes out."""

    terraform: Learned = field(default_factory=Learned)
    documents: Memory = field(default_factory=Memory)

    def keep(self) -> None:
        """Write what this run has learned. Nothing is lost when that cannot be done."""
        self.terraform.keep()
        self.documents.keep()


def remembered(directory: Path | None, root: Path) -> Remembered:
    """Return what earlier runs over a repository have left in a cache directory."""
    cache = Cache(directory, "")
    return Remembered(Learned(terraform_memory(cache, str(root))), declaration_memory(cache, str(root)))
