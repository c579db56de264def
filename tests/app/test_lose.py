"""What is lost with one place: the verdict is of what stands there, and of nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from repositories import AS_OF

from drpolicy.app.lose import lose
from drpolicy.app.reading import read_tree
from drpolicy.app.settings import Settings
from drpolicy.model.loss import Loss, ServiceLoss
from drpolicy.model.truth import Truth
from drpolicy.sources.trees import MemoryTree

PROVIDERS = """provider "aws" { region = "eu-west-1" }
provider "aws" {
  alias  = "there"
  region = "eu-west-2"
}
"""
ONLY = 'resource "aws_s3_bucket" "only" { bucket = "only-here" }\n'
REPLICATED = """resource "aws_s3_bucket" "source" {
  provider = aws.there
  bucket   = "source"
}
resource "aws_s3_bucket" "copy" { bucket = "copy" }
resource "aws_s3_bucket_versioning" "source" {
  provider = aws.there
  bucket   = aws_s3_bucket.source.id
  versioning_configuration { status = "Enabled" }
}
resource "aws_s3_bucket_versioning" "copy" {
  bucket = aws_s3_bucket.copy.id
  versioning_configuration { status = "Enabled" }
}
resource "aws_s3_bucket_replication_configuration" "all" {
  provider = aws.there
  bucket   = aws_s3_bucket.source.id
  role     = "arn:aws:iam::123456789012:role/replication"
  rule {
    id     = "all"
    status = "Enabled"
    destination { bucket = aws_s3_bucket.copy.arn }
  }
}
"""
DATABASE = """resource "aws_db_instance" "db" {
  identifier              = "db"
  engine                  = "postgres"
  backup_retention_period = 7
%s}
"""


def declared(name: str, *stores: str, spec: str = "") -> str:
    listed = "".join(f"    - {{ref: {each}}}\n" for each in stores)
    return f"apiVersion: drpolicy.dev/v1\nkind: Service\nmetadata: {{name: {name}}}\nspec:\n  owner: team\n{spec}  stores:\n{listed}"


def lost(what: str, terraform: str, *services: str) -> Loss:
    files = {"main.tf": terraform, **{f"services/s{at}.yaml": each for at, each in enumerate(services)}}
    return lose(what, Settings(paths=(Path(),), cwd=Path(), as_of=AS_OF), read_tree(MemoryTree(files)))


def one(loss: Loss, name: str = "shop") -> ServiceLoss:
    return next(each for each in loss.services if each.name == name)


SHOP = declared("shop", "aws_s3_bucket.only", "aws_s3_bucket.source")


def test_a_service_is_judged_by_its_stores_in_the_lost_region_alone() -> None:
    there = one(lost("eu-west-2", PROVIDERS + ONLY + REPLICATED, SHOP))
    assert (there.outcome, there.gone, [each.name for each in there.stores]) == ("undeclared", Truth.TRUE, ["aws_s3_bucket.source"])
    assert (str(there.rpo), there.rpo.basis.partition(":")[0]) == ("0s or more", "aws_s3_bucket.source")
    here = one(lost("eu-west-1", PROVIDERS + ONLY + REPLICATED, SHOP))
    assert (here.outcome, [each.name for each in here.stores]) == ("lost", ["aws_s3_bucket.only"])
    assert one(lost("eu-west-3", PROVIDERS + ONLY + REPLICATED, SHOP)).outcome == "unaffected"


def test_an_objective_is_held_against_what_the_region_takes() -> None:
    strict = declared("shop", "aws_s3_bucket.only", "aws_db_instance.db", spec="  objectives:\n    region: {rpo: 15m, rto: 1h}\n")
    copied = (
        DATABASE % "  provider = aws.there\n"
        + """resource "aws_db_instance_automated_backups_replication" "db" {
  source_db_instance_arn = aws_db_instance.db.arn
}
"""
    )
    there = one(lost("eu-west-2", PROVIDERS + ONLY + copied, strict))
    assert (there.outcome, [str(each) for each in (there.declared_rpo, there.declared_rto)]) == ("unproven", ["15m", "1h"])
    assert one(lost("eu-west-2", PROVIDERS + ONLY + copied, strict.replace("rpo: 15m", "rpo: 1m"))).outcome == "misses"
    assert one(lost("eu-west-1", PROVIDERS + ONLY + copied, strict)).outcome == "lost"


def test_a_store_whose_region_is_not_written_is_never_called_recoverable_nor_lost() -> None:
    spec = "  regions: {primary: us-east-1, dr: [us-west-2]}\n  objectives:\n    region: {rpo: 15m, rto: 1h}\n"
    shop = declared("shop", "aws_db_instance.db", spec=spec)
    for region, gone, primary in (("us-east-1", Truth.TRUE, True), ("us-west-2", Truth.UNKNOWN, False)):
        found = one(lost(region, DATABASE % "", shop))
        assert (found.outcome, found.gone, found.primary) == ("unknown", gone, primary)
        (store,) = found.stores
        assert (store.gone, store.recoverable, store.lost) == (Truth.UNKNOWN, Truth.FALSE, Truth.UNKNOWN)
        assert [each.text for each in store.doubts] == [
            f"perhaps not in {region}, its region is not known: provider aws writes no region; "
            "shop declares us-east-1 as its primary region"
        ]
        assert [each.text for each in store.obstacles] == ["automated backups with point-in-time recovery: the copy is in the same region"]


def test_a_copy_in_the_lost_region_is_no_copy_of_what_may_be_there() -> None:
    unset = PROVIDERS.replace('region = "eu-west-2"', "region = var.there") + 'variable "there" {}\n'
    shop = declared("shop", "aws_s3_bucket.source")
    here = one(lost("eu-west-1", unset + REPLICATED, shop))
    assert (here.outcome, here.stores[0].recoverable, here.stores[0].sources) == ("unknown", Truth.FALSE, ())
    assert [each.text for each in here.stores[0].obstacles] == ["replication rule: the copy is in eu-west-1 itself"]
    elsewhere = one(lost("eu-west-2", unset + REPLICATED, shop)).stores[0]
    assert (elsewhere.recoverable, elsewhere.sources[0].text.partition(":")[0]) == (Truth.UNKNOWN, "perhaps from eu-west-1")


def test_a_store_that_may_not_exist_is_perhaps_lost() -> None:
    counted = PROVIDERS + 'variable "many" {}\n' + DATABASE % "  count = var.many\n"
    found = one(lost("eu-west-1", counted, declared("shop", "aws_db_instance.db")))
    assert (found.outcome, found.gone, len(found.stores)) == ("unknown", Truth.UNKNOWN, 1)
    assert [each.text for each in found.stores[0].doubts] == ["perhaps not there at all: var.many: variable not set"]
    unclaimed = lost("eu-west-1", counted).unclaimed
    assert [(each.gone, each.lost) for each in unclaimed] == [(Truth.UNKNOWN, Truth.UNKNOWN)]


def test_a_reference_that_resolves_to_nothing_may_be_anywhere() -> None:
    found = one(lost("eu-west-3", PROVIDERS + ONLY, declared("shop", "aws_s3_bucket.only", "aws_s3_bucket.nosuch")))
    assert (found.outcome, found.gone, [each.name for each in found.stores]) == ("unknown", Truth.UNKNOWN, ["aws_s3_bucket.nosuch"])
    assert found.stores[0].doubts[0].text == "nothing in these files makes it"


@pytest.mark.parametrize(("kind", "outcome"), [("hard", "lost"), ("soft", "unaffected")])
def test_a_service_falls_with_what_it_cannot_do_without(kind: str, outcome: str) -> None:
    needing = declared("shop", "aws_s3_bucket.source", spec=f"  dependsOn:\n    - {{service: payments, kind: {kind}}}\n")
    loss = lost("eu-west-1", PROVIDERS + ONLY + REPLICATED, needing, declared("payments", "aws_s3_bucket.only"))
    found = one(loss)
    assert (found.outcome, found.stores) == (outcome, ())
    assert [(each.name, each.lost) for each in found.needs] == ([("payments", Truth.TRUE)] if kind == "hard" else [])
    assert one(loss, "payments").outcome == "lost"


def test_a_cache_that_is_gone_is_said_and_no_data_lost() -> None:
    cache = 'resource "aws_elasticache_cluster" "c" {\n  cluster_id = "c"\n  engine     = "memcached"\n}\n'
    found = one(lost("eu-west-1", PROVIDERS + cache, declared("shop", "aws_elasticache_cluster.c")))
    assert (found.outcome, found.beside) == ("unaffected", ("aws_elasticache_cluster.c",))


def test_a_copy_made_once_is_a_copy_and_meets_no_objective() -> None:
    snapshot = """resource "aws_ebs_volume" "v" {
  availability_zone = "eu-west-1a"
  size              = 10
}
resource "aws_ebs_snapshot" "s" { volume_id = aws_ebs_volume.v.id }
resource "aws_ebs_snapshot_copy" "c" {
  provider           = aws.there
  source_snapshot_id = aws_ebs_snapshot.s.id
  source_region      = "eu-west-1"
}
"""
    found = one(lost("eu-west-1", PROVIDERS + snapshot, declared("shop", "aws_ebs_volume.v")))
    assert (found.outcome, found.stores[0].recoverable) == ("undeclared", Truth.TRUE)
    strict = declared("shop", "aws_ebs_volume.v", spec="  objectives:\n    region: {rpo: 24h}\n")
    assert one(lost("eu-west-1", PROVIDERS + snapshot, strict)).outcome == "misses"


def test_only_a_zone_that_is_written_is_lost_for_certain() -> None:
    volume = 'resource "aws_ebs_volume" "v" {\n  availability_zone = "eu-west-1a"\n  size              = 10\n}\n'
    shop = declared("shop", "aws_ebs_volume.v")
    assert one(lost("az:eu-west-1a", PROVIDERS + volume, shop)).outcome == "lost"
    assert one(lost("az:eu-west-1b", PROVIDERS + volume, shop)).outcome == "unaffected"
    assert one(lost("az:eu-west-2a", PROVIDERS + volume, shop)).outcome == "unaffected"
    bare = DATABASE.replace("= 7", "= 0") % ""
    found = one(lost("az:eu-west-1a", PROVIDERS + bare, declared("shop", "aws_db_instance.db")))
    assert (found.outcome, found.gone) == ("unknown", Truth.UNKNOWN)
    assert [each.text for each in found.stores[0].doubts] == ["perhaps not in zone eu-west-1a: no file says its zone"]


DRILL = """apiVersion: drpolicy.dev/v1
kind: Evidence
metadata: {name: failover-1}
spec:
  service: shop
  kind: failover
  date: 2026-10-01
  outcome: passed
  measured: {rto: 30m, rpo: 1m}
"""


def test_a_failover_that_was_measured_speaks_of_the_region_that_the_service_is_in() -> None:
    spec = "  objectives:\n    region: {rpo: 15m, rto: 1h}\n"
    alone = declared("shop", "aws_s3_bucket.source", spec=spec)
    assert one(lost("eu-west-2", PROVIDERS + REPLICATED, alone, DRILL)).outcome == "meets"
    part = declared("shop", "aws_s3_bucket.source", "aws_s3_bucket.only", spec=spec)
    assert one(lost("eu-west-2", PROVIDERS + ONLY + REPLICATED, part, DRILL)).outcome == "unproven"
    primary = part.replace("  owner: team\n", "  owner: team\n  regions: {primary: eu-west-2, dr: [eu-west-1]}\n")
    assert one(lost("eu-west-2", PROVIDERS + ONLY + REPLICATED, primary, DRILL)).outcome == "meets"


def test_what_else_goes_is_said() -> None:
    cluster = 'resource "aws_eks_cluster" "shop" {\n  name = "shop"\n}\n'
    vaults = "".join(f'resource "aws_backup_vault" "v{at}" {{\n  name = "v{at}"\n}}\n' for at in range(6))
    module = 'module "elsewhere" {\n  source = "git::https://example.com/nothing.git"\n}\n'
    loss = lost("eu-west-1", PROVIDERS + REPLICATED + cluster + vaults + module)
    said = [each.text for each in loss.also]
    assert "Kubernetes clusters that Terraform makes there: aws_eks_cluster.shop" in said
    assert "copies there of aws_s3_bucket.source" in said
    listed = ", ".join(f"root//aws_backup_vault.v{at}" for at in range(5))
    assert f"6 vaults are gone, with every recovery point in them: {listed} and 1 more" in said
    assert loss.unread == 1
    assert lost("eu-west-2", PROVIDERS + REPLICATED + cluster).also[-1].text == (
        "no plan of root succeeds: it manages eu-west-2 and eu-west-1 with one state"
    )


def test_a_root_is_not_said_to_manage_a_region_that_is_not_known() -> None:
    unset = PROVIDERS.replace('region = "eu-west-1"', "region = var.here") + 'variable "here" {}\n'
    assert lost("eu-west-2", unset + ONLY + REPLICATED).also == ()
