"""``drpolicy runbook new``: a runbook drafted from the estate. What only people know is a blank in angle brackets."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import get_close_matches

from drpolicy.app.check import estate_of
from drpolicy.app.reading import Read
from drpolicy.app.settings import Settings
from drpolicy.catalog.load import built_in_catalog
from drpolicy.declarations.documents import ServiceDeclaration
from drpolicy.declarations.wording import quoted
from drpolicy.model.estate import Estate
from drpolicy.model.patterns import deferred
from drpolicy.model.services import Endpoint, Service
from drpolicy.model.truth import Truth
from drpolicy.model.values import Known, Value
from drpolicy.recovery import switch_plans
from drpolicy.recovery.adoption import is_called
from drpolicy.recovery.logic import truth_of
from drpolicy.recovery.step_names import DeclaredRegions
from drpolicy.recovery.steps import Step, steps_of

_BLANK = deferred(r"<[^<>]+>")


class NoSuchService(Exception):
    """No service of that name is declared; the message says which are near."""


def draft(name: str, settings: Settings, found: Read) -> str:
    """Return the Markdown of a runbook for a service. Raises NoSuchService."""
    estate = estate_of(settings, found)
    service = service_named(name, estate)
    declaration = next(each for each in found.declarations.services if each.name == name)
    steps = steps_of(service, estate, built_in_catalog(), "failover", DeclaredRegions.by(declaration))
    return "\n".join(_lines(service, declaration, steps, estate)) + "\n"


def service_named(name: str, estate: Estate) -> Service:
    """Return a declared service. Raises NoSuchService."""
    for service in estate.services:
        if service.name == name:
            return service
    names = [each.name for each in estate.services]
    near = get_close_matches(name, names, 1)
    hint = f"did you mean {quoted(near[0])}?" if near else f"declared: {', '.join(sorted(names)) or 'none'}"
    raise NoSuchService(f"no service is called {quoted(name)}; {hint}")


def _lines(service: Service, declaration: ServiceDeclaration, steps: Sequence[Step], estate: Estate) -> Iterator[str]:
    owner = _text(service.owner) or "<team>"
    declared = DeclaredRegions.by(declaration)
    known = sorted({each.region.value for each in service.stores if isinstance(each.region, Known)})
    copied = sorted({_text(each.protection.region) for each in steps if each.protection is not None} - {""})
    regions = known or [declared.primary] * bool(declared.primary)
    targets = copied or list(declared.dr)
    place = f"{' and '.join(regions) or '<region>'} to {' and '.join(targets) or '<DR region>'}"
    yield from ("---", f"service: {service.name}", "type: failover", f"owner: {owner}")
    yield from ("# lastReviewed: the day on which somebody has read every line against the estate", "---")
    yield from (f"# {service.name}: fail over from {place}", "")
    yield from ("Drafted from what the repository declares. Fill in what stands in angle brackets, and walk through it once.", "")
    if regions and not known:
        yield from (f"{place[: place.index(' to ')]} is the declaration's word: no file says where the stores of {service.name} are.", "")
    if targets and not copied:
        yield from (f"{' and '.join(targets)} is the declaration's word: no file shows a copy of a store there.", "")
    yield from ("## Decision and authority", "")
    yield from (f"Decided by: <role>. When: {' and '.join(regions) or 'the region'} is expected to be away for longer than <time>.", "")
    yield from _objectives(service)
    yield from _switch_plan(declaration, service, estate)
    yield from _recovering(steps, targets)
    yield from _switching(service, estate, regions)
    yield from _integrity(steps)
    yield from ("## Contacts and communication", "")
    yield from _contacts(declaration)
    yield from ("## Fail back", "")
    yield f"Only when {' and '.join(regions) or 'the region'} has been healthy for <time>. What was written since the failover is in"
    yield f"{' and '.join(targets) or 'the DR region'}: copy it back before anything is switched."
    yield ""
    for number, step in enumerate(steps, 1):
        home = _text(step.store.region) or declared.primary or "<region>"
        yield f"{number}. {step.store.name}: replicate from {_where(step, declared)} to {home}, verify, then switch."


def _objectives(service: Service) -> Iterator[str]:
    for target in service.targets:
        if target.disruption == "region" and isinstance(target.declared_rto, Known) and isinstance(target.declared_rpo, Known):
            yield from (f"Objectives: back within {target.declared_rto.value}, at most {target.declared_rpo.value} of data lost.", "")


def _switch_plan(declaration: ServiceDeclaration, service: Service, estate: Estate) -> Iterator[str]:
    """Yield what the Region switch plan that a service names does, and how it is run (AWS CLI, arc-region-switch, 2026-11)."""
    reference = _text(declaration.region_switch)
    found = [each for each in estate.resources if each.type in switch_plans.RESOURCE_TYPES and is_called(reference, each) is Truth.TRUE]
    if len(found) != 1:
        return
    plan = switch_plans.switch_plan(found[0])
    name = _text(found[0].get("name")) or "<plan>"
    yield from ("## Run the Region switch plan", "")
    primary = _text(declaration.primary_region) or _text(plan.primary)
    targets = [each.value for each in plan.others(primary)] or ["<DR region>"]
    for target in targets:
        does = ", ".join(switch_plans.steps_towards(plan, target)) or "<steps that are not written here>"
        yield f"`{name}` ({found[0].address}) activates {target} by: {does}."
    yield from ("What follows is done by hand where the plan has no step for it.", "")
    listing = f"aws arc-region-switch list-plans --query \"plans[?name=='{name}'].arn\" --output text"
    starting = "aws arc-region-switch start-plan-execution --plan-arn <arn>"
    yield from _commands((listing, *(f"{starting} --target-region {each} --action activate --mode ungraceful" for each in targets)))


def _recovering(steps: Sequence[Step], targets: Sequence[str]) -> Iterator[str]:
    for title, section in (("Promote the replicas", "promotion"), ("Copies that are ready", "connections"), ("Restore", "restore")):
        these = [each for each in steps if each.section == section]
        if not these:
            continue
        yield from (f"## {title}", "")
        if section == "restore" and any(each.store.kind == "namespace" for each in these):
            yield "Restore order: custom resource definitions and operators, then databases, then workloads."
            yield from ("Velero restores definitions first; operators must run before what they manage is restored.", "")
        for step in these:
            yield from _step(step, targets)


def _step(step: Step, targets: Sequence[str]) -> Iterator[str]:
    yield from (f"### {visible(step.does)}", "")
    yield from (line for note in step.notes for line in (visible(note), ""))
    if step.text is None:
        yield from (_by_hand(step, targets), "")
        return
    yield from _commands(step.text.commands)
    yield from (f"Verify (expected: {step.text.expect}):", "")
    yield from _commands(step.text.verify)
    if step.text.after:
        yield from (step.text.after, "")


def _by_hand(step: Step, targets: Sequence[str]) -> str:
    """Return what a person does where the catalog has no commands."""
    if step.protection is None:
        first = "Nothing that was read outlives the loss of the region. Make a copy in another one first"
        return f"{first}; until then <what is done without the data>."
    there = " and ".join(targets) or "the DR region"
    return f"drpolicy has no commands for {step.protection.name}: <commands that recover {step.store.name} in {there} from it>."


def visible(text: str) -> str:
    """Return a line of Markdown with its blanks as code: what stands bare in angle brackets is taken for HTML and not shown."""
    return _BLANK.sub(r"`\g<0>`", text)


def _commands(commands: Sequence[str]) -> Iterator[str]:
    yield from ("```sh", *commands, "```", "")


def _switching(service: Service, estate: Estate, regions: Sequence[str]) -> Iterator[str]:
    records = [each for each in estate.endpoints if each.kind == "record" and _sounds_like(each, service)]
    hosts = [each for each in estate.endpoints if each.kind == "host" and _concerns(each, service)]
    yield from ("## Switch DNS", "")
    for record in records:
        moves = "fails over by itself" if truth_of(record.health_checked) is Truth.TRUE else "has to be switched by hand"
        name = _text(record.host) or record.address
        yield f"- `{name}` ({record.address}) {moves}; see what it answers: `dig +short {name}`"
    if not records:
        yield "<records of this service, and to what each is pointed>"
    yield from ("", "## Switch connections", "")
    regional = [each for each in hosts if truth_of(each.regional) is Truth.TRUE]
    for host in regional:
        yield f"- {host.name} in {host.cluster} holds `{_text(host.host)}`, which is gone with {_text(host.region)}: write the new host"
    if not regional:
        yield f"Nothing that was read holds a host of {' or '.join(regions) or 'the region'}. Restart what keeps connections open."
    yield ""


def _sounds_like(record: Endpoint, service: Service) -> bool:
    """Whether the name of a record has that of the service, or of one of its stores, in it."""
    called = f"{_text(record.host)} {record.address}".lower()
    names = {service.name, *(store.address.rpartition(".")[2] for store in service.stores if "." in store.address)}
    return any(re.search(rf"(?<![a-z0-9]){re.escape(name.lower())}(?![a-z0-9])", called) is not None for name in names)


def _concerns(endpoint: Endpoint, service: Service) -> bool:
    return any(claim.service == service.name for claim in endpoint.required_by)


def _integrity(steps: Sequence[Step]) -> Iterator[str]:
    yield from ("## Verify integrity", "")
    yield from ("Before traffic is let in:", "")
    for step in steps:
        yield f"- {step.store.name}: <query or count that tells that the data is whole>"
    yield from ("- the application: <request that must succeed>", "")


def _contacts(declaration: ServiceDeclaration) -> Iterator[str]:
    for each in declaration.contacts:
        yield f"- {_text(each.role) or '<role>'}: {_text(each.rota) or '<link to the rota>'}"
    if not declaration.contacts.elements:
        yield "- <role>: <link to the rota>"
    yield from ("- customers: <who tells them, and where>", "")


def _where(step: Step, declared: DeclaredRegions) -> str:
    sole = declared.dr[0] if len(declared.dr) == 1 else "<DR region>"
    return (_text(step.protection.region) if step.protection is not None else "") or sole


def _text(value: Value[str]) -> str:
    return value.value if isinstance(value, Known) else ""
