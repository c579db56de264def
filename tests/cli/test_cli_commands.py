"""explain, policy, schema, demo and lose, as they are asked for."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from command_line import AFTER, AS_OF, BEFORE, CHECKOUT, DATABASE, here, write

POLICIES = sorted(path.stem for path in (CHECKOUT / "policies").glob("*/*.yaml"))

OWN_POLICY = """\
apiVersion: drpolicy.dev/v1
kind: Policy
metadata:
  id: engine-is-postgres
  title: A database of another engine
  antiPattern: recoverability
  since: "0.1"
spec:
  subject: Store
  assert: self.type == "aws_db_instance"
  severity:
    - {is: critical}
  message: "{self.name} is no instance"
why: The runbooks know one engine.
remediation: Use an instance.
controls: {}
examples:
  - name: an instance
    expect: pass
    files: {main.tf: 'resource "aws_db_instance" "a" {}'}
  - name: a table
    expect: fail
    files: {main.tf: 'resource "aws_dynamodb_table" "a" {}'}
"""


def finding(path: Path, policy: str, name: str) -> dict[str, object]:
    report = json.loads(here("check", path, *AS_OF, "--format", "json").out)
    found = [each for each in report["findings"] if each["policy"] == policy and each["subject"]["name"] == name]
    assert len(found) == 1
    return dict(found[0])


def test_explain_a_policy() -> None:
    code, out, err = here("explain", "no-copy-outside-region")
    assert (code, err) == (0, "")
    assert out.startswith("# no-copy-outside-region\n\nNo copy of the data outside its region.\n")
    assert "    assert  self.protections.exists(p, p.survives.region && p.scheduled)\n" in out
    assert re.search(r"^    critical  when \S", out, re.MULTILINE)
    assert here("policy", "show", "no-copy-outside-region") == (0, out, "")


def test_explain_a_misspelt_name() -> None:
    said = "drpolicy: nothing here is called 'no-copy-outside-regin'; did you mean the policy 'no-copy-outside-region'?\n"
    assert here("explain", "no-copy-outside-regin", BEFORE, *AS_OF) == (2, "", said)


def test_explain_something_else_altogether() -> None:
    said = (
        "drpolicy: nothing here is called 'zzzz'; give a policy, a fingerprint, FILE:LINE, an address or a name (aws_db_instance.orders), "
        "what is not known (var.region), or the id of another tool's check (CKV_AWS_133)\n"
    )
    assert here("explain", "zzzz", BEFORE, *AS_OF) == (2, "", said)


def test_explain_a_fingerprint_or_its_beginning() -> None:
    print_ = str(finding(BEFORE, "database-without-backup", "aws_db_instance.reporting")["fingerprint"])
    code, out, err = here("explain", print_, BEFORE, *AS_OF)
    assert (code, err) == (0, "")
    assert out.splitlines()[0] == "FAIL  database-without-backup  high  examples/before/terraform/databases.tf:37:29"
    assert out.splitlines()[-1] == f"  fingerprint {print_}"
    assert here("explain", print_[:12], BEFORE, *AS_OF).out == out


def test_explain_a_finding_shows_how_it_was_decided() -> None:
    print_ = str(finding(BEFORE, "database-without-backup", "aws_db_instance.reporting")["fingerprint"])
    out = here("explain", print_, BEFORE, *AS_OF).out
    assert (
        "  how it was decided\n"
        '    when self.kind in ["database", "warehouse", "cache", "search"] && self.dataClass == "system-of-record": true\n'
        '      self.kind in ["database", "warehouse", "cache", "search"]: true\n'
        "        aws_db_instance.reporting: kind is database  examples/before/terraform/databases.tf:32:1\n"
    ) in out
    assert (
        "          p.works: false\n"
        "            automated backups with point-in-time recovery: switched off  examples/before/terraform/databases.tf:37:29\n"
    ) in out
    assert (
        "    severity size(self.requiredBy) > 0: true\n      service that needs it: billing  examples/before/terraform/databases.tf:32:1\n"
        in out
    )


def test_explain_what_is_not_known(tmp_path: Path) -> None:
    text = 'variable "days" {}\n\nresource "aws_db_instance" "a" {\n  backup_retention_period = var.days\n}\n'
    write(tmp_path, {"infra/main.tf": text})
    code, out, err = here("explain", "var.days", tmp_path, *AS_OF)
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[:5] == [
        "var.days of infra: variable not set",
        "  infra/main.tf:1:1",
        "  settle it: pass --var-file or --var, list the var-file in drpolicy.yaml, or give the variable a default",
        "    drpolicy check --var 'days=…'",
        "    or in drpolicy.yaml: deployments: [{path: infra, varFiles: [<file>.tfvars]}]",
    ]
    assert re.fullmatch(r"  \d verdicts wait for it", lines[5])
    assert re.search(r"^    database-without-backup  aws_db_instance\.a  [0-9a-f]{20}$", out, re.MULTILINE)
    assert here("explain", "infra:var.days", tmp_path, *AS_OF).out == out


def test_explain_an_unknown_names_the_deployment_it_is_of_and_those_that_wait_for_it(tmp_path: Path) -> None:
    plan = """variable "tier" {}

resource "aws_backup_plan" "daily" {
  name = "daily"
  rule {
    rule_name         = "daily"
    target_vault_name = "v"
    schedule          = "cron(0 3 * * ? *)"
  }
}

resource "aws_backup_selection" "some" {
  name         = "some"
  plan_id      = aws_backup_plan.daily.id
  iam_role_arn = "r"
  selection_tag {
    type  = "STRINGEQUALS"
    key   = "tier"
    value = var.tier
  }
}
"""
    table = 'resource "aws_dynamodb_table" "t" {\n  name = "t"\n  hash_key = "id"\n  tags = {\n    tier = "gold"\n  }\n}\n'
    write(tmp_path, {"backup/main.tf": plan, "orders/main.tf": table, "users/main.tf": table})
    lines = here("explain", "var.tier", tmp_path, *AS_OF).out.splitlines()
    assert lines[0] == "var.tier of backup: variable not set"
    assert "    or in drpolicy.yaml: deployments: [{path: backup, varFiles: [<file>.tfvars]}]" in lines
    assert re.fullmatch(r"  \d+ verdicts wait for it: \d of orders, \d of users", lines[5])
    assert any(line.startswith("    table-without-backup  orders//aws_dynamodb_table.t  ") for line in lines)


def test_explain_a_store_lists_its_findings_and_how_to_have_each_explained() -> None:
    code, out, err = here("explain", "aws_db_instance.reporting", BEFORE, *AS_OF)
    assert (code, err) == (0, "")
    head, *lines = out.splitlines()
    assert re.fullmatch(r"Store aws_db_instance\.reporting of examples/before/terraform: \d+ failed, .*\d+ not applicable", head)
    failed = str(finding(BEFORE, "database-without-backup", "aws_db_instance.reporting")["fingerprint"])
    at = next(number for number, line in enumerate(lines) if "  database-without-backup  " in line)
    assert lines[at : at + 3] == [
        "  FAIL     high      database-without-backup  examples/before/terraform/databases.tf:37:29",
        "    aws_db_instance.reporting has no backup that recurs",
        f"    drpolicy explain {failed}",
    ]
    assert here("explain", "examples/before/terraform//aws_db_instance.reporting", BEFORE, *AS_OF).out == out


def test_explain_a_module_lists_what_is_in_it(tmp_path: Path) -> None:
    bucket = 'resource "aws_s3_bucket" "this" {\n  bucket = "b"\n}\n\nresource "aws_dynamodb_table" "t" {\n  name = "t"\n}\n'
    write(tmp_path, {"main.tf": 'module "store" {\n  source = "./store"\n}\n', "store/main.tf": bucket})
    out = here("explain", "module.store", tmp_path, *AS_OF).out
    heads = [line.partition(" of ")[0] for line in out.splitlines() if line.startswith("Store")]
    assert sorted(heads) == ["Store module.store.aws_dynamodb_table.t", "Store module.store.aws_s3_bucket.this"]
    said = "drpolicy: nothing here is called 'module.store.aws_s3_bucket.thsi'; did you mean 'module.store.aws_s3_bucket.this'?\n"
    assert here("explain", "module.store.aws_s3_bucket.thsi", tmp_path, *AS_OF) == (2, "", said)


def test_explain_a_finding_gives_its_own_remedy(tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": 'provider "aws" {\n  region = "eu-west-1"\n}\n\nresource "aws_s3_bucket" "b" {\n  bucket = "b"\n}\n'})
    found = finding(tmp_path, "no-copy-outside-region", "aws_s3_bucket.b")
    out = here("explain", str(found["fingerprint"]), tmp_path, *AS_OF).out
    remedy = str(found["remedy"])
    assert remedy.startswith("aws_s3_bucket_replication_configuration to a bucket in another region")
    assert "  what to do\n" + "".join(f"    {line}\n" for line in remedy.splitlines()) + "  fingerprint " in out


def test_explain_an_ambiguous_fingerprint() -> None:
    code, out, err = here("explain", "", BEFORE, *AS_OF)
    assert (code, out) == (2, "")
    assert re.fullmatch(r"drpolicy: \d{2,} findings begin with ''\n", err)


@pytest.mark.parametrize("path", ["examples/before/terraform/databases.tf", "terraform/databases.tf", "databases.tf"])
def test_explain_a_line(path: str) -> None:
    code, out, err = here("explain", f"{path}:37", BEFORE, *AS_OF)
    assert (code, err) == (0, "")
    heads = [line for line in out.splitlines() if line[:1] not in ("", " ")]
    assert "FAIL  database-without-backup  high  examples/before/terraform/databases.tf:37:29" in heads
    assert all("examples/before/terraform/databases.tf:3" in out for _ in heads)


@pytest.mark.parametrize("place", ["terraform/databases.tf:9999", "nosuch.tf:1", "terraform/databases.tf:0"])
def test_explain_a_line_of_which_nothing_is_said(place: str) -> None:
    assert here("explain", place, BEFORE, *AS_OF) == (2, "", f"drpolicy: nothing is said of {place}\n")


def test_policy_list_names_every_policy_once() -> None:
    code, out, err = here("policy", "list")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[-1] == f"{len(POLICIES)} policies"
    assert sorted(line.split()[0] for line in lines[:-1] if line.startswith("  ")) == POLICIES
    folders = sorted(path.name for path in (CHECKOUT / "policies").iterdir())
    assert sorted(line for line in lines[:-1] if not line.startswith("  ")) == folders


def test_policy_test_of_one_policy() -> None:
    code, out, err = here("policy", "test", "schedule-paused")
    assert (code, err) == (0, "")
    assert re.fullmatch(r"1 polic(?:y|ies), \d+ examples: all as expected\n", out)


@pytest.mark.parametrize("action", ["show", "test"])
def test_a_policy_that_is_not_there(action: str) -> None:
    said = "drpolicy: no policy is called 'schedule-pausd'; did you mean 'schedule-paused'?\n"
    assert here("policy", action, "schedule-pausd") == (2, "", said)
    assert here("policy", action, "zzzz") == (2, "", "drpolicy: no policy is called 'zzzz'; see drpolicy policy list\n")


def test_policies_of_ones_own(tmp_path: Path) -> None:
    write(tmp_path, {"p/own.yaml": OWN_POLICY})
    code, out, err = here("policy", "test", "--directory", tmp_path / "p")
    assert (code, err) == (0, "")
    assert out.endswith("2 examples: all as expected\n")
    assert "  engine-is-postgres  Store        A database of another engine\n" in here("policy", "list", "--directory", tmp_path / "p").out


def test_an_example_with_another_verdict_is_2(tmp_path: Path) -> None:
    write(tmp_path, {"p/own.yaml": OWN_POLICY.replace("aws_dynamodb_table", "aws_db_instance")})
    code, out, err = here("policy", "test", "--directory", tmp_path / "p")
    assert (code, err) == (2, "")
    assert out.splitlines()[:4] == [
        "engine-is-postgres: a table: expected fail, got pass",
        "    - fail",
        "    + pass",
        "      pass aws_db_instance.a: not the case for aws_db_instance.a: A database of another engine",
    ]
    assert out.endswith("2 examples: not as expected\n")


def test_a_verdict_without_an_example_is_2(tmp_path: Path) -> None:
    write(tmp_path, {"p/own.yaml": OWN_POLICY[: OWN_POLICY.index("  - name: a table")]})
    code, out, err = here("policy", "test", "--directory", tmp_path / "p")
    assert (code, err) == (2, "")
    assert out.splitlines()[0] == "engine-is-postgres: no example that gives fail"


def test_a_policy_that_does_not_compile_is_shown_at_its_place(tmp_path: Path) -> None:
    write(tmp_path, {"p/own.yaml": OWN_POLICY.replace("self.type", "self.typ")})
    code, out, err = here("policy", "test", "--directory", tmp_path / "p")
    assert (code, err) == (2, "")
    said = "error: own.yaml:10:16: engine-is-postgres: spec.assert: no field 'typ' on Store; did you mean 'type'?"
    assert out.splitlines()[0] == said


@pytest.mark.parametrize("action", ["list", "test"])
def test_a_malformed_policy_is_shown_at_its_place(action: str, tmp_path: Path) -> None:
    write(tmp_path, {"p/own.yaml": OWN_POLICY.replace("  subject:", "  subjekt:")})
    code, out, err = here("policy", action, "--directory", tmp_path / "p")
    assert (code, err) == (2, "")
    assert "error: own.yaml:9:3: unknown field 'subjekt'; did you mean 'subject'?" in out.splitlines()


def test_a_directory_of_policies_that_is_none(tmp_path: Path) -> None:
    missing = tmp_path / "nosuch"
    assert here("policy", "list", "--directory", missing) == (2, "", f"drpolicy: {missing} is not a directory\n")
    code, out, err = here("policy", "list", "--directory", tmp_path)
    assert (code, err) == (2, "")
    assert out.startswith("error: . holds no policies")


@pytest.mark.parametrize("name", ["service", "evidence", "protection", "config", "report"])
def test_schema(name: str) -> None:
    code, out, err = here("schema", name)
    assert (code, err) == (0, "")
    assert json.loads(out) == json.loads((CHECKOUT / "schemas" / f"{name}.schema.json").read_text("utf-8"))


def test_demo_shows_what_check_shows_of_the_examples() -> None:
    for state, code in (("before", 1), ("after", 0)):
        shown = here("demo", state)
        assert shown == here("check", CHECKOUT / "examples" / state, *AS_OF)
        assert (shown.code, shown.err) == (code, "")
    assert here("demo") == here("demo", "before")
    assert len(here("demo", "--full").out.splitlines()) > len(here("demo").out.splitlines())


def test_demo_loses_a_region_of_the_examples() -> None:
    for state in ("before", "after"):
        shown = here("demo", state, "--lose", "ap-northeast-2")
        assert shown == here("lose", "ap-northeast-2", CHECKOUT / "examples" / state, *AS_OF)
        assert (shown.code, shown.err) == (0, "")
    assert "✗ orders" in here("demo", "--lose", "ap-northeast-2").out
    assert "✓ orders" in here("demo", "after", "--lose", "ap-northeast-2").out


@pytest.mark.parametrize("what", ["ap-northeast-2", "region:ap-northeast-2"])
def test_lose_a_region(what: str) -> None:
    code, out, err = here("lose", what, BEFORE, *AS_OF)
    assert (code, err) == (0, "")
    assert re.match(r"(region )?ap-northeast-2 is gone\b.*2026-11-01", out)
    assert [line.split()[1].rstrip(":") for line in out.splitlines() if re.match(r"[✗✓·?] ", line)] == ["orders", "billing", "catalog"]


def test_lose_a_zone_leaves_what_stands_in_another() -> None:
    code, out, err = here("lose", "az:ap-northeast-2a", BEFORE, *AS_OF)
    assert (code, err) == (0, "")
    assert re.match(r"\S*\bap-northeast-2a is gone\b|zone ap-northeast-2a is gone\b", out)
    assert re.search(r"✓ aws_db_instance\.primary\b.*standby in another zone", out)


def test_lose_an_account_says_why_copies_in_it_do_not_help() -> None:
    code, out, err = here("lose", "account:111122223333", BEFORE, *AS_OF)
    assert (code, err) == (0, "")
    assert re.match(r"account.111122223333 is gone\b", out)
    assert "in the same account, not locked" in out


def test_lose_a_region_in_which_nothing_is() -> None:
    code, out, err = here("lose", "eu-west-1", AFTER, *AS_OF)
    assert (code, err) == (0, "")
    assert "no store of record is there; they are in: ap-northeast-2\n" in out
    assert out.splitlines()[-1] == "0 of 3 services affected"


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("ap-northeast-2a", "'ap-northeast-2a' is a zone, not a region; did you mean az:ap-northeast-2a?"),
        ("us-west-2-lax-1a", "'us-west-2-lax-1a' is a zone, not a region; did you mean az:us-west-2-lax-1a?"),
        ("111122223333", "'111122223333' is not a region; did you mean account:111122223333?"),
        ("ap northeast", "'ap northeast' is not a region that is known; did you mean ap-northeast-1 or ap-northeast-2?"),
        ("eu-wset-1", "'eu-wset-1' is not a region that is known; did you mean eu-west-1?"),
        ("AP-NORTHEAST-2", "'AP-NORTHEAST-2' is not a region that is known; did you mean ap-northeast-2?"),
        ("az:ap-northeast-2", "'ap-northeast-2' is a region, not a zone; did you mean ap-northeast-2, or az:ap-northeast-2a?"),
        ("az:nowhere", "'nowhere' is not a zone of a region that is known; write it as az:ap-northeast-1a"),
        ("account:production", "'production' is not the number of an account: it has 12 digits"),
    ],
)
def test_what_is_no_place_is_a_usage_error_that_says_what_to_write(what: str, said: str) -> None:
    assert here("lose", what, AFTER, *AS_OF) == (2, "", f"drpolicy: {said}\n")


def test_a_region_that_only_the_files_name_can_be_lost(tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": 'provider "aws" {\n  region = "xx-new-1"\n}\n' + DATABASE})
    code, out, err = here("lose", "xx-new-1", tmp_path, *AS_OF)
    assert (code, err) == (0, "")
    assert "✗ aws_db_instance.orders" in out


def test_a_loss_as_json_says_what_the_text_says() -> None:
    code, out, err = here("lose", "ap-northeast-2", BEFORE, *AS_OF, "--format", "json")
    assert (code, err) == (0, "")
    document = json.loads(out)
    assert document["lost"] == {"kind": "region", "name": "ap-northeast-2"}
    assert (document["as_of"], document["stores_are_in"]) == ("2026-11-01", ["ap-northeast-2"])
    counted = {"lost": 3, "misses": 0, "unknown": 0, "unproven": 0, "undeclared": 0, "meets": 0, "unaffected": 0}
    assert document["summary"] == {"services": counted, "stores_affected": 7, "modules_not_read": 0, "unclaimed_stores_lost": 1}
    orders = document["services"][0]
    assert (orders["name"], orders["outcome"], orders["affected"]) == ("orders", "lost", True)
    assert orders["objectives"] == {"declared": True, "rpo": 900, "rto": 3600}
    primary = next(each for each in orders["stores"] if each["name"] == "aws_db_instance.primary")
    assert (primary["gone"], primary["recoverable"], primary["lost"], primary["doubts"]) == (True, True, False, [])
    assert primary["recovery"]["rpo"]["worst"] is None
    assert primary["copies"][0]["text"] == "from ap-northeast-1: read replica, continuous, lag without a bound"
    assert primary["copies"][0]["location"]["line"] == 14
    assert {"text": "cluster primary is gone"}.items() <= document["also"][0].items()


@pytest.mark.parametrize("what", ["zone:ap-northeast-2a", "az:", ":x", "account:"])
def test_lose_something_that_cannot_be_lost(what: str) -> None:
    assert here("lose", what, BEFORE, *AS_OF) == (2, "", f"drpolicy: {what!r} is not a region, az:ZONE or account:NUMBER\n")


def test_lose_with_an_invalid_declaration_is_2_and_says_it_on_stderr(tmp_path: Path) -> None:
    write(
        tmp_path, {"main.tf": DATABASE, "svc.yaml": "apiVersion: drpolicy.dev/v1\nkind: Service\nmetadata: {name: a}\nspec: {owner: 1h}\n"}
    )
    code, out, err = here("lose", "ap-northeast-2", tmp_path, *AS_OF)
    assert code == 2
    assert "aws_db_instance.orders" in out
    assert err.splitlines()[0] == "error: svc.yaml:4:1: 'stores' is missing in 'spec'"


def test_variables_of_the_environment_count_only_when_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TF_VAR_days", "7")
    main = 'variable "days" {}\nresource "aws_db_instance" "x" {\n  identifier = "x"\n  backup_retention_period = var.days\n}\n'
    path = write(tmp_path, {"main.tf": main})

    def verdict(*options: str) -> str:
        ran = here("check", path, *AS_OF, "--format", "json", *options)
        (found,) = (each for each in json.loads(ran.out)["findings"] if each["policy"] == "database-without-backup")
        return str(found["verdict"])

    assert (verdict(), verdict("--env-vars")) == ("unknown", "pass")


def test_export_prints_what_check_takes_as_context(tmp_path: Path) -> None:
    root = write(tmp_path / "platform", {"main.tf": 'resource "aws_backup_vault" "v" {\n  name = "v"\n}\n' + DATABASE})
    printed = here("export", root, "--name", "platform", *AS_OF)
    assert (printed.code, printed.err) == (0, "")
    assert [each["address"] for each in json.loads(printed.out)["resources"]] == ["aws_backup_vault.v"]
    context = tmp_path / "platform.json"
    context.write_text(printed.out)
    report = json.loads(here("check", root, "--context", context, *AS_OF, "--format", "json").out)
    assert any("is the export of platform, 2026-11-01" in str(each) for each in report["coverage"]["inferred"])
