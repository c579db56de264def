"""The shapes of the documents a user writes. Importing this package imports pydantic: do so only when there is something to validate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from drpolicy.declarations.shapes.configuration import ConfigShape, WaiverRegisterShape
from drpolicy.declarations.shapes.evidence import EvidenceShape
from drpolicy.declarations.shapes.policy import PolicyShape
from drpolicy.declarations.shapes.protection import ProtectionShape
from drpolicy.declarations.shapes.scalars import Shape
from drpolicy.declarations.shapes.service import ServiceShape

SHAPES: Final[Mapping[str, type[Shape]]] = {
    "Service": ServiceShape,
    "Evidence": EvidenceShape,
    "Protection": ProtectionShape,
    "Config": ConfigShape,
    "WaiverRegister": WaiverRegisterShape,
    "Policy": PolicyShape,
}
"""The shape of each kind of ``drpolicy.dev/v1``."""
