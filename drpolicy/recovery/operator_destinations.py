"""Where the backups of an operator go: the bucket that one of its objects names, joined with Terraform, or a volume beside the data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from drpolicy.catalog.operator_rows import Destination, OperatorRow
from drpolicy.kubernetes.kinds import group_of, kind_of, namespace_of
from drpolicy.kubernetes.navigation import elements, entries, inside, name_in_aws, strings, text
from drpolicy.model.provenance import Derived, Written
from drpolicy.model.reasons import Reason
from drpolicy.model.records import dataclass
from drpolicy.model.resources import Resource
from drpolicy.model.values import Absent, Known, Unknown, Value
from drpolicy.recovery.holdings import Holding
from drpolicy.recovery.links import Links
from drpolicy.recovery.locations import Site
from drpolicy.recovery.operator_paths import at_path, holds
from drpolicy.sources.placeholders import is_blank


@dataclass(frozen=True, slots=True, eq=False)
class Database:
    """One object that asks an operator for a database."""

    row: OperatorRow
    resource: Resource
    site: Site
    root: Value[Any]
    """Its object, completed with what the configuration of the operator gives it."""

    @property
    def key(self) -> str:
        return self.resource.key

    @property
    def namespace(self) -> str:
        return namespace_of(self.resource)


@dataclass(frozen=True, slots=True, eq=False)
class Target:
    """Where a backup goes; ``bucket`` is ``None`` when no file makes it."""

    region: Value[str]
    account: Value[str]
    bucket: Holding | None
    prefix: Value[str]


def type_of(resource: Resource) -> tuple[str, str]:
    """Return the group and the kind of a resource of a manifest."""
    return group_of(resource.type.rpartition("/")[0]), kind_of(resource)


def target_of(
    database: Database,
    destination: Destination,
    holder: Resource,
    element: Value[Any],
    resources: Sequence[Resource],
    links: Links,
    held: Mapping[str, Holding],
) -> Target:
    """Return where a backup of a database goes. ``holder`` is the object of its schedule, ``element`` the schedule in it."""
    site, own = database.site, database.resource
    empty: Value[str] = Known("", Derived("the whole bucket", (Written(own.span),)))
    if destination.place == "cluster":
        return Target(site.region, site.account, None, empty)
    where: Value[Any] = element
    match destination.place:
        case "store":
            where = database.root
        case "storage" | "holder-storage":
            keeper = database.root if destination.place == "storage" else holder.get()
            where = _storage(at_path(keeper, destination.storages), at_path(element, destination.storage))
        case "reference":
            where = referenced(database, destination, resources)
        case _:
            pass
    volume = at_path(where, destination.volume) if destination.volume else Absent(where.origin)
    if not isinstance(volume, Absent):
        return Target(site.region, site.account, None, empty)
    of_s3 = holds(where, destination.only)
    bucket, prefix = _bucket(where, destination) if of_s3 is True else (of_s3 or Absent(where.origin), empty)
    if isinstance(bucket, Absent):
        nowhere = Unknown(Reason.OUTSIDE_SCOPE, f"where {database.row.title} puts the backups of {own.name}", Written(holder.span))
        return Target(nowhere, nowhere, None, empty)
    endpoint = name_in_aws(at_path(where, destination.endpoint)) if destination.endpoint else Absent(bucket.origin)
    if isinstance(endpoint, Unknown):
        return Target(endpoint, endpoint, None, prefix)
    if isinstance(endpoint, Known) and endpoint.value and "amazonaws.com" not in endpoint.value:
        # A store of another maker has no region of AWS, whatever is written for the client's sake.
        served = Unknown(Reason.OUTSIDE_SCOPE, f"where {endpoint.value} is", endpoint.origin)
        return Target(served, served, None, prefix)
    resolution = links.resolve(bucket, ("aws_s3_bucket",), holder)
    made = held.get(resolution.single.key) if resolution.single is not None else None
    if made is not None:
        return Target(made.resource.region, made.resource.account, made, prefix)
    written = name_in_aws(at_path(where, destination.region)) if destination.region else Absent(bucket.origin)
    named = not isinstance(written, Absent) and text(written) != ""
    if isinstance(bucket, Unknown):
        return Target(written if named else bucket, bucket, None, prefix)
    account = Unknown(Reason.OUTSIDE_SCOPE, f"account of bucket {bucket.value}", bucket.origin)
    region = Unknown(Reason.OUTSIDE_SCOPE, f"region of bucket {bucket.value}", bucket.origin)
    return Target(written if named else region, account, None, prefix)


def _bucket(where: Value[Any], destination: Destination) -> tuple[Value[str], Value[str]]:
    """Return the bucket and the prefix that are written, as such or in a URL; only S3 has buckets that Terraform's AWS provider makes."""
    if not destination.url:
        bucket = name_in_aws(at_path(where, destination.bucket)) if destination.bucket else Absent(where.origin)
        return bucket, Known("", Derived("the whole bucket", (bucket.origin,)))
    url = strings(at_path(where, destination.url))
    if not isinstance(url, Known):
        return url, url
    scheme, _, rest = url.value.partition("://")
    name, _, prefix = rest.partition("/")
    if is_blank(name):
        blank = name_in_aws(url)
        return blank, blank
    return (Known(name, url.origin), Known(prefix, url.origin)) if scheme == "s3" and name else (Absent(url.origin), url)


def _storage(storages: Value[Any], named: Value[Any]) -> Value[Any]:
    """Return the storage of a name: a field of a mapping, or the element of a list that has that name."""
    name = text(named) or ""
    listed = (each for each in elements(storages) if text(inside(each, "name")) == name)
    return dict(entries(storages)).get(name) or next(listed, Absent(named.origin))


def referenced(database: Database, destination: Destination, resources: Sequence[Resource]) -> Value[Any]:
    """Return the object that the store names; Absent when it is not in the files."""
    own = database.resource
    named = at_path(database.root, destination.name)
    name = text(named)
    for each in resources:
        same_place = each.deployment == own.deployment and namespace_of(each) == database.namespace
        if same_place and type_of(each) == destination.type and each.name == name:
            return each.get()
    return named if isinstance(named, Unknown) else Absent(named.origin)
