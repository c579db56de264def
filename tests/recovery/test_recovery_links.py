"""From a reference to what it names: by identity, ARN or bucket name; never by a partly unknown name."""

from __future__ import annotations

import pytest
from recovery_estates import HERE, PROVIDERS, THERE, estate_of, plain

from drpolicy.catalog.load import built_in_catalog
from drpolicy.model.provenance import Written
from drpolicy.model.reasons import Reason
from drpolicy.model.resources import Resource
from drpolicy.model.spans import Source
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Member, Object, Unknown, Value
from drpolicy.recovery.links import Links, Resolution, link_index

SPAN = Source("main.tf", "resource {}\n").span(0, 8)
AT = Written(SPAN)


def known(value: str) -> Known[str]:
    return Known(value, AT)


def made(
    address: str, name: Value[str] | str, region: str | None = HERE, account: str | None = "111122223333", deployment: str = "root"
) -> Resource:
    type_ = address.split(".")[0]
    attribute = {"aws_s3_bucket": "bucket", "aws_db_instance": "identifier"}.get(type_, "name")
    return Resource(
        deployment,
        address,
        type_,
        address.split(".")[1],
        Object({attribute: known(name) if isinstance(name, str) else name}),
        known(region) if region else Unknown(Reason.VARIABLE_NOT_SET, "region?", AT),
        known(account) if account else Absent(AT),
        SPAN,
        SPAN,
    )


def resolved(text: Value[str] | str, *resources: Resource, types: tuple[str, ...] = ("aws_db_instance",)) -> Resolution:
    origin = made("aws_backup_selection.s", "s")
    links: Links = link_index([*resources, origin], built_in_catalog())
    return links.resolve(known(text) if isinstance(text, str) else text, types, origin)


def named(resolution: Resolution) -> list[tuple[str, Truth]]:
    return [(each.value.key, each.presence) for each in resolution.matches]


D = made("aws_db_instance.d", "orders")
ARN = f"arn:aws:rds:{HERE}:111122223333:db:orders"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (ARN, True),
        (ARN.replace(HERE, THERE), False),
        (ARN.replace("1111", "9999"), False),
        (ARN.replace(":db:", ":cluster:"), False),
        (ARN.replace(":rds:", ":dynamodb:"), False),
        (ARN.replace("arn:aws:", "arn:aws-cn:"), True),
        (ARN + "-old", False),
        ("orders", True),
        ("order", False),
        ("", False),
    ],
)
def test_a_text_names_what_it_spells_in_full(text: str, found: bool) -> None:
    resolution = resolved(text, D)
    assert named(resolution) == ([("root//aws_db_instance.d", Truth.TRUE)] if found else [])
    assert resolution.unknown is None


def test_a_bare_name_stays_in_its_region_and_account() -> None:
    assert named(resolved("orders", made("aws_db_instance.d", "orders", THERE))) == []
    assert named(resolved("orders", made("aws_db_instance.d", "orders", HERE, "999922223333"))) == []


def test_a_bucket_name_is_unique_wherever_the_bucket_is() -> None:
    bucket = made("aws_s3_bucket.b", "shop", THERE, "999922223333", "other")
    for text in ("shop", "arn:aws:s3:::shop"):
        assert named(resolved(text, bucket, types=("aws_s3_bucket",))) == [("other//aws_s3_bucket.b", Truth.TRUE)]


def test_two_candidates_are_both_listed_and_neither_is_certain() -> None:
    resolution = resolved("orders", D, made("aws_db_instance.e", "orders"))
    assert named(resolution) == [("root//aws_db_instance.d", Truth.UNKNOWN), ("root//aws_db_instance.e", Truth.UNKNOWN)]
    assert resolution.single is None
    why = resolution.matches[0].why
    assert why is not None
    assert (why.reason, why.symbol) == (Reason.AMBIGUOUS, "root//aws_db_instance.d or root//aws_db_instance.e")


def test_an_arn_of_a_resource_whose_region_is_not_known_is_not_certain() -> None:
    assert [each.presence for each in resolved(ARN, made("aws_db_instance.d", "orders", None)).matches] == [Truth.UNKNOWN]


def test_a_partly_unknown_name_never_names_anything() -> None:
    prefix = Unknown(Reason.VARIABLE_NOT_SET, "root:var.prefix", AT)
    text = Unknown(Reason.VARIABLE_NOT_SET, "template", AT, parts=(prefix, known("orders")))
    resolution = resolved(text, D)
    assert resolution.matches == ()
    assert resolution.unknown is text
    assert resolved("orders", made("aws_db_instance.d", text)).single is None


def spelt(*parts: Value[str]) -> Unknown:
    return Unknown(Reason.COMPUTED, "template(" + ", ".join(str(getattr(part, "symbol", part)) for part in parts) + ")", AT, parts=parts)  # type: ignore[arg-type] # a part is Known or Unknown


PET = Unknown(Reason.COMPUTED, "root//random_pet.this.id", AT)
REPLICA = made("aws_s3_bucket.replica", spelt(known("replica-"), PET))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (spelt(known("arn:aws:s3:::replica-"), PET), True),
        (spelt(known("arn:"), UNSET_PARTITION := Unknown(Reason.DATA_SOURCE, "root:data.p", AT), known(":s3:::replica-"), PET), True),
        (spelt(known("replica-"), PET), True),
        (spelt(known("arn:aws:s3:::replica-"), Unknown(Reason.COMPUTED, "root//random_pet.other.id", AT)), False),
        (spelt(known("arn:aws:s3:::other-"), PET), False),
        (spelt(known("arn:aws:sqs:::replica-"), PET), False),
        (spelt(UNSET_PARTITION, known("replica-"), PET), False),
    ],
)
def test_a_name_that_is_known_in_part_names_what_is_spelt_alike(text: Unknown, found: bool) -> None:
    resolution = resolved(text, REPLICA, types=("aws_s3_bucket",))
    assert named(resolution) == ([("root//aws_s3_bucket.replica", Truth.TRUE)] if found else [])


def test_two_that_are_spelt_alike_and_another_root_are_not_certain() -> None:
    text = spelt(known("arn:aws:s3:::replica-"), PET)
    twin = made("aws_s3_bucket.twin", spelt(known("replica-"), PET))
    assert resolved(text, REPLICA, twin, types=("aws_s3_bucket",)).matches == ()
    elsewhere = made("aws_s3_bucket.replica", spelt(known("replica-"), PET), deployment="other")
    assert resolved(text, elsewhere, types=("aws_s3_bucket",)).matches == ()


REPLICATED = """
resource "random_pet" "p" {}
locals {
  copy = "copy-${random_pet.p.id}"
}
resource "aws_s3_bucket" "b" {
  bucket = "data-${random_pet.p.id}"
}
resource "aws_s3_bucket" "c" {
  provider = aws.dr
  bucket   = local.copy
}
resource "aws_s3_bucket_replication_configuration" "r" {
  bucket = aws_s3_bucket.b.id
  role   = "r"
  dynamic "rule" {
    for_each = try(flatten([{ to = "arn:aws:s3:::${local.copy}" }]), [])
    content {
      status = "Enabled"
      filter {}
      destination {
        bucket = rule.value.to
      }
    }
  }
}
"""


def test_a_bucket_that_is_named_by_its_arn_is_where_the_copies_go() -> None:
    (protection,) = [
        each.value
        for store in estate_of(REPLICATED).stores
        for each in store.protections.elements
        if each.value.mechanism == "s3-replication" and store.address == "aws_s3_bucket.b"
    ]
    assert (plain(protection.region), protection.copy_store) == (THERE, "root//aws_s3_bucket.c")


def test_a_reference_holds_whatever_the_text() -> None:
    estate = estate_of(
        'variable "prefix" {\n  type = string\n}\n'
        'resource "aws_s3_bucket" "b" {\n  bucket = "${var.prefix}-b"\n}\n'
        'resource "aws_s3_bucket_versioning" "b" {\n  bucket = aws_s3_bucket.b.id\n'
        '  versioning_configuration {\n    status = "Enabled"\n  }\n}\n'
    )
    assert plain(estate.stores[0].versioned) is True


def test_a_reference_to_every_instance_names_them_all_with_their_presence() -> None:
    estate = estate_of(
        'resource "aws_s3_bucket" "b" {\n  count = 2\n  bucket = "b${count.index}"\n}\n'
        'resource "aws_s3_bucket_versioning" "b" {\n  count = 2\n  bucket = aws_s3_bucket.b[count.index].id\n'
        '  versioning_configuration {\n    status = count.index == 0 ? "Enabled" : "Suspended"\n  }\n}\n'
    )
    assert [(each.address, plain(each.versioned)) for each in estate.stores] == [
        ("aws_s3_bucket.b[0]", True),
        ("aws_s3_bucket.b[1]", False),
    ]


ACCOUNT = f'region = "{HERE}"\n  allowed_account_ids = ["111122223333"]'
SOURCE_ROOT = (
    PROVIDERS.replace(f'region = "{HERE}"', ACCOUNT, 1)
    + 'resource "aws_db_instance" "d" {\n  identifier = "orders"\n  backup_retention_period = 7\n}\n'
)
REPLICA_ROOT = PROVIDERS + 'resource "aws_db_instance" "r" {\n  identifier = "r"\n  replicate_source_db = "%s"\n}\n'


def replica_presences(reference: str) -> list[Truth]:
    estate = estate_of({"a/main.tf": SOURCE_ROOT, "b/main.tf": REPLICA_ROOT % reference})
    (source,) = [each for each in estate.stores if each.address == "aws_db_instance.d"]
    return [each.presence for each in source.protections.elements if each.value.mechanism == "rds-read-replica"]


def test_an_arn_reaches_across_roots() -> None:
    assert replica_presences(ARN) == [Truth.TRUE]
    assert replica_presences(ARN.replace("orders", "others")) == []


def test_a_bare_name_is_not_certain_in_another_root_whose_account_may_differ() -> None:
    assert Truth.TRUE not in replica_presences("orders")


def test_a_member_is_what_a_resolution_holds() -> None:
    assert Resolution((Member(D),)).single is D
    assert Resolution((Member(D, Truth.UNKNOWN),)).single is None


def test_a_name_that_ends_as_an_instance_does_is_a_name() -> None:
    module = 'module "alarms" {\n  source = "app.terraform.io/acme/alarms/aws"\n}\n'
    named = 'resource "aws_db_instance" "orders]" {\n  identifier = "orders"\n}\n'
    (store,) = estate_of({"main.tf": PROVIDERS + module + named}).stores
    assert store.address == "aws_db_instance.orders]"
