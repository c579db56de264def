"""``kind: Evidence``: a dated record of a drill, restore test, training or review."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import ConfigDict, model_validator

from drpolicy.declarations.shapes.scalars import (
    ApiVersion,
    Count,
    DateText,
    DurationText,
    Path,
    Sha256,
    Shape,
    Text,
    choice,
    optional,
    required,
    words,
    wrong,
)
from drpolicy.declarations.shapes.service import Metadata
from drpolicy.model.stores import DISRUPTIONS

KINDS: Final = ("restore", "failover", "tabletop", "training", "review")
OUTCOMES: Final = ("passed", "failed")
_OUTCOME = (choice(*OUTCOMES), words(*OUTCOMES))


class Measured(Shape):
    """What was measured."""

    rto: DurationText = optional("Time until the service worked again.", "48m")
    rpo: DurationText = optional("Span of data that was lost.", "6m")
    restore: DurationText = optional("How long the restore alone took: a part of the RTO, which it never shows to be kept.", "12m")

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})

    @model_validator(mode="after")
    def _says_something(self) -> Measured:
        if not self.model_fields_set:
            raise wrong("nothing was measured; write rto, rpo or restore, or leave 'measured' out")
        return self


class RestoredBackup(Shape):
    """The backup that a restore was made from."""

    name: Text = optional("Its name, or the id of the recovery point.", "production-20261025020000")
    outcome: Annotated[str, *_OUTCOME] = optional("Whether taking it had completed without errors.", *OUTCOMES)
    size_bytes: Count = optional("Its size in bytes.", 41_000_000_000)
    usual_size_bytes: Count = optional("The size that backups like it usually have, in bytes.", 40_000_000_000)
    contents: Annotated[str, *_OUTCOME] = optional("Whether what it lists was compared with what it ought to hold.", *OUTCOMES)

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})

    @model_validator(mode="after")
    def _says_something(self) -> RestoredBackup:
        if not self.model_fields_set:
            raise wrong("nothing is said of the backup; write its name, or leave 'backup' out")
        return self


class ArtefactShape(Shape):
    """A file that the machine wrote."""

    path: Path = required("Path of the file in the repository.", "evidence/2026-10-20.json")
    sha256: Sha256 = required(
        "SHA-256 of its bytes, so that a later change shows.", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
    )


class RecordedBy(Shape):
    """The machine that wrote the record. Without it, the record is somebody's word."""

    job: Text = optional("Id or link of the job that ran the test.", "https://ci.example.com/jobs/4711")
    artefacts: list[ArtefactShape] = optional(
        "Files it wrote.",
        [{"path": "evidence/2026-10-20.json", "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"}],
        min_length=1,
    )

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})

    @model_validator(mode="after")
    def _names_a_machine(self) -> RecordedBy:
        if not self.model_fields_set:
            raise wrong("nothing says who recorded it; write job, artefacts or both, or leave 'recordedBy' out")
        return self


class Approver(Shape):
    """Who accepted the record."""

    role: Text = required("Role, not a personal name.", "head of operations")


class EvidenceSpec(Shape):
    """What happened."""

    service: Text = required("Name of the service.", "orders")
    kind: Annotated[str, choice(*KINDS), words(*KINDS)] = required("What was done.", *KINDS)
    date: DateText = required("Day it was done.", "2026-10-20")
    environment: Text = optional("Where it was done.", "isolated")
    disruption: Annotated[str, choice(*DISRUPTIONS), words(*DISRUPTIONS)] = optional(
        "Disruption that was rehearsed. Without this field, a failover rehearses the loss of a region.", *DISRUPTIONS
    )
    stores: list[Text] = optional("Stores that were restored: their names in the service, or references.", ["orders-db"])
    outcome: Annotated[str, *_OUTCOME] = required("How it ended.", *OUTCOMES)
    measured: Measured = optional("What the test measured.", {"rto": "48m", "rpo": "6m"})
    application: Annotated[str, *_OUTCOME] = optional("Whether the application was started and worked.", *OUTCOMES)
    integrity: Annotated[str, *_OUTCOME] = optional("Whether the integrity of the data was checked and held.", *OUTCOMES)
    backup: RestoredBackup = optional(
        "The backup that was restored.", {"name": "production-20261025020000", "outcome": "passed", "sizeBytes": 41_000_000_000}
    )
    cleanup: Annotated[str, *_OUTCOME] = optional("Whether what the test made was removed again.", *OUTCOMES)
    runbook: Annotated[str, *_OUTCOME] = optional("Whether the runbook was followed and proved right as it stands.", *OUTCOMES)
    contacts: Annotated[str, *_OUTCOME] = optional("Whether everybody whom the runbook names was reached.", *OUTCOMES)
    recorded_by: RecordedBy = optional(
        "The machine that wrote the record; raises its grade from attested to recorded.", {"job": "https://ci.example.com/jobs/4711"}
    )
    approver: Approver = optional("Who accepted it.", {"role": "head of operations"})


class EvidenceShape(Shape):
    """A dated record of a drill, restore test, training or review."""

    api_version: ApiVersion = required("Version of this format.", "drpolicy.dev/v1")
    kind: Annotated[str, choice("Evidence"), words("Evidence")] = required("Kind of this document.", "Evidence")
    metadata: Metadata = required("Identity of the record.", {"name": "orders-restore-2026-10"})
    spec: EvidenceSpec = required(
        "What happened, and how it ended.", {"service": "orders", "kind": "restore", "date": "2026-10-20", "outcome": "passed"}
    )
