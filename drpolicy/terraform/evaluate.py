"""Expressions to values. What cannot be known is Unknown; what Terraform refuses raises ``EvaluationError`` up to the attribute."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

from drpolicy.model.provenance import Derived, Written
from drpolicy.model.reasons import Reason
from drpolicy.model.spans import Span
from drpolicy.model.values import Absent, Known, Member, Members, Object, Unknown, Value
from drpolicy.terraform import functions
from drpolicy.terraform.access import attribute_of, index_of
from drpolicy.terraform.conditionals import evaluate_conditional
from drpolicy.terraform.constraints import converted
from drpolicy.terraform.conversion import SIZE_LIMIT, boolean, text
from drpolicy.terraform.files import Expr, TerraformProblem
from drpolicy.terraform.json_expressions import json_expression
from drpolicy.terraform.loops import evaluate_for, evaluate_splat
from drpolicy.terraform.operators import binary, unary
from drpolicy.terraform.precision import read
from drpolicy.terraform.scope import DEPTH_LIMIT, STEP_LIMIT, Frame, Run, Scope, guarded
from drpolicy.terraform.shapes import ResourceObject
from drpolicy.terraform.strings import evaluate_template, evaluate_template_for
from drpolicy.terraform.tree import (
    Attribute,
    Binary,
    Call,
    Conditional,
    Expression,
    Fields,
    For,
    Index,
    Items,
    Literal,
    Name,
    Opaque,
    Splat,
    Template,
    TemplateFor,
    Unary,
)
from drpolicy.terraform.unknowns import (
    EvaluationError,
    Exhausted,
    TooLarge,
    chosen,
    derived_unknown,
    first_unknown,
    limit,
    origins,
    over_alternatives,
    typed,
)


def written(expr: Expr, scope: Scope, bindings: Mapping[str, Value[Any]]) -> Value[Any]:
    """Return the value of an attribute. Never raises: what Terraform refuses is Unknown."""
    scope.run.evaluated += 1
    value = guarded(scope, expr.syntax.name, expr.span, lambda: evaluate(parsed(expr, scope), framed(expr, scope, bindings)))
    if isinstance(value, Unknown):
        scope.run.outcomes[expr.file.source.path][expr.syntax.value_start] = value.reason
    return value


def framed(expr: Expr, scope: Scope, bindings: Mapping[str, Value[Any]]) -> Frame:
    """Return the frame of an attribute's expression."""
    return Frame(scope, expr.file.source, expr.syntax.value_start, bindings)


def parsed(expr: Expr, scope: Scope) -> Expression:
    """Return the tree of an attribute's expression; equal texts are parsed once."""
    run = scope.run
    source, notation = expr.text, expr.syntax.notation
    # A blank before the notation: no expression begins with one, so the keys of the two syntaxes differ.
    key = source if notation == "native" else f" {notation} {source}"
    run.outcomes[expr.file.source.path].setdefault(expr.syntax.value_start, None)
    tree = run.parsed.get(key)
    if tree is None:
        tree = run.parsed[key] = (
            run.parse(source) if notation == "native" else json_expression(source, notation, run.parse_template, run.parse)
        )
    if isinstance(tree, Opaque):
        span = expr.span
        if tree.at is not None and notation == "native":
            at = expr.syntax.value_start + tree.at
            span = expr.file.source.span(at, max(at + 1, span.end_offset))
        report(tree, expr.file.source.path, span, run)
    return tree


def evaluate(node: Expression, frame: Frame) -> Value[Any]:
    """Return the value of an expression; raise ``EvaluationError`` where Terraform refuses it."""
    run = frame.scope.run
    run.steps += 1
    if run.steps > STEP_LIMIT:
        # Not a value: a loop would only go on and ask for the next.
        raise Exhausted(f"more than {STEP_LIMIT:,} expressions are evaluated in one deployment")
    if run.depth >= DEPTH_LIMIT:
        return limit(frame.scope.symbol("expression"), Written(frame.span(node.start, node.end)))
    run.depth += 1
    try:
        return _EVALUATORS[type(node)](node, frame)
    finally:
        run.depth -= 1


def _literal(node: Literal, frame: Frame) -> Value[Any]:
    origin = Written(frame.span(node.start, node.end))
    if isinstance(node.value, float):
        return Known(read(repr(node.value)) or node.value, origin)
    if isinstance(node.value, str) and not node.value.isascii():
        return Known(unicodedata.normalize("NFC", node.value), origin)
    return Absent(origin) if node.value is None else Known(node.value, origin)


def _opaque(node: Opaque, frame: Frame) -> Value[Any]:
    span = frame.span(node.start, node.end)
    place = span if node.at is None else frame.span(node.at, max(node.at + 1, node.end))
    report(node, frame.source.path, place, frame.scope.run)
    return Unknown(Reason.FUNCTION_NOT_EVALUATED, f"{span}: {node.why}", Written(span))


def report(node: Opaque, path: str, span: Span, run: Run) -> None:
    """Add what could not be parsed to the problems, unless it or what it is part of is there."""
    for problem in run.problems:
        at = problem.span
        if problem.message == node.why and at is not None and at.source is span.source and at.offset <= span.offset < at.end_offset:
            return
    run.report(TerraformProblem(path, "hcl-expression", node.why, span))


def _traversal(node: Expression, frame: Frame) -> Value[Any]:
    steps: list[Attribute | Index] = []
    base = node
    while isinstance(base, (Attribute, Index)):
        steps.append(base)
        base = base.of
    steps.reverse()
    value, used = _base(base, steps, frame, frame.span(node.start, node.end))
    for step in steps[used:]:
        if isinstance(value, Unknown):
            frame.scope.run.doubts += 1
        span = frame.span(node.start, step.end)
        if isinstance(step, Attribute):
            value = attribute_of(value, step.name, span)
        else:
            key = evaluate(step.key, frame)
            if isinstance(key, Unknown):
                frame.scope.run.doubts += 1
            value = index_of(value, key, span)
            if isinstance(value, Known) and isinstance(value.value, ResourceObject) and value.value.why is not None:
                frame.scope.run.doubts += 1
    return value


def _base(base: Expression, steps: list[Attribute | Index], frame: Frame, span: Span) -> tuple[Value[Any], int]:
    if not isinstance(base, Name):
        return evaluate(base, frame), 0
    bound = frame.bindings.get(base.name)
    if bound is not None:
        return bound, 0
    names: list[str] = []
    for step in steps:
        if not isinstance(step, Attribute):
            break
        names.append(step.name)
    return frame.scope.resolver(frame, base.name, tuple(names), span)


def _binary(node: Binary, frame: Frame) -> Value[Any]:
    spine: list[Binary] = []
    bottom: Expression = node
    while isinstance(bottom, Binary):
        spine.append(bottom)
        bottom = bottom.left
    value = evaluate(bottom, frame)
    for step in reversed(spine):
        if step.operator in ("&&", "||") and isinstance(value, Known) and boolean(value.value) is (step.operator == "||"):
            value = Known(step.operator == "||", Derived(step.operator, (value.origin,), frame.span(step.start, step.end)))
            continue
        right = evaluate(step.right, frame)
        if isinstance(value, Unknown) or isinstance(right, Unknown):
            frame.scope.run.doubts += 1
        value = binary(step.operator, value, right, frame.span(step.start, step.end))
    return value


def _unary(node: Unary, frame: Frame) -> Value[Any]:
    return unary(node.operator, evaluate(node.operand, frame), frame.span(node.start, node.end))


def _items(node: Items, frame: Frame) -> Value[Any]:
    if len(node.items) > SIZE_LIMIT:
        raise TooLarge("the collection is larger than is evaluated")
    origin = Written(frame.span(node.start, node.end))
    return Known(Members(tuple(Member(evaluate(item, frame)) for item in node.items)), origin)


def _fields(node: Fields, frame: Frame) -> Value[Any]:
    if len(node.fields) > SIZE_LIMIT:
        raise TooLarge("the collection is larger than is evaluated")
    found: dict[str, Value[Any]] = {}
    rest: Unknown | None = None
    for name, expression in node.fields:
        # A bare name is a string, not a reference.
        key = Known(name.name, Written(frame.span(name.start, name.end))) if isinstance(name, Name) else evaluate(name, frame)
        value = evaluate(expression, frame)
        if isinstance(key, Absent):
            raise EvaluationError("a key is null")
        if isinstance(key, Unknown):
            rest = rest or key
        else:
            found[text(key.value)] = value
    if rest is not None:
        # The unknown key may be any of the known ones, and the last one counts.
        found = {name: derived_unknown("field", (Known(name, value.origin), value, rest), None, rest) for name, value in found.items()}
    return Known(Object(found, rest), Written(frame.span(node.start, node.end)))


def _call(node: Call, frame: Frame) -> Value[Any]:
    span = frame.span(node.start, node.end)
    if node.name == "try":
        return _try(node, frame, span)
    if node.name == "can":
        return _can(node, frame, span)
    if node.name == "convert" and len(node.arguments) == 2:
        # Since Terraform 1.15; its second argument is a type, which is no value.
        return converted(evaluate(node.arguments[0], frame), node.arguments[1], frame)
    if node.name == "templatestring" and node.arguments and not isinstance(node.arguments[0], (Name, Attribute, Index)):
        raise EvaluationError("templatestring takes a reference to the template")
    arguments = [evaluate(argument, frame) for argument in node.arguments]
    if node.expand and arguments:
        last = arguments.pop()
        match last:
            case Known(Members() as inner) if inner.certain:
                arguments += [member.value for member in inner.elements]
            case Absent():
                raise EvaluationError("the expanded argument is null")
            case Known(Members()) | Unknown():
                frame.scope.run.doubts += 1
                spreaded = over_alternatives(
                    lambda one: functions.call(node.name, [*arguments, *_expanded(one[0])], frame, span), (last,), node.name, span
                )
                return spreaded if spreaded is not None else derived_unknown(f"{node.name}...", [*arguments, last], span)
            case _:
                raise EvaluationError("only a list can be expanded into arguments")
    if first_unknown(arguments) is not None:
        frame.scope.run.doubts += 1
    return functions.call(node.name, arguments, frame, span)


def _expanded(value: Value[Any]) -> list[Value[Any]]:
    if isinstance(value, Known) and isinstance(value.value, Members) and value.value.certain:
        return [member.value for member in value.value.elements]
    raise EvaluationError("only a list can be expanded into arguments")


def _try(node: Call, frame: Frame, span: Span) -> Value[Any]:
    run = frame.scope.run
    options: list[Value[Any]] = []
    start = run.doubts
    for argument in node.arguments:
        before = run.doubts
        try:
            options.append(evaluate(argument, frame))
        except TooLarge:
            raise
        except EvaluationError:
            run.doubts = before
            continue
        if run.doubts == before:
            run.doubts = start
            break
    if not options:
        raise EvaluationError("no argument of try can be evaluated")
    if len(options) == 1:
        return options[0]
    first = options[0]
    because = first if isinstance(first, Unknown) else first_unknown([first]) or limit("try", Derived("try", origins(options), span))
    if isinstance(first, Known) and because.reason is Reason.LIMIT_REACHED:
        because = Unknown(Reason.COUNT_NOT_KNOWN, frame.scope.symbol(f"try at {span}"), Derived("try", origins(options), span))
    answer = chosen(options, because, "try", span)
    if isinstance(answer, Unknown) and isinstance(first, Unknown):
        return Unknown(answer.reason, answer.symbol, first.origin, first.target, (), answer.among, type=answer.type)
    return answer


def _can(node: Call, frame: Frame, span: Span) -> Value[Any]:
    if len(node.arguments) != 1:
        raise EvaluationError("can takes one argument")
    run = frame.scope.run
    before = run.doubts
    try:
        value = evaluate(node.arguments[0], frame)
    except TooLarge:
        raise
    except EvaluationError:
        return Known(False, Written(span))
    if run.doubts == before:
        return Known(True, Derived("can", (value.origin,), span))
    return typed(derived_unknown("can", (value,), span), "bool")


_EVALUATORS: dict[type, Callable[[Any, Frame], Value[Any]]] = {
    Literal: _literal,
    Template: lambda node, frame: evaluate_template(node, frame, evaluate),
    TemplateFor: lambda node, frame: evaluate_template_for(node, frame, evaluate),
    Name: _traversal,
    Attribute: _traversal,
    Index: _traversal,
    Splat: lambda node, frame: evaluate_splat(node, frame, evaluate),
    Call: _call,
    Unary: _unary,
    Binary: _binary,
    Conditional: lambda node, frame: evaluate_conditional(node, frame, evaluate),
    Items: _items,
    Fields: _fields,
    For: lambda node, frame: evaluate_for(node, frame, evaluate),
    Opaque: _opaque,
}
