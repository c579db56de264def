"""Terraform's functions: one table, and how a call of one is made."""

from __future__ import annotations

from typing import Any

from drpolicy.model.provenance import Derived, Written
from drpolicy.model.reasons import Reason
from drpolicy.model.spans import Span
from drpolicy.model.values import Absent, Unknown, Value
from drpolicy.terraform.conversion import lifted, plain
from drpolicy.terraform.functions import (
    arns,
    collections,
    csv,
    dates,
    encoding,
    filesystem,
    hashes,
    json_text,
    lists,
    maps,
    network,
    numeric,
    sets,
    text,
    types,
    yaml,
)
from drpolicy.terraform.functions.results import RESULTS
from drpolicy.terraform.functions.table import Function, Site, Values
from drpolicy.terraform.pieces import split_pieces, split_reference
from drpolicy.terraform.scope import Frame
from drpolicy.terraform.unknowns import (
    EvaluationError,
    Exhausted,
    TooLarge,
    Unsupported,
    derived_unknown,
    first_unknown,
    origins,
    over_alternatives,
    typed,
    with_origin,
)

FUNCTIONS: dict[str, Function] = {
    **arns.FUNCTIONS,
    **collections.FUNCTIONS,
    **csv.FUNCTIONS,
    **dates.FUNCTIONS,
    **encoding.FUNCTIONS,
    **filesystem.FUNCTIONS,
    **hashes.FUNCTIONS,
    **json_text.FUNCTIONS,
    **lists.FUNCTIONS,
    **maps.FUNCTIONS,
    **network.FUNCTIONS,
    **numeric.FUNCTIONS,
    **sets.FUNCTIONS,
    **text.FUNCTIONS,
    **types.FUNCTIONS,
    **yaml.FUNCTIONS,
}
"""Every function that is evaluated, besides ``try`` and ``can``, which need the expressions of their arguments."""

IMPURE = frozenset({"bcrypt", "plantimestamp", "timestamp", "uuid"})
"""Functions that give another result at every call, so that equal calls are not equal values."""


def call(name: str, arguments: Values, frame: Frame, span: Span) -> Value[Any]:
    """Return what a function gives; raise ``EvaluationError`` where Terraform refuses the arguments."""
    name = name.removeprefix("core::")
    function = frame.scope.functions.get(name) or FUNCTIONS.get(name)
    answer = _called(function, name, arguments, frame, span)
    type_ = RESULTS.get(name)
    return answer if type_ is None else typed(answer, type_)


def _called(function: Function | None, name: str, arguments: Values, frame: Frame, span: Span) -> Value[Any]:
    if function is None:
        # Whether Terraform refuses the call is not known either: ``can`` and ``try`` must not take it for certain.
        frame.scope.run.doubts += 1
        symbol = f"{frame.scope.symbol(name)} at {span}" if name in IMPURE else derived_unknown(name, arguments, span).symbol
        return Unknown(Reason.FUNCTION_NOT_EVALUATED, symbol, Derived(name, origins(arguments), span))
    if len(arguments) < function.least or (function.most is not None and len(arguments) > function.most):
        raise EvaluationError(f"{name} does not take {len(arguments)} arguments")
    site = Site(frame, span, name)
    try:
        if function.kind == "values":
            return _structural(function, arguments, site)
        return _plain(function, arguments, site)
    except Exhausted:
        raise
    except TooLarge as error:
        # Terraform may give something or refuse.
        frame.scope.run.doubts += 1
        reason = Reason.FUNCTION_NOT_EVALUATED if isinstance(error, Unsupported) else Reason.LIMIT_REACHED
        symbol = derived_unknown(name, arguments, span).symbol + f": {error}"
        return Unknown(reason, symbol, Derived(name, origins(arguments), span, _kept(name, arguments)))


def _structural(function: Function, arguments: Values, site: Site) -> Value[Any]:
    refined = over_alternatives(lambda each: function.call(list(each), site), arguments, site.name, site.span)
    if refined is not None:
        return refined
    answer: Value[Any] = function.call(arguments, site)
    return answer


def _plain(function: Function, arguments: Values, site: Site) -> Value[Any]:
    if not function.nulls and any(isinstance(argument, Absent) for argument in arguments):
        raise EvaluationError(f"an argument of {site.name} is null")
    unknown = first_unknown(arguments)
    if unknown is not None:
        found = split_reference(*arguments) if site.name == "split" else None
        if found is not None:
            return found
        refined = over_alternatives(lambda each: _plain(function, list(each), site), arguments, site.name, site.span)
        answer = refined if refined is not None else derived_unknown(site.name, arguments, site.span, unknown)
        kept = _kept(site.name, arguments)
        return with_origin(answer, Derived(site.name, origins(arguments), site.span, kept)) if kept else answer
    result = function.call(*(plain(argument) for argument in arguments))
    origin = Derived(site.name, origins(arguments), site.span, _kept(site.name, arguments)) if arguments else Written(site.span)
    answer = lifted(result, origin)
    return split_pieces(answer, arguments) if site.name == "split" else answer


def _kept(name: str, arguments: Values) -> tuple[object, ...]:
    """Return the argument of an encoding, or of a decoding: whoever reads one wants to point at what is inside of the other."""
    return tuple(arguments) if name in encoding.STRUCTURED or name in yaml.STRUCTURED else ()
