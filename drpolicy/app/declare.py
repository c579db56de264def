"""``drpolicy declare``: a declaration of what the estate shows, with blanks for what only people know."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from drpolicy.app.check import estate_of
from drpolicy.app.reading import Read
from drpolicy.app.service_draft import ObjectiveDraft, ServiceDraft, StoreDraft, document, service_name, spec_lines
from drpolicy.app.service_imports import is_duration
from drpolicy.app.settings import Settings
from drpolicy.model.estate import Estate
from drpolicy.model.records import replace
from drpolicy.model.stores import Protection, Store
from drpolicy.model.truth import Truth
from drpolicy.model.values import Known, Object, Value
from drpolicy.recovery.labels import SAYS, Label, labels_by_service
from drpolicy.recovery.logic import truth_of

SERVICE_TAGS = ("service", "app", "application", "project", "component", "app.kubernetes.io/part-of", "app.kubernetes.io/name")
OWNER_TAGS = ("owner", "team", "squad")
"""Tags that people use for it, in any case; the first one counts."""


class NothingToDeclare(Exception):
    """There is nothing to write; the message says why."""


def declare(name: str | None, settings: Settings, found: Read) -> str:
    """Return the YAML of a service, or of a service for each group of stores that nobody claims. Raises NothingToDeclare.

    What a declared service says stays as it is written, and what it leaves out is added below.
    """
    estate = estate_of(settings, found)
    tiers = tuple(found.configuration.tiers) if found.configuration is not None else ()
    written = next((each for each in found.declarations.services if each.name == name), None)
    if written is not None:
        service = next(each for each in estate.services if each.name == name)
        draft = replace(_draft(written.name, list(service.stores), estate, found), tiers=tiers)
        return _completed(written.extent.text, draft)
    groups = _groups(estate)
    if name is not None:
        stores = groups.get(service_name(name), [])
        return document(replace(_draft(service_name(name), stores, estate, found), tiers=tiers, stores_known=bool(stores)))
    if not groups:
        raise NothingToDeclare(
            "nothing that was read holds data that no service claims; drpolicy declare --service NAME writes or completes one"
        )
    drafts = (replace(_draft(each, stores, estate, found), tiers=tiers) for each, stores in groups.items())
    return "---\n".join(document(each) for each in drafts)


def _groups(estate: Estate) -> dict[str, list[Store]]:
    """Return the stores of record that nobody claims, by the service that their tags or namespaces name."""
    found: dict[str, list[Store]] = {}
    for store in estate.stores:
        record = isinstance(store.data_class, Known) and store.data_class.value == "system-of-record"
        if record and not store.required_by.elements and not isinstance(store.replica_of, Known):
            found.setdefault(service_name(_of_service(store)), []).append(store)
    return found


def _of_service(store: Store) -> str:
    tagged = _tag([store], SERVICE_TAGS)
    if tagged:
        return tagged
    return store.address.rpartition("/")[2] if store.kind == "namespace" else store.deployment.rpartition("/")[2] or "service"


def _tag(stores: Iterable[Store], names: Sequence[str]) -> str:
    """Return what the stores' tags say, where they agree."""
    said: Counter[str] = Counter()
    for store in stores:
        tags = {key.lower(): value for key, value in _tags(store)}
        value = next((tags[name] for name in names if name in tags), "")
        if value:
            said[value] += 1
    return next(iter(said)) if len(said) == 1 else ""


def _tags(store: Store) -> Iterator[tuple[str, str]]:
    for attribute in ("tags_all", "tags"):
        value = store.attributes.fields.get(attribute)
        if isinstance(value, Known) and isinstance(value.value, Object):
            yield from ((key, str(each.value)) for key, each in value.value.fields.items() if isinstance(each, Known))


def _draft(name: str, stores: Sequence[Store], estate: Estate, found: Read) -> ServiceDraft:
    regions = Counter(store.region.value for store in stores if isinstance(store.region, Known))
    primary = regions.most_common(1)[0][0] if regions else ""
    elsewhere: Counter[str] = Counter()
    for store in stores:
        for member in store.protections.elements:
            region = member.value.region
            if member.presence is Truth.TRUE and _kept_up(member.value) and isinstance(region, Known):
                elsewhere[region.value] += 1
    dr = tuple(sorted(region for region in elsewhere if region != primary))
    clusters = list(dict.fromkeys(store.deployment for store in stores if store.kind == "namespace"))
    standby = tuple(each.name for each in estate.clusters if _text(each.role) == "dr" and _text(each.region) in {"", *dr})
    labels = _labels(name, stores, estate, found)
    rto, rpo = (_agreed(labels, says) for says in ("rto", "rpo"))
    disruption = next((each.disruption for each in labels if each.disruption), "all")
    return ServiceDraft(
        name=name,
        owner=_agreed(labels, "owner") or _tag(stores, OWNER_TAGS),
        tier=_agreed(labels, "tier").lower(),
        objectives=(ObjectiveDraft(disruption, rto, rpo),) if rto or rpo else (),
        notes=tuple(_told(labels)),
        environment=next((each.value for each in (store.environment for store in stores) if isinstance(each, Known)), ""),
        strategy=_strategy(stores),
        primary_region=primary,
        dr_regions=dr,
        primary_cluster=clusters[0] if len(clusters) == 1 else "",
        dr_clusters=standby if len(clusters) == 1 else (),
        stores=tuple(_store(store, estate) for store in stores),
        runbook=_runbook(name, found),
    )


def _labels(name: str, stores: Sequence[Store], estate: Estate, found: Read) -> list[Label]:
    """Return what the tags and annotations that the configuration names say of the service of some stores."""
    by_key = {each.key: each for each in stores}
    # A person reads what is written, so the tags of a store count even where it may not be there.
    said = labels_by_service({name: tuple(by_key)}, by_key, estate.resources, found.inputs.tags, found.inputs.annotations, {})
    return [each for each in said.get(name, ()) if isinstance(each.value, Known)]


def _agreed(labels: Sequence[Label], says: str) -> str:
    """Return what labels say, where they agree; a time only where it is one."""
    said = {_text(each.value) for each in labels if each.says == says}
    (text,) = said if len(said) == 1 else ("",)
    return text if says in ("owner", "tier") or is_duration(text) else ""


def _told(labels: Sequence[Label]) -> Iterator[str]:
    """Yield where the fields are from, and what was not taken over."""
    for says in SAYS:
        these = [each for each in labels if each.says == says]
        if not these:
            continue
        if _agreed(labels, says):
            yield f"{says}: from {these[0].text}"
            continue
        by_value: dict[str, list[Label]] = {}
        for each in these:
            by_value.setdefault(_text(each.value), []).append(each)
        said = (
            f"{found[0].text}{f' and {len(found) - 1} more say' if len(found) > 1 else ' says'} {text}" for text, found in by_value.items()
        )
        yield f"{says}: not taken over: {', '.join(said)}"


def _strategy(stores: Sequence[Store]) -> str:
    """Return what the copies that survive the loss of the region amount to: live databases, or only something to restore from."""
    kinds = {
        member.value.kind
        for store in stores
        for member in store.protections.elements
        if member.presence is Truth.TRUE and _kept_up(member.value)
    }
    return "pilot-light" if "replica" in kinds else "backup-restore" if kinds else ""


def _kept_up(protection: Protection) -> bool:
    """Whether a copy outlives the region and is made again and again: a single one is no strategy."""
    return truth_of(protection.survives.region) is Truth.TRUE and truth_of(protection.scheduled) is Truth.TRUE


def _store(store: Store, estate: Estate) -> StoreDraft:
    if store.kind == "namespace":
        return StoreDraft(cluster=store.deployment, namespace=store.address.rpartition("/")[2])
    unique = sum(each.address == store.address for each in estate.stores) == 1
    return StoreDraft(reference=store.address if unique else store.key)


def _runbook(name: str, found: Read) -> str:
    """Return the Markdown file in the repository whose name has that of the service and whose directory is one of runbooks."""
    named = [path for path in found.discovery.markdown if "runbook" in path.lower() and name in path.rpartition("/")[2].lower()]
    return min(named, key=len, default="")


def _text(value: Value[str]) -> str:
    return value.value if isinstance(value, Known) else ""


def _completed(text: str, draft: ServiceDraft) -> str:
    """Return a document with the fields that its ``spec`` leaves out. One in flow style is given the fields to add."""
    lines = text.rstrip().splitlines()
    spec = next((number for number, line in enumerate(lines) if line.rstrip().partition("#")[0].rstrip() == "spec:"), None)
    if spec is None:
        raise NothingToDeclare(f"the spec of {draft.name} is written in braces: write it in lines, and it can be completed")
    end = next((number for number in range(spec + 1, len(lines)) if lines[number][:1] not in {"", " ", "#"}), len(lines))
    inner = [line for line in lines[spec + 1 : end] if line.strip() and not line.lstrip().startswith("#")]
    indent = len(inner[0]) - len(inner[0].lstrip()) if inner else 2
    written = frozenset(line.strip().partition(":")[0] for line in inner if len(line) - len(line.lstrip()) == indent)
    added = [" " * (indent - 2) + line for line in spec_lines(draft, written)] if indent >= 2 else []
    if not added:
        raise NothingToDeclare(f"{draft.name} says everything that the estate shows")
    return "\n".join((*lines[:end], *added, *lines[end:])) + "\n"
