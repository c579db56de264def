"""``drpolicy.yaml`` and service declarations for what was found, with what only people know left to be filled in."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Iterator

from drpolicy.app.reading import Read
from drpolicy.kubernetes.clusters import ClusterTree
from drpolicy.model.clusters import Cluster
from drpolicy.model.estate import Estate
from drpolicy.model.patterns import deferred
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


def configuration_text(found: Read, estate: Estate, directory: str) -> str:
    """Return a ``drpolicy.yaml`` in a directory: deployments that hold data, environments that their paths name, clusters."""
    return "".join(
        [_HEAD.format(kind="config"), "kind: Config\n", *_environments(found), *_deployments(found, estate, directory)]
    ) + "".join([*_clusters(found, estate, directory), _TIERS, _LIMITS])


def _environments(found: Read) -> Iterator[str]:
    names = {each.value for root in found.terraform.roots if not root.library and isinstance(each := environment_of(root), Known)}
    if names:
        yield "environments: # findings outside production are advice\n"
        yield from (f"  {_scalar(name)}: {{production: {str(name == 'production').lower()}}}\n" for name in sorted(names))


def _deployments(found: Read, estate: Estate, directory: str) -> Iterator[str]:
    holding = {store.deployment for store in estate.stores if holds_data(store.data_class)}
    roots = [root for root in found.terraform.roots if root.name in holding and not root.library]
    if roots:
        yield "deployments: # Terraform roots that hold data; name, environment, account and varFiles can be given\n"
    for root in roots:
        environment = environment_of(root)
        said = f", environment: {_scalar(environment.value)}" if isinstance(environment, Known) else ""
        yield f"  - {{path: {_scalar(_relative(root.path, directory))}{said}}}\n"


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


def _comment(text: str) -> str:
    return " ".join(text.split())
