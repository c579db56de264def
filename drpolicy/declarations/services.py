"""``kind: Service`` into a declaration."""

from __future__ import annotations

from drpolicy.declarations.documents import Contact, Dependency, ObjectiveDeclaration, RecoveryTerms, ServiceDeclaration, StoreReference
from drpolicy.declarations.reading import Field, mapped
from drpolicy.model.provenance import Default, Written
from drpolicy.model.spans import Span
from drpolicy.model.values import Known, Member, Members, Object, Value

UNASSIGNED = "unassigned"
"""The owner of a service that nobody has been named for yet; ``drpolicy init`` writes it, and a check says so."""


def service(root: Field, extent: Span) -> ServiceDeclaration:
    """Return the service that a valid document declares."""
    spec = root.get("spec")
    # What a spec leaves out is missing from the service: its name stands for it, not the word "spec".
    spec = Field(spec.value, root.header)
    owner = spec.get("owner")
    return ServiceDeclaration(
        name=name_of(root),
        labels={name: label.text() for name, label in root.get("metadata", "labels").items()},
        owner=owner.get("team").text() if _is_mapping(owner) else owner.text(),
        contacts=mapped(owner.get("contacts").elements(), _contact),
        environment=spec.get("environment").text(),
        tier=spec.get("tier").text(),
        strategy=spec.get("strategy").text(),
        objectives=objectives(spec.get("objectives")),
        primary_region=spec.get("regions", "primary").text(),
        dr_regions=spec.get("regions", "dr").texts(),
        primary_cluster=spec.get("clusters", "primary").text(),
        dr_clusters=spec.get("clusters", "dr").texts(),
        stores=mapped(spec.get("stores").elements(), _store),
        runbook=spec.get("runbook", "path").text(),
        runbook_reviewed=spec.get("runbook", "lastReviewed").date(),
        dependencies=mapped(spec.get("dependsOn").elements(), _dependency),
        test_max_age=spec.get("testing", "maxAge").duration(),
        test_every=spec.get("testing", "every").text(),
        records=spec.get("cutover", "records").texts(),
        terms=recovery_terms(spec.get("recovery")),
        resilience_hub=spec.get("resilienceHub").text(),
        region_switch=spec.get("regionSwitch").text(),
        span=root.header,
        extent=extent,
    )


def name_of(root: Field) -> str:
    """Return the name of a document, which validation made sure is known."""
    name = root.get("metadata", "name").value
    return str(name.value) if isinstance(name, Known) else ""


def objectives(declared: Field) -> Members[ObjectiveDeclaration]:
    """Return the objectives of a service or tier, one per disruption that is named."""
    return Members(
        tuple(
            Member(ObjectiveDeclaration(disruption, each.get("rto").duration(), each.get("rpo").duration(), each.header))
            for disruption, each in declared.items()
        ),
        declared.rest,
    )


def recovery_terms(declared: Field) -> RecoveryTerms:
    """Return the terms of a service's or a tier's RTO; Absent where none is written."""
    return RecoveryTerms(declared.get("detection").duration(), declared.get("decision").duration(), declared.get("failback").duration())


def _is_mapping(value: Field) -> bool:
    return isinstance(value.value, Known) and isinstance(value.value.value, Object)


def _contact(entry: Field) -> Contact:
    return Contact(entry.get("role").text(), entry.get("rota").text(), entry.place)


def _dependency(entry: Field) -> Dependency:
    kind = entry.get("kind")
    default: Value[str] = Known("hard", Default("kind: hard", "schemas/service.schema.json", entry.place))
    return Dependency(entry.get("service").text(), kind.text() if kind.written else default, entry.place)


def _flagged(entry: Field) -> Value[object]:
    """Return that something is written, with the place of its name."""
    return Known(True, Written(entry.header)) if isinstance(entry.value, Known) else entry.value


def _store(entry: Field) -> StoreReference:
    text, namespace = entry.get("ref"), entry.get("kubernetes")
    return StoreReference(
        name=entry.get("name").text(),
        text=text.text(),
        cluster=namespace.get("cluster").text(),
        namespace=namespace.get("namespace").text(),
        data_class=entry.get("class").text(),
        span=text.place if text.written else namespace.header,
        data_location=entry.get("dataLocation").text(),
        personal_data=_flagged(entry.get("personalData")),
        transfer_basis=entry.get("personalData", "transferBasis").text(),
    )
