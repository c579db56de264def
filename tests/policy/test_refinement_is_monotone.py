"""DESIGN section 3: setting what was unknown never turns a PASS into a FAIL or back.

Small estates are written with variables nobody sets; then the same files are read again with some or all of them set.
A finding may become decided, and may vanish with its subject; one that was decided stays as it was.
"""

from __future__ import annotations

import re
import sys
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from drpolicy.app.policies import load_policies
from drpolicy.app.reading import read_tree
from drpolicy.catalog.load import built_in_catalog
from drpolicy.model.findings import Verdict
from drpolicy.policy.context import Context
from drpolicy.policy.engine import judge
from drpolicy.policy.subjects import fingerprint_of_subject
from drpolicy.recovery.build import build_estate
from drpolicy.sources.trees import MemoryTree

sys.setrecursionlimit(20_000)  # what the command line runs with

POLICIES = load_policies(MemoryTree({}), None, "").compiled
DECIDED = (Verdict.PASS, Verdict.FAIL)

VARIABLES = {
    "region": ("string", ("eu-west-1", "eu-central-1")),
    "dr_region": ("string", ("eu-west-1", "eu-central-1")),
    "days": ("number", ("0", "1", "14")),
    "on": ("bool", ("true", "false")),
    "also": ("bool", ("true", "false")),
    "copies": ("number", ("0", "1", "2")),
    "names": ("set(string)", ("[]", '["a"]', '["a", "b"]')),
    "regions": ("set(string)", ("[]", '["eu-central-1"]', '["eu-west-1"]')),
    "status": ("string", ("Enabled", "Disabled", "Suspended")),
    "prefix": ("string", ("shop", "x")),
    "tag": ("string", ("daily", "never")),
    "schedule": ("string", ("cron(0 * * * ? *)", "cron(0 5 * * ? *)", "cron(0 0 31 2 ? *)")),
    "alias": ("string", ("data", "other")),
    "minutes": ("number", ("15", "60", "600")),
    "time": ("string", ("15m", "1h", "10h")),
    "approach": ("string", ("activeActive", "activePassive")),
    "key": (
        "string",
        ("arn:aws:kms:eu-west-1:1:key/a", "arn:aws:kms:eu-central-1:1:key/a", "arn:aws:kms:eu-west-1:1:key/mrk-a", "alias/a", "a"),
    ),
    "many": ("bool", ("true", "false")),
    "labels": ("map(string)", ("{}", '{tier="critical"}', '{tier="bronze", rto="1h"}')),
}
"""Type and values of each variable; values are written as ``--var`` takes them."""

BOOLEANS = ("true", "false", "var.on", "var.also", "!var.on")
REGIONS = ('"eu-west-1"', '"eu-central-1"', "var.region", "var.dr_region")
DAYS = ("", "0", "14", "var.days", "var.on ? 14 : 0", "var.on ? var.days : 7")
LOOPS = ("", "count = 2", "count = var.copies", "count = var.on ? 1 : 0", "for_each = var.names")
STATUS = ('"Enabled"', '"Disabled"', "var.status", 'var.on ? "Enabled" : "Suspended"')
ESCROW = '"arn:aws:backup:eu-central-1:444455556666:backup-vault:escrow"'
CLASSES = ('"db.r6g.large"', '"db.r6g.xlarge"', "var.prefix", 'var.on ? "db.r6g.large" : var.prefix')
NAMES = ('"shop-data"', '"${var.prefix}-data"', "var.alias")
TAGS = (
    "",
    'tags = { plan = "daily" }',
    "tags = { plan = var.tag }",
    'tags = var.on ? { plan = "daily" } : {}',
    'tags = { tier = "critical", rto = var.time }',
    "tags = var.labels",
    'tags = merge({ rto = "4h" }, var.labels)',
)
KEYS = (
    "null",
    "var.key",
    "aws_kms_key.k.arn",
    "aws_kms_key.far.arn",
    "aws_kms_replica_key.far.arn",
    "var.on ? aws_kms_key.k.arn : null",
    "var.on ? var.key : null",
    '"arn:aws:kms:${var.region}:1:key/a"',
    '"arn:aws:kms:eu-west-1:1:key/${var.alias}"',
    'var.on ? "arn:aws:kms:eu-west-1:1:key/a" : "arn:aws:kms:eu-central-1:1:key/a"',
)
REFERENCES = (
    "aws_db_instance.db",
    '"aws_db_instance.db[*]"',
    "'aws_db_instance.db[\"a\"]'",
    '"aws_db_instance.db[1]"',
    "'arn:aws:rds:eu-west-1:111122223333:db:db'",
    "aws_s3_bucket.data",
    "aws_dynamodb_table.t",
)
LABELS = "apiVersion: drpolicy.dev/v1\nkind: Config\ntiers:\n  critical: {objectives: {region: {rto: 4h, rpo: 1h}}}\n"


def one(*texts: str) -> st.SearchStrategy[str]:
    return st.sampled_from(texts)


@st.composite
def database(draw: st.DrawFn) -> str:
    loop, days = draw(one(*LOOPS)), draw(one(*DAYS))
    index = {"": "", "coun": "[0]", "for_": '["a"]'}[loop[:4]]
    lines = [
        'resource "aws_db_instance" "db" {',
        f"  {loop}",
        '  identifier = "db"' if not loop else "",
        f"  backup_retention_period = {days}" if days else "",
        f"  multi_az = {draw(one(*BOOLEANS))}",
        f"  instance_class = {draw(one(*CLASSES))}",
        f"  storage_encrypted = {draw(one(*BOOLEANS))}",
        f"  {draw(one('', 'kms_key_id = var.alias', 'kms_key_id = aws_kms_key.k.arn'))}",
        f"  delete_automated_backups = {draw(one(*BOOLEANS))}",
        f"  copy_tags_to_snapshot = {draw(one(*BOOLEANS))}",
        f"  deletion_protection = {draw(one(*BOOLEANS))}",
        f"  skip_final_snapshot = {draw(one(*BOOLEANS))}",
        f"  {draw(one(*TAGS))}",
        "}",
    ]
    if draw(st.booleans()):
        lines += [
            'resource "aws_db_instance" "replica" {',
            f"  {draw(one('', 'count = var.on ? 1 : 0', 'count = var.copies'))}",
            "  provider = aws.dr",
            f"  instance_class = {draw(one(*CLASSES))}",
            f"  replicate_source_db = {draw(one(f'aws_db_instance.db{index}.arn', 'var.on ? aws_db_instance.db' + index + '.arn : null'))}",
            f"  backup_retention_period = {draw(one(*DAYS[1:]))}",
            f"  kms_key_id = {draw(one(*KEYS))}",
            "}",
        ]
    if draw(st.booleans()):
        lines += [
            'resource "aws_db_instance_automated_backups_replication" "copied" {',
            "  provider = aws.dr",
            f"  source_db_instance_arn = aws_db_instance.db{index}.arn",
            f"  kms_key_id = {draw(one(*KEYS))}",
            "}",
        ]
    return "\n".join(line for line in lines if line.strip())


@st.composite
def bucket(draw: st.DrawFn) -> str:
    destination = draw(one("aws_s3_bucket.copy.arn", '"arn:aws:s3:::shop-copy"', '"arn:aws:s3:::${var.prefix}-copy"'))
    name = draw(one(*NAMES))
    key = f"replica_kms_key_id = {draw(one(*KEYS))}"
    block = "encryption_configuration"
    dynamic = f'dynamic "{block}" {{\n        for_each = var.names\n        content {{\n          {key}\n        }}\n      }}'
    encryption = draw(one("", f"{block} {{\n        {key}\n      }}", dynamic))
    # A literal that may be the name of a bucket whose own name is not known: the test below says what is wrong there.
    source = draw(one("aws_s3_bucket.data.id", "var.alias", *(['"shop-data"'] if name == NAMES[0] else [])))
    return f"""
resource "aws_s3_bucket" "data" {{
  bucket = {name}
  force_destroy = {draw(one(*BOOLEANS))}
}}
resource "aws_s3_bucket" "copy" {{
  provider = aws.dr
  bucket = {draw(one('"shop-copy"', '"${var.prefix}-copy"'))}
}}
resource "aws_s3_bucket_versioning" "data" {{
  {draw(one("", "count = var.on ? 1 : 0", "for_each = var.names"))}
  bucket = {source}
  versioning_configuration {{
    status = {draw(one(*STATUS))}
  }}
}}
resource "aws_s3_bucket_versioning" "copy" {{
  {draw(one("", "count = var.copies"))}
  bucket = aws_s3_bucket.copy.id
  versioning_configuration {{
    status = {draw(one(*STATUS))}
  }}
}}
resource "aws_s3_bucket_replication_configuration" "data" {{
  {draw(one("", "count = var.also ? 1 : 0"))}
  bucket = aws_s3_bucket.data.id
  rule {{
    status = {draw(one(*STATUS))}
    destination {{
      bucket = {destination}
      {encryption}
    }}
  }}
}}
resource "aws_s3_bucket_lifecycle_configuration" "data" {{
  {draw(one("", "count = var.also ? 1 : 0", "count = var.copies"))}
  bucket = {draw(one("aws_s3_bucket.data.id", "var.alias"))}
  rule {{
    status = {draw(one(*STATUS))}
    noncurrent_version_expiration {{
      noncurrent_days = {draw(one("1", "30", "var.days"))}
    }}
  }}
}}
resource "aws_s3_bucket_object_lock_configuration" "data" {{
  {draw(one("count = 0", "count = var.also ? 1 : 0"))}
  bucket = aws_s3_bucket.data.id
  rule {{
    default_retention {{
      mode = "COMPLIANCE"
      days = 14
    }}
  }}
}}
"""


@st.composite
def table(draw: st.DrawFn) -> str:
    replica = draw(
        one(
            "",
            "replica {\n    region_name = var.dr_region\n  }",
            f"replica {{\n    region_name = var.dr_region\n    kms_key_arn = {draw(one(*KEYS))}\n  }}",
            'dynamic "replica" {\n    for_each = var.regions\n    content {\n      region_name = replica.value\n    }\n  }',
        )
    )
    return f"""
resource "aws_dynamodb_table" "t" {{
  {draw(one("", "count = var.on ? 1 : 0"))}
  name = "t"
  {draw(one(*TAGS))}
  deletion_protection_enabled = {draw(one(*BOOLEANS))}
  point_in_time_recovery {{
    enabled = {draw(one(*BOOLEANS))}
  }}
  {replica}
}}
"""


@st.composite
def plan(draw: st.DrawFn) -> str:
    vault = draw(one("aws_backup_vault.dr.arn", '"arn:aws:backup:eu-central-1:${var.prefix}:backup-vault:x"', ESCROW))
    copy = draw(one("", f"copy_action {{\n      destination_vault_arn = {vault}\n    }}"))
    lines = f"""
resource "aws_backup_vault" "here" {{
  name = "here"
}}
resource "aws_backup_vault" "dr" {{
  provider = aws.dr
  name = "dr"
  kms_key_arn = {draw(one(*KEYS))}
}}
resource "aws_backup_vault_lock_configuration" "here" {{
  {draw(one("count = 0", "count = var.also ? 1 : 0", "for_each = var.names"))}
  backup_vault_name = {draw(one("aws_backup_vault.here.name", '"here"', "var.alias"))}
  changeable_for_days = {draw(one("3", "var.on ? 3 : null", "null"))}
}}
resource "aws_backup_vault_policy" "here" {{
  {draw(one("count = 0", "count = var.on ? 1 : 0"))}
  backup_vault_name = aws_backup_vault.here.name
  policy = {draw(one("var.alias", 'jsonencode({Effect = "Deny", Action = "backup:DeleteRecoveryPoint"})'))}
}}
resource "aws_backup_plan" "p" {{
  name = "p"
  rule {{
    rule_name = "r"
    target_vault_name = aws_backup_vault.here.name
    {draw(one('schedule = "cron(0 5 * * ? *)"', "schedule = var.schedule", ""))}
    lifecycle {{
      delete_after = {draw(one("35", "var.days", "1"))}
    }}
    {copy}
  }}
}}
resource "aws_backup_selection" "s" {{
  {draw(one("", "count = var.on ? 1 : 0", "count = var.copies"))}
  plan_id = aws_backup_plan.p.id
"""
    choice = draw(one("resources", "wildcard", "variable", "tag", "tag variable", "everything but"))
    lines += {
        "resources": "  resources = [aws_dynamodb_table.t.arn, aws_db_instance.db.arn]\n",
        "wildcard": '  resources = ["arn:aws:dynamodb:*:*:table/*"]\n',
        "variable": "  resources = [var.alias]\n",
        "tag": '  selection_tag {\n    type = "STRINGEQUALS"\n    key = "plan"\n    value = "daily"\n  }\n',
        "tag variable": '  selection_tag {\n    type = "STRINGEQUALS"\n    key = "plan"\n    value = var.tag\n  }\n',
        "everything but": '  resources = ["*"]\n  not_resources = [var.alias]\n',
    }[choice]
    return lines + "}\n"


@st.composite
def components(draw: st.DrawFn) -> str:
    return f"""
resource "aws_autoscaling_group" "g" {{
  {draw(one(*LOOPS))}
  vpc_zone_identifier = {draw(one('["a"]', '["a", "b"]', "var.names", 'var.on ? ["a"] : ["a", "b"]'))}
  health_check_type = {draw(one('"ELB"', '"EC2"', 'var.on ? "ELB" : "EC2"', "var.alias"))}
  target_group_arns = {draw(one("[]", '["t"]', "var.names"))}
}}
resource "aws_lb" "l" {{
  load_balancer_type = {draw(one('"network"', '"application"', 'var.on ? "network" : "application"'))}
  subnets = {draw(one('["a"]', "var.names"))}
  enable_deletion_protection = {draw(one(*BOOLEANS))}
}}
resource "aws_kms_key" "k" {{
  multi_region = {draw(one("null", "false", "true", "var.many"))}
  deletion_window_in_days = {draw(one("7", "30", "var.days", "var.on ? 7 : 30"))}
}}
resource "aws_kms_replica_key" "far" {{
  {draw(one("", "count = var.also ? 1 : 0"))}
  provider = aws.dr
  primary_key_arn = {draw(one("aws_kms_key.k.arn", "var.key"))}
}}
resource "aws_kms_key" "far" {{
  provider = aws.dr
}}
"""


@st.composite
def policy_of_resilience_hub(draw: st.DrawFn) -> str:
    times = ('"1h"', '"4h"', "var.time", 'var.on ? "4h" : "1h"')
    policy = "aws_resiliencehub_resiliency_policy.p"
    region = f"region {{\n      rto = {draw(one(*times))}\n      rpo = {draw(one(*times))}\n    }}"
    return f"""
resource "aws_resiliencehub_resiliency_policy" "p" {{
  {draw(one("", "count = var.on ? 1 : 0", "count = var.copies"))}
  name = "p"
  policy {{
    {draw(one(region, ""))}
  }}
}}
resource "aws_resiliencehub_app" "a" {{
  name = "a"
  resiliency_policy_arn = {draw(one(f"{policy}.arn", f"var.on ? {policy}.arn : null", f"{policy}[0].arn"))}
}}
"""


@st.composite
def region_switch_plan(draw: st.DrawFn) -> str:
    workflow = f"""
    workflow_target_action = "activate"
    {draw(one("", "workflow_target_region = var.dr_region"))}
    {draw(one("step {", 'dynamic "step" {'))}
"""
    steps = {
        "step {": '      name = "a"\n      execution_block_type = "ManualApproval"\n    }\n',
        'dynamic "step" {': "      for_each = var.names\n      content {\n        name = step.value\n      }\n    }\n",
    }
    workflow += next(text for start, text in steps.items() if start in workflow)
    blocks = (f"workflow {{{workflow}  }}", f'dynamic "workflow" {{\n    for_each = var.names\n    content {{{workflow}    }}\n  }}', "")
    return f"""
resource "aws_arcregionswitch_plan" "s" {{
  {draw(one("", "count = var.also ? 1 : 0"))}
  recovery_approach = {draw(one('"activePassive"', "var.approach"))}
  regions = {draw(one('["eu-west-1", "eu-central-1"]', "[var.region, var.dr_region]", "var.regions"))}
  {draw(one("", 'primary_region = "eu-west-1"', "primary_region = var.region"))}
  recovery_time_objective_minutes = {draw(one("60", "var.minutes", "var.on ? 60 : 600"))}
  {draw(one(*blocks))}
}}
"""


@st.composite
def estates(draw: st.DrawFn) -> dict[str, str]:
    head = "".join(f'variable "{name}" {{\n  type = {kind}\n}}\n' for name, (kind, _) in VARIABLES.items())
    head += f'provider "aws" {{\n  region = {draw(one(*REGIONS))}\n}}\n'
    head += f'provider "aws" {{\n  alias = "dr"\n  region = {draw(one(*REGIONS))}\n}}\n'
    parts = [
        draw(each())
        for each in (database, bucket, table, plan, components, policy_of_resilience_hub, region_switch_plan)
        if draw(st.booleans())
    ]
    files = {"main.tf": head + "\n".join(parts)}
    if draw(st.booleans()):
        files["service.yaml"] = (
            "apiVersion: drpolicy.dev/v1\nkind: Service\nmetadata: {name: shop}\nspec:\n  owner: team\n"
            + draw(one("  tier: critical\n", ""))
            + draw(one("  objectives:\n    region: {rto: 4h, rpo: 1h}\n    corruption: {rto: 4h, rpo: 24h}\n", ""))
            + draw(one("", "  resilienceHub: aws_resiliencehub_resiliency_policy.p\n", "  resilienceHub: aws_resiliencehub_app.a\n"))
            + draw(one("", "  regionSwitch: aws_arcregionswitch_plan.s\n"))
            + draw(one("", "  regions: {primary: eu-west-1, dr: [eu-central-1]}\n", "  strategy: pilot-light\n"))
            + f"  stores:\n    - {{ref: {draw(one(*REFERENCES))}}}\n"
        )
        files["drpolicy.yaml"] = LABELS + draw(one("", "tags: {tier: [tier], rto: [rto]}\n", "tags: {rto: [rto], disruption: region}\n"))
    return files


CONTEXT = Context()
assignments = st.fixed_dictionaries({name: st.sampled_from(values) for name, (_, values) in VARIABLES.items()})


def verdicts(files: dict[str, str], variables: dict[str, str]) -> dict[tuple[str, str], Verdict]:
    """Return the verdict of every policy on every subject, by the policy and the subject's whole identity."""
    inputs = read_tree(MemoryTree(files), variables=variables).inputs
    estate = build_estate(inputs, built_in_catalog(), date(2026, 11, 1))
    found: dict[tuple[str, str], Verdict] = {}
    for policy in POLICIES:
        given = {each.fingerprint: each for each in judge([policy], estate, CONTEXT).every()}
        for subject in () if policy.document.observed_only else getattr(estate, policy.subjects):
            finding = given[fingerprint_of_subject(policy.document, subject, CONTEXT)]
            key = (finding.policy, f"{getattr(subject, 'mechanism', '')} {subject.key}")
            assert key not in found or found[key] is finding.verdict or "[*]" in key[1], f"two subjects are {key}"
            found[key] = finding.verdict
    return found


def turned(before: dict[tuple[str, str], Verdict], after: dict[tuple[str, str], Verdict]) -> list[str]:
    """Return each decided verdict that became the opposite one. ``[*]`` stands for any instance."""
    wrong = []
    for (policy, subject), verdict in before.items():
        if verdict not in DECIDED:
            continue
        opposite = DECIDED[verdict is Verdict.PASS]
        if "[*]" not in subject:
            same = [(policy, subject)] if (policy, subject) in after else []
        else:
            pattern = re.compile(re.escape(subject).replace(r"\[\*\]", r"\[[^\]]+\]"))
            same = [key for key in after if key[0] == policy and pattern.fullmatch(key[1])]
        wrong += [f"{policy} on {subject}: {verdict.value}, then {opposite.value} on {key[1]}" for key in same if after[key] is opposite]
    return wrong


@settings(max_examples=70, deadline=None)
@given(files=estates(), values=assignments, some=st.sets(st.sampled_from(sorted(VARIABLES))))
def test_setting_variables_never_turns_a_verdict_round(files: dict[str, str], values: dict[str, str], some: set[str]) -> None:
    nothing = verdicts(files, {})
    part = verdicts(files, {name: values[name] for name in some})
    everything = verdicts(files, values)
    assert turned(nothing, part) == []
    assert turned(part, everything) == []
    assert turned(nothing, everything) == []


def test_a_copy_that_may_be_in_another_region_is_no_region_of_the_store() -> None:
    text = """
variable "region" {
  type = string
}
provider "aws" {
  region = var.region
}
provider "aws" {
  alias  = "dr"
  region = "eu-central-1"
}
resource "aws_s3_bucket" "data" {
  bucket = "shop-data"
}
resource "aws_s3_bucket" "copy" {
  provider = aws.dr
  bucket   = "shop-copy"
}
resource "aws_s3_bucket_versioning" "data" {
  bucket = aws_s3_bucket.data.id
  versioning_configuration {
    status = "Enabled"
  }
}
resource "aws_s3_bucket_versioning" "copy" {
  bucket = aws_s3_bucket.copy.id
  versioning_configuration {
    status = "Enabled"
  }
}
resource "aws_s3_bucket_replication_configuration" "data" {
  bucket = aws_s3_bucket.data.id
  rule {
    status = "Enabled"
    destination {
      bucket = aws_s3_bucket.copy.arn
    }
  }
}
"""
    service = (
        "apiVersion: drpolicy.dev/v1\nkind: Service\nmetadata: {name: shop}\nspec: {owner: team, stores: [{ref: aws_s3_bucket.data}]}\n"
    )
    files = {"main.tf": text, "service.yaml": service}
    key = ("service-in-one-region", " service//shop")
    told = {region: verdicts(files, {"region": region} if region else {})[key] for region in ("", "eu-west-1", "eu-central-1")}
    assert told == {"": Verdict.UNKNOWN, "eu-west-1": Verdict.PASS, "eu-central-1": Verdict.FAIL}


def test_a_literal_may_be_the_name_of_a_bucket_whose_name_is_not_known() -> None:
    text = """
variable "prefix" {
  type = string
}
provider "aws" {
  region = "eu-west-1"
}
resource "aws_s3_bucket" "data" {
  bucket = "${var.prefix}-data"
}
resource "aws_s3_bucket_versioning" "data" {
  bucket = "shop-data"
  versioning_configuration {
    status = "Enabled"
  }
}
"""
    files = {"main.tf": text}
    assert turned(verdicts(files, {}), verdicts(files, {"prefix": "shop"})) == []
