"""What the first name of a traversal means in a Terragrunt configuration."""

from __future__ import annotations

import posixpath
from typing import Any

from drpolicy.model.provenance import Through, Written
from drpolicy.model.reasons import Reason
from drpolicy.model.spans import Span
from drpolicy.model.values import Known, Object, Unknown, Value
from drpolicy.terraform.evaluate import written
from drpolicy.terraform.files import Expr, body_of
from drpolicy.terraform.scope import Frame, Resolver
from drpolicy.terraform.terragrunt.configuration import Configuration
from drpolicy.terraform.terragrunt.dependencies import dependency
from drpolicy.terraform.terragrunt.exposed import exposed
from drpolicy.terraform.unknowns import EvaluationError, with_origin

VALUES_FILE = "terragrunt.values.hcl"
"""What a stack gives a unit that it makes."""


def resolver_of(configuration: Configuration) -> Resolver:
    """Return what answers the names of one configuration."""

    def resolve(frame: Frame, root: str, names: tuple[str, ...], span: Span) -> tuple[Value[Any], int]:
        if root == "include":
            return _include(configuration, names, span)
        if root not in ("local", "dependency", "feature", "values"):
            raise EvaluationError(f"{root} is not known here")
        if not names:
            if root == "local":
                return configuration.locals(), 0
            raise EvaluationError(f"{root} needs a name")
        match root:
            case "local":
                value = configuration.local(names[0])
                if value is None:
                    raise EvaluationError(f"local.{names[0]} is not declared")
                return with_origin(value, Through(f"local.{names[0]}", span, value.origin)), 1
            case "dependency":
                return dependency(configuration, names[0], span), 1
            case "feature":
                return _feature(configuration, names[0], span), 1
            case _:
                return _value(configuration, names[0], span), 1

    return resolve


def _include(configuration: Configuration, names: tuple[str, ...], span: Span) -> tuple[Value[Any], int]:
    includes = configuration.includes()
    bare = next((each for each in includes if not each.name), None)
    found = bare or next((each for each in includes if names and each.name == names[0]), None)
    if found is None:
        raise EvaluationError(f"there is no include {'.'.join(names[:1])}")
    used = 0 if found is bare else 1
    if found.configuration is None:
        return found.why or Unknown(Reason.OUTSIDE_SCOPE, configuration.scope.symbol("include"), Written(span)), used
    if not found.exposed:
        raise EvaluationError("the include is not exposed")
    return exposed(found.configuration), used


def _feature(configuration: Configuration, name: str, span: Span) -> Value[Any]:
    """Return a feature flag; the command line and the environment may set it, so its default is one possibility."""
    base = configuration.child or configuration
    for one in (*(each for each, _ in base.chain()), configuration):
        for block in one.blocks("feature"):
            if block.labels == (name,):
                header = body_of(one.file, block).header
                unset = Unknown(Reason.VARIABLE_NOT_SET, configuration.scope.symbol(f"feature.{name}.value"), Written(header))
                return Known(Object({"value": unset}), Written(header))
    raise EvaluationError(f"feature {name!r} is not declared")


def _value(configuration: Configuration, name: str, span: Span) -> Value[Any]:
    path = posixpath.join(configuration.origin, VALUES_FILE)
    if configuration.repository.run.tree.exists(path):
        found = configuration.repository.configuration(path, configuration.origin)
        if found is not None:
            expr = found.attribute(name)
            if expr is None:
                raise EvaluationError(f"values has no {name!r}")
            return _through(expr, found, name, span)
    configuration.repository.needs_values(configuration.origin)
    return Unknown(Reason.VARIABLE_NOT_SET, f"{configuration.origin}:values.{name}", Written(span))


def _through(expr: Expr, found: Configuration, name: str, span: Span) -> Value[Any]:
    value = written(expr, found.scope, {})
    return with_origin(value, Through(f"values.{name}", span, value.origin))
