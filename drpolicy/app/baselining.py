"""``drpolicy baseline``, and the baseline that ``check`` lays over its findings."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from drpolicy.app.reading import Read, relative_to_root
from drpolicy.app.settings import Settings
from drpolicy.model.findings import Diagnostic, Finding
from drpolicy.model.records import dataclass, replace
from drpolicy.model.spans import Source
from drpolicy.model.values import Known
from drpolicy.sources.reading import read_source
from drpolicy.triage.baseline import Baseline, Baselined, apply_baseline, drawn_up, pruned
from drpolicy.triage.baseline_file import NAME, parsed, written

Action = Literal["create", "update", "prune"]


class BaselineRefused(Exception):
    """A baseline that cannot be written; the message says what to do instead."""


@dataclass(frozen=True, slots=True)
class Change:
    """What an action did to the baseline: the file, its new text, and how many entries came, went and stayed."""

    path: Path
    text: str
    added: int
    removed: int
    kept: int


def lay_over(settings: Settings, found: Read, findings: Sequence[Finding]) -> Baselined:
    """Mark the findings that the baseline covers. Without a baseline nothing changes."""
    path = baseline_path(settings, found) if settings.use_baseline else None
    if path is None:
        return Baselined(tuple(findings), (), ())
    baseline = _read(found, path)
    if isinstance(baseline, Diagnostic):
        return Baselined(tuple(findings), (baseline,), ())
    laid = apply_baseline(findings, baseline, unresolved_modules(found))
    # Over other paths than it was drawn up for, most of it concerns what was not read.
    gone = laid.gone if baseline.paths == _paths(found) else ()
    if not gone:
        return replace(laid, gone=())
    entries = f"{len(gone)} entries of the baseline are" if len(gone) > 1 else "1 entry of the baseline is"
    stale = Diagnostic("note", "baseline-stale", f"{entries} no longer needed: drpolicy baseline prune", None, path)
    return Baselined(laid.findings, (*laid.diagnostics, stale), gone)


def baseline_path(settings: Settings, found: Read) -> str | None:
    """Return the file of the baseline, relative to the root: the one named, the configured one, else the nearest one there is."""
    if settings.baseline is not None:
        return relative_to_root(settings.baseline.resolve(), found.root)
    configured = _configured(found)
    if configured is not None:
        return configured
    directory = found.base
    while True:
        path = posixpath.join(directory, NAME)
        if found.tree.exists(path):
            return path
        if not directory or found.configuration is not None:
            return None
        directory = posixpath.dirname(directory)


def _configured(found: Read) -> str | None:
    named = found.configuration.baseline if found.configuration is not None else None
    return posixpath.normpath(posixpath.join(found.base, named.value)) if isinstance(named, Known) else None


def _read(found: Read, path: str) -> Baseline | Diagnostic:
    source = read_source(found.tree, path)
    if isinstance(source, Source):
        return parsed(source)
    return Diagnostic("error", "baseline-invalid", f"the baseline covers nothing: {source.message}", source.span, path, "invalid")


def unresolved_modules(found: Read) -> frozenset[str]:
    """Return the modules that are not on disk, as ``deployment:address``."""
    return frozenset(
        f"{root.name}:{each.address}" for root in found.terraform.roots for each in root.modules if each.outcome == "unresolved"
    )


def _paths(found: Read) -> tuple[str, ...]:
    return tuple(scope or "." for scope in found.scopes)


def changed(action: Action, settings: Settings, found: Read, findings: Sequence[Finding]) -> Change:
    """Return what an action makes of the baseline; nothing is written. Raises BaselineRefused.

    ``create`` accepts what stands now, ``update`` does so again and keeps the day of what was accepted before, ``prune``
    drops what is no longer needed and accepts nothing.
    """
    path = baseline_path(settings, found)
    before = Baseline({}, _paths(found))
    if action == "create":
        if path is not None and found.tree.exists(path):
            raise BaselineRefused(f"{path} is there already: drpolicy baseline update accepts what came since, prune drops what is gone")
    else:
        if path is None or not found.tree.exists(path):
            raise BaselineRefused("there is no baseline yet: drpolicy baseline create makes one")
        read = _read(found, path)
        if isinstance(read, Diagnostic):
            raise BaselineRefused(f"{read.span or read.path}: {read.message}")
        if read.paths != _paths(found):
            raise BaselineRefused(f"{path} was drawn up over {' '.join(read.paths)}: run this over the same")
        before = read
    path = path or posixpath.join(found.base if found.configuration is not None else "", NAME)
    unresolved = unresolved_modules(found)
    if action == "prune":
        after = pruned(before, apply_baseline(findings, before, unresolved).gone)
    else:
        after = drawn_up(findings, before, _paths(found), unresolved, settings.as_of)
    kept = sum(before.entries.get(name) == each for name, each in after.entries.items())
    gone = len(before.entries) - sum(name in after.entries for name in before.entries)
    return Change(found.root / path, written(after), len(after.entries) - kept, gone, kept)
