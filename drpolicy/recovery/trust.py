"""Which clusters a role of IAM trusts: those whose OpenID Connect provider its trust policy names.

The issuer of an EKS cluster is ``https://oidc.eks.REGION.amazonaws.com/id/…``, and the ARN of its provider ends in it (Amazon EKS User
Guide, "Create an IAM OIDC provider for your cluster", 2026-11): both tell the region, and so does the cluster that an issuer is read from.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from drpolicy.kubernetes.navigation import elements, inside, text
from drpolicy.model.patterns import deferred
from drpolicy.model.provenance import Derived, Provenance
from drpolicy.model.reasons import Reason
from drpolicy.model.resources import Resource
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Member, Members, Unknown, Value, target_of

ROLE: Final = "aws_iam_role"
PROVIDER: Final = "aws_iam_openid_connect_provider"
DOCUMENT: Final = "aws_iam_policy_document"
CLUSTER: Final = "aws_eks_cluster"

_ISSUER = deferred(r"oidc\.eks\.([a-z]{2}(?:-[a-z]+){1,2}-\d)\.amazonaws\.com")
_HOLE = "\ufffc"
_MERGED: Final = ("source_policy_documents", "override_policy_documents", "source_json", "override_json")


def trusted_regions(role: Resource, by_key: Mapping[str, Resource]) -> Members[str]:
    """Return the regions of the EKS clusters that a role trusts; open where its policy, or a provider in it, is not known."""
    policy = role.get("assume_role_policy")
    found: dict[str, Member[str]] = {}
    rest: Unknown | None = None
    for each in _federated(policy, by_key):
        region = region_of_provider(each, by_key)
        if isinstance(region, Known):
            found[region.value] = Member(region.value)
        elif isinstance(region, Unknown):
            rest = rest or region
    return Members(tuple(found[name] for name in sorted(found)), rest)


def region_of_provider(identifier: Value[Any], by_key: Mapping[str, Resource]) -> Value[str] | None:
    """Return the region of the cluster whose provider an identifier is; ``None`` for one that is no cluster's."""
    written = _shown(identifier)
    issuer = _ISSUER.search(written)
    if issuer is not None:
        return Known(issuer[1], Derived("the region in the issuer's name", (identifier.origin,)))
    if not isinstance(identifier, Unknown):
        return None
    resource = _resource(identifier, by_key)
    if resource is not None and resource.type == PROVIDER:
        url = resource.get("url")
        return region_of_provider(url, by_key) if url is not identifier else identifier
    if resource is not None and resource.type == CLUSTER:
        return resource.region if isinstance(resource.region, (Known, Unknown)) else identifier
    # An ARN whose end is written and is no issuer of EKS is somebody else's: GitHub's, for one.
    return None if re.search(r"oidc-provider/[a-z]", written) else identifier


def _shown(value: Value[Any]) -> str:
    if isinstance(value, Known):
        return str(value.value)
    parts = value.parts if isinstance(value, Unknown) else ()
    return "".join(str(each.value) if isinstance(each, Known) else _HOLE for each in parts)


def _resource(value: Value[Any], by_key: Mapping[str, Resource]) -> Resource | None:
    target = target_of(value)
    return by_key.get(target.key) if target is not None else None


def _federated(policy: Value[Any], by_key: Mapping[str, Resource]) -> Iterator[Value[Any]]:
    """Yield the federated principals of a policy: the text of it, the parts of a text, or what makes it; else what is not known."""
    if isinstance(policy, Known):
        yield from _of_text(str(policy.value), (), policy.origin)
        return
    if not isinstance(policy, Unknown):
        return
    document = _resource(policy, by_key)
    if document is not None and document.type == DOCUMENT and document.data:
        yield from _of_document(document)
    elif policy.parts:
        holes = tuple(each for each in policy.parts if isinstance(each, Unknown))
        yield from _of_text(_shown(policy), holes, policy.origin)
    elif (encoded := encoded_in(policy)) is not None:
        yield from _of_structure(encoded)
    else:
        yield policy


def _of_text(policy: str, holes: tuple[Unknown, ...], origin: Provenance) -> Iterator[Value[Any]]:
    try:
        document = json.loads(policy)
    except (ValueError, RecursionError):
        yield Unknown(Reason.TEMPLATE_PLACEHOLDER, "a trust policy that is not JSON before it is filled in", origin)
        return
    before = 0
    for federated in _principals(document):
        # Each hole of the text is the next Unknown: those before this principal are counted in the text itself.
        at = max(policy.find(json.dumps(federated, ensure_ascii=False), before), before)
        skipped = policy.count(_HOLE, 0, at)
        before = at + 1
        own = holes[skipped : skipped + federated.count(_HOLE)]
        if not own:
            yield Known(federated, origin)
        elif federated == _HOLE:
            yield own[0]
        else:
            pieces = re.split(f"({_HOLE})", federated)
            filled = iter(own)
            parts = tuple(next(filled) if piece == _HOLE else Known(piece, origin) for piece in pieces if piece)
            yield Unknown(own[0].reason, f"a principal of {own[0].symbol}", origin, parts=parts, root=own[0].cause)


def _principals(document: Any) -> Iterator[str]:
    statements = document.get("Statement", ()) if isinstance(document, dict) else ()
    for statement in statements if isinstance(statements, list) else (statements,):
        principal = statement.get("Principal") if isinstance(statement, dict) else None
        federated = principal.get("Federated") if isinstance(principal, dict) else None
        if isinstance(statement, dict) and statement.get("Effect", "Allow") == "Allow":
            yield from (each for each in (federated if isinstance(federated, list) else (federated,)) if isinstance(each, str))


def _of_document(document: Resource) -> Iterator[Value[Any]]:
    for name in _MERGED:
        merged = document.get(name)
        if isinstance(merged, (Known, Unknown)):
            yield Unknown(Reason.DATA_SOURCE, f"what {document.key} is merged with", merged.origin)
    statements = document.get("statement")
    if isinstance(statements, Unknown):
        yield statements
    for statement in elements(statements):
        for principal in elements(inside(statement, "principals")):
            kind, identifiers = inside(principal, "type"), inside(principal, "identifiers")
            if isinstance(identifiers, Unknown):
                yield identifiers
            elif text(kind) == "Federated":
                yield from elements(identifiers)


def encoded_in(value: Value[Any]) -> Value[Any] | None:
    """Return what a text was encoded from by ``jsonencode`` or ``yamlencode``; ``None`` for any other value."""
    origin = value.origin
    if isinstance(origin, Derived) and origin.how in ("jsonencode", "yamlencode") and len(origin.made_of) == 1:
        found = origin.made_of[0]
        return found if isinstance(found, (Known, Unknown, Absent)) else None
    return None


def _of_structure(policy: Value[Any]) -> Iterator[Value[Any]]:
    """Yield the principals of what ``jsonencode`` was given."""
    statements = inside(policy, "Statement")
    if isinstance(statements, Unknown):
        yield statements
    for statement in _several(statements):
        federated = inside(statement, "Principal", "Federated")
        if text(inside(statement, "Effect")) != "Deny":
            yield from (each for each in _several(federated) if not isinstance(each, Absent))


def _several(value: Value[Any]) -> Iterator[Value[Any]]:
    """Yield the elements of a list, or the value itself where there is but one."""
    if isinstance(value, Known) and isinstance(value.value, Members):
        yield from elements(value)
    else:
        yield value


def by_key(resources: Iterable[Resource]) -> dict[str, Resource]:
    """Return what a trust policy can lead to, by key."""
    return {each.key: each for each in resources if each.type in {PROVIDER, DOCUMENT, CLUSTER} and each.presence is not Truth.FALSE}


def trust_place(role: Resource) -> Provenance:
    """Return where a role's trust policy is written."""
    policy = role.get("assume_role_policy")
    return policy.origin
