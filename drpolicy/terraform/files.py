"""Which files make a module, and what its declarations are: override files are merged in, positions stay with their files."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from drpolicy.model.patterns import deferred
from drpolicy.model.records import dataclass, field
from drpolicy.model.spans import InterfaceSource, Source, Span
from drpolicy.sources.problems import Problem
from drpolicy.sources.reading import read_source
from drpolicy.sources.trees import Tree, normalised
from drpolicy.terraform.blocks import AttributeSyntax, BlockSyntax, FileSyntax
from drpolicy.terraform.index import index
from drpolicy.terraform.json_structure import json_index, json_var_file

SUFFIXES = (".tf", ".tofu", ".tf.json", ".tofu.json")
STUB = "stub:"
"""What the paths of stub modules begin with."""

_OVERRIDE = deferred(r"(?:^|[/_])override\.(?:tf|tofu)(?:\.json)?$")
_TOFU = deferred(r"\.tofu(?=$|\.json$)")


@dataclass(frozen=True, slots=True)
class TerraformProblem:
    """What is wrong with Terraform input, and where.

    Codes: ``hcl-syntax``, ``hcl-expression``, ``terraform-json``, ``module-missing``, ``module-interface``, ``module-cycle``,
    ``reference-cycle``, ``var-file``, ``limit-reached``, ``terragrunt-attribute``, ``terragrunt-generate``, ``terragrunt-include``,
    ``terragrunt-json``, ``terragrunt-outside``, ``terragrunt-stack``, and those of ``drpolicy.sources.problems``. ``terraform-json`` is
    a file in JSON syntax that is not what Terraform reads.
    """

    path: str
    code: str
    message: str
    span: Span | None = None


class Expr(NamedTuple):
    """An attribute together with the file it is written in."""

    file: FileSyntax
    syntax: AttributeSyntax

    @property
    def span(self) -> Span:
        return self.file.source.span(self.syntax.value_start, self.syntax.value_end)

    @property
    def text(self) -> str:
        return self.file.source.text[self.syntax.value_start : self.syntax.value_end]


@dataclass(frozen=True, slots=True)
class Body:
    """The content of a block: its attributes and nested blocks, each with its file."""

    header: Span
    attributes: Mapping[str, Expr]
    blocks: tuple[tuple[FileSyntax, BlockSyntax], ...]

    def nested(self, type_: str) -> Body | None:
        """Return the first nested block of a type."""
        return next((body_of(file, block) for file, block in self.blocks if block.type == type_), None)

    def lifecycle(self) -> Mapping[str, Expr]:
        """Return the arguments of ``lifecycle``: the one block that an override file adds to rather than replaces."""
        found: dict[str, Expr] = {}
        for file, block in self.blocks:
            if block.type == "lifecycle":
                found |= body_of(file, block).attributes
        return found


@dataclass(frozen=True, slots=True)
class Declaration:
    """A top-level block, and the blocks of override files that change it."""

    file: FileSyntax
    block: BlockSyntax
    overrides: tuple[tuple[FileSyntax, BlockSyntax], ...] = ()

    @property
    def header(self) -> Span:
        return self.file.header(self.block)

    @property
    def extent(self) -> Span:
        return self.file.source.span(self.block.start, self.block.end)

    def body(self) -> Body:
        """Return the merged content: an override replaces attributes by name, and nested blocks by the type that they are or make.

        ``lifecycle`` is kept beside the override's (Terraform, "Override files", 2026-11).
        """
        body = body_of(self.file, self.block)
        for file, block in self.overrides:
            over = body_of(file, block)
            replaced = {made_by(nested) for _, nested in over.blocks} - {"lifecycle"}
            kept = tuple(pair for pair in body.blocks if made_by(pair[1]) not in replaced)
            body = Body(body.header, {**body.attributes, **over.attributes}, kept + over.blocks)
        return body


def made_by(block: BlockSyntax) -> str:
    """Return the type of a nested block once ``dynamic`` is expanded."""
    return block.labels[0] if block.type == "dynamic" and block.labels else block.type


def body_of(file: FileSyntax, block: BlockSyntax) -> Body:
    """Return the content of one block of a file."""
    attributes = {each.name: Expr(file, each) for each in block.attributes}
    return Body(file.header(block), attributes, tuple((file, nested) for nested in block.blocks))


@dataclass(frozen=True, slots=True, eq=False)
class Module:
    """The declarations of one directory. Resources are keyed ``type.name``, providers by name and alias."""

    path: str
    files: tuple[FileSyntax, ...]
    variables: Mapping[str, Declaration]
    locals: Mapping[str, Expr]
    outputs: Mapping[str, Declaration]
    resources: Mapping[str, Declaration]
    data: Mapping[str, Declaration]
    calls: Mapping[str, Declaration]
    providers: Mapping[tuple[str, str], Declaration]
    settings: tuple[Declaration, ...]
    moved: tuple[Declaration, ...]
    attributes: int

    @property
    def stub(self) -> bool:
        """Whether it describes a module that is not on disk."""
        return self.path.startswith(STUB)

    @property
    def interface(self) -> str:
        """What a stub module was written from, for the reader; empty for a module that is on disk."""
        source = self.files[0].source if self.files else None
        return source.interface if isinstance(source, InterfaceSource) else ""


_KEYED: dict[str, tuple[str, int]] = {
    "variable": ("variables", 1),
    "output": ("outputs", 1),
    "resource": ("resources", 2),
    "data": ("data", 2),
    "module": ("calls", 1),
}


def build_module(path: str, files: Iterable[FileSyntax]) -> Module:
    """Return the module that files make. Of two declarations of one name the first counts, as both cannot be applied."""
    ordered = sorted(files, key=lambda file: (_OVERRIDE.search(file.source.path) is not None, file.source.path))
    tables: dict[str, dict[str, Declaration]] = {table: {} for table, _ in _KEYED.values()}
    values: dict[str, Expr] = {}
    providers: dict[tuple[str, str], Declaration] = {}
    settings: list[Declaration] = []
    moved: list[Declaration] = []
    count = 0
    for file in ordered:
        override = _OVERRIDE.search(file.source.path) is not None
        for block in file.blocks:
            count += _attributes(block)
            if block.type == "locals":
                for each in block.attributes:
                    if override or each.name not in values:
                        values[each.name] = Expr(file, each)
            elif block.type == "provider" and block.labels:
                alias = block.attribute("alias")
                key = (block.labels[0], "" if alias is None else file.source.text[alias.value_start : alias.value_end].strip('"'))
                providers[key] = _declared(providers.get(key), file, block, override)
            elif block.type == "terraform":
                # What an override file says counts first, the last of several before the others.
                settings.insert(0 if override else len(settings), Declaration(file, block))
            elif block.type == "moved":
                moved.append(Declaration(file, block))
            elif (known := _KEYED.get(block.type)) is not None and len(block.labels) == known[1]:
                table, name = tables[known[0]], ".".join(block.labels)
                table[name] = _declared(table.get(name), file, block, override)
    return Module(
        path, tuple(ordered), locals=values, providers=providers, settings=tuple(settings), moved=tuple(moved), attributes=count, **tables
    )


def _declared(known: Declaration | None, file: FileSyntax, block: BlockSyntax, override: bool) -> Declaration:
    if known is None:
        return Declaration(file, block)
    return Declaration(known.file, known.block, (*known.overrides, (file, block))) if override else known


def _attributes(block: BlockSyntax) -> int:
    count, pending = 0, [block]
    while pending:
        one = pending.pop()
        count += len(one.attributes)
        pending += one.blocks
    return count


@dataclass(slots=True, eq=False)
class ModuleLibrary:
    """The modules of a tree, each read the first time it is asked for."""

    tree: Tree
    known: dict[str, tuple[str, ...]]
    """The Terraform files of each directory that was discovered."""

    problems: list[TerraformProblem] = field(default_factory=list)
    modules: dict[str, Module | None] = field(default_factory=dict)
    read: Callable[[Tree, str], Source | Problem] = read_source
    var_files: dict[str, FileSyntax | None] = field(default_factory=dict)
    index: Callable[[Source], FileSyntax] = index

    def get(self, path: str) -> Module | None:
        """Return the module in a directory; ``None`` when the directory holds no Terraform files."""
        if path not in self.modules:
            paths = self.known.get(path)
            if paths is None:
                depth = path.count("/") + 1 if path else 0
                paths = tuple(
                    each for each in self.tree.list(path) if each.count("/") == depth and each.endswith(SUFFIXES) and not is_ignored(each)
                )
            self.modules[path] = self._load(path, paths) if paths else None
        return self.modules[path]

    def _load(self, path: str, paths: tuple[str, ...]) -> Module:
        files: list[FileSyntax] = []
        # OpenTofu reads x.tofu instead of x.tf, and x.tofu.json instead of x.tf.json.
        shadowed = {_TOFU.sub(".tf", each) for each in paths if _TOFU.search(each)}
        for each in paths:
            if each not in shadowed and (file := self.index_file(each)) is not None:
                files.append(file)
        return build_module(path, files)

    def var_file(self, path: str) -> FileSyntax | None:
        """Return the structure of a var-file, read once however many roots are given it; as ``index_file``."""
        if path not in self.var_files:
            self.var_files[path] = self.index_file(path)
        return self.var_files[path]

    def index_file(self, path: str) -> FileSyntax | None:
        """Return the structure of one file; trouble with it is added to ``problems``."""
        source = self.read(self.tree, path)
        if isinstance(source, Problem):
            self.problems.append(TerraformProblem(source.path, source.code, source.message, source.span))
            return None
        structure, code = self._structure(path)
        file = structure(source)
        self.problems += [TerraformProblem(path, code, each.message, source.span(each.start, each.end)) for each in file.problems]
        return file

    def _structure(self, path: str) -> tuple[Callable[[Source], FileSyntax], str]:
        """Return what reads a file, by its name, and the code of the problems that it has."""
        if path.endswith(".tfvars.json"):
            return json_var_file, "var-file"
        return (json_index, "terraform-json") if path.endswith(".json") else (self.index, "hcl-syntax")


def is_ignored(path: str) -> bool:
    """Whether Terraform passes over a file by its name: hidden ones, and those that editors leave."""
    name = path.rpartition("/")[2]
    return name.startswith(".") or name.endswith("~") or (name.startswith("#") and name.endswith("#"))


def by_directory(paths: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Group the paths of Terraform files by directory."""
    found: dict[str, list[str]] = {}
    for path in sorted(set(paths)):
        if is_ignored(path):
            continue
        found.setdefault(path.rpartition("/")[0], []).append(path)
    return {directory: tuple(names) for directory, names in found.items()}


_LOCAL_SOURCE = deferred(r'"(\.{1,2}(?:/[^"$%\\]*)?)"')


def local_source(call: Declaration, directory: str) -> str | None:
    """Return the directory that a local ``source`` names; ``None`` when it is not local or leaves the tree."""
    source = call.body().attributes.get("source") if call.overrides else _attribute(call)
    found = _LOCAL_SOURCE.fullmatch(source.text.replace("\\/", "/")) if source is not None else None
    return None if found is None else normalised(posixpath.join(directory, found.group(1)) if directory else found.group(1))


def _attribute(call: Declaration) -> Expr | None:
    found = call.block.attribute("source")
    return None if found is None else Expr(call.file, found)
