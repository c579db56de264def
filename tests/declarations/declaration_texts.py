"""Documents that several tests read: complete ones, and ones with a single fault."""

from __future__ import annotations

from drpolicy.model.findings import Diagnostic
from drpolicy.model.spans import Source
from drpolicy.sources.documents import Document
from drpolicy.sources.yaml_documents import documents

SERVICE = """\
apiVersion: drpolicy.dev/v1
kind: Service
metadata:
  name: orders
  labels: {domain: commerce}
spec:
  owner:
    team: team-orders
    contacts:
      - {role: incident commander, rota: "https://rota.example.com/orders"}
  environment: production
  tier: critical
  objectives:
    region: {rto: 1h, rpo: 15m}
    corruption: {rpo: PT1H}
  strategy: pilot-light
  regions: {primary: ap-northeast-2, dr: [ap-northeast-1]}
  stores:
    - {name: orders-db, class: system-of-record, ref: envs/prod//aws_db_instance.primary}
    - kubernetes: {cluster: prod-seoul, namespace: production}
  clusters: {primary: prod-seoul, dr: [prod-tokyo]}
  runbook: {path: docs/orders.md, lastReviewed: 2026-09-30}
  dependsOn:
    - {service: payments}
    - {service: mail, kind: soft}
  testing: {maxAge: 31d}
"""

MINIMAL = """\
apiVersion: drpolicy.dev/v1
kind: Service
metadata: {name: pages}
spec: {owner: team-web, stores: []}
"""

EVIDENCE = """\
apiVersion: drpolicy.dev/v1
kind: Evidence
metadata: {name: orders-2026-10}
spec:
  service: orders
  kind: failover
  date: 2026-10-20
  environment: isolated
  stores: [orders-db]
  outcome: passed
  measured: {rto: 48m, rpo: 6m}
  application: passed
  integrity: failed
  recordedBy:
    job: https://ci.example.com/jobs/4711
    artefacts:
      - {path: evidence/run.json, sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08}
  approver: {role: head of operations}
"""

PROTECTION = """\
apiVersion: drpolicy.dev/v1
kind: Protection
metadata: {name: central-backup}
spec:
  stores: {refs: [aws_db_instance.primary], types: [aws_efs_file_system]}
  mechanism: aws-backup
  region: ap-northeast-1
  account: "123456789012"
  gap: 24h
  retention: 35d
  owner: team-platform
  reviewedUntil: 2027-03-31
"""

CONFIG = """\
apiVersion: drpolicy.dev/v1
kind: Config
deployments:
  - {path: envs/prod, name: prod, environment: production, account: "123456789012", varFiles: [prod.tfvars]}
  - path: envs/dev
environments:
  production: {production: true}
  dev: {production: false}
clusters:
  - {name: tokyo, region: ap-northeast-1, role: dr, paths: ["kubernetes/dr/**"], deployment: prod}
tiers:
  critical:
    objectives: {all: {rto: 4h, rpo: 1h}}
    testing: {maxAge: 31d}
policies:
  directories: [policies]
  disable: [no-dr-drill]
  params:
    backup-not-tested: {maxAge: 31d}
  severity:
    no-copy-outside-region: high
scope:
  elsewhere: [aws-backup]
  include: ["infra/**"]
  exclude: ["**/testdata/**"]
waivers:
  - waivers.yaml
  - {policy: no-dr-drill, subject: "orders*", reason: moved to November, until: 2026-11-30, owner: team-orders}
defaults: {region: ap-northeast-2}
live: {endpointUrl: "http://127.0.0.1:5000", regions: [ap-northeast-2]}
"""

REGISTER = """\
apiVersion: drpolicy.dev/v1
kind: WaiverRegister
waivers:
  - policy: no-copy-outside-region
    subject: aws_s3_bucket.media
    reason: rebuilt from the origin
    until: 2027-03-31
    owner: team-media
    approver: head of operations
    ticket: OPS-4711
"""

POLICY = """\
apiVersion: drpolicy.dev/v1
kind: Policy
metadata: {id: own-rule, title: A rule of our own, antiPattern: recoverability, aliases: [old-rule]}
spec:
  subject: Store
  params: {maxAge: 31d}
  when: self.dataClass == "system-of-record"
  assert: self.type == "aws_db_instance"
  severity: [{when: self.multiAz, is: high}, {is: low}]
  message: "{self.name}"
why: We said so.
remediation: Do as we said.
examples:
  - {name: an instance, expect: pass, files: {main.tf: 'resource "aws_db_instance" "a" {}'}}
"""

GOOD = {
    "Service": (SERVICE, MINIMAL),
    "Evidence": (EVIDENCE,),
    "Protection": (PROTECTION,),
    "Config": (CONFIG,),
    "Policy": (POLICY,),
}

FAULTS = {
    "Policy": (
        ("id: own-rule", "id: Own Rule"),
        ("aliases: [old-rule]", "aliases: [Old Rule]"),
        ("subject: Store", "subject: Stores"),
        ("{is: low}", "{is: lowest}"),
        ("expect: pass", "expect: passed"),
        ("why: We said so.\n", ""),
    ),
    "Service": (
        ("name: orders", "name: Orders API"),
        ("name: orders", "nam: orders"),
        ("team: team-orders", "teem: team-orders"),
        ("rto: 1h", "rto: 1"),
        ("rto: 1h", "rto: 1 hour"),
        ("rto: 1h", "rt0: 1h"),
        ("corruption: {rpo: PT1H}", "corruption: {}"),
        ("corruption: {rpo: PT1H}", "fire: {rpo: PT1H}"),
        ("pilot-light", "pilotlight"),
        ("class: system-of-record", "class: gold"),
        ("{cluster: prod-seoul, namespace: production}", "{cluster: prod-seoul}"),
        ("    - kubernetes:", "    - ref: a\n      kubernetes:"),
        (", ref: envs/prod//aws_db_instance.primary", ""),
        ("2026-09-30", "30.09.2026"),
        ("docs/orders.md", "/docs/orders.md"),
        ("kind: soft", "kind: weak"),
        ("dr: [ap-northeast-1]", "dr: ap-northeast-1"),
        ("tier: critical", "tier:"),
        ("tier: critical", "tier: 0"),
        ("tier: critical", 'tier: " "'),
        ("  testing: {maxAge: 31d}", "  waivers: []"),
        ("drpolicy.dev/v1", "drpolicy.dev/v2"),
    ),
    "Evidence": (
        ("kind: failover", "kind: rehearsal"),
        ("outcome: passed", "outcome: true"),
        ("outcome: passed", "outcome: ok"),
        ("  date: 2026-10-20\n", ""),
        ("measured: {rto: 48m, rpo: 6m}", "measured: {}"),
        ("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "9f86d081"),
        ("approver: {role: head of operations}", "approver: Jane"),
    ),
    "Protection": (
        ("stores: {refs: [aws_db_instance.primary], types: [aws_efs_file_system]}", "stores: {}"),
        ("refs: [aws_db_instance.primary]", "refs: []"),
        ('"123456789012"', "123456789012"),
        ("  reviewedUntil: 2027-03-31\n", ""),
        ("gap: 24h", "gap: daily"),
    ),
    "Config": (
        ("path: envs/dev", "path: /envs/dev"),
        ("production: {production: true}", "production: {production: yes}"),
        ("role: dr", "role: standby"),
        ('paths: ["kubernetes/dr/**"]', "paths: []"),
        ("objectives: {all: {rto: 4h, rpo: 1h}}", "objectives: {rto: 4h, rpo: 1h}"),
        ("no-copy-outside-region: high", "no-copy-outside-region: huge"),
        ("disable: [no-dr-drill]", 'disable: ["no-*"]'),
        ("policy: no-dr-drill", 'policy: "*"'),
        ("reason: moved to November, ", ""),
        ("http://127.0.0.1:5000", "127.0.0.1:5000"),
        ("scope:", "scopes:"),
    ),
}


def with_fault(text: str, good: str, bad: str) -> str:
    """Return a document with one place replaced."""
    assert good in text
    return text.replace(good, bad, 1)


def read(text: str, path: str = "service.yaml") -> list[Document]:
    """Return the documents of a text, which must be YAML."""
    found = documents(Source(path, text))
    assert found.problems == ()
    return list(found.documents)


def told(diagnostics: tuple[Diagnostic, ...]) -> list[tuple[str, str, str]]:
    """Return place, spanned text and message of each diagnostic."""
    return [(str(each.span), each.span.text if each.span else "", each.message) for each in diagnostics]
