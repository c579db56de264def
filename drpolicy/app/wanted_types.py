"""Which types of Terraform's resources are read in a tree."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Final

from drpolicy.catalog.load import built_in_catalog
from drpolicy.kubernetes.manifests import RESOURCE_TYPES
from drpolicy.model.records import dataclass
from drpolicy.recovery import iam_rights, identities, permissions
from drpolicy.recovery.build import resource_types
from drpolicy.sources.discovery import Discovery
from drpolicy.sources.trees import Tree


@dataclass(frozen=True, slots=True)
class _Many:
    """Types of which there are many, and what some file must speak of for them to matter."""

    types: frozenset[str]
    manifests: bytes
    """In a YAML file."""
    terraform: bytes = b""
    """In a file of Terraform."""


_MANY: Final = (
    _Many(iam_rights.RESOURCE_TYPES, b"velero", b"velero"),
    _Many(identities.RESOURCE_TYPES, b"eks.amazonaws.com/role-arn", b"aws_eks_pod_identity_association"),
    _Many(permissions.RESOURCE_TYPES, b"drpolicy.dev"),
)
"""Velero's own rights, service accounts with a role, what may delete the data of a service. Reading all roles and policies in a
repository full of them took up to a third of the time, and said nothing."""


def wanted_types(tree: Tree, discovery: Discovery, everything: bool = False) -> Callable[[str], bool]:
    """Return whether a type is read: of those that are many only those that matter here, unless ``everything`` is asked for."""
    always = resource_types(built_in_catalog()) | RESOURCE_TYPES
    many = frozenset().union(*(each.types for each in _MANY))
    if everything:
        return (always | many).__contains__
    matter = cache(lambda: frozenset[str]().union(*(each.types for each in _matter(tree, discovery))))
    return lambda type_: type_ in always or (type_ in many and type_ in matter())


def _matter(tree: Tree, discovery: Discovery) -> Iterator[_Many]:
    missing = list(_MANY)
    for paths, where in ((discovery.yaml, "manifests"), (discovery.terraform, "terraform")):
        for path in paths:
            data = tree.read(path) if missing else None
            if not isinstance(data, bytes):
                continue
            for each in [each for each in missing if (word := getattr(each, where)) and word in data]:
                missing.remove(each)
                yield each
