"""``drpolicy lose`` for the terminal: one line a service, below it the stores that decide, and at the end what it comes to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from rich.cells import cell_len
from rich.text import Text

from drpolicy.model.durations import UNBOUNDED, Duration
from drpolicy.model.loss import Loss, Reason, ServiceLoss, ServiceOutcome, StoreLoss
from drpolicy.model.ranges import Range
from drpolicy.model.records import replace
from drpolicy.model.truth import Truth
from drpolicy.reporters.formats import Options
from drpolicy.reporters.sentences import number
from drpolicy.reporters.text_ink import Ink, ink, printed

_OUTCOMES: Final[dict[ServiceOutcome, tuple[str, str, str]]] = {
    "lost": ("✗", "bold red", "CANNOT BE RECOVERED"),
    "misses": ("✗", "bold red", "too late, or too much lost"),
    "unproven": ("?", "yellow", "recoverable, how well is not proven"),
    "unresolved": ("?", "yellow", "not known: a store of it was not found"),
    "meets": ("✓", "green", "recovered as declared"),
    "unaffected": ("·", "dim", "not affected"),
}
_STORES: Final[dict[Truth, tuple[str, str]]] = {Truth.FALSE: ("✗", "red"), Truth.UNKNOWN: ("?", "yellow"), Truth.TRUE: ("✓", "green")}
_WORST_FIRST: Final = tuple(_STORES)
_WHAT: Final = {"region": "region", "az": "zone", "account": "account"}
_LOSSES: Final = {"region": "a region", "az": "a zone", "account": "an account"}
_INDENT: Final = 4
_NAME_LIMIT: Final = 30
_ALIKE: Final = 4
"""As many stores of no service with one and the same reason are shown together."""


def render_loss(loss: Loss, *, color: bool, unicode: bool, width: int = 100) -> str:
    """Return the answer as text, ending in a newline. Lines fit the width, but for places, which stay whole to be opened."""
    brush = ink(Options(width=width, color=color, unicode=unicode))
    return printed(brush, _lines(loss, brush))


def _lines(loss: Loss, ink: Ink) -> Iterator[Text]:
    yield ink.text((f"{_WHAT[loss.disruption]} {loss.what.removeprefix(loss.disruption + ':')} is gone", "bold"), f", as of {loss.as_of}")
    yield Text(end="")
    if not loss.affected:
        known = ", ".join(loss.known) or "none that is known"
        yield from ink.wrapped(ink.text(f"no store in these files is there; stores are in: {known}"), 2, hanging=2)
        yield Text(end="")
    elif loss.disruption != "az" and loss.what.removeprefix(loss.disruption + ":") not in loss.known:
        said = f"no file says that a store is there; those of which the {_WHAT[loss.disruption]} is not known are counted as lost"
        yield from ink.wrapped(ink.text((said, "yellow")), 2, hanging=2)
        yield Text(end="")
    hit = [service for service in loss.services if service.outcome != "unaffected"]
    names = _column((service.name for service in loss.services), ink)
    for service in hit:
        yield from _headline(service, loss.disruption, names, ink)
        yield from _bases(service, ink)
        yield from _stores([(store.name, store) for store in service.stores], ink)
        for reason in service.nowhere:
            yield from _placed(replace(reason, text=f"? {reason.text}"), _INDENT, ink)
        yield Text(end="")
    spared = [service for service in loss.services if service.outcome == "unaffected"]
    for service in spared:
        yield from _headline(service, loss.disruption, names, ink)
    if spared:
        yield Text(end="")
    if loss.unclaimed:
        yield ink.text(("claimed by no service", "bold"))
        yield from _stores(_alike(loss.unclaimed), ink)
        yield Text(end="")
    if loss.also:
        yield ink.text(("and with it", "bold"))
        for reason in loss.also:
            yield from _placed(reason, _INDENT, ink)
        yield Text(end="")
    yield from _verdict(loss, ink)


def _headline(service: ServiceLoss, disruption: str, names: int, ink: Ink) -> Iterator[Text]:
    """Yield the line of a service; what it declared goes below where both do not fit."""
    symbol, style, words = _OUTCOMES[service.outcome]
    if _undeclared(service):
        words = "recoverable"
    head = ink.text((symbol, style), " ") + ink.padded(service.name, names, "bold") + "  " + ink.text((words, style))
    if service.outcome in ("unaffected", "unresolved"):
        yield from ink.wrapped(head, limit=1)
        return
    if service.outcome != "lost":
        head = head + ink.text(f": {_lost(service.rpo)}, {_back(service.rto)}")
    declared = ink.text((f"({_declared(service, disruption)})", "dim"))
    if head.cell_len + 2 + declared.cell_len <= ink.width:
        yield head + "  " + declared
    else:
        yield from ink.wrapped(head, limit=1)
        yield from ink.wrapped(declared, _INDENT)


def _undeclared(service: ServiceLoss) -> bool:
    """Whether it can be had back and nobody has said how well: then there is nothing to prove."""
    return service.outcome == "unproven" and service.declared_rpo is None and service.declared_rto is None


def _declared(service: ServiceLoss, disruption: str) -> str:
    parts = [f"{label} {value}" for label, value in (("RPO", service.declared_rpo), ("RTO", service.declared_rto)) if value is not None]
    return f"declared: {', '.join(parts)}" if parts else f"nothing declared for the loss of {_LOSSES[disruption]}"


def _bases(service: ServiceLoss, ink: Ink) -> Iterator[Text]:
    """Yield what the amounts of a headline rest on; a lost service has none, its stores say why."""
    if service.outcome not in ("lost", "unresolved"):
        for basis in dict.fromkeys(each.basis for each in (service.rpo, service.rto) if each.basis):
            yield from ink.wrapped(ink.text((basis, "dim")), _INDENT, hanging=2)


def _lost(amount: Range) -> str:
    if amount.best == UNBOUNDED:
        return "loses everything"
    if amount.worst == UNBOUNDED:
        return "loses an unknown amount" if amount.best == Duration(0) else f"loses the last {amount.best} or more"
    return "loses nothing" if amount.worst == Duration(0) else f"loses the last {amount}"


def _back(time: Range) -> str:
    if time.best == UNBOUNDED:
        return "never back"
    if time.worst == UNBOUNDED:
        return "back in an unknown time" if time.best == Duration(0) else f"back in {time.best} or more"
    return "back at once" if time.worst == Duration(0) else f"back in {time}"


def _alike(stores: Sequence[StoreLoss]) -> list[tuple[str, StoreLoss]]:
    """Return stores under their names, and many of one and the same reason as one, under all their names."""
    groups: dict[tuple[object, ...], list[StoreLoss]] = {}
    for store in stores:
        groups.setdefault((store.recoverable, *(each.text for each in _reasons(store))), []).append(store)
    shown: list[tuple[str, StoreLoss]] = []
    for group in groups.values():
        if len(group) < _ALIKE:
            shown += [(store.name, store) for store in group]
        else:
            told = tuple(replace(reason, span=None) for reason in _reasons(group[0]))
            names = f"{number(len(group), 'store')}: {', '.join(store.name for store in group)}"
            shown.append((names, replace(group[0], sources=(), obstacles=told)))
    return shown


def _stores(stores: Sequence[tuple[str, StoreLoss]], ink: Ink) -> Iterator[Text]:
    """Yield each store with the copy it comes back from, or with what stands in the way; the lost ones first."""
    names = _column((name for name, _ in stores), ink)
    for name, store in sorted(stores, key=lambda each: _WORST_FIRST.index(each[1].recoverable)):
        symbol, style = _STORES[store.recoverable]
        label = ink.wrapped(ink.text((symbol, style), " ", name), _INDENT, hanging=2)
        indent = _INDENT + 2 + names + 2
        if cell_len(ink.plain(name)) > names:
            yield from label
            indent = 2 * _INDENT
        reasons = [line for reason in _reasons(store) for line in _placed(reason, indent, ink)]
        if indent != 2 * _INDENT:
            reasons[0] = label[0] + " " * (indent - label[0].cell_len) + reasons[0][indent:]
        yield from reasons


def _reasons(store: StoreLoss) -> list[Reason]:
    if store.sources and store.recoverable is not Truth.FALSE:
        return [store.sources[0]]
    seen: dict[object, Reason] = {}
    for reason in store.obstacles:
        seen.setdefault(reason.span if reason.span is not None else reason.text, reason)
    return list(seen.values()) or [Reason("no copy is left", None)]


def _placed(reason: Reason, indent: int, ink: Ink) -> Iterator[Text]:
    """Yield the sentence and its place: beside it where both fit, else on a line of its own that is never broken."""
    said = ink.wrapped(ink.text(reason.text), indent)
    if reason.span is None:
        yield from said
        return
    where = ink.text((f"{reason.span.path}:{reason.span.start.line}", "cyan"))
    if said[-1].cell_len + 2 + where.cell_len <= ink.width:
        said[-1] = said[-1] + "  " + where
        yield from said
    else:
        yield from said
        fitting = (each for each in (indent, 2 * _INDENT) if each + where.cell_len <= ink.width)
        yield Text(" " * next(fitting, 0), end="") + where


def _column(names: Iterable[str], ink: Ink) -> int:
    widths = [cell_len(ink.plain(name)) for name in names]
    return max((width for width in widths if width <= _NAME_LIMIT), default=0)


def _verdict(loss: Loss, ink: Ink) -> Iterator[Text]:
    if not loss.services:
        said = "No service is declared, so nothing says what matters: drpolicy schema service"
        yield from ink.wrapped(ink.text((said, "bold yellow")), hanging=2)
    else:
        yield from ink.wrapped(_sum(loss, ink), hanging=2)
    gone = sum(store.recoverable is Truth.FALSE for store in loss.unclaimed)
    if gone:
        either = " either" if any(service.outcome == "lost" for service in loss.services) else ""
        said = f"{number(gone, 'store')} that no service claims cannot be recovered{either}"
        yield from ink.wrapped(ink.text((said, "bold red")), hanging=2)


def _sum(loss: Loss, ink: Ink) -> Text:
    hit = [service.outcome for service in loss.services if service.outcome not in ("unaffected", "unresolved")]
    open_ = sum(service.outcome == "unresolved" for service in loss.services)
    bare = sum(map(_undeclared, loss.services))
    if not hit:
        more = f", {open_} not known" if open_ else ""
        return ink.text((f"0 of {number(len(loss.services), 'service')} affected{more}", "bold yellow" if open_ else "bold"))
    counted = (
        (hit.count("lost"), "cannot be recovered"),
        (hit.count("misses"), "too late or too much lost"),
        (hit.count("unproven") - bare, "not proven"),
        (bare, "recoverable with nothing declared"),
        (hit.count("meets"), "as declared"),
    )
    said = ", ".join(f"{count} {text}" for count, text in counted if count)
    worst = next(style for outcome, (_, style, _) in _OUTCOMES.items() if outcome in hit)
    said += f"; {open_} more not known" if open_ else ""
    return ink.text((f"{len(hit)} of {number(len(loss.services), 'service')} affected: {said}", worst if worst != "dim" else "bold"))
