"""The content of ``generate`` and ``remote_state``, as blocks and as attributes: ``generate = { name = { … } }``, ``remote_state = { … }``.

Terragrunt reads both forms (docs.terragrunt.com, "Attributes", 2026-11).
"""

from __future__ import annotations

from collections.abc import Iterator

from drpolicy.model.spans import Span
from drpolicy.terraform.blocks import AttributeSyntax
from drpolicy.terraform.evaluate import parsed
from drpolicy.terraform.files import Body, Expr, TerraformProblem, body_of
from drpolicy.terraform.terragrunt.configuration import Configuration
from drpolicy.terraform.tree import Expression, Fields, Literal, Name


def generate_bodies(configuration: Configuration) -> Iterator[tuple[str, Body]]:
    """Yield what one file generates, by label; an attribute that is not written out is a problem."""
    for block in configuration.blocks("generate"):
        yield (block.labels[0] if block.labels else ""), body_of(configuration.file, block)
    whole = _written_out(configuration, "generate")
    for label, expr in (whole or {}).items():
        fields = _fields(expr, parsed(expr, configuration.scope))
        if fields is None:
            _not_read(configuration, f"generate.{label}", expr)
        else:
            yield label, Body(_header(expr), fields, ())


def remote_state_bodies(configuration: Configuration) -> Iterator[Body]:
    """Yield what one file says of its state; an attribute that is not written out is a problem."""
    for block in configuration.blocks("remote_state"):
        yield body_of(configuration.file, block)
    whole = _written_out(configuration, "remote_state")
    expr = configuration.attribute("remote_state")
    if whole is not None and expr is not None:
        yield Body(_header(expr), whole, ())


def _written_out(configuration: Configuration, name: str) -> dict[str, Expr] | None:
    expr = configuration.attribute(name)
    if expr is None:
        return None
    fields = _fields(expr, parsed(expr, configuration.scope))
    if fields is None:
        _not_read(configuration, name, expr)
    return fields


def _fields(expr: Expr, tree: Expression) -> dict[str, Expr] | None:
    """Return the fields of an object that is written out, each as the attribute of a block."""
    if not isinstance(tree, Fields):
        return None
    found: dict[str, Expr] = {}
    for key, value in tree.fields:
        name = key.name if isinstance(key, Name) else key.value if isinstance(key, Literal) else None
        if not isinstance(name, str):
            return None
        start = expr.syntax.value_start
        found[name] = Expr(expr.file, AttributeSyntax(name, start + key.start, start + value.start, start + value.end))
    return found


def _header(expr: Expr) -> Span:
    """Return the line that an attribute begins on."""
    span = expr.file.source.span(expr.syntax.start, expr.syntax.value_end)
    end = span.source.text.find("\n", span.offset, span.end_offset)
    return span if end < 0 else Span(span.source, span.offset, end)


def _not_read(configuration: Configuration, name: str, expr: Expr) -> None:
    message = f"{name} was not read: it is not written out here; write it as a block, or as an object with its fields"
    configuration.repository.report(TerraformProblem(configuration.path, "terragrunt-attribute", message, _header(expr)))
