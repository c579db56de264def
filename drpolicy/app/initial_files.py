"""``drpolicy init``: the files that a repository starts with, drafted from what was found in it. Nothing is written here."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from difflib import unified_diff

from drpolicy.app.check import estate_of
from drpolicy.app.configured import CONFIG_NAMES
from drpolicy.app.declare import drafted
from drpolicy.app.initial_declarations import configuration_text
from drpolicy.app.initial_pipelines import GITLAB, HOOKS, hook_text, pipelines
from drpolicy.app.reading import Read
from drpolicy.app.service_draft import document
from drpolicy.app.settings import Settings
from drpolicy.model.records import dataclass
from drpolicy.model.spans import Source
from drpolicy.sources.reading import read_source

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


def initial_files(settings: Settings, found: Read) -> InitialFiles:
    """Return the files for the first path of a run. What is there is never part of ``new``."""
    directory = found.scopes[0]
    new: list[InitialFile] = []
    kept: list[InitialFile] = []
    for file in _files(settings, found, directory):
        (kept if found.tree.exists(file.path) else new).append(file)
    return InitialFiles(tuple(new), tuple(kept))


def _files(settings: Settings, found: Read, directory: str) -> Iterator[InitialFile]:
    estate = estate_of(settings, found)
    configured = next((path for name in CONFIG_NAMES if found.tree.exists(path := posixpath.join(directory, name))), None)
    if configured is None and found.configuration is None:
        yield InitialFile(posixpath.join(directory, CONFIG_NAMES[0]), configuration_text(found, estate, directory))
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
    return "\n".join([*lines, *(f"next: {step}" for step in steps)])
