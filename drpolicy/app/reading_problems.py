"""What is wrong with files that were read, as the report says it."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping
from typing import Literal

from drpolicy.model.findings import Diagnostic
from drpolicy.sources.directories import PERMISSION_DENIED
from drpolicy.sources.discovery import Discovery, classify
from drpolicy.sources.problems import Problem
from drpolicy.terraform.files import TerraformProblem


def diagnostics_of(found: Iterable[TerraformProblem | Problem]) -> Iterable[Diagnostic]:
    for each in found:
        level, effect = _LEVELS.get(each.code, ("error", "incomplete"))
        yield Diagnostic(level, each.code, each.message, each.span, each.path, effect)


# Templates are rendered elsewhere and modules are coverage: neither is input that should have been readable. A plan was asked for by name.
_LEVELS: Mapping[str, tuple[Literal["error", "warning", "note"], Literal["none", "incomplete", "invalid"]]] = {
    "yaml-template": ("warning", "none"),
    "module-missing": ("warning", "none"),
    "module-interface": ("warning", "none"),
    "reference-cycle": ("warning", "none"),
    "terragrunt-json": ("warning", "none"),
    "terragrunt-outside": ("warning", "none"),
    "terragrunt-stack": ("warning", "none"),
    "plan-invalid": ("error", "invalid"),
    "plan-root": ("error", "invalid"),
    "plan-stale": ("warning", "none"),
    "plan-incomplete": ("warning", "none"),
    "plan-used": ("note", "none"),
}


def skipped(discovery: Discovery) -> Iterable[Diagnostic]:
    for each in discovery.skipped:
        # What may not be listed may hold anything; a Terraform file that cannot be followed is one that a plan would read.
        lost = (
            each.reason == PERMISSION_DENIED
            or each.code == "tree-too-large"
            or (classify(each.path) == "terraform" and not _ignored(each.path))
        )
        if lost or each.code == "tree-too-large":
            yield Diagnostic("error", each.code, f"{each.path} was not read: {each.reason}", None, each.path, "incomplete")
        else:
            yield Diagnostic("warning", each.code, each.reason, None, each.path, "none")


def _ignored(path: str) -> bool:
    """Whether Terraform itself passes over a file, as it does over those that editors leave."""
    name = posixpath.basename(path)
    return name.startswith((".", "#")) or name.endswith("~")
