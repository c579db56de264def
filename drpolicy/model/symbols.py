"""What an unknown is called for a person: a name to be found in the files, never the symbol that equality goes by."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from drpolicy.model.patterns import deferred
from drpolicy.model.reasons import Reason
from drpolicy.model.values import Unknown

_OF_DEPLOYMENT: Final = deferred(r"[^\s(){}\[\]:]*(?<!:)(?:://|//|:)(?=[A-Za-z])(?P<rest>.+)")
_INSIDE: Final = deferred(r"(?P<before>[(\[, ])[^\s(){}\[\],\"]*(?:(?<!:)//|:)(?=(?:var|local|module|data|provider)\.)")
_SERIAL: Final = deferred(r"(?: for)?#\d+")
"""What keeps two elements of an unknown list apart."""
_CLUSTER: Final = deferred(r"cluster:(?P<name>.+)\.(?P<what>region|role)")
_OF_PROVIDER: Final = deferred(r"provider\.(?P<name>[\w.\[\]\"-]+)\.(?P<what>region|account)")
_REPEATED: Final = deferred(r"(?P<address>\S+): (?P<what>for_each|count)")
_ELSEWHERE: Final[Mapping[str, str]] = {"backend.region": "region of the backend"}


def plain_symbol(symbol: str) -> str:
    """Return the symbol of an unknown without its deployment: ``envs/prod:var.region`` is ``var.region``."""
    match = _OF_DEPLOYMENT.fullmatch(symbol)
    return match["rest"] if match is not None and "://" not in symbol else symbol


@lru_cache(maxsize=1024)
def named(symbol: str) -> str:
    """Return what a symbol is called: ``envs/prod:provider.aws.region`` is ``region of provider aws``."""
    cluster = _CLUSTER.fullmatch(symbol)
    if cluster is not None:
        return f"{cluster['what']} of cluster {cluster['name']}"
    plain = _SERIAL.sub("", _INSIDE.sub(r"\g<before>", plain_symbol(symbol)))
    provider = _OF_PROVIDER.fullmatch(plain)
    if provider is not None:
        return f"{provider['what']} of provider {provider['name']}"
    repeated = _REPEATED.fullmatch(plain)
    return f"{repeated['what']} of {repeated['address']}" if repeated is not None else _ELSEWHERE.get(plain, plain)


def deployment_of(symbol: str) -> str:
    """Return the deployment that a symbol belongs to; empty where it belongs to none."""
    return "" if _CLUSTER.fullmatch(symbol) else symbol.removesuffix(plain_symbol(symbol)).rstrip(":/")


def told(unknown: Unknown) -> str:
    """Return what is not known and why: ``var.region: variable not set``, ``provider aws writes no region``."""
    cause = unknown.cause
    provider = _provider(cause)
    return f"provider {provider} writes no region" if provider else f"{named(cause.symbol)}: {cause.reason.label}"


def unwritten_region(unknown: Unknown) -> str:
    """Return the region of a provider that writes none, in words; empty for any other unknown."""
    provider = _provider(unknown.cause)
    return f"a region that is not written (provider {provider})" if provider else ""


def _provider(cause: Unknown) -> str:
    match = _OF_PROVIDER.fullmatch(plain_symbol(cause.symbol)) if cause.reason is Reason.REGION_NOT_WRITTEN else None
    return match["name"] if match is not None and match["what"] == "region" else ""
