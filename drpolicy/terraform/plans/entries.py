"""The resources that a plan leaves or a state holds, from whatever part of the file they stand in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from drpolicy.model.patterns import deferred
from drpolicy.model.records import dataclass
from drpolicy.model.spans import Span
from drpolicy.terraform.files import TerraformProblem
from drpolicy.terraform.plans.addresses import ModuleAddress, key_text, split_module, without_keys
from drpolicy.terraform.plans.configuration import mapping
from drpolicy.terraform.plans.documents import Part, PlanDocument, module_parts, parts
from drpolicy.terraform.plans.values import Marked

_GONE = (["delete"], ["forget"])
"""Actions after which Terraform no longer has the object (Terraform docs, JSON Output Format, change representation, 2026-11)."""

# States before Terraform 1.8 do not mark what the provider's schema calls sensitive.
_SECRET = deferred(r"(?:.*_)?(?:password|secret_string|secret_key|private_key|auth_token|token)(?:_wo)?")


@dataclass(frozen=True, slots=True)
class Entry:
    """One instance of a resource. ``block`` is its address inside its module, without the key."""

    address: str
    type: str
    name: str
    data: bool
    module: ModuleAddress
    key: str
    values: Marked
    span: Span
    extent: Span
    provider: str = ""
    """What a state says of its provider configuration."""

    needs: frozenset[str] = frozenset()
    """Blocks that it depends on, as a state has them."""

    @property
    def block(self) -> str:
        return f"{'data.' if self.data else ''}{self.type}.{self.name}"


def entries_of(document: PlanDocument, problems: list[TerraformProblem]) -> tuple[Entry, ...]:
    """Return every resource that is there once the plan is applied, or that the state holds, each address once."""
    found: dict[str, Entry] = {}
    gone: set[str] = set()
    for entry in _entries(document, gone, problems):
        if entry.address not in found:
            found[entry.address] = entry
        else:
            message = f"{entry.address} is given twice, in line {found[entry.address].span.start.line} and again here; the first one counts"
            problems.append(TerraformProblem(document.source.path, "plan-entry", message, entry.span))
    return tuple(found.values())


def _entries(document: PlanDocument, gone: set[str], problems: list[TerraformProblem]) -> Iterator[Entry]:
    if document.kind == "state":
        if document.raw:
            for part in parts(document.data.get("resources")):
                yield from _raw(part, document, problems)
        else:
            yield from _valued(mapping(document.data.get("values")).get("root_module"), document, problems, frozenset())
        return
    seen: set[str] = set()
    for part in parts(document.data.get("resource_changes")):
        entry = _change(part, document, gone, problems)
        if entry is not None:
            seen.add(entry.address)
            yield entry
    for entry in _valued(mapping(document.data.get("planned_values")).get("root_module"), document, problems, frozenset(seen | gone)):
        seen.add(entry.address)
        yield entry
    # What the plan does not touch stays as it was: data sources that have been read, everything outside of -target or of -refresh-only.
    prior = mapping(mapping(document.data.get("prior_state")).get("values")).get("root_module")
    yield from _valued(prior, document, problems, frozenset(seen | gone))


def _named(part: Part, document: PlanDocument, problems: list[TerraformProblem]) -> tuple[str, str, str, bool] | None:
    address, type_, name, mode = (part.data.get(each) for each in ("address", "type", "name", "mode"))
    if isinstance(address, str) and address and isinstance(type_, str) and isinstance(name, str) and mode in ("managed", "data"):
        return address, type_, name, mode == "data"
    if mode in (None, "managed", "data"):
        message = f"{document.source.path}: a resource without address, type, name or mode was left out"
        problems.append(TerraformProblem(document.source.path, "plan-entry", message, part.span))
    return None


def _change(part: Part, document: PlanDocument, gone: set[str], problems: list[TerraformProblem]) -> Entry | None:
    named = _named(part, document, problems)
    change = mapping(part.data.get("change"))
    # A deposed object is what a replacement has left behind, beside the object itself.
    if named is None or "deposed" in part.data:
        return None
    if change.get("actions") in _GONE:
        gone.add(named[0])
        return None
    after, unknown = change.get("after"), change.get("after_unknown")
    if after is None and isinstance(unknown, dict):
        after = {}
    if not isinstance(after, dict):
        message = f"{document.source.path}: {named[0]} was left out: its 'change' has no 'after'"
        problems.append(TerraformProblem(document.source.path, "plan-entry", message, part.span))
        return None
    return _entry(part, named, Marked(after, unknown, change.get("after_sensitive")))


def _valued(module: Any, document: PlanDocument, problems: list[TerraformProblem], without: frozenset[str]) -> Iterator[Entry]:
    for part in module_parts(module):
        named = _named(part, document, problems) if "deposed_key" not in part.data else None
        if named is not None and named[0] not in without:
            yield _entry(part, named, Marked(mapping(part.data.get("values")), None, part.data.get("sensitive_values")))


def _entry(part: Part, named: tuple[str, str, str, bool], values: Marked) -> Entry:
    address, type_, name, data = named
    module, _ = split_module(address)
    listed = part.data.get("depends_on")
    needs = frozenset(without_keys(each) for each in listed if isinstance(each, str)) if isinstance(listed, list) else frozenset[str]()
    return Entry(address, type_, name, data, module, key_text(part.data.get("index")), values, part.span, part.extent, "", needs)


def _raw(part: Part, document: PlanDocument, problems: list[TerraformProblem]) -> Iterator[Entry]:
    """Yield the instances of a resource of a ``terraform.tfstate`` of version 4."""
    type_, name, mode = (part.data.get(each) for each in ("type", "name", "mode"))
    instances = part.data.get("instances")
    if not isinstance(type_, str) or not isinstance(name, str) or mode not in ("managed", "data") or not isinstance(instances, list):
        message = f"{document.source.path}: a resource without type, name, mode or instances was left out"
        problems.append(TerraformProblem(document.source.path, "plan-entry", message, part.span))
        return
    within = part.data.get("module")
    module, _ = split_module(f"{within}." if isinstance(within, str) else "")
    provider = part.data.get("provider")
    for instance in instances:
        if not isinstance(instance, dict) or not isinstance(instance.get("attributes"), dict) or "deposed" in instance:
            continue
        key = key_text(instance.get("index_key"))
        data = mode == "data"
        listed = instance.get("dependencies")
        yield Entry(
            f"{module.prefix}{'data.' if data else ''}{type_}.{name}{key}",
            type_,
            name,
            data,
            module,
            key,
            _stored(type_, instance),
            part.span,
            part.extent,
            provider if isinstance(provider, str) else "",
            frozenset(without_keys(each) for each in listed if isinstance(each, str)) if isinstance(listed, list) else frozenset(),
        )


def _stored(type_: str, instance: dict[str, Any]) -> Marked:
    attributes: dict[str, Any] = instance["attributes"]
    if type_ == "terraform_data":
        # Attributes of any type are stored with the type that they have.
        attributes = {
            name: value.get("value") if isinstance(value, dict) and value.keys() == {"value", "type"} else value
            for name, value in attributes.items()
        }
    sensitive: dict[Any, Any] = {name: True for name in attributes if _SECRET.fullmatch(name)}
    paths = instance.get("sensitive_attributes")
    for path in paths if isinstance(paths, list) else ():
        _mark(sensitive, [_step(each) for each in path] if isinstance(path, list) else [])
    return Marked(attributes, None, sensitive)


def _step(step: Any) -> Any:
    value = mapping(step).get("value")
    return value.get("value") if isinstance(value, dict) else value


def _mark(mirror: dict[Any, Any], steps: list[Any]) -> None:
    here = mirror
    for at, step in enumerate(steps):
        if not isinstance(step, (str, int)) or here.get(step) is True:
            return
        if at == len(steps) - 1:
            here[step] = True
        else:
            here = here.setdefault(step, {})
