"""``drpolicy.yaml`` and waiver registers into settings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from difflib import get_close_matches
from typing import TypeVar

from drpolicy.catalog.load import built_in_catalog
from drpolicy.declarations.documents import (
    ClusterSettings,
    Configuration,
    DeploymentSettings,
    EnvironmentSettings,
    LabelSettings,
    PolicyOverride,
    PolicyParameters,
    PolicySettings,
    ScopeSettings,
    SeverityOverride,
    TierSettings,
    WaiverEntry,
)
from drpolicy.declarations.misnamed import region_diagnostics
from drpolicy.declarations.reading import Field
from drpolicy.declarations.services import objectives, recovery_terms
from drpolicy.declarations.validation import Flaw, KeyPath, flaws, invalid, shown
from drpolicy.declarations.waiver_flaws import told
from drpolicy.declarations.wording import quoted
from drpolicy.model.findings import Diagnostic
from drpolicy.model.provenance import Written, written_at
from drpolicy.model.spans import Span
from drpolicy.model.values import Absent, Known, Object, Value
from drpolicy.sources.documents import Document, KeyedObject, header
from drpolicy.sources.memory import Memory

T = TypeVar("T")

_ENTRIES = frozenset({"deployments", "environments", "clusters", "tiers", "waivers", "waiverLimits", "recoveryTimes"})
_NESTED = frozenset({("policies", "params"), ("policies", "severity"), ("policies", "overrides")})


def load_configuration(document: Document, memory: Memory | None = None) -> tuple[Configuration, tuple[Diagnostic, ...]]:
    """Read ``drpolicy.yaml``. Of what has an error, the smallest entry is left out: a deployment, a tier, one list of a section."""
    found = flaws(document, "Config", "config-invalid", placeholders=False, memory=memory)
    root = Field(document.root, header(document.root) or document.span)
    kept = _Sound(root, frozenset(_unit(flaw) for flaw in found))
    configuration = _configuration(kept)
    return configuration, (
        *shown(told(document, found)),
        *_contradictions(configuration, {name for name, _ in root.get("environments").items()}),
    )


def load_waiver_register(document: Document, memory: Memory | None = None) -> tuple[tuple[WaiverEntry, ...], tuple[Diagnostic, ...]]:
    """Read ``kind: WaiverRegister``. A waiver with an error is left out."""
    found = flaws(document, "WaiverRegister", "config-invalid", placeholders=False, memory=memory)
    kept = _Sound(Field(document.root, header(document.root) or document.span), frozenset(_unit(flaw) for flaw in found))
    return tuple(_waiver(entry) for entry in kept.entries("waivers")), tuple(shown(told(document, found)))


def _unit(flaw: Flaw) -> KeyPath:
    """Return the path of what a flaw costs."""
    path = flaw.path
    if path[:2] in _NESTED:
        return path[:3]
    return path[:2] if path[:1] and (path[0] in _ENTRIES or len(path) > 1) else path[:1]


class _Sound:
    """A document without the parts that have an error."""

    def __init__(self, root: Field, faulty: frozenset[KeyPath]) -> None:
        self.root = root
        self._faulty = faulty

    def field(self, *path: str) -> Field:
        if any(path[:length] in self._faulty for length in range(len(path) + 1)):
            return Field(Absent(Written(self.root.header)), self.root.header)
        return self.root.get(*path)

    def entries(self, *path: str) -> Iterator[Field]:
        for index, entry in enumerate(self.field(*path).elements()):
            if (*path, index) not in self._faulty:
                yield entry

    def items(self, *path: str) -> Iterator[tuple[str, Field]]:
        for name, entry in self.field(*path).items():
            if (*path, name) not in self._faulty:
                yield name, entry

    def texts(self, *path: str) -> tuple[Value[str], ...]:
        return _texts(self.field(*path))


def _configuration(kept: _Sound) -> Configuration:
    waivers = list(kept.entries("waivers"))
    return Configuration(
        span=kept.root.header,
        default_region=kept.field("defaults", "region").text(),
        endpoint_url=kept.field("live", "endpointUrl").text(),
        deployments=tuple(_deployment(entry) for entry in kept.entries("deployments")),
        environments={
            name: EnvironmentSettings(name, each.get("production").flag(), each.header) for name, each in kept.items("environments")
        },
        clusters=tuple(_cluster(entry) for entry in kept.entries("clusters")),
        tiers={name: _tier(name, each) for name, each in kept.items("tiers")},
        tier_names=tuple(name for name, _ in kept.root.get("tiers").items()),
        policies=PolicySettings(
            directories=kept.texts("policies", "directories"),
            disabled=kept.texts("policies", "disable"),
            params={name: _parameters(name, each) for name, each in kept.items("policies", "params")},
            severities={name: _severity(name, each) for name, each in kept.items("policies", "severity")},
            overrides=tuple(_override(entry) for entry in kept.entries("policies", "overrides")),
        ),
        scope=ScopeSettings(
            kept.texts("scope", "elsewhere"),
            kept.texts("scope", "include"),
            kept.texts("scope", "exclude"),
            kept.field("scope", "contextMaxAge").duration(),
        ),
        waivers=tuple(_waiver(entry) for entry in waivers if _is_mapping(entry)),
        registers=tuple(entry.text() for entry in waivers if not _is_mapping(entry)),
        live_regions=kept.texts("live", "regions"),
        waiver_limits={name: each.duration() for name, each in kept.items("waiverLimits")},
        recovery_times={name: each.duration() for name, each in kept.items("recoveryTimes")},
        tags=_labels(kept, "tags"),
        annotations=_labels(kept, "annotations"),
        baseline=kept.field("baseline").text(),
    )


def _labels(kept: _Sound, section: str) -> LabelSettings | None:
    names = {name: _texts(each) for name, each in kept.items(section) if name != "disruption"}
    return LabelSettings(names, kept.field(section, "disruption").text()) if names else None


def _texts(listed: Field) -> tuple[Value[str], ...]:
    return tuple(listed.texts())


def _is_mapping(entry: Field) -> bool:
    return isinstance(entry.value, Known) and isinstance(entry.value.value, Object)


def _deployment(entry: Field) -> DeploymentSettings:
    path = entry.get("path")
    return DeploymentSettings(
        path=path.text(),
        name=entry.get("name").text(),
        environment=entry.get("environment").text(),
        account=entry.get("account").text(),
        var_files=_texts(entry.get("varFiles")),
        plan=entry.get("plan").text(),
        state=entry.get("state").text(),
        span=path.place,
    )


def _cluster(entry: Field) -> ClusterSettings:
    name = entry.get("name")
    return ClusterSettings(
        name=str(name.value.value) if isinstance(name.value, Known) else "",
        region=entry.get("region").text(),
        role=entry.get("role").text(),
        paths=_texts(entry.get("paths")),
        deployment=entry.get("deployment").text(),
        span=name.place,
    )


def _tier(name: str, entry: Field) -> TierSettings:
    testing = entry.get("testing")
    return TierSettings(
        name,
        tuple(objectives(entry.get("objectives"))),
        testing.get("maxAge").duration(),
        testing.get("every").text(),
        entry.header,
        recovery_terms(entry.get("recovery")),
        entry.get("resilienceHub").text(),
    )


def _parameters(policy: str, entry: Field) -> PolicyParameters:
    inner = entry.value.value if isinstance(entry.value, Known) else None
    values = dict(inner.fields) if isinstance(inner, Object) else {}
    return PolicyParameters(policy, values, dict(inner.keys) if isinstance(inner, KeyedObject) else {}, entry.header)


def _severity(policy: str, entry: Field) -> SeverityOverride:
    return SeverityOverride(policy, entry.text(), entry.header)


def _override(entry: Field) -> PolicyOverride:
    selected = entry.get("for")
    return PolicyOverride(
        paths=_texts(selected.get("paths")),
        deployments=_texts(selected.get("deployments")),
        services=_texts(selected.get("services")),
        disabled=_texts(entry.get("disable")),
        params={name: _parameters(name, each) for name, each in entry.get("params").items()},
        severities={name: _severity(name, each) for name, each in entry.get("severity").items()},
        span=selected.header,
    )


def _waiver(entry: Field) -> WaiverEntry:
    policy = entry.get("policy")
    return WaiverEntry(
        policy=policy.text(),
        subject=entry.get("subject").text(),
        reason=entry.get("reason").text(),
        until=entry.get("until").date(),
        owner=entry.get("owner").text(),
        approver=entry.get("approver").text(),
        ticket=entry.get("ticket").text(),
        span=policy.place,
    )


def _contradictions(configuration: Configuration, environments: set[str]) -> Iterator[Diagnostic]:
    """Yield what each entry allows and all together do not: names that are used twice, environments that are not there.

    ``environments`` are the names that are written, those with an error too.
    """
    yield from _repeated("deployment", configuration.deployments, _deployment_name, lambda each: each.span)
    yield from _unknown_mechanisms(configuration)
    yield from _repeated("cluster", configuration.clusters, lambda each: each.name, lambda each: each.span)
    for region in (configuration.default_region, *configuration.live_regions):
        yield from region_diagnostics(region, "config-invalid")
    for cluster in configuration.clusters:
        yield from region_diagnostics(cluster.region, "config-invalid", misspelt_only=True)
    for deployment in configuration.deployments:
        # A misspelt environment would make a production deployment one that nobody gates.
        environment = deployment.environment
        if environments and isinstance(environment, Known) and environment.value not in environments:
            near = get_close_matches(environment.value, sorted(environments), 1) if len(environment.value) < 60 else []
            advice = f"did you mean {quoted(near[0])}?" if near else "list it under 'environments'"
            message = f"the environment {quoted(environment.value)} is not declared; {advice}"
            yield invalid("config-invalid", message, written_at(environment.origin))


def _unknown_mechanisms(configuration: Configuration) -> Iterator[Diagnostic]:
    known = built_in_catalog().mechanisms if configuration.recovery_times else {}
    for name, time in configuration.recovery_times.items():
        if name not in known:
            near = get_close_matches(name, sorted(known), 1) if len(name) < 60 else []
            advice = f"did you mean {quoted(near[0])}?" if near else "drpolicy catalog list names them"
            yield invalid("config-invalid", f"no mechanism {quoted(name)}; {advice}", written_at(time.origin))


def _deployment_name(deployment: DeploymentSettings) -> str:
    name = deployment.name if isinstance(deployment.name, Known) else deployment.path
    return name.value if isinstance(name, Known) else ""


def _repeated(what: str, entries: Iterable[T], name: Callable[[T], str], span: Callable[[T], Span]) -> Iterator[Diagnostic]:
    by_name: dict[str, list[T]] = {}
    for entry in entries:
        by_name.setdefault(name(entry), []).append(entry)
    for repeated, same in by_name.items():
        if len(same) > 1:
            for index, entry in enumerate(same):
                other = span(same[0 if index else 1])
                hint = "; give each a 'name'" if what == "deployment" else ""
                message = f"{what} {quoted(repeated)} is listed more than once, also at {other}{hint}"
                yield invalid("config-invalid", message, span(entry))
