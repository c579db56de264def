"""Small inputs judged by policies that a test writes."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import date
from typing import Any

from drpolicy.app.reading import read_tree
from drpolicy.catalog.load import built_in_catalog
from drpolicy.model.estate import Estate
from drpolicy.model.findings import Finding
from drpolicy.policy.compiled import CompiledPolicy, compile_policy
from drpolicy.policy.context import Context
from drpolicy.policy.documents import PolicyDocument, SeverityCase
from drpolicy.policy.engine import judge
from drpolicy.recovery.build import build_estate
from drpolicy.sources.trees import MemoryTree

sys.setrecursionlimit(20_000)  # what the command line runs with

AS_OF = date(2026, 11, 1)
SEOUL = 'provider "aws" {\n  region = "ap-northeast-2"\n}\n'


def estate_of(files: Mapping[str, str] | str) -> Estate:
    """Return the estate of some files, or of one ``main.tf``."""
    given = {"main.tf": files} if isinstance(files, str) else files
    return build_estate(read_tree(MemoryTree(given)).inputs, built_in_catalog(), AS_OF)


def policy(assertion: str = "true", **given: Any) -> CompiledPolicy:
    """Return a policy on stores; what is not given holds always and is of severity low."""
    parts: dict[str, Any] = {
        "id": "tried",
        "title": "Tried",
        "anti_pattern": "recoverability",
        "subject": "Store",
        "message": "{self.name} is tried",
        "severity": (SeverityCase("low"),),
        "why": "why",
        "remediation": "patch",
    }
    compiled = compile_policy(PolicyDocument(**{**parts, **given, "assertion": assertion}))
    assert isinstance(compiled, CompiledPolicy), compiled
    return compiled


def findings(policy: CompiledPolicy, files: Mapping[str, str] | str, context: Context | None = None) -> list[Finding]:
    return list(judge([policy], estate_of(files), context or Context()).every())


def only(policy: CompiledPolicy, files: Mapping[str, str] | str, context: Context | None = None) -> Finding:
    (finding,) = findings(policy, files, context)
    return finding
