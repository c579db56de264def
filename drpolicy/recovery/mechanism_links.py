"""Which stores a linking resource protects: those that it names, that name it, that stand beside it, or its siblings.

Of some, no file says which they are: then every store of the account may be one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from drpolicy.catalog.rows import Joint, Link, MechanismRow
from drpolicy.model.provenance import Written
from drpolicy.model.reasons import Reason
from drpolicy.model.resources import Resource
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Member, Unknown, Value, same, target_of
from drpolicy.recovery.backup_selections import placed
from drpolicy.recovery.holdings import Holding
from drpolicy.recovery.links import Links, Resolution, steps_of


def linked(
    row: MechanismRow, link: Link, links: Links, held: Mapping[str, Holding], unresolved: dict[str, Unknown]
) -> Iterator[tuple[Resource, Iterable[Member[Resource]]]]:
    """Yield every linking resource with the stores that it protects or may protect.

    ``unresolved`` receives, per deployment, why some link there may name any store of the row's types.
    """
    if link.sibling:
        found = _siblings(link, links, held, unresolved)
        yield from ((each, found.get(each.key, ())) for each in links.of_type(link.type))
    elif link.named_by:
        yield from _naming(row, link, links, held)
    elif link.beside:
        yield from ((each, tuple(_beside(row, each, held))) for each in links.of_type(link.type))
    elif link.chosen:
        yield from ((each, tuple(_chosen(row, link, each, held))) for each in links.of_type(link.type))
    else:
        for resource in links.of_type(link.type):
            resolution = _named(resource, row.stores, link, links)
            if resolution.unknown is not None and row.once:
                # One point in time satisfies nothing that has to recur, so that it need not leave open what else there may be.
                yield resource, tuple(_perhaps(row, resource, resolution.unknown, held))
                continue
            if resolution.unknown is not None:
                unresolved.setdefault(resource.deployment, resolution.unknown)
            yield resource, resolution.matches


_FURTHEST: Final = 8
"""How many copies of copies are followed back to the store that the first one was made of."""


def _named(resource: Resource, stores: Sequence[str], link: Link, links: Links) -> Resolution:
    """Return the stores that a linking resource names, itself or by what stands between them."""
    value, origin = resource.get(*steps_of(link.store)), resource
    for _ in range(_FURTHEST):
        resolution = links.resolve(value, (*stores, *link.through), origin)
        between = resolution.single
        if between is None or between.type in stores:
            return resolution
        value, origin = between.get(link.through[between.type]), between
        if between.data and isinstance(value, Absent):
            # What a data source reads by other means than this attribute is known only when it is read.
            return Resolution(unknown=Unknown(Reason.DATA_SOURCE, f"{between.key}.{link.through[between.type]}", Written(between.span)))
    return Resolution()


def _perhaps(row: MechanismRow, resource: Resource, why: Unknown, held: Mapping[str, Holding]) -> Iterator[Member[Resource]]:
    for holding in held.values():
        if holding.row.type in row.stores and holding.resource.deployment == resource.deployment:
            yield Member(holding.resource, Truth.UNKNOWN, why)


def _chosen(row: MechanismRow, link: Link, resource: Resource, held: Mapping[str, Holding]) -> Iterator[Member[Resource]]:
    for holding in held.values():
        if holding.row.type in row.stores and same(holding.resource.account, resource.account) is not Truth.FALSE:
            why = Unknown(Reason.OUTSIDE_SCOPE, f"whether {resource.key} takes {holding.key}: {link.chosen}", Written(resource.span))
            yield Member(holding.resource, Truth.UNKNOWN, why)


def _naming(
    row: MechanismRow, link: Link, links: Links, held: Mapping[str, Holding]
) -> Iterator[tuple[Resource, Sequence[Member[Resource]]]]:
    for holding in held.values():
        if holding.row.type in row.stores:
            for match in links.resolve(holding.resource.get(link.named_by), (link.type,), holding.resource).matches:
                yield match.value, (Member(holding.resource, match.presence, match.why),)


def _beside(row: MechanismRow, resource: Resource, held: Mapping[str, Holding]) -> Iterator[Member[Resource]]:
    for holding in held.values():
        if holding.row.type in row.stores:
            presence, why = placed(resource, holding.resource)
            if presence is not Truth.FALSE:
                yield Member(holding.resource, presence, why)


def _siblings(
    link: Link, links: Links, held: Mapping[str, Holding], unresolved: dict[str, Unknown]
) -> Mapping[str, Sequence[Member[Resource]]]:
    """Return the other stores of the linking type that share a third name with each one, or may share it."""
    joints = _by_name(link.joint, links) if link.joint is not None else {}
    naming = [(each, each.get(link.sibling)) for each in links.of_type(link.type)]
    named = [(each, value) for each, value in naming if not isinstance(value, Absent)]
    groups: dict[str, list[Resource]] = defaultdict(list)
    loose: list[tuple[Resource, Unknown]] = []
    for each, value in named:
        name = _name(value, joints)
        if name is not None:
            groups[name].append(each)
        if isinstance(value, Unknown) and target_of(value) is None:
            loose.append((each, value))
    first = list(_first_members(link, links, unresolved)) if link.joint is not None else []
    for name, each in first:
        if each not in groups[name]:
            groups[name].append(each)
    found: dict[str, list[Member[Resource]]] = defaultdict(list)
    for each, value in named:
        certain = groups.get(_name(value, joints) or "", ())
        found[each.key].extend(Member(other) for other in certain if other is not each and other.key in held)
        if isinstance(value, Unknown) and target_of(value) is None:
            maybe = [(other, value) for other, theirs in named if same(value, theirs) is Truth.UNKNOWN]
        else:
            maybe = [(other, why) for other, why in loose if same(value, why) is Truth.UNKNOWN]
        found[each.key].extend(Member(other, Truth.UNKNOWN, why) for other, why in maybe if other is not each and other.key in held)
    said = {each.key for each, _ in named}
    for name, each in first:
        # A first member need not name what it joins: the joined resource names it.
        if each.key not in said:
            found[each.key].extend(Member(other) for other in groups[name] if other is not each and other.key in held)
    return found


def _first_members(link: Link, links: Links, unresolved: dict[str, Unknown]) -> Iterator[tuple[str, Resource]]:
    assert link.joint is not None
    for joined in links.of_type(link.joint.type):
        resolution = links.resolve(joined.get(link.joint.first), (link.type,), joined)
        if resolution.unknown is not None:
            unresolved.setdefault(joined.deployment, resolution.unknown)
        if resolution.single is not None:
            yield f"resource {joined.key}", resolution.single


def _by_name(joint: Joint, links: Links) -> Mapping[str, str]:
    """Map the API name of a joined resource, where it is the only one of that name, to its key."""
    found: dict[str, list[str]] = defaultdict(list)
    for joined in links.of_type(joint.type) if joint.name else ():
        value = joined.get(joint.name)
        if isinstance(value, Known) and isinstance(value.value, str):
            found[value.value].append(joined.key)
    return {name: keys[0] for name, keys in found.items() if len(keys) == 1}


def _name(value: Value[Any], joints: Mapping[str, str]) -> str | None:
    """Return what is equal for two values only if they name the same: the resource referred to, a text, or a symbol."""
    target = target_of(value)
    if target is not None:
        return f"resource {target.key}"
    if isinstance(value, Known):
        key = joints.get(value.value) if isinstance(value.value, str) else None
        return f"text {value.value}" if key is None else f"resource {key}"
    return f"symbol {value.symbol}" if isinstance(value, Unknown) else None
