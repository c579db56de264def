"""Every remedy is one that its type of subject can have: what it has written is an argument of that type."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from drpolicy.catalog.load import built_in_catalog
from drpolicy.catalog.operators import built_in_operators
from drpolicy.catalog.rows import ComponentRow, StoreRow
from drpolicy.policy.builtin import built_in_policies
from drpolicy.policy.documents import remedy_for
from drpolicy.reporters.remedies import remedy_parts

CATALOG = built_in_catalog()
POLICIES = {document.id: document for document in built_in_policies()}
SCHEMA = Path(__file__).parents[1] / "catalog" / "golden_provider_schema.json"
GOLDEN: Mapping[str, Mapping[str, Any]] = json.loads(SCHEMA.read_text("utf-8"))["types"]
BLOCKS = {"lifecycle"}
"""Blocks that any resource may have."""
IN_ONE_ZONE = ("database", "table", "warehouse", "ledger", "object", "file", "cache", "search", "stream", "message")


def may_be_false(row: StoreRow | ComponentRow, field: str) -> bool:
    return row.fields.get(field, "true") != "true"


STORES: Mapping[str, Callable[[StoreRow], bool]] = {
    "store-in-one-zone": lambda row: row.kind in IN_ONE_ZONE and may_be_false(row, "multiAz"),
    "store-unguarded": lambda row: (
        row.kind in ("database", "table", "warehouse", "ledger", "identity", "cluster") and may_be_false(row, "deletionGuarded")
    ),
    "no-final-snapshot": lambda row: row.kind in ("database", "warehouse") and may_be_false(row, "finalSnapshot"),
    "destroy-leaves-nothing": lambda row: may_be_false(row, "finalSnapshot") or may_be_false(row, "keepsBackups"),
    "snapshots-without-tags": lambda row: may_be_false(row, "copiesTags"),
    "database-without-backup": lambda row: (
        row.kind in ("database", "warehouse", "cache", "search")
        and (may_be_false(row, "ownBackups") or (row.kind in ("cache", "search") and "ownBackups" not in row.fields))
    ),
    "table-without-backup": lambda row: row.kind == "table" and may_be_false(row, "ownBackups"),
    "files-without-backup": lambda row: row.kind in ("file", "block") and may_be_false(row, "ownBackups"),
    "no-copy-outside-region": lambda row: '"system-of-record"' in row.data_class,
}
"""Which types of stores each policy can fail on, as its condition says."""
COMPONENTS: Mapping[str, str] = {
    "component-in-one-zone": "multiAz",
    "entry-unguarded": "deletionGuarded",
    "failure-not-noticed": "healthChecked",
    "entry-without-failover": "failsOver",
}


def pairs() -> Iterator[tuple[str, str]]:
    for policy, fails in STORES.items():
        yield from ((policy, row.type) for row in CATALOG.stores.values() if fails(row))
    for policy, field in COMPONENTS.items():
        kept = policy != "entry-unguarded"
        yield from ((policy, row.type) for row in CATALOG.components.values() if may_be_false(row, field) and (kept or row.kind != "vault"))


def arguments(remedy: str) -> Iterator[str]:
    """Yield what a remedy writes into the subject itself: nothing of another resource, nothing inside a block."""
    for part in remedy_parts(remedy):
        depth = 0
        for line in part.text.splitlines() if part.code else ():
            found = re.match(r"(\w+)\s*(=|\{)", line)
            if depth == 0 and found is not None:
                yield found[1]
            depth += line.count("{") - line.count("}")


def has(type_: str, name: str) -> bool:
    return bool({name, f"{name}s", f"{name}es", re.sub("y$", "ies", name)} & set(GOLDEN[type_]["attributes"])) or name in BLOCKS


@pytest.mark.parametrize(("policy", "type_"), list(pairs()))
def test_what_a_remedy_writes_is_an_argument_of_its_type(policy: str, type_: str) -> None:
    remedy = remedy_for(POLICIES[policy], type_)
    other = 'resource "' in remedy or "On the aws_" in remedy
    wrong = [name for name in arguments(remedy) if not has(type_, name)]
    assert other or wrong == [], f"{type_} has no {wrong}"


@pytest.mark.parametrize("type_", [row.type for row in CATALOG.stores.values() if STORES["no-copy-outside-region"](row)])
def test_no_selection_of_aws_backup_is_proposed_for_what_it_does_not_take(type_: str) -> None:
    remedy = remedy_for(POLICIES["no-copy-outside-region"], type_)
    assert CATALOG.stores[type_].aws_backup or "AWS Backup selection" not in remedy


def test_a_broker_has_a_remedy_for_each_engine() -> None:
    remedy = remedy_for(POLICIES["store-in-one-zone"], "aws_mq_broker")
    assert 'RabbitMQ: deployment_mode = "CLUSTER_MULTI_AZ"' in remedy
    assert 'ActiveMQ: deployment_mode = "ACTIVE_STANDBY_MULTI_AZ"' in remedy


def test_a_broker_of_either_engine_passes_with_the_mode_that_its_remedy_names() -> None:
    assert CATALOG.stores["aws_mq_broker"].fields["multiAz"] == 'self.deployment_mode != "SINGLE_INSTANCE"'


def test_the_version_of_an_api_changes_no_remedy() -> None:
    policy = POLICIES["database-without-backup"]
    assert remedy_for(policy, "postgres-operator.crunchydata.com/v1/PostgresCluster").startswith("spec.backups.pgbackrest.repos")
    assert remedy_for(policy, "apps/v1/Deployment") == policy.remediation


def test_no_operator_is_told_an_argument_of_rds() -> None:
    asked = {"database-without-backup": "backup_retention_period", "no-copy-outside-region": "AWS Backup selection"}
    for group, kind in set(built_in_operators()) - {("kafka.strimzi.io", "Kafka")}:
        for policy, wrong in asked.items():
            assert wrong not in remedy_for(POLICIES[policy], f"{group}/v1/{kind}"), (policy, group, kind)
