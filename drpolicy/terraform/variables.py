"""Variables: which value wins."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from drpolicy.model.provenance import Derived, Through, Written
from drpolicy.model.reasons import Reason
from drpolicy.model.spans import Span
from drpolicy.model.values import Absent, Known, Unknown, Value
from drpolicy.terraform.constraints import PRIMITIVES, converted, primitive
from drpolicy.terraform.evaluate import evaluate, framed, parsed, written
from drpolicy.terraform.files import Body, Declaration, Expr, ModuleLibrary
from drpolicy.terraform.parts import once, part_of
from drpolicy.terraform.scope import Frame, GivenText, Inputs, Scope, guarded, memoised
from drpolicy.terraform.unknowns import with_origin


def variable(scope: Scope, name: str, span: Span) -> Value[Any]:
    """Return the value of ``var.name`` in a module instance, converted to its type; its origin begins at ``var.name``."""
    declaration = scope.module.variables.get(name)
    if declaration is None:
        return Unknown(Reason.VARIABLE_NOT_SET, scope.symbol(f"var.{name}"), Written(span))
    return memoised(scope, ("var", name), declaration.header, lambda: _variable(scope, name, declaration))


def variable_part(scope: Scope, name: str, field: str) -> Value[Any] | None:
    """Return ``var.name.field`` when the other fields need not be evaluated for it: of an object that nothing converts."""
    declaration = scope.module.variables.get(name)
    if declaration is None or ("var", name) in scope.memo:
        return None
    body = declaration.body()
    constraint = body.attributes.get("type")
    if "nullable" in body.attributes or (constraint is not None and constraint.text != "any"):
        return None
    return once(scope, ("var", name, field), lambda: _part(scope, name, field, body))


def _part(scope: Scope, name: str, field: str, body: Body) -> Value[Any] | None:
    if scope.parent is not None and scope.call is not None and scope.call_body is not None:
        expr = scope.call_body.attributes.get(name)
        if expr is not None:
            value = part_of(expr, scope.parent, scope.bindings, field)
            label = f"module.{scope.call.block.labels[0]}.{name}.{field}"
            return None if value is None else with_origin(value, Through(label, expr.span, value.origin))
    elif name in scope.deployment.inputs:
        return None
    default = body.attributes.get("default")
    return None if default is None else part_of(default, scope, {}, field)


def _variable(scope: Scope, name: str, declaration: Declaration) -> Value[Any]:
    body = declaration.body()
    default = body.attributes.get("default")
    nullable = _flag(body, "nullable", scope, True)
    value = _given(scope, name, declaration)
    if value is None or (isinstance(value, Absent) and not nullable):
        if default is None:
            return _not_set(scope, name, declaration, body)
        value = written(default, scope, {})
    constraint = body.attributes.get("type")
    if constraint is None:
        return value
    type_ = parsed(constraint, scope)
    frame = framed(constraint, scope, {})
    found = value
    return guarded(scope, f"var.{name}", constraint.span, lambda: converted(found, type_, frame))


def _not_set(scope: Scope, name: str, declaration: Declaration, body: Body) -> Unknown:
    constraint = body.attributes.get("type")
    type_ = None if constraint is None else primitive(parsed(constraint, scope))
    return Unknown(Reason.VARIABLE_NOT_SET, scope.symbol(f"var.{name}"), Written(declaration.header), type=type_)


def _flag(body: Body, name: str, scope: Scope, default: bool) -> bool:
    expr = body.attributes.get(name)
    if expr is None:
        return default
    value = written(expr, scope, {})
    return value.value is True if isinstance(value, Known) else default


def _given(scope: Scope, name: str, declaration: Declaration) -> Value[Any] | None:
    if scope.parent is not None and scope.call is not None and scope.call_body is not None:
        expr = scope.call_body.attributes.get(name)
        if expr is None:
            return None
        value = written(expr, scope.parent, scope.bindings)
        return with_origin(value, Through(f"module.{scope.call.block.labels[0]}.{name}", expr.span, value.origin))
    given = scope.deployment.inputs.get(name)
    match given:
        case None:
            return None
        case Expr():
            return written(given, scope, {})
        case GivenText():
            return _read(scope, name, given, declaration)
        case Known() | Unknown() | Absent():
            return given


def _read(scope: Scope, name: str, given: GivenText, declaration: Declaration) -> Value[Any]:
    """``--var`` is text for a variable without a type or with a primitive one, and an expression for any other."""
    origin = Derived(given.by, (), declaration.header)
    constraint = declaration.body().attributes.get("type")
    if constraint is None or constraint.text.strip('"') in PRIMITIVES:
        return Known(given.text, origin)
    tree = scope.run.parse(given.text)
    frame = Frame(scope, declaration.header.source, declaration.header.offset, {})
    value = guarded(scope, f"var.{name}", declaration.header, lambda: evaluate(tree, frame))
    return with_origin(value, origin)


def root_inputs(
    directory: str, tfvars: Iterable[str], inputs: Inputs, environment: Mapping[str, str], library: ModuleLibrary
) -> dict[str, Expr | GivenText]:
    """Return what is given to a root's variables, by Terraform's precedence.

    That is ``TF_VAR_…``, terraform.tfvars, terraform.tfvars.json, ``*.auto.tfvars`` and their JSON form in order of name, then var-files in
    the order given, then ``--var``.
    """
    here = f"{directory}/" if directory else ""
    loaded = sorted(path for path in tfvars if is_automatic(path, directory))
    fixed = [path for path in (f"{here}terraform.tfvars", f"{here}terraform.tfvars.json") if path in loaded]
    automatic = [path for path in loaded if path not in fixed]
    found: dict[str, Expr | GivenText] = {name: GivenText(text, f"TF_VAR_{name}") for name, text in environment.items()}
    for path in (*fixed, *automatic, *inputs.var_files):
        found |= var_file(path, library)
    return found | {name: GivenText(text, f"--var {name}") for name, text in inputs.variables.items()}


def is_automatic(path: str, directory: str) -> bool:
    """Whether Terraform loads a var-file by itself when it is run in a directory."""
    folder, _, name = path.rpartition("/")
    fixed = name in ("terraform.tfvars", "terraform.tfvars.json")
    return folder == directory and (fixed or name.endswith((".auto.tfvars", ".auto.tfvars.json")))


def var_file(path: str, library: ModuleLibrary) -> dict[str, Expr]:
    """Return the values of a var-file; what is wrong with it is added to the problems."""
    file = library.var_file(path)
    return {} if file is None else {each.name: Expr(file, each) for each in file.attributes}
