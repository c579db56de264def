"""``dependency`` blocks: the outputs of other units, resolved through to their resources so that links hold."""

from __future__ import annotations

from typing import Any

from drpolicy.model.provenance import Written
from drpolicy.model.reasons import Reason
from drpolicy.model.spans import Span
from drpolicy.model.values import Known, Object, Unknown, Value
from drpolicy.terraform.scope import memoised
from drpolicy.terraform.shapes import LazyFields
from drpolicy.terraform.terragrunt.configuration import Configuration, dependency_directory
from drpolicy.terraform.unknowns import EvaluationError


def dependency(configuration: Configuration, name: str, span: Span) -> Value[Any]:
    """Return ``dependency.NAME``. ``mock_outputs`` are what a plan is shown before there are any: they are never used."""
    found = dependency_directory(configuration, name)
    if found is None:
        raise EvaluationError(f"dependency {name!r} is not declared")
    directory, header = found

    def outputs() -> Value[Any]:
        if directory is None:
            return Unknown(Reason.OUTSIDE_SCOPE, configuration.scope.symbol(f"dependency.{name}.outputs"), Written(header))
        compute = configuration.repository.outputs
        return memoised(configuration.scope, ("dependency", name), header, lambda: compute(directory, header))

    rest = Unknown(Reason.FUNCTION_NOT_EVALUATED, configuration.scope.symbol(f"dependency.{name}"), Written(header))
    return Known(Object(LazyFields({"outputs": outputs}), rest), Written(header))


def dependency_names(configuration: Configuration) -> tuple[str, ...]:
    """Return the names of all dependencies of a configuration and of what it includes."""
    found = (block.labels[0] for one, _ in configuration.chain() for block in one.blocks("dependency") if block.labels)
    return tuple(dict.fromkeys(found))
