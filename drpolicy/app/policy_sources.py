"""Where the policies are that ``policy lint`` and ``policy test`` are about: those that are named, else all that a repository has."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from drpolicy.app.configured import configuration_of
from drpolicy.app.reading import relative_to_root
from drpolicy.app.user_policies import read_policies
from drpolicy.model.findings import Diagnostic
from drpolicy.model.records import dataclass
from drpolicy.model.values import Known
from drpolicy.policy.builtin import policy_directory
from drpolicy.policy.documents import PolicyDocument
from drpolicy.sources.directories import DirectoryTree
from drpolicy.sources.git import find_repository_root
from drpolicy.sources.memory import Memory
from drpolicy.sources.trees import MemoryTree, Tree

DIRECTORY: Final = "policies"
"""Where ``policy new`` writes to, and where policies are found that no configuration names."""


@dataclass(frozen=True, slots=True)
class PolicySource:
    """Policies of one place, and what is wrong with the rest of what is there; of the built-in ones, or of what was asked for."""

    place: str
    documents: tuple[PolicyDocument, ...]
    diagnostics: tuple[Diagnostic, ...]

    built_in: bool = False


def named_sources(paths: Sequence[Path]) -> tuple[PolicySource, ...]:
    """Return the policies of files and directories. Raises OSError for a file that cannot be read."""
    return tuple(_of(path) for path in paths)


def all_sources(cwd: Path) -> tuple[PolicySource, ...]:
    """Return the built-in policies and, one by one, those of the directories that a repository keeps its own in."""
    return (PolicySource("", *read_policies(DirectoryTree(policy_directory()), ""), built_in=True), *_own(cwd))


def counted(sources: Sequence[PolicySource]) -> str:
    """Return how many policies there are, each place of a repository's own by itself beside the built-in ones."""
    if not any(each.built_in for each in sources):
        return policies(sum(len(each.documents) for each in sources))
    return ", ".join(
        policies(len(each.documents), "built-in ") if each.built_in else f"{policies(len(each.documents))} in {each.place}"
        for each in sources
    )


def policies(many: int, kind: str = "") -> str:
    """Return a number of policies in words."""
    return f"{many} {kind}{'policy' if many == 1 else 'policies'}"


def _of(path: Path) -> PolicySource:
    if path.is_dir():
        return PolicySource(str(path), *read_policies(DirectoryTree(path), ""))
    return PolicySource(str(path), *read_policies(MemoryTree({path.name: path.read_bytes()}), ""))


def _own(cwd: Path) -> Iterator[PolicySource]:
    root = find_repository_root(cwd, cwd)
    tree = DirectoryTree(root)
    here = relative_to_root(cwd.resolve(), root)
    configuration, base, _ = configuration_of(tree, "", here, Memory())
    given = configuration.policies.directories if configuration is not None else ()
    named = [posixpath.normpath(posixpath.join(base, each.value)) for each in given if isinstance(each, Known)]
    written = posixpath.join(here, DIRECTORY)
    if (root / written).resolve() != policy_directory().resolve() and _holds_policies(tree, written):
        named.append(written)
    for directory in dict.fromkeys(named):
        yield PolicySource(directory, *read_policies(tree, "" if directory == "." else directory))


def _holds_policies(tree: Tree, directory: str) -> bool:
    """Whether a directory that nothing names holds policies of drpolicy: others keep theirs under that name, too."""
    for path in tree.list(directory):
        if path.endswith((".yaml", ".yml")):
            data = tree.read(path)
            if isinstance(data, bytes) and b"drpolicy.dev/" in data:
                return True
    return False
