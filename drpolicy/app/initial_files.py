"""``drpolicy init``: the files that a repository starts with, drafted from what was found in it. Nothing is written here."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from difflib import unified_diff

from drpolicy.app.check import estate_of
from drpolicy.app.configured import CONFIG_NAMES
from drpolicy.app.declare import drafted
from drpolicy.app.initial_declarations import assumptions, configuration_text, var_files_text
from drpolicy.app.initial_pipelines import GITLAB, HOOKS, hook_text, pipelines
from drpolicy.app.reading import Read, read_tree
from drpolicy.app.service_draft import document
from drpolicy.app.settings import Settings
from drpolicy.app.var_file_layouts import VarFileSet, var_file_sets
from drpolicy.model.estate import Estate
from drpolicy.model.records import dataclass, replace
from drpolicy.model.spans import Source
from drpolicy.sources.reading import read_source
from drpolicy.sources.trees import MemoryTree, OverlayTree

SERVICES = "services"
"""The directory of service declarations, beside ``drpolicy.yaml``."""


@dataclass(frozen=True, slots=True)
class InitialFile:
    """A file to begin with; ``path`` is relative to the repository."""

    path: str
    text: str


@dataclass(frozen=True, slots=True)
class InitialFiles:
    """What would be written, and what is there already and has to be changed by hand: its path, and what to add."""

    new: tuple[InitialFile, ...]
    kept: tuple[InitialFile, ...]
    assumed: tuple[str, ...] = ()
    """What was concluded, in words, and may be wrong."""


def initial_files(settings: Settings, found: Read) -> InitialFiles:
    """Return the files for the first path of a run. What is there is never part of ``new``."""
    directory = found.scopes[0]
    sets = var_file_sets(found) if _has_none(found, directory) and not settings.var_files else {}
    if sets:
        found = _with_var_files(settings, found, directory, var_files_text(directory, sets))
    estate = estate_of(settings, found)
    new: list[InitialFile] = []
    kept: list[InitialFile] = []
    for file in _files(found, directory, estate, sets):
        (kept if found.tree.exists(file.path) else new).append(file)
    return InitialFiles(tuple(new), tuple(kept), tuple(assumptions(found, estate, sets)))


def _has_none(found: Read, directory: str) -> bool:
    """Whether neither the directory nor one above it has a configuration."""
    return found.configuration is None and not any(found.tree.exists(posixpath.join(directory, name)) for name in CONFIG_NAMES)


def _with_var_files(settings: Settings, found: Read, directory: str, text: str) -> Read:
    """Return what is read when the roots are given their var-files: more of them hold data then, and other values."""
    path = posixpath.join(directory, CONFIG_NAMES[0])
    tree = OverlayTree(MemoryTree({path: text}), found.tree)
    given = ((), settings.variables, settings.environment, settings.plans)
    read = read_tree(tree, found.root, found.scopes, directory, path, *given, memory=found.remembered)
    return replace(read, tree=found.tree, configuration=None)


def _files(found: Read, directory: str, estate: Estate, sets: Mapping[str, Sequence[VarFileSet]]) -> Iterator[InitialFile]:
    if _has_none(found, directory):
        yield InitialFile(posixpath.join(directory, CONFIG_NAMES[0]), configuration_text(found, estate, directory, sets))
    for draft in drafted(found, estate):
        yield InitialFile(posixpath.join(directory, SERVICES, f"{draft.name}.yaml"), document(draft))
    uses_github = (found.root / ".github").is_dir()
    for path, text in ((HOOKS, hook_text(directory)), *pipelines(directory, github=uses_github, gitlab=found.tree.exists(GITLAB))):
        if not _runs_drpolicy(found, path):
            yield InitialFile(path, text)


def _runs_drpolicy(found: Read, path: str) -> bool:
    source = read_source(found.tree, path) if found.tree.exists(path) else None
    return isinstance(source, Source) and "drpolicy" in source.text


def difference(files: InitialFiles) -> str:
    """Return what would be written, as a unified diff that ``git apply`` takes."""
    lines: list[str] = []
    for file in files.new:
        lines.extend(unified_diff([], file.text.splitlines(), "/dev/null", f"b/{file.path}", lineterm=""))
    return "\n".join(lines)


def advice(files: InitialFiles) -> str:
    """Return what is left to do by hand, the first thing first."""
    lines = []
    for file in files.kept:
        lines.append(f"{file.path} is there already and stays as it is; it could hold:")
        lines.extend(f"    {line}" for line in file.text.splitlines())
    services = [file.path for file in files.new if posixpath.basename(posixpath.dirname(file.path)) == SERVICES]
    steps = []
    if services:
        first = services[0] if len(services) == 1 else f"{services[0]} and {len(services) - 1} more"
        steps.append(f"name the owner and the objectives in {first}; join or split them as your services are")
    steps.append("drpolicy check")
    steps.append("drpolicy baseline create accepts what stands today, so that only what comes after fails the gate")
    return "\n".join([*lines, *(f"assumed: {each}" for each in files.assumed), *(f"next: {step}" for step in steps)])
