"""The module of a unit: its files, those that stand beside ``terragrunt.hcl``, and those that are generated."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from typing import Any

from drpolicy.model.provenance import Through, Written
from drpolicy.model.records import dataclass, field
from drpolicy.model.resources import BackendSettings
from drpolicy.model.spans import Span
from drpolicy.model.values import Absent, Known, Object, Unknown, Value
from drpolicy.terraform.blocks import FileSyntax
from drpolicy.terraform.evaluate import written
from drpolicy.terraform.files import Expr, Module, TerraformProblem, build_module
from drpolicy.terraform.index import index
from drpolicy.terraform.references import resolve
from drpolicy.terraform.scope import Frame, Resolver
from drpolicy.terraform.terragrunt.bodies import generate_bodies, remote_state_bodies
from drpolicy.terraform.terragrunt.configuration import Configuration
from drpolicy.terraform.terragrunt.generated import REFERENCE, rendered, span_of
from drpolicy.terraform.terragrunt.paths import portable
from drpolicy.terraform.unknowns import EvaluationError, with_origin

_READ = (".tf", ".tofu", ".tfvars")
_JSON = (".tf.json", ".tofu.json", ".tfvars.json")


@dataclass(frozen=True, slots=True)
class Generated:
    """What a unit's ``generate`` blocks write, by file name, and what the references in it mean."""

    files: dict[str, FileSyntax] = field(default_factory=dict)
    values: dict[str, Value[Any]] = field(default_factory=dict)
    kept: frozenset[str] = frozenset()
    """Names that are not written over a file that is there (``if_exists = "skip"``)."""


def generated(configuration: Configuration) -> Generated:
    """Return the files that a unit generates. Of two blocks of one label the one that wins counts."""
    made = Generated()
    kept: set[str] = set()
    labels: set[str] = set()
    for one, _ in configuration.chain():
        for label, body in generate_bodies(one):
            if label in labels or "contents" not in body.attributes:
                continue
            labels.add(label)
            if _plain(one, body.attributes.get("disable")) is True:
                continue
            path = _plain(one, body.attributes.get("path"))
            name = posixpath.normpath(path) if isinstance(path, str) else f"{label}.tf"
            if name.endswith(_JSON):
                message = f'{name}, which generate "{label}" writes, was not read: it is Terraform\'s JSON syntax'
                one.repository.report(TerraformProblem(one.path, "terraform-json", message, span_of(body.attributes["contents"])))
            if name in made.files or not name.endswith(_READ):
                continue
            if _plain(one, body.attributes.get("if_exists")) == "skip":
                kept.add(name)
            file = _file(one, name, label, body.attributes["contents"], made, f"f{len(labels)}_")
            if file is not None:
                made.files[name] = file
    return Generated(made.files, made.values, frozenset(kept))


def _plain(configuration: Configuration, expr: Expr | None) -> object:
    value = written(expr, configuration.scope, {}) if expr is not None else None
    return value.value if isinstance(value, Known) else None


def _file(configuration: Configuration, name: str, label: str, contents: Expr, made: Generated, prefix: str) -> FileSyntax | None:
    try:
        text = rendered(contents, configuration.scope, prefix)
    except EvaluationError as error:
        _report(configuration, f'generate "{label}" is refused: {error}', contents)
        return None
    if isinstance(text, Unknown):
        _report(configuration, f'{name} was not read: what generate "{label}" writes is not known ({text.reason.label})', contents)
        return None
    file = index(text.source())
    if file.problems and text.bare is not None:
        _report(
            configuration,
            f'{name} was not read: what generate "{label}" writes depends on something unknown ({text.bare.reason.label})',
            contents,
        )
        return None
    made.values.update(text.values)
    for problem in file.problems:
        span = file.source.span(problem.start, problem.end)
        configuration.repository.report(
            TerraformProblem(
                configuration.path, "hcl-syntax", f'in {name}, which generate "{label}" writes: {problem.message}', _placed(span)
            )
        )
    return file


def _placed(span: Span) -> Span:
    """Return a place in a generated file as one in the configuration itself, which is equal for all units."""
    origin = getattr(span.source, "origin", span.source)
    return Span(origin, origin.offset(span.start), origin.offset(span.end))


def _report(configuration: Configuration, message: str, contents: Expr) -> None:
    configuration.repository.report(TerraformProblem(configuration.path, "terragrunt-generate", message, span_of(contents)))


def module_of(directory: str, files: Iterable[FileSyntax], beside: Iterable[FileSyntax], made: Generated) -> Module:
    """Return the module as Terragrunt lays it out: what stands beside the unit replaces the module's files, what it generates both."""
    found = {posixpath.basename(file.source.path): file for file in (*files, *beside)}
    for name, file in made.files.items():
        if name.endswith((".tf", ".tofu")) and "/" not in name and not (name in made.kept and name in found):
            found[name] = file
    return build_module(directory, found.values())


def generated_variables(made: Generated) -> Iterator[tuple[str, Expr]]:
    """Yield the values of var-files that are generated and that Terraform loads by itself."""
    for name, file in sorted(made.files.items()):
        if name == "terraform.tfvars" or name.endswith(".auto.tfvars"):
            yield from ((each.name, Expr(file, each)) for each in file.attributes)


def module_resolver(made: Generated) -> Resolver:
    """Return what answers names in the module: Terraform's, and the references that generated files hold."""
    if not made.values:
        return resolve

    def answer(frame: Frame, root: str, names: tuple[str, ...], span: Span) -> tuple[Value[Any], int]:
        if root == REFERENCE and names and (value := made.values.get(names[0])) is not None:
            return with_origin(value, Through("generate", span, value.origin)), 1
        return resolve(frame, root, names, span)

    return answer


def backend_of(configuration: Configuration) -> BackendSettings | None:
    """Return where ``remote_state`` keeps a unit's state."""
    for one, _ in configuration.chain():
        for body in remote_state_bodies(one):
            kind = _plain(one, body.attributes.get("backend"))
            config = body.attributes.get("config")
            value = portable(written(config, one.scope, {})) if config is not None else Absent(Written(body.header))
            fields = value.value if isinstance(value, Known) and isinstance(value.value, Object) else Object()
            if isinstance(value, Unknown):
                fields = Object({}, value)
            return BackendSettings(kind if isinstance(kind, str) else "", fields, body.header)
    return None
