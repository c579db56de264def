"""Argo CD's Applications: those that are written, and those that the literal lists of an ApplicationSet make.

Fields: argoproj.io/v1alpha1 (argo-cd.readthedocs.io, "Application Specification", "List Generator", "Directory",
"Automated Sync Policy", read 2026-11).
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import Any, Final

from drpolicy.kubernetes.navigation import elements, inside, text
from drpolicy.kubernetes.objects import Manifest
from drpolicy.kubernetes.substitution import Filling, filled
from drpolicy.model.patterns import deferred
from drpolicy.model.provenance import Provenance
from drpolicy.model.reasons import Reason
from drpolicy.model.records import dataclass, replace
from drpolicy.model.resources import Applier
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Unknown, Value

GROUP: Final = "argoproj.io"
_NAME: Final = deferred(r"\{\{-?\s*+\.?([A-Za-z0-9_.-]++)\s*+-?\}\}")
_CLUSTER_NAMES: Final = ("cluster", "clusterName", "name", "env", "environment")
"""What the examples of Argo CD's documentation call the cluster of an element of a list."""
_ELEMENT_LIMIT: Final = 200


@dataclass(frozen=True, slots=True, eq=False)
class MadeApplication:
    """One Application: what it is for a reader, the object that makes it, with the home of its cluster, and its specification."""

    what: str
    by: Manifest
    spec: Value[Any]
    presence: Truth = Truth.TRUE
    why: Unknown | None = None

    @property
    def applier(self) -> Applier:
        """What keeps its objects as the files have them, by its ``syncPolicy``."""
        policy = inside(self.spec, "syncPolicy", "automated")
        enabled, prunes = inside(policy, "enabled"), inside(policy, "prune")
        automatic = policy if isinstance(policy, Unknown) else enabled if isinstance(enabled, Unknown) else None
        off = isinstance(enabled, Known) and enabled.value is False
        given = automatic or Known(isinstance(policy, Known) and not off, policy.origin)
        asked = isinstance(prunes, Known) and prunes.value is True and not off
        pruned: Value[bool] = prunes if isinstance(prunes, Unknown) else Known(asked, prunes.origin)
        return Applier(self.what, "argo", given, given if asked and isinstance(given, Unknown) else pruned, self.by.span)


def applications(manifest: Manifest) -> Iterator[MadeApplication]:
    """Yield the Applications of an object; one with unknown presence for the generators of an ApplicationSet that are no literal lists."""
    if manifest.group != GROUP:
        return
    if manifest.kind == "Application":
        yield MadeApplication(f"Application {manifest.name}", manifest, inside(manifest.value, "spec"))
    elif manifest.kind == "ApplicationSet":
        yield from _set(manifest)


def sources_of(spec: Value[Any]) -> Iterator[Value[Any]]:
    """Yield the sources of an Application."""
    for source in (inside(spec, "source"), *elements(inside(spec, "sources"))):
        if isinstance(source, Known):
            yield source


def _set(manifest: Manifest) -> Iterator[MadeApplication]:
    what = f"ApplicationSet {manifest.name}"
    template = inside(manifest.value, "spec", "template", "spec")
    generators = inside(manifest.value, "spec", "generators")
    listed: list[Value[Any]] = []
    others = isinstance(generators, Unknown)
    for generator in elements(generators):
        found = list(elements(inside(generator, "list", "elements")))
        others = others or not found or not isinstance(inside(generator, "list", "elementsYaml"), Absent)
        listed.extend(found)
    for element in listed[:_ELEMENT_LIMIT]:
        spec = filled(template, _from(element))
        home = _home(manifest, spec, element) if len(listed) > 1 else manifest.home
        yield MadeApplication(what, replace(manifest, home=home), spec)
    if others or len(listed) > _ELEMENT_LIMIT:
        why = Unknown(Reason.COUNT_NOT_KNOWN, f"what the generators of {what} give", generators.origin)
        yield MadeApplication(what, manifest, template, Truth.UNKNOWN, why)


def _from(element: Value[Any]) -> Filling:
    """Return the filling of ``{{name}}`` and, with goTemplate, ``{{.name}}``."""

    def fill(placeholder: str, origin: Provenance) -> Value[Any] | None:
        found = _NAME.fullmatch(placeholder)
        value = inside(element, *found[1].split(".")) if found is not None else None
        return None if value is None or isinstance(value, Absent) else value

    return fill


def _home(manifest: Manifest, spec: Value[Any], element: Value[Any]) -> str:
    """Return a home of its own for each cluster that a list is about: the directory which such a cluster has in a repository."""
    names = (inside(spec, "destination", "name"), *(inside(element, name) for name in _CLUSTER_NAMES))
    name = next((found for each in names if (found := text(each)) and "/" not in found and found not in {".", ".."}), None)
    return manifest.home if name is None else posixpath.join("clusters", name, posixpath.basename(manifest.home))
