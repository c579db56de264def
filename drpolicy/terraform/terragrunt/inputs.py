"""The inputs of a configuration together with those of what it includes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from drpolicy.model.provenance import Derived, Written
from drpolicy.model.reasons import Reason
from drpolicy.model.values import Absent, Known, Members, Object, Unknown, Value
from drpolicy.terraform.evaluate import evaluate, framed, parsed, written
from drpolicy.terraform.files import Expr
from drpolicy.terraform.scope import Scope, memoised
from drpolicy.terraform.shapes import LazyFields
from drpolicy.terraform.terragrunt.configuration import Configuration
from drpolicy.terraform.tree import Expression, Fields, Literal, Name
from drpolicy.terraform.unknowns import origins

_NESTING = 30


def merged_inputs(configuration: Configuration) -> Known[Object]:
    """Return what a configuration gives its module: a name that more than one file sets has the value of the one that wins.

    ``deep`` merges maps and appends lists (Terragrunt, pkg/config/include.go, 2026-11).
    """
    fields: dict[str, Callable[[], Value[Any]]] = {}
    unread = configuration.unread()
    rest: Unknown | None = None
    for one, strategy in configuration.chain():
        own = _own(one)
        for name in own.fields:
            above = fields.get(name)
            compute = _field(own.fields, name)
            if above is not None:
                fields[name] = _deep(above, compute) if strategy == "deep" else above
            else:
                fields[name] = compute if rest is None else _overridden(rest, name, compute)
        rest = rest or own.rest
    return Known(Object(LazyFields(fields), rest or unread), Written(configuration.start))


def own_names(configuration: Configuration) -> tuple[str, ...]:
    """Return the names of the inputs that a file gives by itself, as far as they are known."""
    return tuple(_own(configuration).fields)


def _field(fields: Mapping[str, Value[Any]], name: str) -> Callable[[], Value[Any]]:
    return lambda: fields[name]


def _own(configuration: Configuration) -> Object:
    expr = configuration.attribute("inputs")
    if expr is None:
        return Object()
    scope = configuration.scope
    tree = parsed(expr, scope)
    if isinstance(tree, Fields):
        found: dict[str, Callable[[], Value[Any]]] = {}
        for key, value in tree.fields:
            name = key.name if isinstance(key, Name) else key.value if isinstance(key, Literal) else None
            if not isinstance(name, str):
                break
            found[name] = _evaluated(expr, name, value, scope)
        else:
            return Object(LazyFields(found))
    whole = memoised(scope, ("inputs",), expr.span, lambda: written(expr, scope, {}))
    match whole:
        case Known(Object() as inner):
            return inner
        case Unknown():
            return Object({}, whole)
        case Absent():
            return Object()
        case Known():
            return Object({}, Unknown(Reason.FUNCTION_NOT_EVALUATED, scope.symbol("inputs"), Written(expr.span)))


def _evaluated(expr: Expr, name: str, value: Expression, scope: Scope) -> Callable[[], Value[Any]]:
    frame = framed(expr, scope, {})
    return lambda: memoised(scope, ("inputs", name), frame.span(value.start, value.end), lambda: evaluate(value, frame))


def _overridden(rest: Unknown, name: str, beneath: Callable[[], Value[Any]]) -> Callable[[], Value[Any]]:
    def compute() -> Value[Any]:
        origin = Derived("inputs", origins((beneath(), rest)))
        return Unknown(rest.reason, f"{rest.symbol}[{name}]", origin, root=rest.cause)

    return compute


def _deep(above: Callable[[], Value[Any]], beneath: Callable[[], Value[Any]]) -> Callable[[], Value[Any]]:
    return lambda: _deeply(above(), beneath(), 0)


def _deeply(above: Value[Any], beneath: Value[Any], depth: int) -> Value[Any]:
    origin = Derived("deep merge", origins((above, beneath)))
    match above, beneath:
        case Unknown(), Known(Object() | Members()):
            return Unknown(above.reason, f"{above.symbol} merged", origin, root=above.cause)
        case Known(Object() | Members()), Unknown():
            return Unknown(beneath.reason, f"{beneath.symbol} merged", origin, root=beneath.cause)
        case Known(Object() as ours), Known(Object() as theirs) if depth < _NESTING:
            fields = {name: theirs.fields[name] for name in theirs.fields}
            for name in ours.fields:
                fields[name] = _deeply(ours.fields[name], fields[name], depth + 1) if name in fields else ours.fields[name]
            return Known(Object(fields, ours.rest or theirs.rest), origin)
        case Known(Members() as ours), Known(Members() as theirs):
            return Known(Members(theirs.elements + ours.elements, theirs.rest or ours.rest), origin)
        case _:
            return above
