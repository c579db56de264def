"""``drpolicy estate`` for the terminal: region by region, each store with its copies and what they are good for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

from rich.cells import cell_len
from rich.text import Text

from drpolicy.model.picture import NOWHERE, Copy, CopyState, Picture, PicturedStore
from drpolicy.model.stores import BESIDE
from drpolicy.model.truth import Truth
from drpolicy.reporters.formats import Options
from drpolicy.reporters.sentences import had_back, number
from drpolicy.reporters.text_ink import Ink, ink, printed

_MARKS: Final[dict[CopyState, tuple[str, str]]] = {"works": ("✓", "green"), "off": ("✗", "red"), "not known": ("?", "yellow")}
_NAME_LIMIT: Final = 34


def render_estate(picture: Picture, options: Options) -> str:
    """Return the picture as text, ending in a newline."""
    brush = ink(options)
    return printed(brush, _lines(picture, brush))


def _lines(picture: Picture, ink: Ink) -> Iterator[Text]:
    if not picture.stores and not picture.clusters and not picture.services:
        yield ink.text("nothing that holds data was found")
        return
    if picture.services:
        yield ink.text(("services", "bold"))
        yield from _services(picture, ink)
        yield Text(end="")
    several = len({store.deployment for store in picture.stores if store.data_class not in BESIDE}) > 1
    for region in picture.regions:
        stores = [store for store in picture.stores if store.region == region]
        clusters = [cluster for cluster in picture.clusters if cluster.region == region]
        if not stores and not clusters:
            continue
        holding = sum(store.data_class not in BESIDE for store in stores)
        yield ink.text((region, "bold"), ("  " + number(holding, "store") if holding else "", "dim"))
        for cluster in clusters:
            yield ink.text("  ", (cluster.name, "bold"), (f"  {cluster.role} cluster" if cluster.role else "  cluster", "dim"))
        beside = [store for store in stores if store.data_class in BESIDE and not store.services]
        told = [store for store in stores if store not in beside]
        for deployment in dict.fromkeys(store.deployment for store in told):
            if several:
                yield from ink.wrapped(ink.text("  in ", (deployment, "underline")), hanging=4)
            for store in told:
                if store.deployment == deployment:
                    yield from _store(store, picture, ink)
        if beside:
            kinds = ", ".join(f"{kind} ×{count}" if count > 1 else kind for kind, count in Counter(each.type for each in beside).items())
            yield from ink.wrapped(ink.text("  ", (f"what a recovery needs beside the data: {kinds}", "dim")), hanging=4)
        yield Text(end="")
    yield from ink.wrapped(_sum(picture, ink), hanging=2)


def _services(picture: Picture, ink: Ink) -> Iterator[Text]:
    names = max(cell_len(ink.plain(service.name)) for service in picture.services)
    for service in picture.services:
        stores = [store.name for key in service.stores if (store := picture.store(key)) is not None]
        said = f"{service.tier}: " if service.tier else ""
        said += ", ".join(stores) or ("no store that was found" if service.nowhere else "no store")
        said += f" · leads nowhere: {', '.join(service.nowhere)}" if service.nowhere else ""
        said += f" · needs {', '.join(service.depends_on)}" if service.depends_on else ""
        first, *rest = ink.wrapped(ink.text(said), 2 + min(names, _NAME_LIMIT) + 2)
        yield ink.text("  ") + ink.padded(service.name, min(names, _NAME_LIMIT)) + first[2 + min(names, _NAME_LIMIT) :]
        yield from rest


def _store(store: PicturedStore, picture: Picture, ink: Ink) -> Iterator[Text]:
    head = ink.text("  ", (store.name, "bold"), (f"  {store.type}", "dim"))
    words = [] if store.asked_for else [store.data_class]
    words += ["may not exist"] if store.presence is not Truth.TRUE else []
    words += [f"for {', '.join(store.services)}"] if store.services else []
    if words:
        head = head + ink.text((f"  {' · '.join(words)}", "cyan" if store.services else "dim"))
    yield from ink.wrapped(head, hanging=4)
    for copy in store.copies:
        yield from ink.wrapped(_copy(copy, store, picture, ink), 6, hanging=2)
    if store.more:
        yield from ink.wrapped(ink.text(("?", "yellow"), f" perhaps more: {store.more}"), 6, hanging=2)
    if not store.asked_for:
        return
    if not store.copies and not store.more:
        yield ink.text("      ", ("✗", "red"), " nothing protects it")
    for disruption, rpo, rto in store.recovery:
        yield from ink.wrapped(ink.text((f"{disruption}: {had_back(rpo, rto)}", "dim")), 6, hanging=2)


def _copy(copy: Copy, store: PicturedStore, picture: Picture, ink: Ink) -> Text:
    symbol, style = _MARKS[copy.state]
    holder = picture.store(copy.store)
    place = "" if copy.region == store.region and holder is None else f" → {copy.region}"
    place += f", {holder.name}" if holder is not None and holder.key != store.key else ""
    facts = [
        each for each in (("switched off",) if copy.state == "off" else (copy.interval, f"kept {copy.kept}" if copy.kept else "")) if each
    ]
    return ink.text((symbol, style), f" {copy.name}{place}", (f"  {', '.join(facts)}" if facts else "", "dim"))


def _sum(picture: Picture, ink: Ink) -> Text:
    asked = [store for store in picture.stores if store.asked_for]
    # A single copy is there and no answer: it may be of any age.
    safe = sum(any(copy.elsewhere and copy.interval != "once" for copy in store.copies) for store in asked)
    holding = [store for store in picture.stores if store.data_class not in BESIDE]
    if not holding:
        return ink.text(("nothing that holds data was found", "bold"))
    regions = {store.region for store in holding}
    places = [number(len(regions - {NOWHERE}), "region")] if regions != {NOWHERE} else []
    places += ["a region not known"] if NOWHERE in regions else []
    said = f"{number(len(holding), 'store')} in {' and '.join(places)}"
    return ink.text((f"{said}; of {len(asked)} that somebody would miss, {safe} outlive their region", "bold"))
