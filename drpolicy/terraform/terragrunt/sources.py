"""``terraform { source = … }``: the module that a unit is an instance of."""

from __future__ import annotations

import posixpath

from drpolicy.model.patterns import deferred
from drpolicy.model.provenance import Written
from drpolicy.model.reasons import Reason
from drpolicy.model.records import dataclass
from drpolicy.model.spans import Span
from drpolicy.model.values import Known, Unknown
from drpolicy.terraform.evaluate import written
from drpolicy.terraform.files import body_of
from drpolicy.terraform.terragrunt.configuration import Configuration
from drpolicy.terraform.terragrunt.paths import CHECKOUT, is_local, located

# tfr://registry.terraform.io/terraform-aws-modules/vpc/aws//modules/x?version=3.5.0; the host may be left out.
_REGISTRY = deferred(r"tfr://(?:registry\.terraform\.io)?/([^?]+)(?:\?(?:.*&)?version=([^&]*).*|\?.*)?")


@dataclass(frozen=True, slots=True)
class UnitSource:
    """Where a unit's module is: ``directory`` in the tree, or ``address`` as a module call would name it, or why neither is known."""

    span: Span
    directory: str | None = None
    address: str = ""
    version: str | None = None
    why: Unknown | None = None


def unit_source(configuration: Configuration) -> UnitSource | None:
    """Return the source that wins; ``None`` when nobody names one: the module is then the directory of the unit itself."""
    for one, _ in configuration.chain():
        for block in one.blocks("terraform"):
            body = body_of(one.file, block)
            expr = body.attributes.get("source")
            if expr is None:
                continue
            value = written(expr, one.scope, {})
            if isinstance(value, Known) and isinstance(value.value, str):
                return _source(value.value, configuration.directory, expr.span)
            if isinstance(value, Unknown):
                return UnitSource(expr.span, None, _shown(value), why=value)
            if isinstance(value, Known):
                return UnitSource(expr.span)
    return None


def _source(text: str, directory: str, span: Span) -> UnitSource:
    registry = _REGISTRY.fullmatch(text)
    if registry is not None:
        return UnitSource(span, None, registry.group(1), registry.group(2))
    if not is_local(text):
        return UnitSource(span, None, text)
    # What stands before // is copied as a whole, so that the module may refer to its neighbours.
    path = located(text.partition("?")[0].replace("//", "/"), directory)
    shown = text.replace(CHECKOUT, "<repository>")
    return UnitSource(span, path, shown if path is None else "./" + posixpath.relpath("/" + path, "/" + directory))


def _shown(value: Unknown) -> str:
    """Return the pieces of a source that are known, so that a report can name it."""
    parts = [part.value if isinstance(part, Known) else f"${{{part.symbol}}}" for part in value.parts]
    return "".join(parts) if parts else value.symbol


def unresolved(configuration: Configuration, source: UnitSource) -> Unknown:
    """Return why nothing is known of a unit's module."""
    if source.why is not None:
        return source.why
    return Unknown(Reason.MODULE_NOT_ON_DISK, f"{configuration.origin}:terraform.source", Written(source.span))
