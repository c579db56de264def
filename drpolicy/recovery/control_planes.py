"""Steps of a runbook that change a service which is changed through one region alone.

Where that region is the one that failed, the step cannot be taken; where it is another, the recovery waits on a region that has
nothing to do with it (AWS Well-Architected Framework, REL11-BP04, 2026-11: rely on the data plane during recovery).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from drpolicy.catalog.rows import ControlPlaneRow
from drpolicy.kubernetes.shell_calls import Call, options
from drpolicy.model.provenance import Derived, Written
from drpolicy.model.services import ControlPlaneStep
from drpolicy.model.stores import Store
from drpolicy.model.values import Absent, Known, Unknown, Value
from drpolicy.recovery.logic import known
from drpolicy.recovery.runbook_commands import commands_of
from drpolicy.sources.markdown import Heading, Markdown

FAILBACK_WORDS = ("failback", "fail back", "fail-back", "복귀", "페일백", "원복", "원상")
_OTHER_PARTITIONS = ("cn-", "us-gov-", "us-iso", "eu-isoe-", "eusc-")


def control_plane_steps(document: Markdown, rows: Sequence[ControlPlaneRow], stores: Sequence[Store]) -> tuple[ControlPlaneStep, ...]:
    """Return the commands of a document that change a service of ``rows``, in order, once each; not those of the way back.

    Nothing for stores outside the partition that the rows are about.
    """
    if any(isinstance(each.region, Known) and each.region.value.startswith(_OTHER_PARTITIONS) for each in stores):
        return ()
    found: dict[str, ControlPlaneStep] = {}
    for call, source in commands_of(document):
        for row, command in _changed(call, rows):
            if command not in found and not _on_the_way_back(document, call.start):
                name = f"{command} ({row.service} is changed in {row.region})"
                found[command] = ControlPlaneStep(name, command, row.service, row.region, row.remains, source.span(call.start, call.end))
    return tuple(found.values())


def _changed(call: Call, rows: Sequence[ControlPlaneRow]) -> Iterator[tuple[ControlPlaneRow, str]]:
    words = [word.text for word in options(call.arguments).plain[:2]]
    if call.name != "aws" or len(words) < 2:
        return
    for row in rows:
        if words[1].startswith(row.operations.get(words[0]) or ("\0",)):
            yield row, f"aws {words[0]} {words[1]}"


def _on_the_way_back(document: Markdown, offset: int) -> bool:
    """Whether a place is under a heading, or a heading above that one, which is about the way back."""
    level = 100
    for heading in reversed([each for each in document.headings if each.span.offset <= offset]):
        if (own := _level(document, heading)) < level:
            level = own
            if any(word in heading.text.lower() for word in FAILBACK_WORDS):
                return True
    return False


def _level(document: Markdown, heading: Heading) -> int:
    """Return how deep a heading is, from 1; a label that begins a paragraph is deeper than any."""
    if heading.label:
        return 7
    line = document.source.line(heading.span.start.line).lstrip()
    if line.startswith("#"):
        return len(line) - len(line.lstrip("#"))
    return 1 if document.source.line(heading.span.start.line + 1).lstrip().startswith("=") else 2


def with_the_stores(steps: Sequence[ControlPlaneStep], stores: Sequence[Store], otherwise: Written) -> Value[bool]:
    """Whether a step needs a region in which the service's stores are."""
    for step in steps:
        beside = next((each for each in stores if isinstance(each.region, Known) and each.region.value == step.region), None)
        if beside is not None:
            return known(True, f"{beside.name} is in {step.region}, too", Written(step.span), beside.region.origin)
    unknown = next((each.region for each in stores if isinstance(each.region, Unknown)), None)
    return unknown if unknown is not None and steps else known(False, "no step needs a region of its stores", otherwise)


def first_of(steps: Sequence[ControlPlaneStep], header: Written) -> Value[str]:
    """Return the first step, to point at; its evidence says what goes on working without it."""
    if not steps:
        return Absent(header)
    said = f"{steps[0].service} is changed through {steps[0].region} alone; {steps[0].remains}"
    return Known(steps[0].command, Derived(said, (Written(steps[0].span),)))
