"""Which Terraform roots are deployments that say something of recovery."""

from __future__ import annotations

from drpolicy.model.resources import TerraformRoot
from drpolicy.recovery import iam_rights, identities, permissions

_RIGHTS = iam_rights.RESOURCE_TYPES | identities.RESOURCE_TYPES | permissions.RESOURCE_TYPES


def makes_more_than_rights(root: TerraformRoot, asked_for: frozenset[str]) -> bool:
    """Whether a root makes something beside roles and rights; ``asked_for`` are the types that are read in any case.

    Rights are read only where something else rests on them: a root of nothing else would be a deployment or none, depending on
    what is declared somewhere else.
    """
    return any(each.type in asked_for or each.type not in _RIGHTS for each in root.resources)
