"""Turn a checked tree into closures over a scope, plain or recording."""

from __future__ import annotations

from typing import assert_never

from drpolicy.cel import closures, quantifiers, trace
from drpolicy.cel.equality import member_of
from drpolicy.cel.functions import FUNCTIONS
from drpolicy.cel.results import (
    NOTHING,
    SCALARS,
    Evaluator,
    Result,
    Scope,
)
from drpolicy.cel.selection import at_index, field_of, field_of_name, finish, or_value, presence
from drpolicy.cel.syntax import (
    Binary,
    Call,
    Comprehension,
    Conditional,
    DurationLiteral,
    Has,
    Index,
    ListLiteral,
    Literal,
    Logic,
    MapLiteral,
    Name,
    Node,
    Select,
    Unary,
)
from drpolicy.cel.types import DYN, RANGE, Optional, Record, Type
from drpolicy.model.records import dataclass
from drpolicy.model.values import Absent, Known, Unknown


@dataclass(frozen=True, slots=True)
class Compiler:
    """The text of a condition, the type of each node by its identity, and whether the evaluators record."""

    text: str
    types: dict[int, Type]
    traced: bool

    def type(self, node: Node) -> Type:
        return self.types[id(node)]

    def source(self, node: Node) -> str:
        return self.text[node.start : node.end]

    def build(self, node: Node) -> Evaluator:
        """Return the evaluator of a node."""
        match node:
            case Literal(value) | DurationLiteral(value=value):
                return lambda scope: value
            case Name() | Select() | Index():
                return self.leaf(node)
            case Has(selection):
                return self.has(selection)
            case Logic(operator, operands):
                make = trace.traced_logic if self.traced else quantifiers.logic
                return make(tuple(self.build(each) for each in operands), operator == "||", node)
            case Binary():
                return self.binary(node)
            case Call():
                return self.call(node)
            case Unary(operator, operand):
                return closures.unary(node, operator, self.build(operand))
            case Conditional(condition, then, otherwise):
                return closures.conditional(node, self.build(condition), self.build(then), self.build(otherwise))
            case Comprehension():
                return self.comprehension(node)
            case ListLiteral(elements):
                return closures.list_of(tuple(self.build(each) for each in elements))
            case MapLiteral(entries):
                return closures.map_of(node, tuple((self.build(key), self.build(value)) for key, value in entries))
            case _:
                assert_never(node)

    def raw(self, node: Name | Select | Index) -> Evaluator:
        """Return the evaluator of what the model holds at a selection: a Value, a plain value, NOTHING or a CelError."""
        match node:
            case Name(name):
                return lambda scope: scope.get(name, NOTHING)
            case Select(operand, field):
                inner = self.type(operand)
                inner = inner.inner if isinstance(inner, Optional) else inner
                return field_of(self.operand(operand), inner, field, node)
            case Index(operand, index):
                holder, key = self.operand(operand), self.build(index)
                return lambda scope: at_index(holder(scope), key(scope), node)
            case _:
                assert_never(node)

    def operand(self, node: Node) -> Evaluator:
        """Return the evaluator of what a selection selects from: the inside of a chain is no leaf, so it is not recorded."""
        return self.finished(node) if isinstance(node, (Name, Select, Index)) else self.build(node)

    def finished(self, node: Name | Select | Index) -> Evaluator:
        general = self._finished(node)
        match node:
            case Select(Name(name) as operand, field) if isinstance(type_ := self.type(operand), Record):
                return field_of_name(name, type_.cls, field, isinstance(self.type(node), Optional), general)
            case _:
                return general

    def _finished(self, node: Name | Select | Index) -> Evaluator:
        raw, optional = self.raw(node), isinstance(self.type(node), Optional)

        def run(scope: Scope) -> Result:
            value = raw(scope)
            if type(value) in SCALARS:
                return value
            return finish(value, node, optional)

        return run

    def leaf(self, node: Name | Select | Index) -> Evaluator:
        if not self.traced:
            return self.finished(node)
        raw, optional = self.raw(node), isinstance(self.type(node), Optional)
        if not isinstance(node, Name):
            return trace.recorded(raw, self.holder(node), node, self.source(node), optional)

        def run(scope: Scope) -> Result:
            value = raw(scope)
            # A name is a leaf when it stands for an element that is a Value; otherwise what it stands for was recorded.
            if isinstance(value, (Known, Unknown, Absent)):
                trace.record_read(value, None, node.name, scope)
            return finish(value, node, False)

        return run

    def holder(self, node: Select | Index) -> Evaluator:
        plain = Compiler(self.text, self.types, False)
        return plain.build(node.operand)

    def has(self, selection: Select) -> Evaluator:
        raw = self.raw(selection)
        if not self.traced:
            return lambda scope: presence(raw(scope))
        holder, text = self.holder(selection), self.source(selection)

        def run(scope: Scope) -> Result:
            value = raw(scope)
            trace.record_read(value, holder, text, scope)
            return presence(value)

        return run

    def binary(self, node: Binary) -> Evaluator:
        left, right = self.build(node.left), self.build(node.right)
        match node.operator:
            case "==" | "!=":
                return closures.equality(node, left, right)
            case "in":
                if isinstance(node.right, ListLiteral) and all(isinstance(each, Literal) for each in node.right.elements):
                    return closures.among(node, left, right)
                return closures.membership(node, member_of, left, right)
            case "<" | "<=" | ">" | ">=":
                ranged = RANGE in (self.type(node.left), self.type(node.right)) or (self.type(node.left), self.type(node.right)) == (
                    DYN,
                    DYN,
                )
                evaluator = closures.order(node, left, right)
                return trace.recorded_range(evaluator, self.source(node)) if self.traced and ranged else evaluator
            case _:
                return closures.arithmetic(node, left, right)

    def call(self, node: Call) -> Evaluator:
        arguments = tuple(self.build(each) for each in node.arguments)
        if node.target is None:
            return closures.call(node, FUNCTIONS[node.function, False], arguments)
        target = self.build(node.target)
        if node.function == "orValue":
            default = arguments[0]
            return lambda scope: or_value(target(scope), default, scope)
        return closures.call(node, FUNCTIONS[node.function, True], (target, *arguments))

    def comprehension(self, node: Comprehension) -> Evaluator:
        source, body = self.build(node.source), self.build(node.body)
        match node.kind:
            case "all" | "exists":
                decisive = node.kind == "exists"
                if self.traced:
                    return trace.traced_quantifier(node, source, body, decisive, self.source(node.source))
                return quantifiers.quantifier(node, source, body, decisive)
            case "exists_one":
                return quantifiers.exists_one(node, source, body)
            case "filter":
                return quantifiers.filtered(node, source, body)
            case "map":
                return quantifiers.mapped(node, source, body)
            case _:
                assert_never(node.kind)
