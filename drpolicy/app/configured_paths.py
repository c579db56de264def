"""Whether the paths and patterns of ``drpolicy.yaml`` are there: one that matches nothing would change what is judged, in silence."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterable, Iterator, Mapping
from difflib import get_close_matches
from itertools import takewhile
from typing import Literal

from drpolicy.app.plan_files import within
from drpolicy.declarations.documents import ClusterSettings, Configuration, DeploymentSettings
from drpolicy.declarations.wording import quoted
from drpolicy.kubernetes.clusters import matches
from drpolicy.model.findings import Diagnostic
from drpolicy.model.provenance import written_at
from drpolicy.model.spans import Source
from drpolicy.model.values import Known, Value
from drpolicy.sources.discovery import classify
from drpolicy.sources.trees import Tree, directories_of

RENDERED = "stdin"
"""The directory in which what comes through standard input is laid over the tree; the paths of a cluster may name it."""

_ROOTS = frozenset({"terraform", "terragrunt"})
_MANIFESTS = frozenset({"yaml", "json", *_ROOTS})
_GLOB = "*?["


def unmatched(tree: Tree, configuration: Configuration, base: str) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each path or pattern that matches nothing of the whole tree, whatever part of it a run looks at.

    What decides what is judged is an error; a pattern that leaves nothing out is a warning, and a path of a cluster that no other is like.
    """
    for deployment in configuration.deployments:
        yield from _deployment(tree, deployment, base)
        for file in deployment.var_files:
            yield from _file(tree, file, base, "var-file", (".tfvars", ".tfvars.json"))
        for kind, file in (("plan", deployment.plan), ("state", deployment.state)):
            yield from _file(tree, file, base, kind, (".json", ".tfstate"))
    for cluster in configuration.clusters:
        yield from _cluster(tree, cluster, base)
    for pattern in configuration.scope.exclude:
        if isinstance(pattern, Known) and not _matched(tree, within(base, pattern.value), classes=None):
            yield _problem("warning", pattern, f"the pattern {quoted(pattern.value)} leaves nothing out", _like(tree, pattern.value, base))


def not_roots(configuration: Configuration, base: str, read: Iterable[str], roots: Collection[str]) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each deployment whose Terraform files were read and are no root: another module calls them."""
    directories = {posixpath.dirname(path) for path in read}
    for each in configuration.deployments:
        if isinstance(each.path, Known) and not _planned(each):
            path = within(base, each.path.value)
            if path in directories and path not in roots:
                yield _problem("error", each.path, f"{quoted(each.path.value)} is no Terraform root: another module calls it", "")


def empty(source: Source) -> Diagnostic:
    """Return what is said of a configuration that holds nothing."""
    message = "the configuration holds nothing, so none of its settings count: write 'kind: Config' and what it is to say, or delete it"
    return Diagnostic("error", "config-invalid", message, source.span(0, 0), source.path, "invalid")


def present_var_files(tree: Tree, deployment: DeploymentSettings, base: str) -> tuple[str, ...]:
    """Return the var-files of a deployment that are there; of the others ``unmatched`` speaks."""
    files = (within(base, each.value) for each in deployment.var_files if isinstance(each, Known))
    return tuple(file for file in files if tree.exists(file))


def _planned(deployment: DeploymentSettings) -> bool:
    return isinstance(deployment.plan, Known) or isinstance(deployment.state, Known)


def _deployment(tree: Tree, deployment: DeploymentSettings, base: str) -> Iterator[Diagnostic]:
    """Yield what is wrong with a deployment's path. One that is judged by its plan needs no files."""
    if not isinstance(deployment.path, Known) or _planned(deployment):
        return
    path = within(base, deployment.path.value)
    if any(posixpath.dirname(each) == path and classify(each) in _ROOTS for each in tree.list(path)):
        return
    what = "holds no Terraform files" if tree.exists(path) else "is not there"
    homes = {posixpath.dirname(each) for each in tree.list(base) if classify(each) in _ROOTS}
    yield _problem("error", deployment.path, f"the deployment {quoted(deployment.path.value)} {what}", _nearest(path, homes, base))


def _file(tree: Tree, value: Value[str], base: str, what: str, suffixes: tuple[str, ...]) -> Iterator[Diagnostic]:
    if isinstance(value, Known) and not tree.exists(path := within(base, value.value)):
        files = {each for each in tree.list(base) if each.endswith(suffixes)}
        yield _problem("error", value, f"the {what} {quoted(value.value)} is not there", _nearest(path, files, base))


def _cluster(tree: Tree, cluster: ClusterSettings, base: str) -> Iterator[Diagnostic]:
    for pattern in cluster.paths:
        if not isinstance(pattern, Known):
            continue
        glob = within(base, pattern.value)
        if glob.split("/")[0] != RENDERED and not _matched(tree, glob, _MANIFESTS):
            message = f"cluster {cluster.name}: the path {quoted(pattern.value)} matches no manifest"
            near = _like(tree, pattern.value, base)
            # Without another directory that it may mean, the cluster may have no manifests here, as one that Terraform alone speaks of.
            meant = near if not within(base, pattern.value).startswith(f"{_written_out(within(base, near))}/") else ""
            yield _problem("error" if meant else "warning", pattern, message, meant)


def _matched(tree: Tree, glob: str, classes: Collection[str] | None) -> bool:
    """Whether a glob matches a file, of some classes if they are given."""
    start = _written_out(glob)
    # A pattern without wildcards may be a file, which is not below itself.
    paths = tree.list(start) if any(each in glob for each in _GLOB) else (*tree.list(start), *((start,) if tree.exists(start) else ()))
    return any(matches(glob, path) and (classes is None or path == glob or classify(path) in classes) for path in paths)


def _written_out(glob: str) -> str:
    """Return the steps of a glob before the first wildcard."""
    return "/".join(takewhile(lambda step: not any(each in step for each in _GLOB), glob.split("/")))


def _like(tree: Tree, pattern: str, base: str) -> str:
    """Return the pattern with the nearest directory that there is in place of the one that it begins with."""
    start = _written_out(pattern)
    near = _nearest(within(base, start), directories_of(dict.fromkeys(tree.list(base), None)), base) if start else ""
    return f"{near}{pattern[len(start) :]}" if near and near != start else ""


def _nearest(path: str, known: Iterable[str], base: str) -> str:
    """Return the nearest known path as the configuration would write it; nothing where none is near."""
    near = get_close_matches(path, sorted(each for each in known if each), 1, 0.75) if len(path) < 200 else []
    return posixpath.relpath(near[0], base or ".") if near else ""


_EFFECTS: Mapping[str, Literal["none", "invalid"]] = {"error": "invalid", "warning": "none"}


def _problem(level: Literal["error", "warning"], at: Known[str], message: str, near: str) -> Diagnostic:
    advice = f"; did you mean {quoted(near)}?" if near else ""
    return Diagnostic(level, "config-invalid", f"{message}{advice}", written_at(at.origin), "", _EFFECTS[level])
