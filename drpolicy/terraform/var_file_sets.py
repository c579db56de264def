"""Var-files that somebody must name when applying a root: each set of inputs that they make is a deployment of its own.

Terraform loads only ``terraform.tfvars`` and ``*.auto.tfvars`` of the root's directory by itself (Terraform, "Input Variables",
2026-11). Where required variables are left unset and several other var-files below the root set them, the root is applied once
with each of these: nothing else would run.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterable, Mapping

from drpolicy.model.patterns import deferred
from drpolicy.terraform.files import Module, ModuleLibrary
from drpolicy.terraform.scope import Inputs
from drpolicy.terraform.variables import is_automatic, var_file

SHARED = frozenset({"common", "shared", "global", "globals", "default", "defaults", "base", "all"})
"""Names of var-files that are given together with each of the others, before it."""

NO_DEPLOYMENT = frozenset({"test", "tests", "example", "examples", "fixtures", "testdata", "templates"})
"""Directories below a root whose var-files are for trying it out."""

_SUFFIX = deferred(r"\.tfvars(?:\.json)?$")
_NO_INPUTS = frozenset({"example", "sample", "template", "backend", "backends", "tfstate"})
"""Words of var-files that show how one looks, or that configure a backend (``terraform init -backend-config``)."""


def implied_inputs(
    path: str, module: Module, tfvars: Iterable[str], given: Mapping[str, object], library: ModuleLibrary
) -> tuple[Inputs, ...]:
    """Return one set of inputs per var-file that sets a required variable which ``given`` lacks; none when there are fewer than two."""
    required = [name for name, each in module.variables.items() if name not in given and "default" not in each.body().attributes]
    if not required:
        return ()
    candidates = [each for each in sorted(tfvars) if _is_candidate(each, path, library.known)]
    if len(candidates) < 2:
        return ()
    sets = {each: var_file(each, library).keys() & module.variables.keys() for each in candidates}
    shared = tuple(each for each in candidates if sets[each] and _words(posixpath.basename(_label(each, path))) & SHARED)
    together = {name for each in shared for name in sets[each]}
    chosen = [each for each in candidates if each not in shared and sets[each] and not (sets[each] | together).isdisjoint(required)]
    if len(chosen) < 2:
        return ()
    return tuple(
        Inputs(var_files=(*(each for each in shared if _reaches(each, one)), one), name=f"{path or 'root'}@{label}", implied=True)
        for one, label in zip(chosen, _labels(chosen, path), strict=True)
    )


def _is_candidate(var_path: str, root: str, known: Collection[str]) -> bool:
    below = f"{root}/" if root else ""
    if not var_path.startswith(below) or is_automatic(var_path, root):
        return False
    directory = posixpath.dirname(var_path)
    while directory != root:
        # A directory with Terraform files of its own is another root, or a module: its var-files are not for this one.
        if directory in known or posixpath.basename(directory).lower() in NO_DEPLOYMENT:
            return False
        directory = posixpath.dirname(directory)
    return not _words(_label(var_path, root)) & _NO_INPUTS


def _label(var_path: str, root: str) -> str:
    """Return what a var-file is called: its path below the root, without what only says that it is a var-file."""
    name = _SUFFIX.sub("", var_path.removeprefix(f"{root}/" if root else ""))
    directory, _, last = name.rpartition("/")
    return directory if directory and last in ("terraform", "terraform.auto", "variables") else name


def _words(label: str) -> set[str]:
    return set(re.split(r"[-_./]", label.lower()))


def _labels(paths: Iterable[str], root: str) -> list[str]:
    """Return the names without the directories that they all share."""
    found = [_label(each, root) for each in paths]
    prefix = posixpath.commonpath([posixpath.dirname(each) for each in found])
    return [each.removeprefix(f"{prefix}/") if prefix else each for each in found]


def _reaches(shared: str, own: str) -> bool:
    """Whether a shared var-file stands beside another one, or above it."""
    directory = posixpath.dirname(shared)
    return not directory or own.startswith(f"{directory}/")
