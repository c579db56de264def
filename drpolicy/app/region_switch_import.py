"""ARC Region switch plans as declarations of services: regions, RTO, strategy, and what their steps are.

Source: the AWS API model arc-region-switch 2022-07-26 (Plan, Workflow, Step), 2026-11.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from drpolicy.app.api_answers import answer, count, listed, objects, text, texts
from drpolicy.app.service_draft import ObjectiveDraft, ServiceDraft, service_name
from drpolicy.app.service_imports import NotImported
from drpolicy.declarations.reading import Field
from drpolicy.model.durations import MINUTE, format_duration

_APPROACHES: Final = ("activeActive", "activePassive")


def plans(text_: str, path: str, name: str | None) -> tuple[list[ServiceDraft], list[str]]:
    """Return a service for each plan that a file holds, and what is to be said of the file. Raises NotImported.

    It is what get-plan or list-plans print; the latter leaves out the steps. ``name`` is that of the service; without it, the plan's.
    """
    root = answer(text_, path)
    found = [_plan(each, path, name) for each in listed(root, ("plans",), ("plan",))]
    if not found:
        raise NotImported(f"{path}: the list has no plan")
    if name is not None and len(found) > 1:
        raise NotImported(f"{path}: it holds {len(found)} plans: a service has one; leave --service out, or give what get-plan prints")
    said = [f"{root.get('nextToken').place}: the list goes on after this page (nextToken)"] if text(root, "nextToken") else []
    return found, said


def _plan(plan: Field, path: str, name: str | None) -> ServiceDraft:
    called, regions = text(plan, "name"), texts(plan, "regions")
    if not called or not regions:
        raise NotImported(f"{plan.header}: no Region switch plan: it has no {'regions' if called else 'name'}")
    approach = text(plan, "recoveryApproach", _APPROACHES)
    primary = text(plan, "primaryRegion")
    notes = [f"from {path}:{plan.get('name').place.start.line}, Region switch plan {called}, {approach or 'of no approach'}"]
    if primary and primary not in regions:
        raise NotImported(f"{plan.get('primaryRegion').place}: primaryRegion {primary} is not one of its regions, {', '.join(regions)}")
    if not primary:
        notes.append(f"regions: the plan names no primary region; {regions[0]} is its first")
    if approach == "activePassive":
        notes.append("strategy: activePassive is any of backup-restore, pilot-light and warm-standby; write which")
    notes.extend(_steps(plan))
    rto = count(plan, "recoveryTimeObjectiveMinutes")
    if rto is not None:
        notes.append("objectives: the plan's RTO is counted from its start; noticing and deciding come before it")
    return ServiceDraft(
        name=service_name(name or called),
        objectives=(ObjectiveDraft("region", format_duration(rto * MINUTE)),) if rto is not None else (),
        strategy="active-active" if approach == "activeActive" else "",
        primary_region=primary or regions[0],
        dr_regions=tuple(each for each in regions if each != (primary or regions[0])),
        stores_known=False,
        notes=tuple(notes),
    )


def _steps(plan: Field) -> Iterator[str]:
    for workflow in objects(plan, "workflows"):
        action, target = text(workflow, "workflowTargetAction"), text(workflow, "workflowTargetRegion")
        steps = [_step(each) for each in objects(workflow, "steps")]
        yield f"runbook: to {action or 'act on'} {target or 'either region'}: {', '.join(steps) or 'no step'}"


def _step(step: Field) -> str:
    kind = text(step, "executionBlockType")
    if kind == "Parallel":
        inner = step.get("executionBlockConfiguration", "parallelConfig")
        return " and ".join(_step(each) for each in objects(inner, "steps")) or text(step, "name")
    return f"{text(step, 'name')} ({kind})"
