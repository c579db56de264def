"""Answers of AWS in the shape Terraform gives the same thing, so that the same catalog judges both."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from drpolicy.aws.errors import Failure
from drpolicy.model.provenance import Derived, Provenance, Written
from drpolicy.model.reasons import Reason
from drpolicy.model.resources import Resource
from drpolicy.model.spans import Span
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Member, Members, Object, Unknown, Value

Shape: TypeAlias = Mapping[str, tuple[str, Callable[[Any], Any]]]
"""Field of an answer → (attribute, conversion). Attributes of a shape are all there: null where the answer has none."""


def plain(value: Any) -> Any:
    """Return a text, number or truth value; null for anything else."""
    return value if isinstance(value, (str, int, float, bool)) else None


def block(shape: Shape) -> Callable[[Any], Any]:
    """Return the conversion of a structure to a nested block: a list of one object."""
    return lambda value: [reshaped(value, shape)] if isinstance(value, Mapping) else None


def reshaped(answer: Mapping[str, Any], shape: Shape) -> dict[str, Any]:
    """Return the attributes of an answer."""
    return {attribute: convert(answer.get(name)) for name, (attribute, convert) in shape.items()}


def observed(value: Any, origin: Provenance) -> Value[Any]:
    """Return plain data as values with one origin: null is Absent, a list is Members, a mapping is an Object."""
    match value:
        case None:
            return Absent(origin)
        case Mapping():
            return Known(Object({str(name): observed(inner, origin) for name, inner in value.items()}), origin)
        case list() | tuple():
            return Known(Members(tuple(Member(observed(inner, origin)) for inner in value)), origin)
        case _:
            return Known(value, origin)


def unread(key: str, attribute: str, why: str) -> Unknown:
    """Return the Unknown of something that AWS was not, or cannot be, asked."""
    return Unknown(Reason.NOT_OBSERVED, f"{key}.{attribute}", Derived(why, ()))


def unanswered(key: str, attributes: tuple[str, ...], failure: Failure) -> dict[str, Value[Any]]:
    """Return the attributes that a failed call would have answered."""
    return {name: failure.unknown(f"{key}.{name}") for name in attributes}


def live_resource(
    deployment: str,
    type_: str,
    name: str,
    label: str,
    attributes: Mapping[str, Value[Any]],
    region: Value[str],
    account: Value[str],
    span: Span,
    why: Unknown | None = None,
) -> Resource:
    """Return an observed resource. Attributes that no call answers are Unknown, never a provider's default.

    ``why`` says that its existence was not confirmed.
    """
    address = f"{type_}.{label}"
    rest = why or unread(f"{deployment}//{address}", "*", "no call of live confirmation answers it")
    return Resource(
        deployment=deployment,
        address=address,
        type=type_,
        name=name,
        attributes=Object(dict(attributes), rest),
        region=region,
        account=account,
        span=span,
        extent=span,
        channel="live",
        presence=Truth.TRUE if why is None else Truth.UNKNOWN,
        why=why,
    )


def declared(value: str, span: Span) -> Known[str]:
    """Return what the question itself says: it is known from the declaration, not from AWS."""
    return Known(value, Written(span))
