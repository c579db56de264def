"""One Terragrunt file as one unit sees it: its locals, what it includes, and what that makes of its blocks together."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol

from drpolicy.model.provenance import Written
from drpolicy.model.reasons import Reason
from drpolicy.model.records import dataclass
from drpolicy.model.spans import Span
from drpolicy.model.values import Absent, Known, Object, Unknown, Value
from drpolicy.terraform.blocks import BlockSyntax, FileSyntax
from drpolicy.terraform.evaluate import written
from drpolicy.terraform.files import Body, Expr, TerraformProblem, body_of, build_module
from drpolicy.terraform.functions.table import Function
from drpolicy.terraform.scope import Deployment, Resolver, Run, Scope, memoised
from drpolicy.terraform.shapes import LazyFields
from drpolicy.terraform.terragrunt.paths import located

UNIT_FILE = "terragrunt.hcl"


class Repository(Protocol):
    """What one load of a repository's Terragrunt files shares."""

    run: Run

    @property
    def environment(self) -> Mapping[str, str]:
        """The environment variables that are known."""
        ...

    def file(self, path: str) -> FileSyntax | None:
        """Return the structure of a file, which is read once; ``None`` when it cannot be read."""
        ...

    def outputs(self, directory: str, span: Span) -> Value[Any]:
        """Return the outputs of the unit in a directory."""
        ...

    def configuration(self, path: str, origin: str) -> Configuration | None:
        """Return a file that a unit reads with ``read_terragrunt_config``."""
        ...

    def needs_values(self, origin: str) -> None:
        """Note that a unit needs values which only a stack gives it."""
        ...

    def report(self, problem: TerraformProblem) -> None:
        """Add a problem, unless it is known."""
        ...

    def scope(self, configuration: Configuration) -> Scope:
        """Return the scope in which the expressions of a configuration are evaluated."""
        ...


@dataclass(frozen=True, slots=True)
class Include:
    """An ``include`` block. ``name`` is empty for the bare form; ``configuration`` is ``None`` when the file cannot be known."""

    name: str
    path: str | None
    configuration: Configuration | None
    strategy: str
    exposed: bool
    why: Unknown | None
    header: Span


@dataclass(slots=True, eq=False)
class Configuration:
    """A file in the context of a unit.

    ``directory`` is where relative paths begin and parent folders are looked for: the unit's, also in a file that it includes; that
    of the file itself in one read by ``read_terragrunt_config``. ``origin`` is the unit's directory in all of them.
    """

    repository: Repository
    file: FileSyntax
    directory: str
    origin: str
    child: Configuration | None = None
    """The configuration that includes this one."""

    _includes: tuple[Include, ...] | None = None
    _scope: Scope | None = None

    @property
    def scope(self) -> Scope:
        if self._scope is None:
            self._scope = self.repository.scope(self)
        return self._scope

    @property
    def path(self) -> str:
        return self.file.source.path

    @property
    def start(self) -> Span:
        """The place of the configuration as a whole: its first block, else the start of the file."""
        block = next((each for each in self.file.blocks if each.type == "terraform"), None) or next(iter(self.file.blocks), None)
        return self.file.header(block) if block is not None else self.file.source.span(0, 0)

    def blocks(self, type_: str) -> Iterator[BlockSyntax]:
        """Yield the blocks of a type in this file alone."""
        return (block for block in self.file.blocks if block.type == type_)

    def attribute(self, name: str) -> Expr | None:
        """Return an attribute at the top of this file alone."""
        found = next((each for each in self.file.attributes if each.name == name), None)
        return None if found is None else Expr(self.file, found)

    def includes(self) -> tuple[Include, ...]:
        """Return what this file includes, in the order written. An included file includes nothing itself."""
        if self._includes is None:
            self._includes = ()
            found = tuple(self._include(block) for block in self.blocks("include"))
            if self.child is not None and found:
                self.repository.report(
                    TerraformProblem(
                        self.path,
                        "terragrunt-include",
                        f"{self.path} is included and includes another file itself, which Terragrunt refuses; that one was not read",
                        found[0].header,
                    )
                )
                return ()
            self._includes = found
        return self._includes

    def _include(self, block: BlockSyntax) -> Include:
        body = body_of(self.file, block)
        name = block.labels[0] if block.labels else ""
        path, why = self._included_path(body)
        strategy, exposed = self._plain(body, "merge_strategy"), self._plain(body, "expose")
        configuration = None
        if path is not None and self.child is None:
            file = self.repository.file(path)
            if file is None:
                why = Unknown(Reason.FILE_UNREADABLE, f"file {path}", Written(body.header))
            else:
                configuration = Configuration(self.repository, file, self.directory, self.origin, self)
        return Include(name, path, configuration, str(strategy or "shallow"), exposed is True, why, body.header)

    def _included_path(self, body: Body) -> tuple[str | None, Unknown | None]:
        expr = body.attributes.get("path")
        value = written(expr, self.scope, {}) if expr is not None else Absent(Written(body.header))
        why = value if isinstance(value, Unknown) else Unknown(Reason.OUTSIDE_SCOPE, self.scope.symbol("include"), Written(body.header))
        path = located(value.value, self.directory) if isinstance(value, Known) and isinstance(value.value, str) else None
        if path is not None and self.repository.run.tree.exists(path):
            return path, None
        if path is not None:
            code, what = "terragrunt-include", f"{path} is not there"
        else:
            # What stands above the repository, or in one that a stack puts the unit into, is nobody's mistake here.
            code, what = "terragrunt-outside", why.symbol if isinstance(value, Unknown) else "its path leads outside of what is read"
        span = expr.span if expr is not None else body.header
        self.repository.report(TerraformProblem(self.path, code, f"the included file was not read: {what}", span))
        return None, why

    def _plain(self, body: Body, name: str) -> object:
        expr = body.attributes.get(name)
        value = written(expr, self.scope, {}) if expr is not None else None
        return value.value if isinstance(value, Known) else None

    def chain(self) -> tuple[tuple[Configuration, str], ...]:
        """Return this configuration and those that it includes, the one that wins first, each with its merge strategy.

        The unit wins over what it includes, and a later include over an earlier one (Terragrunt, pkg/config/include.go, 2026-11).
        """
        merged = [(each.configuration, each.strategy) for each in reversed(self.includes()) if each.configuration is not None]
        return ((self, "shallow"), *((one, strategy) for one, strategy in merged if strategy != "no_merge"))

    def unread(self) -> Unknown | None:
        """Return why something that is included is not known, if so."""
        return next((each.why for each in self.includes() if each.why is not None and each.strategy != "no_merge"), None)

    def local(self, name: str) -> Value[Any] | None:
        """Return a local of this file, if it has one of that name."""
        expr = self.scope.module.locals.get(name)
        return None if expr is None else memoised(self.scope, ("local", name), expr.span, lambda: written(expr, self.scope, {}))

    def locals(self) -> Known[Object]:
        """Return all locals as one object, each evaluated when it is asked for."""

        def one(name: str) -> Callable[[], Value[Any]]:
            return lambda: self.local(name) or Absent(Written(self.start))

        return Known(Object(LazyFields({name: one(name) for name in self.scope.module.locals})), Written(self.start))


def configuration_scope(configuration: Configuration, resolver: Resolver, functions: Mapping[str, Function]) -> Scope:
    """Return the scope of a configuration: its locals are those of a module of one file, beside which it stands."""
    file = configuration.file
    path = posixpath.dirname(file.source.path)
    deployment = Deployment(configuration.origin or "root", path, {}, {})
    prefix = "" if file.source.path == posixpath.join(configuration.origin, UNIT_FILE) else f"{file.source.path}:"
    return Scope(configuration.repository.run, deployment, build_module(path, [file]), resolver, prefix=prefix, functions=functions)


def dependency_directory(configuration: Configuration, name: str) -> tuple[str | None, Span] | None:
    """Return the directory of the unit that a ``dependency`` means, ``None`` in it when it cannot be known; ``None`` if there is none.

    A dependency of the including file counts in the included one too, and wins.
    """
    base = configuration.child or configuration
    for one in (*(each for each, _ in base.chain()), configuration):
        for block in one.blocks("dependency"):
            if block.labels != (name,):
                continue
            body = body_of(one.file, block)
            if "config_path" not in body.attributes:
                continue
            value = written(body.attributes["config_path"], one.scope, {})
            path = located(value.value, one.directory) if isinstance(value, Known) and isinstance(value.value, str) else None
            if path is not None and posixpath.basename(path) == UNIT_FILE:
                path = posixpath.dirname(path)
            skipped = _flag(one, body, "skip_outputs", False) or not _flag(one, body, "enabled", True)
            return (None if skipped else path), body.header
    return None


def _flag(configuration: Configuration, body: Body, name: str, default: bool) -> bool:
    expr = body.attributes.get(name)
    value = written(expr, configuration.scope, {}) if expr is not None else None
    return value.value is True if isinstance(value, Known) else default
