"""Everything that an estate is built from."""

from __future__ import annotations

from collections.abc import Mapping

from drpolicy.declarations.documents import Declarations, TierSettings
from drpolicy.kubernetes.clusters import ClusterTree
from drpolicy.model.durations import Duration
from drpolicy.model.estate import Inference
from drpolicy.model.records import dataclass, field
from drpolicy.model.resources import Resource, TerraformRoot
from drpolicy.model.stores import Claim
from drpolicy.model.values import Members, Unknown, Value
from drpolicy.recovery.adoption import Adopted
from drpolicy.recovery.labels import Label, LabelNames
from drpolicy.sources.history import History
from drpolicy.sources.markdown import Link, Markdown
from drpolicy.sources.problems import Unreadable

COVERED: Mapping[str, frozenset[str]] = {
    "velero": frozenset({"namespace"}),
    "dlm": frozenset({"block"}),
}
"""Kinds of store that a way of protecting can cover; one that is not named covers every kind."""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A kind of protection that may exist outside what was read."""

    kind: str
    unknown: Unknown

    def covers(self, store_kind: str) -> bool:
        """Whether it can protect a kind of store."""
        return self.kind not in COVERED or store_kind in COVERED[self.kind]


@dataclass(frozen=True, slots=True, eq=False)
class RunbookFile:
    """A runbook that exists, and which of its links lead nowhere."""

    document: Markdown
    broken: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class Inputs:
    """What was read: roots, manifests, declarations, and the settings that recovery needs."""

    roots: tuple[TerraformRoot, ...] = ()
    manifests: tuple[Resource, ...] = ()
    clusters: tuple[ClusterTree, ...] = ()
    declarations: Declarations = field(default_factory=Declarations)
    tiers: Mapping[str, TierSettings] = field(default_factory=dict)
    runbooks: Mapping[str, RunbookFile] = field(default_factory=dict)
    """The runbook of a service, by the service's name, where its file exists."""
    history: History | Unreadable | None = None
    """When lines last changed, or why that is not known; ``None`` where nobody asked, as in all but an audit."""
    tags: LabelNames = field(default_factory=LabelNames)
    """Tags that say ``owner``, ``tier``, ``rto`` or ``rpo`` of what they are on, as the configuration gives them."""
    recovery_times: Mapping[str, Value[Duration]] = field(default_factory=dict)
    """How long a recovery takes at least, by mechanism, as the configuration gives it."""
    annotations: LabelNames = field(default_factory=LabelNames)
    """Annotations and labels that do so."""
    labels: Mapping[str, tuple[Label, ...]] = field(default_factory=dict)
    """What these say, by the name of the service."""
    elsewhere: tuple[Elsewhere, ...] = ()
    """Why every store may have further protections: kinds that are managed elsewhere, or that live AWS was not asked for."""
    context: tuple[Resource, ...] = ()
    """What other repositories export: it protects what is here, and is not judged here."""
    inferences: tuple[Inference, ...] = ()
    """What the readers of inputs concluded."""
    field_problems: Mapping[str, Value[str]] = field(default_factory=dict)
    """What is wrong with the fields of Velero's objects by their keys, where the user's own definitions say so."""
    observed: tuple[Resource, ...] = ()
    """Resources that live AWS answered."""
    outside: Adopted = field(default_factory=Adopted)
    """What services and tiers name in Terraform beside their stores, and the declarations completed from it."""
    stakes: Mapping[str, Members[Claim]] = field(default_factory=dict)
    """Claims on observed stores, by their keys: those on the declared stores that they answer for."""
