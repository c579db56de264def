"""What a run is asked to do. Clock, working directory, network and environment come in here and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Literal

from drpolicy.model.records import dataclass, field
from drpolicy.model.spans import Source
from drpolicy.terraform.plans.attaching import PlanFile
from drpolicy.triage.gate import PRESETS, GateSettings


@dataclass(frozen=True, slots=True)
class Settings:
    """One run. ``paths`` are empty when nothing but ``standard_input`` is to be judged: rendered manifests, in YAML or JSON."""

    paths: tuple[Path, ...]
    cwd: Path
    as_of: date
    mode: Literal["check", "audit"] = "check"
    gate: GateSettings = PRESETS["pr"]
    config: Path | None = None
    var_files: tuple[Path, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    """Terraform variables from the environment, without ``TF_VAR_``; empty unless asked for."""

    profile: str = ""
    """The outside framework whose policies alone are judged; empty for all policies."""
    contexts: tuple[Path, ...] = ()
    """What other repositories exported."""

    plans: tuple[PlanFile, ...] = ()
    """Plans and states, read already: they may come from standard input, or lie outside the repository."""
    definitions: tuple[Source, ...] = ()
    """Files with custom resource definitions, read already: they may lie outside the repository."""
    live: bool = False
    endpoint_url: str | None = None
    cache: Path | None = None
    trace_passes: bool = False
    standard_input: bytes | None = None
    baseline: Path | None = None
    """The baseline's file; ``None`` for the one that the configuration names or that stands in its usual place."""
    use_baseline: bool = True
    every_type: bool = False
    """Whether resources are read that matter only for what else a region takes along, however many there are."""
    diff: str | None = None
    """The git revision to compare with: the gate then looks only at what the change brings."""
