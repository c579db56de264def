"""A declaration that is not written yet, and its YAML.

What only people know is a comment that says ``fill in``: a run then says what is missing. Only the stores are a blank,
``${STORES}``, which is unknown: without them nothing would be asked of the service.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence

from drpolicy.declarations.services import UNASSIGNED
from drpolicy.model.patterns import deferred
from drpolicy.model.records import dataclass

SCHEMA_LINE = "# yaml-language-server: $schema=https://drpolicy.dev/schemas/v1/service.schema.json"
CONFIG_SCHEMA_LINE = "# yaml-language-server: $schema=https://drpolicy.dev/schemas/v1/config.schema.json"

_PLAIN = deferred(r"(?!(?:true|false|yes|no|on|off|null|y|n|~)$)[A-Za-z_][\w./@+ -]*(?<! )", re.IGNORECASE)
_NAME = deferred(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class StoreDraft:
    """A store: a reference, or a namespace of a cluster."""

    reference: str = ""
    cluster: str = ""
    namespace: str = ""


@dataclass(frozen=True, slots=True)
class ObjectiveDraft:
    """RTO and RPO for one disruption, as texts; an empty one is not known."""

    disruption: str
    rto: str = ""
    rpo: str = ""


@dataclass(frozen=True, slots=True)
class ServiceDraft:
    """What is known of a service. ``notes`` say of a field, by its name, what a person has to decide."""

    name: str
    owner: str = ""
    environment: str = ""
    tier: str = ""
    rto: str = ""
    rpo: str = ""
    """For every disruption that is not among ``objectives``."""
    objectives: tuple[ObjectiveDraft, ...] = ()
    strategy: str = ""
    primary_region: str = ""
    dr_regions: tuple[str, ...] = ()
    primary_cluster: str = ""
    dr_clusters: tuple[str, ...] = ()
    stores: tuple[StoreDraft, ...] = ()
    origin: str = ""
    """Where the stores were found, in words."""
    stores_known: bool = True
    """Whether ``stores`` is all there is: an empty list then says that there is none."""
    runbook: str = ""
    depends_on: tuple[str, ...] = ()
    tiers: tuple[str, ...] = ()
    """The tiers that the configuration has, to choose from."""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TierDraft:
    """A tier of drpolicy.yaml."""

    name: str
    objectives: tuple[ObjectiveDraft, ...]
    notes: tuple[str, ...] = ()


def service_name(text: str) -> str:
    """Return a text as the name of a service: lower case, words with ``-`` between them."""
    return _NAME.sub("-", text.lower()).strip("-")[:63].rstrip("-") or "service"


def document(draft: ServiceDraft) -> str:
    """Return a ``kind: Service`` document that can be read as it stands."""
    head = (SCHEMA_LINE, "apiVersion: drpolicy.dev/v1", "kind: Service", f"metadata: {{name: {scalar(draft.name)}}}", "spec:")
    return "\n".join((*head, *spec_lines(draft, frozenset()))) + "\n"


def spec_lines(draft: ServiceDraft, written: frozenset[str]) -> Iterator[str]:
    """Yield the fields of a ``spec`` that are not written yet."""
    for note in draft.notes:
        yield f"  # {_one_line(note)}"
    if "owner" not in written:
        blank = f"  owner: {UNASSIGNED}  # fill in: the team or role that answers for the recovery"
        yield f"  owner: {scalar(draft.owner)}" if draft.owner else blank
    if draft.environment and "environment" not in written:
        yield f"  environment: {scalar(draft.environment)}"
    yield from _objectives(draft, written)
    if draft.strategy and "strategy" not in written:
        yield f"  strategy: {draft.strategy}  # what its copies amount to; write what is meant"
    if draft.primary_region and "regions" not in written:
        dr = f", dr: [{', '.join(map(scalar, draft.dr_regions))}]" if draft.dr_regions else ""
        yield f"  regions: {{primary: {scalar(draft.primary_region)}{dr}}}"
    if draft.primary_cluster and "clusters" not in written:
        dr = f", dr: [{', '.join(map(scalar, draft.dr_clusters))}]" if draft.dr_clusters else ""
        yield f"  clusters: {{primary: {scalar(draft.primary_cluster)}{dr}}}"
    if "stores" not in written:
        yield from _stores(draft)
    if draft.depends_on and "dependsOn" not in written:
        yield "  dependsOn:"
        for each in draft.depends_on:
            yield f"    - {{service: {scalar(each)}}}"
    if "runbook" not in written:
        blank = f"  # runbook: {{path: docs/runbooks/{draft.name}.md}}  # fill in: drpolicy runbook new {draft.name} drafts one"
        yield f"  runbook: {{path: {scalar(draft.runbook)}}}" if draft.runbook else blank


def _objectives(draft: ServiceDraft, written: frozenset[str]) -> Iterator[str]:
    if draft.tier and "tier" not in written:
        yield f"  tier: {scalar(draft.tier)}"
    general = ObjectiveDraft("all", draft.rto, draft.rpo)
    stated = [each for each in (*draft.objectives, general) if each.rto or each.rpo]
    if stated and "objectives" not in written:
        yield f"  objectives: {{{', '.join(map(_objective, stated))}}}"
    elif not draft.tier and not {"tier", "objectives"} & written:
        if draft.tiers:
            yield f"  # tier: {scalar(draft.tiers[0])}  # fill in: one of {_one_line(', '.join(draft.tiers))}"
            return
        yield "  # fill in: how long the service may be away (rto) and how much data it may lose (rpo), or a tier of drpolicy.yaml"
        yield "  # objectives: {region: {rto: 4h, rpo: 1h}, corruption: {rto: 8h, rpo: 24h}}"


def _objective(stated: ObjectiveDraft) -> str:
    parts = [f"{name}: {value}" for name, value in (("rto", stated.rto), ("rpo", stated.rpo)) if value]
    return f"{stated.disruption}: {{{', '.join(parts)}}}"


def tiers_document(tiers: Sequence[TierDraft]) -> str:
    """Return a ``kind: Config`` document with nothing but tiers."""
    lines = [CONFIG_SCHEMA_LINE, "apiVersion: drpolicy.dev/v1", "kind: Config", "tiers:"]
    for each in tiers:
        lines.extend(f"  # {_one_line(note)}" for note in each.notes)
        lines.extend((f"  {scalar(each.name)}:", "    objectives:"))
        lines.extend(f"      {_objective(stated)}" for stated in each.objectives)
    return "\n".join(lines) + "\n"


def _stores(draft: ServiceDraft) -> Iterator[str]:
    if not draft.stores:
        # An empty list would say that nothing holds its data.
        blank = '  stores: [{ref: "${STORES}"}]  # everything that holds its data; drpolicy estate lists what there is'
        yield "  stores: []" if draft.stores_known else blank
        return
    yield f"  stores:  # {_one_line(draft.origin)}" if draft.origin else "  stores:"
    for each in draft.stores:
        if each.reference:
            yield f"    - {{ref: {scalar(each.reference)}}}"
        else:
            yield f"    - {{kubernetes: {{cluster: {scalar(each.cluster)}, namespace: {scalar(each.namespace)}}}}}"


def scalar(text: str) -> str:
    """Return a text as a YAML scalar."""
    return text if _PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False)


def _one_line(text: str) -> str:
    return " ".join(text.split())
