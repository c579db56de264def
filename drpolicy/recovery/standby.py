"""What a cluster that stands by names in the region that it is to replace: registries, queues, secrets, keys, databases."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final, TypeAlias

from drpolicy.catalog.regional import region_variables, regional_kinds
from drpolicy.kubernetes.hosts import host_references, hosts_in, values_written
from drpolicy.kubernetes.kinds import group_of, kind_of, namespace_of, pod_path
from drpolicy.kubernetes.navigation import elements, entries, inside, strings, text
from drpolicy.kubernetes.scalar_text import scalar_text
from drpolicy.kubernetes.workloads import containers
from drpolicy.model.patterns import deferred
from drpolicy.model.provenance import Written
from drpolicy.model.reasons import Reason
from drpolicy.model.resources import Resource
from drpolicy.model.truth import Truth
from drpolicy.model.values import Known, Member, Members, Object, Unknown, Value
from drpolicy.recovery.locations import Site

Named: TypeAlias = tuple[Known[str] | Unknown, str | None]
"""What is named, and its region; ``None`` where the name tells none."""

_ARN = deferred(r"arn:aws[a-z-]*:[a-z0-9-]+:([^:\s\"',]+):[^\s\"',;)]*")
_REGION = deferred(r"[a-z]{2}(?:-[a-z]{2,9}){1,2}-\d{1,2}")
_PLACEHOLDER: Final = ("$", "{", "<")


def primary_names(site: Site, sites: Sequence[Site], resources: Sequence[Resource]) -> tuple[Members[str], Value[str] | None]:
    """Return the AWS hosts, ARNs and settings of a DR cluster that name the region of a cluster it stands in for, and the first of them.

    None for any other cluster. A host that a placeholder begins, or a region that one stands for, may be such a name, and so may any
    where a primary's region is not known.
    """
    primaries = [each.region for each in sites if not each.is_dr]
    failed = {each.value for each in primaries if isinstance(each, Known)}
    own = site.region.value if isinstance(site.region, Known) else None
    unknown = next((each for each in primaries if isinstance(each, Unknown)), None)
    if not site.is_dr or own is None:
        return Members(), None
    found: dict[str, Member[str]] = {}
    first: Value[str] | None = None
    for name, region in _names([each for each in resources if each.deployment == site.name and each.channel == "manifest"], own):
        if region == own:
            continue
        if isinstance(name, Known) and region in failed:
            found[name.value] = Member(name.value)
            first = first or name
        elif isinstance(name, Unknown) and (region is None or region in failed):
            found.setdefault(name.symbol, Member(name.symbol, Truth.UNKNOWN, name))
        elif isinstance(name, Known) and region is not None and unknown is not None:
            found.setdefault(name.value, Member(name.value, Truth.UNKNOWN, unknown))
    return Members(tuple(found[name] for name in sorted(found))), first


def _names(resources: Sequence[Resource], own: str) -> Iterator[Named]:
    for reference in host_references(resources):
        if isinstance(reference.host, (Known, Unknown)):
            yield reference.host, reference.region
    for resource in resources:
        # Of several variables of one name a container gets the last (Kubernetes API reference, Container, env, 2026-11).
        last = dict(values_written(resource)) if pod_path(resource) is None else {}
        for container in containers(resource):
            variables = {text(inside(each, "name")) or "": inside(each, "value") for each in elements(inside(container, "env"))}
            last.update({f"{each} of {text(inside(container, 'name'))}": value for each, value in variables.items()})
        for key, value in last.items():
            variable = key.partition(" ")[0]
            yield from arns_in(value)
            if variable in region_variables():
                yield from setting(variable, value)
        for container in containers(resource) if pod_path(resource) is not None else ():
            yield from ((host, told.region) for host, told in hosts_in(inside(container, "image")))
            for argument in (*elements(inside(container, "command")), *elements(inside(container, "args"))):
                yield from arns_in(argument)
        yield from _of_kind(resource, own)


def _of_kind(resource: Resource, own: str) -> Iterator[Named]:
    row = regional_kinds().get((group_of(resource.type.rpartition("/")[0]), kind_of(resource)))
    if row is None:
        return
    instead = strings(resource.get(*row.instead)) if row.instead else None
    if not (isinstance(instead, Known) and instead.value == own):
        what = f"{kind_of(resource)} {namespace_of(resource)}/{resource.name}".replace(" _/", " ")
        for path in row.regions:
            yield from setting(what, resource.get(*path))
    for path in row.texts:
        value = resource.get(*path)
        if isinstance(value, Known) and isinstance(value.value, Object):
            for _, each in entries(value):
                yield from arns_in(each)
        else:
            yield from arns_in(value)


def setting(what: str, value: Value[Any]) -> Iterator[Named]:
    """Yield a value that is a region, named with what it is set for."""
    region = strings(value)
    if isinstance(region, Known) and _REGION.fullmatch(region.value):
        yield Known(f"{what}={region.value}", region.origin), region.value
    elif isinstance(region, Unknown):
        yield region, None


def arns_in(value: Value[Any]) -> Iterator[Named]:
    """Yield the ARNs in a text that have a region; one of which the region is filled in elsewhere is Unknown."""
    scalar = scalar_text(value)
    if scalar is None or "arn:aws" not in scalar.text:
        return
    for match in _ARN.finditer(scalar.text):
        origin = Written(scalar.span(*match.span()))
        if _REGION.fullmatch(match[1]):
            yield Known(match[0], origin), match[1]
        elif match[1].startswith(_PLACEHOLDER):
            yield Unknown(Reason.TEMPLATE_PLACEHOLDER, f"{scalar.written.path}:{match[0]}", origin), None
