"""Resources and deployments: what every reader of inputs produces, whatever the channel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from drpolicy.model.provenance import Provenance, Written
from drpolicy.model.records import dataclass, field
from drpolicy.model.spans import Span
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Members, Object, Unknown, Value

Channel = Literal["hcl", "plan", "state", "manifest", "live"]


@dataclass(frozen=True, slots=True, eq=False)
class Applier:
    """What applies an object to its cluster again and again: a Kustomization of Flux, or an Application of Argo CD."""

    what: str
    """For a reader: ``Application velero``."""
    tool: Literal["flux", "argo"]
    automatic: Value[bool]
    """Whether it does so without being asked."""
    prunes: Value[bool]
    """Whether it deletes by itself what it takes for its own and the files do not have."""
    span: Span


@dataclass(frozen=True, slots=True, eq=False)
class Resource:
    """One infrastructure object, declared or observed. Its identity is ``key``: ``deployment//address``.

    Nested blocks are lists of objects under their type (``versioning_configuration[0].status``). ``span`` is the header
    line of its block or document. Velero objects have the CRD's shape and a type such as ``velero.io/v1/Schedule``.
    """

    deployment: str
    address: str
    type: str
    name: str
    attributes: Object
    region: Value[str]
    account: Value[str]
    span: Span
    extent: Span
    channel: Channel = "hcl"
    presence: Truth = Truth.TRUE
    why: Unknown | None = None
    data: bool = False
    """Whether it is a data source: something that exists and is read, not made, here."""

    provider: str = ""
    """The provider configuration it is made with (``aws.dr_region``), empty outside Terraform."""

    guarded: bool | Unknown = False
    """Whether ``lifecycle.prevent_destroy`` is written as true. Neither a plan nor a state says so."""

    exported: str = ""
    """The export that it was read from, empty for what is here: ``the export of platform, 2026-11-01``."""

    applied_by: tuple[Applier, ...] = field(default=(), metadata={"cel": False})
    """What keeps it as the files have it, where these say so; only for an object of Kubernetes."""

    @property
    def key(self) -> str:
        return f"{self.deployment}//{self.address}"

    def get(self, *path: str | int) -> Value[Any]:
        """Return the value at a path of names and indexes; what is not there is Absent at the header line."""
        value: Value[Any] = Known(self.attributes, Written(self.span))
        for step in path:
            value = _step(value, step, Written(self.span))
        return value


def _step(value: Value[Any], step: str | int, header: Provenance) -> Value[Any]:
    if not isinstance(value, Known):
        return value
    match value.value, step:
        case Object() as inner, str() as name:
            return inner.get(name, header)
        case Members() as inner, int() as index:
            if index < len(inner.elements) and all(each.presence is Truth.TRUE for each in inner.elements[: index + 1]):
                found = inner.elements[index].value
                return found if isinstance(found, (Known, Unknown, Absent)) else Known(found, value.origin)
            uncertain = next((each.why for each in inner.elements if each.why is not None), inner.rest)
            return uncertain if uncertain is not None else Absent(header)
        case _:
            return Absent(header)


@dataclass(frozen=True, slots=True)
class ProviderConfiguration:
    """One provider configuration of a root: ``name`` is ``aws`` or ``aws.alias``."""

    name: str
    region: Value[str]
    settings: Mapping[str, Value[Any]]
    """``account``, worked out when it is asked for: it may need modules that nothing else does."""

    span: Span

    @property
    def account(self) -> Value[str]:
        return self.settings["account"]


@dataclass(frozen=True, slots=True)
class ModuleCall:
    """A module call and what became of it: ``evaluated``, ``stubbed`` or ``unresolved``."""

    deployment: str
    address: str
    source: str
    span: Span
    outcome: Literal["evaluated", "stubbed", "unresolved"]
    inputs: Object = field(default_factory=Object)
    undeclared: tuple[str, ...] = ()
    """Inputs that the documented interface of a stubbed module does not have: what they do is not known."""


@dataclass(frozen=True, slots=True)
class BackendSettings:
    """Where a root keeps its state: the backend's type and settings."""

    type: str
    attributes: Object
    span: Span


@dataclass(frozen=True, slots=True)
class Moved:
    """A ``moved`` block: what was at the address ``old`` is now at ``new``, each with the module instance it stands in."""

    old: str
    new: str
    span: Span


@dataclass(frozen=True, slots=True, eq=False)
class TerraformRoot:
    """A Terraform root with one set of inputs, evaluated."""

    name: str
    path: str
    library: bool
    """Whether it needs variables that nobody sets and has neither provider nor backend: a module, not a deployment."""

    resources: tuple[Resource, ...]
    providers: tuple[ProviderConfiguration, ...]
    modules: tuple[ModuleCall, ...]
    backend: BackendSettings | Unknown | None
    """``None`` when none is written. Neither a plan nor a state says which it is."""

    span: Span
    expressions: int = 0
    """How many expressions were evaluated."""

    attributes: int = 0
    """How many attributes were found, evaluated or not."""

    outputs: Mapping[str, Value[Any]] = field(default_factory=dict)
    """What the root gives to others, which read it from its state. Evaluated when asked for."""

    moved: tuple[Moved, ...] = ()
    """Addresses that were another one's before, in the order of the files."""

    environment: Value[str] | None = None
    """The environment that the configuration gives it; ``None`` when it gives none."""

    var_files: tuple[Span, ...] = ()
    """The var-files that it is given, other than those that Terraform loads by itself."""

    implied: bool = False
    """Whether nobody lists it: the root has several var-files that set what it needs, and this is one of them."""
