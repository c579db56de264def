"""Whether Velero's objects stand where its server looks, name what is there, and are left alone by whoever applies them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from drpolicy.kubernetes.installations import Installation
from drpolicy.kubernetes.kinds import kind_of, namespace_of
from drpolicy.kubernetes.navigation import inside, strings
from drpolicy.kubernetes.server_settings import ServerSettings
from drpolicy.kubernetes.velero import VeleroSchedule
from drpolicy.kubernetes.workloads import containers
from drpolicy.model.agreements import NOT_COMPARED, Agreement
from drpolicy.model.patterns import deferred
from drpolicy.model.provenance import Written
from drpolicy.model.reasons import Reason
from drpolicy.model.resources import Applier, Resource
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Unknown, Value
from drpolicy.recovery.contradictions import Side, comparison
from drpolicy.recovery.locations import Place, Site
from drpolicy.recovery.logic import truth_of

_SYNC_OPTIONS: Final = "argocd.argoproj.io/sync-options"
_HOOK: Final = "argocd.argoproj.io/hook"
_KEPT: Final = deferred(r"(?:^|,)\s*Prune=(?:false|confirm)\s*(?:,|$)")
_ON_PURPOSE: Final = deferred(
    r"(?:^|[/_. -])(?:bootstrap|restores?|recover(?:y)?|disaster|dr|failover|standby|migrat(?:e|ion))(?:$|[/_. -])", re.IGNORECASE
)
"""Words for a place where an object is meant to be applied when a cluster is built anew."""
_ARGO_VERSION: Final = deferred(r".*/argocd:v(\d+)\..*")
_LABEL: Final = "label"


def beside_server(resource: Resource, found: Sequence[Installation], site: Site) -> Agreement:
    """Hold the namespace of one of Velero's objects against those of the servers on its cluster."""
    namespace = _namespace(resource)
    servers = {_namespace(each.server.resource): each for each in found}
    if not found or namespace is None or None in servers:
        return NOT_COMPARED
    header = Written(resource.span)
    if namespace in servers:
        return comparison("it is in the server's namespace", (), None, header)
    names = " and ".join(sorted(str(each) for each in servers))
    text_ = f"it is in namespace {namespace}, and the server looks at {names} only"
    places = (header, *(Written(each.server.resource.span) for each in found))
    if site.tree.opened("*") is not None:
        return comparison("", (), Unknown(Reason.OUTSIDE_SCOPE, f"servers on {site.name} that are not read", header), header)
    return comparison("it is in the server's namespace", [Side(text_, places)], None, header)


def _namespace(resource: Resource) -> str | None:
    """Return the namespace of an object where the files give it one; without, whoever applies it may."""
    written = resource.get("metadata", "namespace")
    name = namespace_of(resource)
    # What a command makes has no metadata: it goes where the command line tool is configured to put it.
    moved = isinstance(written, Absent) and name != "default" and not isinstance(resource.get("metadata"), Absent)
    certain = isinstance(written, Known) or moved
    return name if certain and re.fullmatch(r"[a-z0-9-]+", name) else None


def default_location(
    schedules: Sequence[VeleroSchedule], places: Sequence[Place], site: Site, server: ServerSettings | None, more: Unknown | None
) -> Agreement:
    """Look for the storage location of schedules that name none."""
    asking = [each for each in schedules if isinstance(each.template.storage_location, Absent) and truth_of(each.paused) is not Truth.TRUE]
    if not asking or not places or site.is_dr:
        return NOT_COMPARED
    header = Written(asking[0].span)
    defaults = [truth_of(each.location.default) for each in places]
    named: Value[str] = Known("default", header)
    if server is None:
        # One that is not read may be started with another name.
        named = Unknown(Reason.OUTSIDE_SCOPE, f"--default-backup-storage-location on {site.name}", header)
    elif not isinstance(server.default_location, Absent):
        named = server.default_location
    names = [each.location.name for each in places]
    wanted = named.value if isinstance(named, Known) else "default"
    if Truth.TRUE in defaults or (isinstance(named, Known) and wanted in names):
        return comparison("a storage location is the default", (), None, header)
    unknown = more or next((each.location.default for each in places if isinstance(each.location.default, Unknown)), None)
    unknown = unknown or (named if isinstance(named, Unknown) else None)
    uncertain = next((each.location.resource.why for each in places if each.location.resource.presence is Truth.UNKNOWN), None)
    if unknown is None and uncertain is None and asking[0].resource.presence is Truth.TRUE and truth_of(asking[0].paused) is Truth.FALSE:
        others = ", ".join(sorted(names))
        text_ = f"schedule {asking[0].name} names no storage location, none is the default, and none is called {wanted}; there is {others}"
        return comparison("", [Side(text_, (header, *(Written(each.location.span) for each in places)))], None, header)
    doubt = unknown or uncertain or Unknown(Reason.COUNT_NOT_KNOWN, asking[0].resource.key, header)
    return comparison("", (), doubt, header)


def restores_once(restores: Sequence[Resource]) -> Agreement:
    """Look for Restore objects among what is applied again and again, but for those of a place where a cluster is built anew."""
    kept = [(each, applier) for each in restores for applier in each.applied_by]
    if not kept:
        return NOT_COMPARED
    sides, unknown = [], None
    for restore, applier in kept:
        if _on_purpose(restore, applier):
            continue
        if isinstance(applier.automatic, Unknown):
            unknown = unknown or applier.automatic
        elif restore.presence is Truth.UNKNOWN:
            unknown = unknown or restore.why
        elif truth_of(applier.automatic) is Truth.TRUE:
            text_ = f"{applier.what} applies Restore {restore.name} again and again"
            sides.append(Side(text_, (Written(restore.span), Written(applier.span))))
    return comparison("restores are applied when they are asked for", sides, unknown, Written(kept[0][0].span))


def _on_purpose(restore: Resource, applier: Applier) -> bool:
    hook = restore.get("metadata", "annotations", _HOOK)
    names = (restore.span.path.rpartition("/")[0], applier.what, restore.deployment)
    return not isinstance(hook, Absent) or any(_ON_PURPOSE.search(each) for each in names)


def outlives_pruning(schedule: VeleroSchedule, resources: Iterable[Resource]) -> Agreement:
    """Look for what keeps Argo CD from deleting the Backups of a schedule that it applies.

    They carry the labels of the schedule where the template has none of its own, and those of Argo CD among them, which tell what
    belongs to an application where it tracks by label: the default before version 3 (argo-cd docs, "Resource Tracking", 2.9 and 3.3;
    velero-io/velero issue 2975; pkg/builder/backup_builder.go, which copies the annotations too).
    """
    pruning = [each for each in schedule.resource.applied_by if each.tool == "argo" and truth_of(each.prunes) is not Truth.FALSE]
    if not pruning:
        return NOT_COMPARED
    header = Written(schedule.span)
    spec = schedule.resource.get("spec")
    labels = inside(spec, "template", "metadata", "labels")
    options = strings(schedule.resource.get("metadata", "annotations", _SYNC_OPTIONS))
    owned = truth_of(schedule.owner_references) is Truth.TRUE
    if owned or isinstance(labels, Known) or (isinstance(options, Known) and _KEPT.search(options.value)):
        return comparison("the backups are kept from pruning", (), None, header)
    method = _tracking(list(resources), header)
    if isinstance(method, Known) and method.value != _LABEL:
        return comparison("Argo CD does not track by label", (), None, header)
    doubts = (method, labels, options, schedule.owner_references, *(each.prunes for each in pruning))
    unknown = next((each for each in doubts if isinstance(each, Unknown)), None)
    if unknown is None and schedule.resource.presence is Truth.UNKNOWN:
        unknown = schedule.resource.why
    text_ = f"{pruning[0].what} prunes, Argo CD tracks by label, and the backups carry the labels of the schedule"
    sides = [] if unknown is not None else [Side(text_, (header, method.origin, Written(pruning[0].span)))]
    return comparison("", sides, unknown, header)


def _tracking(resources: Sequence[Resource], header: Written) -> Value[str]:
    """Return how Argo CD tells what it has applied: its configuration, else the default of the version that was read."""
    unknown = Unknown(Reason.OUTSIDE_SCOPE, "how Argo CD tracks what it has applied", header)
    found = [*_configured(resources)] or [*_defaults(resources)]
    kinds = {each.value if isinstance(each, Known) else each.symbol for each in found}
    # Several that differ: which of them applies a schedule is not said.
    return found[0] if len(kinds) == 1 else unknown


def _configured(resources: Sequence[Resource]) -> Iterator[Known[str] | Unknown]:
    for resource in resources:
        if resource.type == "v1/ConfigMap" and resource.name == "argocd-cm":
            excluded = strings(resource.get("data", "resource.exclusions"))
            method = strings(resource.get("data", "application.resourceTrackingMethod"))
            if isinstance(excluded, Known) and "velero.io" in excluded.value:
                yield Known("excluded", excluded.origin)
            elif not isinstance(method, Absent):
                yield method


def _defaults(resources: Sequence[Resource]) -> Iterator[Known[str]]:
    for image in _argo_images(resources):
        found = _ARGO_VERSION.fullmatch(image.value)
        if found is not None:
            yield Known(_LABEL if int(found[1]) < 3 else "annotation", image.origin)


def _argo_images(resources: Sequence[Resource]) -> Iterator[Known[str]]:
    for resource in resources:
        if kind_of(resource) in {"Deployment", "StatefulSet"} and resource.name.startswith("argocd"):
            for container in containers(resource, initial=False):
                image = strings(inside(container, "image"))
                if isinstance(image, Known):
                    yield image
