"""Which var-files a root is applied with, by the names that people give to files and directories.

The usual layouts: a directory or a file for each environment in the root, beside it or above it (``prod.tfvars``,
``envs/prod/terraform.tfvars``), in it a file for each deployment (``variables/production/orders.tfvars``), and files that all
share (``common.tfvars``). Nothing of it is certain, so that it is drafted and said, never assumed in a check.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Literal

from drpolicy.app.reading import Read
from drpolicy.model.findings import Finding
from drpolicy.model.patterns import deferred
from drpolicy.model.reasons import Reason
from drpolicy.model.records import dataclass
from drpolicy.model.resources import TerraformRoot
from drpolicy.recovery.environments import PLACES, named_environment
from drpolicy.terraform.files import ModuleLibrary, by_directory
from drpolicy.terraform.var_file_sets import NO_DEPLOYMENT, SHARED
from drpolicy.terraform.variables import is_automatic, var_file

PRODUCTION = "production"

_SUFFIX = deferred(r"\.tfvars(?:\.json)?$")
_VARIABLE = deferred(r"(?P<root>.*):var\.(?P<name>[A-Za-z_][\w-]*)")
_PLAIN = frozenset({"terraform", "variables", "vars", "main", "inputs", "values"})
"""Names of var-files that say only that they are some."""
_HOLDERS = PLACES | {"tfvars", "var-files", "varfiles", "tf-vars", "params", "parameters", "settings", "deploy", "deployments", "stacks"}
"""Names of directories that var-files are collected in."""


@dataclass(frozen=True, slots=True)
class VarFileSet:
    """The var-files of a root for one environment, in the order Terraform is given them."""

    environment: str
    """Empty where no name says one."""
    files: tuple[str, ...]
    label: str = ""
    """What tells it from the other sets of the same root and environment."""
    others: tuple[str, ...] = ()
    """The other environments that the root has var-files for."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    path: str
    kind: Literal["shared", "own"]
    environment: str
    label: str


def var_file_sets(found: Read) -> Mapping[str, tuple[VarFileSet, ...]]:
    """Return, by the path of a root, the var-files of production, or of the environment that the root's path says."""
    library = ModuleLibrary(found.tree, by_directory(found.discovery.terraform))
    units = {posixpath.dirname(path) for path in found.discovery.terragrunt}
    sets = {}
    for root in found.terraform.roots:
        if root.path not in sets and root.path not in units and not root.implied and (made := _sets(root, found, library)):
            sets[root.path] = made
    return sets


def settling_var_files(found: Read, findings: Iterable[Finding]) -> dict[str, str]:
    """Return, by the symbol of a variable that is not set, the var-file in the tree that most likely gives it its value."""
    roots = {root.name: root.path for root in found.terraform.roots}
    library = ModuleLibrary(found.tree, {})
    files: dict[str, str] = {}
    for finding in findings if found.discovery.tfvars else ():
        for each in finding.unknowns:
            variable = _VARIABLE.fullmatch(each.unknown.symbol) if each.unknown.reason is Reason.VARIABLE_NOT_SET else None
            if variable is not None and each.unknown.symbol not in files and variable["root"] in roots:
                file = _file_that_sets(found, library, roots[variable["root"]], variable["name"])
                files |= {each.unknown.symbol: file} if file is not None else {}
    return files


def _file_that_sets(found: Read, library: ModuleLibrary, root: str, name: str) -> str | None:
    setting = [path for path in found.discovery.tfvars if _mentions(found, path, name) and name in var_file(path, library)]
    return min(setting, key=lambda path: _distance(path, root), default=None)


def _mentions(found: Read, path: str, name: str) -> bool:
    data = found.tree.read(path)
    return isinstance(data, bytes) and name.encode() in data


def _distance(path: str, root: str) -> tuple[bool, bool, int, str]:
    candidate = _candidate(path, root)
    said = named_environment(_below(path, root)) or ""
    return candidate is None, said not in ("", PRODUCTION, named_environment(root)), candidate is None or candidate.kind == "shared", path


def _sets(root: TerraformRoot, found: Read, library: ModuleLibrary) -> tuple[VarFileSet, ...]:
    module = library.get(root.path)
    if module is None or not module.variables:
        return ()
    wanted = named_environment(root.path) or PRODUCTION
    candidates = [each for each in _candidates(root.path, found.discovery.tfvars) if var_file(each.path, library).keys() & module.variables]
    fitting = [each for each in candidates if each.environment in ("", wanted)]
    said = {each.environment for each in candidates} - {""}
    if not fitting or (said and wanted not in said):
        return ()
    shared = [each.path for each in fitting if each.kind == "shared"]
    general = [each.path for each in fitting if each.kind == "own" and not each.environment]
    own = [each for each in fitting if each.kind == "own" and each.environment]
    environment = wanted if wanted in said else ""
    others = tuple(sorted(said - {wanted}))
    if len(own) < 2:
        return (VarFileSet(environment, (*shared, *general, *(each.path for each in own)), "", others),)
    return tuple(VarFileSet(environment, (*shared, *general, each.path), each.label, others) for each in own)


def _candidates(root: str, tfvars: Iterable[str]) -> Iterator[_Candidate]:
    """Yield the var-files that a root may be given, those without an environment first."""
    found = [each for path in tfvars if not is_automatic(path, root) and (each := _candidate(path, root)) is not None]
    yield from sorted(found, key=lambda each: (each.environment != "", each.path))


def _candidate(path: str, root: str) -> _Candidate | None:
    below = _below(path, root)
    directory, _, stem = below.rpartition("/")
    base = posixpath.basename(root)
    steps = [each for each in directory.split("/") if each]
    environment = named_environment(below) or ""
    named = base in steps
    if not all(each == base or each.lower() in _HOLDERS or named_environment(each) for each in steps) or set(steps) & NO_DEPLOYMENT:
        return None
    if stem.lower() in SHARED:
        return _Candidate(path, "shared", environment, stem)
    inside = path.startswith(f"{root}/") or not root
    says_only = named_environment(stem) is not None and not _rest(stem, base)
    of_the_root = stem == base or (says_only and _names(stem, base)) or ((stem in _PLAIN or says_only) and (inside or named))
    # The steps up to a file that is named after an environment alone are holders: it is for every root beside or below them.
    if of_the_root or (says_only and not inside):
        label = stem if stem != base and stem not in _PLAIN else posixpath.basename(directory)
        return _Candidate(path, "own", environment, label)
    return None


def _rest(stem: str, base: str) -> Collection[str]:
    """Return the words of a var-file's name that are neither an environment, nor a place, nor of the root's own name."""
    own = set(re.split(r"[-_.]", base.lower()))
    words = re.split(r"[-_.]", stem.lower())
    return [each for each in words if each not in own | PLACES and named_environment(each) is None and not re.fullmatch(r"[a-z]?\d+", each)]


def _names(stem: str, base: str) -> bool:
    """Whether a var-file's name has all words of the root's."""
    return bool(base) and set(re.split(r"[-_.]", base.lower())) <= set(re.split(r"[-_.]", stem.lower()))


def _below(path: str, root: str) -> str:
    """Return a var-file's path without its suffix and without the directories that it has in common with the root."""
    plain = _SUFFIX.sub("", path)
    common = posixpath.commonpath([posixpath.dirname(path), root]) if root and posixpath.dirname(path) else ""
    return plain.removeprefix(f"{common}/") if common else plain
