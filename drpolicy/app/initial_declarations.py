"""``drpolicy.yaml`` and service declarations for what was found, with what only people know left to be filled in."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterable, Iterator

from drpolicy.app.reading import Read
from drpolicy.declarations.services import UNASSIGNED
from drpolicy.kubernetes.clusters import ClusterTree
from drpolicy.model.clusters import Cluster
from drpolicy.model.estate import Estate
from drpolicy.model.patterns import deferred
from drpolicy.model.records import dataclass
from drpolicy.model.stores import Store, holds_data
from drpolicy.model.values import Known, Value
from drpolicy.recovery.environments import ENVIRONMENT_WORDS, environment_of

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

_OBJECTIVES = """\
  # fill in: how long the service may be away (rto) and how much data it may lose (rpo), or a tier of drpolicy.yaml;
  # until then drpolicy check says service-without-objectives
  # tier: critical
  # objectives:
  #   region: {rto: 4h, rpo: 1h}
  #   corruption: {rto: 8h, rpo: 24h}
"""

_WORDLESS = frozenset(
    {
        "terraform",
        "infra",
        "infrastructure",
        "live",
        "stacks",
        "envs",
        "environments",
        "deployments",
        "deploy",
        "main",
        "tf",
        "aws",
        "default",
    }
)
"""Parts of a path that say nothing of the service; so do the words for environments."""

_PLAIN = deferred(r"[A-Za-z][A-Za-z0-9_./-]*")
_WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n"})


@dataclass(frozen=True, slots=True)
class ServiceDraft:
    """A service to be declared, with everything of record that it may live on."""

    name: str
    origin: str
    """Where it was found, in words."""
    stores: tuple[Store, ...]


def drafts_of(found: Read, estate: Estate, taken: Iterable[str]) -> tuple[ServiceDraft, ...]:
    """Return a service for each deployment and namespace with data of record that no service claims and that is not known to be a trial.

    ``taken`` are the names that are in use. Names are unique, and the same on every run.
    """
    clusters = {each.name for each in estate.clusters}
    groups: dict[tuple[str, str], list[Store]] = {}
    libraries = {root.name for root in found.terraform.roots if root.library}
    for store in estate.stores:
        if _of_record(store) and not store.required_by.elements and store.deployment not in libraries and _in_production(store.environment):
            namespace = store.address.rpartition("/")[2] if store.deployment in clusters else ""
            groups.setdefault((store.deployment, namespace), []).append(store)
    names = set(taken)
    drafts = []
    for (deployment, namespace), stores in groups.items():
        name = _unique(_name(found, deployment, namespace), names)
        names.add(name)
        origin = f"namespace {namespace} on cluster {deployment}" if namespace else f"what {deployment} makes"
        drafts.append(ServiceDraft(name, origin, tuple(stores)))
    return tuple(drafts)


def _of_record(store: Store) -> bool:
    return not isinstance(store.data_class, Known) or store.data_class.value == "system-of-record"


def _in_production(environment: Value[str]) -> bool:
    return not isinstance(environment, Known) or environment.value == "production"


def _name(found: Read, deployment: str, namespace: str) -> str:
    if namespace:
        return _slug(namespace if not _says_nothing(namespace) else f"{deployment}-{namespace}")
    telling = [part for part in deployment.split("/") if _slug(part) and not _says_nothing(part)]
    return _slug(telling[-1] if telling else found.root.name)


def _says_nothing(part: str) -> bool:
    return part.lower() in _WORDLESS or part.lower() in ENVIRONMENT_WORDS or part.lower() in ENVIRONMENT_WORDS.values()


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:60].rstrip("-")


def _unique(name: str, taken: set[str]) -> str:
    name = name or "service"
    return next(each for number in range(1, len(taken) + 2) if (each := name if number == 1 else f"{name}-{number}") not in taken)


def service_text(draft: ServiceDraft) -> str:
    """Return the document of a service; it is valid, and says what is left to be filled in."""
    lines = "".join(f"    - {_reference(store)}\n" for store in draft.stores)
    return (
        f"{_HEAD.format(kind='service')}kind: Service\nmetadata:\n  name: {_scalar(draft.name)}\nspec:\n"
        f"  owner: {UNASSIGNED} # fill in: the team or role that answers for the recovery\n"
        f"{_OBJECTIVES}"
        f"  stores: # {_comment(draft.origin)}, as far as it holds data of record\n{lines}"
    )


def _reference(store: Store) -> str:
    if store.type == "v1/Namespace":
        return f"kubernetes: {{cluster: {_scalar(store.deployment)}, namespace: {_scalar(store.address.rpartition('/')[2])}}}"
    return f"ref: {_scalar(f'{store.deployment}//{store.address}')}"


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
