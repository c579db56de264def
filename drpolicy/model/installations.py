"""Velero as it is installed on a cluster, as far as the files show it."""

from __future__ import annotations

from typing import Final

from drpolicy.model.agreements import NOT_COMPARED, Agreement
from drpolicy.model.provenance import Derived
from drpolicy.model.records import dataclass, field
from drpolicy.model.stores import OPTIONAL
from drpolicy.model.values import Absent, Value

_NOT_READ: Final = Absent(Derived("no server was read", ()))


@dataclass(frozen=True, slots=True, eq=False)
class Installation:
    """What has to hold of Velero on a cluster. What the question does not arise for was not ``compared``."""

    version: Value[str] = field(default=_NOT_READ, metadata=OPTIONAL)
    """The version of the server that was read, of its image or of the chart that installs it."""
    plugins_fit: Agreement = NOT_COMPARED
    """Every plugin is of a version that its own table lists for the server's."""
    plugins_apart: Agreement = NOT_COMPARED
    """No plugin is installed that the server has in itself."""
    pinned: Agreement = NOT_COMPARED
    """The chart, the server and the plugins have versions that do not move by themselves."""
    not_older: Agreement = NOT_COMPARED
    """On a DR cluster: the server is not older than those that make the backups."""
    kubernetes_not_older: Agreement = NOT_COMPARED
    """On a DR cluster: its Kubernetes is not older than that of the cluster it stands in for."""
    password_shared: Agreement = NOT_COMPARED
    """On a DR cluster: it has the password of the repositories that the primary's files set."""
    default_location: Agreement = NOT_COMPARED
    """Backups that name no storage location have one to go to."""
    snapshot_locations: Agreement = NOT_COMPARED
    """For every provider with several snapshot locations, each backup names one, or the server has a default one."""
    snapshot_regions: Agreement = NOT_COMPARED
    """The snapshot locations of AWS are in the region of the cluster, where its volumes are."""
    snapshot_classes: Agreement = NOT_COMPARED
    """For the volumes that CSI snapshots are to be taken of, Velero can choose a VolumeSnapshotClass."""
    volumes_reachable: Agreement = NOT_COMPARED
    """The volumes that pods ask file system backup for are there, and the node agent can read them."""
    credentials_hidden: Agreement = NOT_COMPARED
    """No credentials stand in clear text in what Velero is given."""
    failures_noticed: Agreement = NOT_COMPARED
    """An alert speaks of backups that are not made."""
    objects_outlast_release: Agreement = NOT_COMPARED
    """Uninstalling the release of the chart does not delete Velero's objects."""
    restores_once: Agreement = NOT_COMPARED
    """No Restore is among what Flux or Argo CD applies again and again."""
    modifiers_found: Agreement = NOT_COMPARED
    """The ConfigMaps with the resource modifiers that Restores name are there."""


NOT_INSTALLED: Final = Installation()
"""What stands for a cluster of which nothing of Velero was read."""
