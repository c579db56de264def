"""Whether the versions of Velero, of its plugins, and of the clusters that it restores between fit together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from drpolicy.catalog.velero import built_in_since, in_plugin_table, known_plugins, listed_for, minor_of, version_of
from drpolicy.catalog.versions import Version
from drpolicy.kubernetes.installations import Image, Installation, chart_of
from drpolicy.model.agreements import NOT_COMPARED, Agreement
from drpolicy.model.patterns import deferred
from drpolicy.model.provenance import Written
from drpolicy.model.reasons import Reason
from drpolicy.model.resources import Resource
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Unknown, Value, same
from drpolicy.recovery.contradictions import Side, comparison, first_unknown

_MINOR: Final = deferred(r"v?(\d{1,2})\.(\d{1,3})(?:\..*)?")


def version_text(found: Sequence[Installation]) -> Value[str] | None:
    """Return the version of the one server of a cluster; ``None`` when none was read, or several were."""
    if len(found) != 1:
        return None
    version = found[0].image.version
    if isinstance(version, Known):
        return Known(".".join(map(str, version.value)), version.origin)
    return version


def plugins_fit(found: Sequence[Installation]) -> Agreement:
    """Hold every plugin against the versions of Velero that its own table lists for it."""
    pairs = [(each, plugin) for each in found for plugin in each.plugins if plugin.name in known_plugins()]
    if not pairs:
        return NOT_COMPARED
    sides = [side for each, plugin in pairs for side in _unfit(each, plugin)]
    open_pair = next((why for each, plugin in pairs if (why := _unlisted(each, plugin)) is not None), None)
    open_pair = open_pair or next((each.more for each, _ in pairs if each.more is not None), None)
    return comparison("the plugins are listed for the server", sides, open_pair, Written(pairs[0][0].server.resource.span))


def _unfit(installation: Installation, plugin: Image) -> Iterator[Side]:
    server = installation.image.version
    if not isinstance(server, Known) or not isinstance(plugin.version, Known) or not in_plugin_table(minor_of(server.value)):
        return
    listed = listed_for(plugin.name, minor_of(plugin.version.value))
    if listed is not None and minor_of(server.value) not in listed:
        fitting = " and ".join(sorted(listed))
        text = f"{plugin.text} is listed for Velero {fitting}, and the server is {_dotted(server.value)}"
        yield Side(text, (plugin.version.origin, server.origin))


def _unlisted(installation: Installation, plugin: Image) -> Unknown | None:
    """Return why a plugin cannot be held against the server, or ``None``."""
    server = installation.image.version
    unknown = first_unknown([plugin.version, server])
    if unknown is not None or not isinstance(server, Known) or not isinstance(plugin.version, Known):
        return unknown
    if in_plugin_table(minor_of(server.value)) and listed_for(plugin.name, minor_of(plugin.version.value)) is not None:
        return None
    return Unknown(Reason.OUTSIDE_SCOPE, f"whether {plugin.text} is made for Velero {_dotted(server.value)}", plugin.version.origin)


def plugins_apart(found: Sequence[Installation]) -> Agreement:
    """Look for plugins that the server has in itself: two of one name, and it does not start."""
    pairs = [(each, plugin) for each in found for plugin in each.plugins if built_in_since(plugin.name) is not None]
    if not pairs:
        return NOT_COMPARED
    sides = []
    for each, plugin in pairs:
        server, since = each.image.version, built_in_since(plugin.name)
        if isinstance(server, Known) and since is not None and server.value >= since:
            text = f"{plugin.name} is a part of Velero since {minor_of(since)}, and the server is {_dotted(server.value)}"
            sides.append(Side(text, (plugin.written.origin, server.origin)))
    unknown = first_unknown(each.image.version for each, _ in pairs)
    return comparison("the server does not have its plugins in itself", sides, unknown, Written(pairs[0][0].server.resource.span))


def pinned(found: Sequence[Installation]) -> Agreement:
    """Look for a chart or an image whose version moves by itself; what may be given elsewhere is not asked for."""
    sides: list[Side] = []
    unknowns: list[Value[str]] = []
    for each in found:
        chart, here = chart_of(each), Written(each.server.resource.span)
        if isinstance(chart, Known) and version_of(chart.value.removeprefix("velero-")) is None:
            asked = chart.value.removeprefix("velero-")
            said = f"takes the newest chart that {asked} allows" if asked else "takes the newest chart"
            sides.append(Side(f"{each.server.resource.name} {said}", (chart.origin, here)))
        images = (each.image, *each.plugins)
        sides.extend(Side(f"{image.text or 'the image'} has no version", (image.written.origin,)) for image in images if image.floats)
        # An image that the chart chooses is as certain as the chart.
        unknowns.extend(image.written for image in images if image is not each.image or isinstance(chart, Absent))
    if not found or (not sides and any(isinstance(chart_of(each), Unknown) for each in found)):
        return NOT_COMPARED
    return comparison("chart and images have versions", sides, first_unknown(unknowns), Written(found[0].server.resource.span))


def not_older(standby: Sequence[Installation], primary: Sequence[Installation]) -> Agreement:
    """Hold the server of a DR cluster against those of the clusters that it may stand in for."""
    if len(standby) != 1 or not primary:
        return NOT_COMPARED
    own = standby[0].image.version
    theirs = [each.image.version for each in primary]
    names = [each.cluster for each in primary]
    return _compared("Velero", own, theirs, names, Written(standby[0].server.resource.span))


def kubernetes_not_older(standby: Sequence[Resource], primary: Sequence[tuple[str, Resource]]) -> Agreement:
    """Hold the Kubernetes version of a DR cluster against those of the clusters that it may stand in for."""
    if len(standby) != 1 or not primary:
        return NOT_COMPARED
    own = _kubernetes(standby[0])
    theirs = [_kubernetes(each) for _, each in primary]
    if isinstance(own, Absent) or all(isinstance(each, Absent) for each in theirs):
        # Without a version the cluster gets the newest one of the day when it is made.
        return NOT_COMPARED
    return _compared("Kubernetes", own, theirs, [name for name, _ in primary], Written(standby[0].span))


def _compared(what: str, own: Value[Version], theirs: Sequence[Value[Version]], names: Sequence[str], header: Written) -> Agreement:
    """Compare with each of several clusters that this one may stand in for: older than one is a defect only if it is older than all."""
    newer = [
        Side(f"{what} is {_short(own.value)} here and {_short(each.value)} on {name}", (own.origin, each.origin))
        for each, name in zip(theirs, names, strict=True)
        if isinstance(own, Known) and isinstance(each, Known) and own.value[:2] < each.value[:2]
    ]
    how = f"{what} is not older than on the primary cluster"
    if len(newer) == len(theirs):
        return comparison(how, newer, None, header)
    if all(same(own, each) is Truth.TRUE for each in theirs):
        # Whatever the variable is set to that both take.
        return comparison(how, (), None, header)
    unknown = first_unknown([own, *theirs])
    if newer and unknown is None:
        unknown = Unknown(Reason.AMBIGUOUS, "which of several clusters this one stands in for", header)
    if unknown is None and any(isinstance(each, Absent) for each in theirs):
        unknown = Unknown(Reason.OUTSIDE_SCOPE, f"version of {what} on the primary cluster", header)
    return comparison(how, (), unknown, header)


def _kubernetes(cluster: Resource) -> Value[Version]:
    written = cluster.get("version")
    if isinstance(written, Unknown) and written.reason is Reason.COMPUTED:
        # What nobody writes EKS chooses when the cluster is made; a plan says that it is not known yet.
        return Absent(written.origin)
    if not isinstance(written, Known):
        return written
    found = _MINOR.fullmatch(str(written.value))
    if found is None:
        return Unknown(Reason.OUTSIDE_SCOPE, f"version of {cluster.address}", written.origin)
    return Known((int(found[1]), int(found[2]), 0), written.origin)


def _dotted(version: Version) -> str:
    return ".".join(map(str, version))


def _short(version: Version) -> str:
    return f"{version[0]}.{version[1]}"
