"""Terraform roots to resources: the entry of the package."""

from __future__ import annotations

import posixpath
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

from drpolicy.catalog.interfaces import Interface, NotDescribed, interface_files
from drpolicy.model.provenance import Derived, Written
from drpolicy.model.records import replace
from drpolicy.model.resources import ModuleCall, Moved, ProviderConfiguration, Resource, TerraformRoot
from drpolicy.model.spans import Source, Span
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Object, Value
from drpolicy.sources.discovery import Discovery
from drpolicy.sources.trees import Tree
from drpolicy.terraform.account import account_of
from drpolicy.terraform.backends import backend_of
from drpolicy.terraform.bodies import finished, thunks
from drpolicy.terraform.estate import TerraformEstate
from drpolicy.terraform.evaluate import evaluate, written
from drpolicy.terraform.files import Declaration, Module, ModuleLibrary, TerraformProblem, by_directory
from drpolicy.terraform.instances import Instance
from drpolicy.terraform.learned import Learned
from drpolicy.terraform.modules import META_ARGUMENTS, Children, children, find_roots, installed_modules
from drpolicy.terraform.moved import moves
from drpolicy.terraform.plans.attaching import PlanFile, attached, facts, variables_of
from drpolicy.terraform.plans.documents import PlanDocument
from drpolicy.terraform.plans.roots import PlannedRoot
from drpolicy.terraform.providers import Provider, is_aws, provider_instances, provider_of, region_of
from drpolicy.terraform.references import expansion_of, output, provider_for, resolve, resource_object
from drpolicy.terraform.scope import Deployment, Inputs, Run, Scope
from drpolicy.terraform.shapes import LazyFields
from drpolicy.terraform.stubs import Stubs, nothing_described
from drpolicy.terraform.terragrunt.units import Unit, Units, find_units
from drpolicy.terraform.unknowns import origins
from drpolicy.terraform.var_file_sets import implied_inputs
from drpolicy.terraform.variables import root_inputs


def load_terraform(
    tree: Tree,
    discovered: Discovery | Iterable[str],
    *,
    wanted: Callable[[str], bool] = lambda type_: True,
    inputs: Mapping[str, tuple[Inputs, ...]] | None = None,
    var_files: tuple[str, ...] = (),
    variables: Mapping[str, str] | None = None,
    environment: Mapping[str, str] | None = None,
    stubs: Callable[[str, str | None], Interface | NotDescribed | None] = nothing_described,
    stub_files: Callable[[str], Iterable[Source]] = interface_files,
    learned: Learned | None = None,
    plans: Sequence[PlanFile] = (),
    computed: Callable[[str, str], bool] = lambda type_, name: False,
) -> TerraformEstate:
    """Evaluate every root among the Terraform files that were discovered, and every unit among the Terragrunt files.

    Never raises on bad input.

    ``wanted`` says which resource types are evaluated; the others are followed where an expression refers to them, and counted.
    ``inputs`` gives a root, by its path, one or more sets of inputs, each of which is a deployment. ``var_files`` and ``variables`` are
    given to all roots, after those; ``environment`` has what ``TF_VAR_name`` says of each name, and counts before all files. ``stubs``
    answers what describes a module which is not on disk, by source and version constraint, and ``stub_files`` the files of the
    directory that it names; Terragrunt's ``get_env`` sees the same environment. ``learned`` is what earlier runs know of the text of
    files. A root that one of ``plans`` is of has the resources of the plan or state; ``computed`` says which attributes of a type the
    provider fills in by itself.
    """
    with _deep_enough():
        texts = environment or {}
        knowledge = learned or Learned()
        described = Stubs(stubs, stub_files, knowledge.file)
        return _load(tree, discovered, wanted, inputs or {}, var_files, variables or {}, texts, described, knowledge, plans, computed)


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
    stubs: Stubs,
    learned: Learned,
    plans: Sequence[PlanFile],
    computed: Callable[[str, str], bool],
) -> TerraformEstate:
    paths = discovered.terraform if isinstance(discovered, Discovery) else tuple(discovered)
    terragrunt = discovered.terragrunt if isinstance(discovered, Discovery) else ()
    tfvars = frozenset(
        discovered.tfvars
        if isinstance(discovered, Discovery)
        else (path for path in tree.list() if path.endswith((".tfvars", ".tfvars.json")))
    )
    library = ModuleLibrary(tree, by_directory(paths), index=learned.file)
    run = Run(tree, library, learned.parser.parse, learned.parser.parse_template, evaluate, stubs)
    unread: dict[str, int] = {}
    units = Units(run, tfvars, environment, {path: one[0] for path, one in inputs.items() if one}, Inputs(var_files, variables))
    found = list(find_units(units, terragrunt))
    taken = {place for unit in found for place in (unit.directory, unit.module) if place is not None}
    implied = partial(_implied, tfvars=tfvars, given=Inputs(var_files, variables), environment=environment, library=library)
    deployments = list(_deployments(library, inputs, taken, implied))
    named = [*((name, path) for name, path, _, _ in deployments), *((unit.name, unit.directory) for unit in found)]
    documents = attached(plans, named, run.problems)
    for name, path, module, one in deployments:
        together = replace(one, var_files=one.var_files + var_files, variables={**one.variables, **variables}, name=name)
        document = documents.to.get(name)
        values = root_inputs(path, tfvars, together, environment, library) | (variables_of(document, name) if document is not None else {})
        run.roots.append(Scope(run, Deployment(name, path, values, installed_modules(tree, path), together), module, resolve))

    def planned(document: PlanDocument, name: str, path: str, beside: TerraformRoot | None) -> TerraformRoot:
        return PlannedRoot(document, name, path, beside, wanted, computed, run.problems, unread).root()

    roots: list[TerraformRoot] = []
    for scope in run.roots:
        name, path = scope.deployment.name, scope.deployment.path
        document = documents.to.get(name)
        made = _root(scope, wanted, unread if document is None else {})
        roots.append(made if document is None else planned(document, name, path, made))
    for unit in found:
        document = documents.to.get(unit.name)
        made = _unit(unit, units, wanted, unread if document is None else {})
        roots.append(made if document is None else planned(document, unit.name, unit.directory, made))
    roots += (planned(document, name, path, None) for name, path, document in documents.alone)
    roots = [_in_declared_environment(root, inputs.get(root.path, ())) for root in roots]
    run.problems += facts(documents)
    problems = tuple(sorted({*library.problems, *run.problems}, key=_place))
    files = {file.source.path: file for module in library.modules.values() if module is not None for file in module.files}
    every = (*files.values(), *(file for file in library.var_files.values() if file is not None))
    coverage = units.counted(account_of(every, run.outcomes, len(roots), run.evaluated, unread), terragrunt)
    return TerraformEstate(
        tuple(roots), problems, coverage, (*files.values(), *(file for file in units.files.values() if file is not None))
    )


def _deployments(
    library: ModuleLibrary,
    inputs: Mapping[str, tuple[Inputs, ...]],
    taken: Collection[str],
    implied: Callable[[str, Module], tuple[Inputs, ...]],
) -> Iterator[tuple[str, str, Module, Inputs]]:
    """Yield every root once for each of its sets of inputs: the name of the deployment, its path, its module, the inputs."""
    for path in find_roots(library, taken):
        module = library.get(path)
        if module is not None:
            given = inputs.get(path) or implied(path, module)
            for at, one in enumerate(given):
                yield one.name or ((path or "root") if len(given) == 1 else f"{path or 'root'}#{at + 1}"), path, module, one


def _in_declared_environment(root: TerraformRoot, given: tuple[Inputs, ...]) -> TerraformRoot:
    """Return a root that was read from elsewhere than its files in the environment that the configuration gives its path."""
    if root.environment is not None or len(given) != 1 or given[0].environment is None:
        return root
    return replace(root, environment=given[0].environment)


def _implied(
    path: str, module: Module, tfvars: Iterable[str], given: Inputs, environment: Mapping[str, str], library: ModuleLibrary
) -> tuple[Inputs, ...]:
    """Return the sets of inputs of a root that the configuration does not list: those that its var-files imply, else none but its own."""
    found = root_inputs(path, tfvars, given, environment, library)
    return implied_inputs(path, module, tfvars, found, library) or (Inputs(),)


def _place(problem: TerraformProblem) -> tuple[str, int, str, str]:
    return problem.path, problem.span.offset if problem.span is not None else -1, problem.code, problem.message


def _root(scope: Scope, wanted: Callable[[str], bool], unread: dict[str, int]) -> TerraformRoot:
    run, module = scope.run, scope.module
    run.steps = run.scopes = 0
    before = run.evaluated
    resources: list[Resource] = []
    calls: list[ModuleCall] = []
    found: list[Moved] = []
    attributes = 0
    pending = [scope]
    while pending:
        one = pending.pop()
        attributes += one.module.attributes if not one.module.stub else 0
        found += moves(one)
        for declarations, prefix in ((one.module.resources, ""), (one.module.data, "data.")):
            for name, declaration in declarations.items():
                if wanted(declaration.block.labels[0]):
                    resources += _resources(one, f"{prefix}{name}", declaration)
                elif many := _instances(one, f"{prefix}{name}", declaration):
                    unread[declaration.block.labels[0]] = unread.get(declaration.block.labels[0], 0) + many
        for name, call in one.module.calls.items():
            made = children(one, name, call)
            if made is not None:
                # The modules inside of an interface are its own business.
                calls += _calls(one, name, call, made) if not one.module.stub else ()
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


def _unit(unit: Unit, units: Units, wanted: Callable[[str], bool], unread: dict[str, int]) -> TerraformRoot:
    root = _root(unit.scope, wanted, unread)
    modules = root.modules if unit.call is None else (unit.call, *root.modules)
    template = unit.directory in units.templates
    return replace(root, path=unit.directory, library=template, modules=modules, backend=unit.backend or root.backend, span=unit.span)


def _instances(scope: Scope, address: str, declaration: Declaration) -> int:
    """Return how many instances a resource has or may have. Only an interface's are looked at: it has types that one call in many makes."""
    if not scope.module.stub or declaration.block.attribute("count") is None:
        return 1
    found = expansion_of(scope, address, declaration)
    return len(found[1].instances) if found is not None else 0


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
        span = replace(call.header, interface=made.interface)
        yield ModuleCall(scope.deployment.name, address, made.source, span, made.outcome, Object(given), made.undeclared)


def _providers(scope: Scope) -> Iterator[ProviderConfiguration]:
    for (local, alias), declaration in scope.module.providers.items():
        for instance in provider_instances(scope, declaration):
            name = (f"{local}.{alias}" if alias else local) + instance.suffix
            if local in ("aws", "awscc"):
                made = provider_of(scope, name, name, declaration.header)
                yield ProviderConfiguration(name, made.region, made.settings, declaration.header)
            else:
                nowhere = Absent(Written(declaration.header))
                yield ProviderConfiguration(name, nowhere, {"account": nowhere}, declaration.header)
