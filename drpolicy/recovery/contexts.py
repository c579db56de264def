"""What another repository exported, read back: resources that protect what is here, and say which export they come from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from drpolicy.declarations.documents import ProtectionDeclaration
from drpolicy.declarations.load import load_declarations
from drpolicy.model.durations import DAY, Duration
from drpolicy.model.estate import Inference
from drpolicy.model.findings import Diagnostic
from drpolicy.model.provenance import Provenance, Through, Written, written_at
from drpolicy.model.reasons import Reason
from drpolicy.model.records import dataclass
from drpolicy.model.resources import Resource
from drpolicy.model.spans import Source, Span
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Member, Members, Object, Unknown, Value
from drpolicy.recovery.exports import API_VERSION, EXPORTED, KIND
from drpolicy.sources.documents import Document, header, plain
from drpolicy.sources.json_documents import json_document

MAX_AGE = Duration(31 * DAY)
"""How old an export may be unless the configuration says otherwise."""


@dataclass(frozen=True, slots=True)
class Context:
    """One export that was read."""

    resources: tuple[Resource, ...] = ()
    protections: tuple[ProtectionDeclaration, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    counted: tuple[Inference, ...] = ()
    """That it was read, for the report."""


def read_context(source: Source, as_of: date, max_age: Duration) -> Context:
    """Read an export. One that is older than ``max_age`` still says what may protect a store, and no longer that it does."""
    found = json_document(source, placeholders=False)
    problems = tuple(_invalid(each.message, each.span) for each in found.problems)
    if not found.documents:
        return Context(diagnostics=problems)
    document = found.documents[0]
    said = {name: document.value((name,)) for name in ("apiVersion", "kind", "name", "date")}
    texts = {name: value.value if isinstance(value, Known) and isinstance(value.value, str) else "" for name, value in said.items()}
    day = _day(texts["date"])
    if (texts["apiVersion"], texts["kind"]) != (API_VERSION, KIND) or not texts["name"] or day is None:
        message = f"{source.path} is no export: drpolicy export writes one, with apiVersion {API_VERSION}, kind {KIND}, name and date"
        return Context(diagnostics=(*problems, _invalid(message, document.place(("kind",)))))
    place = document.place(("date",))
    old = _too_old(texts["name"], day, as_of, max_age, place)
    reader = _Reader(texts["name"], day, old)
    declared = load_declarations(_documents(document, "protections"))
    diagnostics = [*problems, *declared.diagnostics]
    if old is not None:
        diagnostics.append(
            Diagnostic("warning", "context-old", f"{old.symbol}; run drpolicy export there again", place, source.path, "none")
        )
    resources = tuple(reader.resources(document))
    counted = Inference(f"{source.path} is the export of {texts['name']}, {day.isoformat()}: what it selects here counts", place)
    return Context(resources, declared.protections, tuple(diagnostics), (counted,))


def _invalid(message: str, span: Span | None) -> Diagnostic:
    return Diagnostic("error", "context-invalid", message, span, span.path if span is not None else "", "invalid")


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _too_old(name: str, day: date, as_of: date, max_age: Duration, place: Span) -> Unknown | None:
    days = (as_of - day).days
    if Duration(days * DAY) <= max_age:
        return None
    return Unknown(
        Reason.NOT_OBSERVED, f"the export of {name} is of {day.isoformat()}, {days} days old (at most {max_age})", Written(place)
    )


def _documents(document: Document, name: str) -> Iterator[Document]:
    value = document.value((name,))
    if isinstance(value, Known) and isinstance(value.value, Members):
        for index, each in enumerate(value.value):
            yield Document(document.source, each, index, written_at(each.origin) or document.span)


class _Reader:
    """Turns what an export says into resources. What it does not say as ``exported`` writes it is passed over."""

    def __init__(self, name: str, day: date, old: Unknown | None) -> None:
        self._name = name
        self._what = f"the export of {name}, {day.isoformat()}"
        self._old = old

    def resources(self, document: Document) -> Iterator[Resource]:
        for each in _documents(document, "resources"):
            made = self._resource(each)
            if made is not None:
                yield made

    def _resource(self, document: Document) -> Resource | None:
        texts = [value.value for name in ("deployment", "address", "type") if isinstance(value := document.value((name,)), Known)]
        if len(texts) != 3 or not all(isinstance(each, str) for each in texts) or texts[2] not in EXPORTED:
            return None
        span = header(document.root) or document.span
        nowhere = Absent(Written(span))
        attributes = self.value(document.value(("attributes",)) or nowhere)
        fields = attributes.value if isinstance(attributes, Known) and isinstance(attributes.value, Object) else Object()
        uncertain = document.value(("uncertain",))
        why = self._old or (self._unknown(_plain(uncertain), uncertain.origin) if uncertain is not None else None)
        places = [self.value(document.value((name,)) or nowhere) for name in ("region", "account")]
        return Resource(
            deployment=f"{self._name}:{texts[0]}",
            address=texts[1],
            type=texts[2],
            name=texts[1].rpartition(".")[2],
            attributes=fields,
            region=places[0],
            account=places[1],
            span=span,
            extent=document.span,
            presence=Truth.TRUE if why is None else Truth.UNKNOWN,
            why=why,
            exported=self._what,
        )

    def value(self, given: Value[Any]) -> Value[Any]:
        """Return a value of the export; its provenance says which one."""
        origin = Through(self._what, None, given.origin)
        if not isinstance(given, Known):
            return given
        match given.value:
            case Object(fields={"$reference": Known() as reference}):
                return self._reference(_plain(reference), origin)
            case Object(fields={"$unknown": Known() as unknown}):
                return self._unknown(_plain(unknown), origin)
            case Object(fields=fields):
                return Known(Object({name: self.value(each) for name, each in fields.items()}), origin)
            case Members() as inner:
                return Known(self._members(inner), origin)
            case scalar:
                return Known(scalar, origin)

    def _members(self, inner: Members[Value[Any]]) -> Members[Value[Any]]:
        elements: list[Member[Value[Any]]] = []
        rest: Unknown | None = None
        for each in inner:
            fields = each.value.fields if isinstance(each, Known) and isinstance(each.value, Object) else {}
            if "$more" in fields:
                rest = self._unknown(_plain(fields["$more"]), each.origin)
            elif "$uncertain" in fields:
                why = self._unknown(_plain(fields["$uncertain"]), each.origin)
                value = fields["$uncertain"]
                content = value.value.fields.get("value") if isinstance(value, Known) and isinstance(value.value, Object) else None
                elements.append(Member(self.value(content or Absent(each.origin)), Truth.UNKNOWN, why))
            else:
                elements.append(Member(self.value(each)))
        return Members(tuple(elements), rest)

    def _reference(self, said: Mapping[str, Any], origin: Through) -> Value[Any]:
        key = f"{self._name}:{said.get('key')}"
        through = Through(self._what, None, origin.inner, key, str(said.get("attribute") or "id"))
        if isinstance(said.get("value"), str | int | float | bool):
            return Known(said["value"], through)
        return Unknown(Reason.COMPUTED, f"{key}.{said.get('attribute')}", through)

    def _unknown(self, said: Mapping[str, Any], origin: Provenance) -> Unknown:
        name = said.get("reason")
        reason = Reason[name] if isinstance(name, str) and name in Reason.__members__ else Reason.OUTSIDE_SCOPE
        parts, among = said.get("parts"), said.get("among")
        return Unknown(
            reason,
            f"{self._name}:{said.get('symbol', '')}",
            origin,
            parts=tuple(self._part(each, origin) for each in parts) if isinstance(parts, list) else (),
            among=tuple(Known(each, origin) for each in among) if isinstance(among, list) else (),
        )

    def _part(self, said: Any, origin: Provenance) -> Known[str] | Unknown:
        if isinstance(said, str):
            return Known(said, origin)
        inner = said.get("$unknown") if isinstance(said, dict) else None
        return self._unknown(inner if isinstance(inner, dict) else {}, origin)


def _plain(value: Value[Any]) -> Mapping[str, Any]:
    found = plain(value)
    return found if isinstance(found, dict) else {}
