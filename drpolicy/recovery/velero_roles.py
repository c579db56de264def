"""Whether the role of Velero's server allows what Velero does with the bucket of a location."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from drpolicy.catalog.velero import permissions
from drpolicy.kubernetes.installations import Installation
from drpolicy.kubernetes.kinds import namespace_of
from drpolicy.kubernetes.navigation import inside, strings, text
from drpolicy.model.agreements import NOT_COMPARED, Agreement
from drpolicy.model.provenance import Provenance, Written
from drpolicy.model.reasons import Reason
from drpolicy.model.resources import Resource
from drpolicy.model.truth import Truth
from drpolicy.model.values import Known, Unknown, Value, target_of
from drpolicy.recovery.contradictions import Side, comparison
from drpolicy.recovery.iam_rights import BUCKET_POLICY, ROLE, rights_of
from drpolicy.recovery.links import Links
from drpolicy.recovery.locations import Place
from drpolicy.recovery.velero_secrets import POD_IDENTITY, is_associated

_ANNOTATION: Final = "eks.amazonaws.com/role-arn"
_ANY: Final = "drpolicy-any-object"
"""Stands for an object of a location: a policy that covers some of them only covers not this one."""


def permitted(own: Place, found: Sequence[Installation], objects: Sequence[Resource], links: Links) -> Agreement:
    """Hold the policies of the server's role, where Terraform makes it, against what Velero asks for (see the catalog).

    A location with credentials of its own is not the role's affair, nor is a bucket that somebody else serves. A policy of the bucket may
    allow what the role's own do not.
    """
    location = own.location
    if not isinstance(location.resource.get("spec", "credential"), Unknown | Known):
        for role, origin in _roles(own.site.name, found, objects, links):
            return _held_against(own, role, origin, links)
    return NOT_COMPARED


def _roles(cluster: str, found: Sequence[Installation], objects: Sequence[Resource], links: Links) -> Iterator[tuple[Resource, Provenance]]:
    for each in found:
        account = text(inside(each.pod, "spec", "serviceAccountName")) or "default"
        values: list[Value[Any]] = []
        for resource in objects:
            if resource.type == "v1/ServiceAccount" and resource.name == account and namespace_of(resource) == each.namespace:
                values.append(resource.get("metadata", "annotations", _ANNOTATION))
        values.extend(one.get("role_arn") for one in links.of_type(POD_IDENTITY) if is_associated(one, each.namespace, account))
        for value in values:
            role = _role(value, links)
            if role is not None and role.presence is Truth.TRUE:
                yield role, value.origin


def _role(value: Value[Any], links: Links) -> Resource | None:
    """Return the role that a value refers to, or the only one of the name in its ARN."""
    target = target_of(value)
    if target is not None:
        made = links.by_key.get(target.key)
        return made if made is not None and made.type == ROLE and not made.data else None
    if not isinstance(value, Known) or ":role/" not in str(value.value):
        return None
    name, account = str(value.value).rpartition("/")[2], str(value.value).split(":")[4]
    named = [each for each in links.of_type(ROLE) if isinstance(own := each.get("name"), Known) and own.value == name]
    fitting = [each for each in named if not (isinstance(each.account, Known) and each.account.value != account)]
    return fitting[0] if len(fitting) == 1 else None


def _held_against(own: Place, role: Resource, origin: Provenance, links: Links) -> Agreement:
    location, header = own.location, Written(own.location.span)
    if isinstance(location.s3_url, Known | Unknown):
        return NOT_COMPARED
    rights = rights_of(role, links)
    bucket = _name(own)
    if not isinstance(bucket, Known):
        return comparison("", (), bucket, header) if isinstance(bucket, Unknown) else NOT_COMPARED
    key = own.bucket.key if own.bucket is not None else ""
    prefix = location.prefix.value.strip("/") if isinstance(location.prefix, Known) else _ANY
    objects = f"arn:aws:s3:::{bucket.value}/{prefix + '/' if prefix else ''}{_ANY}"
    read_only = isinstance(location.access_mode, Known) and location.access_mode.value == "ReadOnly"
    asked = [(each, objects) for each in permissions("readOnlyObjects" if read_only else "objects")]
    asked.extend((each, f"arn:aws:s3:::{bucket.value}") for each in permissions("bucket"))
    answers = [(action, rights.allow(action, arn, key)) for action, arn in asked]
    missing = [action for action, answer in answers if answer is Truth.FALSE]
    open_ = next((action for action, answer in answers if answer is Truth.UNKNOWN), None)
    unknown = None
    if open_ is not None:
        unknown = rights.more or Unknown(Reason.OUTSIDE_SCOPE, f"whether {role.address} allows {open_} on {bucket.value}", header)
    elsewhere = next((each for each in links.of_type(BUCKET_POLICY) if _is_of(each, own, links)), None)
    if missing and elsewhere is not None:
        unknown = Unknown(Reason.OUTSIDE_SCOPE, f"whether {elsewhere.address} allows {missing[0]}", Written(elsewhere.span))
        missing = []
    where = tuple(Written(each.span) for each in rights.policies) or (Written(role.span),)
    said = f"{role.address} does not allow {', '.join(missing)} on bucket {bucket.value}"
    return comparison("the role allows what Velero does", [Side(said, (*where, origin))] if missing else [], unknown, header)


def _name(own: Place) -> Value[str]:
    """Return the name of a location's bucket: as it is written, else that of the bucket which it refers to."""
    written = own.location.bucket
    made = strings(own.bucket.resource.get("bucket")) if isinstance(written, Unknown) and own.bucket is not None else written
    return made if isinstance(made, Known) else written


def _is_of(policy: Resource, own: Place, links: Links) -> bool:
    """Whether a policy of a bucket is of the location's, or may be."""
    named = policy.get("bucket")
    if own.bucket is None:
        return not isinstance(named, Known) or named.value == getattr(own.location.bucket, "value", None)
    found = links.resolve(named, ("aws_s3_bucket",), policy)
    return found.single is None or found.single.key == own.bucket.key
