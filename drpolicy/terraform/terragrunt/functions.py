"""Terragrunt's own functions beside Terraform's (docs.terragrunt.com, "Functions", 2026-11).

Nothing is run, decrypted or asked for: what a function would learn outside the repository is Unknown.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from typing import Any

from drpolicy.model.provenance import Derived, Provenance, Through, Written
from drpolicy.model.reasons import Reason
from drpolicy.model.values import Known, Unknown, Value
from drpolicy.terraform.conversion import text
from drpolicy.terraform.functions import FUNCTIONS, filesystem
from drpolicy.terraform.functions.table import Function, Site, Values
from drpolicy.terraform.terragrunt.configuration import UNIT_FILE, Configuration, Include
from drpolicy.terraform.terragrunt.exposed import exposed
from drpolicy.terraform.terragrunt.paths import absolute, located, marked
from drpolicy.terraform.unknowns import EvaluationError, Unsupported, derived_unknown

Made = Callable[[Configuration, Values, Site], Value[Any]]

_MOST_FOLDERS = 100
"""Parent folders that Terragrunt itself looks at (``max_folders_to_check``)."""

# These work on paths as they are: what they give is right wherever the repository stands, or still holds its path.
_ON_PATHS = frozenset(
    {
        "basename",
        "dirname",
        "endswith",
        "jsonencode",
        "lower",
        "replace",
        "startswith",
        "strcontains",
        "trimprefix",
        "trimspace",
        "trimsuffix",
    }
)


def functions_of(configuration: Configuration) -> dict[str, Function]:
    """Return the functions that a configuration can call."""
    made = {name: Function(_bound(call, configuration), least, most, "values") for name, (call, least, most) in _OWN.items()}
    return {**_TERRAFORM, **made}


def _bound(call: Made, configuration: Configuration) -> Callable[[Values, Site], Value[Any]]:
    return lambda arguments, site: call(configuration, arguments, site)


def _string(value: Value[Any], site: Site) -> str | Unknown:
    if isinstance(value, Unknown):
        return derived_unknown(site.name, [value], site.span)
    return text(value.value) if isinstance(value, Known) else ""


def _made(value: str, site: Site) -> Known[str]:
    return Known(value, Derived(site.name, (), site.span))


def _find_in_parent_folders(configuration: Configuration, arguments: Values, site: Site) -> Value[Any]:
    name = _string(arguments[0], site) if arguments else UNIT_FILE
    if isinstance(name, Unknown):
        return name
    name = name or UNIT_FILE
    directory = configuration.directory
    for _ in range(_MOST_FOLDERS):
        if not directory:
            break
        directory = posixpath.dirname(directory)
        path = located(name, directory)
        if path is not None and configuration.repository.run.tree.exists(path):
            return _made(absolute(path), site)
    if len(arguments) > 1:
        return arguments[1]
    return Unknown(Reason.OUTSIDE_SCOPE, f"{name} above {configuration.directory or 'the repository'}", Written(site.span))


def _chosen_include(configuration: Configuration, arguments: Values, site: Site) -> tuple[str, str] | Unknown | None:
    """Return the directories of the unit and of the included file; ``None`` when nothing is included."""
    if configuration.child is not None:
        return configuration.directory, posixpath.dirname(configuration.path)
    includes = configuration.includes()
    if not includes:
        return None
    found: Include | None = includes[0] if len(includes) == 1 else None
    if found is None:
        name = _string(arguments[0], site) if arguments else ""
        if isinstance(name, Unknown):
            return name
        found = next((each for each in includes if each.name == name), None)
    if found is None:
        raise EvaluationError(f"{site.name} needs the name of an include")
    if found.path is None:
        return found.why or derived_unknown(site.name, arguments, site.span)
    return configuration.directory, posixpath.dirname(found.path)


def _relative(downward: bool) -> Made:
    def call(configuration: Configuration, arguments: Values, site: Site) -> Value[Any]:
        chosen = _chosen_include(configuration, arguments, site)
        if isinstance(chosen, Unknown):
            return chosen
        here, above = chosen or ("", "")
        return _made(_between(above, here) if downward else _between(here, above), site)

    return call


def _between(start: str, end: str) -> str:
    return posixpath.relpath("/" + end, "/" + start)


def _parent_directory(configuration: Configuration, arguments: Values, site: Site) -> Value[Any]:
    chosen = _chosen_include(configuration, arguments, site)
    if isinstance(chosen, Unknown):
        return chosen
    return _made(absolute(chosen[1] if chosen is not None else configuration.directory), site)


def _get_env(configuration: Configuration, arguments: Values, site: Site) -> Value[Any]:
    name = _string(arguments[0], site)
    if isinstance(name, Unknown):
        return name
    given = configuration.repository.environment.get(name)
    if given is not None:
        return Known(given, Derived(f"environment variable {name}", (), site.span))
    return Unknown(Reason.VARIABLE_NOT_SET, f"environment variable {name}", Written(site.span))


def _read(configuration: Configuration, arguments: Values, site: Site) -> Value[Any]:
    written_path = _string(arguments[0], site)
    if isinstance(written_path, Unknown):
        return written_path
    path = located(written_path, configuration.directory)
    tree = configuration.repository.run.tree
    if path is not None and tree.exists(posixpath.join(path, UNIT_FILE)):
        path = posixpath.join(path, UNIT_FILE)
    if path is not None and tree.exists(path):
        found = configuration.repository.configuration(path, configuration.origin)
        if found is None:
            return Unknown(Reason.FILE_UNREADABLE, f"file {path}", Written(site.span))
        whole = exposed(found)
        origin: Provenance = Through(f"{site.name} {path}", site.span, whole.origin)
        return Known(whole.value, origin)
    if len(arguments) > 1:
        return arguments[1]
    return Unknown(Reason.OUTSIDE_SCOPE, f"file {path or 'outside of what is read'}", Written(site.span))


def _outside(configuration: Configuration, arguments: Values, site: Site) -> Unknown:
    """Return what only the machine, the account or another program knows. One unit's answer is not another's."""
    symbol = f"{configuration.origin}:{derived_unknown(site.name, arguments, site.span).symbol}"
    return Unknown(Reason.FUNCTION_NOT_EVALUATED, symbol, Derived(site.name, tuple(each.origin for each in arguments), site.span))


def _account(configuration: Configuration, arguments: Values, site: Site) -> Unknown:
    return Unknown(Reason.OUTSIDE_SCOPE, f"{configuration.scope.deployment.name}:default account", Written(site.span))


def _same(configuration: Configuration, arguments: Values, site: Site) -> Value[Any]:
    return arguments[0]


_OWN: dict[str, tuple[Made, int, int | None]] = {
    "find_in_parent_folders": (_find_in_parent_folders, 0, 2),
    "get_aws_account_id": (_account, 0, 0),
    "get_aws_account_alias": (_outside, 0, 0),
    "get_aws_caller_identity_arn": (_outside, 0, 0),
    "get_aws_caller_identity_user_id": (_outside, 0, 0),
    "get_env": (_get_env, 1, 2),
    "get_original_terragrunt_dir": (lambda configuration, _, site: _made(absolute(configuration.origin), site), 0, 0),
    "get_parent_terragrunt_dir": (_parent_directory, 0, 1),
    "get_path_from_repo_root": (lambda configuration, _, site: _made(configuration.directory or ".", site), 0, 0),
    "get_path_to_repo_root": (lambda configuration, _, site: _made(_between(configuration.directory, ""), site), 0, 0),
    "get_platform": (_outside, 0, 0),
    "get_repo_root": (lambda _, __, site: _made(absolute(""), site), 0, 0),
    "get_terraform_cli_args": (_outside, 0, 0),
    "get_terraform_command": (_outside, 0, 0),
    "get_terragrunt_dir": (lambda configuration, _, site: _made(absolute(configuration.directory), site), 0, 0),
    "get_terragrunt_source_cli_flag": (_outside, 0, 0),
    "get_working_dir": (_outside, 0, 0),
    "mark_as_read": (_same, 1, 1),
    "path_relative_from_include": (_relative(False), 0, 1),
    "path_relative_to_include": (_relative(True), 0, 1),
    "read_terragrunt_config": (_read, 1, 2),
    "run_cmd": (_outside, 1, None),
}


def _on_any_machine(function: Function) -> Function:
    """Leave unknown what is computed from an absolute path: it need not be the same on another machine."""

    def call(*arguments: Any) -> Any:
        if any(marked(each) for each in arguments):
            raise Unsupported("it depends on where the repository stands")
        return function.call(*arguments)

    return Function(call, function.least, function.most, "plain", function.nulls)


def _from_repository(function: Function) -> Function:
    """Take an absolute path of the repository as one relative to the file that asks."""

    def call(arguments: Values, site: Site) -> Value[Any]:
        first = arguments[0]
        directory = site.frame.scope.deployment.path
        path = located(first.value, directory) if isinstance(first, Known) and isinstance(first.value, str) else None
        if path is not None and isinstance(first, Known):
            arguments = [Known(_between(directory, path), first.origin), *arguments[1:]]
        answer: Value[Any] = function.call(arguments, site)
        return answer

    return Function(call, function.least, function.most, "values")


def _not_of_a_path(function: Function) -> Function:
    """As ``_on_any_machine``, for a function on values, which may know the pieces of what is unknown."""

    def call(arguments: Values, site: Site) -> Value[Any]:
        pieces = [piece for each in arguments for piece in ((each, *each.parts) if isinstance(each, Unknown) else (each,))]
        if any(isinstance(piece, Known) and marked(piece.value) for piece in pieces):
            raise Unsupported("it depends on where the repository stands")
        answer: Value[Any] = function.call(arguments, site)
        return answer

    return Function(call, function.least, function.most, "values")


def _adapted(name: str, function: Function) -> Function:
    if function.kind == "values":
        return _from_repository(function) if name in filesystem.FUNCTIONS else function
    return function if name in _ON_PATHS else _on_any_machine(function)


_TERRAFORM: dict[str, Function] = {name: _adapted(name, function) for name, function in FUNCTIONS.items()} | {
    name: _not_of_a_path(FUNCTIONS[name]) for name in ("length", "startswith", "endswith")
}
