"""``drpolicy catalog list | show``: what is known of a resource type, with where it is known from."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from drpolicy.catalog.load import built_in_catalog
from drpolicy.catalog.rows import AttributeDefault, Catalog, ComponentRow, CopyPlace, Link, MechanismRow, StoreRow

_AWS_BACKUP = frozenset({"backup-plan", "backup-plan-copy"})
_OMITTED = {
    "default": "the provider fills it in",
    "computed": "known after the apply",
    "absent-block": "the block is missing",
    "service-default": "nothing is sent, the service decides",
}


class NoSuchType(Exception):
    """No resource type of that name in the catalog; the message names the nearest."""


def listing() -> str:
    """Return every store type by kind, a line each, then the types that are counted and not judged."""
    return "\n".join(_list(built_in_catalog()))


def page(type_: str) -> str:
    """Return everything that the catalog says of a type, as Markdown that also reads well in a terminal. Raises NoSuchType."""
    catalog = built_in_catalog()
    row = catalog.stores.get(type_)
    component = catalog.components.get(type_)
    if row is not None:
        return "\n".join((*_page(row, catalog), *(_two_sides(component) if component is not None else ())))
    if component is not None:
        return "\n".join(_component(component))
    if type_ in catalog.unjudged:
        return f"# {type_}\n\nHolds data and has no row yet: it is counted in coverage, and nothing is said of it."
    near = get_close_matches(type_, [*catalog.stores, *catalog.components], 1)
    raise NoSuchType(f"the catalog has no {type_!r}" + (f"; did you mean {near[0]!r}?" if near else "; see drpolicy catalog list"))


def protecting(row: StoreRow, catalog: Catalog) -> list[MechanismRow]:
    """Return the mechanisms that can protect a type, in the catalog's order."""
    return [each for each in catalog.mechanisms.values() if row.type in each.stores or (row.aws_backup and each.id in _AWS_BACKUP)]


def _list(catalog: Catalog) -> Iterator[str]:
    width = max(len(type_) for type_ in catalog.stores)
    for kind in dict.fromkeys(row.kind for row in catalog.stores.values()):
        yield kind
        for row in catalog.stores.values():
            if row.kind == kind:
                ways = ", ".join(each.id for each in protecting(row, catalog) if each.id != "backup-plan-copy")
                yield f"  {row.type:<{width}}  {ways or 'nothing of its own'}"
    if catalog.components:
        width = max(len(type_) for type_ in catalog.components)
        yield "what they rest on"
        for component in catalog.components.values():
            asked = [
                *component.fields,
                *(["twin"] if component.twin is not None else []),
                *(["primaryNames"] if component.regional else []),
            ]
            yield f"  {component.type:<{width}}  {component.kind}{': ' if asked else ''}{', '.join(asked)}"
    yield f"{len(catalog.stores)} types judged; {len(catalog.unjudged)} more hold data and are counted only"


def _component(row: ComponentRow) -> Iterator[str]:
    yield f"# {row.type}"
    yield ""
    yield f"Kind: {row.kind} · holds no data, and a recovery rests on it"
    if row.defaults:
        yield from ("", "## When nothing is written", "")
        for default in row.defaults:
            yield from _default(default)
    if row.joins:
        yield from ("", "## Resources that belong to it", "")
        yield from (f"    {join.type} by {join.store}, as {join.name}" for join in row.joins)
    if row.fields:
        yield from ("", "## What is known of it", "")
        yield from (f"    {name:<16} {' '.join(text.split())}" for name, text in row.fields.items())
    yield from _two_sides(row)


def _two_sides(row: ComponentRow) -> Iterator[str]:
    """Yield how one on standby is held against the one that it is there for."""
    if row.twin is None and not row.regional:
        return
    yield from ("", "## On standby", "")
    twin = row.twin
    compared = (
        ("there for what has the same", twin.by if twin is not None else ()),
        ("has to be the same", twin.equal if twin is not None else ()),
        ("must not be less", twin.at_least if twin is not None else ()),
        ("has to have the same entries", twin.entries if twin is not None else ()),
        ("must not lead to the other region", row.regional),
    )
    yield from (f"    {words:<34} {', '.join(paths)}" for words, paths in compared if paths)
    if twin is not None and twin.needed:
        yield "    the primary side's needs one there"


def _page(row: StoreRow, catalog: Catalog) -> Iterator[str]:
    yield f"# {row.type}"
    yield ""
    yield f"Kind: {row.kind} · data class: {row.data_class.strip()} · AWS Backup: {row.aws_backup or 'not supported'}"
    if row.replica_of:
        yield f"A replica names its source in {row.replica_of}."
    if row.defaults:
        yield from ("", "## When nothing is written", "")
        for default in row.defaults:
            yield from _default(default)
    if row.joins:
        yield from ("", "## Resources that belong to it", "")
        yield from (f"    {join.type} by {join.store}, as {join.name}" for join in row.joins)
    yield from ("", "## What is known of it", "")
    yield from (f"    {name:<16} {' '.join(text.split())}" for name, text in row.fields.items())
    if row.key or row.keys:
        yield from ("", "## Keys", "")
        if row.key:
            yield f"    {row.key} names its key; without it the service's default key counts"
        if row.keys:
            yield f"    {row.keys}"
    yield from ("", "## What brings it back", "")
    for number, mechanism in enumerate(protecting(row, catalog)):
        if number:
            yield ""
        yield from _mechanism(mechanism, row)
    if row.live:
        yield from ("", "## What confirms it in the account", "", f"    {', '.join(row.live)}")


def _default(default: AttributeDefault) -> Iterator[str]:
    value = default.means if default.omitted == "absent-block" else "not known" if default.value is None else str(default.value)
    shown = value.lower() if isinstance(default.value, bool) else value
    documented = "; documented" if default.omitted == "computed" and default.value is not None else ""
    yield f"    {default.attribute} = {shown} ({_OMITTED[default.omitted]}{documented})"
    yield f"        {default.source}"


def _mechanism(row: MechanismRow, store: StoreRow) -> Iterator[str]:
    yield f"    {row.id}: {row.title} ({row.kind}{f', by {_link(row.link)}' if row.link is not None else ''})"
    yield f"        copy     {_place(row.copy) if not row.matched else 'where the matching rule says'}"
    if row.key is not None:
        yield f"        key      {' or '.join((*row.key.settings, *(f'{path} of the copy' for path in row.key.copy)))}: {row.key.source}"
    if row.enabled != "true":
        yield f"        when     {' '.join(row.enabled.split())}"
    if row.once:
        yield "        recurs   never: it is made once, with its resource"
    yield from (f"        needs    {each.text}" for each in row.requires if not each.stores or store.type in each.stores)
    for name, bound in (("gap", row.gap), ("at worst", row.worst_gap)):
        if bound is not None:
            yield f"        {name:<8} {bound.expression}: {bound.source}"
    if row.retention:
        yield f"        kept     {' '.join(row.retention.split())}"
    yield f"        recovery {row.recovery.at_least:g} s at least: {row.recovery.source}"


def _link(link: Link) -> str:
    if link.sibling:
        return f"{link.type}.{link.sibling} that both share"
    if link.named_by:
        return f"{link.type} that its {link.named_by} names"
    if link.chosen:
        return f"{link.type} of its account, where the files do not say which stores it takes"
    between = f", also by way of {' or '.join(link.through)}" if link.through else ""
    return f"{link.type} of its region and account" if link.beside else f"{link.type}.{link.store}{between}"


def _place(copy: CopyPlace) -> str:
    match copy.at:
        case "store":
            return "beside the data, in its region"
        case "link":
            return "at the linking resource, in that one's region"
        case "region":
            return f"in region {copy.value}"
        case "reference":
            return f"at what {copy.value} names"
