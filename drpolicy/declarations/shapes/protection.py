"""``kind: Protection``: a protection that lives outside what is read."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, model_validator

from drpolicy.declarations.shapes.scalars import ApiVersion, DateText, DurationText, Shape, Text, choice, optional, required, words, wrong
from drpolicy.declarations.shapes.service import Metadata


class ProtectedStores(Shape):
    """Which stores are protected."""

    refs: list[Text] = optional(
        "Terraform addresses, 'deployment//address', or ARNs, as a service writes them.", ["aws_db_instance.primary"], min_length=1
    )
    types: list[Text] = optional("Every store of these types.", ["aws_db_instance"], min_length=1)

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})

    @model_validator(mode="after")
    def _selects_something(self) -> ProtectedStores:
        if not self.model_fields_set:
            raise wrong("no store is selected; write refs, types or both")
        return self


class ProtectionSpec(Shape):
    """How the stores are protected."""

    stores: ProtectedStores = required("Which stores it protects.", {"refs": ["aws_db_instance.primary"]})
    mechanism: Text = required("How the copies are made: a mechanism of the catalog.", "aws-backup")
    region: Text = required(
        "Region the copy is in; a place of your own is written with its country before it.", "ap-northeast-1", "kr:data-centre-2"
    )
    account: Text = optional("Account the copy is in, in quotes; without this field, the store's own.", "123456789012")
    gap: DurationText = required("Largest distance between two copies.", "24h")
    retention: DurationText = required("How long a copy is kept.", "35d")
    owner: Text = required("Team or role that answers for it, not a personal name.", "team-platform")
    reviewed_until: DateText = required("Day after which this declaration counts no longer, unless it is reviewed.", "2027-03-31")


class ProtectionShape(Shape):
    """A protection that is managed elsewhere. It counts as attested evidence, until the day it names."""

    api_version: ApiVersion = required("Version of this format.", "drpolicy.dev/v1")
    kind: Annotated[str, choice("Protection"), words("Protection")] = required("Kind of this document.", "Protection")
    metadata: Metadata = required("Identity of the protection.", {"name": "central-backup"})
    spec: ProtectionSpec = required(
        "Which stores are protected, how, and until when that is known.",
        {
            "stores": {"types": ["aws_db_instance"]},
            "mechanism": "aws-backup",
            "region": "ap-northeast-1",
            "gap": "24h",
            "retention": "35d",
            "owner": "team-platform",
            "reviewedUntil": "2027-03-31",
        },
    )
