"""The shape that matters: the catalog that judges Terraform judges what AWS answered."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from drpolicy.aws.collect import collect
from drpolicy.aws.interface import BucketQuestion, DatabaseQuestion, LiveQuestion, LiveSettings
from drpolicy.catalog.load import catalog_from
from drpolicy.model.durations import Duration
from drpolicy.model.spans import Span
from drpolicy.model.values import Known
from drpolicy.recovery.holdings import holdings
from drpolicy.recovery.links import link_index
from drpolicy.recovery.mechanisms import find

PRIMARY, DR, ACCOUNT = "ap-northeast-2", "ap-northeast-1", "123456789012"
CATALOG = Path(__file__).parents[2] / "drpolicy" / "catalog"


def rows(folder: str) -> list[dict[str, Any]]:
    return [row for path in sorted((CATALOG / folder).glob("*.yaml")) for row in yaml.safe_load_all(path.read_text("utf-8")) if row]


def test_observed_resources_are_judged_by_the_same_rows(client: Callable[..., Any], settings: LiveSettings, span: Span) -> None:
    for name, region in (("judged", PRIMARY), ("judged-copy", DR)):
        client("s3", region).create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": region})
        client("s3", region).put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    destination = {
        "Bucket": "arn:aws:s3:::judged-copy",
        "ReplicationTime": {"Status": "Enabled", "Time": {"Minutes": 15}},
        "Metrics": {"Status": "Enabled", "EventThreshold": {"Minutes": 15}},
    }
    rule = {"ID": "dr", "Status": "Enabled", "Priority": 1, "Filter": {"Prefix": ""}, "Destination": destination}
    client("s3").put_bucket_replication(Bucket="judged", ReplicationConfiguration={"Role": "arn:aws:iam::1:role/r", "Rules": [rule]})
    client("rds").create_db_instance(
        DBInstanceIdentifier="judged", DBInstanceClass="db.t3.micro", Engine="postgres", AllocatedStorage=20, BackupRetentionPeriod=0
    )
    questions: list[LiveQuestion] = [BucketQuestion("judged", PRIMARY, "k", span), DatabaseQuestion("judged", PRIMARY, "d", span)]

    seen = collect(questions, settings)

    catalog = catalog_from(rows("stores"), rows("mechanisms"))
    links = link_index(seen.resources, catalog)
    held = {each.key: each for each in holdings(seen.resources, catalog, links)}
    drafts = {(each.row.id, each.store.rpartition(".")[2]): each for each in find(catalog, links, held).found}
    replication = drafts["s3-replication", "judged"]
    assert isinstance(replication.region, Known)
    assert replication.region.value == DR
    assert isinstance(replication.worst_gap, Known)
    assert replication.worst_gap.value == Duration(900)
    assert [isinstance(each.met, Known) and each.met.value for each in replication.prerequisites] == [True] * 8
    backups = drafts["rds-automated-backup", f"{PRIMARY}/judged"]
    assert isinstance(backups.enabled, Known)
    assert backups.enabled.value is False
