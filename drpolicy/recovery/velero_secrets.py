"""What lets Velero in: credentials, who may read them, and the password of its repositories.

The password stands under ``repository-password`` in the Secret ``velero-repo-credentials``; where there is none, the server makes one
with a password that is the same everywhere (velero-io/velero, pkg/repository/keys/keys.go, read 2026-11).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from drpolicy.kubernetes.installations import Installation, mounted_secrets
from drpolicy.kubernetes.kinds import kind_of, namespace_of
from drpolicy.kubernetes.navigation import elements, entries, inside, strings, text
from drpolicy.kubernetes.secret_values import IN_CLEAR, PERHAPS_IN_CLEAR
from drpolicy.kubernetes.velero import StorageLocation
from drpolicy.kubernetes.workloads import pod_template
from drpolicy.model.agreements import NOT_COMPARED, Agreement
from drpolicy.model.provenance import Provenance, Written
from drpolicy.model.reasons import Reason
from drpolicy.model.resources import Resource
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Unknown, Value
from drpolicy.recovery.contradictions import Side, comparison
from drpolicy.recovery.locations import Site

PASSWORD: Final = "velero-repo-credentials"
POD_IDENTITY: Final = "aws_eks_pod_identity_association"
_MAKERS: Final = frozenset({"Secret", "SealedSecret", "ExternalSecret", "SopsSecret", "VaultStaticSecret", "OnePasswordItem"})
"""Kinds that are a Secret, or make one of their own name or of one that they give."""
_ROLES: Final = ("eks.amazonaws.com/role-arn", "iam.gke.io/gcp-service-account", "azure.workload.identity/client-id")
_POD_ROLES: Final = ("iam.amazonaws.com/role", "iam.cloud.google.com/service-account")
"""Annotations of a service account, and of a pod, that give it a role in the cloud."""


def secrets_named(resources: Iterable[Resource], cluster: str, name: str) -> Iterator[Resource]:
    """Yield the objects of a cluster that are, or make, a Secret of a name."""
    for resource in resources:
        if resource.deployment == cluster and kind_of(resource) in _MAKERS:
            made = {resource.name, *(text(resource.get("spec", *path)) for path in (("target", "name"), ("destination", "name")))}
            if name in made:
                yield resource


def credentials_hidden(found: Sequence[Installation], locations: Sequence[StorageLocation], resources: Sequence[Resource]) -> Agreement:
    """Look for credentials in clear text in the Secrets that stand beside Velero."""
    sides: list[Side] = []
    unknown: Unknown | None = None
    looked: Resource | None = None
    namespaces = {(each.cluster, each.namespace) for each in found} | {(each.cluster, each.namespace) for each in locations}
    for resource in resources:
        if resource.type != "v1/Secret" or (resource.deployment, namespace_of(resource)) not in namespaces:
            continue
        looked = looked or resource
        for where, key, value in _held(resource):
            written = text(value)
            if written == IN_CLEAR and resource.presence is Truth.TRUE:
                text_ = f"{where}.{key} of Secret {resource.name} holds credentials that whoever reads the files can use"
                sides.append(Side(text_, (Written(resource.span),)))
            elif written in {IN_CLEAR, PERHAPS_IN_CLEAR}:
                symbol = f"whether {where}.{key} of Secret {resource.name} holds credentials or what stands in for them"
                unknown = unknown or Unknown(Reason.OUTSIDE_SCOPE, symbol, Written(resource.span))
    if looked is None:
        return NOT_COMPARED
    return comparison("no Secret holds credentials in clear text", sides, unknown, Written(looked.span))


def _held(secret: Resource) -> Iterator[tuple[str, str, Value[Any]]]:
    for where in ("data", "stringData"):
        for key, value in entries(secret.get(where)):
            yield where, key, value


def password_shared(
    site: Site, primary: Sequence[Site], copied: bool, resources: Sequence[Resource], found: Sequence[Installation]
) -> Agreement:
    """Look for the password that the files of the primary cluster set among those of the DR cluster.

    ``copied``: volume data is copied into repositories, which the password opens.
    """
    theirs = [each for other in primary for each in secrets_named(resources, other.name, PASSWORD)]
    if not site.is_dr or not theirs or not copied or not found:
        return NOT_COMPARED
    header = Written(found[0].server.resource.span)
    ours = list(secrets_named(resources, site.name, PASSWORD))
    if not ours:
        text_ = f"{theirs[0].deployment} sets the password of its repositories, and nothing in the files of {site.name} does"
        sides = [Side(text_, (header, Written(theirs[0].span)))]
        certain = theirs[0].presence is Truth.TRUE and site.tree.opened("*") is None
        doubt = Unknown(Reason.OUTSIDE_SCOPE, f"Secret {PASSWORD} on {site.name}", header)
        return comparison("", sides if certain else [], doubt, header)
    alike = any(_source(one) is not None and _source(one) == _source(other) for one in ours for other in theirs)
    unknown = None if alike else Unknown(Reason.OUTSIDE_SCOPE, f"whether {PASSWORD} is the same on both clusters", Written(ours[0].span))
    return comparison("both clusters take the password from one place", (), unknown, Written(ours[0].span))


def _source(secret: Resource) -> object:
    """Return what tells where a Secret's content is from: the remote keys, or the place where it is written; ``None`` when not known."""
    if kind_of(secret) == "ExternalSecret":
        listed = [*elements(secret.get("spec", "data")), *elements(secret.get("spec", "dataFrom"))]
        keys = [
            (text(inside(each, "remoteRef", "key")) or text(inside(each, "extract", "key")), text(inside(each, "remoteRef", "property")))
            for each in listed
        ]
        return tuple(keys) if keys and all(key is not None for key, _ in keys) else None
    return str(secret.extent) if kind_of(secret) == "Secret" else None


def has_credentials(location: StorageLocation, found: Sequence[Installation], resources: Sequence[Resource]) -> Agreement:
    """Look for what lets Velero into the bucket of a location.

    That the nodes have a role no object tells, so that nothing at all is no defect; a Secret that lacks the key which is named is one.
    """
    named = location.resource.get("spec", "credential")
    if not isinstance(named, Absent):
        return _named_credential(location, named, resources)
    own = [each for each in found if each.cluster == location.cluster]
    if not own:
        return NOT_COMPARED
    header = Written(location.span)
    let_in = next((origin for each in own if (origin := _let_in(each, resources)) is not None), None)
    if let_in is not None:
        return comparison("the server is given credentials or a role", (), None, let_in)
    unknown = Unknown(Reason.OUTSIDE_SCOPE, f"what lets Velero on {location.cluster} into the bucket, such as a role of the nodes", header)
    return comparison("", (), unknown, header)


def _named_credential(location: StorageLocation, named: Value[Any], resources: Sequence[Resource]) -> Agreement:
    name, key = strings(inside(named, "name")), strings(inside(named, "key"))
    header = Written(location.span)
    for unknown in (named, name, key):
        if isinstance(unknown, Unknown):
            return comparison("", (), unknown, header)
    if not isinstance(name, Known) or not isinstance(key, Known):
        return NOT_COMPARED
    found = list(secrets_named(resources, location.cluster, name.value))
    plain = [each for each in found if each.type == "v1/Secret" and namespace_of(each) == location.namespace]
    lacking = [each for each in plain if not _has_key(each, key.value)]
    if found and len(lacking) == len(found) and found[0].presence is Truth.TRUE:
        text_ = f"it names key {key.value} of Secret {name.value}, which has no such key"
        return comparison("", [Side(text_, (key.origin, *(Written(each.span) for each in lacking)))], None, header)
    missing = Unknown(Reason.OUTSIDE_SCOPE, f"key {key.value} of Secret {name.value} on {location.cluster}", name.origin)
    sure = len(found) > len(lacking)
    return comparison("the Secret is in the files", (), None if sure else missing, Written(found[0].span) if found else header)


def _has_key(secret: Resource, key: str) -> bool:
    """Whether a Secret has a key, or may have: what is not known of it may hold any."""
    for where in ("data", "stringData"):
        held = secret.get(where)
        if isinstance(held, Unknown) or key in dict(entries(held)):
            return True
        if isinstance(held, Known) and getattr(held.value, "rest", None) is not None:
            return True
    return False


def _let_in(installation: Installation, resources: Sequence[Resource]) -> Provenance | None:
    """Return the place of what lets a server into the cloud, where the files have one."""
    pod = pod_template(installation.server.resource)
    for name in mounted_secrets(installation):
        found = next(iter(secrets_named(resources, installation.cluster, name.value)), None) if isinstance(name, Known) else None
        if found is not None:
            return Written(found.span)
    for key in _POD_ROLES:
        given = inside(pod, "metadata", "annotations", key)
        if isinstance(given, Known):
            return given.origin
    account = text(inside(pod, "spec", "serviceAccountName")) or "default"
    for resource in resources:
        own = resource.deployment == installation.cluster and resource.type == "v1/ServiceAccount" and resource.name == account
        if own and namespace_of(resource) == installation.namespace:
            for key in _ROLES:
                role = resource.get("metadata", "annotations", key)
                if isinstance(role, Known) or (isinstance(role, Unknown) and resource.get("metadata", "annotations") is not role):
                    return role.origin
        if resource.type == POD_IDENTITY and is_associated(resource, installation.namespace, account):
            return Written(resource.span)
    return None


def is_associated(resource: Resource, namespace: str, account: str) -> bool:
    """Whether an association of EKS Pod Identity is for a service account."""
    return text(resource.get("namespace")) == namespace and text(resource.get("service_account")) == account
