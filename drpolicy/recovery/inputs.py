"""Everything that an estate is built from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from drpolicy.declarations.documents import Declarations, TierSettings
from drpolicy.kubernetes.clusters import ClusterTree
from drpolicy.model.estate import Claim
from drpolicy.model.resources import Resource, TerraformRoot
from drpolicy.model.spans import Source
from drpolicy.model.values import Members, Unknown, Value


@dataclass(frozen=True, slots=True)
class Inputs:
    """What was read: roots, manifests, declarations, and the settings that recovery needs."""

    roots: tuple[TerraformRoot, ...] = ()
    manifests: tuple[Resource, ...] = ()
    clusters: tuple[ClusterTree, ...] = ()
    declarations: Declarations = field(default_factory=Declarations)
    tiers: Mapping[str, TierSettings] = field(default_factory=dict)
    environments: Mapping[str, Value[str]] = field(default_factory=dict)
    """Environment per root path, as the configuration gives it."""
    runbooks: Mapping[str, Source] = field(default_factory=dict)
    """The runbook of a service, by the service's name, where its file exists."""
    elsewhere: tuple[Unknown, ...] = ()
    """Why every store may have further protections: kinds that are managed elsewhere, or that live AWS was not asked for."""
    observed: tuple[Resource, ...] = ()
    """Resources that live AWS answered."""
    stakes: Mapping[str, Members[Claim]] = field(default_factory=dict)
    """Claims on observed stores, by their keys: those on the declared stores that they answer for."""
