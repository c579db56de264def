"""The JSON Schemas that come with the tool."""

from __future__ import annotations

from drpolicy.policy.builtin import shipped


def schema_text(name: str) -> str:
    """Return a schema: service, evidence, protection, config, policy or report."""
    return (shipped("schemas") / f"{name}.schema.json").read_text("utf-8")
