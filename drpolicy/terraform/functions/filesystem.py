"""Functions on files of the repository, and on paths. Terraform runs in the directory of the root, and so do relative paths."""

from __future__ import annotations

import base64
import posixpath
import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

from drpolicy.model.patterns import deferred
from drpolicy.model.provenance import Derived, Written
from drpolicy.model.reasons import Reason
from drpolicy.model.records import replace
from drpolicy.model.spans import Source, Span
from drpolicy.model.values import Absent, Known, Member, Object, Unknown, Value
from drpolicy.sources.problems import Problem
from drpolicy.sources.reading import read_source
from drpolicy.sources.trees import normalised
from drpolicy.terraform.conversion import SIZE_LIMIT, TEXT_LIMIT, text
from drpolicy.terraform.functions.hashes import digest
from drpolicy.terraform.functions.re2_matching import compiled
from drpolicy.terraform.functions.table import Function, Site, Values
from drpolicy.terraform.lexical import IDENTIFIER
from drpolicy.terraform.scope import Frame, Run
from drpolicy.terraform.shapes import SetOf
from drpolicy.terraform.tree import Expression, Literal, Opaque, Template
from drpolicy.terraform.unknowns import EvaluationError, TooLarge, Unsupported, derived_unknown, origins

_NAME = deferred(IDENTIFIER)
_MARKER = "DRPOLICY_TEMPLATE_END"


def _path(argument: Value[Any], site: Site) -> str | Unknown:
    if isinstance(argument, Absent):
        raise EvaluationError("the path is null")
    if isinstance(argument, Unknown):
        return derived_unknown(site.name, [argument], site.span)
    written = text(argument.value)
    if not written and site.name != "fileset":
        raise EvaluationError("the path is empty")
    clean = None if written.startswith(("/", "~")) else normalised(posixpath.join(site.frame.scope.deployment.path, written))
    if clean is None:
        return Unknown(Reason.OUTSIDE_SCOPE, f"{site.name}({written})", Written(site.span))
    return clean


def source_of(path: str, run: Run) -> Source | None:
    """Return a file of the tree; ``None`` for one that cannot be read."""
    if path not in run.texts:
        found = read_source(run.tree, path)
        run.texts[path] = None if isinstance(found, Problem) else found
    return run.texts[path]


def _content(argument: Value[Any], site: Site) -> bytes | Unknown:
    """Return the bytes of a file; raise ``EvaluationError`` for a directory."""
    path = _path(argument, site)
    if isinstance(path, Unknown):
        return path
    tree = site.frame.scope.run.tree
    content = tree.read(path)
    if isinstance(content, bytes):
        return content
    if tree.exists(path) and "directory" in content.reason:
        raise EvaluationError("the path is a directory")
    return _missing(path, site)


def _file(arguments: Values, site: Site) -> Value[Any]:
    content = _content(arguments[0], site)
    if isinstance(content, Unknown):
        return content
    try:
        text_ = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise EvaluationError("the file is not UTF-8") from error
    path = _path(arguments[0], site)
    source = source_of(path, site.frame.scope.run) if isinstance(path, str) else None
    if source is None:
        return _missing(str(path), site)
    if not text_.isascii():
        text_ = unicodedata.normalize("NFC", text_)
    return Known(text_, Written(Span(source, 0, len(source.text))))


def _of_content(compute: Callable[[bytes], str]) -> Callable[[Values, Site], Value[Any]]:
    def apply(arguments: Values, site: Site) -> Value[Any]:
        content = _content(arguments[0], site)
        return content if isinstance(content, Unknown) else Known(compute(content), Derived(site.name, origins(arguments), site.span))

    return apply


def _base64(content: bytes) -> str:
    if len(content) > TEXT_LIMIT:
        raise TooLarge("the string is longer than is evaluated")
    return base64.b64encode(content).decode("ascii")


def _missing(path: str, site: Site) -> Unknown:
    # Terraform may run after another program has written the file, so this is not an error that try could catch.
    site.frame.scope.run.doubts += 1
    reason = Reason.FILE_UNREADABLE if site.frame.scope.run.tree.exists(path) else Reason.OUTSIDE_SCOPE
    return Unknown(reason, f"file {path}", Written(site.span))


def _fileexists(arguments: Values, site: Site) -> Value[Any]:
    path = _path(arguments[0], site)
    if isinstance(path, Unknown):
        return path
    tree = site.frame.scope.run.tree
    if not tree.exists(path):
        return Unknown(Reason.OUTSIDE_SCOPE, f"fileexists {path}", Written(site.span))
    content = tree.read(path)
    if not isinstance(content, bytes) and "directory" in content.reason:
        raise EvaluationError("the path is a directory")
    return Known(True, Written(site.span))


def _fileset(arguments: Values, site: Site) -> Value[Any]:
    path, wanted = _path(arguments[0], site), arguments[1]
    if isinstance(path, Unknown):
        return path
    if isinstance(wanted, Absent):
        raise EvaluationError("the pattern is null")
    if isinstance(wanted, Unknown):
        return derived_unknown("fileset", arguments, site.span)
    written = text(wanted.value)
    pattern = compiled(path_pattern(posixpath.normpath(written) if written else ""))
    tree = site.frame.scope.run.tree
    if path and not tree.exists(path):
        return Unknown(Reason.OUTSIDE_SCOPE, f"fileset {path}", Written(site.span))
    inside = f"{path}/" if path else ""
    names = (name.removeprefix(inside) for name in tree.list(path))
    found = [Known(name, Written(site.span)) for name in names if pattern.first(name) is not None]
    if len(found) > SIZE_LIMIT:
        raise TooLarge("the collection is larger than is evaluated")
    return Known(SetOf(tuple(map(Member, found))), Derived("fileset", origins(arguments), site.span))


def path_pattern(glob: str) -> str:
    """Return a pattern of paths as a regular expression of RE2 (bmatcuk/doublestar, 2026-11): ``**`` is any number of directories."""
    out, at, open_ = [r"\A"], 0, 0
    while at < len(glob):
        char = glob[at]
        at += 1
        if glob.startswith("**", at - 1) and glob[at - 2 : at - 1] in ("", "/") and glob[at + 1 : at + 2] in ("", "/"):
            out.append("(?:[^/]*/)*" if glob[at + 1 : at + 2] else ".*")
            at += 2
        elif char == "*":
            out.append("[^/]*")
        elif char == "?":
            out.append("[^/]")
        elif char == "{":
            open_ += 1
            out.append("(?:")
        elif char == "}" and open_:
            open_ -= 1
            out.append(")")
        elif char == "," and open_:
            out.append("|")
        elif char == "[":
            end = glob.find("]", at + 1)
            if end < 0:
                raise EvaluationError("the pattern has a [ without ]")
            negated = glob[at] == "^"
            out.append(f"[{'^/' if negated else ''}{re.sub(r'[^-0-9A-Za-z]', lambda each: chr(92) + each[0], glob[at + negated : end])}]")
            at = end + 1
        elif char == "\\":
            if at == len(glob):
                raise EvaluationError("the pattern ends in a backslash")
            out.append(re.escape(glob[at]))
            at += 1
        else:
            out.append(re.escape(char))
    if open_:
        raise EvaluationError("the pattern has a { without }")
    return "".join((*out, r"\z"))


def _pathexpand(path: Any) -> str:
    if text(path).startswith("~"):
        raise Unsupported("the home directory of whoever runs Terraform is not known")
    return text(path)


def _templatefile(arguments: Values, site: Site) -> Value[Any]:
    path = _path(arguments[0], site)
    if isinstance(path, Unknown):
        return path
    names = arguments[1]
    if isinstance(names, Absent) or (isinstance(names, Known) and not isinstance(names.value, Object)):
        raise EvaluationError("templatefile takes a map of variables")
    if not isinstance(names, Known) or not isinstance(names.value, Object) or names.value.rest is not None:
        return derived_unknown(f"templatefile {path}", arguments, site.span)
    source = source_of(path, site.frame.scope.run)
    if source is None:
        content = site.frame.scope.run.tree.read(path)
        if isinstance(content, bytes):
            raise EvaluationError("the file is not UTF-8")
        return _missing(path, site)
    return rendered(source, dict(names.value.fields), site)


def _templatestring(arguments: Values, site: Site) -> Value[Any]:
    body, names = arguments
    if isinstance(body, Absent) or isinstance(names, Absent):
        raise EvaluationError("an argument of templatestring is null")
    if not isinstance(body, Known) or not isinstance(names, Known) or not isinstance(names.value, Object) or names.value.rest is not None:
        return derived_unknown("templatestring", arguments, site.span)
    return rendered(Source(site.span.source.path, text(body.value)), dict(names.value.fields), site)


def rendered(source: Source, names: Mapping[str, Value[Any]], site: Site) -> Value[Any]:
    """Return the text of a template that sees nothing but ``names``; a lone interpolation gives its value."""
    for name in names:
        if not _NAME.fullmatch(name):
            raise EvaluationError(f"{name!r} is no name of a variable")
    frame = site.frame
    # A template file is the content of a heredoc; the offset of the tree is shifted by the marker's line.
    opening = f"<<{_MARKER}\n"
    body = source.text
    ended = body.endswith("\n")
    wrapped = f"{opening}{body}{'' if ended else chr(10)}{_MARKER}"
    run = frame.scope.run
    tree = run.parsed.get(wrapped)
    if tree is None:
        tree = run.parsed[wrapped] = run.parse(wrapped)
    if isinstance(tree, Opaque):
        raise EvaluationError(f"{source.path}: {tree.why}")
    if not ended:
        tree = _without_end(tree)
    inner = replace(frame.scope, resolver=_nothing)
    return run.evaluate(tree, Frame(inner, source, -len(opening), names))


def _without_end(tree: Expression) -> Expression:
    """Return a template without the line end that the heredoc needed."""
    match tree:
        case Literal(value=str() as value):
            return Literal(value.removesuffix("\n"), tree.start, tree.end)
        case Template(parts=(*parts, Literal(value=str() as value) as last)):
            rest = value.removesuffix("\n")
            return Template((*parts, Literal(rest, last.start, last.end)) if rest else tuple(parts), tree.start, tree.end)
        case _:
            return tree


def _nothing(frame: Frame, root: str, names: tuple[str, ...], span: Span) -> tuple[Value[Any], int]:
    raise EvaluationError(f"the template knows no {root!r}")


FUNCTIONS: dict[str, Function] = {
    "basename": Function(lambda path: posixpath.basename(text(path).rstrip("/")) or ("/" if text(path) else "."), 1, 1),
    "dirname": Function(lambda path: posixpath.normpath(posixpath.dirname(text(path)) or ".").replace("//", "/"), 1, 1),
    "file": Function(_file, 1, 1, "values"),
    "filebase64": Function(_of_content(_base64), 1, 1, "values"),
    "filebase64sha256": Function(_of_content(lambda content: digest("sha256", content, encoded=True)), 1, 1, "values"),
    "filebase64sha512": Function(_of_content(lambda content: digest("sha512", content, encoded=True)), 1, 1, "values"),
    "fileexists": Function(_fileexists, 1, 1, "values"),
    "filemd5": Function(_of_content(lambda content: digest("md5", content)), 1, 1, "values"),
    "fileset": Function(_fileset, 2, 2, "values"),
    "filesha1": Function(_of_content(lambda content: digest("sha1", content)), 1, 1, "values"),
    "filesha256": Function(_of_content(lambda content: digest("sha256", content)), 1, 1, "values"),
    "filesha512": Function(_of_content(lambda content: digest("sha512", content)), 1, 1, "values"),
    "pathexpand": Function(_pathexpand, 1, 1),
    "templatefile": Function(_templatefile, 2, 2, "values"),
    "templatestring": Function(_templatestring, 2, 2, "values"),
}
