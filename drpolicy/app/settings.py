"""What a run is asked to do. Clock, working directory, network and environment come in here and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Literal

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
    live: bool = False
    endpoint_url: str | None = None
    cache: Path | None = None
    trace_passes: bool = False
    baseline: Path | None = None
    """The baseline's file; ``None`` for the one that the configuration names or that stands in its usual place."""
    use_baseline: bool = True
    diff: str | None = None
    """The git revision to compare with: the gate then looks only at what the change brings."""
