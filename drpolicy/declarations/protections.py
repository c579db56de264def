"""``kind: Protection`` into a declaration."""

from __future__ import annotations

from drpolicy.declarations.documents import ProtectionDeclaration
from drpolicy.declarations.reading import Field
from drpolicy.declarations.services import name_of
from drpolicy.model.spans import Span


def protection(root: Field, extent: Span) -> ProtectionDeclaration:
    """Return the protection that a valid document declares."""
    spec = Field(root.get("spec").value, root.header)
    return ProtectionDeclaration(
        name=name_of(root),
        references=spec.get("stores", "refs").texts(),
        types=spec.get("stores", "types").texts(),
        mechanism=spec.get("mechanism").text(),
        region=spec.get("region").text(),
        account=spec.get("account").text(),
        gap=spec.get("gap").duration(),
        retention=spec.get("retention").duration(),
        owner=spec.get("owner").text(),
        reviewed_until=spec.get("reviewedUntil").date(),
        span=root.header,
        extent=extent,
    )
