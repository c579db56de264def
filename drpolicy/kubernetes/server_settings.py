"""What Velero's server is started with: the flags that stand in for what an object does not say.

Flags: velero 1.18, ``velero server --help`` and pkg/cmd/server/config (velero-io/velero, read 2026-11).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from drpolicy.kubernetes.kinds import kind_of
from drpolicy.kubernetes.navigation import inside, strings, text
from drpolicy.kubernetes.workloads import containers
from drpolicy.model.provenance import Written
from drpolicy.model.reasons import Reason
from drpolicy.model.records import dataclass
from drpolicy.model.resources import Resource
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Members, Unknown, Value

_STOPS: Final = frozenset({"schedule", "backup"})
_SET: Final = frozenset({"", "true", "1", "t", "T", "TRUE", "True"})


@dataclass(frozen=True, slots=True, eq=False)
class ServerSettings:
    """The settings of one cluster's server; each is Absent where no server was read or its flag is not given.

    ``node_agent`` says whether the node agent runs, ``csi`` whether the feature EnableCSI is on: both only of a server that was read,
    with the place that tells. ``stopped``: it makes no backups, whatever the schedules say.
    """

    default_ttl: Value[str]
    default_location: Value[str]
    default_snapshot_locations: Value[str]
    sync_period: Value[str]
    fs_backup: Value[bool]
    move_data: Value[bool]
    stopped: Value[bool]
    node_agent: Value[bool]
    csi: Value[bool]


@dataclass(frozen=True, slots=True, eq=False)
class Server:
    """The Deployment of Velero's server, and the container in it that is the server."""

    resource: Resource
    container: Value[Any]


def server_settings(resources: Iterable[Resource]) -> Mapping[str, ServerSettings]:
    """Return the settings of the server on each cluster that has one among the objects that were read."""
    read = [resource for resource in resources if resource.channel == "manifest"]
    agents: dict[str, Resource] = {}
    for resource in read:
        if kind_of(resource) == "DaemonSet" and resource.name in {"node-agent", "restic"}:
            agents.setdefault(resource.deployment, resource)
    found = servers(read)
    return {cluster: _settings(each.resource, each.container, agents.get(cluster)) for cluster, (each, *_) in found.items()}


def servers(resources: Iterable[Resource]) -> Mapping[str, Sequence[Server]]:
    """Return the servers that were read, by their clusters."""
    found: dict[str, list[Server]] = {}
    for resource in resources:
        if resource.channel == "manifest" and kind_of(resource) == "Deployment":
            container = next((each for each in containers(resource, initial=False) if _is_server(each)), None)
            if container is not None:
                found.setdefault(resource.deployment, []).append(Server(resource, container))
    return found


def _is_server(container: Value[Any]) -> bool:
    words = [written for written, _ in _words(container)]
    return "server" in words[:2] and (words[0].rpartition("/")[2] == "velero" or "velero" in (text(inside(container, "image")) or ""))


def _words(container: Value[Any]) -> Iterator[tuple[str, Value[Any]]]:
    """Yield the words that the container is started with; what is not known of one is left out of its text."""
    for name in ("command", "args"):
        listing = inside(container, name)
        if isinstance(listing, Known) and isinstance(listing.value, Members):
            for member in listing.value.elements:
                value = strings(member.value)
                match value:
                    case Known(value=written):
                        yield written, value
                    case Unknown(parts=(Known(value=str() as written), *_)):
                        yield written, value
                    case _:
                        yield "", value


def _settings(server: Resource, container: Value[Any], agent: Resource | None) -> ServerSettings:
    flags = _flags(container)
    rest = _rest(container) or (server.why if server.presence is Truth.UNKNOWN else None)
    origin = Written(server.span)

    def given(name: str) -> Value[str]:
        found = flags.get(name)
        if found is not None:
            return found
        return Absent(origin) if rest is None else Unknown(rest.reason, f"--{name}: {rest.symbol}", rest.origin, root=rest.cause)

    return ServerSettings(
        given("default-backup-ttl"),
        given("default-backup-storage-location"),
        given("default-volume-snapshot-locations"),
        given("backup-sync-period"),
        _switch(given("default-volumes-to-fs-backup")),
        _switch(given("default-snapshot-move-data")),
        _stopped(given("restore-only"), given("disable-controllers")),
        _runs(agent, server),
        _csi(given("features"), origin),
    )


def _flags(container: Value[Any]) -> dict[str, Value[str]]:
    found: dict[str, Value[str]] = {}
    words = list(_words(container))
    for at, (written, value) in enumerate(words):
        if not written.startswith("--"):
            continue
        name, separator, rest = written[2:].partition("=")
        if isinstance(value, Unknown):
            found[name] = value
        elif separator:
            found[name] = Known(rest, value.origin)
        else:
            following = words[at + 1] if at + 1 < len(words) else ("--", value)
            found[name] = Known("", value.origin) if following[0].startswith("-") else strings(following[1])
    return found


def _rest(container: Value[Any]) -> Unknown | None:
    arguments = inside(container, "args")
    if isinstance(arguments, Unknown):
        return arguments
    return arguments.value.rest if isinstance(arguments, Known) and isinstance(arguments.value, Members) else None


def _switch(value: Value[str]) -> Value[bool]:
    return Known(value.value in _SET, value.origin) if isinstance(value, Known) else value


def _stopped(restore_only: Value[str], disabled: Value[str]) -> Value[bool]:
    only = _switch(restore_only)
    if isinstance(only, Known) and only.value:
        return only
    if isinstance(disabled, Known) and not _STOPS.isdisjoint(each.strip() for each in disabled.value.split(",")):
        return Known(True, disabled.origin)
    return only if isinstance(only, Unknown) else disabled if isinstance(disabled, Unknown) else Known(False, only.origin)


def _runs(agent: Resource | None, server: Resource) -> Value[bool]:
    if agent is None:
        return Known(False, Written(server.span))
    if agent.presence is Truth.UNKNOWN:
        return agent.why or Unknown(Reason.COUNT_NOT_KNOWN, agent.key, Written(agent.span))
    return Known(True, Written(agent.span))


def _csi(features: Value[str], origin: Written) -> Value[bool]:
    if isinstance(features, Unknown):
        return features
    given = features.value if isinstance(features, Known) else ""
    return Known("EnableCSI" in (each.strip() for each in given.split(",")), features.origin if isinstance(features, Known) else origin)
