"""What reading Terraform gives."""

from __future__ import annotations

from drpolicy.model.records import dataclass, field
from drpolicy.model.resources import TerraformRoot
from drpolicy.terraform.account import Coverage
from drpolicy.terraform.blocks import FileSyntax
from drpolicy.terraform.files import TerraformProblem


@dataclass(frozen=True, slots=True)
class TerraformEstate:
    """Every root that was found, what is wrong with the input, and how much of it was read."""

    roots: tuple[TerraformRoot, ...] = ()
    problems: tuple[TerraformProblem, ...] = ()
    coverage: Coverage = field(default_factory=Coverage)
    files: tuple[FileSyntax, ...] = ()
    """Every file of every module that was read, called or not."""
