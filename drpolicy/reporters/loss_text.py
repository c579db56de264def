"""``drpolicy lose`` for the terminal: one line a service, below it the stores that decide, and at the end what it comes to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from rich.cells import cell_len
from rich.text import Text

from drpolicy.model.durations import Duration
from drpolicy.model.loss import Loss, NeededLoss, Reason, ServiceLoss, StoreLoss
from drpolicy.model.ranges import Range
from drpolicy.model.records import replace
from drpolicy.model.truth import Truth
from drpolicy.reporters.formats import Options
from drpolicy.reporters.loss_words import MAYBE, NEEDED, OUTCOMES, SUMS, WITHOUT_AMOUNTS, declared_in_words, loss_in_words, time_in_words
from drpolicy.reporters.sentences import number
from drpolicy.reporters.text_ink import Ink, ink, printed

_STORES: Final[dict[Truth, tuple[str, str]]] = {Truth.TRUE: ("✗", "red"), Truth.UNKNOWN: ("?", "yellow"), Truth.FALSE: ("✓", "green")}
"""By whether a store is lost."""
_WORST_FIRST: Final = tuple(_STORES)
_WHAT: Final = {"region": "region", "az": "zone", "account": "account"}
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
        said = (
            f"no store of record is there; they are in: {', '.join(loss.known)}" if loss.known else "no store of record is in these files"
        )
        yield from ink.wrapped(ink.text(said), 2, hanging=2)
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
    symbol, style, words = OUTCOMES[service.outcome]
    if service.outcome == "unknown" and service.gone is not Truth.TRUE:
        words = MAYBE
    head = ink.text((symbol, style), " ") + ink.padded(service.name, names, "bold") + "  " + ink.text((words, style))
    if service.outcome == "unaffected":
        gone = f"{', '.join(service.beside)} {'is' if len(service.beside) == 1 else 'are'} gone"
        but = [*([gone] if service.beside else []), *(["it declares the region as its primary one"] if service.primary else [])]
        said = f": no data of record is there, but {' and '.join(but)}" if but else ""
        yield from ink.wrapped(head + ink.text((said, style)), hanging=_INDENT)
        return
    if service.outcome not in WITHOUT_AMOUNTS:
        head = head + ink.text(f": {loss_in_words(service.rpo)}, {time_in_words(service.rto)}")
    declared = ink.text((f"({declared_in_words(service, disruption)})", "dim"))
    if head.cell_len + 2 + declared.cell_len <= ink.width:
        yield head + "  " + declared
    else:
        yield from ink.wrapped(head, limit=1)
        yield from ink.wrapped(declared, _INDENT)


def _bases(service: ServiceLoss, ink: Ink) -> Iterator[Text]:
    """Yield what the amounts of a headline rest on; where it has none, the stores say why."""
    if service.outcome not in WITHOUT_AMOUNTS:
        for basis in dict.fromkeys(each.basis for each in (service.rpo, service.rto) if each.basis):
            yield from ink.wrapped(ink.text((basis, "dim")), _INDENT, hanging=2)


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
    said = Reason(NEEDED[needed.lost], needed.span)
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
    if loss.unread:
        those = "and what it makes is not counted" if loss.unread == 1 else "and what they make is not counted"
        said = f"{number(loss.unread, 'call')} of modules that are not on disk, {those}: terraform init"
        yield from ink.wrapped(ink.text((said, "yellow")), hanging=2)
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
    said = ", ".join(f"{outcomes.count(outcome)} {text}" for outcome, text in SUMS.items() if outcome in outcomes)
    worst = next(style for outcome, (_, style, _) in OUTCOMES.items() if outcome in outcomes)
    return ink.text((f"{certain} of {number(len(loss.services), 'service')} affected{perhaps}: {said}", worst))
