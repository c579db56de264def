"""Write the plans of the example estates: ``python tests/terraform/generate_example_plans.py``.

Terraform would need the AWS provider and an account for them. Here the provider's part is written by hand below: what it defaults (known in
``after``), what it fills in after apply (``after_unknown``), what stays null. The shape is that of ``terraform show -json`` of Terraform
1.11. Nothing of our own evaluator is used: expressions in the examples are literals, lists of them, references, and one variable.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

from drpolicy.model.spans import Source
from drpolicy.terraform.blocks import BlockSyntax
from drpolicy.terraform.index import index

HERE = Path(__file__).parent
ROOTS = {
    "examples_before": "examples/before/terraform",
    "examples_after_seoul": "examples/after/terraform/seoul",
    "examples_after_tokyo": "examples/after/terraform/tokyo",
}

# hashicorp/aws docs, 6.x, argument and attribute reference of each resource (2026-11).
# Defaults: in ``after`` though nobody writes them. Computed: known after apply unless written. Null: optional, left out.
DEFAULTS: dict[str, dict[str, Any]] = {
    "aws_backup_plan": {"advanced_backup_setting": [], "scan_setting": []},
    "aws_backup_selection": {"not_resources": None, "selection_tag": []},
    "aws_backup_vault": {"force_destroy": False},
    "aws_db_instance": {
        "apply_immediately": False,
        "auto_minor_version_upgrade": True,
        "copy_tags_to_snapshot": False,
        "delete_automated_backups": True,
        "deletion_protection": None,
        "monitoring_interval": 0,
        "publicly_accessible": False,
        "skip_final_snapshot": False,
        "s3_import": [],
        "restore_to_point_in_time": [],
        "blue_green_update": [],
    },
    "aws_db_instance_automated_backups_replication": {"retention_period": 7},
    "aws_dynamodb_table": {
        "billing_mode": "PROVISIONED",
        "deletion_protection_enabled": None,
        "global_secondary_index": [],
        "local_secondary_index": [],
        "on_demand_throughput": [],
        "replica": [],
        "import_table": [],
    },
    "aws_efs_file_system": {"lifecycle_policy": [], "throughput_mode": "bursting"},
    "aws_eks_cluster": {
        "deletion_protection": None,
        "bootstrap_self_managed_addons": True,
        "encryption_config": [],
        "zonal_shift_config": [],
    },
    "aws_kms_key": {
        "bypass_policy_lockout_safety_check": False,
        "customer_master_key_spec": "SYMMETRIC_DEFAULT",
        "enable_key_rotation": False,
        "is_enabled": True,
        "key_usage": "ENCRYPT_DECRYPT",
    },
    "aws_route53_health_check": {"invert_healthcheck": False, "measure_latency": False, "disabled": False},
    "aws_route53_record": {"alias": [], "weighted_routing_policy": [], "latency_routing_policy": [], "geolocation_routing_policy": []},
    "aws_s3_bucket": {"force_destroy": False},
    "aws_s3_bucket_replication_configuration": {},
    "aws_s3_bucket_versioning": {},
    "aws_vpc": {"assign_generated_ipv6_cidr_block": None, "enable_dns_support": True, "instance_tenancy": "default"},
    "aws_vpc_peering_connection": {"auto_accept": None},
}
COMPUTED: dict[str, list[str]] = {
    "aws_backup_plan": ["arn", "version"],
    "aws_backup_vault": ["arn", "kms_key_arn", "recovery_points"],
    "aws_db_instance": [
        *("address", "allocated_storage", "arn", "availability_zone", "backup_retention_period", "backup_target", "backup_window"),
        *("db_name", "db_subnet_group_name", "endpoint", "engine", "engine_version", "engine_version_actual", "identifier_prefix"),
        *("kms_key_id", "latest_restorable_time", "maintenance_window", "master_user_secret", "multi_az", "port", "replicas"),
        *("resource_id", "snapshot_identifier", "status", "storage_type", "username", "vpc_security_group_ids"),
    ],
    "aws_db_instance_automated_backups_replication": [],
    "aws_dynamodb_table": [
        "arn",
        "point_in_time_recovery",
        "read_capacity",
        "write_capacity",
        "server_side_encryption",
        "ttl",
        "stream_arn",
    ],
    "aws_efs_backup_policy": [],
    "aws_efs_file_system": [
        "arn",
        "availability_zone_id",
        "availability_zone_name",
        "encrypted",
        "kms_key_id",
        "performance_mode",
        "protection",
    ],
    "aws_eks_cluster": [
        "access_config",
        "arn",
        "certificate_authority",
        "endpoint",
        "kubernetes_network_config",
        "upgrade_policy",
        "version",
    ],
    "aws_kms_key": ["arn", "key_id", "multi_region", "policy", "rotation_period_in_days"],
    "aws_route53_health_check": ["arn"],
    "aws_route53_record": ["allow_overwrite", "fqdn"],
    "aws_s3_bucket": [
        *("acceleration_status", "acl", "arn", "bucket", "bucket_domain_name", "bucket_prefix", "bucket_region", "cors_rule", "grant"),
        *("hosted_zone_id", "lifecycle_rule", "logging", "object_lock_configuration", "object_lock_enabled", "policy"),
        *("replication_configuration", "request_payer", "server_side_encryption_configuration", "versioning", "website"),
    ],
    "aws_vpc": ["arn", "default_route_table_id", "enable_dns_hostnames", "ipv6_cidr_block", "main_route_table_id", "owner_id"],
    "aws_vpc_peering_connection": ["accept_status", "accepter", "peer_owner_id", "requester"],
}
NULL: dict[str, list[str]] = {
    "aws_backup_vault": ["tags"],
    "aws_db_instance": [
        "password",
        "replicate_source_db",
        "final_snapshot_identifier",
        "storage_encrypted",
        "max_allocated_storage",
        "tags",
    ],
    "aws_dynamodb_table": ["range_key", "restore_source_name", "stream_enabled", "tags"],
    "aws_s3_bucket": ["tags"],
    "aws_route53_record": ["set_identifier", "health_check_id", "records", "ttl"],
}
# Blocks inside blocks: what the provider adds to each when it is written.
INSIDE: dict[tuple[str, str], dict[str, Any]] = {
    ("aws_backup_plan", "rule"): {
        "completion_window": 180,
        "enable_continuous_backup": None,
        "recovery_point_tags": None,
        "schedule_expression_timezone": "Etc/UTC",
        "start_window": 60,
        "copy_action": [],
        "lifecycle": [],
    },
    ("aws_backup_plan", "rule.lifecycle"): {"cold_storage_after": None, "opt_in_to_archive_for_supported_resources": "?"},
    ("aws_backup_plan", "rule.copy_action"): {"lifecycle": []},
    ("aws_backup_plan", "rule.copy_action.lifecycle"): {"cold_storage_after": None, "opt_in_to_archive_for_supported_resources": "?"},
    ("aws_dynamodb_table", "point_in_time_recovery"): {"recovery_period_in_days": "?"},
    ("aws_dynamodb_table", "replica"): {
        "propagate_tags": False,
        "arn": "?",
        "kms_key_arn": "?",
        "stream_arn": "?",
        "consistency_mode": "EVENTUAL",
    },
    ("aws_eks_cluster", "vpc_config"): {"endpoint_public_access": True, "endpoint_private_access": False, "vpc_id": "?"},
    ("aws_s3_bucket_replication_configuration", "rule"): {"prefix": None, "priority": None, "existing_object_replication": []},
    ("aws_s3_bucket_replication_configuration", "rule.filter"): {"prefix": None, "and": [], "tag": []},
    ("aws_s3_bucket_replication_configuration", "rule.destination"): {
        "account": None,
        "storage_class": None,
        "access_control_translation": [],
        "encryption_configuration": [],
        "metrics": [],
        "replication_time": [],
    },
    ("aws_s3_bucket_versioning", "versioning_configuration"): {"mfa_delete": "?"},
}
GLOBAL = ("aws_route53_health_check", "aws_route53_record")
LATER = object()
_REFERENCE = re.compile(r"(?:aws_\w+\.\w+\.\w+|var\.\w+)")


class Estate:
    """The blocks of a root."""

    def __init__(self, directory: Path) -> None:
        self.blocks: list[tuple[Source, BlockSyntax]] = []
        for path in sorted(directory.glob("*.tf")):
            source = Source(path.name, path.read_text())
            self.blocks += [(source, block) for block in index(source).blocks]
        self.variables = {b.labels[0]: json.loads(self.text(s, b, "default") or "null") for s, b in self.blocks if b.type == "variable"}
        self.resources = {".".join(b.labels): (s, b) for s, b in self.blocks if b.type == "resource"}

    @staticmethod
    def text(source: Source, block: BlockSyntax, name: str) -> str:
        found = block.attribute(name)
        return "" if found is None else source.text[found.value_start : found.value_end]

    def value(self, text: str) -> Any:
        if text.startswith("["):
            return [self.value(each.strip()) for each in text.strip("[]").split(",") if each.strip()]
        if text.startswith("var."):
            return self.variables[text.removeprefix("var.")]
        if text.startswith("aws_"):
            type_, name, attribute = text.split(".")
            written = self.text(*self.resources[f"{type_}.{name}"], attribute)
            return self.value(written) if written else LATER
        return json.loads(text)


def expression(text: str) -> dict[str, Any]:
    found = list(dict.fromkeys(_REFERENCE.findall(text)))
    if not found:
        return {"constant_value": json.loads(re.sub(r",\s*\]", "]", text))}
    return {"references": [part for each in found for part in ([each] if each.startswith("var.") else [each, each.rpartition(".")[0]])]}


def content(
    estate: Estate, source: Source, block: BlockSyntax, type_: str, path: str
) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Return ``after``, ``after_unknown`` and the expressions of a block."""
    after: dict[str, Any] = {}
    unknown: dict[str, Any] = {}
    written: dict[str, Any] = {}
    for each in block.attributes:
        if each.name in ("provider", "depends_on"):
            continue
        text = source.text[each.value_start : each.value_end]
        value = estate.value(text)
        written[each.name] = expression(text)
        if value is LATER:
            unknown[each.name] = True
        elif isinstance(value, list):
            after[each.name] = [None if one is LATER else one for one in value]
            unknown[each.name] = [one is LATER for one in value]
            if all(unknown[each.name]):
                del after[each.name]
                unknown[each.name] = True
        else:
            after[each.name] = value
    for nested in block.blocks:
        inner = content(estate, source, nested, type_, f"{path}.{nested.type}".lstrip("."))
        for found, one in zip((after, unknown, written), inner, strict=True):
            found.setdefault(nested.type, []).append(one)
    extra = (
        INSIDE.get((type_, path), {})
        if path
        else {
            **dict.fromkeys(NULL.get(type_, ())),
            **DEFAULTS.get(type_, {}),
            **dict.fromkeys(("id", "tags_all", *COMPUTED.get(type_, ())), "?"),
        }
    )
    for name, value in extra.items():
        if name not in after and name not in unknown:
            (unknown if value == "?" else after)[name] = True if value == "?" else value
    return dict(sorted(after.items())), dict(sorted(unknown.items())), written


def plan(directory: Path) -> dict[str, Any]:
    estate = Estate(directory)
    regions = {}
    providers = {}
    for source, block in estate.blocks:
        if block.type == "provider":
            alias = json.loads(estate.text(source, block, "alias") or '""')
            key = f"aws.{alias}" if alias else "aws"
            regions[key] = estate.value(estate.text(source, block, "region"))
            arguments = {a.name: expression(source.text[a.value_start : a.value_end]) for a in block.attributes if a.name != "alias"}
            providers[key] = {
                "name": "aws",
                "full_name": "registry.terraform.io/hashicorp/aws",
                **({"alias": alias} if alias else {}),
                "version_constraint": "~> 6.0",
                "expressions": arguments,
            }
    changes, configured, planned = [], [], []
    for address, (source, block) in sorted(estate.resources.items()):
        type_, name = block.labels
        after, unknown, written = content(estate, source, block, type_, "")
        provider = estate.text(source, block, "provider") or "aws"
        if type_ not in GLOBAL:
            # Provider 6 fills the region in when it plans.
            after = dict(sorted({**after, "region": regions[provider]}.items()))
        identity = {"address": address, "mode": "managed", "type": type_, "name": name}
        full = "registry.terraform.io/hashicorp/aws"
        change = {"actions": ["create"], "before": None, "after": after, "after_unknown": unknown, "before_sensitive": False}
        secret = {"password": True} if type_ == "aws_db_instance" else {}
        changes.append({**identity, "provider_name": full, "change": {**change, "after_sensitive": secret}})
        planned.append({**identity, "provider_name": full, "schema_version": 0, "values": after, "sensitive_values": secret})
        configured.append({**identity, "provider_config_key": provider, "expressions": written, "schema_version": 0})
    return {
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        **({"variables": {name: {"value": value} for name, value in estate.variables.items()}} if estate.variables else {}),
        "planned_values": {"root_module": {"resources": planned}},
        "resource_changes": changes,
        "configuration": {
            "provider_config": providers,
            "root_module": {
                "resources": configured,
                **({"variables": {name: {"default": value} for name, value in estate.variables.items()}} if estate.variables else {}),
            },
        },
        "timestamp": "2026-11-01T00:00:00Z",
        "applyable": True,
        "complete": True,
        "errored": False,
    }


def main() -> int:
    base = HERE.parents[1]
    for name, directory in ROOTS.items():
        (HERE / "plans" / f"{name}.json").write_text(json.dumps(plan(base / directory), separators=(",", ":")) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
