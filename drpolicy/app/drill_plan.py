"""``drpolicy drill plan``: what to restore next, in which order and by which commands, beside production."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from drpolicy.app.check import estate_of
from drpolicy.app.reading import Read
from drpolicy.app.runbook_draft import service_named
from drpolicy.app.settings import Settings
from drpolicy.catalog.load import built_in_catalog
from drpolicy.catalog.rows import StepText
from drpolicy.model.durations import UNBOUNDED
from drpolicy.model.estate import Estate
from drpolicy.model.services import Drill, Service
from drpolicy.model.stores import Store
from drpolicy.model.truth import Truth
from drpolicy.model.values import Known
from drpolicy.recovery.drills import is_drill
from drpolicy.recovery.logic import truth_of
from drpolicy.recovery.steps import Step, steps_of


def plan(name: str | None, settings: Settings, found: Read) -> str:
    """Return a plan in Markdown, for one service or for all of them. Raises NoSuchService."""
    estate = estate_of(settings, found)
    services = [service_named(name, estate)] if name is not None else sorted(estate.services, key=_urgency)
    lines = ["# Drill plan", ""]
    lines.extend((f"As of {settings.as_of.isoformat()}. Nothing below touches production: what is restored has a name of its own.", ""))
    if not services:
        lines.append("No service is declared, so nothing says what has to be restored.")
    for service in services:
        lines.extend(_of_service(service, estate))
    return "\n".join(lines).rstrip("\n") + "\n"


def _urgency(service: Service) -> tuple[bool, float, str]:
    """Return what puts the critical ones first, then those whose recovery has been unproven the longest."""
    critical = isinstance(service.tier, Known) and service.tier.value == "critical"
    return not critical, -min((_age(service, store) for store in service.stores), default=UNBOUNDED.seconds), service.name


def _of_service(service: Service, estate: Estate) -> Iterator[str]:
    tier = f" ({service.tier.value})" if isinstance(service.tier, Known) else ""
    yield from (f"## {service.name}{tier}", "")
    steps = sorted(steps_of(service, estate, built_in_catalog(), "drill"), key=lambda step: -_age(service, step.store))
    if not steps:
        yield from ("No store of it was found.", "")
    for number, step in enumerate(steps, 1):
        yield from (f"### {number}. {step.does}", "", f"{_proof(service, step.store)}.", "")
        yield from _commands(step)


def _commands(step: Step) -> Iterator[str]:
    text = step.text
    if text is None:
        lacking = "there is nothing to restore: make a copy first" if step.protection is None else "the catalog has no commands for this"
        yield from (f"<{lacking}>", "")
        return
    yield from _block(("started=$(date +%s)", *text.commands))
    yield from (f"Verify (expected: {text.expect}):", "")
    yield from _block((*text.verify, 'echo "measured RTO: $(( $(date +%s) - started ))s"'))
    yield from _ending(text)


def _ending(text: StepText) -> Iterator[str]:
    if text.cleanup:
        yield from ("Clean up:", "")
        yield from _block(text.cleanup)
    yield from ("Then record it: `kind: Evidence` with date, stores, outcome, measured RTO and RPO, application and integrity.", "")


def _block(commands: Sequence[str]) -> Iterator[str]:
    yield from ("```sh", *commands, "```", "")


def _proving(service: Service, store: Store) -> list[Drill]:
    """Return the records of restores and failovers of a store that passed."""
    return [
        drill
        for drill in service.drills
        if is_drill(drill) and truth_of(drill.passed) is Truth.TRUE and (drill.whole or {store.key, store.address} & set(drill.stores))
    ]


def _age(service: Service, store: Store) -> float:
    ages = [drill.age.value.seconds for drill in _proving(service, store) if isinstance(drill.age, Known)]
    return min(ages, default=UNBOUNDED.seconds)


def _proof(service: Service, store: Store) -> str:
    dated = [(drill.age.value, drill) for drill in _proving(service, store) if isinstance(drill.age, Known)]
    if not dated:
        return "No record shows that it was ever restored"
    age, drill = min(dated, key=lambda each: each[0].seconds)
    return f"Last restored {age} ago ({drill.name}, {drill.grade})"
