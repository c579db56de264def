"""What ``drpolicy.yaml`` says, as the readers take it."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable

from drpolicy.app.configured_paths import empty, present_var_files, unmatched
from drpolicy.app.plan_files import within
from drpolicy.declarations.configuration import load_configuration
from drpolicy.declarations.documents import Configuration, LabelSettings
from drpolicy.kubernetes.clusters import ClusterDeclaration, matches
from drpolicy.model.findings import Diagnostic
from drpolicy.model.reasons import Reason
from drpolicy.model.records import replace
from drpolicy.model.values import Absent, Known, Unknown
from drpolicy.recovery.inputs import Elsewhere
from drpolicy.recovery.labels import LabelNames
from drpolicy.sources.discovery import Discovery
from drpolicy.sources.memory import Memory
from drpolicy.sources.problems import Problem
from drpolicy.sources.reading import read_source
from drpolicy.sources.trees import Tree
from drpolicy.terraform.scope import Inputs as RootInputs

CONFIG_NAMES = ("drpolicy.yaml", ".drpolicy.yaml")


def configuration_of(tree: Tree, config: str, directory: str, memory: Memory) -> tuple[Configuration | None, str, tuple[Diagnostic, ...]]:
    """Read the nearest configuration: the one named, else that of the scanned directory or of one above it."""
    if config:
        return _loaded(tree, config, memory)
    scope = directory
    while True:
        for name in CONFIG_NAMES:
            path = posixpath.join(directory, name)
            if tree.exists(path):
                return _loaded(tree, path, memory)
        if not directory:
            return None, scope, ()
        directory = posixpath.dirname(directory)


def _loaded(tree: Tree, path: str, memory: Memory) -> tuple[Configuration | None, str, tuple[Diagnostic, ...]]:
    from drpolicy.sources.yaml_documents import documents

    base = posixpath.dirname(path)
    source = read_source(tree, path, utf16=True)
    if isinstance(source, Problem):
        return None, base, (Diagnostic("error", "config-invalid", source.message, source.span, path, "invalid"),)
    found = documents(source)
    problems = tuple(Diagnostic("error", "config-invalid", each.message, each.span, path, "invalid") for each in found.problems)
    if not found.documents:
        return None, base, problems or (empty(source),)
    configuration, diagnostics = load_configuration(found.documents[0], memory)
    return configuration, base, (*problems, *diagnostics, *unmatched(tree, configuration, base))


def in_scope(discovery: Discovery, configuration: Configuration | None, base: str) -> Discovery:
    """Leave out what the configuration excludes."""
    if configuration is None or not configuration.scope.exclude:
        return discovery
    globs = [within(base, each.value) for each in configuration.scope.exclude if isinstance(each, Known)]

    def kept(paths: Iterable[str]) -> tuple[str, ...]:
        return tuple(path for path in paths if not any(matches(glob, path) for glob in globs))

    return replace(
        discovery,
        terraform=kept(discovery.terraform),
        tfvars=kept(discovery.tfvars),
        terragrunt=kept(discovery.terragrunt),
        yaml=kept(discovery.yaml),
        json=kept(discovery.json),
    )


def root_inputs(tree: Tree, configuration: Configuration | None, base: str) -> dict[str, tuple[RootInputs, ...]]:
    found: dict[str, list[RootInputs]] = {}
    for each in configuration.deployments if configuration is not None else ():
        if isinstance(each.path, Known):
            path = within(base, each.path.value)
            var_files = present_var_files(tree, each, base)
            name = each.name.value if isinstance(each.name, Known) else None
            environment, account = (None if isinstance(said, Absent) else said for said in (each.environment, each.account))
            found.setdefault(path, []).append(RootInputs(var_files=var_files, name=name, environment=environment, account=account))
    return {path: tuple(inputs) for path, inputs in found.items()}


def clusters_of(configuration: Configuration | None, base: str) -> tuple[ClusterDeclaration, ...]:
    return tuple(
        ClusterDeclaration(
            each.name, each.region, each.role, tuple(within(base, path.value) for path in each.paths if isinstance(path, Known))
        )
        for each in (configuration.clusters if configuration is not None else ())
    )


def label_names(given: LabelSettings | None) -> LabelNames:
    if given is None:
        return LabelNames()
    disruption = given.disruption.value if isinstance(given.disruption, Known) else ""
    return LabelNames(
        {says: tuple(each.value for each in names if isinstance(each, Known)) for says, names in given.names.items()}, disruption
    )


def elsewhere(configuration: Configuration | None) -> tuple[Elsewhere, ...]:
    found = configuration.scope.elsewhere if configuration is not None else ()
    known = [each for each in found if isinstance(each, Known)]
    return tuple(Elsewhere(each.value, Unknown(Reason.OUTSIDE_SCOPE, f"{each.value}, managed elsewhere", each.origin)) for each in known)
