"""References in plans: what users of other tools report as lost, held here."""

from __future__ import annotations

from plan_files import by_address, change, configured, load, plain, plan, refers

from drpolicy.model.values import Known, target_of


def test_known_after_apply_keeps_what_it_refers_to() -> None:
    """https://github.com/bridgecrewio/checkov/issues/5752 and https://github.com/bridgecrewio/checkov/issues/3138."""
    data = plan(
        change("aws_kms_key.k", {"multi_region": True}, {"arn": True, "id": True}),
        change("aws_db_instance.a", {"identifier": "a"}, {"kms_key_id": True}),
        configuration={
            "resources": [
                configured("aws_kms_key.k", multi_region=True),
                configured("aws_db_instance.a", identifier="a", kms_key_id=refers("aws_kms_key.k.arn", "aws_kms_key.k")),
            ]
        },
    )
    assert plain(by_address(load(data))["aws_db_instance.a"].get("kms_key_id")) == "? COMPUTED root//aws_kms_key.k.arn"


MODULE = {
    "main.tf": 'module "db" {\n  source = "./db"\n  days   = 7\n}\n',
    "db/main.tf": 'variable "days" {}\nresource "aws_db_instance" "this" {\n  backup_retention_period = var.days\n}\n',
}


def test_the_hcl_of_a_module_and_its_plan_agree() -> None:
    """https://github.com/bridgecrewio/checkov/issues/1469: the same module passes one scan and fails the other."""
    from drpolicy.sources.discovery import discover
    from drpolicy.sources.trees import MemoryTree
    from drpolicy.terraform.load import load_terraform

    tree = MemoryTree(MODULE)
    (written,) = load_terraform(tree, discover(tree)).roots[0].resources
    calls = {
        "db": {
            "source": "./db",
            "expressions": {"days": {"constant_value": 7}},
            "module": {
                "resources": [configured("aws_db_instance.this", backup_retention_period=refers("var.days"))],
                "variables": {"days": {}},
            },
        }
    }
    data = plan(change("module.db.aws_db_instance.this", {"backup_retention_period": 7}), configuration={"module_calls": calls})
    for files in ({}, MODULE):
        (planned,) = load(data, files).roots[0].resources
        assert (planned.key, plain(planned.get("backup_retention_period"))) == (written.key, plain(written.get("backup_retention_period")))


def test_resources_of_modules_stay_connected() -> None:
    """https://github.com/bridgecrewio/checkov/issues/6204: connections of module resources are lost in plans."""
    calls = {
        "bucket": {
            "source": "terraform-aws-modules/s3-bucket/aws",
            "module": {
                "resources": [configured("aws_s3_bucket.this", bucket="b")],
                "outputs": {"id": {"expression": refers("aws_s3_bucket.this.id", "aws_s3_bucket.this")}},
            },
        },
        "versioning": {
            "source": "./versioning",
            "for_each_expression": refers("local.buckets"),
            "expressions": {"bucket": refers("module.bucket.id", "module.bucket")},
            "module": {
                "resources": [configured("aws_s3_bucket_versioning.this", bucket=refers("var.bucket"))],
                "variables": {"bucket": {}},
            },
        },
    }
    data = plan(
        change("module.bucket.aws_s3_bucket.this", {"bucket": "b"}, {"id": True}),
        change('module.versioning["x"].aws_s3_bucket_versioning.this', {}, {"bucket": True}),
        configuration={"module_calls": calls},
    )
    found = by_address(load(data))['module.versioning["x"].aws_s3_bucket_versioning.this']
    assert plain(found.get("bucket")) == "? COMPUTED root//module.bucket.aws_s3_bucket.this.id"


def test_a_dynamic_reference_is_an_edge_or_open_never_missing() -> None:
    """https://github.com/bridgecrewio/checkov/issues/3919: the edge of a reference by each.key is missed."""
    each = configured("aws_s3_bucket_versioning.v", bucket=refers("aws_s3_bucket.b", "each.key"))
    chosen = configured("aws_s3_bucket_versioning.w", bucket=refers("aws_s3_bucket.b", "var.which"))
    data = plan(
        *(change(f'aws_s3_bucket.b["{key}"]', {"bucket": key}, {"id": True}) for key in "xy"),
        *(change(f'aws_s3_bucket_versioning.v["{key}"]', {}, {"bucket": True}) for key in "xy"),
        change("aws_s3_bucket_versioning.w", {}, {"bucket": True}),
        configuration={"resources": [configured("aws_s3_bucket.b", bucket=refers("each.key")), each, chosen]},
    )
    found = by_address(load(data))
    for key in "xy":
        target = target_of(found[f'aws_s3_bucket_versioning.v["{key}"]'].get("bucket"))
        assert target is not None
        assert target.key == f'root//aws_s3_bucket.b["{key}"]'
    assert plain(found["aws_s3_bucket_versioning.w"].get("bucket")) == "? COMPUTED"


def test_each_value_refers_to_what_for_each_is_given() -> None:
    block = configured("aws_s3_bucket_versioning.v", bucket=refers("each.value"))
    block["for_each_expression"] = refers("aws_s3_bucket.b.id", "aws_s3_bucket.b")
    data = plan(
        change("aws_s3_bucket.b", {}, {"id": True}),
        change('aws_s3_bucket_versioning.v["x"]', {}, {"bucket": True}),
        configuration={"resources": [configured("aws_s3_bucket.b"), block]},
    )
    found = by_address(load(data))['aws_s3_bucket_versioning.v["x"]']
    assert plain(found.get("bucket")) == "? COMPUTED root//aws_s3_bucket.b.id"


def test_a_text_made_of_a_reference_is_no_reference() -> None:
    """``"${aws_s3_bucket.b.bucket}-copy"`` is known, and another bucket."""
    copy = refers("aws_s3_bucket.b.bucket", "aws_s3_bucket.b")
    data = plan(
        change("aws_s3_bucket.b", {"bucket": "b"}),
        change("aws_s3_bucket_versioning.same", {"bucket": "b"}),
        change("aws_s3_bucket_versioning.copy", {"bucket": "b-copy"}),
        configuration={
            "resources": [
                configured("aws_s3_bucket.b", bucket="b"),
                configured("aws_s3_bucket_versioning.same", bucket=copy),
                configured("aws_s3_bucket_versioning.copy", bucket=copy),
            ]
        },
    )
    found = by_address(load(data))
    same, other = (found[f"aws_s3_bucket_versioning.{name}"].get("bucket") for name in ("same", "copy"))
    assert target_of(same) == ("root//aws_s3_bucket.b", "bucket")
    assert isinstance(other, Known)
    assert target_of(other) is None


def test_two_references_name_neither() -> None:
    both = refers("aws_s3_bucket.a.id", "aws_s3_bucket.a", "aws_s3_bucket.b.id", "aws_s3_bucket.b")
    data = plan(
        change("aws_s3_bucket_versioning.v", {}, {"bucket": True}),
        configuration={"resources": [configured("aws_s3_bucket_versioning.v", bucket=both)]},
    )
    assert plain(by_address(load(data))["aws_s3_bucket_versioning.v"].get("bucket")) == "? COMPUTED"


def test_references_in_a_circle_end() -> None:
    calls = {
        "m": {
            "expressions": {"a": refers("module.m.o", "module.m")},
            "module": {
                "resources": [configured("aws_s3_bucket.b", bucket=refers("var.a"))],
                "outputs": {"o": {"expression": refers("var.a")}},
            },
        }
    }
    data = plan(change("module.m.aws_s3_bucket.b", {}, {"bucket": True}), configuration={"module_calls": calls})
    assert plain(by_address(load(data))["module.m.aws_s3_bucket.b"].get("bucket")) == "? COMPUTED"


def test_what_an_unread_module_makes_is_read_from_the_plan() -> None:
    """The module is not on disk; its resources stand at the call, and a link through its output holds."""
    files = {
        "main.tf": 'module "b" {\n  source = "terraform-aws-modules/s3-bucket/aws"\n}\n'
        'resource "aws_s3_bucket_versioning" "v" {\n  bucket = module.b.s3_bucket_id\n}\n'
    }
    module = {
        "resources": [configured("aws_s3_bucket.this")],
        "outputs": {"s3_bucket_id": {"expression": refers("aws_s3_bucket.this[0].id", "aws_s3_bucket.this[0]", "aws_s3_bucket.this")}},
    }
    data = plan(
        change("module.b.aws_s3_bucket.this[0]", {}, {"id": True}),
        change("aws_s3_bucket_versioning.v", {}, {"bucket": True}),
        configuration={
            "resources": [configured("aws_s3_bucket_versioning.v", bucket=refers("module.b.s3_bucket_id", "module.b"))],
            "module_calls": {"b": {"source": "terraform-aws-modules/s3-bucket/aws", "module": module}},
        },
    )
    estate = load(data, files)
    found = by_address(estate)
    assert plain(found["aws_s3_bucket_versioning.v"].get("bucket")) == "? COMPUTED root//module.b.aws_s3_bucket.this[0].id"
    assert str(found["module.b.aws_s3_bucket.this[0]"].span) == "main.tf:1:1"
    assert [(call.address, call.outcome) for call in estate.roots[0].modules] == [("module.b", "evaluated")]


def test_a_data_source_that_was_read_is_known() -> None:
    prior = {
        "format_version": "1.0",
        "values": {
            "root_module": {
                "resources": [
                    {"address": "data.aws_vpc.v", "mode": "data", "type": "aws_vpc", "name": "v", "values": {"cidr_block": "10.0.0.0/16"}}
                ]
            }
        },
    }
    estate = load(plan(prior_state=prior), {"main.tf": 'data "aws_vpc" "v" {\n  default = true\n}\n'})
    (vpc,) = estate.roots[0].resources
    assert (vpc.address, vpc.data, plain(vpc.get("cidr_block")), str(vpc.span)) == ("data.aws_vpc.v", True, "10.0.0.0/16", "main.tf:1:1")
