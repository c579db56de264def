"""``drpolicy drill plan``: what to restore next, in which order and by which commands, beside production."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence

from drpolicy.app.check import estate_of
from drpolicy.app.reading import Read
from drpolicy.app.runbook_draft import service_named, visible
from drpolicy.app.settings import Settings
from drpolicy.catalog.load import built_in_catalog
from drpolicy.declarations.documents import ServiceDeclaration
from drpolicy.model.durations import UNBOUNDED
from drpolicy.model.estate import Estate
from drpolicy.model.services import Drill, Service
from drpolicy.model.stores import Store
from drpolicy.model.truth import Truth
from drpolicy.model.values import Known
from drpolicy.recovery.drills import is_drill
from drpolicy.recovery.logic import truth_of
from drpolicy.recovery.step_names import DeclaredRegions, drill_name
from drpolicy.recovery.steps import Step, steps_of
from drpolicy.reporters.printable import one_line


def plan(name: str | None, settings: Settings, found: Read) -> str:
    """Return a plan in Markdown, for one service or for all of them. Raises NoSuchService."""
    estate = estate_of(settings, found)
    services = [service_named(name, estate)] if name is not None else sorted(estate.services, key=_urgency)
    lines = ["# Drill plan", ""]
    lines.extend((f"As of {settings.as_of.isoformat()}. Nothing below touches production: what is restored has a name of its own.", ""))
    lines.extend(("What stands in angle brackets only you know; no command works before it is filled in.", ""))
    if not services:
        lines.append("No service is declared, so nothing says what has to be restored: `drpolicy declare` drafts one from what is there.")
    for service in services:
        declaration = next(each for each in found.declarations.services if each.name == service.name)
        lines.extend(_of_service(service, declaration, estate))
    return "\n".join(lines).rstrip("\n") + "\n"


def _urgency(service: Service) -> tuple[bool, float, str]:
    """Return what puts the critical ones first, then those whose recovery has been unproven the longest."""
    critical = isinstance(service.tier, Known) and service.tier.value == "critical"
    return not critical, -min((_age(service, store) for store in service.stores), default=UNBOUNDED.seconds), service.name


def _of_service(service: Service, declaration: ServiceDeclaration, estate: Estate) -> Iterator[str]:
    tier = f" ({service.tier.value})" if isinstance(service.tier, Known) else ""
    yield from (f"## {service.name}{tier}", "")
    found = steps_of(service, estate, built_in_catalog(), "drill", DeclaredRegions.by(declaration))
    steps = sorted(found, key=lambda step: -_age(service, step.store))
    if not steps:
        yield from ("No store of it was found.", "")
    for number, step in enumerate(steps, 1):
        yield from (f"### {number}. {visible(step.does)}", "", f"{_proof(service, step.store)}.", "")
        yield from (line for note in step.notes for line in (visible(note), ""))
        yield from _commands(step)
        if step.protection is not None:
            yield from ("Then record it, in the repository; a blank that nobody can fill in is left out with its option:", "")
            yield from _block((_record(service, declaration, step),))


def _commands(step: Step) -> Iterator[str]:
    text = step.text
    if text is None:
        yield from (_by_hand(step), "")
        return
    yield from _block(("started=$(date +%s)", *text.commands))
    yield from (f"Verify (expected: {text.expect}):", "")
    yield from _block((*text.verify, 'rto=$(( $(date +%s) - started )); echo "measured: ${rto}s"'))
    if text.cleanup:
        yield from ("Clean up:", "")
        yield from _block(text.cleanup)


def _by_hand(step: Step) -> str:
    """Return what a person does where the catalog has no commands."""
    if step.protection is None:
        return "Nothing that was read is a copy to restore it from: make one first, or declare the one that is kept elsewhere."
    return (
        f"drpolicy has no commands for {step.protection.name}. Restore from it by hand, as its documentation says: under another name "
        "and in a network apart from production. Time it, read some of what came back, and delete it again."
    )


def _record(service: Service, declaration: ServiceDeclaration, step: Step) -> str:
    """Return the command that records a drill of a store."""
    store = step.store
    called = (
        f"{re.sub(r'[^a-z0-9]+', '-', service.name.lower()).strip('-')}-{(step.drill or drill_name(store.address)).removeprefix('drill-')}"
    )
    words = ("--service", service.name, "--kind", "restore", "--store", _called(store, declaration), "--environment", step.drill or "drill")
    measured = '"${rto}s"' if step.text is not None else "<time until it worked, such as 48m>"
    blanks = (
        f"--outcome <passed or failed> --rto {measured} --rpo <data that was lost, such as 6m> --application <passed or failed>",
        "--integrity <passed or failed> --cleanup <passed or failed> --job <id or link of the job, or of its log>",
        f'--name "{called}-$(date -u +%F)" --output "evidence/$(date -u +%F)-{called}.yaml"',
    )
    return " ".join(("drpolicy evidence record", *(shlex.quote(one_line(word)) for word in words), *blanks))


def _called(store: Store, declaration: ServiceDeclaration) -> str:
    """Return the name that a service gives a store, else its key."""
    for reference in declaration.stores:
        texts = {reference.text.value} if isinstance(reference.text, Known) else set()
        if isinstance(reference.cluster, Known) and isinstance(reference.namespace, Known):
            texts.add(f"{reference.cluster.value}//Namespace/_/{reference.namespace.value}")
        if isinstance(reference.name, Known) and texts & {store.key, store.address}:
            return reference.name.value
    return store.key


def _block(commands: Sequence[str]) -> Iterator[str]:
    yield from ("```sh", *commands, "```", "")


def _proving(service: Service, store: Store) -> list[Drill]:
    """Return the records of restores and failovers of a store that passed."""
    return [
        drill
        for drill in service.drills
        if is_drill(drill) and truth_of(drill.passed) is Truth.TRUE and (drill.whole or store.key in set(drill.stores))
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
