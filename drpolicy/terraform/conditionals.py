"""``condition ? then : otherwise``, with the one type that both branches have."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

from drpolicy.model.values import Absent, Known, Unknown, Value
from drpolicy.terraform.conversion import boolean
from drpolicy.terraform.scope import Frame
from drpolicy.terraform.tree import Binary, Conditional, Expression, Literal, Template
from drpolicy.terraform.types import common, converted, type_of
from drpolicy.terraform.unknowns import EvaluationError, TooLarge, chosen, typed

Evaluate: TypeAlias = Callable[[Expression, Frame], Value[Any]]


def evaluate_conditional(node: Conditional, frame: Frame, evaluate: Evaluate) -> Value[Any]:
    """Return the branch that the condition chooses, of the type that all branches share."""
    others: list[Expression] = []
    current: Expression = node
    while isinstance(current, Conditional):
        condition = evaluate(current.condition, frame)
        if isinstance(condition, Absent):
            raise EvaluationError("the condition is null")
        if isinstance(condition, Unknown):
            return _unified(_undecided(current, condition, frame, evaluate), others, frame, evaluate)
        branch, other = (current.then, current.otherwise) if boolean(condition.value) else (current.otherwise, current.then)
        others.append(other)
        current = branch
    return _unified(evaluate(current, frame), others, frame, evaluate)


def _unified(value: Value[Any], others: Iterable[Expression], frame: Frame, evaluate: Evaluate) -> Value[Any]:
    """Convert the branch that was chosen to the type that all branches share; one that cannot be evaluated has none."""
    if not isinstance(value, Known) and type_of(value) is None:
        return value
    run = frame.scope.run
    result: Value[Any] = value
    for other in others:
        if isinstance(result, Known) and _same_scalar(result.value, other):
            continue
        doubts = run.doubts
        try:
            beside = evaluate(other, frame)
        except EvaluationError:
            continue
        finally:
            run.doubts = doubts
        if type_of(beside) is not None:
            result = converted(result, common((result, beside)))
    return result


def _same_scalar(value: object, other: Expression) -> bool:
    """Whether it can be seen without evaluating it that a branch has the type of the other's value, or none."""
    match other:
        case Literal(value=beside):
            return beside is None or (isinstance(value, (str, bool, int, float)) and _scalar(value) is _scalar(beside))
        case Template(parts=parts):
            return len(parts) > 1 and isinstance(value, str)
        case Binary(operator=operator):
            return isinstance(value, bool if operator in _TRUTHS else (int, float)) and isinstance(value, bool) is (operator in _TRUTHS)
        case _:
            return False


def _scalar(value: object) -> type:
    return float if isinstance(value, int) and not isinstance(value, bool) else type(value)


_TRUTHS = frozenset({"==", "!=", "<", "<=", ">", ">=", "&&", "||"})


def _undecided(node: Conditional, condition: Unknown, frame: Frame, evaluate: Evaluate) -> Value[Any]:
    span = frame.span(node.start, node.end)
    if condition.among:
        # ``among`` of a condition that can only be one thing decides it.
        outcomes = {boolean(one.value) for one in condition.among}
        if len(outcomes) == 1:
            chosen_, other = (node.then, node.otherwise) if outcomes.pop() else (node.otherwise, node.then)
            return _unified(evaluate(chosen_, frame), (other,), frame, evaluate)
    options: list[Value[Any]] = []
    for branch in (node.then, node.otherwise):
        try:
            options.append(evaluate(branch, frame))
        except TooLarge:
            raise
        except EvaluationError:
            # Terraform reports only the errors of the branch that is chosen, so this one is not.
            frame.scope.run.doubts += 1
    if not options:
        raise EvaluationError("neither branch of the conditional can be evaluated")
    type_ = common(options)
    answer = chosen([converted(each, type_) for each in options], condition, "conditional", span)
    if isinstance(type_, str) and all(type_of(each) is not None or isinstance(each, Absent) for each in options):
        return typed(answer, type_)
    return answer
