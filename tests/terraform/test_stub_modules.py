"""Modules that are known by their documented interface: the same resources as on disk, at the place of the call."""

from __future__ import annotations

import json

from drpolicy.catalog.interfaces import Interface, NotDescribed
from drpolicy.model.provenance import steps, used_at, written_at
from drpolicy.model.reasons import Reason
from drpolicy.model.resources import Resource, TerraformRoot
from drpolicy.model.spans import Source, Span
from drpolicy.model.truth import Truth
from drpolicy.model.values import Known, Object, Unknown, Value, target_of
from drpolicy.sources.discovery import discover
from drpolicy.sources.trees import MemoryTree
from drpolicy.terraform.conversion import plain
from drpolicy.terraform.estate import TerraformEstate
from drpolicy.terraform.load import load_terraform

STUB = {
    "org/db/aws/1": """# Interface of org/db/aws 1.
variable "create" {
  type    = bool
  default = true
}
variable "days" {
  type    = number
  default = 7
}
variable "unused" {}
module "inner" {
  source = "./modules/inner"
  create = var.create
  days   = var.days
}
output "arn" {
  value = module.inner.arn
}
""",
    "org/db/aws/1/modules/inner": """# Interface of the submodule inner.
variable "create" {}
variable "days" {}
resource "aws_db_instance" "this" {
  count                   = var.create ? 1 : 0
  backup_retention_period = var.days
  multi_az                = true
  lifecycle {
    prevent_destroy = true
  }
}
output "arn" {
  value = aws_db_instance.this[0].arn
}
""",
}
ON_DISK = {
    f"{path.replace('org/db/aws/1', 'root/.terraform/modules/db')}/main.tf": text.replace("# Interface", "# The module itself\n#")
    for path, text in STUB.items()
}
MANIFEST = {"root/.terraform/modules/modules.json": json.dumps({"Modules": [{"Key": "db", "Dir": ".terraform/modules/db"}]})}
INTERFACE = Interface("org/db/aws", ">= 1.0.0, < 2.0.0", "org/db/aws/1", "page")


def find(source: str, version: str | None) -> Interface | NotDescribed | None:
    if source != "org/db/aws":
        return None
    return INTERFACE if version == "~> 1.0" else NotDescribed(f"not in {version}")


def files(directory: str) -> list[Source]:
    return [Source(f"stub:{directory}/main.tf", STUB[directory])] if directory in STUB else []


def call(body: str = "", version: str = "~> 1.0") -> str:
    return f'module "db" {{\n  source  = "org/db/aws"\n  version = "{version}"\n{body}}}\n'


def loaded(tree: dict[str, str]) -> TerraformEstate:
    memory = MemoryTree(tree)
    return load_terraform(memory, discover(memory), stubs=find, stub_files=files)


def only(estate: TerraformEstate) -> TerraformRoot:
    (root,) = estate.roots
    return root


def resource(estate: TerraformEstate) -> Resource:
    (found,) = only(estate).resources
    return found


def test_a_stub_makes_what_the_module_makes() -> None:
    described = loaded({"root/main.tf": call("  days = 3\n")})
    on_disk = loaded({"root/main.tf": call("  days = 3\n"), **ON_DISK, **MANIFEST})
    assert [(each.address, each.outcome) for each in only(described).modules] == [("module.db", "stubbed")]
    assert [(each.address, each.outcome) for each in only(on_disk).modules] == [
        ("module.db", "evaluated"),
        ("module.db.module.inner", "evaluated"),
    ]
    for estate in (described, on_disk):
        found = resource(estate)
        assert (found.key, found.guarded, plain(found.get("backup_retention_period"))) == (
            "root//module.db.module.inner.aws_db_instance.this[0]",
            True,
            3,
        )
        assert estate.problems == ()


def test_what_is_installed_wins_over_its_interface() -> None:
    changed = {path: text.replace("= var.days", "= 30") for path, text in ON_DISK.items()}
    assert plain(resource(loaded({"root/main.tf": call(), **changed, **MANIFEST})).get("backup_retention_period")) == 30


def test_everything_in_a_stub_is_at_its_call() -> None:
    text = "\n# a comment\nlocals {\n  days = 3\n}\n" + call("  days = local.days\n")
    found = resource(loaded({"root/main.tf": text}))
    assert (str(found.span), found.span.text) == ("root/main.tf:6:1", 'module "db" {')
    assert found.span.interface == "the documented interface of org/db/aws >= 1.0.0, < 2.0.0"
    days = found.get("backup_retention_period").origin
    # Used where it is given, and written where the caller writes it.
    assert (str(used_at(days)), str(written_at(days))) == ("root/main.tf:9:10", "root/main.tf:4:10")
    own = found.get("multi_az").origin
    assert [(step.text, str(step.span)) for step in steps(own)] == [
        ("written in the documented interface of org/db/aws >= 1.0.0, < 2.0.0", "root/main.tf:6:1")
    ]
    missing = found.get("deletion_protection").origin
    assert str(written_at(missing)) == "root/main.tf:6:1"
    assert {span.path for span in _places(found)} == {"root/main.tf"}


def _places(found: Resource) -> set[Span]:
    return {step.span for value in found.attributes.fields.values() for step in steps(value.origin) if step.span is not None}


def test_a_default_of_the_interface_is_at_the_header_of_the_call() -> None:
    days = resource(loaded({"root/main.tf": call()})).get("backup_retention_period")
    assert (plain(days), str(used_at(days.origin)), str(written_at(days.origin))) == (7, "root/main.tf:1:1", "root/main.tf:1:1")


def test_every_call_has_its_own_places() -> None:
    text = call() + call().replace('"db"', '"other"')
    found = {each.address: str(each.span) for each in only(loaded({"root/main.tf": text})).resources}
    assert found == {
        "module.db.module.inner.aws_db_instance.this[0]": "root/main.tf:1:1",
        "module.other.module.inner.aws_db_instance.this[0]": "root/main.tf:5:1",
    }


def test_a_call_in_a_local_module_is_where_it_stands() -> None:
    tree = {
        "root/main.tf": 'module "app" {\n  source = "../app"\n  days   = 2\n}\n',
        "app/main.tf": 'variable "days" {}\n' + call("  days = var.days\n"),
    }
    found = resource(loaded(tree))
    assert (found.address, str(found.span)) == ("module.app.module.db.module.inner.aws_db_instance.this[0]", "app/main.tf:2:1")
    days = found.get("backup_retention_period")
    assert (plain(days), str(used_at(days.origin)), str(written_at(days.origin))) == (2, "app/main.tf:5:10", "root/main.tf:3:12")


def test_instances_of_a_call_and_an_unknown_condition() -> None:
    text = 'variable "on" {}\n' + call('  for_each = toset(["a", "b"])\n  create   = var.on\n')
    found = only(loaded({"root/main.tf": text})).resources
    assert [(each.address, each.presence) for each in found] == [
        ('module.db["a"].module.inner.aws_db_instance.this[0]', Truth.UNKNOWN),
        ('module.db["b"].module.inner.aws_db_instance.this[0]', Truth.UNKNOWN),
    ]
    assert found[0].why is not None and found[0].why.cause.symbol == "root:var.on"


OUTPUT = 'resource "t_r" "x" {\n  known   = module.db.arn\n  unknown = module.db.later\n  tried   = try(module.db.later, "no")\n}\n'


def test_outputs_keep_their_identity_and_those_it_lacks_are_unknown() -> None:
    found = {each.address: each for each in only(loaded({"root/main.tf": call() + OUTPUT})).resources}["t_r.x"]
    target = target_of(found.get("known"))
    assert target is not None and (target.key, target.attribute) == ("root//module.db.module.inner.aws_db_instance.this[0]", "arn")
    for name in ("unknown", "tried"):
        value = found.get(name)
        assert isinstance(value, Unknown)
        assert (value.reason, value.symbol) == (Reason.MODULE_NOT_ON_DISK, "root:module.db.later")


def test_outputs_of_instances() -> None:
    text = call("  count = 1\n") + OUTPUT.replace("module.db.", "module.db[0].")
    found = {each.address: each for each in only(loaded({"root/main.tf": text})).resources}["t_r.x"]
    value: Value[object] = found.get("tried")
    assert isinstance(value, Unknown) and value.cause.reason is Reason.MODULE_NOT_ON_DISK


def test_an_input_that_the_interface_lacks_is_kept_and_said() -> None:
    estate = loaded({"root/main.tf": call("  unused = 1\n  copies = 2\n")})
    (made,) = only(estate).modules
    assert made.undeclared == ("copies",)
    assert {name: plain(value) for name, value in made.inputs.fields.items()} == {"unused": 1, "copies": 2}
    assert [(each.code, each.message, str(each.span)) for each in estate.problems] == [
        (
            "module-interface",
            "module 'db' is given 'copies', which the documented interface of org/db/aws does not have",
            "root/main.tf:5:12",
        )
    ]


def test_a_version_that_is_not_described_is_unresolved_with_the_reason() -> None:
    estate = loaded({"root/main.tf": call(version="~> 9.0")})
    assert [each.outcome for each in only(estate).modules] == ["unresolved"]
    assert only(estate).resources == ()
    assert [(each.code, each.message) for each in estate.problems] == [
        ("module-interface", "module 'db' (org/db/aws) is not on disk, and not in ~> 9.0")
    ]


def test_a_version_that_is_not_described_is_said_once() -> None:
    text = call(version="~> 9.0") + call(version="~> 9.0").replace('"db"', '"two"') + call(version="~> 8.0").replace('"db"', '"three"')
    estate = loaded({"root/main.tf": text})
    assert [each.outcome for each in only(estate).modules] == ["unresolved"] * 3
    assert [each.message for each in estate.problems] == [
        "module 'db' (org/db/aws) is not on disk, and not in ~> 9.0",
        "module 'three' (org/db/aws) is not on disk, and not in ~> 8.0",
    ]


def test_a_version_that_is_not_known_is_unresolved() -> None:
    text = call().replace('"~> 1.0"', "var.version")
    assert [each.outcome for each in only(loaded({"root/main.tf": 'variable "version" {}\n' + text})).modules] == ["unresolved"]


def test_stubs_are_read_only_when_they_are_asked_for() -> None:
    asked: list[str] = []

    def counted(directory: str) -> list[Source]:
        asked.append(directory)
        return files(directory)

    memory = MemoryTree({"root/main.tf": call() + call().replace('"db"', '"two"'), "other/main.tf": 'resource "t_r" "x" {}\n'})
    load_terraform(memory, discover(memory), stubs=find, stub_files=counted)
    assert asked == ["org/db/aws/1", "org/db/aws/1/modules/inner"]


def test_the_id_of_a_buckets_policy_is_the_bucket() -> None:
    text = (
        'resource "aws_s3_bucket" "b" {}\nresource "aws_s3_bucket_policy" "p" {\n  bucket = aws_s3_bucket.b.id\n}\n'
        'resource "t_r" "x" {\n  v = aws_s3_bucket_policy.p.id\n}\n'
    )
    found = {each.address: each for each in only(loaded({"root/main.tf": text})).resources}["t_r.x"]
    target = target_of(found.get("v"))
    assert target is not None and (target.key, target.attribute) == ("root//aws_s3_bucket.b", "id")
    assert isinstance(found.attributes, Object) and not isinstance(found.get("v"), Known)
