"""What the policies of an IAM role in Terraform allow, as far as they are known.

Evaluation: IAM User Guide, "Policy evaluation logic" and "IAM JSON policy elements" (2026-11): an action is allowed by any statement that
allows it; ``*`` stands for any characters, ``?`` for one. A statement that denies, and a condition, only ever take away, so that what is
not allowed without looking at them is not allowed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, Final

from drpolicy.kubernetes.embedded import embedded
from drpolicy.kubernetes.navigation import elements, inside, strings
from drpolicy.model.reasons import Reason
from drpolicy.model.records import dataclass
from drpolicy.model.resources import Resource
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Members, Unknown, Value, members, target_of
from drpolicy.recovery.links import Links

ROLE: Final = "aws_iam_role"
_INLINE: Final = "aws_iam_role_policy"
_ATTACHMENTS: Final = {"aws_iam_role_policy_attachment": "role", "aws_iam_policy_attachment": "roles"}
_POLICY: Final = "aws_iam_policy"
_DOCUMENT: Final = "aws_iam_policy_document"
BUCKET_POLICY: Final = "aws_s3_bucket_policy"
RESOURCE_TYPES: Final = frozenset({ROLE, _INLINE, *_ATTACHMENTS, _POLICY, _DOCUMENT, BUCKET_POLICY})
_DEPTH: Final = 5


@dataclass(frozen=True, slots=True, eq=False)
class Statement:
    """A statement that allows: of each list, the names in it, or ``None`` where there is no such list."""

    actions: Members[Value[str]] | None
    other_than: Members[Value[str]] | None
    resources: Members[Value[str]] | None


@dataclass(frozen=True, slots=True, eq=False)
class Rights:
    """The statements of everything that a role has; ``more`` is why there may be further ones. ``policies`` are where they are written."""

    statements: tuple[Statement, ...]
    more: Unknown | None
    policies: tuple[Resource, ...]

    def allow(self, action: str, arn: str, bucket_key: str) -> Truth:
        """Whether an action on an object is allowed; a bucket that a statement refers to is told by its key."""
        result = Truth.FALSE if self.more is None else Truth.UNKNOWN
        for each in self.statements:
            acts = _any(each.actions, lambda written: _fits(written, action)) if each.actions is not None else Truth.TRUE
            if each.other_than is not None:
                acts = acts & ~_any(each.other_than, lambda written: _fits(written, action))
            at = _any(each.resources, lambda written: _covers(written, arn, bucket_key)) if each.resources is not None else Truth.UNKNOWN
            result = result | (acts & at)
        return result


def rights_of(role: Resource, links: Links) -> Rights:
    """Return what the policies of a role allow: those in it, those beside it, and those attached to it."""
    found: list[Statement] = []
    policies: list[Resource] = []
    doubts: list[Unknown] = []
    for held in _held(role, links):
        if isinstance(held, Unknown):
            doubts.append(held)
            continue
        document, by = held
        policies.append(by)
        if by.presence is Truth.UNKNOWN and by.why is not None:
            doubts.append(by.why)
            continue
        for each in _statements(document, links, 0):
            if isinstance(each, Unknown):
                doubts.append(each)
            else:
                found.append(each)
    return Rights(tuple(found), doubts[0] if doubts else None, tuple(policies))


def _held(role: Resource, links: Links) -> Iterator[tuple[Value[Any], Resource] | Unknown]:
    """Yield the documents of a role, each with what holds it; Unknown for one that is not in the files, or may not be the role's."""
    for name in ("inline_policy", "managed_policy_arns"):
        unread = _unread(role.get(name))
        if unread is not None:
            yield unread
    for block in elements(role.get("inline_policy")):
        yield inside(block, "policy"), role
    for arn in elements(role.get("managed_policy_arns")):
        yield _managed(arn, role, links)
    for each in links.of_type(_INLINE):
        mine = _names(each.get("role"), role, each, links)
        if mine is True:
            yield each.get("policy"), each
        elif isinstance(mine, Unknown):
            yield mine
    for type_, attribute in _ATTACHMENTS.items():
        for each in links.of_type(type_):
            named = each.get(attribute)
            unread = _unread(named) if attribute == "roles" and each.deployment == role.deployment else None
            if unread is not None:
                yield unread
            for one in elements(named) if attribute == "roles" else (named,):
                mine = _names(one, role, each, links)
                if mine is True and each.presence is Truth.UNKNOWN and each.why is not None:
                    yield each.why
                elif mine is True:
                    yield _managed(each.get("policy_arn"), each, links)
                elif isinstance(mine, Unknown):
                    yield mine


def _unread(listing: Value[Any]) -> Unknown | None:
    """Return why a list may hold more than is known of it."""
    if isinstance(listing, Unknown):
        return listing
    if not isinstance(listing, Known) or not isinstance(listing.value, Members):
        return None
    return listing.value.rest or next((each.why for each in listing.value.elements if each.presence is Truth.UNKNOWN), None)


def _names(value: Value[Any], role: Resource, by: Resource, links: Links) -> bool | Unknown:
    """Whether a reference is to the role; Unknown when it may be, in the same deployment."""
    target = target_of(value)
    if target is not None:
        return target.key == role.key or target.key.partition("[")[0] == role.key.partition("[")[0]
    name = role.get("name")
    if isinstance(value, Known) and isinstance(name, Known):
        return bool(value.value == name.value)
    if isinstance(value, Unknown) and by.deployment == role.deployment:
        return value
    return isinstance(name, Unknown) and isinstance(value, Known) and by.deployment == role.deployment and name


def _managed(arn: Value[Any], by: Resource, links: Links) -> tuple[Value[Any], Resource] | Unknown:
    """Return the document of a policy that an attachment names; Unknown for one of AWS, or of elsewhere."""
    target = target_of(arn)
    made = links.by_key.get(target.key) if target is not None else None
    if made is not None and made.type == _POLICY and not made.data:
        return made.get("policy"), made
    if isinstance(arn, Unknown):
        return arn
    return Unknown(Reason.OUTSIDE_SCOPE, f"policy {arn.value if isinstance(arn, Known) else ''} of {by.address}".strip(), arn.origin)


def _statements(document: Value[Any], links: Links, depth: int) -> Iterator[Statement | Unknown]:
    """Yield the statements of a document that allow something, and why there may be more. Bounded by its depth."""
    target = target_of(document)
    made = links.by_key.get(target.key) if target is not None else None
    if made is not None and made.type == _DOCUMENT and depth < _DEPTH:
        for attribute in ("source_policy_documents", "override_policy_documents"):
            listing = made.get(attribute)
            if isinstance(listing, Unknown):
                yield listing
            for each in elements(listing):
                yield from _statements(each, links, depth + 1)
        yield from _listed(made.get("statement"), ("effect", "actions", "not_actions", "resources", "not_resources"))
        return
    read = embedded(document)
    if read.unknown is not None or read.problems or not read.roots:
        origin = document.origin
        yield read.unknown or (document if isinstance(document, Unknown) else Unknown(Reason.OUTSIDE_SCOPE, "policy document", origin))
    for root in read.roots:
        yield from _listed(inside(root, "Statement"), ("Effect", "Action", "NotAction", "Resource", "NotResource"))


def _listed(listing: Value[Any], names: tuple[str, ...]) -> Iterator[Statement | Unknown]:
    """Yield the statements in a list, or the one that stands in its place."""
    effect, action, other, resource, beside = names
    if isinstance(listing, Unknown):
        yield listing
        return
    several = isinstance(listing, Known) and isinstance(listing.value, Members)
    unread = _unread(listing)
    if unread is not None:
        yield unread
    for each in elements(listing) if several else (listing,):
        said = strings(inside(each, effect))
        if isinstance(each, Unknown) or isinstance(said, Unknown):
            yield (
                each if isinstance(each, Unknown) else said if isinstance(said, Unknown) else Unknown(Reason.OUTSIDE_SCOPE, "", each.origin)
            )
        elif not isinstance(each, Absent) and (isinstance(said, Absent) or said.value == "Allow"):
            # A statement for everything but some resources may allow any.
            around = None if not isinstance(inside(each, beside), Absent) else _texts(inside(each, resource))
            yield Statement(_texts(inside(each, action)), _texts(inside(each, other)), around)


def _texts(value: Value[Any]) -> Members[Value[str]] | None:
    match value:
        case Absent():
            return None
        case Unknown(target=target, parts=parts) if parts or (target is not None and target.attribute == "arn"):
            # A text, of which something is known.
            return members([value])
        case Unknown():
            return Members((), value)
        case Known(value=Members() as listing):
            return listing if listing.elements or listing.rest is not None else None
        case _:
            return members([strings(value)])


def _any(listing: Members[Value[str]], fits: Callable[[Value[str]], Truth]) -> Truth:
    return listing.exists(fits)


def _fits(written: Value[str], action: str) -> Truth:
    if isinstance(written, Known):
        return Truth.of(_pattern(str(written.value).lower()).fullmatch(action.lower()) is not None)
    return Truth.UNKNOWN if isinstance(written, Unknown) else Truth.FALSE


def _covers(written: Value[str], arn: str, bucket_key: str) -> Truth:
    """Whether a pattern of ARNs covers one of a bucket; ``${aws_s3_bucket.x.arn}/*`` does for the bucket that it refers to."""
    if isinstance(written, Known) and target_of(written) is None:
        return Truth.of(_pattern(str(written.value)).fullmatch(arn) is not None)
    pieces = written.parts if isinstance(written, Unknown) and written.parts else (written,)
    first, rest = target_of(pieces[0]), pieces[1:]
    if first is None or first.attribute != "arn" or not all(isinstance(each, Known) for each in rest):
        return Truth.UNKNOWN
    if first.key.partition("[")[0] != bucket_key.partition("[")[0]:
        return Truth.UNKNOWN
    bucket, _, within = arn.partition("/")
    suffix = "".join(str(each.value) for each in rest if isinstance(each, Known))
    return Truth.of(_pattern(f"{bucket}{suffix}").fullmatch(f"{bucket}/{within}" if within else bucket) is not None)


@lru_cache(maxsize=256)
def _pattern(written: str) -> re.Pattern[str]:
    return re.compile("".join(".*" if each == "*" else "." if each == "?" else re.escape(each) for each in written))
