"""Hosts of AWS services that are written into configuration, and the regions in their names.

Forms of the names: "AWS service endpoints" (AWS General Reference) and the connection pages of the services' guides, from memory; the
regions exist in botocore 1.44. A form that is not known here costs the region or the service of a host, never the host.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

from drpolicy.kubernetes.kinds import kind_of, namespace_of, pod_path
from drpolicy.kubernetes.navigation import elements, entries, inside, text
from drpolicy.kubernetes.scalar_text import scalar_text
from drpolicy.kubernetes.workloads import containers
from drpolicy.model.patterns import deferred
from drpolicy.model.provenance import Written
from drpolicy.model.reasons import Reason
from drpolicy.model.records import dataclass
from drpolicy.model.resources import Resource
from drpolicy.model.spans import Position, Source, Span
from drpolicy.model.values import Known, Members, Unknown, Value

_TOKEN = deferred(r"[A-Za-z0-9][A-Za-z0-9._-]*+")
_REGION = deferred(r"[a-z]{2}(?:-[a-z]{2,9}){1,2}-\d{1,2}")
_SUFFIXES: Final = (".amazonaws.com", ".amazonaws.com.cn", ".api.aws")
_DATABASES: Final = {
    "rds": "rds",
    "docdb": "docdb",
    "neptune": "neptune",
    "cache": "cache",
    "memorydb": "memorydb",
    "dynamodb": "dynamodb",
    "dax-clusters": "dax",
    "kafka": "msk",
    "es": "es",
    "aoss": "es",
    "redshift": "redshift",
    "redshift-serverless": "redshift",
    "cassandra": "keyspaces",
    "timestream": "timestream",
}
"""The label of a host name that tells the service."""

_SHORT_REGIONS: Final = {
    "use1": "us-east-1", "use2": "us-east-2", "usw1": "us-west-1", "usw2": "us-west-2", "cac1": "ca-central-1", "caw1": "ca-west-1",
    "sae1": "sa-east-1", "mxc1": "mx-central-1", "euw1": "eu-west-1", "euw2": "eu-west-2", "euw3": "eu-west-3", "euc1": "eu-central-1",
    "euc2": "eu-central-2", "eun1": "eu-north-1", "eus1": "eu-south-1", "eus2": "eu-south-2", "aps1": "ap-south-1", "aps2": "ap-south-2",
    "apne1": "ap-northeast-1", "apne2": "ap-northeast-2", "apne3": "ap-northeast-3", "apse1": "ap-southeast-1",
    "apse2": "ap-southeast-2", "apse3": "ap-southeast-3", "apse4": "ap-southeast-4", "ape1": "ap-east-1", "mes1": "me-south-1",
    "mec1": "me-central-1", "afs1": "af-south-1", "ilc1": "il-central-1", "cnn1": "cn-north-1", "cnw1": "cn-northwest-1",
    "usge1": "us-gov-east-1", "usgw1": "us-gov-west-1",
}  # fmt: skip
"""How ElastiCache shortens regions in host names: as the ids of their availability zones begin (from memory, see above)."""

_NEIGHBOURS: Final = 3
_LINE_LIMIT: Final = 1_000
_COMMENT = deferred(r"^\s*+#++\s*+(?:-\s++)?(?:(?P<key>[A-Za-z_][A-Za-z0-9_. -]*?)\s*+[:=]\s*+)?+(?P<value>[\"']?[^\s\"'#]++[\"']?)\s*+$")
_TRAILING = deferred(r"\s#++\s*+(?:(?P<key>[A-Za-z_][A-Za-z0-9_.-]*+)\s*+[:=]\s*+)?+(?P<value>[\"']?[^\s\"'#]++[\"']?)\s*+$")
_OTHER_SITE = deferred(r"(?:^|[-_. ])(?:dr|standby|secondary|failover|recovery)(?:$|[-_. ])", re.IGNORECASE)
_BEGUN = deferred(r"(?:\}[._-]*+|[)>][._-]++|\$)\Z")
_HOST = deferred(r"[A-Za-z0-9](?:[A-Za-z0-9-]*+\.)++[A-Za-z0-9-]++(?::\d++)?+")


@dataclass(frozen=True, slots=True, eq=False)
class HostReference:
    """A host of an AWS service in a ConfigMap, a Secret, a container's environment or an ExternalName Service.

    ``service`` is the kind of data service, or the label of the host's name that stands for another service. ``indirect`` when
    applications use another name for it (an ExternalName Service). ``span`` is the value, ``host.origin`` the host in it.
    """

    cluster: str
    namespace: str
    resource: Resource
    kind: str
    name: str
    key: str
    host: Value[str]
    service: str
    database: bool
    region: str | None
    span: Span
    indirect: bool


@dataclass(frozen=True, slots=True)
class HostName:
    """A host name taken apart: the service and the region that it tells."""

    service: str
    database: bool
    region: str | None


def host_name(host: str) -> HostName | None:
    """Return what the name of an AWS host tells; ``None`` for any other host."""
    lowered = host.lower().rstrip(".")
    suffix = next((suffix for suffix in _SUFFIXES if lowered.endswith(suffix)), None)
    if suffix is None:
        return None
    labels = lowered.removesuffix(suffix).split(".")
    region = next((label for label in reversed(labels) if _REGION.fullmatch(label)), None)
    known = next((label for label in reversed(labels) if label in _DATABASES), None)
    if known == "cache":
        region = region or next((_SHORT_REGIONS[label] for label in reversed(labels) if label in _SHORT_REGIONS), None)
    if known is not None:
        return HostName(_DATABASES[known], True, region)
    return HostName(next((label for label in reversed(labels) if label != region), ""), False, region)


def hosts_in(value: Value[Any]) -> Iterator[tuple[Known[str] | Unknown, HostName]]:
    """Yield the AWS hosts in a text, each with its exact place, whatever stands around it; one that a placeholder begins is Unknown."""
    scalar = scalar_text(value)
    if scalar is None or ("amazonaws.com" not in scalar.text.lower() and ".api.aws" not in scalar.text.lower()):
        return
    for match in _TOKEN.finditer(scalar.text):
        if (told := host_name(match[0])) is None:
            continue
        start, end = match.start(), match.start() + len(match[0].rstrip("."))
        origin = Written(scalar.span(start, end))
        if _BEGUN.search(scalar.text, max(0, start - 8), start):
            yield Unknown(Reason.TEMPLATE_PLACEHOLDER, f"{scalar.written.path}:{scalar.text}", origin), told
        else:
            yield Known(scalar.text[start:end], origin), told


def host_references(resources: Sequence[Resource]) -> tuple[HostReference, ...]:
    """Return the hosts that manifests write out, in the order of the resources."""
    return tuple(reference for resource in resources if resource.channel == "manifest" for reference in _references(resource))


def values_written(resource: Resource) -> Iterator[tuple[str, Value[Any]]]:
    """Yield key and value of everything in a resource that may hold a host; of Secrets also what is encoded, and not read."""
    yield from ((key, value) for key, value, _ in _written(resource))
    if resource.type == "v1/Secret":
        yield from entries(resource.get("data"))


def _references(resource: Resource) -> Iterator[HostReference]:
    for key, value, indirect in _written(resource):
        scalar = scalar_text(value)
        for host, told in hosts_in(value):
            yield HostReference(
                resource.deployment,
                namespace_of(resource),
                resource,
                kind_of(resource),
                resource.name,
                key,
                host,
                told.service,
                told.database,
                told.region,
                scalar.written if scalar is not None else resource.span,
                indirect,
            )


def _written(resource: Resource) -> Iterator[tuple[str, Value[Any], bool]]:
    """Yield key, value and whether it is an indirection, for everything in a resource that may hold a host."""
    match resource.type:
        case "v1/ConfigMap":
            yield from ((key, value, False) for key, value in entries(resource.get("data")))
        case "v1/Secret":
            for key, value in entries(resource.get("stringData")):
                several = isinstance(value, Known) and isinstance(value.value, Members)
                yield from ((key, each, False) for each in (elements(value) if several else (value,)))
        case "v1/Service":
            yield "externalName", resource.get("spec", "externalName"), True
        case _:
            if pod_path(resource) is not None:
                for container in containers(resource):
                    for variable in elements(inside(container, "env")):
                        yield text(inside(variable, "name")) or "", inside(variable, "value"), False


def commented_alternatives(source: Source, span: Span) -> tuple[Span, ...]:
    """Return values for another site that stand in comments on the line of a value or next to it.

    Looked at are the comments that directly precede or follow, at most three lines each way. One counts when it is an AWS host other
    than the value's, or is given for the same key, or for one that names another site, and looks like a host.
    """
    first, last = span.start.line, span.end.line
    key = re.match(r"\s*+(?:-\s++)?[\"']?([A-Za-z0-9_.-]++)[\"']?\s*+[:=]", source.line(first))
    name = key[1] if key is not None else ""
    lines = [first - step for step in range(1, _NEIGHBOURS + 1)], [last + step for step in range(1, _NEIGHBOURS + 1)]
    found: list[Span] = []
    for direction in lines:
        for number in direction:
            line = source.line(number)
            if len(line) > _LINE_LIMIT or not line.lstrip().startswith("#"):
                break
            if (match := _COMMENT.match(line)) is not None and _alternative(match, name, span.text):
                found.append(_part(source, number, match))
    trailing = _TRAILING.search(source.line(last)[:_LINE_LIMIT], max(0, span.end.column - 1))
    if trailing is not None and _alternative(trailing, name, span.text):
        found.append(_part(source, last, trailing))
    return tuple(sorted(found, key=lambda each: each.offset))


def _alternative(match: re.Match[str], name: str, written: str) -> bool:
    value, key = match["value"].strip("\"'"), match["key"] or ""
    if value in written or not _HOST.fullmatch(value):
        return False
    return host_name(value.partition(":")[0]) is not None or (bool(key) and (key == name or _OTHER_SITE.search(key) is not None))


def _part(source: Source, number: int, match: re.Match[str]) -> Span:
    start = source.offset(Position(number, 1))
    quotes = 1 if match["value"][:1] in {'"', "'"} else 0
    closing = 1 if match["value"][-1:] in {'"', "'"} else 0
    return source.span(start + match.start("value") + quotes, start + match.end("value") - closing)
