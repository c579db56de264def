"""Which addresses a written reference names: no index, and ``[*]``, stand for every instance, any other index for that one."""

from __future__ import annotations

from typing import Final

from drpolicy.model.patterns import deferred
from drpolicy.model.truth import Truth, every

EVERY: Final = "[*]"
"""As an address of the estate it stands for instances of which the number or the keys are not known."""

_INDEX: Final = deferred(r'\[(?:"(?:[^"\\]|\\.)*"|[^\]"]*)\]')
"""Keys are quoted and may hold anything, brackets and slashes too."""


def bare(address: str) -> str:
    """Return an address without the indices of its modules and of itself."""
    return _INDEX.sub("", address) if "[" in address else address


def split(reference: str) -> tuple[str, str]:
    """Return the deployment, empty where none is written, and the address of ``deployment//address``."""
    deployment, separator, address = reference.partition("//")
    # Two slashes in a key are its own, as in x["s3://y"].
    return (deployment, address) if separator and "[" not in deployment else ("", reference)


def names(written: str, address: str) -> Truth:
    """Whether a written address names another one; UNKNOWN where it is one instance of several that are not known."""
    if written == address:
        return Truth.TRUE
    if bare(written) != bare(address):
        return Truth.FALSE
    own = _indices(address)
    return every(_same(index, own.get(place, "")) for place, index in _indices(written).items())


def refers(reference: str, deployment: str, address: str) -> Truth:
    """Whether ``[deployment//]address`` names an address of a deployment.

    A root whose var-files make several deployments is still what people call it.
    """
    wanted, written = split(reference)
    if wanted and wanted not in (deployment, deployment.partition("@")[0]):
        return Truth.FALSE
    return names(written, address)


def _same(index: str, own: str) -> Truth:
    if index in (EVERY, own):
        return Truth.TRUE
    return Truth.UNKNOWN if own == EVERY else Truth.FALSE


def _indices(address: str) -> dict[int, str]:
    """Return the indices of an address by where each stands in the bare one."""
    found, removed = {}, 0
    for each in _INDEX.finditer(address):
        found[each.start() - removed] = each[0]
        removed += len(each[0])
    return found
