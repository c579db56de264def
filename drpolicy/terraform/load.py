"""Terraform roots to resources: the entry of the package."""

from __future__ import annotations

import posixpath
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from drpolicy.model.provenance import Derived, Written
from drpolicy.model.resources import BackendSettings, ModuleCall, ProviderConfiguration, Resource, TerraformRoot
from drpolicy.model.spans import Source, Span
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Object, Value
from drpolicy.sources.discovery import Discovery
from drpolicy.sources.trees import Tree
from drpolicy.terraform.bodies import finished, nested_blocks, thunks
from drpolicy.terraform.evaluate import evaluate, written
from drpolicy.terraform.files import Declaration, Module, ModuleLibrary, TerraformProblem, body_of, build_module, by_directory
from drpolicy.terraform.index import index
from drpolicy.terraform.instances import Instance
from drpolicy.terraform.modules import META_ARGUMENTS, Children, children, find_roots, installed_modules
from drpolicy.terraform.providers import Provider, is_aws, provider_of, region_of
from drpolicy.terraform.references import expansion_of, provider_for, resolve, resource_object
from drpolicy.terraform.scope import Deployment, Inputs, Run, Scope
from drpolicy.terraform.shapes import LazyFields
from drpolicy.terraform.syntax import ExpressionParser
from drpolicy.terraform.terragrunt.units import Unit, Units, find_units
from drpolicy.terraform.unknowns import origins
from drpolicy.terraform.variables import root_inputs


@dataclass(frozen=True, slots=True)
class Coverage:
    """What was read and what was not. ``unread`` counts the resources of types that nobody wanted, by type."""

    files: int = 0
    roots: int = 0
    attributes: int = 0
    expressions: int = 0
    unread: Mapping[str, int] = field(default_factory=dict)
    terragrunt: int = 0
    not_read: int = 0
    """Terragrunt files that were read, and those that no unit includes or reads."""


@dataclass(frozen=True, slots=True)
class TerraformEstate:
    """Every root that was found, what is wrong with the input, and how much of it was read."""

    roots: tuple[TerraformRoot, ...]
    problems: tuple[TerraformProblem, ...]
    coverage: Coverage


def load_terraform(
    tree: Tree,
    discovered: Discovery | Iterable[str],
    *,
    wanted: Callable[[str], bool] = lambda type_: True,
    inputs: Mapping[str, tuple[Inputs, ...]] | None = None,
    var_files: tuple[str, ...] = (),
    variables: Mapping[str, str] | None = None,
    stubs: Callable[[str], Iterable[Source] | None] = lambda source: None,
    environment: Mapping[str, str] | None = None,
) -> TerraformEstate:
    """Evaluate every root among the Terraform files that were discovered, and every unit among the Terragrunt files.

    Never raises on bad input.

    ``wanted`` says which resource types are evaluated; the others are followed where an expression refers to them, and counted.
    ``inputs`` gives a root, by its path, one or more sets of inputs, each of which is a deployment. ``var_files`` and ``variables`` are
    given to all roots, after those. ``stubs`` answers the files that describe a module which is not on disk. ``environment`` holds the
    environment variables that Terragrunt's ``get_env`` may see.
    """
    with _deep_enough():
        return _load(tree, discovered, wanted, inputs or {}, var_files, variables or {}, stubs, environment or {})


@contextmanager
def _deep_enough() -> Iterator[None]:
    """Allow as many frames as ``DEPTH_LIMIT`` expressions need: about a dozen each. They are Python frames, which take no C stack."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, 4000))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


def _load(
    tree: Tree,
    discovered: Discovery | Iterable[str],
    wanted: Callable[[str], bool],
    inputs: Mapping[str, tuple[Inputs, ...]],
    var_files: tuple[str, ...],
    variables: Mapping[str, str],
    stubs: Callable[[str], Iterable[Source] | None],
    environment: Mapping[str, str],
) -> TerraformEstate:
    paths = discovered.terraform if isinstance(discovered, Discovery) else tuple(discovered)
    terragrunt = discovered.terragrunt if isinstance(discovered, Discovery) else ()
    tfvars = frozenset(
        discovered.tfvars
        if isinstance(discovered, Discovery)
        else (path for path in tree.list() if path.endswith((".tfvars", ".tfvars.json")))
    )
    library = ModuleLibrary(tree, by_directory(paths))
    run = Run(tree, library, ExpressionParser().parse, evaluate, _stubbed(stubs))
    roots: list[TerraformRoot] = []
    unread: dict[str, int] = {}
    further = {path: one[0] for path, one in inputs.items() if one} | {"*": Inputs(var_files, variables)}
    units = Units(run, tfvars, environment, further)
    found = list(find_units(units, terragrunt))
    for path in find_roots(library, {place for unit in found for place in (unit.directory, unit.module) if place is not None}):
        module = library.get(path)
        if module is None:
            continue
        given = inputs.get(path) or (Inputs(),)
        for at, one in enumerate(given):
            name = one.name or ((path or "root") if len(given) == 1 else f"{path or 'root'}#{at + 1}")
            together = Inputs(one.var_files + var_files, {**one.variables, **variables}, one.workspace, name)
            values = root_inputs(tree, path, tfvars, together, library, run)
            deployment = Deployment(name, path, values, installed_modules(tree, path), one.workspace)
            roots.append(_root(Scope(run, deployment, module, resolve), wanted, unread))
    roots += [_unit(unit, units, wanted, unread) for unit in found]
    problems = tuple(sorted({*library.problems, *run.problems}, key=_place))
    attributes = sum(module.attributes for module in library.modules.values() if module is not None)
    return TerraformEstate(
        tuple(roots),
        problems,
        Coverage(library.files, len(roots), attributes, run.evaluated, dict(sorted(unread.items())), *units.coverage(terragrunt)),
    )


def _place(problem: TerraformProblem) -> tuple[str, int, str, str]:
    return problem.path, problem.span.offset if problem.span is not None else -1, problem.code, problem.message


def _stubbed(stubs: Callable[[str], Iterable[Source] | None]) -> Callable[[str], Module | None]:
    known: dict[str, Module | None] = {}

    def find(source: str) -> Module | None:
        if source not in known:
            files = stubs(source)
            known[source] = None if files is None else build_module(f"stub:{source}", [index(file) for file in files])
        return known[source]

    return find


def _root(scope: Scope, wanted: Callable[[str], bool], unread: dict[str, int]) -> TerraformRoot:
    run, module = scope.run, scope.module
    run.steps = run.scopes = 0
    before = run.evaluated
    resources: list[Resource] = []
    calls: list[ModuleCall] = []
    attributes = 0
    pending = [scope]
    while pending:
        one = pending.pop()
        attributes += one.module.attributes
        for declarations, prefix in ((one.module.resources, ""), (one.module.data, "data.")):
            for name, declaration in declarations.items():
                if wanted(declaration.block.labels[0]):
                    resources += _resources(one, f"{prefix}{name}", declaration)
                else:
                    unread[declaration.block.labels[0]] = unread.get(declaration.block.labels[0], 0) + 1
        for name, call in one.module.calls.items():
            made = children(one, name, call)
            if made is not None:
                calls += _calls(one, name, call, made)
                pending += reversed(list(made.scopes.values()))
    return TerraformRoot(
        scope.deployment.name,
        scope.deployment.path,
        _is_library(scope),
        tuple(resources),
        tuple(_providers(scope)),
        tuple(calls),
        _backend(scope),
        _span(module),
        run.evaluated - before,
        attributes,
    )


def _unit(unit: Unit, units: Units, wanted: Callable[[str], bool], unread: dict[str, int]) -> TerraformRoot:
    root = _root(unit.scope, wanted, unread)
    modules = root.modules if unit.call is None else (unit.call, *root.modules)
    return replace(
        root,
        path=unit.directory,
        library=unit.directory in units.templates,
        modules=modules,
        backend=unit.backend or root.backend,
        span=unit.span,
    )


def _is_library(scope: Scope) -> bool:
    """Whether a root needs variables that nobody sets, and has neither a provider configuration nor a backend."""
    if scope.module.providers or any(nested.type in ("backend", "cloud") for each in scope.module.settings for nested in each.block.blocks):
        return False
    given = scope.deployment.inputs
    return any("default" not in each.body().attributes and name not in given for name, each in scope.module.variables.items())


def _span(module: Module) -> Span:
    """Return the place of a root as a whole: its ``terraform`` block, else its first provider, else the start of ``main.tf``."""
    for type_ in ("terraform", "provider"):
        headers = [file.header(block) for file in module.files for block in file.blocks if block.type == type_]
        if headers:
            return headers[0]
    main = next((file for file in module.files if file.source.path.endswith("/main.tf") or file.source.path == "main.tf"), None)
    file = main or (module.files[0] if module.files else None)
    if file is None:
        return Span(Source(posixpath.join(module.path, "main.tf"), ""), 0, 0)
    return file.header(file.blocks[0]) if file.blocks else file.source.span(0, 0)


def _resources(scope: Scope, address: str, declaration: Declaration) -> Iterator[Resource]:
    found = expansion_of(scope, address, declaration)
    if found is None:
        return
    body, expansion = found
    lifecycle = body.nested("lifecycle")
    guard = lifecycle.attributes.get("prevent_destroy") if lifecycle is not None else None
    guarded = guard is not None and (value := written(guard, scope, {})) is not None and isinstance(value, Known) and value.value is True
    for instance in expansion.instances:
        yield _resource(scope, address, declaration, instance, guarded)


def _resource(scope: Scope, address: str, declaration: Declaration, instance: Instance, guarded: bool) -> Resource:
    body = declaration.body()
    type_ = declaration.block.labels[0]
    data = address.startswith("data.")
    whole = resource_object(scope, address, declaration, body, instance)
    fields: dict[str, Value[Any]] = {name: whole.fields[name] for name in whole.fields}
    account: Value[str] = Absent(Written(declaration.header))
    provider_name = type_.split("_", 1)[0]
    region: Value[str] = account
    if "provider" in body.attributes or is_aws(type_):
        provider, span = provider_for(scope, declaration, body)
        provider_name = provider.name
        if is_aws(type_):
            region = region_of(type_, provider, fields.get("region"), span, declaration.header, data)
            account = provider.account
            if not data:
                fields |= _all_tags(provider, fields.get("tags"))
    presence = scope.presence & instance.presence
    return Resource(
        scope.deployment.name,
        f"{scope.prefix}{address}{instance.suffix}",
        type_,
        declaration.block.labels[1],
        Object(fields),
        region,
        account,
        declaration.header,
        declaration.extent,
        presence=presence,
        why=None if presence is Truth.TRUE else instance.why or scope.why,
        data=data,
        provider=provider_name,
        guarded=guarded,
    )


def _all_tags(provider: Provider, tags: Value[Any] | None) -> dict[str, Value[Any]]:
    """Return ``tags_all``: the provider's ``default_tags`` beneath the tags that are written."""
    defaults = provider.tags
    if tags is None or isinstance(tags, Absent):
        return {} if defaults is None or isinstance(defaults, Absent) else {"tags_all": defaults}
    if defaults is None or isinstance(defaults, Absent):
        return {"tags_all": tags}
    origin = Derived("default_tags and tags", origins((defaults, tags)))
    if not isinstance(tags, Known) or not isinstance(tags.value, Object):
        return {"tags_all": Known(Object({}, tags), origin)} if not isinstance(tags, Known) else {}
    if not isinstance(defaults, Known) or not isinstance(defaults.value, Object):
        return {"tags_all": Known(Object(tags.value.fields, defaults if not isinstance(defaults, Known) else None), origin)}
    own = tags.value
    beneath = {
        name: own.rest if own.rest is not None and name not in own.fields else value for name, value in defaults.value.fields.items()
    }
    return {"tags_all": Known(Object({**beneath, **own.fields}, own.rest or defaults.value.rest), origin)}


def _calls(scope: Scope, name: str, call: Declaration, made: Children) -> Iterator[ModuleCall]:
    for instance in made.expansion.instances:
        computed = thunks(made.body, scope, instance.bindings)
        given = LazyFields({each: compute for each, compute in computed.items() if each not in META_ARGUMENTS})
        address = f"{scope.prefix}module.{name}{instance.suffix}"
        yield ModuleCall(scope.deployment.name, address, made.source, call.header, made.outcome, Object(given))


def _providers(scope: Scope) -> Iterator[ProviderConfiguration]:
    for (local, alias), declaration in scope.module.providers.items():
        name = f"{local}.{alias}" if alias else local
        if local in ("aws", "awscc"):
            made = provider_of(scope, name, name, declaration.header)
            yield ProviderConfiguration(name, made.region, made.account, declaration.header)
        else:
            nowhere = Absent(Written(declaration.header))
            yield ProviderConfiguration(name, nowhere, nowhere, declaration.header)


def _backend(scope: Scope) -> BackendSettings | None:
    for settings in scope.module.settings:
        for block in settings.block.blocks:
            if block.type in ("backend", "cloud"):
                body = body_of(settings.file, block)
                fields = {each: finished(written(expr, scope, {})) for each, expr in body.attributes.items()}
                for type_ in {nested.type for nested in block.blocks}:
                    fields[type_] = nested_blocks([(settings.file, nested) for nested in block.nested(type_)], scope, {}, 0)
                kind = block.labels[0] if block.type == "backend" and block.labels else block.type
                return BackendSettings(kind, Object(fields), body.header)
    return None
