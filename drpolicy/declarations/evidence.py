"""``kind: Evidence`` into a declaration."""

from __future__ import annotations

from drpolicy.declarations.documents import Artefact, BackupRecord, EvidenceDeclaration
from drpolicy.declarations.reading import Field, mapped
from drpolicy.declarations.services import name_of
from drpolicy.model.provenance import Default
from drpolicy.model.spans import Span
from drpolicy.model.truth import Truth
from drpolicy.model.values import Known, Members, Unknown, Value


def evidence(root: Field, extent: Span) -> EvidenceDeclaration:
    """Return the record that a valid document holds."""
    spec = Field(root.get("spec").value, root.header)
    job = spec.get("recordedBy", "job").text()
    artefacts = mapped(spec.get("recordedBy", "artefacts").elements(), _artefact)
    return EvidenceDeclaration(
        name=name_of(root),
        service=spec.get("service").text(),
        kind=spec.get("kind").text(),
        date=spec.get("date").date(),
        environment=spec.get("environment").text(),
        disruption=_disruption(spec),
        stores=spec.get("stores").texts(),
        passed=spec.get("outcome").passed(),
        application=spec.get("application").passed(),
        integrity=spec.get("integrity").passed(),
        measured_rto=spec.get("measured", "rto").duration(),
        measured_rpo=spec.get("measured", "rpo").duration(),
        measured_restore=spec.get("measured", "restore").duration(),
        backup=_backup(spec),
        cleanup=spec.get("cleanup").passed(),
        runbook=spec.get("runbook").passed(),
        contacts=spec.get("contacts").passed(),
        grade="recorded" if isinstance(job, Known) or _has_hash(artefacts) else "attested",
        job=job,
        artefacts=artefacts,
        approver=spec.get("approver", "role").text(),
        span=root.header,
        extent=extent,
    )


def _disruption(spec: Field) -> Value[str]:
    written = spec.get("disruption")
    if written.written:
        return written.text()
    kind = spec.get("kind").value
    if isinstance(kind, Unknown):
        # A failover rehearses the loss of a region; whether this is one is what is not known.
        return kind
    if isinstance(kind, Known) and kind.value == "failover":
        return Known("region", Default("disruption: region", "schemas/evidence.schema.json: a failover", spec.get("kind").place))
    return written.text()


def _backup(spec: Field) -> BackupRecord:
    return BackupRecord(
        name=spec.get("backup", "name").text(),
        completed=spec.get("backup", "outcome").passed(),
        size=spec.get("backup", "sizeBytes").count(),
        usual_size=spec.get("backup", "usualSizeBytes").count(),
        contents=spec.get("backup", "contents").passed(),
    )


def _artefact(entry: Field) -> Artefact:
    return Artefact(entry.get("path").text(), entry.get("sha256").text(), entry.place)


def _has_hash(artefacts: Members[Artefact]) -> bool:
    return any(
        member.presence is Truth.TRUE and isinstance(member.value.path, Known) and isinstance(member.value.sha256, Known)
        for member in artefacts.elements
    )
