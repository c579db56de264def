"""``drpolicy declare``: a declaration of what the estate shows, with blanks for what only people know."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from drpolicy.app.check import estate_of
from drpolicy.app.reading import Read
from drpolicy.app.service_draft import ObjectiveDraft, ServiceDraft, StoreDraft, document, service_name, spec_lines
from drpolicy.app.service_groups import agreed_tag, groups_of
from drpolicy.app.service_imports import is_duration
from drpolicy.app.settings import Settings
from drpolicy.model.estate import Estate
from drpolicy.model.records import replace
from drpolicy.model.stores import Protection, Store
from drpolicy.model.truth import Truth
from drpolicy.model.values import Known, Member, Value
from drpolicy.recovery.labels import SAYS, Label, labels_by_service
from drpolicy.recovery.logic import truth_of

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
    if name is not None:
        named = service_name(name)
        group = next((each for each in groups_of(found, estate, (), everywhere=True) if each.name == named), None)
        stores = group.stores if group is not None else ()
        return document(replace(_draft(named, stores, estate, found), tiers=tiers, stores_known=bool(stores)))
    drafts = list(drafted(found, estate))
    if not drafts:
        raise NothingToDeclare(
            "nothing that was read holds data that no service claims; drpolicy declare --service NAME writes or completes one"
        )
    return "---\n".join(document(each) for each in drafts)


def drafted(found: Read, estate: Estate) -> Iterator[ServiceDraft]:
    """Yield a service for each group of stores that nobody claims, as far as they are not known to be outside production."""
    tiers = tuple(found.configuration.tiers) if found.configuration is not None else ()
    for group in groups_of(found, estate, {each.name for each in found.declarations.services}):
        origin = f"{group.origin}, as far as it holds data of record"
        yield replace(_draft(group.name, group.stores, estate, found), tiers=tiers, origin=origin)


def _draft(name: str, stores: Sequence[Store], estate: Estate, found: Read) -> ServiceDraft:
    regions = Counter(store.region.value for store in stores if isinstance(store.region, Known))
    primary = regions.most_common(1)[0][0] if regions else ""
    # What only some of the stores have would be a promise that nobody made, and broken on the first day.
    elsewhere = frozenset[str].intersection(*map(_copied_to, stores)) if stores else frozenset()
    dr = tuple(sorted(elsewhere - {primary}))
    clusters = list(dict.fromkeys(store.deployment for store in stores if store.kind == "namespace"))
    standby = tuple(each.name for each in estate.clusters if _text(each.role) == "dr" and _text(each.region) in {"", *dr})
    labels = _labels(name, stores, estate, found)
    rto, rpo = (_agreed(labels, says) for says in ("rto", "rpo"))
    disruption = next((each.disruption for each in labels if each.disruption), "all")
    return ServiceDraft(
        name=name,
        owner=_agreed(labels, "owner") or agreed_tag(stores, OWNER_TAGS),
        tier=_agreed(labels, "tier").lower(),
        objectives=(ObjectiveDraft(disruption, rto, rpo),) if rto or rpo else (),
        notes=tuple(_told(labels)),
        environment=_environment(stores),
        strategy=_strategy(stores),
        primary_region=primary,
        dr_regions=dr,
        primary_cluster=clusters[0] if len(clusters) == 1 else "",
        dr_clusters=standby if len(clusters) == 1 else (),
        stores=tuple(map(_store, stores)),
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


def _copied_to(store: Store) -> frozenset[str]:
    """Return the regions of the copies of a store that outlive its own."""
    regions = (member.value.region for member in _lasting(store))
    return frozenset(region.value for region in regions if isinstance(region, Known))


def _lasting(store: Store) -> list[Member[Protection]]:
    return [member for member in store.protections.elements if member.presence is Truth.TRUE and _kept_up(member.value)]


def _strategy(stores: Sequence[Store]) -> str:
    """Return what the copies that survive the loss of the region amount to, where every store has one: live ones, or to restore from."""
    kinds = [{member.value.kind for member in _lasting(store)} for store in stores]
    if not kinds or not all(kinds):
        return ""
    return "pilot-light" if any("replica" in each for each in kinds) else "backup-restore"


def _kept_up(protection: Protection) -> bool:
    """Whether a copy outlives the region and is made again and again: a single one is no strategy."""
    return truth_of(protection.survives.region) is Truth.TRUE and truth_of(protection.scheduled) is Truth.TRUE


def _environment(stores: Sequence[Store]) -> str:
    """Return the environment that all stores are in."""
    said = {_text(store.environment) for store in stores}
    return said.pop() if len(said) == 1 else ""


def _store(store: Store) -> StoreDraft:
    if store.kind == "namespace":
        return StoreDraft(cluster=store.deployment, namespace=store.address.rpartition("/")[2])
    return StoreDraft(reference=store.key)


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
    # What is to be filled in is said once.
    shifted = (" " * (indent - 2) + line for line in spec_lines(draft, written)) if indent >= 2 else ()
    added = [line for line in shifted if line not in lines]
    if not added:
        raise NothingToDeclare(f"{draft.name} says everything that the estate shows")
    return "\n".join((*lines[:end], *added, *lines[end:])) + "\n"
