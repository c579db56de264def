"""Module calls: which directory they mean, and the module instances that they make."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Collection, Mapping
from typing import Literal

from drpolicy.catalog.interfaces import Interface, NotDescribed
from drpolicy.model.provenance import Written
from drpolicy.model.reasons import Reason
from drpolicy.model.records import dataclass
from drpolicy.model.values import Known, Unknown
from drpolicy.sources.trees import Tree, normalised
from drpolicy.terraform.evaluate import written
from drpolicy.terraform.files import STUB, Body, Declaration, Module, ModuleLibrary, TerraformProblem, local_source
from drpolicy.terraform.instances import Expansion, Instance, expanded
from drpolicy.terraform.scope import Scope

DEPTH_LIMIT = 20
"""Modules inside modules."""

SCOPE_LIMIT = 5_000
"""Module instances in one deployment."""

META_ARGUMENTS = frozenset({"source", "version", "providers", "depends_on", "count", "for_each"})


@dataclass(frozen=True, slots=True)
class Children:
    """What a module call makes: a scope per instance when its module is there, else only the instances."""

    body: Body
    source: str
    outcome: Literal["evaluated", "stubbed", "unresolved"]
    expansion: Expansion
    scopes: Mapping[str, Scope]
    why: Unknown | None = None
    """Why nothing of it is known, when it is unresolved."""

    interface: str = ""
    """The documented interface that it is known by, when it is stubbed."""

    undeclared: tuple[str, ...] = ()
    """Inputs that the documented interface does not have."""


_PENDING = object()


def children(scope: Scope, name: str, call: Declaration) -> Children | None:
    """Return what a module call makes; ``None`` while that is being worked out, which is a cycle."""
    key = ("children", name)
    found = scope.memo.get(key)
    if found is _PENDING:
        return None
    if found is None:
        scope.memo[key] = _PENDING
        try:
            found = _children(scope, name, call)
        finally:
            del scope.memo[key]
        scope.memo[key] = found
    assert isinstance(found, Children)
    return found


def _children(scope: Scope, name: str, call: Declaration) -> Children:
    body = call.body()
    address = f"module.{name}"
    written_source = written(body.attributes["source"], scope, {}) if "source" in body.attributes else None
    source = written_source.value if isinstance(written_source, Known) and isinstance(written_source.value, str) else ""
    key = f"{scope.key}.{name}" if scope.key else name
    found = _module(scope, call, body, source, key)
    if isinstance(found, Unknown) and found.reason is Reason.LIMIT_REACHED:
        return Children(body, source, "unresolved", Expansion("single", (Instance("", None, {}),)), {}, found)
    expansion = expanded(body, scope, address)
    if isinstance(found, Unknown):
        return Children(body, source, "unresolved", expansion, {}, found)
    module = found
    undeclared = _undeclared(scope, call, body, module, source)
    scopes: dict[str, Scope] = {}
    for instance in expansion.instances:
        scope.run.scopes += 1
        scopes[instance.suffix] = Scope(
            scope.run,
            scope.deployment,
            module,
            scope.resolver,
            prefix=f"{scope.prefix}{address}{instance.suffix}.",
            presence=scope.presence & instance.presence,
            why=scope.why or instance.why,
            parent=scope,
            call=call,
            call_body=body,
            bindings=instance.bindings,
            key=key,
            depth=scope.depth + 1,
        )
    return Children(body, source, "stubbed" if module.stub else "evaluated", expansion, scopes, None, module.interface, undeclared)


def _module(scope: Scope, call: Declaration, body: Body, source: str, key: str) -> Module | Unknown:
    unresolved = Unknown(Reason.MODULE_NOT_ON_DISK, scope.symbol(f"module.{call.block.labels[0]}"), Written(call.header))
    if scope.depth >= DEPTH_LIMIT or scope.run.scopes >= SCOPE_LIMIT:
        what = f"modules nested deeper than {DEPTH_LIMIT}" if scope.depth >= DEPTH_LIMIT else f"more than {SCOPE_LIMIT:,} module instances"
        message = f"{what}: module {call.block.labels[0]!r} was not read here; check this deployment in parts"
        _report(scope, TerraformProblem(call.file.source.path, "limit-reached", message, call.header))
        return Unknown(Reason.LIMIT_REACHED, unresolved.symbol, unresolved.origin)
    path = local_source(call, scope.module.path)
    if scope.module.stub and path is not None:
        return scope.run.stubs.module(path, call.header, call.header.interface) or unresolved
    if path is None and not source.startswith(".") and not scope.module.stub:
        installed = scope.deployment.installed.get(key)
        path = None if installed is None else normalised(posixpath.join(scope.deployment.path, installed))
    ancestor: Scope | None = scope
    while path is not None and ancestor is not None:
        if ancestor.module.path == path:
            _report(
                scope, TerraformProblem(call.file.source.path, "module-cycle", f"module {call.block.labels[0]!r} calls itself", call.header)
            )
            return Unknown(Reason.CYCLE, unresolved.symbol, unresolved.origin)
        ancestor = ancestor.parent
    module = None if path is None else scope.run.library.get(path)
    if module is not None:
        return module
    if source.startswith("."):
        where = f"{path or '.'} holds no Terraform files" if path is not None else f"{source} leads outside of what is read"
        _report(scope, TerraformProblem(call.file.source.path, "module-missing", f"module {call.block.labels[0]!r}: {where}", call.header))
        return unresolved
    return _described(scope, call, body, source) or unresolved


def _described(scope: Scope, call: Declaration, body: Body, source: str) -> Module | None:
    """Return the stub of a module that is not on disk, for the versions that are asked for."""
    version = written(body.attributes["version"], scope, {}) if "version" in body.attributes else None
    if version is not None and not (isinstance(version, Known) and isinstance(version.value, str)):
        return None
    found = scope.run.stubs.find(source, version.value if version is not None else None)
    match found:
        case Interface():
            return scope.run.stubs.module(f"{STUB}{found.directory}", call.header, call.header.interface or str(found))
        case NotDescribed(why) if (source, why) not in scope.run.stubs.refused:
            # Coverage names every call; that one version is not described is said once.
            scope.run.stubs.refused.add((source, why))
            message = f"module {call.block.labels[0]!r} ({source}) is not on disk, and {why}"
            _report(scope, TerraformProblem(call.file.source.path, "module-interface", message, call.header))
    return None


def _undeclared(scope: Scope, call: Declaration, body: Body, module: Module, source: str) -> tuple[str, ...]:
    """Return the inputs of a call that the interface of its module does not have, and say so."""
    if not module.stub or scope.module.stub:
        return ()
    found = tuple(name for name in body.attributes if name not in META_ARGUMENTS and name not in module.variables)
    for name in found:
        message = f"module {call.block.labels[0]!r} is given {name!r}, which the documented interface of {source} does not have"
        _report(scope, TerraformProblem(call.file.source.path, "module-interface", message, body.attributes[name].span))
    return found


def _report(scope: Scope, problem: TerraformProblem) -> None:
    scope.run.report(problem)


def find_roots(library: ModuleLibrary, elsewhere: Collection[str] = ()) -> tuple[str, ...]:
    """Return the directories that no other directory calls, and one of every circle of directories that only call each other.

    ``elsewhere`` are directories that something else than a module call makes use of.
    """
    called: dict[str, set[str]] = {}
    for path in library.known:
        module = library.get(path)
        calls = module.calls.values() if module is not None else ()
        called[path] = {found for call in calls if (found := local_source(call, path)) is not None and found != path}
    targets = {target for found in called.values() for target in found} | set(elsewhere)
    roots = [path for path in called if path not in targets]
    reached: set[str] = set()
    pending = [*roots, *elsewhere]
    for path in sorted(called):
        while pending:
            one = pending.pop()
            if one not in reached:
                reached.add(one)
                pending += called.get(one, ())
        if path not in reached:
            roots.append(path)
            pending.append(path)
    return tuple(sorted(roots))


def installed_modules(tree: Tree, directory: str) -> dict[str, str]:
    """Return what ``terraform init`` noted in ``.terraform/modules/modules.json``: module key to directory, below the root's."""
    data = tree.read(f"{directory}/.terraform/modules/modules.json" if directory else ".terraform/modules/modules.json")
    if not isinstance(data, bytes):
        return {}
    try:
        entries = json.loads(data)["Modules"]
        return {entry["Key"]: entry["Dir"].replace("\\", "/") for entry in entries if entry["Key"]}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        # The file is Terraform's own cache: when it is of no use, the modules are simply not on disk.
        return {}
