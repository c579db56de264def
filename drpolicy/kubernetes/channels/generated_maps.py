"""ConfigMaps that a kustomization generates, and those that overlays and components add to.

Fields of configMapGenerator: kubectl.docs.kubernetes.io, Kustomize reference (v5.7, read 2026-11). The hash behind the name is left out.
"""

from __future__ import annotations

import posixpath
from collections.abc import Container, Iterator
from typing import Any

from drpolicy.kubernetes.channels.charts import inside_tree
from drpolicy.kubernetes.channels.helm_values import merged
from drpolicy.kubernetes.channels.interface import Files
from drpolicy.kubernetes.navigation import elements, inside, text
from drpolicy.kubernetes.objects import Manifest, objects_in
from drpolicy.model.provenance import Written, written_at
from drpolicy.model.records import replace
from drpolicy.model.values import Known, Object, Value
from drpolicy.sources.documents import Document, header
from drpolicy.sources.placeholders import text_value


def generated(files: Files, document: Document, directory: str, replaced: set[str]) -> Iterator[Manifest]:
    """Yield the ConfigMaps that are made from files and literals; note in ``replaced`` those of which only the last counts."""
    for generator in elements(inside(document.root, "configMapGenerator")):
        name = inside(generator, "name")
        if text(inside(generator, "behavior")) == "replace":
            replaced.add(text(name) or "")
        fields: dict[str, Value[Any]] = {}
        for value in elements(inside(generator, "files")):
            key, _, file = (text(value) or "").rpartition("=")
            path = inside_tree(directory, file) if file else None
            if path is not None:
                fields[key or posixpath.basename(file)] = _with_placeholders(files.text(path, value))
        for value in elements(inside(generator, "literals")):
            key, _, literal = (text(value) or "").partition("=")
            if key:
                fields[key] = Known(literal, value.origin)
        origin = Written(header(generator) or document.span)
        metadata = Object({"name": name, "namespace": inside(generator, "namespace")})
        root = Object(
            {
                "apiVersion": Known("v1", origin),
                "kind": Known("ConfigMap", origin),
                "metadata": Known(metadata, origin),
                "data": Known(Object(fields), origin),
            }
        )
        yield from objects_in(document.source.path, Known(root, origin), origin.span)


def _with_placeholders(content: Value[str]) -> Value[str]:
    """Return the text of a file as it would stand in a ConfigMap that is written out: what Flux fills in is not known yet."""
    span = written_at(content.origin)
    if not isinstance(content, Known) or span is None:
        return content
    return text_value(content.value, span, span.offset, span.end_offset - span.offset)


def combined(replaced: Container[str], objects: list[Manifest]) -> list[Manifest]:
    """Return the objects with each ConfigMap that is generated again laid over the earlier one: two of one name are refused otherwise."""
    found: dict[tuple[str, str, int], Manifest] = {}
    for number, each in enumerate(objects):
        generated = each.kind == "ConfigMap" and each.group == ""
        key = (each.namespace, each.name, -1) if generated else ("", "", number)
        earlier = found.get(key)
        if earlier is not None and each.name not in replaced:
            data = merged(inside(earlier.value, "data"), inside(each.value, "data"))
            each = replace(earlier, root=replace(earlier.root, fields={**earlier.root.fields, "data": data}))
        found[key] = each
    return list(found.values())
