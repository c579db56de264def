"""What the first name of a traversal means: variables, locals, modules, data sources, resources, and Terraform's own."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping
from typing import Any

from drpolicy.model.provenance import Derived, Through, Written
from drpolicy.model.reasons import Reason
from drpolicy.model.spans import Span
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Member, Members, Object, Target, Unknown, Value
from drpolicy.terraform import kubectl_documents
from drpolicy.terraform.bodies import Bindings, thunks
from drpolicy.terraform.data_sources import follows
from drpolicy.terraform.evaluate import written
from drpolicy.terraform.files import Body, Declaration
from drpolicy.terraform.instances import Expansion, Instance, expanded
from drpolicy.terraform.modules import Children, children
from drpolicy.terraform.parts import once, part_of
from drpolicy.terraform.policy_documents import policy_document
from drpolicy.terraform.providers import OTHER_REGION, Provider, is_aws, provider_of, reference, region_of
from drpolicy.terraform.remote_states import matching_roots
from drpolicy.terraform.scope import Frame, Scope, memoised
from drpolicy.terraform.shapes import InstanceMap, LazyFields, ResourceObject
from drpolicy.terraform.unknowns import EvaluationError, with_origin
from drpolicy.terraform.variables import variable, variable_part


def resolve(frame: Frame, root: str, names: tuple[str, ...], span: Span) -> tuple[Value[Any], int]:
    """Return what a traversal begins with, and how many of ``names`` that uses up."""
    scope = frame.scope
    if root in _ROOTS:
        if not names:
            raise EvaluationError(f"{root} needs a name")
        return _ROOTS[root](scope, names, span)
    if root in ("each", "count", "self"):
        raise EvaluationError(f"{root} means nothing here")
    if not names:
        raise EvaluationError(f"{root} is not known here")
    return _resource(scope, scope.module.resources, root, names[0], "", span), 1


def _through(value: Value[Any], what: str, span: Span) -> Value[Any]:
    return with_origin(value, Through(what, span, value.origin))


def _variable(scope: Scope, names: tuple[str, ...], span: Span) -> tuple[Value[Any], int]:
    if len(names) > 1 and (part := variable_part(scope, names[0], names[1])) is not None:
        return _through(part, f"var.{names[0]}.{names[1]}", span), 2
    return _through(variable(scope, names[0], span), f"var.{names[0]}", span), 1


def _local(scope: Scope, names: tuple[str, ...], span: Span) -> tuple[Value[Any], int]:
    name = names[0]
    expr = scope.module.locals.get(name)
    if expr is None:
        raise EvaluationError(f"local.{name} is not declared")
    if len(names) > 1 and ("local", name) not in scope.memo:
        part = once(scope, ("local", *names[:2]), lambda: part_of(expr, scope, {}, names[1]))
        if part is not None:
            return _through(part, f"local.{name}.{names[1]}", span), 2
    value = memoised(scope, ("local", name), expr.span, lambda: written(expr, scope, {}))
    return _through(value, f"local.{name}", span), 1


def _module(scope: Scope, names: tuple[str, ...], span: Span) -> tuple[Value[Any], int]:
    name = names[0]
    call = scope.module.calls.get(name)
    if call is None:
        raise EvaluationError(f"module.{name} is not declared")
    made = children(scope, name, call)
    if made is None:
        return Unknown(Reason.CYCLE, scope.symbol(f"module.{name}"), Written(span)), 1
    if made.expansion.kind == "single" and len(names) > 1 and (child := made.scopes.get("")) is not None:
        label = f"module.{name}.{names[1]}"
        if len(names) > 2 and (part := _output_part(child, names[1], names[2])) is not None:
            return _through(part, f"{label}.{names[2]}", span), 3
        return _through(output(child, names[1]), label, span), 2
    identity = scope.identity(f"module.{name}")
    return _instances(made.expansion, identity, call.header, lambda instance: _module_object(made, instance, name, call)), 1


def _module_object(made: Children, instance: Instance, name: str, call: Declaration) -> Value[Any]:
    child = made.scopes.get(instance.suffix)
    label = f"module.{name}{instance.suffix}"
    if child is None:
        assert made.why is not None
        return Unknown(made.why.reason, made.why.symbol + instance.suffix, made.why.origin, root=made.why.cause)
    return Known(_outputs(child, label), Written(call.header))


def _output_part(child: Scope, name: str, field: str) -> Value[Any] | None:
    declaration = child.module.outputs.get(name)
    expr = declaration.body().attributes.get("value") if declaration is not None else None
    if expr is None or ("output", name) in child.memo:
        return None
    return once(child, ("output", name, field), lambda: part_of(expr, child, {}, field))


def output(child: Scope, name: str) -> Value[Any]:
    """Return the value of an output of a module instance; raise ``EvaluationError`` when it has none of that name."""
    declaration = child.module.outputs.get(name)
    if declaration is None and child.module.stub:
        # A later version may have it, and ``try`` must not take it for missing.
        return Unknown(Reason.MODULE_NOT_ON_DISK, f"{child.instance_symbol}.{name}", _called_at(child))
    if declaration is None:
        raise EvaluationError(f"the module has no output {name!r}")
    expr = declaration.body().attributes.get("value")
    if expr is None:
        return Absent(Written(declaration.header))
    return memoised(child, ("output", name), expr.span, lambda: written(expr, child, {}))


def _instances(expansion: Expansion, identity: str, header: Span, make: Callable[[Instance], Value[Any]]) -> Value[Any]:
    """Return a block with its instances as expressions see it: one object, a list of them, or a map of them."""
    if expansion.kind == "single":
        return make(expansion.instances[0])
    origin = Written(header)
    if expansion.kind == "count":
        return Known(Members(tuple(Member(make(one), one.presence, one.why) for one in expansion.instances), expansion.rest), origin)
    certain = {str(one.key): make(one) for one in expansion.instances if one.key is not None and one.presence is Truth.TRUE}
    maybe = {str(one.key): make(one) for one in expansion.instances if one.key is not None and one.presence is not Truth.TRUE}
    others = next((make(one) for one in expansion.instances if one.key is None), None)
    rest = None
    if others is not None or expansion.rest is not None:
        cause = expansion.rest
        reason, root = (cause.reason, cause.cause) if cause is not None else (Reason.COUNT_NOT_KNOWN, None)
        rest = Unknown(reason, f"{identity}: for_each", origin, root=root)
    return Known(InstanceMap(certain, rest, maybe, others), origin)


def expansion_of(scope: Scope, address: str, declaration: Declaration) -> tuple[Body, Expansion] | None:
    """Return the content and the instances of a resource; ``None`` while they are being worked out, which is a cycle."""
    key = ("expansion", address)
    found = scope.memo.get(key)
    if found is None:
        scope.memo[key] = "pending"
        body = declaration.body()
        try:
            found = (body, expanded(body, scope, address))
        finally:
            del scope.memo[key]
        scope.memo[key] = found
    return found if isinstance(found, tuple) else None


def _resource(scope: Scope, table: Mapping[str, Declaration], type_: str, name: str, prefix: str, span: Span) -> Value[Any]:
    address = f"{prefix}{type_}.{name}"
    declaration = table.get(f"{type_}.{name}")
    if declaration is None:
        raise EvaluationError(f"{address} is not declared")
    found = expansion_of(scope, address, declaration)
    if found is None:
        return Unknown(Reason.CYCLE, scope.symbol(address), Written(span), Target(scope.identity(address), ""))
    body, expansion = found

    def whole(instance: Instance) -> Value[Any]:
        made = resource_object(scope, address, declaration, body, instance)
        return Known(made, Through(made.label, None, Written(declaration.header), made.key, ""))

    return _instances(expansion, scope.identity(address), declaration.header, whole)


def resource_object(scope: Scope, address: str, declaration: Declaration, body: Body, instance: Instance) -> ResourceObject:
    """Return one instance of a resource, its attributes evaluated when asked for and then only once."""
    key = ("object", address, instance.suffix)
    known = scope.memo.get(key)
    if isinstance(known, ResourceObject):
        return known
    data = address.startswith("data.")
    computed = thunks(body, scope, instance.bindings)

    def once(name: str, compute: Callable[[], Value[Any]]) -> Callable[[], Value[Any]]:
        expr = body.attributes.get(name)
        place = expr.span if expr is not None else body.header
        return lambda: memoised(scope, (address + instance.suffix, name), place, compute)

    made = ResourceObject(
        LazyFields({name: once(name, compute) for name, compute in computed.items()}),
        None,
        scope.identity(address + instance.suffix),
        address + instance.suffix,
        declaration.header,
        Reason.DATA_SOURCE if data else Reason.COMPUTED,
        lambda name: implied(scope, declaration, body, instance.bindings, data, name),
        instance.why,
        _ALIASES.get(declaration.block.labels[0], {}),
    )
    scope.memo[key] = made
    return made


_ALIASES = {
    # hashicorp/aws docs of the three types, attribute id, 2026-11. Other settings of a bucket add the expected owner to theirs.
    type_: {"id": "bucket"}
    for type_ in ("aws_s3_bucket_policy", "aws_s3_bucket_public_access_block", "aws_s3_bucket_ownership_controls")
}


def provider_for(scope: Scope, declaration: Declaration, body: Body, bindings: Bindings) -> tuple[Provider, Span]:
    """Return the provider configuration of a resource, and where it is chosen: the argument, or the header of the block."""
    expr = body.attributes.get("provider")
    type_ = declaration.block.labels[0]
    name = reference(expr, scope, bindings) if expr is not None else type_.split("_", 1)[0]
    span = expr.span if expr is not None else declaration.header
    return provider_of(scope, name, f"{scope.prefix}{'.'.join(declaration.block.labels)}", span), span


def implied(scope: Scope, declaration: Declaration, body: Body, bindings: Bindings, data: bool, name: str) -> Value[Any] | None:
    """Return an attribute that nobody wrote and that is certain all the same: a region, and what a data source can only answer."""
    type_ = declaration.block.labels[0]
    if not data:
        if name != "region" or not is_aws(type_):
            return None
        provider, span = provider_for(scope, declaration, body, bindings)
        region = region_of(type_, provider, None, span, declaration.header)
        return None if isinstance(region, Absent) else region
    if type_ == "terraform_remote_state":
        return _outputs_of_state(scope, body, bindings) if name == "outputs" else None
    if type_ in kubectl_documents.TYPES:
        return kubectl_documents.kubectl_documents(scope, type_, name, body, bindings)
    if not is_aws(type_):
        return None
    if type_ == "aws_iam_policy_document":
        return policy_document(body, scope, bindings, name == "minified_json") if name in ("json", "minified_json") else None
    provider, span = provider_for(scope, declaration, body, bindings)
    expr = body.attributes.get("region")
    chosen = written(expr, scope, bindings) if expr is not None and f"data.{type_}" not in OTHER_REGION else None
    region = region_of(type_, provider, chosen, span, declaration.header, data=True)
    return follows(scope, type_, name, body, bindings, provider, span, region)


def _outputs_of_state(scope: Scope, body: Body, bindings: Bindings) -> Value[Any] | None:
    """Return the outputs of the root whose state is read, with the module's own way of failing: one of another name is an error."""
    found = matching_roots(scope, body, bindings)
    if len(found) != 1:
        return None
    root = found[0]
    return Known(_outputs(root, f"{root.deployment.name}: output"), Written(body.header))


def _outputs(child: Scope, label: str) -> Object:
    def given(name: str) -> Callable[[], Value[Any]]:
        return lambda: _through(output(child, name), f"{label}.{name}", child.module.outputs[name].header)

    # What a stub lacks, another version may have.
    rest = Unknown(Reason.MODULE_NOT_ON_DISK, child.instance_symbol, _called_at(child)) if child.module.stub else None
    return Object(LazyFields({name: given(name) for name in child.module.outputs}), rest)


def _called_at(child: Scope) -> Written:
    # What describes the module of a Terragrunt unit stands, all of it, where the unit names its source.
    return Written(child.call.header if child.call is not None else child.module.files[0].source.span(0, 0))


def _data(scope: Scope, names: tuple[str, ...], span: Span) -> tuple[Value[Any], int]:
    if len(names) < 2:
        raise EvaluationError("a data source has a type and a name")
    return _resource(scope, scope.module.data, names[0], names[1], "data.", span), 2


def _explicit(scope: Scope, names: tuple[str, ...], span: Span) -> tuple[Value[Any], int]:
    if len(names) < 2:
        raise EvaluationError("a resource has a type and a name")
    return _resource(scope, scope.module.resources, names[0], names[1], "", span), 2


def _path(scope: Scope, names: tuple[str, ...], span: Span) -> tuple[Value[Any], int]:
    match names[0]:
        case "module":
            here = posixpath.relpath(scope.module.path or ".", scope.deployment.path or ".")
            return Known(here, Written(span)), 1
        case "root":
            return Known(".", Written(span)), 1
        case "cwd":
            return Unknown(Reason.OUTSIDE_SCOPE, f"{scope.deployment.name}:path.cwd", Written(span)), 1
        case name:
            raise EvaluationError(f"there is no path.{name}")


def _terraform(scope: Scope, names: tuple[str, ...], span: Span) -> tuple[Value[Any], int]:
    if names[0] != "workspace":
        raise EvaluationError(f"terraform.{names[0]} is not known here")
    if scope.deployment.workspace is not None:
        return Known(scope.deployment.workspace, Through("terraform.workspace", span, Derived("workspace", (), span))), 1
    return Unknown(Reason.VARIABLE_NOT_SET, f"{scope.deployment.name}:terraform.workspace", Written(span)), 1


def _ephemeral(scope: Scope, names: tuple[str, ...], span: Span) -> tuple[Value[Any], int]:
    label = ".".join(("ephemeral", *names[:2]))
    return Unknown(Reason.COMPUTED, scope.symbol(label), Written(span)), min(len(names), 2)


_ROOTS: dict[str, Callable[[Scope, tuple[str, ...], Span], tuple[Value[Any], int]]] = {
    "var": _variable,
    "local": _local,
    "module": _module,
    "data": _data,
    "resource": _explicit,
    "path": _path,
    "terraform": _terraform,
    "tofu": _terraform,
    "ephemeral": _ephemeral,
}
