"""Which types of Terraform's resources are read in a tree."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from drpolicy.catalog.load import built_in_catalog
from drpolicy.kubernetes.manifests import RESOURCE_TYPES
from drpolicy.recovery import iam_rights
from drpolicy.recovery.build import resource_types
from drpolicy.sources.discovery import Discovery
from drpolicy.sources.trees import Tree


def wanted_types(tree: Tree, discovery: Discovery) -> Callable[[str], bool]:
    """Return whether a type is read: rights only where some file speaks of Velero, as they are many and say nothing of anything else."""
    always = resource_types(built_in_catalog()) | RESOURCE_TYPES

    @cache
    def speaks_of_velero() -> bool:
        paths = (*discovery.terraform, *discovery.yaml)
        return any(isinstance(data := tree.read(path), bytes) and b"velero" in data for path in paths)

    return lambda type_: type_ in always or (type_ in iam_rights.RESOURCE_TYPES and speaks_of_velero())
