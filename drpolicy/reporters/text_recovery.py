"""The service × disruption table on a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from rich.cells import cell_len
from rich.text import Text

from drpolicy.model.findings import Verdict
from drpolicy.model.report import Report
from drpolicy.reporters.objectives import STATES, Cell, Pair, RecoveryTable, Row, recovery_table
from drpolicy.reporters.sections import with_verdict
from drpolicy.reporters.text_ink import STATE_WORDS, Ink

_GAP = 2
_NAME_LIMIT, _TIER_LIMIT = 24, 12
_Column = tuple[str, tuple[Pair | None, ...]]


def recovery_lines(report: Report, ink: Ink, rows: int | None) -> list[Text]:
    """Return the table with its legend; with a limit of ``rows``, the worst services in one band of columns that fits."""
    if not report.services and any(finding.anti_pattern == "undefined-objectives" for finding in with_verdict(report, Verdict.FAIL)):
        return []
    if not report.services:
        return ink.wrapped(ink.text(("No service is declared: nobody has said how much loss or downtime is acceptable.", "yellow")))
    table = recovery_table(report)
    if not table.disruptions:
        return ink.wrapped(ink.text(("No recovery range was worked out for any declared service.", "yellow")))
    chosen = table.rows if rows is None else _worst(table.rows, rows)
    bands = list(_bands(_columns(table, chosen), chosen, ink))
    lines: list[Text] = []
    for band in bands if rows is None else bands[:1]:
        lines += _band(band, chosen, ink)
    if len(chosen) < len(table.rows):
        lines.append(ink.text((f"  … and {len(table.rows) - len(chosen)} more services: --full", "dim")))
    if rows is not None and len(bands) > 1:
        lines += _left_out(table, {name for band in bands[:1] for names, _ in band for name in names.split(", ")}, ink)
    lines += ink.wrapped(_legend(table, ink), _GAP)
    if rows is None:
        lines += _bases(table, ink)
    return lines


def _worst(rows: Sequence[Row], limit: int) -> tuple[Row, ...]:
    kept = sorted(range(len(rows)), key=lambda at: (rows[at].worst, at))[:limit]
    return tuple(rows[at] for at in sorted(kept))


def _columns(table: RecoveryTable, rows: Sequence[Row]) -> list[_Column]:
    """Join disruptions that read the same for every service into one column."""
    columns: dict[tuple[object, ...], _Column] = {}
    for at, disruption in enumerate(table.disruptions):
        pairs = tuple(row.pairs[at] for row in rows)
        shown = tuple(None if pair is None else (_facts(pair.rpo), _facts(pair.rto)) for pair in pairs)
        names = f"{columns[shown][0]}, {disruption}" if shown in columns else disruption
        columns[shown] = (names, pairs)
    return list(columns.values())


def _facts(cell: Cell) -> tuple[str, str, str]:
    return cell.state, cell.declared, cell.achievable


def _bands(columns: list[_Column], rows: Sequence[Row], ink: Ink) -> Iterator[list[_Column]]:
    room = ink.width - sum(_stub(rows, ink)) - 3 * _GAP
    band: list[_Column] = []
    used = 0
    for column in columns:
        width = sum(_widths(column, ink)) + 2 * _GAP
        if band and used + width > room:
            yield band
            band, used = [], 0
        band.append(column)
        used += width
    yield band


def _stub(rows: Sequence[Row], ink: Ink) -> tuple[int, int]:
    names = max([7, *(cell_len(ink.plain(row.service.name)) for row in rows)])
    tiers = max([4, *(cell_len(ink.plain(row.service.tier or "-")) for row in rows)])
    return min(names, _NAME_LIMIT), min(tiers, _TIER_LIMIT)


def _widths(column: _Column, ink: Ink) -> tuple[int, int]:
    names, pairs = column
    widths = [
        max([len(measure), *(_cell(getattr(pair, measure.lower()), ink).cell_len for pair in pairs if pair is not None)])
        for measure in ("RPO", "RTO")
    ]
    return widths[0], max(widths[1], cell_len(ink.plain(names)) - widths[0] - _GAP)


def _cell(cell: Cell, ink: Ink) -> Text:
    symbol, style = ink.mark(cell.state)
    arrow = f"{cell.declared} → " if cell.declared else ""
    return ink.text((symbol, style), " ", (arrow, "dim"), (cell.achievable, style if cell.state in {"missed", "open"} else ""))


def _band(band: list[_Column], rows: Sequence[Row], ink: Ink) -> list[Text]:
    gap = " " * _GAP
    stub = _stub(rows, ink)
    widths = [_widths(column, ink) for column in band]
    empty = Text(gap, end="") + ink.padded("", stub[0]) + Text(gap) + ink.padded("", stub[1])
    head = Text(gap, end="") + ink.padded("service", stub[0], "dim") + Text(gap) + ink.padded("tier", stub[1], "dim")
    for (names, _), (rpo, rto) in zip(band, widths, strict=True):
        empty = empty + Text(gap) + ink.padded(names, rpo + rto + _GAP, "bold")
        head = head + Text(gap) + ink.padded("RPO", rpo, "dim") + Text(gap) + ink.padded("RTO", rto, "dim")
    lines = [empty, head]
    for at, row in enumerate(rows):
        line = Text(gap, end="") + ink.padded(row.service.name, stub[0], "bold") + Text(gap) + ink.padded(row.service.tier or "-", stub[1])
        for (_, pairs), (rpo, rto) in zip(band, widths, strict=True):
            pair = pairs[at]
            for cell, width in ((pair.rpo, rpo), (pair.rto, rto)) if pair is not None else ((None, rpo), (None, rto)):
                shown = ink.text(("-", "dim")) if cell is None else _cell(cell, ink)
                line = line + Text(gap) + shown + Text(" " * (width - shown.cell_len))
        lines.append(line)
    return lines


def _left_out(table: RecoveryTable, shown: set[str], ink: Ink) -> list[Text]:
    said = []
    for at, disruption in enumerate(table.disruptions):
        if disruption not in shown:
            tally = Counter(table.states(at))
            said.append(f"{disruption}: {', '.join(f'{tally[state]} {STATE_WORDS[state]}' for state in STATES if tally[state])}")
    return ink.wrapped(ink.text((f"also {'; '.join(said)}: --full", "dim")), indent=_GAP, limit=1)


def _legend(table: RecoveryTable, ink: Ink) -> Text:
    present = {state for at in range(len(table.disruptions)) for state in table.states(at)}
    legend = Text(end="")
    for state in reversed(STATES):
        if state in present:
            legend = legend + ink.text(ink.mark(state), (f" {STATE_WORDS[state]}   ", "dim"))
    return legend + ink.text(("declared → achievable", "dim"))


def _bases(table: RecoveryTable, ink: Ink) -> list[Text]:
    lines = []
    for row in table.rows:
        for disruption, pair in zip(table.disruptions, row.pairs, strict=True):
            said: dict[str, list[str]] = {}
            for cell in (pair.rpo, pair.rto) if pair is not None else ():
                if cell.basis:
                    said.setdefault(cell.basis, []).append(f"{cell.measure} {cell.achievable}")
            for basis, amounts in said.items():
                known = pair is None or not pair.weakest or basis.startswith(pair.weakest)
                weakest = "" if known or pair is None else f" (weakest: {pair.weakest})"
                whole = ink.text((f"{row.service.name}, {disruption}, {', '.join(amounts)}: {basis}{weakest}", "dim"))
                lines += ink.wrapped(whole, indent=_GAP, hanging=2)
    return lines
