"""Units: the directories that Terragrunt runs Terraform for, each a module with inputs of its own."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from drpolicy.catalog.interfaces import Interface, NotDescribed
from drpolicy.model.provenance import Through, Written
from drpolicy.model.reasons import Reason
from drpolicy.model.records import dataclass, field, replace
from drpolicy.model.resources import BackendSettings, ModuleCall
from drpolicy.model.spans import Span
from drpolicy.model.values import Known, Object, Unknown, Value
from drpolicy.sources.problems import Problem
from drpolicy.sources.reading import read_source
from drpolicy.terraform.account import Coverage
from drpolicy.terraform.blocks import FileSyntax
from drpolicy.terraform.files import STUB, Module, TerraformProblem
from drpolicy.terraform.index import index
from drpolicy.terraform.modules import installed_modules
from drpolicy.terraform.references import output
from drpolicy.terraform.scope import Deployment, Inputs, Run, Scope
from drpolicy.terraform.shapes import LazyFields
from drpolicy.terraform.terragrunt.configuration import UNIT_FILE, Configuration, configuration_scope
from drpolicy.terraform.terragrunt.functions import functions_of
from drpolicy.terraform.terragrunt.inputs import merged_inputs, own_names
from drpolicy.terraform.terragrunt.module import backend_of, generated, generated_variables, module_of, module_resolver
from drpolicy.terraform.terragrunt.paths import portable
from drpolicy.terraform.terragrunt.references import resolver_of
from drpolicy.terraform.terragrunt.sources import UnitSource, unit_source, unresolved
from drpolicy.terraform.terragrunt.var_files import VarFile, var_files
from drpolicy.terraform.unknowns import with_origin
from drpolicy.terraform.variables import root_inputs, var_file

STACK_FILE = "terragrunt.stack.hcl"


@dataclass(frozen=True, slots=True, eq=False)
class Unit:
    """One unit: ``scope`` is its module with its inputs, which is empty but for generated files when the module is not there."""

    directory: str
    scope: Scope
    module: str | None
    """The directory of its module, when that is in the tree."""

    call: ModuleCall | None
    """What is said of a module that is not in the tree."""

    why: Unknown | None
    backend: BackendSettings | None
    span: Span

    @property
    def name(self) -> str:
        return self.scope.deployment.name


@dataclass(slots=True, eq=False)
class Units:
    """The Terragrunt files of a tree: each is read once, each unit built when it is asked for."""

    run: Run
    tfvars: frozenset[str]
    texts: Mapping[str, str] = field(default_factory=dict)
    """What ``TF_VAR_name`` says of each name."""

    given: Mapping[str, Inputs] = field(default_factory=dict)
    """Further inputs of a unit, by its directory."""

    everywhere: Inputs = field(default_factory=Inputs)
    """Inputs of all units, after those."""

    files: dict[str, FileSyntax | None] = field(default_factory=dict)
    templates: set[str] = field(default_factory=set)
    _units: dict[str, Unit | None] = field(default_factory=dict)
    _building: set[str] = field(default_factory=set)
    _configurations: dict[tuple[str, str], Configuration] = field(default_factory=dict)

    @property
    def environment(self) -> Mapping[str, str]:
        return {f"TF_VAR_{name}": text for name, text in self.texts.items()}

    def file(self, path: str) -> FileSyntax | None:
        """Return the structure of a file, which is read once; ``None`` when it cannot be read."""
        if path not in self.files:
            source = read_source(self.run.tree, path)
            if isinstance(source, Problem):
                self.files[path] = None
                self.report(TerraformProblem(source.path, source.code, source.message, source.span))
            else:
                file = self.files[path] = index(source)
                for each in file.problems:
                    self.report(TerraformProblem(path, "hcl-syntax", each.message, source.span(each.start, each.end)))
        return self.files[path]

    def needs_values(self, origin: str) -> None:
        """Note that a unit needs values which only a stack gives it: it is a template of units."""
        self.templates.add(origin)

    def report(self, problem: TerraformProblem) -> None:
        """Add a problem, unless it is known."""
        self.run.report(problem)

    def scope(self, configuration: Configuration) -> Scope:
        """Return the scope in which the expressions of a configuration are evaluated."""
        return configuration_scope(configuration, resolver_of(configuration), functions_of(configuration))

    def configuration(self, path: str, origin: str) -> Configuration | None:
        """Return a file as the unit in ``origin`` reads it: relative paths begin in the file's own directory."""
        key = (path, origin)
        if key not in self._configurations:
            file = self.file(path)
            if file is None:
                return None
            self._configurations[key] = Configuration(self, file, posixpath.dirname(path), origin)
        return self._configurations[key]

    def outputs(self, directory: str, span: Span) -> Value[Any]:
        """Return the outputs of the unit in a directory, as far as its module says what they are."""
        unit = self.unit(directory)
        symbol = f"{directory or 'root'}//outputs"
        if directory in self._building:
            return Unknown(Reason.CYCLE, symbol, Written(span))
        if unit is None:
            return Unknown(Reason.OUTSIDE_SCOPE, symbol, Written(span))
        if unit.why is not None:
            return Unknown(unit.why.reason, symbol, Written(span), root=unit.why.cause)
        scope = unit.scope

        def given(name: str) -> Any:
            header = scope.module.outputs[name].header
            return lambda: _through(output(scope, name), f"{unit.name} outputs.{name}", header)

        # What is applied may be another version of the module, with outputs that this one does not have.
        rest = Unknown(Reason.COMPUTED, symbol, Written(span))
        return Known(Object(LazyFields({name: given(name) for name in scope.module.outputs}), rest), Written(span))

    def unit(self, directory: str) -> Unit | None:
        """Return the unit in a directory; ``None`` when there is none, or while it is being built."""
        if directory in self._units:
            return self._units[directory]
        if directory in self._building:
            return None
        configuration = self.configuration(posixpath.join(directory, UNIT_FILE), directory) if self._holds(directory) else None
        if configuration is None:
            self._units[directory] = None
            return None
        self._building.add(directory)
        try:
            unit = self._built(directory, configuration)
        finally:
            self._building.discard(directory)
        self._units[directory] = unit
        return unit

    def counted(self, coverage: Coverage, paths: Iterable[str]) -> Coverage:
        """Add how many Terragrunt files were read, and how many of those that were discovered were not."""
        if not self._units and not any(posixpath.basename(path) == STACK_FILE for path in paths):
            return coverage
        read = sum(file is not None for file in self.files.values())
        return replace(coverage, terragrunt=read, not_read=sum(self.files.get(path) is None for path in paths))

    def _holds(self, directory: str) -> bool:
        return self.run.tree.exists(posixpath.join(directory, UNIT_FILE))

    def _built(self, directory: str, configuration: Configuration) -> Unit | None:
        name = directory or "root"
        source = unit_source(configuration)
        beside = self.run.library.get(directory)
        module = beside if source is None else self._module(source)
        if module is None and source is None:
            return None
        made = generated(configuration)
        own = beside.files if beside is not None and source is not None else ()
        whole = module_of(module.path if module is not None else directory, module.files if module is not None else (), own, made)
        inputs = merged_inputs(configuration)
        call = _call(name, configuration, source, module, inputs.value) if source is not None else None
        why = unresolved(configuration, source) if source is not None and module is None else None
        where = directory if whole.stub else whole.path
        scope = Scope(self.run, Deployment(name, where, {}, installed_modules(self.run.tree, where)), whole, module_resolver(made))
        scope.deployment.inputs = self._inputs(directory, whole, inputs.value, dict(generated_variables(made)), var_files(configuration))
        place = module.path if module is not None and not module.stub else None
        return Unit(directory, scope, place, call, why, backend_of(configuration), configuration.start)

    def _described(self, source: UnitSource) -> Module | None:
        """Return the stub of a module that is not on disk, for the version that is asked for."""
        found = self.run.stubs.find(source.address, source.version)
        match found:
            case Interface():
                return self.run.stubs.module(f"{STUB}{found.directory}", source.span, str(found))
            case NotDescribed(why):
                message = f"terraform.source ({source.address}) is not on disk, and {why}"
                self.report(TerraformProblem(source.span.path, "module-interface", message, source.span))
        return None

    def _module(self, source: UnitSource) -> Module | None:
        if source.directory is None:
            return self._described(source) if source.why is None else None
        module = self.run.library.get(source.directory)
        if module is None:
            shown = f"{source.directory or '.'} holds no Terraform files"
            self.report(TerraformProblem(source.span.path, "module-missing", f"terraform.source: {shown}", source.span))
        return module

    def _inputs(
        self, directory: str, module: Module, inputs: Object, files: Mapping[str, Any], further_files: Iterable[VarFile]
    ) -> Mapping[str, Any]:
        """Return what is given to the module's variables. Terragrunt's inputs are environment variables, so var-files win over them."""
        further = self.given.get(directory, Inputs())
        together = Inputs(further.var_files + self.everywhere.var_files, {**further.variables, **self.everywhere.variables})
        over: dict[str, Any] = {}
        for place in dict.fromkeys((module.path, directory)):
            over |= root_inputs(place, self.tfvars, Inputs(), {}, self.run.library)
        over |= files
        for each in further_files:
            if each.why is not None:
                over |= dict.fromkeys(module.variables, each.why)
            over |= each.given if each.path is None else var_file(each.path, self.run.library)
        over |= root_inputs(directory, (), together, {}, self.run.library)
        found: dict[str, Any] = {}
        for name in module.variables:
            if name in over:
                found[name] = _constant(over[name])
            elif name in inputs.fields:
                found[name] = _portable(inputs, name)
            elif inputs.rest is not None:
                found[name] = _constant(inputs.get(name, inputs.rest.origin))
        return LazyFields(found)


def _call(name: str, configuration: Configuration, source: UnitSource, module: Module | None, inputs: Object) -> ModuleCall | None:
    """Return what is said of a module that is not in the tree, with all that it is given."""
    if module is not None and not module.stub:
        return None
    given = Object(LazyFields({each: _portable(inputs, each) for each in inputs.fields}), inputs.rest)
    if module is None:
        return ModuleCall(name, "terraform.source", source.address, source.span, "unresolved", given)
    # Inputs that the parents give to every unit mean nothing to most of them, and Terraform passes over them.
    undeclared = tuple(each for each in own_names(configuration) if each not in module.variables)
    span = replace(source.span, interface=module.interface)
    return ModuleCall(name, "terraform.source", source.address, span, "stubbed", given, undeclared)


def _portable(inputs: Object, name: str) -> Any:
    return lambda: portable(inputs.fields[name])


def _constant(value: Any) -> Any:
    return lambda: value


def _through(value: Value[Any], what: str, span: Span) -> Value[Any]:
    return with_origin(value, Through(what, span, value.origin))


def find_units(units: Units, paths: Iterable[str]) -> Iterator[Unit]:
    """Yield the units among the files that were discovered: those that are not there only to be included by others."""
    candidates = [path for path in paths if posixpath.basename(path) == UNIT_FILE]
    included: set[str] = set()
    including: set[str] = set()
    for path in candidates:
        configuration = units.configuration(path, posixpath.dirname(path))
        units.run.steps = 0
        for include in configuration.includes() if configuration is not None else ():
            including.add(path)
            if include.path is not None:
                included.add(include.path)
    for path in candidates:
        if path not in included or path in including:
            units.run.steps = 0
            unit = units.unit(posixpath.dirname(path))
            if unit is not None:
                yield unit
    for path in paths:
        name = posixpath.basename(path)
        if name == STACK_FILE:
            message = f"{path} was not read: run terragrunt stack generate and check the units that it writes"
            units.report(TerraformProblem(path, "terragrunt-stack", message))
        elif name == UNIT_FILE + ".json":
            units.report(TerraformProblem(path, "terragrunt-json", f"{path} was not read: it is Terragrunt's JSON syntax"))
