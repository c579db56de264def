"""Evaluate the catalog's conditions and keep where their answers come from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from drpolicy.catalog.rows import AttributeDefault
from drpolicy.cel import CelError, Program, Type, compile_expression
from drpolicy.cel.types import DYN
from drpolicy.model.durations import Duration
from drpolicy.model.provenance import Default, Derived, Provenance, Written
from drpolicy.model.reasons import Reason
from drpolicy.model.resources import Resource
from drpolicy.model.values import Absent, Known, Object, Unknown, Value
from drpolicy.recovery.conversions import converted

ENVIRONMENT: Mapping[str, Type] = dict.fromkeys(("self", "outer", "link", "store", "copy", "guarded", "region", "place"), DYN)
"""What a row's condition can name; ``region`` is the store's, ``place`` the copy's, ``outer`` the block around ``self``."""


@cache
def _program(text: str) -> Program:
    compiled = compile_expression(text, ENVIRONMENT, None)
    if not isinstance(compiled, Program):
        raise ValueError(f"catalog condition {text!r}: {compiled[0].message}")
    return compiled


def compute(text: str, scope: Mapping[str, object], header: Provenance) -> Value[Any]:
    """Evaluate a condition; the origin is that of the values that decided it, else ``header``.

    A run-time error (an attribute that is not there) is Unknown with reason POLICY_ERROR.
    """
    trace = _program(text).trace({name: scope.get(name, Object()) for name in ENVIRONMENT})
    origins = tuple(read.value.origin for read in trace.reads)
    origin: Provenance = origins[0] if len(origins) == 1 else Derived(text, origins) if origins else header
    result = trace.result
    if isinstance(result, Unknown):
        return result
    if isinstance(result, (Absent, CelError)):
        return Unknown(Reason.POLICY_ERROR, text, origin)
    return Known(result, origin)


def compute_duration(text: str, source: str, scope: Mapping[str, object], header: Provenance) -> Value[Duration]:
    """Evaluate a duration that the catalog gives; ``source`` is the page that says so."""
    value: Value[Duration] = compute(text, scope, header)
    if isinstance(value, Known) and value.origin is header:
        return Known(value.value, Default(str(value.value), source, header.span if isinstance(header, Written) else None))
    return value


def with_defaults(resource: Resource, defaults: Iterable[AttributeDefault]) -> Object:
    """Return the attributes with the provider's defaults where nothing is written, standing at the header line.

    What is written has the type of its default afterwards, as the provider's schema has it: ``"7"`` is 7.
    """
    fields = dict(resource.attributes.fields)
    for each in defaults:
        name, value = each.attribute, each.value
        written = fields.get(name)
        if written is not None and not isinstance(written, Absent):
            if value is not None:
                fields[name] = converted(written, type(value), f"{resource.key}.{name}")
        elif resource.attributes.rest is None and each.omitted != "absent-block":
            fields[name] = _filled(name, value, each, resource)
    return Object(fields, resource.attributes.rest)


def _filled(name: str, value: str | int | bool | None, default: AttributeDefault, resource: Resource) -> Value[Any]:
    if value is None:
        return Unknown(
            Reason.COMPUTED, f"{resource.key}.{name}", Default(f"{name} is decided by the service", default.source, resource.span)
        )
    return Known(value, Default(f"{name} = {_shown(value)}", default.source, resource.span))


def _shown(value: str | int | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
