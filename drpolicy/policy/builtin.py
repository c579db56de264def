"""The policies that come with the tool."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from drpolicy.policy.documents import PolicyDocument, document_from

BUNDLE = Path(__file__).with_name("bundle.json")
"""Generated from ``policies/`` by ``drpolicy.app.bundle``; a test holds it current."""


@cache
def built_in_policies() -> tuple[PolicyDocument, ...]:
    """Return every built-in policy, by id, without its examples."""
    return tuple(document_from(data) for data in json.loads(BUNDLE.read_text("utf-8")))


def shipped(name: str) -> Path:
    """Return a directory that comes with the tool: inside the installed package, else the checkout's."""
    package = Path(__file__).resolve().parent.parent
    installed = package / "shipped" / name
    return installed if installed.is_dir() else package.parent / name


def policy_directory() -> Path:
    """Return where the policies' YAML, with their examples, is."""
    return shipped("policies")
