"""What a pull request does to recovery, in Markdown: the service × disruption table, and the findings that moved."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from drpolicy.model.records import replace
from drpolicy.model.report import Change, Report
from drpolicy.reporters import sentences
from drpolicy.reporters.inert import code, inert
from drpolicy.reporters.languages import Translate
from drpolicy.reporters.markdown_blocks import at, folded, items, table
from drpolicy.reporters.objectives import Cell, RecoveryTable, State, recovery_table

_LISTED: Final = 50
"""Lines of what a change does."""

_NEW: Final = "–"

_STATES: Final[dict[State, str]] = {"met": "✓ met", "missed": "✗ **missed**", "open": "? not decided", "undeclared": "· no objective"}


def changes(report: Report) -> Iterator[str]:
    """Yield what is worse, undecided and better since the base; nothing without a comparison."""
    comparison, said = report.comparison, sentences.compared(report)
    if comparison is None or said is None:
        return
    yield f"### What this change does\n\n{inert(said[:1].upper() + said[1:])}."
    loud = [("worse", each) for each in comparison.worse] + [("not decided any more", each) for each in comparison.undecided]
    if loud:
        rows = [(f"**{word}**", each.finding.severity, *_changed(each)) for word, each in loud[:_LISTED]]
        yield table(("", "Severity", "Policy", "Subject", "Before", "At"), rows)
    if len(loud) > _LISTED:
        yield f"{len(loud) - _LISTED:,} more are in the JSON report."
    if comparison.better:
        lines = (f"{_named(each)}: {inert(sentences.moved(each))}" for each in comparison.better)
        yield folded(f"{len(comparison.better):,} better", items(lines))


def _named(change: Change) -> str:
    return f"{code(change.finding.policy)} ({code(change.finding.subject.name)})"


def _changed(change: Change) -> tuple[str, str, str, str]:
    finding = change.finding
    return code(finding.policy), code(finding.subject.name), inert(sentences.moved(change)), at(finding.span)


def recovery(report: Report, translate: Translate) -> Iterator[str]:
    """Yield the table; with a comparison, each objective before and after."""
    yield f"### {translate('Services and disruptions')}"
    reached = recovery_table(report)
    if not report.services:
        yield translate("No service is declared: nobody has said how much loss or downtime is acceptable.")
        return
    now = _cells(reached)
    tiers = {row.service.name: row.service.tier or "" for row in reached.rows}
    if report.comparison is None:
        rows = [(code(name), code(tiers[name]), inert(disruption), *cells) for (name, disruption), cells in now.items()]
        declared = translate("declared → achievable")
        yield table((translate("Service"), translate("Tier"), translate("Disruption"), f"RPO {declared}", f"RTO {declared}"), rows)
        return
    before = _cells(recovery_table(replace(report, services=report.comparison.services)))
    moved: list[tuple[str, ...]] = []
    same: list[tuple[str, ...]] = []
    for (name, disruption), (rpo, rto) in now.items():
        was = before.get((name, disruption), (_NEW, _NEW))
        row = (code(name), code(tiers[name]), inert(disruption), *_moved(was[0], rpo), *_moved(was[1], rto))
        (same if was == (rpo, rto) else moved).append(row)
    head = ("Service", "Tier", "Disruption", "RPO before", "RPO now", "RTO before", "RTO now")
    if moved:
        yield table(head, moved)
    if same:
        yield folded(f"{len(same):,} as before" if moved else f"all {len(same):,} as before", table(head, same))


def _cells(reached: RecoveryTable) -> dict[tuple[str, str], tuple[str, str]]:
    """Return the RPO and RTO of each service and disruption, as they are shown."""
    return {
        (row.service.name, disruption): (_cell(pair.rpo), _cell(pair.rto))
        for row in reached.rows
        for disruption, pair in zip(reached.disruptions, row.pairs, strict=True)
        if pair is not None
    }


def _moved(before: str, now: str) -> tuple[str, str]:
    return before, "as before" if before == now else now


def _cell(cell: Cell) -> str:
    reached = inert(cell.achievable)
    return f"{_STATES[cell.state]}: {inert(cell.declared)} → {reached}" if cell.declared else f"{_STATES[cell.state]}: {reached}"
