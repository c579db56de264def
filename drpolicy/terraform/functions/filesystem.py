"""Functions on files of the repository, and on paths. Terraform runs in the directory of the root, and so do relative paths."""

from __future__ import annotations

import posixpath
from typing import Any

from drpolicy.model.provenance import Written
from drpolicy.model.reasons import Reason
from drpolicy.model.spans import Source, Span
from drpolicy.model.values import Absent, Known, Object, Unknown, Value
from drpolicy.sources.problems import Problem
from drpolicy.sources.reading import read_source
from drpolicy.sources.trees import normalised
from drpolicy.terraform.conversion import text
from drpolicy.terraform.functions.table import Function, Site, Values
from drpolicy.terraform.scope import Frame
from drpolicy.terraform.tree import Literal, Template
from drpolicy.terraform.unknowns import EvaluationError, derived_unknown

_MARKER = "DRPOLICY_TEMPLATE_END"


def _path(argument: Value[Any], site: Site) -> str | Unknown:
    if isinstance(argument, Absent):
        raise EvaluationError("the path is null")
    if isinstance(argument, Unknown):
        return derived_unknown(site.name, [argument], site.span)
    written = text(argument.value)
    clean = None if written.startswith(("/", "~")) else normalised(posixpath.join(site.frame.scope.deployment.path, written))
    if clean is None:
        return Unknown(Reason.OUTSIDE_SCOPE, f"{site.name}({written})", Written(site.span))
    return clean


def _source(path: str, site: Site) -> Source | None:
    run = site.frame.scope.run
    if path not in run.texts:
        found = read_source(run.tree, path)
        run.texts[path] = None if isinstance(found, Problem) else found
    return run.texts[path]


def _file(arguments: Values, site: Site) -> Value[Any]:
    path = _path(arguments[0], site)
    if isinstance(path, Unknown):
        return path
    source = _source(path, site)
    if source is None:
        return _missing(path, site)
    return Known(source.text, Written(Span(source, 0, len(source.text))))


def _missing(path: str, site: Site) -> Unknown:
    # Terraform may run after another program has written the file, so this is not an error that try could catch.
    site.frame.scope.run.doubts += 1
    reason = Reason.FILE_UNREADABLE if site.frame.scope.run.tree.exists(path) else Reason.OUTSIDE_SCOPE
    return Unknown(reason, f"file {path}", Written(site.span))


def _fileexists(arguments: Values, site: Site) -> Value[Any]:
    path = _path(arguments[0], site)
    if isinstance(path, Unknown):
        return path
    if site.frame.scope.run.tree.exists(path):
        return Known(True, Written(site.span))
    return Unknown(Reason.OUTSIDE_SCOPE, f"fileexists {path}", Written(site.span))


def _templatefile(arguments: Values, site: Site) -> Value[Any]:
    path = _path(arguments[0], site)
    if isinstance(path, Unknown):
        return path
    names = arguments[1]
    if not isinstance(names, Known) or not isinstance(names.value, Object) or names.value.rest is not None:
        return derived_unknown(f"templatefile {path}", arguments, site.span)
    source = _source(path, site)
    if source is None:
        return _missing(path, site)
    frame = site.frame
    # A template file is the content of a heredoc; the offset of the tree is shifted by the marker's line.
    opening = f"<<{_MARKER}\n"
    body = source.text
    wrapped = f"{opening}{body}{'' if body.endswith(chr(10)) else chr(10)}{_MARKER}"
    run = frame.scope.run
    tree = run.parsed.get(wrapped)
    if tree is None:
        tree = run.parsed[wrapped] = run.parse(wrapped)
    if not isinstance(tree, (Template, Literal)):
        return Unknown(Reason.FUNCTION_NOT_EVALUATED, f"templatefile {path}", Written(site.span))
    value = run.evaluate(tree, Frame(frame.scope, source, -len(opening), dict(names.value.fields)))
    if isinstance(value, Known) and isinstance(value.value, str) and not body.endswith("\n"):
        return Known(value.value.removesuffix("\n"), value.origin)
    return value


FUNCTIONS: dict[str, Function] = {
    "basename": Function(lambda path: posixpath.basename(text(path).rstrip("/")) or ("/" if text(path) else "."), 1, 1),
    "dirname": Function(lambda path: posixpath.normpath(posixpath.dirname(text(path)) or "."), 1, 1),
    "file": Function(_file, 1, 1, "values"),
    "fileexists": Function(_fileexists, 1, 1, "values"),
    "templatefile": Function(_templatefile, 2, 2, "values"),
}
