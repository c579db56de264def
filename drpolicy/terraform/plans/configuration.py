"""The configuration inside a plan: every block with its expressions, of which Terraform gives the constants and the references.

Locals are not in it, nor is the content of ``dynamic`` blocks: what an expression says through them stays open without the HCL.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from drpolicy.model.provenance import Provenance
from drpolicy.model.reasons import Reason
from drpolicy.model.records import dataclass, field
from drpolicy.model.values import Known, Member, Members, Object, Target, Unknown, Value
from drpolicy.terraform.plans.addresses import ModuleAddress, split_module
from drpolicy.terraform.plans.values import Marked, value_of

_DEPTH = 40
"""References through outputs and variables, one after the other."""

_OPEN = None


@dataclass(frozen=True, slots=True)
class Instance:
    """Where an expression stands: the module instance, and the key and ``for_each`` of the resource or module call itself."""

    module: ModuleAddress
    key: str = ""
    for_each: Any = None


@dataclass(slots=True)
class Configuration:
    """The ``configuration`` of a plan. ``keys`` are the addresses of everything that exists after the plan, data sources too."""

    deployment: str
    root: Mapping[str, Any]
    providers: Mapping[str, Any]
    variables: Mapping[str, Any]
    keys: frozenset[str]
    _modules: dict[tuple[str, ...], Mapping[str, Any]] = field(default_factory=dict)
    _resources: dict[tuple[str, ...], dict[str, Mapping[str, Any]]] = field(default_factory=dict)

    def module(self, calls: tuple[str, ...]) -> Mapping[str, Any]:
        """Return the configuration of a module; an empty one when there is none."""
        found = self._modules.get(calls)
        if found is None:
            found = self.root if not calls else mapping(self.call(calls).get("module"))
            self._modules[calls] = found
        return found

    def call(self, calls: tuple[str, ...]) -> Mapping[str, Any]:
        """Return the module call that makes a module."""
        return mapping(mapping(self.module(calls[:-1]).get("module_calls")).get(calls[-1]))

    def resource(self, calls: tuple[str, ...], address: str) -> Mapping[str, Any]:
        """Return the block of a resource of a module; an empty one when there is none."""
        found = self._resources.get(calls)
        if found is None:
            listed = self.module(calls).get("resources")
            found = {
                each["address"]: each
                for each in (listed if isinstance(listed, list) else ())
                if isinstance(each, dict) and isinstance(each.get("address"), str)
            }
            self._resources[calls] = found
        return found.get(address, {})

    def addresses(self) -> Iterator[tuple[tuple[str, ...], str]]:
        """Yield every resource block: the module calls that lead to it, and its address there."""
        pending: list[tuple[str, ...]] = [()]
        while pending:
            calls = pending.pop()
            self.resource(calls, "")
            yield from ((calls, address) for address in self._resources[calls])
            if len(calls) < _DEPTH:
                pending += ((*calls, name) for name in mapping(self.module(calls).get("module_calls")))

    def written(self, expression: Any, symbol: str, origin: Provenance, place: Instance, depth: int = 0) -> Value[Any]:
        """Return what the configuration says of an attribute or of the blocks of one type."""
        match expression:
            case list() if depth < _DEPTH:
                elements = (Member(self.written(each, f"{symbol}[{at}]", origin, place, depth + 1)) for at, each in enumerate(expression))
                return Known(Members(tuple(elements)), origin)
            case dict() if "constant_value" in expression:
                return value_of(Marked(expression["constant_value"]), symbol, origin)
            case dict() if not expression.keys() - {"references"} and isinstance(expression.get("references", []), list):
                target = self.target(expression, place)
                return Unknown(Reason.COMPUTED, symbol, origin, target)
            case dict() if depth < _DEPTH:
                fields = {name: self.written(each, f"{symbol}.{name}", origin, place, depth + 1) for name, each in expression.items()}
                return Known(Object(fields), origin)
            case _:
                return Unknown(Reason.COMPUTED, symbol, origin)

    def target(self, expression: Any, place: Instance) -> Target | None:
        """Return the one attribute that an expression refers to; ``None`` when there is none, or more than one, or that cannot be told."""
        found = self._targets(expression, place, 0)
        return found[0] if found is not None and len(set(found)) == 1 else None

    def _targets(self, expression: Any, place: Instance, depth: int) -> tuple[Target, ...] | None:
        """Return every attribute that an expression refers to; ``None`` when some of it is not in the plan."""
        references = mapping(expression).get("references")
        if depth > _DEPTH or not isinstance(references, list):
            return () if depth <= _DEPTH else _OPEN
        texts = [each for each in references if isinstance(each, str)]
        found: list[Target] = []
        for text in _longest(texts):
            more = self._reference(text, texts, place, depth)
            if more is _OPEN:
                return _OPEN
            found += more
        return tuple(dict.fromkeys(found))

    def _reference(self, text: str, beside: list[str], place: Instance, depth: int) -> tuple[Target, ...] | None:
        root, _, rest = text.partition(".")
        match root:
            case "each" if rest.startswith("value"):
                return self._targets(place.for_each, Instance(place.module), depth + 1)
            case "each" | "count" | "path" | "terraform" | "self":
                return ()
            case "local" | "ephemeral":
                return _OPEN
            case "var":
                return self._variable(rest.partition(".")[0].partition("[")[0], place, depth)
            case "module":
                return self._output(text, beside, place, depth)
            case _:
                return self._resource(text, beside, place)

    def _variable(self, name: str, place: Instance, depth: int) -> tuple[Target, ...] | None:
        calls = place.module.calls
        if not calls:
            return ()
        call = self.call(calls)
        expression = mapping(call.get("expressions")).get(name)
        outside = Instance(place.module.parent, place.module.keys[-1], call.get("for_each_expression"))
        return () if expression is None else self._targets(expression, outside, depth + 1)

    def _output(self, text: str, beside: list[str], place: Instance, depth: int) -> tuple[Target, ...] | None:
        child, rest = split_module(text)
        if len(child.calls) != 1 or not rest:
            return _OPEN
        name = child.calls[0]
        call = self.call((*place.module.calls, name))
        key = child.keys[0]
        if not key and ("for_each_expression" in call or "count_expression" in call):
            key = _same_key(beside, place)
            if not key:
                return _OPEN
        within = place.module.child(name, key)
        output = mapping(mapping(self.module(within.calls).get("outputs")).get(rest.partition(".")[0].partition("[")[0]))
        return self._targets(output.get("expression"), Instance(within), depth + 1)

    def _resource(self, text: str, beside: list[str], place: Instance) -> tuple[Target, ...] | None:
        data = "data." if text.startswith("data.") else ""
        words = text[len(data) :].split(".", 2)
        if len(words) < 2:
            return _OPEN
        name, bracket, index = words[1].partition("[")
        address = f"{place.module.prefix}{data}{words[0]}.{name}"
        attribute = words[2].partition("[")[0] if len(words) > 2 else ""
        key = f"[{index}" if bracket else ""
        if not key and address not in self.keys:
            same = _same_key(beside, place)
            key = same if f"{address}{same}" in self.keys else ""
            # All instances (a splat), or one that something else in the expression chooses.
            if not key and any(each != text for each in _longest(beside)):
                return _OPEN
        return (Target(f"{self.deployment}//{address}{key}", attribute),)


def _same_key(beside: Iterable[str], place: Instance) -> str:
    """Return the key of the block itself where an expression refers to another block by ``each.key`` or ``count.index``."""
    return place.key if any(each in ("each.key", "each.value", "count.index") for each in beside) else ""


def _longest(references: list[str]) -> Iterator[str]:
    """Yield the references without those that only lead to another: Terraform lists ``a.b.id`` and then ``a.b``."""
    for at, one in enumerate(references):
        if not any(other.startswith((f"{one}.", f"{one}[")) for other in references[:at]):
            yield one


def mapping(value: Any) -> Mapping[str, Any]:
    """Return a JSON object; anything else is as good as an empty one."""
    return value if isinstance(value, dict) else {}
