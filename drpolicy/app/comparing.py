"""``--diff``: the same policies and the same configuration over the files of a revision, read through git.

The work tree is not touched. What git does not keep and Terraform reads, the modules that ``terraform init`` put on disk
and the var-files of the command line, is there on both sides: whether it is on this machine is no change.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import chain
from pathlib import Path

from drpolicy.app.facts import service_facts
from drpolicy.app.judging import Judged, judged, worst_first
from drpolicy.app.policies import Policies
from drpolicy.app.reading import Read, read_tree, relative_to_root, with_definitions
from drpolicy.app.settings import Settings
from drpolicy.model.findings import Diagnostic, Finding
from drpolicy.model.records import dataclass, replace
from drpolicy.model.report import Comparison
from drpolicy.sources.git import merge_base, same_files, without_commit
from drpolicy.sources.problems import Unreadable
from drpolicy.sources.reading import Sources
from drpolicy.sources.revisions import RevisionTree, open_revision
from drpolicy.sources.trees import SIZE_LIMIT, MemoryTree, OverlayTree, Tree
from drpolicy.triage.comparison import compare
from drpolicy.triage.shown_places import ChangedLines, ChangesOf, changed_lines, shown_in

_KEPT = ".terraform"


class NoSuchRevision(Exception):
    """The revision cannot be read; the message says what to do instead."""


@dataclass(frozen=True, slots=True)
class Compared:
    """What a change does, and the findings with the places at which a reader of the change is shown them."""

    comparison: Comparison
    findings: tuple[Finding, ...]
    diagnostics: tuple[Diagnostic, ...]


def against_base(revision: str, settings: Settings, found: Read, policies: Policies, now: Judged) -> Compared | Diagnostic:
    """Compare with where the checked out commit and a revision went apart. Raises NoSuchRevision.

    In a hook, files that do not differ from the revision, or have none before them, are no change: the answer is a note that says so.
    """
    if settings.gate.preset == "hook" and (said := _no_change(found.root, revision)) is not None:
        return Diagnostic("note", "nothing-to-compare", said)
    tree = _opened(found.root, revision)
    try:
        before = _before(tree, settings, found)
        then = judged(replace(settings, live=False), before, policies)
        services = tuple(service_facts(service) for service in then.estate.services)
        comparison = compare(tree.commit, [*then.findings, *then.not_applicable], _declared(now), services)
        comparison, findings = shown_in(comparison, now.findings, _changes(before.tree, found.tree))
    finally:
        tree.close()
    return Compared(comparison, worst_first(findings), tuple(_problems(tree.commit, before, found)))


def _no_change(root: Path, revision: str) -> str | None:
    """Say why nothing is compared in a hook, which may run over a whole repository, as in ``pre-commit run --all-files``."""
    if without_commit(root):
        return f"there is no commit yet, so nothing is compared with {revision}: everything that stands counts"
    if same_files(root, revision):
        return f"the files are those of {revision}: everything that stands counts"
    return None


def _changes(before: Tree, after: Tree) -> ChangesOf:
    old, new = Sources(before), Sources(after)

    @cache
    def changes(path: str) -> ChangedLines:
        now = new.find(path)
        was = old.find(path)
        return ChangedLines() if now is None else changed_lines(was.text if was is not None else None, now.text)

    return changes


def _declared(now: Judged) -> list[Finding]:
    # What live AWS answers is about today, whichever commit is checked out.
    return [each for each in chain(now.findings, now.not_applicable) if each.witness == "declared"]


def _opened(root: Path, revision: str) -> RevisionTree:
    tree = open_revision(root, revision)
    if isinstance(tree, Unreadable):
        raise NoSuchRevision(f"{tree.reason}; in CI, check out the whole history (fetch-depth: 0)")
    base = merge_base(root, tree.commit)
    if isinstance(base, str):
        # Without a common ancestor, as in a shallow clone, the revision itself is compared with.
        tree = RevisionTree(root, base)
    lost = next((each for each in tree.skipped() if each.path == "."), None)
    if lost is not None:
        raise NoSuchRevision(f"the files of {revision} cannot be read: {lost.reason}")
    return tree


def _before(tree: RevisionTree, settings: Settings, found: Read) -> Read:
    files = [relative_to_root(path.resolve(), found.root) for path in settings.var_files]
    whole: Tree = OverlayTree(tree, _Kept(found.tree, frozenset(files)))
    config = found.configuration.span.path if found.configuration is not None else ""
    if config and isinstance(data := found.tree.read(config), bytes):
        # Another name of a deployment in drpolicy.yaml must not make every finding look new.
        whole = OverlayTree(MemoryTree({config: data}), whole)
    given = (tuple(files), settings.variables, settings.environment)
    then = read_tree(whole, found.root, found.scopes, found.base, config, *given, memory=found.remembered)
    return with_definitions(then, settings.definitions)


@dataclass(frozen=True, slots=True)
class _Kept:
    """What of a work tree stands beside any revision of it."""

    tree: Tree
    files: frozenset[str]

    def list(self, under: str = "") -> tuple[str, ...]:
        return self.tree.list(under) if _KEPT in under.split("/") else ()

    def skipped(self, under: str = "") -> tuple[Unreadable, ...]:
        return ()

    def read(self, path: str, limit: int = SIZE_LIMIT) -> bytes | Unreadable:
        return self.tree.read(path, limit) if self._has(path) else Unreadable(path, "there is no such file")

    def exists(self, path: str) -> bool:
        return self._has(path) and self.tree.exists(path)

    def _has(self, path: str) -> bool:
        return _KEPT in path.split("/") or path in self.files


def _problems(commit: str, before: Read, found: Read) -> Iterator[Diagnostic]:
    """Yield what makes the comparison less than whole."""
    read_now = {(each.code, each.message) for each in found.diagnostics}
    for each in before.diagnostics:
        if each.effect == "incomplete" and (each.code, each.message) not in read_now:
            path = each.span.path if each.span is not None else each.path
            yield Diagnostic("warning", "base-incomplete", f"at {commit[:12]}, which is compared with: {each.message}", None, path)
