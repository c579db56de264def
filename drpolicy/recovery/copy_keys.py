"""Which region the key of a copy is in: a copy outlives its region only with a key that does.

A key is of one region, and services take no key of another (Amazon RDS API, CopyDBSnapshot, KmsKeyId, 2026-11). What a multi-Region
key encrypts can be decrypted with its replica (AWS KMS Developer Guide, How multi-Region keys work, 2026-11); no page that was read says
that a copy can be had back so where the service was given the other key, and so that is not known.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from drpolicy.model.provenance import Derived, Provenance, Through, Written
from drpolicy.model.reasons import Reason
from drpolicy.model.records import replace
from drpolicy.model.resources import Resource
from drpolicy.model.truth import Truth, some
from drpolicy.model.values import Absent, Known, Member, Members, Object, Unknown, Value, same, target_of
from drpolicy.recovery.arns import pattern_of
from drpolicy.recovery.drafts import Draft
from drpolicy.recovery.links import Links
from drpolicy.recovery.logic import aspect_of, known, truth_of
from drpolicy.recovery.rule_gaps import about

ALIAS: Final = "aws_kms_alias"
REPLICAS: Final = ("aws_kms_replica_key", "aws_kms_replica_external_key")
PRIMARIES: Final = ("aws_kms_key", "aws_kms_external_key")
RESOURCE_TYPES: Final = frozenset({ALIAS, *REPLICAS, *PRIMARIES})
_LONGEST_CHAIN: Final = 3


def with_key(draft: Draft, links: Links) -> Draft:
    """Return the draft with the region of the key that encrypts its copy; as it is where none is written."""
    member = _written(draft)
    if member is None or draft.key_region is not None:
        return draft
    region = region_of_key(member.value, links)
    if member.presence is not Truth.TRUE and same(region, draft.region) is not Truth.TRUE and not isinstance(region, Absent):
        region = _perhaps(region, draft.region, member)
    return replace(draft, key_region=region, key_replicated=_replicated(member.value, draft, links))


def _perhaps(region: Known[str] | Unknown, place: Value[str], member: Member[Value[Any]]) -> Unknown:
    """Return the region of a key that may not be given: without it, the key is one of the copy's own region."""
    why = member.why or Unknown(Reason.COUNT_NOT_KNOWN, "whether a key is written", member.value.origin)
    either = (region, place) if isinstance(region, Known) and isinstance(place, Known) else ()
    return replace(aspect_of("region of the key", why), among=either)


def _written(draft: Draft) -> Member[Value[Any]] | None:
    """Return the first key that is given, or may be."""
    key = draft.row.key
    if key is None:
        return None
    header = Written(draft.span)
    for attributes, paths in ((draft.attributes, key.settings), (draft.copy_attributes, key.copy)):
        for path in paths:
            member = _at(attributes, path.split("."), header)
            if not isinstance(member.value, Absent):
                return member
    return None


def _at(attributes: Object, path: list[str], header: Provenance) -> Member[Value[Any]]:
    """Return what stands at a path through blocks that are written once, and whether they are there."""
    value: Value[Any] = attributes.get(path[0], header)
    presence, why = Truth.TRUE, None
    for name in path[1:]:
        if isinstance(value, Known) and isinstance(value.value, Members):
            first = next(iter(value.value.elements), None)
            if first is None:
                return Member(value.value.rest or Absent(header), presence, why)
            presence, why, value = presence & first.presence, why or first.why, first.value
        if not isinstance(value, Known) or not isinstance(value.value, Object):
            break
        value = value.value.get(name, header)
    return Member(value, presence, why)


def region_of_key(key: Value[Any], links: Links) -> Value[str]:
    """Return the region of a key: of the resource that it refers to, or in its ARN; Absent for a bare id, which is used where it is."""
    made = _made(key, links)
    if made:
        regions = [each.region for each in made]
        if all(same(regions[0], each) is Truth.TRUE for each in regions):
            region = regions[0]
            return Known(region.value, Through(made[0].address, None, key.origin)) if isinstance(region, Known) else region
    if isinstance(key, Absent):
        return key
    segments = pattern_of(key)
    if segments[0] == ("arn",) and segments[2:3] == (("kms",),) and len(segments) > 5 and len(segments[3]) == 1:
        named = segments[3][0]
        return named if isinstance(named, Unknown) else Known(named, Derived("the region in the key's ARN", (key.origin,)))
    if isinstance(key, Known):
        # A bare key id is one of the region that it is used in: the API looks nowhere else.
        return Absent(key.origin)
    found = about(key, "region of", _named)
    named_in = {each.value for each in found.among}
    return Known(named_in.pop(), key.origin) if len(named_in) == 1 else found


def _named(text: Any) -> str | None:
    """Return the region in the ARN of a key."""
    segments = str(text).split(":")
    return segments[3] if len(segments) > 5 and segments[2] == "kms" else None


def _made(key: Value[Any], links: Links) -> tuple[Resource, ...]:
    """Return the key, or the instances of it, that a value refers to, be it by way of something else that is encrypted with it."""
    for _ in range(_LONGEST_CHAIN):
        target = target_of(key)
        if target is None:
            break
        found = links.by_key.get(target.key)
        candidates = (found,) if found is not None else links.by_instances.get(target.key, ())
        if found is None or found.type in RESOURCE_TYPES:
            return tuple(each for each in candidates if each.type in RESOURCE_TYPES)
        key = found.get(target.attribute)
    return ()


def _replicated(key: Value[Any], draft: Draft, links: Links) -> Value[bool]:
    """Return whether what the key encrypts can be read with a replica of it in the copy's region: never for certain."""
    no = known(False, "no replica of the key is in the copy's region", key.origin)
    reads = Unknown(Reason.NOT_OBSERVED, f"whether {draft.address} can be restored with the replica of its multi-Region key", key.origin)
    made = _made(key, links)
    for _ in range(_LONGEST_CHAIN):
        if not made or made[0].type != ALIAS:
            break
        key = made[0].get("target_key_id")
        made = _made(key, links)
    if not made:
        return reads if not isinstance(key, Absent) and _may_be_multi_region(key) else no
    primary = made[0]
    multi = known(True, "a replica of another", key.origin) if primary.type in REPLICAS else primary.get("multi_region")
    if primary.data or truth_of(multi) is Truth.FALSE:
        return no
    near = some(each.presence & same(each.value.region, draft.region) for each in _relatives(primary, links))
    return no if near is Truth.FALSE else reads


def _may_be_multi_region(key: Known[Any] | Unknown) -> bool:
    """Whether the ARN of a key that no file makes is, or may become, that of a multi-Region key, whose id begins with mrk-."""
    if isinstance(key, Unknown) and key.among:
        return any(map(_may_be_multi_region, key.among))
    segments = pattern_of(key)
    if len(segments) < 6 or not segments[5]:
        return False
    head = segments[5][0]
    return isinstance(head, Unknown) or (head.startswith("key/") and "mrk-".startswith(head[4:8]))


def _relatives(key: Resource, links: Links) -> Iterator[Member[Resource]]:
    """Yield the keys of the same material, or that may be."""
    family = {key.key}
    if key.type in REPLICAS:
        for match in links.resolve(key.get("primary_key_arn"), PRIMARIES, key).matches:
            family.add(match.value.key)
            yield match
    for type_ in REPLICAS:
        for each in links.of_type(type_):
            named = links.resolve(each.get("primary_key_arn"), (*PRIMARIES, *REPLICAS), each)
            is_one = some(match.presence for match in named.matches if match.value.key in family)
            truth = Truth.UNKNOWN if named.unknown is not None and is_one is Truth.FALSE else is_one
            if each.key != key.key and truth is not Truth.FALSE:
                yield Member(each, truth & each.presence)
