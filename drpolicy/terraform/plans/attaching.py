"""Which plan or state belongs to which root."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from typing import Any

from drpolicy.model.provenance import Through, Written
from drpolicy.model.reasons import Reason
from drpolicy.model.records import dataclass
from drpolicy.model.values import Absent, Known, Unknown
from drpolicy.terraform.files import TerraformProblem
from drpolicy.terraform.plans.configuration import mapping
from drpolicy.terraform.plans.documents import Kind, PlanDocument, read_document
from drpolicy.terraform.plans.values import Marked, value_of


@dataclass(frozen=True, slots=True)
class PlanFile:
    """A plan or state that was given: its path, as it is to be shown, its bytes, and the root that it is of, by path or name.

    Without ``root`` it belongs to the one root that is read.
    """

    kind: Kind
    path: str
    data: bytes
    root: str | None = None
    declared: str | None = None
    """The path of that root when the configuration declares it: its HCL need not be there."""


@dataclass(frozen=True, slots=True)
class Attached:
    """Documents by the deployment that they are of, and those of a root whose HCL was not read."""

    to: dict[str, PlanDocument]
    alone: tuple[tuple[str, str, PlanDocument], ...]
    """Name and path of the root with each."""


def attached(files: Sequence[PlanFile], deployments: Sequence[tuple[str, str]], problems: list[TerraformProblem]) -> Attached:
    """Read the files and say which deployment each is of. ``deployments`` are names and root paths; trouble is added to ``problems``."""
    to: dict[str, PlanDocument] = {}
    alone: list[tuple[str, str, PlanDocument]] = []
    for file in files:
        document = read_document(file.path, file.data, file.kind)
        if isinstance(document, TerraformProblem):
            problems.append(document)
            continue
        named = deployments if file.root is None else [each for each in deployments if file.root in each]
        if not named and file.root is None:
            alone.append((*_place(document), document))
        elif not named and file.root is not None and file.declared is not None:
            alone.append((file.root, file.declared, document))
        elif len(named) != 1:
            problems.append(TerraformProblem(file.path, "plan-root", _which(file, deployments, len(named))))
        elif named[0][0] in to:
            message = f"{file.path} was not used: {named[0][0]} is judged by {to[named[0][0]].source.path}; give one of them"
            problems.append(TerraformProblem(file.path, "plan-root", message))
        else:
            to[named[0][0]] = document
    return Attached(to, tuple(alone))


def _which(file: PlanFile, deployments: Sequence[tuple[str, str]], found: int) -> str:
    names = ", ".join(sorted(name for name, _ in deployments)[:10]) or "none"
    if file.root is None:
        return f"{file.path}: there are {found} Terraform roots; say which one it is of, as --{file.kind} ROOT={file.path} (roots: {names})"
    if not found:
        return f"{file.path}: there is no Terraform root {file.root!r} (roots: {names})"
    return f"{file.path}: {file.root} has several deployments; name one of them (deployments: {names})"


def _place(document: PlanDocument) -> tuple[str, str]:
    """Return the name and path of the root of a plan whose HCL was not read: the directory that holds the file, if it is in the tree."""
    path = document.source.path
    if path == "-" or posixpath.isabs(path) or path.startswith("../"):
        return posixpath.splitext(posixpath.basename(path))[0] if path != "-" else document.kind, ""
    directory = posixpath.dirname(path)
    return directory or "root", directory


def variables_of(document: PlanDocument, deployment: str) -> dict[str, Known[Any] | Unknown | Absent]:
    """Return the variables of the root as the plan was made with them."""
    declared = mapping(mapping(document.part("configuration").get("root_module")).get("variables"))
    found: dict[str, Known[Any] | Unknown | Absent] = {}
    for name, given in document.part("variables").items():
        secret = mapping(declared.get(name)).get("sensitive") is True
        origin = Through(f"the {document.kind}", document.span, Written(document.span))
        if secret:
            found[name] = Unknown(Reason.SENSITIVE, f"{deployment}:var.{name}", origin)
        else:
            found[name] = value_of(Marked(mapping(given).get("value")), f"{deployment}:var.{name}", origin)
    return found


def facts(given: Attached) -> Iterator[TerraformProblem]:
    """Yield, for the report, which roots were judged by a plan or a state, and which of those Terraform says are not whole."""
    beside = [(name, document, "not by its HCL alone") for name, document in given.to.items()]
    alone = [(name, document, "its HCL was not read") for name, _, document in given.alone]
    for name, document, rather in (*beside, *alone):
        path = document.source.path
        version = document.data.get("terraform_version")
        by = f" of Terraform {version[:20]}" if isinstance(version, str) else ""
        yield TerraformProblem(path, "plan-used", f"{name} is judged by the {document.kind} {path}{by}, {rather}")
        if document.data.get("errored") is True or document.data.get("complete") is False:
            yield TerraformProblem(
                path, "plan-incomplete", f"{path}: Terraform could not plan everything, so more may change than is judged"
            )
