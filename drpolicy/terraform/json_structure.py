"""The structure of a file in Terraform's JSON syntax: the same blocks and attributes as a native file has, at their places in the JSON.

The rules are Terraform's (developer.hashicorp.com/terraform/language/syntax/json, 2026-11) and those of HCL's JSON
specification (hashicorp/hcl, json/spec.md, 2026-11): labels are nested objects, at every level of which an array stands for
several; ``//`` is a comment; which texts are templates depends on the block they stand in.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from drpolicy.model.provenance import Written
from drpolicy.model.records import dataclass
from drpolicy.model.spans import Source, Span
from drpolicy.model.values import Known, Members, Object, Value
from drpolicy.sources.documents import KeyedObject
from drpolicy.sources.json_documents import json_document
from drpolicy.terraform.blocks import AttributeSyntax, BlockSyntax, FileSyntax, Notation, SyntaxProblem

_NESTING = 20
_COMMENT = "//"


class _Kind(NamedTuple):
    """How the body of a block is read. ``blocks`` are the nested blocks by type; ``None`` when a schema decides that we do not have."""

    labels: int = 0
    blocks: dict[str, _Kind] | None = {}  # noqa: RUF012 # a NamedTuple's default, never changed
    attributes: Notation = "template"
    special: dict[str, Notation] = {}  # noqa: RUF012


_META: dict[str, Notation] = {"provider": "reference", "depends_on": "reference"}
_LIFECYCLE = _Kind(
    blocks={"precondition": _Kind(), "postcondition": _Kind()}, special={"ignore_changes": "reference", "replace_triggered_by": "reference"}
)
_CONNECTION = _Kind()
_PROVISIONER = _Kind(labels=1, blocks={"connection": _CONNECTION})
_RESOURCE = _Kind(labels=2, blocks=None, special=_META)
_OUTPUT = _Kind(1, {"precondition": _Kind()}, "template", {"depends_on": "reference", "description": "literal"})
_ADDRESSES: dict[str, Notation] = {"from": "reference", "to": "reference", "provider": "reference"}

_TOP_LEVEL: dict[str, _Kind] = {
    "check": _Kind(1, {"data": _RESOURCE, "assert": _Kind()}),
    "data": _RESOURCE,
    "ephemeral": _RESOURCE,
    "import": _Kind(special=_ADDRESSES),
    "locals": _Kind(),
    "module": _Kind(1, {}, "template", {"source": "literal", "version": "literal", "providers": "reference", "depends_on": "reference"}),
    "moved": _Kind(special=_ADDRESSES),
    "output": _OUTPUT,
    "provider": _Kind(1, None, "template", {"alias": "literal", "version": "literal"}),
    "removed": _Kind(0, {"lifecycle": _LIFECYCLE}, "template", _ADDRESSES),
    "resource": _RESOURCE,
    "terraform": _Kind(
        blocks={
            "backend": _Kind(1, None, "literal"),
            "cloud": _Kind(0, {"workspaces": _Kind(attributes="literal")}, "literal"),
            "provider_meta": _Kind(1),
            "required_providers": _Kind(attributes="literal", special={"configuration_aliases": "reference"}),
        },
        attributes="literal",
    ),
    "variable": _Kind(1, {"validation": _Kind()}, "literal", {"type": "reference"}),
}

_NESTED: dict[str, _Kind] = {"lifecycle": _LIFECYCLE, "connection": _CONNECTION, "provisioner": _PROVISIONER}

_MAPS = frozenset(
    {"annotations", "backup_options", "conditions_map", "data", "environment_variables", "input", "keepers", "labels", "manifest"}
    | {"match_labels", "parameters", "string_data", "tags_to_add", "target_tags", "triggers", "triggers_replace", "values", "variable_tags"}
    | {"variables"}
)
"""Attributes that hold an object. Any other object in a resource is a nested block, as nearly all of the AWS provider's are."""

_ATTRIBUTES_ONLY = ("terraform_data", "null_resource", "kubernetes_manifest", "random_", "time_", "terraform_remote_state", "external")
"""Types of resources without nested blocks."""


def json_index(source: Source) -> FileSyntax:
    """Return the structure of a ``.tf.json`` file. Never raises; what has no meaning in Terraform is a problem and costs itself only."""
    reader, root = _read(source)
    if root is not None:
        for body in reader.bodies(root, "the file"):
            for name, key, value in reader.items(body):
                kind = _TOP_LEVEL.get(name)
                if kind is None:
                    reader.problem(key, f"{name!r} is no block of Terraform")
                else:
                    reader.top.extend(reader.blocks(name, kind, key, value))
    return FileSyntax(source, blocks=tuple(reader.top), problems=tuple(reader.problems))


def json_var_file(source: Source) -> FileSyntax:
    """Return the attributes of a ``.tfvars.json`` file. Never raises; its texts are no templates."""
    reader, root = _read(source)
    attributes: list[AttributeSyntax] = []
    if root is not None:
        if isinstance(root, Known) and isinstance(root.value, KeyedObject):
            attributes += [reader.attribute(name, key, value, "literal") for name, key, value in reader.items(root)]
        else:
            reader.problem(_span(root), "the file is not a JSON object")
    return FileSyntax(source, attributes=tuple(attributes), problems=tuple(reader.problems))


def _read(source: Source) -> tuple[_Reader, Value[Any] | None]:
    found = json_document(source, placeholders=False)
    reader = _Reader(
        [
            SyntaxProblem(each.span.offset, each.span.end_offset, each.message)
            if each.span is not None
            else SyntaxProblem(0, 0, each.message)
            for each in found.problems
        ],
        [],
    )
    return reader, found.documents[0].root if found.documents else None


def _span(value: Value[Any]) -> Span:
    assert isinstance(value.origin, Written)
    return value.origin.span


@dataclass(frozen=True, slots=True)
class _Reader:
    problems: list[SyntaxProblem]
    top: list[BlockSyntax]

    def problem(self, span: Span, message: str) -> None:
        self.problems.append(SyntaxProblem(span.offset, span.end_offset, message))

    def items(self, body: Known[Any]) -> Iterator[tuple[str, Span, Value[Any]]]:
        """Return what an object holds: name, place of the key, value. Comments are left out."""
        inner: KeyedObject = body.value
        return ((name, inner.keys[name], value) for name, value in inner.fields.items() if name != _COMMENT)

    def bodies(self, value: Value[Any], what: str) -> Iterator[Known[Any]]:
        """Return the objects that a value is: itself, or those of an array; ``null`` is none."""
        match value:
            case Known(KeyedObject()):
                yield value
            case Known(Members() as array):
                for element in array:
                    yield from self.bodies(element, what)
            case Known():
                self.problem(_span(value), f"{what} needs a JSON object, or an array of them")

    def blocks(self, type_: str, kind: _Kind, key: Span, value: Value[Any]) -> list[BlockSyntax]:
        """Return the blocks of one type, labels resolved."""
        pending: list[tuple[tuple[str, ...], Span, Known[Any]]] = [((), key, each) for each in self.bodies(value, type_)]
        for _ in range(kind.labels):
            pending = [
                ((*labels, name), place, inner)
                for labels, _, body in pending
                for name, place, below in self.items(body)
                for inner in self.bodies(below, type_)
            ]
        return [self.block(type_, labels, kind, place, body, 0) for labels, place, body in pending]

    def block(self, type_: str, labels: tuple[str, ...], kind: _Kind, key: Span, body: Known[Any], depth: int) -> BlockSyntax:
        span = _span(body)
        attributes: list[AttributeSyntax] = []
        nested: list[BlockSyntax] = []
        plain = kind.blocks is None and labels[:1] and labels[0].startswith(_ATTRIBUTES_ONLY)
        for name, place, value in self.items(body):
            known = (_NESTED if kind.blocks is None else kind.blocks).get(name)
            if name == "dynamic" and kind.blocks is None:
                nested += self.dynamic(value, place, depth)
            elif known is not None:
                nested += self.blocks(name, known, place, value)
            elif kind.blocks is None and not plain and depth < _NESTING and _is_block(name, value):
                inner = _Kind(0, None, kind.attributes)
                nested += [self.block(name, (), inner, place, each, depth + 1) for each in self.bodies(value, name)]
            else:
                attributes.append(self.attribute(name, place, value, kind.special.get(name, kind.attributes)))
        # An element of an array begins where it stands; only the first one has the key before it.
        start = key.offset if key.offset < span.offset else span.offset
        return BlockSyntax(type_, labels, start, span.offset + 1, span.end_offset, tuple(attributes), tuple(nested))

    def dynamic(self, value: Value[Any], key: Span, depth: int) -> Iterator[BlockSyntax]:
        """Return ``dynamic`` blocks: the generator's attributes, and ``content`` as the block that it makes."""
        for body in self.bodies(value, "dynamic"):
            for name, place, below in self.items(body):
                for inner in self.bodies(below, "dynamic"):
                    made = [(content, each, at) for content, at, each in self.items(inner) if content == "content"]
                    attributes = tuple(
                        self.attribute(each, at, given, "reference" if each == "iterator" else "template")
                        for each, at, given in self.items(inner)
                        if each != "content"
                    )
                    contents = tuple(
                        self.block("content", (), _Kind(0, None), at, one, depth + 1)
                        for _, each, at in made
                        for one in self.bodies(each, "content")
                        if depth < _NESTING
                    )
                    span = _span(inner)
                    yield BlockSyntax("dynamic", (name,), place.offset, span.offset + 1, span.end_offset, attributes, contents)

    def attribute(self, name: str, key: Span, value: Value[Any], notation: Notation) -> AttributeSyntax:
        span = _span(value)
        return AttributeSyntax(name, key.offset, span.offset, span.end_offset, notation)


def _is_block(name: str, value: Value[Any]) -> bool:
    """Whether an attribute of a resource is a nested block. Nobody but the provider's schema knows, so a table says what is not."""
    if name in _MAPS or name == "tags" or name.endswith("_tags"):
        return False
    if not isinstance(value, Known):
        return False
    match value.value:
        case Object():
            return True
        case Members() as array:
            return bool(array.elements) and all(isinstance(each, Known) and isinstance(each.value, Object) for each in array)
        case _:
            return False
