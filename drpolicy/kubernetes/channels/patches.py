"""Patches of Kustomize: strategic merges and JSON 6902 operations on the values of an object.

As Kustomize has it (kubectl.docs.kubernetes.io, "patches", read 2026-11; RFC 6902). Lists of Velero's objects are replaced, since no schema
gives them merge keys; those of other kinds are merged by ``name``.
"""

from __future__ import annotations

import re
from typing import Any

from drpolicy.kubernetes.kinds import VELERO_GROUP
from drpolicy.kubernetes.navigation import elements, entries, inside, strings, text
from drpolicy.kubernetes.objects import Manifest
from drpolicy.model.patterns import deferred
from drpolicy.model.provenance import Derived
from drpolicy.model.records import dataclass, replace
from drpolicy.model.values import Absent, Known, Member, Members, Object, Unknown, Value
from drpolicy.sources.documents import KeyedObject

_DIRECTIVE = "$patch"
_INDEX = deferred(r"0|[1-9][0-9]{0,5}")


@dataclass(frozen=True, slots=True, eq=False)
class Selector:
    """Which objects a patch is for: empty fields fit everything, names are anchored regular expressions."""

    group: str = ""
    kind: str = ""
    name: str = ""
    namespace: str = ""
    labels: str = ""

    def fits(self, manifest: Manifest) -> bool:
        """Whether an object is selected."""
        plain = ((self.group, manifest.group), (self.kind, manifest.kind))
        if any(wanted and wanted != given for wanted, given in plain):
            return False
        patterns = ((self.name, manifest.name), (self.namespace, manifest.namespace))
        return all(not wanted or _fits(wanted, given) for wanted, given in patterns) and self._labelled(manifest)

    def _labelled(self, manifest: Manifest) -> bool:
        given = {key: text(strings(value)) for key, value in entries(inside(manifest.value, "metadata", "labels"))}
        terms = [term.partition("=") for term in self.labels.split(",") if term.strip()]
        return all(given.get(key.strip()) == value.lstrip("=").strip() for key, _, value in terms)


def _fits(pattern: str, name: str) -> bool:
    if pattern == name or not re.search(r"[^\w./-]", pattern):
        return pattern == name
    try:
        # The patterns that people write are short; a bound keeps those that are not from taking for ever.
        return len(pattern) <= 100 and pattern.count("*") + pattern.count("+") <= 3 and re.fullmatch(pattern, name) is not None
    except re.error:
        return False


def selector_of(target: Value[Any]) -> Selector:
    """Return the selector that a ``target`` or ``select`` is."""
    fields = ("group", "kind", "name", "namespace", "labelSelector")
    return Selector(*(text(inside(target, field)) or "" for field in fields))


def selector_of_object(patch: Value[Any]) -> Selector:
    """Return the selector of a strategic merge patch that names its object itself."""
    version = text(inside(patch, "apiVersion")) or ""
    name = text(inside(patch, "metadata", "name")) or ""
    return Selector(version.rpartition("/")[0], text(inside(patch, "kind")) or "", re.escape(name) if not name.isidentifier() else name)


def strategic(manifest: Manifest, patch: Value[Any]) -> Manifest | None:
    """Return an object with a strategic merge patch on it; ``None`` when the patch deletes it."""
    if text(inside(patch, _DIRECTIVE)) == "delete":
        return None
    merged = _merged(manifest.value, patch, manifest.group != VELERO_GROUP)
    return (
        manifest
        if not isinstance(merged, Known) or not isinstance(merged.value, Object)
        else replace(manifest, root=_named(manifest, merged.value))
    )


def _named(manifest: Manifest, root: Object) -> Object:
    """Return a patched object with the name it had: a patch that is given a target may carry any."""
    metadata = manifest.root.fields.get("metadata")
    patched = root.fields.get("metadata")
    if not isinstance(patched, Known) or not isinstance(patched.value, Object) or metadata is None:
        return root
    kept = {key: value for key in ("name", "namespace") if not isinstance(value := inside(metadata, key), Absent)}
    about = replace(patched.value, fields={**patched.value.fields, **kept})
    return replace(root, fields={**root.fields, "metadata": Known(about, patched.origin)})


def _merged(below: Value[Any], above: Value[Any], by_name: bool) -> Value[Any]:
    match below, above:
        case Known(value=Object() as under), Known(value=Object() as over):
            if text(over.fields.get(_DIRECTIVE, Absent(above.origin))) == "replace":
                return Known(replace(over, fields={key: each for key, each in over.fields.items() if key != _DIRECTIVE}), above.origin)
            fields = dict(under.fields)
            for key, value in over.fields.items():
                if isinstance(value, Absent) or text(inside(value, _DIRECTIVE)) == "delete":
                    fields.pop(key, None)
                else:
                    fields[key] = _merged(fields[key], value, by_name) if key in fields else value
            keys = {**_keys(under), **_keys(over)}
            rest = over.rest or under.rest
            return Known(KeyedObject(fields, rest, {key: keys[key] for key in fields if key in keys}), below.origin)
        case Known(value=Members() as under), Known(value=Members() as over) if by_name:
            return _merged_lists(under, over, above)
        case _:
            return above


def _keys(value: Object) -> dict[str, Any]:
    return dict(value.keys) if isinstance(value, KeyedObject) else {}


def _merged_lists(under: Members[Value[Any]], over: Members[Value[Any]], above: Value[Any]) -> Value[Any]:
    names = [text(inside(each, "name")) for each in (*under, *over)]
    if not all(names) or not under.certain or not over.certain:
        return above
    found = {text(inside(each, "name")): each for each in under}
    for each in over:
        name = text(inside(each, "name"))
        if text(inside(each, _DIRECTIVE)) == "delete":
            found.pop(name, None)
        else:
            found[name] = _merged(found[name], each, True) if name in found else each
    return Known(Members(tuple(Member(each) for each in found.values())), Derived("merged lists", (above.origin,)))


def json_patch(manifest: Manifest, operations: Value[Any]) -> Manifest | None:
    """Return an object with JSON 6902 operations on it; ``None`` for an operation that is not applied here."""
    value: Value[Any] = manifest.value
    for operation in elements(operations):
        kind, path = text(inside(operation, "op")), text(inside(operation, "path"))
        if kind == "test":
            continue
        if kind not in {"add", "replace", "remove"} or path is None or not path.startswith("/"):
            return None
        steps = [step.replace("~1", "/").replace("~0", "~") for step in path[1:].split("/")]
        value = changed(value, steps, None if kind == "remove" else inside(operation, "value"), insert=kind == "add")
    return replace(manifest, root=value.value) if isinstance(value, Known) and isinstance(value.value, Object) else manifest


def changed(value: Value[Any], steps: list[str], new: Value[Any] | None, *, insert: bool = False) -> Value[Any]:
    """Return a value with what stands at a path replaced, inserted, or (``None``) removed. A path that leads nowhere changes nothing."""
    if not steps:
        return value if new is None else new
    step, remaining = steps[0], steps[1:]
    if not isinstance(value, Known):
        return value
    if isinstance(value.value, Object):
        inner = value.value
        fields = dict(inner.fields)
        if not remaining and new is None:
            fields.pop(step, None)
        elif not remaining:
            fields[step] = new if new is not None else fields[step]
        elif step in fields:
            fields[step] = changed(fields[step], remaining, new, insert=insert)
        return Known(replace(inner, fields=fields), value.origin)
    if isinstance(value.value, Members):
        items = list(value.value.elements)
        if step == "-" and new is not None and not remaining:
            items.append(Member(new))
        elif _INDEX.fullmatch(step) and int(step) <= len(items):
            at = int(step)
            if remaining and at < len(items):
                items[at] = replace(items[at], value=changed(items[at].value, remaining, new, insert=insert))
            elif not remaining and new is None:
                del items[at : at + 1]
            elif not remaining and new is not None:
                items[at : at + (0 if insert else 1)] = [Member(new)]
        return Known(replace(value.value, elements=tuple(items)), value.origin)
    return value


def doubtful(manifest: Manifest, path: str, why: Unknown) -> Manifest:
    """Return an object in which a field is filled in by what is not run here."""
    value = changed(manifest.value, [step.strip("[]") for step in path.split(".") if step], why)
    return replace(manifest, root=value.value) if isinstance(value, Known) and isinstance(value.value, Object) else manifest
