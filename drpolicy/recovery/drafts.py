"""A protection before it knows what is at stake: what mechanisms produce and stores collect."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from drpolicy.catalog.rows import MechanismRow
from drpolicy.model.durations import Duration
from drpolicy.model.provenance import Derived, Written, used_at
from drpolicy.model.records import dataclass, replace
from drpolicy.model.resources import Resource
from drpolicy.model.spans import Span
from drpolicy.model.stores import Prerequisite, Survival
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Object, Unknown, Value
from drpolicy.recovery.logic import all_of, any_of, because, equal, known, negated, truth_of
from drpolicy.recovery.rule_gaps import Times


@dataclass(frozen=True, slots=True, eq=False)
class Draft:
    """One protection of one store, as a mechanism describes it."""

    row: MechanismRow
    store: str
    name: str
    address: str
    type: str
    deployment: str
    region: Value[str]
    account: Value[str]
    enabled: Value[bool]
    prerequisites: tuple[Prerequisite, ...]
    scheduled: Value[bool]
    gap: Value[Duration]
    worst_gap: Value[Duration]
    retention: Value[Duration]
    immutable: Value[bool]
    attributes: Object
    copy_attributes: Object
    span: Span
    presence: Truth = Truth.TRUE
    why: Unknown | None = None
    copy_key: str = ""
    """Key of the store that holds the copy, when it is one of the estate's."""
    volume_data_moves: Value[bool] | None = None
    """For Velero: whether volume data is where the backup is; ``None`` where the question does not arise."""
    key_region: Value[str] | None = None
    """The region of the key that encrypts the copy, where one is written."""
    key_replicated: Value[bool] | None = None
    """Whether the copy can be read with a replica of that key in its own region; ``None`` where no key is written."""
    application_consistent: Value[bool] | None = None
    """For Velero: whether the databases in the volumes are brought to rest; ``None`` where there is none."""
    times: Times | None = None
    """What the recurring rule says that makes it; ``None`` where no resource or block of its own does."""
    expires: Value[Duration] | None = None
    """The age at which a copy is deleted, where that is not the retention: a rule that counts deletes nothing for its age."""
    limits: Mapping[str, Value[bool]] | None = None
    """Further conditions for surviving one disruption (what must read the copy, say)."""

    @property
    def works(self) -> Value[bool]:
        """Whether it is switched on and every prerequisite holds."""
        off = self.enabled.origin.how if self.row.matched == "declared" and isinstance(self.enabled.origin, Derived) else "switched off"
        enabled = because(self.enabled, f"{self.name}: {off}")
        return all_of(
            "every prerequisite holds", [enabled, *(because(each.met, f"{self.name}: {each.text}") for each in self.prerequisites)]
        )

    def survival(self, store_region: Value[str], store_account: Value[str]) -> Survival:
        """Return which disruptions of its store the protection lives through.

        A live copy does not help against corruption, a copy in the same region not against the loss of the region,
        a copy in the same account not against the loss of the account unless it is immutable, and a copy whose key is
        only in the lost region not against that loss.
        """
        works = self.works
        region = negated(equal("region of the copy", self.region, store_region))
        elsewhere = because(region, f"{self.name}: the copy is in the same region")
        account = negated(equal("account of the copy", self.account, store_account))
        apart = because(any_of("another account, or immutable", [account, self.immutable]), f"{self.name}: in the same account, not locked")
        live = known(self.row.kind != "replica", "points in time, or versions, are kept", Written(self.span))
        history = because(live, f"{self.name}: a live copy repeats the damage")
        outcomes = {
            "corruption": [works, history],
            "hardware": [works, any_of("hardware", [self._constant("hardware"), elsewhere])],
            "az": [works, any_of("zone", [self._constant("az"), elsewhere])],
            "region": [works, elsewhere, *self._readable(store_region)],
            "account": [works, apart],
        }
        limits = self.limits or {}
        return Survival(
            **{
                name: all_of(f"survives {name}", [*values, *([limits[name]] if name in limits else [])])
                for name, values in outcomes.items()
            }
        )

    def _readable(self, store_region: Value[str]) -> Iterator[Value[bool]]:
        """Yield whether the key of the copy is there without the store's region, where a key is written."""
        key = self.key_region
        if key is None or isinstance(key, Absent):
            return
        here = equal("region of the key", key, self.region)
        apart = negated(equal("region of the key", key, store_region))
        held = any_of("the key is there", [here, apart, self.key_replicated or known(False, "no replica", key.origin)])
        if truth_of(held) is Truth.FALSE:
            place = key.value if isinstance(key, Known) else "the region of the store"
            held = Known(False, Derived(f"{self.name}: its key is only in {place}", (key.origin,), used_at(key.origin)))
        yield held

    def _constant(self, disruption: str) -> Known[bool]:
        return known(self.row.survives.get(disruption, "false") == "true", f"{self.row.title} against {disruption}")


@dataclass(frozen=True, slots=True)
class Drafts:
    """What a mechanism found: drafts, and why some store may have more."""

    found: tuple[Draft, ...] = ()
    opened: Mapping[str, Unknown] | None = None
    """Store key → why the store may have further protections."""
    rules: tuple[Draft, ...] = ()
    """The recurring rules and their copies, without a store: whether or not they protect any."""


def of_plan(plan: Resource, drafts: Iterable[Draft]) -> Iterator[Draft]:
    """Yield the rules that a plan of this repository makes: they are there if the plan is."""
    for draft in drafts if not plan.exported else ():
        presence = plan.presence & draft.presence
        yield replace(draft, presence=presence, why=(plan.why or draft.why) if presence is Truth.UNKNOWN else None)
