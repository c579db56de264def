"""What a plan needs before it looks at any resource: the key and the lock of its state, and the states of others that it reads.

The S3 backend takes the region of its bucket for the table of its locks as well, unless an endpoint says otherwise; ``kms_key_id`` is the
ARN of the key that the state is encrypted with (Terraform, "Backend Type: s3", 2026-11).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, TypeAlias

from drpolicy.kubernetes.hosts import hosts_in
from drpolicy.model.patterns import deferred
from drpolicy.model.provenance import Written
from drpolicy.model.resources import BackendSettings, Resource, TerraformRoot
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Member, Members, Object, Unknown, Value

REMOTE_STATE: Final = "terraform_remote_state"
_KEY = deferred(r"arn:aws[a-z-]*:kms:([a-z0-9-]+):")
_Need: TypeAlias = tuple[str, Value[str]]
"""What is needed, in words, and its region."""


def plan_needs(root: TerraformRoot) -> tuple[Members[str], Value[str], bool]:
    """Return what the plan of a root needs in another region than its resources, the first of it, and whether it needs anything.

    Nothing for a root of several regions: it needs them all. What is where the state is anyway is said with the state.
    """
    absent: Value[str] = Absent(Written(root.span))
    needs = list(_needs(root))
    made = [each.region for each in root.resources if not each.data] if needs else []
    regions = {each.value for each in made if isinstance(each, Known)}
    unknown = next((each for each in made if isinstance(each, Unknown)), None)
    if not needs or len(regions) > 1 or not (regions or unknown):
        return Members(), absent, False
    if isinstance(root.backend, BackendSettings):
        regions |= _known(root.backend.attributes.get("region", Written(root.backend.span)))
    found: dict[str, Member[str]] = {}
    first = absent
    for text, region in needs:
        if isinstance(region, Known) and region.value not in regions:
            found[text] = Member(f"{text} in {region.value}", Truth.TRUE if unknown is None else Truth.UNKNOWN, unknown)
            first = Known(text, region.origin) if isinstance(first, Absent) else first
        elif isinstance(region, Unknown) and (unknown is None or region.symbol != unknown.symbol):
            found[text] = Member(f"{text}, of which the region is not known", Truth.UNKNOWN, region)
    return Members(tuple(found.values())), first, True


def _known(value: Value[Any]) -> set[str]:
    return {str(value.value)} if isinstance(value, Known) else set()


def _needs(root: TerraformRoot) -> Iterator[_Need]:
    if isinstance(root.backend, BackendSettings) and root.backend.type == "s3":
        yield from _of_backend(root.backend)
    for each in root.resources:
        if each.type == REMOTE_STATE and each.data and each.presence is not Truth.FALSE:
            yield from _of_others(each)


def _of_backend(backend: BackendSettings) -> Iterator[_Need]:
    header = Written(backend.span)
    key = backend.attributes.get("kms_key_id", header)
    found = _KEY.match(key.value) if isinstance(key, Known) and isinstance(key.value, str) else None
    if found is not None:
        yield "the key of its state", Known(found[1], key.origin)
    endpoints = backend.attributes.get("endpoints", header)
    inner = endpoints.value if isinstance(endpoints, Known) and isinstance(endpoints.value, Object) else Object()
    for endpoint in (backend.attributes.get("dynamodb_endpoint", header), inner.get("dynamodb", header)):
        region = next((told.region for _, told in hosts_in(endpoint)), None)
        if region is not None:
            yield "the table of its locks", Known(region, endpoint.origin)


def _of_others(read: Resource) -> Iterator[_Need]:
    kind, region = read.get("backend"), read.get("config", "region")
    if isinstance(kind, Known) and kind.value == "s3" and not isinstance(region, Absent):
        key = read.get("config", "key")
        named = f"the state {key.value}" if isinstance(key, Known) else f"the state of {read.address}"
        yield f"{named} that it reads", region
