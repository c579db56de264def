"""Velero's objects against custom resource definitions that the user has: those of the version that is installed.

What a schema means: Kubernetes docs, "Extend the Kubernetes API with CustomResourceDefinitions" (structural schemas, field pruning,
read 2026-11). jsonschema validates; a schema that names another document has that part left out, so nothing is ever fetched.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from drpolicy.kubernetes.field_checks import BOOLEAN_WORDS, dropped
from drpolicy.kubernetes.navigation import elements, inside, text
from drpolicy.model.provenance import Provenance, Written, written_at
from drpolicy.model.records import dataclass
from drpolicy.model.resources import Resource
from drpolicy.model.spans import Source
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Members, Object, Unknown, Value
from drpolicy.sources.documents import KeyedObject, plain

if TYPE_CHECKING:
    from jsonschema import ValidationError

_SHOWN: Final = 3
_DEPTH: Final = 60
_COMBINED: Final = frozenset({"anyOf", "oneOf", "allOf", "not"})
_KEPT: Final = frozenset(
    {
        "type", "enum", "pattern", "minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf",
        "minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties", "required",
    }
)  # fmt: skip

Definitions = Mapping[str, Mapping[str, Any]]
"""The schema of ``spec`` by the type of a resource: ``velero.io/v1/Schedule``."""


@dataclass(frozen=True, slots=True)
class _Hole:
    """Stands for a value that is not known: nothing that a schema asks can be said of it."""


def definitions_in(sources: Iterable[Source]) -> Definitions:
    """Return the schemas in files that hold CustomResourceDefinitions; what is none of these is passed over."""
    from drpolicy.sources.yaml_documents import documents

    found: dict[str, Mapping[str, Any]] = {}
    for source in sources:
        for document in documents(source, placeholders=False):
            root = document.root
            if text(inside(root, "kind")) != "CustomResourceDefinition":
                continue
            group, kind = text(inside(root, "spec", "group")), text(inside(root, "spec", "names", "kind"))
            for version in elements(inside(root, "spec", "versions")):
                schema = plain(inside(version, "schema", "openAPIV3Schema", "properties", "spec"))
                if group and kind and isinstance(schema, dict):
                    found[f"{group}/{text(inside(version, 'name'))}/{kind}"] = _strict(schema, 0)
    return found


def field_problems(resources: Iterable[Resource], definitions: Definitions) -> dict[str, Value[str]]:
    """Return what is wrong with the ``spec`` of each object that there is a schema for, by its key; Absent for nothing."""
    return {each.key: _malformed(each, definitions[each.type]) for each in resources if each.type in definitions}


def _strict(schema: Mapping[str, Any], depth: int) -> dict[str, Any]:
    """Return a structural schema as JSON Schema has it: what is pruned is forbidden, what may be null has no type."""
    if depth > _DEPTH:
        return {}
    made: dict[str, Any] = {name: value for name, value in schema.items() if name in _KEPT}
    if schema.get("nullable") is True or schema.get("x-kubernetes-int-or-string") is True:
        made.pop("type", None)
    for name in ("anyOf", "oneOf", "allOf"):
        if isinstance(schema.get(name), list) and schema.get("x-kubernetes-int-or-string") is not True:
            made[name] = [_strict(each, depth + 1) for each in schema[name] if isinstance(each, dict)]
    properties, more = schema.get("properties"), schema.get("additionalProperties")
    if isinstance(properties, dict):
        made["properties"] = {name: _strict(each, depth + 1) for name, each in properties.items() if isinstance(each, dict)}
    if isinstance(more, dict):
        made["additionalProperties"] = _strict(more, depth + 1)
    elif (
        isinstance(properties, dict)
        and schema.get("x-kubernetes-preserve-unknown-fields") is not True
        and more is None
        and "type" in schema
    ):
        made["additionalProperties"] = False
    if isinstance(schema.get("items"), dict):
        made["items"] = _strict(schema["items"], depth + 1)
    return made


def _malformed(resource: Resource, schema: Mapping[str, Any]) -> Value[str]:
    from jsonschema import Draft4Validator
    from jsonschema.exceptions import SchemaError

    spec = resource.get("spec")
    nowhere = Absent(Written(resource.span))
    if isinstance(spec, Absent | Unknown):
        return nowhere
    try:
        Draft4Validator.check_schema(schema)
    except SchemaError:
        return nowhere
    errors = sorted(Draft4Validator(schema).iter_errors(_data(spec)), key=lambda error: [str(step) for step in error.absolute_path])
    found = list(islice((each for error in errors for each in _said(error, spec)), _SHOWN + 1))
    if not found:
        return nowhere
    joined = "; ".join(problem for problem, _ in found[:_SHOWN])
    return Known(f"{joined}; and more" if len(found) > _SHOWN else joined, found[0][1])


def _data(value: Value[Any]) -> Any:
    """Return a value as plain data; a null is dropped, as the API server does. Recursive: for values of documents."""
    match value:
        case Known(value=Object(fields=fields, rest=rest)):
            made = {name: _data(each) for name, each in fields.items() if not isinstance(each, Absent)}
            return made if rest is None else _Hole()
        case Known(value=Members() as listing):
            if listing.rest is not None or any(each.presence is not Truth.TRUE for each in listing.elements):
                return _Hole()
            return [_data(each.value) for each in listing.elements]
        case Known(value=leaf):
            return leaf
        case _:
            return _Hole()


def _said(error: ValidationError, spec: Value[Any]) -> Iterator[tuple[str, Provenance]]:
    """Yield what an error says in our words, with the place; nothing where it hangs on what is not known."""
    at = _at(spec, list(error.absolute_path))
    if isinstance(error.instance, _Hole) or (error.validator in _COMBINED and _has_hole(error.instance)) or _is_boolean(error, at):
        return
    path = "spec" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in error.absolute_path)
    if error.validator == "additionalProperties" and isinstance(error.instance, dict):
        names = list(error.schema.get("properties", {})) if isinstance(error.schema, dict) else []
        inner = at.value if isinstance(at, Known) else None
        for name in error.instance:
            if name not in names:
                keys = inner.keys if isinstance(inner, KeyedObject) else {}
                origin = Written(keys[name]) if name in keys else at.origin
                yield dropped(f"{path}.{name}", name, names), origin
        return
    said = error.message if len(error.message) <= 160 else f"{error.message[:157]}…"
    yield f"{path}: {said}, so the API server refuses the object", at.origin


def _is_boolean(error: ValidationError, at: Value[Any]) -> bool:
    """Whether a text is a boolean to kubectl, which reads YAML 1.1: one of its words, without quotes."""
    word = isinstance(error.instance, str) and error.instance.lower() in BOOLEAN_WORDS
    span = written_at(at.origin)
    return word and error.validator_value == "boolean" and span is not None and span.text == error.instance


def _has_hole(data: Any) -> bool:
    if isinstance(data, dict):
        return any(map(_has_hole, data.values()))
    return any(map(_has_hole, data)) if isinstance(data, list) else isinstance(data, _Hole)


def _at(value: Value[Any], path: Sequence[str | int]) -> Value[Any]:
    for step in path:
        if isinstance(step, str):
            value = inside(value, step)
        elif isinstance(value, Known) and isinstance(value.value, Members):
            value = value.value.elements[step].value
    return value
