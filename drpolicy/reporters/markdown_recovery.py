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

_STATES: Final[dict[State, tuple[str, str]]] = {
    "met": ("✓ {}", "met"),
    "missed": ("✗ **{}**", "missed"),
    "open": ("? {}", "not decided"),
    "undeclared": ("· {}", "no objective"),
}


def changes(report: Report, translate: Translate) -> Iterator[str]:
    """Yield what is worse, undecided and better since the base; nothing without a comparison."""
    comparison, said = report.comparison, sentences.compared(report, translate)
    if comparison is None or said is None:
        return
    yield f"### {translate('What this change does')}\n\n{inert(said[:1].upper() + said[1:])}."
    loud = [(translate("worse"), each) for each in comparison.worse]
    loud += [(translate("not decided any more"), each) for each in comparison.undecided]
    if loud:
        rows = [(f"**{word}**", translate(each.finding.severity), *_changed(each, translate)) for word, each in loud[:_LISTED]]
        head = (translate("Severity"), translate("Policy"), translate("Subject"), translate("Before"), translate("At"))
        yield table(("", *head), rows)
    if len(loud) > _LISTED:
        yield translate("{count} more are in the JSON report.").format(count=f"{len(loud) - _LISTED:,}")
    if comparison.better:
        lines = (f"{_named(each)}: {inert(sentences.moved(each, translate))}" for each in comparison.better)
        yield folded(sentences.number(len(comparison.better), "better", "better", translate), items(lines))


def _named(change: Change) -> str:
    return f"{code(change.finding.policy)} ({code(change.finding.subject.name)})"


def _changed(change: Change, translate: Translate) -> tuple[str, str, str, str]:
    finding = change.finding
    return code(finding.policy), code(finding.subject.name), inert(sentences.moved(change, translate)), at(finding.span)


def recovery(report: Report, translate: Translate) -> Iterator[str]:
    """Yield the table; with a comparison, each objective before and after."""
    yield f"### {translate('Services and disruptions')}"
    reached = recovery_table(report)
    if not report.services:
        yield translate("No service is declared: nobody has said how much loss or downtime is acceptable.")
        return
    now = _cells(reached, translate)
    tiers = {row.service.name: row.service.tier or "" for row in reached.rows}
    if report.comparison is None:
        rows = [(code(name), code(tiers[name]), inert(translate(disruption)), *cells) for (name, disruption), cells in now.items()]
        declared = translate("declared → achievable")
        yield table((translate("Service"), translate("Tier"), translate("Disruption"), f"RPO {declared}", f"RTO {declared}"), rows)
        return
    before = _cells(recovery_table(replace(report, services=report.comparison.services)), translate)
    unchanged = translate("as before")
    moved: list[tuple[str, ...]] = []
    same: list[tuple[str, ...]] = []
    for (name, disruption), (rpo, rto) in now.items():
        was = before.get((name, disruption), (_NEW, _NEW))
        cells = (was[0], unchanged if was[0] == rpo else rpo, was[1], unchanged if was[1] == rto else rto)
        row = (code(name), code(tiers[name]), inert(translate(disruption)), *cells)
        (same if was == (rpo, rto) else moved).append(row)
    head = (
        *(translate("Service"), translate("Tier"), translate("Disruption")),
        *(translate("RPO before"), translate("RPO now"), translate("RTO before"), translate("RTO now")),
    )
    if moved:
        yield table(head, moved)
    if same:
        said = translate("{count} as before") if moved else translate("all {count} as before")
        yield folded(said.format(count=f"{len(same):,}"), table(head, same))


def _cells(reached: RecoveryTable, translate: Translate) -> dict[tuple[str, str], tuple[str, str]]:
    """Return the RPO and RTO of each service and disruption, as they are shown."""
    return {
        (row.service.name, disruption): (_cell(pair.rpo, translate), _cell(pair.rto, translate))
        for row in reached.rows
        for disruption, pair in zip(reached.disruptions, row.pairs, strict=True)
        if pair is not None
    }


def _cell(cell: Cell, translate: Translate) -> str:
    reached = inert(translate(cell.achievable))
    mark, state = _STATES[cell.state]
    said = mark.format(translate(state))
    return f"{said}: {inert(cell.declared)} → {reached}" if cell.declared else f"{said}: {reached}"
