"""Small reports built by hand from the model, for the tests of every format."""

from __future__ import annotations

from typing import Any

from drpolicy.model.durations import UNBOUNDED, Duration, parse_duration
from drpolicy.model.estate import Inference
from drpolicy.model.findings import (
    BaselineMark,
    Diagnostic,
    Evidence,
    Finding,
    Grade,
    OpenQuestion,
    Severity,
    SubjectReference,
    Verdict,
    WaiverMark,
)
from drpolicy.model.provenance import Written
from drpolicy.model.ranges import Range
from drpolicy.model.reasons import Reason
from drpolicy.model.records import replace
from drpolicy.model.report import (
    Change,
    Comparison,
    Coverage,
    DeploymentFacts,
    GateFacts,
    PolicyFacts,
    Report,
    RunFacts,
    ServiceFacts,
    TargetFacts,
)
from drpolicy.model.spans import Source, Span
from drpolicy.model.values import Unknown

DATABASES = Source(
    "terraform/databases.tf",
    """resource "aws_db_instance" "primary" {
  identifier              = "primary-db"
  multi_az                = true
  backup_retention_period = 7
}

resource "aws_db_instance" "reporting" {
  identifier              = "reporting-db"
  backup_retention_period = 0
  skip_final_snapshot     = true
}

resource "aws_dynamodb_table" "orders" {
  name     = "orders"
  hash_key = "id"
}
""",
)
MEDIA = Source(
    "terraform/media.tf",
    """resource "aws_s3_bucket_replication_configuration" "media" {
  bucket = aws_s3_bucket.media.id

  rule {
    status = "Enabled"
    delete_marker_replication {
      status = "Disabled"
    }
  }
}
""",
)
PROVIDERS = Source("terraform/providers.tf", 'provider "aws" {\n  alias  = "dr_media"\n  region = var.region\n}\n')
VELERO = Source(
    "kubernetes/dr/velero.yaml",
    "apiVersion: velero.io/v1\nkind: BackupStorageLocation\nspec:\n  config:\n    region: ap-northeast-2\n",
)
DR_TEST = Source("kubernetes/primary/dr-test.yaml", "spec:\n  script: |\n    velero restore create\n    sleep 300\n")
ORDERS = Source(
    "services/orders.yaml",
    "kind: Service\nmetadata:\n  name: orders\nspec:\n  objectives:\n    region: {rto: 1h, rpo: 15m}\n",
)
CATALOG = Source("services/catalog.yaml", "kind: Service\nmetadata:\n  name: catalog\n")


def span(source: Source, text: str) -> Span:
    """Return the span of the first occurrence of the text."""
    at = source.text.index(text)
    return source.span(at, at + len(text))


def finding(policy: str, verdict: Verdict, where: Span, message: str, **more: Any) -> Finding:
    """Return a finding with everything that a test does not care about filled in."""
    name = more.pop("name", "primary")
    kind = more.pop("kind", "Store")
    address = more.pop("address", f"aws_db_instance.{name}")
    services = more.pop("services", ())
    subject = SubjectReference(kind, name, address, address.partition(".")[0], "terraform", "production", "terraform", services)
    fields: dict[str, Any] = {
        "anti_pattern": "same-region-backup",
        "severity": "high",
        "witness": "declared",
        "evidence": (),
        "unknowns": (),
        "cause": "",
        "fingerprint": f"{policy}:{address}",
        "basis": "b",
    }
    return Finding(policy=policy, verdict=verdict, subject=subject, span=where, message=message, **(fields | more))


def evidence(text: str, where: Span | None, grade: Grade = "declared") -> Evidence:
    return Evidence(text, grade, where)


def unknown(reason: Reason, symbol: str, where: Span) -> Unknown:
    return Unknown(reason, symbol, Written(where))


def question(what: str, reason: Reason, where: Span) -> OpenQuestion:
    return OpenQuestion(what, unknown(reason, what, where), where)


def reach(best: str | None, worst: str | None, basis: str = "") -> Range:
    """Return a range; ``None`` is unbounded."""
    return Range(_bound(best), _bound(worst), basis)


def _bound(text: str | None) -> Duration:
    return UNBOUNDED if text is None else parse_duration(text)


def target(disruption: str, rto: str | None, rpo: str | None, rto_reach: Range, rpo_reach: Range, weakest: str) -> TargetFacts:
    declared = [None if each is None else parse_duration(each) for each in (rto, rpo)]
    return TargetFacts(disruption, declared[0], declared[1], rto_reach, rpo_reach, weakest)


POLICIES = {
    "no-copy-outside-region": PolicyFacts(
        title="No copy of the data outside its region",
        anti_pattern="same-region-backup",
        why="When the region is gone, so is every copy in it.",
        remediation='Add a replica:\n\n```hcl\nreplica { region_name = "ap-northeast-1" }\n```\n\nThis costs.',
        controls={"nist-800-53": ("CP-6", "CP-9"), "isms-p": ("2.9.3",)},
        guide=("antipattern.2",),
    ),
    "location-reads-failed-region": PolicyFacts(
        title="The DR cluster reads its backups from the region that failed",
        anti_pattern="recoverability",
        why="A location in the primary region is gone with it.",
        remediation="Point `config.region` at the replica bucket's region.",
        controls={"nist-800-53": ("CP-9",)},
        guide=(),
    ),
    "automatic-backup-off": PolicyFacts(
        title="Automatic backups are switched off",
        anti_pattern="missing-database-backup",
        why="Retention 0 deletes the automated backups as well.",
        remediation="backup_retention_period = 7",
        controls={"nist-800-53": ("CP-9",), "isms-p": ("2.9.3",)},
        guide=(),
    ),
    "restore-test-cannot-fail": PolicyFacts(
        title="The restore test cannot fail",
        anti_pattern="untested-backup",
        why="A test that sleeps instead of waiting proves nothing.",
        remediation="velero restore create --wait, then check the phase.",
        controls={"nist-800-53": ("CP-4",)},
        guide=(),
    ),
    "objectives-missing": PolicyFacts(
        title="A service without RTO and RPO",
        anti_pattern="undefined-objectives",
        why="Nobody has said how much may be lost.",
        remediation="Add spec.objectives to the service.",
        controls={"isms-p": ("2.12.1",)},
        guide=(),
    ),
    "stale-drill": PolicyFacts(
        "The last drill is too old", "no-dr-drill", "Practice fades.", "Run a drill.", {"nist-800-53": ("CP-4",)}, ()
    ),
}

RUN = RunFacts(
    mode="check",
    gate="pr",
    paths=("examples/before",),
    as_of="2026-11-01",
    commit="8098d0d1c2b3a4958677",
    dirty=False,
    policy_digest="sha256:1111",
    config_digest="sha256:2222",
    version="0.1.0",
)

COVERAGE = Coverage(
    deployments=(
        DeploymentFacts("terraform", "terraform", "production", "111122223333", ("ap-northeast-1", "ap-northeast-2"), 41, False),
        DeploymentFacts("modules/vault", "terraform", None, None, (), 3, True),
        DeploymentFacts("primary", "kubernetes", "production", None, ("ap-northeast-2",), 12, False),
        DeploymentFacts("dr", "kubernetes", "production", None, ("ap-northeast-1",), 4, False),
    ),
    files={"terraform": 14, "manifests": 9, "declarations": 6, "not_read": 2},
    expressions={"total": 312, "not_parsed": 1},
    modules={"evaluated": ("module.backup (./modules/backup)",), "unresolved": ("module.rds (terraform-aws-modules/rds/aws)",)},
    stores=6,
    unclaimed_stores=1,
    policies=36,
    without_subjects=("mirror-without-lock", "vault-unlocked"),
    inferred=(Inference("cluster dr is in ap-northeast-1 (its volume snapshot location says so)", span(VELERO, "region: ap-northeast-2")),),
)

SERVICES = (
    ServiceFacts(
        "billing",
        "important",
        "team-billing",
        (target("region", "4h", "1h", reach(None, None, "no copy survives"), reach(None, None, "no copy survives"), "reporting"),),
        span(ORDERS, "orders"),
    ),
    ServiceFacts(
        "catalog",
        None,
        "team-catalog",
        (target("region", None, None, reach("0s", None), reach("15m", None), "media"),),
        span(CATALOG, "catalog"),
    ),
    ServiceFacts(
        "orders",
        "critical",
        "team-orders",
        (
            target(
                "corruption", "4h", "1h", reach("30m", None, "no measured restore"), reach("5m", "5m", "point-in-time recovery"), "primary"
            ),
            target("region", "1h", "15m", reach(None, None, "no copy survives"), reach(None, None, "no copy survives"), "orders"),
        ),
        span(ORDERS, "orders"),
    ),
)

MODULE = question("module rds", Reason.MODULE_NOT_ON_DISK, span(PROVIDERS, "provider"))
REGION = question("var.region", Reason.VARIABLE_NOT_SET, span(PROVIDERS, "var.region"))


def _fail(policy: str, severity: Severity, where: Span, message: str, **more: Any) -> Finding:
    return finding(policy, Verdict.FAIL, where, message, severity=severity, **more)


FINDINGS = (
    _fail(
        "location-reads-failed-region",
        "critical",
        span(VELERO, "ap-northeast-2"),
        "the DR cluster's backup location reads ap-northeast-2, the region whose loss it is there for",
        name="default",
        kind="Location",
        address="BackupStorageLocation/velero/default",
        cause="kubernetes/dr/velero.yaml:region",
        evidence=(
            evidence("cluster dr stands in for cluster primary", span(VELERO, "kind: BackupStorageLocation")),
            evidence("primary is in ap-northeast-2", span(PROVIDERS, "var.region")),
            evidence("last restore completed there", None, "recorded"),
        ),
    ),
    _fail(
        "no-copy-outside-region",
        "critical",
        span(DATABASES, 'resource "aws_dynamodb_table" "orders"'),
        "orders in ap-northeast-2 has no copy outside the region, and service orders declares an RPO of 15m for its loss",
        name="orders",
        address="aws_dynamodb_table.orders",
        services=("orders",),
        cause="orders-table",
        evidence=(
            evidence("no replica block", span(DATABASES, 'resource "aws_dynamodb_table" "orders"')),
            evidence("RPO 15m", span(ORDERS, "15m")),
        ),
    ),
    _fail(
        "no-copy-outside-region",
        "critical",
        span(ORDERS, "15m"),
        "service orders cannot meet its RPO of 15m for a lost region",
        name="orders",
        kind="Service",
        address="Service/orders",
        cause="orders-table",
    ),
    _fail(
        "automatic-backup-off",
        "high",
        span(DATABASES, "backup_retention_period = 0"),
        "reporting-db keeps no automatic backups (backup_retention_period = 0)",
        name="reporting",
        address="aws_db_instance.reporting",
        services=("billing", "orders"),
        cause="reporting-retention",
        remedy="backup_retention_period = 14\nApplies without replacement.",
        anti_pattern="missing-database-backup",
    ),
    _fail(
        "restore-test-cannot-fail",
        "high",
        span(DR_TEST, "sleep 300"),
        "restore test dr-test waits five minutes instead of for the restore, so it passes whatever happens",
        name="dr-test",
        kind="RestoreTest",
        address="CronJob/production/dr-test",
        cause="dr-test",
    ),
    _fail(
        "objectives-missing",
        "low",
        span(CATALOG, "catalog"),
        "service catalog declares no RTO and no RPO",
        name="catalog",
        kind="Service",
        address="Service/catalog",
        cause="catalog",
    ),
    _fail(
        "stale-drill",
        "medium",
        span(ORDERS, "orders"),
        "the last drill is 230 days old",
        name="orders",
        kind="Service",
        calendar=True,
        cause="drill",
    ),
    _fail("no-copy-outside-region", "low", span(MEDIA, "bucket"), "a library's bucket", name="lib", gated=False, cause="lib"),
    finding(
        "no-copy-outside-region",
        Verdict.UNKNOWN,
        span(MEDIA, "bucket"),
        "media may have a copy elsewhere",
        name="media",
        unknowns=(REGION,),
    ),
    finding("automatic-backup-off", Verdict.UNKNOWN, span(PROVIDERS, "provider"), "retention is not known", name="rds", unknowns=(MODULE,)),
    finding(
        "no-copy-outside-region",
        Verdict.UNKNOWN,
        span(PROVIDERS, "provider"),
        "copies are not known",
        name="rds",
        unknowns=(MODULE, REGION),
    ),
    finding(
        "automatic-backup-off", Verdict.PASS, span(DATABASES, "backup_retention_period = 7"), "primary-db keeps 7 days", name="primary"
    ),
    finding("stale-drill", Verdict.NOT_APPLICABLE, span(CATALOG, "catalog"), "not a critical service", name="catalog", kind="Service"),
    _fail(
        "no-copy-outside-region",
        "high",
        span(DATABASES, 'resource "aws_db_instance" "primary"'),
        "primary has no copy outside the region",
        name="primary",
        waiver=WaiverMark("moving to Aurora", "2027-03-31", "team-orders", span(DATABASES, "multi_az")),
    ),
)

DIAGNOSTICS = (
    Diagnostic("warning", "waiver-unused", "waiver covers nothing", span(DATABASES, "multi_az")),
    Diagnostic("error", "file-unreadable", "not valid UTF-8", path="terraform/old.tf", effect="incomplete"),
)

EXAMPLE = Report(
    run=RUN,
    gate=GateFacts("failed", "high", ("4 failures of high or worse",)),
    policies=POLICIES,
    findings=FINDINGS,
    services=SERVICES,
    diagnostics=DIAGNOSTICS,
    coverage=COVERAGE,
)

AUDITED = replace(EXAMPLE, run=replace(RUN, gate="audit"))
"""The same by the gate of an audit, which counts what depends on the date."""

EMPTY = Report(
    run=replace(RUN, commit=None, dirty=None),
    gate=GateFacts("passed", "high"),
    policies={},
    findings=(),
    services=(),
    diagnostics=(),
    coverage=Coverage(files={"terraform": 1}, policies=36),
)


def hostile(text: str) -> Report:
    """Return the example with the text in every field that a repository can fill."""
    source = Source(f"dir/{text}.tf", f"{text}\n{text} {text}\n")
    at = source.span(0, max(len(text), 1))
    thing = Unknown(Reason.AMBIGUOUS, text, Written(at))
    mark = WaiverMark(text, text, text, at)
    base = finding(text, Verdict.FAIL, at, text, name=text, address=text, kind=text, anti_pattern=text, cause=text, fingerprint=text)
    whole = replace(
        base,
        evidence=(Evidence(text, "attested", at), Evidence(text, "declared", None)),
        unknowns=(OpenQuestion(text, thing, at),),
        subject=SubjectReference("Service", text, text, text, text, text, text, (text,)),
        remedy=text,
    )
    facts = TargetFacts(
        text, Duration(60), Duration(60), Range(Duration(0), UNBOUNDED, text, (thing,)), Range(UNBOUNDED, UNBOUNDED, text), text
    )
    deployment = DeploymentFacts(text, "terraform", text, text, (text,), 1, True)
    return Report(
        run=replace(RUN, paths=(text,), commit=text, policy_digest=text, config_digest=text, as_of=text, version=text),
        gate=GateFacts("failed", "high", (text,)),
        policies={text: PolicyFacts(text, text, text, text, {text: (text,)}, (text,))},
        findings=(
            whole,
            replace(whole, cause=f"{text}2"),
            replace(whole, verdict=Verdict.UNKNOWN),
            replace(whole, verdict=Verdict.UNKNOWN, unknowns=()),
            replace(whole, verdict=Verdict.PASS),
            replace(whole, waiver=mark),
            replace(whole, baseline=BaselineMark(text)),
        ),
        services=(ServiceFacts(text, text, text, (facts, replace(facts, disruption="region")), at),),
        diagnostics=(Diagnostic("error", text, text, at, effect="incomplete"), Diagnostic("note", text, text, None, text)),
        coverage=Coverage(
            deployments=(deployment,),
            files={text: 1, f"not_{text}": 1},
            expressions={text: 1, f"not_{text}": 1},
            modules={"evaluated": (text,), "stubbed": (text,), "unresolved": (text, text, text)},
            stores=1,
            unclaimed_stores=1,
            policies=1,
            without_subjects=(text,),
            inferred=(Inference(text, at),),
            live=(text,),
        ),
    )


def compared(report: Report) -> Report:
    """Return the report as that of a change: its first failure is new, the second graver, the first service was something else."""
    failed = [each for each in report.findings if each.verdict is Verdict.FAIL]
    undecided = next(each for each in report.findings if each.verdict is Verdict.UNKNOWN)
    comparison = Comparison(
        base="0123456789abcdef0123456789abcdef01234567",
        worse=(Change(failed[0], Verdict.PASS, Verdict.FAIL, "it passed"), Change(failed[1], Verdict.FAIL, Verdict.FAIL, "it was low")),
        better=(Change(failed[-1], Verdict.FAIL, None, f"{failed[-1].subject.name} is gone"),),
        undecided=(Change(undecided, None, Verdict.UNKNOWN, "it is new"),),
        services=(replace(report.services[0], targets=report.services[-1].targets),),
    )
    return replace(report, comparison=comparison)
