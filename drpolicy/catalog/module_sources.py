"""What a module's ``source`` names: a module of the registry, a repository on GitHub, and the submodule in it."""

from __future__ import annotations

from typing import Final, NamedTuple

from drpolicy.model.patterns import deferred


class ModuleSource(NamedTuple):
    """``name`` is ``namespace/name/provider`` or ``github.com/owner/repository``; ``ref`` is the tag that a Git source asks for."""

    name: str
    submodule: str = ""
    ref: str | None = None
    git: bool = False


_PART = r"[0-9A-Za-z][0-9A-Za-z_-]*"
_REGISTRY: Final = deferred(
    rf"(?:(?:registry\.terraform\.io|registry\.opentofu\.org)/)?(?P<name>{_PART}/{_PART}/{_PART})(?://(?P<submodule>[\w./-]+))?"
)
_GITHUB: Final = deferred(
    r"(?:git::)?(?:(?:https|ssh|git|http)://)?(?:[\w-]+(?::[^@/]*)?@)?(?:www\.)?github\.com[/:](?P<owner>[\w-]+)/(?P<repository>[\w.-]+?)(?:\.git)?"
    r"(?://(?P<submodule>[\w./-]+))?(?:\?(?P<query>[^\s]*))?"
)


def module_source(source: str) -> ModuleSource | None:
    """Return what a source names (Terraform docs, "Module sources", 2026-11); ``None`` for a local path and for any other host."""
    if (match := _REGISTRY.fullmatch(source)) is not None:
        return ModuleSource(match["name"], _clean(match["submodule"]))
    if (match := _GITHUB.fullmatch(source)) is not None:
        ref = next((each[4:] for each in (match["query"] or "").split("&") if each.startswith("ref=")), None)
        ref = ref and ref.removeprefix("refs/").removeprefix("tags/")
        return ModuleSource(f"github.com/{match['owner']}/{match['repository']}".lower(), _clean(match["submodule"]), ref, git=True)
    return None


def _clean(submodule: str | None) -> str:
    return (submodule or "").strip("/")
