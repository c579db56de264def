"""What a run is asked to do. Clock, working directory, network and environment come in here and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Literal

from drpolicy.model.records import dataclass, field
from drpolicy.triage.gate import PRESETS, GateSettings


@dataclass(frozen=True, slots=True)
class Settings:
    """One run."""

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

    contexts: tuple[Path, ...] = ()
    """What other repositories exported."""

    live: bool = False
    endpoint_url: str | None = None
    cache: Path | None = None
    trace_passes: bool = False
