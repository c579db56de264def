"""``drpolicy.yaml`` for what was found, with what only people know left to be filled in."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Iterator, Mapping, Sequence

from drpolicy.app.reading import Read
from drpolicy.app.var_file_layouts import VarFileSet
from drpolicy.kubernetes.clusters import ClusterTree
from drpolicy.model.clusters import Cluster
from drpolicy.model.estate import Estate
from drpolicy.model.patterns import deferred
from drpolicy.model.resources import TerraformRoot
from drpolicy.model.stores import holds_data
from drpolicy.model.values import Known
from drpolicy.recovery.environments import environment_of

_HEAD = """\
# yaml-language-server: $schema=https://drpolicy.dev/schemas/v1/{kind}.schema.json
apiVersion: drpolicy.dev/v1
"""

_TIERS = """\
# fill in: ask the owners for the numbers, then give each service one of these tiers
# tiers:
#   critical:
#     objectives:
#       region: {rto: 1h, rpo: 15m}
#       corruption: {rto: 4h, rpo: 1h}
#   important:
#     objectives:
#       region: {rto: 8h, rpo: 4h}
#       corruption: {rto: 8h, rpo: 24h}
"""

_LIMITS = """\
# how long a waiver may run, by the severity of what it waives
waiverLimits: {critical: 30d, high: 90d}
"""

_PLAIN = deferred(r"[A-Za-z][A-Za-z0-9_./-]*")
_WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n"})


def configuration_text(found: Read, estate: Estate, directory: str, sets: Mapping[str, Sequence[VarFileSet]] | None = None) -> str:
    """Return a ``drpolicy.yaml`` in a directory: deployments that hold data with their var-files, environments, clusters.

    ``sets`` are the var-files of roots, by path, which a first reading has no use for and a second one has already read.
    """
    return "".join(
        [_HEAD.format(kind="config"), "kind: Config\n", *_environments(found), *_deployments(found, estate, directory, sets or {})]
    ) + "".join([*_clusters(found, estate, directory), _TIERS, _LIMITS])


def var_files_text(directory: str, sets: Mapping[str, Sequence[VarFileSet]]) -> str:
    """Return a ``drpolicy.yaml`` of nothing but var-files: what has to be read before it can be said which roots hold data."""
    entries = (_entry(path, one, len(made) > 1, directory) for path, made in sorted(sets.items()) for one in made)
    return "".join([_HEAD.format(kind="config"), "kind: Config\n", "deployments:\n", *entries])


def assumptions(found: Read, estate: Estate, sets: Mapping[str, Sequence[VarFileSet]]) -> Iterator[str]:
    """Yield what was concluded of var-files, so that it can be corrected."""
    holding = {root.path for root in _holding(found, estate)}
    used = [one for path, made in sets.items() if path in holding for one in made]
    for environment in sorted({one.environment for one in used}):
        these = [one for one in used if one.environment == environment]
        files = sorted({posixpath.dirname(file) or "." for one in these for file in one.files})
        others = sorted({other for one in these for other in one.others})
        deployments = f"{len(these)} {'deployment' if len(these) == 1 else 'deployments'}"
        what = f"{deployments} with the var-files of {environment or 'no environment'} in {', '.join(files)}"
        yield what + (f"; a deployment can be listed again, with a name, for {', '.join(others)}" if others else "")


def _environments(found: Read) -> Iterator[str]:
    names = {each.value for root in found.terraform.roots if not root.library and isinstance(each := environment_of(root), Known)}
    if names:
        yield "environments: # findings outside production are advice\n"
        yield from (f"  {_scalar(name)}: {{production: {str(name == 'production').lower()}}}\n" for name in sorted(names))


def _holding(found: Read, estate: Estate) -> list[TerraformRoot]:
    holding = {store.deployment for store in estate.stores if holds_data(store.data_class)}
    return [root for root in found.terraform.roots if root.name in holding and not root.library]


def _deployments(found: Read, estate: Estate, directory: str, sets: Mapping[str, Sequence[VarFileSet]]) -> Iterator[str]:
    roots = _holding(found, estate)
    if roots:
        yield "deployments: # Terraform roots that hold data; name, environment, account and varFiles can be given\n"
        yield from (f"  # assumed from the names of files: {each}\n" for each in assumptions(found, estate, sets))
    for path in dict.fromkeys(root.path for root in roots):
        if path in sets:
            yield from (_entry(path, one, len(sets[path]) > 1, directory) for one in sets[path])
            continue
        these = [root for root in roots if root.path == path]
        for root in these:
            environment = environment_of(root)
            # Of several with one path each needs its name; what a check concludes of their var-files is written out.
            name = root.name if root.implied or len(these) > 1 else ""
            files = [span.path for span in root.var_files]
            yield _deployment(path, name, environment.value if isinstance(environment, Known) else "", files, directory)


def _entry(path: str, one: VarFileSet, several: bool, directory: str) -> str:
    name = f"{path or 'root'}@{one.label}" if several else ""
    return _deployment(path, name, one.environment, one.files, directory)


def _deployment(path: str, name: str, environment: str, var_files: Sequence[str], directory: str) -> str:
    parts = [f"path: {_scalar(_relative(path, directory))}"]
    parts += [f"name: {_scalar(name)}"] if name else []
    parts += [f"environment: {_scalar(environment)}"] if environment else []
    parts += [f"varFiles: [{', '.join(_scalar(_relative(each, directory)) for each in var_files)}]"] if var_files else []
    return f"  - {{{', '.join(parts)}}}\n"


def _clusters(found: Read, estate: Estate, directory: str) -> Iterator[str]:
    trees: dict[str, ClusterTree] = {each.name: each for each in found.manifests.clusters}
    shown = [each for each in estate.clusters if each.name in trees]
    if not shown:
        return
    known = [each for each in shown if isinstance(each.region, Known)]
    yield "clusters: # the manifests of each cluster; role is primary or dr\n" if known else "# fill in the regions\n# clusters:\n"
    for each in sorted(shown, key=lambda each: each not in known):
        yield _cluster(each, _relative(trees[each.name].path, directory), commented=each not in known)


def _cluster(cluster: Cluster, path: str, *, commented: bool) -> str:
    region = _scalar(cluster.region.value) if isinstance(cluster.region, Known) else "eu-west-1"
    role = _scalar(cluster.role.value) if isinstance(cluster.role, Known) else "primary"
    paths = json.dumps("**" if path == "." else f"{path}/**", ensure_ascii=False)
    entry = f"  - {{name: {_scalar(cluster.name)}, region: {region}, role: {role}, paths: [{paths}]}}"
    return f"#{entry} # fill in the region\n" if commented else f"{entry}\n"


def _relative(path: str, directory: str) -> str:
    return posixpath.relpath(path or ".", directory or ".")


def _scalar(text: str) -> str:
    return text if _PLAIN.fullmatch(text) and text.lower() not in _WORDS else json.dumps(text, ensure_ascii=False)
