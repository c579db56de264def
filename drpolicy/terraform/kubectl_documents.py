"""Data sources of the kubectl providers that read manifests from files: their documents, with the places that they are written at.

Sources: gavinbunney/terraform-provider-kubectl and alekc/terraform-provider-kubectl, kubernetes/data_source_kubectl_path_documents.go,
_file_documents.go and _filename_list.go, yaml/splitter.go and manifest.go; Go's path/filepath, Glob (2026-11).
"""

from __future__ import annotations

import posixpath
from typing import Any, Final

from drpolicy.model.provenance import Derived, Written
from drpolicy.model.reasons import Reason
from drpolicy.model.spans import Span
from drpolicy.model.values import Absent, Known, Member, Object, Unknown, Value
from drpolicy.sources.trees import normalised
from drpolicy.terraform.bodies import Bindings
from drpolicy.terraform.conversion import text
from drpolicy.terraform.evaluate import written
from drpolicy.terraform.files import Body
from drpolicy.terraform.functions.filesystem import path_pattern, rendered, source_of
from drpolicy.terraform.functions.re2_matching import compiled
from drpolicy.terraform.functions.table import Site
from drpolicy.terraform.functions.yaml import decode
from drpolicy.terraform.pieces import documents
from drpolicy.terraform.scope import Frame, Scope
from drpolicy.terraform.shapes import ListOf, MapOf
from drpolicy.terraform.unknowns import EvaluationError

TYPES: Final = frozenset({"kubectl_path_documents", "kubectl_file_documents", "kubectl_filename_list"})


def kubectl_documents(scope: Scope, type_: str, name: str, body: Body, bindings: Bindings) -> Value[Any] | None:
    """Return an attribute of one of the data sources; ``None`` for one that it has not."""
    if type_ == "kubectl_filename_list":
        return _names(scope, name, body, bindings) if name in ("matches", "basenames") else None
    if name not in ("documents", "manifests"):
        return None
    texts: list[Value[Any]] | Unknown
    if type_ == "kubectl_file_documents":
        texts = [_argument(scope, "content", body, bindings)]
    else:
        texts = _rendered_files(scope, body, bindings)
    if isinstance(texts, Unknown):
        return texts
    found: list[Value[str]] = []
    for each in texts:
        split = documents(each)
        if isinstance(split, Unknown):
            return split
        found += split
    origin = Derived(type_, tuple(each.origin for each in texts), body.header)
    if name == "documents":
        return Known(ListOf(tuple(map(Member, found))), origin)
    return _by_link(found, origin)


def _argument(scope: Scope, name: str, body: Body, bindings: Bindings) -> Value[Any]:
    expr = body.attributes.get(name)
    return Absent(Written(body.header)) if expr is None else written(expr, scope, bindings)


def _names(scope: Scope, name: str, body: Body, bindings: Bindings) -> Value[Any]:
    paths = _matches(scope, body, bindings)
    if isinstance(paths, Unknown):
        return paths
    home = scope.deployment.path or "."
    origin = Derived("kubectl_filename_list", (), body.header)
    names = (posixpath.basename(each) if name == "basenames" else posixpath.relpath(each, home) for each in paths)
    return Known(ListOf(tuple(Member(Known(each, origin)) for each in names)), origin)


def _matches(scope: Scope, body: Body, bindings: Bindings) -> list[str] | Unknown:
    """Return the paths of the files that ``pattern`` matches, sorted. ``*`` is no more than one directory."""
    pattern = _argument(scope, "pattern", body, bindings)
    if isinstance(pattern, Unknown):
        return pattern
    if isinstance(pattern, Absent):
        raise EvaluationError("a pattern is required")
    given = text(pattern.value)
    clean = None if given.startswith(("/", "~")) else normalised(posixpath.join(scope.deployment.path, given))
    directory = "" if clean is None else posixpath.dirname(clean.partition("*")[0].partition("?")[0].partition("[")[0])
    if clean is None or (directory and not scope.run.tree.exists(directory)):
        return Unknown(Reason.OUTSIDE_SCOPE, f"files {given}", pattern.origin)
    # A path is matched name by name, and of doublestar only ** and {} mean more.
    matcher = compiled(path_pattern(clean.replace("**", "*").replace("{", "\\{").replace("}", "\\}")))
    return sorted(path for path in scope.run.tree.list(directory) if matcher.first(path) is not None)


def _rendered_files(scope: Scope, body: Body, bindings: Bindings) -> list[Value[Any]] | Unknown:
    """Return the text of each file, as a template of ``vars`` unless that is switched off."""
    paths = _matches(scope, body, bindings)
    plain = _argument(scope, "disable_template", body, bindings)
    names: dict[str, Value[Any]] = {}
    for argument in ("vars", "sensitive_vars"):
        given = _argument(scope, argument, body, bindings)
        if isinstance(given, Unknown):
            return given
        if isinstance(given, Known) and isinstance(given.value, Object):
            if given.value.rest is not None:
                return given.value.rest
            # A map of texts: the provider's schema makes one of each value.
            names.update({name: _as_text(each) for name, each in given.value.fields.items()})
    for unknown in (paths, plain):
        if isinstance(unknown, Unknown):
            return unknown
    texts: list[Value[Any]] = []
    for path in paths if isinstance(paths, list) else ():
        source = source_of(path, scope.run)
        if source is None:
            return Unknown(Reason.FILE_UNREADABLE, f"file {path}", Written(body.header))
        if isinstance(plain, Known) and plain.value is True:
            texts.append(Known(source.text, Written(Span(source, 0, len(source.text)))))
        else:
            texts.append(rendered(source, names, Site(Frame(scope, source, 0, {}), Span(source, 0, 0), "kubectl_path_documents")))
    return texts


def _as_text(value: Value[Any]) -> Value[Any]:
    return Known(text(value.value), value.origin) if isinstance(value, Known) else value


def _by_link(found: list[Value[str]], origin: Derived) -> Value[Any]:
    """Return the documents by the path of their objects in the API, as the provider builds it."""
    links: dict[str, Value[str]] = {}
    for document in found:
        link = _link(document)
        if isinstance(link, Unknown):
            return link
        if link in links:
            raise EvaluationError(f"two documents are {link}")
        links[link] = document
    return Known(MapOf(links), origin)


def _link(document: Value[str]) -> str | Unknown:
    holes = {f"drpolicy-unknown-{at}": part for at, part in enumerate(document.parts)} if isinstance(document, Unknown) else {}
    pieces = [part.value if isinstance(part, Known) else name for name, part in holes.items()]
    data = decode(document.value if isinstance(document, Known) else "".join(pieces))
    if not isinstance(data, dict):
        raise EvaluationError("a document is no manifest")
    metadata: Any = data.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    version, kind, namespace, name = (
        str(each or "") for each in (data.get("apiVersion"), data.get("kind"), metadata.get("namespace"), metadata.get("name"))
    )
    for hole, part in holes.items():
        if isinstance(part, Unknown) and any(hole in each for each in (version, kind, namespace, name)):
            return part
    link = "/api" if version == "v1" else "/apis"
    link += f"/{version}" if version else ""
    link += f"/namespaces/{namespace}" if namespace else ""
    link += f"/{kind.lower()}{'es' if kind.endswith('s') else 's'}" if kind else ""
    return f"{link}/{name}" if name else link
