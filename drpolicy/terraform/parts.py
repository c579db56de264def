"""One field of a named value, without the others: ``local.context.enabled`` needs one line of an object of twenty.

Modules hand whole objects to each other and read one field of them. Terraform evaluates all of it, we what is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from drpolicy.model.values import Unknown, Value
from drpolicy.terraform.evaluate import evaluate, framed, parsed
from drpolicy.terraform.files import Expr
from drpolicy.terraform.scope import Scope, guarded
from drpolicy.terraform.tree import Attribute, Expression, Fields, Literal, Name

_PENDING = object()


def part_of(expr: Expr, scope: Scope, bindings: Mapping[str, Value[Any]], field: str) -> Value[Any] | None:
    """Return a field of what an expression gives; ``None`` when all of it has to be evaluated to know.

    Raises ``EvaluationError`` where the expression names something that has no such field.
    """
    tree, frame = parsed(expr, scope), framed(expr, scope, bindings)
    match tree:
        case Fields(fields=fields):
            found = _written(fields, field)
            if found is None:
                return None
            node = found
            value = guarded(scope, f"{expr.syntax.name}.{field}", frame.span(node.start, node.end), lambda: evaluate(node, frame))
        case Name() | Attribute() if _is_path(tree, bindings):
            value = evaluate(Attribute(tree, field, tree.start, tree.end), frame)
        case _:
            return None
    scope.run.evaluated += 1
    if isinstance(value, Unknown):
        scope.run.outcomes[expr.file.source.path][expr.syntax.value_start] = value.reason
    return value


def _written(fields: tuple[tuple[Expression, Expression], ...], name: str) -> Expression | None:
    """Return the expression of a field, the last one of its name; ``None`` when a key is computed or the field is not there."""
    found = None
    for key, value in fields:
        match key:
            case Literal(value=str() as text) | Name(name=text):
                found = value if text == name else found
            case _:
                return None
    return found


def _is_path(tree: Expression, bindings: Mapping[str, Value[Any]]) -> bool:
    while isinstance(tree, Attribute):
        tree = tree.of
    return isinstance(tree, Name) and tree.name not in bindings


def once(scope: Scope, key: tuple[str, ...], compute: Callable[[], Value[Any] | None]) -> Value[Any] | None:
    """Compute a part once; ``None`` also while it is being computed, so that whoever asks for the whole finds the cycle."""
    found = scope.memo.get(key)
    if found is not None:
        part: Value[Any] | None = None if found is _PENDING else found
        return part
    run = scope.run
    doubts = run.doubts
    scope.memo[key] = _PENDING
    try:
        value = compute()
    finally:
        del scope.memo[key]
    # As with whole named values: what is doubtful inside is no doubt of whoever asks.
    run.doubts = doubts
    if value is not None:
        scope.memo[key] = value
    return value
