"""The var-files that ``extra_arguments`` hands to Terraform: their values win over the inputs.

The order is that of docs.terragrunt.com, "extra_arguments" (2026-11).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from drpolicy.model.provenance import Written
from drpolicy.model.reasons import Reason
from drpolicy.model.records import dataclass, field
from drpolicy.model.values import Absent, Known, Members, Unknown, Value
from drpolicy.terraform.evaluate import written
from drpolicy.terraform.files import Body, Expr, TerraformProblem, body_of
from drpolicy.terraform.scope import GivenText
from drpolicy.terraform.terragrunt.configuration import Configuration
from drpolicy.terraform.terragrunt.paths import located

_CHANGING = frozenset({"plan", "apply"})
_OPTION = ("-var-file=", "--var-file=")
_OPTION_ALONE = ("-var-file", "--var-file")
_VARIABLE = ("-var=", "--var=")
_VARIABLE_ALONE = ("-var", "--var")


@dataclass(frozen=True, slots=True)
class VarFile:
    """A var-file: its path, or why it is not known what it gives. ``given`` is the variable of a ``-var`` that stands in its place."""

    path: str | None = None
    why: Unknown | None = None
    given: Mapping[str, GivenText] = field(default_factory=dict)


def var_files(configuration: Configuration) -> Iterator[VarFile]:
    """Yield the var-files of a unit in the order in which Terraform reads them: a later one wins.

    Those of an included file come first, and a block of the unit takes the place of the one of that label. What is not known is
    reported, and hides what came before it.
    """
    found: dict[str, tuple[Configuration, Body]] = {}
    for one, _ in reversed(configuration.chain()):
        for terraform in one.blocks("terraform"):
            for block in terraform.nested("extra_arguments"):
                found[block.labels[0] if block.labels else ""] = one, body_of(one.file, block)
    for label, (one, body) in found.items():
        if _applies(one, body):
            yield from _of_block(one, label, body)


def _applies(configuration: Configuration, body: Body) -> bool:
    """Whether the arguments are given to what plans or changes; when that is not known, they are."""
    commands = _values(configuration, body.attributes.get("commands"))
    return any(not isinstance(each, Known) or each.value in _CHANGING for each in commands)


def _of_block(configuration: Configuration, label: str, body: Body) -> Iterator[VarFile]:
    for name in ("required_var_files", "optional_var_files"):
        expr = body.attributes.get(name)
        for value in _values(configuration, expr):
            assert expr is not None
            yield from _var_file(configuration, label, value, expr, required=name == "required_var_files")
    arguments = body.attributes.get("arguments")
    option: object = None
    for value in _values(configuration, arguments):
        assert arguments is not None
        text = value.value if isinstance(value, Known) else None
        previous, option = option, text
        if isinstance(text, str) and (text.startswith(_OPTION) or previous in _OPTION_ALONE):
            path = text if previous in _OPTION_ALONE else text.partition("=")[2]
            yield from _var_file(configuration, label, Known(path, value.origin), arguments, required=True)
        elif isinstance(text, str) and (text.startswith(_VARIABLE) or previous in _VARIABLE_ALONE):
            name, _, given = (text if previous in _VARIABLE_ALONE else text.partition("=")[2]).partition("=")
            yield VarFile(given={name: GivenText(given, f'extra_arguments "{label}"')})
        elif isinstance(value, Unknown):
            yield _not_read(configuration, f'an argument of extra_arguments "{label}"', "it may set variables", arguments, value)
    variables = body.attributes.get("env_vars")
    if variables is not None and "TF_VAR_" in variables.text:
        yield _not_read(configuration, f'env_vars of extra_arguments "{label}"', "they set variables", variables, None)


def _values(configuration: Configuration, expr: Expr | None) -> list[Value[object]]:
    """Return the elements of a list; what is unknown, or may hold more, is one of them."""
    if expr is None:
        return []
    match written(expr, configuration.scope, {}):
        case Known(Members() as inner):
            return [*inner, *(() if inner.rest is None else (inner.rest,))]
        case Unknown() as unknown:
            return [unknown]
        case _:
            return []


def _var_file(configuration: Configuration, label: str, value: Value[object], expr: Expr, *, required: bool) -> Iterator[VarFile]:
    if isinstance(value, Absent):
        return
    path = located(value.value, configuration.directory) if isinstance(value, Known) and isinstance(value.value, str) else None
    if path is not None and configuration.repository.run.tree.exists(path):
        yield VarFile(path)
    elif path is None:
        yield _not_read(configuration, f'a var-file of extra_arguments "{label}"', "where it is is not known", expr, value)
    elif required:
        yield _not_read(configuration, path, f'extra_arguments "{label}" requires it, and it is not there', expr, None)


def _not_read(configuration: Configuration, what: str, why: str, expr: Expr, value: Value[object] | None) -> VarFile:
    configuration.repository.report(TerraformProblem(configuration.path, "var-file", f"{what} was not read: {why}", expr.span))
    if isinstance(value, Unknown):
        return VarFile(None, value)
    return VarFile(None, Unknown(Reason.OUTSIDE_SCOPE, configuration.scope.symbol(what), Written(expr.span)))
