"""From paths to everything that was read: the first stages of the pipeline, run in order."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path

from drpolicy.app.configured import clusters_of, configuration_of, elsewhere, in_scope, label_names, root_inputs
from drpolicy.app.configured_paths import RENDERED, not_roots
from drpolicy.app.evidence import confirmed
from drpolicy.app.plan_files import listed_plans, shown_path, within
from drpolicy.app.reading_problems import diagnostics_of, skipped
from drpolicy.app.remembered import Remembered, remembered
from drpolicy.app.settings import Settings
from drpolicy.app.standard_input import with_standard_input
from drpolicy.app.wanted_types import wanted_types
from drpolicy.catalog.interfaces import built_in_interfaces
from drpolicy.catalog.load import built_in_catalog
from drpolicy.declarations.documents import Configuration, Declarations, ProtectionDeclaration
from drpolicy.declarations.load import is_declaration, load_declarations
from drpolicy.declarations.misnamed import misnamed
from drpolicy.kubernetes.manifests import ManifestEstate, load_manifests
from drpolicy.model.estate import Inference
from drpolicy.model.findings import Diagnostic
from drpolicy.model.records import dataclass, field, replace
from drpolicy.model.resources import Resource
from drpolicy.model.spans import Source
from drpolicy.model.values import Known
from drpolicy.recovery.contexts import MAX_AGE, read_context
from drpolicy.recovery.inputs import Inputs, RunbookFile
from drpolicy.sources.directories import DirectoryTree
from drpolicy.sources.discovery import Discovery, discover
from drpolicy.sources.documents import Document
from drpolicy.sources.git import find_repository_root
from drpolicy.sources.history import git_history
from drpolicy.sources.markdown import Markdown, broken_links
from drpolicy.sources.memory import Memory
from drpolicy.sources.problems import Problem
from drpolicy.sources.reading import Sources, decoded, read_source
from drpolicy.sources.trees import SIZE_LIMIT, MemoryTree, OverlayTree, Tree
from drpolicy.terraform.estate import TerraformEstate
from drpolicy.terraform.plans.attaching import PlanFile
from drpolicy.terraform.scope import Inputs as RootInputs


@dataclass(frozen=True, slots=True)
class Read:
    """Everything that was read, before anything is judged."""

    root: Path
    tree: Tree
    sources: Sources
    """Its YAML and JSON files, as they were read."""
    scopes: tuple[str, ...]
    discovery: Discovery
    configuration: Configuration | None
    base: str
    """Directory of the configuration, relative to the root of the tree."""
    terraform: TerraformEstate
    manifests: ManifestEstate
    declarations: Declarations
    inputs: Inputs
    diagnostics: tuple[Diagnostic, ...] = field(default_factory=tuple)
    remembered: Remembered = field(default_factory=Remembered)


def read(settings: Settings) -> Read:
    """Read the paths of a run. Trouble with any file is a diagnostic and costs that file only."""
    paths = settings.paths or (settings.cwd,)
    root = find_repository_root(paths[0].resolve(), settings.cwd)
    scopes = tuple(relative_to_root(path.resolve(), root) for path in paths)
    config = relative_to_root(settings.config.resolve(), root) if settings.config is not None else ""
    var_files = tuple(relative_to_root(path.resolve(), root) for path in settings.var_files)
    directories = tuple(scope if path.is_dir() else posixpath.dirname(scope) for scope, path in zip(scopes, paths, strict=True))
    tree: Tree = DirectoryTree(root)
    if settings.standard_input is not None:
        tree = OverlayTree(MemoryTree({_rendered_path(settings.standard_input): settings.standard_input}), tree)
        scopes = (RENDERED, *scopes) if settings.paths else (RENDERED,)
    memory = remembered(settings.cache, root)
    plans = tuple(replace(each, path=shown_path(each.path, settings.cwd, root)) for each in settings.plans)
    given = (var_files, settings.variables, settings.environment, plans)
    found = read_tree(tree, root, scopes, directories[0], config, *given, memory, settings.every_type)
    if settings.standard_input is not None:
        told = with_standard_input(found.diagnostics, _rendered_path(settings.standard_input), settings.standard_input)
        found = replace(found, diagnostics=told)
    found = with_definitions(found, settings.definitions)
    if settings.mode == "audit" and (found.inputs.runbooks or found.declarations.evidence):
        # Asked for where it is judged: what changed when costs a call of git for each file.
        found = replace(found, inputs=replace(found.inputs, history=git_history(root, settings.as_of)))
    return with_contexts(found, [_context_source(path, root) for path in settings.contexts], settings.as_of)


def with_definitions(found: Read, definitions: tuple[Source, ...]) -> Read:
    """Return what was read, its Velero objects held against the user's own definitions if there are any."""
    if not definitions:
        return found
    from drpolicy.kubernetes.custom_definitions import definitions_in, field_problems

    problems = field_problems(found.inputs.manifests, definitions_in(definitions))
    return replace(found, inputs=replace(found.inputs, field_problems=problems))


def _rendered_path(data: bytes) -> str:
    return f"{RENDERED}/rendered.{'json' if data.lstrip()[:1] == b'{' else 'yaml'}"


def with_contexts(found: Read, sources: Iterable[Source | Problem], as_of: date) -> Read:
    """Return what was read, together with what other repositories exported."""
    diagnostics: list[Diagnostic] = []
    resources: list[Resource] = []
    counted: list[Inference] = []
    protections: list[ProtectionDeclaration] = []
    limit = found.configuration.scope.context_max_age if found.configuration is not None else None
    for source in sources:
        if isinstance(source, Problem):
            diagnostics.append(Diagnostic("error", "context-invalid", source.message, source.span, source.path, "invalid"))
            continue
        context = read_context(source, as_of, limit.value if isinstance(limit, Known) else MAX_AGE)
        diagnostics.extend(context.diagnostics)
        resources.extend(context.resources)
        counted.extend(context.counted)
        protections.extend(context.protections)
    declared = found.inputs.declarations
    joined = replace(declared, protections=(*declared.protections, *protections))
    inputs = replace(found.inputs, context=tuple(resources), inferences=tuple(counted), declarations=joined)
    return replace(found, inputs=inputs, diagnostics=(*found.diagnostics, *diagnostics))


def _context_source(path: Path, root: Path) -> Source | Problem:
    """Read an export: the one input that may lie outside of the repository."""
    name = relative_to_root(path.resolve(), root)
    try:
        data = path.read_bytes() if path.stat().st_size <= SIZE_LIMIT else None
    except OSError as problem:
        return Problem(name, "file-unreadable", f"{name} was not read: {problem.strerror}")
    return Problem(name, "file-too-large", f"{name} is larger than {SIZE_LIMIT:,} bytes") if data is None else decoded(name, data)


def read_tree(
    tree: Tree,
    root: Path = Path(),
    scopes: tuple[str, ...] = ("",),
    directory: str = "",
    config: str = "",
    var_files: tuple[str, ...] = (),
    variables: Mapping[str, str] | None = None,
    environment: Mapping[str, str] | None = None,
    plans: tuple[PlanFile, ...] = (),
    memory: Remembered | None = None,
    every_type: bool = False,
) -> Read:
    """Read what stands under ``scopes`` of a tree. The configuration is ``config``, else the nearest from ``directory`` upwards.

    ``plans`` come before those that the configuration names.
    """
    memory = memory or Remembered()
    discovery = _merged([discover(tree, scope) for scope in scopes])
    configuration, base, diagnostics = configuration_of(tree, config, directory, memory.documents)
    discovery = in_scope(discovery, configuration, base)
    listed, unread = listed_plans(tree, configuration, base, {each.root for each in plans})
    plans = (*plans, *listed)
    # What is read as a plan is no manifest.
    discovery = replace(discovery, json=tuple(path for path in discovery.json if path not in {each.path for each in plans}))
    given = root_inputs(tree, configuration, base)
    terraform = _terraform(tree, discovery, given, var_files, variables or {}, environment or {}, memory, plans, every_type)
    if configuration is not None:
        files = (*discovery.terraform, *discovery.terragrunt)
        diagnostics = (*diagnostics, *not_roots(configuration, base, files, {root.path for root in terraform.roots}))
    sources = Sources(tree)
    manifests = load_manifests(sources, (*discovery.yaml, *discovery.json), clusters_of(configuration, base), terraform.roots)
    declarations = confirmed(tree, _declarations(sources, discovery, memory.documents), base)
    inputs = Inputs(
        roots=terraform.roots,
        manifests=manifests.resources,
        clusters=manifests.clusters,
        declarations=declarations,
        tiers=configuration.tiers if configuration is not None else {},
        runbooks=_runbooks(tree, declarations, base),
        recovery_times=configuration.recovery_times if configuration is not None else {},
        tags=label_names(configuration.tags if configuration is not None else None),
        annotations=label_names(configuration.annotations if configuration is not None else None),
        elsewhere=elsewhere(configuration),
    )
    problems = (*diagnostics_of(terraform.problems), *diagnostics_of(manifests.problems), *skipped(discovery))
    return Read(
        root,
        tree,
        sources,
        scopes,
        discovery,
        configuration,
        base,
        terraform,
        manifests,
        declarations,
        inputs,
        (*diagnostics, *unread, *declarations.diagnostics, *misnamed(declarations, configuration), *problems),
        memory,
    )


def relative_to_root(path: Path, root: Path) -> str:
    """Return a path as the tree of a run names it; as it stands when it lies outside."""
    text = path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix()
    return "" if text == "." else text


def _merged(found: list[Discovery]) -> Discovery:
    if len(found) == 1:
        return found[0]
    names = ("terraform", "tfvars", "terragrunt", "yaml", "json", "markdown", "configs", "charts", "helm_templates", "skipped")
    parts = {name: tuple(dict.fromkeys(each for one in found for each in getattr(one, name))) for name in names}
    return Discovery(**parts, other=sum(one.other for one in found))


def _terraform(
    tree: Tree,
    discovery: Discovery,
    inputs: Mapping[str, tuple[RootInputs, ...]],
    var_files: tuple[str, ...],
    variables: Mapping[str, str],
    environment: Mapping[str, str],
    memory: Remembered,
    plans: tuple[PlanFile, ...],
    every_type: bool,
) -> TerraformEstate:
    if not (discovery.terraform or discovery.terragrunt or discovery.tfvars or inputs or plans):
        return TerraformEstate()
    # A tree without Terraform is read without what evaluates it: eighty modules.
    from drpolicy.terraform.load import load_terraform

    return load_terraform(
        tree,
        discovery,
        wanted=wanted_types(tree, discovery, every_type),
        inputs=inputs,
        var_files=var_files,
        variables=variables,
        environment=environment,
        learned=memory.terraform,
        plans=plans,
        computed=built_in_catalog().computed,
        stubs=built_in_interfaces().find,
    )


def _declarations(sources: Sources, discovery: Discovery, memory: Memory) -> Declarations:
    found: list[Document] = []
    diagnostics: list[Diagnostic] = []
    for path in discovery.yaml:
        source = sources.read(path)
        if isinstance(source, Problem) or not is_declaration(source.text):
            continue
        from drpolicy.sources.yaml_documents import documents

        read_documents = documents(source, wanted=is_declaration)
        found.extend(read_documents)
        diagnostics.extend(
            Diagnostic("error", "declaration-invalid", each.message, each.span, path, "invalid") for each in read_documents.problems
        )
    declared = load_declarations(found, memory)
    return Declarations(declared.services, declared.evidence, declared.protections, (*diagnostics, *declared.diagnostics))


def _runbooks(tree: Tree, declarations: Declarations, base: str) -> dict[str, RunbookFile]:
    """Return the runbooks that exist. A path is relative to the configuration, to the repository, or to the declaration."""
    found: dict[str, RunbookFile] = {}
    for service in declarations.services:
        if not isinstance(service.runbook, Known):
            continue
        for directory in (base, "", posixpath.dirname(service.span.path)):
            path = within(directory, service.runbook.value.partition("#")[0])
            source = read_source(tree, path) if tree.exists(path) else None
            if isinstance(source, Source):
                document = Markdown(source)
                found[service.name] = RunbookFile(document, tuple(broken_links(document, tree)))
                break
    return found
