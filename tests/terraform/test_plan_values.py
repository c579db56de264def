"""Values of plans: unknown, sensitive, null, and what nobody wrote."""

from __future__ import annotations

from plan_files import by_address, change, configured, load, plain, plan, refers

from drpolicy.model.provenance import Default, Written
from drpolicy.model.reasons import Reason
from drpolicy.model.spans import Source
from drpolicy.model.values import Absent, Known, Unknown
from drpolicy.recovery.conditions import compute
from drpolicy.terraform.plans.values import Marked, value_of


def read(marked: Marked) -> object:
    return plain(value_of(marked, "x", Written(Source("p", "").span(0, 0))))


def test_a_mirror_marks_parts_at_any_depth() -> None:
    value = {"a": [1, None, {"b": None, "c": "s"}], "d": {"e": "secret", "f": 2.0}}
    unknown = {"a": [False, True, {"b": True}], "g": {"h": True}, "i": {"j": False}}
    sensitive = {"d": {"e": True}}
    assert read(Marked(value, unknown, sensitive)) == {
        "a": [1, "? COMPUTED", {"b": "? COMPUTED", "c": "s"}],
        "d": {"e": "? SENSITIVE", "f": 2},
        "g": {"h": "? COMPUTED"},
    }


def test_a_sensitive_object_keeps_its_shape_and_none_of_its_values() -> None:
    assert read(Marked({"a": ["x", None], "b": {"c": True}}, None, True)) == {"a": ["? SENSITIVE", None], "b": {"c": "? SENSITIVE"}}


def test_a_sensitive_value_is_there_and_cannot_be_compared() -> None:
    data = plan(change("aws_db_instance.a", {"password": "hunter2", "username": None}, None, {"password": True, "username": True}))
    attributes = by_address(load(data))["aws_db_instance.a"].attributes
    answers = {
        text: compute(text, {"self": attributes}, Written(Source("p", "").span(0, 0)))
        for text in ("has(self.password)", "has(self.username)", 'self.password == "hunter2"', 'self.password == "other"')
    }
    assert {text: value.value if isinstance(value, Known) else "unknown" for text, value in answers.items()} == {
        "has(self.password)": True,
        "has(self.username)": False,
        'self.password == "hunter2"': "unknown",
        'self.password == "other"': "unknown",
    }


def test_true_is_a_value_and_not_a_mark() -> None:
    assert read(Marked({"multi_az": True, "deep": {"also": True}}, {}, {})) == {"multi_az": True, "deep": {"also": True}}


def test_two_values_known_after_apply_are_not_known_to_be_equal() -> None:
    found = by_address(load(plan(change("aws_x.a", {}, {"b": True, "c": [True, True]}))))["aws_x.a"]
    symbols = {found.get("b").symbol, *(each.value.symbol for each in found.get("c").value.elements)}  # type: ignore[union-attr] # unknown
    assert symbols == {"root//aws_x.a.b", "root//aws_x.a.c[0]", "root//aws_x.a.c[1]"}


def test_numbers_out_of_range_and_broken_text_are_no_trouble() -> None:
    data = b'{"format_version":"1.2","resource_changes":[{"address":"aws_x.a","mode":"managed","type":"aws_x","name":"a",'
    data += b'"change":{"actions":["create"],"after":{"big":1e999,"text":"a\\ud800b","whole":7.0}}}],"configuration":{}}'
    found = by_address(load(data))["aws_x.a"]
    assert isinstance(found.get("big"), Unknown)
    assert found.get("big").reason is Reason.LIMIT_REACHED  # type: ignore[union-attr] # just seen
    assert (plain(found.get("text")), plain(found.get("whole"))) == ("a\\ud800b", 7)


ROOT = {"resources": [configured("aws_db_instance.a", identifier="a", multi_az=refers("var.multi_az"))]}
AFTER = {
    "identifier": "a",
    "multi_az": True,
    "skip_final_snapshot": False,
    "monitoring_interval": 0,
    "replicate_source_db": "",
    "snapshot_identifier": None,
    "restore_to_point_in_time": [],
    "tags": {},
}


def test_what_nobody_wrote_is_the_providers_value_or_nothing() -> None:
    found = by_address(load(plan(change("aws_db_instance.a", AFTER, {"arn": True, "kms_key_id": True}), configuration=ROOT)))
    fields = found["aws_db_instance.a"].attributes.fields
    origin = fields["skip_final_snapshot"].origin
    assert isinstance(origin, Default)
    assert (origin.what, origin.source.partition(";")[0]) == ("skip_final_snapshot = false", "the provider's value in the plan")
    assert (plain(fields["skip_final_snapshot"]), plain(fields["monitoring_interval"])) == (False, 0)
    for name in ("replicate_source_db", "snapshot_identifier", "restore_to_point_in_time", "tags", "arn"):
        assert isinstance(fields[name], Absent), name
    # It may be in a dynamic block, which a plan does not show.
    assert isinstance(fields["kms_key_id"], Unknown)
    assert isinstance(fields["multi_az"], Known)
    assert not isinstance(fields["multi_az"].origin, Default)


def test_what_the_provider_fills_in_by_itself_is_as_good_as_not_written() -> None:
    data = plan(change("aws_db_instance.a", AFTER, {"kms_key_id": True}), configuration=ROOT)
    found = by_address(load(data, computed=lambda type_, name: (type_, name) == ("aws_db_instance", "kms_key_id")))
    assert isinstance(found["aws_db_instance.a"].attributes.fields["kms_key_id"], Absent)


def test_without_any_configuration_what_is_empty_is_nothing() -> None:
    """Some tools strip the configuration from a plan, and a state has none."""
    after = {"versioning": [{"enabled": True}], "tags": {"a": "b", "c": ""}, "policy": "", "grant": [], "object_lock": {}}
    found = by_address(load(plan(change("aws_s3_bucket.b", after, {"versioning": [{}], "acl": True}))))["aws_s3_bucket.b"]
    assert {name: plain(value) for name, value in found.attributes.fields.items()} == {
        "versioning": [{"enabled": True}],
        "tags": {"a": "b", "c": ""},
        "policy": None,
        "grant": None,
        "object_lock": None,
        "acl": "? COMPUTED",
    }


HCL = 'variable "days" { type = number }\nresource "aws_db_instance" "a" {\n  backup_retention_period = var.days\n  engine = "mysql"\n}\n'


def test_the_plan_settles_a_variable_that_the_hcl_leaves_open() -> None:
    data = plan(
        change("aws_db_instance.a", {"backup_retention_period": 14, "engine": "mysql"}),
        configuration={"resources": [configured("aws_db_instance.a", engine="mysql", backup_retention_period=refers("var.days"))]},
        variables={"days": 14},
    )
    found = by_address(load(data, {"main.tf": HCL}))["aws_db_instance.a"]
    assert plain(found.get("backup_retention_period")) == 14
    assert str(found.span) == "main.tf:2:1"


def test_where_hcl_and_plan_differ_the_plan_counts() -> None:
    found = by_address(load(plan(change("aws_db_instance.a", {"engine": "postgres"})), {"main.tf": HCL}))["aws_db_instance.a"]
    assert plain(found.get("engine")) == "postgres"


def test_another_instance_of_a_block_gives_its_place_and_not_its_values() -> None:
    files = {"main.tf": 'resource "aws_db_instance" "a" {\n  for_each = toset(["x"])\n  engine   = each.key\n}\n'}
    found = by_address(load(plan(change('aws_db_instance.a["y"]', {}, {"engine": True})), files))['aws_db_instance.a["y"]']
    assert (plain(found.get("engine")), str(found.span)) == ("? COMPUTED", "main.tf:1:1")


def test_an_instance_of_unknown_key_is_settled_by_the_plan() -> None:
    files = {"main.tf": 'resource "aws_db_instance" "a" {\n  for_each = data.x.y.z\n  engine   = each.value\n}\ndata "x" "y" {}\n'}
    found = by_address(load(plan(change('aws_db_instance.a["y"]', {"engine": "mysql"})), files))['aws_db_instance.a["y"]']
    assert (plain(found.get("engine")), found.presence.name, str(found.get("engine").origin.span)) == ("mysql", "TRUE", "main.tf:5:1")  # type: ignore[union-attr] # derived


def test_null_in_the_plan_is_not_written() -> None:
    found = by_address(load(plan(change("aws_db_instance.a", {"engine": None})), {"main.tf": HCL}))["aws_db_instance.a"]
    assert isinstance(found.get("engine"), Absent)


BLOCKS = """
resource "aws_backup_plan" "p" {
  rule {
    rule_name         = "hourly"
    target_vault_name = aws_backup_vault.v.name
    schedule          = "cron(0 * * * ? *)"
  }
  rule {
    rule_name         = "daily"
    target_vault_name = aws_backup_vault.w.id
    schedule          = "cron(0 5 * * ? *)"
  }
}
resource "aws_backup_vault" "v" { name = "v" }
resource "aws_backup_vault" "w" { name = "w" }
"""


def test_blocks_of_a_set_are_paired_by_what_they_say() -> None:
    """Terraform sorts sets: the plan has them in another order than the HCL."""
    rules = [
        {"rule_name": "daily", "schedule": "cron(0 5 * * ? *)", "start_window": 60},
        {"rule_name": "hourly", "schedule": "cron(0 * * * ? *)", "target_vault_name": "v", "start_window": 60},
    ]
    data = plan(
        change("aws_backup_plan.p", {"rule": rules}, {"rule": [{"target_vault_name": True}, {}]}),
        change("aws_backup_vault.v", {"name": "v"}),
        change("aws_backup_vault.w", {"name": "w"}, {"id": True}),
    )
    found = by_address(load(data, {"main.tf": BLOCKS}))["aws_backup_plan.p"]
    assert [plain(each.value) for each in found.get("rule").value.elements] == [  # type: ignore[union-attr] # known
        {"rule_name": "hourly", "schedule": "cron(0 * * * ? *)", "target_vault_name": "v", "start_window": 60},
        {
            "rule_name": "daily",
            "schedule": "cron(0 5 * * ? *)",
            "target_vault_name": "? COMPUTED root//aws_backup_vault.w.id",
            "start_window": 60,
        },
    ]
    assert str(found.get("rule", 1, "rule_name").origin.span) == "main.tf:9:25"  # type: ignore[union-attr] # written
