"""The resources of a plan or a state, with what is written of them in the HCL beside it, or in the plan's own configuration."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from drpolicy.model.patterns import deferred
from drpolicy.model.provenance import Derived, Provenance, Through, Written
from drpolicy.model.reasons import Reason
from drpolicy.model.resources import Resource, TerraformRoot
from drpolicy.model.spans import Span
from drpolicy.model.values import Absent, Known, Member, Members, Object, Target, Unknown, Value
from drpolicy.terraform.plans.addresses import without_keys
from drpolicy.terraform.plans.configuration import Configuration, Instance, mapping
from drpolicy.terraform.plans.documents import PlanDocument
from drpolicy.terraform.plans.entries import Entry
from drpolicy.terraform.plans.providers import Providers
from drpolicy.terraform.plans.settling import Settlement, known_keys, size_of
from drpolicy.terraform.plans.values import Marked, value_of
from drpolicy.terraform.providers import OTHER_REGION, Provider, is_aws, region_of
from drpolicy.terraform.shapes import LazyFields

_ARN = deferred(r"arn:[a-z-]+:[a-z0-9-]+:([a-z0-9-]*):(\d{12})?:")
_ZONE = deferred(r"([a-z]{2}(?:-[a-z]+)+-\d)[a-z]")


class Resources:
    """Makes the resources of one file: ``resource`` of every entry, and the provider configurations that they have."""

    def __init__(
        self,
        document: PlanDocument,
        configuration: Configuration,
        entries: tuple[Entry, ...],
        beside: TerraformRoot | None,
        computed: Callable[[str, str], bool],
    ) -> None:
        self.providers = Providers(configuration, document.span)
        self._kind = document.kind
        self._name = configuration.deployment
        self._computed = computed
        self._configuration = configuration
        self._entries = {f"{self._name}//{entry.address}": entry for entry in entries}
        self._exists = known_keys(self._entries.keys())
        self._names = _identifiers(entries) if self._kind == "state" else {}
        self._written: dict[str, Resource] = {}
        self._blocks: dict[str, Resource] = {}
        for each in beside.resources if beside is not None else ():
            self._written[each.address] = each
            self._blocks.setdefault(without_keys(each.address), each)
        self._calls = {call.address: call.span for call in beside.modules} if beside is not None else {}

    def resource(self, entry: Entry) -> Resource:
        beside = self._written.get(entry.address) or self._blocks.get(without_keys(entry.address))
        span, extent = (beside.span, beside.extent) if beside is not None else self._place(entry)
        # Another instance of the block stands in the same place, and says something else.
        written = beside if beside is not None and (beside.address == entry.address or "[*]" in beside.address) else None
        block = self._configuration.resource(entry.module.calls, entry.block)
        fields = self._fields(entry, written, block, span)
        key = f"{self._name}//{entry.address}"
        region, account, provider = self._region(entry, written, block, fields, span)
        guarded = Unknown(Reason.OUTSIDE_SCOPE, f"{key}.lifecycle.prevent_destroy", Written(span))
        return Resource(
            self._name,
            entry.address,
            entry.type,
            entry.name,
            Object(fields),
            region,
            account,
            span,
            extent,
            self._kind,
            data=entry.data,
            provider=provider,
            guarded=beside.guarded if beside is not None else guarded,
        )

    def _place(self, entry: Entry) -> tuple[Span, Span]:
        """Return where a resource stands that the HCL does not have: at the call of its module, else in the file."""
        module = entry.module
        while module.calls and self._calls:
            address = module.prefix.removesuffix(".")
            found = self._calls.get(address) or self._calls.get(without_keys(address))
            if found is not None:
                return found, found
            module = module.parent
        return entry.span, entry.extent

    def _fields(self, entry: Entry, written: Resource | None, block: Mapping[str, Any], span: Span) -> LazyFields:
        configuration = self._configuration
        key = f"{self._name}//{entry.address}"
        said = mapping(block.get("expressions"))
        place = Instance(entry.module, entry.key, block.get("for_each_expression"))
        origin: Provenance = Written(entry.span)

        def unwritten(name: str) -> bool:
            return written is not None or name in ("id", "arn") or self._computed(entry.type, name)

        settlement = Settlement(self._kind, span, unwritten, self._exists, self._holds)

        def attribute(name: str) -> Value[Any]:
            symbol = f"{key}.{name}"
            value = value_of(entry.values.field(name), symbol, origin)
            if written is None and not block:
                return self._stored(entry, value)
            configured = configuration.written(said[name], symbol, Written(span), place) if name in said else None
            if configured is not None and written is not None and not isinstance(value, Absent):
                value = settlement.attribute(name, configured, value)
            return settlement.attribute(name, written.attributes.fields.get(name) if written is not None else configured, value)

        return LazyFields({name: lambda name=name: attribute(name) for name in entry.values.names()})  # type: ignore[misc] # bound early on purpose

    def _holds(self, target: Target, value: Any) -> bool:
        entry = self._entries.get(target.key)
        return entry is not None and bool(entry.values.field(target.attribute).value == value)

    def _stored(self, entry: Entry, value: Value[Any]) -> Value[Any]:
        """Return an attribute of which no configuration says anything."""
        # The provider's SDK keeps "", [] and {} for what was never set. Inside a map they are values.
        empty = isinstance(value, Known) and (value.value == "" or size_of(value.value) == 0)
        return Absent(value.origin) if empty else self._referring(entry, value)

    def _referring(self, entry: Entry, value: Value[Any]) -> Value[Any]:
        """Return a value of a state in which a text that is the id or ARN of something it depends on refers to that."""
        match value:
            case Known(str() as text) if text in self._names:
                found = [(other, name) for other, name in self._names[text] if without_keys(other.address) in entry.needs]
                if len({other.address for other, _ in found}) != 1:
                    return value
                other, name = found[0]
                label, key = f"{other.address}.{name}", f"{self._name}//{other.address}"
                return Known(text, Through(label, None, value.origin, key, name))
            case Known(Members() as inner):
                return Known(Members(tuple(Member(self._referring(entry, each.value)) for each in inner.elements)), value.origin)
            case Known(Object() as inner):
                return Known(Object({name: self._referring(entry, each) for name, each in inner.fields.items()}), value.origin)
            case _:
                return value

    def _region(
        self, entry: Entry, written: Resource | None, block: Mapping[str, Any], fields: Mapping[str, Value[Any]], span: Span
    ) -> tuple[Value[str], Value[str], str]:
        """Return the region, the account and the provider configuration of a resource."""
        name = block.get("provider_config_key")
        key = name if isinstance(name, str) else entry.type.partition("_")[0]
        if not is_aws(entry.type):
            nowhere: Value[str] = Absent(Written(span))
            return (written.region, written.account, written.provider) if written is not None else (nowhere, nowhere, key)
        provider = self._unnamed(entry, span) if not block and written is None else self.providers.get(key)
        own = fields.get("region") if f"{'data.' if entry.data else ''}{entry.type}" not in OTHER_REGION else None
        known = own if isinstance(own, Known) and isinstance(own.value, str) else None
        if written is not None:
            region = written.region if known is None or _same(written.region, known) else known
            account, label = written.account, written.provider
            if isinstance(region, Unknown) and isinstance(provider.region, Known) and block:
                region = region_of(entry.type, provider, known, span, span, entry.data)
            if isinstance(account, Unknown) and isinstance(provider.account, Known) and block:
                account = provider.account
        else:
            region = region_of(entry.type, provider, known, span, span, entry.data)
            account, label = provider.account, provider.name
        return _by_arn(region, account, fields.get("arn"), fields.get("availability_zone"), label)

    def _unnamed(self, entry: Entry, span: Span) -> Provider:
        """Return the provider configuration of a state's resource: its name is known at most, and it is equal only to itself."""
        where = entry.provider or entry.address
        symbol = f"{self._name}:provider of {where}"
        region = Unknown(Reason.OUTSIDE_SCOPE, f"{symbol}.region", Written(span))
        account = Unknown(Reason.OUTSIDE_SCOPE, f"{symbol}.account", Written(span))
        alias = entry.provider.rpartition('"].')[2] if '"].' in entry.provider else ""
        local = entry.type.partition("_")[0]
        return Provider(f"{local}.{alias}" if alias else local, region, {"account": account}, span)


def _by_arn(
    region: Value[str], account: Value[str], arn: Value[Any] | None, zone: Value[Any] | None, provider: str
) -> tuple[Value[str], Value[str], str]:
    """Return region and account, from the ARN or the zone of the object where no configuration says them."""
    if isinstance(arn, Known) and isinstance(arn.value, str) and (found := _ARN.match(arn.value)) is not None:
        if isinstance(region, Unknown) and found[1]:
            region = Known(found[1], Derived("region of its ARN", (arn.origin,)))
        if isinstance(account, Unknown) and found[2]:
            account = Known(found[2], Derived("account of its ARN", (arn.origin,)))
    if isinstance(region, Unknown) and isinstance(zone, Known) and (match := _ZONE.fullmatch(str(zone.value))) is not None:
        region = Known(match[1], Derived("region of its availability zone", (zone.origin,)))
    return region, account, provider


def _same(one: Value[Any], other: Known[Any]) -> bool:
    return isinstance(one, Known) and one.value == other.value


def _identifiers(entries: tuple[Entry, ...]) -> dict[str, list[tuple[Entry, str]]]:
    found: dict[str, list[tuple[Entry, str]]] = {}
    for entry in entries:
        values: Marked = entry.values
        for name in ("arn", "id"):
            text = values.value.get(name) if isinstance(values.value, dict) else None
            if isinstance(text, str) and text:
                found.setdefault(text, []).append((entry, name))
    return found
