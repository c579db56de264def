"""Which stores make a service that nobody has declared yet: those that a tag names together, else those of one deployment or namespace."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from drpolicy.app.reading import Read
from drpolicy.app.service_draft import service_name
from drpolicy.model.estate import Estate
from drpolicy.model.records import dataclass
from drpolicy.model.stores import Store
from drpolicy.model.values import Known, Object, Value
from drpolicy.recovery.deployments import is_record
from drpolicy.recovery.environments import ENVIRONMENT_WORDS

SERVICE_TAGS = ("service", "app", "application", "project", "component", "app.kubernetes.io/part-of", "app.kubernetes.io/name")
"""Tags that people use for the name of a service, in any case; the first one counts."""

_WORDLESS = frozenset(
    {"terraform", "infra", "infrastructure", "live", "stacks", "envs", "environments", "deployments", "deploy", "main", "tf", "aws"}
    | {"default", "cluster", "database", "db"}
)
"""Parts of a path that say nothing of the service; so do the words for environments."""


@dataclass(frozen=True, slots=True)
class ServiceGroup:
    """A service to be declared, with everything of record that it may live on."""

    name: str
    origin: str
    """Where it was found, in words."""
    stores: tuple[Store, ...]


def groups_of(found: Read, estate: Estate, taken: Iterable[str], *, everywhere: bool = False) -> tuple[ServiceGroup, ...]:
    """Return the services that the stores of record make which no service claims.

    ``taken`` are the names that are in use. Without ``everywhere`` only what is not known to be outside production. Names are unique, and
    the same on every run.
    """
    stores = [each for each in _unclaimed(found, estate) if everywhere or _in_production(each.environment)]
    tagged = _tagged(stores)
    groups: dict[tuple[str, str, str], list[Store]] = {}
    for store in stores:
        namespace = _on_cluster(store)
        tag = tagged.get(store.key, "")
        groups.setdefault(("", "", tag) if tag else (store.deployment, namespace, ""), []).append(store)
    names = set(taken)
    made = []
    for (deployment, namespace, tag), these in groups.items():
        name = _unique(tag or _name(found, deployment, namespace), names)
        names.add(name)
        where = f"what {namespace} holds" if "/" in namespace else f"namespace {namespace}"
        place = f"{where} on cluster {deployment}" if namespace else f"what {deployment} makes"
        made.append(ServiceGroup(name, f"what is tagged as {tag}" if tag else place, tuple(these)))
    return tuple(made)


def agreed_tag(stores: Iterable[Store], names: Sequence[str]) -> str:
    """Return what the stores' tags say, where they agree."""
    said = {value for store in stores if (value := _tag(store, names))}
    return said.pop() if len(said) == 1 else ""


def _tagged(stores: Sequence[Store]) -> Mapping[str, str]:
    """Return the service that a store's tags name. One name on everything in several deployments is the company's, and tells none apart."""
    found = {store.key: service_name(tag) for store in stores if (tag := _tag(store, SERVICE_TAGS))}
    deployments = {store.deployment for store in stores if store.key in found}
    return {} if len(found) == len(stores) and len(set(found.values())) == 1 and len(deployments) > 1 else found


def _tag(store: Store, names: Sequence[str]) -> str:
    tags = {key.lower(): value for key, value in _tags(store)}
    return next((tags[name] for name in names if tags.get(name)), "")


def _tags(store: Store) -> Iterator[tuple[str, str]]:
    for attribute in ("tags_all", "tags"):
        value = store.attributes.fields.get(attribute)
        if isinstance(value, Known) and isinstance(value.value, Object):
            yield from ((key, str(each.value)) for key, each in value.value.fields.items() if isinstance(each, Known))


def _unclaimed(found: Read, estate: Estate) -> Iterator[Store]:
    libraries = {root.name for root in found.terraform.roots if root.library}
    for store in estate.stores:
        apart = store.required_by.elements or store.deployment in libraries or isinstance(store.replica_of, Known)
        if is_record(store) and not apart:
            yield store


def _in_production(environment: Value[str]) -> bool:
    return not isinstance(environment, Known) or environment.value == "production"


def _on_cluster(store: Store) -> str:
    """Return the namespace of a store on a cluster, or the address of the object that an operator makes a database of."""
    if store.kind == "namespace":
        return store.address.rpartition("/")[2]
    return store.address if store.address.count("/") == 2 and store.type.count("/") else ""


def _name(found: Read, deployment: str, namespace: str) -> str:
    if "/" in namespace:
        _, home, name = namespace.split("/")
        return _slug(f"{home}-{name}" if _says_nothing(name) else name)
    if namespace:
        return _slug(namespace if not _says_nothing(namespace) else f"{deployment}-{namespace}")
    telling = [part for part in re.split("[/@]", deployment) if _slug(part) and not _says_nothing(part)]
    return _slug(telling[-1] if telling else found.root.name)


def _says_nothing(part: str) -> bool:
    return part.lower() in _WORDLESS or part.lower() in ENVIRONMENT_WORDS or part.lower() in ENVIRONMENT_WORDS.values()


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:60].rstrip("-")


def _unique(name: str, taken: set[str]) -> str:
    name = name or "service"
    return next(each for number in range(1, len(taken) + 2) if (each := name if number == 1 else f"{name}-{number}") not in taken)
