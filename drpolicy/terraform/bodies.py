"""The content of blocks as values: attributes, nested blocks, and what ``dynamic`` makes of one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from drpolicy.model.provenance import Written
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Member, Members, Object, Unknown, Value
from drpolicy.terraform.access import pairs
from drpolicy.terraform.blocks import BlockSyntax, FileSyntax
from drpolicy.terraform.evaluate import written
from drpolicy.terraform.files import Body, body_of, made_by
from drpolicy.terraform.scope import STEP_LIMIT, Scope
from drpolicy.terraform.shapes import InstanceMap, ResourceObject, opaque
from drpolicy.terraform.unknowns import Budget, chosen, limit, spread

META_ATTRIBUTES = frozenset({"count", "for_each", "provider", "depends_on"})
META_BLOCKS = frozenset({"lifecycle", "provisioner", "connection"})
_NESTING = 20
_BLOCK_LIMIT = 1000

Bindings = Mapping[str, Value[Any]]


def thunks(body: Body, scope: Scope, bindings: Bindings) -> dict[str, Callable[[], Value[Any]]]:
    """Return how to compute each attribute and each type of nested block of a resource, meta-arguments left out."""
    found: dict[str, Callable[[], Value[Any]]] = {}
    for name, expr in body.attributes.items():
        if name not in META_ATTRIBUTES:
            found[name] = lambda expr=expr: finished(written(expr, scope, bindings))  # type: ignore[misc] # bound early on purpose
    for type_, blocks in grouped(body).items():
        if type_ not in META_BLOCKS:
            found[type_] = lambda blocks=blocks: nested_blocks(blocks, scope, bindings, 0)  # type: ignore[misc] # bound early on purpose
    return found


def grouped(body: Body) -> dict[str, list[tuple[FileSyntax, BlockSyntax]]]:
    """Return the nested blocks by the type that they have once ``dynamic`` is expanded."""
    found: dict[str, list[tuple[FileSyntax, BlockSyntax]]] = {}
    for file, block in body.blocks:
        found.setdefault(made_by(block), []).append((file, block))
    return found


def nested_blocks(blocks: list[tuple[FileSyntax, BlockSyntax]], scope: Scope, bindings: Bindings, depth: int) -> Value[Any]:
    """Return the blocks of one type as a list of objects."""
    origin = Written(blocks[0][0].header(blocks[0][1]))
    if depth > _NESTING:
        return limit(scope.symbol("nested blocks"), origin)
    elements: list[Member[Value[Any]]] = []
    rest: Unknown | None = None
    for file, block in blocks:
        if block.type != "dynamic":
            elements.append(Member(_object(body_of(file, block), scope, bindings, depth)))
        else:
            more, open_ = _dynamic(body_of(file, block), block.labels, scope, bindings, depth)
            elements += more
            rest = rest or open_
        if len(elements) > _BLOCK_LIMIT:
            return limit(scope.symbol(blocks[0][1].type), origin)
    return Known(Members(tuple(elements), rest), origin)


def _object(body: Body, scope: Scope, bindings: Bindings, depth: int) -> Known[Object]:
    fields: dict[str, Value[Any]] = {name: finished(written(expr, scope, bindings)) for name, expr in body.attributes.items()}
    for type_, blocks in grouped(body).items():
        fields[type_] = nested_blocks(blocks, scope, bindings, depth + 1)
    return Known(Object(fields), Written(body.header))


def _dynamic(
    body: Body, labels: tuple[str, ...], scope: Scope, bindings: Bindings, depth: int
) -> tuple[list[Member[Value[Any]]], Unknown | None]:
    content, for_each = body.nested("content"), body.attributes.get("for_each")
    if content is None or for_each is None or not labels:
        return [], None
    iterator = body.attributes["iterator"].text.strip('"') if "iterator" in body.attributes else labels[0]
    collection = spread(written(for_each, scope, bindings))
    if isinstance(collection, Known) and isinstance(collection.value, ResourceObject):
        collection = opaque(collection)

    def one(key: Value[Any], value: Value[Any]) -> Known[Object]:
        scope.run.steps += 1
        bound = Known(Object({"key": key, "value": value}), collection.origin)
        return _object(content, scope, {**bindings, iterator: bound}, depth)

    run = scope.run
    if run.steps > STEP_LIMIT:
        return [], limit(scope.symbol(labels[0]), collection.origin)
    match collection:
        case Absent():
            return [], None
        case Unknown(among=among) if among and all(isinstance(each.value, Object) and each.value.rest is None for each in among):
            return [Member(one(key, value), *presence) for key, value, presence in _keys_of_any(collection)], None
        case Unknown():
            stands = one(run.fresh(collection, "[key]"), run.fresh(collection, "[*]"))
            return [Member(stands, Truth.UNKNOWN, collection)], collection
        case Known((Members() | Object()) as inner):
            found = pairs(inner, collection.origin, for_each.span)
            elements: list[Member[Value[Any]]] = []
            for key, value, presence, why in found[:_BLOCK_LIMIT]:
                elements.append(Member(one(key, value), presence, why))
            rest = inner.rest if len(found) <= _BLOCK_LIMIT else limit(scope.symbol(labels[0]), collection.origin)
            if rest is not None and not any(why is rest for _, _, _, why in found):
                stands = one(run.fresh(rest, "[key]"), run.fresh(rest, "[*]"))
                elements.append(Member(stands, Truth.UNKNOWN, rest))
            return elements, rest
        case _:
            return [], None


def _keys_of_any(maps: Unknown) -> list[tuple[Value[Any], Value[Any], tuple[Truth, Unknown | None]]]:
    """Return key, value and presence of what is in any of several maps, of which it is not known which one counts."""
    options: list[Object] = [one.value for one in maps.among]
    found: list[tuple[Value[Any], Value[Any], tuple[Truth, Unknown | None]]] = []
    for name in sorted({name for option in options for name in option.fields}):
        mates = [option.fields[name] for option in options if name in option.fields]
        certain = len(mates) == len(options)
        found.append(
            (
                Known(name, maps.origin),
                chosen(mates, maps, "one of", None),
                (Truth.TRUE if certain else Truth.UNKNOWN, None if certain else maps),
            )
        )
    return found


def finished(value: Value[Any], depth: int = 0, budget: Budget | None = None) -> Value[Any]:
    """Return a value for the estate: whole resources become the Unknown that refers to them, one of several lists a list."""
    budget = budget or Budget()
    value = spread(value)
    if not isinstance(value, Known):
        return value
    match value.value:
        case ResourceObject():
            return opaque(value)
        case Object() | Members() if depth > 60 or budget.spent():
            return limit("nesting", value.origin)
        case InstanceMap() as inner:
            fields = {name: finished(each, depth + 1, budget) for name, each in {**inner.maybe, **inner.fields}.items()}
            return Known(Object(fields, inner.rest), value.origin)
        case Object() as inner:
            return Known(Object({name: finished(each, depth + 1, budget) for name, each in inner.fields.items()}, inner.rest), value.origin)
        case Members() as inner if any(isinstance(member.value, Unknown) or not _scalar(member.value) for member in inner.elements):
            elements = tuple(Member(finished(member.value, depth + 1, budget), member.presence, member.why) for member in inner.elements)
            return Known(type(inner)(elements, inner.rest), value.origin)
        case _:
            return value


def _scalar(value: Value[Any]) -> bool:
    return not isinstance(value, Known) or not isinstance(value.value, (Object, Members))
