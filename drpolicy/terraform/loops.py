"""``for`` expressions and splats, over collections whose membership may be uncertain."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from drpolicy.model.provenance import Derived, Provenance, Written
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Member, Members, Object, Unknown, Value
from drpolicy.terraform.access import pairs, representative
from drpolicy.terraform.conversion import boolean, text
from drpolicy.terraform.scope import STEP_LIMIT, Frame
from drpolicy.terraform.shapes import ListOf, ResourceObject, opaque
from drpolicy.terraform.tree import Expression, For, Splat
from drpolicy.terraform.unknowns import EvaluationError, TooLarge, over_alternatives

Evaluate: TypeAlias = Callable[[Expression, Frame], Value[Any]]


def evaluate_for(node: For, frame: Frame, evaluate: Evaluate) -> Value[Any]:
    """Return the list or object that a ``for`` expression makes."""
    collection = evaluate(node.collection, frame)
    return _over(node, collection, frame, evaluate)


def _over(node: For, collection: Value[Any], frame: Frame, evaluate: Evaluate) -> Value[Any]:
    span, run = frame.span(node.start, node.end), frame.scope.run
    origin: Provenance = Derived("for", (collection.origin,), span)
    if isinstance(collection, Absent):
        raise EvaluationError("the collection is null")
    if isinstance(collection, Known) and isinstance(collection.value, ResourceObject):
        collection = opaque(collection)
    if isinstance(collection, Unknown):
        refined = over_alternatives(lambda one: _over(node, one[0], frame, evaluate), (collection,), f"for at {span}", span)
        if refined is not None:
            return refined
        rest: Unknown | None = run.fresh(collection, " for")
        rounds = [(run.fresh(collection, "[key]"), run.fresh(collection, "[*]"), Truth.UNKNOWN, rest)]
    elif isinstance(collection.value, (Members, Object)):
        rounds = pairs(collection.value, collection.origin, span)  # type: ignore[assignment] # the same tuple, keys of any kind
        rest = collection.value.rest
        if rest is not None:
            old, rest = rest, run.fresh(rest, " for")
            rounds = [(key, value, presence, rest if why is old else why) for key, value, presence, why in rounds]
            if not any(why is rest for _, _, _, why in rounds):
                rounds.append((run.fresh(old, "[key]"), run.fresh(old, "[*]"), Truth.UNKNOWN, rest))
    else:
        raise EvaluationError("only collections can be iterated over")
    return (
        _object(node, rounds, rest, frame, evaluate, origin) if node.key is not None else _list(node, rounds, rest, frame, evaluate, origin)
    )


def _bound(node: For, key: Value[Any], value: Value[Any], frame: Frame) -> Frame:
    if frame.scope.run.steps > STEP_LIMIT:
        raise TooLarge("more is repeated than is evaluated")
    return frame.binding({node.value_name: value} if node.key_name is None else {node.key_name: key, node.value_name: value})


def _kept(node: For, frame: Frame, evaluate: Evaluate) -> tuple[Truth, Unknown | None]:
    if node.condition is None:
        return Truth.TRUE, None
    condition = evaluate(node.condition, frame)
    if isinstance(condition, Absent):
        raise EvaluationError("the condition is null")
    if isinstance(condition, Unknown):
        return Truth.UNKNOWN, condition
    return Truth.of(boolean(condition.value)), None


def _list(node: For, rounds: list[Any], rest: Unknown | None, frame: Frame, evaluate: Evaluate, origin: Provenance) -> Value[Any]:
    elements: list[Member[Value[Any]]] = []
    closed = rest
    for key, value, presence, why in rounds:
        inner = _bound(node, key, value, frame)
        kept, doubt = _kept(node, inner, evaluate)
        if kept is Truth.FALSE:
            if why is not None and why is rest:
                # The condition refuses whatever else there may be.
                closed = None
            continue
        elements.append(Member(evaluate(node.value, inner), presence & kept, why if presence is not Truth.TRUE else doubt))
    return Known(Members(tuple(elements), closed), origin)


def _object(node: For, rounds: list[Any], rest: Unknown | None, frame: Frame, evaluate: Evaluate, origin: Provenance) -> Value[Any]:
    assert node.key is not None
    fields: dict[str, Value[Any]] = {}
    groups: dict[str, list[Member[Value[Any]]]] = {}
    unsure: Unknown | None = None
    for key, value, presence, why in rounds:
        inner = _bound(node, key, value, frame)
        kept, doubt = _kept(node, inner, evaluate)
        if kept is Truth.FALSE:
            if why is not None and why is rest:
                rest = None
            continue
        name, result = evaluate(node.key, inner), evaluate(node.value, inner)
        if isinstance(name, Absent):
            raise EvaluationError("a key is null")
        if isinstance(name, Unknown):
            unsure = unsure or name
        elif node.grouped:
            groups.setdefault(text(name.value), []).append(Member(result, presence & kept, why if presence is not Truth.TRUE else doubt))
        elif (presence & kept) is not Truth.TRUE:
            unsure = unsure or doubt or why
        else:
            named = text(name.value)
            if named in fields:
                raise EvaluationError(f"two elements have the key {named!r}")
            fields[named] = result
    open_ = unsure or rest
    if node.grouped:
        for group, grouped in groups.items():
            if any(member.presence is Truth.TRUE for member in grouped):
                fields[group] = Known(Members(tuple(grouped), open_), origin)
            else:
                open_ = open_ or next((member.why for member in grouped if member.why is not None), None)
    return Known(Object(dict(sorted(fields.items())), open_), origin)


def evaluate_splat(node: Splat, frame: Frame, evaluate: Evaluate) -> Value[Any]:
    """Return the list of what ``each`` gives for every element; of a single value, a list of one; of null, an empty one."""
    return _splat(node, evaluate(node.of, frame), frame, evaluate)


def _splat(node: Splat, collection: Value[Any], frame: Frame, evaluate: Evaluate) -> Value[Any]:
    span, run = frame.span(node.start, node.end), frame.scope.run
    origin = Derived("[*]", (collection.origin,), span)

    def one(value: Value[Any]) -> Value[Any]:
        return evaluate(node.each, frame.binding({"*": value}))

    match collection:
        case Absent():
            return Known(Members(), Written(span))
        case Unknown():
            refined = over_alternatives(lambda each: _splat(node, each[0], frame, evaluate), (collection,), "[*]", span)
            if refined is not None:
                return refined
            return Known(representative(one(run.fresh(collection, "[*]")), run.fresh(collection, " [*]")), origin)
        case Known(Members() as inner):
            found = [Member(one(value), presence, why) for _, value, presence, why in pairs(inner, collection.origin, span)]
            if inner.rest is None:
                # The splat of a list or set is a list, and that of a tuple a tuple.
                return Known(Members(tuple(found)) if type(inner) is Members else ListOf(tuple(found)), origin)
            rest = run.fresh(inner.rest, " [*]")
            found = [Member(member.value, member.presence, rest if member.why is inner.rest else member.why) for member in found]
            if not any(member.why is rest for member in found):
                found += representative(one(run.fresh(inner.rest, "[*]")), rest).elements
            return Known(Members(tuple(found), rest), origin)
        case _:
            return Known(Members((Member(one(collection)),)), origin)
