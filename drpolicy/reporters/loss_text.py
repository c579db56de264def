"""``drpolicy lose`` for the terminal: one line a service, below it the stores that decide, and at the end what it comes to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from rich.cells import cell_len
from rich.text import Text

from drpolicy.model.durations import UNBOUNDED, Duration
from drpolicy.model.loss import Loss, NeededLoss, Reason, ServiceLoss, ServiceOutcome, StoreLoss
from drpolicy.model.ranges import Range
from drpolicy.model.records import replace
from drpolicy.model.truth import Truth
from drpolicy.reporters.formats import Options
from drpolicy.reporters.sentences import number
from drpolicy.reporters.text_ink import Ink, ink, printed

_OUTCOMES: Final[dict[ServiceOutcome, tuple[str, str, str]]] = {
    "lost": ("✗", "bold red", "CANNOT BE RECOVERED"),
    "misses": ("✗", "bold red", "too late, or too much lost"),
    "unknown": ("?", "yellow", "not known whether it can be recovered"),
    "unproven": ("?", "yellow", "recoverable, how well is not proven"),
    "undeclared": ("?", "yellow", "recoverable"),
    "meets": ("✓", "green", "recovered as declared"),
    "unaffected": ("·", "dim", "not affected"),
}
_WITHOUT_AMOUNTS: Final = ("lost", "unknown")
_MAYBE: Final = "not known whether it is affected"
_SUMS: Final[dict[ServiceOutcome, str]] = {
    "lost": "cannot be recovered",
    "misses": "too late or too much lost",
    "unknown": "not known",
    "unproven": "not proven",
    "undeclared": "recoverable with nothing declared",
    "meets": "as declared",
}
_STORES: Final[dict[Truth, tuple[str, str]]] = {Truth.TRUE: ("✗", "red"), Truth.UNKNOWN: ("?", "yellow"), Truth.FALSE: ("✓", "green")}
"""By whether a store is lost."""
_NEEDED: Final = {
    Truth.TRUE: "it cannot do without it, and that cannot be recovered",
    Truth.UNKNOWN: "it cannot do without it, and whether that can be recovered is not known",
    Truth.FALSE: "it cannot do without it, and that can be recovered",
}
_WORST_FIRST: Final = tuple(_STORES)
_WHAT: Final = {"region": "region", "az": "zone", "account": "account"}
_LOSSES: Final = {"region": "a region", "az": "a zone", "account": "an account"}
_NOTHING: Final = Range(Duration(0), Duration(0), "")
_INDENT: Final = 4
_NAME_LIMIT: Final = 30
_ALIKE: Final = 4
"""As many stores of no service with one and the same reason are shown together."""


def render_loss(loss: Loss, *, color: bool, unicode: bool, width: int = 100) -> str:
    """Return the answer as text, ending in a newline. Lines fit the width, but for places, which stay whole to be opened."""
    brush = ink(Options(width=width, color=color, unicode=unicode))
    return printed(brush, _lines(loss, brush))


def _lines(loss: Loss, ink: Ink) -> Iterator[Text]:
    yield ink.text((f"{_WHAT[loss.disruption]} {loss.name} is gone", "bold"), f", as of {loss.as_of}")
    yield Text(end="")
    if not loss.affected:
        known = ", ".join(loss.known) or "none that is known"
        yield from ink.wrapped(ink.text(f"no store in these files is there; stores are in: {known}"), 2, hanging=2)
        yield Text(end="")
    elif loss.disruption != "az" and loss.name not in loss.known:
        said = f"no file says that a store is there; of those below the {_WHAT[loss.disruption]} is not known"
        yield from ink.wrapped(ink.text((said, "yellow")), 2, hanging=2)
        yield Text(end="")
    hit = [service for service in loss.services if service.outcome != "unaffected"]
    names = _column((service.name for service in loss.services), ink)
    for service in hit:
        yield from _headline(service, loss.disruption, names, ink)
        yield from _bases(service, ink)
        yield from _stores([*((store.name, store) for store in service.stores), *map(_needed, service.needs)], ink)
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
    if service.outcome == "unknown" and service.gone is not Truth.TRUE:
        words = _MAYBE
    head = ink.text((symbol, style), " ") + ink.padded(service.name, names, "bold") + "  " + ink.text((words, style))
    if service.outcome == "unaffected":
        but = [*service.beside, *(["it declares it as its primary region"] if service.primary else [])]
        said = f": no data of record is there, but {', '.join(but)}" if but else ""
        yield from ink.wrapped(head + ink.text((said, style)), hanging=_INDENT)
        return
    if service.outcome not in _WITHOUT_AMOUNTS:
        head = head + ink.text(f": {_lost(service.rpo)}, {_back(service.rto)}")
    declared = ink.text((f"({_declared(service, disruption)})", "dim"))
    if head.cell_len + 2 + declared.cell_len <= ink.width:
        yield head + "  " + declared
    else:
        yield from ink.wrapped(head, limit=1)
        yield from ink.wrapped(declared, _INDENT)


def _declared(service: ServiceLoss, disruption: str) -> str:
    parts = [f"{label} {value}" for label, value in (("RPO", service.declared_rpo), ("RTO", service.declared_rto)) if value is not None]
    if parts:
        return f"declared: {', '.join(parts)}"
    if service.declared is Truth.UNKNOWN:
        return f"what is declared for the loss of {_LOSSES[disruption]} is not known"
    return f"nothing declared for the loss of {_LOSSES[disruption]}"


def _bases(service: ServiceLoss, ink: Ink) -> Iterator[Text]:
    """Yield what the amounts of a headline rest on; where it has none, the stores say why."""
    if service.outcome not in _WITHOUT_AMOUNTS:
        for basis in dict.fromkeys(each.basis for each in (service.rpo, service.rto) if each.basis):
            yield from ink.wrapped(ink.text((basis, "dim")), _INDENT, hanging=2)


def _lost(amount: Range) -> str:
    if amount.best == UNBOUNDED:
        return "loses all that came after a copy made once"
    if amount.worst == UNBOUNDED:
        return "loses an unknown amount" if amount.best == Duration(0) else f"loses the last {amount.best} or more"
    return "loses nothing" if amount.worst == Duration(0) else f"loses the last {amount}"


def _back(time: Range) -> str:
    if time.worst == UNBOUNDED:
        return "back in an unknown time" if time.best in (Duration(0), UNBOUNDED) else f"back in {time.best} or more"
    return "back at once" if time.worst == Duration(0) else f"back in {time}"


def _alike(stores: Sequence[StoreLoss]) -> list[tuple[str, StoreLoss]]:
    """Return stores under their names, and many of one and the same reason as one, under all their names."""
    groups: dict[tuple[object, ...], list[StoreLoss]] = {}
    for store in stores:
        groups.setdefault((store.lost, *(each.text for each in _reasons(store))), []).append(store)
    shown: list[tuple[str, StoreLoss]] = []
    for group in groups.values():
        if len(group) < _ALIKE:
            shown += [(store.name, store) for store in group]
        else:
            told = tuple(replace(reason, span=None) for reason in _reasons(group[0]))
            names = f"{number(len(group), 'store')}: {', '.join(store.name for store in group)}"
            # Its reasons are told already: as obstacles they are shown as they are.
            shown.append((names, replace(group[0], sources=(), obstacles=told, doubts=())))
    return shown


def _stores(stores: Sequence[tuple[str, StoreLoss]], ink: Ink) -> Iterator[Text]:
    """Yield each store with the copy it comes back from, or with what stands in the way; the lost ones first."""
    names = _column((name for name, _ in stores), ink)
    for name, store in sorted(stores, key=lambda each: _WORST_FIRST.index(each[1].lost)):
        symbol, style = _STORES[store.lost]
        label = ink.wrapped(ink.text((symbol, style), " ", name), _INDENT, hanging=2)
        indent = _INDENT + 2 + names + 2
        if cell_len(ink.plain(name)) > names:
            yield from label
            indent = 2 * _INDENT
        reasons = [line for reason in _reasons(store) for line in _placed(reason, indent, ink)]
        if indent != 2 * _INDENT:
            reasons[0] = label[0] + " " * (indent - label[0].cell_len) + reasons[0][indent:]
        yield from reasons


def _needed(needed: NeededLoss) -> tuple[str, StoreLoss]:
    """Return a service that another one cannot do without as a line among its stores."""
    said = Reason(_NEEDED[needed.lost], needed.span)
    return f"service {needed.name}", StoreLoss(needed.name, needed.lost, Truth.FALSE, _NOTHING, _NOTHING, (), (said,), (), needed.span)


def _reasons(store: StoreLoss) -> list[Reason]:
    """Return why a store is lost or may be; or where one comes back from that is not."""
    if store.sources and store.lost is Truth.FALSE:
        return [store.sources[0]]
    if store.sources and store.recoverable is not Truth.FALSE:
        found = [store.sources[0]]
    else:
        seen: dict[object, Reason] = {}
        for reason in store.obstacles:
            seen.setdefault(reason.span if reason.span is not None else reason.text, reason)
        found = list(seen.values())
        if not found and not store.doubts:
            found = [Reason("no copy is left", None)]
    if store.doubts and found:
        found[0] = replace(found[0], text=f"if it is: {found[0].text}")
    return [*store.doubts, *found]


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
    gone = sum(store.lost is Truth.TRUE for store in loss.unclaimed)
    if gone:
        either = " either" if any(service.outcome == "lost" for service in loss.services) else ""
        said = f"{number(gone, 'store')} that no service claims cannot be recovered{either}"
        yield from ink.wrapped(ink.text((said, "bold red")), hanging=2)


def _sum(loss: Loss, ink: Ink) -> Text:
    hit = [service for service in loss.services if service.outcome != "unaffected"]
    if not hit:
        return ink.text((f"0 of {number(len(loss.services), 'service')} affected", "bold"))
    certain = sum(service.gone is Truth.TRUE for service in hit)
    perhaps = f", {len(hit) - certain} perhaps" if len(hit) > certain else ""
    outcomes = [service.outcome for service in hit]
    said = ", ".join(f"{outcomes.count(outcome)} {text}" for outcome, text in _SUMS.items() if outcome in outcomes)
    worst = next(style for outcome, (_, style, _) in _OUTCOMES.items() if outcome in outcomes)
    return ink.text((f"{certain} of {number(len(loss.services), 'service')} affected{perhaps}: {said}", worst))
