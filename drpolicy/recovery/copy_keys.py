"""Which region the key of a copy is in: a copy outlives its region only with a key that does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from drpolicy.model.patterns import deferred
from drpolicy.model.provenance import Derived, Through
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Members, Object, Unknown, Value, target_of
from drpolicy.recovery.drafts import Draft
from drpolicy.recovery.links import Links

_NAMES: Final = ("kms_key_id", "kms_key_arn", "replica_kms_key_id")
_NESTED: Final = (("encryption_configuration",), ("destination",), ("destination", "encryption_configuration"))
_ARN: Final = deferred(r"arn:[\w-]+:kms:([\w-]+):\d*:(?:key|alias)/.+")
_KEYS: Final = frozenset({"aws_kms_key", "aws_kms_replica_key", "aws_kms_external_key", "aws_kms_alias"})


def key_region(draft: Draft, links: Links) -> Value[str]:
    """Return the region of the key that encrypts a copy; Absent where none is written: then it is one of the copy's own region.

    What is written in the store's own block encrypts the store.
    """
    nowhere: Value[str] = Absent(draft.enabled.origin)
    if f"{draft.deployment}//{draft.address}" == draft.store:
        return nowhere
    return next((region_of_key(each, links) for each in _written(draft)), nowhere)


def _written(draft: Draft) -> Iterator[Value[Any]]:
    for attributes in (draft.attributes, draft.copy_attributes):
        for path in ((), *_NESTED):
            block = _block(attributes, path)
            for name in _NAMES if block is not None else ():
                value = block.fields.get(name) if block is not None else None
                if value is not None and not isinstance(value, Absent):
                    yield value


def _block(attributes: Object, path: tuple[str, ...]) -> Object | None:
    found = attributes
    for name in path:
        value = found.fields.get(name)
        inner = value.value if isinstance(value, Known) else None
        if not isinstance(inner, Members) or len(inner.elements) != 1 or inner.elements[0].presence is not Truth.TRUE:
            return None
        element = inner.elements[0].value
        if not isinstance(element, Known) or not isinstance(element.value, Object):
            return None
        found = element.value
    return found


def region_of_key(key: Value[Any], links: Links) -> Value[str]:
    """Return the region of a key: of the resource that it refers to, or in its ARN; Absent for a bare id, which is used where it is."""
    target = target_of(key)
    made = links.by_key.get(target.key) if target is not None else None
    if made is not None and made.type in _KEYS and not made.data:
        region = made.region
        return Known(region.value, Through(made.address, None, key.origin)) if isinstance(region, Known) else region
    if isinstance(key, Known):
        found = _ARN.fullmatch(str(key.value))
        # A bare key id is one of the region that it is used in: the API looks nowhere else.
        return Known(found[1], Derived("the region in the key's ARN", (key.origin,))) if found is not None else Absent(key.origin)
    return Unknown(key.reason, f"region of {key.symbol}", key.origin, root=key.cause) if isinstance(key, Unknown) else key
