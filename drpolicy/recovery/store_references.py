"""From what a service calls a store to the stores that it names, or to why that cannot be told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from drpolicy.declarations.documents import ServiceDeclaration, StoreReference
from drpolicy.model.patterns import deferred
from drpolicy.model.provenance import Written
from drpolicy.model.reasons import Reason
from drpolicy.model.records import dataclass
from drpolicy.model.resources import TerraformRoot
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Unknown, Value
from drpolicy.recovery.addresses import bare, refers, split
from drpolicy.recovery.claims import Claimed
from drpolicy.recovery.links import Links
from drpolicy.recovery.stores import StoreFacts

_DATA = deferred(r"(?:^|\.)data\.")
_MODULES = deferred(r"^(?:module\.[^.]+\.)+")
_MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class UnreadModule:
    """A module that was not read, and so may make anything under its own address; a whole deployment where that is empty."""

    deployment: str
    address: str
    library: bool
    why: Unknown

    def may_make(self, deployment: str, address: str) -> bool:
        """Whether it may make what is called so; a library does only where the deployment is written."""
        if self.library if not deployment else deployment not in (self.deployment, self.deployment.partition("@")[0]):
            return False
        return not self.address or bare(address).startswith(f"{self.address}.")


@dataclass(frozen=True, slots=True, eq=False)
class Nameable:
    """Everything that references may name."""

    stores: Mapping[str, StoreFacts]
    by_address: Mapping[str, Sequence[str]]
    """Keys of stores by their addresses without indices."""
    links: Links
    unread: Sequence[UnreadModule]


def nameable(stores: Mapping[str, StoreFacts], links: Links, roots: Iterable[TerraformRoot]) -> Nameable:
    """Index the stores of an estate by what references call them."""
    by_address: dict[str, list[str]] = {}
    for key, facts in stores.items():
        by_address.setdefault(bare(facts.address), []).append(key)
    return Nameable(stores, by_address, links, tuple(_unread_modules(roots)))


def _unread_modules(roots: Iterable[TerraformRoot]) -> Iterator[UnreadModule]:
    for root in roots:
        for module in root.modules:
            if module.outcome == "unresolved":
                why = Unknown(Reason.MODULE_NOT_ON_DISK, f"{root.name}:{module.address} ({module.source})", Written(module.span))
                # The source of a Terragrunt unit makes all of it.
                address = bare(module.address) if module.address.startswith("module.") else ""
                yield UnreadModule(root.name, address, root.library, why)


def resolve(service: ServiceDeclaration, among: Nameable) -> Iterator[Claimed]:
    """Yield what each store reference of a service names."""
    for reference in service.stores:
        if isinstance(reference.text, Absent):
            yield from _namespace(reference, among)
        elif isinstance(reference.text, Unknown):
            yield Claimed(reference, reference.text.symbol, "", Truth.UNKNOWN, reference.text)
        elif reference.text.value.startswith("arn:"):
            text = reference.text.value
            key = store_by_arn(text, among.stores, among.links)
            why = None if key else Unknown(Reason.OUTSIDE_SCOPE, f"{text}: no file here makes it", reference.text.origin)
            yield Claimed(reference, text, key, Truth.TRUE if key else Truth.UNKNOWN, why)
        else:
            yield from _address(reference, reference.text.value, among, service.environment)


def _namespace(reference: StoreReference, among: Nameable) -> Iterator[Claimed]:
    cluster, namespace = reference.cluster, reference.namespace
    if isinstance(cluster, Known) and isinstance(namespace, Known):
        key = f"{cluster.value}//Namespace/_/{namespace.value}"
        text = f"namespace {namespace.value} on cluster {cluster.value}"
        if key in among.stores:
            yield Claimed(reference, text, key)
        else:
            # Modules of Terraform install charts, and any of them may do so on this cluster.
            why = next((each.why for each in among.unread if not each.library), None)
            yield Claimed(reference, text, "", Truth.TRUE if why is None else Truth.UNKNOWN, why)
        return
    unknown = next((each for each in (cluster, namespace) if isinstance(each, Unknown)), None)
    if unknown is not None:
        yield Claimed(reference, unknown.symbol, "", Truth.UNKNOWN, unknown)


def _address(reference: StoreReference, text: str, among: Nameable, environment: Value[str]) -> Iterator[Claimed]:
    stores = among.stores
    found = _in_environment(sorted(_named(text, among)), stores, environment)
    if not found:
        unread = _unread(reference, text, among)
        yield Claimed(reference, text, "", Truth.UNKNOWN if unread is not None else Truth.TRUE, unread)
        return
    if len({stores[key].deployment for key in found}) > 1:
        more = f" or {len(found) - _MOST_NAMED} more" if len(found) > _MOST_NAMED else ""
        why = Unknown(Reason.AMBIGUOUS, " or ".join(found[:_MOST_NAMED]) + more, reference.text.origin)
        for key in found:
            yield Claimed(reference, text, key, Truth.UNKNOWN, why)
        return
    doubts = [_doubt(text, key, among) for key in found]
    for key, doubt in zip(found, doubts, strict=True):
        named = refers(text, stores[key].deployment, stores[key].address)
        yield Claimed(reference, text, key, named, doubt if named is Truth.UNKNOWN else None)
    if doubts[0] is not None and None not in doubts:
        # None of them is certain to be there, or to be the one: the reference may name nothing.
        yield Claimed(reference, text, "", Truth.UNKNOWN, doubts[0])


def _named(text: str, among: Nameable) -> Iterator[str]:
    """Yield the stores that an address names; of instances that are not known only where the deployment has none that it names."""
    candidates = among.by_address.get(bare(split(text)[1]), ())
    named = {key: refers(text, among.stores[key].deployment, among.stores[key].address) for key in candidates}
    certain = {among.stores[key].deployment for key, truth in named.items() if truth is Truth.TRUE}
    for key, truth in named.items():
        if truth is Truth.TRUE or (truth is Truth.UNKNOWN and among.stores[key].deployment not in certain):
            yield key


def _doubt(text: str, key: str, among: Nameable) -> Unknown | None:
    """Return why a store that is named may not be there, or may not be the instance that is meant."""
    facts, resource = among.stores[key], among.links.by_key.get(key)
    missing = resource is not None and resource.presence is Truth.UNKNOWN
    if not missing and refers(text, facts.deployment, facts.address) is Truth.TRUE:
        return None
    why = resource.why if resource is not None else None
    return why or Unknown(Reason.COUNT_NOT_KNOWN, key, Written(facts.span))


def _in_environment(keys: Sequence[str], stores: Mapping[str, StoreFacts], environment: Value[str]) -> list[str]:
    """Return, of the stores that the deployments of one root make, those of the service's environment; by default of production."""
    if len({stores[key].deployment for key in keys}) < 2 or len({stores[key].deployment.partition("@")[0] for key in keys}) > 1:
        return list(keys)
    wanted = environment.value if isinstance(environment, Known) else "production"
    there = [key for key in keys if isinstance(said := stores[key].environment, Known) and said.value == wanted]
    return there or list(keys)


def _unread(reference: StoreReference, text: str, among: Nameable) -> Unknown | None:
    """Return why an address may name something all the same: a module or data source, or a type that the catalog has no row for."""
    deployment, address = split(text)
    if _DATA.search(address):
        return Unknown(Reason.DATA_SOURCE, text, reference.text.origin)
    type_ = _MODULES.sub("", bare(address)).partition(".")[0]
    if "_" in type_ and type_ not in among.links.rows:
        return Unknown(Reason.OUTSIDE_SCOPE, f"{text}: the catalog has no row for {type_}", reference.text.origin)
    return next((each.why for each in among.unread if each.may_make(deployment, address)), None)


def store_by_arn(arn: str, stores: Mapping[str, StoreFacts], links: Links) -> str:
    """Return the key of the store that an ARN names by its written name, empty when none has it."""
    parts = arn.split(":", 5)
    for key, facts in stores.items():
        row = links.rows.get(facts.type)
        if row is None or len(parts) < 6 or row.arn_service != parts[2] or not parts[5].startswith(row.arn_resource):
            continue
        name = parts[5][len(row.arn_resource) :]
        names = [facts.attributes.fields.get(each) for each in row.names]
        region = facts.region
        if any(isinstance(each, Known) and each.value == name for each in names) and (
            not parts[3] or not isinstance(region, Known) or region.value == parts[3]
        ):
            return key
    return ""
