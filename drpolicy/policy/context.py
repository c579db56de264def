"""What a judgement depends on beside the estate and the policies."""

from __future__ import annotations

from collections.abc import Mapping

from drpolicy.model.findings import Severity, Witness
from drpolicy.model.records import dataclass, field
from drpolicy.model.spans import Span
from drpolicy.policy.overrides import Override


@dataclass(frozen=True, slots=True)
class Context:
    """Settings of the run that judgements follow."""

    witness: Witness = "declared"
    severities: Mapping[str, Severity] = field(default_factory=dict)
    """Severity per policy that the user set."""
    non_production: frozenset[str] = frozenset()
    """Environments in which a finding is advice."""
    ungated: frozenset[str] = frozenset()
    """Deployments that the gate does not count: library modules."""
    calls: Mapping[tuple[str, str], Span] = field(default_factory=dict)
    """Where a module is called, by deployment and the module's address."""
    roots: Mapping[str, str] = field(default_factory=dict)
    """Path of a Terraform deployment's root, by the deployment's name."""
    overrides: tuple[Override, ...] = ()
    """What the user changed for some subjects only; a later one wins."""
    trace_passes: bool = False
    """Whether passes carry their evidence too."""
