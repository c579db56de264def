"""Velero's storage locations joined with the buckets of Terraform: where the backups really are, and who else writes there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from drpolicy.kubernetes.clusters import ClusterTree
from drpolicy.kubernetes.field_checks import malformed
from drpolicy.kubernetes.velero import StorageLocation
from drpolicy.model.clusters import Location
from drpolicy.model.provenance import Derived, Through, Written, written_at
from drpolicy.model.reasons import Reason
from drpolicy.model.records import dataclass
from drpolicy.model.stores import Claim
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Members, Unknown, Value, same
from drpolicy.recovery.drafts import Draft
from drpolicy.recovery.holdings import Holding
from drpolicy.recovery.links import Links
from drpolicy.recovery.logic import any_of, equal, known, truth_of


@dataclass(frozen=True, slots=True, eq=False)
class Site:
    """A cluster with what is known of its place and part."""

    tree: ClusterTree
    role: Value[str]
    region: Value[str]
    account: Value[str]

    @property
    def name(self) -> str:
        return self.tree.name

    @property
    def is_dr(self) -> bool:
        return isinstance(self.role, Known) and self.role.value == "dr"


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """A storage location and the bucket it names; ``bucket`` is ``None`` when no file makes that bucket."""

    location: StorageLocation
    site: Site
    bucket: Holding | None
    region: Value[str]
    account: Value[str]


def place(location: StorageLocation, site: Site, links: Links, held: Mapping[str, Holding]) -> Place:
    """Return where a location's data is: in its bucket's region when the bucket is made in these files."""
    resolution = links.resolve(location.bucket, ("aws_s3_bucket",), location.resource)
    bucket = held.get(resolution.single.key) if resolution.single is not None else None
    if bucket is not None:
        resource = bucket.resource
        region = resource.region
        if isinstance(region, Known):
            region = Known(region.value, Through(resource.address, written_at(location.bucket.origin), region.origin))
        return Place(location, site, bucket, region, resource.account)
    region = location.region if not isinstance(location.region, Absent) else _of_bucket("region", location.bucket)
    return Place(location, site, None, region, _of_bucket("account", location.bucket))


def _of_bucket(what: str, bucket: Value[str]) -> Unknown:
    """Return what is not known of a bucket: because no file makes it, or because it is not known which one it is."""
    if isinstance(bucket, Unknown):
        return Unknown(bucket.reason, f"{what} of bucket {bucket.symbol}", bucket.origin, root=bucket.cause)
    name = bucket.value if isinstance(bucket, Known) else "(none)"
    return Unknown(Reason.OUTSIDE_SCOPE, f"{what} of bucket {name}", bucket.origin)


def one_bucket(one: Place, other: Place) -> Value[bool]:
    """Whether two locations name one bucket. What whoever applies the files fills in may differ from cluster to cluster."""
    blank = next((each for each in (one.location.bucket, other.location.bucket) if _filled_in(each)), None)
    if isinstance(blank, Unknown) and one.site is not other.site:
        return blank
    return equal("it reads the same bucket", one.location.bucket, other.location.bucket)


def _filled_in(value: Value[str]) -> bool:
    return isinstance(value, Unknown) and value.cause.reason is Reason.TEMPLATE_PLACEHOLDER


def location_of(own: Place, places: Sequence[Place], sites: Sequence[Site], drafts: Iterable[Draft], claims: Members[Claim]) -> Location:
    """Return a location as policies see it."""
    location, site = own.location, own.site
    header = Written(location.span)
    region: Value[str] = _replaced_region(own, sites) if site.is_dr else Absent(header)
    return Location(
        key=f"{location.cluster}//{location.resource.address}",
        name=location.name,
        address=location.resource.address,
        type=location.resource.type,
        kind="velero-storage",
        deployment=location.cluster,
        environment=Absent(header),
        cluster=site.name,
        cluster_role=site.role,
        cluster_region=site.region,
        primary_region=region,
        bucket=location.bucket,
        prefix=location.prefix,
        region=own.region,
        written_region=location.region,
        bucket_store=own.bucket.key if own.bucket is not None else "",
        bucket_versioned=own.bucket.fields.get("versioned", Absent(header)) if own.bucket is not None else Absent(header),
        default=location.default,
        read_only=equal("accessMode", location.access_mode, Known("ReadOnly", header)),
        shared_with_writer=_shared(own, places, drafts),
        locked=known(False, "no lock is read", header),
        observed=False,
        newest_backup_age=Absent(header),
        newest_restore_age=Absent(header),
        required_by=claims,
        malformed=malformed(location.resource),
        attributes=location.resource.attributes,
        span=location.span,
    )


def _replaced_region(own: Place, sites: Sequence[Site]) -> Value[str]:
    """Return the region that a DR cluster stands in for: of several primary ones, the one that it reads from, if it does."""
    regions = [each.region for each in sites if not each.is_dr]
    alike = {truth: region for region in regions if (truth := same(region, own.region)) is not Truth.FALSE}
    otherwise: Value[str] = regions[0] if regions else Absent(Written(own.location.span))
    return alike.get(Truth.TRUE) or alike.get(Truth.UNKNOWN) or otherwise


def _shared(own: Place, places: Sequence[Place], drafts: Iterable[Draft]) -> Value[bool]:
    """Whether a writer of another cluster puts its backups into this bucket and prefix, directly or by replication."""
    header = Written(own.location.span)
    copied_from = {draft.store for draft in drafts if own.bucket is not None and draft.copy_key == own.bucket.key}
    found: list[Value[bool]] = []
    for other in places:
        if other.site is own.site or truth_of(equal("", other.location.access_mode, Known("ReadOnly", header))) is Truth.TRUE:
            continue
        if other.bucket is not None and other.bucket.key in copied_from:
            found.append(known(True, f"{own.location.name} holds the copy of what {other.site.name} writes", Written(other.location.span)))
        prefixes = same(own.location.prefix, other.location.prefix)
        if prefixes is Truth.TRUE and _filled_in(own.location.prefix):
            prefixes = Truth.UNKNOWN
        match truth_of(one_bucket(own, other)) & prefixes:
            case Truth.TRUE:
                origins = (own.location.bucket.origin, other.location.bucket.origin)
                found.append(Known(True, Derived(f"{other.site.name} writes to the same bucket and prefix", origins)))
            case Truth.UNKNOWN:
                named = (own.location.bucket, other.location.bucket, own.location.prefix, other.location.prefix)
                found.extend([each for each in named if isinstance(each, Unknown)][:1])
            case Truth.FALSE:
                continue
    return any_of("no other cluster writes there", found) if found else known(False, "no other cluster writes there", header)
