"""Service accounts of a cluster that stands by, and whether their pods can be who they are there.

A pod gets its role by the annotation of its service account, if the role trusts the cluster's OpenID Connect provider, or by a pod
identity association, if there is one for its cluster (Amazon EKS User Guide, "IAM roles for service accounts" and "EKS Pod Identity",
2026-11). Both are of one cluster, and restored or copied manifests do not bring them along.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from drpolicy.kubernetes.kinds import namespace_of
from drpolicy.kubernetes.navigation import inside, strings, text
from drpolicy.kubernetes.workloads import pod_template
from drpolicy.model.clusters import Identity
from drpolicy.model.patterns import deferred
from drpolicy.model.provenance import Derived, Written, written_at
from drpolicy.model.reasons import Reason
from drpolicy.model.resources import Resource
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Member, Members, Unknown, Value
from drpolicy.recovery.locations import Site
from drpolicy.recovery.trust import CLUSTER, DOCUMENT, PROVIDER, ROLE, by_key, trust_place, trusted_regions

ASSOCIATION: Final = "aws_eks_pod_identity_association"
RESOURCE_TYPES: Final = frozenset({ROLE, PROVIDER, DOCUMENT, CLUSTER, ASSOCIATION})

_ANNOTATION: Final = "eks.amazonaws.com/role-arn"
_ROLE_ARN = deferred(r":role/(?:[^\s:]*/)?([\w+=,.@-]+)$")
_ACCOUNT = deferred(r"^arn:[a-z-]+:iam::(\d{12}):")


def lost_identities(site: Site, manifests: Sequence[Resource], resources: Sequence[Resource]) -> Members[Identity]:
    """Return the service accounts of a DR cluster that get their role on clusters of other regions alone; none for any other cluster.

    Only roles and associations in the files count: for a service account with neither nothing is known, and nothing is said.
    """
    if not site.is_dr or not isinstance(site.region, Known):
        return Members()
    own = [each for each in manifests if each.deployment == site.name and each.channel == "manifest"]
    annotated = [each for each in own if each.type == "v1/ServiceAccount" and not isinstance(_annotation(each), Absent)]
    if not own or not any(each.type in (ROLE, ASSOCIATION) for each in resources):
        return Members()
    found = [*_roles(annotated, site.region.value, resources)]
    bound = {(namespace_of(each), each.name) for each in annotated}
    found.extend(_associated(own, site.region.value, resources, bound))
    return Members(tuple(found))


def _annotation(account: Resource) -> Value[str]:
    return strings(account.get("metadata", "annotations", _ANNOTATION))


def _roles(accounts: Sequence[Resource], region: str, resources: Sequence[Resource]) -> Iterator[Member[Identity]]:
    leads_to = by_key(resources)
    roles: dict[str, list[Resource]] = {}
    for each in resources:
        called = each.get("name") if each.type == ROLE and not each.data else None
        if isinstance(called, Known):
            roles.setdefault(str(called.value), []).append(each)
    for account in accounts:
        annotation = _annotation(account)
        name = _role_name(annotation)
        candidates = [each for each in roles.get(name, ()) if not _of_another_account(annotation, each)]
        trusts = [(each, trusted_regions(each, leads_to)) for each in candidates]
        # A role that trusts no cluster at all gets to the pods in some other way, such as an association. Of several roles of one name
        # any may be meant: nothing is said unless none of them trusts a cluster of the region.
        if not trusts or any(region in each or not (each.elements or each.rest) for _, each in trusts):
            continue
        role = trusts[0][0]
        rest = next((each.rest for _, each in trusts if each.rest is not None), None)
        regions = Members(tuple({member.value: member for _, each in trusts for member in each.elements}.values()), rest)
        places = (Written(written_at(annotation.origin) or account.span), trust_place(role))
        said = f"role {name} trusts {_listed(regions)}"
        origin = Derived(f"{role.address} trusts {_listed(regions)}", places)
        yield _member(_shown(account), said, account, tuple(regions), origin, rest or role.why)


def _role_name(annotation: Value[str]) -> str:
    written = annotation.value if isinstance(annotation, Known) else ""
    if isinstance(annotation, Unknown) and annotation.parts and isinstance(annotation.parts[-1], Known):
        written = annotation.parts[-1].value
    found = _ROLE_ARN.search(written)
    return found[1] if found is not None else ""


def _of_another_account(annotation: Value[str], role: Resource) -> bool:
    account = _ACCOUNT.match(annotation.value) if isinstance(annotation, Known) else None
    return account is not None and isinstance(role.account, Known) and role.account.value != account[1]


def _associated(
    own: Sequence[Resource], region: str, resources: Sequence[Resource], bound: set[tuple[str, str]]
) -> Iterator[Member[Identity]]:
    associations = [each for each in resources if each.type == ASSOCIATION and not each.data]
    for (namespace, name), user in _used(own).items():
        if (namespace, name) in bound:
            continue
        named = [(each, _names(each, namespace, name)) for each in associations]
        if not any(truth is Truth.TRUE for _, truth in named):
            continue
        certain = [each for each, truth in named if truth is Truth.TRUE]
        elsewhere = [each for each in certain if isinstance(each.region, Known) and each.region.value != region]
        if any(isinstance(each.region, Known) and each.region.value == region for each in certain) or not elsewhere:
            continue
        unsure = [each for each, truth in named if truth is Truth.UNKNOWN or (truth is Truth.TRUE and not isinstance(each.region, Known))]
        regions = tuple(sorted({str(each.region.value) for each in elsewhere if isinstance(each.region, Known)}))
        said = f"its pod identity is for a cluster of {' and '.join(regions)}"
        places = (Written(user.span), Written(elsewhere[0].span))
        why = (
            Unknown(Reason.OUTSIDE_SCOPE, f"which service account {unsure[0].address} is for", Written(unsure[0].span)) if unsure else None
        )
        yield _member(
            f"{namespace}/{name}", said, user, regions, Derived(f"{elsewhere[0].address} is for {' and '.join(regions)}", places), why
        )


def _names(association: Resource, namespace: str, name: str) -> Truth:
    result = Truth.TRUE
    for attribute, wanted in (("namespace", namespace), ("service_account", name)):
        value = association.get(attribute)
        result = result & (Truth.of(value.value == wanted) if isinstance(value, Known) else Truth.UNKNOWN)
    return result


def _used(own: Sequence[Resource]) -> Mapping[tuple[str, str], Resource]:
    """Return the service accounts of a cluster by namespace and name, each with the object that names it."""
    found: dict[tuple[str, str], Resource] = {}
    for each in own:
        if each.type == "v1/ServiceAccount":
            found[namespace_of(each), each.name] = each
        name = text(inside(pod_template(each), "spec", "serviceAccountName"))
        if name is not None:
            found.setdefault((namespace_of(each), name), each)
    return found


def _member(account: str, said: str, user: Resource, regions: tuple[str, ...], origin: Derived, why: Unknown | None) -> Member[Identity]:
    at: Value[str] = Known(account, origin)
    made = Identity(f"{account} ({said})", account, Members(tuple(map(Member, regions))), at, user.span)
    presence = user.presence if why is None else Truth.UNKNOWN
    return Member(made, presence, why or user.why)


def _shown(account: Resource) -> str:
    return f"{namespace_of(account)}/{account.name}"


def _listed(regions: Members[str]) -> str:
    return f"clusters of {' and '.join(regions)} alone" if regions.elements else "clusters that are not known"
