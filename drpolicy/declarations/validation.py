"""Documents held against their shapes: every error with the place of the key or value at fault.

pydantic is imported when the first document is validated, never before.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, NamedTuple, Union, get_args, get_origin

from drpolicy.declarations.wording import quoted, unknown_field
from drpolicy.model.findings import Diagnostic
from drpolicy.model.spans import Span
from drpolicy.model.values import Absent, Known, Members, Object, Unknown, Value
from drpolicy.sources.cache import Cache, digest
from drpolicy.sources.documents import Document, header
from drpolicy.sources.memory import Memory, memory_of

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails


class _Placeholder:
    """Shown without quotes, so that no text of a document looks like it."""

    def __repr__(self) -> str:
        return "PLACEHOLDER"


PLACEHOLDER: Final = _Placeholder()
"""Stands for a value that is not known, and passes wherever a scalar may stand."""

_MAKERS = (
    *(f"drpolicy/declarations/{name}.py" for name in ("dates", "validation", "waivers", "wording")),
    *(f"drpolicy/declarations/shapes/{name}.py" for name in ("configuration", "evidence", "policy", "protection", "scalars", "service")),
    "drpolicy/model/durations.py",
    "pydantic/version.py",
)

Code = Literal["declaration-invalid", "config-invalid", "policy-invalid"]
KeyPath = tuple[str | int, ...]

ERROR_LIMIT: Final = 50
"""Diagnostics for one document; one more says how many others there are."""

_HINTS: Final = {
    ("spec", "objectives", "rto"): "an objective belongs to a disruption; write 'region: {rto: …}', or 'all: {rto: …}' for every one",
    ("spec", "objectives", "rpo"): "an objective belongs to a disruption; write 'region: {rpo: …}', or 'all: {rpo: …}' for every one",
    ("spec", "rto"): "an objective belongs to a disruption; write 'objectives: {region: {rto: …}}'",
    ("spec", "rpo"): "an objective belongs to a disruption; write 'objectives: {region: {rpo: …}}'",
    ("spec", "waivers"): "a service does not waive findings on itself; write waivers in drpolicy.yaml or in a register",
    ("spec", "owner", "contacts", "name"): "a person's name goes stale; write the role, and the rota that holds it",
}
_NATIVE: Final = {
    "model_type": "a mapping of fields is needed here",
    "dict_type": "a mapping is needed here",
    "list_type": "a list is needed here; begin each entry with '- '",
    "too_short": "the list is empty; write an entry or leave the field out",
}


class Flaw(NamedTuple):
    """An error of a document: the path of what is at fault, and the diagnostic."""

    path: KeyPath
    diagnostic: Diagnostic


def declaration_memory(cache: Cache, repository: str) -> Memory:
    """Return what is remembered of a repository's documents: the digests of those that are sound."""
    return memory_of(cache, "documents", repository, _MAKERS)


def flaws(document: Document, kind: str, code: Code, *, placeholders: bool, memory: Memory | None = None) -> list[Flaw]:
    """Return what is wrong with a document of a kind, in the order of its lines.

    ``placeholders`` says whether a value may be Unknown; a required field is not missing when unknown names may hold it.
    """
    plain = _plain(document.root)
    key = digest(repr((kind, placeholders, plain))) if memory is not None and memory.keeps else ""
    if memory is not None and key and memory.recall(key):
        return []
    found = _flaws(document, kind, code, plain, placeholders)
    if memory is not None and key and not found:
        memory.learn(key, True)
    return found


def _flaws(document: Document, kind: str, code: Code, plain: object, placeholders: bool) -> list[Flaw]:
    from pydantic import ValidationError

    from drpolicy.declarations.shapes import SHAPES

    shape = SHAPES[kind]
    found = [] if placeholders else list(_unfilled(document, document.root, (), code))
    try:
        shape.model_validate(plain)
    except ValidationError as error:
        for details in error.errors(include_url=False, include_context=False):
            path = _path(document, details["loc"])
            if details["input"] is not PLACEHOLDER and not _may_be_there(document, path, details["type"]):
                found.append(_flaw(document, shape, path, details, code))
    found.sort(key=lambda flaw: (flaw.diagnostic.span.offset if flaw.diagnostic.span else 0, flaw.diagnostic.message))
    return found


def shown(found: Sequence[Flaw]) -> Iterator[Diagnostic]:
    """Yield the diagnostics of a document's flaws, as many as somebody will read."""
    for flaw in found[:ERROR_LIMIT]:
        yield flaw.diagnostic
    if len(found) > ERROR_LIMIT:
        last = found[ERROR_LIMIT].diagnostic
        yield invalid(last.code, f"{len(found) - ERROR_LIMIT:,} further errors in this document are not listed", last.span)


def invalid(code: str, message: str, span: Span | None) -> Diagnostic:
    """Return the diagnostic for a document that says what it must not."""
    return Diagnostic("error", code, message, span, path=span.path if span else "", effect="invalid")


def _plain(value: Value[Any]) -> object:
    """Return dicts, lists and scalars; Absent as ``None``. Recursive: the depth of documents is bounded."""
    match value:
        case Unknown():
            return PLACEHOLDER
        case Absent():
            return None
        case Known(value=Object(fields=fields)):
            return {name: _plain(inner) for name, inner in fields.items()}
        case Known(value=Members() as inner):
            return [_plain(each) for each in inner]
        case Known(value=scalar):
            return scalar


def _unfilled(document: Document, value: Value[Any], path: KeyPath, code: Code) -> Iterator[Flaw]:
    match value:
        case Unknown():
            message = "a placeholder stands here, and nothing fills it in; write the value"
            yield Flaw(path, invalid(code, message, document.place(path)))
        case Known(value=Object(fields=fields, rest=rest)):
            if rest is not None:
                yield Flaw(path, invalid(code, "a placeholder is no name of a field; write the name", _place(document, path)))
            for name, inner in fields.items():
                yield from _unfilled(document, inner, (*path, name), code)
        case Known(value=Members() as inner):
            for index, each in enumerate(inner):
                yield from _unfilled(document, each, (*path, index), code)
        case _:
            return


def _may_be_there(document: Document, path: KeyPath, kind: str) -> bool:
    """Whether what an error misses may be under a name that is a placeholder."""
    holder = document.value(path[:-1] if kind == "missing" else path)
    inner = holder.value if isinstance(holder, Known) else None
    return kind in {"missing", "wrong"} and isinstance(inner, Object) and inner.rest is not None


def _path(document: Document, loc: KeyPath) -> KeyPath:
    """Return an error's location without the tags of unions, which are no keys of the document."""
    path: KeyPath = ()
    for step in loc:
        is_tag = isinstance(step, str) and step.startswith("<") and step.endswith(">")
        if not is_tag or document.value((*path, step)) is not None:
            path = (*path, step)
    return path


def _flaw(document: Document, shape: type[Any], path: KeyPath, details: ErrorDetails, code: Code) -> Flaw:
    kind = details["type"]
    last = path[-1] if path else ""
    if kind == "missing":
        where = _place(document, path[:-1])
        owner = ".".join(str(step) for step in path[:-1] if isinstance(step, str))
        return Flaw(path, invalid(code, f"{quoted(str(last))} is missing" + (f" in {quoted(owner)}" if owner else ""), where))
    if kind == "extra_forbidden":
        names = tuple(step for step in path if isinstance(step, str))
        hint = _HINTS.get(names)
        message = f"unknown field {quoted(str(last))}; {hint}" if hint else unknown_field(str(last), _fields(shape, path[:-1]))
        return Flaw(path, invalid(code, message, document.key_span(path) or document.place(path)))
    if details["input"] is None:
        message = f"{quoted(last)} has no value; write one or leave the field out" if isinstance(last, str) else "this entry has no value"
    else:
        message = _NATIVE.get(kind, details["msg"])
    return Flaw(path, invalid(code, message, _place(document, path)))


def _place(document: Document, path: KeyPath) -> Span:
    """Return where a value is: a scalar itself, the key of a mapping or list, the first key of an entry."""
    value = document.value(path)
    if value is not None and (not path or isinstance(path[-1], int)):
        return header(value) or document.span
    return document.place(path)


def _fields(shape: Any, path: KeyPath) -> list[str]:
    """Return the names of the fields that a shape has at a path; none where the shape has no fields."""
    for step in path:
        shape = _model(shape)
        if get_origin(shape) in {list, dict}:
            shape = get_args(shape)[-1]
        else:
            fields = getattr(shape, "model_fields", {})
            shape = next((field.annotation for field in fields.values() if field.alias == step), None)
    return [field.alias or name for name, field in getattr(_model(shape), "model_fields", {}).items()]


def _model(annotation: Any) -> Any:
    """Return what an annotation is about: of alternatives, the one that has fields."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return _model(get_args(annotation)[0])
    if origin is Union or type(annotation).__name__ == "UnionType":
        return next((found for each in get_args(annotation) if hasattr(found := _model(each), "model_fields")), annotation)
    return annotation
