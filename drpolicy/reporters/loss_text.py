"""``drpolicy lose`` for the terminal: one line a service, and below it the stores that decide."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from drpolicy.model.durations import UNBOUNDED, Duration
from drpolicy.model.loss import Loss, Reason, ServiceLoss, StoreLoss
from drpolicy.model.ranges import Range
from drpolicy.model.truth import Truth
from drpolicy.reporters.printable import one_line

_MARKS = {"unaffected": ("·", "-"), "meets": ("✓", "ok"), "misses": ("✗", "!!"), "unproven": ("?", "??"), "lost": ("✗", "!!")}
_COLOURS = {"unaffected": "2", "meets": "32", "misses": "31;1", "unproven": "33", "lost": "31;1"}


@dataclass(frozen=True, slots=True)
class Ink:
    """How to write: ANSI colours or none, Unicode marks or ASCII."""

    color: bool
    unicode: bool

    def paint(self, text: str, code: str) -> str:
        """Return the text in a colour, when there are colours."""
        return f"\x1b[{code}m{text}\x1b[0m" if self.color and text else text


def render_loss(loss: Loss, *, color: bool, unicode: bool) -> str:
    """Return the answer as text, ending in a newline."""
    return "\n".join(_lines(loss, Ink(color, unicode))) + "\n"


def _lines(loss: Loss, ink: Ink) -> Iterator[str]:
    yield ink.paint(f"{one_line(loss.what)} is gone. As of {loss.as_of}:", "1")
    yield ""
    if not loss.affected and not any(service.stores for service in loss.services):
        known = ", ".join(loss.known) or "none that is known"
        yield f"  no store in these files is there; stores are in: {one_line(known)}"
        yield ""
    for service in loss.services:
        yield from _service(service, ink)
    if loss.unclaimed:
        lost = sum(store.recoverable is Truth.FALSE for store in loss.unclaimed)
        yield ink.paint("claimed by no service", "1") + f": {lost} of {len(loss.unclaimed)} stores cannot be recovered"
        for store in loss.unclaimed:
            yield from _store(store, ink)
        yield ""
    if loss.also:
        yield ink.paint("and with it", "1")
        for reason in loss.also:
            yield f"    {_placed(reason, ink)}"
        yield ""
    yield _verdict(loss, ink)


def _service(service: ServiceLoss, ink: Ink) -> Iterator[str]:
    mark = _MARKS[service.outcome][0 if ink.unicode else 1]
    name = ink.paint(one_line(service.name), "1")
    yield f"{ink.paint(mark, _COLOURS[service.outcome])} {name}: {_declared(service)}; {_outcome(service, ink)}"
    for store in service.stores:
        yield from _store(store, ink)
    yield ""


def _declared(service: ServiceLoss) -> str:
    parts = [f"{label} {value}" for label, value in (("RPO", service.declared_rpo), ("RTO", service.declared_rto)) if value is not None]
    return f"{', '.join(parts)} declared" if parts else "nothing declared"


def _outcome(service: ServiceLoss, ink: Ink) -> str:
    colour = _COLOURS[service.outcome]
    match service.outcome:
        case "unaffected":
            return "not affected"
        case "lost":
            lost = [store for store in service.stores if store.recoverable is Truth.FALSE]
            first = next((reason for store in lost for reason in store.obstacles), None)
            why = f": {_placed(first, ink)}" if first is not None else ""
            return ink.paint("cannot be recovered", colour) + why
        case "misses":
            return ink.paint("recovered too late or with too much lost", colour) + f": {_amounts(service.rpo, service.rto)}"
        case "meets":
            return ink.paint("recovered as declared", colour) + f": {_amounts(service.rpo, service.rto)}"
        case "unproven":
            return ink.paint("recoverable, how well is not proven", colour) + f": {_amounts(service.rpo, service.rto)}"


def _amounts(rpo: Range, rto: Range) -> str:
    return f"loses {_amount(rpo)}, takes {_amount(rto)}"


def _amount(range_: Range) -> str:
    if range_.best == UNBOUNDED:
        return "everything"
    if range_.worst == UNBOUNDED:
        return "an unknown amount" if range_.best == Duration(0) else f"{range_.best} or more"
    return str(range_)


def _store(store: StoreLoss, ink: Ink) -> Iterator[str]:
    mark = {Truth.TRUE: ("✓", "ok", "32"), Truth.FALSE: ("✗", "!!", "31"), Truth.UNKNOWN: ("?", "??", "33")}[store.recoverable]
    sign = ink.paint(mark[0] if ink.unicode else mark[1], mark[2])
    head = f"    {sign} {one_line(store.name)}"
    if store.sources:
        yield f"{head}: {_placed(store.sources[0], ink)}"
    elif store.obstacles:
        yield f"{head}: {_placed(store.obstacles[0], ink)}"
    else:
        yield f"{head}: no copy is left"
    for reason in store.obstacles[1 if not store.sources else len(store.obstacles) :]:
        yield f"        {_placed(reason, ink)}"


def _placed(reason: Reason, ink: Ink) -> str:
    where = f" ({one_line(reason.span.path)}:{reason.span.start.line})" if reason.span is not None else ""
    return one_line(reason.text) + ink.paint(where, "2")


def _verdict(loss: Loss, ink: Ink) -> str:
    affected = [service for service in loss.services if service.outcome != "unaffected"]
    if not loss.services:
        return "no service is declared, so nothing says what matters: drpolicy schema service"
    lost = [service for service in affected if service.outcome == "lost"]
    late = [service for service in affected if service.outcome == "misses"]
    unproven = [service for service in affected if service.outcome == "unproven"]
    count = len(affected)
    said = [
        f"{len(found)} {word}"
        for found, word in ((lost, "cannot be recovered"), (late, "miss what they declare"), (unproven, "are not proven"))
        if found
    ]
    text = f"{count} of {len(loss.services)} services affected" + (
        ": " + ", ".join(said) if said else ", all recovered as declared" if count else ""
    )
    return ink.paint(text, "1")
