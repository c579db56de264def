"""What operators are told to back up, and when: the schedules in an object of its own, or in the database's, each with a name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from drpolicy.catalog.operator_rows import NativeBackup, OperatorRow
from drpolicy.catalog.operators import built_in_operators
from drpolicy.kubernetes.kinds import namespace_of
from drpolicy.kubernetes.navigation import elements, entries, inside, strings, text
from drpolicy.model.provenance import Default
from drpolicy.model.reasons import Reason
from drpolicy.model.records import dataclass
from drpolicy.model.resources import Resource
from drpolicy.model.values import Absent, Known, Unknown, Value
from drpolicy.recovery.locations import Site
from drpolicy.recovery.operator_destinations import Database, type_of
from drpolicy.recovery.operator_paths import all_at, at_path, holds


@dataclass(frozen=True, slots=True, eq=False)
class Element:
    """One schedule in an object: the object itself, or an element of a list or mapping in it."""

    holder: Resource
    value: Value[Any]
    address: str
    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Planned:
    """One recurring backup: an expression of an element. ``address`` and ``name`` are those of the rule that policies see."""

    element: Element
    expression: Value[str]
    address: str
    name: str


def planned(way: NativeBackup, element: Element) -> Iterator[Planned]:
    """Yield what is planned in an element: every expression that is written, else the one that applies when there is none."""
    own = not way.type[1]
    written = [(path, strings(at_path(element.value, path))) for path in way.expressions]
    # In the database's own object an empty one is none; an object that is nothing but a schedule is refused for it.
    written = [(path, each) for path, each in written if not isinstance(each, Absent) and not (own and text(each) == "")]
    if not written and way.standard_expression:
        standard = Known(way.standard_expression, Default(way.standard_expression, way.standard_source, element.holder.span))
        written = [(way.expressions[0], standard)]
    for path, expression in written:
        yield named(way, element, path, expression)


def named(way: NativeBackup, element: Element, path: str, expression: Value[str]) -> Planned:
    """Return a recurring backup with its name: of its object, of the element in it, and of the expression where that has several."""
    if way.each:
        several = len(way.expressions) > 1
        address, name = (
            (f"{element.address}.{path}", f"{element.name}/{path.rpartition('.')[2]}") if several else (element.address, element.name)
        )
    elif way.type[1]:
        address, name = element.address, element.name
    else:
        address, name = f"{element.address}.{path}", f"{element.name}/{way.title}"
    return Planned(element, expression, address, name)


def elements_for(database: Database, way: NativeBackup, resources: Sequence[Resource]) -> Iterator[Element]:
    """Yield the schedules of a way to back up a database."""
    for holder in _holders(database, way, resources):
        yield from elements_in(holder, database.root if holder is database.resource else holder.get(), way)


def elements_in(holder: Resource, root: Value[Any], way: NativeBackup) -> Iterator[Element]:
    """Yield the schedules in an object, if it is one of this way."""
    if holds(root, way.where) is not True:
        return
    if not way.each:
        if _required(root, way):
            yield Element(holder, root, holder.address, holder.name)
        return
    listing = at_path(root, way.each)
    listed = [(text(inside(each, "name")) or str(index), each) for index, each in enumerate(elements(listing))]
    found = [*listed, *entries(listing)]
    names = [name for name, _ in found]
    for index, (name, each) in enumerate(found):
        if _required(each, way):
            label = name if names.count(name) == 1 else str(index)
            yield Element(holder, each, f"{holder.address}.{way.each}[{label}]", f"{holder.name}/{label}")


def ownerless(
    resources: Sequence[Resource], sites: Mapping[str, Site], owned: frozenset[tuple[str, str]]
) -> Iterator[tuple[Database, NativeBackup, Element]]:
    """Yield the schedules in objects of their own whose database is in no file; ``owned`` are deployment and address of the others.

    Each comes with its own object in the place of the database's.
    """
    by_type: dict[tuple[str, str], list[tuple[OperatorRow, NativeBackup]]] = {}
    for row in built_in_operators().values():
        for way in row.backups:
            if way.type[1]:
                by_type.setdefault(way.type, []).append((row, way))
    for holder in resources:
        ways = by_type.get(type_of(holder), ()) if holder.channel == "manifest" else ()
        if not ways or sites[holder.deployment].is_dr:
            continue
        for row, way in ways:
            for element in elements_in(holder, holder.get(), way):
                if (holder.deployment, element.address) not in owned:
                    yield Database(row, holder, sites[holder.deployment], holder.get()), way, element


def doubt(way: NativeBackup, element: Element) -> Unknown | None:
    """Return why an element may ask for no backup: what has to be written for it is not known. What is filled in will be something."""
    required = at_path(element.value, way.requires) if way.requires else element.value
    return required if isinstance(required, Unknown) and required.reason is not Reason.TEMPLATE_PLACEHOLDER else None


def _required(element: Value[Any], way: NativeBackup) -> bool:
    required = at_path(element, way.requires) if way.requires else element
    return not isinstance(required, Absent) and text(required) != ""


def _holders(database: Database, way: NativeBackup, resources: Sequence[Resource]) -> Iterator[Resource]:
    own = database.resource
    if not way.cluster and not way.selector:
        yield own
        return
    names = {text(each) for each in all_at(database.root, way.named)} if way.named else {own.name}
    for each in resources:
        if each.deployment != own.deployment or type_of(each) != way.type:
            continue
        if namespace_of(each) != database.namespace and (not way.everywhere or namespace_of(each) != way.everywhere):
            continue
        if way.selector:
            if _selects(at_path(each.get(), way.selector), own):
                yield each
            continue
        named = at_path(each.get(), way.cluster)
        if text(named) in names or isinstance(named, Unknown):
            yield each


def _selects(selector: Value[Any], own: Resource) -> bool:
    """Whether labels select the store; what is said in expressions, or not known, selects nothing: the row leaves its stores open."""
    wanted, labels = dict(entries(inside(selector, "matchLabels"))), dict(entries(at_path(own.get(), "metadata.labels")))
    if isinstance(selector, Unknown) or not isinstance(inside(selector, "matchExpressions"), Absent):
        return False
    return all(text(value) is not None and text(labels.get(name, Absent(value.origin))) == text(value) for name, value in wanted.items())
