"""Attributes of data sources that follow from what is written: places, identities, names, and the ARNs that are made of them.

Sources: the AWS provider's documentation of each data source, and the Service Authorization Reference for ARNs (2026-11).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drpolicy.model.patterns import deferred
from drpolicy.model.provenance import Default, Derived, Through
from drpolicy.model.records import dataclass
from drpolicy.model.spans import Span
from drpolicy.model.values import Absent, Known, Value
from drpolicy.terraform.bodies import Bindings
from drpolicy.terraform.evaluate import written
from drpolicy.terraform.files import Body
from drpolicy.terraform.providers import Provider
from drpolicy.terraform.scope import Scope
from drpolicy.terraform.strings import concatenated
from drpolicy.terraform.unknowns import with_origin

META = frozenset({"provider", "count", "for_each", "depends_on", "region"})


@dataclass(frozen=True, slots=True)
class _Named:
    """A data source that looks a thing up by its name. ``names`` are the attributes that are that name."""

    argument: str
    names: tuple[str, ...]
    service: str
    resource: str
    """What stands before the name in the last part of the ARN."""

    placed: bool = True
    """Whether its ARN has a region and an account."""

    arns: tuple[str, ...] = ("arn",)


NAMED: Mapping[str, _Named] = {
    "aws_backup_plan": _Named("plan_id", ("id", "plan_id"), "backup", "backup-plan:"),
    "aws_backup_vault": _Named("name", ("id", "name"), "backup", "backup-vault:"),
    "aws_db_instance": _Named("db_instance_identifier", ("db_instance_identifier",), "rds", "db:", arns=("db_instance_arn",)),
    "aws_dynamodb_table": _Named("name", ("id", "name"), "dynamodb", "table/"),
    "aws_efs_file_system": _Named("file_system_id", ("id", "file_system_id"), "elasticfilesystem", "file-system/"),
    "aws_kms_alias": _Named("name", ("name",), "kms", "", arns=("arn", "id")),
    "aws_rds_cluster": _Named("cluster_identifier", ("id", "cluster_identifier"), "rds", "cluster:"),
    "aws_s3_bucket": _Named("bucket", ("id", "bucket"), "s3", "", placed=False),
    "aws_sns_topic": _Named("name", ("name",), "sns", "", arns=("arn", "id")),
}

_REGION = frozenset({"id", "name", "region"})
_IDENTITY = frozenset({"account_id", "id"})
_PARTITION = frozenset({"dns_suffix", "id", "partition", "reverse_dns_prefix"})
_ARN_PARTS = ("", "partition", "service", "region", "account", "resource")
_ARN_OF_KEY = deferred(r"arn:[\w-]+:kms:[\w-]*:\d*:key/([\w-]+)")


def follows(
    scope: Scope, type_: str, name: str, body: Body, bindings: Bindings, provider: Provider, at: Span, region: Value[str]
) -> Value[Any] | None:
    """Return an attribute of an AWS data source that nobody wrote and that is certain all the same; ``None`` when there is no telling.

    ``region`` is where it looks, ``at`` where its provider is chosen.
    """
    plain = not body.attributes.keys() - META and not body.blocks
    if type_ == "aws_caller_identity" and name in _IDENTITY and plain:
        return with_origin(provider.account, Through(f"provider {provider.name}", at, provider.account.origin))
    if type_ == "aws_region" and name in _REGION:
        return _region(body, scope, bindings, region)
    if type_ == "aws_partition" and name in _PARTITION and plain:
        return _of_partition(name, region, body.header)
    if type_ == "aws_kms_key" and name in ("arn", "id") and "key_id" in body.attributes:
        return _key(written(body.attributes["key_id"], scope, bindings), name)
    if type_ == "aws_arn" and "arn" in body.attributes:
        return _part_of_arn(written(body.attributes["arn"], scope, bindings), name)
    row = NAMED.get(type_)
    given = None if row is None or row.argument not in body.attributes else written(body.attributes[row.argument], scope, bindings)
    if row is None or given is None or isinstance(given, Absent):
        return None
    if name in row.names:
        return given
    if name in ("region", "bucket_region"):
        # It is read where its provider is; S3 too answers for a bucket of another region with a redirect, which is an error.
        return region
    if name in row.arns:
        place = (region, Known(":", given.origin), provider.account) if row.placed else (Known(":", given.origin),)
        partition = with_origin(_of_partition("partition", region, body.header), Derived("partition of the region", (region.origin,)))
        before = (Known("arn:", given.origin), partition, Known(f":{row.service}:", given.origin), *place)
        return concatenated([*before, Known(f":{row.resource}", given.origin), given], body.header)
    return None


def _region(body: Body, scope: Scope, bindings: Bindings, region: Value[str]) -> Value[Any] | None:
    """``aws_region`` is where its provider is, or the region that its ``name`` (since version 6 ``region``) says."""
    for name in ("region", "name"):
        value = written(body.attributes[name], scope, bindings) if name in body.attributes else None
        if value is not None and not isinstance(value, Absent):
            return value
    return None if "endpoint" in body.attributes else region


def _key(given: Value[Any], name: str) -> Value[Any] | None:
    """Return what a key says of itself: one that is given by its ARN has that ARN, an alias or an id says less."""
    if not isinstance(given, Known) or not isinstance(given.value, str):
        return None
    found = _ARN_OF_KEY.fullmatch(given.value)
    if found is None:
        return None
    return given if name == "arn" else Known(found[1], Derived("id of the key", (given.origin,)))


def _part_of_arn(given: Value[Any], name: str) -> Value[Any] | None:
    if name in ("arn", "id"):
        return given
    parts = given.value.split(":", 5) if isinstance(given, Known) and isinstance(given.value, str) else []
    if len(parts) != 6 or name not in _ARN_PARTS:
        return None
    return Known(parts[_ARN_PARTS.index(name)], Derived(f"{name} of the ARN", (given.origin,)))


def _of_partition(name: str, region: Value[str], header: Span) -> Value[Any]:
    china = isinstance(region, Known) and str(region.value).startswith("cn-")
    government = isinstance(region, Known) and str(region.value).startswith("us-gov-")
    if name == "dns_suffix":
        return Known("amazonaws.com.cn" if china else "amazonaws.com", Derived("partition of the region", (region.origin,)))
    if name == "reverse_dns_prefix":
        return Known("cn.com.amazonaws" if china else "com.amazonaws", Derived("partition of the region", (region.origin,)))
    if isinstance(region, Known):
        partition = "aws-cn" if china else "aws-us-gov" if government else "aws"
        return Known(partition, Derived("partition of the region", (region.origin,)))
    return Known(
        "aws",
        Default("partition aws", "AWS provider, data source aws_partition, where the region is not known (2026-11)", header),
    )
