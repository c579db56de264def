"""What earlier runs have learned of Terraform text: the structure of files by content, the shapes of rare skeletons."""

from __future__ import annotations

from drpolicy.model.spans import Source
from drpolicy.sources.cache import Cache, digest
from drpolicy.sources.memory import Memory, memory_of
from drpolicy.terraform.blocks import FileSyntax
from drpolicy.terraform.encoding import file_from_json, file_to_json
from drpolicy.terraform.index import index
from drpolicy.terraform.syntax import ExpressionParser

_MAKERS = (
    *(f"drpolicy/terraform/{name}.py" for name in ("blanking", "blocks", "encoding", "index", "lexical", "skeletons", "syntax")),
    "hcl2/hcl2.lark",
)
_SHAPES = "shapes"


class Learned:
    """The readers of one load, with what they remember. Without a cache they remember nothing."""

    __slots__ = ("_memory", "parser")

    def __init__(self, memory: Memory | None = None) -> None:
        self._memory = memory or Memory()
        shapes = self._memory.recall(_SHAPES)
        self.parser = ExpressionParser(shapes if isinstance(shapes, dict) else None)

    def file(self, source: Source) -> FileSyntax:
        """Return the structure of a file."""
        if not self._memory.keeps:
            return index(source)
        key = digest(source.text)
        known = self._memory.recall(key)
        if known is not None:
            try:
                return file_from_json(known, source)
            except ValueError:
                pass
        found = index(source)
        self._memory.learn(key, file_to_json(found))
        return found

    def keep(self) -> None:
        """Write what was learned for later runs."""
        if self.parser.learned:
            self._memory.learn(_SHAPES, {**(self._memory.recall(_SHAPES) or {}), **self.parser.learned})
        self._memory.keep()


def terraform_memory(cache: Cache, repository: str) -> Memory:
    """Return what is remembered of the Terraform files of a repository."""
    return memory_of(cache, "terraform", repository, _MAKERS)
