"""Terraform roots to resources: the entry of the package."""

from __future__ import annotations

import posixpath
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from drpolicy.model.provenance import Derived, Written
from drpolicy.model.records import dataclass, replace
from drpolicy.model.resources import ModuleCall, Moved, ProviderConfiguration, Resource, TerraformRoot
from drpolicy.model.spans import Source, Span
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Object, Value
from drpolicy.sources.discovery import Discovery
from drpolicy.sources.trees import Tree
from drpolicy.terraform.account import Coverage, account_of
from drpolicy.terraform.backends import backend_of
from drpolicy.terraform.blocks import FileSyntax
from drpolicy.terraform.bodies import finished, thunks
from drpolicy.terraform.evaluate import evaluate, written
from drpolicy.terraform.files import Declaration, Module, ModuleLibrary, TerraformProblem, build_module, by_directory
from drpolicy.terraform.index import index
from drpolicy.terraform.instances import Instance
from drpolicy.terraform.learned import Learned
from drpolicy.terraform.modules import META_ARGUMENTS, Children, children, find_roots, installed_modules
from drpolicy.terraform.moved import moves
from drpolicy.terraform.providers import Provider, is_aws, provider_instances, provider_of, region_of
from drpolicy.terraform.references import expansion_of, output, provider_for, resolve, resource_object
from drpolicy.terraform.scope import Deployment, Inputs, Run, Scope
from drpolicy.terraform.shapes import LazyFields
from drpolicy.terraform.unknowns import origins
from drpolicy.terraform.var_file_sets import implied_inputs
from drpolicy.terraform.variables import root_inputs


@dataclass(frozen=True, slots=True)
class TerraformEstate:
    """Every root that was found, what is wrong with the input, and how much of it was read."""

    roots: tuple[TerraformRoot, ...]
    problems: tuple[TerraformProblem, ...]
    coverage: Coverage
    files: tuple[FileSyntax, ...] = ()
    """Every file of every module that was read, called or not."""


def load_terraform(
    tree: Tree,
    discovered: Discovery | Iterable[str],
    *,
    wanted: Callable[[str], bool] = lambda type_: True,
    inputs: Mapping[str, tuple[Inputs, ...]] | None = None,
    var_files: tuple[str, ...] = (),
    variables: Mapping[str, str] | None = None,
    environment: Mapping[str, str] | None = None,
    stubs: Callable[[str], Iterable[Source] | None] = lambda source: None,
    learned: Learned | None = None,
) -> TerraformEstate:
    """Evaluate every root among the Terraform files that were discovered. Never raises on bad input.

    ``wanted`` says which resource types are evaluated; the others are followed where an expression refers to them, and counted.
    ``inputs`` gives a root, by its path, one or more sets of inputs, each of which is a deployment. ``var_files`` and ``variables`` are
    given to all roots, after those; ``environment`` has what ``TF_VAR_name`` says of each name, and counts before all files. ``stubs``
    answers the files that describe a module which is not on disk. ``learned`` is what earlier runs know of the text of files.
    """
    with _deep_enough():
        return _load(tree, discovered, wanted, inputs or {}, var_files, variables or {}, environment or {}, stubs, learned or Learned())


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
    environment: Mapping[str, str],
    stubs: Callable[[str], Iterable[Source] | None],
    learned: Learned,
) -> TerraformEstate:
    paths = discovered.terraform if isinstance(discovered, Discovery) else tuple(discovered)
    tfvars = frozenset(
        discovered.tfvars
        if isinstance(discovered, Discovery)
        else (path for path in tree.list() if path.endswith((".tfvars", ".tfvars.json")))
    )
    library = ModuleLibrary(tree, by_directory(paths), index=learned.file)
    run = Run(tree, library, learned.parser.parse, learned.parser.parse_template, evaluate, _stubbed(stubs))
    unread: dict[str, int] = {}
    for path in find_roots(library):
        module = library.get(path)
        if module is None:
            continue
        given = inputs.get(path) or _implied(path, module, tfvars, Inputs(var_files, variables), environment, library)
        for at, one in enumerate(given):
            name = one.name or ((path or "root") if len(given) == 1 else f"{path or 'root'}#{at + 1}")
            together = replace(one, var_files=one.var_files + var_files, variables={**one.variables, **variables}, name=name)
            values = root_inputs(path, tfvars, together, environment, library)
            deployment = Deployment(name, path, values, installed_modules(tree, path), together)
            run.roots.append(Scope(run, deployment, module, resolve))
    roots = [_root(scope, wanted, unread) for scope in run.roots]
    problems = tuple(sorted({*library.problems, *run.problems}, key=_place))
    files = {file.source.path: file for module in library.modules.values() if module is not None for file in module.files}
    every = (*files.values(), *(file for file in library.var_files.values() if file is not None))
    coverage = account_of(every, run.outcomes, len(roots), run.evaluated, unread)
    return TerraformEstate(tuple(roots), problems, coverage, tuple(files.values()))


def _implied(
    path: str, module: Module, tfvars: Iterable[str], given: Inputs, environment: Mapping[str, str], library: ModuleLibrary
) -> tuple[Inputs, ...]:
    """Return the sets of inputs of a root that the configuration does not list: those that its var-files imply, else none but its own."""
    found = root_inputs(path, tfvars, given, environment, library)
    return implied_inputs(path, module, tfvars, found, library) or (Inputs(),)


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
    run.steps = 0
    before = run.evaluated
    resources: list[Resource] = []
    calls: list[ModuleCall] = []
    found: list[Moved] = []
    attributes = 0
    pending = [scope]
    while pending:
        one = pending.pop()
        attributes += one.module.attributes
        found += moves(one)
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
        backend_of(scope),
        _span(module),
        run.evaluated - before,
        attributes,
        LazyFields({name: lambda name=name: finished(output(scope, name)) for name in module.outputs}),  # type: ignore[misc] # bound early
        tuple(found),
        scope.deployment.given.environment,
        tuple(file.source.span(0, 0) for each in scope.deployment.given.var_files if (file := run.library.var_file(each)) is not None),
        scope.deployment.given.implied,
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
    guard = body.lifecycle().get("prevent_destroy")
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
        provider, span = provider_for(scope, declaration, body, instance.bindings)
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
        for instance in provider_instances(scope, declaration):
            name = (f"{local}.{alias}" if alias else local) + instance.suffix
            if local in ("aws", "awscc"):
                made = provider_of(scope, name, name, declaration.header)
                yield ProviderConfiguration(name, made.region, made.account, declaration.header)
            else:
                nowhere = Absent(Written(declaration.header))
                yield ProviderConfiguration(name, nowhere, nowhere, declaration.header)
