"""Where a root keeps its state: the backend as it is written, an override's before the others."""

from __future__ import annotations

from collections.abc import Mapping

from drpolicy.model.provenance import Written
from drpolicy.model.reasons import Reason
from drpolicy.model.resources import BackendSettings
from drpolicy.model.values import Object, Unknown
from drpolicy.terraform.bodies import finished, nested_blocks
from drpolicy.terraform.evaluate import written
from drpolicy.terraform.files import body_of
from drpolicy.terraform.scope import Scope

REQUIRED: Mapping[str, tuple[str, ...]] = {
    "azurerm": ("storage_account_name", "container_name", "key"),
    "gcs": ("bucket",),
    "s3": ("bucket", "key", "region"),
}
"""Settings that a backend cannot do without (Terraform, "Backends", 2026-11). One that is not written is given to ``terraform init``."""


def backend_of(scope: Scope) -> BackendSettings | None:
    """Return the backend of a root; ``None`` when none is written, which is the local disk.

    What a partial configuration leaves to ``terraform init`` is Unknown.
    """
    for settings in scope.module.settings:
        for block in settings.block.blocks:
            if block.type in ("backend", "cloud"):
                body = body_of(settings.file, block)
                fields = {each: finished(written(expr, scope, {})) for each, expr in body.attributes.items()}
                for type_ in {nested.type for nested in block.blocks}:
                    fields[type_] = nested_blocks([(settings.file, nested) for nested in block.nested(type_)], scope, {}, 0)
                kind = block.labels[0] if block.type == "backend" and block.labels else block.type
                for name in REQUIRED.get(kind, ()):
                    if name not in fields:
                        fields[name] = Unknown(Reason.OUTSIDE_SCOPE, scope.symbol(f"backend.{name}"), Written(body.header))
                return BackendSettings(kind, Object(fields), body.header)
    return None
