"""What other tools than Velero may back up in a cluster: their objects are seen, and what they take is not worked out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from drpolicy.catalog.backup_tools import BackupTool, backup_tools, unknown_tools
from drpolicy.kubernetes.kinds import group_of, kind_of, matters, namespace_of
from drpolicy.kubernetes.navigation import elements, inside, text
from drpolicy.kubernetes.workloads import containers
from drpolicy.model.provenance import Written
from drpolicy.model.reasons import Reason
from drpolicy.model.resources import Resource
from drpolicy.model.values import Unknown, Value

Others = Mapping[tuple[str, str], Unknown]
"""Why a namespace of a cluster may have backups that are not worked out; under an empty name, why any of the cluster may."""


def others(resources: Sequence[Resource]) -> Others:
    """Return what objects of other tools leave open. Of several, the first one says why."""
    found: dict[tuple[str, str], Unknown] = {}
    for resource in resources:
        tool = _tool_of(group_of(resource.type.rpartition("/")[0]), kind_of(resource)) if resource.channel == "manifest" else None
        if tool is None or not _counts(tool, resource):
            continue
        namespace = namespace_of(resource)
        # A namespace that is still a blank may be any.
        everywhere = tool.takes == "cluster" or "$" in namespace or "{{" in namespace
        what = f"what {tool.title} {kind_of(resource)} {namespace}/{resource.name} backs up".replace("  ", " ")
        found.setdefault(
            (resource.deployment, "" if everywhere else namespace), Unknown(Reason.OUTSIDE_SCOPE, what, Written(resource.span))
        )
    return found


def why_open(found: Others, cluster: str, namespace: str) -> Unknown | None:
    """Return why a namespace may have backups that are not worked out."""
    return found.get((cluster, namespace)) or found.get((cluster, ""))


@lru_cache(maxsize=1024)
def _tool_of(group: str, kind: str) -> BackupTool | None:
    known = backup_tools().get((group, kind))
    if known is not None or group in _OF_KUBERNETES or group.endswith(".k8s.io") or matters(group, kind):
        return known
    return next((tool for pattern, tool in unknown_tools() if pattern.fullmatch(kind)), None)


_OF_KUBERNETES = frozenset({"", "apps", "batch", "autoscaling", "policy"})


def _counts(tool: BackupTool, resource: Resource) -> bool:
    if tool.path:
        value = resource.get(*tool.path)
        return isinstance(value, Unknown) or text(value) in tool.values
    if not tool.words:
        return True
    said = " ".join(_said(resource)).lower()
    return any(word in said for word in tool.words) or any(word in resource.name.lower() for word in tool.named)


def _said(resource: Resource) -> Iterator[str]:
    """Yield the images and commands of a workload."""
    for container in containers(resource):
        parts: list[Value[Any]] = [inside(container, "image")]
        for name in ("command", "args"):
            parts.extend(elements(inside(container, name)))
        yield from (found for each in parts if (found := text(each)) is not None)
