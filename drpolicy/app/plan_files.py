"""Plans and states that the configuration lists."""

from __future__ import annotations

import posixpath
from pathlib import Path

from drpolicy.declarations.documents import Configuration
from drpolicy.model.findings import Diagnostic
from drpolicy.model.provenance import written_at
from drpolicy.model.values import Known
from drpolicy.sources.problems import Unreadable
from drpolicy.sources.trees import Tree
from drpolicy.terraform.plans.attaching import PlanFile
from drpolicy.terraform.plans.documents import SIZE_LIMIT


def listed_plans(
    tree: Tree, configuration: Configuration | None, base: str, given: set[str | None]
) -> tuple[tuple[PlanFile, ...], tuple[Diagnostic, ...]]:
    """Read the plans and states that the configuration lists for its deployments, but for those that the command line gives."""
    found: list[PlanFile] = []
    diagnostics: list[Diagnostic] = []
    for each in configuration.deployments if configuration is not None else ():
        path = within(base, each.path.value) if isinstance(each.path, Known) else ""
        root = each.name.value if isinstance(each.name, Known) else path or "root"
        if root in given or path in given:
            continue
        for kind, value in (("plan", each.plan), ("state", each.state)):
            # Of what is not there, configured_paths speaks.
            if isinstance(value, Known) and tree.exists(file := within(base, value.value)):
                data = tree.read(file, SIZE_LIMIT)
                if isinstance(data, Unreadable):
                    message = f"{data.path} was not read: {data.reason}"
                    diagnostics.append(Diagnostic("error", "plan-invalid", message, written_at(value.origin), data.path, "invalid"))
                else:
                    found.append(PlanFile("plan" if kind == "plan" else "state", file, data, root, path))
    return tuple(found), tuple(diagnostics)


def shown_path(path: str, cwd: Path, root: Path) -> str:
    """Return the path of a plan as it is shown: relative to the repository when it lies in it."""
    if path == "-":
        return path
    resolved = (cwd / path).resolve()
    return resolved.relative_to(root).as_posix() if resolved.is_relative_to(root) else resolved.as_posix()


def within(base: str, path: str) -> str:
    """Return a path of the configuration as a path of the tree."""
    joined = posixpath.normpath(posixpath.join(base, path))
    return "" if joined == "." else joined
