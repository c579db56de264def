"""A configuration as an object: what ``read_terragrunt_config`` gives, and what ``include`` exposes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from drpolicy.model.provenance import Written
from drpolicy.model.reasons import Reason
from drpolicy.model.values import Absent, Known, Object, Unknown, Value
from drpolicy.terraform.evaluate import written
from drpolicy.terraform.files import Body, body_of
from drpolicy.terraform.shapes import LazyFields
from drpolicy.terraform.terragrunt.bodies import remote_state_bodies
from drpolicy.terraform.terragrunt.configuration import Configuration
from drpolicy.terraform.terragrunt.dependencies import dependency, dependency_names
from drpolicy.terraform.terragrunt.inputs import merged_inputs


def exposed(configuration: Configuration) -> Known[Object]:
    """Return a configuration with its includes merged. Parts of it that say nothing about resources are not known."""
    origin = Written(configuration.start)

    def dependencies() -> Value[Any]:
        names = dependency_names(configuration)
        return Known(Object(LazyFields({name: _dependency(configuration, name) for name in names})), origin)

    fields: dict[str, Callable[[], Value[Any]]] = {
        "locals": configuration.locals,
        "inputs": lambda: merged_inputs(configuration),
        "dependency": dependencies,
        "terraform": lambda: _block(configuration, "terraform"),
        "remote_state": lambda: _block(configuration, "remote_state"),
    }
    rest = Unknown(Reason.FUNCTION_NOT_EVALUATED, configuration.scope.symbol("configuration"), origin)
    return Known(Object(LazyFields(fields), rest), origin)


def _dependency(configuration: Configuration, name: str) -> Callable[[], Value[Any]]:
    return lambda: dependency(configuration, name, configuration.start)


def _block(configuration: Configuration, type_: str) -> Value[Any]:
    """Return the attributes of the block that wins, each evaluated when it is asked for."""
    for one, _ in configuration.chain():
        bodies = remote_state_bodies(one) if type_ == "remote_state" else (body_of(one.file, block) for block in one.blocks(type_))
        for body in bodies:
            fields = {name: _attribute(one, body, name) for name in body.attributes}
            return Known(Object(LazyFields(fields)), Written(body.header))
    return Absent(Written(configuration.start))


def _attribute(configuration: Configuration, body: Body, name: str) -> Callable[[], Value[Any]]:
    return lambda: written(body.attributes[name], configuration.scope, {})
